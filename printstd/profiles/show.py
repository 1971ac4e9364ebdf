"""What `printstd profiles` shows: names and titles, every value with its origin, all problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from printstd.errors import ProfileError, ProfileProblem
from printstd.ports import ProfileSource
from printstd.profiles import agreement, consistency, table_consistency
from printstd.profiles.digest import digest
from printstd.profiles.keys import dotted, nearest
from printstd.profiles.kinds import Confidence
from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.material_models import Figure, Properties
from printstd.profiles.models import Allowlist, Material, Printer
from printstd.profiles.proof import proof_of, proof_text
from printstd.profiles.raw import KINDS
from printstd.profiles.resolve import leaves
from printstd.profiles.resolved import Resolved
from printstd.profiles.standard_models import Pack, ToleranceTable
from printstd.words import said

_UNITS: Final = {
    "_mm_s2": "mm/s2",
    "_mm3_s": "mm3/s",
    "_g_cm3": "g/cm3",
    "_mm_s": "mm/s",
    "_mm2": "mm2",
    "_deg": "deg",
    "_mm": "mm",
    "_um": "um",
    "_px": "px",
    "_c": "degC",
    "_s": "s",
}
"""Ending of a key -> the unit it is printed with; longer endings first."""

NOT_SET: Final = said("not set")
"""Stands for the value of a key that has none."""

_LISTED: Final = ("pack", "standard", "material", "printer", "process")
_TITLES: Final[dict[str, Callable[[Any], str]]] = {
    "pack": lambda model: str(model.title_en),
    "standard": lambda model: str(model.title_en),
    "material": lambda model: _surely(model.name, model.provenance.confidence),
    "printer": lambda model: said(
        "{vendor} {model} ({firmware}), proven: {how}",
        vendor=model.vendor,
        model=model.model,
        firmware=model.firmware.value,
        how=proof_of(model).how,
    ),
    "process": lambda model: str(model.title_en),
}


REFERENCES: Final = {
    "title_block": "standard",
    "geometrical": "geometrical",
    "grades": "grades",
    "moulding": "moulding",
}
"""Key of a pack that refers to a table -> kind of the table."""


def _surely(name: str, confidence: Confidence) -> str:
    """A name, and how sure its numbers are where they are not."""
    return name if confidence is Confidence.VERIFIED else f"{name} ({confidence.value})"


def titles(source: ProfileSource) -> dict[str, dict[str, str]]:
    """Folder -> name -> title of every profile that a user may name, names sorted."""
    return {
        KINDS[kind]: {
            name: _TITLES[kind](loaded.model)
            if loaded
            else said("cannot be read: see profiles check")
            for name in source.names(KINDS[kind])
            for loaded in (load(source, MODELS[kind], kind, name, []),)
        }
        for kind in _LISTED
    }


def describe(resolved: Resolved) -> list[tuple[str, str, str]]:
    """(key, value with its unit, origin) of every value of a request, in the files' order."""
    models: dict[str, Any] = {
        "pack": resolved.pack,
        "standard": resolved.table,
        "grades": resolved.grades,
        "material": resolved.material,
        "process": resolved.process,
        "printer": resolved.printer,
        "dialect": resolved.dialect,
        "allowlist": resolved.allowlist,
    }
    rows = []
    for kind, model in models.items():
        if model is None:
            continue
        for path, value in leaves(model.model_dump(mode="json"), ()):
            key = f"{kind}.{dotted(path)}"
            rows.append((key, value_text(key, value), resolved.origins[key]))
        if isinstance(model, Printer):
            rows.append(("printer.proven", proof_text(model), resolved.origins["printer.proven"]))
    return rows


_PROPERTY_UNITS: Final = {"mpa": "MPa", "gpa": "GPa", "percent": "%", "ppm": "ppm", "c": "degC"}


def describe_material(source: ProfileSource, name: str) -> tuple[list[tuple[str, str, str]], str]:
    """(key, figure with unit, condition, source and confidence, origin) of every property of one
    material, in the order of the model, and their digest. Raises ProfileError."""
    problems: list[ProfileProblem] = []
    loaded = load(source, Material, "material", name, problems)
    if loaded is None:
        raise ProfileError(tuple(problems))
    found = loaded.model.properties
    rows = []
    for key in Properties.model_fields:
        value = getattr(found, key)
        for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if one is None:
                continue
            path = ("properties", key, *((number,) if isinstance(value, tuple) else ()))
            text = _figure_text(key, one) if isinstance(one, Figure) else _said_text(one)
            rows.append((dotted(path), text, str(loaded.raw.origin(path))))
    return rows, digest(found)


def _figure_text(key: str, figure: Figure) -> str:
    unit = "g/cm3" if key.endswith("_g_cm3") else _PROPERTY_UNITS[key.rpartition("_")[2]]
    low, high = figure.min, figure.max
    if low is not None and high is not None:
        size = f"{low:g} to {high:g} {unit}"
    elif low is not None:
        size = f"at least {low:g} {unit}"
    else:
        size = f"at most {high:g} {unit}" if high is not None else ""
    if figure.value is not None:
        size = f"{figure.value:g} {unit}" + (f" ({size})" if size else "")
    facts = (figure.basis.value, figure.orientation or "", figure.condition, figure.method)
    told = ", ".join(fact for fact in (size, *facts) if fact)
    return f"{told}; {figure.source}; {figure.confidence.value}"


