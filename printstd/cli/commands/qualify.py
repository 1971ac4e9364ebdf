"""`printstd qualify`: from measurements of printed parts to a signed record of what the machine
holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.capability import CapabilityRecord
    from printstd.profiles.capability_models import MeasurementHeader
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Subject


def qualify(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="MEASURED.csv",
            help="Table of measurements (`printstd artefact` writes a template).",
            show_default=False,
        ),
    ],
    about: Annotated[
        Path | None,
        typer.Option(
            "--about",
            metavar="FILE",
            help="Header of the table (TOML): machine, material, process, instruments.",
            show_default="MEASURED.toml beside the table",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="CAPABILITY.json",
            help="The signed record to write; wants --key.",
            show_default=False,
        ),
    ] = None,
    key: options.Key = None,
    log: options.LogStore = None,
    log_key: options.LogKey = None,
    pack: options.Pack = None,
    time: options.Time = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Work out what a machine holds from what was measured on its parts; with --key, sign it.

    Without -o it only reports. A class that no range holds is no error: it is what was found.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.cli.logged import to_log
    from printstd.cli.places import given_files, settle
    from printstd.cli.running import deliver, document_of, over_inputs
    from printstd.errors import UsageError

    if (output is None) != (key is None):
        raise UsageError(
            said("a record is written signed, or not at all"),
            got=said("-o without --key") if key is None else said("--key without -o"),
            wanted=said("both, or neither for the report alone"),
            hint=said("`printstd keys new NAME` makes NAME.key"),
        )
    logging = to_log(log, log_key, signs=output is not None)
    header_file = about if about is not None else table.parent / f"{table.stem}.toml"
    inputs = given_files([table, header_file], key)
    settle([p for p in (output, report) if p is not None], inputs=inputs)
    clock = FixedClock(time) if time is not None else SystemClock()
    header = _header(header_file)
    resolved = _resolved(header, pack, header_file)
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        from printstd.adapters.files import read_file
        from printstd.capability.qualify import qualify as qualified
        from printstd.cli.capability import capability_facts
        from printstd.cli.running import shown
        from printstd.intake.measurements import read_measurements
        from printstd.report.document import Subject

        measured = read_measurements(read_file(path), shown(path.name))
        record = qualified(measured, header, resolved)
        if output is not None and key is not None:
            products[output] = _signed(record, key, clock.now_utc())
        return Subject(
            measured.name,
            measured.sha256,
            capability_facts(record),
            (),
            tuple(shown(product) for product in products),
            None,
            0,
        )

    subjects = over_inputs([table], one)
    document = document_of("qualify", subjects, resolved, clock)
    return deliver(document, form=form, file=report, quiet=quiet, products=products, log=logging)


def _header(file: Path) -> MeasurementHeader:
    from printstd.adapters.files import read_file
    from printstd.cli.running import shown
    from printstd.profiles.read_records import read_measurement_header

    return read_measurement_header(read_file(file), shown(file.name)).says


def _resolved(header: MeasurementHeader, pack: str | None, file: Path) -> Resolved:
    """The header's machine, material and process. Raises InputError where they are not those that
    the parts were printed with."""
    from printstd.cli.running import request_of, resolved_for, shown
    from printstd.errors import InputError
    from printstd.units import um

    settings = [f"{name}={value}" for name, value in header.process.settings.items()]
    resolved = resolved_for(
        request_of(
            pack=pack,
            tolerance_class=None,
            material=[header.material.name],
            process=header.process.name,
            printer=header.machine.printer,
            settings=settings,
        )
    )
    wrong: tuple[str, str] | None = None
    if um(resolved.nozzle_mm) != um(header.machine.nozzle_mm):
        wrong = (
            said("machine.nozzle_mm = {size:g}", size=header.machine.nozzle_mm),
            said("{size:g}, as the printer's profile has it", size=resolved.nozzle_mm),
        )
    elif header.process.sha256 not in (None, resolved.digests["process"]):
        wrong = (
            said("process.sha256 = {sha256}", sha256=header.process.sha256),
            resolved.digests["process"],
        )
    if wrong is not None:
        raise InputError(
            said("the parts were made under another process than this one"),
            where=shown(file.name),
            got=wrong[0],
            wanted=wrong[1],
            hint=said("name the profiles and settings that the parts were printed with"),
            code="CAP-PROCESS",
        )
    return resolved


def _signed(record: CapabilityRecord, key: Path, issued_at: str) -> bytes:
    from printstd.adapters.signing import open_signer
    from printstd.adapters.surroundings import tool_facts
    from printstd.certify.capability import capability_statement
    from printstd.certify.dsse import MAX_PAYLOAD_BYTES, sign_bundle
    from printstd.errors import InputError

    payload = capability_statement(record, tool=tool_facts(), issued_at=issued_at)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise InputError(
            said("this is too much for one record"),
            where=record.table,
            got=said("{count} characteristics", count=len(record.characteristics)),
            wanted=said("a record of at most {most} bytes", most=MAX_PAYLOAD_BYTES),
            hint=said("make a table, and a record, of some of them at a time"),
            code="CAP-SIZE",
        )
    return sign_bundle(payload, open_signer(key))
