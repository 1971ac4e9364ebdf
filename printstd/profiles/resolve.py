"""One request's profiles: read, set over, checked against each other, capped, digested."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from printstd.errors import ProfileError, ProfileProblem
from printstd.ports import ProfileSource
from printstd.profiles import agreement, consistency
from printstd.profiles.caps import cap
from printstd.profiles.digest import digest
from printstd.profiles.epochs import epoch_of
from printstd.profiles.keys import dotted, nearest, nearest_key, settable_keys, split_key, type_at
from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.models import Allowlist, Dialect, Material, Printer, Process
from printstd.profiles.raw import COMMAND_LINE, Origin
from printstd.profiles.resolved import Origins, Request, Resolved
from printstd.profiles.standards import TITLE_BLOCK_ANGLE_KEY, TITLE_BLOCK_KEY, judged_by
from printstd.profiles.toml_lines import KeyPath
from printstd.words import said

SETTABLE: Final = ("process", "material", "printer")
"""Profiles whose values `--set` may change. Standards, packs and allow-lists are what the work is
judged by: they change by a file with a name of its own, which a report then names."""
ASKED_BY_PACKS: Final = (TITLE_BLOCK_KEY, TITLE_BLOCK_ANGLE_KEY)
"""What the drawing says and no pack can know: the keys of a pack that `--set` may give."""
DEFAULT_NOZZLE_MM: Final = 0.4
"""What every bundled limit is written for; it counts where no printer is named."""


def resolve(request: Request, source: ProfileSource, *, with_fits: bool = True) -> Resolved:
    """Everything a run demands.

    with_fits : grades of tolerance are loaded, for a drawing or an order that may ask for fits.

    Raises ProfileError with every problem of every profile that the request names: unknown
    names and keys, wrong types, ranges, relations within and between profiles. Raises UsageError
    for an output epoch that is not known.
    """
    epoch = epoch_of(request.epoch)
    problems: list[ProfileProblem] = []
    given = _overrides(request, problems)
    judged = judged_by(source, request, given["pack"], problems, with_fits=with_fits)
    material = load(source, Material, "material", request.material, problems, given["material"])
    # `material.KEY` is set for all of them.
    others = [
        load(source, Material, "material", name, problems, given["material"])
        for name in request.more_materials
    ]
    process = load(source, Process, "process", request.process, problems, given["process"])
    printer: Loaded[Printer] | None = None
    allowlist: Loaded[Allowlist] | None = None
    dialect: Loaded[Dialect] | None = None
    if request.printer is not None:
        printer = load(source, Printer, "printer", request.printer, problems, given["printer"])
    elif given["printer"]:
        key = next(iter(given["printer"]))
        problems.append(
            ProfileProblem(
                COMMAND_LINE,
                None,
                f"printer.{key}",
                said("no printer"),
                said("--printer NAME with it"),
            )
        )
    if printer:
        allowlist = load(source, Allowlist, "allowlist", printer.model.allowlist, problems)
        dialect = load(source, Dialect, "dialect", printer.model.firmware.value, problems)
    if material:
        problems += consistency.check_material(material)
    if process:
        problems += consistency.check_process(process)
    if allowlist:
        problems += consistency.check_allowlist(allowlist)
    if printer and allowlist:
        problems += consistency.check_printer(printer, allowlist.model)
    loaded = [one for one in (material, *others) if one]
    for one in loaded:
        if one is not material:
            problems += consistency.check_material(one)
        if printer:
            problems += agreement.check_heat(one, printer)
    problems += agreement.check_tools(request, printer)
    problems += agreement.check_bed(loaded)
    if dialect and printer:
        problems += agreement.check_dialect(dialect, printer)
    if process:
        nozzle = printer.model.nozzle_mm if printer else DEFAULT_NOZZLE_MM
        problems += agreement.check_nozzle(process, nozzle)
    if process and printer:
        problems += agreement.check_ranges(process, printer)
        problems += agreement.check_arcs(process, printer)
    capped = cap(process, printer, problems) if process and printer else None
    if problems or not (judged and material and process):
        # What is wrong with a material is wrong with it for each tool that has it.
        raise ProfileError(tuple(dict.fromkeys(problems)))
    models: dict[str, Loaded[Any]] = {
        **judged.loaded,
        "material": material,
        "process": process,
    }
    models |= {f"material_{n}": one for n, one in enumerate(loaded[1:], start=2)}
    if printer and allowlist and dialect:
        models |= {"printer": printer, "dialect": dialect, "allowlist": allowlist}
    final: dict[str, BaseModel] = {kind: loaded.model for kind, loaded in models.items()}
    if capped:
        final["process"] = capped.process

    def origins() -> dict[str, str]:
        proven = {"printer.proven": str(_origin(printer, ("proven",)))} if printer else {}
        changed = capped.origins(process, printer) if capped and printer else {}
        return proven | {
            f"{kind}.{dotted(path)}": str(
                (changed.get(path) if kind == "process" else None) or _origin(loaded, path)
            )
            for kind, loaded in models.items()
            for path, _ in leaves(final[kind].model_dump(), ())
        }

    return Resolved(
        request=request,
        pack=judged.pack,
        table=judged.table,
        designation=judged.designation,
        tolerance_class=judged.tolerance_class,
        bands=judged.bands,
        material=material.model,
        process=capped.process if capped else process.model,
        printer=printer.model if printer else None,
        dialect=dialect.model if dialect else None,
        allowlist=allowlist.model if allowlist else None,
        origins=Origins(origins),
        digests={
            **{kind: digest(model) for kind, model in final.items()},
            **{
                kind.replace("material", "properties"): digest(model.properties)
                for kind, model in final.items()
                if isinstance(model, Material)
            },
        },
        epoch=epoch,
        tool_materials=tuple(one.model for one in loaded) if others else (),
        edge_bands=judged.edge_bands,
        angle_bands=judged.angle_bands,
        grades=judged.grades,
        grades_designation=judged.grades_designation,
        geometrical_class=judged.geometrical_class,
        geometrical_designation=judged.geometrical_designation,
        moulding=judged.moulding,
        moulding_designation=judged.moulding_designation,
    )


def leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """(key path, value) of every value that has an origin: scalars, whole lists of scalars, and
    each item of a list of tables."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield (*path, number), inner
    else:
        yield path, value


