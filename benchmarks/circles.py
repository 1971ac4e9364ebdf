"""Round holes and pins of 1 to 20 mm: the size that the beads leave or reach, beside the peer.

A plate with twenty holes of 64 sides and one with twenty pins, sliced with the peer's settings
and, for ours, circles on. Of each program every layer's beads are taken from its E and Z alone
(facts of validation 3.5: w = A / h + h (1 - pi / 4)); a hole is as large as the circle about its
axis that no bead enters, a pin as the one that no bead of it leaves. Ours must be within 5 um of
nominal by root mean square over the holes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import PEER, run, slice_command
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

DIAMETERS_MM: Final = tuple(range(1, 21))
SIDES: Final = 64
MOST_RMS_UM: Final = 5.0
_PITCH_MM: Final = 24.0
_COLUMNS: Final = 5
_PLATE_MM: Final = 3.0
_PIN_MM: Final = 5.0
_FILAMENT_MM2: Final = math.pi / 4 * 1.75**2


def measure(setting: Setting) -> dict[str, Any]:
    sizes: dict[str, dict[str, list[float]]] = {}
    for kind in ("holes", "pins"):
        model = setting.scratch / f"{kind}.stl"
        model.write_bytes(plate(kind))
        calls = {"printstd": [*slice_command(model, setting.program(model, "printstd")), *_CIRCLES]}
        calls["as filed"] = slice_command(model, setting.program(model, "as filed"))
        if setting.peers:
            calls[PEER] = [*setting.peers, PEER, str(model), str(setting.program(model, PEER))]
        sizes[kind] = {}
        for who, call in calls.items():
            if run(call).exit_code:
                raise RuntimeError(f"{who} made no program of {model.name}")
            sizes[kind][who] = sizes_um(setting.program(model, who), kind)
    makers = list(sizes["holes"])
    rows: list[list[object]] = []
    for index, diameter in enumerate(DIAMETERS_MM):
        off = [sizes[k][who][index] - 1000.0 * diameter for k in sizes for who in makers]
        rows.append([f"{diameter} mm", *off])
    rms = {kind: {who: _rms(found[who]) for who in makers} for kind, found in sizes.items()}
    rows.append(["rms", *(rms[kind][who] for kind in sizes for who in makers)])
    show(["off by, um", *(f"{kind}: {who}" for kind in sizes for who in makers)], rows)
    holds = rms["holes"]["printstd"] <= MOST_RMS_UM
    return {"sides": SIDES, "sizes_um": sizes, "rms_um": rms, "holds": holds}


_CIRCLES: Final = ("--set", "compensation.circle_chord_mm=0.005")


def centres_mm() -> NDArray[np.float64]:
    """(20, 2) axes from the plate's middle."""
    column, row = np.arange(len(DIAMETERS_MM)) % _COLUMNS, np.arange(len(DIAMETERS_MM)) // _COLUMNS
    grid = np.stack([column, row], axis=1).astype(float)
    return (grid - (grid.max(axis=0) / 2)) * _PITCH_MM


def plate(kind: str) -> bytes:
    """Binary STL of the plate with holes, or with pins that stand on it."""
    from manifold3d import CrossSection, Manifold, OpType

    width, depth = (centres_mm().max(axis=0) * 2 + _PITCH_MM).tolist()
    outline = CrossSection.square((width, depth), True)
    turn = np.arange(SIDES) * (2 * np.pi / SIDES)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rounds = [
        CrossSection([around * (size / 2) + centre])
        for size, centre in zip(DIAMETERS_MM, centres_mm(), strict=True)
    ]
    if kind == "holes":
        solid = Manifold.extrude(
            outline - CrossSection.batch_boolean(rounds, OpType.Add), _PLATE_MM
        )
    else:
        solid = Manifold.extrude(outline, _PLATE_MM)
        for pin in rounds:
            solid += Manifold.extrude(pin, _PLATE_MM + _PIN_MM)
    mesh = solid.to_mesh()
    corners = np.asarray(mesh.vert_properties, np.float32)[:, :3][np.asarray(mesh.tri_verts)]
    record = np.zeros(len(corners), [("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    record["v"] = corners
    return bytes(80) + len(corners).to_bytes(4, "little") + record.tobytes()


def _rms(found_um: list[float]) -> float:
    off = np.array(found_um) - 1000.0 * np.array(DIAMETERS_MM)
    return float(np.sqrt((off * off).mean()))


def sizes_um(program: Path, kind: str) -> list[float]:
    """Diameter of each hole (the least over all layers) or pin (the largest over its layers)."""
    start, end, z, height, width = beads(program)
    middle = _middle(start, end, width)
    found = []
    for centre in centres_mm():
        nearest, farthest = _distances(start - middle - centre, end - middle - centre)
        if kind == "holes":
            reach = nearest - width / 2
            found.append(2000.0 * float(reach.min()))
        else:
            mine = (z > _PLATE_MM + height) & (farthest < _PITCH_MM / 2)
            found.append(2000.0 * float((farthest + width / 2)[mine].max()))
    return found


def _distances(
    start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of segments from the origin: nearest point, farther end."""
    step = end - start
    long2 = np.maximum((step * step).sum(axis=1), 1e-18)
    share = np.clip(-(start * step).sum(axis=1) / long2, 0.0, 1.0)
    near = start + share[:, None] * step
    ends = np.maximum((start * start).sum(axis=1), (end * end).sum(axis=1))
    return np.sqrt((near * near).sum(axis=1)), np.sqrt(ends)


def _middle(
    start: NDArray[np.float64], end: NDArray[np.float64], width: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of all that is laid: the plate's middle, wherever a slicer put it."""
    half = width[:, None] / 2
    low = np.minimum(start, end) - half
    high = np.maximum(start, end) + half
    return np.asarray((low.min(axis=0) + high.max(axis=0)) / 2)


def beads(program: Path) -> tuple[NDArray[np.float64], ...]:
    """start, end (b, 2), z, height, width (b,), mm, of every move that feeds; E relative."""
    at = {"X": 0.0, "Y": 0.0, "Z": 0.0}
    tops: list[float] = [0.0]
    rows = []
    for line in program.read_text(encoding="ascii", errors="replace").splitlines():
        words = line.partition(";")[0].split()
        if not words or words[0] not in ("G0", "G1"):
            continue
        given = {word[0]: float(word[1:]) for word in words[1:]}
        before = dict(at)
        at.update({axis: given[axis] for axis in at if axis in given})
        length = math.hypot(at["X"] - before["X"], at["Y"] - before["Y"])
        if given.get("E", 0.0) <= 0 or length <= 1e-6:
            continue
        if at["Z"] > tops[-1]:
            tops.append(at["Z"])
        height = tops[-1] - tops[-2]
        area = given["E"] * _FILAMENT_MM2 / length
        width = area / height + height * (1 - math.pi / 4)
        rows.append((before["X"], before["Y"], at["X"], at["Y"], at["Z"], height, width))
    table = np.array(rows)
    return table[:, :2], table[:, 2:4], table[:, 4], table[:, 5], table[:, 6]
