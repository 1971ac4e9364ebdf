"""Options that `printstd batch` alone has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
