"""The audit of one program: read it, follow it, lay its beads, compare them with the model."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import Audit, Measured, Motion
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Finding
from printstd.audit.arcs import with_chords
from printstd.audit.beads import (
    Beads,
    Heights,
    deposit,
    laid_heights,
    planned_heights,
    printed_heights,
    typical_width_um,
)
from printstd.audit.crossings import Travels, long_travels
from printstd.audit.layer_work import LayerFigures, LayerJob, figures_of
from printstd.audit.lexer import lex
from printstd.audit.limits import limits_of_layers
from printstd.audit.machine import run_machine
from printstd.audit.model import Solid, read_solid
from printstd.audit.motion import motion_of
from printstd.audit.placing import Standing, model_um, search, turned, turned_sections
from printstd.audit.registry import RULES
from printstd.audit.rule import Evidence
from printstd.audit.sections import JOIN_UM, OPEN_UM, Sections, cut, n_wound_against
from printstd.audit.stairs import stairs_um
from printstd.audit.ties import settled
from printstd.audit.verbs import Meanings
from printstd.ports import Executor, Progress

_TURNS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))

_MS_PER_ITEM: Final = 0.006
"""What measuring takes for each bead and each vertex of a section, about."""


def audit_program(
    gcode: bytes,
    model: bytes,
    demand: AuditDemand,
    *,
    model_name: str = "",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Judge the bytes of a program against the bytes of a model under one demand.

    The same answer for the same three, whoever made the program and however many workers help.
    Raises InputError where the model cannot be read; whatever is wrong with the program is a
    finding.
    """
    solid = read_solid(model, plate=demand.model_plate)
    evidence = gather(gcode, solid, demand, executor=executor, progress=progress)
    findings: list[Finding] = []
    for rule in RULES.values():
        findings += rule.findings(evidence)
    return Audit(
        program_sha256=hashlib.sha256(gcode).hexdigest(),
        model_sha256=hashlib.sha256(model).hexdigest(),
        findings=tuple(findings),
        rules_run=tuple(RULES),
        measured=_measured(evidence),
        per_layer=_per_layer(evidence),
    )


def read_motion(gcode: bytes, demand: AuditDemand) -> Motion:
    """Every move of a program as the auditor reads it, arcs cut to chords."""
    lexed = lex(gcode, free_text=Meanings(demand.commands).free_text)
    track, _ = with_chords(run_machine(lexed, demand).track)
    return motion_of(track, gcode)


def gather(
    gcode: bytes,
    solid: Solid,
    demand: AuditDemand,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Everything that the rules look at."""
    meanings = Meanings(demand.commands)
    lexed = lex(gcode, free_text=meanings.free_text)
    run = run_machine(lexed, demand)
    track, _ = with_chords(run.track)
    placed = model_um(solid, demand)
    used = placed[np.unique(solid.faces)]
    box = np.stack([used.min(axis=0), used.max(axis=0)])
    lift = float(demand.placement.translation_um[2]) if demand.placement else float(-box[0, 2])
    top = float(box[1, 2]) + lift
    if demand.layers.is_varied and demand.layers.count is None:
        heights = laid_heights(track)
        laid = deposit(track, heights, demand)
    else:
        laid = deposit(track, planned_heights(demand, top), demand)
        heights = printed_heights(demand, top, laid)
        if len(heights) != len(planned_heights(demand, top)):
            laid = deposit(track, heights, demand)
    join_um = max(JOIN_UM, float(demand.heal_um))
    sections = cut(placed, solid.faces, heights.middle_um - lift, join_um)
    open_um, healed_um = float(sections.open_length_um.sum()), sections.longest_join_um
    standing: Standing | None
    if demand.placement is not None:
        standing = Standing(demand.placement.translation_um, 0, 1.0)
    else:
        may_exceed = demand.integrity.supports_allowed
        standing = search(sections, laid.planned, lift, may_exceed=may_exceed)
    job, figures, why = None, None, "no place was found for the model"
    unhealed = _unhealed(solid, open_um, demand)
    if unhealed:
        why = unhealed
    elif standing is not None and len(heights):
        travels = long_travels(track, laid.planned)
        stood = _standing_vertices(placed, standing)
        sections = turned_sections(sections, standing.quarter_turns).moved(
            np.array(standing.translation_um[:2], np.float64)
        )
        planes = heights.middle_um - lift
        sections = settled(sections, stood, solid.faces, planes, laid.planned, join_um)
        job = _job(demand, laid.planned, travels, sections, heights, standing)
        figures, why = _figures(job, executor, progress), ""
    return Evidence(
        demand=demand,
        meanings=meanings,
        lexed=lexed,
        run=run,
        track=track,
        heights=heights,
        deposit=laid,
        part_box_um=box,
        nominal_sizes_um=_nominal_sizes(solid, demand),
        placed_um=used,
        standing=standing,
        geometry=job,
        figures=figures,
        stairs_um=stairs_um(placed, solid.faces, heights, lift)
        if demand.layers.max_error_um
        else None,
        open_section_um=open_um,
        no_geometry=why,
        unhealed=unhealed,
        healed_um=healed_um if demand.heal_um else 0.0,
    )


def _unhealed(solid: Solid, open_um: float, demand: AuditDemand) -> str:
    """Why a model that was to be healed has no sections to compare with; empty where it has."""
    if not demand.heal_um:
        return ""
    if open_um > OPEN_UM:
        return (
            f"the model is not closed, and gaps of more than {demand.heal_um / 1000:g} mm were "
            "closed by guess: there is no shape to compare with"
        )
    clashing = n_wound_against(solid.faces)
    if clashing:
        return (
            f"at {clashing} edges the model's facets are wound against each other: which side of "
            "them is inside was guessed"
        )
    return ""


def _standing_vertices(placed: NDArray[np.float64], standing: Standing) -> NDArray[np.float64]:
    """(v, 3) where the model was found, its Z as it was."""
    xy = turned(placed[:, :2], standing.quarter_turns) + standing.translation_um[:2]
    return np.column_stack([xy, placed[:, 2]])


def _nominal_sizes(solid: Solid, demand: AuditDemand) -> NDArray[np.float64]:
    scale = demand.placement.scale_e6 if demand.placement else 1_000_000
    used = solid.vertices[np.unique(solid.faces)]
    size: NDArray[np.float64] = (used.max(axis=0) - used.min(axis=0)) * (
        demand.model_unit_nm / 1000 * scale / 1e6
    )
    return size


def _job(
    demand: AuditDemand,
    beads: Beads,
    travels: Travels,
    sections: Sections,
    heights: Heights,
    standing: Standing,
) -> LayerJob:
    return LayerJob(
        beads=beads,
        travels=travels,
        sections=sections,
        heights=heights,
        compensations=demand.compensations,
        limits=limits_of_layers(demand.integrity, heights),
        nozzle_um=float(demand.machine.nozzle_um),
        width_um=typical_width_um(beads),
        height_um=float(demand.layers.height_um),
        axes=_axes(demand, standing),
    )


def _axes(demand: AuditDemand, standing: Standing) -> NDArray[np.float64]:
    """(3, 3) rows: the model's own axes as they lie in the bed frame."""
    if demand.placement is not None:
        return np.array(demand.placement.rotation_e9, np.float64).reshape(3, 3).T / 1e9
    c, s = _TURNS[standing.quarter_turns]
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], np.float64)


