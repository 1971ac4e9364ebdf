"""Where the model stands on the bed: as declared, or as the beads say.

Declared: v1 = round(v_mm * scale_e6) nm, v2 = round(R_e9 v1 / 1e9), v3 = round(v2 * shrink_e6 /
1e6) for each axis, bed = v3 + translation; every rounding half to even. Worked out here on the
auditor's own account, from the numbers of the demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand
from printstd.audit.beads import Beads
from printstd.audit.sections import Sections

VOTE_UM: Final = 20.0
"""Layers whose boxes agree on the shift within this vote together."""

SIDE_UM: Final = 250.0
"""A side of a layer's box fits where it lies this near to the section's."""
_OUTWARD: Final = np.array([-1.0, -1.0, 1.0, 1.0])

_QUARTERS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""(cosine, sine) of no, one, two, three quarter turns counter-clockwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where the model was found: whole um, so that what is reported is what was used."""

    translation_um: tuple[int, int, int]
    quarter_turns: int
    agreeing: float
    """Share of the layers whose box fits; 1 where it was declared."""


def model_um(vertices: NDArray[np.float64], demand: AuditDemand) -> NDArray[np.float64]:
    """(v, 3) float64, um: the file's numbers scaled, turned and shrunk as declared, not yet moved
    (v3)."""
    place = demand.placement
    scale = place.scale_e6 if place else 1_000_000
    v_mm = vertices * (demand.model_unit_nm / 1e6)
    v = np.rint(v_mm * scale)
    if place:
        turned = np.empty_like(v)
        for axis in range(3):
            r = place.rotation_e9[3 * axis : 3 * axis + 3]
            turned[:, axis] = v[:, 0] * r[0] + v[:, 1] * r[1] + v[:, 2] * r[2]
        v = np.rint(turned / 1e9)
    shrink = demand.compensations
    v *= np.array([shrink.scale_xy_e6, shrink.scale_xy_e6, shrink.scale_z_e6]) / 1e6
    nm: NDArray[np.float64] = np.rint(v)
    return nm / 1000.0


def turned(xy_um: NDArray[np.float64], quarter_turns: int) -> NDArray[np.float64]:
    """(n, 2) points turned about the origin."""
    c, s = _QUARTERS[quarter_turns % 4]
    x, y = xy_um.T
    return np.stack([c * x - s * y, s * x + c * y], axis=1)


def turned_sections(sections: Sections, quarter_turns: int) -> Sections:
    return Sections(
        turned(sections.xy_um, quarter_turns),
        sections.ring_offsets,
        sections.layer_offsets,
        sections.open_length_um,
    )


def search(
    sections: Sections, beads: Beads, z_um: float, *, may_exceed: bool = False
) -> Standing | None:
    """The quarter turn and shift under which the beads' boxes fit the sections' best.

    Each layer votes with the shift between its two box centres; the densest cluster wins, so that
    skirts and brims of some layers are outvoted. Equal boxes are told apart by how much of the
    bead length lies inside. `may_exceed`: supports may reach beyond the part on any side, so each
    side votes for itself, and one that is exceeded fits. None where no layer has beads.
    """
    boxes = _bead_boxes(beads)
    tried: list[tuple[Standing, Sections, NDArray[np.int64]]] = []
    for turns in range(4):
        stood = turned_sections(sections, turns)
        wanted = _section_boxes(stood)
        known = np.flatnonzero(~np.isnan(boxes).any(axis=1) & ~np.isnan(wanted).any(axis=1))
        if not len(known):
            continue
        off = boxes[known] - wanted[known]
        sides = (off[:, [0, 2]], off[:, [1, 3]])
        votes = [pair.ravel() if may_exceed else pair.mean(axis=1) for pair in sides]
        shift = np.array([_voted(vote) for vote in votes])
        rest = off - np.tile(shift, 2)
        fits = np.abs(rest) <= SIDE_UM
        if may_exceed:
            fits |= rest * _OUTWARD > 0
        agreeing = float(fits.all(axis=1).mean())
        place = (round(shift[0]), round(shift[1]), round(z_um))
        tried.append((Standing(place, turns, agreeing), stood.moved(shift), known))
    # The best first: a turn that could not win with all its beads inside is not looked at.
    tried.sort(key=lambda one: (-one[0].agreeing, one[0].quarter_turns))
    best: tuple[tuple[float, float, int], Standing] | None = None
    for standing, moved, known in tried:
        share = round(standing.agreeing, 2)
        if best is not None and share + 1.0 < best[0][0]:
            continue
        inside = inside_share(moved, beads, known)
        score = (share + round(inside, 3), inside, -standing.quarter_turns)
        if best is None or score > best[0]:
            best = (score, standing)
    return best[1] if best else None


def _bead_boxes(beads: Beads) -> NDArray[np.float64]:
    """(l, 4) xmin, ymin, xmax, ymax of the bead centre lines, grown by half their width."""
    n = len(beads.layer_offsets) - 1
    boxes = np.full((n, 4), np.nan)
    borders = beads.layer_offsets
    filled = np.flatnonzero(np.diff(borders) > 0)
    if not len(filled):
        return boxes
    half = beads.width_um[:, None] / 2
    low = np.minimum(beads.start_um, beads.end_um) - half
    high = np.maximum(beads.start_um, beads.end_um) + half
    boxes[filled, :2] = np.minimum.reduceat(low, borders[filled])
    boxes[filled, 2:] = np.maximum.reduceat(high, borders[filled])
    return boxes


def _section_boxes(sections: Sections) -> NDArray[np.float64]:
    n = len(sections.layer_offsets) - 1
    boxes = np.full((n, 4), np.nan)
    borders = sections.ring_offsets[sections.layer_offsets]
    filled = np.flatnonzero(np.diff(borders) > 0)
    if len(filled):
        boxes[filled, :2] = np.minimum.reduceat(sections.xy_um, borders[filled])
        boxes[filled, 2:] = np.maximum.reduceat(sections.xy_um, borders[filled])
    return boxes


def _voted(values: NDArray[np.float64]) -> float:
    """Median of the densest cluster of `VOTE_UM`."""
    ranked = np.sort(values)
    upto = np.searchsorted(ranked, ranked + VOTE_UM, side="right")
    first = int(np.argmax(upto - np.arange(len(ranked))))
    return float(np.median(ranked[first : upto[first]]))


def inside_share(sections: Sections, beads: Beads, known: NDArray[np.int64]) -> float:
    """Share of the bead length, on a dozen layers, whose middle lies in the section."""
    from printstd.audit.regions import polygon_of, within

    picked = known[np.unique(np.linspace(0, len(known) - 1, 12).astype(np.int64))]
    inside = whole = 0.0
    for layer in picked.tolist():
        rows = beads.of_layer(layer)
        region = polygon_of(sections.rings_of(layer))
        length = beads.length_um[rows]
        inside += float(length[within(region, beads.middle_um[rows])].sum())
        whole += float(length.sum())
    return inside / whole if whole else 0.0
