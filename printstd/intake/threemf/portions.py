"""Build items with print settings of their own, and regions in which others hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from printstd.artifacts.mesh import RegionKind
from printstd.intake.notices import Portion, Region
from printstd.intake.threemf.build import Placed, joined
from printstd.intake.threemf.model_part import Use
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.project import ORCA, As, ObjectSettings, Project
from printstd.words import said

Settings = tuple[tuple[str, str], ...]


def portions_of(
    items: Mapping[int, Use],
    project: Project,
    placed: Sequence[Placed],
    item_of: Sequence[int],
    where: str,
) -> tuple[Portion, ...]:
    """The build items by the settings of their objects; none where no object and no part of one has
    any, else every item is in one. An item with regions is in one of its own, since they are
    regions of that item alone, whatever else they reach into.

    items : those to build, by number in the file. item_of : of each placed shape.
    """
    own = {number: _settings_of(project, item) for number, item in items.items()}
    uses = {(n, one.use) for n, one in zip(item_of, placed, strict=True)}
    filled = [n for n in own if (n, As.MATERIAL) in uses]
    with_regions = {n for n in filled for use in As if use.is_region and (n, use) in uses}
    if not with_regions and not any(settings.values for settings in own.values()):
        return ()
    kinds: dict[tuple[str, Settings, int | None], list[int]] = {}
    for number in filled:
        settings = own[number]
        values = tuple(sorted(settings.values.items()))
        alone = number if number in with_regions else None
        kinds.setdefault((settings.family, values, alone), []).append(number)
    # Items without material are printed nowhere, and are in some portion all the same.
    rest = [[n for n in own if n not in filled], *([] for _ in kinds)]
    return tuple(
        Portion(
            family,
            tuple(sorted([*numbers, *more])),
            values,
            _rows(placed, item_of, numbers, As.MATERIAL),
            _rows(placed, item_of, numbers, As.CUT),
            _regions(placed, item_of, numbers, where),
        )
        for ((family, values, _), numbers), more in zip(kinds.items(), rest, strict=False)
    )


def _settings_of(project: Project, item: Use) -> ObjectSettings:
    """An item of another model part has none: their numbers are those of the first part."""
    own = project.objects.get(item.object_id) if item.path is None else None
    return own or ObjectSettings(next((o.family for o in project.objects.values()), ORCA))


def _rows(
    placed: Sequence[Placed], item_of: Sequence[int], numbers: Sequence[int], use: As
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(f,) which facets of one use, as `joined` numbers them, are of these items."""
    is_own = [
        np.full(len(one.shape.faces), number in numbers)
        for number, one in zip(item_of, placed, strict=True)
        if one.use is use
    ]
    return np.concatenate([np.zeros(0, bool), *is_own])


def _regions(
    placed: Sequence[Placed], item_of: Sequence[int], numbers: Sequence[int], where: str
) -> tuple[Region, ...]:
    shapes: dict[tuple[int, int, As, Settings], list[Placed]] = {}
    for number, one in zip(item_of, placed, strict=True):
        if one.use.is_region and number in numbers:
            shapes.setdefault((number, one.volume, one.use, one.settings), []).append(one)
    found = []
    for (number, volume, use, settings), own in shapes.items():
        points, faces = joined(own)
        if not np.isfinite(points).all():
            refuse(10, said("a transform moves a vertex out of all range"), where)
        found.append(Region(number, volume, RegionKind(use.value), settings, points, faces))
    return tuple(found)
