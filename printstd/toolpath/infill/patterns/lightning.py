"""Lightning infill: nothing but ribs that carry the roofs inside a part (`kernels.ribs`).

Right under a roof its ribs are as far apart as the lines of the asked density; further down they
are ever fewer. Lines keep to one lattice for the whole print, so ribs lie on those below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.lattice import Lattice, lattice_over, sampled
from printstd.kernels.ribs import Ribs, ribs
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid
from printstd.toolpath.infill.jobs import Job, Sparse
from printstd.toolpath.infill.patterns.strokes import Family, Parts, broken, family, joined, merged
from printstd.toolpath.infill.survey import Survey

Found = tuple[Sequence[Job], Laid]
_WAYS: Final = ((1, 0), (1, 1), (0, 1), (-1, 1))
"""Directions of the lattice's four families of lines, in the order of `Ribs`' ways."""
_OVERHANG_RATIO: Final = 1.0
"""Of the layer's height: what a rib's free end may reach beyond the one below, 45 degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Lightning:
    """A print's ribs, ready to be laid layer by layer. layers : of each."""

    lattice: Lattice
    layers: list[Ribs]

    @classmethod
    def of(cls, survey: Survey) -> Lightning:
        spec = survey.specs[-1]
        half = max(1, round(spec.sparse.spacing_nm / spec.density_ratio / 2.0))
        lattice = lattice_over(survey.sparse, 2 * half)
        halves = Lattice(
            half,
            2 * lattice.first_row - 1,
            2 * lattice.first_column - 1,
            2 * lattice.n_rows + 1,
            2 * lattice.n_columns + 1,
        )
        overhang = [round(s.height_nm * _OVERHANG_RATIO) for s in survey.specs]
        return cls(
            lattice,
            ribs(
                sampled(survey.sparse, halves),
                2 * half,
                np.array(overhang, np.int64),
                (-lattice.first_row, -lattice.first_column),
            ),
        )

    def __call__(self, areas: Sequence[Sparse]) -> Found:
        pitch = float(self.lattice.pitch_nm)
        # Along the border, where that is no wall, a bead would hang in the air.
        jobs = [a.job((1, 0), pitch)._replace(longest_nm=0, hook_nm=0) for a in areas]
        islands = clip.inset_islands(
            [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
        )
        if islands.rings.is_empty:
            return jobs, NOTHING_LAID
        layer = np.array([a.layer for a in areas], np.int64)[islands.part]
        n = len(islands.part)
        found = []
        for way, along in enumerate(_WAYS):
            apart = pitch / float(np.sqrt(float(along[0] ** 2 + along[1] ** 2)))
            # A nm aside, so that no line runs along an edge.
            of = family(
                islands,
                np.tile(np.array([along], np.int64), (n, 1)),
                np.ones(n),
                np.full(n, apart),
            )
            found.append((of, self._shown(of, way, layer[of.island])))
        return jobs, joined(jobs, islands, found)

    def _shown(self, of: Family, way: int, layer: NDArray[np.int64]) -> Parts:
        """What of a family's pieces are ribs."""
        is_slant = bool(way & 1)
        apart = float(self.lattice.pitch_nm) / (1.4142135623730951 if is_slant else 1.0)
        # Points lie at every whole number of `apart` along a line; on a slanted one at every other.
        step, shift = (2, of.number & 1) if is_slant else (1, np.zeros_like(of.number))
        low = np.floor((of.start_nm / apart - shift) / step).astype(np.int64) + 1
        count = np.ceil((of.end_nm / apart - shift) / step).astype(np.int64) - low
        count = np.maximum(count, 0)
        piece = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(piece)) - (np.cumsum(count) - count)[piece]
        place = ((low[piece] + nth) * step + shift[piece]) * apart
        inside = (place > of.start_nm[piece]) & (place < of.end_nm[piece])
        parts = broken(piece[inside], place[inside], of)
        piece, middle = parts.piece, (parts.start_nm + parts.end_nm) / 2.0
        begin = (
            np.floor((middle / apart - shift[piece]) / step).astype(np.int64) * step + shift[piece]
        )
        edge = self._edges(way, of.number[piece], begin)
        kept, cut_start, cut_end = self._looked_up(edge, layer[piece])
        first = begin * apart
        start = np.where(
            cut_start > 0, np.maximum(parts.start_nm, first + cut_start), parts.start_nm
        )
        end = np.where(
            cut_end > 0, np.minimum(parts.end_nm, first + step * apart - cut_end), parts.end_nm
        )
        return merged(Parts(piece, start, end), kept & (end > start))

    def _edges(
        self, way: int, number: NDArray[np.int64], begin: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Keys of the lattice's edges, -1 beyond it: line `number` of a family, from its point
        `begin` on."""
        if way == 0:
            row, column = number, begin
        elif way == 1:
            row, column = (begin + number) // 2, (begin - number) // 2
        elif way == 2:
            row, column = begin, -number
        else:
            row, column = (begin - number) // 2, (-number - begin) // 2
        row, column = row - self.lattice.first_row, column - self.lattice.first_column
        rows, columns = self.lattice.n_rows, self.lattice.n_columns
        is_there = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        return np.where(is_there, (row * columns + column) * 4 + way, -1)

    def _looked_up(
        self, edge: NDArray[np.int64], layer: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """(is there a rib, what is missing at its start, at its end) of edges in layers."""
        kept = np.zeros(len(edge), bool)
        cuts = np.zeros((2, len(edge)), np.int64)
        borders = np.flatnonzero(np.diff(layer, prepend=-1, append=-1))
        for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
            own = self.layers[int(layer[a])]
            if len(own.key):
                at = np.minimum(np.searchsorted(own.key, edge[a:b]), len(own.key) - 1)
                kept[a:b] = own.key[at] == edge[a:b]
                cuts[0, a:b], cuts[1, a:b] = own.cut_start_nm[at], own.cut_end_nm[at]
        cuts *= kept
        return kept, cuts[0], cuts[1]


survey_of = Lightning.of
