"""How drawings and orders name a tolerance class, read back: which pack and class is meant."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from printstd.ports import ProfileSource
from printstd.profiles.load import load
from printstd.profiles.standard_models import Pack, ToleranceTable

_GEOMETRICAL: Final = re.compile(r"(?<=[a-z])[HKL]\s*$")
"""``ISO 2768-mK``: a class of the withdrawn second part behind that of the first."""


class Indicated(NamedTuple):
    """packs : ids of those that name this class so, sorted. geometrical : ``K`` of ``mK``."""

    packs: tuple[str, ...]
    letter: str
    geometrical: str | None


def indicated(source: ProfileSource, text: str) -> Indicated | None:
    """What `text` names; None where no pack names a class so. Apart from case, blanks, hyphens and
    dots; the designation before the class will do for the drawing's own form (``ISO 2768-1 m``)."""
    behind = _GEOMETRICAL.search(text)
    plain = _bare(text[: behind.start()] if behind else text)
    found: dict[str, list[str]] = {}
    for name in source.names("packs"):
        pack = load(source, Pack, "pack", name, [])
        table = (
            load(source, ToleranceTable, "standard", pack.model.tolerance_table, [])
            if pack
            else None
        )
        if pack is None or table is None:
            continue
        own = [one for one in table.model.designations if one.id == pack.model.designation]
        for designation in own:
            for letter in table.model.classes:
                forms = (
                    designation.indication_template.replace("{class}", letter),
                    f"{designation.designation} {letter}",
                    # The designation without the year of its edition.
                    f"{re.sub(r'[-–:](19|20)[0-9]{2}$', '', designation.designation)} {letter}",
                )
                if plain in {_bare(form) for form in forms}:
                    found.setdefault(letter, []).append(name)
    if len(found) != 1:
        return None
    ((letter, packs),) = found.items()
    return Indicated(tuple(sorted(set(packs))), letter, behind.group().strip() if behind else None)


def indications(source: ProfileSource) -> list[str]:
    """How every pack names its default class, for messages."""
    found = []
    for name in source.names("packs"):
        pack = load(source, Pack, "pack", name, [])
        table = (
            load(source, ToleranceTable, "standard", pack.model.tolerance_table, [])
            if pack
            else None
        )
        if pack is None or table is None:
            continue
        letter = pack.model.default_class
        if letter is None:  # the drawing states every tolerance itself
            continue
        found += [
            one.indication_template.replace("{class}", letter)
            for one in table.model.designations
            if one.id == pack.model.designation
        ]
    return list(dict.fromkeys(found))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
