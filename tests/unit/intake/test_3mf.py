"""3MF: units, components, transforms, the Production extension, plates of slicer projects."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.finding import Status
from printstd.audit.model import read_solid
from printstd.errors import InputError
from printstd.intake import Limits
from printstd.kernels.solid import signed_volume_mm3
from printstd.units import LengthUnit
from tests import meshes, projects
from tests.meshes import mesh_xml, model_xml, zip_3mf
from tests.unit.intake.reading import assert_same_facets, codes, corners_of, read, refused

CUBE = meshes.cube(20.0)
TETRA = meshes.tetrahedron(10.0)
TETRA_XML = mesh_xml(TETRA)
PRODUCTION = f'xmlns:p="{meshes.PRODUCTION_3MF}" requiredextensions="p"'
MM = 'unit="millimeter"'


def thing(id_: int, content: str, more: str = "") -> str:
    return f'<object id="{id_}" {more}>{content}</object>'


def part(resources: str, build: str, attributes: str = MM) -> bytes:
    return zip_3mf(model_xml(resources, build, attributes))


def one(content: str, attributes: str = MM) -> bytes:
    return part(thing(1, content), '<item objectid="1"/>', attributes)


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


# --- extensions ------------------------------------------------------------------------------


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


def production(
    root_resources: str,
    build: str,
    others: dict[str, str],
    extra: dict[str, str | bytes] | None = None,
    attributes: str = f"{MM} {PRODUCTION}",
) -> bytes:
    parts: dict[str, str | bytes] = {
        name: model_xml(resources, "") for name, resources in others.items()
    }
    return zip_3mf(model_xml(root_resources, build, attributes), parts | (extra or {}))


def component(path: str, id_: int, shift: tuple[float, float, float] = (0, 0, 0)) -> str:
    x, y, z = shift
    return (
        f'<components><component p:path="{path}" objectid="{id_}" '
        f'transform="1 0 0 0 1 0 0 0 1 {x} {y} {z}"/></components>'
    )


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


# --- plates ----------------------------------------------------------------------------------

Instance = tuple[int, int]


def settings_config(
    plates: dict[int, list[Instance]], parts: str = "", names: dict[int, str] | None = None
) -> str:
    """As Bambu Studio and OrcaSlicer write it, with keys that do not matter here."""
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<config>\n' + parts
    for number, instances in plates.items():
        text += f'<plate><metadata key="plater_id" value="{number}"/>'
        text += f'<metadata key="plater_name" value="{(names or {}).get(number, "")}"/>'
        text += '<metadata key="locked" value="false"/>'
        for object_id, instance_id in instances:
            text += (
                f'<model_instance><metadata key="object_id" value="{object_id}"/>'
                f'<metadata key="instance_id" value="{instance_id}"/>'
                '<metadata key="identify_id" value="103"/></model_instance>'
            )
        text += "</plate>"
    return text + '<assemble><assemble_item object_id="2" instance_id="0"/></assemble></config>'


def project(
    plates: dict[int, list[Instance]],
    items: list[tuple[int, float]],
    parts: str = "",
    names: dict[int, str] | None = None,
    extra: dict[str, str | bytes] | None = None,
) -> bytes:
    """Objects 2 (a tetrahedron) and 4 (a cube), each in its own part, items at given x."""
    build = "".join(
        f'<item objectid="{id_}" transform="1 0 0 0 1 0 0 0 1 {x} 0 0" printable="1"/>'
        for id_, x in items
    )
    return production(
        thing(2, component("/3D/Objects/object_1.model", 1))
        + thing(4, component("/3D/Objects/object_2.model", 3)),
        build,
        {
            "3D/Objects/object_1.model": thing(1, TETRA_XML),
            "3D/Objects/object_2.model": thing(3, mesh_xml(CUBE)),
        },
        {"Metadata/model_settings.config": settings_config(plates, parts, names), **(extra or {})},
        f'{MM} xmlns:BambuStudio="http://schemas.bambulab.com/package/2021" {PRODUCTION}',
    )


ITEMS = [(2, 0.0), (4, 300.0), (2, 330.0), (2, 600.0)]
PLATES = {1: [(2, 0)], 2: [(2, 1), (4, 0)], 3: [(2, 2)]}
ON_PLATE = {
    1: TETRA,
    2: meshes.merged(meshes.moved(CUBE, (300, 0, 0)), meshes.moved(TETRA, (330, 0, 0))),
    3: meshes.moved(TETRA, (600, 0, 0)),
}


@pytest.mark.parametrize("plate", [1, 2, 3])
def test_a_plate_holds_the_instances_that_it_lists(plate: int) -> None:
    file = read(project(PLATES, ITEMS, names={2: "серия Б"}), "p.3mf", plate=plate)
    assert_same_facets(file, ON_PLATE[plate])
    assert file.mesh.source.plate == plate
    assert codes(file) == ["3MF-029"]


@pytest.mark.parametrize("kind", ["normal_part", "modifier_part"])
def test_the_auditor_reads_the_same_plates_and_parts(kind: str) -> None:
    parts = f'<object id="4"><part id="3" subtype="{kind}"/></object>'
    data = project(PLATES, ITEMS, parts)
    for plate in PLATES:
        mesh = read(data, "p.3mf", plate=plate).mesh
        solid = read_solid(data, plate=plate)
        assert len(solid.faces) == len(mesh.faces)
        ours = mesh.vertices_mm[mesh.faces].reshape(-1, 3)
        theirs = solid.vertices[solid.faces].reshape(-1, 3)
        assert np.array_equal(np.unique(ours, axis=0), np.unique(theirs, axis=0))
    single = project({1: []}, ITEMS[:2])
    assert len(read_solid(single, plate=1).faces) == len(read(single, "p.3mf").mesh.faces)


def test_the_plates_together_are_the_build_and_each_item_lies_on_one() -> None:
    data = project(PLATES, ITEMS)
    counts = [len(read(data, "p.3mf", plate=plate).mesh.faces) for plate in PLATES]
    assert sum(counts) == 3 * 4 + 12


def test_several_plates_and_none_chosen_is_refused_with_their_names() -> None:
    error = refused(project(PLATES, ITEMS, names={2: "lids"}), "p.3mf")
    assert error.code == "3MF-042"
    assert error.got == "plates 1, 2: lids, 3"
    assert error.wanted == "--plate 1, 2, 3"


@pytest.mark.parametrize("plate", [0, 4, 2**40])
def test_a_plate_that_is_not_there_is_refused(plate: int) -> None:
    assert refused(project(PLATES, ITEMS), "p.3mf", plate=plate).code == "3MF-040"


def test_the_only_plate_needs_no_naming_and_neither_does_the_only_full_one() -> None:
    single = read(project({1: [(2, 0)]}, [(2, 0.0)]), "p.3mf")
    assert_same_facets(single, TETRA)
    assert single.mesh.source.plate == 1
    assert codes(single) == []
    full = read(project({1: [], 2: [(4, 0)]}, [(4, 0.0)]), "p.3mf")
    assert_same_facets(full, CUBE)
    assert full.mesh.source.plate == 2
    assert codes(full) == ["3MF-029"]


def test_one_plate_that_lists_nothing_holds_everything_and_several_are_refused() -> None:
    assert_same_facets(
        read(project({1: []}, ITEMS[:2]), "p.3mf"),
        meshes.merged(TETRA, meshes.moved(CUBE, (300, 0, 0))),
    )
    data = project({1: [], 2: []}, ITEMS[:2])
    assert refused(data, "p.3mf", plate=1).code == "3MF-042"
    assert refused(data, "p.3mf", plate=2).code == "3MF-042"


def test_an_empty_plate_is_refused() -> None:
    data = project({1: [(2, 0)], 2: []}, ITEMS[:1])
    error = refused(data, "p.3mf", plate=2)
    assert error.code == "3MF-002"
    assert error.where == "3D/3dmodel.model, plate 2"


def test_items_on_no_plate_are_left_out_and_said() -> None:
    file = read(project({1: [(2, 0)]}, ITEMS[:2]), "p.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-030"]


def test_plate_of_a_file_without_plates_is_refused() -> None:
    assert refused(one(TETRA_XML), "p.3mf", plate=1).code == "3MF-040"
    assert refused(meshes.stl_binary(CUBE), "p.stl", plate=1).code == "STL-040"


@pytest.mark.parametrize("numbers", [[0], [2], [1, 1], [1, 3]])
def test_plates_out_of_order_are_refused(numbers: list[int]) -> None:
    text = settings_config({1: []}).replace(
        'key="plater_id" value="1"', 'key="plater_id" value="{}"'
    )
    head, _, tail = text.partition("<plate>")
    plate = "<plate>" + tail.partition("</plate>")[0] + "</plate>"
    config = head + "".join(plate.format(n) for n in numbers) + "</config>"
    data = project({}, ITEMS[:1], extra={"Metadata/model_settings.config": config})
    assert refused(data, "p.3mf", plate=1).code == "3MF-042"


def test_parts_that_are_no_material_are_left_out_and_said() -> None:
    kind = "modifier_part"
    parts = (
        f'<object id="4"><part id="3" subtype="{kind}"/></object>'
        '<object id="2"><part id="1" subtype="normal_part"/></object>'
    )
    file = read(project({1: [(2, 0), (4, 0)]}, ITEMS[:2], parts), "p.3mf")
    assert_same_facets(file, TETRA)
    assert codes(file) == ["3MF-032"]
    assert kind in file.findings[0].message


@pytest.mark.parametrize("make", [projects.prusa, projects.orca])
@pytest.mark.parametrize("kind", [projects.BLOCKER, projects.ENFORCER])
def test_volumes_that_say_where_supports_are_wanted_are_regions(
    make: Callable[..., bytes], kind: str
) -> None:
    solid, region = projects.Volume(CUBE), projects.Volume(meshes.cube(7, (3, 3, 3)), kind)
    file = read(make(projects.Thing([solid, region])), "p.3mf")
    assert_same_facets(file, CUBE)
    (portion,) = file.portions
    (found,) = portion.regions
    assert (found.item, found.volume, found.kind.value, found.settings) == (0, 1, kind, ())
    assert signed_volume_mm3(found.mesh.vertices_mm, found.mesh.faces) == pytest.approx(343)


def test_an_item_without_material_has_no_portion_of_its_own() -> None:
    other = projects.Volume(meshes.cube(7, (30, 3, 3)), projects.BLOCKER)
    first = projects.Thing([projects.Volume(CUBE)], {"fill_density": "40%"})
    file = read(projects.prusa(first, projects.Thing([other])), "p.3mf")
    (portion,) = file.portions
    assert portion.items == (0, 1)
    assert len(portion.mesh.faces) == len(CUBE[1])
    assert portion.regions == ()


def prusa_volume(kind: str) -> bytes:
    config = (
        '<?xml version="1.0"?><config><object id="1" instances_count="1">'
        '<metadata type="object" key="name" value="a"/><volume firstid="0" lastid="3">'
        f'<metadata type="volume" key="volume_type" value="{kind}"/>'
        '<metadata type="volume" key="name" value="SupportBlocker"/></volume></object></config>'
    )
    return zip_3mf(
        model_xml(thing(1, TETRA_XML), '<item objectid="1"/>'),
        {"Metadata/Slic3r_PE_model.config": config},
    )


@pytest.mark.parametrize("kind", ["ParameterModifier", "SupportBlocker", "SupportEnforcer"])
def test_volumes_of_prusaslicer_that_are_no_material_are_left_out(kind: str) -> None:
    """Here there is nothing else."""
    assert_same_facets(read(prusa_volume("ModelPart"), "p.3mf"), TETRA)
    error = refused(prusa_volume(kind), "p.3mf")
    assert error.code == "3MF-002"
    if kind == "ParameterModifier":
        assert kind.lower() in (error.got or "")


def test_volumes_of_a_kind_that_nobody_knows_are_refused() -> None:
    error = refused(prusa_volume("Sculpture"), "p.3mf")
    assert error.code == "3MF-043"
    assert "Sculpture" in (error.got or "")


@pytest.mark.parametrize(
    ("name", "content", "is_script"),
    [
        ("project_settings.config", '{"post_process": ["/bin/sh x;"], "a": 1}', True),
        ("project_settings.config", '{\n "post_process": "curl x"}', True),
        ("project_settings.config", '{"post_process": [], "a": ["1"]}', False),
        ("project_settings.config", '{"post_process": [""]}', False),
        ("Slic3r_PE.config", "; post_process = /bin/sh\n; x = 1\n", True),
        ("Slic3r_PE.config", "; post_process = \n; x = 1\n", False),
        ("Slic3r_PE.config", '; post_process = ""\n; x = 1\n', False),
    ],
)
def test_scripts_in_a_project_are_said_and_never_run(
    name: str, content: str, is_script: bool
) -> None:
    data = zip_3mf(
        model_xml(thing(1, TETRA_XML), '<item objectid="1"/>'), {f"Metadata/{name}": content}
    )
    file = read(data, "p.3mf")
    assert codes(file) == (["3MF-033"] if is_script else [])
    if is_script:
        assert file.findings[0].status is Status.WARN


def test_finished_programs_in_a_project_are_said() -> None:
    data = project({1: [(2, 0)]}, ITEMS[:1], extra={"Metadata/plate_1.gcode": "G28\n"})
    file = read(data, "p.3mf")
    assert codes(file) == ["3MF-034"]
    assert "Metadata/plate_1.gcode" in file.findings[0].message


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
