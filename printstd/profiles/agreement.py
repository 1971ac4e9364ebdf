"""Relations between the profiles of one request: what no single file can know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from printstd.errors import ProfileProblem
from printstd.profiles.load import Loaded
from printstd.profiles.models import Dialect, Material, Printer, Process, WallGenerator
from printstd.profiles.resolved import Request
from printstd.words import said

THICKEST_LAYER_RATIO: Final = 0.8
"""Of the nozzle: a thicker layer is not pressed onto the one below (facts of standards 5.3,
layer height at most 75 to 80 % of the nozzle; knowledge, high)."""
BEAD_WIDTH_RATIO: Final = (0.8, 2.0)
"""Of the nozzle: what a round nozzle can lay. Common practice is 0.9 to 1.6 (facts of standards
5.3; knowledge, medium); beyond these bounds the process is meant for another nozzle."""
WIDEST_PAIR_RATIO: Final = 1.25
"""Over its nominal width: what each of two walls takes where there is no room for one between."""

IRONING_PITCH_RATIO: Final = 0.5
"""Of the nozzle: its face passes everywhere at least twice, and what it lays is far less than any
bead of the part."""

Problems = Iterator[ProfileProblem]


def check_nozzle(process: Loaded[Process], nozzle_mm: float) -> Problems:
    """The process's layers and beads are ones that this nozzle can lay."""
    model = process.model
    thickest = round(THICKEST_LAYER_RATIO * nozzle_mm, 6)
    for key in ("layer_height_mm", "first_layer_height_mm"):
        height = getattr(model, key)
        if height > thickest:
            yield process.problem(
                key,
                height,
                said(
                    "at most {thickest} for a {nozzle_mm} mm nozzle",
                    thickest=thickest,
                    nozzle_mm=nozzle_mm,
                ),
            )
    raft = model.raft
    if raft.layers and raft.contact_distance_mm > nozzle_mm:
        yield process.problem(
            "raft.contact_distance_mm",
            raft.contact_distance_mm,
            said(
                "at most {nozzle_mm}, the nozzle: over a wider gap nothing carries the first layer",
                nozzle_mm=nozzle_mm,
            ),
        )
    for number, one in enumerate(model.ranges):
        if one.layer_height_mm is not None and one.layer_height_mm > thickest:
            yield process.problem(
                f"ranges[{number}].layer_height_mm",
                one.layer_height_mm,
                said(
                    "at most {thickest} for a {nozzle_mm} mm nozzle",
                    thickest=thickest,
                    nozzle_mm=nozzle_mm,
                ),
            )
    widest = round(IRONING_PITCH_RATIO * nozzle_mm, 6)
    if model.ironing.spacing_mm > widest:
        yield process.problem(
            "ironing.spacing_mm",
            model.ironing.spacing_mm,
            said(
                "at most {widest} for a {nozzle_mm} mm nozzle", widest=widest, nozzle_mm=nozzle_mm
            ),
        )
    low, high = (round(ratio * nozzle_mm, 6) for ratio in BEAD_WIDTH_RATIO)
    for key, width in model.widths:
        if not low <= width <= high:
            yield process.problem(
                f"widths.{key}",
                width,
                said(
                    "{low} to {high} for a {nozzle_mm} mm nozzle",
                    low=low,
                    high=high,
                    nozzle_mm=nozzle_mm,
                ),
            )
    if model.walls.generator is WallGenerator.VARIABLE:
        yield from _check_beading(process, nozzle_mm)


def _check_beading(process: Loaded[Process], nozzle_mm: float) -> Problems:
    """Walls of variable width have room to become narrower and wider than their nominal width."""
    model = process.model
    low = round(model.walls.min_bead_width_ratio * nozzle_mm, 6)
    high = round(model.walls.max_bead_width_ratio * nozzle_mm / WIDEST_PAIR_RATIO, 6)
    for key in ("external_perimeter_mm", "perimeter_mm", "first_layer_mm"):
        width = getattr(model.widths, key)
        if not low <= width <= high:
            yield process.problem(
                f"widths.{key}",
                width,
                said(
                    "{low} to {high} for walls of variable width "
                    "(walls.min_bead_width_ratio, walls.max_bead_width_ratio / "
                    "{ratio} of a {nozzle_mm} mm nozzle)",
                    low=low,
                    high=high,
                    ratio=WIDEST_PAIR_RATIO,
                    nozzle_mm=nozzle_mm,
                ),
            )


