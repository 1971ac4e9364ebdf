"""The build: items, components and transforms to placed shapes, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from printstd.intake.limits import Limits
from printstd.intake.threemf.model_part import (
    IDENTITY,
    ModelPart,
    Object,
    Shape,
    Transform,
    Use,
    determinant,
)
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.project import Project


@dataclass(slots=True)
class Left:
    """What was in the build and is no part material, by name."""

    not_printable: list[str] = field(default_factory=list)
    not_model: list[str] = field(default_factory=list)
    """Supports, modifiers and other objects that are no part of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """is_cut : it is to be cut out of the other shapes of its build item."""

    shape: Shape
    transform: Transform
    is_cut: bool = False


class Builder:
    """Walks components; the number of copies and the depth are bounded, since ten components of
    ten components of ten ... is a bomb of a few lines."""

    def __init__(
        self,
        root: ModelPart,
        part_of: Callable[[str], ModelPart],
        project: Project,
        limits: Limits,
    ) -> None:
        self._root, self._part_of = root, part_of
        self._project, self._limits = project, limits
        self._visited = 0
        self.left = Left()

    def placed(self, item: Use) -> Iterator[Placed]:
        """The shapes of one build item."""
        part = self._part(item, self._root)
        thing = self._object(part, item, self._root)
        if thing.type == "other":
            refuse(
                25,
                "a build item of an object that is not to be built",
                f"{self._root.name}, line {item.line}",
                f"object {thing.id} of type other",
                "an object of type model (3MF Core 4.1)",
            )
        owner = thing.id if part is self._root else 0
        yield from self._walk(part, thing, item.transform, owner, 0, is_cut=False)

    def _walk(
        self,
        part: ModelPart,
        thing: Object,
        transform: Transform,
        owner: int,
        depth: int,
        *,
        is_cut: bool,
    ) -> Iterator[Placed]:
        where = f"{part.name}, object {thing.id}"
        self._visited += 1
        if self._visited > self._limits.objects:
            refuse(8, "too many copies of objects", where, wanted=f"at most {self._limits.objects}")
        if depth > self._limits.component_depth:
            refuse(
                26,
                "components within components without end",
                where,
                f"{depth} levels",
                f"at most {self._limits.component_depth}",
            )
        if thing.type != "model":
            self.left.not_model.append(f"{thing.name or f'object {thing.id}'} ({thing.type})")
            return
        if thing.shape is not None:
            yield from self._volumes(part, thing, thing.shape, transform, is_cut)
        for use in thing.components:
            is_inner_cut = depth == 0 and self._project.is_cut(owner, use.object_id)
            is_material = is_inner_cut or self._project.is_material(owner, use.object_id)
            if depth == 0 and not is_material:
                kind = self._project.kinds[owner, use.object_id]
                self.left.not_model.append(f"part {use.object_id} of object {owner} ({kind})")
                continue
            other = self._part(use, part)
            inner = self._object(other, use, part)
            placed = product(use.transform, transform)
            cuts = is_cut or is_inner_cut
            yield from self._walk(other, inner, placed, owner, depth + 1, is_cut=cuts)

    def _volumes(
        self, part: ModelPart, thing: Object, shape: Shape, transform: Transform, is_cut: bool
    ) -> Iterator[Placed]:
        """A shape, and apart from it the ranges of its triangles that are to be cut out."""
        ranges = self._project.cut_ranges.get(thing.id, []) if part is self._root else []
        if not ranges:
            yield Placed(shape, transform, is_cut)
            return
        cuts = np.zeros(len(shape.faces), bool)
        for first, last in ranges:
            if not first <= last < len(cuts):
                refuse(
                    44,
                    "a volume of triangles that are not there",
                    f"{part.name}, object {thing.id}",
                    f"triangles {first} to {last}",
                    f"0 to {len(cuts) - 1}",
                )
            cuts[first : last + 1] = True
        for chosen, is_own_cut in ((~cuts, is_cut), (cuts, True)):
            if chosen.any():
                yield Placed(Shape(shape.points, shape.faces[chosen]), transform, is_own_cut)

    def _part(self, use: Use, stands_in: ModelPart) -> ModelPart:
        return stands_in if use.path is None else self._part_of(use.path)

    def _object(self, part: ModelPart, use: Use, stands_in: ModelPart) -> Object:
        thing = part.objects.get(use.object_id)
        if thing is None:
            refuse(
                25,
                "an object that is not there",
                f"{stands_in.name}, line {use.line}",
                f"object {use.object_id} of {part.name}",
                ", ".join(map(str, sorted(part.objects)[:8])) or "an object",
            )
        return thing


def product(first: Transform, second: Transform) -> Transform:
    """`first`, then `second`: rows (x, y, z, 1) are multiplied from the left."""
    a, b = first, second
    rows = [
        a[3 * i] * b[k] + a[3 * i + 1] * b[3 + k] + a[3 * i + 2] * b[6 + k]
        for i in range(4)
        for k in range(3)
    ]
    x, y, z = rows[9:]
    return (*rows[:9], x + b[9], y + b[10], z + b[11])  # type: ignore[return-value]


def joined(placed: list[Placed]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """(points (n, 3), faces (f, 3)): every placed shape's own vertices; mirrored ones turned
    over, so that outside stays outside."""
    points: list[NDArray[np.float64]] = []
    faces: list[NDArray[np.int32]] = []
    start = 0
    for one in placed:
        points.append(_moved(one.shape.points, one.transform))
        own = one.shape.faces + np.int32(start)
        faces.append(own[:, ::-1] if determinant(one.transform) < 0 else own)
        start += len(one.shape.points)
    return np.concatenate(points), np.ascontiguousarray(np.concatenate(faces))


def _moved(points: NDArray[np.float64], m: Transform) -> NDArray[np.float64]:
    """Written out, so that no library's order of summing decides the last bit."""
    if m == IDENTITY:
        return points
    x, y, z = points.T
    with np.errstate(over="ignore", invalid="ignore"):
        columns = [x * m[k] + y * m[3 + k] + z * m[6 + k] + m[9 + k] for k in range(3)]
    return np.stack(columns, axis=1)
