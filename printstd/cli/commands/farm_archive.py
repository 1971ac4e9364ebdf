"""`printstd farm export|import`: a whole farm as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, FarmAt, at_farm, now_ms, who
from printstd.cli.speech import Language, in_words
from printstd.words import said


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.json", help="To write.", show_default=False)
    ],
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Write printers, spools, programs with their certificates, jobs, prints and the whole history
    to one file. Secrets are not in it."""
    from printstd.adapters.farm_store.archive import archived
    from printstd.adapters.files import write_all
    from printstd.cli.places import settle

    settle([file], inputs=[])
    with at_farm(farm) as place, place.store.reading() as rows:
        data = archived(rows)
    write_all({file: data})
    typer.echo(in_words(said("wrote {file}", file=str(file))))
    return 0


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.json|FILE.csv",
            help="What export wrote, into a farm that is empty; or printers, with a heading line: "
            "name, profile, host, and serial, nozzle, nozzle_mm, tags, group.",
            show_default=False,
        ),
    ],
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Read a farm that was exported into a new one, its history verified and continued; or add
    printers from a table."""
    from printstd.adapters.farm_store.archive import printers_of_csv, restore
    from printstd.adapters.files import read_file

    data = read_file(file)
    with at_farm(farm) as place, place.store.writing(who()) as rows:
        if file.suffix.lower() == ".csv":
            found = printers_of_csv(data, str(file))
            for one in found:
                rows.add_printer(one, now_ms())
            told = said("added {count} printers", count=len(found))
        else:
            count = restore(rows, data, str(file), now_ms())
            told = said("restored a farm with {count} lines of history", count=count)
    typer.echo(in_words(told))
    return 0
