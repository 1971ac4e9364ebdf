"""The family of edits that the search tries, as numbers: which beads, how much flow, how far, where
nothing is laid, how warm, how fast. A genome of neutral values is the honest program."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.mutation.operators.editing import rows_ahead
from tests.mutation.operators.placement import _chains, _offsets
from tests.mutation.subjects import Subject, own_subject

PIECE_MM: Final = 1.0
"""Beads are cut into pieces of at most this length, so that parts of them can be left out."""
KINDS: Final = ("outer", "inner", "sparse", "solid", "bridge", "gap")


@dataclass(frozen=True)
class Gene:
    """low, high : bounds. neutral : the honest value. step : first standard deviation."""

    low: float
    high: float
    neutral: float
    step: float


GENES: Final[dict[str, Gene]] = {
    # Shares of the filament of each kind.
    **{f"flow_{kind}": Gene(0.3, 1.3, 1.0, 0.05) for kind in KINDS[:4]},
    # Of a run of layers, and of every second layer against the others.
    "band_flow": Gene(0.3, 1.3, 1.0, 0.05),
    "alternate_flow": Gene(-0.3, 0.3, 0.0, 0.02),
    "band_first": Gene(0.0, 1.0, 0.4, 0.15),
    "band_share": Gene(0.0, 1.0, 0.2, 0.15),
    # um: everything, a run of layers, every second layer to and fro.
    "shift_x": Gene(-150, 150, 0, 15),
    "shift_y": Gene(-150, 150, 0, 15),
    "band_shift_x": Gene(-150, 150, 0, 15),
    "alternate_shift_x": Gene(-150, 150, 0, 15),
    # um out of the material: walls, and every second layer's outer walls.
    "outer_um": Gene(-150, 150, 0, 10),
    "inner_um": Gene(-250, 250, 0, 15),
    "alternate_outer_um": Gene(-100, 100, 0, 10),
    # A round place where nothing of some kinds is laid: shares of the box and of the height, mm.
    "void_x": Gene(0.0, 1.0, 0.35, 0.1),
    "void_y": Gene(0.0, 1.0, 0.5, 0.1),
    "void_mm": Gene(0.0, 8.0, 0.0, 0.7),
    "void_first": Gene(0.0, 1.0, 0.25, 0.1),
    "void_last": Gene(0.0, 1.0, 0.7, 0.1),
    "void_kinds": Gene(0.0, 3.0, 0.5, 0.5),
    # Of the infill's beads.
    "dropped_infill": Gene(0.0, 1.0, 0.0, 0.08),
    # Of heights, temperatures, fans and feeds.
    "gap_um": Gene(-20, 20, 0, 1.5),
    "nozzle_k": Gene(-60, 60, 0, 6),
    "fan_share": Gene(0.0, 1.0, 1.0, 0.1),
    "feed_share": Gene(0.3, 4.0, 1.0, 0.3),
}
Genome = dict[str, float]
NEUTRAL: Final[Genome] = {name: gene.neutral for name, gene in GENES.items()}


@dataclass(frozen=True, eq=False)
class Moves:
    """The moves of a tagged program. line : (n,) index among `lines`; layer, kind : (n,);
    x, y, z, e, f : (n,) mm, mm/min, NaN where a move does not say. to_outer, to_inner : (n, 2) by
    how much a move's end goes along if walls of that kind go 1 mm out of the material."""

    lines: tuple[str, ...]
    line: NDArray[np.int64]
    layer: NDArray[np.int64]
    kind: NDArray[np.str_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    e: NDArray[np.float64]
    f: NDArray[np.float64]
    to_outer: NDArray[np.float64]
    to_inner: NDArray[np.float64]
    n_layers: int


def _in_pieces(lines: list[str]) -> list[str]:
    """Straight beads of infill and skins cut into pieces."""
    out: list[str] = []
    at = (0.0, 0.0)
    for row in rows_ahead(lines):
        words = row.words
        there = (words.get("X", at[0]), words.get("Y", at[1]))
        n = math.ceil(math.dist(at, there) / PIECE_MM) if row.lays else 1
        if n < 2 or row.kind not in ("sparse", "solid", "bridge"):
            out.append(row.text)
        else:
            rest = {k: v for k, v in words.items() if k == "F"}
            for k in range(1, n + 1):
                x, y = (a + (b - a) * k / n for a, b in zip(at, there, strict=True))
                speed = f" F{rest['F']:g}" if rest and k == 1 else ""
                out.append(f"G1 X{x:.3f} Y{y:.3f} E{words['E'] / n:.5f}{speed}")
        at = there
    return out


@functools.cache
def moves_of(name: str) -> Moves:
    """Of our own program for ``part/dialect``."""
    on = own_subject(*name.split("/"))
    lines = _in_pieces(list(on.lines))
    rows = rows_ahead(lines)
    chosen = [i for i, row in enumerate(rows) if row.words]
    columns = {
        letter: np.array([rows[i].words.get(letter, np.nan) for i in chosen]) for letter in "XYZEF"
    }
    place = {line: number for number, line in enumerate(chosen)}
    shifts = {}
    for kind in ("outer", "inner"):
        shift = np.zeros((len(chosen), 2))
        for chain in _chains(rows, kind, lambda row: True):
            points = np.array([point for _, point in chain])
            layer = rows[chain[-1][0]].layer
            at = [place[row] for row, _ in chain]
            shift[at] = _offsets(points, on.outline_of(layer), 1.0)
        shifts[kind] = shift
    layer = np.array([rows[i].layer for i in chosen])
    return Moves(
        tuple(lines),
        np.array(chosen),
        layer,
        np.array([rows[i].kind for i in chosen]),
        columns["X"],
        columns["Y"],
        columns["Z"],
        columns["E"],
        columns["F"],
        shifts["outer"],
        shifts["inner"],
        int(layer[layer < 10**6].max()) + 1,
    )


def edited(on: Subject, moves: Moves, genome: Genome) -> Moves:
    """The moves that a genome makes of them; temperatures and fans are put in by `written`."""
    from dataclasses import replace

    g = genome
    x, y, z, e, f = (column.copy() for column in (moves.x, moves.y, moves.z, moves.e, moves.f))
    part = (moves.layer >= 0) & (moves.layer < 10**6) & np.isin(moves.kind, KINDS)
    laid = part & (e > 0) & ~np.isnan(x)
    parity = np.where(moves.layer % 2 == 0, 1.0, -1.0)
    first = int(g["band_first"] * moves.n_layers)
    band = (moves.layer >= first) & (moves.layer <= first + round(g["band_share"] * moves.n_layers))
    for kind in KINDS[:4]:
        e[laid & (moves.kind == kind)] *= g[f"flow_{kind}"]
    e[laid & band] *= g["band_flow"]
    e[laid] *= (1 + parity * g["alternate_flow"])[laid]
    walls = g["outer_um"] + g["alternate_outer_um"] * parity
    dx = g["shift_x"] + g["band_shift_x"] * band + g["alternate_shift_x"] * parity
    move = part & ~np.isnan(x) & ~np.isnan(y)
    way = moves.to_outer * walls[:, None] + moves.to_inner * g["inner_um"]
    x[move] += (dx + way[:, 0])[move] / 1000
    y[move] += (g["shift_y"] + way[:, 1])[move] / 1000
    x0, y0, x1, y1 = on.outline_of(0).bounds
    cx, cy = x0 + g["void_x"] * (x1 - x0), y0 + g["void_y"] * (y1 - y0)
    kinds = (("sparse",), ("sparse", "solid", "bridge"), ("inner", "sparse"), KINDS)
    gone = laid & np.isin(moves.kind, kinds[min(int(g["void_kinds"]), 3)])
    gone &= (moves.layer >= g["void_first"] * moves.n_layers) & (
        moves.layer <= g["void_last"] * moves.n_layers
    )
    gone &= np.hypot(x - cx, y - cy) < g["void_mm"]
    number = np.cumsum(laid & (moves.kind == "sparse"))
    gone |= laid & (moves.kind == "sparse") & ((number * 0.6180339887) % 1 < g["dropped_infill"])
    e[gone] = np.nan
    rising = ~np.isnan(z) & (moves.layer >= first) & (moves.layer < 10**6)
    z[rising] += g["gap_um"] / 1000
    f[laid] *= g["feed_share"]
    return replace(moves, x=x, y=y, z=z, e=e, f=f)


def written(moves: Moves, genome: Genome) -> bytes:
    """The program's bytes."""
    lines = list(moves.lines)
    for i, x, y, z, e, f in zip(
        moves.line.tolist(),
        moves.x.tolist(),
        moves.y.tolist(),
        moves.z.tolist(),
        moves.e.tolist(),
        moves.f.tolist(),
        strict=True,
    ):
        text = "G1"
        if x == x:
            text += f" X{x:.3f}"
        if y == y:
            text += f" Y{y:.3f}"
        if z == z:
            text += f" Z{z:.4f}"
        if e == e:
            text += f" E{e:.5f}"
        if f == f:
            text += f" F{f:.0f}"
        lines[i] = text if text != "G1" else "G1 F7800"
    if genome["nozzle_k"]:
        lines = _at_other_heat(lines, genome["nozzle_k"])
    if genome["fan_share"] < 1.0:
        lines = [
            re.sub(
                r"^M106 S([0-9.]+)$",
                lambda found: f"M106 S{float(found[1]) * genome['fan_share']:.1f}",
                text,
            )
            for text in lines
        ]
    return ("\n".join(text for text in lines if text) + "\n").encode("ascii")


def _at_other_heat(lines: list[str], by_k: float) -> list[str]:
    """From the second layer on the nozzle is set by so much higher or lower."""
    second = lines.index(";LAYER:1")
    set_c = [float(found[1]) for text in lines if (found := re.match(r"M10[49] S([0-9.]+)$", text))]
    target = max(set_c[0], 1.0) + by_k
    body = [text for text in lines[second:] if not re.match(r"M104 S[1-9]", text)]
    return [*lines[:second], body[0], f"M104 S{target:.1f}", *body[1:]]
