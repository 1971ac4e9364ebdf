"""`printstd profiles`: what may be asked for, and where every number comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.commands.profiles_check import check
from printstd.cli.commands.profiles_diff import diff
from printstd.cli.commands.profiles_import import import_
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, check and compare packs, materials, printers and processes.",
    rich_markup_mode=None,
)
app.command("check", short_help="Prove packs, and every profile file.")(check)
app.command("diff", short_help="What one profile in the place of another does.")(diff)
app.command("import", short_help="Make profiles of another slicer's settings.")(import_)


@app.command("list", short_help="Name what may be asked for.")
def list_(form: options.ListingFormat = Listing.TEXT, lang: options.Lang = Language.EN) -> int:
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
            typer.echo(f"  {name.ljust(width)}  {in_words(title)}")
    return 0


@app.command("show", short_help="Every value of a request, with its origin.")
def show(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[material NAME]",
            help="Show this material's properties (density, strength, shrinkage, drying, ...) "
            "instead of a request's values.",
            show_default=False,
        ),
    ] = None,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    form: options.ListingFormat = Listing.TEXT,
    lang: options.Lang = Language.EN,
) -> int:
    """Show every value that a request resolves to, and the file and line it comes from."""
    from printstd.cli.running import request_of, resolved_for
    from printstd.profiles.show import describe

    if named:
        return _show_properties(named, form)
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
    return _show_rows(describe(resolved), resolved.digests, form)


def _show_properties(named: list[str], form: Listing) -> int:
    """What is known of one material."""
    from printstd.cli.running import profile_source
    from printstd.errors import UsageError
    from printstd.profiles.show import describe_material
    from printstd.words import said

    if len(named) != 2 or named[0] != "material":
        raise UsageError(
            said("profiles show takes options of a request, or the name of a material"),
            got=" ".join(named),
            wanted="material NAME",
            hint=said(
                "e.g. `printstd profiles show material pla`; `printstd profiles list` names them"
            ),
        )
    rows, sha256 = describe_material(profile_source(), named[1])
    return _show_rows(rows, {"properties": sha256}, form)


def _show_rows(
    rows: Sequence[tuple[str, str, str]], digests: Mapping[str, str], form: Listing
) -> int:
    if form is Listing.JSON:
        from printstd.report.profile_lists import (
            SCHEMA_VERSION,
            ProfileValue,
            ProfileValues,
            render,
        )

        values = tuple(ProfileValue(key, text, origin) for key, text, origin in rows)
        typer.echo(render(ProfileValues(SCHEMA_VERSION, dict(digests), values)), nl=False)
        return 0
    key_width = max((len(key) for key, _, _ in rows), default=0)
    for key, text, origin in rows:
        typer.echo(f"{key.ljust(key_width)}  {in_words(text)}  [{in_words(origin)}]")
    for kind, sha256 in digests.items():
        typer.echo(f"{kind.ljust(key_width)}  sha256 {sha256}")
    return 0
