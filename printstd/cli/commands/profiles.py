"""`printstd profiles`: what may be asked for, and where every number comes from."""

from __future__ import annotations

import typer

from printstd.cli import options
from printstd.cli.commands.profiles_check import check
from printstd.cli.commands.profiles_diff import diff
from printstd.cli.commands.profiles_import import import_
from printstd.cli.options import Format

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, check and compare packs, materials, printers and processes.",
    rich_markup_mode=None,
)
app.command("check", short_help="Prove packs, and every profile file.")(check)
app.command("diff", short_help="What one profile in the place of another does.")(diff)
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
    if form is Format.JSON:
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
