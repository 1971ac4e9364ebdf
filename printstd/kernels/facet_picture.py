"""Which facet is seen at each pixel: a picture of a mesh without OpenGL or rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FLAT: float = 1e-9
"""Pixels^2: facets that are seen edge on cover nothing."""


def seen_facets(corners: NDArray[np.float64], width: int, height: int) -> NDArray[np.int32]:
    """(height, width) int32: the facet nearest to the eye at the middle of each pixel, -1 for none.

    corners : (f, 3, 3) float64: x to the right and y down in pixels, z towards the eye. Facets that
    look away are not drawn. Of facets equally near the one with the lower number is seen. Each
    facet is divided into its rows and each row into its pixels, all at once: O(pixels that facets
    cover, whether seen or not).
    """
    picture = np.full(height * width, -1, np.int32)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    # y points down, so what is counter-clockwise to the eye has a negative area here.
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    kept = np.flatnonzero(area < -_FLAT)
    if not len(kept):
        return picture.reshape(height, width)
    own: NDArray[np.float64] = corners[kept]
    area = area[kept]
    facet, row = _expanded(
        _first(own[:, :, 1].min(axis=1), height), _first(own[:, :, 1].max(axis=1), height)
    )
    left, right = _span(own[facet], _middle(row))
    span, column = _expanded(_first(left, width), _first(right, width))
    facet, row = facet[span], row[span]
    depth = _depth(own, area, facet, _middle(column), _middle(row))
    pixel = row * width + column
    order = np.lexsort((kept[facet], -depth, pixel))
    is_first = np.ones(len(order), bool)
    is_first[1:] = pixel[order][1:] != pixel[order][:-1]
    nearest = order[is_first]
    picture[pixel[nearest]] = kept[facet[nearest]]
    return picture.reshape(height, width)


def _middle(pixel: NDArray[np.int64]) -> NDArray[np.float64]:
    return pixel.astype(np.float64) + 0.5


def _first(edge: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """The first pixel whose middle lies at `edge` or beyond, inside the picture."""
    return np.ceil(edge - 0.5).clip(0, most).astype(np.int64)


def _expanded(
    start: NDArray[np.int64], stop: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(which of the ranges, number in it) for all numbers of all ranges start..stop-1."""
    count = np.maximum(stop - start, 0)
    which = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, start[which] + within


def _span(
    own: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the line at height y enters and leaves each facet, (n,) each; left above right where it
    does not meet it."""
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for i in range(3):
        p, q = own[:, i, :2], own[:, (i + 1) % 3, :2]
        rise = q[:, 1] - p[:, 1]
        # Half open, so that a corner on the line belongs to one of its two edges.
        meets = (np.minimum(p[:, 1], q[:, 1]) <= y) & (y < np.maximum(p[:, 1], q[:, 1]))
        share = np.divide(y - p[:, 1], rise, out=np.zeros_like(y), where=meets)
        x = p[:, 0] + share * (q[:, 0] - p[:, 0])
        left = np.where(meets, np.minimum(left, x), left)
        right = np.where(meets, np.maximum(right, x), right)
    met = np.isfinite(left)
    return np.where(met, left, 1.0), np.where(met, right, 0.0)


def _depth(
    own: NDArray[np.float64],
    area: NDArray[np.float64],
    facet: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """z of the facet's plane there."""
    a, b, c = own[:, 0], own[:, 1], own[:, 2]
    ab, ac = b - a, c - a
    slope_x = (ab[:, 2] * ac[:, 1] - ac[:, 2] * ab[:, 1]) / area
    slope_y = (ac[:, 2] * ab[:, 0] - ab[:, 2] * ac[:, 0]) / area
    at = a[facet]
    depth: NDArray[np.float64] = (
        at[:, 2] + slope_x[facet] * (x - at[:, 0]) + slope_y[facet] * (y - at[:, 1])
    )
    return depth
