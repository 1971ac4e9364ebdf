"""A plate of several parts: each bead is one part's, and each part is judged by its own beads.

Which part a bead is held against decides nothing about its fate: beads where a part has none are
stray whichever part is asked, and an outline is reached by beads that lie there or by none. So
beads go to the part that is nearest, and every one of them to exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand, PartDemand
from printstd.audit.beads import TIE_UM, Beads, Deposit, Heights, planned_heights
from printstd.audit.crossings import Travels, long_travels
from printstd.audit.gather import (
    Body,
    Reading,
    body_of,
    evidence_of,
    is_left_open,
    job_of,
    laid_in_layers,
    measured_layers,
    moved,
    read,
    unhealed,
)
from printstd.audit.layer_job import LayerFigures, LayerJob
from printstd.audit.model import Solid
from printstd.audit.outline import Outline, OutlineStack
from printstd.audit.places import found_places
from printstd.audit.placing import Standing, turned
from printstd.audit.regions import polygon_of
from printstd.audit.rule import Evidence, Stretch
from printstd.audit.sections import Sections
from printstd.audit.tower import tower_of, without
from printstd.ports import Executor, Progress
from printstd.words import said


def gather_plate(
    gcode: bytes,
    solids: Sequence[Solid],
    demand: AuditDemand,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[Evidence, list[Evidence]]:
    """What the rules about the program look at, and what those about each part do.

    solids : of `demand.parts`, one each.
    """
    reading = read(gcode, demand)
    demands = [demand_of_part(demand, part) for part in demand.parts]
    bodies = [body_of(solid, own) for solid, own in zip(solids, demands, strict=True)]
    tallest = max(body.top_um for body in bodies)
    laid, heights = laid_in_layers(reading.track, demand, tallest)
    tower = tower_of(demand, reading.run, laid.planned)
    beside = without(laid, tower)
    planned = [_planned(own, body, heights) for own, body in zip(demands, bodies, strict=True)]
    sections = [
        body.shells.sections(own.middle_um - body.lift_um)
        for body, own in zip(bodies, planned, strict=True)
    ]
    stands = _stands(demands, bodies, sections, beside.planned)
    shares = _shares(bodies, sections, stands, beside)
    jobs: list[LayerJob | None] = []
    deposits: list[Deposit] = []
    for number, own in enumerate(demands):
        planned[number], is_longer = _printed(own, bodies[number], planned[number], shares[number])
        if is_longer:
            planes = planned[number].middle_um - bodies[number].lift_um
            sections[number] = bodies[number].shells.sections(planes)
        visits = laid.visits if demand.clearance is None else _visits(shares[number].planned)
        deposits.append(_cut_off(shares[number], len(planned[number]), visits))
        jobs.append(
            _job(
                reading,
                own,
                bodies[number],
                sections[number],
                stands[number],
                deposits[-1],
                planned[number],
            )
        )
    jobs = _beside_each_other(jobs)
    known = [job for job in jobs if job is not None]
    found = iter(measured_layers(known, executor, progress) if known else [])
    figures = [next(found) if job is not None else None for job in jobs]
    parts = [
        evidence_of(
            reading,
            own,
            bodies[n],
            sections[n],
            stands[n],
            deposits[n],
            planned[n],
            jobs[n],
            figures[n],
        )
        for n, own in enumerate(demands)
    ]
    spans = [part.print_span for part in parts]
    span = min(first for first, _ in spans), max(last for _, last in spans)
    stretches = _stretches(demand, parts) if demand.clearance is not None else ()
    below = laid.elsewhere
    parts = [replace(part, whole_span=span, plate_below=below) for part in parts]
    whole = _whole(reading, demand, parts, laid, heights, span, stretches)
    return replace(whole, tower=tower, outlines_um=_outlines(bodies, stands)), parts


def demand_of_part(demand: AuditDemand, part: PartDemand) -> AuditDemand:
    """What one part of a plate must satisfy."""
    layers = demand.layers
    if layers.count is not None or part.layer_count is not None:
        count = part.layer_count
        layers = replace(
            layers, count=count, top_um=layers.top_um[: count or 0] if layers.top_um else ()
        )
    for tool in demand.tools:
        if tool.number == part.tool:
            demand = replace(
                demand,
                material=tool.material,
                machine=replace(demand.machine, filament_um=tool.filament_um),
                compensations=replace(
                    demand.compensations,
                    scale_xy_e6=tool.scale_xy_e6,
                    scale_z_e6=tool.scale_z_e6,
                ),
                tools=(tool,),
            )
    return replace(
        demand,
        placement=part.placement,
        model_unit_nm=part.model_unit_nm,
        model_plate=part.model_plate,
        layers=layers,
        integrity=part.integrity or demand.integrity,
        compensations=part.compensations or demand.compensations,
        regions=part.regions,
        drawing=part.drawing,
        parts=(),
    )


# -------------------------------------------------------------------------------- whose is it


def _stands(
    demands: Sequence[AuditDemand],
    bodies: Sequence[Body],
    sections: Sequence[Sections],
    beads: Beads,
) -> list[Standing | None]:
    """As declared; where nobody declared, as the beads say."""
    declared = [
        Standing(own.placement.translation_um, 0, 1.0) if own.placement is not None else None
        for own in demands
    ]
    if all(stand is not None for stand in declared):
        return declared
    found = found_places(sections, [body.lift_um for body in bodies], beads)
    return [stand or place for stand, place in zip(declared, found, strict=True)]


def _shares(
    bodies: Sequence[Body],
    sections: Sequence[Sections],
    stands: Sequence[Standing | None],
    laid: Deposit,
) -> list[Deposit]:
    """The beads of each part, in the layers of the plate."""
    outlines = _outlines(bodies, stands)
    stood = [
        moved(own, stand) if stand is not None else None
        for own, stand in zip(sections, stands, strict=True)
    ]

    def shared(beads: Beads) -> list[Beads]:
        n = len(beads.layer_offsets) - 1
        layer = np.repeat(np.arange(n), np.diff(beads.layer_offsets))
        owner = nearest_parts(beads.middle_um, layer, outlines, stood)
        found = []
        for number in range(len(bodies)):
            rows = np.flatnonzero(owner == number)
            borders = np.searchsorted(layer[rows], np.arange(n + 1)).astype(np.int64)
            found.append(replace(beads.chosen(rows), layer_offsets=borders))
        return found

    other = laid.elsewhere
    nowhere = np.full(len(other.seq), -1, np.int64)
    owner = nearest_parts(other.middle_um, nowhere, outlines, stood)
    rest = [other.chosen(np.flatnonzero(owner == number)) for number in range(len(bodies))]
    return [
        replace(laid, planned=planned, ironed=ironed, elsewhere=elsewhere)
        for planned, ironed, elsewhere in zip(
            shared(laid.planned), shared(laid.ironed), rest, strict=True
        )
    ]


def _outlines(
    bodies: Sequence[Body], stands: Sequence[Standing | None]
) -> list[NDArray[np.float64] | None]:
    """(v, 2) of each part's vertices on the bed."""
    return [
        turned(body.used_um[:, :2], stand.quarter_turns) + stand.translation_um[:2]
        if stand is not None
        else None
        for body, stand in zip(bodies, stands, strict=True)
    ]


