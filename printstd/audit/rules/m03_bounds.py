"""M-03: Inside the machine

What it demands
    No move, arcs included, leaves the machine's travel; no bead of the part is laid outside the
    bed's printable area; no move passes low where the profile names a clip or another thing that
    stands there.

Why
    A move beyond the end of an axis loses steps, and with them the place of everything after
    it. Below the bed it ploughs the bed.

How it is measured
    Every end point, and every point where an arc turns back along an axis, is compared with the
    limits of the printer's profile. Below zero the nozzle may go only where the profile has an edge
    beside the bed to wipe it on, and comes down and up there.

Example
    A full circle from X240 around X245 reaches 250 although both its ends are at 240.

Source
    printer profile, volume
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.arcs import RADIUS_ERROR_UM, extreme_points, is_arc, radius_mismatch_um
from printstd.audit.machine import HOMING, MachineRun, Track
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import counted, said

ROUNDING_UM = 0.5


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track, whole = evidence.track, evidence.run.track
    box = np.array(evidence.demand.machine.travel_um, np.float64)
    bed = np.array(evidence.demand.machine.bed_um, np.float64)
    arc_rows, arc_points = extreme_points(whole)
    beyond = _beyond(whole.end_um, box[:3], box[3:])
    is_wiping, is_dragged = _wiping(whole.start_um, whole.end_um, evidence.demand.machine.wipe_um)
    # There, and there alone, Z may be lower; X and Y are bounded as everywhere.
    beyond[is_wiping] = _beyond(whole.end_um[is_wiping, :2], box[:2], box[3:5])
    beyond[is_dragged] = np.maximum(beyond[is_dragged], -whole.start_um[is_dragged, 2])
    out = np.flatnonzero(beyond > ROUNDING_UM)
    arc_beyond = np.maximum(
        (box[:2] - arc_points).max(axis=1, initial=-np.inf),
        (arc_points - box[3:5]).max(axis=1, initial=-np.inf),
    )
    arc_out = np.flatnonzero(arc_beyond > ROUNDING_UM)
    is_clean = True
    if len(out) or len(arc_out):
        is_clean = False
        worst = max(
            float(beyond[out].max(initial=0.0)), float(arc_beyond[arc_out].max(initial=0.0))
        )
        lines = sorted({*whole.line[out].tolist(), *whole.line[arc_rows[arc_out]].tolist()})
        yield rule.says(
            Status.FAIL,
            said(
                "{moves} beyond the machine's travel, by up to {worst:.3f} mm",
                moves=counted("{count} move", "{count} moves", count=len(lines)),
                worst=worst / 1000,
            ),
            measured=worst / 1000,
            limit=0,
            unit="mm",
            where=at_lines(lines),
        )
    begin, end = evidence.print_span
    laid = np.flatnonzero(evidence.is_laid & (track.seq >= begin) & (track.seq <= end))
    off = np.maximum(
        _beyond(track.start_um[laid, :2], bed[:2], bed[2:]),
        _beyond(track.end_um[laid, :2], bed[:2], bed[2:]),
    )
    outside = np.flatnonzero(off > ROUNDING_UM)
    if len(outside):
        is_clean = False
        worst_row = laid[outside[np.argmax(off[outside])]]
        x, y, z = (round(float(value) / 1000, 3) for value in track.end_um[worst_row])
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} of the part outside the printable area",
                beads=counted("{count} bead", "{count} beads", count=len(outside)),
            ),
            measured=float(off.max()) / 1000,
            limit=0,
            unit="mm",
            where=[Where(frame="bed", point_mm=(x, y, z), line=int(track.line[worst_row]))],
        )
    zones = evidence.demand.machine.keep_out_um
    is_told = _is_told(evidence.run) if zones else np.zeros(0, bool)
    for zone in zones:
        entered = np.flatnonzero(_entering(whole, arc_rows, arc_points, zone) & is_told)
        if len(entered):
            is_clean = False
            x0, y0, x1, y1, top = (value / 1000 for value in zone)
            yield rule.says(
                Status.FAIL,
                said(
                    "{moves} below {top:g} mm where the machine has something in the way, "
                    "X {x0:g} to {x1:g}, Y {y0:g} to {y1:g} mm",
                    moves=counted("{count} move", "{count} moves", count=len(entered)),
                    top=top,
                    x0=x0,
                    x1=x1,
                    y0=y0,
                    y1=y1,
                ),
                measured=len(entered),
                limit=0,
                unit="moves",
                where=at_lines(whole.line[entered].tolist()),
            )
    arcs = np.flatnonzero(is_arc(whole))
    bent = arcs[radius_mismatch_um(whole, arcs) > RADIUS_ERROR_UM]
    if len(bent):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("an arc whose start and end lie differently far from its centre"),
            measured=len(bent),
            limit=0,
            unit="arcs",
            where=at_lines(whole.line[bent].tolist()),
        )
    if is_clean:
        yield from rule.passes(said("every move stays inside the machine"))


def _is_told(run: MachineRun) -> NDArray[np.bool_]:
    """(n,) moves of which the program has said since it homed where they begin along X and Y: where
    homing leaves the head is the firmware's affair."""
    track = run.track
    told = np.ones(len(track.seq), bool)
    for axis, letter in enumerate("XY"):
        homed = np.array([e.seq for e in run.of(*HOMING) if letter in e.homes], np.int64)
        since = np.searchsorted(homed, track.seq)
        last_homed = np.append(homed, -1)[since - 1] if len(homed) else np.full(len(since), -1)
        last_homed = np.where(since == 0, -1, last_homed)
        named = np.where(track.has_axis[:, axis], track.seq, -1)
        before = np.maximum.accumulate(np.append(-1, named))[:-1]
        told &= before > last_homed
    return told


