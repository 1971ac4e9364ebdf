"""Wall thickness by rays that must come out of a face opposite to the one they entered.

A plain ray reads almost nothing at every sharp rim; a ray counts here only where the face it
leaves by is anti-parallel to the one it entered by, within a given angle, and where the way
back gives the same thickness (facts of validation, 2.2; reciprocity after VGSTUDIO's manual).

Rays are cast by Embree where its wheel is present, in float32 about the model's middle, and
every distance is computed again in float64 from the plane that was hit. Elsewhere, or with
`engine="numpy"`, a box tree answers the same question. Not for numbers that reach G-code.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.box_tree import box_tree, boxes_met

Engine = Literal["embree", "numpy"]

_R2 = (0.7548776662466927, 0.5698402909980532)
"""Steps of the two-dimensional low-discrepancy sequence of the plastic number (Roberts 2018)."""


def default_engine() -> Engine:
    """Embree where it is installed."""
    return "embree" if importlib.util.find_spec("embreex") else "numpy"


class Samples(NamedTuple):
    """Points spread evenly over a surface.

    point : (s, 3) float64. facet : (s,) int64. area : (s,) float64, what each stands for.
    """

    point: NDArray[np.float64]
    facet: NDArray[np.int64]
    area: NDArray[np.float64]


def surface_samples(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    area: NDArray[np.float64],
    *,
    facets: NDArray[np.int64],
    area_per_sample: float,
) -> Samples:
    """The middle of each of `facets`, and in larger ones further points, one for each
    `area_per_sample`.

    Each facet's points depend on its own shape alone (corners counted from the one opposite the
    longest edge), not on its place, its turn or the order of facets in the file.
    """
    count = np.maximum(1, np.ceil(area[facets] / area_per_sample)).astype(np.int64)
    ends = np.cumsum(count)
    own = np.repeat(np.arange(len(facets)), count)
    step = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
    u, v = ((0.5 + step * ratio) % 1.0 for ratio in _R2)
    folded = u + v > 1
    u, v = np.where(folded, 1 - u, u), np.where(folded, 1 - v, v)
    u, v = np.where(step == 0, 1 / 3, u), np.where(step == 0, 1 / 3, v)
    corners = vertices[faces[facets]]
    opposite = corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]
    start = (opposite * opposite).sum(axis=2).argmax(axis=1)
    rows = np.arange(len(facets))
    a, b, c = (corners[rows, (start + k) % 3] for k in range(3))
    point = a[own] + u[:, None] * (b - a)[own] + v[:, None] * (c - a)[own]
    return Samples(point, facets[own], (area[facets] / count)[own])


class Walls(NamedTuple):
    """Samples that have a wall behind them.

    sample : (w,) int64, number of the sample. thickness : (w,) float64, along the inward normal.
    opposite : (w,) int64, facet by which the ray leaves.
    """

    sample: NDArray[np.int64]
    thickness: NDArray[np.float64]
    opposite: NDArray[np.int64]


def opposed_walls(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    samples: Samples,
    *,
    reach: float,
    angle_deg: float = 20.0,
    agreement: float = 0.1,
    engine: Engine | None = None,
) -> Walls:
    """Where the material behind a sample is no thicker than `reach` and its far side opposed.

    normals : (f, 3) unit, zero for facets without area, which no ray may hit. `agreement`: the
    way back may differ by this share.
    """
    return _opposed(vertices, faces, normals, samples, -1.0, reach, angle_deg, agreement, engine)


def opposed_gaps(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    samples: Samples,
    *,
    reach: float,
    angle_deg: float = 20.0,
    agreement: float = 0.1,
    engine: Engine | None = None,
) -> Walls:
    """The same outwards: where the air before a sample is no wider than `reach` and what lies
    beyond is opposed."""
    return _opposed(vertices, faces, normals, samples, 1.0, reach, angle_deg, agreement, engine)


def _opposed(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    samples: Samples,
    side: float,
    reach: float,
    angle_deg: float,
    agreement: float,
    engine: Engine | None,
) -> Walls:
    """side : -1 inwards, along the surface's normal reversed; 1 outwards."""
    along = side * normals[samples.facet]
    hit = cast(vertices, faces, normals, samples.point, along, reach=reach, engine=engine)
    cosine = float(np.cos(np.deg2rad(angle_deg)))
    found = np.flatnonzero(hit.facet >= 0)
    facing = (normals[samples.facet[found]] * normals[hit.facet[found]]).sum(axis=1)
    found = found[facing <= -cosine]
    thickness, opposite = hit.distance[found], hit.facet[found]
    far = samples.point[found] + thickness[:, None] * along[found]
    back = cast(
        vertices,
        faces,
        normals,
        far,
        side * normals[opposite],
        reach=reach * (1 + 2 * agreement),
        engine=engine,
    )
    agrees = (back.facet >= 0) & (np.abs(back.distance - thickness) <= agreement * thickness)
    return Walls(found[agrees], thickness[agrees], opposite[agrees])


