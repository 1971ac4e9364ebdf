"""GEO-10: graded by depth. The line is 0.45 mm wide, so a quarter of it is 0.1125 mm."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printstd.artifacts.finding import Finding, Status
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, places, resolved

CUBE = meshes.cube(20.0)
LIMIT_MM = 0.1125


def overlapping_arms(depth_mm: float) -> meshes.Triangles:
    """A U of one shell whose arms lie in each other by `depth_mm`: arm one is 6 high (y 0 to 6) and
    30 long, arm two 28 long and thinner, so that only arm two's sides pass through arm one's."""
    width, gap = 6.0, -depth_mm
    first = [(5.0, 0.0), (30.0, 0.0), (30.0, width), (5.0, width)]
    second = [(5.0, width + gap), (28.0, width + gap), (28.0, 2 * width), (5.0, 2 * width)]
    back = [(0.0, 0.0), (5.0, 0.0), (5.0, width), (5.0, width + gap), (5.0, 2 * width), (0.0, 12.0)]
    # Vertices by column; caps as triangles; sides along the outline of the U.
    points = [*first, *second, back[0], back[5]]
    low = np.array([(x, y, 0.0) for x, y in points])
    high = low + np.array([0.0, 0.0, 8.0])
    high[4:8, 2] = low[4:8, 2] + 7.0
    low[4:8, 2] = 1.0
    outline = [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]
    caps = [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7), (8, 0, 3), (8, 3, 4), (8, 4, 7), (8, 7, 9)]
    n = len(points)
    faces = [(a + n, b + n, c + n) for a, b, c in caps] + [(c, b, a) for a, b, c in caps]
    for k, a in enumerate(outline):
        b = outline[(k + 1) % len(outline)]
        faces += [(a, b, b + n), (a, b + n, a + n)]
    return np.vstack([low, high]), np.array(faces, np.int32)


def bent_rod(depth_mm: float, n_round: int = 28, n_along: int = 110) -> meshes.Triangles:
    """A round rod of 6 mm, closed to a ring, drawn along an eight whose two bends pass at a
    distance of 6 - depth: many small facets, and a long crossing."""
    t = 2 * np.pi * np.arange(n_along) / n_along
    lift = (6.0 - depth_mm) / 2
    centre = np.column_stack([30 * np.sin(t), 18 * np.sin(2 * t), lift * np.cos(t)])
    along = np.roll(centre, -1, axis=0) - np.roll(centre, 1, axis=0)
    along /= np.sqrt((along**2).sum(axis=1))[:, None]
    side = np.cross(along, [0.0, 0.0, 1.0])
    side /= np.sqrt((side**2).sum(axis=1))[:, None]
    up = np.cross(side, along)
    v = 2 * np.pi * np.arange(n_round) / n_round
    ring = 3 * (side[:, None] * np.cos(v)[None, :, None] + up[:, None] * np.sin(v)[None, :, None])
    points = (centre[:, None] + ring).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(n_along), np.arange(n_round), indexing="ij")
    i2, j2 = (i + 1) % n_along, (j + 1) % n_round
    a, b, c, d = (p * n_round + q for p, q in ((i, j), (i2, j), (i2, j2), (i, j2)))
    faces = np.stack([np.stack([a, c, b], -1), np.stack([a, d, c], -1)], axis=2).reshape(-1, 3)
    mesh = points, np.ascontiguousarray(faces, np.int32)
    return mesh if meshes.signed_volume(mesh) > 0 else meshes.inside_out(mesh)


def crossing(mesh: meshes.Triangles, **how: object) -> Finding:
    """The finding about crossings; touches may stand beside it."""
    findings = [f for f in judged("GEO-10", mesh, **how) if "touches" not in f.message]
    assert len(findings) == 1
    return findings[0]


@pytest.mark.parametrize(
    "mesh",
    [CUBE, meshes.bracket(), meshes.torus(), meshes.tube(), overlapping_arms(-0.2), bent_rod(-0.3)],
)
def test_clean_surfaces_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("GEO-10", mesh)
    assert finding.status is Status.PASS
    assert (finding.measured, finding.limit) == (0, LIMIT_MM)


@pytest.mark.parametrize("depth_mm", [0.01, 0.05, 0.11, 0.115, 0.3, 1.0])
def test_arms_that_overlap_are_graded_by_their_depth(depth_mm: float) -> None:
    own = crossing(overlapping_arms(depth_mm))
    assert own.status is (Status.FAIL if depth_mm > LIMIT_MM else Status.WARN)
    assert own.measured == pytest.approx(depth_mm, rel=1e-3)
    x, y, _ = places(own)[0]
    assert x > 5.0
    assert 6.0 - depth_mm - 1e-6 <= y <= 12.0


@pytest.mark.parametrize("depth_mm", [0.3, 1.0, 2.5])
def test_small_facets_hide_no_deep_crossing(depth_mm: float) -> None:
    """The facets are about half a millimetre; the overlap of two rods is a lens of that depth."""
    finding = crossing(bent_rod(depth_mm))
    assert finding.status is Status.FAIL
    assert finding.measured is not None
    assert finding.measured >= 0.5 * depth_mm
    x, y, z = places(finding)[0]
    assert max(abs(x), abs(y), abs(z)) < 6.0


def test_a_shallow_crossing_of_small_facets_is_a_warning() -> None:
    finding = crossing(bent_rod(0.04))
    assert finding.status is Status.WARN
    assert finding.measured is not None
    assert 0 < finding.measured <= 0.11


def test_a_spindle_torus_touches_itself_at_two_points() -> None:
    """Its tube passes the axis: the lemon inside is wound by +1 and -1, a cavity that meets the
    outside in points, and every slicer makes the same part of it."""
    finding = only_of("GEO-10", meshes.torus(major=5.0, minor=10.0, n_major=24, n_minor=16))
    assert finding.status is Status.INFO
    low, high = sorted(places(finding), key=lambda point: point[2])
    assert low == pytest.approx((0.0, 0.0, 10 * (1 - math.sqrt(0.75))), abs=0.5)
    assert high == pytest.approx((0.0, 0.0, 10 * (1 + math.sqrt(0.75))), abs=0.5)


def test_the_limit_follows_the_line_width() -> None:
    wide = resolved(overrides=(("process.widths.external_perimeter_mm", "0.6"),))
    finding = crossing(overlapping_arms(0.13), demands=wide)
    assert finding.limit == pytest.approx(0.15)
    assert finding.status is Status.WARN
    assert crossing(overlapping_arms(0.13)).status is Status.FAIL


def test_the_depth_is_of_the_part_as_it_will_be_made() -> None:
    finding = crossing(overlapping_arms(0.1), scale=2.0)
    assert finding.status is Status.FAIL
    assert finding.measured == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize("shift", [(5.0, 5.0, 5.0), (3.1, 4.2, 5.3), (19.0, 0.3, 0.2)])
def test_bodies_that_pass_through_each_other_are_told(shift: tuple[float, float, float]) -> None:
    finding = crossing(meshes.merged(CUBE, meshes.moved(CUBE, shift)))
    assert finding.status is Status.INFO
    assert "different shells" in finding.message
    assert finding.measured is not None
    assert finding.measured > 0


def test_a_cavity_that_breaks_out_fails() -> None:
    cavity = meshes.inside_out(meshes.cube(8.0, (15.0, 6.0, 6.0)))
    finding = crossing(meshes.merged(CUBE, cavity))
    assert finding.status is Status.FAIL
    assert finding.measured == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("shift", [(20.0, 0.0, 0.0), (20.0, 3.3, 4.4)])
def test_bodies_that_touch_in_a_face_are_told_at_most(shift: tuple[float, float, float]) -> None:
    for finding in judged("GEO-10", meshes.merged(CUBE, meshes.moved(CUBE, shift))):
        assert finding.status in (Status.PASS, Status.INFO)


def test_a_fold_back_is_told_as_touching() -> None:
    vertices = np.array([[0, 0, 0], [10, 0, 0], [5, 8, 0], [6, 5, 0.0]])
    fold = vertices, np.array([[0, 1, 2], [1, 0, 3]], np.int32)
    finding = only_of("GEO-10", fold)
    assert finding.status is Status.INFO
    assert "touches itself" in finding.message


def test_more_pairs_than_can_be_tested_are_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    from printstd.kernels import triangle_pairs

    monkeypatch.setattr(triangle_pairs, "contacts", lambda *_, **__: None)
    assert only_of("GEO-10", CUBE).status is Status.NOT_EVALUATED


def test_long_crossings_without_time_to_measure_them_are_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from printstd.validate import overlap

    monkeypatch.setattr(overlap, "_MOST_WORK", 1)
    monkeypatch.setattr(overlap, "_AT_ONCE", 1)
    mesh = bent_rod(0.04)
    assert Status.INDETERMINATE not in {f.status for f in judged("GEO-10", mesh)}
    two = meshes.merged(mesh, meshes.moved(mesh, (100.0, 0.0, 0.0)))
    assert Status.INDETERMINATE in {f.status for f in judged("GEO-10", two)}