def check_ranges(process: Loaded[Process], printer: Loaded[Printer]) -> Problems:
    """Ranges are at least a layer high, and their layers are ones that this printer lays."""
    least, most = printer.model.min_layer_height_mm, printer.model.max_layer_height_mm
    for number, one in enumerate(process.model.ranges):
        key = f"ranges[{number}]"
        height = one.layer_height_mm
        if height is not None and not least <= height <= most:
            at = printer.raw.origin(
                ("max_layer_height_mm" if height > most else "min_layer_height_mm",)
            )
            yield process.problem(
                f"{key}.layer_height_mm",
                height,
                said("{least} to {most} by {at}", least=least, most=most, at=at),
            )
        if 0 < one.to_mm - one.from_mm < least:
            yield process.problem(
                f"{key}.to_mm",
                one.to_mm,
                said("a range of at least one layer, {least} mm", least=least),
            )


def check_heat(material: Loaded[Material], printer: Loaded[Printer]) -> Problems:
    """The printer reaches the material's temperatures."""
    for limit_key, keys in (
        ("max_nozzle_c", ("nozzle_c", "first_layer_nozzle_c")),
        ("max_bed_c", ("bed_c", "first_layer_bed_c")),
    ):
        limit = getattr(printer.model, limit_key)
        for key in keys:
            value = getattr(material.model, key)
            if value > limit:
                where = printer.raw.origin((limit_key,))
                yield material.problem(
                    key,
                    value,
                    said(
                        "at most {limit}, {limit_key} of {where}",
                        limit=limit,
                        limit_key=limit_key,
                        where=where,
                    ),
                )


def check_tools(request: Request, printer: Loaded[Printer] | None) -> Problems:
    """One material for all tools, or one for each. Without a printer nobody counts them."""
    named = 1 + len(request.more_materials)
    if printer is None or named == 1:
        return
    tools = printer.model.tools
    if tools is None:
        yield ProfileProblem(
            "--material",
            None,
            "material",
            said("{named} of them", named=named),
            said("one: {id} has one extruder (its profile has no [tools])", id=printer.model.id),
        )
    elif named != tools.count:
        at = printer.raw.origin(("tools", "count"))
        yield ProfileProblem(
            "--material",
            None,
            "material",
            said("{named} of them", named=named),
            said(
                "one for all tools, or one for each of the {count} by {at}",
                count=tools.count,
                at=at,
            ),
        )


def check_bed(materials: Sequence[Loaded[Material]]) -> Problems:
    """One bed for all materials: its temperature is the highest that one of them asks for."""
    if len(materials) < 2:
        return
    heard: set[str] = set()
    for key in ("bed_c", "first_layer_bed_c"):
        hottest = max((one.model for one in materials), key=lambda one: float(getattr(one, key)))
        wanted = getattr(hottest, key)
        for one in materials:
            low, high = one.model.bed_window_c
            if not low <= wanted <= high and one.model.id not in heard:
                heard.add(one.model.id)
                yield one.problem(
                    "bed_window_c",
                    said("{low} to {high}", low=low, high=high),
                    said(
                        "a window with {wanted}, the {key} of {id} on the same bed",
                        wanted=wanted,
                        key=key,
                        id=hottest.id,
                    ),
                )


def check_dialect(dialect: Loaded[Dialect], printer: Loaded[Printer]) -> Problems:
    """The dialect's file is the one of the printer's firmware."""
    if dialect.model.id is not printer.model.firmware:
        yield dialect.problem(
            "id", repr(dialect.model.id.value), repr(printer.model.firmware.value)
        )


def check_arcs(process: Loaded[Process], printer: Loaded[Printer]) -> Problems:
    """Arcs are written for machines that know them."""
    value = process.model.arcs.max_deviation_mm
    if value and not printer.model.has_arcs:
        yield process.problem(
            "arcs.max_deviation_mm",
            value,
            said("0: {id} knows no arcs (its profile says has_arcs = false)", id=printer.model.id),
        )
