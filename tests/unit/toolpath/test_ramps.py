"""Lifting on the way: as steep as asked, as high as asked or as the way allows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printstd.artifacts.toolpath import MoveKind
from tests.unit.toolpath.planning import hops, is_kind, lengths_um
from tests.unit.toolpath.test_moves import case


@pytest.mark.parametrize("ramped", ["letters", "two bodies"])
def test_the_nozzle_rises_at_the_slope_and_lands_from_above(ramped: str) -> None:
    toolpath = case(ramped, "ramps").toolpath
    plain = case(ramped, "wipes").toolpath
    slope = math.tan(math.radians(1.5))
    way = lengths_um(toolpath)
    rise = np.diff(toolpath.z_um, prepend=toolpath.start_z_um)
    whole = short = 0
    for hop in list(hops(toolpath))[1:-1]:
        kinds = toolpath.kind[hop.rows]
        travel = hop.rows[kinds == MoveKind.TRAVEL]
        if not (kinds == MoveKind.UNRETRACT).any() or not len(travel):
            continue
        # It goes up on its first travel alone, no steeper than asked, and down on the spot.
        assert not (rise[hop.rows[kinds == MoveKind.LIFT]] > 0).any()
        assert not rise[travel[1:]].any()
        first, base = travel[0], int(toolpath.z_um[travel[0]] - rise[travel[0]])
        after = int(toolpath.layer_top_um[toolpath.layer[hop.after]])
        lift = after + 200 - base
        if len(travel) > 1:
            whole += 1
            assert rise[first] == lift
            assert way[first] == pytest.approx(lift / slope, abs=1.0)
        else:
            short += 1
            assert way[first] <= lift / slope + 1.0
            high = max(math.floor(way[first] * slope), after - base)
            assert rise[first] == pytest.approx(min(high, lift), abs=1)
    assert whole > 0
    assert short > 0
    # What is laid is the same.
    laid = [t.xy_um[is_kind(t, MoveKind.EXTRUDE)] for t in (toolpath, plain)]
    assert np.array_equal(*laid)