def nearest_parts(
    points_um: NDArray[np.float64],
    layer: NDArray[np.int64],
    outlines: Sequence[NDArray[np.float64] | None],
    sections: Sequence[Sections | None],
) -> NDArray[np.int64]:
    """(n,) the part that each point belongs to: by the parts' boxes, where those leave it open by
    their convex outlines, and where parts lie within one another by their sections of the point's
    layer. A part that stands nowhere has no points, unless all do.

    layer : (n,) of each point, -1 none. outlines : (v, 2) of each part's vertices on the bed.
    """
    import shapely

    standing = [number for number, outline in enumerate(outlines) if outline is not None]
    if not standing:
        return np.zeros(len(points_um), np.int64)
    known = [outline for outline in outlines if outline is not None]
    far = np.stack([_to_box(points_um, outline) for outline in known])
    choice = far.argmin(axis=0)
    open_ = np.flatnonzero((far <= far.min(axis=0)).sum(axis=0) > 1)
    if len(open_):
        places = shapely.points(points_um[open_])
        hulls = [shapely.convex_hull(shapely.multipoints(outline)) for outline in known]
        far = np.stack([shapely.distance(places, hull) for hull in hulls])
        choice[open_] = far.argmin(axis=0)
        is_open = (far <= far.min(axis=0)).sum(axis=0) > 1
        open_ = open_[is_open & (layer[open_] >= 0)]
    for number in np.unique(layer[open_]).tolist():
        rows = open_[layer[open_] == number]
        places = shapely.points(points_um[rows])
        far = np.full((len(standing), len(rows)), np.inf)
        for k, part in enumerate(standing):
            own = sections[part]
            if own is not None and number < len(own.layer_offsets) - 1:
                region = polygon_of(own.rings_of(number))
                if not region.is_empty:
                    far[k] = shapely.distance(places, region)
        choice[rows] = far.argmin(axis=0)
    return np.asarray(np.array(standing, np.int64)[choice])


