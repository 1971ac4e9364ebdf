"""A 3MF package to triangles: start part, build items, plates."""

from __future__ import annotations

from typing import Final

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, check_facet_count, remark
from printstd.intake.threemf.attachments import (
    check_attachments,
    check_textures,
    check_thumbnails,
)
from printstd.intake.threemf.build import Builder, Left, Placed, joined
from printstd.intake.threemf.model_part import ModelPart, Use, read_model_part
from printstd.intake.threemf.names import (
    KEYSTORE_RELATIONSHIP,
    MODEL_RELATIONSHIP,
    MODEL_TYPE,
    SOURCE,
    extension_name,
    refuse,
)
from printstd.intake.threemf.package import Package
from printstd.intake.threemf.portions import portions_of
from printstd.intake.threemf.project import (
    PLATES_PART,
    As,
    Plate,
    project_remarks,
    read_project,
)
from printstd.intake.threemf.project import (
    SOURCE as PROJECT_SOURCE,
)
from printstd.words import listed, said

_SHOWN: Final = 8


def read_3mf(
    data: bytes, plate: int | None, limits: Limits, extruder: int | None = None
) -> Geometry:
    """Every printable build item, of one plate where the project has plates, in file order.

    extruder : only those that the project gives to this one, from 1.
    """
    package = Package(data, limits)
    parts = _Parts(package, limits)
    root = parts.root()
    project = read_project(package, limits)
    chosen = chosen_plate(project.plates, plate)
    builder = Builder(root, parts.other, project, limits)
    items, skipped = _items_of(root, project.plates, chosen, builder.left)
    if extruder is not None:
        project.without_extruders()
        items = [one for one in items if project.extruder_of(one[1].object_id) == extruder]
    placed: list[Placed] = []
    item_of: list[int] = []
    n_facets = 0
    for number, item in items:
        for one in builder.placed(item):
            placed.append(one)
            item_of.append(number)
            n_facets += len(one.shape.faces)
            check_facet_count(n_facets, limits.facets, "3MF-009")
    findings = [
        *_remarks(parts, builder.left, skipped, chosen, len(project.plates)),
        *project_remarks(package),
    ]
    material = [one for one in placed if one.use is As.MATERIAL]
    if not sum(len(one.shape.faces) for one in material):
        _refuse_empty(root, chosen, findings)
    points, faces = joined(material)
    cuts = [one for one in placed if one.is_cut]
    cut_points, cut_faces = joined(cuts) if cuts else (None, None)
    for found in (points, cut_points):
        if found is not None and not np.isfinite(found).all():
            refuse(10, said("a transform moves a vertex out of all range"), root.name)
    if cuts:
        _check_cuts_apart(placed, item_of, root.name)
        findings.append(
            remark(
                "3MF-036",
                said("{count} negative volumes are cut out of the model", count=len(cuts)),
                source=PROJECT_SOURCE,
            )
        )
    return Geometry(
        points,
        faces,
        tuple(findings),
        root.unit,
        None if chosen is None else chosen.number,
        cut_points,
        cut_faces,
        portions_of(dict(items), project, placed, item_of, root.name),
    )


def extruders_of_3mf(data: bytes, plate: int | None, limits: Limits) -> tuple[int, ...]:
    """The extruders, from 1, that the project gives what `read_3mf` reads; none where it says
    nothing of them."""
    package = Package(data, limits)
    root = _Parts(package, limits).root()
    project = read_project(package, limits)
    if not project.extruders:
        return ()
    chosen = chosen_plate(project.plates, plate)
    items, _ = _items_of(root, project.plates, chosen, Left())
    return tuple(sorted({project.extruder_of(item.object_id) for _, item in items}))


