"""`printstd diff`: which dimensions moved between two models, or two revisions of one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Listing
from printstd.cli.speech import Language, translate
from printstd.words import said

if TYPE_CHECKING:
    from printstd.comparing import Judged
    from printstd.pipeline import ModelInput, Order
    from printstd.profiles.resolved import Resolved


def diff(
    models: Annotated[
        list[Path],
        typer.Argument(
            metavar="OLD NEW",
            help="Two models; with --rev one, as it was and as it is.",
            show_default=False,
        ),
    ],
    rev: Annotated[
        str | None,
        typer.Option(
            "--rev",
            metavar="REV",
            help="Hold a file of a git repository against itself as it was in this revision.",
            show_default=False,
        ),
    ] = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    workers: options.Workers = None,
    form: options.ListingFormat = Listing.TEXT,
    report: options.ReportFile = None,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Say which sizes two models do not share, what moved, what came and went, and which verdicts
    changed.

    Exit 0: no dimension moved, no verdict changed, and the surfaces lie within 0.001 mm of each
    other. Exit 1: they differ.
    """
    from dataclasses import replace

    from printstd.adapters.files import write_all
    from printstd.cli.places import settle
    from printstd.cli.rendering import reader_speech
    from printstd.cli.running import order_of, request_of, resolved_for, shown
    from printstd.comparing import compare
    from printstd.report.model_diff import as_json, as_text

    _check_count(models, rev)
    settle([report] if report else [], inputs=models)
    request = request_of(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
    )
    resolved, order = resolved_for(request), order_of(units=units)
    old, new = _inputs(models, rev)
    found = compare(
        *(_judged(model, order, resolved, workers=workers, quiet=quiet) for model in (old, new))
    )
    if rev is not None:
        name = said("{name} at {rev}", name=found.before.name, rev=shown(rev))
        found = replace(found, before=replace(found.before, name=name))
    text = as_json(found) if form is Listing.JSON else as_text(found, reader_speech())
    if report is not None:
        write_all({report: text.encode("utf-8", "backslashreplace")})
    elif form is Listing.JSON or not quiet:
        sys.stdout.write(text)
    return 0 if found.is_same else 1


def _check_count(models: list[Path], rev: str | None) -> None:
    from printstd.errors import UsageError

    wanted = 2 if rev is None else 1
    if len(models) != wanted:
        raise UsageError(
            said("two models are compared, or two revisions of one"),
            got=said("{count} files", count=len(models))
            if rev is None
            else said("{count} files with --rev", count=len(models)),
            wanted=said("OLD NEW, or --rev REV FILE"),
            hint=said("e.g. `printstd diff --rev HEAD~1 part.stl`"),
        )


def _inputs(models: list[Path], rev: str | None) -> tuple[ModelInput, ModelInput]:
    from dataclasses import replace

    from printstd.cli.running import read_model_file, shown

    if rev is None:
        return read_model_file(models[0]), read_model_file(models[1])
    from printstd.adapters.git import at_revision

    new = read_model_file(models[0])
    return replace(new, data=at_revision(models[0], rev), name=shown(models[0].name)), new


def _judged(
    model: ModelInput, order: Order, resolved: Resolved, *, workers: int | None, quiet: bool
) -> Judged:
    from printstd import pipeline
    from printstd.adapters.progress import progress_for
    from printstd.cli.running import executor_of
    from printstd.comparing import Judged

    prepared = pipeline.prepare(model, order, resolved)
    with progress_for(quiet=quiet, translate=translate()) as progress:
        report, decision = pipeline.validate(
            prepared, progress=progress, executor=executor_of(workers)
        )
    return Judged(prepared, report, decision)
