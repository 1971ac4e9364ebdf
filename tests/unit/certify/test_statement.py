"""Statements: every digest in them is a digest of the thing it names, and nothing is a float."""

from __future__ import annotations

import hashlib
import json
import re

from printstd.artifacts.audit import LayerMeasured
from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand
from printstd.certify.c14n import canonical_commands
from printstd.certify.predicates import GENERATION, RECHECK, STATEMENT_TYPE
from printstd.certify.reading import read_statement
from printstd.certify.statement import refusal_statement
from printstd.certify.strict_json import canonical, parse
from printstd.pipeline import ascii_name, model_facts, validate
from printstd.profiles.decision import Decision, Outcome
from tests import small_part


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def both():
    return [json.loads(text) for text in small_part.statements(small_part.program())]


def test_statements_hold_integers_and_texts_alone_and_are_canonical():
    for payload in small_part.statements(small_part.program()):
        kinds = {type(leaf) for leaf in leaves(json.loads(payload))}
        assert kinds <= {int, str, bool, type(None)}
        assert canonical(parse(payload, max_bytes=1 << 20, what="x")) == payload


def test_the_same_run_makes_the_same_bytes():
    again = small_part.statements.__wrapped__(small_part.program())
    assert again == small_part.statements(small_part.program())


def test_a_serial_number_is_of_one_statement_alone():
    """A batch makes the same model under several names in one second: two certificates with one
    number in a log are what its audit must tell of."""
    serials = [
        json.loads(small_part.statements(small_part.program(), name)[0])["predicate"]["serial"]
        for name in ("a.gcode", "b.gcode", "a.gcode")
    ]
    assert serials[0] == serials[2] != serials[1]


def test_both_speak_of_the_program_by_two_digests_and_of_the_model_by_one():
    program, model = small_part.program(), small_part.model()
    made, checked = both()
    for statement, kind in ((made, GENERATION), (checked, RECHECK)):
        assert statement["_type"] == STATEMENT_TYPE
        assert statement["predicateType"] == kind
        assert [s["digest"]["sha256"] for s in statement["subject"]] == [
            sha256(program),
            sha256(canonical_commands(program)),
        ]
    assert made["predicate"]["inputs"][0]["digest"]["sha256"] == sha256(model)
    assert checked["predicate"]["model"] == made["predicate"]["inputs"][0]


def test_a_re_check_names_the_generation_and_the_demand_it_held_the_program_to():
    generation, recheck = small_part.statements(small_part.program())
    predicate = json.loads(recheck)["predicate"]
    assert predicate["certificate"]["sha256"] == sha256(generation)
    assert predicate["policy"]["digest"]["sha256"] == sha256(canonical(predicate["demand"]))
    assert predicate["demand"] == json.loads(generation)["predicate"]["demand"]
    assert from_plain(AuditDemand, predicate["demand"]) == small_part.demanded()


def test_the_layers_digest_is_of_the_audit_s_own_columns():
    audit = small_part.checked(small_part.program()).audit
    _, checked = both()
    per_layer = checked["predicate"]["perLayer"]
    text = "".join(
        " ".join("-" if cell is None else str(cell) for cell in row) + "\n"
        for row in audit.per_layer
    )
    assert per_layer["count"] == len(audit.per_layer) == small_part.LAYERS
    assert per_layer["digest"]["sha256"] == sha256(text.encode())
    assert per_layer["rows"] == [list(row) for row in audit.per_layer]
    assert per_layer["columns"].split() == list(LayerMeasured._fields)


def test_every_rule_that_ran_is_signed_with_what_it_measured():
    audit = small_part.checked(small_part.program()).audit
    predicate = both()[1]["predicate"]
    assert {row["id"] for row in predicate["rules"]} == set(audit.rules_run)
    assert predicate["skipped"] == []
    for row, finding in zip(predicate["rules"], audit.findings, strict=True):
        assert (row["id"], row["result"]) == (finding.rule_id, finding.status.value)
        for key, value in (("measured", finding.measured), ("limit", finding.limit)):
            assert (row[key] is None) == (value is None)
            assert value is None or abs(float(row[key]) - value) <= 1e-8 * abs(value)


def test_a_place_in_a_layer_is_signed_with_its_height():
    found = small_part.checked(small_part.wrong_program())
    recheck = json.loads(small_part.statements(small_part.wrong_program())[1])
    placed = [row for row in recheck["predicate"]["rules"] if row["layer"] is not None]
    assert placed
    for row in placed:
        assert row["z_um"] == found.audit.per_layer[row["layer"]][0] == (row["layer"] + 1) * 200
    assert recheck["predicate"]["verdict"] == "FAILED"


def test_profiles_are_named_with_the_digests_of_their_resolved_values():
    resolved = small_part.prepared().resolved
    for statement in both():
        rows = statement["predicate"]["profiles"]
        assert {row["role"]: row["digest"]["sha256"] for row in rows} == dict(resolved.digests)
        assert all(isinstance(row["id"], str) for row in rows)


def test_the_name_on_the_machine_is_ascii_and_bound():
    predicate = both()[0]["predicate"]
    assert predicate["machineName"] == f"{ascii_name('Кубики №2.gcode')}.gcode"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,49}\.gcode", predicate["machineName"])
    assert ascii_name("Кубики №2.gcode") != ascii_name("Кубики №3.gcode")
    assert predicate["partLabel"] == f"part_{sha256(small_part.model())[:8]}"


def test_the_tool_is_named_by_version_and_by_the_digest_of_its_sources():
    for statement, key in zip(both(), ("tool", "verifier"), strict=True):
        tool = statement["predicate"][key]
        assert re.fullmatch(r"[0-9a-f]{64}", tool["digest"]["sha256"])
        assert tool["version"]
        assert {row["name"] for row in tool["dependencies"]} >= {"numpy", "shapely", "manifold3d"}


def test_what_is_written_reads_back():
    generation, recheck = small_part.statements(small_part.program())
    made, checked = read_statement(generation), read_statement(recheck)
    assert made.verdict is None
    assert checked.verdict is Outcome.PASSED
    assert checked.generation_sha256 == sha256(generation)
    assert made.demand == checked.demand == small_part.demanded()
    assert made.issued_at == small_part.NOW
    assert "--process peer-0.20" in made.request


def test_a_refusal_of_the_model_is_about_the_model_and_demands_nothing():
    part = small_part.prepared()
    report, _ = validate(part, progress=small_part.Silence())
    payload = refusal_statement(
        models=[model_facts(part)],
        resolved=part.resolved,
        report=report,
        decision=Decision(Outcome.FAILED, (), (), ()),
        tool=small_part.tool_facts(),
        issued_at=small_part.NOW,
    )
    said = read_statement(payload)
    assert said.verdict is Outcome.FAILED
    assert said.demand is None
    assert said.subject_sha256 == said.models[0][1] == sha256(small_part.model())
    assert [row.rule_id for row in said.checks] == [f.rule_id for f in report.findings]
