"""`printstd verify`: does a program still stand as it was certified. Offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Statement, Verified
    from printstd.report.document import Fact, Section, Subject


def verify(
    program: Annotated[Path, typer.Argument(help="The certified G-code.", show_default=False)],
    model: options.Model = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            help="Public key, or folder of keys: level C2 under them, no log.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="A trust policy file.", show_default=False),
    ] = None,
    epoch: options.Epoch = None,
    workers: options.Workers = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    quiet: options.Quiet = False,
) -> int:
    """Check the certificates beside a program; with --model, audit it again as well.

    With neither --trust nor --policy it says what it found and exits 6: a signature by
    nobody you trust proves nothing.
    """
    from printstd.adapters.surroundings import FixedClock, SystemClock
    from printstd.cli.running import deliver, document_of, over_inputs
    from printstd.errors import UsageError

    if trust is not None and policy is not None:
        raise UsageError("--trust and --policy exclude each other", wanted="one of the two")
    rules = load_policy(trust, policy)
    clock = FixedClock(epoch) if epoch is not None else SystemClock()

    def one(path: Path) -> Subject:
        return _verify_one(path, model, rules, clock.now_utc(), workers)

    subjects = over_inputs([program], one)
    return deliver(document_of("verify", subjects, None), form=form, file=report, quiet=quiet)


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


def _verify_one(
    path: Path, model: Path | None, policy: TrustPolicy | None, now: str, workers: int | None
) -> Subject:
    from printstd.adapters.files import read_file, read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.verify import verify_program
    from printstd.cli.commands.certify import sidecar
    from printstd.errors import VerificationError

    data = read_file(path)
    bundles: dict[str, tuple[str, bytes] | None] = {}
    for kind in ("cert", "recheck"):
        file = sidecar(path, kind)
        bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES + 1)
        bundles[kind] = (file.name, bundle) if bundle is not None else None
    if policy is None:
        found = [entry[0] for entry in bundles.values() if entry] or ["no certificate"]
        raise VerificationError(
            "nothing was verified: you named no key that you trust",
            where=path.name,
            got=f"found {', '.join(found)}",
            wanted="--trust KEY_OR_FOLDER or --policy FILE",
        )
    verified = verify_program(
        data,
        generation=bundles["cert"],
        recheck=bundles["recheck"],
        policy=policy,
        today=now,
    )
    return _subject(path, data, model, verified, workers)


def _subject(
    path: Path, data: bytes, model: Path | None, verified: Verified, workers: int | None
) -> Subject:
    import hashlib

    from printstd.profiles.decision import EXIT_CODES, Outcome
    from printstd.report.document import Section, Subject, overall_exit_code

    sections: list[Section] = [Section("verify", verified.outcome, (), (), (), ())]
    codes = [EXIT_CODES[verified.outcome]]
    statement = verified.recheck or verified.generation
    if model is not None and statement is not None:
        again = _audit_again(path, data, model, statement, workers)
        sections.append(again)
        codes.append(EXIT_CODES[again.outcome or Outcome.UNDECIDED])
    return Subject(
        path.name,
        hashlib.sha256(data).hexdigest(),
        _facts(verified),
        tuple(sections),
        (),
        None,
        overall_exit_code(codes),
    )


def _audit_again(
    path: Path, data: bytes, model: Path, statement: Statement, workers: int | None
) -> Section:
    """The audit run afresh under the signed demand; VerificationError if it says other than
    what was signed."""
    import hashlib

    from printstd import pipeline
    from printstd.cli.running import executor_of, read_model_file
    from printstd.errors import VerificationError
    from printstd.report.document import section_of

    file = read_model_file(model)
    actual = hashlib.sha256(file.data).hexdigest()
    if actual != statement.model_sha256:
        raise VerificationError(
            "this is not the model that the program was certified for",
            where=file.name,
            got=f"sha256 {actual}",
            wanted=f"sha256 {statement.model_sha256}",
            hint="give the very file that was certified",
        )
    allowed = tuple(statement.predicate.get("allowed_undecided", ()))
    checked = pipeline.audit(
        data,
        file,
        statement.demand,
        allowed_undecided=allowed,
        executor=executor_of(workers, len(data)),
    )
    _same_results(checked.audit.findings, statement, path.name)
    return section_of("audit", checked.audit.findings, checked.decision, checked.audit.rules_run)


def _same_results(findings: tuple[Finding, ...], statement: Statement, name: str) -> None:
    """Each rule ends as it was signed to have ended; a generation statement signed none."""
    from printstd.artifacts.finding import Status, worst
    from printstd.errors import VerificationError
    from printstd.profiles.decision import rule_statuses

    rows = statement.predicate.get("rules")
    if rows is None:
        return
    signed: dict[str, list[Status]] = {}
    for row in rows:
        signed.setdefault(row["id"], []).append(Status(row["result"]))
    expected = {rule: worst(statuses) for rule, statuses in signed.items()}
    found = rule_statuses(findings)
    differing = sorted(
        rule for rule in expected.keys() | found.keys() if expected.get(rule) != found.get(rule)
    )
    if differing:
        raise VerificationError(
            "the audit run now does not end as the signed one did",
            where=name,
            got=", ".join(f"{rule} {found.get(rule, 'silent')}" for rule in differing),
            wanted=", ".join(f"{rule} {expected.get(rule, 'silent')}" for rule in differing),
            hint="verify with the version of printstd that signed it",
        )


def _facts(verified: Verified) -> tuple[Fact, ...]:
    from printstd.report.document import Fact

    rows = [Fact("level", verified.level)]
    for label, statement in (("generated", verified.generation), ("re-checked", verified.recheck)):
        if statement is not None:
            key = statement.certificate.key_id[:16]
            rows.append(Fact(label, f"{statement.issued_at}, signed by key {key}…"))
    statement = verified.recheck or verified.generation
    if statement is not None:
        standard = statement.predicate.get("standard", {})
        rows.append(Fact("standard", f"{standard.get('indication')}, pack {standard.get('pack')}"))
        rows.append(Fact("model", f"sha256 {statement.model_sha256}"))
    return tuple(rows)
