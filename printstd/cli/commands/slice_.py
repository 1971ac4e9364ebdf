"""`printstd slice`: a program for a printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.cli.choices import Format
from printstd.cli.plain import read_when_asked
from printstd.cli.speech import Language, translate
from printstd.named_tuple import NamedTuple
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.adapters.cache_files import FolderCache
    from printstd.artifacts.finding import Finding
    from printstd.artifacts.program import Totals
    from printstd.cli import options
    from printstd.cli.spreading import Answer
    from printstd.pipeline import Made, Order, Plate, Prepared
    from printstd.plating.orient import Orientation
    from printstd.ports import Executor, Progress
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Fact, Section, Subject
else:
    # For who reads the declarations below: a plain call does not.
    options = read_when_asked("printstd.cli.options")


def slice_models(
    models: options.Models,
    output: options.Output = None,
    outdir: options.OutDir = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    scale: options.Scale = 1.0,
    rotate: options.Rotate = None,
    orient: options.Orient = False,
    plate: options.Plate = None,
    extruder: options.Extruder = None,
    copies: options.Copies = 1,
    heal: options.Heal = False,
    order_record: options.Order = None,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    epoch: options.Epoch = None,
    cache: options.Cache = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Slice models into G-code: `slice A B -o OUT.gcode` makes one plate of all parts,
    `slice A B --outdir FOLDER` one program of each.

    The checks that make slicing impossible always run first. Nothing is written for a model of
    which no program can be made, nor for a plate on which one part has no room.
    """
    from printstd.cli.places import given_files, settle
    from printstd.cli.records import asked_with
    from printstd.cli.running import (
        cache_of,
        deliver,
        document_of,
        is_report_read,
        order_of,
        orders_of,
        request_of,
        resolved_for,
    )

    places = product_paths(models, output, outdir)
    settle(
        [*dict.fromkeys(places.values()), *([report] if report else [])],
        inputs=given_files(models, order_record, feedstock, capability),
    )
    asked = asked_with(
        order_record,
        feedstock,
        models=models,
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        units=units,
        rotate=rotate,
        orient=orient,
    )
    order = order_of(
        units=asked.units,
        scale=scale,
        rotate=asked.rotate,
        notation=asked.notation,
        orient=orient,
        plate=plate,
        is_healed=heal,
    )
    orders = orders_of(order, models, extruder)
    request = request_of(
        pack=asked.pack,
        tolerance_class=asked.tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
        epoch=epoch,
    )
    from printstd import pipeline

    records = asked.records
    if capability is not None or trust is not None:
        from printstd.cli.capability import with_capability

        records = with_capability(records, capability, trust)
    resolved = resolved_for(request, records, with_fits=False)
    pipeline.require_printer(resolved)
    kept = cache_of(cache)
    is_read = is_report_read(form, report, quiet=quiet)
    jobs = [_Job(own, resolved, copies, places, kept, is_read) for own in orders]
    products: dict[Path, bytes] = {}
    if output is None:
        from printstd.cli.spreading import spread

        subjects = spread(models, _program_of, jobs, workers=workers, quiet=quiet)
    else:
        subjects = _one_program(models, output, jobs, products, workers=workers, quiet=quiet)
    document = document_of("slice", subjects, resolved)
    draw = None
    if is_read:
        from printstd.cli.pictures import drawing_each, drawing_together

        draw = (drawing_each if output is None else drawing_together)(models, orders, resolved)
    return deliver(
        document,
        form=form,
        file=report,
        quiet=quiet,
        products=products,
        redact=redact,
        draw=draw,
    )


class _Job(NamedTuple):
    """What a call asks of a model; all but `order` is the same for every one. is_read : somebody
    reads the report."""

    order: Order
    resolved: Resolved
    copies: int
    places: Mapping[Path, Path]
    cache: FolderCache | None
    is_read: bool


def _program_of(job: _Job, path: Path, executor: Executor, progress: Progress) -> Answer:
    """One model's own program."""
    from printstd.cli.running import read_model_file
    from printstd.pipeline import prepare_all

    model = read_model_file(path)
    parts = prepare_all(model, job.order, job.resolved, cache=job.cache)
    return _made(job, model.name, parts, job.places[path], executor, progress)


def _one_program(
    models: list[Path],
    output: Path,
    jobs: Sequence[_Job],
    products: dict[Path, bytes],
    *,
    workers: int | None,
    quiet: bool,
) -> tuple[Subject, ...]:
    """All models on one plate; its program is left in `products`."""
    from printstd.adapters.progress import progress_for
    from printstd.cli.running import executor_of, over_inputs, prepared_parts

    job = jobs[0]

    def make(path: Path) -> Subject:
        with progress_for(quiet=quiet, translate=translate()) as progress:
            if len(models) == 1:
                answer = _program_of(job, path, executor_of(workers), progress)
            else:
                answer = _made(job, title, parts, output, executor_of(workers), progress)
        products.update(answer.products)
        return answer.subject

    if len(models) == 1:
        return over_inputs(models, make)
    title = plate_title(models)
    parts, refused = prepared_parts(models, [own.order for own in jobs], job.resolved, job.cache)
    return refused or over_inputs([output], make, title)


def _made(
    job: _Job,
    name: str,
    parts: list[Prepared],
    product: Path,
    executor: Executor,
    progress: Progress,
) -> Answer:
    """The program of the parts, and what is said of it."""
    from printstd import pipeline
    from printstd.cli.carriers import product_bytes
    from printstd.cli.spreading import Answer

    plate = pipeline.plate_of(parts, copies=job.copies)
    made = pipeline.make_plate(plate, executor=executor, progress=progress, cache=job.cache)
    subject = made_subject(name, made, product, job.resolved, is_read=job.is_read)
    return Answer(subject, {product: product_bytes(made.program.data, product)})


