"""Numbers made of measurements: means of ratios, exponents of curves."""

from __future__ import annotations

import math
from collections.abc import Sequence


def geometric_mean(ratios: Sequence[float]) -> float | None:
    """None of nothing."""
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios)) if ratios else None


def exponent(sizes: Sequence[float], amounts: Sequence[float]) -> float | None:
    """The p of amount = c size^p, by least squares of the logarithms: 1 is linear. None of less
    than two different sizes."""
    x, y = [math.log(size) for size in sizes], [math.log(amount) for amount in amounts]
    middle_x, middle_y = sum(x) / max(len(x), 1), sum(y) / max(len(y), 1)
    spread = sum((a - middle_x) ** 2 for a in x)
    if spread <= 0:
        return None
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / spread
