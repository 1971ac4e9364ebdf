"""M-04: Speeds

What it demands
    No move is faster along X, Y or E than the machine allows, none has the speed zero, and no
    bead is laid slower than 1 mm/s. A Z move that asks for more than the machine gives is a
    WARN: firmwares slow it down, and slicers leave that to them.

Why
    Too fast loses steps. A feed of zero is ignored by one firmware and hangs another. A
    crawling nozzle cooks the plastic and burns a hole where it stands.

How it is measured
    The feed of each move is split over its axes; a move of filament alone is measured along E.

Example
    F30 is half a millimetre a second.

Source
    printer profile, motion limits; Marlin M203
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import said

SLOWEST_UM_S = 1000.0
SLACK = 1.001
"""Feeds are rounded to whole mm/min or to three decimals of them."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    limits = np.array(evidence.demand.machine.max_feed_um_s, np.float64)
    # Axis by axis: of a large program the moves themselves are all that should be held.
    length = np.zeros(len(track.e_um))
    for axis in range(3):
        length += np.square(track.end_um[:, axis] - track.start_um[:, axis])
    np.sqrt(length, out=length)
    fed = np.abs(track.e_um)
    is_real = (length > 0) | (fed > 0)
    feed = np.where(is_real, track.feed_um_s, np.nan)
    base = np.where(length > 0, length, fed)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = feed / base
    # A tiny move's share is rounding: its coordinates are whole um.
    share[length + fed < 20.0] = np.nan
    is_clean, top = True, 0.0
    for axis, letter in enumerate("XYZE"):
        way = fed if axis == 3 else np.abs(track.end_um[:, axis] - track.start_um[:, axis])
        speed = way * share
        if axis < 2:
            top = max(top, float(np.fmax.reduce(speed, initial=0.0)))
        fast = np.flatnonzero(speed > limits[axis] * SLACK)
        if not len(fast):
            continue
        is_clean = False
        yield rule.says(
            Status.WARN if letter == "Z" else Status.FAIL,
            said("{letter} is asked for more speed than the machine has", letter=letter),
            measured=float(np.nanmax(speed)) / 1000,
            limit=float(limits[axis]) / 1000,
            unit="mm/s",
            where=at_lines(track.line[fast].tolist()),
        )
    stopped = np.flatnonzero(feed <= 0)
    slow = np.flatnonzero(evidence.is_laid & (feed > 0) & (feed < SLOWEST_UM_S))
    for rows, message in (
        (stopped, said("a move at speed zero")),
        (slow, said("beads laid at a crawl")),
    ):
        if len(rows):
            is_clean = False
            yield rule.says(
                Status.FAIL,
                message,
                measured=float(np.nanmin(feed[rows])) / 1000,
                limit=SLOWEST_UM_S / 1000,
                unit="mm/s",
                where=at_lines(track.line[rows].tolist()),
            )
    if is_clean:
        yield from rule.passes(
            said("every axis within its speed"),
            measured=top / 1000,
            limit=float(limits[:2].max()) / 1000,
            unit="mm/s",
        )


RULE = Rule("M-04", said("Speeds"), said("printer profile: motion limits"), check)
