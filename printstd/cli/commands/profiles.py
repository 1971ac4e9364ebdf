"""`printstd profiles`: what may be asked for, and where every number comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.commands.profiles_import import import_
from printstd.cli.options import Listing

app = typer.Typer(
    no_args_is_help=True,
    help="List, show and check what may be asked for: packs, materials, printers, processes.",
    rich_markup_mode=None,
)
app.command("import", short_help="Make profiles of another slicer's settings.")(import_)


@app.command("list", short_help="Name what may be asked for.")
def list_(form: options.ListingFormat = Listing.TEXT) -> int:
    """Name every pack, material, printer and process."""
    from printstd.cli.running import profile_source
    from printstd.profiles.show import titles

    found = titles(profile_source())
    if form is Listing.JSON:
        from printstd.report.profile_lists import SCHEMA_VERSION, ProfileList, render

        typer.echo(render(ProfileList(SCHEMA_VERSION, found)), nl=False)
        return 0
    for kind, names in found.items():
        typer.echo(f"{kind}:")
        width = max((len(name) for name in names), default=0)
        for name, title in names.items():
            typer.echo(f"  {name.ljust(width)}  {title}")
    return 0


@app.command("show", short_help="Every value of a request, with its origin.")
def show(
    pack: options.Pack = "int",
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    form: options.ListingFormat = Listing.TEXT,
) -> int:
    """Show every value that a request resolves to, and the file and line it comes from."""
    from printstd.cli.running import request_of, resolved_for
    from printstd.profiles.show import describe

    resolved = resolved_for(
        request_of(
            pack=pack,
            tolerance_class=tolerance_class,
            material=material,
            process=process,
            printer=printer,
            settings=settings,
        )
    )
    rows = describe(resolved)
    if form is Listing.JSON:
        from printstd.report.profile_lists import (
            SCHEMA_VERSION,
            ProfileValue,
            ProfileValues,
            render,
        )

        values = tuple(ProfileValue(key, text, origin) for key, text, origin in rows)
        typer.echo(render(ProfileValues(SCHEMA_VERSION, dict(resolved.digests), values)), nl=False)
        return 0
    key_width = max(len(key) for key, _, _ in rows)
    for key, text, origin in rows:
        typer.echo(f"{key.ljust(key_width)}  {text}  [{origin}]")
    for kind, digest in resolved.digests.items():
        typer.echo(f"{kind.ljust(key_width)}  sha256 {digest}")
    return 0


@app.command("check", short_help="Everything that is wrong with any profile.")
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PACK",
            help="Packs to check; without it, every profile of every kind.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Read every profile file and name everything that is wrong with any of them."""
    from printstd.cli.running import profile_source
    from printstd.errors import ProfileError
    from printstd.profiles.show import check_all

    problems, checked = check_all(profile_source(), tuple(names or ()))
    if problems:
        raise ProfileError(tuple(problems))
    typer.echo(f"{checked} profile files, nothing wrong")
    return 0
