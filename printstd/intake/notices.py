"""What readers hand on: triangles as the file has them, and remarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.mesh import RegionKind
from printstd.errors import InputError
from printstd.kernels.weld import Points
from printstd.named_tuple import NamedTuple
from printstd.units import LengthUnit
from printstd.words import said

PARSE_RULE = "PAR-01"


class Region(NamedTuple):
    """A volume inside which other settings hold. item : build item, by number in the file. volume :
    number among the components or volumes of the item's object. points, faces : as `Geometry`'s."""

    item: int
    volume: int
    kind: RegionKind
    settings: tuple[tuple[str, str], ...]
    points: NDArray[np.float64]
    faces: NDArray[np.int32]


class Portion(NamedTuple):
    """Build items with the same settings of their own, in the words of the slicer `family`.

    items : numbers in the file. is_own, is_own_cut : (f,) bool, which facets of the geometry and
    of what is cut out of it are theirs.
    """

    family: str
    items: tuple[int, ...]
    settings: tuple[tuple[str, str], ...]
    is_own: NDArray[np.bool_]
    is_own_cut: NDArray[np.bool_]
    regions: tuple[Region, ...]


class Geometry(NamedTuple):
    """points : (n, 3), the file's own numbers (finite); float32 where it is written in those alone.
    faces : (f, 3) int32 into points, or None where rows 3 i .. 3 i + 2 are facet i.
    unit : what the file says, or None.
    plate : 1-based plate that was read, or None.
    """

    points: Points
    faces: NDArray[np.int32] | None
    findings: tuple[Finding, ...] = ()
    unit: LengthUnit | None = None
    plate: int | None = None
    cut_points: NDArray[np.float64] | None = None
    cut_faces: NDArray[np.int32] | None = None
    """Of volumes that are to be cut out of the model; None where there are none."""
    portions: tuple[Portion, ...] = ()
    """Given where some build item has print settings of its own, or a region in which others hold;
    every facet is then in one."""

    @property
    def n_facets(self) -> int:
        return len(self.points) // 3 if self.faces is None else len(self.faces)


def remark(
    code: str,
    message: str,
    *,
    source: str,
    status: Status = Status.INFO,
    where: tuple[Where, ...] = (),
    details: tuple[tuple[str, str], ...] = (),
) -> Finding:
    """A finding of PAR-01: the code tells which case it is."""
    return Finding(
        PARSE_RULE, status, message, source, where=where, details=(("code", code), *details)
    )


def check_facet_count(count: int, limit: int, code: str) -> None:
    if count > limit:
        raise InputError(
            said("the file has more facets than are read"),
            got=said("{count} facets", count=count),
            wanted=said("at most {limit}", limit=limit),
            hint=said("export it with a coarser tolerance, or raise the limit"),
            code=code,
        )


def listed(numbers: list[int], most: int = 8) -> str:
    """`3, 4, 9 and 12 more`"""
    text = ", ".join(str(number) for number in numbers[:most])
    if len(numbers) <= most:
        return text
    return said("{some} and {count} more", some=text, count=len(numbers) - most)
