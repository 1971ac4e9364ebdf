"""`printstd repair`: a model mended as far as its tolerance allows, with proof, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.mending import Mended
    from printstd.report.document import Fact, Subject


def repair(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Model file: STL, 3MF, OBJ, PLY or STEP.", show_default=False
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT.stl|.3mf",
            help="The repaired model to write, in millimetres.",
            show_default=False,
        ),
    ],
    bound: Annotated[
        float | None,
        typer.Option(
            "--bound",
            metavar="MM",
            help="How far the surface may be moved; at most a tenth of the smallest tolerance of "
            "the class.",
            show_default="0.01, or that tenth where it is less",
        ),
    ] = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    plate: options.Plate = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Mend a model's surface, prove how far it was moved, and say everything that was done.

    What would be a guess is refused (exit 1), and then nothing is written. The model itself is
    never overwritten.
    """
    from printstd.cli.places import settle
    from printstd.cli.running import (
        answer_of,
        check_form,
        deliver,
        document_of,
        order_of,
        request_of,
        resolved_for,
    )
    from printstd.errors import UsageError
    from printstd.mending import policy_of

    settle([path for path in (output, report) if path], inputs=[model])
    check_form(form, None)
    kind = output.suffix.lower()
    if kind not in (".stl", ".3mf"):
        raise UsageError(
            said("-o: repair writes STL or 3MF"),
            got=output.name,
            wanted=said("a name that ends in .stl or .3mf"),
            hint=said("3MF says its unit and keeps every digit"),
        )
    order = order_of(units=units, plate=plate)
    request = request_of(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
    )
    resolved = resolved_for(request)
    policy = policy_of(resolved, bound)
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        import shlex

        from printstd.cli.commands.validate import model_rows
        from printstd.cli.running import read_model_file, shown
        from printstd.inputs import model_input, read_input
        from printstd.kernels.shape_digest import surface_sha256
        from printstd.mending import mended
        from printstd.report.document import Fact, Subject, section_of

        given = read_model_file(path)
        given = model_input(given, resolved, unit=order.unit, plate=order.plate)
        file = read_input(given, order.unit, order.plate)
        found = mended(file, resolved, policy, is_3mf=kind == ".3mf")
        facts = [*model_rows(file)]
        facts.append(
            Fact(
                said("bound"),
                said("{mm:g} mm: {why}", mm=policy.bound_mm, why=policy.bound_source),
            )
        )
        facts += _account(found)
        if found.product is not None and found.after is not None:
            products[output] = found.product
            mesh = found.after.mesh
            facts.append(Fact(said("triangles of the repaired model"), str(len(mesh.faces))))
            facts.append(
                Fact(
                    said("geometry of the repaired model"),
                    said("sha256 {sha256}", sha256=surface_sha256(mesh.vertices_mm, mesh.faces)),
                )
            )
        else:
            facts.append(Fact(said("written"), said("nothing: something was refused")))
        hint = f"printstd validate {shlex.quote(shown(output))}"
        return Subject(
            given.name,
            file.mesh.source.file_sha256,
            tuple(facts),
            (section_of("repair", found.findings, found.decision, found.rules_run),),
            (shown(output),) if products else (),
            None,
            found.decision.exit_code,
            (hint,) if products else tuple(f"printstd explain {rule}" for rule in _failed(found)),
            geometry_sha256=surface_sha256(file.mesh.vertices_mm, file.mesh.faces),
            source_format=file.mesh.source.format,
        )

    subject = answer_of(model, one)
    return deliver(
        document_of("repair", (subject,), resolved),
        form=form,
        file=report,
        quiet=quiet,
        redact=redact,
        products=products,
    )


def _account(found: Mended) -> list[Fact]:
    """Every action with all that is told of it."""
    from printstd.artifacts.finding import Status
    from printstd.report.document import Fact

    return [
        Fact(
            said("{rule}: {name}", rule=finding.rule_id, name=name),
            value,
        )
        for finding in found.findings
        if finding.status is Status.INFO or finding.rule_id == "REP-09"
        for name, value in (*_region(finding), *finding.details)
    ]


def _region(finding: Finding) -> list[tuple[str, str]]:
    boxes = [where.box_mm for where in finding.where if where.box_mm is not None]
    return [
        (
            said("region"),
            said(
                "{low} to {high} mm",
                low=", ".join(f"{value:.6g}" for value in box[:3]),
                high=", ".join(f"{value:.6g}" for value in box[3:]),
            ),
        )
        for box in boxes
    ]


def _failed(found: Mended) -> list[str]:
    """Rules that kept it from being repaired."""
    return list(dict.fromkeys(finding.rule_id for finding in found.decision.blocking))[:3]
