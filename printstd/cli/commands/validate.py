"""`printstd validate`: may these models be made under the standard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.cad import CadSource
    from printstd.artifacts.finding import Report
    from printstd.artifacts.mesh import ModelFile
    from printstd.cli.spreading import Answer
    from printstd.pipeline import Order, Prepared
    from printstd.ports import Executor, Progress
    from printstd.profiles.decision import Decision
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Fact, Subject


def validate(
    models: options.Models,
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
    heal: options.Heal = False,
    order_record: options.Order = None,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    characteristics: options.Characteristics = None,
    allow_undecided: options.AllowUndecided = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Check models against the pack's standards, the material and the machine.

    Without --printer the checks of the machine are NOT_EVALUATED.
    """
    from printstd.cli.capability import with_capability
    from printstd.cli.pictures import drawing_each
    from printstd.cli.places import given_files, seen_from_here, settle
    from printstd.cli.records import asked_with
    from printstd.cli.running import (
        check_form,
        deliver,
        document_of,
        drawing_files,
        drawing_of,
        order_of,
        orders_of,
        request_of,
        resolved_for,
    )
    from printstd.cli.spreading import spread

    inputs = given_files(
        [*models, *drawing_files(characteristics)], order_record, feedstock, capability
    )
    settle([report] if report else [], inputs=inputs)
    check_form(form, characteristics)
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
        allow_undecided=allow_undecided,
        drawing=drawing_of(characteristics, models),
    )
    request = request_of(
        pack=asked.pack,
        tolerance_class=asked.tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
    )
    resolved = resolved_for(request, with_capability(asked.records, capability, trust))
    jobs = [_Job(own, resolved, printer) for own in orders_of(order, models, extruder)]
    subjects = spread(models, _checked, jobs, workers=workers, quiet=quiet)
    document = document_of("validate", subjects, resolved)
    draw = drawing_each(models, [job.order for job in jobs], resolved)
    return deliver(
        document,
        form=form,
        file=report,
        quiet=quiet,
        redact=redact,
        draw=draw,
        files=seen_from_here(models),
    )


class _Job(NamedTuple):
    """What a call asks of a model; all but `order` is the same for every one."""

    order: Order
    resolved: Resolved
    printer: str | None


def _checked(job: _Job, path: Path, executor: Executor, progress: Progress) -> Answer:
    """One model's findings."""
    from dataclasses import replace

    from printstd import pipeline
    from printstd.cli.running import read_model_file
    from printstd.cli.spreading import Answer

    prepared = pipeline.prepare(read_model_file(path), job.order, job.resolved)
    found, decision = pipeline.validate(prepared, progress=progress, executor=executor)
    subject = model_subject(prepared, found, decision)
    if not subject.hints:
        subject = replace(subject, hints=(_slice_hint(path, job.printer),))
    return Answer(subject, {})


def model_subject(prepared: Prepared, found: Report, decision: Decision) -> Subject:
    """What the checks said of a model, as a subject of a report."""
    from printstd.cli.positions import position_rows
    from printstd.cli.records import record_rows
    from printstd.cli.running import blocking_rules
    from printstd.kernels.shape_digest import surface_sha256
    from printstd.report.characteristics import predicted_of, rows_of
    from printstd.report.document import Subject, section_of
    from printstd.report.feature_rows import feature_rows

    section = section_of("validate", found.findings, decision, found.rules_run)
    return Subject(
        prepared.model.name,
        prepared.source.file_sha256,
        (
            *record_rows(prepared.resolved),
            *model_rows(prepared.file),
            *position_rows([prepared]),
        ),
        (section,),
        (),
        None,
        decision.exit_code,
        explain_hints(blocking_rules(decision.blocking, decision.silent_rules)),
        feature_rows(found.features, prepared.resolved),
        geometry_sha256=surface_sha256(prepared.file.mesh.vertices_mm, prepared.file.mesh.faces),
        source_format=prepared.source.format,
        characteristics=rows_of(found.characteristics, None),
        predicted=predicted_of(found.characteristics),
    )


def explain_hints(rules: list[str]) -> tuple[str, ...]:
    """Where to read on about rules that kept a run from passing."""
    return tuple(f"printstd explain {rule}" for rule in rules[:3])


def _slice_hint(path: Path, printer: str | None) -> str:
    import shlex

    from printstd.cli.running import shown

    model, product = (shlex.quote(shown(p)) for p in (path, path.with_suffix(".gcode")))
    return f"printstd slice {model} --printer {printer or 'NAME'} -o {product}"


def model_rows(file: ModelFile) -> tuple[Fact, ...]:
    """The facts about a model that every report starts with."""
    from printstd.artifacts.wording import LENGTH_UNITS
    from printstd.report.document import Fact

    mesh = file.mesh
    low, high = mesh.box_mm
    size = " x ".join(f"{extent:.6g}" for extent in high - low)
    cad = mesh.source.cad
    unit = LENGTH_UNITS[mesh.source.unit if cad is None else cad.unit]
    return (
        Fact(said("format"), mesh.source.format),
        Fact(
            said("unit"),
            unit
            if mesh.source.is_unit_stated
            else said("{unit} (assumed: the file does not say)", unit=unit),
        ),
        Fact(said("size"), said("{size} mm", size=size)),
        Fact(said("triangles"), str(len(mesh.faces))),
        *(() if cad is None else _cad_rows(cad, mesh.source.sha256)),
    )


def _cad_rows(cad: CadSource, mesh_sha256: str) -> tuple[Fact, ...]:
    """How well the mesh stands for the CAD file, and which mesh it is."""
    from printstd.report.document import Fact

    chord = said(
        "{chord:.3f} um at most, limit {limit:g} um: {source}",
        chord=cad.chord_nm / 1000,
        limit=cad.chord_limit_nm / 1000,
        source=cad.limit_from,
    )
    return (
        Fact(said("chord error"), chord),
        Fact(said("tessellated by"), cad.tessellator),
        Fact(said("mesh"), said("sha256 {sha256}", sha256=mesh_sha256)),
    )
