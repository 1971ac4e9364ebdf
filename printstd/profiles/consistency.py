"""Relations inside one profile that a model cannot express: found in one pass, all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from printstd.errors import ProfileProblem
from printstd.profiles.infill_models import InfillPattern, IronedSurfaces
from printstd.profiles.keys import nearest
from printstd.profiles.load import Loaded
from printstd.profiles.machine_code_check import check_machine_code
from printstd.profiles.models import Allowlist, Material, Printer, Process
from printstd.profiles.standard_models import Pack, ToleranceTable
from printstd.profiles.volume_check import check_volume
from printstd.profiles.wall_models import WallOrder
from printstd.words import said

MEANINGS: Final = (
    "move",
    "arc_cw",
    "arc_ccw",
    "dwell",
    "units_mm",
    "units_inch",
    "home",
    "home_xy",
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
    "routine",
    "condition",
    "condition_end",
    "machine_fan",
    "motor_current",
    "z_trim",
    "save_state",
    "restore_state",
)
"""What an allow-list may say that a command does: the auditor's own verbs (a test holds the two
lists together; neither is derived from the other)."""

_WITHOUT_EFFECT: Final = frozenset(
    {
        "no_effect",
        "message",
        "object_label",
        "progress",
        "machine_fan",
        "motor_current",
        "condition",
        "condition_end",
        "plane_xy",
        "save_state",
    }
)

Problems = Iterator[ProfileProblem]


def check_pack(pack: Loaded[Pack], table: ToleranceTable) -> Problems:
    """What a pack names exists in the table that it names."""
    ids = [designation.id for designation in table.designations]
    if pack.model.designation not in ids:
        yield pack.problem(
            "designation",
            repr(pack.model.designation),
            said("one of {values}", values=", ".join(ids)),
            nearest(pack.model.designation, ids),
        )
    letter = pack.model.default_class
    if table.classes and letter not in table.classes:
        yield pack.problem(
            "default_class",
            repr(letter),
            said("one of {values}", values=", ".join(table.classes)),
        )
    if not table.classes and letter is not None:
        yield pack.problem("default_class", repr(letter), said("none: the table has no classes"))
    for language in pack.model.languages:
        if language not in pack.model.document_title:
            yield pack.problem(
                "document_title",
                said("no title in {language!r}", language=language),
                said("one per language"),
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
            yield material.problem(key, list(window), said("the lower temperature first"))
        for target in targets:
            value = getattr(model, target)
            if not low <= value <= high:
                yield material.problem(
                    target, value, said("{key}, {low} to {high}", key=key, low=low, high=high)
                )
    if model.fan.min_ratio > model.fan.max_ratio:
        yield material.problem(
            "fan.min_ratio",
            model.fan.min_ratio,
            said("at most max_ratio, {max_ratio}", max_ratio=model.fan.max_ratio),
        )
    if model.fan.slowdown_below_layer_time_s > model.fan.below_layer_time_s:
        yield material.problem(
            "fan.slowdown_below_layer_time_s",
            model.fan.slowdown_below_layer_time_s,
            said(
                "at most below_layer_time_s, {below_layer_time_s}",
                below_layer_time_s=model.fan.below_layer_time_s,
            ),
        )
    if model.recommended_wall_mm < model.min_wall_mm:
        yield material.problem(
            "recommended_wall_mm",
            model.recommended_wall_mm,
            said("at least min_wall_mm, {min_wall_mm}", min_wall_mm=model.min_wall_mm),
        )


def check_process(process: Loaded[Process]) -> Problems:
    """Beads are wider than high (facts of slicers 2.1: else the bead model has no meaning)."""
    model = process.model
    for name, width in model.widths:
        height = model.first_layer_height_mm if name == "first_layer_mm" else model.layer_height_mm
        if width < height:
            yield process.problem(
                f"widths.{name}", width, said("at least the layer height, {height}", height=height)
            )
    yield from _ranges(process)
    if model.infill.anchor_max_mm < model.infill.anchor_mm:
        yield process.problem(
            "infill.anchor_max_mm",
            model.infill.anchor_max_mm,
            said("at least anchor_mm, {anchor_mm}", anchor_mm=model.infill.anchor_mm),
        )
    yield from _walls_of(process)
    if model.infill.combine_layers > 1 and model.infill.pattern is InfillPattern.LIGHTNING:
        yield process.problem(
            "infill.combine_layers",
            model.infill.combine_layers,
            said("1 with the pattern lightning, whose lines lie on those of the layer below"),
        )
    if model.ironing.surfaces is not IronedSurfaces.NONE and not model.shells.top_layers:
        yield process.problem(
            "ironing.surfaces",
            repr(model.ironing.surfaces.value),
            said("none where shells.top_layers is 0: there is no top to iron"),
        )
    yield from _supports(process)
    for key in ("solid_fill_ratio", "infill_window_ratio", "volume_ratio"):
        low, high = getattr(model.integrity, key)
        if low > high:
            yield process.problem(f"integrity.{key}", [low, high], said("the lower bound first"))


def _ranges(process: Loaded[Process]) -> Problems:
    """Ranges have a height, do not overlap, and their beads are wider than high."""
    model = process.model
    widths = [width for name, width in model.widths if name != "first_layer_mm"]
    for number, one in enumerate(model.ranges):
        key = f"ranges[{number}]"
        if one.to_mm <= one.from_mm:
            yield process.problem(
                f"{key}.to_mm", one.to_mm, said("more than from_mm, {from_mm}", from_mm=one.from_mm)
            )
        if one.layer_height_mm is not None and one.layer_height_mm > min(widths):
            yield process.problem(
                f"{key}.layer_height_mm",
                one.layer_height_mm,
                said("at most the narrowest bead, {widths}", widths=min(widths)),
            )
        for other in model.ranges[:number]:
            if one.from_mm < other.to_mm and other.from_mm < one.to_mm:
                yield process.problem(
                    f"{key}.from_mm",
                    said("{from_mm} to {to_mm}", from_mm=one.from_mm, to_mm=one.to_mm),
                    said(
                        "heights that no other range has; one has {from_mm} to {to_mm}",
                        from_mm=other.from_mm,
                        to_mm=other.to_mm,
                    ),
                )


def _walls_of(process: Loaded[Process]) -> Problems:
    """Settings of walls that contradict each other."""
    model = process.model
    walls, shells = model.walls, model.shells
    if walls.max_bead_width_ratio < 2.0 * walls.min_bead_width_ratio:
        yield process.problem(
            "walls.max_bead_width_ratio",
            walls.max_bead_width_ratio,
            said(
                "at least twice min_bead_width_ratio, {min_bead_width_ratio}: one bead gives "
                "way to two",
                min_bead_width_ratio=walls.min_bead_width_ratio,
            ),
        )
    if walls.one_on_top and walls.count > 1 and not shells.top_layers:
        yield process.problem(
            "walls.one_on_top",
            "true",
            said("shells.top_layers of 1 and more: the infill of tops takes the room of the walls"),
        )
    if walls.one_on_first_layer and walls.count > 1 and not shells.bottom_layers:
        yield process.problem(
            "walls.one_on_first_layer",
            "true",
            said(
                "shells.bottom_layers of 1 and more: the solid infill takes the room of the walls"
            ),
        )
    if model.overhangs.extra_walls and walls.order is WallOrder.OUTER_INNER:
        yield process.problem(
            "overhangs.extra_walls",
            "true",
            said(
                'another walls.order than "outer_inner", which lays in air what is to hold '
                "on to these"
            ),
        )
    if not model.spiral_vase.is_on:
        return
    vase = said("with spiral_vase.is_on")
    for key, got, wanted in (
        ("walls.count", walls.count, 1),
        ("shells.top_layers", shells.top_layers, 0),
        ("infill.density_ratio", model.infill.density_ratio, 0),
    ):
        if got != wanted:
            yield process.problem(
                key,
                got,
                said("{wanted} {vase}: one wall and nothing within", wanted=wanted, vase=vase),
            )
    if model.overhangs.extra_walls:
        yield process.problem("overhangs.extra_walls", "true", said("false {vase}", vase=vase))
    flat = max(1, shells.bottom_layers)
    if model.adhesion.skirt_loops and model.adhesion.skirt_layers > flat:
        yield process.problem(
            "adhesion.skirt_layers",
            model.adhesion.skirt_layers,
            said("at most {flat} {vase}, the layers that lie flat", flat=flat, vase=vase),
        )


def _supports(process: Loaded[Process]) -> Problems:
    """Branches that can be laid, and layers that can stand on a raft."""
    model = process.model
    supports = model.supports
    if model.spiral_vase.is_on and (supports.enabled or model.raft.layers):
        yield process.problem("spiral_vase.is_on", "true", said("false with supports or a raft"))
    if model.raft.layers:
        over_raft = said("with raft.layers: the part's layers are all of one height")
        if model.layers.max_surface_error_um:
            yield process.problem(
                "layers.max_surface_error_um", model.layers.max_surface_error_um, f"0 {over_raft}"
            )
        if model.layers.exact_top:
            yield process.problem(
                "layers.exact_top", "true", said("false {over_raft}", over_raft=over_raft)
            )
        for number, one in enumerate(model.ranges):
            if one.layer_height_mm is not None:
                yield process.problem(
                    f"ranges[{number}].layer_height_mm",
                    one.layer_height_mm,
                    said("none {over_raft}", over_raft=over_raft),
                )
    tree = supports.tree
    if tree.tip_diameter_mm > tree.branch_diameter_mm:
        yield process.problem(
            "supports.tree.tip_diameter_mm",
            tree.tip_diameter_mm,
            said(
                "at most branch_diameter_mm, {branch_diameter_mm}",
                branch_diameter_mm=tree.branch_diameter_mm,
            ),
        )


def check_allowlist(allowlist: Loaded[Allowlist]) -> Problems:
    """Every command once, with a meaning that the auditor has."""
    seen: set[str] = set()
    for number, rule in enumerate(allowlist.model.commands):
        if rule.meaning not in MEANINGS:
            yield allowlist.problem(
                f"commands[{number}].meaning",
                repr(rule.meaning),
                said("a meaning that the auditor knows"),
                nearest(rule.meaning, MEANINGS),
            )
        if rule.effects and rule.meaning in _WITHOUT_EFFECT:
            yield allowlist.problem(
                f"commands[{number}].meaning",
                repr(rule.meaning),
                said("a meaning that the audit follows, for what moves, extrudes or heats"),
            )
        if rule.command in seen:
            yield allowlist.problem(
                f"commands[{number}].command", repr(rule.command), said("each command once")
            )
        seen.add(rule.command)


def check_printer(printer: Loaded[Printer], allowlist: Allowlist) -> Problems:
    """The machine's numbers are in order and its own lines are ones that its audit accepts."""
    model = printer.model
    yield from check_volume(printer)
    if model.min_layer_height_mm > model.max_layer_height_mm:
        yield printer.problem(
            "min_layer_height_mm",
            model.min_layer_height_mm,
            said(
                "at most max_layer_height_mm, {max_layer_height_mm}",
                max_layer_height_mm=model.max_layer_height_mm,
            ),
        )
    fastest = model.motion.max_speed_mm_s.e
    for key in ("speed_mm_s", "deretract_speed_mm_s"):
        value = getattr(model.retraction, key)
        if value > fastest:
            yield printer.problem(
                f"retraction.{key}",
                value,
                said("at most motion.max_speed_mm_s.e, {fastest}", fastest=fastest),
            )
    if model.retraction.length_mm > model.retraction.max_length_mm:
        yield printer.problem(
            "retraction.length_mm",
            model.retraction.length_mm,
            said(
                "at most max_length_mm, {max_length_mm}",
                max_length_mm=model.retraction.max_length_mm,
            ),
        )
    if model.tools and model.tools.retract_mm > model.retraction.max_length_mm:
        yield printer.problem(
            "tools.retract_mm",
            model.tools.retract_mm,
            said(
                "at most retraction.max_length_mm, {max_length_mm}",
                max_length_mm=model.retraction.max_length_mm,
            ),
        )
    if model.tools and model.tools.purge_matrix_mm3:
        rows = model.tools.purge_matrix_mm3
        if {len(rows), *(len(row) for row in rows)} != {model.tools.count}:
            yield printer.problem(
                "tools.purge_matrix_mm3",
                said("rows of {rows} volumes", rows=", ".join(str(len(row)) for row in rows)),
                said("{count} rows of {count}, for each of tools.count", count=model.tools.count),
            )
    if model.tools and not any("{first_tool}" in line for line in model.start_code):
        yield printer.problem(
            "start_code",
            said("no line with {{first_tool}}"),
            said("lines that choose and heat the tool that begins, where there are [tools]"),
        )
    if model.tools and model.tools.shares_nozzle and model.tools.standby_drop_c:
        yield printer.problem(
            "tools.standby_drop_c",
            model.tools.standby_drop_c,
            said("0 with tools.shares_nozzle: the nozzle never waits"),
        )
    if allowlist.firmware is not model.firmware:
        yield printer.problem(
            "allowlist",
            said(
                "{id!r}, which is for {firmware}",
                id=allowlist.id,
                firmware=allowlist.firmware.value,
            ),
            said("an allow-list for {firmware}", firmware=model.firmware.value),
        )
    yield from check_machine_code(printer, allowlist)
