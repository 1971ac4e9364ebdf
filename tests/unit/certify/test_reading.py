"""A statement of another form than ours is refused as a whole, whoever signed it."""

from __future__ import annotations

import copy
import json

import pytest

from printstd.certify.reading import read_statement
from printstd.certify.strict_json import StrictJsonError, canonical
from tests import small_part


def statement(which: str):
    payloads = small_part.statements(small_part.program())
    return json.loads(payloads[0 if which == "generation" else 1])


def changed(which: str, path: str, value: object):
    """The statement with the value at a dotted path replaced, or dropped where it is `...`."""
    made = copy.deepcopy(statement(which))
    *parents, last = path.split(".")
    at = made
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    key = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return canonical(made)


P = "predicate."
REFUSED = [
    ("recheck", "_type", "https://in-toto.io/Statement/v0.1", "_type"),
    ("recheck", "_type", ..., "_type"),
    ("recheck", "predicateType", "https://slsa.dev/provenance/v1", "predicateType"),
    ("recheck", "predicateType", ["x"], "predicateType"),
    ("recheck", "predicate", [], "predicate"),
    ("recheck", "subject", [], "subject"),
    ("recheck", "subject", {}, "subject"),
    ("recheck", "subject.0", "x", "subject"),
    ("recheck", "subject.0.digest", {"sha512": "00"}, "sha256"),
    ("recheck", "subject.1.digest.sha256", "AB" * 32, "sha256"),
    ("recheck", "subject.0.digest.sha256", "00" * 31, "sha256"),
    ("recheck", P + "critical", ..., "critical"),
    ("recheck", P + "critical", ["demand", "blood type"], "not understood"),
    ("recheck", P + "critical", [["demand"]], "not understood"),
    ("recheck", P + "critical", ["recipe"], "is missing"),
    ("recheck", P + "verdict", "MAYBE", "verdict"),
    ("recheck", P + "verdict", ["PASSED"], "verdict"),
    ("recheck", P + "verdict", ..., "verdict"),
    ("recheck", P + "certificate", ..., "certificate"),
    ("recheck", P + "certificate", {}, "sha256"),
    ("recheck", P + "certificate", "x", "sha256"),
    ("recheck", P + "demand", None, "demand"),
    ("recheck", P + "demand.machine.nozzle_um", "400", "nozzle_um"),
    ("recheck", P + "demand.machine.nozzle_um", True, "nozzle_um"),
    ("recheck", P + "demand.machine.nozzle_um", ..., "nozzle_um"),
    ("recheck", P + "demand.integrity.leniency", 1, "leniency"),
    ("recheck", P + "demand.commands.0.letters", None, "letters"),
    ("recheck", P + "demand.placement.translation_um", [1, 2], "translation_um"),
    ("recheck", P + "model", ..., "model"),
    ("recheck", P + "model.digest.sha256", None, "sha256"),
    ("recheck", P + "issuedAt", "yesterday", "issuedAt"),
    ("recheck", P + "issuedAt", "2026-09-21T14:13:20+05:00", "issuedAt"),
    ("recheck", P + "issuedAt", "2026-09-21T14:13:20Z\n", "issuedAt"),
    ("recheck", P + "expiresAt", 0, "expiresAt"),
    ("recheck", P + "rules", {}, "rules"),
    ("recheck", P + "rules.0", [], "rules"),
    ("recheck", P + "rules.0.result", "OK", "result"),
    ("recheck", P + "rules.0.id", 7, "id"),
    ("recheck", P + "allowed_undecided", "G-03", "allowed_undecided"),
    ("recheck", P + "allowed_undecided", [3], "allowed_undecided"),
    ("recheck", P + "standard.pack", 1, "pack"),
    ("recheck", P + "verifier", ..., "verifier"),
    ("generation", P + "inputs", [], "inputs"),
    ("generation", P + "recipe", ..., "is missing"),
    ("generation", P + "recipe.overrides", [["a"]], "overrides"),
    ("generation", P + "demand", None, "demand"),
    ("generation", P + "tool.digest", "x", "digest"),
]


@pytest.mark.parametrize(("which", "path", "value", "complaint"), REFUSED)
def test_a_field_of_another_form_is_refused_by_name(which, path, value, complaint):
    assert read_statement(canonical(statement(which)))
    with pytest.raises(StrictJsonError, match=complaint):
        read_statement(changed(which, path, value))


def test_sixty_four_subjects_are_read_and_one_more_is_refused():
    made = statement("recheck")
    made["subject"] = made["subject"][:1] * 64
    assert read_statement(canonical(made))
    made["subject"].append(made["subject"][0])
    with pytest.raises(StrictJsonError, match="subject"):
        read_statement(canonical(made))


def test_an_unknown_field_that_is_not_critical_is_ignored():
    made = statement("recheck")
    made["predicate"]["weather"] = {"clouds": 3}
    plain, richer = read_statement(canonical(statement("recheck"))), read_statement(canonical(made))
    assert (plain.verdict, plain.demand, plain.rows) == (richer.verdict, richer.demand, richer.rows)


def test_a_demand_may_be_absent_only_where_the_verdict_is_no():
    made = statement("recheck")
    made["predicate"]["demand"] = None
    made["predicate"]["verdict"] = "FAILED"
    assert read_statement(canonical(made)).demand is None
    for verdict in ("PASSED", "UNDECIDED"):
        made["predicate"]["verdict"] = verdict
        with pytest.raises(StrictJsonError, match="demand"):
            read_statement(canonical(made))


RECORDS = {
    "order": {
        "name": "order.toml",
        "digest": {"sha256": "ab" * 32},
        "says": {"id": "PO-1", "drawing": "KB-1", "changeIndex": "C"},
    }
}


def with_records(which: str, records: object) -> bytes:
    made = statement(which)
    made["predicate"]["records"] = records
    return canonical(made)


@pytest.mark.parametrize("which", ["generation", "recheck"])
def test_records_are_read_where_they_are_and_older_statements_have_none(which: str) -> None:
    assert read_statement(canonical(statement(which))).records == ()
    (row,) = read_statement(with_records(which, RECORDS)).records
    assert (row.kind, row.name, row.sha256) == ("order", "order.toml", "ab" * 32)
    assert dict(row.says) == {"id": "PO-1", "drawing": "KB-1", "changeIndex": "C"}


@pytest.mark.parametrize(
    "records",
    [
        None,
        [],
        {"order": "PO-1"},
        {"order": {**RECORDS["order"], "digest": {"sha256": "ab"}}},
        {"order": {**RECORDS["order"], "says": {"id": 1}}},
        {"order": {"name": "order.toml", "digest": {"sha256": "ab" * 32}}},
    ],
)
def test_records_of_another_form_are_refused(records: object) -> None:
    with pytest.raises(StrictJsonError):
        read_statement(with_records("recheck", records))