def _to_box(points: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) distance of points from the box of an outline."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    off = np.maximum(np.maximum(low - points, points - high), 0.0)
    return np.asarray(np.hypot(off[:, 0], off[:, 1]))


# ---------------------------------------------------------------------------------- one part


def _planned(demand: AuditDemand, body: Body, plate: Heights) -> Heights:
    """The part's layers. plate : those of the whole, of which it has the lowest where nobody
    declared any."""
    if not is_left_open(demand):
        return planned_heights(demand, body.top_um)
    n = int(np.searchsorted(plate.middle_um, body.top_um + TIE_UM))
    return Heights(plate.top_um[:n], plate.height_um[:n])


def _printed(
    demand: AuditDemand, body: Body, heights: Heights, share: Deposit
) -> tuple[Heights, bool]:
    """The part's layers; one more than planned where it ends with that one's middle and it was
    printed. Whether there is one more."""
    if is_left_open(demand):
        return heights, False
    one_more = planned_heights(demand, body.top_um, TIE_UM)
    if len(one_more) == len(heights) or len(one_more) > len(share.planned.layer_offsets) - 1:
        return heights, False
    is_printed = bool(np.diff(share.planned.layer_offsets)[len(heights)])
    return (one_more, True) if is_printed else (heights, False)


def _cut_off(share: Deposit, n_layers: int, visits: NDArray[np.int64]) -> Deposit:
    """A part's beads in its own layers; what lies above them lies elsewhere."""
    planned, above = _divided(share.planned, n_layers)
    ironed, ironed_above = _divided(share.ironed, n_layers)
    rest = _together(above, ironed_above, share.elsewhere)
    return replace(share, planned=planned, ironed=ironed, elsewhere=rest, visits=visits)


def _divided(beads: Beads, n_layers: int) -> tuple[Beads, Beads]:
    """Those of the lowest layers, as many as asked for, and those above them."""
    borders = beads.layer_offsets[: n_layers + 1]
    end = int(borders[-1])
    padded = np.append(borders, np.full(n_layers + 1 - len(borders), end))
    own = replace(beads.chosen(np.arange(end)), layer_offsets=padded)
    return own, beads.chosen(np.arange(end, len(beads.seq)))


def _together(*every: Beads) -> Beads:
    """Beads of no layer, in time."""
    columns = {
        name: np.concatenate([beads.columns[name] for beads in every]) for name in every[0].columns
    }
    order = np.argsort(columns["seq"], kind="stable")
    return Beads(
        **{name: column[order] for name, column in columns.items()},
        layer_offsets=np.array([0, len(order)], np.int64),
    )


def _visits(beads: Beads) -> NDArray[np.int64]:
    """The layers of one part's beads in time, each as often as it is come back to."""
    layer = np.repeat(np.arange(len(beads.layer_offsets) - 1), np.diff(beads.layer_offsets))
    in_time = layer[np.argsort(beads.seq, kind="stable")]
    is_step = np.ones(len(in_time), bool)
    is_step[1:] = in_time[1:] != in_time[:-1]
    return np.asarray(in_time[is_step], np.int64)


def _job(
    reading: Reading,
    demand: AuditDemand,
    body: Body,
    sections: Sections,
    standing: Standing | None,
    laid: Deposit,
    heights: Heights,
) -> LayerJob | None:
    if standing is None or not len(heights) or unhealed(body, sections, demand):
        return None
    if demand.clearance is not None:
        travels = _own_travels(reading, laid.planned)
    else:
        # They are the plate's: see `_crossing`.
        travels = Travels(
            np.empty((0, 2)),
            np.empty((0, 2)),
            np.empty(0, np.int64),
            np.zeros(len(heights) + 1, np.int64),
        )
    return job_of(demand, body, sections, standing, laid, heights, travels)


def _beside_each_other(jobs: Sequence[LayerJob | None]) -> list[LayerJob | None]:
    """Where supports may lie beside a part they must lie beside all others, too."""
    found: list[LayerJob | None] = []
    for job in jobs:
        if job is not None and any(limits.supports_allowed for limits in job.limits):
            others = [other.sections for other in jobs if other is not None and other is not job]
            job = replace(job, others=tuple(others))
        found.append(job)
    return found


