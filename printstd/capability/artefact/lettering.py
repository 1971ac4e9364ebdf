"""Letters of upright and level strokes, raised in one row and sunk in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from printstd.capability.artefact.solids import box, united

if TYPE_CHECKING:
    from manifold3d import Manifold

_LETTERS: Final = {
    "H": ((0, 0, 1, 7), (4, 0, 5, 7), (0, 3, 5, 4)),
    "E": ((0, 0, 1, 7), (0, 0, 5, 1), (0, 3, 4, 4), (0, 6, 5, 7)),
    "L": ((0, 0, 1, 7), (0, 0, 5, 1)),
    "T": ((2, 0, 3, 7), (0, 6, 5, 7)),
}
"""Letter -> its strokes as x0, y0, x1, y1, in widths of a stroke."""
_WORD: Final = "HELT"
_ADVANCE, _LINE = 7.0, 10.0
_THICK: Final = 4.0
_EDGE: Final = 3.0


def relief(rows: tuple[tuple[float, float], ...]) -> Manifold:
    """A plate with the word once raised and once sunk in each row of (stroke, relief), mm."""
    y = _EDGE
    raised, sunk, width = [], [], 0.0
    for stroke, depth in rows:
        length = round((_ADVANCE * len(_WORD) - 2) * stroke, 3)
        second = 2 * _EDGE + length
        raised += _strokes(_EDGE, y, stroke, _THICK / 2, _THICK + depth)
        sunk += _strokes(_EDGE + second, y, stroke, _THICK - depth, _THICK + 1)
        width = max(width, _EDGE + second + length + _EDGE)
        y = round(y + _LINE * stroke, 3)
    plate = box((0, 0, 0), (width, y, _THICK))
    return united([plate, *raised]) - united(sunk)


def _strokes(x: float, y: float, stroke: float, low: float, high: float) -> list[Manifold]:
    """Each letter united in the plane first: strokes that meet leave no edge between them."""
    from manifold3d import CrossSection, FillRule, Manifold

    letters = []
    for nth, letter in enumerate(_WORD):
        rings = []
        for x0, y0, x1, y1 in _LETTERS[letter]:
            left, right = (round(x + (_ADVANCE * nth + at) * stroke, 3) for at in (x0, x1))
            front, back = (round(y + at * stroke, 3) for at in (y0, y1))
            rings.append([(left, front), (right, front), (right, back), (left, back)])
        area = CrossSection(rings, FillRule.NonZero)
        letters.append(Manifold.extrude(area, high - low).translate((0, 0, low)))
    return letters
