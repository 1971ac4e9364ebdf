"""A printer's own lines of G-code hold nothing that its allow-list does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from printstd.errors import ProfileProblem
from printstd.profiles import machine_code
from printstd.profiles.keys import nearest
from printstd.profiles.load import Loaded
from printstd.profiles.models import Allowlist, Printer
from printstd.words import said

Problems = Iterator[ProfileProblem]


def check_machine_code(printer: Loaded[Printer], allowlist: Allowlist) -> Problems:
    """Of macros, start, end, layer and tool changes each line is one that the allow-list takes."""
    model = printer.model
    letters = {rule.command: machine_code.allowed_letters(rule) for rule in allowlist.commands}
    callable_ = letters | {macro.name: set(macro.parameters) for macro in model.macros}
    calls = {
        macro.name: {machine_code.command_of(line) for line in macro.expansion}
        for macro in model.macros
    }
    for number, macro in enumerate(model.macros):
        if macro.name in letters:
            yield printer.problem(
                f"macros[{number}].name", repr(macro.name), said("a name that no command has")
            )
        if macro.name in _reached(calls, calls[macro.name]):
            yield printer.problem(
                f"macros[{number}].expansion",
                said("{name} calls itself", name=macro.name),
                said("macros that come to an end"),
            )
        for row, line in enumerate(macro.expansion):
            key = f"macros[{number}].expansion[{row}]"
            yield from _line(printer, key, line, callable_, macro.parameters)
    codes: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
        (code, getattr(model, code), machine_code.PLACEHOLDERS)
        for code in ("start_code", "end_code", "layer_change_code")
    ]
    if model.tools:
        codes += [
            (f"tools.{code}", getattr(model.tools, code), machine_code.CHANGE_PLACEHOLDERS)
            for code in ("before_change_code", "after_change_code")
        ]
    n_tools = model.tools.count if model.tools else 1
    for code, lines, known in codes:
        for row, line in enumerate(lines):
            for told in machine_code.for_every_tool(line, n_tools, known):
                yield from _line(printer, f"{code}[{row}]", told, callable_, known)


def _reached(calls: Mapping[str, set[str]], first: set[str]) -> set[str]:
    """Macros that are called in the end, by way of others."""
    found: set[str] = set()
    ahead = first & set(calls)
    while ahead:
        found |= ahead
        ahead = {name for one in ahead for name in calls[one] & set(calls)} - found
    return found


def _line(
    printer: Loaded[Printer],
    key: str,
    line: str,
    letters: dict[str, set[str]],
    known: tuple[str, ...],
) -> Problems:
    for name in map(machine_code.name_of, machine_code.placeholders(line)):
        if name not in known:
            wanted = (
                said("one of {values}", values=", ".join(known))
                if known
                else said("no placeholder")
            )
            yield printer.problem(key, f"{{{name}}}", wanted, nearest(name, known))
    if "\n" in line or "\r" in line:
        yield printer.problem(key, said("a line break"), said("one line each"))
    command = machine_code.command_of(line)
    if not command:
        return
    if command not in letters:
        yield printer.problem(
            key, repr(command), said("a command of the allow-list"), nearest(command, letters)
        )
        return
    for letter in machine_code.letters_of(line):
        if letter not in letters[command]:
            yield printer.problem(
                key,
                said("{letter!r} in {line!r}", letter=letter, line=line),
                said("letters that the allow-list gives this command"),
            )
