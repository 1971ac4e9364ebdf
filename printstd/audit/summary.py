"""An audit in figures: of one part, of a plate, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import Measured, MeasuredPart
from printstd.audit.placing import Standing
from printstd.audit.rule import Evidence


def measured_of(evidence: Evidence) -> Measured:
    """Of one part."""
    figures = evidence.figures or ()
    samples = [f.deviation.samples_um for f in figures if len(f.deviation.samples_um)]
    signed = np.concatenate(samples) if samples else None
    spots_out = [s.deviation_um for f in figures for s in f.deviation.outward]
    spots_in = [s.deviation_um for f in figures for s in f.deviation.inward]
    beads = evidence.deposit.planned
    every = (beads, evidence.deposit.ironed)
    volume = sum(float((laid.area_um2 * laid.length_um).sum()) for laid in every)
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


def measured_of_plate(whole: Evidence, parts: Sequence[MeasuredPart]) -> Measured:
    """Of all parts together; a plate has no size and no place of its own."""
    own = [part.measured for part in parts]

    def largest(values: Sequence[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return max(known) if len(known) == len(values) else None

    return Measured(
        layers=int((np.diff(whole.deposit.planned.layer_offsets) > 0).sum()),
        outward_max_nm=largest([m.outward_max_nm for m in own]),
        outward_p95_nm=largest([m.outward_p95_nm for m in own]),
        inward_max_nm=largest([m.inward_max_nm for m in own]),
        inward_p95_nm=largest([m.inward_p95_nm for m in own]),
        extents_um=None,
        deposited_mm3_e3=sum(m.deposited_mm3_e3 for m in own),
        filament_um=round(float(whole.track.e_um.sum())),
        placement_um=own[0].placement_um,
        quarter_turns=own[0].quarter_turns,
    )


def per_layer_of(parts: Sequence[Evidence]) -> tuple[tuple[int, int, int, int], ...]:
    """Layer by layer: areas and volumes of all parts added up, the worst deviation of any."""
    tallest = max(parts, key=lambda part: len(part.heights))
    found: dict[int, list[tuple[float, float, int]]] = {}
    for evidence in parts:
        for figures in evidence.figures or ():
            deviation = figures.deviation
            spots = [spot.deviation_um for spot in (*deviation.outward, *deviation.inward)]
            if not spots and len(deviation.samples_um):
                spots = [float(np.percentile(np.abs(deviation.samples_um), 99))]
            row = figures.section_area, figures.part_volume, _nm(max(spots, default=0.0)) or 0
            found.setdefault(figures.layer, []).append(row)
    return tuple(
        (
            round(float(tallest.heights.top_um[layer])),
            round(sum(area for area, _, _ in rows)),
            round(sum(volume for _, volume, _ in rows) / 1e6),
            max(worst for _, _, worst in rows),
        )
        for layer, rows in sorted(found.items())
    )
