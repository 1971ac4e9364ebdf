"""One call of `printstd batch`: what is asked, of which files, who does it, how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from printstd.cli.options import Format, Redaction
from printstd.cli.speech import tell, translate
from printstd.words import said

if TYPE_CHECKING:
    from printstd.batch.inputs import InputFile
    from printstd.batch.run import Wanted
    from printstd.pipeline import Order
    from printstd.ports import Clock, Crew, Signer
    from printstd.profiles.resolved import Resolved


class Where(NamedTuple):
    """Which files, by whom, and what is kept."""

    places: list[Path] | None
    files_from: Path | None
    results: Path
    workers: int | None
    timeout: float
    memory_limit: int | None
    cluster: str | None
    credentials: Path | None
    unprotected: bool


class Report(NamedTuple):
    """How the summary is told."""

    form: Format
    file: Path | None
    redact: Redaction | None
    quiet: bool


def asked(
    *,
    pack: str | None,
    tolerance_class: str | None,
    material: list[str] | None,
    process: str,
    printer: str | None,
    settings: list[str] | None,
    units: str | None,
    scale: float,
    rotate: str | None,
    orient: bool,
    heal: bool,
    feedstock: Path | None,
    capability: Path | None,
    trust: Path | None,
    allow_undecided: list[str] | None,
    epoch: int | None,
    with_fits: bool = True,
) -> tuple[Order, Resolved]:
    from printstd.cli.capability import with_capability
    from printstd.cli.records import asked_with
    from printstd.cli.running import order_of, request_of, resolved_for

    found = asked_with(
        None,
        feedstock,
        models=[],
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        units=units,
        rotate=rotate,
        orient=orient,
    )
    order = order_of(
        units=found.units,
        scale=scale,
        rotate=found.rotate,
        notation=found.notation,
        orient=orient,
        is_healed=heal,
        allow_undecided=allow_undecided,
    )
    request = request_of(
        pack=found.pack,
        tolerance_class=found.tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
        epoch=epoch,
    )
    records = with_capability(found.records, capability, trust)
    return order, resolved_for(request, records, with_fits=with_fits)


def models_of(where: Where) -> list[InputFile]:
    from printstd.batch.inputs import MODELS

    return inputs_of(where, MODELS)


def inputs_of(where: Where, suffixes: Sequence[str]) -> list[InputFile]:
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


def wanted_of(kind: str, work: Callable[[Any, Any], bytes], job: Any, resolved: Resolved) -> Wanted:
    """The digest of a request is that of all values that a file is judged by, not of what they are
    called."""
    from printstd.batch.run import Wanted
    from printstd.cli.batching import tool
    from printstd.reuse.fingerprint import fingerprint

    content = {name: getattr(resolved, name) for name in resolved.__dataclass_fields__}
    # Where a value comes from is for messages; that is worked out when somebody asks.
    content.pop("origins")
    rest = (job.order, job.copies, job.with_failure, job.key_id)
    return Wanted(work, job, fingerprint(kind, content, *rest), tool(), None)


def run_batch(
    command: str,
    where: Where,
    files: list[InputFile],
    wanted: Wanted,
    resolved: Resolved | None,
    told: Report,
    *,
    outdir: Path | None = None,
    signer: Signer | None = None,
    clock: Clock | None = None,
    read: Sequence[Path] = (),
) -> int:
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.progress import progress_for
    from printstd.adapters.result_files import ResultFolder, staging
    from printstd.batch.inputs import program_places
    from printstd.batch.run import Batch
    from printstd.cli.places import check_folder, settle
    from printstd.cli.running import deliver, document_of

    settle([told.file] if told.file else [], inputs=[*(Path(file.path) for file in files), *read])
    _check_form(told.form)
    clock = clock or SystemClock()
    with ExitStack() as stack:
        places = left = None
        if outdir is not None:
            check_folder(outdir)
            places = program_places(files, outdir.absolute())
            left = stack.enter_context(staging(outdir.absolute()))
        results = ResultFolder(where.results) if wanted.is_kept else None
        crew = stack.enter_context(_crew(where))
        bar = progress_for(quiet=told.quiet, translate=translate())
        stack.enter_context(bar)
        batch = Batch(
            wanted,
            files,
            results,
            clock=clock,
            progress=bar,
            places=places,
            staging=left,
            signer=signer,
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
    document = document_of(f"batch {command}", outcome.subjects, resolved, clock)
    return deliver(
        document,
        form=told.form,
        file=told.file,
        quiet=told.quiet,
        redact=told.redact,
        files=[subject.name for subject in outcome.subjects],
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
def _crew(where: Where) -> Iterator[Crew]:
    from printstd.adapters.executors import usable_cores
    from printstd.adapters.hands import Limits, LocalCrew
    from printstd.errors import UsageError

    memory = where.memory_limit << 20 if where.memory_limit is not None else None
    limits = Limits(where.timeout, memory)
    if where.cluster is None:
        if where.credentials is not None or where.unprotected:
            raise UsageError(
                said("there is no cluster to be protected"),
                got=said("an option of --cluster without it"),
                wanted=said("--cluster tls://HOST:PORT with it"),
                hint=said("leave it out to work on this machine alone"),
            )
        yield LocalCrew(where.workers or usable_cores(), limits)
        return
    from printstd.adapters.cluster import dask_crew

    if where.workers is not None:
        raise UsageError(
            said("--workers is of this machine"),
            got=said("--workers and --cluster"),
            wanted=said("one of the two"),
            hint=said("a cluster's workers are started where they run"),
        )
    with dask_crew(
        where.cluster, where.credentials, is_unprotected=where.unprotected, limits=limits
    ) as crew:
        yield crew
