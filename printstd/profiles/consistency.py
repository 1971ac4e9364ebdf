"""Relations inside one profile that a model cannot express: found in one pass, all of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from printstd.errors import ProfileProblem
from printstd.profiles import machine_code
from printstd.profiles.infill_models import InfillPattern, IronedSurfaces
from printstd.profiles.keys import nearest
from printstd.profiles.load import Loaded
from printstd.profiles.models import Allowlist, Material, Printer, Process
from printstd.profiles.standard_models import Designation, Pack, ToleranceTable
from printstd.profiles.wall_models import WallOrder

MEANINGS: Final = (
    "move",
    "arc_cw",
    "arc_ccw",
    "dwell",
    "units_mm",
    "units_inch",
    "home",
    "absolute_xyz",
    "relative_xyz",
    "absolute_e",
    "relative_e",
    "set_position",
    "nozzle_temp",
    "nozzle_temp_wait",
    "bed_temp",
    "bed_temp_wait",
    "chamber_temp",
    "fan",
    "fan_off",
    "tool",
    "accel",
    "limits",
    "jerk",
    "feed_percent",
    "flow_percent",
    "pressure_advance",
    "progress",
    "retract",
    "unretract",
    "motors_off",
    "object_label",
    "message",
    "plane_xy",
    "mesh_bed",
    "macro",
    "no_effect",
)
"""What an allow-list may say that a command does: the auditor's own verbs (a test holds the two
lists together; neither is derived from the other)."""

Problems = Iterator[ProfileProblem]


def check_standard(table: Loaded[ToleranceTable]) -> Problems:
    """Rows follow one another without gap or overlap, and a larger size is never held closer."""
    for letter, bands in table.model.classes.items():
        if not bands:
            yield table.problem(f"classes.{letter}", "no rows", "at least one row")
        for number, band in enumerate(bands):
            key = f"classes.{letter}[{number}]"
            if band.up_to_mm <= band.over_mm:
                yield table.problem(
                    f"{key}.up_to_mm", band.up_to_mm, f"more than over_mm, {band.over_mm}"
                )
            if band.includes_lower and number:
                yield table.problem(f"{key}.includes_lower", "true", "true in the first row alone")
        for number, (lower, upper) in enumerate(pairwise(bands), 1):
            key = f"classes.{letter}[{number}]"
            if upper.over_mm != lower.up_to_mm:
                yield table.problem(
                    f"{key}.over_mm", upper.over_mm, f"where the row before ends, {lower.up_to_mm}"
                )
            if upper.deviation_mm < lower.deviation_mm:
                yield table.problem(
                    f"{key}.deviation_mm",
                    upper.deviation_mm,
                    f"not less than in the row before, {lower.deviation_mm}",
                )
    ids = [designation.id for designation in table.model.designations]
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield table.problem(f"designations[{number}].id", repr(name), "an id of its own")
    for number, designation in enumerate(table.model.designations):
        if "{class}" not in designation.indication_template:
            yield table.problem(
                f"designations[{number}].indication_template",
                repr(designation.indication_template),
                "a text with {class} in it",
            )


def check_pack(pack: Loaded[Pack], table: ToleranceTable) -> Problems:
    """What a pack names exists in the table that it names."""
    ids = [designation.id for designation in table.designations]
    if pack.model.designation not in ids:
        yield pack.problem(
            "designation",
            repr(pack.model.designation),
            f"one of {', '.join(ids)}",
            nearest(pack.model.designation, ids),
        )
    if pack.model.default_class not in table.classes:
        yield pack.problem(
            "default_class", repr(pack.model.default_class), f"one of {', '.join(table.classes)}"
        )
    for language in pack.model.languages:
        if language not in pack.model.document_title:
            yield pack.problem("document_title", f"no title in {language!r}", "one per language")


def check_reference(
    pack: Loaded[Pack], key: str, designations: tuple[Designation, ...]
) -> Problems:
    """The designation that a pack cites a table by is one of that table's."""
    ids = [designation.id for designation in designations]
    reference = getattr(pack.model, key)
    if reference.designation not in ids:
        yield pack.problem(
            f"{key}.designation",
            repr(reference.designation),
            f"one of {', '.join(ids)}",
            nearest(reference.designation, ids),
        )