def _said_text(value: Any) -> str:
    """A name, or a table of texts and numbers in the order of its model."""
    if isinstance(value, str):
        return value
    told = value.model_dump(mode="json", exclude={"source", "confidence"})
    figures = ", ".join(
        f"{key} {text}" for key, text in told.items() if text is not None and text != ""
    )
    return f"{figures}; {value.source}; {value.confidence.value}"


def value_text(key: str, value: Any) -> str:
    """A value as the profile would write it, with the unit that its key names."""
    if value is None:
        return NOT_SET
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or not isinstance(value, (int, float, list)):
        return text
    unit = next((unit for ending, unit in _UNITS.items() if _has_unit(key, ending)), None)
    return f"{text} {unit}" if unit else text


def _has_unit(key: str, ending: str) -> bool:
    # motion.max_speed_mm_s.x: the unit stands on the table.
    parts = key.split(".")
    table = parts[-2] if parts[-1] in ("x", "y", "z", "e") and len(parts) > 1 else ""
    return parts[-1].endswith(ending) or table.endswith(ending)


def check_all(
    source: ProfileSource, packs: tuple[str, ...] = ()
) -> tuple[list[ProfileProblem], int]:
    """Every problem of every profile file, and how many files were read.

    packs : check these packs and their tables alone. Each file is checked by itself; relations
    between a printer, a material and a process are checked when they are asked for together.
    """
    problems: list[ProfileProblem] = []
    if packs:
        count = sum(_check_pack(source, name, problems) for name in packs)
        return problems, count
    count = 0
    for kind, folder in KINDS.items():
        for name in source.names(folder):
            count += 1
            loaded: Loaded[Any] | None = load(source, MODELS[kind], kind, name, problems)
            if loaded is not None:
                problems += _alone(source, kind, loaded)
    return _once(problems), count


def _check_pack(source: ProfileSource, name: str, problems: list[ProfileProblem]) -> int:
    """How many files were read."""
    pack = load(source, Pack, "pack", name, problems)
    if pack is None:
        return 1
    files = set()
    for kind, table in _tables_of(pack):
        files.add((kind, table))
        loaded: Loaded[Any] | None = load(source, MODELS[kind], kind, table, problems)
        if loaded is not None:
            problems += table_consistency.check_table(loaded)
    problems += _pack_alone(source, pack)
    problems[:] = _once(problems)
    return 1 + len(files)


def _tables_of(pack: Loaded[Pack]) -> Iterator[tuple[str, str]]:
    """(kind, name) of every table that a pack names."""
    yield "standard", pack.model.tolerance_table
    for key, kind in REFERENCES.items():
        reference = getattr(pack.model, key)
        if reference is not None:
            yield kind, reference.table


def _pack_alone(source: ProfileSource, pack: Loaded[Pack]) -> Iterator[ProfileProblem]:
    found: list[ProfileProblem] = []
    table = _named(source, pack, "tolerance_table", "standard", ToleranceTable, found)
    yield from found
    if table is not None:
        yield from consistency.check_pack(pack, table.model)
    for key, kind in REFERENCES.items():
        reference = getattr(pack.model, key)
        if reference is None:
            continue
        names = source.names(KINDS[kind])
        yield from table_consistency.check_references(names, pack, key)
        cited: Loaded[Any] | None = (
            load(source, MODELS[kind], kind, reference.table, [])
            if reference.table in names
            else None
        )
        if cited is not None:
            yield from table_consistency.check_reference(pack, key, cited.model.designations)


def _alone(source: ProfileSource, kind: str, loaded: Loaded[Any]) -> Iterator[ProfileProblem]:
    """The relations that hold for one file and what it names."""
    if kind in ("standard", *REFERENCES.values()):
        yield from table_consistency.check_table(loaded)
    elif kind == "material":
        yield from consistency.check_material(loaded)
    elif kind == "process":
        yield from consistency.check_process(loaded)
    elif kind == "allowlist":
        yield from consistency.check_allowlist(loaded)
    elif kind == "pack":
        yield from _pack_alone(source, loaded)
    elif kind == "printer":
        yield from _printer_alone(source, loaded)


def _printer_alone(source: ProfileSource, loaded: Loaded[Printer]) -> Iterator[ProfileProblem]:
    found: list[ProfileProblem] = []
    allowlist = _named(source, loaded, "allowlist", "allowlist", Allowlist, found)
    yield from found
    if allowlist is not None:
        yield from consistency.check_printer(loaded, allowlist.model)
    firmware = loaded.model.firmware.value
    dialects = source.names(KINDS["dialect"])
    if firmware not in dialects:
        yield loaded.problem(
            "firmware", repr(firmware), said("one of {values}", values=", ".join(dialects))
        )
    else:
        dialect = load(source, MODELS["dialect"], "dialect", firmware, [])
        if dialect is not None:
            yield from agreement.check_dialect(dialect, loaded)  # type: ignore[arg-type]


def _named(
    source: ProfileSource,
    loaded: Loaded[Any],
    key: str,
    kind: str,
    model: type[Any],
    found: list[ProfileProblem],
) -> Loaded[Any] | None:
    """The profile that a key names; its own problems are told under its own name."""
    name = getattr(loaded.model, key)
    known = source.names(KINDS[kind])
    if name not in known:
        found.append(
            loaded.problem(
                key,
                repr(name),
                said("one of {values}", values=", ".join(known)),
                nearest(name, known),
            )
        )
        return None
    return load(source, model, kind, name, [])


def _once(problems: list[ProfileProblem]) -> list[ProfileProblem]:
    """A parent's problems show in each of its children: tell each place once."""
    return list(dict.fromkeys(problems))
