"""What became of every setting: carried or not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from printstd.errors import ProfileError
from printstd.importing import (
    orca_material,
    orca_printer,
    orca_process,
    prusa_material,
    prusa_printer,
    prusa_process,
)
from printstd.importing.convert import NO_FEATURE, Lost, Off, Row, Table, Unreadable, Values, named
from printstd.importing.foreign import Choice, Family, Kind, Line
from printstd.importing.inherit import problem

TABLES: Final[Mapping[Family, Mapping[Kind, Table]]] = {
    Family.PRUSA: {
        Kind.PROCESS: prusa_process.TABLE,
        Kind.MATERIAL: prusa_material.TABLE,
        Kind.PRINTER: prusa_printer.TABLE,
    },
    Family.ORCA: {
        Kind.PROCESS: orca_process.TABLE,
        Kind.MATERIAL: orca_material.TABLE,
        Kind.PRINTER: orca_printer.TABLE,
    },
}


class Fate(StrEnum):
    CARRIED = "carried"
    """It is a setting of a profile, or it switches off what printstd has not either."""
    LOST = "lost"
    """It changes programs, and printstd's do not follow."""
    IDLE = "idle"
    """A detail of something that is off: it changes no program."""
    ABOUT = "about"
    """A name, a note, a colour: it changes no program."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting of the presets. where : None where the slicer's default stands for it."""

    key: str
    value: str
    fate: Fate
    note: str
    where: Line | None


@dataclass(frozen=True, slots=True)
class Told:
    """The settings that the tables give, by kind: dotted key -> value, and whether a file said it
    (False: the slicer's default did)."""

    settings: Mapping[Kind, Mapping[str, tuple[Any, bool]]]
    entries: tuple[Entry, ...]


def account(choice: Choice, values: Values) -> Told:
    """Convert everything. Raises ProfileError with every value that cannot be read."""
    tables = TABLES[choice.family]
    lines = {key: line for preset in choice.presets for key, line in preset.lines.items()}
    work = _Account(values, lines)
    for kind in Kind:
        if choice.get(kind) is not None:
            work.convert(kind, tables[kind])
    present = [tables[kind] for kind in Kind if choice.get(kind) is not None]
    for table in present:
        work.switch_off(table)
    work.rest(present, [table for table in tables.values() if table not in present])
    if work.problems:
        raise ProfileError(tuple(dict.fromkeys(work.problems)))
    entries = sorted(work.entries.values(), key=lambda entry: entry.key)
    return Told(work.settings, tuple(entries))


class _Account:
    def __init__(self, values: Values, lines: Mapping[str, Line]) -> None:
        self.values = values
        self.lines = lines
        self.settings: dict[Kind, dict[str, tuple[Any, bool]]] = {}
        self.entries: dict[str, Entry] = {}
        self.decided: set[str] = set()
        self.problems: list[Any] = []

    def convert(self, kind: Kind, table: Table) -> None:
        found = self.settings.setdefault(kind, {})
        for row in table.rows:
            if row.key not in self.values:
                continue
            is_told = any(key in self.values.stated for key in (row.key, *row.uses))
            try:
                value = row.convert(self.values, row.key)
            except Unreadable as error:
                self._unreadable(error)
                continue
            except Lost as lost:
                if lost.instead is not None:
                    found[row.setting] = (lost.instead, is_told)
                self._row(row, table, lost)
                continue
            found[row.setting] = (value, is_told)
            self._row(row, table, None)

    def _row(self, row: Row, table: Table, lost: Lost | None) -> None:
        """All the row's keys share its fate, unless a row of their own decided otherwise."""
        for key in (row.key, *row.uses):
            if key != row.key and (key not in self.values.stated or key in self.entries):
                continue
            if idle := self._idle(key, table):
                self._put(key, Fate.IDLE, idle)
            elif lost is None:
                self._put(key, Fate.CARRIED, row.setting)
            else:
                self._put(key, Fate.LOST, _reason(lost, row.setting))

    def switch_off(self, table: Table) -> None:
        """Features that printstd has not: carried where they are off."""
        for off in table.offs:
            if off.key not in self.values or off.key in self.decided:
                continue
            try:
                is_off = off.is_off(self.values)
            except Unreadable as error:
                self._unreadable(error)
                continue
            if idle := self._idle(off.key, table):
                self._put(off.key, Fate.IDLE, idle)
            elif is_off:
                self._put(off.key, Fate.CARRIED, f"{off.feature}: off")
            else:
                self._put(off.key, Fate.LOST, f"{off.feature}: {off.reason}")

    def rest(self, present: list[Table], absent: list[Table]) -> None:
        """What no row and no feature is for."""
        for key in self.values.stated:
            if key in self.entries:
                continue
            idle = next((because for t in present if (because := self._idle(key, t))), "")
            if any(table.is_about(key) for table in (*present, *absent)):
                self._put(key, Fate.ABOUT, "")
            elif idle:
                self._put(key, Fate.IDLE, idle)
            elif any(_knows(table, key) for table in absent):
                self._put(key, Fate.ABOUT, "of a preset that is not imported")
            else:
                self._put(key, Fate.LOST, _unknown(key, present))

    def _idle(self, key: str, table: Table) -> str:
        for idle in table.idles:
            if named(key, idle.keys) and idle.holds(self.values):
                return idle.because
        return ""

    def _put(self, key: str, fate: Fate, note: str) -> None:
        """A default that changes nothing is not told; a key of several rows is lost with one."""
        self.decided.add(key)
        before = self.entries.get(key)
        if before is not None and before.fate is Fate.LOST:
            return
        is_stated = key in self.values.stated
        if is_stated or fate is Fate.LOST:
            where = self.lines.get(key) if is_stated else None
            self.entries[key] = Entry(key, self.values.text(key), fate, note, where)

    def _unreadable(self, error: Unreadable) -> None:
        where = self.lines.get(error.key, Line("the slicer's defaults", None))
        self.problems.append(problem(where, error.key, error.got, error.wanted))


def _reason(lost: Lost, setting: str) -> str:
    if lost.instead is None or isinstance(lost.instead, list):
        return lost.reason
    return f"{lost.reason}; {setting} = {lost.instead}"


def _unknown(key: str, tables: list[Table]) -> str:
    """Of a detail, what it is one of."""
    for table in tables:
        for idle in table.idles:
            if named(key, idle.keys):
                return f"{NO_FEATURE}; it would not count if {idle.because}"
    return "not known to printstd"


def _knows(table: Table, key: str) -> bool:
    keyed: tuple[Row | Off, ...] = (*table.rows, *table.offs)
    return (
        any(one.key == key for one in keyed)
        or any(key in row.uses for row in table.rows)
        or any(named(key, idle.keys) for idle in table.idles)
    )
