"""Raised and sunk text on flat faces: runs of small flat regions a little above or below a large
one, alike in height, on a common base line (facts of validation, FEA-04).

Regions are those of `kernels.planes`, so the way the part lies, and where, changes nothing. Text on
curved faces, and text whose floor is not flat, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.clip import hull, offset_rings
from printstd.kernels.components import component_labels
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.outlines import borders, frame_across, rings_in_plane
from printstd.kernels.rings import Rings, area_mm2, concat, take

MOST_HOSTS: Final = 64
MOST_GLYPHS: Final = 512
LEAST_RUN: Final = 3
_PARALLEL_COSINE: Final = 1 - 1e-6
_LEAST_RELIEF_MM: Final = 0.02
_SAME_RELIEF_MM: Final = 0.02
_GLYPH_SHARE: Final = 0.25
"""Of the host's area, at most."""
_ALIKE: Final = 0.35
_ALIKE_SHARE: Final = 0.6
_STROKE_RATIO: Final = 0.5
"""Strokes are narrower than this share of the height: discs and squares are none."""
_FILL: Final = 0.85
"""Letters leave more of their box free than this: bars and fins do not."""
_HALVINGS: Final = 12


class Lettering(NamedTuple):
    """One run of glyphs on one face.

    glyphs : (n,) int64, numbers of the flat regions. host : of the face. relief_mm : signed,
    positive where raised. height_mm : of the tallest among those alike. stroke_mm : (n,), diameter
    of the largest circle in each glyph. cell_mm : (n,), each glyph's extent across the line.
    """

    glyphs: NDArray[np.int64]
    host: int
    relief_mm: float
    height_mm: float
    stroke_mm: NDArray[np.float64]
    cell_mm: NDArray[np.float64]


def letterings(
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    candidates: NDArray[np.int64],
    *,
    reach_mm: float,
) -> list[Lettering]:
    """Every run of three glyphs or more, no further above or below its face than `reach_mm`.

    candidates : numbers of flat regions that may be glyphs or hosts, strips of round shapes left
    out.
    """
    order = candidates[np.argsort(-flat.area[candidates], kind="stable")]
    by_plane = np.argsort(flat.labels, kind="stable")
    begins = np.searchsorted(flat.labels[by_plane], np.arange(len(flat.area) + 1))
    found: list[Lettering] = []
    taken = np.zeros(len(flat.area), bool)
    for host in order[:MOST_HOSTS].tolist():
        normal = flat.normal[host]
        relief = flat.offset[order] - flat.offset[host]
        near = (np.abs(relief) > _LEAST_RELIEF_MM) & (np.abs(relief) <= reach_mm)
        near &= (flat.area[order] < _GLYPH_SHARE * flat.area[host]) & ~taken[order]
        rows = np.flatnonzero(near)
        rows = rows[flat.normal[order[rows]] @ normal > _PARALLEL_COSINE][:MOST_GLYPHS]
        if len(rows) < LEAST_RUN:
            continue
        glyphs, relief = order[rows], relief[rows]
        shapes = _outlines(vertices_mm, faces, by_plane, begins, normal, [host, *glyphs.tolist()])
        box = shapes[0].xy_nm.min(axis=0), shapes[0].xy_nm.max(axis=0)
        boxes = np.array([[s.xy_nm.min(axis=0), s.xy_nm.max(axis=0)] for s in shapes[1:]])
        middle = boxes.mean(axis=1)
        on_host = ((middle >= box[0]) & (middle <= box[1])).all(axis=1)
        for members in _neighbours(boxes, relief, on_host):
            one = _run([shapes[k + 1] for k in members.tolist()], glyphs[members])
            if one is not None:
                taken[one.glyphs] = True
                found.append(one._replace(host=host, relief_mm=float(relief[members].mean())))
    return found


def _outlines(
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    by_plane: NDArray[np.int64],
    begins: NDArray[np.int64],
    normal: NDArray[np.float64],
    regions: Sequence[int],
) -> list[Rings]:
    """Each region's border, nm, seen along the host's normal; the first region's longest edge lies
    along x, so that boxes do not depend on how the part lies."""
    facets = [by_plane[begins[k] : begins[k + 1]] for k in regions]
    group = np.repeat(np.arange(len(facets)), [len(own) for own in facets])
    vertex, offsets, ring_of = borders(faces[np.concatenate(facets)], group)
    points = vertices_mm[vertex]
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    flat = (points - centre) @ frame_across(normal).T
    host = flat[: offsets[np.searchsorted(ring_of, 1)]]
    edges = np.diff(host, axis=0)
    length = np.sqrt((edges * edges).sum(axis=1))
    x, y = edges[int(np.argmax(np.round(length, 6)))] / length.max()
    flat = flat @ np.array([[x, -y], [y, x]])
    rings = rings_in_plane(flat, offsets, is_seen_from_behind=False)
    cuts = np.searchsorted(ring_of, np.arange(len(facets) + 1)).tolist()
    return [take(rings, np.arange(a, b)) for a, b in pairwise(cuts)]


