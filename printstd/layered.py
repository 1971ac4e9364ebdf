"""Pieces of a model in layers: the zones inside them, whether they lie apart, and the layers in
which the checks of a model look at it.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from printstd.artifacts.layers import LayerStack
from printstd.errors import SlicingError, UsageError
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.naming import naming
from printstd.pieces import own_demand
from printstd.plates import (
    NOT_FOR_PLACES,
    Plate,
    Prepared,
    labelled,
    piece_label,
)
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import without
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.demand import AuditDemand, DrawingDemand
    from printstd.artifacts.mesh import Mesh, Placement
    from printstd.pieces import Piece
    from printstd.ports import Executor, Progress
    from printstd.toolpath.parts import PlatePart, SupportWishes, Zone
    from printstd.validate.context import Layered


def parts_of(plate: Plate, number: int, executor: Executor, progress: Progress) -> list[PlatePart]:
    """The pieces of one model, with all their copies."""
    from printstd.toolpath.parts import PlatePart

    prepared, copies = plate.models[number], plate.copies_of(number)
    first = copies[0].placement
    shift_nm = plate.shift_nm(number)
    parts = []
    for nth, piece in enumerate(prepared.pieces):
        sections = sections_of(prepared, piece, first, len(plate.models), executor, progress)
        where = prepared, piece, sections, first, executor
        parts.append(
            PlatePart(
                sections,
                piece.resolved,
                tuple(piece_label(stand.label, prepared, nth) for stand in copies),
                shift_nm,
                zones_of_piece(*where),
                wishes_of_piece(*where),
            )
        )
    _check_apart(prepared, parts)
    return parts


def sections_of(
    prepared: Prepared,
    piece: Piece,
    placement: Placement,
    of: int,
    executor: Executor,
    progress: Progress,
) -> Kept[LayerStack]:
    """The layers of a piece of one of so many models where it stands."""
    given = without(piece.resolved, NOT_FOR_PLACES)
    is_healed = prepared.order.is_healed

    def make() -> LayerStack:
        from printstd.slicing import slice_mesh

        with naming(prepared.model.name, of):
            return slice_mesh(
                piece.mesh,
                placement,
                given,
                is_healed=is_healed,
                executor=executor,
                progress=progress,
                cut=piece.cut,
            )

    inputs = (piece.read, piece.portion, placement, given, is_healed)
    return Kept(prepared.cache, "sections", lambda: LayerStack, inputs, make)


class _Divided(NamedTuple):
    """Zones of a piece: of each the numbers of the regions that it lies inside of, and its area in
    each layer."""

    inside: tuple[tuple[int, ...], ...]
    areas: tuple[tuple[Rings, ...], ...]


def zones_of_piece(
    prepared: Prepared,
    piece: Piece,
    sections: Kept[LayerStack],
    placement: Placement,
    executor: Executor,
) -> tuple[Zone, ...]:
    """Where in the layers of a piece its regions make other settings hold. Raises SlicingError
    where one of them is open, ProfileError where settings contradict one another."""
    if not piece.regions:
        return ()
    from printstd.toolpath.parts import Zone

    given = without(piece.resolved, NOT_FOR_PLACES)

    def make() -> _Divided:
        from printstd.slicing import slice_region
        from printstd.toolpath.zones import zones_of

        stack, found = sections.value(), []
        for one in piece.regions:
            what = said(
                "{model}, volume {volume} of build item {item}",
                model=prepared.model.name,
                volume=one.volume + 1,
                item=one.item + 1,
            )
            with naming(what, 2):
                found.append(slice_region(one.mesh, placement, given, stack, executor=executor))
        zones = zones_of(found)
        return _Divided(
            tuple(inside for inside, _ in zones), tuple(tuple(areas) for _, areas in zones)
        )

    # Which regions these are follows from the file, the portion and the settings they change.
    regions = [(one.item, one.volume) for one in piece.regions]
    inputs = (sections, piece.read, piece.portion, regions, placement, given)
    divided = Kept(prepared.cache, "zones", lambda: _Divided, inputs, make).value()
    return tuple(
        Zone(piece.within(inside), areas)
        for inside, areas in zip(divided.inside, divided.areas, strict=True)
    )


def wishes_of_piece(
    prepared: Prepared,
    piece: Piece,
    sections: Kept[LayerStack],
    placement: Placement,
    executor: Executor,
) -> SupportWishes | None:
    """Where in the layers of a piece its user wants supports or none; None where nothing is said.
    Raises SlicingError where a volume that says it is open."""
    if not (piece.blockers or piece.enforcers) or not piece.resolved.process.supports.enabled:
        return None
    given = without(piece.resolved, NOT_FOR_PLACES)

    def kind() -> type[SupportWishes]:
        from printstd.toolpath.parts import SupportWishes

        return SupportWishes

    def make() -> SupportWishes:
        from printstd.kernels import clip
        from printstd.slicing import slice_region
        from printstd.toolpath.parts import SupportWishes

        stack = sections.value()

        def area_of(meshes: tuple[Mesh, ...]) -> tuple[Rings, ...]:
            found = [
                slice_region(mesh, placement, given, stack, executor=executor) for mesh in meshes
            ]
            return tuple(clip.union([own[i] for own in found]) for i in range(stack.n_layers))

        with naming(said("{model}, a volume about supports", model=prepared.model.name), 2):
            return SupportWishes(area_of(piece.blockers), area_of(piece.enforcers))

    inputs = (sections, piece.read, piece.portion, placement, given)
    return Kept(prepared.cache, "wishes", kind, inputs, make).value()


class _Apart(NamedTuple):
    """The pieces of a model lie beside one another."""


def _check_apart(prepared: Prepared, parts: Sequence[PlatePart]) -> None:
    """SlicingError where pieces of a model lie within one another. parts : what they became."""
    if len(parts) < 2:
        return

    def make() -> _Apart:
        from printstd.toolpath.plate import check_apart

        check_apart(parts)
        return _Apart()

    inputs = ([part.sections for part in parts],)
    Kept(prepared.cache, "apart", lambda: _Apart, inputs, make).value()


def layered(prepared: Prepared) -> list[Layered]:
    """The layers of every piece, where they are not the mesh cut at even heights; none where no
    program can be made of it, which the checks or `make_plate` say, and where they depend on a
    printer that nobody has named."""
    from printstd.profiles.ranges import has_varied_layers

    resolved, pieces = prepared.resolved, prepared.pieces
    is_varied = has_varied_layers(resolved.process)
    if is_varied and resolved.printer is None:
        return []
    if not is_varied and not any(piece.cut or piece.own for piece in pieces):
        return []
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress
    from printstd.artifacts.mesh import Placement
    from printstd.kernels.placing import IDENTITY_E9, default_placement
    from printstd.slicing import slice_mesh
    from printstd.validate.context import Layered

    placement, shift_mm = prepared.placement, (0.0, 0.0, 0.0)
    if placement is None:
        mesh = prepared.file.mesh
        x, y, z = default_placement(mesh.vertices_mm, mesh.faces, bed_centre_um=(0, 0))
        placement, shift_mm = Placement(IDENTITY_E9, (x, y, z)), (-x / 1e3, -y / 1e3, -z / 1e3)
    try:
        return [
            Layered(
                slice_mesh(
                    piece.mesh,
                    placement,
                    piece.resolved,
                    is_healed=prepared.order.is_healed,
                    executor=SerialExecutor(),
                    progress=NoProgress(),
                    cut=piece.cut,
                ),
                piece.resolved,
                shift_mm,
            )
            for piece in pieces
        ]
    except SlicingError:
        return []


def foreign_demand(
    parts: Sequence[Prepared], *, supports_allowed: bool, undeclared: Collection[str] = ()
) -> AuditDemand:
    """What a program that anybody made is held against. The audit searches each part's place
    among shifts and quarter turns.

    undeclared : what nobody said of the program (`artifacts.demand.UNDECLARED`).
    parts : every copy of every model. Where the order turns or scales a part that is alone, its
    place is declared; parts of a plate cannot be declared so, for nobody has said where they are.
    """
    from printstd.profiles.demand import foreign_demand as demand_of
    from printstd.profiles.demand import part_demand

    first = parts[0]
    if len(parts) > 1 and not first.order.is_as_filed:
        raise UsageError(
            said("parts of a plate are searched for as their files have them"),
            got=said("--rotate or --scale, and several models"),
            wanted=said("models turned and scaled as they were printed"),
            hint=said("verify the program by its certificate, which says where each part stands"),
        )
    pieces = [
        (piece_label(label, part, nth), part, piece)
        for label, part in labelled(parts)
        for nth, piece in enumerate(part.pieces)
    ]
    return demand_of(
        pieces[0][2].resolved if len(pieces) == 1 else first.resolved,
        first.source,
        placement=None if first.order.is_as_filed else first.placement,
        supports_allowed=supports_allowed,
        parts=[
            part_demand(
                label,
                part.source,
                None if part.order.is_as_filed else part.placement,
                None,
                part.resolved.tool,
                items=piece.items,
                own=own_demand(piece),
                supports_allowed=supports_allowed,
                is_foreign=True,
                drawing=_drawing_of(part),
            )
            for label, part, piece in pieces
        ],
        tools=sorted({part.resolved.tool for part in parts}),
        is_healed=first.order.is_healed,
        undeclared=undeclared,
    )


def _drawing_of(part: Prepared) -> DrawingDemand | None:
    if part.order.drawing is None:
        return None
    from printstd.sizes import drawing_demand

    return drawing_demand(part, None if part.order.is_as_filed else part.placement)
