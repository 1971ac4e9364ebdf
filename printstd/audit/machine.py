"""The machine: what the lexed program makes it do, move by move.

Modal state (units, absolute or relative, feed, offsets, flow and feed percentage) changes at a few
commands; between two of them all moves are worked out at once. Positions are um in the bed
frame, before any firmware's own clamping: the machine is shown doing what it is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand
from printstd.audit.lexer import Lexed, Moves, lex
from printstd.audit.slow_lines import Command, read_command
from printstd.audit.verbs import Meanings, Verb

UM_PER_MM: Final = 1000.0
UM_PER_INCH: Final = 25400.0
FIRMWARE_RETRACT_UM: Final = 1000.0
"""G10 draws back as far as the machine is set to: this stands for it, and G11 for its return."""

_BREAKS: Final = frozenset(
    {
        Verb.UNITS_MM,
        Verb.UNITS_INCH,
        Verb.HOME,
        Verb.HOME_XY,
        Verb.ABSOLUTE_XYZ,
        Verb.RELATIVE_XYZ,
        Verb.ABSOLUTE_E,
        Verb.RELATIVE_E,
        Verb.SET_POSITION,
        Verb.FEED_PERCENT,
        Verb.FLOW_PERCENT,
        Verb.RETRACT,
        Verb.UNRETRACT,
        Verb.TOOL,
        Verb.SAVE_STATE,
        Verb.RESTORE_STATE,
    }
)
HOMING: Final = (Verb.HOME, Verb.HOME_XY)
UNKNOWN_TOOL: Final = -1
"""What is at hand on a machine with several tools until the program says."""
_TOOL_NAME: Final = re.compile(r"T([0-9]{1,3})|(?:extruder)([0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Event:
    """One command that is no move, with what it means."""

    seq: int
    """Order among moves and events; the line's number times 65536."""
    line: int
    verb: Verb | None
    """None: nobody knows what it does."""
    command: Command
    is_in_macro: bool

    @property
    def homes(self) -> str:
        """Axes that a homing command homes, of XYZ."""
        if self.verb is Verb.HOME_XY:
            return "XY"
        named = "".join(letter for letter in "XYZ" if self.command.has(letter))
        return named or "XYZ"

    @property
    def tool(self) -> int:
        """That a command chooses: ``T1``, ``ACTIVATE_EXTRUDER EXTRUDER=extruder1``."""
        named = dict(self.command.keys).get("EXTRUDER", self.command.name)
        found = _TOOL_NAME.fullmatch(named)
        return int(found.group(1) or found.group(2) or 0) if found else UNKNOWN_TOOL


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Every move in order, arcs still whole; one row each.

    seq : (m,) int64. line : (m,) int64, 1-based. kind : (m,) uint8, 0 and 1 straight, 2 arc
    clockwise, 3 counter-clockwise, 9 firmware retraction. start_um, end_um : (m, 3) float64, um,
    bed frame. centre_um : (m, 2) float64, um, of arcs, NaN elsewhere. e_um : (m,) float64, filament
    fed. feed_um_s : (m,) float64, NaN where the program has not said.
    has_axis : (m, 3) bool, the line names the axis. tool : (m,) int64, at hand, from 0.
    """

    seq: NDArray[np.int64]
    line: NDArray[np.int64]
    kind: NDArray[np.uint8]
    start_um: NDArray[np.float64]
    end_um: NDArray[np.float64]
    centre_um: NDArray[np.float64]
    e_um: NDArray[np.float64]
    feed_um_s: NDArray[np.float64]
    has_axis: NDArray[np.bool_]
    tool: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MachineRun:
    track: Track
    events: tuple[Event, ...]

    def of(self, *verbs: Verb) -> list[Event]:
        return [event for event in self.events if event.verb in verbs]

    def tool_at(self, seq: int) -> int:
        """That is at hand on a machine with several."""
        found = UNKNOWN_TOOL
        for event in self.of(Verb.TOOL):
            if event.seq > seq:
                break
            found = event.tool
        return found


@dataclass(slots=True)
class _State:
    position_um: NDArray[np.float64]
    """Where the nozzle is, bed frame."""
    offset_um: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    """Bed frame less the program's own coordinates (G92 X Y Z)."""
    e_um: float = 0.0
    """The program's own E coordinate."""
    unit_um: float = UM_PER_MM
    is_absolute: bool = True
    is_absolute_e: bool = True
    feed_um_s: float = float("nan")
    feed_ratio: float = 1.0
    flow_ratio: float = 1.0
    tool: int = 0
    saved: dict[str, _State] = field(default_factory=dict)

    def kept(self) -> _State:
        """As it is now; nothing that happens later reaches it."""
        return replace(self, offset_um=self.offset_um.copy(), saved={})

    def restore(self, then: _State) -> None:
        """Klipper's RESTORE_GCODE_STATE: all but where the nozzle is and which tool is at hand."""
        self.offset_um, self.e_um, self.unit_um = then.offset_um.copy(), then.e_um, then.unit_um
        self.is_absolute, self.is_absolute_e = then.is_absolute, then.is_absolute_e
        self.feed_um_s, self.feed_ratio = then.feed_um_s, then.feed_ratio
        self.flow_ratio = then.flow_ratio


