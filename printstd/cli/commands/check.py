"""`printstd check`: every model and program of a repository, by its printstd.toml."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.adapters.cache_files import FolderCache
    from printstd.cli.checking import Task
    from printstd.cli.repository import Found
    from printstd.errors import PrintstdError
    from printstd.profiles.repository import Governed
    from printstd.report.baseline import Entry
    from printstd.report.document import ReportDocument, Subject


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Only these files or folders, and what rests on them; all without any.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The rules of the repository; its folder is the repository.",
            show_default="printstd.toml here or above",
        ),
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="REF",
            help="Only what differs from where this branch and REF part, and what rests on that.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="FILE",
            help="Findings that are known: only new ones fail.",
            show_default="as printstd.toml says",
        ),
    ] = None,
    update_baseline: Annotated[
        bool,
        typer.Option("--update-baseline", help="Write what is found now into the baseline."),
    ] = False,
    cache: options.Cache = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Judge every file anew, and keep nothing.")
    ] = False,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Judge every model and program of a repository as its printstd.toml demands, in one table.

    Exit 0: every file has the verdict that is expected of it, or what it has against it stands in
    the baseline. Else the exit code of the gravest, as over several inputs.
    """
    from printstd.cli.places import settle
    from printstd.cli.repository import changed_paths, chosen, find, named_paths, nothing_to_check
    from printstd.cli.running import deliver, shown
    from printstd.cli.speech import tell
    from printstd.report.baseline import baseline_text, compared

    _check_call(paths, changed_since, update_baseline, form)
    found = find(config)
    known_file = baseline or _at(found, found.rules.says.repository.baseline)
    products = [path for path in (report, known_file if update_baseline else None) if path]
    settle(products, inputs=[found.root / found.name])
    known = _known(known_file, update_baseline)
    _use_profiles(found)
    governed: Sequence[Governed] = found.governed
    stray: Sequence[str] = found.ungoverned
    is_whole = True
    if changed_since is not None:
        governed, stray = chosen(found, *changed_paths(found, changed_since))
        is_whole = False
    if paths:
        named = named_paths(found, paths)
        picked, loose = chosen(found, named, None)
        kept_paths = {one.path for one in governed}
        governed = [one for one in picked if one.path in kept_paths]
        stray = [path for path in loose if path in stray]
        is_whole = False
    if is_whole and not governed and not stray:
        raise nothing_to_check(found)
    verdicts = None if no_cache else _cache(cache or _at(found, found.rules.says.repository.cache))
    judged, n_kept = _judge(found, governed, verdicts, workers=workers, quiet=quiet)
    subjects = [_expected(one, subject) for one, subject in zip(governed, judged, strict=True)]
    subjects += [_ungoverned(found, path) for path in stray]
    if is_whole:
        subjects += [_absent(path) for path in found.absent]
    subjects.sort(key=lambda subject: subject.name)
    written = {}
    if update_baseline and known_file is not None:
        text = baseline_text(subjects)
        written[known_file] = text.encode("utf-8", "backslashreplace")
        known = _parsed(text, known_file)
    against = compared(subjects, known)
    notices = _idle_rules(found) if is_whole else []
    if against.gone:
        notices.append(
            said(
                "{count} entries of the baseline are gone: --update-baseline takes them out",
                count=len(against.gone),
            )
        )
    if governed and not quiet and verdicts is not None:
        tell(
            said(
                "printstd: {kept} of {all} verdicts are from the cache",
                kept=n_kept,
                all=len(governed),
            )
        )
    if not against.subjects:
        notices.append(said("nothing that is checked has changed"))
    return deliver(
        _document(against.subjects, notices),
        form=form,
        file=report,
        quiet=quiet,
        products=written,
        redact=redact,
        files=[f"{shown(found.prefix)}{subject.name}" for subject in against.subjects],
    )


def _check_call(
    paths: list[Path] | None, changed_since: str | None, update_baseline: bool, form: Format
) -> None:
    from printstd.errors import UsageError

    if update_baseline and (paths or changed_since):
        raise UsageError(
            said("a baseline is of the whole repository"),
            got=said("--update-baseline and some of its files"),
            wanted=said("--update-baseline without PATH and --changed-since"),
            hint=said("what is not looked at would be taken for gone"),
        )
    if form is Format.CSV:
        raise UsageError(
            said("--format csv is the table of one drawing"),
            got=said("a whole repository"),
            wanted=said("text, json, sarif, junit, html, pdf, github or gitlab"),
            hint=said("`printstd validate MODEL --characteristics FILE --format csv`"),
        )


def _at(found: Found, place: str | None) -> Path | None:
    return None if place is None else found.root / place


def _known(file: Path | None, update_baseline: bool) -> tuple[Entry, ...]:
    """What the baseline knows. UsageError where one is to be written and nobody said where."""
    from printstd.adapters.files import read_file
    from printstd.errors import UsageError

    if file is None:
        if update_baseline:
            raise UsageError(
                said("there is no baseline to be written"),
                got=said("--update-baseline alone"),
                wanted=said("--baseline FILE, or `baseline` in printstd.toml"),
                hint=said('e.g. [repository] baseline = "printstd-baseline.json"'),
            )
        return ()
    if update_baseline:
        return ()
    return _parsed(read_file(file).decode("utf-8", "replace"), file)


