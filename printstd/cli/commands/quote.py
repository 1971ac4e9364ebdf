"""`printstd quote`: hours, grams and money of a print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.job import ProgramFacts
    from printstd.farm.quote import Prices, Quote


def quote(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL|OUT.gcode",
            help="A certified program, or a model that is sliced for this.",
            show_default=False,
        ),
    ],
    prints: Annotated[
        int, typer.Option("--prints", metavar="N", min=1, max=1_000_000, help="How many prints.")
    ] = 1,
    farm: Annotated[
        Path | None,
        typer.Option(
            "--farm",
            metavar="FOLDER",
            envvar="PRINTSTD_FARM",
            help="A farm: its rates and its policy.",
            show_default=False,
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            "--rates",
            metavar="FILE",
            help="A TOML with a table [rates], as in farm.toml (docs/farm.md).",
            show_default=False,
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Of a program: the keys that its certificate must be signed by.",
            show_default=False,
        ),
    ] = None,
    policy: options.Policy = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    workers: options.Workers = None,
    form: options.ListingFormat = Listing.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Machine hours, grams and cost. Of a certified program they are the figures of its
    certificate; of a model those that a certificate of it would have. Heating up is not in them."""
    from printstd.cli.farm_tables import show_json
    from printstd.farm.quote import quote as reckon

    is_program = source.name.lower().endswith((".gcode", ".bgcode", ".gcode.3mf", ".gco", ".g"))
    prices = prices_of(farm, rates)
    if is_program:
        facts = _of_program(source, farm, trust, policy)
    else:
        facts = _of_model(
            source,
            options_of_request={
                "pack": pack,
                "tolerance_class": tolerance_class,
                "material": material,
                "process": process,
                "printer": printer,
                "settings": settings,
            },
            units=units,
            workers=workers,
            quiet=quiet,
        )
    found = reckon(facts, prints, prices)
    if form is Listing.JSON:
        show_json({"program": facts.name, "sha256": facts.sha256, **quote_row(found)})
    else:
        _tell(found)
    return 0


def prices_of(farm: Path | None, rates: Path | None) -> Prices:
    """The rates of a file, else of a farm, else none at all: hours and grams need none."""
    from printstd.adapters.farm_folder import Rates, open_folder, read_rates
    from printstd.farm.quote import Prices

    found = Rates()
    if rates is not None:
        found = read_rates(rates)
    elif farm is not None:
        found = open_folder(farm).settings.rates
    return Prices(
        found.currency,
        found.machine_per_hour,
        found.per_print,
        found.materials_per_kg,
        found.markup_percent,
    )


def _of_program(
    source: Path, farm: Path | None, trust: Path | None, policy: Path | None
) -> ProgramFacts:
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.farm_folder import open_folder
    from printstd.cli.at_hand import nobody_trusted
    from printstd.cli.commands.verify import load_policy
    from printstd.cli.farm_place import files_of, policy_of, verified
    from printstd.cli.running import shown
    from printstd.coordinator.facts import program_facts

    rules, file = load_policy(trust, policy), policy
    if rules is None and farm is not None:
        folder = open_folder(farm)
        rules, file = policy_of(folder), folder.policy
    if rules is None:
        raise nobody_trusted(shown(source.name), said("a program"))
    files = files_of(source)
    return program_facts(verified(files, rules, file, SystemClock().now_utc()), files[0][0])


def _of_model(
    source: Path,
    *,
    options_of_request: dict[str, Any],
    units: str | None,
    workers: int | None,
    quiet: bool,
) -> ProgramFacts:
    """What a certificate of this model would say."""
    import hashlib

    from printstd import pipeline
    from printstd.adapters.progress import progress_for
    from printstd.artifacts.job import Feed, ProgramFacts
    from printstd.cli.running import (
        executor_of,
        order_of,
        read_model_file,
        request_of,
        resolved_for,
    )
    from printstd.cli.speech import translate
    from printstd.units import um

    request = request_of(**options_of_request)
    resolved = resolved_for(request, with_fits=False)
    pipeline.require_printer(resolved)
    order = order_of(
        units=units,
        scale=1.0,
        rotate=None,
        notation=None,
        orient=False,
        plate=None,
        is_healed=False,
    )
    parts = pipeline.prepare_all(read_model_file(source), order, resolved)
    with progress_for(quiet=quiet, translate=translate()) as progress:
        plate = pipeline.plate_of(parts, copies=1)
        made = pipeline.make_plate(plate, executor=executor_of(workers), progress=progress)
    totals, printer = made.program.totals, resolved.printer
    assert printer is not None
    names = (request.material, *request.more_materials)
    used = {tool.tool: tool.filament_mg for tool in totals.tools}
    feeds = tuple(Feed(n, names[min(n, len(names) - 1)], mg) for n, mg in sorted(used.items()))
    own = resolved.material
    return ProgramFacts(
        sha256=hashlib.sha256(made.program.data).hexdigest(),
        name=source.name,
        printer=request.printer or "",
        nozzle_um=um(printer.nozzle_mm),
        feeds=feeds or (Feed(0, request.material, totals.filament_mg),),
        nozzle_mc=(0, 0),
        bed_mc=(0, 0),
        flow_permille=round(own.flow_ratio * 1000),
        layers=totals.n_layers,
        print_time_ms=totals.print_time_ms,
        filament_um=totals.filament_um,
        pack=request.pack,
        indication="",
        level="",
    )


def quote_row(found: Quote) -> dict[str, Any]:
    """Money as text: cents are no floats."""
    return {
        "prints": found.copies,
        "machine_hours": None if found.time_ms is None else round(found.time_ms / 3_600_000, 4),
        "print_time_s": None if found.time_ms is None else found.time_ms / 1e3,
        "grams": {name: None if mg is None else mg / 1e3 for name, mg in found.mg},
        "currency": found.currency,
        "lines": [
            {
                "name": in_words(line.name),
                "amount": None if line.amount is None else str(line.amount),
                "reason": in_words(line.reason),
            }
            for line in found.lines
        ],
        "total": None if found.total is None else str(found.total),
    }


def _tell(found: Quote) -> None:
    from printstd.farm.quote import hours

    unknown = in_words(said("not known"))
    time = unknown if found.time_ms is None else hours(found.time_ms)
    rows = [(in_words(said("machine time, h:min")), time)]
    rows += [
        (
            in_words(said("{material}, g", material=name)),
            unknown if mg is None else f"{mg / 1e3:.1f}",
        )
        for name, mg in found.mg
    ]
    for line in found.lines:
        amount = in_words(line.reason) if line.amount is None else f"{line.amount}"
        rows.append((in_words(line.name), f"{amount} {found.currency}".rstrip()))
    if found.total is not None:
        rows.append((in_words(said("total")), f"{found.total} {found.currency}".rstrip()))
    from printstd.report.cells import cells, padded

    width = max(cells(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"{padded(name, width)}  {value}")
