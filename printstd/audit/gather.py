"""What the rules look at: the program read, the model placed, its beads laid and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand
from printstd.audit.arcs import with_chords
from printstd.audit.bead_models import BeadModel
from printstd.audit.beads import (
    Deposit,
    Heights,
    deposit,
    laid_heights,
    planned_heights,
    printed_heights,
    typical_width_um,
)
from printstd.audit.crossings import Travels, long_travels
from printstd.audit.found_floor import with_found_floor
from printstd.audit.hollow import Shells, is_solid
from printstd.audit.layer_job import LayerFigures, LayerJob
from printstd.audit.layer_work import figures_of
from printstd.audit.lexer import Lexed, lex
from printstd.audit.limits import limits_of_layers
from printstd.audit.machine import MachineRun, Track, run_machine
from printstd.audit.model import Solid
from printstd.audit.placing import Standing, model_um, search, turned, turned_sections
from printstd.audit.rule import Evidence
from printstd.audit.sections import JOIN_UM, OPEN_UM, Sections, n_wound_against
from printstd.audit.stairs import stairs_um
from printstd.audit.ties import settled
from printstd.audit.verbs import Meanings
from printstd.audit.zones import Zones, sections_around, zones_of
from printstd.ports import Executor, Progress
from printstd.words import said

_TURNS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))

_MS_PER_ITEM: Final = 0.006
"""What measuring takes for each bead and each vertex of a section, about."""


class Reading(NamedTuple):
    """A program as it was read. track : its moves with arcs cut to chords."""

    meanings: Meanings
    lexed: Lexed
    run: MachineRun
    track: Track


class Body(NamedTuple):
    """A model scaled and turned as declared, not yet moved over the bed.

    regions : of volumes inside which something else is demanded. used_um : vertices that a facet
    has. box_um : (2, 3). lift_um : by how much it is raised.
    top_um : its highest point then.
    """

    solid: Solid
    shells: Shells
    regions: tuple[Shells, ...]
    used_um: NDArray[np.float64]
    box_um: NDArray[np.float64]
    lift_um: float
    top_um: float


def read(gcode: bytes, demand: AuditDemand) -> Reading:
    """The program, whatever it is of."""
    meanings = Meanings(demand.commands, demand.dialect)
    lexed = lex(gcode, spelling=meanings.spelling)
    run = run_machine(lexed, demand)
    # What the words said is in the track; of a large program they are as much again.
    lexed = replace(lexed, moves=lexed.moves.without_words())
    track, _ = with_chords(run.track)
    return Reading(meanings, lexed, run, track)


def body_of(solid: Solid, demand: AuditDemand) -> Body:
    """The model that a demand for one part speaks of."""
    placed = model_um(solid.vertices, demand)
    gone = solid.cut
    cut_out = (model_um(gone.vertices, demand), gone.faces) if gone is not None else None
    shells = Shells(placed, solid.faces, cut_out, max(JOIN_UM, float(demand.heal_um)))
    used = placed[np.unique(solid.faces)]
    if cut_out is not None:
        used = _left_over(shells, used, demand)
    box = np.stack([used.min(axis=0), used.max(axis=0)])
    lowest = float(placed[np.unique(solid.faces), 2].min())
    lift = float(demand.layers.floor_um) - lowest
    if demand.placement is not None:
        lift = float(demand.placement.translation_um[2])
    regions = tuple(Shells(model_um(one.vertices, demand), one.faces) for one in solid.regions)
    return Body(solid, shells, regions, used, box, lift, float(box[1, 2]) + lift)


def _left_over(
    shells: Shells, used: NDArray[np.float64], demand: AuditDemand
) -> NDArray[np.float64]:
    """Points around what the negative volumes leave of a model: the model's own vertices, as far
    as something of it is left so far out; corners of its sections elsewhere. A size is then known
    to the height of a layer, and exact where a side is upright or was not cut; the top is exact."""
    low, high = float(used[:, 2].min()), float(used[:, 2].max())
    step = float(demand.layers.height_um)
    planes = np.arange(low + step / 4, high, step / 2)
    sections = shells.sections(planes)
    counts = np.diff(sections.ring_offsets[sections.layer_offsets])
    layers = reversed(np.flatnonzero(counts).tolist())
    last = next((layer for layer in layers if is_solid(sections, layer)), None)
    if last is None:
        return used
    top = shells.top_um(float(planes[last]), min(float(planes[last]) + step / 2, high))
    points = np.column_stack([sections.xy_um, np.repeat(planes, counts)])
    points = points[points[:, 2] <= planes[last]]
    near_low, near_high = points.min(axis=0) - step, points.max(axis=0) + step
    near_high[2] = top
    is_left = ((used >= near_low) & (used <= near_high)).all(axis=1)
    return np.concatenate([used[is_left], points, [[*points[-1, :2], top]]])


def gather(
    gcode: bytes,
    solid: Solid,
    demand: AuditDemand,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    bead_model: BeadModel = BeadModel.STADIUM,
) -> Evidence:
    """Everything that the rules look at, of a program of one part."""
    reading = read(gcode, demand)
    body = body_of(solid, demand)
    standing_on = with_found_floor(
        demand, reading.track, float(body.box_um[1, 2] - body.box_um[0, 2])
    )
    if standing_on is not demand:
        demand, body = standing_on, body_of(solid, standing_on)
    laid, heights = laid_in_layers(reading.track, demand, body.top_um, bead_model)
    sections = body.shells.sections(heights.middle_um - body.lift_um)
    standing: Standing | None
    if demand.placement is not None:
        standing = Standing(demand.placement.translation_um, 0, 1.0)
    else:
        may_exceed = demand.integrity.supports_allowed
        standing = search(sections, laid.planned, body.lift_um, may_exceed=may_exceed)
    job, figures = None, None
    if standing is not None and len(heights) and not unhealed(body, sections, demand):
        travels = long_travels(reading.track, laid.planned)
        job = job_of(demand, body, sections, standing, laid, heights, travels)
        (figures,) = measured_layers([job], executor, progress)
    return evidence_of(reading, demand, body, sections, standing, laid, heights, job, figures)


def laid_in_layers(
    track: Track, demand: AuditDemand, top_um: float, model: BeadModel = BeadModel.STADIUM
) -> tuple[Deposit, Heights]:
    """All beads, in the layers of a part so high. model : of a bead."""
    if is_left_open(demand):
        heights = laid_heights(track)
        return deposit(track, heights, demand, model), heights
    laid = deposit(track, planned_heights(demand, top_um), demand, model)
    heights = printed_heights(demand, top_um, laid)
    if len(heights) != len(planned_heights(demand, top_um)):
        laid = deposit(track, heights, demand, model)
    return laid, heights


def is_left_open(demand: AuditDemand) -> bool:
    """Layers may be of different heights, and nobody declared them: they are read from the program,
    and the rules find out whether they are right."""
    return demand.layers.is_varied and demand.layers.count is None


def unhealed(body: Body, sections: Sections, demand: AuditDemand) -> str:
    """Why a model that was to be healed has no sections to compare with; empty where it has."""
    if not demand.heal_um:
        return ""
    if float(sections.open_length_um.sum()) > OPEN_UM:
        return said(
            "the model is not closed, and gaps of more than {bound_mm:g} mm were closed by guess: "
            "there is no shape to compare with",
            bound_mm=demand.heal_um / 1000,
        )
    clashing = n_wound_against(body.solid.faces)
    if clashing:
        return said(
            "at {edges} edges the model's facets are wound against each other: which side of "
            "them is inside was guessed",
            edges=clashing,
        )
    return ""


def job_of(
    demand: AuditDemand,
    body: Body,
    sections: Sections,
    standing: Standing,
    laid: Deposit,
    heights: Heights,
    travels: Travels,
) -> LayerJob:
    """What is to be measured of a part where it was found. sections : not yet moved there."""
    planes = heights.middle_um - body.lift_um
    sections = settled(
        moved(sections, standing), _stood(body.shells, standing), planes, laid.planned
    )
    around = [
        (moved(below, standing), moved(above, standing))
        for below, above in (sections_around(region, planes) for region in body.regions)
    ]
    zones = zones_of(around, demand.regions, demand.integrity, heights)
    return _job(demand, laid, travels, sections, heights, standing, zones)


def moved(sections: Sections, standing: Standing) -> Sections:
    """Sections where the model was found."""
    return turned_sections(sections, standing.quarter_turns).moved(
        np.array(standing.translation_um[:2], np.float64)
    )


def evidence_of(
    reading: Reading,
    demand: AuditDemand,
    body: Body,
    sections: Sections,
    standing: Standing | None,
    laid: Deposit,
    heights: Heights,
    job: LayerJob | None,
    figures: tuple[LayerFigures, ...] | None,
    *,
    span: tuple[int, int] | None = None,
) -> Evidence:
    """What the rules are given about one part; `span` where the print is of others, too."""
    why = unhealed(body, sections, demand)
    return Evidence(
        demand=demand,
        meanings=reading.meanings,
        lexed=reading.lexed,
        run=reading.run,
        track=reading.track,
        heights=heights,
        deposit=laid,
        part_box_um=body.box_um,
        nominal_sizes_um=_nominal_sizes(body, demand),
        placed_um=body.used_um,
        standing=standing,
        geometry=job,
        figures=figures,
        stairs_um=stairs_um(*body.shells.all_facets(), heights, body.lift_um)
        if demand.layers.max_error_um
        else None,
        open_section_um=float(sections.open_length_um.sum()),
        no_geometry="" if figures is not None else why or said("no place was found for the model"),
        whole_span=span,
        unhealed=why,
        healed_um=sections.longest_join_um if demand.heal_um else 0.0,
    )


def _stood(shells: Shells, standing: Standing) -> Shells:
    """The facets where the model was found, their Z as it was."""
    gone = shells.cut
    return shells.moved(
        _standing_vertices(shells.vertices_um, standing),
        None if gone is None else _standing_vertices(gone[0], standing),
    )


def _standing_vertices(placed: NDArray[np.float64], standing: Standing) -> NDArray[np.float64]:
    """(v, 3) where the model was found, its Z as it was."""
    xy = turned(placed[:, :2], standing.quarter_turns) + standing.translation_um[:2]
    return np.column_stack([xy, placed[:, 2]])


def _nominal_sizes(body: Body, demand: AuditDemand) -> NDArray[np.float64]:
    solid = body.solid
    scale = demand.placement.scale_e6 if demand.placement else 1_000_000
    used = solid.vertices[np.unique(solid.faces)]
    size: NDArray[np.float64] = (used.max(axis=0) - used.min(axis=0)) * (
        demand.model_unit_nm / 1000 * scale / 1e6
    )
    if solid.cut is None:
        return size
    # Sizes of what is left, along the model's own axes, shrinkage taken back.
    place, shrink = demand.placement, demand.compensations
    own = np.eye(3) if place is None else np.array(place.rotation_e9).reshape(3, 3).T / 1e9
    left = body.used_um / (
        np.array([shrink.scale_xy_e6, shrink.scale_xy_e6, shrink.scale_z_e6]) / 1e6
    )
    along = [(left * axis).sum(axis=1) for axis in own]
    return np.minimum(size, [float(one.max() - one.min()) for one in along])


def _job(
    demand: AuditDemand,
    laid: Deposit,
    travels: Travels,
    sections: Sections,
    heights: Heights,
    standing: Standing,
    zones: Zones,
) -> LayerJob:
    return LayerJob(
        beads=laid.planned,
        ironed=laid.ironed,
        elsewhere=laid.elsewhere,
        travels=travels,
        sections=sections,
        heights=heights,
        compensations=demand.compensations,
        layers=demand.layers,
        limits=limits_of_layers(demand.integrity, heights),
        nozzle_um=float(demand.machine.nozzle_um),
        width_um=typical_width_um(laid.planned),
        height_um=float(demand.layers.height_um),
        axes=_axes(demand, standing),
        zones=zones,
    )


def _axes(demand: AuditDemand, standing: Standing) -> NDArray[np.float64]:
    """(3, 3) rows: the model's own axes as they lie in the bed frame."""
    if demand.placement is not None:
        return np.array(demand.placement.rotation_e9, np.float64).reshape(3, 3).T / 1e9
    c, s = _TURNS[standing.quarter_turns]
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], np.float64)