def _parsed(text: str, file: Path) -> tuple[Entry, ...]:
    from printstd.cli.running import shown
    from printstd.report.baseline import read_baseline

    return read_baseline(text.encode("utf-8"), shown(file.name))


def _use_profiles(found: Found) -> None:
    """The repository's own profiles, for all that resolves in this process and its workers."""
    from printstd.adapters.profile_files import PROFILES_VARIABLE

    folder = _at(found, found.rules.says.repository.profiles)
    if folder is not None:
        os.environ[PROFILES_VARIABLE] = str(folder)


def _cache(folder: Path | None) -> FolderCache | None:
    """The folder of verdicts, which git is told not to look at."""
    from printstd.adapters.files import write_all
    from printstd.cli.running import cache_of

    made = cache_of(folder)
    if folder is not None and not os.path.lexists(folder / ".gitignore"):
        write_all({folder / ".gitignore": b"*\n"})
    return made


# ---------------------------------------------------------------------------------------- judging


def _judge(
    found: Found,
    governed: Sequence[Governed],
    cache: FolderCache | None,
    *,
    workers: int | None,
    quiet: bool,
) -> tuple[list[Subject], int]:
    """A subject for each file, in their order, and how many came out of the cache."""
    from dataclasses import replace

    from printstd.cli.checking import Planner, RuleError, judged, kept, seen_from
    from printstd.cli.running import shown
    from printstd.cli.spreading import spread
    from printstd.errors import InputError, OutsideError

    planner = Planner(found.root, found.name, cache)
    subjects: dict[int, Subject] = {}
    tasks: list[tuple[int, Task]] = []
    for number, one in enumerate(governed):
        try:
            task = planner.task(one)
            subject = kept(task)
        except (InputError, OutsideError, RuleError) as error:
            error.where = seen_from(found.root, error.where) or shown(one.path)
            subjects[number] = _problem(one.path, error, planner.sha256_of(one.path))
            continue
        if subject is None:
            tasks.append((number, task))
        else:
            subjects[number] = subject
    n_kept = len(governed) - len(tasks) - sum(s.problem is not None for s in subjects.values())
    own = [task for _, task in tasks]
    paths = [found.root / task.governed.path for task in own]
    new = spread(paths, judged, own, workers=workers, quiet=quiet) if tasks else ()
    for (number, task), subject in zip(tasks, new, strict=True):
        digest = subject.sha256 or task.sha256
        subjects[number] = replace(subject, name=shown(task.governed.path), sha256=digest)
    return [subjects[number] for number in range(len(governed))], n_kept


def _problem(path: str, error: PrintstdError, sha256: str | None) -> Subject:
    from printstd.cli.running import shown
    from printstd.report.document import Problem, Subject

    problem = Problem(error.in_full(), error.exit_code)
    return Subject(shown(path), sha256, (), (), (), problem, error.exit_code)


def _ungoverned(found: Found, path: str) -> Subject:
    from printstd.cli.checking import RuleError

    error = RuleError(
        said("no rule governs this file"),
        where=found.name,
        got=path,
        wanted=said("a [[rules]] table with a glob that matches it, or one in `ignore`"),
        hint=said("say what is demanded of it, or that it is not to be looked at"),
    )
    return _problem(path, error, None)


def _absent(path: str) -> Subject:
    from printstd.errors import InputError

    error = InputError(
        said("the submodule is not there"),
        where=path,
        got=said("an empty folder"),
        wanted=said("its files, or a glob in `ignore` that covers them"),
        hint=said(
            "`git submodule update --init`; in GitHub Actions, check out with submodules: true"
        ),
    )
    return _problem(path, error, None)


def _expected(governed: Governed, subject: Subject) -> Subject:
    """The subject by what is expected of its file: the verdict that is expected passes, a yes
    where none is expected does not."""
    from dataclasses import replace

    from printstd.artifacts.finding import Status
    from printstd.report.loud import verdict_of

    wanted = governed.demands.expect or "passed"
    subject = replace(subject, expected=wanted)
    if wanted == "passed":
        return subject
    is_of_the_run = subject.problem is not None and subject.problem.exit_code not in (4, 5)
    verdict = verdict_of(subject).lower()
    if verdict == wanted and not is_of_the_run:
        no = (Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE)
        sections = tuple(
            replace(
                section,
                known=tuple(n for n, f in enumerate(section.findings) if f.status in no),
            )
            for section in subject.sections
        )
        return replace(subject, sections=sections, exit_code=0)
    if verdict == "passed":
        return replace(subject, exit_code=1)
    return subject


def _idle_rules(found: Found) -> list[str]:
    """Rules that govern nothing are most likely typing slips."""
    idle = found.rules.idle(one.path for one in found.governed)
    return [
        said(
            "{place}: the rule governs no file",
            place=f"{found.name}:{found.rules.line_of(number)}",
        )
        for number in idle
    ]


def _document(subjects: Sequence[Subject], notices: Sequence[str]) -> ReportDocument:
    from dataclasses import replace

    from printstd.cli.grounds import DECISION_RULE
    from printstd.cli.running import document_of

    plain = document_of("check", tuple(subjects), None)
    return replace(plain, notices=tuple(notices), decision_rule=DECISION_RULE)
