"""The `printstd` command: its list of commands, and the one place where errors end."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, Final, NoReturn, cast

import typer

from printstd import __version__
from printstd.cli.given import GivenOptions
from printstd.cli.speech import Language, asked_for, speak, tell
from printstd.cli.streams import forget_stdout, say, speak_utf8
from printstd.words import listed, said

# Profiles are judged by our models alone: nothing that happens to be installed hooks into them.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
if os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__":
    # The module that would look for them says there are none, but to say so it reads 33 others,
    # which takes a twentieth of a small slice: this one says it at once.
    _no_plugins = ModuleType("pydantic.plugin._loader")
    vars(_no_plugins)["get_plugins"] = tuple
    sys.modules.setdefault(_no_plugins.__name__, _no_plugins)

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

_CommandLineError = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""Base of what the parser raises. Typer brings its own copy of click, older ones import it."""

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


class _Ended(KeyboardInterrupt):
    """The system asks the process to end: as with Ctrl-C, temporary files go first."""


def _end(signum: int, frame: object) -> NoReturn:
    raise _Ended


def main() -> None:
    """Entry point of the console script."""
    signal.signal(signal.SIGTERM, _end)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing outlives the call: products are in place, workers have been waited for. Taking the
    # interpreter and NumPy's threads apart would cost a sixth of a small slice.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of one call. Every error ends here, as the contract says."""
    from printstd.errors import OutsideError, PrintstdError

    speak_utf8()
    speak(Language.EN)
    try:
        code = _call(arguments)
        sys.stdout.flush()
    except _CommandLineError as error:
        speak(asked_for(arguments))
        return _usage(error)
    except KeyboardInterrupt as stop:
        tell(said("printstd: stopped, nothing was left half-written"))
        return 143 if isinstance(stop, _Ended) else 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody left to tell.
        forget_stdout()
        return 0
    except PrintstdError as error:
        tell(listed(("printstd", error.in_full()), ": "))
        return error.exit_code
    except (OSError, MemoryError) as error:
        forget_stdout()
        outside = OutsideError(
            said("the system refused"),
            where=getattr(error, "filename", None),
            got=getattr(error, "strerror", None) or said("there is not enough memory"),
            wanted=said("a disk, a memory and an output that take what is written"),
            hint=said("check the disk that standard output goes to, and the memory"),
        )
        tell(listed(("printstd", outside.in_full()), ": "))
        return outside.exit_code
    except Exception as error:
        return _our_bug(error)
    return code


def _call(arguments: list[str]) -> int:
    """Parse and run. Not by Typer's own `main`: it answers some errors with exit codes of its
    own, among them 1, which here means a verdict."""
    command = typer.main.get_command(application(arguments))
    try:
        with command.make_context("printstd", list(arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as stop:
        return stop.exit_code
    return result if isinstance(result, int) else 0


def _usage(error: Any) -> int:
    """Exit 2: what is wrong with the call, in the words of every other error."""
    from printstd.errors import UsageError

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "printstd"
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return UsageError.exit_code
    # The values are coerced by a library that heads its sentences with its own name for them.
    what = error.format_message().replace("Value error, ", "").rstrip(".")
    shown = UsageError(
        what[:1].lower() + what[1:],
        where=command,
        wanted=" ".join(context.get_usage().split()[1:]) if context is not None else None,
        hint=said("`{command} --help` names every option", command=command),
    )
    tell(listed(("printstd", shown.in_full()), ": "))
    return shown.exit_code


def _our_bug(error: Exception) -> int:
    """Exit 70: say that it is ours, and give what a report needs."""
    import traceback

    say("".join(traceback.format_exception(error)).rstrip())
    tell(
        said(
            "printstd {version}: internal error ({kind}); this is our bug, nothing was left "
            "half-written. Please report it with the lines above.",
            version=__version__,
            kind=type(error).__name__,
        )
    )
    return 70


if __name__ == "__main__":
    main()
