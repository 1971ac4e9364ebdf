"""Statements about a plate bind every model: none can be dropped, added or changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.certify.cosign_trust import CoSigner
from printstd.certify.dsse import read_bundle, sign_bundle
from printstd.certify.parts import check_against, is_part, read_part
from printstd.certify.policy import RevocationDemand, TrustPolicy, trusting
from printstd.certify.reading import read_statement
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from tests.plates import plate
from tests.small_part import EPOCH_S, NOW
from tests.unit.certify.signing import signer


@pytest.fixture(scope="module")
def own():
    return plate("post", "low", copies=2)


@pytest.fixture(scope="module")
def key():
    return signer()


@pytest.fixture(scope="module")
def signed(own, key):
    signed = pipeline.certify_plate(
        own,
        program_name="p.gcode",
        signer=key,
        clock=FixedClock(EPOCH_S),
        tool=tool_facts(),
        executor=SerialExecutor(),
        progress=NoProgress(),
    )
    assert signed.decision.outcome is Outcome.PASSED
    assert signed.generation is not None
    assert signed.recheck is not None
    return signed


@pytest.fixture(scope="module")
def payloads(signed):
    """(generation, re-check)."""
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


# ---- one part alone


def named(signed) -> dict[str, dict]:
    """Label -> the part's statement."""
    return {
        label: json.loads(read_bundle(bundle, "p").payload)
        for label, bundle in signed.parts.items()
    }


def test_each_part_has_a_statement_of_its_own_that_verifies(own, signed, payloads, key):
    assert list(signed.parts) == [stand.label for stand in own.stands]
    recheck = read_statement(payloads[1])
    policy = trusting((key.public,), "--trust k.pub")
    for label, bundle in signed.parts.items():
        assert is_part(bundle)
        stated = read_part(bundle, "p", policy, NOW)
        check_against(stated, "p", signed.program, payloads[1], recheck.demand)
        assert stated.label == label
        of_plate = next(part for part in recheck.demand.parts if part.label == label)
        assert stated.part == of_plate
        told = {rule for rule, _, message in stated.rows if message}
        assert {"G-01", "G-03", "G-04", "G-05", "G-13"} <= told
        # Every rule of the audit is there, with its result.
        assert {rule for rule, _, _ in stated.rows} == {row.rule_id for row in recheck.rows}
        widths = [row for row in recheck.rows if row.rule_id == "G-05"]
        assert [m for r, _, m in stated.rows if r == "G-05"] == [
            row.message.removeprefix(f"{label}: ")
            for row in widths
            if row.message.startswith(f"{label}: ")
        ]
    assert not is_part(signed.recheck)


def test_a_part_tells_nothing_of_the_others(own, signed, payloads):
    plate = json.loads(payloads[1])["predicate"]
    generation = json.loads(payloads[0])["predicate"]
    program = len(signed.program.splitlines())
    for label, statement in named(signed).items():
        text = json.dumps(statement, ensure_ascii=False)
        mine = next(part for part in plate["demand"]["parts"] if part["label"] == label)
        for part in plate["demand"]["parts"]:
            if part["label"] != label:
                assert part["label"] not in text
                assert json.dumps(part["placement"]["translation_um"])[1:-1] not in text
        for model in plate["models"]:
            if model["digest"]["sha256"] != mine["model_sha256"]:
                for told in (model["digest"]["sha256"], model["name"], model["volume_um3"]):
                    assert told not in text
        # What the whole program is made of would say what the others are.
        for shared in (
            plate["measured"]["filament_um"],
            generation["totals"]["filament_mg"],
            plate["perLayer"]["digest"]["sha256"],
            plate["policy"]["digest"]["sha256"],
        ):
            assert str(shared) not in text
        numbers = [row for row in statement["predicate"]["rules"] if "line" in row]
        assert numbers == []
        assert statement["predicate"]["measured"]["layers"] <= mine["layer_count"] < program
        whole = [row for row in statement["predicate"]["rules"] if not row["message"]]
        assert whole
        assert all(set(row) == {"id", "result", "message"} for row in whole if row["id"] != "G-11")


