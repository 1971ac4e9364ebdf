"""Which way up: the orientation in which least hangs and the height is still within its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from printstd.artifacts.mesh import ModelFile
from printstd.kernels.orientation import Standing, candidates, standing
from printstd.kernels.placing import IDENTITY_E9, Rotation
from printstd.profiles.resolved import Resolved

_LEAST_CONTACT_MM2: Final = 25.0
"""A part that touches the bed with less than this falls over; half of the most it can have is
enough for small ones."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """What was chosen, and as filed for comparison."""

    chosen: Standing
    as_filed: Standing

    @property
    def rotation_e9(self) -> Rotation:
        return self.chosen.rotation_e9


def orient(file: ModelFile, scale_e6: int, resolved: Resolved) -> Orientation:
    """The candidate (`kernels.orientation`) with the least hanging area; of equals the lowest, then
    the one that stands on the larger facet.

    Passed over, as long as others are left: what does not fit the machine, what hardly touches the
    bed, and heights that whole layers miss by more than the tolerance class allows for such a size.
    """
    mesh = file.mesh
    used = np.zeros(len(mesh.vertices_mm), bool)
    used[mesh.faces.reshape(-1)] = True
    vertices = mesh.vertices_mm * (scale_e6 / 1e6)
    layer_mm = resolved.process.first_layer_height_mm
    found = [
        standing(vertices, mesh.faces, rotation, layer_mm)
        for rotation in candidates(vertices[used])
    ]
    most_contact = max(one.contact_mm2 for one in found)
    enough = min(_LEAST_CONTACT_MM2, most_contact / 2)
    order = sorted(
        range(len(found)),
        key=lambda i: (
            not _fits(found[i], resolved),
            found[i].contact_mm2 < enough,
            not _is_height_made(found[i].size_mm[2], resolved),
            round(found[i].hanging_mm2, 1),
            round(found[i].size_mm[2], 3),
            i,
        ),
    )
    as_filed = next(one for one in found if one.rotation_e9 == IDENTITY_E9)
    return Orientation(found[order[0]], as_filed)


def _fits(one: Standing, resolved: Resolved) -> bool:
    if resolved.printer is None:
        return True
    volume = resolved.printer.volume
    room = (volume.x_max_mm - volume.x_min_mm, volume.y_max_mm - volume.y_min_mm, volume.z_max_mm)
    return all(size <= limit for size, limit in zip(one.size_mm, room, strict=True))


def _is_height_made(height_mm: float, resolved: Resolved) -> bool:
    """Whole layers end within the class's deviation of the height (a layer is printed where its
    middle lies inside the part). A size that the table has no row for is not judged."""
    allowed = resolved.deviation_mm(height_mm)
    if allowed is None:
        return True
    first, layer = resolved.process.first_layer_height_mm, resolved.process.layer_height_mm
    n_more = max(0, int(np.ceil((height_mm - first) / layer - 0.5 - 1e-9)))
    return abs(first + n_more * layer - height_mm) <= allowed + 1e-9
