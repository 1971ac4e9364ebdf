"""One model part: unit, objects, build items (3MF Core, chapters 3 and 4).

The parser's events come element by element; numbers are kept as text and turned into arrays
once for each mesh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from printstd.intake.limits import Limits
from printstd.intake.numbers import BadNumber, integers, reals
from printstd.intake.threemf.names import (
    CORE,
    NO_SHAPE,
    PRODUCTION,
    extension_name,
    refuse,
)
from printstd.intake.threemf.xml_events import as_dict, parse_xml
from printstd.units import LengthUnit
from printstd.words import said

Transform = tuple[
    float, float, float, float, float, float, float, float, float, float, float, float
]
"""Row by row as written: a point is the row (x, y, z, 1) times this 4 x 3 matrix."""

IDENTITY: Final[Transform] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Use:
    """A component, or a build item: an object of this or another part, placed."""

    object_id: int
    path: str | None
    """Part name without its leading slash; None for the part it stands in."""
    transform: Transform
    line: int
    is_printable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """points : (n, 3) float64, the part's numbers. faces : (f, 3) int32."""

    points: NDArray[np.float64]
    faces: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """Either a shape or components."""

    id: int
    type: str
    name: str
    line: int
    shape: Shape | None
    components: tuple[Use, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelPart:
    name: str
    unit: LengthUnit
    objects: dict[int, Object]
    items: tuple[Use, ...]
    ignored: tuple[str, ...]
    """Namespaces of elements that were left out and may have said where material goes."""


def read_model_part(data: bytes, name: str, limits: Limits, is_root: bool) -> ModelPart:
    """Parse and check one part; InputError 3MF-010, -016, -017, -018, -022, -023, -025, -027."""
    handler = _ModelHandler(name, limits, is_root)
    parse_xml(data, name, handler, limits.xml_depth)
    if handler.unit is None or not handler.has_resources or not handler.has_build:
        missing = "resources" if not handler.has_resources else "build"
        refuse(16, said("the model has no <{missing}>", missing=missing), name)
    return ModelPart(
        name, handler.unit, handler.objects, tuple(handler.items), tuple(sorted(handler.ignored))
    )


_VERTEX: Final = CORE + "}vertex"
_TRIANGLE: Final = CORE + "}triangle"
_XYZ: Final = ["x", "y", "z"]
_V123: Final = ["v1", "v2", "v3"]

_CHILDREN: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"model"}),
    "model": frozenset({"metadata", "resources", "build"}),
    "resources": frozenset({"basematerials", "object"}),
    "basematerials": frozenset({"base"}),
    "object": frozenset({"metadatagroup", "mesh", "components"}),
    "metadatagroup": frozenset({"metadata"}),
    "mesh": frozenset({"vertices", "triangles"}),
    "vertices": frozenset({"vertex"}),
    "triangles": frozenset({"triangle"}),
    "components": frozenset({"component"}),
    "build": frozenset({"item"}),
    "item": frozenset({"metadatagroup"}),
}
_TYPES: Final = ("model", "solidsupport", "support", "surface", "other")


@dataclass(slots=True)
class _OpenObject:
    id: int
    type: str
    name: str
    line: int
    coordinates: list[str] = field(default_factory=list)
    corners: list[str] = field(default_factory=list)
    components: list[Use] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)


