"""A sheet of layers as a PNG: beads at their width, by role, in the bed's own millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.png import encode_palette_png
from printstd.kernels.strokes import FURTHEST, SUB, paint
from printstd.report.bitmap_font import HEIGHT, text_points, text_width
from printstd.report.laid import Laid
from printstd.report.role_colours import COLOURS, NAMES

SAMPLES: Final = 2
"""Samples of a pixel along each axis."""
COVERS: Final = SAMPLES * SAMPLES
_SHADES_PERMILLE: Final = (620, 810, 1000)
"""A bead is darker along its sides, so that beads side by side can be told apart."""
_CORE_PERMILLE: Final = 700
PAPER, INK, RULE, BACK = range(4)
FIRST_ROLE: Final = 4
"""Palette: four of the sheet's own, then for each role its covers, of each its shades."""
_PAPER_RGB: Final = (255, 255, 255)
_OWN_RGB: Final = (_PAPER_RGB, (32, 36, 40), (150, 156, 162), (241, 243, 245))

# (so many layers at most, so wide and high a picture may be)
_SIZES: Final = ((1, 900), (4, 600), (9, 420), (25, 320), (64, 240))
MOST_LAYERS: Final = _SIZES[-1][0]
USUAL_LAYERS: Final = 9
_GAP: Final = 12
_LEFT: Final = 34
"""Room for the labels of the rule on the left."""
_TITLE: Final = 24
_FOOT: Final = 14
_LINE: Final = 22
_MARGIN_PERMILLE: Final = 30
_SMALLEST_UM: Final = 1000
_STEPS_UM: Final = (1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of the bed a picture shows.

    x_um, y_um : its lower left corner. width_px, height_px : of the picture. um_across : how many
    um its width shows; its height shows as many for each pixel.
    """

    x_um: int
    y_um: int
    um_across: int
    width_px: int
    height_px: int

    def steps(self, um: NDArray[np.int64]) -> NDArray[np.int64]:
        """Lengths in 1/SUB of a sample; what is far outside the picture is drawn in to it."""
        steps = um * (self.width_px * SAMPLES * SUB) // self.um_across
        return np.clip(steps, -FURTHEST, FURTHEST)

    def pixel(self, um: int) -> int:
        """A length in pixels."""
        return um * self.width_px // self.um_across


def sheet_png(laid: Laid) -> bytes:
    """The layers of `laid`, at most `MOST_LAYERS`, in reading order, with a legend."""
    frame = frame_of(laid.box_um, len(laid))
    columns = next(c for c in range(1, len(laid) + 1) if c * c >= len(laid))
    rows = -(-len(laid) // columns)
    cell_w = _LEFT + frame.width_px + _GAP
    cell_h = _TITLE + frame.height_px + _FOOT + _GAP
    width = max(columns * cell_w + _GAP, text_width(_title(laid, 0), 2) + 2 * _GAP)
    legend = _legend(laid, frame, width)
    sheet = np.full((_GAP + rows * cell_h + len(legend), width), PAPER, np.uint8)
    for layer in range(len(laid)):
        top = _GAP + layer // columns * cell_h
        left = _GAP + layer % columns * cell_w
        _cell(sheet[top : top + cell_h, left : left + cell_w], laid, layer, frame)
    sheet[len(sheet) - len(legend) :] = legend
    return encode_palette_png(sheet, palette())


def frame_of(box_um: tuple[int, int, int, int], n_layers: int) -> Frame:
    """A box with a margin, in a picture as large as so many of them allow."""
    most = next(size for limit, size in _SIZES if n_layers <= limit)
    x0, y0, x1, y1 = box_um
    span_x, span_y = max(x1 - x0, _SMALLEST_UM), max(y1 - y0, _SMALLEST_UM)
    margin = max(span_x, span_y) * _MARGIN_PERMILLE // 1000
    span_x, span_y = span_x + 2 * margin, span_y + 2 * margin
    longest = max(span_x, span_y)
    width_px = max(most * span_x // longest, most // 4)
    um_across = max(longest * width_px // most, 1)
    height_px = max(-(-span_y * width_px // um_across), 1)
    # In the middle of what is wider or higher than the box.
    um_high = height_px * um_across // width_px
    return Frame(
        (x0 + x1 - um_across) // 2, (y0 + y1 - um_high) // 2, um_across, width_px, height_px
    )


def palette() -> NDArray[np.uint8]:
    """(n, 4) uint8 RGBA."""
    colours: list[tuple[int, ...]] = list(_OWN_RGB)
    for role in COLOURS:
        for cover in range(1, COVERS + 1):
            for shade in _SHADES_PERMILLE:
                dark = [c * shade // 1000 for c in COLOURS[role]]
                colours.append(
                    tuple(
                        (back * (COVERS - cover) + own * cover) // COVERS
                        for back, own in zip(_OWN_RGB[BACK], dark, strict=True)
                    )
                )
    out = np.full((len(colours), 4), 255, np.uint8)
    out[:, :3] = colours
    return out


def cover_of(indices: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(role, samples of the pixel that beads cover) of palette indices; -1 and 0 where none do."""
    above = indices.astype(np.int64) - FIRST_ROLE
    role, rest = np.divmod(above, COVERS * len(_SHADES_PERMILLE))
    cover = rest // len(_SHADES_PERMILLE) + 1
    return np.where(above < 0, -1, role), np.where(above < 0, 0, cover)


def draw_layer(laid: Laid, layer: int, frame: Frame) -> NDArray[np.uint8]:
    """(h, w) uint8 palette indices of one layer, row 0 on top.

    Where beads overlap, middles cover sides, and what is laid later covers what was laid before.
    """
    rows = np.arange(len(laid.role))[laid.of_layer(layer)]
    rows = rows[laid.width_um[rows] > 0]
    corner = np.array([frame.x_um, frame.y_um])
    start, end = (frame.steps(xy[rows] - corner) for xy in (laid.start_um, laid.end_um))
    radius = frame.steps(laid.width_um[rows]) // 2
    label = np.arange(len(rows))
    grid = np.full((frame.height_px * SAMPLES, frame.width_px * SAMPLES), -1, np.int64)
    paint(grid, start, end, radius, label)
    paint(grid, start, end, radius * _CORE_PERMILLE // 1000, label + len(rows))
    samples = grid[::-1].reshape(frame.height_px, SAMPLES, frame.width_px, SAMPLES)
    cells = samples.transpose(1, 3, 0, 2).reshape(COVERS, frame.height_px, frame.width_px)
    covered = (cells >= 0).sum(axis=0)
    core = (cells >= len(rows)).sum(axis=0)
    shade = (2 * core + covered // 2) // np.maximum(covered, 1)
    # A pixel is of the role that most of its samples are of; of two, of what lies on top.
    roles = np.append(laid.role[rows], 0).astype(np.int64)[cells % max(len(rows), 1)]
    roles = np.where(cells >= 0, roles, -1)
    votes = np.stack([((roles == own) & (own >= 0)).sum(axis=0) for own in roles])
    best = (votes * (2 * len(rows) + 1) + cells).argmax(axis=0)
    role = np.take_along_axis(roles, best[None], axis=0)[0]
    own = (role * COVERS + covered - 1) * len(_SHADES_PERMILLE) + shade
    return np.where(covered > 0, FIRST_ROLE + own, BACK).astype(np.uint8)


def _title(laid: Laid, layer: int) -> str:
    top, height = (int(a[layer]) / 1000 for a in (laid.top_um, laid.height_um))
    return f"Layer {int(laid.number[layer])}  Z {top:.3f}  h {height:.3f}"


def _cell(room: NDArray[np.uint8], laid: Laid, layer: int, frame: Frame) -> None:
    """One layer under its title, with rules in bed coordinates on the left and below."""
    title = _title(laid, layer)
    scale = 2 if text_width(title, 2) <= _LEFT + frame.width_px else 1
    _write(room, title, _LEFT, (_TITLE - HEIGHT * scale) // 2, scale)
    right, bottom = _LEFT + frame.width_px, _TITLE + frame.height_px
    room[_TITLE - 1 : bottom + 1, _LEFT - 1 : right + 1] = RULE
    room[_TITLE:bottom, _LEFT:right] = draw_layer(laid, layer, frame)
    step = _rule_step(frame, 44)
    for um in _marks(frame.x_um, frame.um_across, step):
        x = _LEFT + frame.pixel(um - frame.x_um)
        room[bottom : bottom + 4, x : x + 1] = INK
        label = _mm(um)
        _write(room, label, x - text_width(label) // 2, bottom + 6, 1)
    um_high = frame.height_px * frame.um_across // frame.width_px
    for um in _marks(frame.y_um, um_high, step):
        y = bottom - 1 - frame.pixel(um - frame.y_um)
        room[y : y + 1, _LEFT - 4 : _LEFT] = INK
        label = _mm(um)
        _write(room, label, _LEFT - 6 - text_width(label), y - HEIGHT // 2, 1)


def _legend(laid: Laid, frame: Frame, width: int) -> NDArray[np.uint8]:
    """(h, width): a length in true size, and the roles that occur."""
    bar_um = _rule_step(frame, 60)
    items: list[tuple[str, int | None]] = [(f"{_mm(bar_um)} mm of the bed", None)]
    per_role = COVERS * len(_SHADES_PERMILLE)
    items += [(NAMES[role], FIRST_ROLE + (role + 1) * per_role - 1) for role in laid.roles]
    bar_px = frame.pixel(bar_um)
    places, x, y = [], _GAP, 0
    for text, colour in items:
        swatch = bar_px if colour is None else 18
        need = swatch + 8 + text_width(text, 2)
        if x > _GAP and x + need > width - _GAP:
            x, y = _GAP, y + _LINE
        places.append((x, y, swatch))
        x += need + 2 * _GAP
    legend = np.full((y + _LINE + _GAP, width), PAPER, np.uint8)
    for (text, colour), (x, y, swatch) in zip(items, places, strict=True):
        if colour is None:
            legend[y + 6 : y + 8, x : x + swatch] = INK
            legend[y + 2 : y + 12, [x, x + swatch - 1]] = INK
        else:
            legend[y : y + 14, x : x + swatch] = colour
        _write(legend, text, x + swatch + 8, y, 2)
    return legend


def _write(room: NDArray[np.uint8], text: str, x: int, y: int, scale: int) -> None:
    """A text into a room, what would stand outside cut off."""
    points = text_points(text, scale)
    left, top = max(x, 0), max(y, 0)
    points = points[top - y : max(room.shape[0] - y, 0), left - x : max(room.shape[1] - x, 0)]
    room[top : top + points.shape[0], left : left + points.shape[1]][points] = INK


def _rule_step(frame: Frame, least_px: int) -> int:
    """The smallest round length that is so many pixels long."""
    return next((um for um in _STEPS_UM if frame.pixel(um) >= least_px), _STEPS_UM[-1])


def _marks(low_um: int, span_um: int, step_um: int) -> Sequence[int]:
    first = -(-low_um // step_um) * step_um
    return range(first, low_um + span_um, step_um)


def _mm(um: int) -> str:
    return f"{um / 1000:g}"
