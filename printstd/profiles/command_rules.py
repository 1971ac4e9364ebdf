"""The commands that a program for a printer may use, as the auditor is told."""

from __future__ import annotations

from printstd.artifacts.demand import CommandRule
from printstd.profiles.models import Allowlist, Printer


def command_rules(printer: Printer, allowlist: Allowlist) -> tuple[CommandRule, ...]:
    """The allow-list's commands and the printer's declared macros."""
    commands = tuple(
        CommandRule(rule.command, rule.letters, rule.meaning, rule.max_count, rule.where)
        for rule in allowlist.commands
    )
    macros = tuple(
        CommandRule(macro.name, " ".join(macro.parameters), "macro", expansion=macro.expansion)
        for macro in printer.macros
    )
    return commands + macros
