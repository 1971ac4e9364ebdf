"""Features of size against parts whose features are known, under what must change nothing, and on
a real part whose drawing is known."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold, OpType
from numpy.typing import NDArray

from benchmarks.known_features import known_part
from benchmarks.recognition import bumpy_torus, compared, features_of, welded
from printstd.artifacts.features import Feature, FeatureKind
from printstd.intake import read_model
from printstd.units import LengthUnit
from tests import meshes

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
ROUND = (
    FeatureKind.HOLE,
    FeatureKind.BOSS,
    FeatureKind.FILLET,
    FeatureKind.ROUNDING,
    FeatureKind.CONE,
    FeatureKind.SPHERE,
)


@pytest.mark.parametrize("seed", range(16))
def test_every_feature_of_a_known_part_is_found_to_a_micrometre_and_no_other(seed: int) -> None:
    part = known_part(seed)
    result = compared(part, features_of(*welded(part.vertices, part.faces)).features)
    assert result.missed == ()
    assert result.false == ()
    assert result.worst_mm <= 1e-3
    assert result.worst_deg <= 2e-3


@pytest.mark.parametrize("seed", [0, 1, 4, 9])
def test_the_true_size_lies_within_the_uncertainty_that_is_stated(seed: int) -> None:
    """U is k = 2: of many sizes, nearly all within it, and none far beyond."""
    part = known_part(seed)
    found = features_of(*welded(part.vertices, part.faces)).features
    ratios = []
    for feature in found:
        if feature.kind not in ROUND:
            continue
        true = min(
            (k.size for k in part.round_shapes if k.kind == feature.kind.value),
            key=lambda size: abs(size - feature.size),
        )
        ratios.append(abs(feature.size - true) / feature.u_mm)
    assert len(ratios) >= 8
    assert np.mean(np.array(ratios) <= 1) >= 0.9
    assert max(ratios) < 3


def rotation(seed: int) -> NDArray[np.float64]:
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q[:, [1, 0, 2]]


def subdivided(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> Mesh:
    """Every facet in four: its plane stays, and on a grid finer than float32's nothing moves."""
    corners = vertices[faces]
    middles = (corners + corners[:, [1, 2, 0]]) / 2
    points = np.concatenate([corners, middles], axis=1).reshape(-1, 3)
    base = 6 * np.arange(len(faces))[:, None]
    order = np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]])
    cut = (base[:, :, None] + order[None]).reshape(-1, 3)
    _, first, number = np.unique(points.round(9), axis=0, return_index=True, return_inverse=True)
    return points[first], number.reshape(-1)[cut]


def named(features: tuple[Feature, ...], *, without: tuple[FeatureKind, ...] = ()) -> list[Feature]:
    return [feature for feature in features if feature.kind not in without]


