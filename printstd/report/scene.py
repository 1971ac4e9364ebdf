"""The parts of a report packed for its 3D view: 16 bits a coordinate, 8 bits a figure."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.surface_field import SurfaceField
from printstd.kernels.display_mesh import display_mesh, least_near, quantised
from printstd.report.pictures import PartPicture
from printstd.report.speech import Speech

MOST_FACETS: Final = 200_000
"""Of one part, shown; more are drawn coarser, and the page says so."""
CODES: Final = 254
NO_VALUE: Final = 255
RAMP: Final = (
    (68, 1, 84),
    (71, 45, 123),
    (59, 82, 139),
    (44, 114, 142),
    (33, 145, 140),
    (40, 174, 128),
    (94, 201, 98),
    (173, 220, 48),
    (253, 231, 37),
)
"""sRGB from the smallest figure to the largest: viridis (Smith and van der Walt 2015), which
rises in lightness evenly, also to eyes that do not tell red from green."""
UNKNOWN_RGB: Final = (190, 196, 204)


class Scale(NamedTuple):
    """Which figures the ramp of a field runs over: `low` has code 0, `high` code `CODES`."""

    low: float
    high: float


class Scene(NamedTuple):
    """meta : for the script. blocks : id of a data block -> base64. scales : of each part's
    fields. cells_mm : how coarsely each part is drawn, 0 where it is drawn whole."""

    meta: dict[str, Any]
    blocks: dict[str, str]
    scales: list[list[Scale]]
    cells_mm: list[float]


def scene_of(parts: Sequence[PartPicture], speech: Speech) -> Scene:
    metas, blocks, scales, cells = [], {}, [], []
    for number, part in enumerate(parts):
        shown = display_mesh(part.vertices_mm, part.faces, most_facets=MOST_FACETS)
        packed = quantised(shown.vertices_mm)
        is_wide = len(shown.vertices_mm) > 0xFFFF
        blocks[f"p{number}-xyz"] = _base64(packed.xyz.astype("<u2"))
        blocks[f"p{number}-faces"] = _base64(shown.faces.astype("<u4" if is_wide else "<u2"))
        fields, own_scales = [], []
        for index, field in enumerate(part.fields):
            values = least_near(field.values, part.faces, shown)
            scale = scale_of(field)
            blocks[f"p{number}-f{index}"] = _base64(codes(values, scale))
            own_scales.append(scale)
            fields.append(_field_meta(field, scale, speech))
        metas.append(
            {
                "name": speech.say(part.name),
                "low_mm": packed.low_mm,
                "step_mm": packed.step_mm,
                "wide": is_wide,
                "vertices": len(shown.vertices_mm),
                "facets": len(shown.faces),
                "fields": fields,
                "cuts": [
                    {"axis": cut.axis, "at_mm": cut.at_mm, "point_mm": cut.point_mm}
                    for cut in part.cuts
                ],
            }
        )
        scales.append(own_scales)
        cells.append(shown.cell_mm)
    meta = {"parts": metas, "ramp": RAMP, "unknown": UNKNOWN_RGB, "none": NO_VALUE}
    return Scene(meta, blocks, scales, cells)


def scale_of(field: SurfaceField) -> Scale:
    """Of its own, with room above the limit."""
    return Scale(0.0, max(field.high, 1.25 * (field.limit or 0.0)))


def codes(values: NDArray[np.float64], scale: Scale) -> NDArray[np.uint8]:
    """(f,) uint8: 0 to `CODES` over the scale, rounded down so that what is below a limit never
    looks as if it met it; `NO_VALUE` for NaN."""
    share = (np.nan_to_num(values) - scale.low) / (scale.high - scale.low)
    out = np.floor(share * CODES).clip(0, CODES).astype(np.uint8)
    out[np.isnan(values)] = NO_VALUE
    return out


def _field_meta(field: SurfaceField, scale: Scale, speech: Speech) -> dict[str, Any]:
    """below : codes under it are marked."""
    below = 0
    if field.limit is not None:
        below = int(np.ceil((field.limit - scale.low) / (scale.high - scale.low) * CODES))
    return {"name": speech.say(field.name), "below": below}


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: no end tag, no comment, no entity."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
