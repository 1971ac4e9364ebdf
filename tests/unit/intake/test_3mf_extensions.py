"""3MF: required extensions, and the Production extension's parts."""

from __future__ import annotations

import pytest

from printstd.artifacts.finding import Status
from printstd.audit.model import read_solid
from printstd.errors import InputError
from tests import meshes
from tests.meshes import mesh_xml, model_xml
from tests.unit.intake.packages_3mf import (
    CUBE,
    MM,
    PRODUCTION,
    TETRA,
    TETRA_XML,
    component,
    one,
    part,
    production,
    thing,
)
from tests.unit.intake.reading import assert_same_facets, codes, read, refused


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02", "Beam Lattice"),
        ("http://schemas.microsoft.com/3dmanufacturing/slice/2015/07", "Slice"),
        ("http://schemas.microsoft.com/3dmanufacturing/securecontent/2019/04", "Secure Content"),
        ("http://schemas.3mf.io/3dmanufacturing/volumetric/2022/01", "Volumetric"),
        ("http://schemas.example.org/unheard-of", "http://schemas.example.org/unheard-of"),
    ],
)
def test_another_required_extension_is_refused_by_name(namespace: str, name: str) -> None:
    error = refused(one(TETRA_XML, f'{MM} xmlns:q="{namespace}" requiredextensions="q"'), "p.3mf")
    assert error.code == "3MF-022"
    assert name in (error.got or "")


@pytest.mark.parametrize("prefix", ["m", "colours"])
def test_required_materials_are_read_by_both_readers_and_said(prefix: str) -> None:
    namespace = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
    more = f'{MM} xmlns:{prefix}="{namespace}" requiredextensions="{prefix}"'
    file = read(one(TETRA_XML, more), "p.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-039"]
    assert read_solid(one(TETRA_XML, more)).signed_volume == pytest.approx(1000 / 6)


def test_the_auditor_tells_extensions_by_their_namespace_not_by_their_prefix() -> None:
    more = f'{MM} xmlns:p="http://schemas.example.org/unheard-of" requiredextensions="p"'
    with pytest.raises(InputError) as caught:
        read_solid(one(TETRA_XML, more))
    assert "requires the extension 'p'" in str(caught.value)


def test_a_required_extension_without_a_namespace_is_refused() -> None:
    assert refused(one(TETRA_XML, f'{MM} requiredextensions="q"'), "p.3mf").code == "3MF-022"


def test_extensions_that_are_not_required_are_left_out_and_those_with_shape_are_said() -> None:
    lattice = "http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02"
    material = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
    resources = '<m:colorgroup id="9"><m:color color="#ffffff"/></m:colorgroup>' + thing(
        1, TETRA_XML.replace("</mesh>", "<b:beamlattice><b:beams/></b:beamlattice></mesh>")
    )
    data = part(resources, '<item objectid="1"/>', f'{MM} xmlns:b="{lattice}" xmlns:m="{material}"')
    file = read(data, "part.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-035"]
    assert file.findings[0].status is Status.WARN
    assert "Beam Lattice" in file.findings[0].message
    assert "Materials" not in file.findings[0].message


def test_objects_of_other_parts_are_found_through_components_and_items() -> None:
    data = production(
        thing(1, component("/3D/Objects/a.model", 1, (5, 0, 0))),
        '<item objectid="1"/><item objectid="2" p:path="/3D/Objects/b.model"/>',
        {
            "3D/Objects/a.model": thing(1, TETRA_XML),
            "3D/Objects/b.model": thing(2, mesh_xml(CUBE)) + thing(1, TETRA_XML),
        },
    )
    file = read(data, "part.3mf")
    assert_same_facets(file, meshes.merged(meshes.moved(TETRA, (5, 0, 0)), CUBE))
    solid = read_solid(data)
    assert solid.signed_volume == pytest.approx(8000 + 1000 / 6)


def test_part_names_are_compared_without_regard_to_case() -> None:
    data = production(
        thing(1, component("/3d/OBJECTS/A.model", 1)),
        '<item objectid="1"/>',
        {"3D/Objects/a.model": thing(1, TETRA_XML)},
    )
    assert_same_facets(read(data, "part.3mf"), TETRA)


def test_a_missing_part_a_relative_path_and_a_path_of_a_path_are_refused() -> None:
    others = {"3D/b.model": thing(1, TETRA_XML)}
    item = '<item objectid="1"/>'
    missing = production(thing(1, component("/3D/c.model", 1)), item, others)
    assert refused(missing, "p.3mf").code == "3MF-020"
    relative = production(thing(1, component("b.model", 1)), item, others)
    assert refused(relative, "p.3mf").code == "3MF-020"
    inner = model_xml(thing(1, component("/3D/b.model", 1)), "", f"{MM} {PRODUCTION}")
    nested = production(thing(1, component("/3D/c.model", 1)), item, others, {"3D/c.model": inner})
    assert refused(nested, "p.3mf").code == "3MF-020"


def test_a_part_in_another_unit_is_refused() -> None:
    inner = model_xml(thing(1, TETRA_XML), "", 'unit="inch"')
    data = production(
        thing(1, component("/3D/c.model", 1)), '<item objectid="1"/>', {}, {"3D/c.model": inner}
    )
    error = refused(data, "p.3mf")
    assert error.code == "3MF-023"
    assert error.where == "3D/c.model"
