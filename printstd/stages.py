"""Each stage of making a program, behind the key of what it is given (`reuse`).

What is said of a model alone comes from the model's own cache (`Prepared.cache`), which a
certificate does not have; what makes the program comes from the one that is given here.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from printstd import RELEASE_DATE, __version__
from printstd.artifacts.finding import Finding
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.plate import Position
from printstd.artifacts.program import Program, Thumbnail
from printstd.errors import SlicingError
from printstd.named_tuple import NamedTuple
from printstd.plates import NOT_FOR_PLACES, Plate, Prepared, model_names, part_names
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import ABOUT, NOT_FOR_CHECKS, without
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.mesh import Placement
    from printstd.gcode.body import Body
    from printstd.ports import Cache, Executor, Progress
    from printstd.toolpath.course import Course
    from printstd.toolpath.parts import PlatePart


def check_sliceable(prepared: Prepared, progress: Progress) -> None:
    """SlicingError where what always runs first says that no program can be made."""
    given = without(prepared.resolved, NOT_FOR_CHECKS)
    is_healed = prepared.order.is_healed

    def make() -> _Sliceable:
        from printstd.validate.blockers import blocking_findings

        found = blocking_findings(
            prepared.file,
            given,
            placement=prepared.placement,
            is_healed=is_healed,
            progress=progress,
        )
        if found:
            raise _refused(prepared, found)
        return _Sliceable()

    inputs = (prepared.read, prepared.placement, given, is_healed)
    Kept(prepared.cache, "sliceable", lambda: _Sliceable, inputs, make).value()


class _Sliceable(NamedTuple):
    """Nothing is against making a program of a model."""


def _refused(prepared: Prepared, blocked: Sequence[Finding]) -> SlicingError:
    from printstd.validate.run import HEALABLE

    first = blocked[0]
    return SlicingError(
        said("no program can be made of this model"),
        where=prepared.model.name,
        got=listed((listed((f.rule_id, f.message), ": ") for f in blocked), "; "),
        wanted=said("a closed model that fits the printer"),
        hint=said(
            "`printstd validate` shows every place; `printstd explain {rule}`; or let --heal "
            "close each layer",
            rule=first.rule_id,
        )
        if all(f.rule_id in HEALABLE for f in blocked)
        else said(
            "`printstd validate` shows every place; `printstd explain {rule}`", rule=first.rule_id
        ),
    )


def position_of(prepared: Prepared, placement: Placement) -> Position:
    """How a model lies where it is placed, in the terms of ISO 17295."""
    material = prepared.resolved.material
    shrinkage = (material.shrinkage_xy_ratio, material.shrinkage_z_ratio)
    turn = placement.rotation_e9, placement.scale_e6, shrinkage

    def make() -> Position:
        from printstd.plating.position import position

        return position(prepared.read.value().mesh, *turn)

    found = Kept(prepared.cache, "position", lambda: Position, (prepared.read, *turn), make).value()
    x, y, z = (value / 1e3 for value in placement.translation_um)
    a, b, c, d, e, f = found.machine_mm
    return replace(found, machine_mm=(a + x, b + y, c + z, d + x, e + y, f + z))


class Heights(NamedTuple):
    """plan : of the tallest part's layers, as the audit is told them. n_layers : of each part."""

    plan: LayerPlan
    n_layers: tuple[int, ...]


def heights_of(plate: Plate, sections: Sequence[Kept[LayerStack]]) -> Heights:
    given = without(plate.resolved, NOT_FOR_PLACES)

    def make() -> Heights:
        from printstd.profiles.layer_plan import plan_asked
        from printstd.slicing import layer_plan_of

        stacks = [stack.value() for stack in sections]
        tallest = max(stacks, key=lambda stack: stack.n_layers)
        return Heights(
            layer_plan_of(tallest, plan_asked(given)), tuple(stack.n_layers for stack in stacks)
        )

    inputs = (list(sections), given)
    return Kept(plate.models[0].cache, "heights", lambda: Heights, inputs, make).value()


class _Pictures(NamedTuple):
    thumbnails: tuple[Thumbnail, ...]


