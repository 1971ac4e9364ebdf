"""The parts of a print: models read, placed, and arranged on the bed.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from printstd.artifacts.mesh import ModelFile, Placement, SourceRef
from printstd.artifacts.plate import Stand
from printstd.errors import SlicingError, UsageError
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import ABOUT, NOT_FOR_PATHS, NOT_FOR_SECTIONS, without
from printstd.units import LengthUnit

if TYPE_CHECKING:
    from printstd.certify.statement import ModelFacts
    from printstd.kernels.placing import Rotation
    from printstd.plating.orient import Orientation
    from printstd.ports import Cache
    from printstd.profiles.resolved import Resolved


_NOT_FOR_TURNING: Final = (
    *(name for name in ABOUT if name != "bands"),
    *NOT_FOR_PATHS,
    *NOT_FOR_SECTIONS,
)
_NOT_FOR_PLACES: Final = (*ABOUT, *NOT_FOR_PATHS, *NOT_FOR_SECTIONS)


class _Placed(NamedTuple):
    """placement : None where the request names no printer."""

    source: SourceRef
    placement: Placement | None


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A model file's bytes under the name the user knows it by."""

    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asks of a run, apart from the profiles."""

    unit: LengthUnit | None = None
    scale_e6: int = 1_000_000
    rotate_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    plate: int | None = None
    is_oriented: bool = False
    """The tool chooses which way up; `rotate_deg` is then zero."""
    is_healed: bool = False
    """A surface that is not closed is sliced all the same (`--heal`)."""
    allowed_undecided: tuple[str, ...] = ()

    @property
    def is_as_filed(self) -> bool:
        is_turned = self.is_oriented or self.rotate_deg != (0.0, 0.0, 0.0)
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
    orientation: Orientation | None = None
    cache: Cache | None = None

    @property
    def file(self) -> ModelFile:
        found = self.read.value()
        if found.mesh.source.name == self.model.name:
            return found
        return replace(found, mesh=replace(found.mesh, source=self.source))


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """The parts of one print, each on its place.

    models : each once, placed where its first copy stands. stands : every copy; one where the print
    is of one part.
    """

    models: tuple[Prepared, ...]
    stands: tuple[Stand, ...]

    @property
    def resolved(self) -> Resolved:
        return self.models[0].resolved

    @property
    def order(self) -> Order:
        return self.models[0].order

    def copies_of(self, number: int) -> tuple[Stand, ...]:
        """Of one model."""
        return tuple(stand for stand in self.stands if stand.model == number)


def prepare(
    model: ModelInput, order: Order, resolved: Resolved, *, cache: Cache | None = None
) -> Prepared:
    """Read the model and place it. Raises InputError where the file is refused.

    cache : what was found of the same file before is taken from there; None where what is said of
    the model must rest on the file alone, as in a certificate.
    """

    def make() -> ModelFile:
        from printstd.intake import read_model

        return read_model(model.data, name=model.name, unit=order.unit, plate=order.plate)

    # What a name says of the format is in what is found; the rest of it is not.
    extension = model.name.rpartition(".")[2]
    inputs = (model.data, extension, order.unit, order.plate)
    read = Kept(cache, "model", lambda: ModelFile, inputs, make)
    orientation = _orientation(read, order, resolved, cache) if order.is_oriented else None
    if orientation is not None:
        rotation = orientation.rotation_e9
    else:
        from printstd.kernels.placing import rotation_e9_from_degrees

        rotation = rotation_e9_from_degrees(*order.rotate_deg)
    given = without(resolved, _NOT_FOR_PLACES)
    placed = Kept(
        cache,
        "place",
        lambda: _Placed,
        (read, order.scale_e6, rotation, given),
        lambda: _placed(read.value(), order, rotation, given),
    ).value()
    source = replace(placed.source, name=model.name)
    return Prepared(model, order, resolved, read, source, placed.placement, orientation, cache)


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
    if resolved.printer is None:
        return _Placed(file.mesh.source, None)
    return _Placed(file.mesh.source, _placement(file, order, rotation, resolved))


def _placement(file: ModelFile, order: Order, rotation: Rotation, resolved: Resolved) -> Placement:
    from printstd.kernels.placing import default_placement
    from printstd.profiles.raft import raft_plan

    if resolved.printer is None:
        raise UsageError("a printer must be chosen before a part can be placed")
    volume = resolved.printer.volume
    centre_um = (
        round((volume.x_min_mm + volume.x_max_mm) * 500),
        round((volume.y_min_mm + volume.y_max_mm) * 500),
    )
    translation = default_placement(
        file.mesh.vertices_mm,
        file.mesh.faces,
        bed_centre_um=centre_um,
        rotation_e9=rotation,
        scale_e6=order.scale_e6,
        shrink_xy_e6=shrink_e6(resolved.material.shrinkage_xy_ratio),
        shrink_z_e6=shrink_e6(resolved.material.shrinkage_z_ratio),
    )
    x, y, z = translation
    return Placement(rotation, (x, y, z + raft_plan(resolved).floor_um), order.scale_e6)


def shrink_e6(shrinkage_ratio: float) -> int:
    """Nominal times this is printed, in 1e-6, so that what is left after shrinking is nominal."""
    return round(1_000_000 / (1.0 - shrinkage_ratio))


def require_printer(resolved: Resolved) -> None:
    """Slicing without a printer is a usage error: there is no default machine."""
    if resolved.printer is None:
        raise UsageError(
            "no printer was chosen",
            wanted="--printer NAME",
            hint="`printstd profiles list` names the printers",
        )


def alone(prepared: Prepared) -> Plate:
    """A print of one part, in the middle of the bed."""

    require_printer(prepared.resolved)
    if prepared.placement is None:
        raise UsageError("the part has no place on the bed")
    label = part_label(prepared.source.sha256)
    return Plate((prepared,), (Stand(0, label, prepared.placement),))


def plate_of(parts: Sequence[Prepared], *, copies: int = 1) -> Plate:
    """One print of several parts, so many copies of each. The same file twice is two copies; the
    order of the parts makes no difference. Raises SlicingError where one does not fit."""
    require_printer(parts[0].resolved)
    counts: dict[str, int] = {}
    models: dict[str, Prepared] = {}
    for part in parts:
        sha256 = part.source.sha256
        models.setdefault(sha256, part)
        counts[sha256] = counts.get(sha256, 0) + copies
    if sum(counts.values()) == 1:
        return alone(parts[0])
    from printstd.plating import arrange

    placements = [part.placement for part in models.values() if part.placement is not None]
    stands = arrange(
        [part.file for part in models.values()],
        placements,
        list(counts.values()),
        names_of(models),
        parts[0].resolved,
    )
    # Models in the order of the plate, whatever the order of the call.
    rank = list(dict.fromkeys(stand.model for stand in stands))
    stands = tuple(replace(stand, model=rank.index(stand.model)) for stand in stands)
    first = {stand.model: stand.placement for stand in reversed(stands)}
    known = list(models.values())
    return Plate(tuple(replace(known[i], placement=first[n]) for n, i in enumerate(rank)), stands)


def labelled(parts: Sequence[Prepared]) -> list[tuple[str, Prepared]]:
    """Every copy of every model under its label, whatever the order of the call."""
    digests = [part.source.sha256 for part in parts]
    models = dict(zip(digests, parts, strict=True))
    found = []
    for sha256, name in zip(sorted(models), names_of(sorted(models)), strict=True):
        of = digests.count(sha256)
        found += [
            (name if of == 1 else f"{name}_{nth}", models[sha256]) for nth in range(1, of + 1)
        ]
    return found


def names_of(digests: Iterable[str]) -> list[str]:
    """Labels of models, none like another."""
    known = list(digests)
    for digits in range(8, 65, 8):
        names = [f"part_{sha256[:digits]}"[:50] for sha256 in known]
        if len(set(names)) == len(names):
            break
    return names


@contextmanager
def naming(name: str, of: int) -> Iterator[None]:
    """Errors about one of several parts say which."""
    try:
        yield
    except SlicingError as error:
        if of > 1:
            error.where = f"{name}: {error.where}" if error.where else name
        raise


def part_label(model_sha256: str) -> str:
    """What the program calls the part. The file's name is not in the program: the same model
    under another name gives the same bytes."""
    return f"part_{model_sha256[:8]}"


def distinct_models(parts: Sequence[Prepared]) -> list[ModelInput]:
    """Each model once."""
    return list({part.source.sha256: part.model for part in parts}.values())


def model_facts(prepared: Prepared) -> ModelFacts:
    """The model as the statements describe it."""
    from printstd.certify.statement import ModelFacts
    from printstd.kernels.solid import signed_volume_mm3

    mesh = prepared.file.mesh
    low, high = mesh.box_mm
    x, y, z = (round(float(size) * 1000) for size in high - low)
    volume = signed_volume_mm3(mesh.vertices_mm, mesh.faces)
    return ModelFacts(mesh.source, len(mesh.faces), (x, y, z), round(volume * 1e9))


def ascii_name(name: str) -> str:
    """A name that every machine takes: the stem's ASCII letters and digits, and a digest
    where that is not all of it (two parts called by other scripts must not collide)."""
    stem = name.rsplit(".", 1)[0] or name
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:40]
    if kept == stem:
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}_{digest}" if kept else f"part_{digest}"