class Hits(NamedTuple):
    """facet : (r,) int64, -1 where nothing is met. distance : (r,) float64, inf likewise."""

    facet: NDArray[np.int64]
    distance: NDArray[np.float64]


def cast(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    points: NDArray[np.float64],
    directions: NDArray[np.float64],
    *,
    reach: float,
    engine: Engine | None = None,
) -> Hits:
    """The first facet met within `reach` of each of `points` (r, 3) along unit `directions`.

    A start on a facet does not meet that facet: rays start a little further on.
    """
    if not len(points) or not len(faces):
        return Hits(np.full(len(points), -1, np.int64), np.full(len(points), np.inf))
    origin = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    size = float(np.sqrt(((vertices - origin) ** 2).sum(axis=1).max()))
    # A thousandth of the finest line, and always well above a float32 step at this size.
    lift = max(1e-4, 2e-6 * size)
    solid = np.flatnonzero((normals * normals).sum(axis=1) > 0)
    corners = (vertices - origin)[faces[solid]]
    start = points - origin
    lifted = start + lift * directions
    find = _embree if (engine or default_engine()) == "embree" else _numpy
    met = find(corners, lifted, directions, reach)
    facet = np.where(met >= 0, solid[met], -1)
    distance = np.full(len(points), np.inf)
    hit = np.flatnonzero(facet >= 0)
    normal = normals[facet[hit]]
    slope = (directions[hit] * normal).sum(axis=1)
    gap = ((corners[met[hit], 0] - start[hit]) * normal).sum(axis=1)
    distance[hit] = gap / np.where(slope != 0, slope, np.inf)
    too_far = (distance > reach) | (facet < 0)
    return Hits(np.where(too_far, -1, facet), np.where(too_far, np.inf, distance))


def _embree(
    corners: NDArray[np.float64],
    start: NDArray[np.float64],
    direction: NDArray[np.float64],
    reach: float,
) -> NDArray[np.int64]:
    """(r,) int64: the triangle (f, 3, 3) met first at any distance, -1 for none."""
    found = _scene_of(np.ascontiguousarray(corners.reshape(-1, 3), np.float32)).run(
        np.ascontiguousarray(start, np.float32), np.ascontiguousarray(direction, np.float32)
    )
    return np.asarray(found, np.int64)


_last_scene: tuple[NDArray[np.float32], Any] | None = None
"""The corners that rays were cast at last, and the scene that was built of them."""


def _scene_of(flat: NDArray[np.float32]) -> Any:
    """The scene of triangles, three rows of (3 f, 3) each. Building one takes longer than most
    casts at it, and several checks cast at the same model."""
    global _last_scene
    if _last_scene is not None and np.array_equal(_last_scene[0], flat):
        return _last_scene[1]
    from embreex import rtcore_scene
    from embreex.mesh_construction import TriangleMesh

    scene = rtcore_scene.EmbreeScene(robust=True)
    TriangleMesh(scene, flat, np.arange(len(flat), dtype=np.int32).reshape(-1, 3))
    _last_scene = (flat, scene)
    return scene


def _numpy(
    corners: NDArray[np.float64],
    start: NDArray[np.float64],
    direction: NDArray[np.float64],
    reach: float,
) -> NDArray[np.int64]:
    """The same within `reach`, by a box tree and the test of Moeller and Trumbore (1997)."""
    tree = box_tree(corners.min(axis=1), corners.max(axis=1))
    end = start + reach * direction
    best = np.full(len(start), np.inf)
    facet = np.full(len(start), -1, np.int64)
    for ray, triangle in boxes_met(tree, np.minimum(start, end), np.maximum(start, end)):
        distance = _along(corners[triangle], start[ray], direction[ray])
        met = np.flatnonzero(np.isfinite(distance) & (distance <= reach))
        # Nearest first, the lower facet where two are equally near.
        order = met[np.lexsort((triangle[met], distance[met], ray[met]))]
        first = np.ones(len(order), bool)
        first[1:] = ray[order][1:] != ray[order][:-1]
        order = order[first]
        rays, near = ray[order], distance[order]
        better = (near < best[rays]) | ((near == best[rays]) & (triangle[order] < facet[rays]))
        best[rays[better]], facet[rays[better]] = near[better], triangle[order[better]]
    return facet


def _along(
    corners: NDArray[np.float64], start: NDArray[np.float64], direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(p,) distance at which each ray meets its triangle, inf where it does not."""
    a = corners[:, 0]
    ab, ac = corners[:, 1] - a, corners[:, 2] - a
    p = np.cross(direction, ac)
    det = (ab * p).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / det
        to_start = start - a
        u = (to_start * p).sum(axis=1) * scale
        q = np.cross(to_start, ab)
        v = (direction * q).sum(axis=1) * scale
        t = (ac * q).sum(axis=1) * scale
        # Closed: a ray through the common edge of two triangles must meet one of them.
        inside = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t >= 0)
    return np.asarray(np.where(inside & (det != 0), t, np.inf), np.float64)
