"""What of a layer neither rests on the one below nor spans a gap in it: where supports are needed.

A bead is carried where its middle lies no further than half a nozzle outside the section below.
What lies further out is either a bridge, whose threads are held at both ends, or it hangs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from printstd.kernels.clip import Area
from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import Rings, area_mm2, same
from printstd.kernels.spans import Span, best_span

_LOOSE_RATIO: Final = 0.1
"""A gap is bridged if no more than this share of its threads has a free end."""


class Reach(NamedTuple):
    """carried_nm : how far beyond the section below a bead is carried. worth_nm : areas narrower
    than this are left out, their beads still touch carried ones. longest_span_nm : of a bridge that
    may be printed in air."""

    carried_nm: int
    worth_nm: int
    longest_span_nm: int


def hanging(sections: Sequence[Rings], reach: Reach) -> list[Hanging]:
    """The hanging areas of every section but the first, bottom up.

    sections : of consecutive layers; the first lies on the bed.
    """
    found: list[Hanging] = []
    for layer in range(1, len(sections)):
        section, below = sections[layer], sections[layer - 1]
        if section.is_empty or same(section, below):
            continue
        in_air = Area.of(section)
        if not below.is_empty:
            in_air = in_air - Area.of(below).offset(reach.carried_nm)
        found += hanging_in(in_air, below, layer, reach)
    return found


def hanging_in(in_air: Area, below: Rings, layer: int, reach: Reach) -> list[Hanging]:
    """What hangs of the part of one layer that nothing carries. below : the section under it."""
    half = reach.worth_nm // 2
    if in_air.is_empty or in_air.offset(-half).is_empty:
        return []
    found = []
    for area in in_air.islands():
        if area.offset(-half).is_empty:
            continue
        rings = area.rings()
        span = best_span(rings, below, 2 * reach.carried_nm) if not below.is_empty else None
        is_held = span is not None and is_spanned(span)
        if span is not None and is_held and span.longest_nm <= reach.longest_span_nm:
            continue
        low, high = rings.xy_nm.min(axis=0).tolist(), rings.xy_nm.max(axis=0).tolist()
        found.append(
            Hanging(
                layer,
                (low[0], low[1]),
                (high[0], high[1]),
                area_mm2(rings),
                span is None,
                span.longest_nm if span is not None and is_held else None,
            )
        )
    # The library gives islands in an order of its own.
    return sorted(found, key=lambda area: (area.low_nm, area.high_nm))


def is_bridged(gap: Rings, below: Rings, pitch_nm: int, longest_nm: int) -> bool:
    """Is a gap spanned by threads held at both ends, none longer than `longest_nm`?"""
    span = None if below.is_empty else best_span(gap, below, pitch_nm)
    return span is not None and is_spanned(span) and span.longest_nm <= longest_nm


def is_spanned(span: Span) -> bool:
    """(Nearly) all threads over a gap are held at both ends."""
    return span.loose_nm <= _LOOSE_RATIO * span.whole_nm