class _ModelHandler:
    def __init__(self, part: str, limits: Limits, is_root: bool) -> None:
        self.part, self.limits, self.is_root = part, limits, is_root
        self.unit: LengthUnit | None = None
        self.objects: dict[int, Object] = {}
        self.items: list[Use] = []
        self.ignored: set[str] = set()
        self.has_resources = self.has_build = False
        # Counted while reading: a mesh of ten times as many would not fit into memory. A closed
        # mesh has fewer vertices than facets.
        self._most_words = 3 * limits.facets
        self._ids: set[int] = set()
        self._prefixes: dict[str | None, str] = {}
        self._stack: list[str] = [""]
        self._skipped = 0
        self._open: _OpenObject | None = None

    # --- events -----------------------------------------------------------------------

    def prefix(self, prefix: str | None, namespace: str) -> None:
        if self._stack == [""]:
            self._prefixes[prefix] = namespace

    def text(self, text: str) -> None:
        if not self._skipped and self._stack[-1] != "metadata" and text.strip():
            refuse(16, said("text between elements"), self.part, text.strip())

    def start(self, name: str, attributes: list[str], line: int) -> None:
        if self._skipped:
            self._skipped += 1
            return
        parent = self._stack[-1]
        if name == _VERTEX and parent == "vertices" and self._open is not None:
            if attributes[::2] != _XYZ:
                attributes = self._picked(attributes, _XYZ, line)
            self._open.coordinates += attributes[1::2]
            if len(self._open.coordinates) > self._most_words:
                self._refuse_too_many("vertices", self._at(line))
            self._stack.append("vertex")
        elif name == _TRIANGLE and parent == "triangles" and self._open is not None:
            if attributes[::2] != _V123:
                attributes = self._picked(attributes, _V123, line)
            self._open.corners += attributes[1::2]
            if len(self._open.corners) > self._most_words:
                self._refuse_too_many("facets", self._at(line))
            self._stack.append("triangle")
        else:
            self._start_other(name, attributes, parent, line)

    def end(self, name: str, line: int) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        if self._stack.pop() == "object":
            self._close_object(line)

    # --- elements ---------------------------------------------------------------------

    def _start_other(self, name: str, attributes: list[str], parent: str, line: int) -> None:
        namespace, _, local = name.rpartition("}")
        if namespace != CORE:
            if parent == "":
                refuse(
                    16,
                    said("the root element is no 3MF model"),
                    self._at(line),
                    name,
                    f"{CORE} model",
                )
            if namespace not in NO_SHAPE:
                self.ignored.add(namespace)
            self._skipped = 1
            return
        if local not in _CHILDREN.get(parent, frozenset()):
            refuse(
                16,
                said(
                    "<{local}> cannot stand in <{parent}>", local=local, parent=parent or "nothing"
                ),
                self._at(line),
            )
        values = as_dict(attributes)
        self._stack.append(local)
        match local:
            case "model":
                self._start_model(values, line)
            case "resources" | "build":
                self._start_block(local, line)
            case "basematerials":
                self._new_id(values, line)
            case "object":
                self._start_object(values, line)
            case "mesh" | "components" | "vertices" | "triangles":
                self._start_in_object(local, line)
            case "component" if self._open is not None:
                self._open.components.append(self._use(values, line))
            case "item":
                self.items.append(self._use(values, line))

    def _start_model(self, values: dict[str, str], line: int) -> None:
        unit = values.get("unit", "millimeter")
        if unit not in tuple(LengthUnit):
            refuse(23, said("an unknown unit"), self._at(line), unit, ", ".join(LengthUnit))
        self.unit = LengthUnit(unit)
        for prefix in values.get("requiredextensions", "").split():
            namespace = self._prefixes.get(prefix)
            if namespace is None:
                refuse(22, said("a required extension without a namespace"), self._at(line), prefix)
            if namespace not in (CORE, PRODUCTION):
                refuse(
                    22,
                    said("the file requires an extension that printstd does not read"),
                    self._at(line),
                    extension_name(namespace),
                    said("Core and Production"),
                    said("export it as a plain mesh, without that extension"),
                )

    def _start_block(self, local: str, line: int) -> None:
        if getattr(self, f"has_{local}"):
            refuse(16, said("a second <{local}>", local=local), self._at(line))
        setattr(self, f"has_{local}", True)

    def _start_object(self, values: dict[str, str], line: int) -> None:
        if len(self.objects) >= self.limits.objects:
            refuse(8, said("too many objects"), self._at(line), wanted=f"{self.limits.objects}")
        kind = values.get("type", "model")
        if kind not in _TYPES:
            refuse(25, said("an unknown type of object"), self._at(line), kind, ", ".join(_TYPES))
        self._open = _OpenObject(self._new_id(values, line), kind, values.get("name", ""), line)

    def _start_in_object(self, local: str, line: int) -> None:
        if self._open is None or local in self._open.seen:
            refuse(16, said("a second <{local}> in an object", local=local), self._at(line))
        self._open.seen.append(local)
        if {"mesh", "components"} <= set(self._open.seen):
            refuse(16, said("an object with a mesh and components"), self._at(line))
        if local == "triangles" and "vertices" not in self._open.seen:
            refuse(16, said("<triangles> before <vertices>"), self._at(line))

    def _close_object(self, line: int) -> None:
        opened = self._open
        if opened is None:
            return
        self._open = None
        if not {"mesh", "components"} & set(opened.seen):
            refuse(25, said("an object with neither a mesh nor components"), self._at(opened.line))
        if "components" in opened.seen and not opened.components:
            refuse(16, said("an empty <components>"), self._at(opened.line))
        shape = self._shape(opened) if "mesh" in opened.seen else None
        self.objects[opened.id] = Object(
            opened.id, opened.type, opened.name, opened.line, shape, tuple(opened.components)
        )

    def _shape(self, opened: _OpenObject) -> Shape:
        where = said("{name}, object {id}", name=self.part, id=opened.id)
        if not {"vertices", "triangles"} <= set(opened.seen):
            refuse(16, said("a mesh without vertices or triangles"), where)
        words = _words(opened.coordinates, where)
        try:
            points = reals(words).reshape(-1, 3)
        except BadNumber as bad:
            word = opened.coordinates[bad.index]
            code = 10 if word.strip().lower().lstrip("+-").startswith(("nan", "inf")) else 17
            hint = said("export it again with a decimal point") if "," in word else ""
            refuse(
                code,
                said("a coordinate that is no number"),
                said("{where}, vertex {index}", where=where, index=bad.index // 3),
                word,
                said("a decimal number"),
                hint,
            )
        wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
        if len(wrong):
            refuse(
                10,
                said("a coordinate that is not finite"),
                said("{where}, vertex {wrong}", where=where, wrong=int(wrong[0])),
            )
        return Shape(points, self._shape_faces(opened, len(points), where))

    def _shape_faces(self, opened: _OpenObject, n_points: int, where: str) -> NDArray[np.int32]:
        try:
            faces = integers(_words(opened.corners, where)).reshape(-1, 3)
        except BadNumber as bad:
            at = said("{where}, triangle {row}", where=where, row=bad.index // 3)
            refuse(17, said("a corner that is no index"), at, opened.corners[bad.index])
        wrong = np.flatnonzero(((faces < 0) | (faces >= n_points)).any(axis=1))
        if len(wrong):
            row = int(wrong[0])
            at = said("{where}, triangle {row}", where=where, row=row)
            refuse(
                18,
                said("a triangle names a vertex that is not there"),
                at,
                str(faces[row].tolist()),
            )
        a, b, c = faces.T
        wrong = np.flatnonzero((a == b) | (b == c) | (c == a))
        if len(wrong):
            row = int(wrong[0])
            refuse(
                18,
                said("a triangle names one vertex twice"),
                said("{where}, triangle {row}", where=where, row=row),
                str(faces[row].tolist()),
                said("three different indices (3MF Core 4.1.4)"),
            )
        return np.ascontiguousarray(faces, np.int32)

    def _refuse_too_many(self, what: str, where: str) -> NoReturn:
        refuse(
            9,
            said("more {what} than are read", what=what),
            where,
            wanted=said("at most {facets} in an object", facets=self.limits.facets),
            hint=said("export it with a coarser tolerance, or raise the limit"),
        )

    # --- attributes -------------------------------------------------------------------

    def _picked(self, attributes: list[str], wanted: list[str], line: int) -> list[str]:
        values = as_dict(attributes)
        if any(key not in values for key in wanted):
            missing = next(key for key in wanted if key not in values)
            refuse(16, said("an attribute is missing: {missing}", missing=missing), self._at(line))
        return [text for key in wanted for text in (key, values[key])]

    def _new_id(self, values: dict[str, str], line: int) -> int:
        number = self._resource_id(values.get("id"), "id", line)
        if number in self._ids:
            refuse(25, said("two resources with one id"), self._at(line), str(number))
        self._ids.add(number)
        return number

    def _resource_id(self, text: str | None, key: str, line: int) -> int:
        try:
            number = int(integers([text.strip().encode()])[0]) if text is not None else 0
        except BadNumber:
            number = 0
        if not 0 < number < 2**31:
            refuse(
                25,
                said("{key} is no resource number", key=key),
                self._at(line),
                text,
                said("1 to 2147483647"),
            )
        return number

    def _use(self, values: dict[str, str], line: int) -> Use:
        path = values.get(PRODUCTION + "}path")
        if path is not None and (not self.is_root or not path.startswith("/")):
            refuse(
                20, said("a path that cannot be followed"), self._at(line), path, "/3D/part.model"
            )
        return Use(
            object_id=self._resource_id(values.get("objectid"), "objectid", line),
            path=None if path is None else path[1:],
            transform=self._transform(values.get("transform"), line),
            line=line,
            is_printable=values.get("printable", "1").strip() not in ("0", "false"),
        )

    def _transform(self, text: str | None, line: int) -> Transform:
        if text is None:
            return IDENTITY
        words = text.encode().split()
        try:
            numbers = reals(words).tolist()
        except BadNumber as bad:
            shown = words[bad.index].decode()
            refuse(27, said("a transform with something that is no number"), self._at(line), shown)
        if len(numbers) != 12:
            refuse(27, said("a transform of a wrong length"), self._at(line), f"{len(words)}", "12")
        matrix: Transform = tuple(numbers)
        if not all(map(math.isfinite, numbers)) or not math.isfinite(determinant(matrix)):
            refuse(27, said("a transform that is not finite"), self._at(line), text)
        if determinant(matrix) == 0:
            refuse(
                27,
                said("a transform that flattens"),
                self._at(line),
                text,
                said("a determinant not 0"),
            )
        return matrix

    def _at(self, line: int) -> str:
        return said("{name}, line {line}", name=self.part, line=line)


def determinant(m: Transform) -> float:
    return (
        m[0] * (m[4] * m[8] - m[5] * m[7])
        - m[1] * (m[3] * m[8] - m[5] * m[6])
        + m[2] * (m[3] * m[7] - m[4] * m[6])
    )


def _words(texts: list[str], where: str) -> list[bytes]:
    """Numbers as bytes, white space around them taken off."""
    words = " ".join(texts).encode("utf-8", "replace").split()
    if len(words) != len(texts):
        wrong = next(text for text in texts if len(text.split()) != 1)
        refuse(17, said("an attribute that is not one number"), where, repr(wrong))
    return words
