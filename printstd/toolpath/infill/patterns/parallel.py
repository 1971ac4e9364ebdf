"""Patterns of parallel lines: each family is joined along the walls by itself."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels.turns import Direction, direction, turned_quarter
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import UNLIMITED_NM, Job, Sparse
from printstd.toolpath.infill.straight import lay_straight
from printstd.toolpath.spec import LayerSpec

Found = tuple[Sequence[Job], Laid]


def directions(angle_deg: float, turn: int) -> tuple[Direction, Direction]:
    """The direction of lines and the one across it, by turns."""
    along = direction(angle_deg)
    across = turned_quarter(along)
    return (across, along) if turn % 2 else (along, across)


def across_of(spec: LayerSpec, turn: int) -> Direction:
    """The direction across the lines of a layer's sparse infill, if they have one; else any."""
    if spec.pattern is InfillPattern.ALIGNED_RECTILINEAR:
        turn = 0
    return directions(spec.angle_deg, turn)[1]


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
            for along in directions(a.spec.angle_deg, a.turn)
        ]
    )


def _laid(jobs: Sequence[Job]) -> Found:
    return jobs, lay_straight(jobs)


def _turning(areas: Sequence[Sparse]) -> list[Job]:
    return [a.job(directions(a.spec.angle_deg, a.turn)[0], a.pitch_nm) for a in areas]
