"""What a program itself commands at each of its bytes: factors, fan, temperatures, offsets, layers.

A light reader of its own: only the lines that set such a value, and of moves those that change Z.
The auditor has read the same bytes in full before they were certified; this one only says what
a live value is to be held against. Macros are read as the certificate's demand expands them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.layer_plan import LayerPlan

Value = float | None


@dataclass(slots=True)
class Steps:
    """A value that changes at offsets. initial : before the first; None is that nobody said it."""

    initial: Value
    offsets: list[int] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def at(self, offset: int) -> Value:
        """What holds once the line at `offset`, if there is one, was run."""
        row = bisect_right(self.offsets, offset)
        return self.values[row - 1] if row else self.initial

    def between(self, low: int, high: int) -> tuple[Value, ...]:
        """All that held somewhere from `low` to `high`, earliest first."""
        first, last = bisect_right(self.offsets, low), bisect_right(self.offsets, high)
        return (self.at(low), *self.values[first:last])

    def set(self, offset: int, value: Value) -> None:
        if self.at(offset) != value:
            self.offsets.append(offset)
            self.values.append(value)


@dataclass(frozen=True, slots=True, eq=False)
class Commanded:
    """One program, by byte offsets.

    speed, flow, fan : ratios. z_offset : mm. nozzle : by number of the tool, and bed, in Celsius.
    layer : counted from 1, 0 before the first. first_bead, last_bead : where the part begins and
    ends; None for a program without beads. pauses, filament_changes : lines that ask for one.
    """

    size: int
    speed: Steps
    flow: Steps
    fan: Steps
    z_offset: Steps
    nozzle: Mapping[int, Steps]
    bed: Steps
    layer: Steps
    excluded: tuple[tuple[int, str], ...]
    pauses: tuple[int, ...]
    filament_changes: tuple[int, ...]
    first_bead: int | None
    last_bead: int | None

    def layer_at(self, offset: int) -> int:
        return int(self.layer.at(offset) or 0)

    def is_on_part(self, low: int, high: int) -> bool:
        """Is the whole stretch within the part?"""
        if self.first_bead is None or self.last_bead is None:
            return False
        return self.first_bead <= low and high <= self.last_bead

    def asks(self, offsets: tuple[int, ...], low: int, high: int) -> bool:
        """Does one of these lines begin from `low` to `high`, both included?"""
        row = bisect_left(offsets, low)
        return row < len(offsets) and offsets[row] <= high


_COMMAND: Final = re.compile(
    rb"^[ \t]*(?:N\d+[ \t]*)?((?:[MT]\d|[A-Z_][A-Z_]|G2[08]|G9[0-2])[^;\r\n*]*)", re.MULTILINE
)
"""Everything but moves."""
_RISE: Final = re.compile(
    rb"^[ \t]*(?:N\d+[ \t]*)?G0?[0-3][ \t][^;\r\n]*?Z[ \t]*([-+]?[0-9.]+)", re.MULTILINE
)
_BEAD: Final = re.compile(
    rb"^[ \t]*(?:N\d+[ \t]*)?G0?[123][ \t][^;\r\n]*?[XYIJ][^;\r\n]*?E[ \t]*\+?[0-9.]", re.MULTILINE
)
_LAYER_COMMENT: Final = re.compile(
    rb"^(?:;[ \t]*(?:LAYER_CHANGE|CHANGE_LAYER|LAYER:|BEFORE_LAYER_CHANGE)"
    rb"|SET_PRINT_STATS_INFO[^\r\n]*CURRENT_LAYER)",
    re.MULTILINE,
)
_PARAMETER: Final = re.compile(r"\{([A-Z_][A-Z0-9_]*)(?:=([^{}]*))?\}")
_WORD: Final = re.compile(r"([A-Z])[ \t]*([-+]?(?:\d+\.?\d*|\.\d+))")
_KEY: Final = re.compile(r"([A-Z_][A-Z0-9_]*)=(\"[^\"]*\"|\S+)")
_SAME_LAYER_MM: Final = 0.005
_LEAST_LAYER_MM: Final = 0.03
_DEEPEST: Final = 4

PAUSES: Final = ("M0", "M1", "M25", "M226", "M601", "PAUSE")
FILAMENT_CHANGES: Final = ("M600", "M701", "M702", "FILAMENT_CHANGE")


@dataclass(frozen=True, slots=True)
class Line:
    """A command line's parts: words (``S`` -> 210.0) of classic ones, keys of extended ones."""

    name: str
    words: Mapping[str, float]
    keys: Mapping[str, str]

    def number(self, key: str) -> float | None:
        try:
            return float(self.keys[key])
        except (KeyError, ValueError):
            return None


