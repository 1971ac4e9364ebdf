"""Which unit the numbers of a file are in, where it does not say: evidence as logarithms of
likelihoods (facts of validation, 2.5). Nothing is ever rescaled by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.planes import parallel_distances
from printstd.units import NM_PER_MM, NM_PER_UNIT, LengthUnit
from printstd.validate.context import CheckContext
from printstd.validate.roundings import WELD_RATIO

_METRIC_MM = 0.05
_IMPERIAL_MM = 25.4 / 64
_USUAL_LOG10_MM, _SPREAD = 1.7, 0.45
"""Longest extent of printed parts: 50 mm, one decade either way at 2.2 standard deviations."""

_MOST_CHANCE = 0.25
"""A grid that chance hits more often says nothing."""

_MOST_EVIDENCE = 4.0
"""Nats that the grid may weigh: distances in one part are not independent."""

_NAME_EVIDENCE = 2.0
_TOO_LONG_EVIDENCE = 1.0
"""Nats for a unit in the file's name, and against a part that no axis of the printer can hold (it
may be meant for another one)."""

_WORDS = {
    LengthUnit.MILLIMETER: {"mm", "millimeter", "millimetre", "millimeters", "millimetres"},
    LengthUnit.INCH: {"inch", "inches"},
    LengthUnit.CENTIMETER: {"cm", "centimeter", "centimetre", "centimeters", "centimetres"},
    LengthUnit.METER: {"meter", "metre", "meters", "metres"},
    LengthUnit.MICRON: {"micron", "microns"},
}

CLEAR, NEAR = 1.0, -0.5
"""Nats by which another unit leads: from here on likelier, or nearly as likely."""


@dataclass(frozen=True, slots=True)
class Candidate:
    unit: LengthUnit
    grid_mm: float
    rarity: float
    """Logarithm of how often files come in this unit, against millimetres."""

    @property
    def ratio_mm(self) -> float:
        return NM_PER_UNIT[self.unit] / NM_PER_MM

    @property
    def grid(self) -> float:
        """In the candidate's own unit."""
        return self.grid_mm / self.ratio_mm


MILLIMETRES = Candidate(LengthUnit.MILLIMETER, _METRIC_MM, 0.0)
OTHERS = (
    Candidate(LengthUnit.INCH, _IMPERIAL_MM, -1.5),
    Candidate(LengthUnit.METER, _METRIC_MM, -2.0),
    Candidate(LengthUnit.CENTIMETER, _METRIC_MM, -3.5),
    Candidate(LengthUnit.MICRON, _METRIC_MM, -5.0),
)


class Likeliest(NamedTuple):
    """numbers : the longest extent in the file's own numbers. lead : nats by which `candidate`,
    the likeliest of the other units, leads before millimetres."""

    numbers: float
    lead: float
    candidate: Candidate

    @property
    def is_doubtful(self) -> bool:
        """Another unit is clearly likelier."""
        return self.lead > CLEAR


def likeliest_unit(context: CheckContext) -> Likeliest:
    source = context.mesh.source
    largest = float(context.extents_mm.max())
    ratio_mm = NM_PER_UNIT[source.unit] / NM_PER_MM * context.scale
    numbers = largest / ratio_mm
    distances = parallel_distances(context.planes, most=64, least_area_ratio=0.002) / ratio_mm
    evidence = _Evidence(numbers, distances, _unit_in_name(source.name), _longest_mm(context))
    lead, candidate = max(
        ((_lead(other, evidence), other) for other in OTHERS), key=lambda pair: pair[0]
    )
    return Likeliest(numbers, lead, candidate)


def _longest_mm(context: CheckContext) -> float:
    """The printer's longest axis; no limit without one."""
    if context.resolved.printer is None:
        return float("inf")
    volume = context.resolved.printer.volume
    return max(
        volume.x_max_mm - volume.x_min_mm, volume.y_max_mm - volume.y_min_mm, volume.z_max_mm
    )


def _unit_in_name(name: str) -> LengthUnit | None:
    """The one unit that stands in the file's name as a word of its own."""
    words = set(re.split(r"[^a-z]+", name.rpartition(".")[0].lower()))
    found = {unit for unit, said_so in _WORDS.items() if words & said_so}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class _Evidence:
    """numbers : the longest extent in the file's own numbers. distances : (d,), between its
    parallel planes. named : the unit in the file's name. longest_mm : of the printer's axes."""

    numbers: float
    distances: NDArray[np.float64]
    named: LengthUnit | None
    longest_mm: float


def _lead(other: Candidate, found: _Evidence) -> float:
    """Nats by which the evidence speaks for another unit and against millimetres."""
    return float(
        other.rarity
        + _plausibility(other, found)
        - _plausibility(MILLIMETRES, found)
        + _grid_evidence(other, found.numbers, found.distances)
    )


def _plausibility(candidate: Candidate, found: _Evidence) -> float:
    """Of the size, on this printer, and under this name."""
    is_too_long = found.numbers * candidate.ratio_mm > found.longest_mm
    named = _NAME_EVIDENCE if found.named is candidate.unit else 0.0
    return named + _size_evidence(candidate, found.numbers) - _TOO_LONG_EVIDENCE * is_too_long


def _size_evidence(candidate: Candidate, numbers: float) -> float:
    """Logarithm of how usual the part's size would be, up to a constant."""
    length_mm = max(numbers, 1e-30) * candidate.ratio_mm
    usual = (np.log10(length_mm) - _USUAL_LOG10_MM) / _SPREAD
    return float(-usual * usual / 2)


def _grid_evidence(other: Candidate, numbers: float, distances: NDArray[np.float64]) -> float:
    """From the distances that lie on one of the two grids only, each distance once: the balance
    of the two counts. Two further on each side are taken as given, so that one hit by chance
    says little."""
    rounding = 4 * WELD_RATIO * numbers
    own, theirs = MILLIMETRES.grid, other.grid
    if 2 * rounding > _MOST_CHANCE * min(own, theirs):
        return 0.0
    distances = distances[distances > 10 * rounding]
    if not len(distances):
        return 0.0
    distances = distances[np.append(True, np.diff(distances) > 4 * rounding)]
    on_own, on_theirs = (
        np.abs(distances - np.rint(distances / grid) * grid) <= rounding for grid in (own, theirs)
    )
    # What chance alone puts on each grid says nothing of it.
    count = len(distances)
    for_other, for_own = (
        max(float(hits.sum()) - count * 2 * rounding / grid, 0.0)
        for hits, grid in ((on_theirs & ~on_own, theirs), (on_own & ~on_theirs, own))
    )
    return _MOST_EVIDENCE * (for_other - for_own) / (for_other + for_own + 2)
