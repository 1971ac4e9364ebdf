"""Options that `printstd batch` alone has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from printstd.cli import options


class Product(StrEnum):
    """What programs are written as, by the ending of a product's name."""

    GCODE = "gcode"
    BGCODE = "bgcode"
    BAMBU = "gcode.3mf"


Places = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[DIR|FILE...]",
        help="Folders, in any depth, and files.",
        show_default=False,
    ),
]
FilesFrom = Annotated[
    Path | None,
    typer.Option(
        "--files-from",
        metavar="LIST",
        help="A list of files: a path a line, or each ended by NUL; - is standard input.",
        show_default=False,
    ),
]
Results = Annotated[
    Path,
    typer.Option(
        "--results",
        metavar="FOLDER",
        help="Where results are kept: a second run does only what is missing.",
    ),
]
OutDir = Annotated[
    Path,
    typer.Option(
        "--outdir",
        metavar="FOLDER",
        help="Where programs go, in the same tree as the models.",
        show_default=False,
    ),
]
ProductOf = Annotated[
    Product,
    typer.Option(
        "--product",
        metavar="gcode|bgcode|gcode.3mf",
        help="What each program is written as: part.stl becomes part.gcode, part.bgcode or "
        "part.gcode.3mf.",
    ),
]
Order = Annotated[
    Path | None,
    typer.Option(
        "--order",
        metavar="FILE",
        help="Record of the order (TOML, docs/records.md). {folder}, {stem} and {name} in it are "
        "those of each model: {folder}/{stem}.order.toml is arm.order.toml beside arm.stl.",
        show_default=False,
    ),
]
Feedstock = Annotated[
    Path | None,
    typer.Option(
        "--feedstock",
        metavar="FILE",
        help="Record of the filament (TOML, docs/records.md): one for all, or as --order.",
        show_default=False,
    ),
]
Characteristics = Annotated[
    Path | None,
    typer.Option(
        "--characteristics",
        metavar="FILE",
        help="The drawing's table of sizes (docs/drawings.md) of each model, as --order; or "
        "`recognised`: the sizes that each model itself shows.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        max=1024,
        help="Processes of this machine; no result depends on it.",
        show_default="one for each core",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", metavar="SECONDS", min=1.0, help="That one file may take; then it is refused."
    ),
]
MemoryLimit = Annotated[
    int | None,
    typer.Option(
        "--memory-limit",
        metavar="MIB",
        min=256,
        help="Memory that one worker may take (not on Windows); a file that wants more is refused.",
        show_default="what the machine has",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="tls://HOST:PORT",
        help="Scheduler of a Dask cluster (extra `cluster`); its workers find the files "
        "and --outdir under the same paths.",
        show_default="this machine alone",
    ),
]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--cluster-credentials",
        metavar="FOLDER",
        help="Holds ca.pem, cert.pem and key.pem for the cluster's TLS.",
        show_default=False,
    ),
]
Unprotected = Annotated[
    bool,
    typer.Option(
        "--cluster-unprotected",
        help="Speak with a scheduler on 127.0.0.1 without TLS: tcp://127.0.0.1:PORT.",
    ),
]


class Files(NamedTuple):
    """Which files."""

    places: Places = None
    files_from: FilesFrom = None


class Records(NamedTuple):
    """Records that come with the parts: one for all, or one beside each."""

    order_record: Order = None
    feedstock: Feedstock = None
    capability: options.Capability = None
    trust: options.CapabilityTrust = None
    characteristics: Characteristics = None


class Plain(NamedTuple):
    """`Records` of a command that judges no size."""

    order_record: Order = None
    feedstock: Feedstock = None
    capability: options.Capability = None
    trust: options.CapabilityTrust = None


class Crew(NamedTuple):
    """Who does the work, and what one file may take."""

    workers: Workers = None
    timeout: Timeout = 3600.0
    memory_limit: MemoryLimit = None
    cluster: Cluster = None
    cluster_credentials: Credentials = None
    cluster_unprotected: Unprotected = False