def read_line(text: str) -> Line:
    """The command in a line without its comment; the name is empty where there is none."""
    head, _, rest = text.strip().partition(" ")
    upper = head.upper()
    classic = re.match(r"([GMT])(\d+(?:\.\d+)?)", upper)
    if classic is not None:
        number = classic[2].lstrip("0") or "0"
        # ``M106S255`` is one, too.
        words = dict(_WORD.findall((upper[classic.end() :] + " " + rest.upper()).strip()))
        return Line(
            classic[1] + number, {k: float(v) for k, v in words.items()}, dict(_KEY.findall(rest))
        )
    return Line(upper, {}, {key.upper(): value.strip('"') for key, value in _KEY.findall(rest)})


def tool_of(line: Line) -> int | None:
    """The tool that a ``T1`` line or an ``ACTIVATE_EXTRUDER`` chooses."""
    if re.fullmatch(r"T\d+", line.name):
        return int(line.name[1:])
    if line.name == "ACTIVATE_EXTRUDER":
        return _tool_of_heater(line.keys.get("EXTRUDER", ""))
    return None


def _tool_of_heater(name: str) -> int | None:
    found = re.fullmatch(r"(?:extruder|tool|hotend|nozzle)(\d*)", name.lower())
    return None if found is None else int(found[1] or 0)


def heater_of(name: str) -> int | str | None:
    """A host's name of a heater: number of the tool, ``bed``, or None for another."""
    if name.lower() in ("bed", "heater_bed", "heated_bed"):
        return "bed"
    return _tool_of_heater(name)