def check_material(material: Loaded[Material]) -> Problems:
    """Temperatures lie in their own windows; the fan's numbers are in order."""
    model = material.model
    for key, window, targets in (
        ("nozzle_window_c", model.nozzle_window_c, ("nozzle_c", "first_layer_nozzle_c")),
        ("bed_window_c", model.bed_window_c, ("bed_c", "first_layer_bed_c")),
    ):
        low, high = window
        if low > high:
            yield material.problem(key, list(window), "the lower temperature first")
        for target in targets:
            value = getattr(model, target)
            if not low <= value <= high:
                yield material.problem(target, value, f"{key}, {low} to {high}")
    if model.fan.min_ratio > model.fan.max_ratio:
        yield material.problem(
            "fan.min_ratio", model.fan.min_ratio, f"at most max_ratio, {model.fan.max_ratio}"
        )
    if model.fan.slowdown_below_layer_time_s > model.fan.below_layer_time_s:
        yield material.problem(
            "fan.slowdown_below_layer_time_s",
            model.fan.slowdown_below_layer_time_s,
            f"at most below_layer_time_s, {model.fan.below_layer_time_s}",
        )
    if model.recommended_wall_mm < model.min_wall_mm:
        yield material.problem(
            "recommended_wall_mm",
            model.recommended_wall_mm,
            f"at least min_wall_mm, {model.min_wall_mm}",
        )


def check_process(process: Loaded[Process]) -> Problems:
    """Beads are wider than high (facts of slicers 2.1: else the bead model has no meaning)."""
    model = process.model
    for name, width in model.widths:
        height = model.first_layer_height_mm if name == "first_layer_mm" else model.layer_height_mm
        if width < height:
            yield process.problem(f"widths.{name}", width, f"at least the layer height, {height}")
    yield from _ranges(process)
    if model.infill.anchor_max_mm < model.infill.anchor_mm:
        yield process.problem(
            "infill.anchor_max_mm",
            model.infill.anchor_max_mm,
            f"at least anchor_mm, {model.infill.anchor_mm}",
        )
    yield from _walls_of(process)
    if model.infill.combine_layers > 1 and model.infill.pattern is InfillPattern.LIGHTNING:
        yield process.problem(
            "infill.combine_layers",
            model.infill.combine_layers,
            "1 with the pattern lightning, whose lines lie on those of the layer below",
        )
    if model.ironing.surfaces is not IronedSurfaces.NONE and not model.shells.top_layers:
        yield process.problem(
            "ironing.surfaces",
            repr(model.ironing.surfaces.value),
            "none where shells.top_layers is 0: there is no top to iron",
        )
    yield from _supports(process)
    for key in ("solid_fill_ratio", "infill_window_ratio", "volume_ratio"):
        low, high = getattr(model.integrity, key)
        if low > high:
            yield process.problem(f"integrity.{key}", [low, high], "the lower bound first")


def _ranges(process: Loaded[Process]) -> Problems:
    """Ranges have a height, do not overlap, and their beads are wider than high."""
    model = process.model
    widths = [width for name, width in model.widths if name != "first_layer_mm"]
    for number, one in enumerate(model.ranges):
        key = f"ranges[{number}]"
        if one.to_mm <= one.from_mm:
            yield process.problem(f"{key}.to_mm", one.to_mm, f"more than from_mm, {one.from_mm}")
        if one.layer_height_mm is not None and one.layer_height_mm > min(widths):
            yield process.problem(
                f"{key}.layer_height_mm",
                one.layer_height_mm,
                f"at most the narrowest bead, {min(widths)}",
            )
        for other in model.ranges[:number]:
            if one.from_mm < other.to_mm and other.from_mm < one.to_mm:
                yield process.problem(
                    f"{key}.from_mm",
                    f"{one.from_mm} to {one.to_mm}",
                    f"heights that no other range has; one has {other.from_mm} to {other.to_mm}",
                )


