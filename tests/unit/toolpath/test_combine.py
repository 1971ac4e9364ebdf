"""Sparse infill laid for several layers at once: the same volume, in fewer layers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels.rings import EMPTY, area_mm2
from printstd.toolpath.infill.combine import around, combined, groups
from printstd.toolpath.surfaces import NO_SURFACES
from tests.layer_specs import layer_spec
from tests.oracles.areas import area_of, holed
from tests.oracles.effort import few
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import is_kind, lengths_um, plan, profiles, stack_for
from tests.unit.toolpath.solids import block

BARE = (
    ("adhesion.skirt_loops", "0"),
    ("infill.pattern", "alignedrectilinear"),
    ("infill.anchor_mm", "0.0"),
    ("infill.anchor_max_mm", "0.0"),
)


def planned(part: Manifold, *settings: tuple[str, str], process: str = "standard-0.20") -> Toolpath:
    resolved = profiles(*BARE, *settings, process=process)
    return plan(stack_for(part, resolved), resolved)


def sparse_rows(toolpath: Toolpath) -> np.ndarray:
    return is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.role == Role.INTERNAL_INFILL)


@pytest.mark.parametrize(
    ("process", "asked", "n", "height"),
    [("standard-0.20", 2, 2, 0.2), ("fine-0.12", 3, 3, 0.12), ("fine-0.12", 9, 3, 0.12)],
)
def test_volume_stays_and_beads_stand_on_every_nth_layer(
    process: str, asked: int, n: int, height: float
) -> None:
    # 120 layers of which the shells at both ends come to whole groups.
    part = block(30, 24, 24.12 if n == 3 else 24.2)
    resolved = profiles(process=process)
    assert resolved.process.layer_height_mm == height
    apart = planned(part, process=process)
    together = planned(part, ("infill.combine_layers", str(asked)), process=process)
    volumes = [float((t.e_e5 * 1.0)[sparse_rows(t)].sum()) for t in (apart, together)]
    thick = sparse_rows(together) & (together.height_nm > height * 1.5e6)
    assert set(together.height_nm[thick].tolist()) == {round(n * height * 1e6)}
    assert set((together.layer[thick] % n).tolist()) == {0}
    single = sparse_rows(together) & ~thick
    # What is left over at the ends of the stack is laid layer by layer.
    assert len(np.unique(together.layer[single])) < 2 * n
    assert volumes[1] == pytest.approx(volumes[0], rel=0.01)
    # Each bead holds what those of its layers would have.
    per_mm = [
        t.e_e5[rows].sum() / lengths_um(t)[rows].sum()
        for t, rows in ((apart, sparse_rows(apart)), (together, thick))
    ]
    assert per_mm[1] == pytest.approx(n * per_mm[0], rel=1e-3)


def test_only_what_is_sparse_in_all_layers_is_combined() -> None:
    """A slope: on its side strips remain that are sparse in one layer of a group alone."""
    toolpath = planned(solids.dome(16.0), ("infill.combine_layers", "2"))
    rows = sparse_rows(toolpath)
    assert len(np.unique(toolpath.height_nm[rows])) >= 1
    whole = planned(solids.dome(16.0))
    volumes = [float(t.e_e5[sparse_rows(t)].sum()) for t in (whole, toolpath)]
    assert volumes[1] == pytest.approx(volumes[0], rel=0.1)


@few(30)
@given(st.integers(0, 2**31), st.integers(2, 4))
def test_areas_are_divided_without_loss(seed: int, n: int) -> None:
    spec = layer_spec(height_nm=100_000, combine_layers=n)
    areas = [holed(seed + i, radius=(9, 12)) for i in range(n)]
    surfaces = [NO_SURFACES._replace(sparse=area) for area in areas]
    own = [range(1, n + 1)]
    rest, thick = combined(surfaces, [spec] * n, range(1, n + 1), own)
    assert all(one is None for one in thick[:-1])
    common = EMPTY if thick[-1] is None else thick[-1].area
    for area, left in zip(areas, rest, strict=True):
        assert area_mm2(left.sparse) + area_mm2(common) == pytest.approx(area_mm2(area), abs=1e-3)
        assert (area_of(common) - area_of(area)).area < 1e-3
    if thick[-1] is not None:
        bead = thick[-1].bead
        assert bead.height_nm == n * spec.height_nm
        assert bead.area_nm2 == n * spec.sparse.area_nm2


def test_groups_are_no_thicker_than_the_nozzle_and_leave_the_first_layer_out() -> None:
    thin, thick = (layer_spec(height_nm=h, combine_layers=3) for h in (100_000, 250_000))
    found = groups([thin] * 8)
    assert found == [range(1), range(1, 4), range(4, 7), range(7, 8)]
    # Two of 0.25 mm are more than 0.4 mm.
    assert groups([thick] * 3) == [range(1), range(1, 2), range(2, 3)]
    assert groups([thin, thin, thick, thin, thin]) == [range(1), range(1, 3), range(3, 5)]
    assert groups([]) == []
    assert around(range(2, 5), found) == range(1, 7)
    assert around(range(1), found) == range(1)