def thumbnails_of(plate: Plate, cache: Cache | None = None) -> tuple[Thumbnail, ...]:
    """The pictures that the printer shows."""
    if plate.resolved.printer is None or not plate.resolved.printer.thumbnails_px:
        return ()
    reads = [prepared.read for prepared in plate.models]
    places = [(stand.model, stand.placement) for stand in plate.stands]
    inputs = (reads, places, plate.resolved.printer.thumbnails_px)
    made = Kept(cache, "pictures", lambda: _Pictures, inputs, lambda: _Pictures(_drawn(plate)))
    return made.value().thumbnails


def _drawn(plate: Plate) -> tuple[Thumbnail, ...]:
    from printstd.kernels.placing import place_vertices
    from printstd.kernels.png import encode_palette_png
    from printstd.kernels.raster import render

    if plate.resolved.printer is None:
        return ()
    vertices, faces, count = [], [], 0
    for stand in plate.stands:
        mesh = plate.models[stand.model].file.mesh
        vertices.append(
            place_vertices(
                mesh.vertices_mm,
                rotation_e9=stand.placement.rotation_e9,
                translation_um=stand.placement.translation_um,
                scale_e6=stand.placement.scale_e6,
            )
        )
        faces.append(mesh.faces + np.int32(count))
        count += len(mesh.vertices_mm)
    pictures = []
    for width, height in plate.resolved.printer.thumbnails_px:
        indices, palette = render(
            np.concatenate(vertices), np.concatenate(faces), width_px=width, height_px=height
        )
        pictures.append(Thumbnail(width, height, encode_palette_png(indices, palette)))
    return tuple(pictures)


def laid(
    plate: Plate,
    parts: Sequence[PlatePart],
    executor: Executor,
    progress: Progress,
    cache: Cache | None,
) -> Course:
    """All moves of all copies of all models. parts : what they are made of."""
    from printstd.toolpath.course import course_of

    return course_of(
        parts,
        plate.resolved,
        executor=executor,
        progress=progress,
        order=_printing_order(plate),
        tower=plate.tower,
        cache=cache,
    )


def _printing_order(plate: Plate) -> list[int] | None:
    """Of the objects, where one is printed after the other."""
    if not plate.resolved.process.plate.by_object or len(plate.stands) == 1:
        return None
    from printstd.plating import one_by_one

    return one_by_one.printing_order([p.file for p in plate.models], plate.stands, plate.resolved)


def written(plate: Plate, course: Course, cache: Cache | None) -> Program:
    from printstd.gcode import finished

    resolved = plate.resolved
    given = without(resolved, (*ABOUT, "material.fan"))
    fans = course.fans_e3(resolved)
    # An arc ends where the fan changes.
    has_arcs = resolved.process.arcs.max_deviation_mm > 0

    def kind() -> type[Body]:
        from printstd.gcode.body import Body

        return Body

    def make() -> Body:
        from printstd.gcode.composing import body_of

        return body_of(course.toolpath(resolved), course.cooling.value().first_move, given)

    inputs = (course.paced, course.cooling, given, fans if has_arcs else None)
    return finished(
        Kept(cache, "body", kind, inputs, make).value(),
        fans,
        resolved,
        models=model_names(plate.models),
        thumbnails=thumbnails_of(plate, cache),
        tool_version=__version__,
        release_date=RELEASE_DATE,
    )


class Told(NamedTuple):
    findings: tuple[Finding, ...]


def notices(
    plate: Plate, parts: Sequence[PlatePart], course: Course, cache: Cache | None
) -> Kept[Told]:
    given = without(plate.resolved, (*ABOUT, *NOT_FOR_CHECKS))
    names = part_names(plate.models)
    if len(parts) > len(names):
        names = [part.names[0] for part in parts]
    has_supports = any(part.resolved.process.supports.enabled for part in parts)

    def make() -> Told:
        from printstd.validate.notices import slicing_notices

        stacks = [part.stack for part in parts]
        hanging = course.paced.value().toolpath.hanging
        return Told(slicing_notices(stacks, names, hanging, given, has_supports=has_supports))

    sections = [part.sections for part in parts]
    inputs = (sections, course.paced, names, given, has_supports)
    return Kept(cache, "notices", lambda: Told, inputs, make)