def made_subject(
    name: str, made: Made, product: Path, resolved: Resolved, *, is_read: bool = True
) -> Subject:
    """What is said of a program and of what it was made of; without the rows where nobody reads
    them, as some take a moment to find."""
    from printstd import pipeline
    from printstd.cli.running import shown
    from printstd.report.document import Subject

    plate = made.plate
    recorded = [finding for part in plate.models for finding in pipeline.check_records(part)]
    return Subject(
        name,
        plate.models[0].source.file_sha256 if len(plate.stands) == 1 else None,
        _rows(made, resolved) if is_read else (),
        (notices_section((*recorded, *made.notices)),),
        (shown(product),),
        None,
        0,
    )


def _rows(made: Made, resolved: Resolved) -> tuple[Fact, ...]:
    from printstd.cli.positions import position_rows
    from printstd.cli.records import record_rows

    plate = made.plate
    return (
        *record_rows(resolved),
        *total_rows(made.program.totals, resolved),
        *height_rows(made.heights.top_um),
        *place_rows(plate),
        *position_rows(plate.models, plate),
    )


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
            said("say where the program goes"),
            got=said("neither -o nor --outdir") if output is None else said("both -o and --outdir"),
            wanted=said("-o OUT.gcode for one plate, or --outdir FOLDER for one program each"),
            hint=said("e.g. `printstd slice part.stl --printer mk4s -o part.gcode`"),
        )
    if output is not None:
        return dict.fromkeys(models, output)
    if outdir is None:
        raise AssertionError("one of the two was given")
    products = {model: outdir / f"{model.stem}.gcode" for model in models}
    if len(products) != len(models):
        raise UsageError(
            said("a model is named twice"),
            got=", ".join(str(model) for model in models),
            wanted=said("every model once"),
            hint=said(
                "--copies N makes a part several times; two models of one name need two folders"
            ),
        )
    return products


def plate_title(models: list[Path]) -> str:
    """What reports call a plate: its models' names, each with how often it is there."""
    from printstd.cli.running import shown

    names = [shown(path.name) for path in models]
    return " + ".join(
        name if names.count(name) == 1 else f"{name} x {names.count(name)}"
        for name in dict.fromkeys(names)
    )


def place_rows(plate: Plate) -> tuple[Fact, ...]:
    """Which part stands which way up, where that was chosen, and where, of a plate of several."""
    from printstd.report.document import Fact

    turned = tuple(
        Fact(said("way up"), listed((part.model.name, way_up(part.orientation)), ": "))
        for part in plate.models
        if part.orientation is not None
    )
    if len(plate.stands) == 1:
        return turned
    return turned + tuple(
        Fact(
            stand.label,
            said(
                "{model}, moved by {shift} mm",
                model=plate.models[stand.model].model.name,
                shift=", ".join(f"{value / 1000:.3f}" for value in stand.placement.translation_um),
            ),
        )
        for stand in plate.stands
    )


def way_up(found: Orientation) -> str:
    """What turning a part was good for."""
    chosen, filed = found.chosen, found.as_filed
    if chosen == filed:
        return said("as filed, {hanging_mm2:.1f} mm2 hang", hanging_mm2=chosen.hanging_mm2)
    return said(
        "turned, {hanging_mm2:.1f} mm2 hang instead of {filed_mm2:.1f}, {high_mm:.2f} mm high "
        "instead of {filed_mm:.2f}",
        hanging_mm2=chosen.hanging_mm2,
        filed_mm2=filed.hanging_mm2,
        high_mm=chosen.size_mm[2],
        filed_mm=filed.size_mm[2],
    )


def height_rows(tops_um: tuple[int, ...]) -> tuple[Fact, ...]:
    """The heights of layers that are not all alike."""
    from printstd.report.document import Fact

    heights = [top - bottom for bottom, top in zip((0, *tops_um), tops_um, strict=False)]
    if len(set(heights[1:])) < 2:
        return ()
    least, most = min(heights[1:]) / 1000, max(heights[1:]) / 1000
    return (
        Fact(said("layer heights"), said("{least:.3f} to {most:.3f} mm", least=least, most=most)),
    )


def total_rows(totals: Totals, resolved: Resolved) -> tuple[Fact, ...]:
    """A program's sums as the reports show them."""
    from printstd.gcode.compared import is_verified
    from printstd.report.document import Fact

    seconds = totals.print_time_ms // 1000
    clock = said(
        "{hours} h {minutes:02d} min {seconds:02d} s",
        hours=seconds // 3600,
        minutes=seconds // 60 % 60,
        seconds=seconds % 60,
    )
    time = said("{clock} (heating apart)", clock=clock)
    if resolved.printer is None or not is_verified(resolved.printer):
        time = said("{clock} (heating apart; unverified for this firmware)", clock=clock)
    return (
        Fact(
            said("layers"),
            said(
                "{n_layers}, {max_z_mm:.3f} mm high",
                n_layers=totals.n_layers,
                max_z_mm=totals.max_z_um / 1000,
            ),
        ),
        Fact(
            said("filament"),
            said(
                "{filament_mm:.3f} m, {filament_mm3_e3:.2f} cm3, {filament_mg:.2f} g",
                filament_mm=totals.filament_um / 1000000.0,
                filament_mm3_e3=totals.filament_mm3_e3 / 1000000.0,
                filament_mg=totals.filament_mg / 1000,
            ),
        ),
        Fact(said("printing time"), time),
    )
