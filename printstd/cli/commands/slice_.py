"""`printstd slice`: a program for a printer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printstd.cli import options
from printstd.cli.options import Format

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.artifacts.program import Totals
    from printstd.report.document import Fact, Section, Subject


def slice_models(
    models: options.Models,
    output: options.Output = None,
    outdir: options.OutDir = None,
    pack: options.Pack = "int",
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = "pla",
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    scale: options.Scale = 1.0,
    rotate: options.Rotate = None,
    plate: options.Plate = None,
    heal: options.Heal = False,
    workers: options.Workers = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    quiet: options.Quiet = False,
) -> int:
    """Slice models into G-code: `slice MODEL -o OUT.gcode`, `slice A B --outdir FOLDER`.

    The checks that make slicing impossible always run first. Nothing is written for a model of
    which no program can be made.
    """
    from printstd.adapters.files import write_all
    from printstd.adapters.progress import progress_for
    from printstd.cli.places import settle
    from printstd.cli.running import (
        deliver,
        document_of,
        executor_of,
        order_of,
        over_inputs,
        read_model_file,
        request_of,
        resolved_for,
        shown,
    )

    places = product_paths(models, output, outdir)
    settle([*places.values(), *([report] if report else [])], inputs=models)
    order = order_of(units=units, scale=scale, rotate=rotate, plate=plate, is_healed=heal)
    request = request_of(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
    )
    from printstd import pipeline

    resolved = resolved_for(request)
    pipeline.require_printer(resolved)
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        from printstd.report.document import Subject

        model = read_model_file(path)
        prepared = pipeline.prepare(model, order, resolved)
        executor = executor_of(workers)
        with progress_for(quiet=quiet) as progress:
            made = pipeline.make_program(prepared, executor=executor, progress=progress)
        product = {places[path]: made.program.data}
        if outdir is None:
            products.update(product)
        else:
            write_all(product)
        return Subject(
            model.name,
            prepared.file.mesh.source.sha256,
            total_rows(made.program.totals) + height_rows(made.demand.layers.top_um),
            (notices_section(made.notices),),
            (shown(places[path]),),
            None,
            0,
        )

    subjects = over_inputs(models, one)
    document = document_of("slice", subjects, resolved)
    return deliver(document, form=form, file=report, quiet=quiet, products=products)


def notices_section(notices: tuple[Finding, ...]) -> Section:
    """What making the program showed; it decides nothing."""
    from printstd.report.document import Section

    rules = tuple(dict.fromkeys(finding.rule_id for finding in notices))
    return Section("slice", None, notices, rules, (), ())


def product_paths(models: list[Path], output: Path | None, outdir: Path | None) -> dict[Path, Path]:
    """Where each model's program goes; UsageError where that is not said clearly."""
    from printstd.errors import UsageError

    if (output is None) == (outdir is None):
        raise UsageError(
            "say where the program goes",
            got="neither -o nor --outdir" if output is None else "both -o and --outdir",
            wanted="-o OUT.gcode for one model, or --outdir FOLDER",
            hint="e.g. `printstd slice part.stl --printer mk4s -o part.gcode`",
        )
    if output is not None:
        if len(models) > 1:
            raise UsageError(
                "one program for several models (one plate) is not made yet",
                got=f"{len(models)} models and -o",
                wanted="one model with -o, or --outdir FOLDER for one program each",
                hint="several parts on one plate come with the next release",
            )
        return {models[0]: output}
    if outdir is None:
        raise AssertionError("one of the two was given")
    products = {model: outdir / f"{model.stem}.gcode" for model in models}
    if len(products) != len(models):
        raise UsageError(
            "a model is named twice",
            got=", ".join(str(model) for model in models),
            wanted="every model once",
            hint="--copies comes with the next release",
        )
    return products


def height_rows(tops_um: tuple[int, ...]) -> tuple[Fact, ...]:
    """The heights of layers that are not all alike."""
    from printstd.report.document import Fact

    heights = [top - bottom for bottom, top in zip((0, *tops_um), tops_um, strict=False)]
    if len(set(heights[1:])) < 2:
        return ()
    least, most = min(heights[1:]) / 1000, max(heights[1:]) / 1000
    return (Fact("layer heights", f"{least:.3f} to {most:.3f} mm"),)


def total_rows(totals: Totals) -> tuple[Fact, ...]:
    """A program's sums as the reports show them."""
    from printstd.report.document import Fact

    seconds = totals.print_time_ms // 1000
    clock = f"{seconds // 3600} h {seconds // 60 % 60:02d} min {seconds % 60:02d} s"
    return (
        Fact("layers", f"{totals.n_layers}, {totals.max_z_um / 1000:.3f} mm high"),
        Fact(
            "filament",
            f"{totals.filament_um / 1e6:.3f} m, {totals.filament_mm3_e3 / 1e6:.2f} cm3, "
            f"{totals.filament_mg / 1000:.2f} g",
        ),
        Fact("printing time", f"{clock} (heating apart)"),
    )
