"""Every option of the contract, once: one name, one meaning, whichever command has it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from printstd.cli.carriers import Embed
from printstd.cli.choices import Format as Format
from printstd.cli.choices import Listing as Listing
from printstd.cli.choices import Redaction as Redaction
from printstd.cli.speech import Language, speak

LAST_SECOND = 253_402_300_799
"""The last second of the year 9999: statements write years with four digits."""


class Algorithm(StrEnum):
    P256 = "p256"
    ED25519 = "ed25519"


class Export(StrEnum):
    """What of a statement is written for others to sign or stamp."""

    STATEMENT = "statement"
    STAMP_REQUEST = "stamp-request"


Models = Annotated[
    list[Path],
    typer.Argument(
        metavar="MODEL", help="Model files: STL, 3MF, OBJ, PLY or STEP.", show_default=False
    ),
]
Model = Annotated[
    list[Path] | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="The model that the program is for; may be repeated for a plate of several parts.",
        show_default=False,
    ),
]
Pack = Annotated[
    str | None,
    typer.Option(
        "--pack",
        metavar="NAME",
        help="National pack: which standards, which class.",
        show_default="int",
    ),
]
ToleranceClass = Annotated[
    str | None,
    typer.Option(
        "--class",
        metavar="LETTER",
        help="Tolerance class of the pack's table: f, m, c or v.",
        show_default="the pack's",
    ),
]
Material = Annotated[
    list[str] | None,
    typer.Option(
        "--material",
        metavar="NAME",
        help="Material profile. On a printer with several extruders one for all of them, or named "
        "once for each.",
        show_default="pla",
    ),
]
Extruder = Annotated[
    list[int] | None,
    typer.Option(
        "--extruder",
        metavar="N",
        min=1,
        help="Extruder that makes the models, from 1; named once for all of them, or once for each "
        "MODEL in their order.",
        show_default="the file's, else 1",
    ),
]
Process = Annotated[str, typer.Option("--process", metavar="NAME", help="Process profile.")]
Printer = Annotated[
    str | None,
    typer.Option(
        "--printer",
        metavar="NAME",
        help="Printer profile (`printstd profiles list`); there is no default machine.",
        show_default=False,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set one profile value, e.g. process.infill.density_ratio=0.3; may be repeated.",
        show_default=False,
    ),
]
Units = Annotated[
    str | None,
    typer.Option(
        "--units",
        metavar="UNIT",
        help="Unit of the file's numbers where the file does not say: mm, cm, m, in, ft, um.",
        show_default="mm",
    ),
]
Scale = Annotated[
    float, typer.Option("--scale", metavar="FACTOR", help="Make the part so many times as large.")
]
Rotate = Annotated[
    str | None,
    typer.Option(
        "--rotate",
        metavar="X,Y,Z",
        help="Turn the part: degrees about X, then Y, then Z of the bed.",
        show_default=False,
    ),
]
Orient = Annotated[
    bool,
    typer.Option(
        "--orient", help="Stand each part the way up in which least of it hangs over nothing."
    ),
]
Plate = Annotated[
    int | None,
    typer.Option(
        "--plate", metavar="N", min=1, help="Plate of a 3MF project, from 1.", show_default=False
    ),
]
Copies = Annotated[
    int,
    typer.Option(
        "--copies", metavar="N", min=1, max=500, help="Make each part so many times on its plate."
    ),
]
Order = Annotated[
    Path | None,
    typer.Option(
        "--order",
        metavar="FILE",
        help="Record of the order (TOML, docs/records.md): sets tolerance class, unit and "
        "orientation, and is checked.",
        show_default=False,
    ),
]
Feedstock = Annotated[
    Path | None,
    typer.Option(
        "--feedstock",
        metavar="FILE",
        help="Record of the filament (TOML, docs/records.md), checked against the material.",
        show_default=False,
    ),
]
Capability = Annotated[
    Path | None,
    typer.Option(
        "--capability",
        metavar="FILE",
        help="Signed record of what the machine holds (`printstd qualify`): sizes are held against "
        "it, and the predicted part is reckoned with it. Wants --trust.",
        show_default=False,
    ),
]
Policy = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="A trust policy file.", show_default=False),
]
CapabilityTrust = Annotated[
    Path | None,
    typer.Option(
        "--trust",
        metavar="KEY|FOLDER",
        help="Public key, or folder of keys, that the record of capability must be signed by.",
        show_default=False,
    ),
]
Heal = Annotated[
    bool,
    typer.Option(
        "--heal",
        help="Slice a surface with holes: close each layer's open outlines, nearest ends first.",
    ),
]
AllowUndecided = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-undecided",
        metavar="RULE_ID",
        help="Accept that this rule could not decide; printed in the report. May be repeated.",
        show_default=False,
    ),
]
Characteristics = Annotated[
    Path | None,
    typer.Option(
        "--characteristics",
        metavar="FILE",
        help="The drawing's table of sizes that the part is judged by: CSV as a spreadsheet of any "
        "locale writes it, or TOML (docs/drawings.md); `recognised`: the sizes that the model "
        "itself shows, where there is no drawing.",
        show_default=False,
    ),
]
Supports = Annotated[
    bool,
    typer.Option(
        "--supports/--no-supports", help="Whether another slicer's program may hold supports."
    ),
]
Undeclared = Annotated[
    list[str] | None,
    typer.Option(
        "--undeclared",
        metavar="NAME",
        help="What nobody said of the program: layers, walls, shells, infill, adhesion, supports, "
        "fan, nozzle, bed or all. It is measured and told; a mandatory rule about it stays "
        "undecided. May be repeated.",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="OUT.gcode", help="The program to write.", show_default=False
    ),
]
EmbedIn = Annotated[
    Embed | None,
    typer.Option(
        "--embed",
        metavar="tail|bgcode|gcode.3mf",
        help="Put the certificates into the product as well; .bgcode and .gcode.3mf always have "
        "them inside.",
        show_default=False,
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(
        "--outdir",
        metavar="FOLDER",
        help="Write one program per model here, each as soon as its own model succeeds.",
        show_default=False,
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write the report to this file instead of standard output.",
        show_default=False,
    ),
]
ReportFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        metavar="text|json|csv|sarif|junit|html|pdf|github|gitlab",
        help="Form of the report; csv: the table of characteristics alone (AS9102 form 3); github: "
        "annotations of a workflow, and the summary of its job; gitlab: Code Quality.",
    ),
]
ListingFormat = Annotated[
    Listing, typer.Option("--format", metavar="text|json", help="Form of the answer.")
]
Redact = Annotated[
    Redaction | None,
    typer.Option(
        "--redact",
        metavar="geometry",
        help="Leave the shape out of the report: no pictures, no places; figures stay.",
        show_default=False,
    ),
]
Lang = Annotated[
    Language,
    typer.Option(
        "--lang",
        metavar="en|kk|ru|zh|de|fr|ko|ja",
        help="Language of text reports and errors. JSON and G-code do not depend on it.",
        callback=speak,
        is_eager=True,
    ),
]
"""Chosen for the whole run as soon as it is read, so that errors about other options speak it."""
Quiet = Annotated[
    bool,
    typer.Option("-q", "--quiet", help="No text report and no progress: errors alone."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        max=256,
        help="Processes to use; the bytes do not depend on it.",
        show_default="as many as the work is worth",
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="FOLDER",
        envvar="PRINTSTD_CACHE",
        help="Keep results of slicing in this folder and use what is there; the bytes do not "
        "depend on it (docs/cache.md).",
        show_default="nothing is kept",
    ),
]
Epoch = Annotated[
    int | None,
    typer.Option(
        "--epoch",
        metavar="N",
        help="Output epoch: the bytes that programs had in it (CHANGELOG.md says what differs).",
        show_default="the newest",
    ),
]
Time = Annotated[
    int | None,
    typer.Option(
        "--time",
        metavar="SECONDS",
        min=0,
        max=LAST_SECOND,
        help="The time to reckon with, in seconds since 1970: the same statement twice.",
        show_default="now",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="Private key to sign with: a PEM file (`printstd keys new NAME`), or "
        "pkcs11:token=NAME;object=KEY in a token.",
        show_default=False,
    ),
]
Chain = Annotated[
    Path | None,
    typer.Option(
        "--chain",
        metavar="FILE",
        help="X.509 certificates (PEM), the key's own first; it then goes into what is signed.",
        show_default=False,
    ),
]
LogStore = Annotated[
    str | None,
    typer.Option(
        "--log",
        metavar="STORE",
        help="Log what is signed, in this transparency log (a file, or "
        "postgresql://USER@HOST/DATABASE), and write its proofs beside it.",
        show_default=False,
    ),
]
LogKey = Annotated[
    Path | None,
    typer.Option(
        "--log-key",
        metavar="KEY",
        help="With --log: the log's own private key.",
        show_default=False,
    ),
]
Svr = Annotated[
    bool,
    typer.Option(
        "--svr",
        help="Write OUT.gcode.svr.json too: the result for engines that know in-toto alone.",
    ),
]
CoSign = Annotated[
    Path | None,
    typer.Option(
        "--co-sign",
        metavar="FILE.p7s",
        help="Attach a national (CMS) signature over the exact bytes of a statement.",
        show_default=False,
    ),
]
Stamp = Annotated[
    Path | None,
    typer.Option(
        "--stamp",
        metavar="REPLY.tsr",
        help="Attach an RFC 3161 time stamp of a statement's signature.",
        show_default=False,
    ),
]
ExportOf = Annotated[
    Export | None,
    typer.Option(
        "--export",
        metavar="statement|stamp-request",
        help="Write the bytes of a statement to be co-signed, or a request for a time stamp.",
        show_default=False,
    ),
]
Revoke = Annotated[
    str | None,
    typer.Option(
        "--revoke",
        metavar="REASON",
        help="Sign that statements no longer count.",
        show_default=False,
    ),
]
SupersededBy = Annotated[
    Path | None,
    typer.Option(
        "--superseded-by",
        metavar="STATEMENT.json",
        help="With --revoke: the statement that counts instead.",
        show_default=False,
    ),
]
ListRevocations = Annotated[
    bool,
    typer.Option(
        "--list-revocations",
        help="Sign a list of the revocations in a folder: what verifiers look for.",
    ),
]
