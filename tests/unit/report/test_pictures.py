"""Cuts through the worst places: they are where the finding is and have the part's own outline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.cut_drawing import windows
from printstd.report.pictures import MOST_CUTS, Stance, cuts_of
from printstd.report.still import HEIGHT_PX, WIDTH_PX, still_png
from tests import meshes
from tests.oracles.png_reader import read_png
from tests.unit.report.documents import picture

AS_FILED = Stance(np.eye(3), 1.0, np.zeros(3))


def finding(*where: Where, status: Status = Status.FAIL, rule: str = "A-1") -> Finding:
    return Finding(rule, status, "m", "s", 0.3, 0.4, "mm", where)


def area(ring: np.ndarray) -> float:
    x, y = ring.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_cut_has_the_area_of_the_section_and_goes_through_the_place(axis):
    sides = (10.0, 20.0, 30.0)
    vertices, faces = meshes.box(sides, (5.0, 6.0, 7.0))
    other = [k for k in range(3) if k != axis]
    # A facet whose normal lies along another axis shows edge on in the cut across this one.
    normals = np.cross(
        vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
    )
    facets = [int(np.flatnonzero(normals[:, k])[0]) for k in other]
    where = Where(point_mm=(10.0, 16.0, 22.0), facets=tuple(facets))
    (cut,) = cuts_of([finding(where)], AS_FILED, vertices, faces)
    assert cut.axis == axis
    (ring,) = cut.rings_mm
    assert abs(area(ring)) == pytest.approx(sides[other[0]] * sides[other[1]], rel=1e-9)
    low, high = np.array((5.0, 6.0, 7.0)), np.array((5.0, 6.0, 7.0)) + sides
    assert low[axis] < cut.at_mm < high[axis]
    assert np.allclose(ring.min(axis=0), low[other])
    assert np.allclose(ring.max(axis=0), high[other])
    middle = vertices[faces[facets[0]]].mean(axis=0)
    assert np.allclose(cut.mark_mm, middle[other])


def test_a_place_of_the_bed_and_one_of_the_model_are_the_same_place():
    vertices, faces = meshes.box((10.0, 20.0, 30.0))
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    stance = Stance(turn, 2.0, np.array([100.0, 50.0, 0.0]))
    standing = vertices * 2.0 @ turn.T + stance.shift_mm
    own = np.array([2.0, 3.0, 4.0])
    bed = turn @ (2.0 * own) + stance.shift_mm
    told = [Where(point_mm=tuple(own)), Where(frame="bed", point_mm=tuple(bed))]
    first, second = (cuts_of([finding(w)], stance, standing, faces)[0] for w in told)
    assert first.mark_mm == second.mark_mm
    assert first.at_mm == second.at_mm == pytest.approx(8.0)


def test_the_worst_come_first_one_for_each_finding_and_not_too_many():
    vertices, faces = meshes.cube()
    place = Where(point_mm=(10.0, 10.0, 10.0))
    found = [finding(place, place, status=s, rule=s.value) for s in reversed(Status)]
    cuts = cuts_of([*found, *found, finding()], AS_FILED, vertices, faces)
    assert len(cuts) == MOST_CUTS
    assert [cut.finding.rule_id for cut in cuts] == [
        *["FAIL"] * 2, *["INDETERMINATE"] * 2, *["NOT_EVALUATED"] * 2,
    ]  # fmt: skip


def test_a_place_on_the_surface_is_cut_just_inside():
    vertices, faces = meshes.cube()
    for z in (0.0, 20.0, -5.0, 99.0):
        (cut,) = cuts_of([finding(Where(point_mm=(1.0, 1.0, z)))], AS_FILED, vertices, faces)
        assert abs(area(cut.rings_mm[0])) == pytest.approx(400.0)


def test_there_is_no_cut_without_a_part_or_a_place():
    vertices, faces = meshes.cube()
    assert cuts_of([finding(Where(line=3))], AS_FILED, vertices, faces) == ()
    assert (
        cuts_of([finding(Where(point_mm=(0, 0, 0)))], AS_FILED, np.empty((0, 3)), faces[:0]) == ()
    )
    far = vertices * 1e6
    assert cuts_of([finding(Where(point_mm=(1, 1, 1)))], AS_FILED, far, faces) == ()


def test_the_close_up_shows_the_place_and_is_left_out_where_it_would_show_the_same():
    (cut,) = picture().cuts
    whole, close = windows(cut)
    assert close.side_mm < whole.side_mm
    for view in (whole, close):
        x, y = view.mark_px(cut)
        assert view.left <= x <= view.left + 300
        assert 0 <= y <= 300
    small = replace(cut, rings_mm=tuple(ring * 0.1 for ring in cut.rings_mm))
    assert len(windows(small)) == 1


def test_the_still_shows_the_part_in_the_middle_hatched_where_it_is_too_thin():
    part = picture()
    indices, palette = read_png(still_png(part, part.fields[0]))
    rgb = palette[indices].astype(int)
    assert rgb.shape == (HEIGHT_PX, WIDTH_PX, 3)
    is_part = (rgb != 255).any(axis=2)
    rows, columns = np.nonzero(is_part)
    assert abs((columns.min() + columns.max()) / 2 - WIDTH_PX / 2) < 3
    assert rows.min() > 5
    assert rows.max() < HEIGHT_PX - 5
    assert ((rgb == (213, 94, 0)).all(axis=2)).any()
    thick = replace(part.fields[0], values=np.full(len(part.faces), 1.9))
    indices, palette = read_png(still_png(part, thick))
    assert not ((palette[indices] == (213, 94, 0)).all(axis=2)).any()
