"""The test parts: whole, exact, and with the sizes that their table names."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.capability import directions_of, sense_of
from printstd.artifacts.features import FeatureKind
from printstd.capability.artefact import PARTS, ArtefactPart
from printstd.capability.artefact.files import stl, template_rows
from printstd.capability.artefact.solids import CHORD_MM, triangles
from printstd.intake import read_model
from printstd.kernels.edges import edge_table
from printstd.kernels.solid import signed_volume_mm3
from printstd.validate.recognised import recognised, surface_of

BY_ID = {part.id: part for part in PARTS}
WITHIN_MM = 0.001
MEASURED = [part for part in PARTS if part.sizes]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
def test_every_part_is_a_closed_solid_and_the_same_every_time(part: ArtefactPart) -> None:
    data = stl(part)
    assert data == stl(part)
    mesh = read_model(data, name=f"{part.id}.stl").mesh
    assert edge_table(mesh.faces).is_balanced.all()
    solid = part.solid()
    # float32 coordinates: up to 1e-5 mm on each of a few hundred square centimetres.
    assert signed_volume_mm3(mesh.vertices_mm, mesh.faces) == pytest.approx(solid.volume(), 1e-5)
    assert len(solid.decompose()) == 1
    assert b"52902-style" in data[:80]


@pytest.mark.parametrize("part", MEASURED, ids=lambda part: part.id)
def test_every_size_of_the_table_is_on_the_part(part: ArtefactPart) -> None:
    """The oracle is the recognition of shapes, which knows nothing of how the part was made."""
    features = recognised(surface_of(read_model(stl(part), name="part.stl").mesh)).features
    found = {
        (sense_of(feature), along, round(feature.size / WITHIN_MM))
        for feature in features
        for along in directions_of(feature, (0.0, 0.0, 1.0))
    }
    # Steps and heights of a tower pair up in more ways than recognition lists: their faces are
    # looked up one by one instead.
    corners = triangles(part.solid()).reshape(-1, 3)
    faces = [{round(float(value), 6) for value in corners[:, axis]} for axis in range(3)]
    for size in part.sizes:
        key = (size.sense, size.along, round(size.nominal_mm / WITHIN_MM))
        if key in found:
            continue
        axes = (2,) if size.along == "z" else (0, 1)
        assert any(
            round(start + size.nominal_mm, 6) in faces[axis]
            for axis in axes
            for start in faces[axis]
        ), size


def test_diameters_and_nothing_else_come_from_recognised_cylinders() -> None:
    for part in (BY_ID["CA"], BY_ID["RH"], BY_ID["RP"], BY_ID["RH-limits"], BY_ID["RP-limits"]):
        mesh = read_model(stl(part), name="part.stl").mesh
        features = recognised(surface_of(mesh)).features
        kinds = {"inside": FeatureKind.HOLE, "outside": FeatureKind.BOSS}
        for size in part.sizes:
            if size.along == "xy":
                (found,) = (
                    feature
                    for feature in features
                    if feature.kind is kinds[size.sense]
                    and abs(feature.size - size.nominal_mm) < 0.01
                )
                assert abs(found.size - size.nominal_mm) <= WITHIN_MM, size
                assert found.sagitta_mm <= CHORD_MM * 1.01, size


def test_corners_of_circles_lie_on_them() -> None:
    corners = triangles(BY_ID["CA"].solid()).reshape(-1, 3)
    distances = np.hypot(corners[:, 0] - 28, corners[:, 1] - 28)
    radii = np.array([0.0, 4.5, 7.0, 12.0, 15.0, 21.0, 25.0, 28.0])
    away = np.abs(distances[:, None] - radii).min(axis=1)
    assert float(away.max()) < 2e-6


def test_no_circle_is_coarser_than_a_micrometre() -> None:
    from printstd.capability.artefact.solids import sides_of

    for radius in (0.25, 0.5, 3.0, 28.0):
        assert radius * (1 - np.cos(np.pi / sides_of(radius))) <= CHORD_MM
        assert radius * (1 - np.cos(np.pi / (sides_of(radius) - 5))) > CHORD_MM


def test_ids_are_unique_and_the_template_names_each_size_once() -> None:
    sizes = [size.id for part in PARTS for size in part.sizes]
    assert len(set(sizes)) == len(sizes)
    lines = template_rows(PARTS).decode("utf-8").split("\r\n")
    assert [line.split(";")[0] for line in lines[1:-1]] == sizes


def test_every_range_of_a_printed_size_up_to_120_mm_is_measured() -> None:
    """Outside, inside and step in the layers, outside and step along the build."""
    ranges = ((0.5, 3), (3, 6), (6, 30), (30, 120))
    wanted = {
        *(("outside", along, r) for along in ("xy", "z") for r in ranges),
        *(("inside", "xy", r) for r in ranges),
        *(("step", along, r) for along in ("xy", "z") for r in ranges[2:]),
    }
    found = {
        (size.sense, size.along, r)
        for part in PARTS
        if part.is_printable
        for size in part.sizes
        for r in ranges
        if r[0] < size.nominal_mm <= r[1]
    }
    assert wanted <= found