class _Reader:
    def __init__(self, demand: AuditDemand | None) -> None:
        self.scale_fan = 1.0 if demand is not None and demand.dialect == "reprapfirmware" else 255.0
        self.macros = {
            rule.command: rule.expansion
            for rule in (demand.commands if demand is not None else ())
            if rule.expansion
        }
        self.tool = 0
        self.is_relative = False
        self.speed, self.flow = Steps(1.0), Steps(1.0)
        self.fan, self.z_offset = Steps(0.0), Steps(0.0)
        self.nozzle: dict[int, Steps] = {}
        self.bed = Steps(None)
        self.excluded: list[tuple[int, str]] = []
        self.pauses: list[int] = []
        self.filament: list[int] = []
        self.switches: list[tuple[int, bool]] = []
        """Where Z becomes relative (True) or absolute."""

    def take(self, offset: int, text: str, depth: int = 0) -> None:
        line = read_line(text)
        if line.name in self.macros and depth < _DEEPEST:
            for inner in _expanded(self.macros[line.name], line):
                self.take(offset, inner, depth + 1)
            return
        change = setting_of(line, self.scale_fan)
        if change is not None:
            self.apply(offset, change)
        tool = tool_of(line)
        if tool is not None:
            if tool != self.tool:
                self.filament.append(offset)
            self.tool = tool
        elif line.name in ("G90", "G91"):
            self.switches.append((offset, line.name == "G91"))
        elif line.name in PAUSES:
            self.pauses.append(offset)
        elif line.name in FILAMENT_CHANGES:
            self.filament.append(offset)
            self.pauses.append(offset)
        elif line.name == "EXCLUDE_OBJECT" and line.keys.get("NAME"):
            self.excluded.append((offset, line.keys["NAME"].upper()))

    def apply(self, offset: int, change: Setting) -> None:
        if change.what == "nozzle":
            tool = self.tool if change.tool is None else change.tool
            self.nozzle.setdefault(tool, Steps(None)).set(offset, change.value)
        elif change.what == "z_offset" and change.is_added:
            before = self.z_offset.at(offset) or 0.0
            self.z_offset.set(offset, before + (change.value or 0.0))
        else:
            steps: Steps = getattr(self, change.what)
            steps.set(offset, change.value)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command sets: ``speed``, ``flow``, ``fan``, ``z_offset``, ``nozzle`` or ``bed``.
    value : None where the line does not say it. is_added : to what it was."""

    what: str
    value: float | None
    tool: int | None = None
    is_added: bool = False


def setting_of(line: Line, fan_scale: float = 255.0) -> Setting | None:
    """The value that a line sets; None for one that sets none of them, or only asks."""
    words = line.words
    if line.name in ("M220", "M221"):
        if "S" not in words:
            return None
        return Setting("speed" if line.name == "M220" else "flow", words["S"] / 100)
    if line.name in ("M106", "M107"):
        if words.get("P", 0) != 0:
            return None
        full = words.get("S", fan_scale) / fan_scale
        return Setting("fan", 0.0 if line.name == "M107" else min(max(full, 0.0), 1.0))
    if line.name in ("M104", "M109"):
        value = words.get("S", words.get("R"))
        tool = words.get("T")
        return (
            Setting("nozzle", value, None if tool is None else int(tool))
            if value is not None
            else None
        )
    if line.name in ("M140", "M190"):
        value = words.get("S", words.get("R"))
        return Setting("bed", value) if value is not None else None
    if line.name == "M290":
        value = words.get("Z", words.get("S"))
        return Setting("z_offset", value, is_added=True) if value is not None else None
    if line.name == "SET_GCODE_OFFSET":
        if line.number("Z") is not None:
            return Setting("z_offset", line.number("Z"))
        if line.number("Z_ADJUST") is not None:
            return Setting("z_offset", line.number("Z_ADJUST"), is_added=True)
        return None
    if line.name == "SET_HEATER_TEMPERATURE":
        heater = heater_of(line.keys.get("HEATER", ""))
        target = line.number("TARGET") or 0.0
        if heater == "bed":
            return Setting("bed", target)
        return Setting("nozzle", target, heater) if isinstance(heater, int) else None
    return None


def _expanded(lines: tuple[str, ...], call: Line) -> Iterator[str]:
    values = {**{k: f"{v:.12g}" for k, v in call.words.items()}, **call.keys}
    for line in lines:
        text = line.split(";", 1)[0]
        yield _PARAMETER.sub(lambda m: values.get(m[1], m[2]) or m[0], text)


def read_commanded(program: bytes, demand: AuditDemand | None = None) -> Commanded:
    """demand : of the certificate; without one macros say nothing and layers are found by Z."""
    reader = _Reader(demand)
    for found in _COMMAND.finditer(program):
        reader.take(found.start(1), found[1].decode("utf-8", "replace"))
    tops = layer_tops(demand.layers) if demand is not None else ()
    layer, first, last = _layers(program, reader.switches, tops)
    return Commanded(
        len(program),
        reader.speed,
        reader.flow,
        reader.fan,
        reader.z_offset,
        reader.nozzle,
        reader.bed,
        layer,
        tuple(reader.excluded),
        tuple(reader.pauses),
        tuple(reader.filament),
        first,
        last,
    )


def layer_tops(plan: LayerPlan) -> tuple[float, ...]:
    """Z of every layer in mm; empty where the plan does not say how many there are."""
    if plan.top_um:
        return tuple(top / 1000 for top in plan.top_um)
    if plan.count is None:
        return ()
    first = plan.floor_um + plan.first_um
    return tuple((first + number * plan.height_um) / 1000 for number in range(plan.count))


def _layers(
    program: bytes, switches: list[tuple[int, bool]], tops: tuple[float, ...]
) -> tuple[Steps, int | None, int | None]:
    """The layer by offset, and where its first and last bead are."""
    comment = _LAYER_COMMENT.search(program)
    # A line that primes the nozzle is no layer, where the program says when layers begin.
    start = comment.start() if comment is not None else 0
    layer = Steps(0.0)
    first: int | None = None
    last: int | None = None
    highest = 0.0
    count = 0
    z = 0.0
    for low, high, z in _runs_of_one_z(program, switches):
        if high <= start:
            continue
        bead = _BEAD.search(program, max(low, start), high)
        if bead is None:
            continue
        first = bead.start() if first is None else first
        last = high
        if tops:
            layer.set(bead.start(), 1.0 + min(bisect_left(tops, z - _SAME_LAYER_MM), len(tops) - 1))
        elif z > highest + _LEAST_LAYER_MM:
            count, highest = count + 1, z
            layer.set(bead.start(), float(count))
    if last is not None:
        last = _last_bead(program, last)
    return layer, first, last


def _last_bead(program: bytes, end: int) -> int:
    """Offset of the last bead's line before `end`."""
    low = end
    while low > 0:
        low = max(0, low - (1 << 16))
        cut = program.rfind(b"\n", 0, low) + 1 if low else 0
        beads = [found.start() for found in _BEAD.finditer(program, cut, end)]
        if beads:
            return beads[-1]
    return end


def _runs_of_one_z(
    program: bytes, switches: list[tuple[int, bool]]
) -> Iterator[tuple[int, int, float]]:
    """(from, to, Z in mm) of stretches between changes of Z; `from` is at the line that sets it."""
    offsets = [offset for offset, _ in switches]
    low, z = 0, 0.0
    for found in _RISE.finditer(program):
        try:
            said = float(found[1])
        except ValueError:
            continue
        row = bisect_right(offsets, found.start())
        is_relative = bool(row) and switches[row - 1][1]
        new = z + said if is_relative else said
        if new != z:
            yield low, found.start(), z
            low, z = found.start(), new
    yield low, len(program), z