def run_machine(lexed: Lexed, demand: AuditDemand) -> MachineRun:
    """Follow a program from its first line to its last. Nothing raises."""
    meanings = Meanings(demand.commands, demand.dialect)
    moves, seq, events = _with_macros(lexed, meanings)
    box = demand.machine.travel_um
    # Homing leaves the nozzle at a place that only the machine knows; the corner nearest to the
    # origin that it may reach stands for it.
    home = np.array([min(max(0, box[i]), box[i + 3]) for i in range(3)], np.float64)
    state = _State(position_um=home.copy(), tool=UNKNOWN_TOOL if demand.tools else 0)
    is_e_modal_with_xyz = not any(word in demand.dialect for word in ("klipper", "reprap", "rrf"))
    # Written where it stays: a large program's moves are not held twice.
    breaks = [event for event in events if event.verb in _BREAKS]
    n_drawn = sum(event.verb in (Verb.RETRACT, Verb.UNRETRACT) for event in breaks)
    track = _empty(len(seq) + n_drawn)
    done = filled = 0
    upto_of = np.searchsorted(seq, [event.seq for event in breaks]).tolist()
    for event, upto in zip(breaks, upto_of, strict=True):
        filled = _follow(moves, seq, slice(done, upto), state, track, filled)
        done = upto
        fed_um = _apply(event, state, home, is_e_modal_with_xyz)
        if fed_um is not None:
            filled = _one_row(event, state, fed_um, track, filled)
    _follow(moves, seq, slice(done, len(seq)), state, track, filled)
    return MachineRun(track, tuple(events))


def _empty(n: int) -> Track:
    """Of so many rows, to be filled."""
    return Track(
        seq=np.empty(n, np.int64),
        line=np.empty(n, np.int64),
        kind=np.empty(n, np.uint8),
        start_um=np.empty((n, 3)),
        end_um=np.empty((n, 3)),
        centre_um=np.full((n, 2), np.nan),
        e_um=np.empty(n),
        feed_um_s=np.empty(n),
        has_axis=np.zeros((n, 3), bool),
        tool=np.empty(n, np.int64),
    )


def _with_macros(lexed: Lexed, meanings: Meanings) -> tuple[Moves, NDArray[np.int64], list[Event]]:
    """Moves and events in order, with the lines that each macro runs in its place."""
    moves = [lexed.moves]
    seqs = [lexed.moves.line << 16]
    events: list[Event] = []
    for command in lexed.commands:
        verb = _verb(meanings, command)
        seq = command.line << 16
        events.append(Event(seq, command.line, verb, command, is_in_macro=False))
        rule = meanings.rule_of(command)
        if verb is not Verb.MACRO or rule is None:
            continue
        inner = lex(expanded(rule.expansion, command, meanings), spelling=meanings.spelling)
        n = len(inner.moves.line)
        moves.append(
            Moves(
                np.full(n, command.line), inner.moves.kind, inner.moves.words, inner.moves.letters
            )
        )
        seqs.append(seq + inner.moves.line)
        events += [
            Event(seq + sub.line, command.line, _verb_inside(meanings, sub), sub, is_in_macro=True)
            for sub in inner.commands
        ]
        events += [
            Event(seq + p.line, command.line, None, Command(p.text, line=p.line), is_in_macro=True)
            for p in inner.problems
        ]
    events.sort(key=lambda event: event.seq)
    if len(moves) == 1:
        return moves[0], seqs[0], events
    seq_all = np.concatenate(seqs)
    order = np.argsort(seq_all, kind="stable")
    joined = Moves(
        np.concatenate([m.line for m in moves])[order],
        np.concatenate([m.kind for m in moves])[order],
        np.concatenate([m.words for m in moves])[order],
        np.concatenate([m.letters for m in moves])[order],
    )
    return joined, seq_all[order], events