def _check_cuts_apart(placed: list[Placed], item_of: list[int], where: str) -> None:
    """A cut is meant for its own object alone: one that reaches into another build item would be
    cut out of both, and is refused."""
    boxes = []
    for one in placed:
        points, faces = joined([one])
        used = points[faces.reshape(-1)] if len(faces) else np.full((1, 3), np.nan)
        boxes.append((used.min(axis=0), used.max(axis=0)))
    for (low, high), own, one in zip(boxes, item_of, placed, strict=True):
        if not one.is_cut:
            continue
        for (other_low, other_high), other, solid in zip(boxes, item_of, placed, strict=True):
            is_met = bool(((low < other_high) & (high > other_low)).all())
            if other != own and solid.use is As.MATERIAL and is_met:
                refuse(
                    43,
                    said("a negative volume that reaches into another object"),
                    where,
                    said(
                        "a cut of build item {own} over build item {other}",
                        own=own + 1,
                        other=other + 1,
                    ),
                    said("objects apart from the cuts of others"),
                    said("move the objects apart, or print them from files of their own"),
                )


class _Parts:
    """Model parts, each read once."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self._package, self._limits = package, limits
        self._read: dict[str, ModelPart] = {}

    def root(self) -> ModelPart:
        starts = [r for r in self._package.relationships() if r.type == MODEL_RELATIONSHIP]
        if len(starts) != 1:
            refuse(
                20,
                said("the package has no model to start with")
                if not starts
                else said("the package has several models to start with"),
                "_rels/.rels",
                ", ".join(start.target for start in starts) or said("no 3dmodel relationship"),
                said("one relationship of type 3dmodel"),
            )
        name = starts[0].target
        for source in ("", name):
            if any(r.type == KEYSTORE_RELATIONSHIP for r in self._package.relationships(source)):
                refuse(
                    4,
                    said("parts of the package are encrypted (Secure Content)"),
                    "package",
                    hint=said("export it without encryption"),
                )
        return self._model(name, is_root=True)

    def other(self, name: str) -> ModelPart:
        part = self._model(name, is_root=False)
        if part.unit is not self._model_of_root().unit:
            refuse(
                23,
                said("two model parts of one package in different units"),
                part.name,
                part.unit.value,
                self._model_of_root().unit.value,
            )
        return part

    def all(self) -> list[ModelPart]:
        return list(self._read.values())

    def _model_of_root(self) -> ModelPart:
        return next(iter(self._read.values()))

    def _model(self, name: str, *, is_root: bool) -> ModelPart:
        key = name.lower()
        if key not in self._read:
            data = self._package.read(name)
            kind = self._package.content_type(name)
            if kind != MODEL_TYPE:
                refuse(
                    21, said("a model part of another content type"), name, str(kind), MODEL_TYPE
                )
            check_attachments(self._package, ("", name) if is_root else (name,))
            part = read_model_part(data, name, self._limits, is_root)
            check_textures(self._package, name, part.textures)
            check_thumbnails(self._package, part.thumbnails)
            self._read[key] = part
        return self._read[key]


def chosen_plate(plates: list[Plate], asked: int | None) -> Plate | None:
    """The plate that was asked for, or the only one with anything on it; None without plates."""
    if asked is not None:
        if not 1 <= asked <= len(plates):
            refuse(
                40,
                said("the project has no such plate")
                if plates
                else said("the package has no plates"),
                PLATES_PART if plates else "package",
                said("--plate {asked}", asked=asked),
                said("1 to {count}", count=len(plates))
                if plates
                else said("a project of Bambu Studio or OrcaSlicer"),
                said("leave --plate out") if not plates else _listed(plates),
            )
        return plates[asked - 1]
    used = [plate for plate in plates if plate.instances] or plates[:1]
    if len(used) > 1:
        refuse(
            42,
            said("the project has several plates, and one must be chosen"),
            PLATES_PART,
            _listed(used),
            said("--plate {used}", used=", ".join(str(plate.number) for plate in used)),
            said("give --plate N"),
        )
    return used[0] if used else None


def _listed(plates: list[Plate]) -> str:
    names = [f"{p.number}: {p.name}" if p.name else str(p.number) for p in plates[:_SHOWN]]
    if len(plates) <= _SHOWN:
        return said("plates {some}", some=", ".join(names))
    return said("plates {some} and {count} more", some=", ".join(names), count=len(plates) - _SHOWN)


def _items_of(
    root: ModelPart, plates: list[Plate], chosen: Plate | None, left: Left
) -> tuple[list[tuple[int, Use]], int]:
    """(items to build with their numbers in the file, how many lie on no plate). Where the only
    plate of a project lists nothing, everything is on it."""
    lists_any = any(plate.instances for plate in plates)
    if chosen is not None and not lists_any and len(plates) > 1:
        refuse(
            42,
            said("the project does not say what lies on its plates"),
            PLATES_PART,
            said("{count} plates without a model_instance", count=len(plates)),
            hint=said("open it in the slicer and save it again"),
        )
    on_any = {instance for plate in plates for instance in plate.instances}
    count: dict[int, int] = {}
    items: list[tuple[int, Use]] = []
    skipped = 0
    for number, item in enumerate(root.items):
        instance = item.object_id, count.get(item.object_id, 0)
        count[item.object_id] = instance[1] + 1
        if chosen is not None and lists_any and instance not in chosen.instances:
            skipped += instance not in on_any
        elif not item.is_printable:
            left.not_printable.append(said("object {id}", id=item.object_id))
        else:
            items.append((number, item))
    return items, skipped


def _remarks(
    parts: _Parts, left: Left, skipped: int, chosen: Plate | None, n_plates: int
) -> list[Finding]:
    found: list[Finding] = []
    if chosen is not None and n_plates > 1:
        found.append(
            remark(
                "3MF-029",
                said(
                    "plate {number} of {plates} was read: {name}",
                    number=chosen.number,
                    plates=n_plates,
                    name=chosen.name,
                )
                if chosen.name
                else said(
                    "plate {number} of {plates} was read", number=chosen.number, plates=n_plates
                ),
                source=PLATES_PART,
            )
        )
    if skipped:
        found.append(
            remark(
                "3MF-030",
                said("{skipped} build items lie on no plate and were not read", skipped=skipped),
                status=Status.WARN,
                source=PLATES_PART,
            )
        )
    if left.not_printable:
        found.append(
            remark(
                "3MF-031",
                said(
                    "marked as not printable and not read: {some}", some=_some(left.not_printable)
                ),
                source="build item, printable",
            )
        )
    if left.not_model:
        found.append(
            remark(
                "3MF-032",
                said("no part of the model and not read: {some}", some=_some(left.not_model)),
                source=SOURCE + ", 4.1",
            )
        )
    if any(part.requires_materials for part in parts.all()):
        found.append(
            remark(
                "3MF-039",
                said("the colours, textures and materials of the file are not printed"),
                source="3MF Materials and Properties",
            )
        )
    ignored = sorted({name for part in parts.all() for name in part.ignored})
    if ignored:
        found.append(
            remark(
                "3MF-035",
                said(
                    "elements of extensions that the file does not require were left out, "
                    "and may have said where material goes: {some}",
                    some=_some([extension_name(n) for n in ignored]),
                ),
                status=Status.WARN,
                source=SOURCE + ", 2.3.3",
            )
        )
    return found


def _some(names: list[str]) -> str:
    some = listed(names[:_SHOWN])
    if len(names) <= _SHOWN:
        return some
    return said("{some} and {count} more", some=some, count=len(names) - _SHOWN)


def _refuse_empty(root: ModelPart, chosen: Plate | None, findings: list[Finding]) -> None:
    where = (
        root.name
        if chosen is None
        else said("{name}, plate {number}", name=root.name, number=chosen.number)
    )
    notes = listed((finding.message for finding in findings), "; ")
    raise InputError(
        said("there is nothing to print in it"),
        where=where,
        got=notes or said("{count} build items, no triangles", count=len(root.items)),
        wanted=said("a build item with triangles"),
        hint=said("export the model again"),
        code="3MF-002",
    )