def test_what_one_customer_reads_does_not_depend_on_the_others(signed):
    """Two copies of one model differ in label, place and nothing else that was measured."""
    statements = list(named(signed).values())
    of_model: dict[str, list[dict]] = {}
    for statement in statements:
        of_model.setdefault(statement["subject"][1]["digest"]["sha256"], []).append(statement)
    assert [len(pair) for pair in of_model.values()] == [2, 2]
    for first, second in of_model.values():
        rows = [
            [(row["id"], row["result"]) for row in one["predicate"]["rules"]]
            for one in (first, second)
        ]
        assert rows[0] == rows[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"].update(verdict="FAILED"),
        lambda s: s["predicate"].update(critical=[]),
        lambda s: s["predicate"].update(critical=["model", "part", "verdict", "x"]),
        lambda s: s["predicate"]["part"].update(layer_count="9"),
        lambda s: s["predicate"]["part"].update(odd=1),
        lambda s: s["predicate"]["part"].update(model_sha256="0" * 64),
        lambda s: s["predicate"]["model"]["digest"].update(sha256="0" * 64),
        lambda s: s["subject"].pop(),
        lambda s: s["subject"][1]["digest"].update(sha256="0" * 64),
        lambda s: s["predicate"]["plate"].update(sha256="x"),
        lambda s: s["predicate"]["rules"][0].update(result="FINE"),
        lambda s: s.update(predicateType="https://printstd.example/gcode-recheck/v1"),
        lambda s: s["predicate"].update(expiresAt="2020-01-01T00:00:00Z"),
        lambda s: s["predicate"].update(issuedAt="yesterday"),
    ],
)
def test_no_other_form_of_a_part_is_read(signed, key, change):
    bundle = next(iter(signed.parts.values()))
    statement = json.loads(read_bundle(bundle, "p").payload)
    change(statement)
    with pytest.raises(VerificationError):
        read_part(sign_bundle(canonical(statement), key), "p", trusting((key.public,), "k"), NOW)


def test_a_part_is_held_against_key_policy_program_and_plate(signed, payloads, key):
    bundle = next(iter(signed.parts.values()))
    own = trusting((key.public,), "k")
    for policy in (
        trusting((signer().public,), "other"),
        TrustPolicy("p", "C3", (key.public,), (key.public,)),
        TrustPolicy("p", "C2", (key.public,), (key.public,), packs=("kz",)),
        TrustPolicy("p", "C2", (key.public,), (key.public,), max_age_days=1),
    ):
        with pytest.raises(VerificationError):
            read_part(bundle, "p", policy, "2026-10-01T00:00:00Z")
    stated = read_part(bundle, "p", own, NOW)
    demand = read_statement(payloads[1]).demand
    other = changed(payloads[1], lambda p: p.update(level="C1"))
    for program, payload in ((signed.program + b" ", payloads[1]), (signed.program, other)):
        with pytest.raises(VerificationError):
            check_against(stated, "p", program, payload, demand)


@pytest.mark.parametrize(
    "demand",
    [
        {"standards": ("iso-2768-1:v",)},
        {"profiles": {"printer": ("0" * 64,)}},
        {"profiles": {"nobody": ("0" * 64,)}},
        {"packs": ("kz",)},
        {"max_age_days": 1},
        # What is not looked for with a part's statement is no reason to let it pass.
        {"revocations": RevocationDemand("revoked", None)},
        {"co_signers": (CoSigner("recheck", ()),)},
        {"minimum_level": "C3"},
    ],
    ids=lambda demand: next(iter(demand)),
)
def test_a_policy_is_kept_or_the_part_is_refused(signed, key, demand):
    bundle = next(iter(signed.parts.values()))
    plain = trusting((key.public,), "k.pub")
    late = "2036-01-01T00:00:00Z" if "max_age_days" in demand else NOW
    assert read_part(bundle, "p", plain, late).verdict is Outcome.PASSED
    asked = replace(plain, **demand)
    with pytest.raises(VerificationError):
        read_part(bundle, "p", asked, late)
    # Beside the plate's statements those answer for what is demanded of the program.
    if demand.keys() & {"revocations", "co_signers", "minimum_level"}:
        assert read_part(bundle, "p", asked, late, is_alone=False).verdict is Outcome.PASSED
    else:
        with pytest.raises(VerificationError):
            read_part(bundle, "p", asked, late, is_alone=False)
