"""The `printstd` command: its list of commands, and the one place where errors end."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from printstd import __version__
from printstd.cli.commands import (
    audit,
    certify,
    explain,
    inspect,
    keys,
    profiles,
    slice_,
    validate,
    verify,
)

app = typer.Typer(
    name="printstd",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Check a model against a national profile, slice it, audit the finished G-code, "
    "sign what was found.",
    epilog="Exit codes: 0 done, 1 the verdict is no, 2 usage, 3 profile, 4 refused input, "
    "5 no program can be made, 6 not verified, 7 outside world, 8 undecided, 70 our bug.",
)
app.command("validate")(validate.validate)
app.command("slice")(slice_.slice_models)
app.command("audit")(audit.audit)
app.command("certify")(certify.certify)
app.command("verify")(verify.verify)
app.command("inspect")(inspect.inspect)
app.add_typer(profiles.app, name="profiles")
app.add_typer(keys.app, name="keys")
app.command("explain")(explain.explain)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"printstd {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options of the command itself."""


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of one call. Every error ends here, as the contract says."""
    import click

    from printstd.errors import PrintstdError

    for stream in (sys.stdout, sys.stderr):
        # A file may be named in any script; a pipe in the C locale must not fail on it.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        result = app(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show(sys.stderr)
        return 2
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PrintstdError as error:
        sys.stderr.write(f"printstd: {error}\n")
        return error.exit_code
    except Exception as error:
        return _our_bug(error)
    return result if isinstance(result, int) else 0


def _our_bug(error: Exception) -> int:
    """Exit 70: say that it is ours, and give what a report needs."""
    import traceback

    sys.stderr.write("".join(traceback.format_exception(error)))
    sys.stderr.write(
        f"printstd {__version__}: internal error ({type(error).__name__}); this is our bug, "
        "nothing was written. Please report it with the lines above.\n"
    )
    return 70


if __name__ == "__main__":
    main()
