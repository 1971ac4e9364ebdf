"""`printstd farm metrics`: the farm as Prometheus reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, FarmAt, at_farm, now_ms
from printstd.cli.speech import Language, in_words
from printstd.words import said


def metrics(
    textfile: Annotated[
        Path | None,
        typer.Option(
            "--textfile",
            metavar="FILE.prom",
            help="Into this file, for node_exporter's textfile collector; replaced whole.",
            show_default="to the terminal",
        ),
    ] = None,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Printers, prints, temperatures and spools as the farm's database has them now, in Prometheus'
    text form. Nothing is asked of the printers."""
    from printstd.adapters.files import write_all
    from printstd.adapters.telemetry.prometheus import metrics_text
    from printstd.coordinator.telemetry import farm_now

    with at_farm(farm) as place:
        text = metrics_text(farm_now(place.store, now_ms()))
    if textfile is None:
        typer.echo(text.decode("utf-8"), nl=False)
        return 0
    write_all({textfile: text}, mode=0o644)
    typer.echo(in_words(said("wrote {file}", file=str(textfile))), err=True)
    return 0
