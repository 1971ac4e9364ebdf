"""`printstd profiles`: what may be asked for, and where every number comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.commands.profiles_import import import_
from printstd.cli.options import Format

app = typer.Typer(
    no_args_is_help=True,
    help="List, show and check what may be asked for: packs, materials, printers, processes.",
    rich_markup_mode=None,
)
app.command("import", short_help="Make profiles of another slicer's settings.")(import_)


@app.command("list", short_help="Name what may be asked for.")
def list_(form: options.ReportFormat = Format.TEXT) -> int:
    """Name every pack, material, printer and process."""
    from printstd.cli.running import profile_source
    from printstd.profiles.show import titles

    found = titles(profile_source())
    if form is Format.JSON:
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
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[material NAME]",
            help="Show this material's properties (density, strength, shrinkage, drying, ...) "
            "instead of a request's values.",
            show_default=False,
        ),
    ] = None,
    pack: options.Pack = "int",
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    form: options.ReportFormat = Format.TEXT,
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


def _show_properties(named: list[str], form: Format) -> int:
    """What is known of one material."""
    from printstd.cli.running import profile_source
    from printstd.errors import UsageError
    from printstd.profiles.show import describe_material

    if len(named) != 2 or named[0] != "material":
        raise UsageError(
            "profiles show takes options of a request, or the name of a material",
            got=" ".join(named),
            wanted="material NAME",
            hint="e.g. `printstd profiles show material pla`; `printstd profiles list` names them",
        )
    rows, sha256 = describe_material(profile_source(), named[1])
    return _show_rows(rows, {"properties": sha256}, form)


def _show_rows(
    rows: Sequence[tuple[str, str, str]], digests: Mapping[str, str], form: Format
) -> int:
    if form is Format.JSON:
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
        typer.echo(f"{key.ljust(key_width)}  {text}  [{origin}]")
    for kind, sha256 in digests.items():
        typer.echo(f"{kind.ljust(key_width)}  sha256 {sha256}")
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
