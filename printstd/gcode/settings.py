"""The block of settings at the end of a program.

First the few keys that print hosts read, under the names that they know (facts of slicers 3.2,
3.4); then every resolved setting under its own key with ``printstd_`` before it, which none of
them looks for. All sorted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from printstd.errors import InternalError
from printstd.gcode.comments import mm, plain
from printstd.gcode.compared import how_estimated
from printstd.gcode.numbers import decimal_text
from printstd.profiles.infill_models import IronedSurfaces
from printstd.profiles.models import Firmware, Material, Printer, Process, WallGenerator
from printstd.profiles.resolved import Resolved
from printstd.profiles.tool_models import Tools
from printstd.profiles.wall_models import FuzzyWalls, WallOrder

_ABOUT: Final = frozenset({"provenance"})
"""Parts of a profile that are about it."""
_VERSION_DIGITS: Final = 12
_FLAVORS: Final = {
    Firmware.MARLIN2: "marlin2",
    Firmware.PRUSA_BUDDY: "marlin2",
    Firmware.KLIPPER: "klipper",
    Firmware.REPRAPFIRMWARE: "reprapfirmware",
    # What Orca's own profiles of these machines have.
    Firmware.BAMBU: "marlin",
}
_GENERATORS: Final = {WallGenerator.CLASSIC: "classic", WallGenerator.VARIABLE: "arachne"}
"""Hosts know walls of variable width by the name of the first that many had."""


_FUZZY: Final = {
    FuzzyWalls.NONE: "none",
    FuzzyWalls.OUTER: "external",
    FuzzyWalls.ALL: "all",
}


def settings_lines(resolved: Resolved, printer: Printer, used: Sequence[int] = (0,)) -> list[str]:
    """used : tools that lay anything, rising."""
    materials = [resolved.material_of(tool) for tool in range(resolved.n_tools)]
    rows = _known(resolved.process, materials, printer, used)
    profiles: list[tuple[str, BaseModel]] = [("process", resolved.process), ("printer", printer)]
    profiles.append(("material", materials[0]))
    # Those of further tools, where they were named.
    others = resolved.tool_materials[1:]
    profiles += [(f"material_{n}", own) for n, own in enumerate(others, start=2)]
    for kind, profile in profiles:
        for path, value in _leaves(profile.model_dump(mode="json", exclude=set(_ABOUT))):
            _put(rows, f"printstd_{kind}_{path}", _json(value))
    _put(rows, "printstd_epoch", f"{resolved.epoch.number}")
    _put(rows, "printstd_time_estimate", how_estimated(printer))
    # Hosts show it as the version of the printer's profile.
    _put(rows, "profile_version", resolved.digests["printer"][:_VERSION_DIGITS])
    _put(rows, "printstd_pack", plain(resolved.pack.id))
    _put(rows, "printstd_tolerance_class", plain(resolved.tolerance_class))
    _put(rows, "printstd_designation", plain(resolved.process_designation))
    for kind, sha256 in resolved.digests.items():
        if kind.startswith("properties"):
            # No program is made by them: what is learned of a material must not change one.
            continue
        _put(rows, f"printstd_{kind}_sha256", sha256)
    lines = [f"; {key} = {rows[key]}" for key in sorted(rows)]
    return [";", "; prusaslicer_config = begin", *lines, "; prusaslicer_config = end"]


def _known(
    process: Process, materials: Sequence[Material], printer: Printer, used: Sequence[int]
) -> dict[str, str]:
    """What hosts read. materials : of each tool, as are the values of all keys about them."""

    def each(value: Callable[[Material], str], between: str = ",") -> str:
        return between.join(value(own) for own in materials)

    tools = printer.tools
    coloured = any(own.colour for own in materials)
    colours = each(lambda own: own.colour or "", ";")
    brim_mm = process.adhesion.brim_width_mm
    walls = process.walls
    return {
        **({"extruder_colour": colours, "filament_colour": colours} if coloured else {}),
        "arc_fitting": "emit_center" if process.arcs.max_deviation_mm else "disabled",
        "avoid_crossing_perimeters": f"{process.avoid_crossing_walls:d}",
        "avoid_crossing_perimeters_max_detour": mm(process.max_detour_mm),
        "bed_temperature": each(lambda own: f"{own.bed_c}"),
        # Print hosts read a whole number here; the true width has its own key.
        "brim_width": f"{-int(-brim_mm // 1)}",
        # No program of ours heats a chamber.
        "chamber_temperature": each(lambda _: "0"),
        "complete_objects": f"{int(process.plate.by_object)}",
        "duplicate_distance": mm(process.plate.spacing_mm),
        "extruder_clearance_height": mm(printer.clearance.gantry_mm),
        "extruder_clearance_radius": mm(printer.clearance.radius_mm),
        "enable_dynamic_overhang_speeds": f"{process.overhangs.is_dynamic:d}",
        "external_perimeters_first": f"{walls.order is WallOrder.OUTER_INNER:d}",
        "extra_perimeters_on_overhangs": f"{process.overhangs.extra_walls:d}",
        "filament_density": each(lambda own: mm(own.density_g_cm3)),
        "filament_diameter": each(lambda own: mm(own.filament_diameter_mm)),
        "filament_settings_id": each(lambda own: plain(own.id), ";"),
        "filament_type": each(lambda own: plain(own.name), ";"),
        "fill_density": _percent(process.infill.density_ratio),
        "first_layer_bed_temperature": each(lambda own: f"{own.first_layer_bed_c}"),
        "first_layer_height": mm(process.first_layer_height_mm),
        "first_layer_temperature": each(lambda own: f"{own.first_layer_nozzle_c}"),
        "fuzzy_skin": _FUZZY[process.fuzzy_skin.walls],
        "gcode_flavor": _FLAVORS[printer.firmware],
        "fill_pattern": process.infill.pattern.value,
        "infill_every_layers": f"{process.infill.combine_layers}",
        "ironing": "0" if process.ironing.surfaces is IronedSurfaces.NONE else "1",
        "layer_height": mm(process.layer_height_mm),
        "only_retract_when_crossing_perimeters": f"{printer.retraction.only_when_leaving:d}",
        "min_bead_width": _percent(process.walls.min_bead_width_ratio),
        "nozzle_diameter": each(lambda _: mm(printer.nozzle_mm)),
        "perimeter_generator": _GENERATORS[process.walls.generator],
        "only_one_perimeter_first_layer": f"{walls.one_on_first_layer:d}",
        "print_settings_id": plain(process.id),
        "printer_model": plain(printer.model),
        "printer_settings_id": plain(printer.id),
        "printer_variant": mm(printer.nozzle_mm),
        "printer_vendor": plain(printer.vendor),
        "referenced_tools": ",".join(str(n) for n in used),
        "single_extruder_multi_material": f"{int(tools is not None and tools.shares_nozzle)}",
        "raft_layers": f"{process.raft.layers}",
        "spiral_vase": f"{process.spiral_vase.is_on:d}",
        "support_material": f"{process.supports.enabled:d}",
        "top_one_perimeter_type": "top" if walls.one_on_top else "none",
        "temperature": each(lambda own: f"{own.nozzle_c}"),
        "wall_transition_length": _percent(process.walls.transition_length_ratio),
        "wiping_volumes_matrix": _matrix(tools),
        "wipe_tower": f"{int(tools is not None and process.prime_tower.enabled)}",
        "wipe_tower_brim_width": mm(process.prime_tower.brim_width_mm),
        "wipe_tower_width": mm(process.prime_tower.width_mm),
    }


def _matrix(tools: Tools | None) -> str:
    """Row by row, from the tool that leaves to the one that comes."""
    count = range(tools.count) if tools else range(1)
    return ",".join(
        mm(tools.purged_mm3(a, b)) if tools and a != b else "0" for a in count for b in count
    )


def _percent(ratio: float) -> str:
    return f"{decimal_text(round(ratio * 10_000), 2)}%"


def _leaves(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Keys joined by ``_`` with their values; lists are values."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{key}_")
        else:
            yield f"{before}{key}", value


def _json(value: Any) -> str:
    """JSON in ASCII, floats in their shortest form (as in digests), and inside texts neither the
    mark that starts a comment nor the one that ends a key."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace(";", "\\u003b").replace("=", "\\u003d")


def _put(rows: dict[str, str], key: str, value: str) -> None:
    if key in rows:
        raise InternalError("two settings have one key", where=key)
    rows[key] = value
