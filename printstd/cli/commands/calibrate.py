"""`printstd calibrate`: test prints for one machine with one spool, and settings from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.calibrating import Call, Test, hollow, resolve, run, tube
from printstd.cli.groups import Machine, Told, grouped
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.calibration import CalibrationRecord
    from printstd.profiles.calibration_models import CalibrationForm
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Fact

app = typer.Typer(
    no_args_is_help=True,
    help="Test prints for a machine with a spool, and settings from them.",
    rich_markup_mode=None,
)

Output = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        metavar="OUT.gcode",
        help="The test print; OUT.gcode.calibration.toml beside it is the form for its results.",
        show_default=False,
    ),
]
Bands = Annotated[
    int, typer.Option("--bands", metavar="N", min=3, max=15, help="Bands or squares.")
]


@app.command("flow", short_help="One wall, whose thickness tells the flow.")
@grouped
def flow(
    output: Output,
    machine: Machine,
    told: Told,
) -> int:
    """An open box of one wall. Measure the wall; `take` gives material.flow_ratio."""
    from printstd.capability.calibration.parts import flow_block

    call = Call(output, machine, told)
    return run(Test("flow", flow_block(), tube()), call)


@app.command("pa", short_help="A tower whose corners tell the pressure advance.")
@grouped
def pa(
    output: Output,
    machine: Machine,
    told: Told,
    low: Annotated[
        float, typer.Option("--from", metavar="S", min=0.0, max=2.0, help="In the lowest band.")
    ] = 0.0,
    high: Annotated[
        float, typer.Option("--to", metavar="S", min=0.0, max=2.0, help="In the highest band.")
    ] = 0.08,
    bands: Bands = 9,
) -> int:
    """A square tower; each band has another pressure advance (M900, M572 or SET_PRESSURE_ADVANCE,
    as the machine says it). `take` gives material.pressure_advance_s."""
    from printstd.capability.calibration.parts import BAND_MM, BASE_MM, corner_tower

    call = Call(output, machine, told)
    test = Test(
        "pressure_advance",
        corner_tower(bands),
        (*hollow(), "process.walls.count=2"),
        _values(low, high, bands),
        BASE_MM,
        BAND_MM,
        _advance,
    )
    return run(test, call)


@app.command("temp", short_help="A tower of bands from cold to hot.")
@grouped
def temp(
    output: Output,
    machine: Machine,
    told: Told,
    low: Annotated[
        int | None,
        typer.Option(
            "--from", metavar="C", help="In the lowest band.", show_default="the window's lower end"
        ),
    ] = None,
    high: Annotated[
        int | None,
        typer.Option(
            "--to", metavar="C", help="In the highest band.", show_default="the window's upper end"
        ),
    ] = None,
    bands: Bands = 6,
) -> int:
    """Posts with a bridge and an overhang in each band. Bands rise from cold to hot within the
    material's window, so that every machine waits for each. `take` gives material.nozzle_c."""
    from printstd.capability.calibration.parts import BASE_MM, HOT_BAND_MM, temperature_tower
    from printstd.errors import UsageError

    call = Call(output, machine, told)
    resolved = resolve(call)
    window = resolved.material.nozzle_window_c
    hottest = min(window[1], resolved.printer.max_nozzle_c) if resolved.printer else window[1]
    first = window[0] if low is None else low
    last = hottest if high is None else high
    if not window[0] <= first < last <= hottest:
        raise UsageError(
            said("these temperatures are not within the window, from cold to hot"),
            got=said("{first} to {last} degC", first=first, last=last),
            wanted=said("within {low} to {high} degC", low=window[0], high=hottest),
            hint=said("the window is the material's, the upper end also the machine's"),
        )
    values = [float(round(value)) for value in _values(first, last, bands)]
    test = Test(
        "temperature",
        temperature_tower(bands),
        (f"material.nozzle_c={round(values[0])}",),
        values,
        BASE_MM,
        HOT_BAND_MM,
        _heated,
    )
    return run(test, call)


@app.command("first-layer", short_help="Squares with the nozzle at other heights.")
@grouped
def first_layer(
    output: Output,
    machine: Machine,
    told: Told,
    low: Annotated[
        float,
        typer.Option("--from", metavar="MM", min=-0.12, max=0.12, help="Of the first square."),
    ] = -0.08,
    high: Annotated[
        float, typer.Option("--to", metavar="MM", min=-0.12, max=0.12, help="Of the last square.")
    ] = 0.08,
    bands: Bands = 9,
) -> int:
    """Squares of one layer, fed alike, the nozzle a little higher over each. `take` gives the
    offset for the machine's own Z."""
    from printstd.capability.calibration.parts import squares

    call = Call(output, machine, told)
    solid, middles = squares(bands)
    values = _values(low, high, bands)
    sets = ("process.adhesion.skirt_loops=0",)
    return run(Test("first_layer", solid, sets, values, middles_mm=middles), call)


def _values(low: float, high: float, count: int) -> list[float]:
    """UsageError where they do not rise."""
    from printstd.errors import UsageError

    if low >= high:
        raise UsageError(
            said("the values of the bands must rise"),
            got=said("--from {low:g} --to {high:g}", low=low, high=high),
            wanted=said("--from below --to"),
            hint=said("the lowest band has --from, the highest --to"),
        )
    return [round(low + (high - low) * n / (count - 1), 6) for n in range(count)]


