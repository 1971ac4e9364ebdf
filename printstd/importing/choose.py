"""Which presets are imported together, and whether their makers meant them for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from printstd.errors import ProfileError, UsageError
from printstd.importing.defaults import defaults_of
from printstd.importing.expression import ExpressionError, truth
from printstd.importing.foreign import Choice, Kind, Library, Line, Preset
from printstd.importing.inherit import problem
from printstd.importing.prusa_files import items
from printstd.profiles.keys import nearest
from printstd.words import said

OPTIONS: Final = {
    Kind.PRINTER: "--printer-name",
    Kind.PROCESS: "--print",
    Kind.MATERIAL: "--filament",
}
"""How the command line names a preset of each kind; in the order of choosing."""
MAX_LISTED: Final = 400


class Refusal(NamedTuple):
    """Why a preset does not go with another: what its maker wrote."""

    where: Line
    key: str
    text: str
    got: str


def choose(library: Library, wanted: Mapping[Kind, str | None]) -> Choice:
    """One preset of each kind that the library has, named or the only one.

    Raises UsageError with the names where there are several and none was named, or none of that
    name; ProfileError where the conditions of the chosen forbid them together.
    """
    chosen: dict[Kind, Preset] = {}
    for kind, option in OPTIONS.items():
        presets = library.of(kind)
        name = wanted.get(kind)
        if name is not None:
            chosen[kind] = _named(presets, kind, option, name)
        elif len(presets) == 1:
            chosen[kind] = presets[0]
        elif presets:
            raise _which(_fitting(presets, chosen), kind, option)
    if not chosen:
        raise UsageError(
            said("there is nothing to import"),
            got=said("presets to inherit from alone"),
            wanted=said("a preset that may be chosen"),
            hint=said("give the files of the presets that you print with"),
        )
    families = {preset.family for preset in chosen.values()}
    if len(families) > 1:
        raise UsageError(
            said("presets of two slicers cannot be imported together"),
            got=", ".join(sorted(families)),
            wanted=said("the files of one slicer"),
            hint=said("import them one after the other"),
        )
    refusals = list(forbidden(chosen))
    if refusals:
        raise ProfileError(tuple(problem(r.where, r.key, r.got, f"{r.text}") for r in refusals))
    return Choice(tuple(chosen[kind] for kind in Kind if kind in chosen))


def fits(preset: Preset, chosen: Mapping[Kind, Preset]) -> bool:
    """Whether nothing that its maker wrote forbids the preset beside the chosen ones."""
    return not list(forbidden({**chosen, preset.kind: preset}))


def forbidden(chosen: Mapping[Kind, Preset]) -> Iterable[Refusal]:
    """Every condition of a chosen preset that another one does not meet."""
    printer, process = chosen.get(Kind.PRINTER), chosen.get(Kind.PROCESS)
    material = chosen.get(Kind.MATERIAL)
    for owner in (process, material):
        if owner and printer:
            yield from _against(owner, printer, "compatible_printers")
    if material and process:
        yield from _against(material, process, "compatible_prints")


def _against(owner: Preset, other: Preset, key: str) -> Iterable[Refusal]:
    """A list of names counts where there is one, a condition where there is none."""
    names = _names(owner.values.get(key, ""))
    if names:
        if other.name not in names:
            where = owner.lines[key]
            wanted = f"one of {', '.join(names[:20])}"
            yield Refusal(where, f"{owner.name}: {key}", wanted, repr(other.name))
        return
    key = f"{key}_condition"
    condition = unescaped(owner.values.get(key, ""))
    if not condition:
        return
    try:
        holds = truth(condition, settings_for_conditions(other))
    except ExpressionError as error:
        wanted = "a condition that can be decided"
        got = f"{condition!r}: {error}"
        yield Refusal(owner.lines[key], f"{owner.name}: {key}", wanted, got)
        return
    if not holds:
        got = f"{other.name!r}, for which it does not hold"
        yield Refusal(owner.lines[key], f"{owner.name}: {key}", f"{condition}", got)


def settings_for_conditions(preset: Preset) -> dict[str, str]:
    """What a condition may ask for: the preset's values, the slicer's own where it says nothing,
    and how many extruders it has."""
    values = dict(defaults_of(preset.family)) | dict(preset.values)
    nozzles = values.get("nozzle_diameter", "")
    return {"num_extruders": str(nozzles.count(",") + 1), **values}


def unescaped(text: str) -> str:
    """A condition as its author wrote it: quoted texts in lists carry backslashes."""
    if len(text) > 1 and text[0] == text[-1] == '"' and '\\"' in text:
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return "" if text == '""' else text


def _names(text: str) -> tuple[str, ...]:
    found = items(text)
    if len(found) == 1 and "," in found[0] and '"' not in text:
        return tuple(name.strip() for name in found[0].split(",") if name.strip())
    return found


def _named(presets: Sequence[Preset], kind: Kind, option: str, name: str) -> Preset:
    found = [preset for preset in presets if preset.name == name]
    if len(found) == 1:
        return found[0]
    names = [preset.name for preset in presets]
    close = nearest(name, names)
    raise UsageError(
        said("{option}: there is no {kind} preset of this name", option=option, kind=kind),
        got=name,
        wanted=said("one of {count} names", count=len(names))
        if names
        else said("files with a {kind} preset in them", kind=kind),
        hint=said("did you mean {close!r}?", close=close)
        if close
        else said("leave it out to see all names"),
    )


def _fitting(presets: Sequence[Preset], chosen: Mapping[Kind, Preset]) -> list[Preset]:
    return [preset for preset in presets if fits(preset, chosen)]


def _which(presets: Sequence[Preset], kind: Kind, option: str) -> UsageError:
    names = [preset.name for preset in presets[:MAX_LISTED]]
    if len(presets) > MAX_LISTED:
        names.append(f"... and {len(presets) - MAX_LISTED} more")
    return UsageError(
        said("several {kind} presets are there, and none was named", kind=kind)
        if names
        else said("no {kind} preset goes with those already chosen", kind=kind),
        got="\n    " + "\n    ".join(names) if names else "none",
        wanted=f"{option} NAME" + (" with one of them" if names else ""),
        hint=said("name it: {option} {names!r}", option=option, names=names[0])
        if names
        else said("choose another printer"),
    )
