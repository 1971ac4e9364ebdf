"""Sample parts that are as they should be."""

from __future__ import annotations

import math

import numpy as np
from manifold3d import CrossSection, Manifold, OpType

from samples.making.solids import Triangles, block, circle, prism, rounded, slot, triangles


def bracket() -> Triangles:
    """A small motor bracket, 50 x 34 x 14 mm, that prints flat without supports.

    A 4 mm base plate with rounded corners, an upright at one end with two gussets, a boss
    with a through bore, two counterbored screw holes and an adjusting slot.
    """
    n = 96
    plate = prism(rounded(0, 0, 50, 34, 4, n), 0, 4)
    upright = block(0, 4, 0, 5, 30, 14)
    gusset = CrossSection([[(4, 3), (13, 3), (4, 12)]])
    gussets = [
        Manifold.extrude(gusset, 3).rotate((90, 0, 0)).translate((0, y + 3, 0)) for y in (4, 27)
    ]
    boss = prism(circle(16, n, 26, 17), 1, 14)
    solid = Manifold.batch_boolean([plate, upright, *gussets, boss], OpType.Add)
    cuts = [prism(circle(8, n, 26, 17), -1, 15)]
    for y in (7.5, 26.5):
        cuts.append(prism(circle(4.3, n, 42.5, y), -1, 15))
        cuts.append(prism(circle(8, n, 42.5, y), 2, 15))
    cuts.append(prism(slot(9, 4.3, n, 42.5, 17), -1, 15))
    for cut in cuts:
        solid -= cut
    return triangles(solid)


def knob_parts() -> tuple[Triangles, Triangles]:
    """(a round body, a bar for its top), in inches: 1 in across, 0.5 in and 0.25 in high."""
    bore = prism(circle(6.35, 96, 0, 0), 2.54, 13)
    body = triangles(prism(circle(25.4, 96, 0, 0), 0, 12.7) - bore)
    bar = triangles(block(-10.16, -2.54, 0, 10.16, 2.54, 6.35))
    return (body[0] / 25.4, body[1]), (bar[0] / 25.4, bar[1])


def ring() -> Triangles:
    """A spacer ring, 24 x 16 x 5 mm."""
    return triangles(prism(circle(24, 128, 0, 0), 0, 5) - prism(circle(16, 128, 0, 0), -1, 6))


def wedge() -> Triangles:
    """A door wedge, 60 x 20 x 15 mm with a blunt tip."""
    side = CrossSection([[(0, 0), (60, 0), (60, 15), (0, 2)]])
    return triangles(Manifold.extrude(side, 20).rotate((90, 0, 0)).translate((0, 20, 0)))


def angle() -> Triangles:
    """An angle bracket, 40 x 20 x 30 mm, with a screw hole in each leg."""
    legs = block(0, 0, 0, 40, 20, 5) + block(0, 0, 0, 5, 20, 30)
    legs -= prism(circle(4.5, 64, 28, 10), -1, 6)
    hole = prism(circle(4.5, 64, 0, 0), -1, 6).rotate((0, 90, 0)).translate((0, 10, 20))
    return triangles(legs - hole)


def arch() -> Triangles:
    """A block, 40 x 10 x 26 mm, with a round tunnel of 32 mm: its crown hangs."""
    outline = [(4.0, 0.0), (36.0, 0.0)]
    outline += [
        (20 + 16 * math.cos(t), 4 + 16 * math.sin(t)) for t in np.linspace(0, math.pi, 65).tolist()
    ]
    tunnel = Manifold.extrude(CrossSection([outline]), 12).rotate((90, 0, 0)).translate((0, 11, 0))
    return triangles(block(0, 0, 0, 40, 10, 26) - tunnel)


def tee() -> Triangles:
    """A T whose arms hang over nothing."""
    return triangles(block(15, 0, 0, 25, 10, 20) + block(0, 0, 20, 40, 10, 26))


def hook() -> Triangles:
    """A post with an arm whose tip hangs down: it begins in the air."""
    arm = block(0, 0, 0, 8, 8, 12) + block(0, 0, 12, 30, 8, 18)
    return triangles(arm + block(24, 0, 6, 30, 8, 12))


def pin() -> Triangles:
    """A pin of 4 mm, 60 mm high: it stands on 12.5 mm2, and a bed that moves tips it."""
    return triangles(prism(circle(4, 96, 0, 0), 0, 60))


def closed_space() -> Triangles:
    """A block of 40 x 40 x 20 mm around a space of 30 x 30 x 10 mm that nothing leads to."""
    return triangles(block(0, 0, 0, 40, 40, 20) - block(5, 5, 5, 35, 35, 15))


def shim() -> Triangles:
    """A shim of 20 x 20 x 0.3 mm: no general tolerance covers its thickness."""
    return triangles(block(0, 0, 0, 20, 20, 0.3))


def cube() -> Triangles:
    """20 mm, twelve facets: as little as a part can be."""
    return triangles(block(0, 0, 0, 20, 20, 20))


def _letter(name: str, stroke: float, height: float) -> CrossSection:
    """E, L or T with strokes of one width, three fifths as wide as tall."""
    width = 0.6 * height
    upright = CrossSection.square((stroke, height))
    foot = CrossSection.square((width, stroke))
    head = foot.translate((0, height - stroke))
    if name == "T":
        return upright.translate(((width - stroke) / 2, 0)) + head
    if name == "L":
        return upright + foot
    middle = CrossSection.square((0.8 * width, stroke)).translate((0, (height - stroke) / 2))
    return upright + foot + head + middle


def nameplate_of(stroke: float, relief: float) -> Triangles:
    """A plate of 34 x 12 x 3 mm with raised letters, 6 mm tall."""
    plate = block(0, 0, 0, 34, 12, 3)
    for k, name in enumerate("TELLET"):
        glyph = _letter(name, stroke, 6.0).translate((3 + 5.0 * k, 3.0))
        plate += Manifold.extrude(glyph, 1 + relief).translate((0, 0, 2))
    return triangles(plate)


def nameplate() -> Triangles:
    """Letters with strokes of 1 mm, 0.6 mm high."""
    return nameplate_of(1.0, 0.6)
