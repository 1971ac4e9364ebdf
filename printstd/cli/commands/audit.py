"""`printstd audit`: what does a finished program really do, whoever made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.words import listed, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from printstd.artifacts.audit import LayerMeasured, Measured
    from printstd.artifacts.characteristics import CharacteristicResult
    from printstd.pipeline import Checked
    from printstd.report.document import Fact, LayerRow, Subject


def audit(
    program: Annotated[
        Path,
        typer.Argument(metavar="OUT.gcode", help="The G-code to audit.", show_default=False),
    ],
    model: options.Model = None,
    supports: options.Supports = False,
    undeclared: options.Undeclared = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    scale: options.Scale = 1.0,
    rotate: options.Rotate = None,
    plate: options.Plate = None,
    extruder: options.Extruder = None,
    copies: options.Copies = 1,
    heal: options.Heal = False,
    characteristics: options.Characteristics = None,
    allow_undecided: options.AllowUndecided = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Read finished G-code, rebuild the part it commands, and measure it against its model.

    Whoever made it: comments are not read. The request's profiles say what is demanded and which
    compensations were meant (for none: --set process.compensation.elephant_foot_mm=0); what nobody
    declared is named by --undeclared, measured and told; the part's place on the bed is searched,
    unless --rotate or --scale declare it. Of a plate, name every model with a --model of its own
    (twice, or --copies, where it is there twice).
    """
    from printstd.adapters.progress import progress_for
    from printstd.cli.carriers import program_in
    from printstd.cli.pictures import drawing_together
    from printstd.cli.places import seen_from_here, settle
    from printstd.cli.running import (
        check_form,
        deliver,
        document_of,
        drawing_files,
        drawing_of,
        executor_of,
        order_of,
        orders_of,
        over_inputs,
        read_model_file,
        request_of,
        resolved_for,
        shown,
    )
    from printstd.errors import UsageError

    if not model:
        raise UsageError(
            said("an audit needs the model"),
            got=said("a program alone"),
            wanted=said("--model MODEL"),
            hint=said("name the file that the program was sliced from"),
        )
    settle(
        [report] if report else [],
        inputs=[program, *model, *drawing_files(characteristics)],
    )
    check_form(form, characteristics)
    names = undeclared_names(undeclared or ())
    order = order_of(
        units=units,
        scale=scale,
        rotate=rotate,
        plate=plate,
        is_healed=heal,
        allow_undecided=allow_undecided,
        drawing=drawing_of(characteristics, model),
    )
    resolved = resolved_for(
        request_of(
            pack=pack,
            tolerance_class=tolerance_class,
            material=material,
            process=process,
            printer=printer,
            settings=settings,
        )
    )
    from printstd import pipeline

    pipeline.require_printer(resolved)
    chosen = list(zip(model, orders_of(order, model, extruder), strict=True))

    def one(path: Path) -> Subject:
        data = program_in(path, plate=plate)
        parts = [
            part
            for name, own in chosen
            for part in pipeline.prepare_all(read_model_file(name), own, resolved)
            for _ in range(copies)
        ]
        demand = pipeline.foreign_demand(parts, supports_allowed=supports, undeclared=names)
        with progress_for(quiet=quiet, translate=translate()) as progress:
            checked = pipeline.audit(
                data,
                pipeline.distinct_models(parts),
                demand,
                allowed_undecided=order.allowed_undecided,
                executor=executor_of(workers),
                progress=progress,
            )
        return audit_subject(
            shown(path.name), checked, pipeline.characteristics_of(parts, checked.audit.sizes)
        )

    subjects = over_inputs([program], one)
    document = document_of("audit", subjects, resolved)
    draw = drawing_together(model, [own for _, own in chosen], resolved)
    return deliver(
        document,
        form=form,
        file=report,
        quiet=quiet,
        redact=redact,
        draw=draw,
        files=seen_from_here([program]),
    )


def undeclared_names(given: Sequence[str]) -> tuple[str, ...]:
    """Of `--undeclared`, each checked; ``all`` stands for every one."""
    from printstd.artifacts.demand import UNDECLARED
    from printstd.errors import UsageError

    wanted = (*UNDECLARED, "all")
    for name in given:
        if name not in wanted:
            raise UsageError(
                said("nothing of this name can be left undeclared"),
                got=repr(name),
                wanted=said("one of {values}", values=", ".join(wanted)),
                hint=said("`printstd audit --help` lists them"),
            )
    return UNDECLARED if "all" in given else tuple(n for n in UNDECLARED if n in given)


