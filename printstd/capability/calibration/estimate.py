"""From what was measured on a test print to a setting, with its uncertainty; nonsense is refused.

    flow              commanded area of a bead over its measured one: r = r0 w / t. The area is what
                      is commanded, and a wall's height is its layer, so thickness stands for area
    pressure advance  linear in the height at which corners look best
    temperature       that of the best band; several observers give their mean
    first layer       that of the best square, likewise

Uncertainty (k = 2): the spread of the readings' mean, the resolution of the instrument or the step
between bands as a rectangular distribution (step / sqrt 12), added in squares (JCGM 100). What is
the same in all readings, such as an instrument that reads wrongly, is not seen.
"""

from __future__ import annotations

from math import isfinite, sqrt
from statistics import mean, stdev
from typing import TYPE_CHECKING, Final, NamedTuple

from printstd.errors import InputError
from printstd.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_WALLS: Final = 4
MOST_SPREAD: Final = 0.15
"""Of the mean: walls that differ more than this are no one wall's thickness."""
FLOW_RANGE: Final = (0.80, 1.25)
"""Beyond it something else is wrong: the nozzle, the filament's diameter, steps of the extruder."""


class Estimate(NamedTuple):
    """value, u : expanded, k = 2."""

    value: float
    u: float
    samples: int


def flow_ratio(
    walls_mm: Sequence[float], *, commanded_mm: float, before: float, resolution_mm: float
) -> Estimate:
    """InputError where the readings are not those of one wall."""
    _check_numbers("wall_mm", walls_mm, LEAST_WALLS)
    thickness = mean(walls_mm)
    if not commanded_mm / 2 < thickness < commanded_mm * 2:
        raise _nonsense(
            said("this is not the thickness of one wall"),
            said("{found:.3f} mm on average", found=thickness),
            said("about {wall:.3f} mm: one bead", wall=commanded_mm),
        )
    spread = stdev(walls_mm)
    if spread > MOST_SPREAD * thickness:
        raise _nonsense(
            said("the readings differ too much"),
            said("a standard deviation of {spread:.3f} mm", spread=spread),
            said("at most {most:.3f} mm", most=MOST_SPREAD * thickness),
        )
    ratio = before * commanded_mm / thickness
    low, high = FLOW_RANGE
    if not low <= ratio <= high:
        raise _nonsense(
            said("no spool needs this flow"),
            said("{ratio:.3f}", ratio=ratio),
            said("{low:g} to {high:g}", low=low, high=high),
        )
    u_mm = sqrt(spread**2 / len(walls_mm) + resolution_mm**2 / 12)
    return Estimate(ratio, 2 * ratio * u_mm / thickness, len(walls_mm))


def by_height(
    heights_mm: Sequence[float], *, base_mm: float, band_mm: float, values: Sequence[float]
) -> Estimate:
    """The value at the height that looks best: a band has one value. heights_mm : from the bed."""
    _check_numbers("best_height_mm", heights_mm, 1)
    top = base_mm + band_mm * len(values)
    for height in heights_mm:
        if not base_mm <= height <= top:
            raise _nonsense(
                said("this height is not on the bands"),
                said("{height:g} mm", height=height),
                said("{base:g} to {top:g} mm from the bed", base=base_mm, top=top),
            )
    bands = [min(int((height - base_mm) / band_mm), len(values) - 1) for height in heights_mm]
    return by_number([band + 1 for band in bands], values=values)


def by_number(numbers: Sequence[int], *, values: Sequence[float]) -> Estimate:
    """Of the bands or squares that look best, counted from 1."""
    _check_numbers("best", numbers, 1)
    for number in numbers:
        if not 1 <= number <= len(values):
            raise _nonsense(
                said("there is no such band or square"),
                str(number),
                said("1 to {count}", count=len(values)),
            )
    found = [values[number - 1] for number in numbers]
    step = abs(values[1] - values[0])
    if max(found) - min(found) > 3 * step:
        raise _nonsense(
            said("the observers do not agree"),
            said("from {low:g} to {high:g}", low=min(found), high=max(found)),
            said("values at most {most:g} apart", most=3 * step),
        )
    spread = stdev(found) if len(found) > 1 else 0.0
    u = sqrt(spread**2 / len(found) + step**2 / 12)
    return Estimate(mean(found), 2 * u, len(found))


def _check_numbers(name: str, values: Sequence[float], least: int) -> None:
    if len(values) < least:
        raise _nonsense(
            said("too few readings"),
            said("{name}: {count}", name=name, count=len(values)),
            said("at least {least}", least=least),
        )
    for value in values:
        if not isfinite(value) or value <= 0:
            raise _nonsense(
                said("this is no reading"),
                said("{name}: {value}", name=name, value=value),
                said("numbers above zero"),
            )


def _nonsense(what: str, got: str, wanted: str) -> InputError:
    return InputError(
        what,
        got=got,
        wanted=wanted,
        hint=said("measure again, and look at the numbers in the form; nothing was recorded"),
    )
