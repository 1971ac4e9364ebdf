"""One call of `printstd batch`: what is asked, of which files, who does it, how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from printstd.cli.batch_asks import Asking, own_of, request_sha256
from printstd.cli.batch_options import Crew as By
from printstd.cli.batch_options import Files
from printstd.cli.groups import Told
from printstd.cli.options import Format
from printstd.cli.speech import tell, translate
from printstd.words import said

if TYPE_CHECKING:
    from printstd.batch.inputs import InputFile
    from printstd.batch.run import Wanted
    from printstd.cli.batching import ModelJob
    from printstd.cli.logged import ToLog
    from printstd.ports import Clock, Crew, Signer
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import ReportDocument


class Call(NamedTuple):
    """What a run needs beside what is asked of its files. results : None where nothing is kept.
    outdir, product : where programs go, and the ending of their names. read : files that the call
    reads beside models and their records. log : that what is signed goes into."""

    command: str
    by: By
    told: Told
    results: Path | None = None
    outdir: Path | None = None
    product: str = "gcode"
    signer: Signer | None = None
    clock: Clock | None = None
    read: Sequence[Path] = ()
    log: ToLog | None = None


def models_of(where: Files) -> list[InputFile]:
    from printstd.batch.inputs import MODELS

    return inputs_of(where, MODELS)


def inputs_of(where: Files, suffixes: Sequence[str]) -> list[InputFile]:
    from printstd.batch.inputs import find_inputs, read_list
    from printstd.errors import UsageError

    if not where.places and where.files_from is None:
        raise UsageError(
            said("say which files"),
            got=said("no folder, no file and no list"),
            wanted=said("DIR, FILE... or --files-from LIST"),
            hint=said("e.g. `printstd batch validate parts/`"),
        )
    listed: list[str] = []
    if where.files_from is not None:
        import sys

        from printstd.adapters.files import read_file

        if str(where.files_from) == "-":
            text = sys.stdin.buffer.read()
        else:
            text = read_file(where.files_from)
        listed = read_list(text, str(where.files_from))
    return find_inputs(where.places or [], listed, suffixes)


def wanted_of(
    kind: str, work: Callable[[Any, Any], bytes], job: ModelJob, asking: Asking
) -> Wanted:
    """What is asked of models, each by its own records where it has some."""
    from functools import partial

    from printstd.batch.run import Wanted
    from printstd.cli.batching import tool

    wanted = Wanted(work, job, request_sha256(kind, job, job.resolved), tool(), None)
    if not asking.is_of_each:
        return wanted
    job = job._replace(variants=asking.variants)
    return wanted._replace(job=job, own=partial(own_of, kind, job, asking))


def run_models(call: Call, files: list[InputFile], wanted: Wanted, asking: Asking) -> int:
    """A batch of models, and its report."""
    beside = {path for file in files for path in asking.places(file)}
    call = call._replace(read=[*call.read, *sorted(beside)])
    variants = list(asking.variants.values()) or [asking.resolved]
    return run_batch(call, files, wanted, variants)


def run_batch(
    call: Call, files: list[InputFile], wanted: Wanted, variants: Sequence[Resolved] = ()
) -> int:
    """variants : under which profiles models are judged, as the report tells it."""
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.progress import progress_for
    from printstd.adapters.result_files import ResultFolder, staging
    from printstd.batch.inputs import program_places
    from printstd.batch.run import Batch
    from printstd.cli.places import check_folder, settle
    from printstd.cli.running import deliver, document_of

    told, clock = call.told, call.clock or SystemClock()
    read = [*(Path(file.path) for file in files), *call.read]
    settle([told.report] if told.report else [], inputs=read)
    _check_form(told.form)
    with ExitStack() as stack:
        places = left = None
        if call.outdir is not None:
            check_folder(call.outdir)
            places = program_places(files, call.outdir.absolute(), f".{call.product}")
            left = stack.enter_context(staging(call.outdir.absolute()))
        results = ResultFolder(call.results) if call.results is not None else None
        crew = stack.enter_context(_crew(call.by))
        bar = progress_for(quiet=told.quiet, translate=translate())
        stack.enter_context(bar)
        entering = call.log.entering() if call.log is not None else None
        batch = Batch(
            wanted,
            files,
            results,
            clock=clock,
            progress=bar,
            places=places,
            staging=left,
            signer=call.signer,
            log=entering,
        )
        outcome = batch.run(crew)
    if outcome.kept and not told.quiet:
        tell(
            said(
                "printstd: {kept} of {all} files were done before",
                kept=outcome.kept,
                all=len(files),
            )
        )
    if call.log is not None and entering is not None and not told.quiet:
        call.log.tell(entering.added, entering.size)
    resolved = variants[0] if len(variants) == 1 else None
    document = document_of(f"batch {call.command}", outcome.subjects, resolved, clock)
    return deliver(
        _with_notices(document, variants, clock),
        form=told.form,
        file=told.report,
        quiet=told.quiet,
        redact=told.redact,
        files=[subject.name for subject in outcome.subjects],
    )


def _with_notices(
    document: ReportDocument, variants: Sequence[Resolved], clock: Clock
) -> ReportDocument:
    """Where orders name several classes, no one of them is the report's: each file's line has its
    own. What must be known of any of them is said all the same."""
    if len(variants) < 2:
        return document
    from dataclasses import replace

    from printstd.cli.grounds import DECISION_RULE
    from printstd.profiles.standing import citations, notices
    from printstd.report.document import Cited

    today = clock.now_utc()[: len("2026-11-26")]
    told = dict.fromkeys(notice for own in variants for notice in notices(own, today))
    cited = dict.fromkeys(Cited(*one) for own in variants for one in citations(own))
    return replace(
        document, notices=tuple(told), standards=tuple(cited), decision_rule=DECISION_RULE
    )


def _check_form(form: Format) -> None:
    from printstd.errors import UsageError

    if form is Format.CSV:
        raise UsageError(
            said("--format csv is the table of one drawing"),
            got=said("a batch"),
            wanted=said("text, json, sarif, junit, html, pdf, github or gitlab"),
            hint=said("`printstd validate MODEL --characteristics FILE --format csv`"),
        )


@contextmanager
def _crew(by: By) -> Iterator[Crew]:
    from printstd.adapters.executors import usable_cores
    from printstd.adapters.hands import Limits, LocalCrew
    from printstd.errors import UsageError

    memory = by.memory_limit << 20 if by.memory_limit is not None else None
    limits = Limits(by.timeout, memory)
    if by.cluster is None:
        if by.cluster_credentials is not None or by.cluster_unprotected:
            raise UsageError(
                said("there is no cluster to be protected"),
                got=said("an option of --cluster without it"),
                wanted=said("--cluster tls://HOST:PORT with it"),
                hint=said("leave it out to work on this machine alone"),
            )
        yield LocalCrew(by.workers or usable_cores(), limits)
        return
    from printstd.adapters.cluster import dask_crew

    if by.workers is not None:
        raise UsageError(
            said("--workers is of this machine"),
            got=said("--workers and --cluster"),
            wanted=said("one of the two"),
            hint=said("a cluster's workers are started where they run"),
        )
    with dask_crew(
        by.cluster, by.cluster_credentials, is_unprotected=by.cluster_unprotected, limits=limits
    ) as crew:
        yield crew
