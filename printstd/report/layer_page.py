"""The layers of a program as one HTML file that loads nothing and works from a disk.

Moves are written in time, so most start where the one before ended: steps of one layer are
differences in groups of seven bits (how they are read is said in viewer/codec.js).
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.report.laid import Laid
from printstd.report.role_colours import COLOURS, NAMES

TRAVEL: Final = 254
JUMP: Final = 255
"""Kinds of a step that are no role."""
_SIDE_PERMILLE: Final = 620
_MARK: Final = re.compile(r"@([A-Z]+)@")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The page's own texts: with marks, its style, its two scripts."""

    page: str
    style: str
    codec: str
    viewer: str


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Moves packed for the page. The arrays are bytes; *_offsets : (l + 1,) int64 into them."""

    kinds: NDArray[np.uint8]
    ways: NDArray[np.uint8]
    widths: NDArray[np.uint8]
    kind_offsets: NDArray[np.int64]
    way_offsets: NDArray[np.int64]
    width_offsets: NDArray[np.int64]


def layer_page(laid: Laid, title: str, viewer: Viewer) -> bytes:
    """The page for all layers of `laid`; the same bytes for the same moves and title."""
    steps = pack(laid)
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_digest(viewer.style)}; "
        f"script-src {_digest(viewer.codec)} {_digest(viewer.viewer)}"
    )
    texts = {
        "POLICY": policy,
        "TITLE": html.escape(title),
        "STYLE": viewer.style,
        "META": _meta(laid, steps),
        "KINDS": _base64(steps.kinds),
        "WAYS": _base64(steps.ways),
        "WIDTHS": _base64(steps.widths),
        "CODEC": viewer.codec,
        "VIEWER": viewer.viewer,
    }
    return _MARK.sub(lambda mark: texts[mark.group(1)], viewer.page).encode("utf-8")


def pack(laid: Laid) -> Steps:
    """All moves as steps of a pen that starts each layer at (0, 0)."""
    n = len(laid.role)
    is_first = np.zeros(n + 1, bool)
    is_first[laid.offsets] = True
    is_first = is_first[:n]
    before = np.zeros((n, 2), np.int64)
    before[1:] = laid.end_um[:-1]
    before[is_first] = 0
    # A step of the pen alone goes before each move that starts elsewhere.
    jumps = (laid.start_um != before).any(axis=1)
    at = np.arange(n) + np.cumsum(jumps)
    total = n + int(jumps.sum())
    kinds = np.full(total, JUMP, np.uint8)
    kinds[at] = np.where(laid.width_um > 0, laid.role, TRAVEL)
    way = np.zeros((total, 2), np.int64)
    way[at] = laid.end_um - laid.start_um
    way[at[jumps] - 1] = (laid.start_um - before)[jumps]
    kind_offsets = np.append(0, np.cumsum(1 + jumps))[laid.offsets].astype(np.int64)
    ways, way_ends = varints(way.reshape(-1))
    beads = np.flatnonzero(laid.width_um > 0)
    bead_offsets = np.searchsorted(beads, laid.offsets)
    width = laid.width_um[beads]
    change = np.diff(width, prepend=0)
    heads = bead_offsets[:-1][bead_offsets[:-1] < len(width)]
    change[heads] = width[heads]
    widths, width_ends = varints(change)
    return Steps(
        kinds,
        ways,
        widths,
        kind_offsets,
        np.append(0, way_ends)[2 * kind_offsets].astype(np.int64),
        np.append(0, width_ends)[bead_offsets].astype(np.int64),
    )


def varints(values: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(bytes, (n,) where each number ends): zigzag, seven bits a byte, the lowest first.

    values : (n,) int64 of less than 2^34.
    """
    code = np.where(values < 0, -2 * values - 1, 2 * values)
    length = np.ones(len(code), np.int64)
    for bits in (7, 14, 21, 28):
        length += code >> bits > 0
    end = np.cumsum(length)
    out = np.zeros(int(end[-1]) if len(end) else 0, np.uint8)
    for place in range(5):
        rows = np.flatnonzero(length > place)
        group = (code[rows] >> 7 * place) & 127
        out[end[rows] - length[rows] + place] = group | (length[rows] > place + 1) * 128
    return out, end


def _meta(laid: Laid, steps: Steps) -> str:
    roles = []
    for role in laid.roles:
        side = [c * _SIDE_PERMILLE // 1000 for c in COLOURS[role]]
        colour, dark = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in (COLOURS[role], side))
        roles.append({"kind": int(role), "name": NAMES[role], "colour": colour, "side": dark})
    value = {
        "format": 1,
        "travel": TRAVEL,
        "jump": JUMP,
        "box_um": laid.box_um,
        "roles": roles,
        "number": laid.number.tolist(),
        "top_um": laid.top_um.tolist(),
        "height_um": laid.height_um.tolist(),
        "steps": steps.kind_offsets.tolist(),
        "ways": steps.way_offsets.tolist(),
        "widths": steps.width_offsets.tolist(),
    }
    return json.dumps(value, separators=(",", ":"))


def _base64(array: NDArray[np.uint8]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _digest(text: str) -> str:
    """What lets one inline text pass a content security policy (CSP level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
