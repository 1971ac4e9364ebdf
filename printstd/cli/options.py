"""Every option of the contract, once: one name, one meaning, whichever command has it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_REQUEST = "What is asked for"
_OUTPUT = "What is written"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Algorithm(StrEnum):
    P256 = "p256"
    ED25519 = "ed25519"


Models = Annotated[
    list[Path], typer.Argument(help="Model files: STL, 3MF, OBJ or PLY.", show_default=False)
]
Model = Annotated[
    Path | None,
    typer.Option("--model", help="The model that the program is for.", show_default=False),
]
Pack = Annotated[
    str, typer.Option("--pack", help="National pack of standards.", rich_help_panel=_REQUEST)
]
ToleranceClass = Annotated[
    str | None,
    typer.Option(
        "--class",
        help="Tolerance class of the pack's table.",
        show_default="the pack's, m",
        rich_help_panel=_REQUEST,
    ),
]
Material = Annotated[
    str, typer.Option("--material", help="Material profile.", rich_help_panel=_REQUEST)
]
Process = Annotated[
    str, typer.Option("--process", help="Process profile.", rich_help_panel=_REQUEST)
]
Printer = Annotated[
    str | None,
    typer.Option(
        "--printer",
        help="Printer profile; slice and certify need one.",
        show_default=False,
        rich_help_panel=_REQUEST,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set one profile value, e.g. process.infill.density_ratio=0.3; may be repeated.",
        show_default=False,
        rich_help_panel=_REQUEST,
    ),
]
Units = Annotated[
    str | None,
    typer.Option(
        "--units",
        help="Unit of the file's numbers (mm, cm, m, in, ft, um) where the file does not say.",
        show_default="mm",
        rich_help_panel=_REQUEST,
    ),
]
Scale = Annotated[
    float, typer.Option("--scale", help="Uniform scale factor.", rich_help_panel=_REQUEST)
]
Rotate = Annotated[
    str | None,
    typer.Option(
        "--rotate",
        metavar="X,Y,Z",
        help="Degrees about X, then Y, then Z of the bed.",
        show_default=False,
        rich_help_panel=_REQUEST,
    ),
]
Plate = Annotated[
    int | None,
    typer.Option(
        "--plate",
        min=1,
        help="Plate of a 3MF project.",
        show_default=False,
        rich_help_panel=_REQUEST,
    ),
]
AllowUndecided = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-undecided",
        metavar="RULE_ID",
        help="Accept that this rule could not decide; printed in the report. May be repeated.",
        show_default=False,
        rich_help_panel=_REQUEST,
    ),
]
Supports = Annotated[
    bool,
    typer.Option(
        "--supports/--no-supports",
        help="Whether another slicer's program may hold supports.",
        rich_help_panel=_REQUEST,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="The product.", show_default=False, rich_help_panel=_OUTPUT
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(
        "--outdir",
        help="A folder for one program per model.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        help="Write the report to this file instead of standard output.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
ReportFormat = Annotated[
    Format, typer.Option("--format", help="Form of the report.", rich_help_panel=_OUTPUT)
]
Quiet = Annotated[
    bool,
    typer.Option(
        "-q", "--quiet", help="Say nothing but errors and products.", rich_help_panel=_OUTPUT
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=256,
        help="Processes to use; the bytes do not depend on it.",
        show_default="as many as the work is worth",
    ),
]
Epoch = Annotated[
    int | None,
    typer.Option(
        "--epoch",
        min=0,
        help="Seconds since 1970 to date statements with, so that they can be made twice.",
        show_default="now",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", help="Private key to sign with (PEM).", show_default=False),
]
