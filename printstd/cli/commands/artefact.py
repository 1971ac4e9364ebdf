"""`printstd artefact`: test parts to learn what a machine holds, and a table to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.capability.artefact import ArtefactPart
    from printstd.cli.commands.certify import CertifyJob
    from printstd.report.document import Fact, Subject

TEMPLATE = "measurements.csv"


def artefact(
    outdir: Annotated[
        Path,
        typer.Option(
            "-o",
            "--outdir",
            metavar="FOLDER",
            help="Folder for the parts and the table of measurements.",
            show_default=False,
        ),
    ],
    parts: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            metavar="ID",
            help="Only this part, e.g. LA-X; may be repeated. `limits`: those with shapes that the "
            "checks do not let pass, as STL alone.",
            show_default="all that pass the checks",
        ),
    ] = None,
    printer: options.Printer = None,
    key: options.Key = None,
    pack: options.Pack = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    settings: options.Set = None,
    time: options.Time = None,
    workers: options.Workers = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Write the "52902-style" test parts as STL, with --printer and --key as certified G-code too.

    The geometry is this project's own, no part of it is one of ISO/ASTM 52902. Nominal sizes stand
    in the report and in measurements.csv, which is to be filled in and given to `printstd qualify`.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.cli.places import check_folder, given_files, settle
    from printstd.cli.running import deliver, document_of, request_of, resolved_for, shown
    from printstd.errors import UsageError

    if (printer is None) != (key is None):
        raise UsageError(
            said("certified programs want a printer and a key"),
            got=said("--printer alone") if key is None else said("--key alone"),
            wanted=said("both, or neither for models alone"),
            hint=said("`printstd keys new NAME` makes NAME.key"),
        )
    chosen = _chosen(parts, is_certified=key is not None)
    check_folder(outdir)
    places = {part.id: outdir / f"{part.id}.stl" for part in chosen}
    template = outdir / TEMPLATE
    settle([*places.values(), template, *([report] if report else [])], inputs=given_files([], key))
    resolved = resolved_for(
        request_of(
            pack=pack,
            tolerance_class=None,
            material=material,
            process=process,
            printer=printer,
            settings=settings,
        )
    )
    clock = FixedClock(time) if time is not None else SystemClock()
    job = None
    if key is not None:
        from printstd.adapters.signing import open_signer
        from printstd.cli.commands.certify import CertifyJob
        from printstd.cli.running import order_of

        job = CertifyJob(
            resolved,
            [order_of(units=None)],
            open_signer(key),
            clock,
            workers,
            sign_failure=False,
            quiet=quiet,
            copies=1,
            cache=None,
        )
    from printstd.capability.artefact.files import stl, template_rows

    products: dict[Path, bytes] = {}
    subjects = []
    for part in chosen:
        place, data = places[part.id], stl(part)
        subject = _subject(part, place, data)
        if job is not None:
            subject = _certified(job, part, subject, place, data)
        products[place] = data
        subjects.append(subject)
    if job is not None:
        products |= job.products
    products[template] = template_rows(chosen)
    document = document_of("artefact", tuple(subjects), resolved, clock)
    if not quiet and form is Format.TEXT and report is None:
        # The table belongs to all parts: no subject names it.
        from printstd.cli.speech import tell

        tell(said("printstd: the table of measurements is {file}", file=shown(template)))
    return deliver(document, form=form, file=report, quiet=quiet, products=products)


def _chosen(names: list[str] | None, *, is_certified: bool) -> tuple[ArtefactPart, ...]:
    """UsageError where there is no such part, or one is to be certified that cannot be."""
    from printstd.capability.artefact import PARTS
    from printstd.errors import UsageError

    if names is None:
        return tuple(part for part in PARTS if part.is_printable)
    known = {part.id.casefold(): part for part in PARTS}
    chosen: dict[str, ArtefactPart] = {}
    for name in names:
        if name.casefold() == "limits":
            chosen |= {part.id: part for part in PARTS if not part.is_printable}
        elif name.casefold() in known:
            part = known[name.casefold()]
            chosen[part.id] = part
        else:
            raise UsageError(
                said("there is no such test part"),
                got=name,
                wanted=said(
                    "one of {parts}, or limits", parts=", ".join(part.id for part in PARTS)
                ),
                hint=said("leave --part out for all that pass the checks"),
            )
    refused = [part.id for part in chosen.values() if not part.is_printable]
    if is_certified and refused:
        raise UsageError(
            said("parts with shapes beyond the limits are not certified"),
            got=", ".join(refused),
            wanted=said("--part {part} without --key", part=refused[0]),
            hint=said("print them with `printstd slice`, to see where the machine fails"),
        )
    return tuple(part for part in PARTS if part.id in chosen)


def _subject(part: ArtefactPart, place: Path, data: bytes) -> Subject:
    import hashlib

    from printstd.cli.running import shown
    from printstd.report.document import Subject

    return Subject(
        shown(place.name),
        hashlib.sha256(data).hexdigest(),
        _facts(part),
        (),
        (shown(place),),
        None,
        0,
    )


def _facts(part: ArtefactPart) -> tuple[Fact, ...]:
    from printstd.artifacts.wording import SENSE_NAMES
    from printstd.report.document import Fact

    return (
        Fact(said("part"), said("{id}, a 52902-style test part of our own", id=part.id)),
        Fact(said("tells"), part.purpose),
        *(
            Fact(
                size.id,
                said(
                    "{nominal:g} mm, {sense}, {along}: {what}",
                    nominal=size.nominal_mm,
                    sense=SENSE_NAMES.get(size.sense, size.sense),
                    along=size.along,
                    what=size.what,
                ),
            )
            for size in part.sizes
        ),
        *(Fact(said("to look at"), what) for what in part.looked_at),
    )


def _certified(
    job: CertifyJob, part: ArtefactPart, subject: Subject, place: Path, data: bytes
) -> Subject:
    """The part made, audited and signed; its model's facts stay first."""
    from dataclasses import replace

    from printstd import pipeline
    from printstd.cli.running import shown

    program = place.with_suffix(".gcode")
    before = len(job.products)
    prepared = pipeline.prepare_all(
        pipeline.ModelInput(data, shown(place.name)), job.orders[0], job.resolved
    )
    made = job.plate([place], list(prepared), program)
    outputs = tuple(shown(path) for path in list(job.products)[before:])
    return replace(made, facts=(*subject.facts, *made.facts), outputs=(*subject.outputs, *outputs))
