"""Settings in which single objects of a print, and regions of them, may differ from the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from printstd.errors import ProfileError, ProfileProblem
from printstd.profiles import agreement, consistency
from printstd.profiles.digest import digest
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.load import Loaded
from printstd.profiles.models import Process
from printstd.profiles.raw import RawProfile
from printstd.profiles.resolved import Resolved
from printstd.words import said

_OF_OBJECTS: Final = (
    "slice_closing_mm",
    "resolution_mm",
    "widths.",
    "walls.",
    "overhangs.extra_walls",
    "fuzzy_skin.",
    "shells.",
    "infill.",
    "bridges.",
    "ironing.",
    "compensation.",
    "supports.",
)
"""Of an object, whose beads are planned by themselves. All others are settings of the layers, of
the bed or of how the head moves, which all objects of a plate share."""
_SHARED: Final = frozenset(
    ("walls.order", "walls.seam", "walls.seam_gap_ratio", "walls.small_perimeter_length_mm")
)
_OF_REGIONS: Final = (
    "walls.count",
    "shells.top_layers",
    "shells.bottom_layers",
    "infill.density_ratio",
    "infill.pattern",
    "infill.angle_deg",
)
"""Of a region inside an object: what is decided inside its outline."""


_OF_WHOLE_OBJECTS: Final = (InfillPattern.ADAPTIVE_CUBIC.value, InfillPattern.LIGHTNING.value)
"""Patterns that look across the layers of an object: they are its own, not a region's."""


def object_refusal(setting: str, _: Any) -> str:
    """Why objects of one plate cannot differ in a setting; empty where they can."""
    if setting in _SHARED or not setting.startswith(_OF_OBJECTS):
        return said("one for the whole print; set process.{setting}", setting=setting)
    return ""


def region_refusal(setting: str, value: Any) -> str:
    """Why a region cannot differ from its object in a setting; empty where it can."""
    if setting == "infill.pattern" and value in _OF_WHOLE_OBJECTS:
        return said("{pattern} looks at a whole object; give it to the object", pattern=value)
    if setting in _OF_REGIONS:
        return ""
    return said("one for a whole object; set process.{setting}", setting=setting)


def with_region(resolved: Resolved, settings: Mapping[str, Any], where: str) -> Resolved:
    """`with_settings` of a region inside an object. What it says holds in every range of heights,
    whatever that says. Raises ProfileError as that does."""
    if not settings:
        return resolved
    ranges = []
    for one in resolved.process.ranges:
        tree = one.model_dump(mode="json")
        for setting in settings:
            table, key = setting.split(".")
            tree.get(table, {}).pop(key, None)
        ranges.append(tree)
    return with_settings(resolved, {**settings, "ranges": ranges}, where)


def with_settings(resolved: Resolved, settings: Mapping[str, Any], where: str) -> Resolved:
    """The same request with some values of the process changed: an object's.

    settings : dotted key -> value. Raises ProfileError with all that the process then contradicts.
    """
    if not settings:
        return resolved
    tree = resolved.process.model_dump(mode="json")
    for setting, value in settings.items():
        *tables, key = setting.split(".")
        table = tree
        for name in tables:
            table = table[name]
        table[key] = value
    raw = RawProfile("process", where, where)
    try:
        process = Process.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        raise ProfileError(
            tuple(
                ProfileProblem(
                    where,
                    None,
                    ".".join(map(str, detail["loc"])),
                    json.dumps(detail["input"], ensure_ascii=False, default=str)[:60],
                    detail["msg"].removeprefix("Input should be "),
                )
                for detail in error.errors(include_url=False, include_context=False)
            )
        ) from error
    loaded = Loaded(process, raw)
    problems = [
        *consistency.check_process(loaded),
        *agreement.check_nozzle(loaded, resolved.nozzle_mm),
    ]
    if problems:
        raise ProfileError(tuple(problems))
    digests = {**resolved.digests, "process": digest(process)}
    return replace(resolved, process=process, digests=digests)
