"""Programs for tests: a request's profiles, and a toolpath written down under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from printstd.artifacts.program import Program, Thumbnail
from printstd.artifacts.toolpath import Toolpath
from printstd.gcode import write_program
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request, Resolved
from tests.unit.profiles.sources import BUNDLED, Overlay

PRINTERS = ("ender3-v2", "mk4s", "voron-2.4-350", "railcore-ii-300zl", "peer")
"""One machine of each firmware, and the machine of comparisons."""
SHA256 = "0123456789abcdef" * 4


def resolved_for(
    printer: str = "ender3-v2",
    *pairs: tuple[str, str],
    files: Mapping[str, str] | None = None,
    **names: Any,
) -> Resolved:
    """pairs : as `--set` takes them. files : profiles put over the bundled ones."""
    source = Overlay(files) if files else BUNDLED
    return resolve(Request(printer=printer, overrides=pairs, **names), source)


def written(
    toolpath: Toolpath,
    resolved: Resolved,
    *,
    name: str = "bracket",
    thumbnails: Sequence[Thumbnail] = (),
) -> Program:
    return write_program(
        toolpath,
        resolved,
        models=[(name, SHA256)],
        thumbnails=thumbnails,
        tool_version="0.1.0",
        release_date="2026-11-24",
    )


def lines_of(program: Program) -> list[str]:
    return program.data.decode("ascii").splitlines()


def between(lines: list[str], first: str, last: str) -> list[str]:
    start = lines.index(first)
    return lines[start + 1 : lines.index(last, start)]
