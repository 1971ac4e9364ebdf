"""One model part: unit, objects, build items (3MF Core, chapters 3 and 4).

The parser's events come element by element; numbers are kept as text and turned into arrays
once for each mesh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn

from printstd.intake.limits import Limits
from printstd.intake.numbers import BadNumber, integers
from printstd.intake.threemf import properties
from printstd.intake.threemf.grammar import CHILDREN, check_attributes, check_metadata
from printstd.intake.threemf.names import (
    CORE,
    MATERIALS,
    NO_SHAPE,
    PRODUCTION,
    extension_name,
    refuse,
)
from printstd.intake.threemf.properties import Group, Properties, Texture
from printstd.intake.threemf.shapes import Shape, Transform, check_enough, shape_of, transform_of
from printstd.intake.threemf.xml_events import as_dict, parse_xml
from printstd.units import LengthUnit
from printstd.words import said


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
    textures: tuple[Texture, ...] = ()
    thumbnails: tuple[tuple[str, str], ...] = ()
    """Of objects: name of a part as written, and where it is."""
    requires_materials: bool = False


def read_model_part(data: bytes, name: str, limits: Limits, is_root: bool) -> ModelPart:
    """Parse and check one part; InputError 3MF-010, -016 to -018, -022 to -028."""
    handler = _ModelHandler(name, limits, is_root)
    parse_xml(data, name, handler, limits.xml_depth)
    if handler.unit is None or not handler.has_resources or not handler.has_build:
        missing = "resources" if not handler.has_resources else "build"
        refuse(16, said("the model has no <{missing}>", missing=missing), name)
    handler.check_references()
    return ModelPart(
        name,
        handler.unit,
        handler.objects,
        tuple(handler.items),
        tuple(sorted(handler.ignored)),
        tuple(handler.properties.textures),
        tuple(handler.thumbnails),
        handler.requires_materials,
    )


_VERTEX: Final = CORE + "}vertex"
_TRIANGLE: Final = CORE + "}triangle"
_XYZ: Final = ["x", "y", "z"]
_V123: Final = ["v1", "v2", "v3"]

_CHILDREN: Final = {
    **CHILDREN,
    **properties.CHILDREN,
    "resources": CHILDREN["resources"] | properties.GROUPS,
}
_NO_PROPERTIES: Final = (None, None, None, None)
_TYPES: Final = ("model", "solidsupport", "support", "surface", "other")


@dataclass(slots=True)
class _OpenObject:
    id: int
    type: str
    name: str
    line: int
    pid: str | None = None
    is_foreign: bool = False
    """An extension says more of its shape."""
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
        self.properties = Properties()
        self.requires_materials = False
        self.thumbnails: list[tuple[str, str]] = []
        self.has_resources = self.has_build = False
        # Counted while reading: a mesh of ten times as many would not fit into memory. A closed
        # mesh has fewer vertices than facets.
        self._most_words = 3 * limits.facets
        self._ids: set[int] = set()
        self._prefixes: dict[str | None, str] = {}
        self._stack: list[str] = [""]
        self._skipped = 0
        self._open: _OpenObject | None = None
        self._group: Group | None = None
        self._metadata: set[str] = set()
        self._keys: set[tuple[str, ...]] = set()
        """Lists of attributes that a triangle may have, as they were found."""
        self._forward: list[Use] = []
        """Components whose object had not come when they did."""

    # --- events -----------------------------------------------------------------------

    def prefix(self, prefix: str | None, namespace: str) -> None:
        if self._stack == [""]:
            self._prefixes[prefix] = namespace
        else:
            self._prefixes.setdefault(prefix, namespace)

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
                self._check_properties(attributes, self._open, line)
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
        closed = self._stack.pop()
        if closed == "object":
            self._close_object(line)
        elif self._group is not None and closed == self._group.kind:
            self.properties.end(self._group)
            self._group = None

    # --- elements ---------------------------------------------------------------------

    def _start_other(self, name: str, attributes: list[str], parent: str, line: int) -> None:
        namespace, _, local = name.rpartition("}")
        may_stand = _CHILDREN.get(parent, frozenset())
        if namespace == MATERIALS and f"m:{local}" in may_stand:
            local = f"m:{local}"
        elif namespace != CORE:
            self._skip(namespace, name, attributes, parent, line)
            return
        elif local not in may_stand:
            refuse(
                16,
                said(
                    "<{local}> cannot stand in <{parent}>", local=local, parent=parent or "nothing"
                ),
                self._at(line),
            )
        values = as_dict(attributes)
        if namespace == CORE:
            check_attributes(local, attributes[::2], values, self._at(line))
        self._stack.append(local)
        match local:
            case "model":
                self._start_model(values, line)
            case "resources" | "build":
                self._start_block(local, line)
            case "metadata":
                self._start_metadata(values, parent, line)
            case "metadatagroup":
                self._metadata = set()
            case "basematerials":
                self._start_group(local, values, line)
            case _ if local in properties.GROUPS:
                self._start_group(local, values, line)
            case _ if self._group is not None:
                self.properties.member(self._group, values, self._at(line))
            case "object":
                self._start_object(values, line)
            case "mesh" | "components" | "vertices" | "triangles":
                self._start_in_object(local, line)
            case "component" if self._open is not None:
                use = self._use(values, line)
                self._open.components.append(use)
                if use.path is None and use.object_id not in self.objects:
                    self._forward.append(use)
            case "item":
                self.items.append(self._use(values, line))

    def _skip(
        self, namespace: str, name: str, attributes: list[str], parent: str, line: int
    ) -> None:
        """An element of an extension that is not read, with all that it holds."""
        if parent == "":
            refuse(
                16,
                said("the root element is no 3MF model"),
                self._at(line),
                name,
                f"{CORE} model",
            )
        if parent == "metadata":
            refuse(16, said("an element in metadata, which is text"), self._at(line), name)
        if namespace not in NO_SHAPE:
            self.ignored.add(namespace)
            if self._open is not None:
                self._open.is_foreign = True
        values = as_dict(attributes)
        if parent == "resources" and "id" in values:
            self.properties.unknown(self._new_id(values, line))
        self._skipped = 1

    def _start_metadata(self, values: dict[str, str], parent: str, line: int) -> None:
        if parent == "model" and (self.has_resources or self.has_build):
            refuse(16, said("metadata after the resources"), self._at(line))
        check_metadata(values, self._prefixes, self._metadata, self._at(line))

    def _start_group(self, kind: str, values: dict[str, str], line: int) -> None:
        number = self._new_id(values, line)
        self._group = self.properties.start(kind, number, values, self._at(line))

    def _start_model(self, values: dict[str, str], line: int) -> None:
        unit = values.get("unit", "millimeter")
        if unit not in tuple(LengthUnit):
            refuse(23, said("an unknown unit"), self._at(line), unit, ", ".join(LengthUnit))
        self.unit = LengthUnit(unit)
        for prefix in values.get("requiredextensions", "").split():
            namespace = self._prefixes.get(prefix)
            if namespace is None:
                refuse(22, said("a required extension without a namespace"), self._at(line), prefix)
            self.requires_materials |= namespace == MATERIALS
            if namespace not in (CORE, PRODUCTION, MATERIALS):
                refuse(
                    22,
                    said("the file requires an extension that printstd does not read"),
                    self._at(line),
                    extension_name(namespace),
                    said("Core, Production, and Materials and Properties"),
                    said("export it as a plain mesh, without that extension"),
                )
        for prefix in values.get("recommendedextensions", "").split():
            if prefix not in self._prefixes:
                refuse(
                    22, said("a recommended extension without a namespace"), self._at(line), prefix
                )

    def _start_block(self, local: str, line: int) -> None:
        if getattr(self, f"has_{local}"):
            refuse(16, said("a second <{local}>", local=local), self._at(line))
        if local == "resources" and self.has_build:
            refuse(16, said("<resources> after <build>"), self._at(line))
        setattr(self, f"has_{local}", True)

    def _start_object(self, values: dict[str, str], line: int) -> None:
        if len(self.objects) >= self.limits.objects:
            refuse(8, said("too many objects"), self._at(line), wanted=f"{self.limits.objects}")
        kind = values.get("type", "model")
        if kind not in _TYPES:
            refuse(25, said("an unknown type of object"), self._at(line), kind, ", ".join(_TYPES))
        number, pid = self._new_id(values, line), values.get("pid")
        if "thumbnail" in values:
            self.thumbnails.append((values["thumbnail"], self._at(line)))
        self.properties.check_object(pid, values.get("pindex"), self._at(line))
        self.properties.forget()
        self._open = _OpenObject(number, kind, values.get("name", ""), line, pid)

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
        if "components" in opened.seen and opened.pid is not None:
            refuse(
                24,
                said("properties of an object of components"),
                self._at(opened.line),
                opened.pid,
                said("pid at objects with a mesh only"),
            )
        shape = self._shape(opened) if "mesh" in opened.seen else None
        self.objects[opened.id] = Object(
            opened.id, opened.type, opened.name, opened.line, shape, tuple(opened.components)
        )

    def _shape(self, opened: _OpenObject) -> Shape:
        where = said("{name}, object {id}", name=self.part, id=opened.id)
        if not {"vertices", "triangles"} <= set(opened.seen):
            refuse(16, said("a mesh without vertices or triangles"), where)
        if not opened.is_foreign:
            is_solid = opened.type in ("model", "solidsupport")
            check_enough(len(opened.coordinates) // 3, len(opened.corners) // 3, is_solid, where)
        return shape_of(opened.coordinates, opened.corners, where)

    def check_references(self) -> None:
        """Of components: to objects that are there, and came before."""
        for use in self._forward:
            if use.object_id in self.objects:
                refuse(
                    26,
                    said("a component of an object that comes later, or of itself"),
                    self._at(use.line),
                    said("object {id}", id=use.object_id),
                    said("objects before those that use them (3MF Core 4.2)"),
                )
            refuse(
                25,
                said("an object that is not there"),
                self._at(use.line),
                said("object {object_id} of {name}", object_id=use.object_id, name=self.part),
                ", ".join(map(str, sorted(self.objects)[:8])) or said("an object"),
            )

    def _check_properties(self, attributes: list[str], opened: _OpenObject, line: int) -> None:
        """What a triangle says beside its corners."""
        keys, values = tuple(attributes[::2]), as_dict(attributes)
        if keys not in self._keys:
            check_attributes("triangle", keys, values, self._at(line))
            self._keys.add(keys)
        corners = values.get("pid"), values.get("p1"), values.get("p2"), values.get("p3")
        if corners == _NO_PROPERTIES or corners in self.properties.right:
            return
        self.properties.check_triangle(corners, opened.pid, self._at(line))

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
        if wanted is _XYZ:
            check_attributes("vertex", values, values, self._at(line))
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
            transform=transform_of(values.get("transform"), self._at(line)),
            line=line,
            is_printable=values.get("printable", "1").strip() not in ("0", "false"),
        )

    def _at(self, line: int) -> str:
        return said("{name}, line {line}", name=self.part, line=line)
