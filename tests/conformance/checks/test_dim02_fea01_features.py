"""DIM-02: radii and chamfers against the table of broken edges. FEA-01: what is recognised."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, resolved


def rounded_plate(radius: float, steps: int = 8) -> meshes.Triangles:
    outline = []
    for k, (x, y) in enumerate([(30, 20), (0, 20), (0, 0), (30, 0)]):
        centre = (abs(x - radius), abs(y - radius))
        for i in range(steps + 1):
            turn = math.pi / 2 * (k + i / steps)
            outline.append(
                (centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn))
            )
    return meshes.prism(outline, 5.0)


def chamfered_plate(leg: float) -> meshes.Triangles:
    outline = [(leg, 0), (30 - leg, 0), (30, leg), (30, 20), (0, 20), (0, leg)]
    return meshes.prism([(float(x), float(y)) for x, y in outline], 5.0)


@pytest.mark.parametrize("radius", [0.5, 1.0, 4.0])
def test_radii_in_the_table_pass(radius: float) -> None:
    found = only_of("DIM-02", rounded_plate(radius))
    assert (found.status, found.limit) == (Status.PASS, 0.5)
    assert found.measured == pytest.approx(radius)


@pytest.mark.parametrize(("mesh", "size"), [(rounded_plate(0.3), 0.3), (chamfered_plate(0.4), 0.4)])
def test_radii_and_chamfers_below_it_are_warned_about(mesh: meshes.Triangles, size: float) -> None:
    found = only_of("DIM-02", mesh)
    assert found.status is Status.WARN
    assert found.measured == pytest.approx(size, abs=1e-3)
    assert found.where[0].facets


def test_chamfers_are_measured_along_their_side() -> None:
    found = only_of("DIM-02", chamfered_plate(1.2))
    assert found.status is Status.PASS
    assert found.measured == pytest.approx(1.2, abs=1e-3)


def test_without_edges_or_without_a_table_there_is_nothing_to_say() -> None:
    assert only_of("DIM-02", meshes.cube(20)).status is Status.NOT_APPLICABLE
    bare = replace(resolved(), edge_bands=())
    found = only_of("DIM-02", rounded_plate(1.0), demands=bare)
    assert found.status is Status.NOT_APPLICABLE


def test_features_are_counted_by_kind_and_size() -> None:
    found = only_of("FEA-01", meshes.bracket())
    assert found.status is Status.INFO
    details = dict(found.details)
    assert details["hole"] == "3 x 8 mm, 4 x 4.3 mm"
    assert details["boss"] == "1 x 16 mm"
    assert details["rounding"] == "4 x 4 mm"
    assert "extent" in details


def test_sizes_that_only_recognition_sees_are_warned_about_too() -> None:
    """A hole of 0.4 mm in a block whose extents all have a general tolerance."""
    wide = meshes.tube(5.0, 0.2, 6.0, 48)
    warned = judged("DIM-01", wide)
    assert [f.status for f in warned] == [Status.WARN]
    assert warned[0].measured == pytest.approx(0.4, abs=1e-3)
    assert "hole" in warned[0].message
    assert np.allclose(warned[0].where[0].point_mm or (), (0, 0, 3), atol=1e-3)
    assert only_of("DIM-01", meshes.tube(5.0, 1.0, 6.0, 48)).status is Status.PASS
