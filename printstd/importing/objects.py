"""Print settings that a project gives to single objects, parts and modifiers.

The tables of `profiles import` say what a key becomes. Whatever the keys given do not say (the
layer height that a width is a share of, the number of walls) is as the process in force has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from printstd.importing.account import TABLES, Fate, account
from printstd.importing.convert import Row, Values
from printstd.importing.defaults import defaults_of
from printstd.importing.foreign import Choice, Family, Kind, Line, Preset
from printstd.profiles.models import Process

_PLAIN: Final = ("layer_height_mm", "first_layer_height_mm", "walls.count")
_PLAIN_TABLES: Final = ("widths.", "speeds.")
"""Settings that both say in the same unit: what other keys are shares of, or compared with."""


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """settings : dotted key of the process -> value. left : (key, value, why it is not
    followed)."""

    settings: Mapping[str, Any]
    left: tuple[tuple[str, str, str], ...]


def own_settings(
    family: str,
    given: Mapping[str, str],
    process: Process,
    *,
    nozzle_mm: float,
    refused: Callable[[str, Any], str],
    where: str,
    keeps_same: bool = False,
) -> OwnSettings:
    """What keys and values of one object become.

    keeps_same : what is as in the process is said too, since something else may hold in between.
    family : value of `Family`. refused : (setting, value) -> why it cannot be so here; empty where
    it can. Raises ProfileError naming a value that cannot be read.
    """
    known = Family(family)
    table = TABLES[known][Kind.PROCESS]
    lines = {key: Line(where, None) for key in given}
    preset = Preset(known, Kind.PROCESS, where, dict(given), lines)
    choice = Choice((preset,))
    defaults = dict(defaults_of(known)) | _in_force(table.rows, process)
    values = Values(choice, defaults | {"nozzle_diameter": f"{nozzle_mm:g}"}, lambda name: {})
    told = account(choice, values)
    settings: dict[str, Any] = {}
    left = {
        entry.key: (entry.key, entry.value, entry.note)
        for entry in told.entries
        if entry.key in given and entry.fate is Fate.LOST
    }
    tree = process.model_dump(mode="json")
    keys = {row.setting: row for row in table.rows}
    for setting, (value, is_stated) in told.settings[Kind.PROCESS].items():
        row = keys[setting]
        if not is_stated:
            continue
        why, is_same = refused(setting, value), value == _at(tree, setting)
        if is_same and (why or not keeps_same):
            continue
        if not why:
            settings[setting] = value
            continue
        for key in (row.key, *row.uses):
            if key in given:
                left.setdefault(key, (key, given[key], why))
    return OwnSettings(settings, tuple(left[key] for key in sorted(left)))


def _in_force(rows: tuple[Row, ...], process: Process) -> dict[str, str]:
    tree = process.model_dump(mode="json")
    found = {
        row.key: f"{_at(tree, row.setting):g}"
        for row in rows
        if row.setting in _PLAIN or row.setting.startswith(_PLAIN_TABLES)
    }
    density = f"{process.infill.density_ratio * 100:g}%"
    return found | {row.key: density for row in rows if row.setting == "infill.density_ratio"}


def _at(tree: Any, setting: str) -> Any:
    for key in setting.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree
