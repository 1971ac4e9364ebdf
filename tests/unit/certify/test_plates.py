"""Statements about a plate bind every model: none can be dropped, added or changed."""

from __future__ import annotations

import json

import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.certify.dsse import read_bundle
from printstd.certify.reading import read_statement
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.profiles.decision import Outcome
from tests.plates import plate
from tests.small_part import EPOCH_S


@pytest.fixture(scope="module")
def own():
    return plate("post", "low", copies=2)


@pytest.fixture(scope="module")
def payloads(own, tmp_path_factory):
    """(generation, re-check)."""
    folder = tmp_path_factory.mktemp("keys")
    new_key(folder / "k", algorithm="p256", passphrase=None)
    signed = pipeline.certify_plate(
        own,
        program_name="p.gcode",
        signer=load_signer(folder / "k.key"),
        clock=FixedClock(EPOCH_S),
        tool=tool_facts(),
        executor=SerialExecutor(),
        progress=NoProgress(),
    )
    assert signed.decision.outcome is Outcome.PASSED
    assert signed.generation is not None
    assert signed.recheck is not None
    return tuple(read_bundle(b, "p").payload for b in (signed.generation, signed.recheck))


def changed(payload: bytes, change) -> bytes:
    statement = json.loads(payload)
    change(statement["predicate"])
    return canonical(statement)


def test_every_model_and_every_copy_is_named(own, payloads):
    digests = {part.file.mesh.source.sha256 for part in own.models}
    for payload in payloads:
        said = read_statement(payload)
        assert set(said.digests) == digests
        assert said.demand is not None
        assert [part.label for part in said.demand.parts] == [s.label for s in own.stands]
        assert {part.model_sha256 for part in said.demand.parts} == digests
    generation, recheck = (json.loads(payload)["predicate"] for payload in payloads)
    assert "partLabel" not in generation
    assert "placement" not in generation["recipe"]
    assert [row["label"] for row in generation["parts"]] == [s.label for s in own.stands]
    assert "model" not in recheck
    assert recheck["critical"] == ["demand", "models", "verdict"]
    assert len(recheck["measuredParts"]) == 4
    labels = {row["message"].split(":")[0] for row in recheck["rules"] if row["id"] == "G-04"}
    assert labels == {s.label for s in own.stands}


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["models"].pop(),
        lambda p: p["models"].append(p["models"][0]),
        lambda p: p.update(model=p["models"][0]),
        lambda p: p["models"][0]["digest"].update(sha256="0" * 64),
        lambda p: p["demand"]["parts"][0].update(model_sha256="0" * 64),
        lambda p: p["demand"].pop("parts"),
        lambda p: p["demand"].update(parts=[]),
    ],
)
def test_models_and_demand_belong_together(payloads, change):
    read_statement(payloads[1])
    with pytest.raises(StrictJsonError):
        read_statement(changed(payloads[1], change))


def test_a_generation_too(payloads):
    with pytest.raises(StrictJsonError):
        read_statement(changed(payloads[0], lambda p: p["inputs"].pop()))
