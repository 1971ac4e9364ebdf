"""Shares of a length below which it is rounding of the file's numbers, for all checks."""

from __future__ import annotations

from typing import Final

WELD_RATIO: Final = 2.0**-21
"""Of the model's size: lengths below it are rounding of the file's float32 numbers."""

LEAST_HEIGHT_RATIO: Final = 1e-6
"""Facets lower than this share of their longest edge are needles and caps, without a plane."""