CHANGES = {
    "moved": lambda v, f: (v + np.array([37.25, -12.5, 200.0]), f),
    "facets in another order": lambda v, f: (v, np.random.default_rng(3).permutation(f)),
    "corners turned": lambda v, f: (v, np.roll(f, 1, axis=1)),
    "vertices in another order": lambda v, f: (v[::-1].copy(), len(v) - 1 - f),
    "turned by a quarter": lambda v, f: (v @ np.array([[0, 1.0, 0], [-1, 0, 0], [0, 0, 1]]), f),
    "turned": lambda v, f: (v @ rotation(5).T, f),
    "mirrored": lambda v, f: (v * [-1.0, 1.0, 1.0], f[:, ::-1]),
    "subdivided": subdivided,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", ["bracket", 4, 8])
def test_what_is_no_matter_of_shape_changes_no_feature(part: str | int, change: str) -> None:
    if isinstance(part, str):
        vertices, faces = meshes.bracket()
    else:
        known = known_part(part)
        vertices, faces = welded(known.vertices, known.faces)
    here = features_of(vertices, faces).features
    there = features_of(*CHANGES[change](vertices, np.asarray(faces, np.int64))).features
    # The box of the turned part is another one, and stands before all others.
    without = {"turned": (FeatureKind.EXTENT,)}.get(change, ())
    a, b = named(here, without=without), named(there, without=without)
    assert Counter(one.kind for one in a) == Counter(one.kind for one in b)
    for one, other in zip(a, b, strict=True):
        assert one.kind is other.kind
        assert one.size == pytest.approx(other.size, abs=one.u_mm + other.u_mm)
        assert one.arc_deg == pytest.approx(other.arc_deg, abs=0.05)
    if not without:
        assert [one.id for one in a] == [one.id for one in b]


def rounded_knob() -> Mesh:
    """A bossed disc of small roundings, a groove and a ball, in float32."""
    turns = np.deg2rad(np.arange(0, 91, 10))
    rim = [(9.6 + 0.4 * math.sin(t), 2.6 + 0.4 * math.cos(t)) for t in turns]
    profile = [(0.0, 0.0), (10.0, 0.0), *reversed(rim), (4.0, 3.0), (3.5, 6.0), (0.0, 6.0)]
    knob = Manifold.revolve(CrossSection([np.array(profile)]), 72)
    knob += Manifold.sphere(2.0, 32).translate((0, 0, 6))
    knob -= Manifold.cylinder(20, 1.0, 1.0, 48).translate((7.0, 0, -1))
    mesh = knob.to_mesh64()
    points = np.asarray(mesh.vert_properties[:, :3]).astype(np.float32).astype(np.float64)
    return points, np.asarray(mesh.tri_verts, np.int64)


def in_float32(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> Mesh:
    return vertices.astype(np.float32).astype(np.float64), faces


@pytest.mark.parametrize(
    "change",
    [
        lambda v, f: subdivided(v, f),
        lambda v, f: in_float32(v + np.array([1000.0, -1000.0, 500.0]), f),
        lambda v, f: in_float32(*subdivided(v + np.array([200.0, -200.0, 100.0]), f)),
    ],
    ids=["divided", "a metre away", "away and divided"],
)
def test_small_roundings_are_told_however_the_mesh_is_divided_and_wherever_it_lies(
    change: Callable[[NDArray[np.float64], NDArray[np.int64]], Mesh],
) -> None:
    """Far off float32 folds the halves of a narrow strip, and a divided strip has shorter edges."""
    here = features_of(*rounded_knob()).features
    there = features_of(*change(*rounded_knob())).features
    told = Counter(one.kind for one in here)
    assert {FeatureKind.ROUNDING, FeatureKind.SPHERE, FeatureKind.HOLE} <= told.keys()
    assert Counter(one.kind for one in there) == told
    for one, other in zip(here, there, strict=True):
        assert one.size == pytest.approx(other.size, abs=1e-3 + one.u_mm + other.u_mm)


def blocks(heights: NDArray[np.int64]) -> Mesh:
    """A block of that height on every square of a grid, joined."""
    places = np.argwhere(heights > 0)
    made = [
        Manifold.cube((5.0, 5.0, 1.5 * float(heights[i, j]))).translate((5.0 * i, 5.0 * j, 0))
        for i, j in places
    ]
    mesh = Manifold.batch_boolean(made, OpType.Add).to_mesh64()
    return np.asarray(mesh.vert_properties[:, :3], np.float64), np.asarray(mesh.tri_verts, np.int64)


@pytest.mark.parametrize("seed", range(3))
def test_steps_between_faces_of_one_size_are_as_many_in_any_order_and_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vertices, faces = blocks(rng.integers(1, 4, (5, 5)))
    counts = set()
    for turn in range(8):
        shuffled = rng.permutation(faces)
        moved = in_float32(vertices + rng.uniform(-90, 90, 3) * (turn > 0), shuffled)
        found = features_of(*moved).features
        counts.add(tuple(sorted(Counter(one.kind.value for one in found).items())))
    assert len(counts) == 1


def harmonic_blob(n: int, seed: int) -> Mesh:
    """A ball whose radius waves, on a grid of latitude and longitude: rings of it lie on cones."""
    rng = np.random.default_rng(seed)
    u, v = np.meshgrid(
        np.arange(2 * n) * np.pi / n, (np.arange(n) + 0.5) * np.pi / n, indexing="ij"
    )
    a, b, c = rng.integers(2, 6, 3)
    radius = 20 + rng.uniform(0.5, 2) * np.cos(a * v) + np.cos(b * u) * np.sin(v) ** c
    x, y = radius * np.sin(v) * np.cos(u), radius * np.sin(v) * np.sin(u)
    points = np.stack([x, y, radius * np.cos(v)], axis=-1).reshape(-1, 3)
    i, j = (x.reshape(-1) for x in np.meshgrid(np.arange(2 * n), np.arange(n - 1), indexing="ij"))
    at = lambda i, j: i % (2 * n) * n + j  # noqa: E731
    quads = [at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j)]
    faces = np.concatenate([np.stack([quads[0], quads[k], quads[k + 1]], 1) for k in (1, 2)])
    return in_float32(points, faces)


@pytest.mark.parametrize("seed", range(2))
def test_rings_of_a_waving_ball_are_no_cones(seed: int) -> None:
    found = features_of(*harmonic_blob(120, seed)).features
    assert [one for one in found if one.kind in ROUND] == []


def test_one_part_twice_has_the_same_records() -> None:
    part = known_part(2)
    assert features_of(part.vertices, part.faces) == features_of(part.vertices, part.faces)


def test_a_free_form_has_hardly_a_feature() -> None:
    found = features_of(*bumpy_torus(200, 100))
    assert len(found.features) == 3  # the extents
    assert found.left_over_area_ratio > 0.99


def test_a_size_is_rounded_only_within_its_uncertainty_and_it_is_said() -> None:
    for diameter, is_on_grid in ((8.0, True), (8.0003, False), (25.4 / 64 * 20, True)):
        (boss,) = (
            f
            for f in features_of(*welded(*meshes.cylinder(diameter / 2, 10.0, 64))).features
            if f.kind is FeatureKind.BOSS
        )
        assert boss.is_rounded or boss.nominal == boss.size
        assert (boss.nominal == pytest.approx(diameter, abs=1e-9)) is is_on_grid
        assert abs(boss.nominal - boss.size) <= boss.u_mm


def test_fillets_along_circular_edges_are_told_with_their_sweep() -> None:
    (one,) = features_of(*welded(*meshes.torus(minor=2.5))).of_kind(
        FeatureKind.FILLET, FeatureKind.ROUNDING
    )
    assert one.size == pytest.approx(2.5, abs=1e-5)
    assert one.around_mm > one.size
    assert one.arc_deg == pytest.approx(360, abs=1e-3)


CORPUS = os.environ.get("PRINTSTD_CORPUS")


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS, reason="PRINTSTD_CORPUS names no folder of real models")
def test_the_cylinders_of_a_real_part_are_those_of_its_drawing() -> None:
    """8 x 0.2660, 1 x 0.3894 and 8 x 0.4375 in (facts of validation 3.1), and all partial arcs."""
    path = Path(CORPUS or "") / "units" / "featuretype.STL"
    mesh = read_model(path.read_bytes(), name=path.name, unit=LengthUnit.INCH).mesh
    found = features_of(mesh.vertices_mm, mesh.faces)
    whole = Counter(round(f.size / 25.4, 4) for f in found.of_kind(FeatureKind.HOLE))
    assert whole == {0.2660: 8, 0.3894: 1, 0.4375: 8}
    arcs = Counter(round(f.size / 25.4, 5) for f in found.of_kind(FeatureKind.FILLET))
    assert arcs == {0.1: 4, 0.125: 6, 0.5: 2}
    assert not found.of_kind(
        FeatureKind.BOSS, FeatureKind.ROUNDING, FeatureKind.CONE, FeatureKind.SPHERE
    )
    for feature in found.of_kind(FeatureKind.FILLET):
        assert math.isclose(feature.arc_deg, 90, abs_tol=0.01)
