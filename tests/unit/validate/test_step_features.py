"""A STEP file's own sizes: exact, and the truth that recognition on its mesh is held against."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from printstd.artifacts.features import Feature, FeatureKind, FeatureList, FeatureSource
from printstd.artifacts.mesh import ModelFile
from printstd.cad import cad_file
from printstd.validate.recognised import recognised, surface_of
from samples.step.make_step import PlatePart, assembly, samples
from tests.step_files import BLOCK, FLANGE, FULL, PLATE, meshed, needs_library, step

pytestmark = needs_library

PARTS = {"full": FULL, "plate": PLATE, "flange": FLANGE, "block": BLOCK}
_ROUND = (FeatureKind.HOLE, FeatureKind.BOSS, FeatureKind.SPHERE, FeatureKind.ROUNDING)


def file_of(data: bytes, limit_mm: float = 0.01) -> ModelFile:
    return cad_file(meshed(data, limit_mm), "part.step")


@lru_cache(maxsize=32)
def exact(data: bytes) -> FeatureList:
    file = file_of(data)
    return recognised(surface_of(file.mesh, file.exact))


def drawn(part: PlatePart) -> dict[str, list[float]]:
    """Kind to sizes, rising, as the writer was asked for them."""
    found: dict[str, list[float]] = {"rounding": [part.corner] * 4 if part.corner else []}
    for one in part.turned:
        radius, z = one.radius, part.size[2]
        for kind, next_radius, next_z in one.steps:
            if kind == "fillet":
                found.setdefault("fillet", []).append(radius - next_radius)
            elif next_radius == radius:
                found.setdefault("hole" if one.is_hollow else "boss", []).append(2 * radius)
            elif next_z != z:
                angle = 2 * np.degrees(np.arctan2(abs(next_radius - radius), abs(next_z - z)))
                found.setdefault("cone", []).append(float(angle))
            radius, z = next_radius, next_z
        if one.end == "dome":
            found.setdefault("sphere", []).append(2 * radius)
    return {kind: sorted(sizes) for kind, sizes in found.items() if sizes}


@pytest.mark.parametrize(
    ("name", "unit"),
    [("full", "mm"), ("plate", "mm"), ("flange", "mm"), ("flange", "in"), ("block", "m")],
)
def test_round_sizes_are_the_very_numbers_that_were_drawn(name: str, unit: str) -> None:
    """In inches and metres too, where the file has other digits: to 1e-9."""
    found = exact(step(PARTS[name], unit))
    sizes = {
        kind: sorted(f.size for f in found.of_kind(FeatureKind(kind)))
        for kind in ("hole", "boss", "cone", "sphere", "fillet", "rounding")
        if found.of_kind(FeatureKind(kind))
    }
    wanted = drawn(PARTS[name])
    assert sizes.keys() == wanted.keys()
    for kind, own in wanted.items():
        assert sizes[kind] == pytest.approx(own, abs=1e-9), kind
    assert found.left_over_facets == 0


@pytest.mark.parametrize("name", PARTS)
def test_distances_of_planes_are_exact_and_marked_so(name: str) -> None:
    part = PARTS[name]
    found = exact(step(part))
    extents = {f.axis: f.size for f in found.of_kind(FeatureKind.EXTENT)}
    assert (extents[1.0, 0.0, 0.0], extents[0.0, 1.0, 0.0]) == part.size[:2]
    flat = found.of_kind(FeatureKind.THICKNESS, FeatureKind.GAP, FeatureKind.STEP)
    assert part.size[2] in {f.size for f in flat}
    for feature in flat:
        assert feature.size == round(feature.size, 6)
    assert {f.source for f in found.features} <= {FeatureSource.STEP, FeatureSource.MESH}
    assert all(f.source is FeatureSource.STEP for f in (*flat, *found.of_kind(*_ROUND)))
    # An extent that a dome ends is measured, and says by how much the mesh may fall short.
    for one in found.of_kind(FeatureKind.EXTENT):
        assert (one.source is FeatureSource.STEP) == (one.sagitta_mm == 0)


def test_the_residual_is_how_far_vertices_lie_off_and_the_sagitta_how_far_facets() -> None:
    source = file_of(step(FULL)).mesh.source.cad
    assert source is not None
    for feature in exact(step(FULL)).of_kind(*_ROUND, FeatureKind.CONE, FeatureKind.FILLET):
        assert feature.residual_mm < 2e-5
        assert 0 < feature.sagitta_mm <= source.chord_nm / 1e6 + 1e-9


def matches(truth: Feature, seen: Feature) -> bool:
    return (
        truth.kind is seen.kind
        and np.allclose(truth.point_mm, seen.point_mm, atol=0.05)
        and abs(float(np.dot(truth.axis, seen.axis))) > 1 - 1e-4
        and abs(truth.size - seen.size) < 0.02
    )


@pytest.mark.parametrize("name", PARTS)
def test_recognition_finds_on_the_mesh_what_the_file_has(name: str) -> None:
    """At least 99 % of all features, every size within 1 um or the chord error. What it finds
    besides are pieces of the one fillet that is swept round a boss, at its very radius: the
    library's triangles there are in no rows."""
    data = step(PARTS[name])
    truth, file = exact(data).features, file_of(data)
    seen = list(recognised(surface_of(file.mesh)).features)
    assert all(one.source is FeatureSource.MESH for one in seen)
    found = 0
    for one in truth:
        hit = next((other for other in seen if matches(one, other)), None)
        if hit is None:
            continue
        found += 1
        seen.remove(hit)
        if one.kind is FeatureKind.CONE:
            assert abs(hit.size - one.size) <= max(hit.u_mm, 1e-3)  # degrees
        else:
            assert abs(hit.size - one.size) <= max(0.001, 2 * one.sagitta_mm)
    assert found >= 0.99 * len(truth)
    fillets = drawn(PARTS[name]).get("fillet", [])
    for extra in seen:
        assert extra.kind is FeatureKind.FILLET
        assert extra.size in [pytest.approx(radius, abs=0.002) for radius in fillets]


