"""Placement in exact fractions, one vertex at a time: slow and obviously right."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def placed(
    vertices_mm: NDArray[np.float64],
    rotation_e9: Sequence[int],
    translation_um: Sequence[int],
    scale_e6: int,
    shrink_e6: tuple[int, int, int] = (10**6, 10**6, 10**6),
) -> list[list[int]]:
    """The bed coordinates, nm, of each vertex. `round` of a Fraction is half to even."""
    out = []
    for vertex in vertices_mm.tolist():
        # The one float step of the formula: the product is a float64 before it is rounded.
        model = [round(Fraction(c * float(scale_e6))) for c in vertex]
        turned = [
            round(Fraction(sum(rotation_e9[3 * i + k] * model[k] for k in range(3)), 10**9))
            for i in range(3)
        ]
        shrunk = [round(Fraction(c * s, 10**6)) for c, s in zip(turned, shrink_e6, strict=True)]
        out.append([c + t * 1000 for c, t in zip(shrunk, translation_um, strict=True)])
    return out
