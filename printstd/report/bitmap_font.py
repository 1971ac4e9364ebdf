"""Capitals, digits and marks in 5 x 7 points, for pictures that must not depend on a font."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

HEIGHT: Final = 7
ADVANCE: Final = 6

# Rows from top to bottom, five bits each, the left point the highest.
_GLYPHS: Final = {
    " ": (0, 0, 0, 0, 0, 0, 0),
    "A": (14, 17, 17, 31, 17, 17, 17),
    "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 14),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "J": (7, 2, 2, 2, 2, 18, 12),
    "K": (17, 18, 20, 24, 20, 18, 17),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 25, 21, 19, 19, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 10, 10, 4),
    "W": (17, 17, 17, 21, 21, 27, 17),
    "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 10, 4, 4, 4, 4),
    "Z": (31, 1, 2, 4, 8, 16, 31),
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31),
    "3": (31, 2, 4, 6, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ".": (0, 0, 0, 0, 0, 12, 12),
    ",": (0, 0, 0, 0, 12, 4, 8),
    "-": (0, 0, 0, 14, 0, 0, 0),
    "/": (1, 1, 2, 4, 8, 16, 16),
    "(": (2, 4, 8, 8, 8, 4, 2),
    ")": (8, 4, 2, 2, 2, 4, 8),
}


def text_width(text: str, scale: int = 1) -> int:
    """Points that a text takes, the space after its last letter left out."""
    return max(len(text) * ADVANCE - 1, 0) * scale


def text_points(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """(7 * scale, w) bool, row 0 on top. Letters are drawn as capitals; KeyError where the font
    has no such sign."""
    rows = np.array([_GLYPHS[sign] for sign in text.upper()], np.int64).reshape(-1, HEIGHT)
    bits = (rows[:, :, None] >> np.arange(4, -2, -1).clip(0)) & 1
    bits[:, :, 5] = 0
    points = bits.transpose(1, 0, 2).reshape(HEIGHT, -1)[:, : text_width(text)].astype(bool)
    scaled: NDArray[np.bool_] = points.repeat(scale, axis=0).repeat(scale, axis=1)
    return scaled
