"""G-02: Layers

What it demands
    Exactly the planned layers, each at its height, in rising order, each where the model has
    anything; nothing at other heights but what is purged before the part and, where allowed,
    supports. The plan reaches the top of the model to half a layer, or exactly where that was
    asked for. Layers of different heights are ones that the nozzle can lay, and where the error
    of the surface is bounded, none is higher than the bound lets it. Where the plan begins above
    the bed, a raft lies under all of the part's first layer, no further below it than a nozzle is
    wide.

Why
    A missing, moved or repeated layer changes the part's height and its strength, and shows in
    no other dimension.

How it is measured
    Where layers may be of different heights and no plan was declared, the heights at which beads
    lie are taken for the plan, and held to all of the above.
    Beads are grouped by the Z at which they are laid (to 2 um) and followed in time. Where a
    flat face lies exactly (to 1 um) in the middle of a layer, the layer may end with it or begin,
    and the beads say which; the same for the last layer where the part ends with its middle.

    The error of a layer is the greatest h/2 |n_z| over the model's facets that it meets: how far
    the corners of its upright wall are off the facet's plane. The first layer, layers of the
    least height and ranges with a height of their own are free of it.

Example
    One layer 0.1 mm too low is a bead crushed into the one below and a gap above.

Source
    layer plan of the demand; facts: a layer is printed where its middle lies inside the part
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, at_line
from printstd.words import counted, listed, said

TOP_UM = 2.0
HEIGHT_UM = 1.0
STAIRS_UM = 0.5
"""Heights and places are rounded to whole micrometres."""
NEGLIGIBLE_UM2 = 0.2e6
"""A section this small (0.45 mm across) may have no bead."""
RAFT_REACH_UM = 1000.0
"""What a line of a raft carries on each of its sides."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    is_clean = True
    for finding in (
        *_plan(rule, evidence),
        *_missing(rule, evidence),
        *_order(rule, evidence),
        *_elsewhere(rule, evidence),
        *_raft(rule, evidence),
    ):
        is_clean = False
        yield finding
    if is_clean and rule.is_left_open(evidence, "layers"):
        heights = evidence.heights.height_um
        yield from rule.only_measured(
            evidence,
            said(
                "{layers} layers, in order, of {least_mm:.3f} to {most_mm:.3f} mm",
                layers=len(heights),
                least_mm=float(heights.min(initial=np.inf)) / 1000,
                most_mm=float(heights.max(initial=0.0)) / 1000,
            ),
            measured=len(heights),
            unit=said("layers"),
        )
    elif is_clean:
        n = len(evidence.heights)
        yield from rule.passes(
            listed([said("all {layers} planned layers, in order", layers=n), *_stairs(evidence)]),
            measured=n,
            limit=n,
            unit="layers",
        )


def _plan(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    heights, plan = evidence.heights, evidence.demand.layers
    standing = evidence.standing
    if not len(heights):
        yield rule.says(Status.FAIL, said("there is no layer to print"))
        return
    if standing is None:
        return
    top = float(evidence.part_box_um[1, 2]) + standing.translation_um[2]
    off = float(heights.top_um[-1]) - top
    half = float(heights.height_um[-1]) / 2
    if plan.is_top_exact:
        half = 0.0
    if abs(off) > half + TOP_UM:
        yield rule.says(
            Status.FAIL,
            said("the plan ends {off_mm:.3f} mm above the model", off_mm=off / 1000)
            if off > 0
            else said("the plan ends {off_mm:.3f} mm below the model", off_mm=-off / 1000),
            measured=off / 1000,
            limit=half / 1000,
            unit="mm",
        )
    if plan.is_varied:
        yield from _heights(rule, evidence)
        return
    # Planned heights themselves: all alike but the first.
    odd = np.flatnonzero(np.abs(heights.height_um[1:] - plan.height_um) > 1.0)
    if len(odd):
        yield rule.says(Status.FAIL, said("the plan's layers are of different heights"))


def _heights(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    """Layers of different heights: each is one that the nozzle can lay, and near the surface."""
    plan, height, stairs = evidence.demand.layers, evidence.heights.height_um, evidence.stairs_um
    least, most = plan.window_um
    odd = np.flatnonzero((height < least - HEIGHT_UM) | (height > most + HEIGHT_UM))
    if len(odd):
        yield rule.says(
            Status.FAIL,
            said(
                "{layers} of a height that the nozzle cannot lay",
                layers=counted("{count} layer", "{count} layers", count=len(odd)),
            ),
            measured=float(height[odd[0]]) / 1000,
            limit=(least if height[odd[0]] < least else most) / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=int(layer)) for layer in odd[:5]],
        )
    if stairs is None:
        return
    far = np.flatnonzero(~_is_free(evidence) & (stairs > plan.max_error_um + STAIRS_UM))
    if len(far):
        worst = int(far[stairs[far].argmax()])
        yield rule.says(
            Status.FAIL,
            said(
                "the stairs of {layers} are further from the surface than asked",
                layers=counted("{count} layer", "{count} layers", count=len(far)),
            ),
            measured=float(stairs[worst]) / 1000,
            limit=plan.max_error_um / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=int(layer)) for layer in far[:5]],
        )


def _is_free(evidence: Evidence) -> NDArray[np.bool_]:
    """(l,) layers whose height has a right of its own, whatever their stairs: the first one, those
    of ranges, and the least that the nozzle lays."""
    plan, heights = evidence.demand.layers, evidence.heights
    free: NDArray[np.bool_] = np.arange(len(heights)) == 0
    for from_um, to_um in plan.given_um:
        free |= (heights.middle_um >= from_um) & (heights.middle_um < to_um)
    free |= heights.height_um <= plan.window_um[0] + HEIGHT_UM
    return free


