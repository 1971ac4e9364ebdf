"""3MF: units, build items, components, transforms, limits."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.intake import Limits
from printstd.units import LengthUnit
from tests import meshes
from tests.meshes import mesh_xml
from tests.unit.intake.packages_3mf import CUBE, TETRA, TETRA_XML, one, part, thing
from tests.unit.intake.reading import assert_same_facets, codes, corners_of, read, refused


def matrix_text(linear: object, shift: object) -> str:
    return " ".join(repr(float(v)) for v in [*np.ravel(np.asarray(linear)), *np.ravel(shift)])


# --- units -----------------------------------------------------------------------------------

EXACT_MM = {
    "micron": Fraction(1, 1000),
    "millimeter": Fraction(1),
    "centimeter": Fraction(10),
    "inch": Fraction(254, 10),
    "foot": Fraction(3048, 10),
    "meter": Fraction(1000),
}


@pytest.mark.parametrize("unit", EXACT_MM)
def test_the_unit_of_the_file_is_honoured_to_the_last_bit(unit: str) -> None:
    numbers = [0.0, 1.0, 0.1, 0.7071067811865476, 123.456, 5.078125]
    mesh = (
        np.array([(0, 0, 0), *zip(numbers[1:4], numbers[2:5], numbers[3:6], strict=True)]),
        TETRA[1],
    )
    file = read(one(mesh_xml(mesh), f'unit="{unit}"'), "part.3mf")
    assert file.mesh.source.unit is LengthUnit(unit)
    assert file.mesh.source.is_unit_stated
    exact = [[float(Fraction(v) * EXACT_MM[unit]) for v in row] for row in mesh[0].tolist()]
    found = {tuple(row) for row in file.mesh.vertices_mm.tolist()}
    for row in exact:
        nearest = min(found, key=lambda p: sum(abs(a - b) for a, b in zip(p, row, strict=True)))
        assert all(abs(a - b) <= abs(np.spacing(b)) for a, b in zip(nearest, row, strict=True))


def test_without_a_unit_it_is_millimetres_and_stated() -> None:
    file = read(one(TETRA_XML, ""), "part.3mf")
    assert file.mesh.source.unit is LengthUnit.MILLIMETER
    assert file.mesh.source.is_unit_stated
    assert_same_facets(file, TETRA)


def test_an_unknown_unit_is_refused() -> None:
    error = refused(one(TETRA_XML, 'unit="parsec"'), "part.3mf")
    assert error.code == "3MF-023"
    assert error.got == "parsec"


def test_another_unit_on_the_command_line_is_refused_and_the_same_one_is_not() -> None:
    data = one(TETRA_XML, 'unit="inch"')
    assert refused(data, "part.3mf", unit=LengthUnit.MILLIMETER).code == "3MF-041"
    assert read(data, "part.3mf", unit=LengthUnit.INCH).mesh.source.unit is LengthUnit.INCH


# --- build and components --------------------------------------------------------------------


def test_build_items_come_in_order_each_as_often_as_it_is_listed() -> None:
    data = part(
        thing(1, TETRA_XML) + thing(2, mesh_xml(CUBE)) + thing(3, TETRA_XML),
        '<item objectid="2"/><item objectid="1" transform="1 0 0 0 1 0 0 0 1 50 0 0"/>'
        '<item objectid="2" transform="1 0 0 0 1 0 0 0 1 0 0 40"/>',
    )
    wanted = meshes.merged(CUBE, meshes.moved(TETRA, (50, 0, 0)), meshes.moved(CUBE, (0, 0, 40)))
    assert_same_facets(read(data, "part.3mf"), wanted)


integers = st.integers(-3, 3)
affine = st.tuples(
    st.lists(integers, min_size=9, max_size=9), st.lists(integers, min_size=3, max_size=3)
)


@settings(max_examples=80, deadline=None)
@given(st.lists(affine, min_size=1, max_size=4))
def test_transforms_of_nested_components_multiply_and_mirrors_keep_the_outside(
    chain: list[tuple[list[int], list[int]]],
) -> None:
    """Whole numbers, so that the product is exact and the wanted corners are to the bit."""
    linears = [np.array(linear, float).reshape(3, 3) for linear, _ in chain]
    dets = [round(np.linalg.det(linear)) for linear in linears]
    resources = thing(1, TETRA_XML)
    for level, (linear, shift) in enumerate(chain[:-1], start=2):
        use = f'<component objectid="{level - 1}" transform="{matrix_text(linear, shift)}"/>'
        resources += thing(level, f"<components>{use}</components>")
    item = f'<item objectid="{len(chain)}" transform="{matrix_text(*chain[-1])}"/>'
    data = part(resources, item)
    if 0 in dets:
        assert refused(data, "part.3mf").code == "3MF-027"
        return
    points = TETRA[0]
    for linear, (_, shift) in zip(linears, chain, strict=True):
        points = points @ linear + np.array(shift, float)
    file = read(data, "part.3mf")
    faces = TETRA[1][:, ::-1] if np.prod(dets) < 0 else TETRA[1]
    assert_same_facets(file, (points, faces))
    a, b, c = np.moveaxis(corners_of(file), 1, 0)
    volume = float((a * np.cross(b, c)).sum() / 6)
    assert volume == pytest.approx(abs(float(np.prod(dets))) * 1000 / 6)


def test_objects_that_are_no_model_are_left_out_and_said() -> None:
    data = part(
        thing(1, TETRA_XML)
        + thing(2, mesh_xml(CUBE), 'type="support" name="опора"')
        + thing(3, mesh_xml(CUBE), 'type="surface"')
        + thing(4, '<components><component objectid="1"/><component objectid="3"/></components>'),
        '<item objectid="4"/><item objectid="2"/>',
    )
    file = read(data, "part.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-032"]
    assert "object 3 (surface), опора (support)" in file.findings[0].message


def test_items_that_are_not_printable_are_left_out_and_said() -> None:
    data = part(
        thing(1, TETRA_XML) + thing(2, mesh_xml(CUBE)),
        '<item objectid="1"/><item objectid="2" printable="0"/>',
    )
    file = read(data, "part.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-031"]
    nothing = part(thing(1, TETRA_XML), '<item objectid="1" printable="0"/>')
    error = refused(nothing, "part.3mf")
    assert error.code == "3MF-002"
    assert "not printable" in (error.got or "")


@pytest.mark.parametrize(
    ("resources", "build", "code"),
    [
        (thing(1, TETRA_XML), "", "3MF-002"),
        (thing(1, TETRA_XML), '<item objectid="2"/>', "3MF-025"),
        (thing(1, TETRA_XML), "<item/>", "3MF-025"),
        (thing(1, TETRA_XML), '<item objectid="-1"/>', "3MF-025"),
        (thing(1, TETRA_XML, 'type="other"'), '<item objectid="1"/>', "3MF-025"),
        (thing(1, TETRA_XML, 'type="statue"'), '<item objectid="1"/>', "3MF-025"),
        (thing(1, TETRA_XML) + thing(1, TETRA_XML), '<item objectid="1"/>', "3MF-025"),
        (thing(0, TETRA_XML), '<item objectid="0"/>', "3MF-025"),
        (thing(1, ""), '<item objectid="1"/>', "3MF-025"),
        (thing(1, "<components/>"), '<item objectid="1"/>', "3MF-016"),
        (thing(1, TETRA_XML * 2), '<item objectid="1"/>', "3MF-016"),
        (
            thing(1, TETRA_XML + '<components><component objectid="1"/></components>'),
            '<item objectid="1"/>',
            "3MF-016",
        ),
        (
            thing(1, '<components><component objectid="1"/></components>'),
            '<item objectid="1"/>',
            "3MF-026",
        ),
        (thing(1, TETRA_XML), '<item objectid="1" transform="1 0 0 0 1 0 0 0 1"/>', "3MF-027"),
        (
            thing(1, TETRA_XML),
            '<item objectid="1" transform="1 0 0 0 1 0 0 0 nan 0 0 0"/>',
            "3MF-027",
        ),
        (
            thing(1, TETRA_XML),
            '<item objectid="1" transform="1 0 0 0 1 0 0 0 0 0 0 0"/>',
            "3MF-027",
        ),
        (
            thing(1, TETRA_XML),
            '<item objectid="1" transform="1e300 0 0 0 1 0 0 0 1e-300 1e308 1e308 0"/>',
            "3MF-010",
        ),
    ],
)
def test_a_bad_build_is_refused(resources: str, build: str, code: str) -> None:
    error = refused(part(resources, build), "part.3mf")
    assert error.code == code or (code == "3MF-010" and error.code == "3MF-014")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('x="10.0"', 'x="nan"', "3MF-010"),
        ('x="10.0"', 'x="INF"', "3MF-010"),
        ('x="10.0"', 'x="1e999"', "3MF-010"),
        ('x="10.0"', 'x="10,0"', "3MF-017"),
        ('x="10.0"', 'x="1 0"', "3MF-017"),
        ('x="10.0"', 'x=""', "3MF-017"),
        ('x="10.0"', 'x="١٠"', "3MF-017"),
        ('x="10.0"', "", "3MF-016"),
        ('v1="0"', 'v1="4"', "3MF-018"),
        ('v1="0"', 'v1="-1"', "3MF-018"),
        ('v1="0"', 'v1="0.0"', "3MF-017"),
        ('v1="0" v2="2"', 'v1="2" v2="2"', "3MF-018"),
        ("<vertices>", "<vertices>text", "3MF-016"),
        ("<vertices>", "<vertices><triangle v1='0' v2='1' v3='2'/>", "3MF-016"),
        ("</triangles>", "</triangles><triangles/>", "3MF-016"),
        ("</mesh>", "", "3MF-016"),
    ],
)
def test_a_bad_mesh_is_refused(old: str, new: str, code: str) -> None:
    assert old in TETRA_XML
    error = refused(one(TETRA_XML.replace(old, new, 1)), "part.3mf")
    assert error.code == code
    assert "3D/3dmodel.model" in (error.where or "")


def test_attributes_in_another_order_and_with_white_space_are_the_same() -> None:
    text = TETRA_XML.replace('x="10.0" y="0.0" z="0.0"', ' z=" 0.0"  y="0.0" x="+1e1 "', 1)
    text = text.replace('v1="0" v2="2" v3="1"', 'pid="7" v3="1" v2=" 2" p1="0" v1="0"', 1)
    assert "p1" in text
    colours = '<basematerials id="7"><base name="a" displaycolor="#FF0000"/></basematerials>'
    data = part(colours + thing(1, text, 'pid="7" pindex="0"'), '<item objectid="1"/>')
    assert_same_facets(read(data, "part.3mf"), TETRA)


# --- limits ----------------------------------------------------------------------------------


def test_components_that_multiply_without_end_are_refused_before_they_do() -> None:
    """Ten of ten of ten ...: 10^20 copies out of two kilobytes."""
    resources = thing(1, TETRA_XML)
    for level in range(2, 22):
        uses = f'<component objectid="{level - 1}"/>' * 10
        resources += thing(level, f"<components>{uses}</components>")
    data = part(resources, '<item objectid="21"/>')
    limits = Limits(objects=1000)
    assert refused(data, "p.3mf", limits=limits).code == "3MF-008"


def test_depth_is_bounded_exactly() -> None:
    def chain(depth: int) -> bytes:
        resources = thing(1, TETRA_XML)
        for outer, inner in ((b, a) for a, b in pairwise(range(1, depth + 2))):
            use = f'<component objectid="{inner}"/>'
            resources += thing(outer, f"<components>{use}</components>")
        return part(resources, f'<item objectid="{depth + 1}"/>')

    limits = Limits(component_depth=5)
    assert len(read(chain(5), "p.3mf", limits=limits).mesh.faces) == 4
    assert refused(chain(6), "p.3mf", limits=limits).code == "3MF-026"


def test_facets_are_counted_over_copies_and_while_reading() -> None:
    items = '<item objectid="1"/><item objectid="1" transform="1 0 0 0 1 0 0 0 1 50 0 0"/>'
    data = part(thing(1, TETRA_XML), items)
    assert len(read(data, "p.3mf", limits=Limits(facets=8)).mesh.faces) == 8
    assert refused(data, "p.3mf", limits=Limits(facets=7)).code == "3MF-009"
    assert refused(data, "p.3mf", limits=Limits(facets=3)).code == "3MF-009"
