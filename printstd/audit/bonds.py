"""Do the beads of a layer touch each other: the lines that each inner wall must cover to touch the
wall outside it, the solid shell between its lines, and what of those lies bare.

Two walls at their usual distance overlap by what their round sides leave of the layer's corners
(h (1 - pi/4), 43 um of a layer of 0.2 mm). A gap counts where it is wider than `JOINT_UM`, so what
is that far behind the place where the outer wall of the two ends must be covered. Where that outer
one lies, G-03, G-04 and G-08 ask. Of the shell the cells are asked whose middles no bead comes
within half a gap of: what is left is the area of gaps, less that of gaps that do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.bead_models import Bracket
from printstd.audit.inside import Inside, shells_bare
from printstd.audit.limit_places import Place
from printstd.audit.outline import FINE_UM
from printstd.audit.spot import Spot

if TYPE_CHECKING:
    from printstd.audit.outline import Outline
    from printstd.audit.regions import Region
    from printstd.audit.sheet import Sheet
    from printstd.audit.tracing import Trace

JOINT_UM: Final = 50.0
"""In all models of a bead honest walls are nearer: rectangles beside each other only touch, and 3 %
less flow draws each side in by 6 um."""
STRETCH_SPACINGS: Final = 10.0
"""Shorter gaps are not noted one by one."""
OPEN_UM2: Final = 5e6
"""So much of a solid shell may lie open between its lines, however small it is."""
_NOTHING: Final = Bracket(0.0, 0.0, 0.0)
_NO_SPOTS: Final[Bracket[tuple[Spot, ...]]] = Bracket((), (), ())


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """Of one layer. length_um : of all such lines; bare_um : of it, where walls do not touch, under
    each model of a bead; spots : where they do not for long. shell_um2 : area that must be solid,
    away from walls and sparse infill; open_um2 : of it, what gaps take beyond those that do not
    count."""

    length_um: float = 0.0
    bare_um: Bracket[float] = _NOTHING
    spots: Bracket[tuple[Spot, ...]] = _NO_SPOTS
    shell_um2: float = 0.0
    open_um2: Bracket[float] = _NOTHING


def joint_lines(outline: Outline, place: Place, spacing: float, width: float) -> list[Region]:
    """Regions whose borders the second to last of the walls that a place demands must cover, where
    the part is thick enough for all of them."""
    import shapely

    count = place.limits.min_wall_count
    if count < 2 or (place.region is not None and place.region.is_empty):
        return []

    def made() -> list[Region]:
        room = outline.grown(-(count + 0.25) * spacing, 4)
        if room.is_empty:
            return []
        gap = width - spacing + JOINT_UM
        away = [(count + 0.25 - number) * spacing - gap for number in range(1, count)]
        return [
            shapely.simplify(
                shapely.buffer(room, by_um, quad_segs=4), FINE_UM, preserve_topology=False
            )
            for by_um in away
        ]

    return outline.once(("joints", count, spacing, width), made)


def joints_of(
    places: Sequence[Place],
    joints: Sequence[Sequence[Bracket[Trace]]],
    shell: OpenShell,
    spacing: float,
) -> Joints:
    """Where the walls that each place demands touch, and do not, and how open the shell is.
    joints : of each place, the traces of `joint_lines` under each model of a bead; shell : how open
    it is."""
    found: list[tuple[float, float, tuple[Spot, ...]]] = []
    for model in range(len(Bracket._fields)):
        mine = [[line[model] for line in lines] for lines in joints]
        if found and all(
            one is other[model - 1]
            for lines, others in zip(mine, joints, strict=True)
            for one, other in zip(lines, others, strict=True)
        ):
            found.append(found[-1])
        else:
            found.append(_apart(places, mine, spacing))
    worst, usual, best = found
    return Joints(
        usual[0],
        Bracket(worst[1], usual[1], best[1]),
        Bracket(worst[2], usual[2], best[2]),
        *shell,
    )


def _apart(
    places: Sequence[Place], joints: Sequence[Sequence[Trace]], spacing: float
) -> tuple[float, float, tuple[Spot, ...]]:
    """(length of all lines, of what lies bare of them, long bare stretches) of one model."""
    import shapely

    length = bare = 0.0
    spots: list[Spot] = []
    for place, lines in zip(places, joints, strict=True):
        for line in lines:
            if place.region is None:
                mine = float(line.length_um.sum()), line.bare_um
                pieces = line.bare_lines(STRETCH_SPACINGS * spacing)
            else:
                # Near a border walls that others have not turn off along it.
                turned_off = (place.limits.min_wall_count - place.walls + 1) * spacing
                inner = shapely.buffer(place.region, -turned_off, quad_segs=2)
                whole, open_um, pieces = line.within(inner, STRETCH_SPACINGS * spacing)
                mine = whole, open_um
            length, bare = length + mine[0], bare + mine[1]
            for piece in pieces:
                x, y = shapely.get_coordinates(piece)[0].tolist()
                spots.append(Spot(JOINT_UM, float(piece.length), (x, y)))
    return length, bare, tuple(spots)


class OpenShell(NamedTuple):
    """Area of the solid shell, of it open under each model of a bead."""

    shell_um2: float
    open_um2: Bracket[float]


def open_reach(width_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) how far beads so wide reach to each side beyond which a shell is open, um."""
    reach: NDArray[np.float64] = (width_um + JOINT_UM) / 2
    return reach


def shells_open(sheet: Sheet, insides: Sequence[Inside | None]) -> list[OpenShell]:
    """Of each layer of a sheet. Under the usual model and the best one only where the worst leaves
    so much that it matters: what is told of it is then an upper bound."""
    lean = sheet.column(lambda own: own.lean_um)
    worst = shells_bare(sheet, insides, open_reach(lean))

    def under(width_um: NDArray[np.float64], before: Sequence[float]) -> list[float]:
        asked = [
            one if opened > OPEN_UM2 else None for one, opened in zip(insides, before, strict=True)
        ]
        if all(one is None for one in asked):
            return list(before)
        found = shells_bare(sheet, asked, open_reach(width_um))
        return [
            opened if one is None else now
            for one, opened, now in zip(asked, before, found, strict=True)
        ]

    usual = under(sheet.width_um, worst)
    best = under(sheet.column(lambda own: own.most_um), usual)
    return [
        OpenShell(one.shell_area if one is not None else 0.0, Bracket(*opened))
        for one, opened in zip(insides, zip(worst, usual, best, strict=True), strict=True)
    ]