def _verb(meanings: Meanings, command: Command) -> Verb | None:
    verb = meanings.of(command)
    if verb is Verb.RETRACT and (command.has("S") or command.has("R")):
        # RepRapFirmware's G10 P S R sets a tool's temperatures.
        return Verb.NOZZLE_TEMP
    if verb is Verb.RESTORE_STATE and dict(command.keys).get("MOVE", "0") != "0":
        # It would move back to a place that no line names.
        return None
    return verb


def _verb_inside(meanings: Meanings, command: Command) -> Verb | None:
    """Of a macro's line; of a macro that was not expanded, none."""
    verb = _verb(meanings, command)
    return None if verb is Verb.MACRO else verb


_DEEPEST: Final = 8
"""Macros may call macros so many times within one another; one that calls itself is not run."""
_LONGEST: Final = 60_000
"""Lines that one call may run: their order is told within the call's own number."""
_PARAMETER: Final = re.compile(r"\{([A-Z_][A-Z0-9_]*)(?:=([^{}]*))?\}")


def expanded(lines: tuple[str, ...], call: Command, meanings: Meanings) -> bytes:
    """A macro's lines with the call's parameters in place of ``{KEY}``; ``{KEY=60}`` is 60 where
    the call does not say it. Macros that it calls are in their place, too; what cannot be had
    stays as it is written, which no grammar takes."""
    found = _lines_of(lines, call, meanings, _DEEPEST)
    return "".join(f"{line}\n" for line in found).encode("utf-8")


def _lines_of(lines: tuple[str, ...], call: Command, meanings: Meanings, depth: int) -> list[str]:
    values = dict(call.keys)
    values |= {key: f"{number:.12g}" for key, number in call.words if number is not None}

    def value_of(match: re.Match[str]) -> str:
        return values.get(match.group(1), match.group(2)) or match.group(0)

    found: list[str] = []
    for line in lines:
        text = _PARAMETER.sub(value_of, line)
        inner = read_command(text.split(";", 1)[0].rstrip(" ").encode("utf-8"), meanings.spelling)
        rule = meanings.rule_of(inner) if isinstance(inner, Command) else None
        if isinstance(inner, Command) and rule and rule.meaning == Verb.MACRO and depth > 1:
            found += _lines_of(rule.expansion, inner, meanings, depth - 1)
        else:
            found.append(text)
        if len(found) > _LONGEST:
            return [f"{call.name} (more than {_LONGEST} lines)"]
    return found


