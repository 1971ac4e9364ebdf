"""Extruders that projects give to their objects: both readers, and a print from end to end."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from printstd import pipeline
from printstd.audit import audit_program
from printstd.audit.model import read_solid
from printstd.errors import InputError, UsageError
from printstd.intake import extruders_of, read_model
from printstd.kernels.solid import signed_volume_mm3
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.resolved import Request
from tests import meshes, plates
from tests.meshes import mesh_xml, model_xml, zip_3mf
from tests.unit.profiles.sources import BUNDLED

BLOCK = meshes.box((12, 10, 3))
POST = meshes.moved(meshes.box((8, 8, 4)), (30, 0, 0))
CUBE = meshes.moved(meshes.box((6, 6, 2)), (0, 30, 0))
VOLUMES = {1: 12 * 10 * 3 + 6 * 6 * 2, 2: 8 * 8 * 4}
"""By extruder: the block names none, the cube says 0."""


def _model() -> str:
    objects = "".join(
        f'<object id="{n}" type="model">{mesh_xml(part)}</object>'
        for n, part in enumerate((BLOCK, POST, CUBE), 1)
    )
    return model_xml(objects, "".join(f'<item objectid="{n}"/>' for n in (1, 2, 3)))


def prusa(second: str = "2") -> bytes:
    """As PrusaSlicer writes it; a volume's own extruder is not its object's."""
    config = (
        '<?xml version="1.0"?><config><object id="1"><metadata type="object" key="name" value="a"/>'
        '<volume firstid="0" lastid="11"><metadata type="volume" key="extruder" value="2"/>'
        "</volume></object>"
        f'<object id="2"><metadata type="object" key="extruder" value="{second}"/></object>'
        '<object id="3"><metadata type="object" key="extruder" value="0"/></object></config>'
    )
    return zip_3mf(_model(), {"Metadata/Slic3r_PE_model.config": config})


def bambu(second: str = "2") -> bytes:
    config = (
        '<?xml version="1.0"?><config><object id="1"><part id="1" subtype="normal_part">'
        '<metadata key="extruder" value="2"/></part></object>'
        f'<object id="2"><metadata key="extruder" value="{second}"/></object>'
        '<object id="3"><metadata key="extruder" value="0"/></object></config>'
    )
    return zip_3mf(_model(), {"Metadata/model_settings.config": config})


BOTH = pytest.mark.parametrize("data", [prusa(), bambu()], ids=["prusa", "bambu"])


@BOTH
def test_both_readers_divide_a_project_alike_and_lose_nothing(data: bytes) -> None:
    assert extruders_of(data, name="p.3mf") == (1, 2)
    for extruder, volume in VOLUMES.items():
        mesh = read_model(data, name="p.3mf", extruder=extruder).mesh
        assert signed_volume_mm3(mesh.vertices_mm, mesh.faces) == pytest.approx(volume)
        assert read_solid(data, extruder=extruder).signed_volume == pytest.approx(volume)
    whole = read_model(data, name="p.3mf").mesh
    assert signed_volume_mm3(whole.vertices_mm, whole.faces) == pytest.approx(sum(VOLUMES.values()))


@BOTH
def test_an_extruder_that_is_heeded_is_no_setting_left_out(data: bytes) -> None:
    first, second = pipeline.prepare_all(
        pipeline.ModelInput(data, "p.3mf"), pipeline.Order(), resolved()
    )
    assert (first.order.extruder, second.order.extruder) == (1, 2)
    assert not second.notices
    assert all("object 2" not in finding.message for finding in first.notices)


def test_a_volume_that_wants_another_extruder_than_its_object_is_told() -> None:
    project = pipeline.ModelInput(prusa(), "p.3mf")
    first, _ = pipeline.prepare_all(project, pipeline.Order(), resolved())
    (finding,) = first.notices
    assert "build item 1, volume 1: extruder = 2" in finding.message


def test_a_file_without_a_word_of_extruders_has_none() -> None:
    assert extruders_of(zip_3mf(_model()), name="p.3mf") == ()
    assert extruders_of(meshes.stl_binary(BLOCK), name="p.stl") == ()


@functools.cache
def resolved():
    return pipeline.resolve(Request(printer="bibo2-touch-dual"), BUNDLED)


@functools.cache
def made(data: bytes) -> pipeline.Made:
    model = pipeline.ModelInput(data, "p.3mf")
    return plates.made(pipeline.plate_of(pipeline.prepare_all(model, pipeline.Order(), resolved())))


@BOTH
def test_a_project_is_printed_by_its_extruders(data: bytes) -> None:
    own = made(data)
    tools = {stand.label: own.plate.models[stand.model].resolved.tool for stand in own.plate.stands}
    assert sorted(tools.values()) == [0, 1]
    assert {label[-3:] for label in tools} == {"_e1", "_e2"}
    found = audit_program(own.program.data, data, own.demand)
    decision = decide(
        found.findings, rules_run=found.rules_run, mandatory=own.demand.mandatory_rules
    )
    assert decision.outcome is Outcome.PASSED


def test_the_auditor_divides_the_file_for_itself() -> None:
    """The same meshes, all given to the first: nothing is left for the second one's part."""
    own, other = made(prusa()), prusa(second="1")
    sha256 = hashlib.sha256(other).hexdigest()
    parts = tuple(replace(part, model_sha256=sha256) for part in own.demand.parts)
    with pytest.raises(InputError, match="holds no triangle"):
        audit_program(own.program.data, other, replace(own.demand, parts=parts))


def test_an_order_has_its_way_over_the_file() -> None:
    model = pipeline.ModelInput(prusa(), "p.3mf")
    (only,) = pipeline.prepare_all(model, pipeline.Order(extruder=2), resolved())
    assert only.resolved.tool == 1
    assert np.ptp(only.file.mesh.vertices_mm[:, 0]) == pytest.approx(38)


def test_a_machine_with_one_extruder_prints_all_of_it() -> None:
    one = pipeline.resolve(Request(printer="mk4s"), BUNDLED)
    model = pipeline.ModelInput(prusa(second="4"), "p.3mf")
    (only,) = pipeline.prepare_all(model, pipeline.Order(), one)
    assert only.resolved.tool == 0


def test_an_extruder_that_the_machine_has_not_is_refused() -> None:
    model = pipeline.ModelInput(prusa(second="3"), "p.3mf")
    with pytest.raises(UsageError, match="no such extruder") as caught:
        pipeline.prepare_all(model, pipeline.Order(), resolved())
    assert caught.value.got == "extruder 3"
