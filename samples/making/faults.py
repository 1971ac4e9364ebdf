"""Sample parts with a fault, each of one kind."""

from __future__ import annotations

import math

import numpy as np
from manifold3d import CrossSection, Manifold, OpType

from samples.making.parts import nameplate_of
from samples.making.solids import Triangles, block, circle, prism, rounded, triangles


def fine_print() -> Triangles:
    """Letters with strokes of 0.3 mm: narrower than a bead."""
    return nameplate_of(0.3, 0.6)


def slit_block() -> Triangles:
    """A block with a slit of 0.06 mm, 16 mm long and 7 mm deep: it fuses."""
    return triangles(block(0, 0, 0, 20, 20, 10) - block(9.97, 2, 3, 10.03, 18, 11))


def tight_hinge() -> Triangles:
    """A pin of 5 mm in a bore with 0.15 mm of air around: two bodies that are to turn."""
    sleeve = block(-7, -7, 0, 7, 7, 8) - prism(circle(5.3, 48, 0, 0), -1, 9)
    return triangles(sleeve + prism(circle(5, 36, 0, 0), 0, 8))


def lid() -> Triangles:
    """A box turned over, whose roof is 0.3 mm: a layer and a half."""
    return triangles(block(0, 0, 0, 24, 24, 6) - block(2, 2, 0.3, 22, 22, 7))


def paper_fin() -> Triangles:
    """A plate with a fin of 0.10 mm: no bead is as narrow, so the fin is not there."""
    return triangles(block(0, 0, 0, 20, 12, 4) + block(0, 5.95, 3, 20, 6.05, 12))


def knife() -> Triangles:
    """A wedge of 15 degrees that runs out into nothing."""
    side = CrossSection([[(0, 0), (40, 0), (40, round(40 * math.tan(math.radians(15)), 4))]])
    return triangles(Manifold.extrude(side, 20).rotate((90, 0, 0)).translate((0, 20, 0)))


def vent() -> Triangles:
    """A plate with three holes of 0.8 mm: they close."""
    plate = block(0, 0, 0, 20, 10, 3)
    for x in (5, 10, 15):
        plate -= prism(circle(0.8, 16, x, 5), -1, 4)
    return triangles(plate)


def locating_pins() -> Triangles:
    """A plate with two pins of 1.2 mm, 5 mm long."""
    plate = block(0, 0, 0, 20, 12, 4)
    for x in (5, 15):
        plate += prism(circle(1.2, 24, x, 6), 3, 9)
    return triangles(plate)


def far_away() -> Triangles:
    """A block drawn 140 m from the origin, where float32 has steps of 0.016 mm."""
    corners, faces = box()
    return corners + np.array([140_000.0, 0.0, 0.0]), faces


def box() -> Triangles:
    """20 x 30 x 10 mm. Facets 0 and 1 are its floor."""
    corners = np.array(
        [(x, y, z) for z in (0, 10) for x, y in ((0, 0), (20, 0), (20, 30), (0, 30))], np.float64
    )
    floor = [(0, 2, 1), (0, 3, 2)]
    lid = [(4, 5, 6), (4, 6, 7)]
    sides = [t for i in range(4) for t in _quad(i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i)]
    return corners, np.array([*floor, *lid, *sides], np.int32)


