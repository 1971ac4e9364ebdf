"""Motion: the moves that the auditor read, for previews."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import Motion
from printstd.audit.machine import Track

_CLAIM: Final = re.compile(rb"^; ?(?:TYPE|FEATURE):\s*(.*?)\s*$", re.MULTILINE)
_ROLES: Final = {
    b"external perimeter": 1,
    b"outer wall": 1,
    b"wall-outer": 1,
    b"perimeter": 2,
    b"inner wall": 2,
    b"wall-inner": 2,
    b"overhang perimeter": 3,
    b"overhang wall": 3,
    b"internal infill": 4,
    b"sparse infill": 4,
    b"fill": 4,
    b"solid infill": 5,
    b"internal solid infill": 5,
    b"skin": 5,
    b"top solid infill": 6,
    b"top surface": 6,
    b"bridge infill": 7,
    b"bridge": 7,
    b"internal bridge infill": 8,
    b"internal bridge": 8,
    b"gap fill": 9,
    b"gap infill": 9,
    b"skirt/brim": 10,
    b"skirt": 10,
    b"brim": 10,
}


def motion_of(track: Track, data: bytes) -> Motion:
    """The track as a record; roles are what comments claim, 0 where they claim nothing known."""
    return Motion(
        start_um=track.start_um.copy(),
        end_um=track.end_um.copy(),
        e_um=track.e_um.copy(),
        feed_um_s=np.nan_to_num(track.feed_um_s),
        line=track.line.astype(np.int32),
        claimed_role=_claimed(track.line, data),
    )


def _claimed(line: NDArray[np.int64], data: bytes) -> NDArray[np.uint8]:
    lines, roles = [0], [0]
    seen, number = 0, 1
    for match in _CLAIM.finditer(data):
        number += data.count(b"\n", seen, match.start())
        seen = match.start()
        lines.append(number)
        roles.append(_ROLES.get(match.group(1).lower(), 0))
    return np.array(roles, np.uint8)[np.searchsorted(lines, line, side="right") - 1]