def _origin(loaded: Loaded[Any], path: KeyPath) -> Origin:
    """Where a value stands; one that neither a file nor the user gives is the model's default."""
    places = loaded.raw.places
    if path in places:
        return places[path]
    for end in range(len(path) - 1, 0, -1):
        around = places.get(path[:end])
        if around is not None and around.file == COMMAND_LINE:
            return around
    return Origin("default")


def _overrides(request: Request, problems: list[ProfileProblem]) -> dict[str, dict[str, Any]]:
    """`--set` values by profile. A key that names no profile is one of the process."""
    given: dict[str, dict[str, Any]] = {kind: {} for kind in ("pack", *SETTABLE)}
    for key, text in request.overrides:
        kind, _, rest = key.partition(".")
        if kind == "pack" and rest in ASKED_BY_PACKS:
            given[kind][rest] = parse_value(text)
            continue
        if kind in MODELS and kind not in SETTABLE:
            problems.append(
                ProfileProblem(
                    COMMAND_LINE,
                    None,
                    key,
                    said("a key of the {kind}", kind=kind),
                    said(
                        "a key of {SETTABLE}; write a {kind} file of your own instead",
                        SETTABLE=", ".join(SETTABLE),
                        kind=kind,
                    ),
                )
            )
            continue
        if kind not in SETTABLE:
            kind, rest = "process", key
        if not rest or type_at(MODELS[kind], split_key(rest)) is None:
            close = _nearest_setting(key, kind, rest)
            wanted = said("a key that `printstd profiles show` lists")
            problems.append(ProfileProblem(COMMAND_LINE, None, key, "unknown", wanted, close))
            continue
        given[kind][rest] = parse_value(text)
    return given


def _nearest_setting(key: str, kind: str, rest: str) -> str | None:
    """The setting that an unknown key was most likely meant to be. A misspelt profile's name
    (``materal.bed_c``) weighs more than a like-sounding key of the process."""
    known = [f"{k}.{name}" for k in SETTABLE for name in settable_keys(MODELS[k])]
    whole = nearest(key, known)
    first = key.partition(".")[0]
    if kind != first and whole and nearest(first, SETTABLE):
        return whole
    close = nearest_key(MODELS[kind], split_key(rest)) if rest else None
    return f"{kind}.{close}" if close else whole


def parse_value(text: str) -> Any:
    """A value in TOML; a bare word, which TOML has not, is a text (``seam=rear``)."""
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    if list(table) != ["value"]:
        return text
    value = table["value"]
    return value.isoformat() if hasattr(value, "isoformat") else value
