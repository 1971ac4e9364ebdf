"""What is read from another slicer's files, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The three presets that make a program; their values are printstd's own names for them."""

    PROCESS = "process"
    MATERIAL = "material"
    PRINTER = "printer"


class Family(StrEnum):
    """Whose keys they are."""

    PRUSA = "PrusaSlicer"
    ORCA = "OrcaSlicer"
    OWN = "printstd"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an import."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """Where a value stands. number : 1-based; None where the format has no lines."""

    file: str
    number: int | None

    def __str__(self) -> str:
        return f"{self.file}:{self.number}" if self.number else self.file


@dataclass(frozen=True, slots=True)
class Section:
    """A preset as its file says it, parents not yet merged.

    parents : names, in the order in which they are merged: a later one wins. is_hidden : there
    to be inherited from alone.
    """

    kind: Kind
    name: str
    parents: tuple[str, ...]
    values: Mapping[str, str]
    lines: Mapping[str, Line]
    where: Line
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset with everything that it inherits.

    values : key -> text. Lists are texts too, items divided by commas (by semicolons where items
    are texts), as PrusaSlicer writes them.
    """

    family: Family
    kind: Kind
    name: str
    values: Mapping[str, str]
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Library:
    """All presets of one import that a user may choose, and the files that they were read from."""

    presets: tuple[Preset, ...]
    files: tuple[SourceFile, ...]

    def of(self, kind: Kind) -> tuple[Preset, ...]:
        return tuple(preset for preset in self.presets if preset.kind is kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is imported together: up to one preset of each kind, of one family."""

    presets: tuple[Preset, ...]

    @property
    def family(self) -> Family:
        return self.presets[0].family

    def get(self, kind: Kind) -> Preset | None:
        return next((preset for preset in self.presets if preset.kind is kind), None)
