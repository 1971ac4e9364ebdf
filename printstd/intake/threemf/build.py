"""The build: items, components and transforms to placed shapes, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from printstd.intake.limits import Limits
from printstd.intake.threemf.model_part import ModelPart, Object, Use
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.project import As, Project
from printstd.intake.threemf.shapes import IDENTITY, Shape, Transform, determinant
from printstd.words import said


@dataclass(slots=True)
class Left:
    """What was in the build and is no part material, by name."""

    not_printable: list[str] = field(default_factory=list)
    not_model: list[str] = field(default_factory=list)
    """Supports, modifiers and other objects that are no part of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """use : what it is there for. settings : that hold inside a region. volume : the region's
    number among the components or volumes of its object, from 0."""

    shape: Shape
    transform: Transform
    use: As = As.MATERIAL
    settings: tuple[tuple[str, str], ...] = ()
    volume: int = 0

    @property
    def is_cut(self) -> bool:
        return self.use is As.CUT


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
        owner = thing.id if part is self._root else 0
        yield from self._walk(part, thing, item.transform, owner, 0, As.MATERIAL)

    def _walk(
        self,
        part: ModelPart,
        thing: Object,
        transform: Transform,
        owner: int,
        depth: int,
        use: As,
    ) -> Iterator[Placed]:
        where = said("{name}, object {id}", name=part.name, id=thing.id)
        self._visited += 1
        if self._visited > self._limits.objects:
            refuse(
                8,
                said("too many copies of objects"),
                where,
                wanted=said("at most {objects}", objects=self._limits.objects),
            )
        if depth > self._limits.component_depth:
            refuse(
                26,
                said("components within components without end"),
                where,
                said("{depth} levels", depth=depth),
                said("at most {component_depth}", component_depth=self._limits.component_depth),
            )
        if thing.type == "other":
            refuse(
                25,
                said("a build item of an object that is not to be built"),
                where,
                said("object {id} of type other", id=thing.id),
                said("objects of type model, and none of type other in them (3MF Core 3.4.3.1)"),
            )
        if thing.type != "model":
            self.left.not_model.append(
                said(
                    "{name} ({type})",
                    name=thing.name or said("object {id}", id=thing.id),
                    type=thing.type,
                )
            )
            return
        if thing.shape is not None:
            yield from self._volumes(part, thing, thing.shape, transform, use)
        for number, component in enumerate(thing.components):
            other = self._part(component, part)
            inner = self._object(other, component, part)
            placed = product(component.transform, transform)
            if depth:
                yield from self._walk(other, inner, placed, owner, depth + 1, use)
                continue
            own = self._project.part(owner, component.object_id)
            if own.use is As.NOTHING or (own.use is As.REGION and not own.settings):
                what = said(
                    "part {part} of object {object} ({kind})",
                    part=component.object_id,
                    object=owner,
                    kind=own.kind,
                )
                self.left.not_model.append(what)
                continue
            settings = tuple(sorted(own.settings.items()))
            if own.use in (As.BLOCKER, As.ENFORCER):
                for one in self._walk(other, inner, placed, owner, depth + 1, own.use):
                    if one.use is own.use:
                        yield replace(one, volume=number)
                continue
            for one in self._walk(other, inner, placed, owner, depth + 1, own.use):
                if one.use is not As.REGION:
                    yield one
                elif not settings:
                    self.left.not_model.append(
                        said(
                            "volume {volume} within part {part} of object {object}",
                            volume=one.volume + 1,
                            part=component.object_id,
                            object=owner,
                        )
                    )
                if settings and one.use in (As.MATERIAL, As.REGION):
                    yield replace(one, use=As.REGION, settings=settings, volume=number)

    def _volumes(
        self, part: ModelPart, thing: Object, shape: Shape, transform: Transform, use: As
    ) -> Iterator[Placed]:
        """A shape; and where a project divides its triangles among volumes, the material, what is
        cut out of it, and regions. A volume of the material with settings is a region, too."""
        volumes = self._project.volumes.get(thing.id, []) if part is self._root else []
        if not any(one.settings or one.use is not As.MATERIAL for one in volumes):
            yield Placed(shape, transform, use)
            return
        uses = np.full(len(shape.faces), use, object)
        for one in volumes:
            if not one.first <= one.last < len(uses):
                refuse(
                    44,
                    said("a volume of triangles that are not there"),
                    said("{name}, object {id}", name=part.name, id=thing.id),
                    said("triangles {first} to {last}", first=one.first, last=one.last),
                    said("0 to {count}", count=len(uses) - 1),
                )
            if one.use is not As.MATERIAL:
                uses[one.first : one.last + 1] = one.use
        for kind in dict.fromkeys((use, As.CUT)):
            chosen = np.asarray(uses == kind)
            if chosen.any():
                yield Placed(Shape(shape.points, shape.faces[chosen]), transform, kind)
        for number, one in enumerate(volumes):
            if one.use is As.NOTHING or (one.use is As.REGION and not one.settings):
                what = said(
                    "volume {volume} of object {object} ({kind})",
                    volume=number + 1,
                    object=thing.id,
                    kind=one.kind,
                )
                self.left.not_model.append(what)
            elif one.use in (As.BLOCKER, As.ENFORCER) or (one.settings and one.use is not As.CUT):
                own = Shape(shape.points, shape.faces[one.first : one.last + 1])
                settings = tuple(sorted(one.settings.items()))
                kind = one.use if one.use.is_region else As.REGION
                yield Placed(own, transform, kind, settings, number)

    def _part(self, use: Use, stands_in: ModelPart) -> ModelPart:
        return stands_in if use.path is None else self._part_of(use.path)

    def _object(self, part: ModelPart, use: Use, stands_in: ModelPart) -> Object:
        thing = part.objects.get(use.object_id)
        if thing is None:
            refuse(
                25,
                said("an object that is not there"),
                said("{name}, line {line}", name=stands_in.name, line=use.line),
                said("object {object_id} of {name}", object_id=use.object_id, name=part.name),
                ", ".join(map(str, sorted(part.objects)[:8])) or said("an object"),
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
