"""`printstd verify`: does a program still stand as it was certified. Offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.certify.levels import Rebuilt
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.reading import Said
    from printstd.certify.verify import Rebuild, Statement, Verified
    from printstd.inputs import ModelInput
    from printstd.ports import Progress
    from printstd.report.document import Fact, Section, Subject

    Bundles = dict[str, tuple[str, bytes] | None]


def verify(
    program: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT.gcode",
            help="The certified G-code; or OUT.bgcode, OUT.gcode.3mf.",
            show_default=False,
        ),
    ] = None,
    model: options.Model = None,
    plate: options.Plate = None,
    part: Annotated[
        str | None,
        typer.Option(
            "--part",
            metavar="LABEL",
            help="Of a plate: also the statement about this part.",
            show_default=False,
        ),
    ] = None,
    as_run: Annotated[
        Path | None,
        typer.Option(
            "--as-run",
            metavar="OUT.gcode.asrun.json",
            help="Also the signed record of one run of the program: a departure is a no.",
            show_default=False,
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Public key, or folder of keys: level C2 under them, no log.",
            show_default=False,
        ),
    ] = None,
    policy: options.Policy = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page",
            metavar="verify.html",
            help="Write a page that verifies in any browser, offline, for the keys that you trust.",
            show_default=False,
        ),
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="With --model: make the program again and compare its bytes.",
        ),
    ] = False,
    print_recipe: Annotated[
        bool,
        typer.Option(
            "--print-recipe", help="Print the shell script that verifies without printstd."
        ),
    ] = False,
    time: options.Time = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Check the certificates beside a program; with --model, audit it again as well.

    OUT.gcode.cert.json and OUT.gcode.recheck.json are looked for beside OUT.gcode, and then in it
    (a block at its tail, .bgcode, .gcode.3mf); no network is used. With neither --trust nor
    --policy it says what it found and exits 6: a signature by nobody you trust proves nothing.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.cli.at_hand import program_of
    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, over_inputs
    from printstd.errors import UsageError

    if print_recipe:
        from printstd.certify.openssl_recipe import RECIPE

        typer.echo(RECIPE, nl=False)
        return 0
    if program is None and page is None:
        raise UsageError(
            said("say which program"),
            got=said("no OUT.gcode"),
            wanted=said("OUT.gcode, or --page, or --print-recipe"),
            hint=said("its certificates are looked for beside it"),
        )
    if rebuild and not model:
        raise UsageError(
            said("a program is made again from its models"),
            got=said("--rebuild and no --model"),
            wanted=said("--model MODEL with it"),
            hint=said("give the very files that were certified"),
        )
    given: list[Path] = []
    if program is None or page is not None:
        from printstd.cli.page import write_page

        rules = load_policy(trust, policy, given)
        return write_page(program, page, rules, read=given, quiet=quiet)
    path = program_of(program)
    rules = load_policy(trust, policy, given)
    given += [path, *([as_run] if as_run is not None else []), *(model or [])]
    settle([report] if report else [], inputs=given)
    clock = FixedClock(time) if time is not None else SystemClock()

    def one(path: Path) -> Subject:
        from printstd.adapters.progress import progress_for

        with progress_for(quiet=quiet, translate=translate()) as progress:
            again = _Again(workers, progress, policy, rebuild)
            return _verify_one(
                path, model or [], rules, clock.now_utc(), again, plate, part, as_run
            )

    subjects = over_inputs([path], one)
    return deliver(
        document_of("verify", subjects, None), form=form, file=report, quiet=quiet, redact=redact
    )


def load_policy(
    trust: Path | None, policy: Path | None, read: list[Path] | None = None
) -> TrustPolicy | None:
    """The policy asked for; None where none was. UsageError where two were. read : takes the files
    that say whom to trust, on which no product may land."""
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import MAX_KEY_BYTES, load_trusted
    from printstd.certify.policy import read_policy, trusting
    from printstd.errors import UsageError

    if trust is not None and policy is not None:
        raise UsageError(
            said("--trust and --policy exclude each other"),
            got=said("both"),
            wanted=said("one of the two"),
            hint=said("name the keys in the policy file"),
        )
    found = read if read is not None else []
    if trust is not None:
        found += [trust, *(trust.iterdir() if trust.is_dir() else ())]
        return trusting(load_trusted(trust), f"--trust {trust}")
    if policy is not None:
        folder = policy.parent

        def read_beside(name: str) -> bytes:
            found.append(folder / name)
            return read_file(folder / name, max_bytes=MAX_KEY_BYTES)

        found.append(policy)
        text = read_file(policy, max_bytes=MAX_KEY_BYTES)
        return read_policy(text, policy.name, read_beside)
    return None


@dataclass(frozen=True, slots=True)
class _Again:
    """What a fresh audit and a program made again run with, and the policy's place."""

    workers: int | None
    progress: Progress
    policy_file: Path | None = None
    rebuild: bool = False


