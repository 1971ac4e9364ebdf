"""From files of any of the kinds to the presets that a user may choose.

Which kind a file is, its content says, not its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.errors import InputError
from printstd.importing import orca_files, programs, prusa_files
from printstd.importing.foreign import Family, Library, Preset, Section, SourceFile
from printstd.importing.inherit import flatten
from printstd.importing.ini_text import decoded
from printstd.words import said

_PROGRAM_MARKS: Final = (b"\nG1 ", b"\nG0 ", b"\nG28", b"\nM104", b"\nM109", b"\nG90", b"\nG21")


def read_library(files: Sequence[SourceFile]) -> Library:
    """Raises InputError where a file cannot be read, ProfileError where inheritance is broken."""
    sections: dict[Family, list[Section]] = {}
    for file in files:
        for family, found in _sections(file):
            sections.setdefault(family, []).extend(found)
    presets: list[Preset] = []
    for family, found in sections.items():
        flat = flatten(found, family)
        presets += [p for p in flat if p.values.get("printer_technology") != "SLA"]
    if not any(sections.values()):
        raise InputError(
            said("no settings were found"),
            where=", ".join(file.name for file in files[:5]) or None,
            got=said("{count} files without a preset", count=len(files)),
            wanted=said("bundles, configurations, presets, projects or programs of slicers"),
            hint=said("export the settings from the slicer and name that file"),
        )
    return Library(tuple(presets), tuple(files))


def _sections(file: SourceFile) -> list[tuple[Family, list[Section]]]:
    data = file.data
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"PK\x03\x04"):
        return [_of_block(programs.settings_in_project(data, file.name), file.name)]
    if data.startswith(b"GCDE"):
        raise InputError(
            said("binary programs are not read"),
            where=file.name,
            got=said("a binary G-code file"),
            wanted=said("its text form"),
            hint=said("save the program as plain G-code"),
        )
    if start.startswith((b"{", b"[\n", b"[\r")) or start[:1] == b"{":
        section = orca_files.section_of(decoded(data, file.name), file.name)
        return [(Family.ORCA, [section] if section else [])]
    if not _is_ini(start) and any(m in data or data.startswith(m[1:]) for m in _PROGRAM_MARKS):
        return [_of_block(programs.settings_in_program(data, file.name), file.name)]
    return [(Family.PRUSA, prusa_files.sections_of(decoded(data, file.name), file.name))]


def _is_ini(start: bytes) -> bool:
    """The first line that is no comment is a header or a key."""
    for line in start.split(b"\n"):
        text = line.strip()
        if text and text[:1] not in b"#;":
            return text[:1] == b"[" or b"=" in text.split(b" ; ")[0]
    return False


def _of_block(block: programs.Block, file: str) -> tuple[Family, list[Section]]:
    if block.text:
        return block.family, orca_files.project_sections(block.text, file)
    family = block.family
    if family is Family.ORCA or "wall_loops" in block.values:
        return Family.ORCA, orca_files.flat_sections(block.values, block.lines, file)
    return family, prusa_files.flat_sections(block.values, block.lines, file)