def _quad(a: int, b: int, c: int, d: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    return (a, b, c), (a, c, d)


def open_box() -> Triangles:
    corners, faces = box()
    return corners, np.delete(faces, [2, 3], axis=0)


def open_corner() -> Triangles:
    """Two facets are missing that meet at an edge of the box: the hole goes round the corner."""
    corners, faces = box()
    return corners, np.delete(faces, [3, 8], axis=0)


def cracked_box() -> Triangles:
    """The lid and its sides do not meet: the lid's corners lie 4 um above theirs, as where digits
    were lost on the way."""
    corners, faces = box()
    faces = faces.copy()
    faces[2:4] += 4  # the lid gets corners of its own
    lifted = corners[4:] + np.array([0.0, 0.0, 0.004])
    return np.vstack([corners, lifted]), faces


def pinhole() -> Triangles:
    """One small facet of the lid is missing: less than 0.3 mm across."""
    corners, faces = box()
    inner = np.array([(10.0, 15.0, 10.0), (10.2, 15.0, 10.0), (10.0, 15.2, 10.0)])
    lid = [(4, 5, 9), (4, 9, 8), (5, 6, 9), (6, 10, 9), (6, 7, 10), (7, 4, 8), (7, 8, 10)]
    others = np.delete(faces, [2, 3], axis=0)
    return np.vstack([corners, inner]), np.vstack([others, np.array(lid, np.int32)])


def passed_vertex() -> Triangles:
    """One side has a vertex on its upper edge, the lid has none there: a T-junction."""
    corners, faces = box()
    middle = np.array([(10.0, 0.0, 10.0)])
    others = np.delete(faces, [4, 5], axis=0)
    side = np.array([(0, 1, 8), (1, 5, 8), (0, 8, 4)], np.int32)
    return np.vstack([corners, middle]), np.vstack([others, side])


def corner_to_corner() -> Triangles:
    """Two boxes that share a corner, and nothing else."""
    corners, faces = box()
    return _side_by_side((corners, faces), (corners + np.array([20.0, 30.0, 10.0]), faces))


def body_twice() -> Triangles:
    corners, faces = box()
    return corners, np.vstack([faces, faces])


def inside_out() -> Triangles:
    corners, faces = box()
    return corners, np.ascontiguousarray(faces[:, ::-1])


def one_side_flipped() -> Triangles:
    corners, faces = box()
    faces = faces.copy()
    faces[4:6] = faces[4:6, ::-1]
    return corners, faces


def clip() -> Triangles:
    """A U-shaped clip of one shell whose arms were drawn 0.3 mm into each other: the gap between
    them, from y = 6 to y = 5.7, is negative."""
    first = [(5.0, 0.0), (30.0, 0.0), (30.0, 6.0), (5.0, 6.0)]
    second = [(5.0, 5.7), (28.0, 5.7), (28.0, 12.0), (5.0, 12.0)]
    flat = np.array([*first, *second, (0.0, 0.0), (0.0, 12.0)])
    low, high = np.zeros(10), np.full(10, 8.0)
    low[4:8], high[4:8] = 1.0, 7.0  # the second arm is thinner
    corners = np.vstack([np.column_stack([flat, low]), np.column_stack([flat, high])])
    caps = [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7), (8, 0, 3), (8, 3, 4), (8, 4, 7), (8, 7, 9)]
    outline = [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]
    faces = [(c, b, a) for a, b, c in caps] + [(a + 10, b + 10, c + 10) for a, b, c in caps]
    for a, b in zip(outline, [*outline[1:], outline[0]], strict=True):
        faces += _quad(a, b, b + 10, a + 10)
    return corners, np.array(faces, np.int32)


def crossing_bodies() -> Triangles:
    """Two bars that lie through each other, never united."""
    return _side_by_side(
        triangles(block(0, 10, 0, 40, 20, 10)), triangles(block(15, 0, 1, 25, 30, 9))
    )


def two_bodies() -> Triangles:
    """Two pads in one file."""
    pad = triangles(prism(rounded(0, 0, 24, 16, 3, 96), 0, 4))
    return _side_by_side(pad, (pad[0] + np.array([30.0, 0.0, 0.0]), pad[1]))


def _side_by_side(first: Triangles, second: Triangles) -> Triangles:
    return (
        np.vstack([first[0], second[0]]),
        np.vstack([first[1], second[1] + np.int32(len(first[0]))]),
    )


def thin_tube() -> Triangles:
    """A tube with a wall of 0.3 mm: less than the nozzle is wide."""
    return triangles(prism(circle(12, 128, 0, 0), 0, 20) - prism(circle(11.4, 128, 0, 0), -1, 21))


def fine_edges() -> Triangles:
    """A plate whose upright edges are rounded by 0.3 mm: no general tolerance covers such radii."""
    radius, steps = 0.3, 6
    outline = []
    for k, (x, y) in enumerate([(29.7, 19.7), (0.3, 19.7), (0.3, 0.3), (29.7, 0.3)]):
        for i in range(steps + 1):
            turn = math.pi / 2 * (k + i / steps)
            outline.append((x + radius * math.cos(turn), y + radius * math.sin(turn)))
    return triangles(prism(CrossSection([np.array(outline)]), 0, 4))


def coarse_cylinder() -> Triangles:
    """A cylinder of 12 mm in 16 sides: 0.115 mm off the round, over a quarter of +-0.2 mm."""
    return triangles(prism(circle(12, 16, 0, 0), 0, 10))


def inch_part() -> Triangles:
    """A stepped block drawn in inches, on the 1/64 grid; STL cannot say so."""
    sixtyfourths = ((0, 0, 0, 96, 56, 11), (0, 0, 0, 37, 56, 33), (0, 0, 0, 96, 13, 23))
    blocks = [block(*(25.4 * k / 64 for k in corners)) for corners in sixtyfourths]
    corners, faces = triangles(Manifold.batch_boolean(blocks, OpType.Add))
    return np.rint(corners / 25.4 * 64) / 64, faces


def too_large() -> Triangles:
    """A plate of 203.2 x 304.8 x 12.7 mm: too long for a bed of 210 mm."""
    return triangles(block(0, 0, 0, 203.2, 304.8, 12.7))
