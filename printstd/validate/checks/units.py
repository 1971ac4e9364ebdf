"""UNT-01: Units

What it demands
    The numbers in the file are in the unit that they were read in.

Why
    STL says no unit. A part drawn in inches and read in millimetres is 25.4 times too small, and
    every other check passes it.

How it is measured
    Where the file or the user stated the unit, that is taken. Otherwise two pieces of evidence
    are weighed for each other unit against millimetres, as logarithms of likelihoods: the size
    that the part would have (printed parts are some centimetres long, rarely below 8 or above
    300 mm), and the grid on which the distances between its parallel planes lie: 0.05 mm for
    metric design, 1/64 inch for imperial. Distances that lie on both grids, or on neither,
    weigh for neither. Nothing is ever rescaled.
    Where another unit leads by more than 1 nat the check cannot decide and says so:
    INDETERMINATE. Where it trails by less than half a nat: WARN. State the unit with `--units`
    either way.

Example
    A bracket of 5 x 2.5 x 1.375 with distances on the 1/64 inch grid is 127 mm long in inches.

Standard and clause
    3MF Core 1.4.0, 3.4 (unit attribute; STL has none)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.planes import parallel_distances
from printstd.units import NM_PER_MM, NM_PER_UNIT, LengthUnit
from printstd.validate.check import Check
from printstd.validate.context import WELD_RATIO, CheckContext
from printstd.validate.needs import facets

_METRIC_MM = 0.05
_IMPERIAL_MM = 25.4 / 64
_USUAL_LOG10_MM, _SPREAD = 1.7, 0.45
"""Longest extent of printed parts: 50 mm, one decade either way at 2.2 standard deviations."""

_MOST_CHANCE = 0.25
"""A grid that chance hits more often says nothing."""

_MOST_EVIDENCE = 4.0
"""Nats that the grid may weigh: distances in one part are not independent."""

_CLEAR, _NEAR = 1.0, -0.5
"""Nats by which another unit leads: from here on likelier, or nearly as likely."""


@dataclass(frozen=True, slots=True)
class _Candidate:
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


_MILLIMETRES = _Candidate(LengthUnit.MILLIMETER, _METRIC_MM, 0.0)
_OTHERS = (
    _Candidate(LengthUnit.INCH, _IMPERIAL_MM, -1.5),
    _Candidate(LengthUnit.METER, _METRIC_MM, -2.0),
    _Candidate(LengthUnit.CENTIMETER, _METRIC_MM, -3.5),
    _Candidate(LengthUnit.MICRON, _METRIC_MM, -5.0),
)


def run(context: CheckContext) -> tuple[Finding, ...]:
    source = context.mesh.source
    largest = float(context.extents_mm.max())
    if source.is_unit_stated:
        return (
            CHECK.says(
                Status.PASS,
                f"the unit is stated: {source.unit.value}",
                measured=largest,
                unit="mm",
            ),
        )
    ratio_mm = NM_PER_UNIT[source.unit] / NM_PER_MM * context.scale
    numbers = largest / ratio_mm
    distances = parallel_distances(context.planes, most=64, least_area_ratio=0.002) / ratio_mm
    lead, likeliest = max(
        ((_lead(other, numbers, distances), other) for other in _OTHERS), key=lambda pair: pair[0]
    )
    return (_finding(context, numbers, lead, likeliest),)


def _finding(context: CheckContext, numbers: float, lead: float, likeliest: _Candidate) -> Finding:
    factor = likeliest.ratio_mm
    details = tuple(
        (f"if {candidate.unit.value}", f"{numbers * candidate.ratio_mm:g} mm")
        for candidate in (_MILLIMETRES, *_OTHERS[:3])
    )
    name = likeliest.unit.value
    if lead > _CLEAR:
        status = Status.INDETERMINATE
        message = (
            f"the file says no unit and its numbers look like {name}: the part would be "
            f"{numbers * factor:.4g} mm long, not {numbers:.4g} mm; "
            f"give --units {name} or --units mm"
        )
    elif lead > _NEAR:
        status = Status.WARN
        message = (
            f"the file says no unit; read as mm the part is {numbers:.4g} mm long, but {name} is "
            f"nearly as likely ({numbers * factor:.4g} mm); give --units {name} or --units mm"
        )
    else:
        status = Status.PASS
        message = f"millimetres are assumed, and the longest extent of {numbers:.4g} mm agrees"
    return CHECK.says(
        status,
        message,
        measured=round(lead, 3),
        limit=_CLEAR if status is Status.INDETERMINATE else _NEAR,
        unit=f"nats for {name}",
        where=() if status is Status.PASS else (context.where(context.box_mm),),
        details=details,
    )


def _lead(other: _Candidate, numbers: float, distances: NDArray[np.float64]) -> float:
    """Nats by which the numbers speak for another unit and against millimetres."""
    return float(
        other.rarity
        + _size_evidence(other, numbers)
        - _size_evidence(_MILLIMETRES, numbers)
        + _grid_evidence(other, numbers, distances)
    )


def _size_evidence(candidate: _Candidate, numbers: float) -> float:
    """Logarithm of how usual the part's size would be, up to a constant."""
    length_mm = max(numbers, 1e-30) * candidate.ratio_mm
    usual = (np.log10(length_mm) - _USUAL_LOG10_MM) / _SPREAD
    return float(-usual * usual / 2)


def _grid_evidence(other: _Candidate, numbers: float, distances: NDArray[np.float64]) -> float:
    """From the distances that lie on one of the two grids only, each distance once: the balance
    of the two counts. Two further on each side are taken as given, so that one hit by chance
    says little."""
    rounding = 4 * WELD_RATIO * numbers
    own, theirs = _MILLIMETRES.grid, other.grid
    if 2 * rounding > _MOST_CHANCE * min(own, theirs):
        return 0.0
    distances = distances[distances > 10 * rounding]
    if not len(distances):
        return 0.0
    distances = distances[np.append(True, np.diff(distances) > 4 * rounding)]
    on_own, on_theirs = (
        np.abs(distances - np.rint(distances / grid) * grid) <= rounding for grid in (own, theirs)
    )
    for_other, for_own = int((on_theirs & ~on_own).sum()), int((on_own & ~on_theirs).sum())
    return _MOST_EVIDENCE * (for_other - for_own) / (for_other + for_own + 2)


CHECK = Check("UNT-01", "Units", "3MF Core 1.4.0, 3.4", run, (facets,))