def _walls_of(process: Loaded[Process]) -> Problems:
    """Settings of walls that contradict each other."""
    model = process.model
    walls, shells = model.walls, model.shells
    if walls.max_bead_width_ratio < 2.0 * walls.min_bead_width_ratio:
        yield process.problem(
            "walls.max_bead_width_ratio",
            walls.max_bead_width_ratio,
            f"at least twice min_bead_width_ratio, {walls.min_bead_width_ratio}: "
            "one bead gives way to two",
        )
    if walls.one_on_top and walls.count > 1 and not shells.top_layers:
        yield process.problem(
            "walls.one_on_top",
            "true",
            "shells.top_layers of 1 and more: the infill of tops takes the room of the walls",
        )
    if walls.one_on_first_layer and walls.count > 1 and not shells.bottom_layers:
        yield process.problem(
            "walls.one_on_first_layer",
            "true",
            "shells.bottom_layers of 1 and more: the solid infill takes the room of the walls",
        )
    if model.overhangs.extra_walls and walls.order is WallOrder.OUTER_INNER:
        yield process.problem(
            "overhangs.extra_walls",
            "true",
            'another walls.order than "outer_inner", which lays in air what is to hold on to these',
        )
    if not model.spiral_vase.is_on:
        return
    vase = "with spiral_vase.is_on"
    for key, got, wanted in (
        ("walls.count", walls.count, 1),
        ("shells.top_layers", shells.top_layers, 0),
        ("infill.density_ratio", model.infill.density_ratio, 0),
    ):
        if got != wanted:
            yield process.problem(key, got, f"{wanted} {vase}: one wall and nothing within")
    if model.overhangs.extra_walls:
        yield process.problem("overhangs.extra_walls", "true", f"false {vase}")
    flat = max(1, shells.bottom_layers)
    if model.adhesion.skirt_loops and model.adhesion.skirt_layers > flat:
        yield process.problem(
            "adhesion.skirt_layers",
            model.adhesion.skirt_layers,
            f"at most {flat} {vase}, the layers that lie flat",
        )


def _supports(process: Loaded[Process]) -> Problems:
    """Branches that can be laid, and layers that can stand on a raft."""
    model = process.model
    supports = model.supports
    if model.spiral_vase.is_on and (supports.enabled or model.raft.layers):
        yield process.problem("spiral_vase.is_on", "true", "false with supports or a raft")
    if model.raft.layers:
        over_raft = "with raft.layers: the part's layers are all of one height"
        if model.layers.max_surface_error_um:
            yield process.problem(
                "layers.max_surface_error_um", model.layers.max_surface_error_um, f"0 {over_raft}"
            )
        if model.layers.exact_top:
            yield process.problem("layers.exact_top", "true", f"false {over_raft}")
        for number, one in enumerate(model.ranges):
            if one.layer_height_mm is not None:
                yield process.problem(
                    f"ranges[{number}].layer_height_mm", one.layer_height_mm, f"none {over_raft}"
                )
    tree = supports.tree
    if tree.tip_diameter_mm > tree.branch_diameter_mm:
        yield process.problem(
            "supports.tree.tip_diameter_mm",
            tree.tip_diameter_mm,
            f"at most branch_diameter_mm, {tree.branch_diameter_mm}",
        )


def check_allowlist(allowlist: Loaded[Allowlist]) -> Problems:
    """Every command once, with a meaning that the auditor has."""
    seen: set[str] = set()
    for number, rule in enumerate(allowlist.model.commands):
        if rule.meaning not in MEANINGS:
            yield allowlist.problem(
                f"commands[{number}].meaning",
                repr(rule.meaning),
                "a meaning that the auditor knows",
                nearest(rule.meaning, MEANINGS),
            )
        if rule.command in seen:
            yield allowlist.problem(
                f"commands[{number}].command", repr(rule.command), "each command once"
            )
        seen.add(rule.command)


