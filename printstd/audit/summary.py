"""An audit in figures: of one part, of a plate, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import DeviationPlace, LayerMeasured, Measured, MeasuredPart
from printstd.audit.deviation import Deviation
from printstd.audit.layer_job import LayerFigures
from printstd.audit.placing import Standing
from printstd.audit.quantiles import median
from printstd.audit.rule import Evidence


def measured_of(evidence: Evidence) -> Measured:
    """Of one part."""
    figures = evidence.figures or ()
    beads = evidence.deposit.planned
    every = (beads, evidence.deposit.ironed)
    volume = sum(float((laid.area_um2 * laid.length_um).sum()) for laid in every)
    sizes, _ = evidence.sizes_um
    standing = evidence.standing or Standing((0, 0, 0), 0, 0.0)
    samples = [f.deviation.samples_um for f in figures if len(f.deviation.samples_um)]
    signed = np.concatenate(samples) if samples else None
    outward = _furthest(evidence, [_outward(evidence, f) for f in figures])
    inward = _furthest(evidence, [_inward(f) for f in figures])
    limit = float(evidence.demand.integrity.outward_um)
    spread = evidence.spread
    return Measured(
        layers=int((np.diff(beads.layer_offsets) > 0).sum()),
        outward_max_nm=outward[0],
        outward_p95_nm=_share(signed, 95, -1.0, limit),
        inward_max_nm=inward[0],
        inward_p95_nm=_share(signed, 95, 1.0),
        extents_um=(
            None
            if np.isnan(sizes).any()
            else (round(float(sizes[0])), round(float(sizes[1])), round(float(sizes[2])))
        ),
        deposited_mm3_e3=round(volume / 1e6),
        filament_um=round(float(evidence.track.e_um.sum())),
        placement_um=standing.translation_um,
        quarter_turns=standing.quarter_turns,
        outward_p999_nm=_share(signed, 99.9, -1.0, limit),
        inward_p999_nm=_share(signed, 99.9, 1.0),
        outward_at=outward[1],
        inward_at=inward[1],
        shape_inwards_nm=_nm(spread.inwards) or 0,
        shape_outwards_nm=_nm(spread.outwards) or 0,
    )


_Furthest = tuple[float, tuple[float, float]] | None
"""um, and the place; None where nothing was measured."""


def _outward(evidence: Evidence, figures: LayerFigures) -> _Furthest:
    """Of one layer. Beyond the limit it is exact. Where nothing was found beyond it no sample lies
    beyond it either: one that seems to has a bead for its nearest that is not the wall's."""
    own = figures.deviation
    spots = own.outward.usual
    if spots:
        worst = max(spots, key=lambda spot: spot.deviation_um)
        return worst.deviation_um, worst.at_um
    return _sample(own, -own.samples_um, float(evidence.demand.integrity.outward_um))


def _inward(figures: LayerFigures) -> _Furthest:
    own = figures.deviation
    spots = own.inward.usual
    if spots:
        worst = max(spots, key=lambda spot: spot.deviation_um)
        return worst.deviation_um, worst.at_um
    return _sample(own, own.samples_um, np.inf)


def _sample(own: Deviation, off_um: NDArray[np.float64], limit_um: float) -> _Furthest:
    if not len(off_um):
        return None
    row = int(off_um.argmax())
    x, y = own.places_um[row].tolist()
    return float(np.clip(off_um[row], 0.0, limit_um)), (x, y)


def _furthest(
    evidence: Evidence, layers: Sequence[_Furthest]
) -> tuple[int | None, DeviationPlace | None]:
    """(nm, where) of the greatest of all layers."""
    known = [(found, number) for number, found in enumerate(layers) if found is not None]
    if not known:
        return None, None
    (off, (x, y)), number = max(known, key=lambda item: (item[0][0], -item[1]))
    if off <= 0.0:
        return 0, None
    layer = (evidence.figures or ())[number].layer
    top = round(float(evidence.heights.top_um[layer]))
    return _nm(off), DeviationPlace(layer, round(x), round(y), top)


def _share(
    signed: NDArray[np.float64] | None, percent: float, sign: float, limit_um: float = np.inf
) -> int | None:
    """So many of all places deviate to that side by no more."""
    if signed is None:
        return None
    return _nm(np.percentile(np.clip(sign * signed, 0.0, limit_um), percent))


def _nm(value_um: float | np.floating[Any] | None) -> int | None:
    """Whole tenths of a micrometre, in nm: further digits are not measured."""
    return None if value_um is None else round(min(float(value_um), 1e7) * 10) * 100


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
        outward_p999_nm=largest([m.outward_p999_nm for m in own]),
        inward_p999_nm=largest([m.inward_p999_nm for m in own]),
        outward_at=max(own, key=lambda m: m.outward_max_nm or 0).outward_at,
        inward_at=max(own, key=lambda m: m.inward_max_nm or 0).inward_at,
        shape_inwards_nm=max(m.shape_inwards_nm for m in own),
        shape_outwards_nm=max(m.shape_outwards_nm for m in own),
    )


def per_layer_of(parts: Sequence[Evidence]) -> tuple[LayerMeasured, ...]:
    """Layer by layer: areas and volumes of all parts added up, the worst deviations of any."""
    tallest = max(parts, key=lambda part: len(part.heights))
    found: dict[int, list[LayerMeasured]] = {}
    for evidence in parts:
        for figures in evidence.figures or ():
            own = figures.deviation.samples_um
            row = LayerMeasured(
                round(float(tallest.heights.top_um[figures.layer])),
                round(figures.section_area),
                round(figures.part_volume / 1e6),
                _of(_outward(evidence, figures)),
                _of(_inward(figures)),
                _nm(median(own)) if len(own) else None,
            )
            found.setdefault(figures.layer, []).append(row)
    return tuple(_together(rows) for _, rows in sorted(found.items()))


def _together(rows: Sequence[LayerMeasured]) -> LayerMeasured:
    """Of the parts of a plate in one layer."""
    if len(rows) == 1:
        return rows[0]

    def furthest(values: Sequence[int | None]) -> int | None:
        return max((one for one in values if one is not None), key=abs, default=None)

    return LayerMeasured(
        rows[0].z_um,
        sum(row.section_area_um2 for row in rows),
        sum(row.deposited_mm3_e3 for row in rows),
        furthest([row.outward_max_nm for row in rows]),
        furthest([row.inward_max_nm for row in rows]),
        furthest([row.middle_nm for row in rows]),
    )


def _of(found: _Furthest) -> int | None:
    return None if found is None else _nm(found[0])
