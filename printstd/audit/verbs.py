"""The auditor's own verbs: what a command does, whatever a firmware calls it.

An allow-list (`AuditDemand.commands`) maps each command to one of these; the list is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from printstd.artifacts.demand import CommandRule
from printstd.audit.slow_lines import Command, Spelling


class Verb(StrEnum):
    MOVE = "move"
    ARC_CW = "arc_cw"
    ARC_CCW = "arc_ccw"
    DWELL = "dwell"
    UNITS_MM = "units_mm"
    UNITS_INCH = "units_inch"
    HOME = "home"
    HOME_XY = "home_xy"
    """One letter stands for both axes: their motors work together."""
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
    ROUTINE = "routine"
    """The firmware's own sequence of moves or heating, whose end only the machine knows."""
    CONDITION = "condition"
    CONDITION_END = "condition_end"
    """What stands in between is run only if something holds that no file says."""
    MACHINE_FAN = "machine_fan"
    """Another than the part's: of the hot end, the electronics, the chamber."""
    MOTOR_CURRENT = "motor_current"
    Z_TRIM = "z_trim"
    """All heights are moved by a little, for the plate that lies on the bed."""
    SAVE_STATE = "save_state"
    RESTORE_STATE = "restore_state"
    """Modes, zero points, feed and percentages, as they were."""


TEXT_VERBS: Final = frozenset({Verb.MESSAGE, Verb.OBJECT_LABEL, Verb.CONDITION, Verb.CONDITION_END})
"""What these say is for people, or the name of a flag: their words need not be numbers."""
HARMLESS_VERBS: Final = frozenset(
    {Verb.MESSAGE, Verb.OBJECT_LABEL, Verb.PROGRESS, Verb.NO_EFFECT, Verb.MACHINE_FAN}
)
"""Whether these are run or not, the part is the same."""

VALUELESS_VERBS: Final = frozenset(
    {
        Verb.HOME,
        Verb.HOME_XY,
        Verb.MOTORS_OFF,
        Verb.MESH_BED,
        Verb.NO_EFFECT,
        Verb.OBJECT_LABEL,
        Verb.MESSAGE,
        Verb.ROUTINE,
        Verb.CONDITION,
        Verb.CONDITION_END,
        Verb.MOTOR_CURRENT,
    }
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


_WRITTEN_WITH_BLANKS: Final = ("bambu",)
"""Dialects whose own start code is indented."""
_VALUES: Final = frozenset(verb.value for verb in Verb)


class Meanings:
    """Looks up what a command does under one demand's allow-list.

    A list may have a command in several variants, told apart by one of its words: ``M106 P2`` is
    M106 with P2, ``M400 S`` one that has an S, ``M221 S!`` one whose S stands alone, ``M1002
    judge_flag`` one whose text begins so. The first that fits counts, then the command without a
    word.
    """

    def __init__(self, rules: tuple[CommandRule, ...], dialect: str = "") -> None:
        self._any_blanks = any(word in dialect for word in _WRITTEN_WITH_BLANKS)
        self.rules: dict[str, CommandRule] = {}
        self._variants: dict[str, list[tuple[str, CommandRule]]] = {}
        for rule in rules:
            name, _, word = rule.command.partition(" ")
            if word:
                self._variants.setdefault(name, []).append((word, rule))
            else:
                self.rules[name] = rule
        self.unknown_verbs = tuple(
            (rule.command, rule.meaning) for rule in rules if rule.meaning not in _VALUES
        )

    def rule_of(self, command: Command) -> CommandRule | None:
        """The list's row for a command; None where it has none."""
        for word, rule in self._variants.get(command.name, ()):
            if _has_word(command, word):
                return rule
        return self.rules.get(command.name)

    def of(self, command: Command) -> Verb | None:
        """What a command does; None where nobody knows it."""
        rule = self.rule_of(command)
        if rule is None:
            return STANDARD.get(command.name)
        return Verb(rule.meaning) if rule.meaning in _VALUES else None

    @property
    def spelling(self) -> Spelling:
        """What the lexer is to let through."""
        return Spelling(
            free_text=frozenset(_base(rule) for rule in self._all() if rule.meaning in TEXT_VERBS),
            with_command_letters=frozenset(
                _base(rule)
                for rule in self._all()
                if _base(rule)[1:2].isdigit() and set(rule.letters) & set("GMN")
            ),
            any_blanks=self._any_blanks,
        )

    def _all(self) -> Iterator[CommandRule]:
        yield from self.rules.values()
        for variants in self._variants.values():
            yield from (rule for _, rule in variants)


def _base(rule: CommandRule) -> str:
    return rule.command.partition(" ")[0]


def _has_word(command: Command, word: str) -> bool:
    if word[0].islower():
        return command.text == word or command.text.startswith((f"{word} ", f"{word}:"))
    letter, value = word[0], word[1:]
    if not command.has(letter):
        return False
    if not value:
        return True
    number = command.get(letter)
    return number is None if value == "!" else number is not None and number == float(value)