def audit_subject(
    name: str, checked: Checked, drawing: Sequence[CharacteristicResult] = ()
) -> Subject:
    """An audit as a subject of a report. drawing : its rows, with what the model says to them."""
    from printstd.cli.commands.validate import explain_hints
    from printstd.cli.running import blocking_rules
    from printstd.report.characteristics import predicted_of, rows_of
    from printstd.report.document import Subject, section_of

    found = checked.audit
    section = section_of("audit", found.findings, checked.decision, found.rules_run)
    return Subject(
        name,
        found.program_sha256,
        measured_rows(checked),
        (section,),
        (),
        None,
        checked.decision.exit_code,
        explain_hints(blocking_rules(checked.decision.blocking, checked.decision.silent_rules)),
        characteristics=rows_of(drawing, found.sizes),
        predicted=predicted_of(drawing),
        layers=layer_rows(checked),
    )


def layer_rows(checked: Checked) -> tuple[LayerRow, ...]:
    """What the auditor measured of each layer."""
    return tuple(map(_layer_row, checked.audit.per_layer))


def _layer_row(layer: LayerMeasured) -> LayerRow:
    from printstd.report.document import LayerRow

    def um(value_nm: int | None) -> float | None:
        return None if value_nm is None else value_nm / 1000

    return LayerRow(
        layer.z_um / 1000,
        layer.section_area_um2 / 1e6,
        layer.deposited_mm3_e3 / 1000,
        um(layer.outward_max_nm),
        um(layer.inward_max_nm),
        um(layer.middle_nm),
    )


def measured_rows(checked: Checked) -> tuple[Fact, ...]:
    """What the auditor measured, as facts."""
    from printstd.report.document import Fact

    measured = checked.audit.measured
    rows = [
        Fact(said("layers"), str(measured.layers)),
        Fact(said("filament"), said("{length_m:.3f} m", length_m=measured.filament_um / 1e6)),
    ]
    for part in checked.audit.parts:
        rows += [
            Fact(listed((part.label, row.name), ": "), row.value)
            for row in _part_rows(part.measured)
        ]
    return (*rows, *(_part_rows(measured) if not checked.audit.parts else ()))


def _part_rows(measured: Measured) -> tuple[Fact, ...]:
    """What was measured of one part."""
    from printstd.report.document import Fact

    x, y, z = (value / 1000 for value in measured.placement_um)
    rows = [Fact(said("placed at"), said("{x:.3f}, {y:.3f}, {z:.3f} mm", x=x, y=y, z=z))]
    if measured.outward_max_nm is not None and measured.inward_max_nm is not None:
        rows.append(
            Fact(
                said("commanded geometry"),
                said(
                    "outward at most {outward_max_nm:.1f} um, inward at most "
                    "{inward_max_nm:.1f} um",
                    outward_max_nm=measured.outward_max_nm / 1000,
                    inward_max_nm=measured.inward_max_nm / 1000,
                ),
            )
        )
        rows += _deviation_rows(measured)
    if measured.extents_um is not None:
        size = " x ".join(f"{extent / 1000:.3f}" for extent in measured.extents_um)
        rows.append(Fact(said("commanded size"), said("{size} mm", size=size)))
    return tuple(rows)


def _deviation_rows(measured: Measured) -> Iterator[Fact]:
    """More of how far the commanded geometry is off: nearly everywhere, where most, and U."""
    from printstd.report.document import Fact

    if measured.outward_p999_nm is not None and measured.inward_p999_nm is not None:
        yield Fact(
            said("99.9 % of the outline"),
            said(
                "outward at most {outward:.1f} um, inward at most {inward:.1f} um",
                outward=measured.outward_p999_nm / 1000,
                inward=measured.inward_p999_nm / 1000,
            ),
        )
    for name, at in (
        (said("furthest out at"), measured.outward_at),
        (said("furthest in at"), measured.inward_at),
    ):
        if at is not None:
            x, y, z = (value / 1000 for value in at[1:])
            yield Fact(
                name,
                said("{x:.3f}, {y:.3f}, {z:.3f} mm, layer {layer}", x=x, y=y, z=z, layer=at.layer),
            )
    yield Fact(
        said("U: shape of a bead"),
        said(
            "-{inwards:.1f}/+{outwards:.1f} um a side",
            inwards=measured.shape_inwards_nm / 1000,
            outwards=measured.shape_outwards_nm / 1000,
        ),
    )
