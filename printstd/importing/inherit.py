"""Presets with everything that they inherit.

Parents are merged in the order in which they are named, each with all that it inherits itself, so
a later parent wins over an earlier one, also by what both have from the same grandparent; what
a preset says itself wins over all of them (facts of slicers, finding 4, M1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from printstd.errors import ProfileError, ProfileProblem
from printstd.importing.foreign import Family, Kind, Line, Preset, Section
from printstd.profiles.keys import nearest
from printstd.words import said

MAX_DEPTH: Final = 64

Names = Mapping[tuple[Kind, str], Section]


def flatten(sections: Sequence[Section], family: Family) -> tuple[Preset, ...]:
    """Every preset that is not hidden, in the order of the files.

    Raises ProfileError with every parent that is not there and every circle.
    """
    by_name: dict[tuple[Kind, str], Section] = {}
    problems: list[ProfileProblem] = []
    for section in sections:
        if (section.kind, section.name) in by_name:
            first = by_name[section.kind, section.name].where
            problems.append(
                problem(
                    section.where,
                    section.name,
                    said("a second {kind}", kind=section.kind),
                    f"{first} alone",
                )
            )
            continue
        by_name[section.kind, section.name] = section
    flat = _Flattened(by_name, problems)
    presets = [
        Preset(family, section.kind, section.name, *merged)
        for section in by_name.values()
        if not section.is_hidden and (merged := flat.of(section, ())) is not None
    ]
    if problems:
        raise ProfileError(tuple(dict.fromkeys(problems)))
    return tuple(presets)


Merged = tuple[dict[str, str], dict[str, Line]]


class _Flattened:
    def __init__(self, by_name: Names, problems: list[ProfileProblem]) -> None:
        self.by_name = by_name
        self.problems = problems
        self.done: dict[tuple[Kind, str], Merged | None] = {}

    def of(self, section: Section, below: tuple[str, ...]) -> Merged | None:
        """None where a parent is not there; `below` : the names on the way down here."""
        key = (section.kind, section.name)
        if key in self.done:
            return self.done[key]
        if section.name in below or len(below) > MAX_DEPTH:
            circle = " <- ".join([*below[below.index(section.name) :], section.name][:8])
            self._report(section, circle, "parents that do not come back here")
            return None
        values: dict[str, str] = {}
        lines: dict[str, Line] = {}
        is_whole = True
        for name in section.parents:
            parent = self.by_name.get((section.kind, name))
            if parent is None:
                known = [other for kind, other in self.by_name if kind is section.kind]
                self._report(
                    section,
                    repr(name),
                    f"a {section.kind} preset in the files given (give the parent's file too)",
                    nearest(name, known),
                )
                is_whole = False
                continue
            merged = self.of(parent, (*below, section.name))
            if merged is None:
                is_whole = False
                continue
            values |= merged[0]
            lines |= merged[1]
        values |= section.values
        lines |= section.lines
        self.done[key] = (values, lines) if is_whole else None
        return self.done[key]

    def _report(self, section: Section, got: str, wanted: str, close: str | None = None) -> None:
        where = section.lines.get("inherits", section.where)
        self.problems.append(
            problem(where, said("{name}: inherits", name=section.name), got, wanted, close)
        )


def problem(
    where: Line, key: str, got: str, wanted: str, close: str | None = None
) -> ProfileProblem:
    return ProfileProblem(where.file, where.number, key, got, wanted, close)