def measured_layers(
    jobs: Sequence[LayerJob], executor: Executor | None, progress: Progress | None
) -> list[tuple[LayerFigures, ...]]:
    """The figures of each job's layers: the layers of all are one row of work."""
    sizes = [len(job.heights) for job in jobs]
    if progress is not None:
        progress.stage(said("audit"), sum(sizes))
    if executor is None or executor.workers == 1:
        found = [figures_of(job, range(n)) for job, n in zip(jobs, sizes, strict=True)]
    else:
        work = [
            _MS_PER_ITEM
            * (
                np.diff(job.beads.layer_offsets)
                + np.diff(job.sections.ring_offsets[job.sections.layer_offsets])
            )
            for job in jobs
        ]
        ends = np.cumsum(sizes).tolist()
        tasks = [
            (number, range(max(chunk.start, start) - start, min(chunk.stop, end) - start))
            for chunk in executor.chunks(np.concatenate(work).tolist())
            for number, (start, end) in enumerate(pairwise([0, *ends]))
            if max(chunk.start, start) < min(chunk.stop, end)
        ]
        chunks = executor.map(_figures_of_task, tasks, shared=tuple(jobs))
        found = [[] for _ in jobs]
        for (number, _), figures in zip(tasks, chunks, strict=True):
            found[number] += figures
    if progress is not None:
        progress.advance(sum(sizes))
    return [tuple(figures) for figures in found]


def _figures_of_task(jobs: tuple[LayerJob, ...], task: tuple[int, range]) -> list[LayerFigures]:
    number, layers = task
    return figures_of(jobs[number], layers)
