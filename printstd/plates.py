"""The parts of a print: models read, placed, and arranged on the bed.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.mesh import ModelFile, Placement, SourceRef
from printstd.artifacts.plate import Stand
from printstd.dataclass import dataclass
from printstd.errors import SlicingError, UsageError
from printstd.inputs import ModelInput, model_input, read_input
from printstd.named_tuple import NamedTuple
from printstd.naming import names_of, part_label
from printstd.pieces import Piece, pieces_of
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import ABOUT, NOT_FOR_PATHS, NOT_FOR_SECTIONS, without
from printstd.units import NM_PER_UM, LengthUnit
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.characteristics import CharacteristicList
    from printstd.artifacts.finding import Finding
    from printstd.artifacts.plate import TowerStand
    from printstd.kernels.placing import Rotation
    from printstd.plating.orient import Orientation
    from printstd.ports import Cache
    from printstd.profiles.resolved import Resolved
    from printstd.profiles.volume_models import Box


_NOT_FOR_TURNING: Final = (
    *(name for name in ABOUT if name != "bands"),
    *NOT_FOR_PATHS,
    *NOT_FOR_SECTIONS,
)
NOT_FOR_PLACES: Final = (*ABOUT, *NOT_FOR_PATHS, *NOT_FOR_SECTIONS)


class _Placed(NamedTuple):
    """placement : None where the request names no printer. is_divided : the file has portions."""

    source: SourceRef
    placement: Placement | None
    is_divided: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asks of a run, apart from the profiles."""

    unit: LengthUnit | None = None
    scale_e6: int = 1_000_000
    rotate_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    plate: int | None = None
    extruder: int | None = None
    """That makes the model, from 1, as users count them; None: as the file says, or the first."""
    notation: str | None = None
    """Of ISO 17295: the part is turned to it by the smallest quarter turn; `rotate_deg` is then
    zero."""
    is_oriented: bool = False
    """The tool chooses which way up; `rotate_deg` is then zero."""
    is_healed: bool = False
    """A surface that is not closed is sliced all the same (`--heal`)."""
    allowed_undecided: tuple[str, ...] = ()
    drawing: CharacteristicList | None = None
    """That the part is judged by."""

    @property
    def is_as_filed(self) -> bool:
        is_turned = (
            self.is_oriented or self.notation is not None or self.rotate_deg != (0.0, 0.0, 0.0)
        )
        return self.scale_e6 == 1_000_000 and not is_turned


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A model read, its profiles resolved, its place on the bed fixed.

    read : the file, under any name. placement : None where the request names no printer.
    orientation : what was found, where the tool was to choose. cache : where what is made of the
    model alone is taken from, too.
    """

    model: ModelInput
    order: Order
    resolved: Resolved
    read: Kept[ModelFile]
    source: SourceRef
    placement: Placement | None
    pieces: tuple[Piece, ...]
    """What the model is made of, one at least: objects of a project may have settings of their
    own."""
    notices: tuple[Finding, ...]
    """Which of these settings are followed."""
    orientation: Orientation | None = None
    cache: Cache | None = None

    @property
    def file(self) -> ModelFile:
        found = self.read.value()
        if self.notices:
            found = replace(found, findings=(*found.findings, *self.notices))
        if found.mesh.source.name == self.model.name:
            return found
        return replace(found, mesh=replace(found.mesh, source=self.source))


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """The parts of one print, each on its place.

    models : each once (once for each tool that makes it), placed where its first copy stands.
    stands : every copy; one where the print is of one part. tower : the prime tower, where several
    tools make the parts.
    """

    models: tuple[Prepared, ...]
    stands: tuple[Stand, ...]
    tower: TowerStand | None = None

    @property
    def resolved(self) -> Resolved:
        """Of the print as a whole: of its lowest tool; of one piece, with its own settings."""
        first = min(self.models, key=lambda own: own.resolved.tool)
        if len(self.models) > 1 or len(first.pieces) > 1:
            return first.resolved
        return first.pieces[0].resolved

    @property
    def tools(self) -> list[int]:
        """Those that make the parts, rising, from 0."""
        return sorted({own.resolved.tool for own in self.models})

    @property
    def order(self) -> Order:
        return self.models[0].order

    def pieces(self) -> Iterator[tuple[str, Stand, Piece]]:
        """What the machine knows as one object each, in the order of their numbers."""
        for number, prepared in enumerate(self.models):
            for nth, piece in enumerate(prepared.pieces):
                for stand in self.copies_of(number):
                    yield piece_label(stand.label, prepared, nth), stand, piece

    def copies_of(self, number: int) -> tuple[Stand, ...]:
        """Of one model."""
        return tuple(stand for stand in self.stands if stand.model == number)

    def shift_nm(self, number: int) -> NDArray[np.int64]:
        """(c, 2) from the first copy of a model to each."""
        places = [stand.placement.translation_um[:2] for stand in self.copies_of(number)]
        own = np.array(places, np.int64) * NM_PER_UM
        return np.asarray(own - own[0])


class _Extruders(NamedTuple):
    """What a file gives its objects to, from 1."""

    numbers: tuple[int, ...]


def prepare_all(
    model: ModelInput, order: Order, resolved: Resolved, *, cache: Cache | None = None
) -> list[Prepared]:
    """The parts that a model file is of: one; or of a project that gives its objects to several
    extruders, where the machine has them and the order names none, one for each. Raises
    InputError where the file is refused, UsageError where it wants a tool that the machine has not.

    cache : as in `prepare`.
    """
    model = _as_mesh(model, order, resolved, cache)
    if order.extruder is not None or resolved.n_tools == 1 or model.cad is not None:
        return [prepare(model, order, resolved, cache=cache)]

    def make() -> _Extruders:
        from printstd.intake import extruders_of

        return _Extruders(extruders_of(model.data, name=model.name, plate=order.plate))

    inputs = (model.data, _extension(model), order.plate)
    wanted = Kept(cache, "extruders", lambda: _Extruders, inputs, make).value().numbers
    return [
        prepare(model, replace(order, extruder=number), resolved, is_split=True, cache=cache)
        for number in wanted
    ] or [prepare(model, order, resolved, cache=cache)]


def prepare(
    model: ModelInput,
    order: Order,
    resolved: Resolved,
    *,
    is_split: bool = False,
    cache: Cache | None = None,
) -> Prepared:
    """Read the model and place it. Raises InputError where the file is refused.

    is_split : only what the file itself gives to the order's extruder. cache : what was found of
    the same file before is taken from there; None where what is said of the model must rest on the
    file alone, as in a certificate.
    """
    model = _as_mesh(model, order, resolved, cache)
    resolved = resolved.of_tool((order.extruder or 1) - 1)
    extruder = order.extruder if is_split else None

    def make() -> ModelFile:
        return read_input(model, order.unit, order.plate, extruder)

    inputs = (model.data, _extension(model), order.unit, order.plate, extruder, model.made_of)
    read = Kept(cache, "model", lambda: ModelFile, inputs, make)
    orientation = _orientation(read, order, resolved, cache) if order.is_oriented else None
    if orientation is not None:
        rotation = orientation.rotation_e9
    elif order.notation is not None:
        from printstd.kernels.build_axes import turned_to

        low, high = read.value().mesh.box_mm * (order.scale_e6 / 1e6)
        rotation = turned_to(high - low, order.notation)
    else:
        from printstd.kernels.placing import rotation_e9_from_degrees

        rotation = rotation_e9_from_degrees(*order.rotate_deg)
    given = without(resolved, NOT_FOR_PLACES)
    placed = Kept(
        cache,
        "place",
        lambda: _Placed,
        (read, order.scale_e6, rotation, given),
        lambda: _placed(read.value(), order, rotation, given),
    ).value()
    source = replace(placed.source, name=model.name)
    pieces: tuple[Piece, ...] = (Piece(read, model.name, None, resolved),)
    told: tuple[Finding, ...] = ()
    if placed.is_divided:
        pieces, told = pieces_of(read, model.name, resolved)
    return Prepared(
        model, order, resolved, read, source, placed.placement, pieces, told, orientation, cache
    )


def _as_mesh(
    model: ModelInput, order: Order, resolved: Resolved, cache: Cache | None
) -> ModelInput:
    return model_input(
        model,
        resolved,
        unit=order.unit,
        plate=order.plate,
        scale=order.scale_e6 / 1e6,
        drawing=order.drawing,
        cache=cache,
    )


def _extension(model: ModelInput) -> str:
    """What a name says of the format is in what is found; the rest of it is not."""
    return model.name.rpartition(".")[2]


def _orientation(
    read: Kept[ModelFile], order: Order, resolved: Resolved, cache: Cache | None
) -> Orientation | None:
    """None where the request names no printer."""
    if resolved.printer is None:
        return None
    given = without(resolved, _NOT_FOR_TURNING)

    def kind() -> type[Orientation]:
        from printstd.plating.orient import Orientation

        return Orientation

    def make() -> Orientation:
        from printstd.plating.orient import orient

        return orient(read.value(), order.scale_e6, given)

    return Kept(cache, "orientation", kind, (read, order.scale_e6, given), make).value()


def _placed(file: ModelFile, order: Order, rotation: Rotation, resolved: Resolved) -> _Placed:
    placement = None
    if resolved.printer is not None:
        placement = _placement(file, order, rotation, resolved)
    return _Placed(file.mesh.source, placement, bool(file.portions))


def _placement(file: ModelFile, order: Order, rotation: Rotation, resolved: Resolved) -> Placement:
    from printstd.kernels.placing import default_placement
    from printstd.profiles.raft import raft_plan

    if resolved.printer is None:
        raise UsageError(said("a printer must be chosen before a part can be placed"))
    volume = resolved.printer.volume

    def middle_of(room: Box) -> Placement:
        """With the part's box in the middle of a room."""
        x, y, z = default_placement(
            file.mesh.vertices_mm,
            file.mesh.faces,
            bed_centre_um=(round((room[0] + room[2]) * 500), round((room[1] + room[3]) * 500)),
            rotation_e9=rotation,
            scale_e6=order.scale_e6,
            shrink_xy_e6=shrink_e6(resolved.material.shrinkage_xy_ratio),
            shrink_z_e6=shrink_e6(resolved.material.shrinkage_z_ratio),
        )
        return Placement(rotation, (x, y, z + raft_plan(resolved).floor_um), order.scale_e6)

    if not volume.keep_out:
        return middle_of(volume.bed_mm)
    from printstd.plating.clear import clear_of_all

    return clear_of_all(middle_of, file, resolved)