def check_printer(printer: Loaded[Printer], allowlist: Allowlist) -> Problems:
    """The machine's numbers are in order and its own lines are ones that its audit accepts."""
    model = printer.model
    yield from _volume(printer)
    if model.min_layer_height_mm > model.max_layer_height_mm:
        yield printer.problem(
            "min_layer_height_mm",
            model.min_layer_height_mm,
            f"at most max_layer_height_mm, {model.max_layer_height_mm}",
        )
    fastest = model.motion.max_speed_mm_s.e
    for key in ("speed_mm_s", "deretract_speed_mm_s"):
        value = getattr(model.retraction, key)
        if value > fastest:
            yield printer.problem(
                f"retraction.{key}", value, f"at most motion.max_speed_mm_s.e, {fastest}"
            )
    if model.retraction.length_mm > model.retraction.max_length_mm:
        yield printer.problem(
            "retraction.length_mm",
            model.retraction.length_mm,
            f"at most max_length_mm, {model.retraction.max_length_mm}",
        )
    if model.tools and model.tools.retract_mm > model.retraction.max_length_mm:
        yield printer.problem(
            "tools.retract_mm",
            model.tools.retract_mm,
            f"at most retraction.max_length_mm, {model.retraction.max_length_mm}",
        )
    if model.tools and model.tools.purge_matrix_mm3:
        rows = model.tools.purge_matrix_mm3
        if {len(rows), *(len(row) for row in rows)} != {model.tools.count}:
            yield printer.problem(
                "tools.purge_matrix_mm3",
                f"rows of {', '.join(str(len(row)) for row in rows)} volumes",
                f"{model.tools.count} rows of {model.tools.count}, for each of tools.count",
            )
    if model.tools and not any("{first_tool}" in line for line in model.start_code):
        yield printer.problem(
            "start_code",
            "no line with {first_tool}",
            "lines that choose and heat the tool that begins, where there are [tools]",
        )
    if model.tools and model.tools.shares_nozzle and model.tools.standby_drop_c:
        yield printer.problem(
            "tools.standby_drop_c",
            model.tools.standby_drop_c,
            "0 with tools.shares_nozzle: the nozzle never waits",
        )
    if allowlist.firmware is not model.firmware:
        yield printer.problem(
            "allowlist",
            f"{allowlist.id!r}, which is for {allowlist.firmware.value}",
            f"an allow-list for {model.firmware.value}",
        )
    yield from _machine_code(printer, allowlist)


def _volume(printer: Loaded[Printer]) -> Problems:
    volume = printer.model.volume
    for axis in "xy":
        ends = [
            getattr(volume, f"{prefix}{axis}_{end}_mm")
            for prefix, end in (("travel_", "min"), ("", "min"), ("", "max"), ("travel_", "max"))
        ]
        if not ends[1] < ends[2]:
            yield printer.problem(
                f"volume.{axis}_max_mm", ends[2], f"more than {axis}_min_mm, {ends[1]}"
            )
        if ends[0] > ends[1]:
            yield printer.problem(
                f"volume.travel_{axis}_min_mm", ends[0], f"at most {axis}_min_mm, {ends[1]}"
            )
        if ends[3] < ends[2]:
            yield printer.problem(
                f"volume.travel_{axis}_max_mm", ends[3], f"at least {axis}_max_mm, {ends[2]}"
            )


def _machine_code(printer: Loaded[Printer], allowlist: Allowlist) -> Problems:
    model = printer.model
    letters = {rule.command: machine_code.allowed_letters(rule) for rule in allowlist.commands}
    callable_ = dict(letters)
    for number, macro in enumerate(model.macros):
        if macro.name in letters:
            yield printer.problem(
                f"macros[{number}].name", repr(macro.name), "a name that no command has"
            )
        callable_[macro.name] = set(macro.parameters)
        for row, line in enumerate(macro.expansion):
            key = f"macros[{number}].expansion[{row}]"
            yield from _line(printer, key, line, letters, macro.parameters)
    codes: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
        (code, getattr(model, code), machine_code.PLACEHOLDERS)
        for code in ("start_code", "end_code", "layer_change_code")
    ]
    if model.tools:
        codes += [
            (f"tools.{code}", getattr(model.tools, code), machine_code.CHANGE_PLACEHOLDERS)
            for code in ("before_change_code", "after_change_code")
        ]
    n_tools = model.tools.count if model.tools else 1
    for code, lines, known in codes:
        for row, line in enumerate(lines):
            for told in machine_code.for_every_tool(line, n_tools, known):
                yield from _line(printer, f"{code}[{row}]", told, callable_, known)


def _line(
    printer: Loaded[Printer],
    key: str,
    line: str,
    letters: dict[str, set[str]],
    known: tuple[str, ...],
) -> Problems:
    for name in machine_code.placeholders(line):
        if name not in known:
            wanted = "one of " + ", ".join(known) if known else "no placeholder"
            yield printer.problem(key, f"{{{name}}}", wanted, nearest(name, known))
    if "\n" in line or "\r" in line:
        yield printer.problem(key, "a line break", "one line each")
    command = machine_code.command_of(line)
    if not command:
        return
    if command not in letters:
        yield printer.problem(
            key, repr(command), "a command of the allow-list", nearest(command, letters)
        )
        return
    for letter in machine_code.letters_of(line):
        if letter not in letters[command]:
            yield printer.problem(
                key, f"{letter!r} in {line!r}", "letters that the allow-list gives this command"
            )
