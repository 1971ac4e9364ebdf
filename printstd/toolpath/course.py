"""The passes from layers to moves, each kept under a key over what it is given.

    sections -> planned (all that is laid) -> ordered (seams, order, ways) -> paced (speeds, moves)
    -> cooling (what the fan of each move follows from), small, so that a change of the fan needs
    nothing else

Each pass is given the settings without those that it has no business with (`reuse.withheld`); it is
imported when its result is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.plate import TowerStand
from printstd.errors import InternalError
from printstd.named_tuple import NamedTuple
from printstd.ports import Cache, Executor, Progress
from printstd.profiles.models import Accelerations, Fan, Speeds
from printstd.profiles.resolved import Resolved
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import ABOUT, NOT_FOR_PATHS, without
from printstd.toolpath.fans import Cooling, fans_e3
from printstd.toolpath.parts import PlatePart

if TYPE_CHECKING:
    from printstd.artifacts.toolpath import Toolpath
    from printstd.toolpath.sequence import Ordered, Paced, Planned

_NOT_FOR_PLANNING: Final = (
    *ABOUT,
    *NOT_FOR_PATHS,
    "material.fan",
    "process.speeds",
    "process.accelerations",
    "printer.motion",
    "printer.retraction",
)
_NOT_FOR_ORDER: Final = (
    *ABOUT,
    *NOT_FOR_PATHS,
    "material.fan",
    *(f"process.speeds.{name}" for name in Speeds.model_fields if not name.startswith("travel")),
    *(
        f"process.accelerations.{name}"
        for name in Accelerations.model_fields
        if name not in ("default_mm_s2", "travel_mm_s2")
    ),
)
_NOT_FOR_SPEED: Final = (
    *ABOUT,
    *NOT_FOR_PATHS,
    *(
        f"material.fan.{name}"
        for name in Fan.model_fields
        if name not in ("slowdown_below_layer_time_s", "min_print_speed_mm_s")
    ),
)


class Course(NamedTuple):
    """All moves of a print, when somebody asks for them, and what cools them."""

    paced: Kept[Paced]
    cooling: Kept[Cooling]

    def fans_e3(self, resolved: Resolved) -> NDArray[np.int16]:
        """(k,) of each run of moves (`Cooling`)."""
        return fans_e3(self.cooling.value(), resolved)

    def toolpath(self, resolved: Resolved) -> Toolpath:
        """The moves with the fan."""
        moves, first = self.paced.value().toolpath, self.cooling.value().first_move
        sizes = np.diff(np.append(first, moves.n_moves))
        return replace(moves, fan_ratio_e3=np.repeat(self.fans_e3(resolved), sizes))


def course_of(
    parts: Sequence[PlatePart],
    resolved: Resolved,
    *,
    executor: Executor,
    progress: Progress,
    order: Sequence[int] | None = None,
    tower: TowerStand | None = None,
    cache: Cache | None = None,
) -> Course:
    """All moves of a print of several parts, laid together layer by layer.

    parts : each is planned once for all its copies, by its own settings. resolved : of the print as
    a whole: skirt, speeds, travel, cooling. Objects are numbered part by part, copy by copy.
    order : of the objects, where each is printed to its top before the next begins. tower : where
    the prime tower of a print with several tools stands; a part is made by the tool that its
    settings are of. cache : what was made before of the same is taken from there.

    The results raise SlicingError where the parts' layers lie at different heights, where several
    were to be spirals, and where no layer has a single bead of an object.
    """
    if resolved.printer is None:
        raise InternalError("a toolpath is planned for a printer")
    given = without(resolved, _NOT_FOR_PLANNING)
    own = [
        replace(
            part,
            resolved=without(part.resolved, _NOT_FOR_PLANNING),
            zones=tuple(
                zone._replace(resolved=without(zone.resolved, _NOT_FOR_PLANNING))
                for zone in part.zones
            ),
        )
        for part in parts
    ]

    def kind() -> type[Planned]:
        from printstd.toolpath.sequence import Planned

        return Planned

    def make() -> Planned:
        from printstd.toolpath.plan import lay_all

        return lay_all(own, given, order, tower, executor, progress)

    return sequenced(
        Kept(cache, "planned", kind, (own, given, order, tower), make), resolved, executor, cache
    )


def sequenced(
    planned: Kept[Planned], resolved: Resolved, executor: Executor, cache: Cache | None = None
) -> Course:
    """All that is laid, put in order."""
    for_order, for_speed = without(resolved, _NOT_FOR_ORDER), without(resolved, _NOT_FOR_SPEED)

    def kind_ordered() -> type[Ordered]:
        from printstd.toolpath.sequence import Ordered

        return Ordered

    def make_ordered() -> Ordered:
        from printstd.toolpath.sequence import put_in_order

        return put_in_order(planned.value(), for_order, executor)

    def kind_paced() -> type[Paced]:
        from printstd.toolpath.sequence import Paced

        return Paced

    def make_paced() -> Paced:
        from printstd.toolpath.sequence import paced

        return paced(ordered.value(), for_speed)

    ordered = Kept(cache, "ordered", kind_ordered, (planned, for_order), make_ordered)
    moves = Kept(cache, "paced", kind_paced, (ordered, for_speed), make_paced)
    cooling = Kept(cache, "cooling", lambda: Cooling, (moves,), lambda: moves.value().cooling)
    return Course(moves, cooling)
