"""Parts whose features of size are known, because they were made of them.

Each is a plate with a shape in every cell: holes, bosses, slots, countersinks, cones, balls,
sockets, bosses with rounded rims, pockets and chamfered blocks, of random sizes, the round ones
with as many sides as a random chord error asks for. Vertices lie on the true surfaces. Half of the
parts are turned to lie along nothing; all are put into float32, as an STL is.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from manifold3d import CrossSection, Manifold
from numpy.typing import NDArray

_CELL_MM: Final = 32.0
_CELLS: Final = (3, 4)
_SINK_MM: Final = 1.0


class Known(NamedTuple):
    """kind : as `FeatureKind`. size : mm, of cones and angles degrees."""

    kind: str
    size: float


class KnownPart(NamedTuple):
    """vertices : (v, 3) float64, of float32 values. faces : (f, 3). round_shapes : every one that
    there is. flats : sizes between planes that must be among those found. levels : per
    direction of the part's own axes, where its planes lie: no other distances are there."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    round_shapes: tuple[Known, ...]
    flats: tuple[Known, ...]
    levels: tuple[tuple[float, ...], ...]
    is_turned: bool


class _Plate:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.thickness = self.size(4.0, 12.0)
        self.round: list[Known] = []
        self.flat: list[Known] = []
        self.levels: tuple[list[float], list[float], list[float]] = ([], [], [])

    def size(self, low: float, high: float) -> float:
        """On the grid of drawings three times out of four."""
        value = self.rng.uniform(low, high)
        return round(value / 0.05) * 0.05 if self.rng.random() < 0.75 else float(value)

    def sides(self, radius: float) -> int:
        error = float(self.rng.choice([0.002, 0.005, 0.01, 0.03, 0.1]))
        return max(math.ceil(math.pi / math.acos(max(1 - error / radius, -1.0))), 16)

    def turned(self, profile: list[tuple[float, float]], sides: int) -> Manifold:
        return Manifold.revolve(CrossSection([np.array(profile)]), sides)


def known_part(seed: int) -> KnownPart:
    rng = np.random.default_rng(seed)
    plate = _Plate(rng)
    nx, ny = _CELLS
    width, depth = nx * _CELL_MM + plate.size(2, 9), ny * _CELL_MM + plate.size(2, 9)
    body = Manifold.cube((width, depth, plate.thickness))
    plate.levels[0].extend([0.0, width])
    plate.levels[1].extend([0.0, depth])
    plate.levels[2].extend([0.0, plate.thickness])
    plate.flat.append(Known("thickness", plate.thickness))
    for i in range(nx):
        for j in range(ny):
            shape = _SHAPES[int(rng.integers(len(_SHAPES)))]
            at = ((i + 0.5) * _CELL_MM + 1.0, (j + 0.5) * _CELL_MM + 1.0)
            body = shape(plate, body, at)
    mesh = body.to_mesh64()
    vertices = np.asarray(mesh.vert_properties[:, :3], np.float64)
    faces = np.asarray(mesh.tri_verts, np.int64)
    is_turned = bool(seed % 2)
    if is_turned:
        vertices = vertices @ _turn(rng).T
    vertices = vertices + rng.uniform(-60, 60, 3)
    return KnownPart(
        vertices.astype(np.float32).astype(np.float64),
        faces,
        tuple(plate.round),
        tuple(plate.flat),
        tuple(tuple(level) for level in plate.levels),
        is_turned,
    )


def _turn(rng: np.random.Generator) -> NDArray[np.float64]:
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q[:, [1, 0, 2]]


At = tuple[float, float]


