"""Patterns of parallel lines: each family is joined along the walls by itself."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels.turns import Direction, direction, turned_quarter
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import UNLIMITED_NM, Job, Sparse
from printstd.toolpath.infill.straight import lay_straight

Found = tuple[Sequence[Job], Laid]


def directions(angle_deg: float, layer: int) -> tuple[Direction, Direction]:
    """The direction of a layer's lines and the one across it, by turns."""
    along = direction(angle_deg)
    across = turned_quarter(along)
    return (across, along) if layer % 2 else (along, across)


def rectilinear(areas: Sequence[Sparse]) -> Found:
    """Lines across those of the layer below, on those of the layer below it."""
    return _laid(_turning(areas))


def aligned_rectilinear(areas: Sequence[Sparse]) -> Found:
    """Lines on those of the layer below: ribs from bottom to top."""
    return _laid([a.job(direction(a.spec.angle_deg), a.pitch_nm) for a in areas])


def zigzag(areas: Sequence[Sparse]) -> Found:
    """As rectilinear, but joined at every end, however far it is along the wall: as few paths as
    there can be."""
    return _laid([job._replace(longest_nm=UNLIMITED_NM) for job in _turning(areas)])


def grid(areas: Sequence[Sparse]) -> Found:
    """Two families across each other on every layer, each of half the density."""
    return _laid(
        [
            a.job(along, 2.0 * a.pitch_nm)
            for a in areas
            for along in directions(a.spec.angle_deg, a.layer)
        ]
    )


def _laid(jobs: Sequence[Job]) -> Found:
    return jobs, lay_straight(jobs)


def _turning(areas: Sequence[Sparse]) -> list[Job]:
    return [a.job(directions(a.spec.angle_deg, a.layer)[0], a.pitch_nm) for a in areas]
