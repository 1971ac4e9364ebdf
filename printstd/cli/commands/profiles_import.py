"""`printstd profiles import`: other slicers' settings as profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words
from printstd.words import said

if TYPE_CHECKING:
    from printstd.importing.account import Entry
    from printstd.importing.build import Imported

_SHOWN_CHARACTERS = 60

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="Bundles and configurations (.ini), presets (.json), projects (.3mf), programs "
        "(.gcode), or folders of presets.",
        show_default=False,
    ),
]
Into = Annotated[
    Path,
    typer.Option(
        "-o",
        "--outdir",
        metavar="FOLDER",
        help="Where the profiles go: name it in PRINTSTD_PROFILES, or use your own profile folder.",
        show_default=False,
    ),
]
PrinterName = Annotated[
    str | None,
    typer.Option(
        "--printer-name", metavar="NAME", help="Printer preset to take.", show_default=False
    ),
]
Print = Annotated[
    str | None,
    typer.Option("--print", metavar="NAME", help="Print preset to take.", show_default=False),
]
Filament = Annotated[
    str | None,
    typer.Option("--filament", metavar="NAME", help="Filament preset to take.", show_default=False),
]


def import_(
    files: Files,
    outdir: Into,
    printer_name: PrinterName = None,
    print_: Print = None,
    filament: Filament = None,
    form: options.ListingFormat = Listing.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Make profiles of another slicer's settings: PrusaSlicer, OrcaSlicer, Bambu Studio.

    Inheritance is resolved, conditions are checked, every setting is accounted for; what cannot
    be carried is listed by name.
    """
    from printstd.adapters.foreign_files import read_sources, write_profiles
    from printstd.cli.running import profile_source
    from printstd.importing.build import build
    from printstd.importing.choose import choose
    from printstd.importing.foreign import Kind
    from printstd.importing.hottest import hottest
    from printstd.importing.read import read_library

    library = read_library(read_sources(files))
    choice = choose(
        library,
        {Kind.PRINTER: printer_name, Kind.PROCESS: print_, Kind.MATERIAL: filament},
    )
    imported = build(choice, library, profile_source(), hottest(library, choice))
    text = _as_json(imported, outdir) if form is Listing.JSON else _as_text(imported, outdir)
    with write_profiles(outdir, imported.profiles) as commit:
        if form is Listing.JSON or not quiet:
            typer.echo(text, nl=False)
        commit()
    return 0


def _as_text(imported: Imported, outdir: Path) -> str:
    from printstd.cli.running import shown
    from printstd.importing.account import Fate
    from printstd.importing.foreign import Kind

    lines = [
        in_words(
            said(
                "{kind}  {name}  from {preset}",
                kind=profile.kind.value.ljust(8),
                name=profile.name,
                preset=shown(profile.preset),
            )
        )
        for profile in imported.profiles
    ]
    carried, lost = (
        [entry for entry in imported.entries if entry.fate is fate]
        for fate in (Fate.CARRIED, Fate.LOST)
    )
    count = len(carried) + len(lost)
    share = 100 * len(carried) / max(count, 1)
    lines.append(
        in_words(
            said(
                "{carried} of {count} settings that change programs are carried ({share:.1f} %)",
                carried=len(carried),
                count=count,
                share=share,
            )
        )
    )
    if lost:
        lines.append(in_words(said("not carried:")))
        width = min(max(len(entry.key) for entry in lost), 40)
        lines += [_lost_line(entry, width) for entry in lost]
    names = {profile.kind: profile.name for profile in imported.profiles}
    flags = ((Kind.PRINTER, "printer"), (Kind.PROCESS, "process"), (Kind.MATERIAL, "material"))
    asked = " ".join(f"--{flag} {names[kind]}" for kind, flag in flags if kind in names)
    command = f"PRINTSTD_PROFILES={shown(outdir)} printstd slice MODEL {asked} ..."
    lines.append(in_words(said("use them: {command}", command=command)))
    return "\n".join(lines) + "\n"


def _lost_line(entry: Entry, width: int) -> str:
    from printstd.cli.running import shown

    value = shown(entry.value[:_SHOWN_CHARACTERS])
    value += "..." if len(entry.value) > _SHOWN_CHARACTERS else ""
    place = shown(str(entry.where)) if entry.where else in_words(said("the slicer's default"))
    note = shown(in_words(entry.note))
    return f"  {entry.key.ljust(width)} = {value}  [{place}]\n  {' ' * width}   {note}"


def _as_json(imported: Imported, outdir: Path) -> str:
    from printstd.cli.running import shown
    from printstd.importing.account import Fate
    from printstd.report.profile_lists import (
        SCHEMA_VERSION,
        ImportedProfile,
        ImportedSetting,
        ImportReport,
        render,
    )

    fates = [entry.fate for entry in imported.entries]
    return render(
        ImportReport(
            SCHEMA_VERSION,
            tuple(
                ImportedProfile(
                    profile.kind.value,
                    profile.name,
                    profile.preset,
                    shown(outdir / profile.folder / f"{profile.name}.toml"),
                )
                for profile in imported.profiles
            ),
            fates.count(Fate.CARRIED),
            fates.count(Fate.LOST),
            tuple(
                ImportedSetting(
                    entry.key,
                    entry.value,
                    entry.fate.value,
                    entry.note,
                    str(entry.where) if entry.where else None,
                )
                for entry in imported.entries
            ),
        )
    )
