"""The settings that slicers leave in their programs and projects.

PrusaSlicer: ``; key = value`` lines at the end, between ``; prusaslicer_config = begin`` and
``= end`` (facts of slicers 3.1); its projects hold the same lines in
``Metadata/Slic3r_PE.config``. OrcaSlicer and Bambu Studio: the lines between
``; CONFIG_BLOCK_START`` and ``; CONFIG_BLOCK_END``; projects hold JSON in
``Metadata/project_settings.config``.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final, NamedTuple

from printstd.errors import InputError
from printstd.importing.foreign import Family, Line
from printstd.importing.ini_text import decoded, refused
from printstd.words import said

MAX_INFLATED: Final = 16 << 20
MAX_RATIO: Final = 200
_PRUSA_MEMBER: Final = "Metadata/Slic3r_PE.config"
_ORCA_MEMBER: Final = "Metadata/project_settings.config"
_BEGINS: Final = {
    b"; prusaslicer_config = begin": (b"; prusaslicer_config = end", Family.PRUSA),
    b"; CONFIG_BLOCK_START": (b"; CONFIG_BLOCK_END", Family.ORCA),
}
_ROW: Final = re.compile(r";\s*([A-Za-z_][A-Za-z0-9_.]*)\s*=(.*)$")
OWN_PREFIX: Final = "printstd_process_"
_OLD_TAIL_BYTES: Final = 1 << 20


class Block(NamedTuple):
    """Flat settings. text : of a JSON project, which has no rows; empty otherwise."""

    family: Family
    values: dict[str, str]
    lines: dict[str, Line]
    text: str = ""


def settings_in_program(data: bytes, file: str) -> Block:
    """InputError where the program holds no such block, or half of one."""
    for begin, (end, family) in _BEGINS.items():
        start = data.rfind(b"\n" + begin)
        if start < 0:
            continue
        stop = data.find(b"\n" + end, start)
        first_line = data.count(b"\n", 0, start + 1) + 1
        if stop < 0:
            raise refused(
                said("the settings in the program are cut off"),
                Line(file, first_line),
                begin.decode(),
                end.decode(),
            )
        return _rows(data[start + 1 : stop], file, first_line, family)
    tail = data[-_OLD_TAIL_BYTES:]
    # Before it had marks PrusaSlicer wrote the same rows, and nothing after them.
    if b"\n; layer_height = " in tail and b"\n; nozzle_diameter = " in tail:
        first_line = data.count(b"\n", 0, len(data) - len(tail)) + 1
        return _rows(tail, file, first_line, Family.PRUSA)
    raise InputError(
        said("the program does not say with which settings it was made"),
        where=file,
        got=said("no block of settings"),
        wanted=said("; prusaslicer_config = begin, or ; CONFIG_BLOCK_START"),
        hint=said("import the slicer's own profiles, or a project file"),
    )


def _rows(data: bytes, file: str, first_line: int, family: Family) -> Block:
    values: dict[str, str] = {}
    lines: dict[str, Line] = {}
    for number, line in enumerate(decoded(data, file).split("\n"), first_line):
        match = _ROW.match(line.strip())
        if match is None:
            continue
        key, where = match.group(1), Line(file, number)
        if key in values and values[key] != match.group(2).strip():
            raise refused(
                said("a setting stands twice in a program"),
                where,
                key,
                said("{lines} alone", lines=lines[key]),
            )
        values[key] = match.group(2).strip()
        lines[key] = where
    values.pop("prusaslicer_config", None)
    if any(key.startswith(OWN_PREFIX) for key in values):
        family = Family.OWN
    return Block(family, values, lines)


def settings_in_project(data: bytes, file: str) -> Block:
    """InputError where the archive is broken or holds no slicer's settings."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if _ORCA_MEMBER in names:
                text = decoded(_member(archive, _ORCA_MEMBER, file), f"{file}/{_ORCA_MEMBER}")
                return Block(Family.ORCA, {}, {}, text)
            if _PRUSA_MEMBER in names:
                inner = f"{file}/{_PRUSA_MEMBER}"
                return _rows(_member(archive, _PRUSA_MEMBER, file), inner, 1, Family.PRUSA)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise refused(
            said("the project cannot be opened"), file, str(error)[:80], said("a ZIP file")
        ) from error
    raise InputError(
        said("the 3MF file holds no settings"),
        where=file,
        got=said("a model alone"),
        wanted=said(
            "{PRUSA_MEMBER} or {ORCA_MEMBER} in it",
            PRUSA_MEMBER=_PRUSA_MEMBER,
            ORCA_MEMBER=_ORCA_MEMBER,
        ),
        hint=said("save it as a project in the slicer, with its settings"),
    )


def _member(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    info = archive.getinfo(name)
    bound = min(MAX_INFLATED, max(info.compress_size * MAX_RATIO, 1 << 20))
    with archive.open(info) as stream:
        data = stream.read(bound + 1)
    if len(data) > bound:
        raise refused(
            said("the project's settings are too large"), f"{file}/{name}", "more", f"{bound}"
        )
    return data