def _figures(
    job: LayerJob, executor: Executor | None, progress: Progress | None
) -> tuple[LayerFigures, ...]:
    n = len(job.heights)
    if progress is not None:
        progress.stage("audit", n)
    if executor is None or executor.workers == 1:
        figures = figures_of(job, range(n))
    else:
        items = np.diff(job.beads.layer_offsets) + np.diff(
            job.sections.ring_offsets[job.sections.layer_offsets]
        )
        tasks = executor.chunks((_MS_PER_ITEM * items).tolist())
        chunks = executor.map(figures_of, tasks, shared=job)
        figures = [one for chunk in chunks for one in chunk]
    if progress is not None:
        progress.advance(n)
    return tuple(figures)


def _measured(evidence: Evidence) -> Measured:
    figures = evidence.figures or ()
    samples = [f.deviation.samples_um for f in figures if len(f.deviation.samples_um)]
    signed = np.concatenate(samples) if samples else None
    spots_out = [s.deviation_um for f in figures for s in f.deviation.outward]
    spots_in = [s.deviation_um for f in figures for s in f.deviation.inward]
    beads = evidence.deposit.planned
    volume = float((beads.area_um2 * beads.length_um).sum())
    sizes, _ = evidence.sizes_um
    standing = evidence.standing or Standing((0, 0, 0), 0, 0.0)
    return Measured(
        layers=int((np.diff(beads.layer_offsets) > 0).sum()),
        outward_max_nm=_outward_nm(evidence, signed, spots_out),
        outward_p95_nm=_nm(None if signed is None else np.percentile(np.maximum(-signed, 0), 95)),
        inward_max_nm=_inward_nm(evidence, signed, spots_in),
        inward_p95_nm=_nm(None if signed is None else np.percentile(np.maximum(signed, 0), 95)),
        extents_um=(
            None
            if np.isnan(sizes).any()
            else (round(float(sizes[0])), round(float(sizes[1])), round(float(sizes[2])))
        ),
        deposited_mm3_e3=round(volume / 1e6),
        filament_um=round(float(evidence.track.e_um.sum())),
        placement_um=standing.translation_um,
        quarter_turns=standing.quarter_turns,
    )


def _nm(value_um: float | np.floating[Any] | None) -> int | None:
    """Whole tenths of a micrometre, in nm: further digits are not measured."""
    return None if value_um is None else round(min(float(value_um), 1e7) * 10) * 100


def _outward_nm(
    evidence: Evidence, signed: NDArray[np.float64] | None, spots_um: list[float]
) -> int | None:
    if spots_um:
        return _nm(max(spots_um))
    if signed is None:
        return None
    # Nothing was found beyond the limit, so no sample lies beyond it either: one that seems to has
    # a bead for its nearest that is not the wall's.
    return _nm(np.clip(-signed.min(), 0.0, evidence.demand.integrity.outward_um))


def _inward_nm(
    evidence: Evidence, signed: NDArray[np.float64] | None, spots_um: list[float]
) -> int | None:
    if spots_um:
        return _nm(max(spots_um))
    return None if signed is None else _nm(max(float(signed.max()), 0.0))


def _per_layer(evidence: Evidence) -> tuple[tuple[int, int, int, int], ...]:
    rows = []
    for figures in evidence.figures or ():
        deviation = figures.deviation
        spots = [spot.deviation_um for spot in (*deviation.outward, *deviation.inward)]
        if not spots and len(deviation.samples_um):
            spots = [float(np.percentile(np.abs(deviation.samples_um), 99))]
        rows.append(
            (
                round(float(evidence.heights.top_um[figures.layer])),
                round(figures.section_area),
                round(figures.part_volume / 1e6),
                _nm(max(spots, default=0.0)) or 0,
            )
        )
    return tuple(rows)