def _own_travels(reading: Reading, beads: Beads) -> Travels:
    """The long travels from a part's first bead to its last."""
    found = long_travels(reading.track, beads)
    if not len(beads.seq):
        return found
    seq = reading.track.seq[found.row]
    kept = np.flatnonzero((seq > beads.seq.min()) & (seq < beads.seq.max()))
    return Travels(
        found.start_um[kept],
        found.end_um[kept],
        found.row[kept],
        np.searchsorted(kept, found.layer_offsets).astype(np.int64),
    )


def _stretches(demand: AuditDemand, parts: Sequence[Evidence]) -> tuple[Stretch, ...]:
    """The parts that were laid at all, in time."""
    found = []
    for part, evidence in zip(demand.parts, parts, strict=True):
        beads = evidence.deposit.planned
        is_own = [np.zeros(0, bool), *(f.sorted.is_part for f in evidence.figures or ())]
        own = beads.chosen(np.flatnonzero(np.concatenate(is_own)))
        if len(own.seq):
            first, last = int(own.seq.min()), int(own.seq.max())
            found.append(Stretch(part.label, first, last, own, float(own.z_um.max())))
    return tuple(sorted(found, key=lambda one: one.first))


# ------------------------------------------------------------------------------ the whole plate


def _whole(
    reading: Reading,
    demand: AuditDemand,
    parts: Sequence[Evidence],
    laid: Deposit,
    heights: Heights,
    span: tuple[int, int],
    stretches: tuple[Stretch, ...],
) -> Evidence:
    """What the rules about the program look at. Without every part there is no geometry."""
    has_all = all(part.figures is not None for part in parts)
    figures = tuple(f for part in parts for f in part.figures or ()) if has_all else None
    first = parts[0]
    return replace(
        first,
        demand=demand,
        heights=heights,
        deposit=laid,
        figures=figures,
        geometry=None,
        no_geometry="" if has_all else _why(parts),
        whole_span=span,
        plate_crossing=_crossing(reading, parts, laid.planned, figures),
        feet=tuple(part.geometry for part in parts if part.geometry is not None),
        stretches=stretches,
    )


def _why(parts: Sequence[Evidence]) -> str:
    """Why there is a part without geometry."""
    without = [part for part in parts if part.figures is None]
    return next((part.unhealed for part in without if part.unhealed), "") or (
        said("no place was found for a part")
    )


def _crossing(
    reading: Reading,
    parts: Sequence[Evidence],
    beads: Beads,
    figures: tuple[LayerFigures, ...] | None,
) -> NDArray[np.int64]:
    """(k,) long travels from any part to any part across the open, rows of the track; of parts
    printed one after the other those within each."""
    if parts[0].demand.clearance is not None:
        return np.concatenate([np.empty(0, np.int64), *(f.crossing for f in figures or ())])
    travels = long_travels(reading.track, beads)
    jobs = [part.geometry for part in parts if part.geometry is not None]
    if not jobs:
        return np.empty(0, np.int64)
    n = len(beads.layer_offsets) - 1
    kinds = dict.fromkeys(job.compensations for job in jobs)
    stacks = [
        OutlineStack(_united([j.sections for j in jobs if j.compensations == kind], n), kind, n)
        for kind in kinds
    ]
    asked = np.flatnonzero(np.diff(travels.layer_offsets)).tolist()
    found = [
        row
        for layer in asked
        for row in travels.crossing(range(layer, layer + 1), [_printed_outline(stacks, layer)])
    ]
    return np.sort(np.concatenate([np.empty(0, np.int64), *found]))


def _printed_outline(stacks: Sequence[OutlineStack], layer: int) -> Outline:
    """What all parts print of a layer. stacks : one for each kind of compensation."""
    import shapely

    outlines = [stack.coarse(layer) for stack in stacks]
    if len(outlines) == 1:
        return outlines[0]
    return Outline(shapely.union_all([outline.region for outline in outlines]))


def _united(parts: Sequence[Sections], n_layers: int) -> Sections:
    """The rings of all parts, layer by layer."""
    rings: list[NDArray[np.float64]] = []
    counts = []
    for layer in range(n_layers):
        own = [
            ring
            for part in parts
            if layer < len(part.layer_offsets) - 1
            for ring in part.rings_of(layer)
        ]
        rings += own
        counts.append(len(own))
    sizes = [len(ring) for ring in rings]
    return Sections(
        np.concatenate(rings) if rings else np.empty((0, 2)),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.zeros(n_layers),
    )
