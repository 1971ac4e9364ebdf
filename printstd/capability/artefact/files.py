"""A part as binary STL, and the table that measurements are written into."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from printstd.capability.artefact.parts import ArtefactPart
from printstd.capability.artefact.solids import triangles

if TYPE_CHECKING:
    from manifold3d import Manifold

_REPLICATE: str = "1"


def stl(part: ArtefactPart) -> bytes:
    """The same bytes every time."""
    return stl_of(part.solid(), f"test part {part.id}, 52902-style")


def stl_of(solid: Manifold, title: str) -> bytes:
    """Likewise. title : ASCII, at most 60 letters."""
    corners = triangles(solid)
    records = np.zeros(
        len(corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("a", "<u2")])
    )
    records["corners"] = corners
    head = f"printstd {title}".encode("ascii").ljust(80)
    return head + struct.pack("<I", len(corners)) + records.tobytes()


def template_rows(parts: Iterable[ArtefactPart]) -> bytes:
    """A row for each size of the first printed part; measured_mm is to be filled in, rows are to be
    repeated for every further part with its own number."""
    rows = ["characteristic;sense;along;nominal_mm;part;measured_mm;what"]
    rows += [
        f"{size.id};{size.sense};{size.along};{size.nominal_mm:g};{_REPLICATE};;{size.what}"
        for part in parts
        for size in part.sizes
    ]
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8")
