"""Makes the STEP samples of this folder: `python samples/step/make_step.py [FOLDER]`.

A small writer of ISO 10303-21 (AP214): plates with an outline of lines and arcs, and what stands on
them or is sunk into them, turned about an upright axis: cylinders, cones, spheres, fillets. It
knows every size that it writes, so the files are the truth that recognition is held against.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float, float]

UP: Point = (0.0, 0.0, 1.0)
ALONG: Point = (1.0, 0.0, 0.0)
UNITS = {
    "mm": (1.0, "(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.))"),
    "m": (1000.0, "(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT($,.METRE.))"),
    "in": (25.4, "(CONVERSION_BASED_UNIT('INCH',#{measure}) LENGTH_UNIT() NAMED_UNIT(#{size}))"),
}


@dataclass(frozen=True)
class Turned:
    """A shape turned about the upright line through (x, y), from the plate's top on.

    radius : where it begins. steps : (kind, radius, z) of where each surface ends: ``line`` is a
    cylinder, a cone or a level ring, ``fillet`` a quarter of a torus up to a cylinder. end :
    ``disc``, ``dome`` (a half sphere), or ``through`` the plate's bottom.
    """

    x: float
    y: float
    radius: float
    steps: tuple[tuple[str, float, float], ...]
    end: str
    is_hollow: bool


def hole(x: float, y: float, diameter: float) -> Turned:
    return Turned(x, y, diameter / 2, (("line", diameter / 2, 0.0),), "through", True)


def blind(x: float, y: float, diameter: float, floor: float) -> Turned:
    return Turned(x, y, diameter / 2, (("line", diameter / 2, floor),), "disc", True)


def countersunk(x: float, y: float, wide: float, diameter: float, depth_at: float) -> Turned:
    steps = (("line", diameter / 2, depth_at), ("line", diameter / 2, 0.0))
    return Turned(x, y, wide / 2, steps, "through", True)


def counterbored(x: float, y: float, wide: float, floor: float, diameter: float) -> Turned:
    steps = (("line", wide / 2, floor), ("line", diameter / 2, floor), ("line", diameter / 2, 0.0))
    return Turned(x, y, wide / 2, steps, "through", True)


def boss(x: float, y: float, diameter: float, top: float) -> Turned:
    return Turned(x, y, diameter / 2, (("line", diameter / 2, top),), "disc", False)


def filleted_boss(
    x: float, y: float, diameter: float, plate_top: float, fillet: float, top: float
) -> Turned:
    steps = (("fillet", diameter / 2, plate_top + fillet), ("line", diameter / 2, top))
    return Turned(x, y, diameter / 2 + fillet, steps, "disc", False)


def stud(x: float, y: float, wide: float, narrow: float, top: float) -> Turned:
    """A cone that grows narrower."""
    return Turned(x, y, wide / 2, (("line", narrow / 2, top),), "disc", False)


def dome(x: float, y: float, diameter: float) -> Turned:
    return Turned(x, y, diameter / 2, (), "dome", False)


def dimple(x: float, y: float, diameter: float) -> Turned:
    return Turned(x, y, diameter / 2, (), "dome", True)


@dataclass(frozen=True)
class PlatePart:
    """size : x, y, z. corner : radius of its upright edges, 0: sharp. Its corner is the origin."""

    size: Point
    corner: float
    turned: tuple[Turned, ...]


class _Writer:
    """Entities in the order of their numbers."""

    def __init__(self, unit: str, names: str = "") -> None:
        self.lines: list[str] = []
        self.mm, self._unit = UNITS[unit]
        self._known: dict[tuple[object, ...], int] = {}
        self.names = names

    def add(self, text: str) -> int:
        self.lines.append(text)
        return len(self.lines)

    def once(self, key: tuple[object, ...], text: str) -> int:
        if key not in self._known:
            self._known[key] = self.add(text)
        return self._known[key]

    def length(self, mm: float) -> str:
        return _number(mm / self.mm)

    def point(self, at: Point) -> int:
        numbers = ",".join(self.length(c) for c in at)
        return self.once(("point", numbers), f"CARTESIAN_POINT('',({numbers}))")

    def way(self, way: Point) -> int:
        numbers = ",".join(_number(c) for c in way)
        return self.once(("way", numbers), f"DIRECTION('',({numbers}))")

    def place(self, at: Point, axis: Point, across: Point) -> int:
        refs = (self.point(at), self.way(axis), self.way(across))
        text = ",".join(f"#{ref}" for ref in refs)
        return self.once(("place", *refs), f"AXIS2_PLACEMENT_3D('',{text})")

    def vertex(self, at: Point) -> int:
        point = self.point(at)
        return self.once(("vertex", point), f"VERTEX_POINT('',#{point})")

    def line(self, a: Point, b: Point) -> int:
        """An edge from a to b."""
        size = math.dist(a, b)
        way = tuple(round((q - p) / size, 12) + 0.0 for p, q in zip(a, b, strict=True))
        vector = self.add(f"VECTOR('',#{self.way(way)},1.)")  # type: ignore[arg-type]
        curve = self.add(f"LINE('',#{self.point(a)},#{vector})")
        return self.edge(a, b, curve)

    def edge(self, a: Point, b: Point, curve: int) -> int:
        return self.add(f"EDGE_CURVE('',#{self.vertex(a)},#{self.vertex(b)},#{curve},.T.)")

    def arc(
        self,
        centre: Point,
        radius: float,
        a: Point,
        b: Point,
        axis: Point = UP,
        across: Point = ALONG,
    ) -> int:
        place = self.place(centre, axis, across)
        return self.edge(a, b, self.add(f"CIRCLE('',#{place},{self.length(radius)})"))

    def loop(self, edges: Iterable[tuple[int, bool]]) -> int:
        used = [self.add(f"ORIENTED_EDGE('',*,*,#{edge},{_flag(on)})") for edge, on in edges]
        return self.add(f"EDGE_LOOP('',({','.join(f'#{one}' for one in used)}))")

    def face(self, surface: int, loops: Sequence[int], is_same: bool = True) -> int:
        """The first loop is the outer one."""
        bounds = [
            self.add(f"{'FACE_BOUND' if n else 'FACE_OUTER_BOUND'}('',#{loop},.T.)")
            for n, loop in enumerate(loops)
        ]
        text = ",".join(f"#{bound}" for bound in bounds)
        return self.add(f"ADVANCED_FACE('{self.names}',({text}),#{surface},{_flag(is_same)})")

    def plane(self, at: Point, normal: Point, across: Point) -> int:
        return self.add(f"PLANE('',#{self.place(at, normal, across)})")

    def context(self) -> int:
        size = measure = 0
        if "{measure}" in self._unit:
            mm = self.add("(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.))")
            size = self.add("DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.)")
            measure = self.add(f"LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE({self.mm}),#{mm})")
        length = self.add(self._unit.format(measure=measure, size=size))
        angle = self.add("(NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.))")
        solid = self.add("(NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT())")
        fine = self.add(
            f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE({self.length(1e-7)}),#{length},"
            "'distance_accuracy_value','')"
        )
        return self.add(
            "(GEOMETRIC_REPRESENTATION_CONTEXT(3) "
            f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{fine})) "
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid})) "
            "REPRESENTATION_CONTEXT('',''))"
        )

    def text(self) -> bytes:
        data = "".join(f"#{n}={line};\n" for n, line in enumerate(self.lines, start=1))
        head = (
            "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
            "FILE_NAME('','2026-01-01T00:00:00',(''),(''),'printstd samples','','');\n"
            "FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));\nENDSEC;\nDATA;\n"
        )
        return (head + data + "ENDSEC;\nEND-ISO-10303-21;\n").encode("ascii")


def _number(value: float) -> str:
    text = repr(round(value, 15) + 0.0).upper()
    mantissa, sign, exponent = text.partition("E")
    return (mantissa if "." in mantissa else f"{mantissa}.") + sign + exponent


def _flag(value: bool) -> str:
    return ".T." if value else ".F."


def _solid(w: _Writer, part: PlatePart) -> int:
    """A closed shell; each edge runs once each way."""
    size_x, size_y, top = part.size
    faces = []
    corners = _outline(size_x, size_y, part.corner)
    lower = [_side(w, a, b, centre, part.corner, 0.0) for a, b, centre in corners]
    upper = [_side(w, a, b, centre, part.corner, top) for a, b, centre in corners]
    rising = [w.line((*a, 0.0), (*a, top)) for a, _, _ in corners]
    for n, (a, b, centre) in enumerate(corners):
        loop = w.loop(
            [
                (lower[n], True),
                (rising[(n + 1) % len(corners)], True),
                (upper[n], False),
                (rising[n], False),
            ]
        )
        if centre is None:
            way = ((b[0] - a[0]), (b[1] - a[1]))
            length = math.hypot(*way)
            out = (way[1] / length + 0.0, -way[0] / length + 0.0, 0.0)
            surface = w.plane((*a, 0.0), out, (way[0] / length + 0.0, way[1] / length + 0.0, 0.0))
        else:
            place = w.place((*centre, 0.0), UP, ALONG)
            surface = w.add(f"CYLINDRICAL_SURFACE('',#{place},{w.length(part.corner)})")
        faces.append(w.face(surface, [loop]))
    above = [w.loop([(edge, True) for edge in upper])]
    below = [w.loop([(edge, False) for edge in reversed(lower)])]
    for one in part.turned:
        own, first, last = _turned(w, one, top)
        faces += own
        above.append(w.loop([(first, False)]))
        if last is not None:
            below.append(w.loop([(last, True)]))
    faces.append(w.face(w.plane((0.0, 0.0, top), UP, ALONG), above))
    faces.append(w.face(w.plane((0.0, 0.0, 0.0), (0.0, 0.0, -1.0), ALONG), below))
    shell = w.add(f"CLOSED_SHELL('',({','.join(f'#{face}' for face in faces)}))")
    return w.add(f"MANIFOLD_SOLID_BREP('',#{shell})")


Flat = tuple[float, float]


def _outline(x: float, y: float, r: float) -> list[tuple[Flat, Flat, Flat | None]]:
    """(begin, end, centre of an arc or None), counter-clockwise."""
    if not r:
        corners = [(0.0, 0.0), (x, 0.0), (x, y), (0.0, y)]
        return [(corners[n], corners[(n + 1) % 4], None) for n in range(4)]
    return [
        ((r, 0.0), (x - r, 0.0), None),
        ((x - r, 0.0), (x, r), (x - r, r)),
        ((x, r), (x, y - r), None),
        ((x, y - r), (x - r, y), (x - r, y - r)),
        ((x - r, y), (r, y), None),
        ((r, y), (0.0, y - r), (r, y - r)),
        ((0.0, y - r), (0.0, r), None),
        ((0.0, r), (r, 0.0), (r, r)),
    ]


def _side(w: _Writer, a: Flat, b: Flat, centre: Flat | None, radius: float, z: float) -> int:
    if centre is None:
        return w.line((*a, z), (*b, z))
    return w.arc((*centre, z), radius, (*a, z), (*b, z))


def _turned(w: _Writer, one: Turned, top: float) -> tuple[list[int], int, int | None]:
    """(faces, edge in the plate's top, edge in its bottom)."""

    def ring(radius: float, z: float) -> int:
        begin = (one.x + radius, one.y, z)
        return w.arc((one.x, one.y, z), radius, begin, begin)

    faces, is_out = [], not one.is_hollow
    radius, z = one.radius, top
    first = edge = ring(radius, z)
    for kind, next_radius, next_z in one.steps:
        following = ring(next_radius, next_z)
        if kind == "line" and next_z == z:
            surface = w.plane((one.x, one.y, z), UP, ALONG)
            faces.append(w.face(surface, [w.loop([(edge, True)]), w.loop([(following, False)])]))
            radius, z, edge = next_radius, next_z, following
            continue
        begin, end = (one.x + radius, one.y, z), (one.x + next_radius, one.y, next_z)
        is_same = is_out
        if kind == "fillet":
            small = radius - next_radius
            centre = (one.x + radius, one.y, next_z)
            seam = w.arc(centre, small, begin, end, (0.0, 1.0, 0.0), ALONG)
            place = w.place((one.x, one.y, next_z), UP, ALONG)
            sizes = f"{w.length(radius)},{w.length(small)}"
            surface, is_same = w.add(f"TOROIDAL_SURFACE('',#{place},{sizes})"), False
        else:
            seam = w.line(begin, end)
            surface = _straight(w, one, radius, z, next_radius, next_z)
        loop = w.loop([(edge, True), (seam, True), (following, False), (seam, False)])
        faces.append(w.face(surface, [loop], is_same))
        radius, z, edge = next_radius, next_z, following
    if one.end == "through":
        return faces, first, edge
    if one.end == "disc":
        surface = w.plane((one.x, one.y, z), UP, ALONG)
        faces.append(w.face(surface, [w.loop([(edge, True)])]))
    else:
        place = w.place((one.x, one.y, z), UP, ALONG)
        surface = w.add(f"SPHERICAL_SURFACE('',#{place},{w.length(radius)})")
        faces.append(w.face(surface, [w.loop([(edge, True)])], is_out))
    return faces, first, None


def _straight(
    w: _Writer, one: Turned, radius: float, z: float, next_radius: float, next_z: float
) -> int:
    if radius == next_radius:
        place = w.place((one.x, one.y, min(z, next_z)), UP, ALONG)
        return w.add(f"CYLINDRICAL_SURFACE('',#{place},{w.length(radius)})")
    (narrow, low), (wide, high) = sorted([(radius, z), (next_radius, next_z)])
    axis = UP if high > low else (0.0, 0.0, -1.0)
    place = w.place((one.x, one.y, low), axis, ALONG)
    angle = math.atan2(wide - narrow, abs(high - low))
    return w.add(f"CONICAL_SURFACE('',#{place},{w.length(narrow)},{_number(angle)})")


def step(part: PlatePart, unit: str = "mm", names: str = "") -> bytes:
    """A file of one part. names : of its faces, as CAD programs write anything there."""
    w = _Writer(unit, names)
    origin = w.place((0.0, 0.0, 0.0), UP, ALONG)
    solid = _solid(w, part)
    context = w.context()
    shape = w.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',(#{origin},#{solid}),#{context})")
    _product(w, "part", shape)
    return w.text()


def _product(w: _Writer, name: str, shape: int) -> int:
    """Its definition."""
    application = w.once(("application",), "APPLICATION_CONTEXT('automotive design')")
    product = w.add(
        f"PRODUCT('{name}','{name}','',(#{w.add(f'''PRODUCT_CONTEXT('',#{application},'mechanical')''')}))"
    )
    formation = w.add(f"PRODUCT_DEFINITION_FORMATION('','',#{product})")
    view = w.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',#{application},'design')")
    definition = w.add(f"PRODUCT_DEFINITION('design','',#{formation},#{view})")
    defined = w.add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
    w.add(f"SHAPE_DEFINITION_REPRESENTATION(#{defined},#{shape})")
    return definition


def assembly(part: PlatePart, stands: Sequence[tuple[Point, Point, Point]]) -> bytes:
    """The same part several times: (origin, axis, across) of each."""
    w = _Writer("mm")
    origin = w.place((0.0, 0.0, 0.0), UP, ALONG)
    solid = _solid(w, part)
    context = w.context()
    shape = w.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',(#{origin},#{solid}),#{context})")
    child = _product(w, "part", shape)
    # Placements of their own, however many are alike: each names one use.
    places = [
        w.add(f"AXIS2_PLACEMENT_3D('',#{w.point(at)},#{w.way(axis)},#{w.way(across)})")
        for at, axis, across in stands
    ]
    items = ",".join(f"#{place}" for place in (origin, *places))
    whole = w.add(f"SHAPE_REPRESENTATION('',({items}),#{context})")
    parent = _product(w, "assembly", whole)
    for n, place in enumerate(places):
        turn = w.add(f"ITEM_DEFINED_TRANSFORMATION('','',#{origin},#{place})")
        relation = w.add(
            f"(REPRESENTATION_RELATIONSHIP('','',#{shape},#{whole}) "
            f"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#{turn}) "
            "SHAPE_REPRESENTATION_RELATIONSHIP())"
        )
        use = w.add(f"NEXT_ASSEMBLY_USAGE_OCCURRENCE('{n}','','',#{parent},#{child},$)")
        defined = w.add(f"PRODUCT_DEFINITION_SHAPE('','',#{use})")
        w.add(f"CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#{relation},#{defined})")
    return w.text()


PLATE = PlatePart(
    (60.0, 40.0, 6.0),
    4.0,
    (
        hole(8.0, 8.0, 4.5),
        hole(52.0, 8.0, 4.5),
        countersunk(8.0, 32.0, 9.0, 4.5, 3.75),
        counterbored(52.0, 32.0, 10.0, 3.0, 5.5),
        filleted_boss(22.0, 20.0, 10.0, 6.0, 1.5, 14.0),
        dome(40.0, 20.0, 7.0),
    ),
)
FLANGE = PlatePart(
    (50.8, 50.8, 6.35),
    0.0,
    (
        *(hole(x, y, 6.7564) for x in (8.89, 41.91) for y in (8.89, 41.91)),
        blind(25.4, 25.4, 19.05, 3.175),
    ),
)


def samples() -> dict[str, bytes]:
    """File name to bytes."""
    stands = (
        ((0.0, 0.0, 0.0), UP, ALONG),
        ((70.0, 0.0, 0.0), UP, (0.0, 1.0, 0.0)),
    )
    block = PlatePart((20.0, 10.0, 5.0), 0.0, (hole(10.0, 5.0, 3.2),))
    return {
        "plate.step": step(PLATE),
        "flange_inch.step": step(FLANGE, "in"),
        "two_blocks.step": assembly(block, stands),
    }


def main(folder: Path) -> None:
    for name, content in samples().items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
