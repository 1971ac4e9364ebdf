"""Parts for tests of the passes, as solids and as the sections of their layers. mm."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from manifold3d import CrossSection, Manifold

from printstd.kernels.rings import EMPTY, Rings
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.walls import plan_walls_of
from tests.stacks import solid_mesh, stack_of


def block(x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0)) -> Manifold:
    return Manifold.cube((x, y, z)).translate(at)


def cube(side: float = 10.0) -> Manifold:
    return block(side, side, side)


def steps() -> Manifold:
    """A pyramid of three square steps, each 2 mm high."""
    return sum(
        (block(20 - 6 * i, 20 - 6 * i, 2, (3 * i, 3 * i, 2 * i)) for i in range(3)), Manifold()
    )


def tee() -> Manifold:
    """A column under a plate that reaches 6 mm over it on two sides."""
    return block(8, 12, 6, (6, 0, 0)) + block(20, 12, 3, (0, 0, 6))


def bridge(span: float = 20.0) -> Manifold:
    """Two piers with a plate on them."""
    piers = block(6, 10, 5) + block(6, 10, 5, (6 + span, 0, 0))
    return piers + block(12 + span, 10, 2, (0, 0, 5))


def dome(radius: float = 8.0) -> Manifold:
    return Manifold.sphere(radius, 48).trim_by_plane((0, 0, 1), 0)


def hole_plate() -> Manifold:
    plate = block(30, 20, 2)
    for x, y, d in ((6, 6, 3), (16, 12, 8), (25, 5, 1), (25, 15, 5)):
        plate -= Manifold.cylinder(9, d / 2, d / 2, 40, True).translate((x, y, 0))
    return plate


def wedge() -> Manifold:
    """A wall that grows from 0.2 to 2 mm."""
    return _extruded([(0, 0), (30, 0), (30, 2), (0, 0.2)], 2)


def ribs() -> Manifold:
    """Ribs of 0.3 to 1.4 mm on a plate."""
    part = block(24, 12, 0.6)
    for i, width in enumerate((0.3, 0.4, 0.5, 0.7, 0.9, 1.1, 1.4)):
        part += block(width, 12, 2, (1.0 + 3.2 * i, 0, 0.6))
    return part


def tapered_wall() -> Manifold:
    """A wall whose thickness grows from 0.3 to 2 mm over 30 mm."""
    outline = [(0, -0.15), (30, -1.0), (30, 1.0), (0, 0.15)]
    return Manifold.extrude(CrossSection([np.array(outline, float)]), 1.0)


def letters() -> Manifold:
    """Small islands on a plate, as of raised text: bars, a ring, a bent stroke, dots."""
    part = block(26, 8, 0.8)
    strokes = [block(0.6, 5, 0.8, (2, 1.5, 0.8)), block(3, 0.6, 0.8, (4, 6, 0.8))]
    strokes += [block(0.7, 4.5, 0.8, (5.2, 1.5, 0.8)), block(0.5, 0.5, 0.8, (9, 1.5, 0.8))]
    ring = Manifold.cylinder(0.8, 2, 2, 32) - Manifold.cylinder(3, 1.2, 1.2, 32, True)
    strokes += [ring.translate((13, 4, 0.8)), block(3, 0.5, 0.8, (18, 2, 0.8)).rotate((0, 0, 10))]
    return sum(strokes, part)


def tower() -> Manifold:
    """Slender: its layers are quick."""
    return block(5, 5, 6)


def tilted() -> Manifold:
    """A slab on its edge, leaning by 50 degrees."""
    slab = block(14, 12, 3).rotate((0, -50, 0))
    low = slab.bounding_box()
    return slab.translate((-low[0], -low[1], -low[2] - 0.4)).trim_by_plane((0, 0, 1), 0)


def two_bodies() -> Manifold:
    return block(8, 8, 3) + block(5, 9, 4, (14, 2, 0))


PARTS = {
    "cube": cube,
    "steps": steps,
    "tee": tee,
    "bridge": bridge,
    "dome": dome,
    "hole plate": hole_plate,
    "wedge": wedge,
    "ribs": ribs,
    "letters": letters,
    "tower": tower,
    "tilted": tilted,
    "two bodies": two_bodies,
}


def _extruded(outline: list[tuple[float, float]], height: float) -> Manifold:
    return Manifold.extrude(CrossSection([np.array(outline, np.float64)]), height)


def random_part(seed: int) -> Manifold:
    """Boxes and cylinders on and over each other, standing on the bed, with holes through them."""
    rng = np.random.default_rng(seed)
    part = block(*rng.uniform(8, 14, 2).tolist(), float(rng.uniform(0.4, 1.6)))
    for _ in range(int(rng.integers(1, 5))):
        at = (*rng.uniform(0, 8, 2).tolist(), float(rng.uniform(0, 1.4)))
        if rng.random() < 0.5:
            part += block(*rng.uniform(2, 10, 2).tolist(), float(rng.uniform(0.4, 1.4)), at)
        else:
            low, high = rng.uniform(1, 4, 2).tolist()
            part += Manifold.cylinder(float(rng.uniform(0.4, 1.6)), low, high, 24).translate(at)
    for _ in range(int(rng.integers(0, 3))):
        drill = Manifold.cylinder(20, *rng.uniform(0.5, 2, 2).tolist(), 20, True)
        part -= drill.translate((*rng.uniform(1, 9, 2).tolist(), 0))
    return part


class Layers(NamedTuple):
    """sections : of the layers. fills : what walls leave of each."""

    sections: list[Rings]
    fills: list[Rings]


def sections_of(solid: Manifold) -> list[Rings]:
    """One section per 0.2 mm layer, bed frame."""
    stack = stack_of(*solid_mesh(solid))
    return [Rings(*stack.rings_of(i)) for i in range(stack.n_layers)]


def layers_of(solid: Manifold, spec: LayerSpec) -> Layers:
    sections = sections_of(solid)
    walls = plan_walls_of(
        sections, [spec] * len(sections), [None, *sections[:-1]], [*sections[1:], EMPTY]
    )
    return Layers(sections, [layer.fill for layer in walls])


@functools.cache
def mesh_of(name: str) -> tuple[np.ndarray, np.ndarray]:
    return solid_mesh(PARTS[name]())
