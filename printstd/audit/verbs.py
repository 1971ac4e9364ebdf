"""The auditor's own verbs: what a command does, whatever a firmware calls it.

An allow-list (`AuditDemand.commands`) maps each command to one of these; the list is closed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from printstd.artifacts.demand import CommandRule


class Verb(StrEnum):
    MOVE = "move"
    ARC_CW = "arc_cw"
    ARC_CCW = "arc_ccw"
    DWELL = "dwell"
    UNITS_MM = "units_mm"
    UNITS_INCH = "units_inch"
    HOME = "home"
    ABSOLUTE_XYZ = "absolute_xyz"
    RELATIVE_XYZ = "relative_xyz"
    ABSOLUTE_E = "absolute_e"
    RELATIVE_E = "relative_e"
    SET_POSITION = "set_position"
    NOZZLE_TEMP = "nozzle_temp"
    NOZZLE_TEMP_WAIT = "nozzle_temp_wait"
    BED_TEMP = "bed_temp"
    BED_TEMP_WAIT = "bed_temp_wait"
    CHAMBER_TEMP = "chamber_temp"
    FAN = "fan"
    FAN_OFF = "fan_off"
    TOOL = "tool"
    ACCEL = "accel"
    LIMITS = "limits"
    JERK = "jerk"
    FEED_PERCENT = "feed_percent"
    FLOW_PERCENT = "flow_percent"
    PRESSURE_ADVANCE = "pressure_advance"
    PROGRESS = "progress"
    RETRACT = "retract"
    UNRETRACT = "unretract"
    MOTORS_OFF = "motors_off"
    OBJECT_LABEL = "object_label"
    MESSAGE = "message"
    PLANE_XY = "plane_xy"
    MESH_BED = "mesh_bed"
    MACRO = "macro"
    NO_EFFECT = "no_effect"


TEXT_VERBS: Final = frozenset({Verb.MESSAGE, Verb.OBJECT_LABEL})
"""What these say is for people: their words need not be numbers."""

VALUELESS_VERBS: Final = frozenset(
    {Verb.HOME, Verb.MOTORS_OFF, Verb.MESH_BED, Verb.NO_EFFECT, Verb.OBJECT_LABEL, Verb.MESSAGE}
)
"""A letter may stand alone here: ``G28 X``, ``G29 A``."""

STANDARD: Final[dict[str, Verb]] = {
    "G0": Verb.MOVE,
    "G1": Verb.MOVE,
    "G2": Verb.ARC_CW,
    "G3": Verb.ARC_CCW,
    "G4": Verb.DWELL,
    "G10": Verb.RETRACT,
    "G11": Verb.UNRETRACT,
    "G17": Verb.PLANE_XY,
    "G20": Verb.UNITS_INCH,
    "G21": Verb.UNITS_MM,
    "G28": Verb.HOME,
    "G29": Verb.MESH_BED,
    "G32": Verb.MESH_BED,
    "G90": Verb.ABSOLUTE_XYZ,
    "G91": Verb.RELATIVE_XYZ,
    "G92": Verb.SET_POSITION,
    "M82": Verb.ABSOLUTE_E,
    "M83": Verb.RELATIVE_E,
    "M84": Verb.MOTORS_OFF,
    "M18": Verb.MOTORS_OFF,
    "M104": Verb.NOZZLE_TEMP,
    "M109": Verb.NOZZLE_TEMP_WAIT,
    "M140": Verb.BED_TEMP,
    "M190": Verb.BED_TEMP_WAIT,
    "M141": Verb.CHAMBER_TEMP,
    "M191": Verb.CHAMBER_TEMP,
    "M106": Verb.FAN,
    "M107": Verb.FAN_OFF,
    "M220": Verb.FEED_PERCENT,
    "M221": Verb.FLOW_PERCENT,
    "M204": Verb.ACCEL,
    "M201": Verb.LIMITS,
    "M203": Verb.LIMITS,
    "M205": Verb.JERK,
    "M566": Verb.JERK,
    "M73": Verb.PROGRESS,
    "M117": Verb.MESSAGE,
    "M400": Verb.NO_EFFECT,
    "BED_MESH_CALIBRATE": Verb.MESH_BED,
    "QUAD_GANTRY_LEVEL": Verb.MESH_BED,
    "Z_TILT_ADJUST": Verb.MESH_BED,
    "ACTIVATE_EXTRUDER": Verb.TOOL,
    **{f"T{number}": Verb.TOOL for number in range(16)},
}
"""What a command does where the demand's list does not say: in the lines of a macro, and for a
refused command, so that what follows it is still followed as the machine would."""


_VALUES: Final = frozenset(verb.value for verb in Verb)


class Meanings:
    """Looks up what a command does under one demand's allow-list."""

    def __init__(self, rules: tuple[CommandRule, ...]) -> None:
        self.rules: dict[str, CommandRule] = {rule.command: rule for rule in rules}
        self.unknown_verbs = tuple(
            (rule.command, rule.meaning) for rule in rules if rule.meaning not in _VALUES
        )

    def of(self, name: str) -> Verb | None:
        """The verb of a command; None where nobody knows it."""
        rule = self.rules.get(name)
        if rule is None:
            return STANDARD.get(name)
        return Verb(rule.meaning) if rule.meaning in _VALUES else None

    @property
    def free_text(self) -> frozenset[str]:
        return frozenset(name for name, rule in self.rules.items() if rule.meaning in TEXT_VERBS)
