"""Healing: which ends are joined, which facets are turned, and what is left of the true section."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.errors import SlicingError
from printstd.kernels import clip, healing
from printstd.kernels.healing import Ends, facing_alike, joined
from printstd.kernels.rings import Rings
from printstd.kernels.sections import Sections, section_rings
from tests.stacks import solid_mesh

quick = settings(max_examples=40, deadline=None, derandomize=True)


def ends(rows: list[tuple[int, int, int]]) -> Ends:
    table = np.array(rows, np.int64).reshape(-1, 3)
    return Ends(table[:, 0], table[:, 1:])


def greedily(tails: list[tuple[int, int, int]], heads: list[tuple[int, int, int]]) -> float:
    """Lengths of all joins, the shortest of all pairs taken first: sum by layer, one at a time."""
    total = 0.0
    tails, heads = sorted(tails), sorted(heads)
    while tails:
        pairs = [
            ((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2, i, j)
            for i, a in enumerate(tails)
            for j, b in enumerate(heads)
            if a[0] == b[0]
        ]
        length2, i, j = min(pairs)
        total += length2**0.5
        del tails[i], heads[j]
    return total


places = st.tuples(st.integers(0, 2), st.integers(-20, 20), st.integers(-20, 20))


@given(st.lists(st.tuples(places, places), min_size=1, max_size=9), st.randoms())
@quick
def test_the_nearest_two_first_whatever_the_order(pairs: list, shuffler: object) -> None:
    tails = [tail for tail, _ in pairs]
    heads = [(tail[0], *head[1:]) for tail, head in pairs]
    found = joined(ends(tails), ends(heads))
    assert sorted(found.tolist()) == list(range(len(pairs)))
    way = ends(tails).xy_nm - ends(heads).xy_nm[found]
    assert (ends(tails).layer == ends(heads).layer[found]).all()
    length = float(np.hypot(*way.T).sum())
    assert length == pytest.approx(greedily(tails, heads))
    joins = sorted(zip(tails, (heads[j] for j in found), strict=True))
    shuffler.shuffle(tails)  # type: ignore[attr-defined]
    shuffler.shuffle(heads)  # type: ignore[attr-defined]
    again = joined(ends(tails), ends(heads))
    assert joins == sorted(zip(tails, (heads[j] for j in again), strict=True))


def test_a_heap_of_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healing, "MOST_ENDS", 3)
    four = ends([(0, i, 0) for i in range(4)])
    with pytest.raises(SlicingError, match="too many pieces"):
        joined(four, four)


def ball() -> tuple[np.ndarray, np.ndarray]:
    """1152 facets in whole nm, 10 mm across, standing on the bed."""
    vertices, faces = solid_mesh(Manifold.sphere(5.0, 48).rotate((31, 17, 0)))
    assert len(faces) == 1152
    return np.rint((vertices - vertices.min(axis=0)) * 1e6).astype(np.int64), faces


@given(st.sets(st.integers(0, 1151), max_size=600))
@quick
def test_facets_turned_over_are_turned_back(turned: set[int]) -> None:
    _, faces = ball()
    rows = sorted(turned)
    wrong = faces.copy()
    wrong[rows] = wrong[rows][:, ::-1]
    right, count = facing_alike(wrong)
    assert count == len(rows)
    kept = np.argmin(right, axis=1)[:, None]
    assert (
        np.take_along_axis(right, (kept + np.arange(3)) % 3, axis=1)
        == np.take_along_axis(faces, (np.argmin(faces, axis=1)[:, None] + np.arange(3)) % 3, axis=1)
    ).all()


def test_a_surface_of_one_side_stays_as_it_is() -> None:
    n = 8
    strip = [(2 * i, 2 * i + 1, 2 * i + 2) for i in range(n - 1)]
    strip += [(2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(n - 1)]
    # The last two corners meet the first two crosswise.
    strip += [(2 * n - 2, 2 * n - 1, 1), (2 * n - 1, 0, 1)]
    faces = np.array(strip, np.int32)
    turned, count = facing_alike(faces)
    assert count == 0
    assert (turned == faces).all()


def regions(sections: Sections) -> list[shapely.Geometry]:
    """What is inside each plane's rings, as `slicing` fills them."""
    found = []
    for first, last in zip(sections.layer_offsets[:-1], sections.layer_offsets[1:], strict=True):
        borders = sections.ring_offsets[first : last + 1]
        rings = clip.clean(
            Rings(sections.xy_nm[borders[0] : borders[-1]], borders - borders[0]),
            clip.Fill.NONZERO,
        )
        parts = [
            shapely.Polygon(rings.xy_nm[a:b] / 1e3)
            for a, b in zip(rings.offsets[:-1], rings.offsets[1:], strict=True)
        ]
        region = shapely.Polygon()
        for part in parts:
            region = region.symmetric_difference(part)
        found.append(region)
    return found


@given(st.sets(st.integers(0, 1151), min_size=1, max_size=40), st.randoms(), st.booleans())
@quick
def test_healed_sections_are_the_closed_ones_within_their_gaps(
    lost: set[int], shuffler: object, is_turned: bool
) -> None:
    """Facets deleted from a closed ball: no plane loses its section, and none is off the true one
    by more than the longest straight line that closes it."""
    vertices, faces = ball()
    planes = 200_000 + 400_000 * np.arange(24, dtype=np.int64)
    kept = np.delete(faces, sorted(lost), axis=0)
    if is_turned:
        kept = kept.copy()
        kept[::97] = kept[::97, ::-1]
        kept, _ = facing_alike(kept)
    healed = section_rings(vertices, kept, planes, is_healed=True)
    whole = section_rings(vertices, faces, planes)
    gap_um = np.zeros(len(planes))
    np.maximum.at(gap_um, healed.gap_layer, healed.gap_nm / 1e3)
    open_planes = section_rings(vertices, kept, planes).gap_layer
    assert sorted(open_planes.tolist()) == sorted(healed.gap_layer.tolist())
    for plane, (found, true) in enumerate(zip(regions(healed), regions(whole), strict=True)):
        assert found.area > 0
        off = shapely.symmetric_difference(found, true)
        near = shapely.buffer(true.boundary, gap_um[plane] + 0.1)
        assert shapely.difference(off, near).area < 1e-3
    order = list(range(len(kept)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    again = section_rings(vertices, kept[order], planes, is_healed=True)
    for a, b in zip(regions(again), regions(healed), strict=True):
        assert shapely.symmetric_difference(a, b).area == 0


def test_a_closed_surface_is_the_same_with_and_without() -> None:
    vertices, faces = ball()
    planes = 200_000 + 400_000 * np.arange(24, dtype=np.int64)
    plain = section_rings(vertices, faces, planes)
    healed = section_rings(vertices, faces, planes, is_healed=True)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(plain, healed, strict=True))
