"""`printstd verify`: does a program still stand as it was certified. Offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.reading import Said
    from printstd.certify.verify import Statement, Verified
    from printstd.inputs import ModelInput
    from printstd.ports import Progress
    from printstd.report.document import Fact, Section, Subject

    Bundles = dict[str, tuple[str, bytes] | None]


def verify(
    program: Annotated[
        Path,
        typer.Argument(metavar="OUT.gcode", help="The certified G-code.", show_default=False),
    ],
    model: options.Model = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Public key, or folder of keys: level C2 under them, no log.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="A trust policy file.", show_default=False),
    ] = None,
    time: options.Time = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Check the certificates beside a program; with --model, audit it again as well.

    OUT.gcode.cert.json and OUT.gcode.recheck.json are looked for beside OUT.gcode; no network
    is used. With neither --trust nor --policy it says what it found and exits 6: a signature
    by nobody you trust proves nothing.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, over_inputs
    from printstd.errors import UsageError

    if trust is not None and policy is not None:
        raise UsageError(
            said("--trust and --policy exclude each other"),
            got=said("both"),
            wanted=said("one of the two"),
            hint=said("name the keys in the policy file"),
        )
    path = _program_of(program)
    settle([report] if report else [], inputs=[path, *(model or [])])
    rules = load_policy(trust, policy)
    clock = FixedClock(time) if time is not None else SystemClock()

    def one(path: Path) -> Subject:
        from printstd.adapters.progress import progress_for

        with progress_for(quiet=quiet, translate=translate()) as progress:
            return _verify_one(path, model or [], rules, clock.now_utc(), _Again(workers, progress))

    subjects = over_inputs([path], one)
    return deliver(
        document_of("verify", subjects, None), form=form, file=report, quiet=quiet, redact=redact
    )


def _program_of(path: Path) -> Path:
    """The program that is meant: a statement's own name stands for the program beside it."""
    for ending in (".cert.json", ".recheck.json"):
        if path.name.endswith(ending) and len(path.name) > len(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


def load_policy(trust: Path | None, policy: Path | None) -> TrustPolicy | None:
    """The policy asked for; None where none was."""
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import MAX_KEY_BYTES, load_trusted
    from printstd.certify.policy import read_policy, trusting

    if trust is not None:
        return trusting(load_trusted(trust), f"--trust {trust}")
    if policy is not None:
        folder = policy.parent
        return read_policy(
            read_file(policy, max_bytes=MAX_KEY_BYTES),
            policy.name,
            lambda name: read_file(folder / name, max_bytes=MAX_KEY_BYTES),
        )
    return None


@dataclass(frozen=True, slots=True)
class _Again:
    """What a fresh audit runs with."""

    workers: int | None
    progress: Progress


def _verify_one(
    path: Path, models: Sequence[Path], policy: TrustPolicy | None, now: str, again: _Again
) -> Subject:
    from printstd.adapters.files import read_file
    from printstd.certify.verify import verify_program
    from printstd.profiles.decision import Outcome

    if path.suffix == ".json" and path.is_file():
        from printstd.cli.capability import verified_record

        record = verified_record(path, policy, now)
        if record is not None:
            return record

    bundles = _bundles_beside(path)
    # A statement that says no is written without a program; every other needs it.
    is_absent = bundles["recheck"] is not None and not path.exists()
    data = None if is_absent else read_file(path)
    if policy is None:
        return _untrusted(path, data, bundles)
    verified = verify_program(
        data,
        generation=bundles["cert"],
        recheck=bundles["recheck"],
        policy=policy,
        now=now,
    )
    if data is None and verified.outcome is not Outcome.FAILED:
        data = read_file(path)  # says that it is not there
    return _subject(path, data, models, verified, again)


def _bundles_beside(path: Path) -> Bundles:
    """The sidecars that are there. VerificationError for one that is none: what stands at a
    certificate's place is judged as one."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.cli.commands.certify import sidecar
    from printstd.cli.running import shown
    from printstd.errors import InputError, VerificationError

    found: Bundles = {}
    for kind in ("cert", "recheck"):
        file = sidecar(path, kind)
        try:
            bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
        except InputError as error:
            raise VerificationError(
                said("the certificate cannot be read"),
                where=shown(file.name),
                got=error.got or error.what,
                wanted=said(
                    "a Sigstore bundle of at most {most} bytes",
                    most=MAX_BUNDLE_BYTES,
                ),
                hint=said("ask for the certificate again; this one was damaged or is not ours"),
            ) from error
        found[kind] = (shown(file.name), bundle) if bundle is not None else None
    return found


def _untrusted(path: Path, data: bytes | None, bundles: Bundles) -> Subject:
    """What lies there, by its own claim, and that nothing of it was verified."""
    import hashlib

    from printstd.cli.running import shown
    from printstd.errors import VerificationError
    from printstd.report.document import Fact, Problem, Subject

    actual = hashlib.sha256(data).hexdigest() if data is not None else None
    facts = []
    for entry in bundles.values():
        if entry is not None:
            facts.append(Fact(entry[0], said("claims: {claims}", claims=_claims(*entry, actual))))
    error = VerificationError(
        said("nothing was verified: you named no key that you trust"),
        where=shown(path.name),
        got=said("found {facts}", facts=", ".join(fact.name for fact in facts) or "no certificate"),
        wanted=said("--trust KEY_OR_FOLDER or --policy FILE"),
        hint=said(
            "get the signer's public key from the signer, not from where the program came from"
        ),
    )
    problem = Problem(error.in_full(), error.exit_code)
    return Subject(shown(path.name), actual, tuple(facts), (), (), problem, error.exit_code)


def _claims(name: str, bundle: bytes, actual: str | None) -> str:
    from printstd.certify.dsse import read_bundle
    from printstd.certify.reading import read_statement
    from printstd.certify.strict_json import StrictJsonError
    from printstd.errors import VerificationError

    try:
        envelope = read_bundle(bundle, name)
        stated = read_statement(envelope.payload)
    except (VerificationError, StrictJsonError) as error:
        return said("nothing that can be read ({error})", error=str(error).replace("\n", "; "))
    told: list[str] = []
    if stated.verdict:
        told.append(said("verdict {verdict}", verdict=stated.verdict.value))
    is_own = stated.subject_sha256 == actual
    told.append(said("this program") if is_own else said("another program"))
    told += [stated.issued_at, said("key {key_id}…", key_id=envelope.key_id[:16])]
    return listed(told)


def _subject(
    path: Path, data: bytes | None, models: Sequence[Path], verified: Verified, again: _Again
) -> Subject:
    import hashlib

    from printstd.cli.commands.validate import explain_hints
    from printstd.cli.running import shown
    from printstd.profiles.decision import EXIT_CODES, Outcome
    from printstd.report.document import Section, Subject, overall_exit_code

    sections: list[Section] = [Section("verify", verified.outcome, (), (), (), ())]
    codes = [EXIT_CODES[verified.outcome]]
    facts = _facts(verified, data)
    statement = verified.recheck or verified.generation
    if models and statement is not None:
        from printstd.cli.stated_models import given_models

        given = given_models(models, statement.said)
        fresh = _audit_again(path, data, given, statement, again)
        if fresh is not None:
            sections.append(fresh)
            codes.append(EXIT_CODES[fresh.outcome or Outcome.UNDECIDED])
    return Subject(
        shown(path.name),
        hashlib.sha256(data).hexdigest() if data is not None else None,
        facts,
        tuple(sections),
        (),
        None,
        overall_exit_code(codes),
        explain_hints(_failed_rules(verified)),
    )


def _audit_again(
    path: Path,
    data: bytes | None,
    models: Sequence[ModelInput],
    statement: Statement,
    again: _Again,
) -> Section | None:
    """The audit run afresh under the signed demand; None where no program was made. Raises
    VerificationError where the same auditor now says other than what it signed."""
    from printstd import pipeline
    from printstd.cli.running import executor_of
    from printstd.profiles.decision import Outcome
    from printstd.report.document import section_of

    stated = statement.said
    if data is None or stated.demand is None:
        return None
    checked = pipeline.audit(
        data,
        models,
        stated.demand,
        allowed_undecided=stated.allowed_undecided,
        executor=executor_of(again.workers),
        progress=again.progress,
    )
    if checked.decision.outcome is Outcome.PASSED or stated.verdict is Outcome.FAILED:
        _same_results(checked.audit.findings, stated, path.name)
    return section_of("audit", checked.audit.findings, checked.decision, checked.audit.rules_run)


def _same_results(findings: tuple[Finding, ...], stated: Said, name: str) -> None:
    """Each rule ends as it was signed to have ended, where the very same auditor signed; another
    version may know other rules, and then its decision counts."""
    from printstd.adapters.surroundings import sources_sha256
    from printstd.artifacts.finding import Status, worst
    from printstd.errors import VerificationError
    from printstd.profiles.decision import rule_statuses

    if stated.verdict is None or stated.tool_sha256 != sources_sha256():
        return
    signed: dict[str, list[Status]] = {}
    for row in stated.rows:
        signed.setdefault(row.rule_id, []).append(row.result)
    expected = {rule: worst(statuses) for rule, statuses in signed.items()}
    found = rule_statuses(findings)
    differing = sorted(
        rule for rule in expected.keys() | found.keys() if expected.get(rule) != found.get(rule)
    )
    if differing:
        raise VerificationError(
            said("the audit run now does not end as the signed one did"),
            where=name,
            got=", ".join(f"{rule} {found.get(rule, 'silent')}" for rule in differing),
            wanted=", ".join(f"{rule} {expected.get(rule, 'silent')}" for rule in differing),
            hint=said("the same auditor signed it: do not print this, and tell its maker"),
        )


def _failed_rules(verified: Verified) -> list[str]:
    from printstd.artifacts.finding import Status

    stated = verified.recheck.said if verified.recheck else None
    rows = (*stated.rows, *stated.checks) if stated is not None else ()
    return list(dict.fromkeys(row.rule_id for row in rows if row.result is Status.FAIL))


_RECORD_WORDS: Final = {"changeIndex": said("change index")}


def told_records(stated: Said) -> list[tuple[str, str]]:
    """(kind, what identifies it and its digest) of each record that was given with the model."""
    return [
        (
            row.kind,
            listed(
                [
                    *(listed((_RECORD_WORDS.get(key, key), text), " ") for key, text in row.says),
                    said("{name}, sha256 {sha256}", name=row.name, sha256=row.sha256),
                ]
            ),
        )
        for row in stated.records
    ]


def _facts(verified: Verified, data: bytes | None) -> tuple[Fact, ...]:
    from printstd.cli.stated_models import tessellated
    from printstd.report.document import Fact
    from printstd.report.labels import STATUSES

    rows = [Fact(said("level"), verified.level)]
    for label, statement in (("generated", verified.generation), ("re-checked", verified.recheck)):
        if statement is not None:
            key = statement.certificate.key_id[:16]
            rows.append(
                Fact(
                    label,
                    said(
                        "{issued_at}, signed by key {key}…",
                        issued_at=statement.said.issued_at,
                        key=key,
                    ),
                )
            )
    statement = verified.recheck or verified.generation
    if statement is None:
        return tuple(rows)
    stated = statement.said
    rows.append(
        Fact(
            said("standard"),
            said("{indication}, pack {pack}", indication=stated.indication, pack=stated.pack),
        )
    )
    rows.extend(
        Fact(said("model"), said("{name}, sha256 {sha256}", name=name, sha256=sha256))
        for name, sha256 in stated.models
    )
    rows.extend(Fact(said("tessellated from"), tessellated(row)) for row in stated.tessellations)
    rows.extend(Fact(kind, text) for kind, text in told_records(stated))
    if data is None:
        rows.append(Fact(said("program"), said("none is here, and none was certified")))
    if stated.allowed_undecided:
        rows.append(Fact(said("left undecided"), ", ".join(stated.allowed_undecided)))
    failed = [row for row in (*stated.rows, *stated.checks) if row.result.value == "FAIL"]
    rows.extend(
        Fact(row.rule_id, listed((STATUSES[row.result], row.message), "  ")) for row in failed
    )
    return tuple(rows)