def shrink_e6(shrinkage_ratio: float) -> int:
    """Nominal times this is printed, in 1e-6, so that what is left after shrinking is nominal."""
    return round(1_000_000 / (1.0 - shrinkage_ratio))


def require_printer(resolved: Resolved) -> None:
    """Slicing without a printer is a usage error: there is no default machine."""
    if resolved.printer is None:
        raise UsageError(
            said("no printer was chosen"),
            wanted=said("--printer NAME"),
            hint=said("`printstd profiles list` names the printers"),
        )


def alone(prepared: Prepared) -> Plate:
    """A print of one part, in the middle of the bed."""

    require_printer(prepared.resolved)
    if prepared.placement is None:
        raise UsageError(said("the part has no place on the bed"))
    label = part_label(prepared.source.sha256)
    return Plate((prepared,), (Stand(0, label, prepared.placement),))


def plate_of(parts: Sequence[Prepared], *, copies: int = 1) -> Plate:
    """One print of several parts, so many copies of each. The same file twice is two copies; the
    order of the parts makes no difference. Raises SlicingError where one does not fit."""
    require_printer(parts[0].resolved)
    counts: dict[tuple[str, int], int] = {}
    models: dict[tuple[str, int], Prepared] = {}
    for part in parts:
        models.setdefault(_key(part), part)
        counts[_key(part)] = counts.get(_key(part), 0) + copies
    if sum(counts.values()) == 1:
        return alone(parts[0])
    from printstd.plating.arrange import arrange

    placements = [part.placement for part in models.values() if part.placement is not None]
    tools = [part.resolved.tool for part in models.values()]
    size = None
    if len(set(tools)) > 1:
        from printstd.profiles.tower import tower_size

        height_nm = _height_nm(list(models.values()))
        size = tower_size(parts[0].resolved, sorted(set(tools)), height_nm)
    stands, tower = arrange(
        [part.file for part in models.values()],
        placements,
        list(counts.values()),
        part_names(list(models.values())),
        parts[0].resolved,
        tools=tools,
        tower=size,
    )
    # Models in the order of the plate, whatever the order of the call.
    rank = list(dict.fromkeys(stand.model for stand in stands))
    stands = tuple(replace(stand, model=rank.index(stand.model)) for stand in stands)
    first = {stand.model: stand.placement for stand in reversed(stands)}
    known = list(models.values())
    placed = tuple(replace(known[i], placement=first[n]) for n, i in enumerate(rank))
    return Plate(placed, stands, tower)


