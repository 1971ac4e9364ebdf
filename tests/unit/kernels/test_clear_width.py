"""Clear widths against closed forms and against the largest discs that fit, by shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.clear_width import Stretches, clear_widths
from printstd.kernels.ring_arcs import Arcs
from printstd.kernels.rings import EMPTY, Rings
from tests.oracles.areas import MM, area_of, hole, rectangle, rings_of, star


def widths_of(area: Rings, place: Rings | None = None, most: float = 2.0) -> Stretches:
    return clear_widths(
        area,
        np.array([0, area.n_rings]),
        [area if place is None else place],
        max_width_nm=round(most * MM),
        tolerance_nm=1_000,
        step_nm=200_000,
        least_turn=-0.6,
    )


def ends(area: Rings, found: Stretches) -> tuple[np.ndarray, np.ndarray]:
    """(2 n, 2) places of the stretches' ends, mm, and the clear widths there."""
    arcs = Arcs.of(area)
    places = [
        arcs.place(area, found.ring, arc.astype(float)) / MM
        for arc in (found.begin_nm, found.end_nm)
    ]
    return np.concatenate(places), np.concatenate([found.clear_0, found.clear_1]) / MM


def covered_mm(area: Rings, found: Stretches) -> float:
    return float((found.end_nm - found.begin_nm).sum()) / MM


def test_nothing_is_nowhere() -> None:
    assert not len(widths_of(EMPTY).ring)


@pytest.mark.parametrize("width", [0.1, 0.4, 1.3])
def test_a_strip_is_one_width_and_goes_round_its_ends(width: float) -> None:
    area = rings_of(rectangle(3, 4, 20, width))
    found = widths_of(area)
    _, clear = ends(area, found)
    assert clear == pytest.approx(np.full(len(clear), width), abs=2e-6)
    assert covered_mm(area, found) == pytest.approx(40 + 2 * width, abs=1e-3)


def test_a_wedge_widens_along_both_sides_alike() -> None:
    area = rings_of([(0, -0.1), (30, -1.1), (30, 1.1), (0, 0.1)])
    places, clear = ends(area, widths_of(area, most=2.4))
    slope = 1 / 30
    inner = (places[:, 0] > 0.5) & (places[:, 0] < 28)
    # The disc touches both sides at the same x; its radius is that of the tangent there.
    wanted = 2 * (0.1 + slope * places[:, 0]) * np.sqrt(1 + slope**2)
    assert clear[inner] == pytest.approx(wanted[inner], abs=3e-6)
    assert (places[inner][:, 1] > 0).any()
    assert (places[inner][:, 1] < 0).any()


def test_only_the_places_asked_for_and_no_cuts() -> None:
    area = rings_of(rectangle(0, 0, 30, 0.8), hole(10, 0.3, 2, 0.2))
    place = clip.intersection(area, rings_of(rectangle(20, -1, 6, 3)))
    places, clear = ends(area, widths_of(area, place))
    assert places[:, 0].min() > 19.99
    assert places[:, 0].max() < 26.01
    inner = (places[:, 0] > 20.9) & (places[:, 0] < 25.1)
    assert clear[inner] == pytest.approx(np.full(inner.sum(), 0.8), abs=2e-6)
    assert set(places[inner][:, 1].round(6)) == {0.0, 0.8}


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 10_000))
def test_a_disc_of_that_size_fits_where_it_touches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = clip.clean(star(rng, 4, int(rng.integers(5, 14)), 0.8))
    part = area_of(area)
    found = widths_of(area)
    if not len(found.ring):
        return
    arcs = Arcs.of(area)
    for side, clear in ((found.begin_nm, found.clear_0), (found.end_nm, found.clear_1)):
        place = arcs.place(area, found.ring, side.astype(float)) / MM
        # Some disc inside touches here: no middle at that distance is further from the outline.
        for (x, y), width in zip(place[:40], clear[:40] / MM, strict=False):
            angle = np.linspace(0, 2 * np.pi, 721)
            middles = shapely.points(x + width / 2 * np.cos(angle), y + width / 2 * np.sin(angle))
            inside = shapely.contains(part, middles)
            if inside.any():
                room = shapely.distance(part.boundary, middles[inside]).max()
                assert room == pytest.approx(width / 2, abs=0.02 + 0.1 * width)


def test_several_drawings_are_as_one_by_one() -> None:
    parts = [
        rings_of(rectangle(0, 0, 9, 0.5)),
        rings_of([(0, -0.1), (9, -0.4), (9, 0.4), (0, 0.1)]),
        rings_of(rectangle(-2, 0, 5, 0.7), hole(0, 0.2, 1, 0.3)),
    ]
    rings = Rings(
        np.concatenate([part.xy_nm for part in parts]),
        np.concatenate([[0], np.cumsum(np.concatenate([np.diff(p.offsets) for p in parts]))]),
    )
    settings_ = {"max_width_nm": MM, "tolerance_nm": 1_000, "step_nm": 200_000, "least_turn": -0.6}
    whole = clear_widths(rings, np.array([0, 1, 2, 4]), parts, **settings_)  # type: ignore[arg-type]
    order = np.lexsort((whole.end_nm, whole.begin_nm, whole.ring))
    rows = [
        (first + int(ring), *rest)
        for part, first in zip(parts, (0, 1, 2), strict=True)
        for ring, *rest in zip(
            *(
                c.tolist()
                for c in clear_widths(part, np.array([0, part.n_rings]), [part], **settings_)
            ),  # type: ignore[arg-type]
            strict=True,
        )
    ]
    got = [tuple(column[i].item() for column in whole) for i in order]
    assert got == sorted(rows)


def test_what_is_looked_at_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    area = rings_of(rectangle(0, 0, 20, 1), rectangle(0, 3, 20, 4.5))
    place = rings_of(rectangle(5, 0, 9, 1), rectangle(2, 3, 15, 4.5))
    whole = widths_of(area, place)
    assert covered_mm(area, whole) > 15
    monkeypatch.setattr("printstd.kernels.clear_width._TABLE", 1)
    for one, other in zip(whole, widths_of(area, place), strict=True):
        assert one.tobytes() == other.tobytes()