def _verify_one(
    path: Path,
    models: Sequence[Path],
    policy: TrustPolicy | None,
    now: str,
    again: _Again,
    plate: int | None,
    part: str | None,
    as_run: Path | None = None,
) -> Subject:
    from printstd.certify.verify import verify_program
    from printstd.cli.at_hand import bundles_beside, untrusted, with_those_inside
    from printstd.cli.carriers import read_carried
    from printstd.profiles.decision import Outcome
    from printstd.report.document import Fact

    if path.suffix == ".json" and path.is_file():
        from printstd.cli.as_run import verified_as_run
        from printstd.cli.capability import verified_record
        from printstd.cli.parts import verified_part
        from printstd.cli.passport import verified_passport

        at = again.policy_file
        found = (
            verified_record(path, policy, now, at)
            or verified_passport(path, policy, now, at)
            or verified_as_run(path, policy, now, at)
            or verified_part(path, models, policy, now, at)
        )
        if found is not None:
            return found

    bundles = bundles_beside(path)
    # A statement that says no is written without a program; every other needs it.
    is_absent = bundles["recheck"] is not None and not path.exists()
    held = None if is_absent else read_carried(path, plate=plate)
    data = held.program if held is not None else None
    if held is not None:
        bundles = with_those_inside(bundles, held, path)
    if policy is None:
        return untrusted(path, data, bundles)
    from printstd.cli.sidecars import gather

    verified = verify_program(
        data,
        generation=bundles["cert"],
        recheck=bundles["recheck"],
        policy=policy,
        now=now,
        container_sha256=held.container_sha256 if held is not None else None,
        beside=gather(path, policy, again.policy_file),
        rebuild=_rebuilder(data, models, again) if again.rebuild else None,
    )
    if data is None and verified.outcome is not Outcome.FAILED:
        read_carried(path)  # says that it is not there
    more: tuple[Fact, ...] = ()
    if held is not None and held.member:
        more = (Fact(said("program inside"), held.member),)
    if part is not None and data is not None:
        from printstd.cli.parts import part_of_plate

        more += part_of_plate(path, part, data, verified, policy, now)
    subject = _subject(path, data, models, verified, again)
    subject = replace(subject, facts=(*subject.facts, *more))
    if data is None or (as_run is None and not policy.as_run.is_required):
        return subject
    from printstd.cli.as_run import with_run

    return with_run(subject, path, as_run, data, verified, policy, now, again.policy_file)


def verified_subject(path: Path, trust: Path | None, policy: Path | None) -> Subject:
    """What `verify` says of one program, now, without its models."""
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.progress import NoProgress

    again = _Again(1, NoProgress(), policy)
    rules = load_policy(trust, policy)
    return _verify_one(path, [], rules, SystemClock().now_utc(), again, None, None)


def subject_under(path: Path, policy: TrustPolicy, now: str, policy_file: Path | None) -> Subject:
    """What `verify` says of one program under a policy that was read, without its models."""
    from printstd.adapters.progress import NoProgress

    again = _Again(1, NoProgress(), policy_file)
    return _verify_one(path, [], policy, now, again, None, None)


def _rebuilder(data: bytes | None, models: Sequence[Path], again: _Again) -> Rebuild:
    """Makes the program again, once the models are known to be the statement's."""
    from printstd.cli.rebuilding import rebuilder
    from printstd.cli.running import executor_of
    from printstd.cli.stated_models import given_models

    make = rebuilder(data, models, executor_of(again.workers), again.progress)

    def rebuild(statement: Statement) -> Rebuilt:
        given_models(models, statement.said)
        return make(statement)

    return rebuild


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
    if again.rebuild:
        from printstd.cli.verified import rebuilt_section

        sections.append(rebuilt_section(verified))
        codes.append(EXIT_CODES[sections[-1].outcome or Outcome.UNDECIDED])
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
    from printstd.cli.verified import shown_rows
    from printstd.report.document import Fact
    from printstd.report.labels import STATUSES

    rows = list(shown_rows(verified))
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
