"""`printstd gate`: what stands before printers. Its parser is its own: it runs without this one."""

from __future__ import annotations

from typing import Annotated

import typer


def gate(
    context: typer.Context,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND ...", help="check, serve, watch, ...: --help lists them."),
    ] = None,
) -> int:
    """Print nothing that does not verify, for this printer, nozzle and material.

    `printstd gate --help` lists its commands; `python -m printstd.gate` is the same where only
    cryptography is installed.
    """
    from printstd.gate.commands import main

    return main([*(arguments or []), *context.args])
