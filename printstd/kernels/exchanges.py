"""What comes and goes between two areas that share most of their rings, as layers do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from manifold3d import CrossSection as _Section
from numpy.typing import NDArray

from printstd.kernels.clip import Area
from printstd.kernels.rings import Rings
from printstd.kernels.section_offsets import MM_PER_NM, Fill
from printstd.named_tuple import NamedTuple


class Exchange(NamedTuple):
    """gone : of the first of two areas, what the other one does not cover; come : of the other
    one, what the first does not cover."""

    gone: Area
    come: Area


def exchanges(pairs: Sequence[tuple[Rings, Rings]]) -> list[Exchange]:
    """Between the two areas of each pair.

    Winding numbers add: in the rings of one area and the reversed ones of the other, what the first
    covers alone is wound once, and rings that both have cancel out. Neighbouring layers share most
    of theirs.
    """
    nothing = Area(_Section())
    found = []
    for own, others in _unshared(pairs):
        if not own and not others:
            found.append(Exchange(nothing, nothing))
            continue
        rings = [*own, *(ring[::-1] for ring in others)]
        gone = _Section(rings, Fill.POSITIVE.value)
        come = _Section([ring[::-1] for ring in rings], Fill.POSITIVE.value)
        found.append(Exchange(Area(gone), Area(come)))
    return found


def gains(pairs: Sequence[tuple[Rings, Rings]]) -> list[Area]:
    """What the second area of each pair covers and the first does not (`Exchange.come`)."""
    return [
        Area(_Section([*others, *(ring[::-1] for ring in own)], Fill.POSITIVE.value))
        if own or others
        else Area(_Section())
        for own, others in _unshared(pairs)
    ]


def _unshared(
    pairs: Sequence[tuple[Rings, Rings]],
) -> Iterator[tuple[list[NDArray[Any]], list[NDArray[Any]]]]:
    """The rings, mm, that only the first and that only the second area of each pair has."""
    areas = {id(area): area for pair in pairs for area in pair}
    keys = {at: [ring.tobytes() for ring in _each(own.xy_nm, own)] for at, own in areas.items()}
    mm = {at: _each(own.xy_nm * MM_PER_NM, own) for at, own in areas.items()}
    for a, b in pairs:
        key_a, key_b = keys[id(a)], keys[id(b)]
        in_a, in_b = set(key_a), set(key_b)
        own = [ring for ring, key in zip(mm[id(a)], key_a, strict=True) if key not in in_b]
        others = [ring for ring, key in zip(mm[id(b)], key_b, strict=True) if key not in in_a]
        yield own, others


def _each(xy: NDArray[Any], rings: Rings) -> list[NDArray[Any]]:
    return [xy[a:b] for a, b in pairwise(rings.offsets.tolist())]
