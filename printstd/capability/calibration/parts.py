"""Shapes of the test prints, mm. They are this project's own.

flow          an upright block of which one wall is laid: its thickness is measured
tower         bands one above the other, each printed with another value; a groove all around
              says where one ends. Corners show pressure advance, a bridge and a face that
              hangs over at 45 degrees show the temperature
squares       one layer each, at another height of the nozzle
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from printstd.capability.artefact.solids import box, drawn_out, united

if TYPE_CHECKING:
    from manifold3d import Manifold

FLOW_SIDE_MM: Final = 30.0
FLOW_HEIGHT_MM: Final = 12.0
BAND_MM: Final = 5.0
HOT_BAND_MM: Final = 8.0
BASE_MM: Final = 2.0
"""Below the first band: here the nozzle comes from the first layer's temperature to the first
band's."""
SQUARE_MM: Final = 20.0
SQUARE_PITCH_MM: Final = 26.0
_GROOVE_MM: Final = 0.4
_SIDE_MM: Final = 30.0


def flow_block() -> Manifold:
    return box((0, 0, 0), (FLOW_SIDE_MM, FLOW_SIDE_MM, FLOW_HEIGHT_MM))


def corner_tower(bands: int) -> Manifold:
    """Square: corners are where what a nozzle holds back comes out."""
    return united([_slab(0.0, BASE_MM), *_grooved(bands, BAND_MM)])


def _slab(low_z: float, high_z: float, inset: float = 0.0) -> Manifold:
    return box((inset, inset, low_z), (_SIDE_MM - inset, _SIDE_MM - inset, high_z))


def _grooved(bands: int, height: float) -> list[Manifold]:
    """The topmost 0.4 mm of each band but the last set back: a shelf of 0.2 mm hangs over nothing
    that a wall does not carry."""
    solids = []
    for band in range(bands):
        low, high = BASE_MM + band * height, BASE_MM + (band + 1) * height
        solids += [
            _slab(low, high - _GROOVE_MM),
            _slab(high - 2 * _GROOVE_MM, high + _GROOVE_MM / 2, _GROOVE_MM / 2)
            if band < bands - 1
            else _slab(high - 2 * _GROOVE_MM, high),
        ]
    return solids


def temperature_tower(bands: int) -> Manifold:
    """Each band has two posts, the left with a face that hangs over at 45 degrees, and a bridge of
    20 mm between them."""
    solids = [box((0, 0, 0), (44, 10, BASE_MM))]
    for band in range(bands):
        low, high = BASE_MM + band * HOT_BAND_MM, BASE_MM + (band + 1) * HOT_BAND_MM
        solids += [
            box((4, 0, low - 0.1), (12, 10, high)),
            box((32, 0, low - 0.1), (44, 10, high)),
            box((4, 0, high - 2.0), (44, 10, high)),
            # Out by 3 mm over 3 mm of height: 45 degrees.
            drawn_out(
                [(5, low + 1), (5, low + 5), (1, low + 5), (1, low + 4), (4, low + 1)], 0, 10
            ),
        ]
    return united(solids)


def squares(count: int) -> tuple[Manifold, list[tuple[float, float]]]:
    """In rows of three; and the middle of each, from the middle of all."""
    rows = -(-count // 3)
    columns = min(count, 3)
    places = [(number % 3, number // 3) for number in range(count)]
    middles = [
        ((x - (columns - 1) / 2) * SQUARE_PITCH_MM, ((rows - 1) / 2 - y) * SQUARE_PITCH_MM)
        for x, y in places
    ]
    half = SQUARE_MM / 2
    flat = [box((x - half, y - half, 0), (x + half, y + half, 0.2)) for x, y in middles]
    return united(flat), middles