def _hole(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius = plate.size(0.6, 13.0)
    tool = Manifold.cylinder(plate.thickness + 2, radius, radius, plate.sides(radius))
    plate.round.append(Known("hole", 2 * radius))
    return body - tool.translate((*at, -1))


def _blind_hole(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius, depth = plate.size(0.8, 12.0), plate.size(1.0, plate.thickness - 1.5)
    tool = Manifold.cylinder(depth + 1, radius, radius, plate.sides(radius))
    plate.round.append(Known("hole", 2 * radius))
    plate.levels[2].append(plate.thickness - depth)
    return body - tool.translate((*at, plate.thickness - depth))


def _boss(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius, height = plate.size(0.8, 12.0), plate.size(1.0, 15.0)
    tool = Manifold.cylinder(height + _SINK_MM, radius, radius, plate.sides(radius))
    plate.round.append(Known("boss", 2 * radius))
    plate.levels[2].append(plate.thickness + height)
    return body + tool.translate((*at, plate.thickness - _SINK_MM))


def _slot(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius, half = plate.size(1.0, 4.0), plate.size(2.0, 8.0)
    n = 2 * math.ceil(plate.sides(radius) / 2)
    turns = np.pi * np.arange(n // 2 + 1) / (n // 2) - np.pi / 2
    right = np.column_stack([half + radius * np.cos(turns), radius * np.sin(turns)])
    outline = np.vstack([right, -right])
    tool = Manifold.extrude(CrossSection([outline]), plate.thickness + 2)
    plate.round.extend([Known("hole", 2 * radius)] * 2)
    plate.flat.append(Known("gap", 2 * radius))
    plate.levels[1].extend([at[1] - radius, at[1] + radius])
    return body - tool.translate((*at, -1))


def _countersink(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius = plate.size(1.0, 5.0)
    half = float(plate.rng.choice([45.0, 30.0, 60.0, 41.0]))
    sunk = plate.size(0.6, 2.4)
    wide = radius + sunk * math.tan(math.radians(half))
    top = plate.thickness
    profile = [
        *((0.0, -1.0), (radius, -1.0), (radius, top - sunk)),
        *((wide, top), (wide, top + 1), (0.0, top + 1)),
    ]
    plate.round.extend([Known("hole", 2 * radius), Known("cone", 2 * half)])
    return body - plate.turned(profile, plate.sides(wide)).translate((*at, 0))


def _cone(plate: _Plate, body: Manifold, at: At) -> Manifold:
    wide, height = plate.size(4.0, 10.0), plate.size(3.0, 12.0)
    narrow = plate.size(1.0, wide - 1.0)
    top = plate.thickness
    profile = [
        *((0.0, top - _SINK_MM), (wide, top - _SINK_MM), (wide, top)),
        *((narrow, top + height), (0.0, top + height)),
    ]
    plate.round.append(Known("cone", 2 * math.degrees(math.atan2(wide - narrow, height))))
    plate.levels[2].append(top + height)
    return body + plate.turned(profile, plate.sides(wide)).translate((*at, 0))


def _ball(plate: _Plate, body: Manifold, at: At) -> Manifold:
    radius = plate.size(2.5, 11.0)
    ball = Manifold.sphere(radius, max(plate.sides(radius), 32))
    plate.round.append(Known("sphere", 2 * radius))
    return body + ball.translate((*at, plate.thickness + 0.3 * radius))


def _socket(plate: _Plate, body: Manifold, at: At) -> Manifold:
    depth = plate.size(1.5, plate.thickness - 1.0)
    radius = depth * plate.rng.uniform(1.05, 1.8)
    ball = Manifold.sphere(radius, max(plate.sides(radius), 32))
    plate.round.append(Known("sphere", 2 * radius))
    return body - ball.translate((*at, plate.thickness + radius - depth))


def _rounded_boss(plate: _Plate, body: Manifold, at: At) -> Manifold:
    """A boss whose upper rim is rounded."""
    radius, height, rim = plate.size(4.0, 12.0), plate.size(3.0, 12.0), plate.size(0.8, 2.5)
    top = plate.thickness + height
    steps = max(math.ceil(plate.sides(rim) / 4), 5)
    turns = np.pi / 2 * np.arange(steps + 1) / steps
    arc = [(radius - rim + rim * math.cos(t), top - rim + rim * math.sin(t)) for t in turns]
    profile = [(0.0, plate.thickness - _SINK_MM), (radius, plate.thickness - _SINK_MM), *arc]
    plate.round.extend([Known("boss", 2 * radius), Known("rounding", rim)])
    plate.levels[2].append(top)
    return body + plate.turned([*profile, (0.0, top)], plate.sides(radius)).translate((*at, 0))


def _pocket(plate: _Plate, body: Manifold, at: At) -> Manifold:
    """With rounded corners."""
    a, b, radius = plate.size(5.0, 11.0), plate.size(5.0, 11.0), plate.size(0.8, 3.0)
    depth = plate.size(1.0, plate.thickness - 1.5)
    n = max(math.ceil(plate.sides(radius) / 4), 4)
    turns = np.pi / 2 * np.arange(n + 1) / n
    corner = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    outline = []
    for k, (x, y) in enumerate([(a, b), (-a, b), (-a, -b), (a, -b)]):
        turn = np.array([[0.0, -1.0], [1.0, 0.0]])
        rotated = corner @ np.linalg.matrix_power(turn, k).T
        centre = np.array([x - math.copysign(radius, x), y - math.copysign(radius, y)])
        outline.append(rotated + centre)
    tool = Manifold.extrude(CrossSection([np.vstack(outline)]), depth + 1)
    plate.round.extend([Known("fillet", radius)] * 4)
    plate.flat.extend([Known("gap", 2 * a), Known("gap", 2 * b)])
    plate.flat.append(Known("thickness", plate.thickness - depth))
    plate.levels[0].extend([at[0] - a, at[0] + a])
    plate.levels[1].extend([at[1] - b, at[1] + b])
    plate.levels[2].append(plate.thickness - depth)
    return body - tool.translate((*at, plate.thickness - depth))


def _chamfered_block(plate: _Plate, body: Manifold, at: At) -> Manifold:
    """Its two long upper edges are broken at 45 degrees."""
    a, b, height = plate.size(5.0, 12.0), plate.size(5.0, 12.0), plate.size(4.0, 12.0)
    leg = plate.size(0.5, 1.5)
    section = [(-a, -_SINK_MM), (a, -_SINK_MM), (a, height - leg), (a - leg, height)]
    section += [(-a + leg, height), (-a, height - leg)]
    block = Manifold.extrude(CrossSection([np.array(section)]), 2 * b).rotate((90, 0, 0))
    plate.flat.extend([Known("chamfer", leg)] * 2)
    plate.flat.extend([Known("thickness", 2 * a), Known("thickness", 2 * b)])
    plate.levels[0].extend([at[0] - a, at[0] + a])
    plate.levels[1].extend([at[1] - b, at[1] + b])
    plate.levels[2].append(plate.thickness + height)
    return body + block.translate((at[0], at[1] + b, plate.thickness))


_SHAPES: Final = (
    _hole,
    _hole,
    _blind_hole,
    _boss,
    _slot,
    _countersink,
    _cone,
    _ball,
    _socket,
    _rounded_boss,
    _pocket,
    _chamfered_block,
)
