"""A digest of a surface that does not depend on how a file writes it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.units import NM_PER_MM

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def surface_sha256(vertices_mm: NDArray[np.float64], faces: NDArray[np.integer[Any]]) -> str:
    """SHA-256 over the facets as a set: the same for every order of facets and of vertices and for
    every first corner; another for another winding, and for a change of a nanometre.

    vertices_mm : (v, 3) float64, mm. faces : (f, 3). Facets are told apart by 64 bits each
    (splitmix64), so this names a shape and does not guard it: a file's own SHA-256 does that.
    O(f log f), no table of facets is sorted.
    """
    nm = np.rint(vertices_mm * NM_PER_MM).astype(np.int64).view(np.uint64)
    mixed = _mixed(nm[:, 0])
    for axis in (1, 2):
        mixed = _mixed(nm[:, axis] + mixed)
    corners = mixed[faces]
    # The corner with the smallest hash comes first; the sense of rotation stays.
    first = corners.argmin(axis=1)
    rows = np.arange(len(faces))
    facet = corners[rows, first]
    for step in (1, 2):
        facet = _mixed(facet) + corners[rows, (first + step) % 3]
    return hashlib.sha256(np.sort(_mixed(facet)).astype("<u8").tobytes()).hexdigest()


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64 of each (Steele, Lea and Flood 2014), modulo 2^64."""
    z = values + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed
