"""Which printer may print what: typed requirements against offers, with one reason for each no.

A certified program serves every machine that equals the one it was certified for: profile, nozzle,
filament and calibrated flow within a window. The reasons are asked in a fixed order, from what
never changes to what may be over in a minute, so a reason that is told is the one to act on first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from printstd.artifacts.farm import Calibration, FarmPrinter, Spool
from printstd.artifacts.job import Feed, Requirements
from printstd.farm.calibrated import uncalibrated
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Offer:
    """A printer as it is now. spools : by tool, with what of each is free (mg). state : as its host
    last told, ``silent`` where it did not. busy_with : number of the instance on it, 0: none.
    calibrations : all that are kept of it. asked : kinds of them that the farm wants for every
    print."""

    printer: FarmPrinter
    spools: Mapping[int, tuple[Spool, int]] = field(default_factory=dict)
    state: str = "idle"
    busy_with: int = 0
    carrier: str = "gcode"
    calibrations: tuple[Calibration, ...] = ()
    asked: tuple[str, ...] = ()


def unfit(needs: Requirements, offer: Offer, now_utc_s: int) -> str:
    """Why this machine, as it is equipped, cannot print it; empty where it can."""
    own = offer.printer
    if own.is_retired:
        return said("it is retired")
    if needs.names and own.name not in needs.names:
        return said("the job asks for {names}", names=", ".join(needs.names))
    if own.profile != needs.printer:
        return said(
            "it is a {profile}, the program is certified for {printer}",
            profile=own.profile,
            printer=needs.printer,
        )
    if own.nozzle.diameter_um != needs.nozzle_um:
        return said(
            "its nozzle is {own_mm:g} mm, the program is certified for {nozzle_mm:g} mm",
            own_mm=own.nozzle.diameter_um / 1e3,
            nozzle_mm=needs.nozzle_um / 1e3,
        )
    if needs.group and own.group != needs.group:
        return said("it is not in group {group}", group=needs.group)
    missing = [tag for tag in needs.tags if tag not in own.tags]
    if missing:
        return said("it does not offer {tags}", tags=", ".join(missing))
    if needs.needs_capability:
        if own.capability_until_utc_s is None:
            return said("it has no record of capability")
        if own.capability_until_utc_s < now_utc_s:
            return said("its record of capability has expired")
    return _filament(needs, offer) or _calibrated(needs, offer, now_utc_s)


def _filament(needs: Requirements, offer: Offer) -> str:
    for tool, material in needs.materials:
        if tool not in offer.spools:
            return said("no spool is loaded at tool {tool}", tool=tool)
        spool, _ = offer.spools[tool]
        if spool.material != material:
            return said(
                "{spool} with {loaded} is loaded at tool {tool}, the program wants {material}",
                spool=spool.id,
                loaded=spool.material,
                tool=tool,
                material=material,
            )
    return ""


def _calibrated(needs: Requirements, offer: Offer, now_utc_s: int) -> str:
    spools = {tool: spool for tool, (spool, _) in offer.spools.items()}
    return uncalibrated(needs, offer.printer, spools, offer.calibrations, offer.asked, now_utc_s)


def short_of(feeds: Sequence[Feed], offer: Offer) -> str:
    """Why the filament on it does not last; empty where it does, or nobody knows."""
    for feed in feeds:
        if feed.mg is None or feed.tool not in offer.spools:
            continue
        spool, free = offer.spools[feed.tool]
        if free < feed.mg:
            return said(
                "{spool} has {free_g:.1f} g to spare, the program wants {mg_g:.1f} g",
                spool=spool.id,
                free_g=max(0, free) / 1e3,
                mg_g=feed.mg / 1e3,
            )
    return ""


def unready(offer: Offer) -> str:
    """Why this machine can begin nothing just now, whatever it is; empty where it can."""
    own = offer.printer
    if own.is_paused:
        return said("it is paused (`printstd farm resume {name}`)", name=own.name)
    if offer.busy_with:
        return said("it is at work on {instance}", instance=offer.busy_with)
    if own.needs_clear:
        return said("its bed is not confirmed clear (`printstd farm ready {name}`)", name=own.name)
    if offer.state == "silent":
        return said("its host does not answer")
    # A host may go on saying that its last print failed until the next one begins.
    if offer.state not in ("idle", "error"):
        return said("its host says {state}", state=offer.state)
    return ""


def why_not(needs: Requirements, feeds: Sequence[Feed], offer: Offer, now_utc_s: int) -> str:
    """The first reason why this printer does not print it now; empty where it could."""
    return unfit(needs, offer, now_utc_s) or short_of(feeds, offer) or unready(offer)
