"""A program that its machine would not read as meant is refused before it is handed on.

The audit would find the same, but in the finished program; here the profile that asks for it can
still be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from printstd.errors import InternalError, ProfileError, ProfileProblem
from printstd.profiles.machine_code import allowed_letters, command_of, letters_of
from printstd.profiles.models import Allowlist, Dialect, Printer
from printstd.profiles.resolved import Resolved
from printstd.words import said

CLASSIC_MAX: Final = 95
"""Bytes of a classic command on any firmware: what Marlin reads of a line."""

_CLASSIC: Final = re.compile(r"[GMT][0-9]")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def check_names(names: Iterable[str], sha256: str) -> None:
    """InternalError where a name could be more than a name: the caller makes them plain."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise InternalError(
                "a name that machines cannot take",
                got=repr(name),
                wanted="1 to 60 ASCII letters, digits, - or _",
            )
    if not _SHA256.fullmatch(sha256):
        raise InternalError("no SHA-256 of the model", got=repr(sha256))


def check_commands(lines: Iterable[str], resolved: Resolved) -> None:
    """ProfileError where a line that the profiles ask for is not on the machine's list."""
    allowlist, printer = resolved.allowlist, resolved.printer
    if allowlist is None or printer is None:
        raise InternalError("a program is written for a printer, and none was named")
    # Once for each command or letter, with the first line that has it.
    problems: dict[str, ProfileProblem] = {}
    for what, line in _unlisted(lines, allowlist, printer):
        wanted = f"what the program says to {printer.id}: {line!r}"
        file = _file_of(resolved, "allowlist")
        problems.setdefault(what, ProfileProblem(file, None, "commands", what, wanted))
    if problems:
        raise ProfileError(tuple(problems.values()))


def _unlisted(
    lines: Iterable[str], allowlist: Allowlist, printer: Printer
) -> Iterator[tuple[str, str]]:
    """What the list has not, and the line that needs it."""
    letters = {rule.command: allowed_letters(rule) for rule in allowlist.commands}
    letters |= {macro.name: set(macro.parameters) for macro in printer.macros}
    for line in dict.fromkeys(lines):
        command = command_of(line)
        if not command:
            continue
        if command not in letters:
            yield f"no {command}", line
            continue
        for letter in letters_of(line):
            if letter not in letters[command]:
                yield f"{command} without {letter}", line


def longest_safe(dialect: Dialect) -> int:
    """Bytes that a line of any kind may have."""
    return min(CLASSIC_MAX, dialect.line_length_max)


def check_lengths(lines: Iterable[str], resolved: Resolved) -> None:
    """ProfileError where a line without its comment is longer than the machine reads."""
    if resolved.dialect is None:
        raise InternalError("a program is written for a printer, and none was named")
    problems = tuple(_too_long(lines, resolved.dialect, resolved))
    if problems:
        raise ProfileError(problems)


def _too_long(
    lines: Iterable[str], dialect: Dialect, resolved: Resolved
) -> Iterator[ProfileProblem]:
    classic_max = longest_safe(dialect)
    for whole in lines:
        if len(whole) <= classic_max:
            continue
        line = whole.split(";", 1)[0].strip()
        most = classic_max if _CLASSIC.match(line) else dialect.line_length_max
        if len(line) > most:
            yield ProfileProblem(
                _file_of(resolved, "dialect"),
                None,
                "line_length_max",
                said("{count} bytes in {line!r}...", count=len(line), line=line[:40]),
                said("{most} at most", most=most),
            )


def _file_of(resolved: Resolved, kind: str) -> str:
    """The file that a profile's id stands in."""
    return resolved.origins.get(f"{kind}.id", kind).rpartition(":")[0] or kind
