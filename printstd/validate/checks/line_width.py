"""THK-03: What no line fits into

What it demands
    Nothing; it warns of areas of layers that are too narrow for a bead, and tells of those that
    only a bead narrower than the external perimeter fits into.

Why
    What is narrower than a bead is left out of the print without a word, or laid thinner than the
    nozzle can do it well. Slicers show it only to who looks at every layer.

How it is measured
    The layers that will be printed are opened by a line's width, w: shrunk by w/2 and grown again,
    with mitred corners, as rounded ones would lose something at every corner. What is lost is
    narrower than w. Pieces that are shorter than the nozzle is wide, or smaller than its square,
    are left out. What of the rest is also lost in an opening by the narrowest bead
    that the process lays will not be laid: a third of the nozzle where thin walls are on
    (`walls.thin_walls`), `walls.min_bead_width_ratio` of it where walls vary in width, the whole
    external perimeter where neither is.
    Sharp corners, below 39 degrees in a layer, count where they run out into nothing. What the
    area lost is depends on how the part stands, as layers do.

Example
    A fin of 0.10 mm: no bead of a 0.4 mm nozzle is as narrow, and the fin is not there.

Standard and clause
    Facts of validation, 2.3. Process: widths.external_perimeter_mm, walls.thin_walls,
    walls.min_bead_width_ratio; printer: nozzle_mm
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import Rings
from printstd.profiles.models import WallGenerator
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_MM, nm
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, facets, unit
from printstd.validate.printed import PrintedLayers
from printstd.words import said

_SLACK_NM: Final = 2_000
"""An area as wide as the line, or this much narrower, keeps its line."""


class _Lost(NamedTuple):
    """Pieces of layers, (n,) each. area_mm2. box_nm : (n, 4), x0 y0 x1 y1."""

    layer: NDArray[np.int64]
    area_mm2: NDArray[np.float64]
    box_nm: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> _Lost:
        return _Lost(self.layer[chosen], self.area_mm2[chosen], self.box_nm[chosen])


def narrowest_bead_mm(resolved: Resolved) -> float:
    """What the process lays at least: wider places get a bead as wide as they are."""
    walls, nozzle = resolved.process.walls, resolved.nozzle_mm
    external = resolved.process.widths.external_perimeter_mm
    if walls.generator is WallGenerator.VARIABLE:
        return min(walls.min_bead_width_ratio * nozzle, external)
    return min(nozzle / 3, external) if walls.thin_walls else external


def run(context: CheckContext) -> tuple[Finding, ...]:
    layers = context.printed
    if layers is None:
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                said("the part is too large to be cut into its layers here"),
            ),
        )
    thin_mm2 = 0.0
    found: list[_Lost] = []
    for piece in layers.pieces:
        process = piece.resolved
        sections = list(enumerate(piece.sections))
        thin = _narrower(sections, process.process.widths.external_perimeter_mm)
        # What has room for a wide line has room for a narrow one.
        left = [sections[layer] for layer in np.unique(thin.layer).tolist()]
        lost = _narrower(left, narrowest_bead_mm(process))
        found.append(_large(lost, process.nozzle_mm))
        thin_mm2 += float(_large(thin, process.nozzle_mm).area_mm2.sum())
    lost = _Lost(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return (_finding(context, layers, lost, thin_mm2),)


def _narrower(sections: list[tuple[int, Rings]], width_mm: float) -> _Lost:
    """What of each layer is narrower than a line."""
    areas = [Area.of(section) for _, section in sections]
    half = nm(width_mm) // 2
    core = clip.watched_offsets(areas, [_SLACK_NM // 2 - half] * len(areas))
    rows = [k for k, one in enumerate(core) if not one.is_reversible]
    grown = clip.offset_each([core[k].area for k in rows], [half + _SLACK_NM // 2] * len(rows))
    parts = [(sections[k][0], areas[k] - wide) for k, wide in zip(rows, grown, strict=True)]
    islands = [
        (layer, island)
        for layer, part in parts
        if not part.is_empty
        for island in part.islands()
        if not island.is_empty
    ]
    return _lost(islands)


def _lost(islands: list[tuple[int, Area]]) -> _Lost:
    outlines = clip.rings_of([island for _, island in islands])
    boxes = [[*xy.min(axis=0), *xy.max(axis=0)] for xy, _ in outlines if len(xy)]
    kept = [one for one, outline in zip(islands, outlines, strict=True) if not outline.is_empty]
    return _Lost(
        np.array([layer for layer, _ in kept], np.int64),
        np.array([island.area_mm2 for _, island in kept], np.float64),
        np.array(boxes, np.int64).reshape(-1, 4),
    )


def _large(lost: _Lost, nozzle_mm: float) -> _Lost:
    """Pieces that somebody would miss."""
    side = lost.box_nm[:, 2:] - lost.box_nm[:, :2]
    is_long = side.max(axis=1, initial=0) >= nm(nozzle_mm)
    return lost.only(is_long & (lost.area_mm2 >= nozzle_mm * nozzle_mm))


def _finding(context: CheckContext, layers: PrintedLayers, lost: _Lost, thin_mm2: float) -> Finding:
    least_mm, nozzle_mm = narrowest_bead_mm(context.resolved), context.resolved.nozzle_mm
    limit_mm2 = nozzle_mm * nozzle_mm
    details = ((said("laid by beads narrower than a line"), said("{area:.2f} mm2", area=thin_mm2)),)
    if not len(lost.layer):
        message = said("a bead fits everywhere")
        if thin_mm2:
            message = said(
                "a bead fits everywhere; into {area:.2f} mm2 of all layers together only one "
                "narrower than a line of {width:g} mm",
                area=thin_mm2,
                width=context.line_width_mm,
            )
        return CHECK.says(
            Status.INFO if thin_mm2 else Status.PASS,
            message,
            measured=0.0,
            limit=limit_mm2,
            unit="mm2",
            details=details,
        )
    order = np.lexsort((lost.layer, -np.round(lost.area_mm2, 6)))
    return CHECK.says(
        Status.WARN,
        said(
            "no bead will be laid in {pieces} pieces of {layers} layers, {area:.2f} mm2 in all, "
            "which are narrower than {least:.3g} mm",
            pieces=len(lost.layer),
            layers=len(np.unique(lost.layer)),
            area=float(lost.area_mm2.sum()),
            least=least_mm,
        ),
        measured=float(lost.area_mm2[order[0]]),
        limit=limit_mm2,
        unit="mm2",
        where=tuple(
            _place(layers, int(lost.layer[row]), lost.box_nm[row]) for row in order[:MOST_PLACES]
        ),
        details=details,
    )


def _place(layers: PrintedLayers, layer: int, box_nm: NDArray[np.int64]) -> Where:
    tops = layers.tops_mm
    shift = layers.shift_mm
    x0, y0, x1, y1 = (box_nm / NM_PER_MM).tolist()
    low = (x0 + shift[0], y0 + shift[1], (tops[layer - 1] if layer else 0.0) + shift[2])
    high = (x1 + shift[0], y1 + shift[1], tops[layer] + shift[2])
    a, b, c, d, e, f = (round(value, 3) + 0.0 for value in (*low, *high))
    return Where(frame=layers.frame, box_mm=(a, b, c, d, e, f), layer=layer)


CHECK = Check(
    "THK-03",
    said("What no line fits into"),
    said("process: widths.external_perimeter_mm, walls.thin_walls, walls.min_bead_width_ratio"),
    run,
    (facets, unit, closed_surface),
)
