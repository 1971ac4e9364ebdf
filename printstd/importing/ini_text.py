"""The dialect of INI that PrusaSlicer writes: ``key = value`` lines, ``[kind:name]`` headers.

No quoting, no continuation lines: line breaks inside a value are the two characters ``\\n``.
A line that starts with ``#`` or ``;`` is a comment.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from printstd.errors import InputError
from printstd.importing.foreign import Line
from printstd.words import said

MAX_LINE: Final = 200_000
_HEADER: Final = re.compile(r"\[(.*)\]\s*(?:[#;].*)?$")
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*$")


class IniSection(NamedTuple):
    """title : the text in brackets; empty for what stands before the first header."""

    title: str
    where: Line
    values: dict[str, str]
    lines: dict[str, Line]


def read_ini(text: str, file: str) -> list[IniSection]:
    """All sections in their order; InputError names the line that is none of it, and a title or a
    key that stands twice: what it should mean is anybody's guess."""
    sections = [IniSection("", Line(file, None), {}, {})]
    titles: dict[str, Line] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        where = Line(file, number)
        if len(line) > MAX_LINE:
            raise refused(
                said("a line is too long"),
                where,
                said("{count} characters", count=len(line)),
                f"{MAX_LINE}",
            )
        header = _HEADER.match(line)
        if header is not None:
            title = header.group(1).strip()
            if title in titles:
                raise refused(
                    said("a section stands twice"),
                    where,
                    f"[{title}]",
                    said("it at {titles} alone", titles=titles[title]),
                )
            titles[title] = where
            sections.append(IniSection(title, where, {}, {}))
            continue
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals or not _KEY.match(key):
            raise refused(
                said("a line cannot be read"), where, repr(line[:60]), said("key = value")
            )
        section = sections[-1]
        if key in section.values:
            raise refused(
                said("a key stands twice in a section"),
                where,
                key,
                said("it at {lines} alone", lines=section.lines[key]),
            )
        section.values[key] = value.strip()
        section.lines[key] = where
    return sections


def refused(what: str, where: Line | str, got: str, wanted: str) -> InputError:
    return InputError(
        what,
        where=str(where),
        got=got,
        wanted=wanted,
        hint=said("export the settings again from the slicer that made them"),
    )


def decoded(data: bytes, file: str) -> str:
    """Text of a settings file: UTF-8, with or without a mark at its start, any line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = Line(file, data.count(b"\n", 0, error.start) + 1)
        raise refused(
            said("bytes that are no text"), line, repr(data[error.start]), "UTF-8"
        ) from error
    if "\0" in text:
        raise refused(
            said("a text with zero bytes in it"), file, said("a zero byte"), said("a settings file")
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
