"""The statement about one run of a certified program: how it was really printed.

Subjects are the certificate's payload and the program, so whoever has one of them can hold its
digest against the record. It is signed by who watched the print, and says no more than that saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from printstd.artifacts.as_run import Aspect, AsRun, Conformance
from printstd.certify.alone import Held, Told, hold
from printstd.certify.beside import Beside
from printstd.certify.fields import is_of_kind
from printstd.certify.policy import TrustPolicy
from printstd.certify.predicates import AS_RUN, ToolFacts
from printstd.certify.records import Form, Stated, Trusted, read_record, record_statement
from printstd.certify.signers import StampRoots
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.words import said

StatedRun = Stated[AsRun]

SUFFIX: Final = ".asrun.json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")


def _subject(record: AsRun) -> list[dict[str, Any]]:
    """Of a record whose parts agree with each other: what it concludes is not taken on trust."""
    run = record.run
    for digest in (run.statement_sha256, run.program_sha256):
        if not _SHA256.match(digest):
            raise StrictJsonError(f"{digest[:20]!r}: 64 hexadecimal digits are wanted")
    for time in (record.began_at, record.ended_at):
        if not _TIME.match(time):
            raise StrictJsonError(f"{time[:20]!r}: a UTC time is wanted, YYYY-MM-DDTHH:MM:SSZ")
    if [one.aspect for one in record.observations] != list(Aspect):
        raise StrictJsonError("observations: every aspect once, in their order, is wanted")
    deviating = {one.aspect for one in record.observations if one.result is Conformance.DEVIATES}
    departed = {one.aspect for one in record.departures}
    if not departed <= deviating or (departed != deviating and not record.departures_left_out):
        raise StrictJsonError("departures and observations do not agree")
    if record.verdict is not (Conformance.DEVIATES if deviating else Conformance.CONFORMS):
        raise StrictJsonError(f"verdict: {record.verdict.value} is not what was observed")
    for one in record.observations:
        if (one.result is Conformance.NOT_EVALUATED) != bool(one.reason):
            raise StrictJsonError(f"{one.aspect.value}: NOT_EVALUATED and only that has a reason")
    is_same = record.reread_sha256 == run.program_sha256
    if record.of(Aspect.PROGRAM).result is Conformance.CONFORMS and not is_same:
        raise StrictJsonError("reread_sha256: not that of the program, which is said to conform")
    return [
        {"name": name, "digest": {"sha256": sha256}}
        for name, sha256 in (
            (f"certificate {run.statement}", run.statement_sha256),
            ("program", run.program_sha256),
        )
    ]


_FORM: Final = Form(
    AS_RUN,
    AsRun,
    _subject,
    said("the as-run record is not signed by a key that you trust"),
    said("get the farm's public key from the farm"),
    said("this is no as-run record that this version understands"),
    said("a farm writes one at the end of each job (docs/as-run.md)"),
)


def as_run_statement(record: AsRun, *, tool: ToolFacts, issued_at: str) -> bytes:
    """The payload that is signed."""
    return record_statement(_FORM, record, tool=tool, issued_at=issued_at)


def read_as_run(
    data: bytes, name: str, trusted: Trusted, now: str = "", stamps: StampRoots | None = None
) -> StatedRun:
    """See `read_record`."""
    return read_record(_FORM, data, name, trusted, now, stamps)


def run_under(
    data: bytes, name: str, policy: TrustPolicy, now: str, beside: Beside
) -> tuple[StatedRun, Held]:
    """What a record that no program lies with says, once the policy accepts it; VerificationError
    where it does not. It names one statement of its program, and not what that one rests on."""
    stated = read_as_run(data, name, policy.as_run_role, now, policy.stamps)
    told = Told(
        AS_RUN,
        stated.sha256,
        stated.issued_at,
        None,
        rests_on=(stated.record.run.statement_sha256,),
        is_traced=False,
        asks_run=False,
    )
    return stated, hold(told, stated.payload, data, beside, policy, now)


def is_as_run(data: bytes) -> bool:
    """Does the bundle in these bytes hold an as-run record? Nothing is verified."""
    return is_of_kind(data, AS_RUN)


def check_run_of(
    stated: StatedRun, name: str, *, program_sha256: str, statements: Iterable[str]
) -> None:
    """VerificationError where the record is of another program or another certificate. statements :
    digests of the payloads of the program's verified statements."""
    run = stated.record.run
    if run.program_sha256 != program_sha256:
        raise VerificationError(
            said("the as-run record is of another program"),
            where=name,
            got=said("sha256 {sha256}", sha256=run.program_sha256),
            wanted=said("sha256 {sha256}", sha256=program_sha256),
            hint=said("give the record of a run of this very program"),
        )
    known = list(statements)
    if run.statement_sha256 not in known:
        raise VerificationError(
            said("the as-run record names another certificate"),
            where=name,
            got=said("statement sha256 {sha256}", sha256=run.statement_sha256),
            wanted=said("statement sha256 {sha256}", sha256=", ".join(known)),
            hint=said("the program was certified again since; give the certificate of that run"),
        )