def _entering(
    track: Track,
    arc_rows: NDArray[np.int64],
    arc_points: NDArray[np.float64],
    zone_um: Sequence[int],
) -> NDArray[np.bool_]:
    """(n,) moves that pass through a box on the bed (x and y low, x and y high, top); along its
    sides and over its top one is outside. arc_rows, arc_points : where arcs turn back."""
    low = np.array([zone_um[0], zone_um[1], -np.inf])
    high = np.array([zone_um[2], zone_um[3], zone_um[4]], np.float64)
    low[:2] += ROUNDING_UM
    high -= ROUNDING_UM
    start, way = track.start_um, track.end_um - track.start_um
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - start) / way, (high - start) / way
    # Along an axis on which it does not move it is inside all the time or never.
    still = way == 0
    inside = (start > low) & (start < high)
    enter = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(first, second))
    leave = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(first, second))
    begin = np.maximum(enter.max(axis=1), 0.0)
    found = np.asarray(begin <= np.minimum(leave.min(axis=1), 1.0))
    rows = np.flatnonzero(is_arc(track))
    if len(rows):
        least = np.minimum(track.start_um, track.end_um)
        most = np.maximum(track.start_um, track.end_um)
        np.minimum.at(least[:, :2], arc_rows, arc_points)
        np.maximum.at(most[:, :2], arc_rows, arc_points)
        found[rows] = ((least[rows] < high) & (most[rows] > low)).all(axis=1)
    return found


def _wiping(
    start_um: NDArray[np.float64], end_um: NDArray[np.float64], wipe_um: Sequence[int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the machine may wipe its nozzle on an edge beside the bed: (n,) moves that end below
    zero there and came down there, and moves from there that are not up before they leave."""
    none = np.zeros(len(end_um), bool)
    if not wipe_um:
        return none, none
    low, high, floor = np.array(wipe_um[:2]), np.array(wipe_um[2:4]), wipe_um[4]

    def is_there(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(((xy >= low) & (xy <= high)).all(axis=1))

    z0, z1 = start_um[:, 2], end_um[:, 2]
    drop = np.where(z0 != z1, z0 - z1, 1.0)
    crossing = np.clip(z0 / drop, 0.0, 1.0)[:, None]
    passes = is_there(start_um[:, :2] + (end_um[:, :2] - start_um[:, :2]) * crossing)
    entered = is_there(end_um[:, :2]) & (z1 >= floor) & (z1 < 0)
    entered &= np.where(z0 >= 0, passes, is_there(start_um[:, :2]))
    left = (z0 < 0) & (z1 >= 0) & ~passes
    return entered, left


def _beyond(
    points: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) how far points (n, d) lie outside a box, along the axis where it is most."""
    off = np.full(len(points), -np.inf)
    for axis in range(points.shape[1]):
        column = points[:, axis]
        np.maximum(off, low[axis] - column, out=off)
        np.maximum(off, column - high[axis], out=off)
    return off


RULE = Rule("M-03", said("Inside the machine"), said("printer profile: volume"), check)
