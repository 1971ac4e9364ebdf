"""Objects of a project with settings of their own: each made by them, each judged by them."""

from __future__ import annotations

import functools

import pytest

from printstd import pipeline
from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.errors import InputError, ProfileError, SlicingError
from printstd.profiles.decision import Outcome
from tests import meshes
from tests.projects import Thing, Volume, audited, failed, made, orca, prepared, prusa

LEFT = meshes.box((30, 20, 6))
RIGHT = meshes.box((30, 20, 6), (40, 0, 0))
POST = meshes.moved(meshes.cylinder(radius=8, height=10), (20, 40, 0))
DENSE = {
    prusa: {"fill_density": "40%", "perimeters": "4"},
    orca: {"sparse_infill_density": "40%", "wall_loops": "4"},
}
formats = pytest.mark.parametrize("project", [prusa, orca])


@functools.cache
def pair(project) -> tuple[bytes, pipeline.Made]:
    data = project(Thing([Volume(LEFT)]), Thing([Volume(RIGHT)], DENSE[project]))
    return data, made(data)


@formats
def test_each_object_is_judged_by_its_own_settings(project) -> None:
    data, own = pair(project)
    assert audited(own.program.data, data, own.demand)[1] is Outcome.PASSED
    left, right = own.demand.parts
    assert (left.model_items, right.model_items) == ((0,), (1,))
    assert left.integrity is None
    assert right.integrity is not None
    assert right.integrity.min_wall_count == 4
    assert own.demand.integrity.min_wall_count == 2
    assert from_plain(AuditDemand, to_plain(own.demand)) == own.demand


@formats
@pytest.mark.parametrize(
    ("settings", "rules"),
    [({}, {"G-08", "G-09"}), ({"swapped": "1"}, {"G-08", "G-09"})],
    ids=["none follow", "the other one follows"],
)
def test_a_program_that_does_not_follow_them_fails(project, settings, rules) -> None:
    data, own = pair(project)
    first = DENSE[project] if settings else {}
    wrong = made(project(Thing([Volume(LEFT)], first), Thing([Volume(RIGHT)])))
    audit, outcome = audited(wrong.program.data, data, own.demand)
    assert outcome is Outcome.FAILED
    said = failed(audit)
    assert rules <= {message.split()[0] for message in said}
    assert any("_object_2: " in message for message in said)


@formats
def test_of_whatever_maker(project) -> None:
    """Where nobody declared places: each object is looked for, and held to its own settings."""
    data, own = pair(project)
    demand = pipeline.foreign_demand([prepared(data)], supports_allowed=False)
    assert audited(own.program.data, data, demand)[1] is Outcome.PASSED
    wrong = made(project(Thing([Volume(LEFT)]), Thing([Volume(RIGHT)])))
    assert audited(wrong.program.data, data, demand)[1] is Outcome.FAILED


def test_objects_compensated_apart() -> None:
    data = prusa(
        Thing([Volume(LEFT)], {"xy_size_compensation": "-0.1", "elefant_foot_compensation": "0"}),
        Thing([Volume(RIGHT)], {"perimeter_generator": "arachne", "top_solid_layers": "0"}),
        Thing([Volume(POST)], {"fuzzy_skin": "external"}),
    )
    own = made(data)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    plain = made(prusa(Thing([Volume(LEFT)]), Thing([Volume(RIGHT)]), Thing([Volume(POST)])))
    audit, outcome = audited(plain.program.data, data, own.demand)
    assert outcome is Outcome.FAILED
    assert any(message.startswith("G-04") for message in failed(audit))


def test_an_object_alone_makes_the_print() -> None:
    data = prusa(Thing([Volume(LEFT)], {"fill_density": "40%"}))
    own = made(data)
    assert own.demand.parts == ()
    assert own.demand.integrity.infill_permille == (320, 560)
    assert b"; fill_density = 40%" in own.program.data
    assert audited(own.program.data, data, own.demand)[1] is Outcome.PASSED
    same = made(prusa(Thing([Volume(LEFT)])), infill__density_ratio="0.4")
    commands = [line for line in same.program.data.splitlines() if line[:1] == b"G"]
    assert commands == [line for line in own.program.data.splitlines() if line[:1] == b"G"]


def test_what_is_followed_and_what_not_is_said() -> None:
    given = {
        "fill_density": "40%",
        "layer_height": "0.1",
        "perimeter_speed": "33",
        "infill_first": "1",
        "mystery": "7",
        "extruder": "1",
    }
    data = prusa(Thing([Volume(LEFT)]), Thing([Volume(RIGHT)], given))
    for findings in (prepared(data).file.findings, made(data).notices):
        followed, left = (f for f in findings if f.rule_id == "PAR-01")
        assert followed.status is Status.INFO
        assert followed.message.endswith("build item 2: infill.density_ratio = 0.4")
        assert left.status is Status.WARN
        for key in ("layer_height", "perimeter_speed", "infill_first", "mystery"):
            assert f"{key} = {given[key]} (" in left.message
        assert "extruder" not in left.message


def test_widths_are_shares_of_the_layer_in_force() -> None:
    data = prusa(Thing([Volume(LEFT)], {"external_perimeter_extrusion_width": "250%"}))
    for height in (0.15, 0.2):
        (piece,) = prepared(data, layer_height_mm=str(height)).pieces
        assert piece.resolved.process.widths.external_perimeter_mm == pytest.approx(2.5 * height)


@pytest.mark.parametrize(
    ("key", "value"), [("fill_density", "much"), ("perimeters", "200"), ("fill_density", "-5%")]
)
def test_values_that_mean_nothing_are_refused_by_name(key: str, value: str) -> None:
    with pytest.raises(ProfileError) as refused:
        prepared(prusa(Thing([Volume(LEFT)]), Thing([Volume(RIGHT)], {key: value})))
    assert "p.3mf, build item 2" in str(refused.value)


def test_objects_within_one_another_are_refused() -> None:
    over = Thing([Volume(meshes.moved(LEFT, (20, 10, 0)))], {"perimeters": "4"})
    with pytest.raises(SlicingError) as refused:
        made(prusa(Thing([Volume(LEFT)]), over))
    assert refused.value.code == "SLICE-14"
    beside = Thing([Volume(meshes.moved(LEFT, (30, 0, 0)))], {"perimeters": "4"})
    assert made(prusa(Thing([Volume(LEFT)]), beside)).demand.parts


def test_objects_of_a_project_one_after_the_other_are_refused() -> None:
    data, _ = pair(prusa)
    with pytest.raises(SlicingError) as refused:
        made(data, plate__by_object="true")
    assert refused.value.code == "SLICE-13"


def test_no_object_goes_unjudged() -> None:
    """A demand that leaves an object out is none that can be answered."""
    from dataclasses import replace

    data, own = pair(prusa)
    for parts in (
        own.demand.parts[:1] * 2,
        (own.demand.parts[0], replace(own.demand.parts[1], model_items=())),
    ):
        with pytest.raises(InputError) as refused:
            audit_program(own.program.data, data, replace(own.demand, parts=parts))
        assert refused.value.code == "AUD-MODEL"
