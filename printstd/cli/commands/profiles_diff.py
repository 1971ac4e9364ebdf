"""`printstd profiles diff`: what one profile in the place of another does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.options import Format

if TYPE_CHECKING:
    from printstd.ports import ProfileSource
    from printstd.profiles.resolved import Resolved
    from printstd.report.profile_lists import ChangedValue, ChangedVerdict, ProfileDiff

KINDS: Final = ("pack", "material", "process", "printer")
"""Kinds of profiles that a request names."""
_MODELS: Final = (".stl", ".3mf", ".obj", ".ply")
_LONGEST_VALUE: Final = 110


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A profile's name, or a TOML file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another of the same kind.")],
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="pack, material, process or printer, where the names are not of one kind alone.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(
            "--samples",
            metavar="DIR",
            help="Judge the models in this folder; without it, small parts made in memory.",
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
    """Show every value that B has otherwise than A, with the file and line of both, and every
    verdict on the samples that changes. The other profiles are those of the options."""
    from printstd.cli.running import profile_source, request_of
    from printstd.errors import UsageError
    from printstd.pipeline import resolve
    from printstd.report.profile_lists import SCHEMA_VERSION, ProfileDiff, render
    from printstd.words import said

    sources, names = _with_files(profile_source(), (first, second))
    found = kind or _kind_of(sources, names)
    if found not in KINDS:
        raise UsageError(
            said("there is no such kind of profile"),
            got=found,
            wanted=said("one of {names}", names=", ".join(KINDS)),
        )
    sides = []
    for source, name in zip(sources, names, strict=True):
        chosen = {"pack": pack, "process": process, "printer": printer}
        if found in chosen:
            chosen[found] = name
        request = request_of(
            pack=chosen["pack"] or pack,
            tolerance_class=tolerance_class,
            material=[name] if found == "material" else material,
            process=chosen["process"] or process,
            printer=chosen["printer"],
            settings=settings,
        )
        sides.append(resolve(request, source))
    parts = _parts(samples)
    answer = ProfileDiff(
        SCHEMA_VERSION,
        found,
        first,
        second,
        _changed_values(sides[0], sides[1]),
        tuple(parts),
        _changed_verdicts(sides[0], sides[1], parts),
    )
    if form is Format.JSON:
        typer.echo(render(answer), nl=False)
    else:
        _print(answer, samples)
    return 0


def _with_files(
    source: ProfileSource, asked: tuple[str, str]
) -> tuple[list[ProfileSource], list[str]]:
    """For each side the profiles that it is looked up in, and its name there. A file lies over the
    others for its own side alone: two may have one name, as an old and a new one of a profile."""
    from printstd.adapters.profile_files import FileOver

    sources: list[ProfileSource] = []
    names = []
    for name in asked:
        if name.endswith(".toml"):
            sources.append(FileOver(source, Path(name)))
            names.append(Path(name).stem)
        else:
            sources.append(source)
            names.append(name)
    return sources, names


def _kind_of(sources: list[ProfileSource], names: list[str]) -> str:
    """The one kind that both are of."""
    from printstd.errors import UsageError
    from printstd.profiles.keys import nearest
    from printstd.profiles.load import MODELS, load
    from printstd.profiles.raw import KINDS as FOLDERS
    from printstd.words import said

    sides = list(zip(sources, names, strict=True))
    of_side = [
        [kind for kind in KINDS if name in source.names(FOLDERS[kind])] for source, name in sides
    ]
    found = [kind for kind in KINDS if all(kind in kinds for kinds in of_side)]
    if len(found) > 1:
        # A file in no profile folder may be of any kind: it is of that whose keys it has.
        found = [
            kind
            for kind in found
            if all(load(source, MODELS[kind], kind, name, []) for source, name in sides)
        ] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            said("these names are of several kinds"),
            got=", ".join(names),
            wanted=said("--kind with one of {names}", names=", ".join(found)),
        )
    for (source, name), kinds in zip(sides, of_side, strict=True):
        if not kinds:
            close = nearest(name, [n for kind in KINDS for n in source.names(FOLDERS[kind])])
            raise UsageError(
                said("there is no such profile"),
                got=name,
                wanted=said("a name that `printstd profiles list` shows, or a TOML file"),
                hint=said("did you mean {nearest}?", nearest=close) if close else None,
            )
    raise UsageError(
        said("two profiles of different kinds cannot be compared"),
        got=f"{names[0]} ({of_side[0][0]}), {names[1]} ({of_side[1][0]})",
        wanted=said("two packs, materials, processes or printers"),
    )


def _changed_values(first: Resolved, second: Resolved) -> tuple[ChangedValue, ...]:
    from printstd.report.profile_lists import ChangedValue

    had, has = _values(first), _values(second)
    absent = ("", "")
    # Of two different tables no row is the other's: their names tell more than all their cells.
    others = [
        f"{kind}."
        for kind in ("standard", "grades")
        if had.get(f"{kind}.id", absent)[0] != has.get(f"{kind}.id", absent)[0]
    ]
    return tuple(
        ChangedValue(key, *had.get(key, absent), *has.get(key, absent))
        for key in dict.fromkeys([*had, *has])
        if had.get(key, absent)[0] != has.get(key, absent)[0]
        and not (key.startswith(tuple(others)) and key.count(".") + key.count("[") > 1)
    )


def _values(resolved: Resolved) -> dict[str, tuple[str, str]]:
    """Key -> (value, origin); additive standards by their names, since they stand in no order."""
    from printstd.profiles.show import NOT_SET, describe

    rows = describe(resolved)
    found = {key: (text, origin) for key, text, origin in rows if text != NOT_SET}
    for number, one in enumerate(resolved.pack.additive_standards):
        _, origin = found.pop(f"pack.additive_standards[{number}]")
        text = f"{one.status.value}, {one.degree}, national adoption {one.national_adoption}"
        found[f"pack.additive_standards[{one.designation}]"] = (text, origin)
    # What comes of them all: how a drawing names the class.
    found["indication"] = (resolved.indication, resolved.origins["pack.designation"])
    return found


def _parts(folder: Path | None) -> dict[str, bytes]:
    """Name -> bytes of the models that are judged."""
    from printstd.adapters.files import read_file
    from printstd.cli.running import shown
    from printstd.errors import UsageError
    from printstd.specimens import specimens
    from printstd.words import said

    if folder is None:
        return {f"{name}.stl": data for name, data in specimens().items()}
    paths = (
        sorted(p for p in folder.glob("*") if p.suffix.lower() in _MODELS)
        if folder.is_dir()
        else []
    )
    if not paths:
        raise UsageError(
            said("there are no samples to judge"),
            got=shown(folder),
            wanted=said("a folder with {suffixes} files in it", suffixes=", ".join(_MODELS)),
            hint=said("leave --samples out to judge the parts that printstd makes in memory"),
        )
    return {shown(path.name): read_file(path) for path in paths}


def _changed_verdicts(
    first: Resolved, second: Resolved, parts: Mapping[str, bytes]
) -> tuple[ChangedVerdict, ...]:
    from printstd.report.profile_lists import ChangedVerdict

    changed = []
    for name, data in parts.items():
        was, is_now = (_verdicts(name, data, side) for side in (first, second))
        changed += [
            ChangedVerdict(name, rule, was.get(rule, ""), is_now.get(rule, ""))
            for rule in dict.fromkeys([*was, *is_now])
            if was.get(rule) != is_now.get(rule)
        ]
    return tuple(changed)


def _verdicts(name: str, data: bytes, resolved: Resolved) -> dict[str, str]:
    """Rule -> its worst status, and ``outcome``; a model that is refused has a reason alone."""
    from printstd import pipeline
    from printstd.errors import InputError
    from printstd.pipeline import ModelInput, Order
    from printstd.profiles.decision import rule_statuses
    from printstd.words import said

    try:
        prepared = pipeline.prepare(ModelInput(data, name), Order(), resolved)
    except InputError as error:
        return {"outcome": said("refused: {problem}", problem=error.what)}
    report, decision = pipeline.validate(prepared)
    statuses = {rule: status.value for rule, status in rule_statuses(report.findings).items()}
    return {"outcome": decision.outcome.value, **statuses}


def _print(answer: ProfileDiff, samples: Path | None) -> None:
    from printstd.cli.speech import in_words
    from printstd.words import said

    typer.echo(f"{answer.kind} {answer.first} -> {answer.second}")
    typer.echo()
    typer.echo(in_words(said("values that change: {count}", count=len(answer.values))))
    for value in answer.values:
        typer.echo(f"  {value.key}")
        for text, origin in (
            (value.first, value.first_origin),
            (value.second, value.second_origin),
        ):
            typer.echo(
                f"    {_short(text)}  [{origin}]" if origin else "    " + in_words(said("not set"))
            )
    typer.echo()
    figures: dict[str, object] = {"parts": len(answer.parts), "count": len(answer.verdicts)}
    where = (
        said("verdicts on {parts} parts made in memory that change: {count}", **figures)
        if samples is None
        else said(
            "verdicts on {parts} parts in {folder} that change: {count}", folder=samples, **figures
        )
    )
    typer.echo(in_words(where))
    for verdict in answer.verdicts:
        typer.echo(f"  {verdict.part}: {verdict.rule}  {verdict.first} -> {verdict.second}")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