def _neighbours(
    boxes: NDArray[np.int64], relief: NDArray[np.float64], on_host: NDArray[np.bool_]
) -> Iterator[NDArray[np.int64]]:
    """Glyphs of one relief, each no further from the next than the larger of them is wide."""
    low, high = boxes[:, 0], boxes[:, 1]
    apart = np.maximum(low[:, None] - high[None], low[None] - high[:, None]).max(axis=2)
    size = (high - low).max(axis=1)
    near = apart <= np.maximum(size[:, None], size[None])
    near &= np.abs(relief[:, None] - relief[None]) <= _SAME_RELIEF_MM
    near &= on_host[:, None] & on_host[None]
    first, second = np.nonzero(np.triu(near, 1))
    label, count = component_labels(len(boxes), first, second)
    for number in range(count):
        members = np.flatnonzero(label == number)
        if len(members) >= LEAST_RUN:
            yield members


def _run(shapes: list[Rings], glyphs: NDArray[np.int64]) -> Lettering | None:
    """What is a line of text among neighbouring shapes; None where they are something else."""
    line = _along(shapes)
    frame = np.array([line, [-line[1], line[0]]])
    spans = [(s.xy_nm / 1e6) @ frame.T for s in shapes]
    low = np.array([span.min(axis=0) for span in spans])
    size = np.array([np.ptp(span, axis=0) for span in spans])
    height = size[:, 1]
    usual = float(np.median(height))
    alike = np.abs(height - usual) <= _ALIKE * usual
    base = float(np.median(low[alike, 1])) if alike.any() else 0.0
    top = float(np.median((low + size)[alike, 1])) if alike.any() else 0.0
    # The frame may look at the line upside down: it is then the tops that lie on the base line.
    on_line = np.minimum(np.abs(low[:, 1] - base), np.abs((low + size)[:, 1] - top))
    good = alike & (on_line <= _ALIKE * usual)
    if good.sum() < LEAST_RUN or good.sum() < _ALIKE_SHARE * len(shapes):
        return None
    rows = np.flatnonzero(good)
    chosen = [shapes[k] for k in rows.tolist()]
    stroke = _strokes(chosen)
    fill = np.array([area_mm2(s) for s in chosen]) / np.maximum(size[rows].prod(axis=1), 1e-12)
    if np.median(stroke / height[rows]) >= _STROKE_RATIO or np.median(fill) >= _FILL:
        return None
    return Lettering(glyphs[rows], -1, 0.0, float(height[rows].max()), stroke, size[rows, 1].copy())


def _along(shapes: list[Rings]) -> NDArray[np.float64]:
    """(2,): the longer side of the smallest box around all of them, whichever way it is turned. One
    of its sides lies along an edge of their hull."""
    corners = hull(concat(shapes)).xy_nm / 1e6
    edges = np.roll(corners, -1, axis=0) - corners
    edges /= np.sqrt((edges * edges).sum(axis=1))[:, None]
    across = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    length, width = np.ptp(corners @ edges.T, axis=0), np.ptp(corners @ across.T, axis=0)
    least = int(np.argmin(np.round(length * width, 6)))
    return np.asarray(edges[least] if length[least] >= width[least] else across[least])


def _strokes(shapes: list[Rings]) -> NDArray[np.float64]:
    """(n,) mm: diameter of the largest circle inside each, by halving the interval: an area shrunk
    by a radius is empty where no such circle fits."""
    # Mitred corners of shrunk areas are those of the area itself, so nothing is lost at them.
    high = np.array([np.ptp(s.xy_nm, axis=0).min() / 2.0 for s in shapes])
    low = np.zeros(len(shapes))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = offset_rings(shapes, [-int(value) for value in middle])
        fits = np.array([not area.is_empty for area in found])
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.asarray((low + high) / 1e6, np.float64)
