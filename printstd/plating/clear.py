"""A place for one part beside what stands on the bed."""

from __future__ import annotations

from collections.abc import Callable

from printstd.artifacts.mesh import ModelFile, Placement
from printstd.errors import InternalError
from printstd.plating.arrange import standing_nm
from printstd.profiles.resolved import Resolved
from printstd.profiles.volume_models import Box
from printstd.units import NM_PER_MM


def clear_of_all(
    middle_of: Callable[[Box], Placement], file: ModelFile, resolved: Resolved
) -> Placement:
    """In the middle of the bed if nothing is in the way there, else of the first room that holds
    the part; where none does, in the middle of the bed: the check of the volume says what is wrong.

    middle_of : the placement that puts the part's box into the middle of a room.
    """
    if resolved.printer is None:
        raise InternalError("a part is placed on a printer's bed")
    volume = resolved.printer.volume
    for room in (volume.bed_mm, *volume.rooms_mm()):
        tried = middle_of(room)
        xy_mm = standing_nm(file, tried, resolved)[:, :2] / NM_PER_MM
        (x0, y0), (x1, y1) = xy_mm.min(axis=0).tolist(), xy_mm.max(axis=0).tolist()
        if volume.room_for((x0, y0, x1, y1)) is not None:
            return tried
    return middle_of(volume.bed_mm)