def _height_nm(parts: Sequence[Prepared]) -> int:
    """Of the tallest, as it stands."""
    from printstd.kernels.placing import place_vertices

    tops = [
        place_vertices(
            part.file.mesh.vertices_mm,
            rotation_e9=part.placement.rotation_e9,
            translation_um=part.placement.translation_um,
            scale_e6=part.placement.scale_e6,
        )[:, 2].max(initial=0)
        for part in parts
        if part.placement is not None
    ]
    return int(max(tops))


def _key(part: Prepared) -> tuple[str, int]:
    """Parts of one model made by one tool are copies."""
    return part.source.sha256, part.resolved.tool


def check_together(plate: Plate) -> None:
    """SlicingError where objects with settings of their own would have to be printed one after the
    other: their project stands them as near to each other as it likes."""
    apart = [prepared for prepared in plate.models if len(prepared.pieces) > 1]
    if apart and plate.resolved.process.plate.by_object:
        raise SlicingError(
            said("the objects of one project are printed together"),
            where=apart[0].model.name,
            got=said(
                "{count} kinds of objects, and process.plate.by_object", count=len(apart[0].pieces)
            ),
            wanted=said("objects in files of their own"),
            hint=said("set process.plate.by_object=false, or export each object as its own file"),
            code="SLICE-13",
        )