def _stairs(evidence: Evidence) -> Iterable[str]:
    """How near to the surface the stairs are, where that is bounded."""
    if evidence.stairs_um is None or not len(evidence.stairs_um):
        return
    free, bound = _is_free(evidence), evidence.demand.layers.max_error_um
    worst = float(evidence.stairs_um[~free].max(initial=0.0))
    beyond = int((evidence.stairs_um[free] > bound + STAIRS_UM).sum())
    yield said(
        "stairs within {worst_um:.0f} of {bound_um} um of the surface",
        worst_um=worst,
        bound_um=bound,
    )
    if beyond:
        yield counted(
            "{count} layer of a given or the least height further",
            "{count} layers of a given or the least height further",
            count=beyond,
        )


def _missing(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    figures = evidence.figures
    beads = evidence.deposit.planned
    laid = np.diff(beads.layer_offsets)
    if figures is None:
        missing = np.flatnonzero(laid == 0)
    else:
        missing = np.array(
            [
                f.layer
                for f in figures
                if f.part_volume == 0.0
                and f.section_area > NEGLIGIBLE_UM2 + f.deviation.thin_area_um2
            ],
            np.int64,
        )
    if len(missing):
        yield rule.says(
            Status.FAIL,
            said(
                "{layers} missing, the first at {top_mm:.3f} mm",
                layers=counted("{count} layer", "{count} layers", count=len(missing)),
                top_mm=evidence.heights.top_um[missing[0]] / 1000,
            ),
            measured=len(missing),
            limit=0,
            unit="layers",
            where=[Where(frame="bed", layer=int(layer)) for layer in missing[:5]],
        )


def _order(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    visits = evidence.deposit.visits
    visits = visits[visits >= 0]
    highest = np.maximum.accumulate(visits) if len(visits) else visits
    back = np.flatnonzero(visits < highest)
    if len(back):
        layer = int(visits[back[0]])
        yield rule.says(
            Status.FAIL,
            said(
                "layer {layer} is printed after layer {highest}",
                layer=layer,
                highest=int(highest[back[0]]),
            ),
            measured=len(back),
            limit=0,
            unit="times",
            where=[Where(frame="bed", layer=layer)],
        )


def _elsewhere(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    beads = evidence.deposit.elsewhere
    if not len(beads.seq):
        return
    begin, _ = evidence.print_span
    wrong = beads.seq > begin
    if evidence.geometry is not None:
        # Purged beside the part at a layer's height; what lies in the part is none.
        at_layer = np.abs(beads.z_um[:, None] - evidence.heights.top_um).min(axis=1) <= TOP_UM
        wrong |= at_layer & ~_outside_part(evidence)
    if evidence.demand.integrity.supports_allowed and evidence.geometry is not None:
        wrong &= ~_outside_part(evidence)
    rows = np.flatnonzero(wrong)
    if len(rows):
        z = float(beads.z_um[rows[0]])
        nearest = float(evidence.heights.top_um[np.abs(evidence.heights.top_um - z).argmin()])
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} at a height that no layer has, the first at {z:.3f} mm",
                beads=counted("{count} bead", "{count} beads", count=len(rows)),
                z=z / 1000,
            ),
            measured=z / 1000,
            limit=nearest / 1000,
            unit="mm",
            where=[at_line(beads.line[rows[0]])],
        )


def _outside_part(evidence: Evidence) -> NDArray[np.bool_]:
    """Which beads between planned heights lie outside the section around them."""
    from printstd.audit.regions import polygon_of, within

    beads, job = evidence.deposit.elsewhere, evidence.geometry
    outside = np.zeros(len(beads.seq), bool)
    if job is None:
        return outside
    layer = np.clip(np.searchsorted(evidence.heights.top_um, beads.z_um), 0, len(job.heights) - 1)
    for k in np.flatnonzero(np.bincount(layer)).tolist():
        rows = np.flatnonzero(layer == k)
        outside[rows] = ~within(polygon_of(job.sections.rings_of(k)), beads.middle_um[rows])
    # A raft's beads lie under the part.
    outside[beads.z_um <= evidence.demand.layers.floor_um + 1.0] = True
    return outside


def _raft(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    """A part that does not begin on the bed stands on a raft."""
    floor, job = float(evidence.demand.layers.floor_um), evidence.geometry
    if floor <= 0 or job is None:
        return
    from printstd.audit.regions import cover_of_beads, polygon_of

    below = evidence.below
    tops = np.array([float(below.z_um[rows[0]]) for rows in evidence.raft])
    thickest = float(evidence.demand.machine.nozzle_um)
    free = np.diff(np.concatenate([[0.0], tops, [floor]]))
    if not len(tops) or free.max() > thickest:
        yield rule.says(
            Status.FAIL,
            said(
                "the part begins {floor:.3f} mm above the bed, and no raft fills that",
                floor=floor / 1000,
            ),
            measured=float(free.max()) / 1000,
            limit=thickest / 1000,
            unit="mm",
        )
        return
    rows = evidence.raft[-1]
    reach = np.full(len(rows), 2 * RAFT_REACH_UM)
    cover = cover_of_beads(below.start_um[rows], below.end_um[rows], reach, below.chain[rows])
    bare = float(cover.bare(polygon_of(job.sections.rings_of(0))).area)
    if bare > NEGLIGIBLE_UM2:
        yield rule.says(
            Status.FAIL,
            said(
                "{bare:.1f} mm2 of the part's first layer lie over no raft", bare=bare / 1000000.0
            ),
            measured=bare / 1e6,
            limit=NEGLIGIBLE_UM2 / 1e6,
            unit="mm2",
        )


RULE = Rule("G-02", said("Layers"), said("layer plan of the demand"), check)
