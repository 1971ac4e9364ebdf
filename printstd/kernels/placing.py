"""From the model's millimetres to the bed's nanometres, in exact integer steps.

    v1  = round(vertex_mm * scale_e6)             float64 product, nm in the model frame
    v2  = round(R_e9 v1 / 1e9)                    exact
    v3  = round(v2 * shrink_e6 / 1e6)             exact, per axis, about the frame's origin
    bed = v3 + translation_um * 1000

Every rounding is half to even. The auditor works the same formula out on its own: what both
sides use is the quantised numbers, never the angles they came from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.errors import SlicingError
from printstd.kernels.facets import used_vertices
from printstd.units import NM_PER_UM
from printstd.words import said

Rotation = tuple[int, int, int, int, int, int, int, int, int]

IDENTITY_E9: Final[Rotation] = (10**9, 0, 0, 0, 10**9, 0, 0, 0, 10**9)
_E9: Final = 1_000_000_000
_E6: Final = 1_000_000
MODEL_LIMIT_NM: Final = 10**13
"""10 km: far beyond any printer, far below where a float64 of nanometres loses whole numbers
(2^53) and where the products below would leave int64."""


def divide_half_even(
    numerator: NDArray[np.int64], denominator: int | NDArray[np.int64]
) -> NDArray[np.int64]:
    """numerator / denominator to the nearest integer, ties to even; denominator > 0."""
    floor = numerator // denominator
    twice = (numerator - floor * denominator) * 2
    up = (twice > denominator) | ((twice == denominator) & ((floor & 1) == 1))
    rounded: NDArray[np.int64] = floor + up
    return rounded


def _rotated(v: NDArray[np.int64], rotation_e9: Sequence[int]) -> NDArray[np.int64]:
    if tuple(rotation_e9) == IDENTITY_E9:
        return v
    # Three products of 5e9 nm with 1e9 would overflow int64 together. With v = high * 1e9 + low
    # the high part needs no division, and the low part's sum stays under 3e18.
    high = v // _E9
    low = v - high * _E9
    out = np.empty_like(v)
    for axis in range(3):
        r = rotation_e9[3 * axis : 3 * axis + 3]
        whole = high[:, 0] * r[0] + high[:, 1] * r[1] + high[:, 2] * r[2]
        rest = low[:, 0] * r[0] + low[:, 1] * r[1] + low[:, 2] * r[2]
        out[:, axis] = whole + divide_half_even(rest, _E9)
    return out


def model_frame_nm(
    vertices_mm: NDArray[np.float64],
    *,
    rotation_e9: Sequence[int] = IDENTITY_E9,
    scale_e6: int = _E6,
    shrink_xy_e6: int = _E6,
    shrink_z_e6: int = _E6,
) -> NDArray[np.int64]:
    """(v, 3) int64, nm: scaled, rotated and compensated, not yet moved (v3 of the formula).

    Raises SlicingError where a coordinate is beyond `MODEL_LIMIT_NM`.
    """
    scaled = vertices_mm * float(scale_e6)
    if scaled.size and not bool((np.abs(scaled) <= MODEL_LIMIT_NM).all()):
        raise SlicingError(
            said("the model's coordinates are out of range"),
            got=said("a coordinate of {reach:.6g} m", reach=float(np.abs(scaled).max()) / 1e9),
            wanted=said("at most {most:.0f} m", most=MODEL_LIMIT_NM / 1e9),
            hint=said("check the unit of the file (--units) and --scale"),
            code="SLICE-04",
        )
    v = _rotated(np.rint(scaled).astype(np.int64), rotation_e9)
    if shrink_xy_e6 != _E6:
        v = v.copy()
        v[:, :2] = divide_half_even(v[:, :2] * shrink_xy_e6, _E6)
    if shrink_z_e6 != _E6:
        v = v.copy()
        v[:, 2] = divide_half_even(v[:, 2] * shrink_z_e6, _E6)
    return v


def place_vertices(
    vertices_mm: NDArray[np.float64],
    *,
    rotation_e9: Sequence[int],
    translation_um: Sequence[int],
    scale_e6: int,
    shrink_xy_e6: int = _E6,
    shrink_z_e6: int = _E6,
) -> NDArray[np.int64]:
    """(v, 3) int64, nm, bed frame, of (v, 3) float64, mm, model frame (module's formula).

    shrink_*_e6 : what the material's shrinkage makes of the nominal size, in 1e-6.
    Raises SlicingError where a coordinate is out of range.
    """
    v = model_frame_nm(
        vertices_mm,
        rotation_e9=rotation_e9,
        scale_e6=scale_e6,
        shrink_xy_e6=shrink_xy_e6,
        shrink_z_e6=shrink_z_e6,
    )
    return v + np.asarray(translation_um, np.int64) * NM_PER_UM


def default_placement(
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.int32],
    *,
    bed_centre_um: tuple[int, int],
    rotation_e9: Rotation = IDENTITY_E9,
    scale_e6: int = _E6,
    shrink_xy_e6: int = _E6,
    shrink_z_e6: int = _E6,
) -> tuple[int, int, int]:
    """The translation, um, that puts the box centre on the bed's centre, the lowest vertex on the
    bed.

    Only vertices that a face uses count. The translation is whole micrometres, so the box
    centre and the lowest vertex land within 0.5 um of where they should.
    """
    v = model_frame_nm(
        vertices_mm,
        rotation_e9=rotation_e9,
        scale_e6=scale_e6,
        shrink_xy_e6=shrink_xy_e6,
        shrink_z_e6=shrink_z_e6,
    )
    used = (
        v.compress(used_vertices(len(v), faces), axis=0)
        if faces.size
        else np.zeros((1, 3), np.int64)
    )
    low, high = np.array([(axis.min(), axis.max()) for axis in used.T]).T
    twice_centre_nm = low[:2] + high[:2]
    wanted_nm = 2 * np.asarray(bed_centre_um, np.int64) * NM_PER_UM
    x, y = divide_half_even(wanted_nm - twice_centre_nm, 2 * NM_PER_UM).tolist()
    z = int(divide_half_even(-low[2:], NM_PER_UM)[0])
    return x, y, z


def _cosine_sine_e9(degrees: float) -> tuple[int, int]:
    angle = math.fmod(degrees, 360.0)
    quarters = {0.0: (1, 0), 90.0: (0, 1), 180.0: (-1, 0), 270.0: (0, -1)}
    exact = quarters.get(angle % 360.0)
    if exact is not None:
        return exact[0] * _E9, exact[1] * _E9
    radians = np.float64(angle) * (np.pi / 180.0)
    return int(np.rint(np.cos(radians) * 1e9)), int(np.rint(np.sin(radians) * 1e9))


def _times(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """Product of two 3 x 3 matrices in 1e-9, each entry rounded half to even."""
    out = []
    for i in range(3):
        for j in range(3):
            total = sum(a[3 * i + k] * b[3 * k + j] for k in range(3))
            floor, rest = divmod(total, _E9)
            out.append(floor + (2 * rest > _E9 or (2 * rest == _E9 and floor % 2 == 1)))
    return out


def rotation_e9_from_degrees(x_deg: float, y_deg: float, z_deg: float) -> Rotation:
    """Turns about the fixed X, then Y, then Z axis, as nine integers in 1e-9.

    Quarter turns are exact; other angles are quantised here, once, and only the integers are
    used (and signed) from then on.
    """
    cx, sx = _cosine_sine_e9(x_deg)
    cy, sy = _cosine_sine_e9(y_deg)
    cz, sz = _cosine_sine_e9(z_deg)
    about_x = (_E9, 0, 0, 0, cx, -sx, 0, sx, cx)
    about_y = (cy, 0, sy, 0, _E9, 0, -sy, 0, cy)
    about_z = (cz, -sz, 0, sz, cz, 0, 0, 0, _E9)
    r = _times(about_z, _times(about_y, about_x))
    return (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8])