def _advance(resolved: Resolved, value: float) -> list[str]:
    from printstd.gcode.dialects import phrases_of

    printer, allowed = resolved.printer, resolved.allowlist
    if printer is None or allowed is None:
        raise AssertionError("a printer was demanded")
    return [phrases_of(printer.firmware, allowed, printer.macros).pressure_advance(value)]


def _heated(resolved: Resolved, value: float) -> list[str]:
    from printstd.gcode.dialects import phrases_of

    printer, allowed = resolved.printer, resolved.allowlist
    if printer is None or allowed is None:
        raise AssertionError("a printer was demanded")
    return phrases_of(printer.firmware, allowed, printer.macros).nozzle_reached(round(value))


@app.command("take", short_help="From a filled-in form to a record.")
def take(
    filled: Annotated[
        Path,
        typer.Argument(metavar="FORM.toml", help="The form, filled in.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="RECORD.json", help="The record to write.", show_default=False
        ),
    ] = None,
    time: options.Time = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Work out the setting and its uncertainty from what was measured. Nonsense is refused."""
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.files import read_file
    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, over_inputs, shown
    from printstd.profiles.read_records import read_calibration_form
    from printstd.report.document import Subject

    settle([p for p in (output, report) if p is not None], inputs=[filled])
    clock = FixedClock(time) if time is not None else SystemClock()
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        held = read_calibration_form(read_file(path), shown(path.name))
        record = record_of(held.says, held.sha256, clock.now_utc()[: len("2026-11-26")])
        if output is not None:
            products[output] = record_bytes(record)
        outputs = tuple(shown(product) for product in products)
        return Subject(held.name, held.sha256, _facts(record), (), outputs, None, 0)

    subjects = over_inputs([filled], one)
    return deliver(
        document_of("calibrate", subjects, None, clock),
        form=form,
        file=report,
        quiet=quiet,
        products=products,
    )


def record_of(form: CalibrationForm, sha256: str, today: str) -> CalibrationRecord:
    """InputError where what was measured is nonsense, or was measured tomorrow."""
    from printstd import __version__
    from printstd.artifacts.calibration import E6, UNITS, CalibrationRecord
    from printstd.capability.calibration import estimate
    from printstd.errors import InputError

    printed, who, measured = form.printed, form.who, form.measured
    if who.on.isoformat() > today:
        raise InputError(
            said("this was measured on a day that has not come"),
            got=who.on.isoformat(),
            wanted=said("at most {today}", today=today),
            hint=said("put right the date in the form; nothing was recorded"),
        )
    if printed.kind != "flow" and len(printed.values) < 2:
        raise InputError(
            said("the form is not that of this print"),
            got=said("{count} values", count=len(printed.values)),
            wanted=said("one for each band or square"),
            hint=said("take the form that was written beside the program"),
        )
    if printed.kind == "flow":
        found = estimate.flow_ratio(
            measured.wall_mm,
            commanded_mm=printed.wall_mm,
            before=printed.before,
            resolution_mm=measured.resolution_mm,
        )
    elif printed.kind == "pressure_advance":
        found = estimate.by_height(
            measured.best_height_mm,
            base_mm=printed.base_mm,
            band_mm=printed.band_mm,
            values=printed.values,
        )
    else:
        found = estimate.by_number(measured.best, values=printed.values)
    sets = {
        "flow": "material.flow_ratio",
        "pressure_advance": "material.pressure_advance_s",
        "temperature": "material.nozzle_c",
        "first_layer": None,
    }[printed.kind]
    return CalibrationRecord(
        printed.kind,
        round(found.value * E6),
        round(found.u * E6),
        round(printed.before * E6),
        UNITS[printed.kind],
        sets,
        printed.printer,
        who.printer_serial,
        who.nozzle_id,
        printed.nozzle_mm,
        printed.material,
        who.spool,
        printed.process,
        who.by,
        who.on.isoformat(),
        found.samples,
        printed.program_sha256,
        sha256,
        __version__,
    )


def record_bytes(record: CalibrationRecord) -> bytes:
    """As JSON, the same bytes every time."""
    import json
    from dataclasses import asdict

    from printstd.artifacts.calibration import SCHEMA_VERSION

    told = {"schema_version": SCHEMA_VERSION, **asdict(record)}
    return json.dumps(told, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"


def _facts(record: CalibrationRecord) -> tuple[Fact, ...]:
    from printstd.artifacts.calibration import E6
    from printstd.report.document import Fact

    value, u, before = (n / E6 for n in (record.value_e6, record.u_e6, record.before_e6))
    unit = "" if record.unit == "1" else f" {record.unit}"
    return (
        Fact(
            record.sets or said("offset of the machine's Z"),
            said("{value:.6g} +- {u:.2g}{unit} (k = 2)", value=value, u=u, unit=unit),
        ),
        Fact(said("it was"), said("{before:.6g}{unit}", before=before, unit=unit)),
        Fact(said("readings"), str(record.samples)),
        Fact(
            said("machine"),
            said(
                "{printer}, serial {serial}, nozzle {nozzle}",
                printer=record.printer,
                serial=record.printer_serial,
                nozzle=record.nozzle_id,
            ),
        ),
        Fact(said("spool"), listed((record.spool, record.material))),
        Fact(said("measured by"), said("{by}, {on}", by=record.by, on=record.on)),
    )
