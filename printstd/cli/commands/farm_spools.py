"""`printstd farm spools`: filament."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, Farm, FarmAt, at_farm, now_ms, who
from printstd.cli.options import Listing
from printstd.cli.speech import Language
from printstd.words import said


def spools(
    add: Annotated[
        str | None,
        typer.Option(
            "--add",
            metavar="SPOOL",
            help="A new spool: with --material and --grams.",
            show_default=False,
        ),
    ] = None,
    material: Annotated[
        str | None,
        typer.Option(
            "--material",
            metavar="NAME",
            help="Profile of its material.",
            show_default=False,
        ),
    ] = None,
    weigh: Annotated[
        str | None,
        typer.Option(
            "--weigh", metavar="SPOOL", help="A spool that has --grams left.", show_default=False
        ),
    ] = None,
    grams: Annotated[
        float | None,
        typer.Option(
            "--grams",
            metavar="G",
            min=0,
            max=100_000,
            help="Filament, without the reel.",
            show_default=False,
        ),
    ] = None,
    load: Annotated[
        str | None,
        typer.Option(
            "--load",
            metavar="SPOOL",
            help="Put it on a printer: with --on. Empty: take off what is there.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="PRINTER", help="Where to.", show_default=False),
    ] = None,
    tool: Annotated[
        int, typer.Option("--tool", metavar="N", min=0, max=63, help="That it feeds, from 0.")
    ] = 0,
    flow: Annotated[
        float | None,
        typer.Option(
            "--flow",
            metavar="RATIO",
            min=0.5,
            max=1.5,
            help="With --load: the flow ratio calibrated for this spool on this printer.",
            show_default=False,
        ),
    ] = None,
    advance: Annotated[
        float | None,
        typer.Option(
            "--pressure-advance",
            metavar="S",
            min=0,
            max=10,
            help="With --load: calibrated likewise.",
            show_default=False,
        ),
    ] = None,
    colour: Annotated[str, typer.Option("--colour", metavar="NAME", help="With --add.")] = "",
    lot: Annotated[str, typer.Option("--lot", metavar="NUMBER", help="With --add.")] = "",
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Filament: what there is, what of it is promised, where it is. A print is not begun where it
    would run out."""
    from printstd.cli.commands.farm_calibrations import in_short
    from printstd.cli.farm_tables import show
    from printstd.errors import UsageError

    for asked, wants, names in (
        (add, (material, grams), "--material, --grams"),
        (weigh, (grams,), "--grams"),
        (load, (on,), "--on"),
    ):
        if asked is not None and None in wants:
            raise UsageError(
                said("something is missing"),
                got=said("not all of {names}", names=names),
                wanted=names,
                hint=said("`printstd farm spools --help` says what each is"),
            )
    with at_farm(farm) as place:
        if add is not None:
            _add(place, add, str(material), float(grams or 0), colour, lot)
        if weigh is not None:
            _weigh(place, weigh, float(grams or 0))
        if load is not None:
            _load(place, load, str(on), tool, flow, advance)
        rows = spool_rows(place)
    if form is Listing.TEXT:
        for row in rows:
            row["calibrated"] = in_short(row["calibrations"], of="printer")
    show(
        "spools",
        {
            "spool": said("spool"),
            "material": said("material"),
            "left_g": said("left, g"),
            "promised_g": said("promised, g"),
            "on": said("on"),
            "colour": said("colour"),
            "lot": said("lot"),
            "calibrated": said("calibrated"),
        },
        rows,
        form,
    )
    return 0


def spool_rows(place: Farm) -> list[dict[str, Any]]:
    from printstd.cli.commands.farm_calibrations import calibration_rows

    with place.store.reading() as rows:
        known, reserved, printers = rows.spools(), rows.reservations(), rows.printers()
        measured = [one for ones in rows.calibrations().values() for one in ones]
    calibrations = calibration_rows(measured, now_ms() // 1000)
    where = {one.spool: printer.name for printer in printers for one in printer.loaded}
    return [
        {
            "spool": spool.id,
            "material": spool.material,
            "left_g": spool.left_mg / 1e3,
            "promised_g": sum(r.mg for r in reserved if r.spool == spool.id) / 1e3,
            "on": where.get(spool.id, ""),
            "colour": spool.colour,
            "lot": spool.lot,
            "calibrations": [one for one in calibrations if one["spool"] == spool.id],
        }
        for spool in known.values()
    ]


def _add(place: Farm, name: str, material: str, grams: float, colour: str, lot: str) -> None:
    from printstd.artifacts.farm import Spool
    from printstd.cli.running import profile_source
    from printstd.errors import InputError
    from printstd.profiles.show import titles

    known = titles(profile_source())["materials"]
    if material not in known:
        raise InputError(
            said("there is no such material"),
            got=material,
            wanted=", ".join(sorted(known)),
            hint=said("`printstd profiles list` names them"),
        )
    with place.store.writing(who()) as rows:
        rows.add_spool(Spool(name, material, round(grams * 1000), colour, lot), now_ms())


def _weigh(place: Farm, name: str, grams: float) -> None:
    with place.store.writing(who()) as rows:
        old = rows.spool(name)
        left = round(grams * 1000)
        rows.set_spool(replace(old, left_mg=left))
        rows.tell("spool weighed", now_ms(), spool=name, left_mg=left, was_mg=old.left_mg)


def _load(
    place: Farm, name: str, printer: str, tool: int, flow: float | None, advance: float | None
) -> None:
    from printstd.artifacts.farm import Loaded

    with place.store.writing(who()) as rows:
        own = rows.printer(printer)
        others = tuple(one for one in own.loaded if one.tool != tool)
        loaded: tuple[Loaded, ...] = ()
        if name:
            rows.spool(name)
            for one in rows.printers():
                # A spool is in one place; where it was, it is no more.
                left = tuple(at for at in one.loaded if at.spool != name)
                if left != one.loaded:
                    rows.set_printer(replace(one, loaded=left))
            others = tuple(one for one in others if one.spool != name)
            loaded = (
                Loaded(
                    tool,
                    name,
                    None if flow is None else round(flow * 1000),
                    None if advance is None else round(advance * 1e6),
                ),
            )
        ordered = tuple(sorted((*others, *loaded), key=lambda one: one.tool))
        rows.set_printer(replace(own, loaded=ordered))
        rows.tell(
            "spool loaded" if name else "spool taken off",
            now_ms(),
            printer=printer,
            spool=name,
            tool=tool,
            flow_permille=loaded[0].flow_permille if loaded else None,
            pressure_advance_e6=loaded[0].pressure_advance_e6 if loaded else None,
        )
