"""Supports of all objects of a print: found together, laid as beads of their own.

Objects that ask for the same kind of support have theirs planned as one, so that columns side by
side are one column. What asks for another kind is planned after that and keeps clear of it, as all
supports keep clear of all objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings
from printstd.ports import Executor
from printstd.profiles.resolved import Resolved
from printstd.reuse.kept import Kept
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.paths import PathSet
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.supports.areas import SupportSpec, support_spec
from printstd.toolpath.supports.laying import (
    Beside,
    Contacts,
    Stretch,
    Supports,
    find_contacts,
    lay_supports,
    plan_supports,
)


class Kind(NamedTuple):
    """Supports of one kind. parts : which ask for them. resolved : what the first of these does."""

    supports: Supports
    parts: tuple[int, ...]
    resolved: Resolved


def each_alone(parts: Sequence[PlatePart]) -> list[PlatePart]:
    """Every copy as a part: what is beside it, no other copy has."""
    return [
        PlatePart(
            Kept.of(part.stack.moved(shift)),
            part.resolved,
            (name,),
            np.zeros((1, 2), np.int64),
            tuple(zone.moved(shift) for zone in part.zones),
            part.wishes and part.wishes.moved(shift),
        )
        if part.n_copies > 1
        else part
        for part in parts
        for name, shift in zip(part.names, part.shift_nm, strict=True)
    ]


class Asked(NamedTuple):
    """A kind before it is planned. contacts : what its supports must hold."""

    contacts: Contacts
    parts: tuple[int, ...]
    resolved: Resolved


def kinds_asked(
    parts: Sequence[PlatePart],
    specs: Sequence[list[LayerSpec]],
    tasks: Sequence[Stretch],
    executor: Executor,
) -> list[Asked]:
    """parts : of one object each. specs : of their layers."""
    asking: dict[SupportSpec, list[int]] = {}
    for number, part in enumerate(parts):
        if part.resolved.process.supports.enabled:
            asking.setdefault(support_spec(part.resolved), []).append(number)
    found: list[Asked] = []
    for members in asking.values():
        beside = [
            Beside(part.stack, own, number in members, part.wishes)
            for number, (part, own) in enumerate(zip(parts, specs, strict=True))
        ]
        resolved = parts[members[0]].resolved
        contacts = find_contacts(beside, resolved, tasks, executor)
        found.append(Asked(contacts, tuple(members), resolved))
    return found


def plan_kinds(asked: Sequence[Asked], bed: Rings) -> list[Kind]:
    """All kinds of a print, each clear of those before it."""
    found: list[Kind] = []
    for one in asked:
        n_layers = len(one.contacts.levels)
        taken = [area_of(found, layer) for layer in range(n_layers)] if found else ()
        found.append(Kind(plan_supports(one.contacts, bed, taken), one.parts, one.resolved))
    return found


def area_of(kinds: Sequence[Kind], layer: int) -> Rings:
    """All supports of one layer."""
    areas = [kind.supports.whole(layer) for kind in kinds]
    return clip.union(areas) if len(areas) > 1 else [*areas, EMPTY][0]


def laid_run(supports: Supports, specs: Sequence[LayerSpec], run: range) -> ReadyRun:
    """The beads of one kind in some layers. specs : of those."""
    paths = lay_supports(supports, specs, run)
    return joined(prepare_layers(paths, [EMPTY] * len(paths)))


def nearest_objects(paths: PathSet, parts: Sequence[PlatePart]) -> NDArray[np.int64]:
    """(k,) the object that each path is nearest to, by where it begins and the objects' boxes; the
    first of equals. parts : of one object each."""
    if len(parts) == 1:
        return np.zeros(paths.n_paths, np.int64)
    first = paths.xy_nm[paths.offsets[:-1]]
    least, nearest = np.full(len(first), np.iinfo(np.int64).max), np.zeros(len(first), np.int64)
    for number, part in enumerate(parts):
        low, high = part.stack.xy_nm.min(axis=0), part.stack.xy_nm.max(axis=0)
        off = np.maximum(np.maximum(low - first, first - high), 0)
        square = (off * off).sum(axis=1)
        nearest[square < least] = number
        least = np.minimum(least, square)
    return nearest
