"""The command as the library of options reads it: its commands, and what each of them asks."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import Annotated, Final

import typer

from printstd import __version__
from printstd.cli.given import GivenOptions

COMMANDS: Final = MappingProxyType(
    {
        "validate": ("validate", "May this model be made under the standard?"),
        "slice": ("slice_models", "Make a program for a printer."),
        "audit": ("audit", "What does a finished program really do?"),
        "certify": ("certify", "Validate, slice, audit and sign."),
        "verify": ("verify", "Does a certified program still stand? Offline."),
        "check": ("check", "Every model and program of a repository, by its printstd.toml."),
        "batch": ("app", "Thousands of files in one run, on one machine or many."),
        "diff": ("diff", "Which dimensions moved between two models?"),
        "repair": ("repair", "Mend a model within its tolerance, with proof; or refuse."),
        "passport": ("passport", "Time, cost, lot and service of one part, signed; its label."),
        "inspect": ("inspect", "What is this file? Nothing is judged."),
        "preview": ("preview", "The layers of a program by role, as a picture or a page."),
        "artefact": ("artefact", "Test parts to learn what a machine holds."),
        "qualify": ("qualify", "From measured parts to a record of what the machine holds."),
        "calibrate": ("app", "Test prints for a machine with a spool, and settings from them."),
        "explain": ("explain", "The page of one check or audit rule."),
        "profiles": ("app", "List, show and check profiles."),
        "gate": ("gate", "Before a printer: nothing is printed that does not verify."),
        "log": ("app", "The transparency log of what was certified."),
        "farm": ("app", "Certified programs on the farm's printers: queue, printers, history."),
        "quote": ("quote", "Hours, grams and cost of a print, as its certificate has them."),
        "keys": ("app", "Make and show signing keys."),
    }
)
"""Command -> (function or group of commands in its module, one line of help)."""

_MODULES: Final = MappingProxyType({"slice": "slice_"})
"""Where a module cannot be called what its command is called."""

_PASSED_ON: Final = MappingProxyType(
    {
        "gate": {
            "ignore_unknown_options": True,
            "allow_extra_args": True,
            "help_option_names": [],
        }
    }
)
"""Commands with a parser of their own: settings that leave everything to it."""

HELP: Final = (
    "Check a model against a national profile, slice it, audit the finished G-code, "
    "sign what was found."
)
EXIT_CODES: Final = (
    "Exit codes: 0 done, 1 the verdict is no, 2 usage, 3 profile, 4 refused input, "
    "5 no program can be made, 6 not verified, 7 outside world, 8 undecided, 70 our bug."
)


def application(arguments: list[str]) -> typer.Typer:
    """The command that these arguments are for. Reading the options of all commands takes longer
    than to run some: where the first argument names one, that one is read alone."""
    app = typer.Typer(
        name="printstd",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=HELP,
        epilog=EXIT_CODES,
    )
    app.callback()(_root)
    named = arguments[0] if arguments else ""
    for command in [named] if named in COMMANDS else COMMANDS:
        name, short_help = COMMANDS[command]
        module = importlib.import_module(f"printstd.cli.commands.{_MODULES.get(command, command)}")
        found = getattr(module, name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=command, short_help=short_help)
        else:
            settings = _PASSED_ON.get(command)
            app.command(
                command, cls=GivenOptions, short_help=short_help, context_settings=settings
            )(found)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"printstd {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options of the command itself."""


def called(arguments: list[str]) -> int:
    """Parse and run. Not by Typer's own `main`: it answers some errors with exit codes of its
    own, among them 1, which here means a verdict."""
    command = typer.main.get_command(application(arguments))
    try:
        with command.make_context("printstd", list(arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as stop:
        return stop.exit_code
    return result if isinstance(result, int) else 0
