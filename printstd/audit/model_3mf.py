"""3MF: core and Production extension, as much as a part to be printed needs."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar, cast
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from printstd.errors import InputError
from printstd.words import said

CORE: Final = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
PRODUCTION: Final = "{http://schemas.microsoft.com/3dmanufacturing/production/2015/06}"
_UNDERSTOOD: Final = (
    CORE[1:-1],
    PRODUCTION[1:-1],
    # Colours and materials say nothing about where material goes.
    "http://schemas.microsoft.com/3dmanufacturing/material/2015/02",
)
_RELATION: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_ROOT_BYTES: Final = 65_536
_PART_MAX: Final = 2_000_000_000
"""Bytes of a part after inflating."""
_DEPTH_MAX: Final = 32
_SETTINGS: Final = "Metadata/model_settings.config"

_VOLUME_KINDS: Final = frozenset(
    ("ModelPart", "NegativeVolume", "ParameterModifier", "SupportBlocker", "SupportEnforcer")
)

_Matrix = NDArray[np.float64]
_Key = tuple[str, str]
"""(part, object id)."""


class _Volume(NamedTuple):
    """A range of an object's triangles."""

    first: int
    last: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Object:
    mesh: NDArray[np.float64] | None
    """(f, 3, 3) or None where the object is made of components."""
    is_cut: NDArray[np.bool_]
    """(f,) which of them bound a negative volume."""
    components: tuple[tuple[_Key, _Matrix], ...]
    is_model: bool


def triangles_3mf(
    data: bytes, plate: int | None, items: tuple[int, ...] = (), extruder: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """(f, 3, 3) float64 of every build item (of one plate, of one extruder), in the model's unit;
    and of the negative volumes, None where there are none.

    items : the build items that are wanted, by their number in the file; empty: all.

    Raises InputError on anything that the core specification or its Production extension does not
    let stand, and on other required extensions by name.
    """
    return _read(data, lambda package: _build(package, plate, items, extruder))


def items_3mf(data: bytes, plate: int | None, extruder: int | None = None) -> frozenset[int]:
    """The build items that are printed (of one plate, by one extruder), by their number in the
    file."""
    return _read(data, lambda package: frozenset(n for n, _ in _items(package, plate, extruder)))


def region_3mf(data: bytes, item: int, volume: int) -> NDArray[np.float64]:
    """(f, 3, 3) float64 of one volume of the object of a build item: by its number among the
    object's components, or among the ranges of triangles that a project divides it into."""
    return _read(data, lambda package: _region(package, item, volume))


_Found = TypeVar("_Found")


def _read(data: bytes, work: Callable[[_Package], _Found]) -> _Found:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [name.lstrip("/") for name in archive.namelist()]
        if len(set(names)) != len(names):
            raise _bad(said("two parts of one name"))
        return work(_Package(archive))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError) as bad:
        raise _bad(str(bad)) from bad


def _prefixes(text: bytes) -> dict[str, str]:
    """Prefix -> namespace, as the root element declares them; they are gone after parsing."""
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(
        ["start-ns", "start"]
    )
    parser.feed(text[:_ROOT_BYTES])
    found: dict[str, str] = {}
    for event, value in cast("Iterator[tuple[str, tuple[str, str]]]", parser.read_events()):
        if event == "start":
            break
        found.setdefault(*value)
    return found


def _bad(what: str) -> InputError:
    return InputError(said("the 3MF cannot be read"), got=what, code="AUD-MODEL")