def _filled(values: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Each NaN replaced by the last number before it."""
    last = np.where(np.isnan(values), -1, np.arange(len(values)))
    np.maximum.accumulate(last, out=last)
    return np.where(last < 0, before, values[np.maximum(last, 0)])


def _follow(
    moves: Moves, seq: NDArray[np.int64], rows: slice, state: _State, track: Track, at: int
) -> int:
    """Write the moves of one run under one modal state, which is left as they leave it, from row
    `at` of the track on; the row behind them."""
    words = moves.words[rows]
    n = len(words)
    if not n:
        return at
    own = slice(at, at + n)
    end = track.end_um[own]
    for axis in range(3):
        given = words[:, axis] * state.unit_um
        if state.is_absolute:
            given = given + state.offset_um[axis]
            end[:, axis] = _filled(given, state.position_um[axis])
        else:
            end[:, axis] = state.position_um[axis] + np.cumsum(np.nan_to_num(given))
    start = track.start_um[own]
    start[:1] = state.position_um
    start[1:] = end[:-1]
    given = words[:, 3] * state.unit_um
    if state.is_absolute_e:
        reached = _filled(given, state.e_um)
        fed = np.diff(reached, prepend=state.e_um)
        state.e_um = float(reached[-1])
    else:
        fed = np.nan_to_num(given)
        state.e_um += float(fed.sum())
    feed = _filled(words[:, 4] * state.unit_um / 60.0, state.feed_um_s)
    state.position_um = end[-1].copy()
    state.feed_um_s = float(feed[-1])
    kind = moves.kind[rows]
    arcs = np.flatnonzero(kind >= 2)
    if len(arcs):
        centre = start[arcs, :2] + np.nan_to_num(words[arcs, 5:7]) * state.unit_um
        track.centre_um[at + arcs] = centre
    track.seq[own], track.line[own], track.kind[own] = seq[rows], moves.line[rows], kind
    track.e_um[own] = fed * state.flow_ratio
    track.feed_um_s[own] = feed * state.feed_ratio
    track.has_axis[own] = ~np.isnan(words[:, :3])
    track.tool[own] = state.tool
    return at + n


def _apply(
    event: Event, state: _State, home: NDArray[np.float64], is_e_modal_with_xyz: bool
) -> float | None:
    """Change the state as a command does; filament that the firmware itself draws back or feeds,
    um, None where it does not."""
    verb, command = event.verb, event.command
    if verb is Verb.UNITS_MM:
        state.unit_um = UM_PER_MM
    elif verb is Verb.UNITS_INCH:
        state.unit_um = UM_PER_INCH
    elif verb in (Verb.ABSOLUTE_XYZ, Verb.RELATIVE_XYZ):
        state.is_absolute = verb is Verb.ABSOLUTE_XYZ
        if is_e_modal_with_xyz:
            state.is_absolute_e = state.is_absolute
    elif verb in (Verb.ABSOLUTE_E, Verb.RELATIVE_E):
        state.is_absolute_e = verb is Verb.ABSOLUTE_E
    elif verb in HOMING:
        for letter in event.homes:
            axis = "XYZ".index(letter)
            state.position_um[axis] = home[axis]
            state.offset_um[axis] = 0.0
    elif verb is Verb.SET_POSITION:
        _set_position(command, state)
    elif verb is Verb.FEED_PERCENT:
        state.feed_ratio = _percent(command)
    elif verb is Verb.FLOW_PERCENT:
        state.flow_ratio = _percent(command)
    elif verb is Verb.TOOL:
        state.tool = event.tool
    elif verb is Verb.SAVE_STATE:
        state.saved[_state_name(command)] = state.kept()
    elif verb is Verb.RESTORE_STATE:
        then = state.saved.get(_state_name(command))
        if then is not None:
            state.restore(then)
    elif verb in (Verb.RETRACT, Verb.UNRETRACT):
        sign = -1.0 if verb is Verb.RETRACT else 1.0
        return sign * FIRMWARE_RETRACT_UM
    return None


def _state_name(command: Command) -> str:
    return dict(command.keys).get("NAME", "default")


def _percent(command: Command) -> float:
    value = command.get("S")
    return 1.0 if value is None else value / 100.0


def _set_position(command: Command, state: _State) -> None:
    if not command.words:
        state.offset_um = state.position_um.copy()
        state.e_um = 0.0
    for axis, letter in enumerate("XYZ"):
        value = command.get(letter)
        if value is not None:
            state.offset_um[axis] = state.position_um[axis] - value * state.unit_um
    value = command.get("E")
    if value is not None:
        state.e_um = value * state.unit_um


def _one_row(event: Event, state: _State, e_um: float, track: Track, at: int) -> int:
    """Filament fed without a move, as row `at` of the track; the row behind it."""
    track.seq[at], track.line[at], track.kind[at] = event.seq, event.line, 9
    track.start_um[at] = track.end_um[at] = state.position_um
    track.e_um[at], track.feed_um_s[at], track.tool[at] = e_um, np.nan, state.tool
    return at + 1
