"""Filament: what is free on a spool, what an instance will take, what it took."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from printstd.artifacts.farm import FarmPrinter, Reservation, Spool
from printstd.artifacts.job import Feed


def free_mg(spool: Spool, promised_mg: int) -> int:
    """What nothing else will take; less than nothing where more was promised than is there."""
    return spool.left_mg - promised_mg


def reservations(
    instance: int, printer: FarmPrinter, feeds: Sequence[Feed]
) -> tuple[Reservation, ...]:
    """What an instance takes from the spools on a printer. A feed of unknown mass takes nothing:
    nobody promised how much it is."""
    spool_of = {loaded.tool: loaded.spool for loaded in printer.loaded}
    return tuple(
        Reservation(instance, feed.tool, spool_of[feed.tool], feed.mg or 0)
        for feed in feeds
        if feed.tool in spool_of
    )


def consumed(
    reserved: Sequence[Reservation], spools: Mapping[str, Spool], ratio: float = 1.0
) -> dict[str, int]:
    """Spool -> what is left on it after this share of what was reserved was used. Rounded against
    us: a spool never holds more than it says. Below nothing it does not go."""
    left: dict[str, int] = {}
    for one in reserved:
        if one.spool in spools:
            had = left.get(one.spool, spools[one.spool].left_mg)
            left[one.spool] = max(0, had - math.ceil(one.mg * min(max(ratio, 0.0), 1.0)))
    return left