class _Package:
    """Objects of a package, read part by part when they are asked for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.root = self._root()
        self._objects: dict[_Key, _Object] = {}
        self._triangles: dict[_Key, NDArray[np.float64]] = {}
        self._ranges = self._volumes()
        self.model = self._part(self.root)
        self.settings = self.xml(_SETTINGS) if self.has(_SETTINGS) else None
        self._kinds = self._part_kinds()

    def xml(self, name: str) -> ElementTree.Element:
        info = self._archive.getinfo(name)
        if info.file_size > _PART_MAX:
            raise _bad(said("{name}: {file_size} bytes", name=name, file_size=info.file_size))
        text = self._archive.read(info)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise _bad(said("{name} declares entities", name=name))
        return ElementTree.fromstring(text)

    def has(self, name: str) -> bool:
        return name in self._archive.namelist()

    def _root(self) -> str:
        for relation in self.xml("_rels/.rels"):
            if relation.get("Type") == _RELATION and relation.get("TargetMode") != "External":
                return relation.attrib["Target"].lstrip("/")
        raise _bad(said("no model part"))

    def _part(self, name: str) -> ElementTree.Element:
        model = self.xml(name)
        if model.tag != f"{CORE}model":
            raise _bad(said("{name} is no 3MF model", name=name))
        required = (model.get("requiredextensions") or "").split()
        prefixes = _prefixes(self._archive.read(name)) if required else {}
        for prefix in required:
            if prefixes.get(prefix) not in _UNDERSTOOD:
                raise _bad(
                    said("{name} requires the extension {prefix!r}", name=name, prefix=prefix)
                )
        for element in model.iter(f"{CORE}object"):
            self._objects[name, element.attrib["id"]] = self._object(name, element)
        return model

    def _object(self, part: str, element: ElementTree.Element) -> _Object:
        is_model = element.get("type", "model") == "model"
        mesh = element.find(f"{CORE}mesh")
        if mesh is not None:
            triangles = _mesh(mesh)
            is_cut = np.zeros(len(triangles), bool)
            is_there = np.ones(len(triangles), bool)
            volumes = self._ranges.get(element.attrib["id"], ()) if part == self.root else ()
            for one in volumes:
                if one.kind == "ModelPart":
                    continue
                if not one.first <= one.last < len(triangles):
                    raise _bad(said("a volume of triangles that are not there"))
                is_cut[one.first : one.last + 1] = one.kind == "NegativeVolume"
                is_there[one.first : one.last + 1] = one.kind == "NegativeVolume"
            if volumes:
                self._triangles[part, element.attrib["id"]] = triangles
            return _Object(triangles[is_there], is_cut[is_there], (), is_model)
        components = element.find(f"{CORE}components")
        if components is None:
            raise _bad(
                said(
                    "{part}: object {element} has neither mesh nor components",
                    part=part,
                    element=element.get("id"),
                )
            )
        parts = tuple(_reference(part, c) for c in components)
        return _Object(None, np.zeros(0, bool), parts, is_model)

    def _volumes(self) -> dict[str, list[_Volume]]:
        """Object -> its volumes in a project of PrusaSlicer or its kin. Kinds that nobody knows are
        refused."""
        found: dict[str, list[_Volume]] = {}
        for name in self._archive.namelist():
            if not _is_volumes(name):
                continue
            for owner in self.xml(name).iter("object"):
                for volume in owner.findall("volume"):
                    told = {m.get("key"): m.get("value") for m in volume.findall("metadata")}
                    kind = str(told.get("volume_type", "ModelPart"))
                    if told.get("modifier") == "1":
                        kind = "ParameterModifier"
                    if kind not in _VOLUME_KINDS:
                        raise _bad(said("a volume that is no part of the model: {kind}", kind=kind))
                    ends = int(volume.attrib["firstid"]), int(volume.attrib["lastid"])
                    found.setdefault(str(owner.get("id")), []).append(_Volume(*ends, kind))
        return found

    def extruders(self) -> dict[str, int]:
        """Object -> extruder, from 1, in a project of PrusaSlicer, Bambu Studio or OrcaSlicer."""
        names = [n for n in self._archive.namelist() if _is_volumes(n) or n == _SETTINGS]
        found = {}
        for name in names:
            for owner in self.xml(name).findall("object"):
                for told in owner.findall("metadata"):
                    value = told.get("value", "")
                    if told.get("key") == "extruder" and value.isdecimal() and int(value):
                        found[str(owner.get("id"))] = int(value)
        return found

    def _part_kinds(self) -> dict[_Key, str]:
        """(object, part) -> kind, in a project of Bambu Studio or OrcaSlicer."""
        if self.settings is None:
            return {}
        return {
            (str(owner.get("id")), str(part.get("id"))): part.get("subtype", "normal_part")
            for owner in self.settings.findall("object")
            for part in owner.findall("part")
        }

    def triangles(
        self, key: _Key, matrix: _Matrix, depth: int = 0, cuts: bool = False
    ) -> list[tuple[NDArray[np.float64], bool]]:
        """(triangles, whether they bound a negative volume) of an object."""
        if depth > _DEPTH_MAX:
            raise _bad(said("components within components without end"))
        if key not in self._objects and key[0] != self.root:
            self._part(key[0])
        thing = self._objects[key]
        if not thing.is_model:
            return []
        if thing.mesh is not None:
            moved = _moved(thing.mesh, matrix)
            return [(moved[~thing.is_cut], cuts), (moved[thing.is_cut], True)]
        found = []
        for inner, own in thing.components:
            kind = "normal_part"
            if depth == 0 and key[0] == self.root:
                kind = self._kinds.get((key[1], inner[1]), kind)
            if kind in ("normal_part", "negative_part"):
                is_cut = cuts or kind == "negative_part"
                found += self.triangles(inner, _product(own, matrix), depth + 1, is_cut)
        return found

    def region(self, key: _Key, matrix: _Matrix, number: int) -> NDArray[np.float64]:
        """The triangles of one volume or component of an object, whatever it is there for."""
        none = np.zeros((0, 3, 3))
        if key not in self._objects and key[0] != self.root:
            self._part(key[0])
        thing = self._objects[key]
        if thing.mesh is None:
            if not 0 <= number < len(thing.components):
                return none
            inner, own = thing.components[number]
            found = self.triangles(inner, _product(own, matrix), 1)
            return np.concatenate([none, *(triangles for triangles, is_cut in found if not is_cut)])
        volumes = self._ranges.get(key[1], []) if key[0] == self.root else []
        if not 0 <= number < len(volumes):
            return none
        one = volumes[number]
        return _moved(self._triangles[key][one.first : one.last + 1], matrix)


def _is_volumes(name: str) -> bool:
    """What PrusaSlicer and its kin say of objects and their volumes."""
    low = name.lower()
    return low.startswith("metadata/slic") and low.endswith("_model.config")


def _mesh(mesh: ElementTree.Element) -> NDArray[np.float64]:
    vertices = np.array(
        [
            (float(v.attrib["x"]), float(v.attrib["y"]), float(v.attrib["z"]))
            for v in mesh.iterfind(f"{CORE}vertices/{CORE}vertex")
        ]
    ).reshape(-1, 3)
    faces = np.array(
        [
            (int(t.attrib["v1"]), int(t.attrib["v2"]), int(t.attrib["v3"]))
            for t in mesh.iterfind(f"{CORE}triangles/{CORE}triangle")
        ],
        np.int64,
    ).reshape(-1, 3)
    if faces.size and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise _bad(said("a triangle names a vertex that is not there"))
    return vertices[faces]


def _reference(part: str, element: ElementTree.Element) -> tuple[_Key, _Matrix]:
    path = element.get(f"{PRODUCTION}path")
    return (path.lstrip("/") if path else part, element.attrib["objectid"]), _matrix(element)


def _matrix(element: ElementTree.Element) -> _Matrix:
    """(4, 3): a row vector (x, y, z, 1) times this (3MF core 3.3)."""
    text = element.get("transform")
    if text is None:
        return np.vstack([np.eye(3), np.zeros(3)])
    numbers = [float(word) for word in text.split()]
    if len(numbers) != 12:
        raise _bad(said("a transform of {count} numbers", count=len(numbers)))
    return np.array(numbers).reshape(4, 3)


def _product(inner: _Matrix, outer: _Matrix) -> _Matrix:
    linear = inner[:, :, None] * outer[None, :3, :]
    product: _Matrix = linear.sum(axis=1)
    product[3] += outer[3]
    return product


def _moved(triangles: NDArray[np.float64], matrix: _Matrix) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = (triangles[..., :, None] * matrix[:3]).sum(axis=-2) + matrix[3]
    a, b, c = matrix[:3]
    return moved[:, ::-1] if float((a * np.cross(b, c)).sum()) < 0 else moved


def _items(
    package: _Package, plate: int | None, extruder: int | None
) -> Iterator[tuple[int, ElementTree.Element]]:
    """What is printed (by one extruder): number in the build, item."""
    build = package.model.find(f"{CORE}build")
    if build is None:
        raise _bad(said("nothing to build"))
    wanted = None if plate is None else _plate_instances(package, plate)
    seen: Counter[str] = Counter()
    extruders = {} if extruder is None else package.extruders()
    for number, item in enumerate(build.iterfind(f"{CORE}item")):
        key, _ = _reference(package.root, item)
        instance = key[1], str(seen[key[1]])
        seen[key[1]] += 1
        if extruder is not None and extruders.get(key[1], 1) != extruder:
            continue
        if item.get("printable") != "0" and (not wanted or instance in wanted):
            yield number, item


def _build(
    package: _Package, plate: int | None, items: tuple[int, ...], extruder: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    found: list[tuple[NDArray[np.float64], bool]] = []
    for number, item in _items(package, plate, extruder):
        if not items or number in items:
            found += package.triangles(*_reference(package.root, item))
    none = np.zeros((0, 3, 3))
    material = np.concatenate([none, *(triangles for triangles, is_cut in found if not is_cut)])
    cuts = np.concatenate([none, *(triangles for triangles, is_cut in found if is_cut)])
    return material, cuts if len(cuts) else None


def _region(package: _Package, item: int, volume: int) -> NDArray[np.float64]:
    build = package.model.find(f"{CORE}build")
    items = [] if build is None else build.findall(f"{CORE}item")
    if not 0 <= item < len(items):
        raise _bad(said("there is no build item {item}", item=item))
    key, matrix = _reference(package.root, items[item])
    found = package.region(key, matrix, volume)
    if not len(found):
        raise _bad(
            said("there is no volume {volume} in build item {item}", volume=volume, item=item)
        )
    return found


def _plate_instances(package: _Package, plate: int) -> frozenset[tuple[str, str]]:
    """(object id, which of its build items) on one plate of a Bambu Studio or OrcaSlicer project.
    Empty where the project has this one plate and lists nothing: then everything is on it."""
    if package.settings is None:
        raise _bad(said("a plate was asked for and the project lists none"))
    plates = {}
    for element in package.settings.iter("plate"):
        own = {m.get("key"): m.get("value") for m in element.findall("metadata")}
        plates[own.get("plater_id")] = frozenset(
            (str(of.get("object_id")), str(of.get("instance_id")))
            for instance in element.findall("model_instance")
            for of in [{m.get("key"): m.get("value") for m in instance.findall("metadata")}]
        )
    if str(plate) not in plates:
        raise _bad(said("there is no plate {plate}", plate=plate))
    if len(plates) > 1 and not plates[str(plate)]:
        raise _bad(said("plate {plate} lists nothing", plate=plate))
    return plates[str(plate)]
