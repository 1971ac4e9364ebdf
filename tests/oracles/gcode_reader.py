"""A program read back line by line, as a machine would follow it; every dialect's words.

Numbers are Decimals, nothing is shared with the writer or with the auditor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

LINE = re.compile(r"(?P<code>[^;]*?) *(?P<comment>;.*)?")
WORD = re.compile(r"([A-Z])(-?[0-9]+(?:\.[0-9]+)?)?")


@dataclass(frozen=True)
class State:
    """What is in force. um, 1e-5 mm, mm/min, mm/s2; None: the program has not said."""

    x_um: int | None = None
    y_um: int | None = None
    z_um: int | None = None
    feed_mm_min: int | None = None
    print_accel: int | None = None
    travel_accel: int | None = None
    fan_step: int | None = None
    object_name: str | None = None
    type_name: str | None = None
    width_mm: Decimal | None = None
    height_mm: Decimal | None = None
    layer: int = -1
    is_wiping: bool = False
    nozzle_c: int | None = None
    bed_c: int | None = None
    e_is_relative: bool = False
    progress: tuple[int, int | None] = (-1, None)


@dataclass(frozen=True)
class Move:
    """One G1: what it named, what it fed, what was in force when it was done."""

    line: int
    named: str
    e_e5: int
    state: State


@dataclass
class Reading:
    lines: list[str]
    moves: list[Move] = field(default_factory=list)
    progress: list[tuple[int, int | None]] = field(default_factory=list)

    def body(self) -> list[Move]:
        """Moves between the machine's own code at the start and at the end."""
        custom = [n for n, line in enumerate(self.lines) if line == ";TYPE:Custom"]
        first = self.lines.index(";LAYER_CHANGE")
        return [move for move in self.moves if first < move.line < custom[-1]]

    def commands(self) -> list[str]:
        """Lines that a machine acts on, in order."""
        return [line for line in self.lines if line and not line.startswith(";")]


def whole(number: Decimal, decimals: int) -> int:
    """The number times 10^decimals, which must be whole."""
    scaled = number.scaleb(decimals)
    assert scaled == scaled.to_integral_value(), number
    return int(scaled)


def read(data: bytes) -> Reading:
    text = data.decode("ascii")
    assert text.endswith("\n")
    reading = Reading(text[:-1].split("\n"))
    state, names = State(), {-1: None}
    for number, line in enumerate(reading.lines):
        match = LINE.fullmatch(line)
        assert match, line
        if match["code"]:
            state = _command(match["code"].split(" "), number, state, names, reading)
        elif match["comment"]:
            state = _tag(match["comment"], state)
    return reading


def _command(
    words: list[str], line: int, state: State, names: dict[int, str | None], reading: Reading
) -> State:
    name, *rest = words
    if name.isupper() and "_" in name:
        keys = dict(word.split("=", 1) for word in rest)
        if name == "EXCLUDE_OBJECT_START":
            assert state.object_name is None
            return replace(state, object_name=keys["NAME"])
        if name == "EXCLUDE_OBJECT_END":
            assert state.object_name == keys["NAME"]
            return replace(state, object_name=None)
        return state
    if name == "M486":
        return _object(rest, state, names)
    values: dict[str, Decimal] = {}
    for word in rest:
        match = WORD.fullmatch(word)
        assert match, words
        assert match[1] not in values, words
        values[match[1]] = Decimal(match[2] or 0)
    if name == "G1":
        return _move(values, line, state, reading)
    if name == "M73":
        minutes = int(values["R"]) if "R" in values else None
        reading.progress.append((int(values["P"]), minutes))
        return replace(state, progress=reading.progress[-1])
    if name == "M204":
        both = values.get("S")
        changes = {
            "print_accel": int(values.get("P", both or 0)),
            "travel_accel": int(values.get("T", both or 0)),
        }
        return replace(state, **{key: value for key, value in changes.items() if value})
    changes = {
        "M106": {"fan_step": int(values.get("S", 255))},
        "M107": {"fan_step": 0},
        "M83": {"e_is_relative": True},
        "M104": {"nozzle_c": int(values.get("S", 0))},
        "M109": {"nozzle_c": int(values.get("S", values.get("R", 0)))},
        "M140": {"bed_c": int(values.get("S", 0))},
        "M190": {"bed_c": int(values.get("S", values.get("R", 0)))},
    }.get(name, {})
    return replace(state, **changes)


def _object(words: list[str], state: State, names: dict[int, str | None]) -> State:
    for word in words:
        if word[0] == "S":
            number = int(word[1:])
            names.setdefault(number, f"object {number}")
            state = replace(state, object_name=names[number])
        elif word[0] == "A":
            current = next(n for n, known in names.items() if known == state.object_name)
            names[current] = word[1:].strip('"')
            state = replace(state, object_name=names[current])
        else:
            assert word[0] == "T"
    return state


def _move(values: dict[str, Decimal], line: int, state: State, reading: Reading) -> State:
    assert values, "a move without words"
    changes = {f"{axis.lower()}_um": whole(values[axis], 3) for axis in "XYZ" if axis in values}
    if "F" in values:
        changes["feed_mm_min"] = whole(values["F"], 0)
    state = replace(state, **changes)
    fed = whole(values.get("E", Decimal(0)), 5)
    assert not fed or state.e_is_relative
    reading.moves.append(Move(line, "".join(values), fed, state))
    return state


def _tag(comment: str, state: State) -> State:
    key, colon, value = comment.partition(":")
    if comment == ";LAYER_CHANGE":
        return replace(state, layer=state.layer + 1)
    if comment in (";WIPE_START", ";WIPE_END"):
        assert state.is_wiping is (comment == ";WIPE_END")
        return replace(state, is_wiping=comment == ";WIPE_START")
    if not colon:
        return state
    changes = {
        ";TYPE": {"type_name": value},
        ";WIDTH": {"width_mm": Decimal(value) if key == ";WIDTH" else None},
        ";HEIGHT": {"height_mm": Decimal(value) if key == ";HEIGHT" else None},
    }.get(key, {})
    return replace(state, **changes)
