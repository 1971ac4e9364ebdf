"""Triangulations cover the area once, and are Delaunay as far as the outline lets them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings, area_mm2, concat
from printstd.kernels.triangulate import triangulated
from tests.oracles.areas import hole, rectangle, rings_of, star

quick = settings(max_examples=60, deadline=None, derandomize=True)


def areas_nm2(rings: Rings, corners: np.ndarray) -> np.ndarray:
    p = rings.xy_nm[corners]
    u, v = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def test_nothing_has_no_triangles() -> None:
    assert len(triangulated(EMPTY).corners) == 0


@quick
@given(st.integers(0, 2**31))
def test_covers_the_area_once_with_matching_twins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [star(rng, 5, int(rng.integers(3, 60))), rings_of(hole(-1, -1, 0.6, 0.4))]
    rings = clip.clean(concat(parts))
    found = triangulated(rings)
    area = areas_nm2(rings, found.corners)
    assert (area >= 0).all()
    assert abs(area.sum() * 0.5e-12 - area_mm2(rings)) < 1e-9
    corner, half = found.corners.reshape(-1), np.arange(len(found.twin))
    inner = found.twin >= 0
    assert (found.twin[found.twin[inner]] == half[inner]).all()
    following = np.where(half % 3 == 2, half - 2, half + 1)
    assert (corner[inner] == corner[following[found.twin[inner]]]).all()
    # As many outer edges as the outline has.
    assert (~inner).sum() == len(rings.xy_nm)


@quick
@given(st.integers(0, 2**31))
def test_no_inner_edge_could_be_flipped_for_the_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = clip.clean(star(rng, 5, int(rng.integers(4, 60))))
    found = triangulated(rings)
    xy = (rings.xy_nm - rings.xy_nm[0]).tolist()
    corner = found.corners.reshape(-1)
    for h in np.flatnonzero(found.twin > np.arange(len(found.twin))).tolist():
        a, b, c = (xy[corner[3 * (h // 3) + (h + k) % 3]] for k in range(3))
        d = xy[found.corners[found.twin[h] // 3][(found.twin[h] + 2) % 3]]
        # Exact: Python integers.
        rows = [(p[0] - d[0], p[1] - d[1]) for p in (a, b, c)]
        (ax, ay), (bx, by), (cx, cy) = rows
        lift = [x * x + y * y for x, y in rows]
        circle = (
            lift[0] * (bx * cy - by * cx)
            - lift[1] * (ax * cy - ay * cx)
            + lift[2] * (ax * by - ay * bx)
        )
        scale = max(lift) ** 2
        assert circle <= 1e-6 * scale


def test_drawings_that_lie_over_one_another_stay_apart() -> None:
    one, two = rings_of(rectangle(0, 0, 4, 4)), rings_of(rectangle(1, 1, 9, 2))
    both = concat([one, two])
    found = triangulated(both, np.array([0, 1, 1, 2]))
    assert len(found.corners) == 4
    assert areas_nm2(both, found.corners).sum() * 0.5e-12 == 16 + 18
    assert ((found.corners < 4).all(axis=1) | (found.corners >= 4).all(axis=1)).all()
