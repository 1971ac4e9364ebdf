"""3MF: plates of slicer projects, and volumes that are no material."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.audit.model import read_solid
from printstd.kernels.solid import signed_volume_mm3
from tests import meshes, projects
from tests.meshes import mesh_xml, model_xml, zip_3mf
from tests.unit.intake.packages_3mf import (
    CUBE,
    MM,
    PRODUCTION,
    TETRA,
    TETRA_XML,
    component,
    one,
    production,
    thing,
)
from tests.unit.intake.reading import assert_same_facets, codes, read, refused

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
