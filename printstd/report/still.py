"""A still picture of a part with one of its figures as colour, for paper."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.surface_field import SurfaceField
from printstd.kernels.display_mesh import display_mesh, least_near
from printstd.kernels.facet_picture import seen_facets
from printstd.kernels.png import encode_palette_png
from printstd.report.pictures import PartPicture
from printstd.report.scene import CODES, MOST_FACETS, RAMP, UNKNOWN_RGB, codes, scale_of

WIDTH_PX: Final = 840
HEIGHT_PX: Final = 620
_MARGIN: Final = 0.05
_LEVELS: Final = 32
_SHADES: Final = 6
_HATCH_RGB: Final = (213, 94, 0)
_HATCH_PX: Final = (12, 5)
"""Every so many pixels, so many wide."""
_LIGHT: Final = (0.35, 0.5, 0.8)
_YAW: Final = -0.6


def still_png(part: PartPicture, field: SurfaceField, *, from_below: bool = False) -> bytes:
    """The part as a PNG; values below the field's limit are hatched as in its legend."""
    shown = display_mesh(part.vertices_mm, part.faces, most_facets=MOST_FACETS)
    turn = _turn(_YAW, -0.5 if from_below else 0.45)
    seen = shown.vertices_mm @ turn.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = 1 - 2 * _MARGIN
    across = max((high[0] - low[0]) / WIDTH_PX, (high[1] - low[1]) / HEIGHT_PX) or 1.0
    px = (seen - (low + high) / 2) * (room / across)
    px[:, 0] += WIDTH_PX / 2
    px[:, 1] = HEIGHT_PX / 2 - px[:, 1]
    facet = seen_facets(px[shown.faces], WIDTH_PX, HEIGHT_PX)
    values = least_near(field.values, part.faces, shown)
    colour, is_below = _facet_colours(field, values, shown.vertices_mm[shown.faces], turn)
    picture = np.where(facet >= 0, colour[facet], 0).astype(np.uint8)
    rows, columns = np.indices(facet.shape)
    stripe = (rows + columns) % _HATCH_PX[0] < _HATCH_PX[1]
    picture[(facet >= 0) & is_below[facet] & stripe] = 1
    return encode_palette_png(picture, _palette())


def _turn(yaw: float, pitch: float) -> NDArray[np.float64]:
    """(3, 3): rows to the right, up, towards the eye; as in the page's view."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    return np.array([[cy, sy, 0], [-sy * sp, cy * sp, cp], [sy * cp, -cy * cp, sp]])


def _facet_colours(
    field: SurfaceField,
    values: NDArray[np.float64],
    corners_mm: NDArray[np.float64],
    turn: NDArray[np.float64],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(row of the palette, is to be hatched) of each facet. corners_mm : (f, 3, 3)."""
    a, b, c = np.moveaxis(corners_mm, 1, 0)
    normal = np.cross(b - a, c - a) @ turn.T
    length = np.sqrt((normal**2).sum(axis=1))
    light = np.array(_LIGHT) / np.sqrt(sum(value**2 for value in _LIGHT))
    lit = np.divide(normal @ light, length, out=np.zeros(len(length)), where=length > 0)
    shade = np.rint(lit.clip(0, 1) * (_SHADES - 1)).astype(np.int64)
    code = codes(values, scale_of(field)).astype(np.int64)
    level = np.where(code > CODES, _LEVELS, code * (_LEVELS - 1) // CODES)
    below = np.zeros(len(code), bool)
    if field.limit is not None:
        below = np.nan_to_num(values, nan=np.inf) < field.limit
    return (2 + level * _SHADES + shade).astype(np.uint8), below


def _palette() -> NDArray[np.uint8]:
    """Paper, hatching, then each level of the ramp and grey in each shade."""
    ramp = np.array(RAMP, np.float64)
    at = np.linspace(0, len(RAMP) - 1, _LEVELS)
    low = np.floor(at).astype(int).clip(0, len(RAMP) - 2)
    levels = ramp[low] + (ramp[low + 1] - ramp[low]) * (at - low)[:, None]
    colours = np.concatenate([levels, np.array([UNKNOWN_RGB], np.float64)])
    shades = 0.45 + 0.55 * np.arange(_SHADES) / (_SHADES - 1)
    lit = (colours[:, None, :] * shades[None, :, None]).reshape(-1, 3)
    out = np.full((2 + len(lit), 4), 255, np.uint8)
    out[1, :3] = _HATCH_RGB
    out[2:, :3] = np.rint(lit)
    return out
