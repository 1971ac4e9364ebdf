"""The parts of a print: models read, placed, and arranged on the bed.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from printstd.errors import SlicingError, UsageError
from printstd.pieces import Piece, pieces_of
from printstd.units import LengthUnit

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding
    from printstd.artifacts.mesh import ModelFile, Placement
    from printstd.artifacts.plate import Stand
    from printstd.artifacts.program import Thumbnail
    from printstd.certify.statement import ModelFacts
    from printstd.kernels.placing import Rotation
    from printstd.plating.orient import Orientation
    from printstd.ports import Progress
    from printstd.profiles.resolved import Resolved


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
    """A model read, its profiles resolved, its place on the bed fixed."""

    model: ModelInput
    order: Order
    file: ModelFile
    resolved: Resolved
    placement: Placement | None
    """None where the request names no printer."""
    pieces: tuple[Piece, ...]
    """What the model is made of, one at least: objects of a project may have settings of their
    own."""
    notices: tuple[Finding, ...]
    """Which of these settings are followed."""
    orientation: Orientation | None = None
    """What was found, where the tool was to choose."""


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
        """Of the print as a whole: of one piece, with its own settings."""
        first = self.models[0]
        if len(self.models) > 1 or len(first.pieces) > 1:
            return first.resolved
        return first.pieces[0].resolved

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


def prepare(model: ModelInput, order: Order, resolved: Resolved) -> Prepared:
    """Read the model and place it. Raises InputError where the file is refused."""
    from printstd.intake import read_model

    file = read_model(model.data, name=model.name, unit=order.unit, plate=order.plate)
    pieces, told = pieces_of(file, resolved)
    file = replace(file, findings=(*file.findings, *told))
    if resolved.printer is None:
        return Prepared(model, order, file, resolved, None, pieces, told)
    if not order.is_oriented:
        from printstd.kernels.placing import rotation_e9_from_degrees

        rotation = rotation_e9_from_degrees(*order.rotate_deg)
        placement = _placement(file, order, rotation, resolved)
        return Prepared(model, order, file, resolved, placement, pieces, told)
    from printstd.plating.orient import orient

    found = orient(file, order.scale_e6, resolved)
    placement = _placement(file, order, found.rotation_e9, resolved)
    return Prepared(model, order, file, resolved, placement, pieces, told, found)


def _placement(file: ModelFile, order: Order, rotation: Rotation, resolved: Resolved) -> Placement:
    from printstd.artifacts.mesh import Placement
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
    from printstd.artifacts.plate import Stand

    require_printer(prepared.resolved)
    if prepared.placement is None:
        raise UsageError("the part has no place on the bed")
    label = part_label(prepared.file.mesh.source.sha256)
    return Plate((prepared,), (Stand(0, label, prepared.placement),))


def plate_of(parts: Sequence[Prepared], *, copies: int = 1) -> Plate:
    """One print of several parts, so many copies of each. The same file twice is two copies; the
    order of the parts makes no difference. Raises SlicingError where one does not fit."""
    from printstd.plating import arrange

    require_printer(parts[0].resolved)
    counts: dict[str, int] = {}
    models: dict[str, Prepared] = {}
    for part in parts:
        sha256 = part.file.mesh.source.sha256
        models.setdefault(sha256, part)
        counts[sha256] = counts.get(sha256, 0) + copies
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


def check_together(plate: Plate) -> None:
    """SlicingError where objects with settings of their own would have to be printed one after the
    other: their project stands them as near to each other as it likes."""
    apart = [prepared for prepared in plate.models if len(prepared.pieces) > 1]
    if apart and plate.resolved.process.plate.by_object:
        raise SlicingError(
            "the objects of one project are printed together",
            where=apart[0].model.name,
            got=f"{len(apart[0].pieces)} kinds of objects, and process.plate.by_object",
            wanted="objects in files of their own",
            hint="set process.plate.by_object=false, or export each object as its own file",
            code="SLICE-13",
        )


def check_sliceable(prepared: Prepared, progress: Progress) -> None:
    """SlicingError where what always runs first says that no program can be made."""
    from printstd.validate.blockers import blocking_findings
    from printstd.validate.run import HEALABLE

    blocked = blocking_findings(
        prepared.file,
        prepared.resolved,
        placement=prepared.placement,
        is_healed=prepared.order.is_healed,
        progress=progress,
    )
    if blocked:
        first = blocked[0]
        raise SlicingError(
            "no program can be made of this model",
            where=prepared.model.name,
            got="; ".join(f"{f.rule_id}: {f.message}" for f in blocked),
            wanted="a closed model that fits the printer",
            hint=f"`printstd validate` shows every place; `printstd explain {first.rule_id}`"
            + "; or let --heal close each layer" * all(f.rule_id in HEALABLE for f in blocked),
        )


def piece_label(label: str, prepared: Prepared, number: int) -> str:
    """What machine and statements call one piece of a copy."""
    return label if len(prepared.pieces) == 1 else f"{label}_object_{number + 1}"


def labelled(parts: Sequence[Prepared]) -> list[tuple[str, Prepared]]:
    """Every copy of every model under its label, whatever the order of the call."""
    digests = [part.file.mesh.source.sha256 for part in parts]
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


def thumbnails_of(plate: Plate) -> tuple[Thumbnail, ...]:
    from printstd.artifacts.program import Thumbnail
    from printstd.kernels.placing import place_vertices
    from printstd.kernels.png import encode_palette_png
    from printstd.kernels.raster import render

    if plate.resolved.printer is None or not plate.resolved.printer.thumbnails_px:
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


def part_label(model_sha256: str) -> str:
    """What the program calls the part. The file's name is not in the program: the same model
    under another name gives the same bytes."""
    return f"part_{model_sha256[:8]}"


def distinct_models(parts: Sequence[Prepared]) -> list[ModelInput]:
    """Each model once."""
    return list({part.file.mesh.source.sha256: part.model for part in parts}.values())


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
