"""What of a layer neither rests on the one below nor spans a gap in it: where supports are needed.

A bead is carried where its middle lies no further than half a nozzle outside the section below.
What lies further out is either a bridge, whose threads are held at both ends, or it hangs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.kernels.clip import Area, offset_each
from printstd.kernels.exchanges import gains
from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import Rings, area_mm2, same
from printstd.kernels.spans import Span, best_span
from printstd.named_tuple import NamedTuple

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
    return hanging_of(unsupported(sections, reach), reach)


def hanging_of(areas: Sequence[Unsupported], reach: Reach) -> list[Hanging]:
    """Those of `areas` that hang: all but bridges that are short enough."""
    return [one.hanging for one in areas if not one.is_bridge_within(reach.longest_span_nm)]


class Unsupported(NamedTuple):
    """One area that no layer below carries. hanging : its layer, box, area; where it is a bridge,
    of whatever length, its longest thread. rings : itself."""

    hanging: Hanging
    rings: Rings

    def is_bridge_within(self, longest_nm: int) -> bool:
        span_nm = self.hanging.span_nm
        return span_nm is not None and span_nm <= longest_nm


def unsupported(sections: Sequence[Rings], reach: Reach) -> list[Unsupported]:
    """What is not carried of every section but the first, bottom up, bridges too."""
    layers = [
        layer
        for layer in range(1, len(sections))
        if not sections[layer].is_empty and not same(sections[layer], sections[layer - 1])
    ]
    # What is not carried lies in what is new, which most layers have a rim of at most: that is
    # told from the rings that differ alone.
    new = gains([(sections[k - 1], sections[k]) for k in layers])
    cores = offset_each(new, [-(reach.worth_nm // 2)] * len(new))
    found: list[Unsupported] = []
    for layer, core in zip(layers, cores, strict=True):
        if core.is_empty:
            continue
        in_air, below = Area.of(sections[layer]), sections[layer - 1]
        if not below.is_empty:
            in_air = in_air - Area.of(below).offset(reach.carried_nm)
        found += unsupported_in(in_air, below, layer, reach)
    return found


def hanging_in(in_air: Area, below: Rings, layer: int, reach: Reach) -> list[Hanging]:
    """What hangs of the part of one layer that nothing carries. below : the section under it."""
    return hanging_of(unsupported_in(in_air, below, layer, reach), reach)


def unsupported_in(in_air: Area, below: Rings, layer: int, reach: Reach) -> list[Unsupported]:
    """The areas of `in_air` that are wide enough to be worth a word."""
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
        low, high = rings.xy_nm.min(axis=0).tolist(), rings.xy_nm.max(axis=0).tolist()
        hangs = Hanging(
            layer,
            (low[0], low[1]),
            (high[0], high[1]),
            area_mm2(rings),
            span is None,
            span.longest_nm if span is not None and is_held else None,
        )
        found.append(Unsupported(hangs, rings))
    # The library gives islands in an order of its own.
    return sorted(found, key=lambda area: (area.hanging.low_nm, area.hanging.high_nm))


def is_bridged(gap: Rings, below: Rings, pitch_nm: int, longest_nm: int) -> bool:
    """Is a gap spanned by threads held at both ends, none longer than `longest_nm`?"""
    span = None if below.is_empty else best_span(gap, below, pitch_nm)
    return span is not None and is_spanned(span) and span.longest_nm <= longest_nm


def is_spanned(span: Span) -> bool:
    """(Nearly) all threads over a gap are held at both ends."""
    return span.loose_nm <= _LOOSE_RATIO * span.whole_nm
