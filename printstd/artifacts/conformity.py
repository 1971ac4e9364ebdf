"""The decision rule: does a size that is known to within U lie inside its limits.

ISO 14253-1 and JCGM 106, simple acceptance reduced by the expanded uncertainty: conforms only if
the deviation with U on either side stays within the limits, fails only if it lies beyond one of
them by more than U, and between the two nobody can tell. For +-T this is `|d| + U <= T` and
`|d| - U > T`. Figures are integers of one unit (nanometres, 1e-6 degrees), so that a size on the
very limit is decided the same on every machine.
"""

from __future__ import annotations

from typing import Final

from printstd.artifacts.finding import Status
from printstd.words import said

RULE: Final = said("ISO 14253-1: PASS within the limits less U, FAIL beyond them by more than U")


def decided(deviation: int, u: int, lower: int, upper: int) -> Status:
    """PASS, FAIL or INDETERMINATE of one deviation from the nominal; `lower` and `upper` are the
    permissible ones, `u` the expanded uncertainty (k = 2) of the deviation."""
    if deviation - u > upper or deviation + u < lower:
        return Status.FAIL
    if deviation + u <= upper and deviation - u >= lower:
        return Status.PASS
    return Status.INDETERMINATE


def beyond(deviation: int, lower: int, upper: int) -> int:
    """How far a deviation is out of the limits; below 0 where it is inside, by how much."""
    return max(deviation - upper, lower - deviation)
