"""As-run records, as `verify` and `inspect` tell them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.as_run import AsRun, Departure
    from printstd.certify.as_run_statement import StatedRun
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.profiles.decision import Outcome
    from printstd.report.document import Fact, Section, Subject


def beside(program: Path) -> Path:
    """``OUT.gcode.asrun.json``."""
    from printstd.certify.as_run_statement import SUFFIX

    return program.with_name(program.name + SUFFIX)


def verified_as_run(
    path: Path, policy: TrustPolicy | None, now: str, policy_file: Path | None = None
) -> Subject | None:
    """What a record says under a policy, without its program; None where the file is none. Raises
    VerificationError where nobody signed it whom the policy trusts."""
    import hashlib

    from printstd.adapters.files import read_file
    from printstd.certify.as_run_statement import is_as_run, run_under
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import AS_RUN
    from printstd.cli.at_hand import nobody_trusted
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone
    from printstd.cli.verified import alone_rows
    from printstd.profiles.decision import EXIT_CODES
    from printstd.report.document import Subject

    data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
    if not is_as_run(data):
        return None
    name = shown(path.name)
    if policy is None:
        raise nobody_trusted(name, name)
    beside = gather_alone(path, AS_RUN, policy, policy_file)
    stated, held = run_under(data, name, policy, now, beside)
    section = section_of_run(stated.record, policy)
    code = EXIT_CODES[outcome_of(stated.record, policy)]
    digest = hashlib.sha256(data).hexdigest()
    facts = (
        *as_run_facts(stated),
        *alone_rows(stated.by, stated.issued_at, stated.stamps, held),
    )
    return Subject(name, digest, facts, (section,), (), None, code)


def with_run(
    subject: Subject,
    program: Path,
    file: Path | None,
    data: bytes,
    verified: Verified,
    policy: TrustPolicy,
    now: str,
    policy_file: Path | None = None,
) -> Subject:
    """What is told of a program, with the record of a run that was held against it and its
    certificate. file : None for the one beside the program, which the policy wants. Raises
    VerificationError where it is of another program, is not signed by somebody trusted, or is not
    there."""
    import hashlib
    from dataclasses import replace

    from printstd.adapters.files import read_if_present
    from printstd.certify.as_run_statement import check_run_of, read_as_run
    from printstd.certify.beside import check_revoked
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import AS_RUN
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone
    from printstd.errors import VerificationError
    from printstd.profiles.decision import EXIT_CODES
    from printstd.report.document import overall_exit_code

    place = file or beside(program)
    bundle = read_if_present(place, max_bytes=MAX_BUNDLE_BYTES)
    name = shown(place.name)
    if bundle is None:
        raise VerificationError(
            said("there is no as-run record")
            if file is not None
            else said("the policy wants an as-run record"),
            where=name,
            got=said("no such file"),
            wanted=said("the record that the farm signed at the end of the print"),
            hint=said("ask the farm for it; --as-run FILE names another place"),
        )
    stated = read_as_run(bundle, name, policy.as_run_role, now, policy.stamps)
    check_revoked((stated.sha256,), gather_alone(place, AS_RUN, policy, policy_file), policy, now)
    statements = [
        hashlib.sha256(one.certificate.payload).hexdigest()
        for one in (verified.recheck, verified.generation)
        if one is not None
    ]
    check_run_of(
        stated,
        name,
        program_sha256=hashlib.sha256(data).hexdigest(),
        statements=statements,
    )
    code = EXIT_CODES[outcome_of(stated.record, policy)]
    return replace(
        subject,
        facts=(*subject.facts, *as_run_facts(stated)),
        sections=(*subject.sections, section_of_run(stated.record, policy)),
        exit_code=overall_exit_code([subject.exit_code, code]),
    )


def outcome_of(record: AsRun, policy: TrustPolicy) -> Outcome:
    """A departure is a no; an aspect that the policy wants and nobody saw leaves it undecided."""
    from printstd.artifacts.as_run import Conformance
    from printstd.profiles.decision import Outcome

    if record.verdict is Conformance.DEVIATES:
        return Outcome.FAILED
    unseen = {one.aspect for one in record.not_evaluated}
    return Outcome.UNDECIDED if unseen & set(policy.as_run.evaluated) else Outcome.PASSED


def section_of_run(record: AsRun, policy: TrustPolicy) -> Section:
    """Its rules are the aspects: those that deviate force the outcome, those that the policy wants
    and nobody saw are silent."""
    from printstd.artifacts.as_run import Conformance
    from printstd.report.document import Section

    unseen = {one.aspect for one in record.not_evaluated}
    return Section(
        "as-run",
        outcome_of(record, policy),
        (),
        tuple(one.aspect.value for one in record.observations),
        tuple(one.value for one in policy.as_run.evaluated if one in unseen),
        (),
        blocking=tuple(
            one.aspect.value for one in record.observations if one.result is Conformance.DEVIATES
        ),
    )


def as_run_facts(stated: StatedRun) -> tuple[Fact, ...]:
    """Everything that is told of the run."""
    from printstd.artifacts.as_run import Conformance
    from printstd.report.document import Fact

    record = stated.record
    run = record.run
    signer = stated.key_id or stated.claimed_key_id
    rows: list[tuple[str, str]] = [
        (
            said("as run"),
            said("deviates from the certificate")
            if record.verdict is Conformance.DEVIATES
            else said("conforms to the certificate in all that was seen"),
        ),
        (said("as-run record"), said("signed by key {key}…", key=signer[:16])),
        (said("printer"), listed([run.printer, run.host_kind])),
        (said("print of the host"), run.run_id),
        (said("job"), run.job),
        (
            said("printed"),
            said(
                "{began} to {ended}, {outcome}",
                began=record.began_at,
                ended=record.ended_at,
                outcome=record.outcome,
            ),
        ),
        (said("program"), said("sha256 {sha256}", sha256=run.program_sha256)),
        (said("certificate"), said("sha256 {sha256}", sha256=run.statement_sha256)),
        (said("watched"), _watched(record)),
    ]
    rows += [
        (one.aspect.value, said("NOT_EVALUATED: {reason}", reason=one.reason))
        for one in record.not_evaluated
    ]
    rows += [(one.aspect.value, _departure(one)) for one in record.departures]
    if record.departures_left_out:
        rows.append((said("more departures"), str(record.departures_left_out)))
    return tuple(Fact(name, value) for name, value in rows if value)


def _watched(record: AsRun) -> str:
    seconds = record.interval_ms / 1000
    if record.watched == "pushed":
        return said(
            "{looks} looks, pushed by the host no more often than every {seconds:g} s; what came "
            "and went between two looks was not seen",
            looks=record.looks,
            seconds=seconds,
        )
    return said(
        "{looks} looks, asked for every {seconds:g} s; what came and went between two looks was "
        "not seen",
        looks=record.looks,
        seconds=seconds,
    )


def _departure(one: Departure) -> str:
    layer = "?" if one.layer is None else str(one.layer)
    if one.until_ms is None:
        return said(
            "deviates from {at:.1f} s, layer {layer}: {got}; wanted {wanted}",
            at=one.at_ms / 1000,
            layer=layer,
            got=one.got,
            wanted=one.wanted,
        )
    return said(
        "deviates from {at:.1f} s to {until:.1f} s, layer {layer}: {got}; wanted {wanted}",
        at=one.at_ms / 1000,
        until=one.until_ms / 1000,
        layer=layer,
        got=one.got,
        wanted=one.wanted,
    )
