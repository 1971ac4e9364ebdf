"""Nothing is signed but statements about the file that was asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.batch.vouching import Asked, Made, check_statements, made_of
from printstd.certify.predicates import GENERATION
from printstd.certify.strict_json import canonical
from printstd.errors import OutsideError
from tests import small_part
from tests.small_part import EPOCH_S, NOW


@pytest.fixture(scope="module")
def asked() -> Asked:
    part = small_part.prepared()
    return Asked(part.source.file_sha256, part.resolved, tool_facts(), NOW, False)


@pytest.fixture(scope="module")
def stated(asked: Asked) -> pipeline.Stated:
    found = pipeline.state_plate(
        pipeline.alone(small_part.prepared()),
        program_name="p.gcode",
        clock=FixedClock(EPOCH_S),
        tool=asked.tool,
        executor=SerialExecutor(),
        progress=NoProgress(),
    )
    assert found.decision.exit_code == 0, list(found.decision.blocking)
    return found


def payloads(stated: pipeline.Stated) -> list[bytes]:
    assert stated.generation is not None
    assert stated.recheck is not None
    return [stated.recheck, stated.generation]


def lying(stated: pipeline.Stated, more: bytes = b"") -> Made:
    assert stated.program is not None
    return made_of(stated.program + more, None)


def test_what_was_asked_for_is_signed(stated: pipeline.Stated, asked: Asked) -> None:
    check_statements(payloads(stated), lying(stated), asked)


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(statement: Any) -> None:
        for key in path[:-1]:
            statement = statement[key]
        assert statement[path[-1]] != value
        statement[path[-1]] = value

    return change


OTHER = "6" * 64
FORGERIES = {
    "another program": put("subject", 0, "digest", "sha256", value=OTHER),
    "other commands": put("subject", 1, "digest", "sha256", value=OTHER),
    "another time": put("predicate", "issuedAt", value="2031-01-01T00:00:00Z"),
    "another class": put("predicate", "standard", "indication", value="ISO 2768-f"),
    "another pack": put("predicate", "standard", "pack", value="kz"),
    "another profile": put("predicate", "profiles", 0, "digest", "sha256", value=OTHER),
    "a profile less": lambda statement: statement["predicate"]["profiles"].pop(),
}


@pytest.mark.parametrize(
    "what", [*FORGERIES, "record", "model", "tool", "wheel", "verdict", "leave", "link"]
)
@pytest.mark.parametrize("number", [0, 1])
def test_a_statement_about_anything_else_is_not_signed(
    stated: pipeline.Stated, asked: Asked, what: str, number: int
) -> None:
    own = payloads(stated)
    statement = json.loads(own[number])
    predicate = statement["predicate"]
    is_recheck = statement["predicateType"] != GENERATION
    tool = predicate["verifier" if is_recheck else "tool"]
    if what == "record":
        row = {"name": "o", "digest": {"sha256": OTHER}, "says": {}}
        predicate["records"] = {"order": row}
    elif what in FORGERIES:
        FORGERIES[what](statement)
    elif what == "model":
        models = [predicate["model"]] if is_recheck else predicate["inputs"]
        models[0]["digest"]["sha256"] = OTHER
    elif what == "tool":
        tool["digest"]["sha256"] = OTHER
    elif what == "wheel":
        tool["dependencies"][0]["version"] += ".1"
    elif not is_recheck:
        return
    elif what == "verdict":
        predicate["verdict"] = "FAILED"
    elif what == "leave":
        predicate["allowed_undecided"] = ["G-01"]
    else:
        predicate["certificate"] = {"sha256": OTHER}
    own[number] = canonical(statement)
    with pytest.raises(OutsideError, match="nothing was signed"):
        check_statements(own, lying(stated), asked)


def test_a_demand_that_the_generation_does_not_have_is_not_signed(
    stated: pipeline.Stated, asked: Asked
) -> None:
    recheck, generation = payloads(stated)
    statement = json.loads(recheck)
    demand = statement["predicate"]["demand"]
    key = next(k for k, v in demand.items() if type(v) is int and v)
    demand[key] += 1
    with pytest.raises(OutsideError, match="nothing was signed"):
        check_statements([canonical(statement), generation], lying(stated), asked)


def test_other_bytes_no_program_and_half_a_pair_are_not_signed(
    stated: pipeline.Stated, asked: Asked
) -> None:
    own = payloads(stated)
    made = lying(stated)
    for statements, program in (
        (own, lying(stated, b"\n")),
        (own, made._replace(container_sha256=OTHER)),
        (own, None),
        ([own[0], own[0]], made),
        ([], made),
        ([own[0][:-2], own[1]], made),
        ([own[0]], None),
        ([own[0]], made),
        ([own[1]], made),
    ):
        with pytest.raises(OutsideError, match="nothing was signed"):
            check_statements(statements, program, asked)
    other = hashlib.sha256(b"another model").hexdigest()
    with pytest.raises(OutsideError, match="nothing was signed"):
        check_statements(own, made, replace(asked, input_sha256=other))


@pytest.fixture(scope="module")
def plate(asked: Asked) -> pipeline.Stated:
    found = pipeline.state_plate(
        pipeline.plate_of([small_part.prepared()], copies=2),
        program_name="p.gcode",
        clock=FixedClock(EPOCH_S),
        tool=asked.tool,
        executor=SerialExecutor(),
        progress=NoProgress(),
    )
    assert len(found.parts) == 2, list(found.decision.blocking)
    return found


def test_statements_of_parts_are_signed_with_those_of_their_plate(
    plate: pipeline.Stated, asked: Asked
) -> None:
    own = [*plate.parts.values(), *payloads(plate)]
    check_statements(own, lying(plate), asked)
    one, other, recheck, generation = own
    for wrong in ([one, one, recheck, generation], [one, other], [one, recheck]):
        with pytest.raises(OutsideError, match="nothing was signed"):
            check_statements(wrong, lying(plate), asked)
    # A part of nothing: the plate was refused.
    with pytest.raises(OutsideError, match="nothing was signed"):
        check_statements([one], None, asked)


PARTS_FORGED = {
    "another program": put("subject", 0, "digest", "sha256", value=OTHER),
    "another plate": put("predicate", "plate", "sha256", value=OTHER),
    "another time": put("predicate", "issuedAt", value="2031-01-01T00:00:00Z"),
    "another part": put("predicate", "part", "label", value="part_66666666"),
    "other modules": put("predicate", "verifier", "digest", "sha256", value=OTHER),
    "another version": put("predicate", "verifier", "version", value="9.9.9"),
    "another class": put("predicate", "standard", "indication", value="ISO 2768-f"),
    "another letter": put("predicate", "standard", "toleranceClass", value="f"),
    "another pack": put("predicate", "standard", "pack", value="kz"),
    "another verdict": put("predicate", "verdict", value="FAILED"),
    "another profile": put("predicate", "profiles", 0, "digest", "sha256", value=OTHER),
    "a record": lambda statement: statement["predicate"].update(
        records={"order": {"name": "o", "digest": {"sha256": OTHER}, "says": {}}}
    ),
}


@pytest.mark.parametrize("what", PARTS_FORGED)
def test_a_statement_of_a_part_about_anything_else_is_not_signed(
    plate: pipeline.Stated, asked: Asked, what: str
) -> None:
    first, second = plate.parts.values()
    statement = json.loads(first)
    PARTS_FORGED[what](statement)
    with pytest.raises(OutsideError, match="nothing was signed"):
        check_statements([canonical(statement), second, *payloads(plate)], lying(plate), asked)
