"""As-run records: what was signed comes back, and one whose parts contradict each other is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.as_run import Aspect, AsRun, Conformance, Departure
from printstd.certify.as_run_statement import (
    as_run_statement,
    check_run_of,
    is_as_run,
    read_as_run,
)
from printstd.certify.dsse import sign_bundle
from printstd.errors import VerificationError
from tests.unit.certify.carriers import cases
from tests.unit.farm import runs

NOW = "2026-09-21T15:14:00Z"


def honest() -> AsRun:
    watch = runs.watch()
    return runs.record_of(watch, [*runs.looks(watch)])


def deviating() -> AsRun:
    watch = runs.watch()
    seen = runs.looks(watch)
    seen[30] = replace(seen[30], status=replace(seen[30].status, speed_ratio=1.5))
    return runs.record_of(watch, [*seen])


def bundle(record: AsRun) -> bytes:
    """Signed whatever it says: the subject is made of a record that holds."""
    return sign_bundle(as_run_statement(record, tool=tool_facts(), issued_at=NOW), cases.key())


@pytest.mark.parametrize("record", [honest(), deviating()])
def test_what_was_signed_comes_back(record: AsRun) -> None:
    data = bundle(record)
    assert is_as_run(data)
    assert not is_as_run(cases.passport())
    stated = read_as_run(data, "r", (cases.key().public,))
    assert stated.record == record
    assert stated.issued_at == NOW
    assert stated.record.of(Aspect.SPEED).aspect is Aspect.SPEED
    with pytest.raises(VerificationError, match="not signed by a key"):
        read_as_run(data, "r", (cases.stranger().public,))


def contradicting(statement: dict[str, object], change: str) -> None:
    record = statement["predicate"]["record"]  # type: ignore[index]
    {
        "verdict": lambda: record.update(verdict="conforms"),
        "result": lambda: record["observations"][3].update(result="conforms"),
        "no departure": lambda: record.pop("departures"),
        "aspect": lambda: record["observations"].pop(),
        "unknown aspect": lambda: record["observations"][0].update(aspect="colour"),
        "digest": lambda: record.update(reread_sha256="0" * 64),
        "reason": lambda: record["observations"][2].pop("reason"),
        "time": lambda: record.update(began_at="yesterday"),
        "subject": lambda: statement["subject"].reverse(),  # type: ignore[attr-defined]
        "float": lambda: record.update(duration_ms=1.5),
        "extra": lambda: record.update(comment="fine"),
        "critical": lambda: statement["predicate"].update(critical=[]),  # type: ignore[attr-defined]
    }[change]()


@pytest.mark.parametrize(
    "change",
    [
        "verdict",
        "result",
        "no departure",
        "aspect",
        "unknown aspect",
        "digest",
        "reason",
        "time",
        "subject",
        "float",
        "extra",
        "critical",
    ],
)
def test_a_record_that_contradicts_itself_is_refused(change: str) -> None:
    data = cases.resigned(bundle(deviating()), lambda s: contradicting(s, change))
    with pytest.raises(VerificationError):
        read_as_run(data, "r", (cases.key().public,))


def test_nobody_signs_a_verdict_that_was_not_observed() -> None:
    extra = Departure(Aspect.FAN, 0, None, 1, "x", "y")
    for wrong in (
        replace(honest(), verdict=Conformance.DEVIATES),
        replace(honest(), departures=(extra,)),
    ):
        with pytest.raises(ValueError, match=r"verdict|departures"):
            as_run_statement(wrong, tool=tool_facts(), issued_at=NOW)


def test_a_record_of_another_program_or_certificate() -> None:
    stated = read_as_run(bundle(honest()), "r", None)
    run = stated.record.run
    check_run_of(
        stated, "r", program_sha256=run.program_sha256, statements=[run.statement_sha256, "1" * 64]
    )
    with pytest.raises(VerificationError, match="another program"):
        check_run_of(stated, "r", program_sha256="1" * 64, statements=[run.statement_sha256])
    with pytest.raises(VerificationError, match="another certificate"):
        check_run_of(stated, "r", program_sha256=run.program_sha256, statements=["1" * 64])