def test_an_assembly_has_each_body_where_it_stands() -> None:
    found = exact(samples()["two_blocks.step"])
    holes = found.of_kind(FeatureKind.HOLE)
    assert [round(f.size, 9) for f in holes] == [3.2, 3.2]
    assert {tuple(round(c, 3) + 0.0 for c in f.point_mm[:2]) for f in holes} == {
        (10.0, 5.0),
        (65.0, 10.0),
    }


def test_a_tilted_body_keeps_its_exact_sizes() -> None:
    """Axes along nothing: radii and distances of planes are what they were."""
    data = assembly(BLOCK, [((3.0, 4.0, 5.0), (0.36, 0.48, 0.8), (0.8, -0.6, 0.0))])
    found = exact(data)
    assert [f.size for f in found.of_kind(FeatureKind.HOLE)] == [pytest.approx(3.2, abs=1e-9)]
    sizes = sorted(f.size for f in found.of_kind(FeatureKind.THICKNESS))
    assert sizes == pytest.approx([5.0, 10.0, 20.0], abs=1e-9)


@pytest.mark.parametrize(("name", "limit_mm"), [("full", 0.01), ("flange", 0.001)])
def test_the_solid_is_the_one_that_was_drawn(name: str, limit_mm: float) -> None:
    """Closed, facing outwards, and of the volume of the sum of its shapes."""
    from printstd.kernels.edges import edge_table
    from printstd.kernels.solid import signed_volume_mm3

    part = PARTS[name]
    mesh = file_of(step(part), limit_mm).mesh
    assert edge_table(mesh.faces).is_balanced.all()
    volume = signed_volume_mm3(mesh.vertices_mm, mesh.faces)
    x, y, top = part.size
    area = x * y - (4 - np.pi) * part.corner**2
    wanted = area * top + sum(_volume(one, top) for one in part.turned)
    # The chord error over the area of what is round.
    assert volume == pytest.approx(wanted, abs=limit_mm * 2500)


def _volume(one, top: float) -> float:  # type: ignore[no-untyped-def]
    """What a turned shape adds to the plate, or takes from it."""
    radius, z, found = one.radius, top, 0.0
    for kind, next_radius, next_z in one.steps:
        height = abs(next_z - z)
        if kind == "fillet":
            r, around = height, radius
            # Pappus: the square less the quarter circle, swept.
            found += np.pi * (around - r) ** 2 * r
            found += 2 * np.pi * (r * r * (around - r / 2))
            found -= 2 * np.pi * (np.pi * r * r / 4) * (around - 4 * r / (3 * np.pi))
        else:
            found += np.pi * height / 3 * (radius**2 + radius * next_radius + next_radius**2)
        radius, z = next_radius, next_z
    if one.end == "dome":
        found += 2 / 3 * np.pi * radius**3
    return -found if one.is_hollow else found