def piece_label(label: str, prepared: Prepared, number: int) -> str:
    """What machine and statements call one piece of a copy."""
    return label if len(prepared.pieces) == 1 else f"{label}_object_{number + 1}"


def labelled(parts: Sequence[Prepared]) -> list[tuple[str, Prepared]]:
    """Every copy of every model under its label, whatever the order of the call."""
    keys = [_key(part) for part in parts]
    models = dict(zip(keys, parts, strict=True))
    found = []
    own = [models[key] for key in sorted(models)]
    for part, name in zip(own, part_names(own), strict=True):
        of = keys.count(_key(part))
        found += [(name if of == 1 else f"{name}_{nth}", part) for nth in range(1, of + 1)]
    return found


def part_names(parts: Sequence[Prepared]) -> list[str]:
    """Labels of the parts of a plate, none like another: of their models, with the extruder where
    several of them make one model."""
    digests = [part.source.sha256 for part in parts]
    distinct = list(dict.fromkeys(digests))
    names = dict(zip(distinct, names_of(distinct), strict=True))
    return [
        names[sha256]
        if digests.count(sha256) == 1
        else f"{names[sha256]}_e{part.resolved.tool + 1}"
        for part, sha256 in zip(parts, digests, strict=True)
    ]


def model_names(parts: Sequence[Prepared]) -> list[tuple[str, str]]:
    """(label, sha256) of each model once."""
    digests = list(dict.fromkeys(part.source.sha256 for part in parts))
    return list(zip(names_of(digests), digests, strict=True))
