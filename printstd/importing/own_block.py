"""printstd's own programs: every resolved setting stands in them under its own key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from printstd.errors import ProfileError, ProfileProblem
from printstd.importing.account import Entry, Fate, Told
from printstd.importing.foreign import Choice, Kind, Line
from printstd.importing.inherit import problem
from printstd.profiles.keys import fields_of, without_none
from printstd.profiles.load import MODELS

_ABOUT: Final = frozenset({"provenance"})
_PREFIX: Final = "printstd_"


def own_settings(choice: Choice) -> Told:
    """The settings of the three profiles that a program was made with.

    Raises ProfileError where one cannot be read. A setting that this version has not is lost.
    """
    settings: dict[Kind, dict[str, tuple[Any, bool]]] = {}
    problems: list[ProfileProblem] = []
    entries: dict[str, Entry] = {}
    for preset in choice.presets:
        reader = _Reader(preset.values, preset.lines, problems)
        settings[preset.kind] = reader.read(preset.kind)
        for key in reader.used:
            note = reader.used[key]
            entries[key] = Entry(key, preset.values[key], Fate.CARRIED, note, preset.lines.get(key))
    if problems:
        raise ProfileError(tuple(problems))
    first = choice.presets[0]
    kinds = tuple(f"{_PREFIX}{kind}_" for kind in settings)
    for key, value in first.values.items():
        if key in entries:
            continue
        # What hosts read is said by our own keys too.
        is_ours = key.startswith(kinds) and not key.endswith("_sha256")
        fate = Fate.LOST if is_ours else Fate.ABOUT
        note = "not known to this version" if is_ours else ""
        entries[key] = Entry(key, value, fate, note, first.lines.get(key))
    return Told(settings, tuple(sorted(entries.values(), key=lambda entry: entry.key)))


class _Reader:
    def __init__(
        self,
        values: Mapping[str, str],
        lines: Mapping[str, Line],
        problems: list[ProfileProblem],
    ) -> None:
        self.values, self.lines, self.problems = values, lines, problems
        self.used: dict[str, str] = {}

    def read(self, kind: Kind) -> dict[str, tuple[Any, bool]]:
        found: dict[str, tuple[Any, bool]] = {}
        self._walk(MODELS[kind.value], f"{_PREFIX}{kind}_", "", found)
        # A profile gets a name of its own.
        found.pop("id", None)
        return found

    def _walk(
        self, model: type[BaseModel], key: str, dotted: str, found: dict[str, tuple[Any, bool]]
    ) -> None:
        for name, kind in (fields_of(model) or {}).items():
            if not dotted and name in _ABOUT:
                continue
            path = f"{dotted}{name}"
            if key + name in self.values:
                found[path] = (self._json(key + name), True)
                self.used[key + name] = path
            elif fields_of(kind) is not None:
                self._walk(without_none(kind), f"{key}{name}_", f"{path}.", found)

    def _json(self, key: str) -> Any:
        try:
            return json.loads(self.values[key])
        except ValueError:
            where = self.lines[key]
            self.problems.append(problem(where, key, repr(self.values[key][:40]), "JSON"))
            return None
