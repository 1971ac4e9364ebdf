"""The distance of facets from known surfaces, against points scattered over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.chord_error import (
    cone_error,
    cylinder_error,
    free_error,
    plane_error,
    sphere_error,
    torus_error,
)

Floats = np.ndarray


def scattered(triangles: Floats, random: np.random.Generator, count: int = 4000) -> Floats:
    """(f, count, 3): over each triangle and along its edges, corners among them."""
    weights = random.dirichlet([1, 1, 1], count)
    weights[: count // 2, 0] = 0
    weights[: count // 2] /= weights[: count // 2].sum(axis=1, keepdims=True)
    weights[:3] = np.eye(3)
    return np.einsum("ck,fkx->fcx", weights, triangles)


def off_of(kind: str, points: Floats, at: Floats, axis: Floats, a: float, b: float) -> Floats:
    """|distance from the surface| by its definition."""
    away = points - at
    z = away @ axis
    rho = np.linalg.norm(away - z[..., None] * axis, axis=-1)
    if kind == "plane":
        return np.abs(z)
    if kind == "cylinder":
        return np.abs(rho - a)
    if kind == "sphere":
        return np.abs(np.linalg.norm(away, axis=-1) - a)
    if kind == "cone":
        return np.abs(rho * np.cos(b) - z * np.sin(b))
    return np.abs(np.hypot(rho - a, z) - b)


def found_of(kind: str, triangles: Floats, at: Floats, axis: Floats, a: float, b: float) -> Floats:
    rows = len(triangles)
    many = lambda v: np.broadcast_to(v, (rows, *np.shape(v))).astype(float)  # noqa: E731
    if kind == "plane":
        return plane_error(triangles, many(at), many(axis))
    if kind == "cylinder":
        return cylinder_error(triangles, many(at), many(axis), many(a))
    if kind == "sphere":
        return sphere_error(triangles, many(at), many(a))
    if kind == "cone":
        return cone_error(triangles, many(at), many(axis), many(b))
    return torus_error(triangles, many(at), many(axis), many(a), many(b))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["plane", "cylinder", "sphere", "cone", "torus"]),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.05, 0.3, 1.0, 4.0]),
)
def test_nothing_of_a_facet_lies_farther_off_and_something_lies_so_far(
    kind: str, seed: int, size: float
) -> None:
    """Facets anywhere, across the axis and through the centre too: found is an upper bound that is
    reached (cones and tori: to the 1/64 that is added, and the grid's coarseness)."""
    random = np.random.default_rng(seed)
    axis = random.normal(size=3)
    axis /= np.linalg.norm(axis)
    at = random.normal(size=3)
    a, b = (3.0, 0.6) if kind != "torus" else (3.0, 1.0)
    middle = at + random.normal(size=(6, 1, 3)) * 2
    triangles = middle + size * random.normal(size=(6, 3, 3))
    triangles[0, 2] = triangles[0, 1]  # a needle
    seen = off_of(kind, scattered(triangles, random), at, axis, a, b).max(axis=1)
    found = found_of(kind, triangles, at, axis, a, b)
    if kind in ("plane", "cylinder", "sphere"):
        assert (seen <= found + 1e-12).all()
        assert (found <= seen + 0.02 * size + 1e-9).all()
    else:
        assert (seen <= 1.1 * found + 0.05 * size).all()
        assert (found <= 1.02 * seen + 0.05 * size).all()


@pytest.mark.parametrize("sides", [5, 12, 32, 200])
def test_a_polygon_strays_from_its_circle_by_its_sagitta(sides: int) -> None:
    """R (1 - cos(pi / n)), whatever the length and the diagonals of the strips."""
    radius, height = 5.0, 70.0
    turn = 2 * np.pi * np.arange(sides + 1) / sides
    low = np.stack([radius * np.cos(turn), radius * np.sin(turn), 0 * turn], axis=1)
    high = low + np.array([0.0, 0, height])
    strips = np.concatenate(
        [
            np.stack([low[:-1], low[1:], high[1:]], axis=1),
            np.stack([low[:-1], high[1:], high[:-1]], axis=1),
        ]
    )
    sagitta = radius * (1 - np.cos(np.pi / sides))
    axis = np.array([0.0, 0, 1])
    found = found_of("cylinder", strips, np.zeros(3), axis, radius, 0)
    assert found == pytest.approx(np.full(2 * sides, sagitta), rel=1e-9)
    normals = strips * [1, 1, 0]
    told = free_error(strips, normals)
    # From the normals alone it is an arc's, and a third more for the middle of a facet.
    assert told == pytest.approx(np.full(2 * sides, 4 / 3 * sagitta), rel=4 / sides**2 + 1e-3)


@pytest.mark.parametrize("step", [0.12, 0.25])
def test_on_tessellations_cones_and_tori_are_bounded_closely(step: float) -> None:
    """Of facets as tessellators make them: never less than what is there, 3 % more at most."""
    random = np.random.default_rng(1)
    u, v = np.arange(0, 1.5, step), np.arange(0.2, 1.2, step)

    def cone(u: Floats, v: Floats) -> Floats:
        rho = 8 * v * np.tan(0.6)
        return np.stack([rho * np.cos(u), rho * np.sin(u), 8 * v], axis=-1)

    def torus(u: Floats, v: Floats) -> Floats:
        rho = 3 + np.cos(v)
        return np.stack([rho * np.cos(u), rho * np.sin(u), np.sin(v)], axis=-1)

    axis = np.array([0.0, 0, 1])
    for kind, shape in (("cone", cone), ("torus", torus)):
        corners = shape(*np.meshgrid(u, v, indexing="ij"))
        a, b, c, d = corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]
        triangles = np.concatenate(
            [
                np.stack([a, b, c], axis=2).reshape(-1, 3, 3),
                np.stack([a, c, d], axis=2).reshape(-1, 3, 3),
            ]
        )
        seen = off_of(kind, scattered(triangles, random), np.zeros(3), axis, 3.0, 1.0)
        if kind == "cone":
            seen = off_of(kind, scattered(triangles, random), np.zeros(3), axis, 3.0, 0.6)
        found = found_of(kind, triangles, np.zeros(3), axis, 3.0, 0.6 if kind == "cone" else 1.0)
        assert (seen.max(axis=1) <= found + 1e-12).all()
        assert found.max() <= 1.03 * seen.max()


def test_normals_that_are_none_or_lie_in_the_facet_are_no_error_of_arithmetic() -> None:
    triangle = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]])
    assert free_error(triangle, np.zeros((1, 3, 3))) == 0.0
    assert np.isfinite(free_error(triangle, triangle + 1e-9)).all()
    flat = np.tile([0.0, 0, 2], (1, 3, 1))
    assert free_error(triangle, flat) == 0.0
    assert np.isfinite(free_error(np.zeros((1, 3, 3)), flat)).all()
