"""Arcs (G2, G3): chords to lay beads along, and how far out the arc itself reaches."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.machine import Track

CHORD_ERROR_UM: Final = 2.0
"""A chord may lie this far inside its arc; half of it is put outside."""
_MOST_CHORDS: Final = 4096
RADIUS_ERROR_UM: Final = 20.0
"""Start and end may lie this differently far from the centre (numbers have 3 decimals)."""


def is_arc(track: Track) -> NDArray[np.bool_]:
    return np.isin(track.kind, (2, 3))


def sweep_rad(track: Track, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Signed angle of each arc, counter-clockwise positive; a full turn where start is end."""
    a = track.start_um[rows, :2] - track.centre_um[rows]
    b = track.end_um[rows, :2] - track.centre_um[rows]
    angle = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1))
    turn = 2 * np.pi
    same = (track.start_um[rows, :2] == track.end_um[rows, :2]).all(axis=1)
    ccw = np.where(angle <= 0, angle + turn, angle)
    cw = np.where(angle >= 0, angle - turn, angle)
    return np.where(track.kind[rows] == 3, np.where(same, turn, ccw), np.where(same, -turn, cw))


def radius_mismatch_um(track: Track, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Difference of the two radii of each arc: over `RADIUS_ERROR_UM` it is no arc."""
    a = np.hypot(*(track.start_um[rows, :2] - track.centre_um[rows]).T)
    b = np.hypot(*(track.end_um[rows, :2] - track.centre_um[rows]).T)
    mismatch: NDArray[np.float64] = np.abs(a - b)
    return mismatch


def extreme_points(track: Track) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(row (k,), point (k, 2) um): where arcs reach furthest along an axis, ends apart."""
    rows = np.flatnonzero(is_arc(track))
    arm = track.start_um[rows, :2] - track.centre_um[rows]
    radius = np.hypot(*arm.T)
    sweep = sweep_rad(track, rows)
    first = np.arctan2(arm[:, 1], arm[:, 0])
    found_rows, points = [], []
    for quarter in range(4):
        angle = quarter * np.pi / 2
        ahead = np.mod(np.sign(sweep) * (angle - first), 2 * np.pi)
        hit = ahead < np.abs(sweep)
        centre = track.centre_um[rows[hit]]
        direction = np.array([np.cos(angle), np.sin(angle)])
        found_rows.append(rows[hit])
        points.append(centre + radius[hit, None] * direction)
    return np.concatenate(found_rows), np.concatenate(points)


def with_chords(track: Track) -> tuple[Track, NDArray[np.int64]]:
    """(the track with arcs cut to chords, (m,) int64: the row each came from)."""
    rows = np.flatnonzero(is_arc(track))
    if not len(rows):
        return track, np.arange(len(track.line))
    arm = track.start_um[rows, :2] - track.centre_um[rows]
    radius = np.hypot(*arm.T)
    sweep = sweep_rad(track, rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = 2 * np.arccos(np.clip(1 - CHORD_ERROR_UM / np.maximum(radius, 1.0), -1, 1))
    chords = np.clip(np.ceil(np.abs(sweep) / np.maximum(step, 1e-6)), 1, _MOST_CHORDS)
    count = np.ones(len(track.line), np.int64)
    count[rows] = chords.astype(np.int64)
    source = np.repeat(np.arange(len(count)), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    part = np.arange(len(source)) - first[source]
    share_start = part / count[source]
    share_end = (part + 1) / count[source]
    start = track.start_um[source].copy()
    end = track.end_um[source].copy()
    place = np.full(len(count), -1)
    place[rows] = np.arange(len(rows))
    cut = np.flatnonzero(place[source] >= 0)
    k = place[source[cut]]
    begin = np.arctan2(arm[k, 1], arm[k, 0])
    # Chords of the arc moved out by half their sagitta lie as much outside as inside.
    out = radius[k] + CHORD_ERROR_UM / 2 * (chords[k] > 1)
    for target, share in ((start, share_start[cut]), (end, share_end[cut])):
        angle = begin + sweep[k] * share
        xy = track.centre_um[rows[k]] + out[:, None] * np.stack(
            [np.cos(angle), np.sin(angle)], axis=1
        )
        inner = (share > 0) & (share < 1)
        target[cut[inner], :2] = xy[inner]
        z0, z1 = track.start_um[source[cut], 2], track.end_um[source[cut], 2]
        target[cut, 2] = z0 + (z1 - z0) * share
    length = np.hypot(*(end - start)[:, :2].T)
    whole = np.zeros(len(count))
    np.add.at(whole, source, length)
    share = np.where(
        count[source] > 1, length / np.where(whole[source] > 0, whole[source], 1.0), 1.0
    )
    return (
        Track(
            seq=track.seq[source],
            line=track.line[source],
            kind=np.where(count[source] > 1, 1, track.kind[source]).astype(np.uint8),
            start_um=start,
            end_um=end,
            centre_um=np.full((len(source), 2), np.nan),
            e_um=track.e_um[source] * share,
            feed_um_s=track.feed_um_s[source],
            has_axis=track.has_axis[source],
            tool=track.tool[source],
        ),
        source,
    )
