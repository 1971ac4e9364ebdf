"""Compensations: exact moves of straight sides, and what must not be lost on the way."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.kernels import clip
from printstd.kernels.rings import Rings, area_mm2, concat, signed_area2
from printstd.toolpath.compensate import compensate
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, hole, rectangle, rings_of, star


def bounds(ring: np.ndarray) -> list[int]:
    return [
        int(v) for v in (ring[:, 0].min(), ring[:, 0].max(), ring[:, 1].min(), ring[:, 1].max())
    ]


def test_nothing_to_do_is_the_same_object() -> None:
    section = rings_of(rectangle(0, 0, 20, 20))
    assert compensate(section, layer_spec()) is section


@pytest.mark.parametrize("xy_nm", [100_000, -70_000])
def test_xy_moves_every_outline(xy_nm: int) -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 6, 6))
    found = compensate(section, layer_spec(xy_nm=xy_nm))
    assert bounds(found.ring(0)) == [-xy_nm, 20 * MM + xy_nm] * 2
    assert bounds(found.ring(1)) == [5 * MM + xy_nm, 11 * MM - xy_nm] * 2


@pytest.mark.parametrize("hole_nm", [100_000, -70_000])
def test_hole_offset_moves_holes_and_no_outline(hole_nm: int) -> None:
    # An island in the hole has an outline, not a hole.
    section = rings_of(
        rectangle(0, 0, 20, 20), hole(2, 2, 10, 10), rectangle(4, 4, 6, 6), hole(6, 6, 2, 2)
    )
    found = compensate(section, layer_spec(hole_nm=hole_nm))
    boxes = {tuple(bounds(found.ring(i))): bool(a > 0) for i, a in enumerate(signed_area2(found))}
    grown = (2 * MM - hole_nm, 12 * MM + hole_nm)
    inner = (6 * MM - hole_nm, 8 * MM + hole_nm)
    assert boxes == {
        (0, 20 * MM) * 2: True,
        (4 * MM, 10 * MM) * 2: True,
        grown * 2: False,
        inner * 2: False,
    }


def test_hole_offset_comes_on_top_of_xy() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 6, 6))
    found = compensate(section, layer_spec(xy_nm=-30_000, hole_nm=100_000))
    assert bounds(found.ring(0)) == [30_000, 20 * MM - 30_000] * 2
    assert bounds(found.ring(1)) == [5 * MM - 130_000, 11 * MM + 130_000] * 2


def test_a_hole_that_shrinks_away_is_gone() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 0.3, 6))
    assert compensate(section, layer_spec(hole_nm=-160_000)).n_rings == 1


def foot(section: Rings) -> Rings:
    return compensate(section, layer_spec(elephant_foot_nm=200_000))


def test_foot_draws_wide_parts_in() -> None:
    found = foot(rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 6, 6)))
    assert bounds(found.ring(0)) == [200_000, 19_800_000] * 2
    assert bounds(found.ring(1)) == [4_800_000, 11_200_000] * 2
    assert len(found.xy_nm) == 8


@pytest.mark.parametrize("width_mm", [0.2, 0.4, 0.8, 0.85])
def test_foot_leaves_thin_walls_alone(width_mm: float) -> None:
    section = rings_of(rectangle(0, 0, 30, width_mm))
    assert area_mm2(foot(section)) == pytest.approx(30 * width_mm, rel=1e-9)


@pytest.mark.parametrize("width_mm", [0.88, 0.95, 1.0, 1.1, 1.2, 1.25, 1.3, 2.0])
def test_foot_keeps_room_for_a_loop(width_mm: float) -> None:
    spec = layer_spec()
    least = spec.external.width_nm + spec.external.spacing_nm
    found = foot(rings_of(rectangle(0, 0, 30, width_mm)))
    low, high = bounds(found.xy_nm)[2:]
    assert high - low >= min(least, round(width_mm * MM)) - 10
    # In steps of a quarter of the shrink, so not more than 100 um is left of it.
    assert high - low <= max(least + 100_000, round(width_mm * MM) - 400_000) + 10


@pytest.mark.parametrize("seed", range(25))
def test_foot_takes_from_the_edge_only_and_splits_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [star(rng, float(rng.uniform(1, 8)), int(rng.integers(3, 30)))]
    for _ in range(int(rng.integers(0, 4))):
        x, y = rng.uniform(-3, 3, 2)
        w, d = rng.uniform(0.3, 3, 2)
        make = hole if rng.random() < 0.7 else rectangle
        parts.append(rings_of(make(x, y, w, d)))
    section = clip.clean(concat(parts))
    found = foot(section)
    before, after = area_of(section), area_of(found)
    assert (after - before).area < 1e-5
    assert (before.buffer(-0.2, join_style="mitre", mitre_limit=3) - after).area < 1e-5
    was, is_ = signed_area2(section) > 0, signed_area2(found) > 0
    assert (is_.sum(), (~is_).sum()) == (was.sum(), (~was).sum())
    for island in getattr(before, "geoms", [before]):
        if island.area > 1e-3:
            left = island.buffer(1e-6) & after
            assert sum(p.area > 1e-6 for p in getattr(left, "geoms", [left])) == 1
