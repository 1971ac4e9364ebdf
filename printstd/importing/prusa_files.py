"""PrusaSlicer's files: vendor bundles with sections, and flat configurations.

A flat file is one preset of each kind that it has a key of: an exported configuration holds all
three, a saved preset one. The block at the end of a program and the settings inside a 3MF project
are flat configurations behind a comment sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from printstd.importing.foreign import Kind, Line, Section
from printstd.importing.ini_text import IniSection, read_ini

KINDS: Final = {"print": Kind.PROCESS, "filament": Kind.MATERIAL, "printer": Kind.PRINTER}
"""The word in a section's title -> what it is here; other sections say nothing about programs."""
_ID_KEYS: Final = {
    Kind.PROCESS: "print_settings_id",
    Kind.MATERIAL: "filament_settings_id",
    Kind.PRINTER: "printer_settings_id",
}
_TELLING: Final = {
    Kind.PROCESS: ("layer_height", "perimeters", "fill_density"),
    Kind.MATERIAL: ("filament_diameter", "temperature", "filament_type"),
    Kind.PRINTER: ("nozzle_diameter", "bed_shape"),
}
"""A flat file that has one of these holds a preset of that kind."""


def sections_of(text: str, file: str) -> list[Section]:
    """All presets of an INI text; empty where it holds none."""
    found: list[Section] = []
    vendor = ""
    for section in read_ini(text, file):
        word, colon, name = section.title.partition(":")
        if not section.title:
            found += flat_sections(section.values, section.lines, file)
        elif section.title == "vendor":
            vendor = section.values.get("name", "")
        elif colon and word.strip() in KINDS:
            found.append(_bundled(KINDS[word.strip()], name.strip(), section, vendor))
    return found


def _bundled(kind: Kind, name: str, section: IniSection, vendor: str) -> Section:
    values = dict(section.values)
    if kind is Kind.PRINTER and vendor:
        values.setdefault("printer_vendor", vendor)
    parents = items(values.pop("inherits", ""))
    is_hidden = name.startswith("*") and name.endswith("*")
    return Section(kind, name, parents, values, section.lines, section.where, is_hidden)


def flat_sections(values: Mapping[str, str], lines: Mapping[str, Line], file: str) -> list[Section]:
    """One preset of each kind that a flat configuration says something about. All hold the same
    values: which key is of which kind, the tables know. What it was derived from does not count:
    slicers save flat configurations whole."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,6}$", "", file.replace("\\", "/").rpartition("/")[2])
    own = {key: value for key, value in values.items() if key != "inherits"}
    return [
        Section(
            kind,
            first(values.get(_ID_KEYS[kind], "")) or stem,
            (),
            own,
            dict(lines),
            Line(file, None),
        )
        for kind, keys in _TELLING.items()
        if any(key in values for key in keys)
    ]


def items(text: str) -> tuple[str, ...]:
    """``a; "b c"; d`` -> its items."""
    found: Iterable[str] = re.findall(r'"(?:[^"\\]|\\.)*"|[^;]+', text)
    return tuple(item for raw in found if (item := unquoted(raw.strip())))


def first(text: str) -> str:
    """The first item of a list of texts; the text itself where it is none."""
    found = items(text)
    return found[0] if found else ""


def unquoted(text: str) -> str:
    """Without the quotes around it and the backslashes that they ask for."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text
