"""OrcaSlicer's and Bambu Studio's files: one JSON object a preset, parents by name.

A parent lies in another file of the same vendor folder; whoever imports gives the folder, or the
files. A parent that is not there is an error: the chain's defaults must never be guessed
(OrcaSlicer#14718 printed walls at 60 instead of 300 mm/s that way).
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from printstd.importing.foreign import Kind, Line, Section
from printstd.importing.ini_text import refused
from printstd.words import said

_TYPES: Final = {
    "process": Kind.PROCESS,
    "filament": Kind.MATERIAL,
    "machine": Kind.PRINTER,
    "printer": Kind.PRINTER,
    "print": Kind.PROCESS,
}
_ID_KEYS: Final = {
    "print_settings_id": Kind.PROCESS,
    "filament_settings_id": Kind.MATERIAL,
    "printer_settings_id": Kind.PRINTER,
}
"""What a user's own preset has in place of a type."""
_NO_VALUE: Final = ("type", "name", "inherits", "instantiation")
_TELLING: Final = {
    Kind.PROCESS: "wall_loops",
    Kind.MATERIAL: "filament_type",
    Kind.PRINTER: "printable_area",
}
_PROJECT_IDS: Final = {kind: key for key, kind in _ID_KEYS.items()}
MAX_DEPTH: Final = 8


def section_of(text: str, file: str) -> Section | None:
    """The preset in a JSON text; None where the object is of another kind (a vendor's list, a
    machine's model). InputError where it is no JSON object."""
    tree = _object(text, file)
    kind = _kind(tree)
    name = tree.get("name")
    if kind is None or not isinstance(name, str):
        return None
    parent = tree.get("inherits", "")
    where = Line(file, None)
    values = _values(tree, where)
    return Section(
        kind,
        name,
        (parent,) if isinstance(parent, str) and parent else (),
        values,
        dict.fromkeys(values, where),
        where,
        # A vendor's presets say whether they may be chosen; a user's own may always be.
        is_hidden=str(tree.get("instantiation", "true")).lower() == "false",
    )


def project_sections(text: str, file: str) -> list[Section]:
    """A project's settings are flat, all three kinds in one object."""
    tree = _object(text, file)
    where = Line(file, None)
    values = _values(tree, where)
    return flat_sections(values, dict.fromkeys(values, where), file)


def flat_sections(values: dict[str, str], lines: dict[str, Line], file: str) -> list[Section]:
    """One preset of each kind that the flat values say something about."""
    where = Line(file, None)
    return [
        Section(kind, _first(values.get(_PROJECT_IDS[kind], "")) or file, (), values, lines, where)
        for kind, key in _TELLING.items()
        if key in values
    ]


def _object(text: str, file: str) -> dict[str, Any]:
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise refused(
            said("the file is no JSON"), file, str(error)[:80], said("one JSON object")
        ) from error
    if not isinstance(tree, dict):
        raise refused(
            said("the file holds no settings"), file, type(tree).__name__, said("one JSON object")
        )
    return tree


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return tree


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _kind(tree: dict[str, Any]) -> Kind | None:
    named = tree.get("type")
    if isinstance(named, str):
        return _TYPES.get(named)
    return next((kind for key, kind in _ID_KEYS.items() if key in tree), None)


def _values(tree: dict[str, Any], where: Line) -> dict[str, str]:
    """Lists become texts as PrusaSlicer has them: their items between commas or, where one has a
    comma or a line break in it, quoted between semicolons."""
    found = {}
    for key, value in tree.items():
        if key in _NO_VALUE:
            continue
        listed = value if isinstance(value, list) else [value]
        if any(isinstance(item, (dict, list)) for item in listed):
            raise refused(
                said("a setting cannot be read"),
                where,
                said("{key}: a table", key=key),
                said("a text or a list"),
            )
        texts = [_text(item) for item in listed]
        if len(texts) == 1:
            found[key] = texts[0]
        elif any("," in text or ";" in text or "\\n" in text for text in texts):
            found[key] = ";".join(json.dumps(text, ensure_ascii=False) for text in texts)
        else:
            found[key] = ",".join(texts)
    return found


def _text(value: Any) -> str:
    """A scalar as text; line breaks as the two characters that INI files have for them."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value).replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n")


def _first(text: str) -> str:
    return text.split(";")[0].strip().strip('"')
