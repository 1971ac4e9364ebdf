"""Read a model file: tell its format, read it strictly, convert to millimetres, weld."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding
from printstd.artifacts.mesh import Mesh, ModelFile, Portion, Region, SourceRef
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, remark
from printstd.intake.sniff import Format, code_prefix, extension, is_promised, sniff
from printstd.kernels.weld import Points, tolerance_mm, weld
from printstd.units import LengthUnit
from printstd.words import said

_PER_UNIT: Final[dict[LengthUnit, tuple[int, int]]] = {
    LengthUnit.MICRON: (1, 1000),
    LengthUnit.MILLIMETER: (1, 1),
    LengthUnit.CENTIMETER: (10, 1),
    LengthUnit.INCH: (127, 5),
    LengthUnit.FOOT: (1524, 5),
    LengthUnit.METER: (1000, 1),
}
"""Millimetres in a unit as a ratio of integers that a float64 holds."""


def read_model(
    data: bytes,
    *,
    name: str,
    unit: LengthUnit | None = None,
    plate: int | None = None,
    extruder: int | None = None,
    limits: Limits | None = None,
) -> ModelFile:
    """The welded mesh of a model file, and what its reader noticed.

    data : the whole file. name : its base name, in any script; its extension only says what
        the user believes the file is.
    unit : the unit of its numbers where the file itself says none (STL, OBJ, PLY); without it
        they are read as millimetres and `SourceRef.is_unit_stated` is False.
    plate : 1-based plate of a 3MF project that has several. extruder : of a 3MF project only what
        it gives to this one, from 1 (`extruders_of`).

    Findings are of rule PAR-01, each with a ``code`` among its details; none where nothing
    was odd. InputError (exit 4) with such a code where the file is refused.
    """
    limits = limits or Limits()
    if len(data) > limits.size_bytes:
        raise InputError(
            said("the file is larger than is read"),
            got=said("{count} bytes", count=len(data)),
            wanted=said("at most {size_bytes}", size_bytes=limits.size_bytes),
            code=f"{code_prefix(name)}-008",
        )
    kind = sniff(data, name)
    geometry = _read_as(kind, data, plate, extruder, limits)
    prefix = _prefix_of(kind)
    chosen = _unit_of(geometry, unit, prefix)
    points_mm = in_millimetres(geometry.points, chosen)
    _check_range(points_mm, geometry.points, prefix, limits)
    welded = weld(points_mm, geometry.faces, crack=tolerance_mm(_largest(points_mm)))
    source = SourceRef(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        format=kind.value,
        unit=chosen,
        is_unit_stated=geometry.unit is not None or unit is not None,
        plate=geometry.plate,
        extruder=extruder,
    )
    mesh = Mesh(welded.vertices, welded.faces, source, welded.largest_gap)

    def other(points: Points, faces: NDArray[np.int32]) -> Mesh:
        """A mesh beside the model's: what is cut out of it, or a region."""
        other_mm = in_millimetres(points, chosen)
        _check_range(other_mm, points, prefix, limits)
        own = weld(other_mm, faces, crack=tolerance_mm(_largest(other_mm)))
        return Mesh(own.vertices, own.faces, source, own.largest_gap)

    cut = None
    if geometry.cut_points is not None and geometry.cut_faces is not None:
        cut = other(geometry.cut_points, geometry.cut_faces)
    portions = tuple(
        Portion(
            own.family,
            own.items,
            own.settings,
            replace(mesh, faces=mesh.faces[own.is_own]),
            replace(cut, faces=cut.faces[own.is_own_cut])
            if cut is not None and own.is_own_cut.any()
            else None,
            tuple(
                Region(one.item, one.volume, one.kind, one.settings, other(one.points, one.faces))
                for one in own.regions
            ),
        )
        for own in geometry.portions
    )
    return ModelFile(mesh, (*_name_remark(name, kind), *geometry.findings), cut, portions)


def extruders_of(data: bytes, *, name: str, plate: int | None = None) -> tuple[int, ...]:
    """The extruders, from 1, that a 3MF project gives its objects, rising; none where the file says
    nothing of them. data : of a file that `read_model` takes."""
    if sniff(data, name) is not Format.THREE_MF:
        return ()
    from printstd.intake.threemf import extruders_of_3mf

    return extruders_of_3mf(data, plate, Limits())


def in_millimetres(numbers: Points, unit: LengthUnit) -> Points:
    """`numbers` times the unit in mm, rounded once where float32 or short decimals went in.

    25.4 is no float64, so an inch is 127/5: the product is exact for numbers of up to 46 bits
    and the quotient is rounded correctly. Negative zero becomes zero. Millimetres are handed
    back as they are, float32 as float32: a copy would be most of what a large file takes.
    """
    multiplier, divisor = _PER_UNIT[unit]
    if multiplier == divisor:
        return numbers + 0 if bool(np.signbit(numbers[numbers == 0]).any()) else numbers
    numbers = numbers.astype(np.float64)
    with np.errstate(over="ignore"):
        return numbers * float(multiplier) / float(divisor) + 0.0


def _read_as(
    kind: Format, data: bytes, plate: int | None, extruder: int | None, limits: Limits
) -> Geometry:
    if plate is not None and kind is not Format.THREE_MF:
        raise InputError(
            said("only a 3MF project has plates"),
            got=said("plate {plate} of a file in {kind}", plate=plate, kind=kind.value),
            hint=said("leave --plate out"),
            code=f"{_prefix_of(kind)}-040",
        )
    if kind is Format.STL_BINARY:
        from printstd.intake.stl_binary import read_stl_binary

        return read_stl_binary(data, limits)
    if kind is Format.STL_ASCII:
        from printstd.intake.stl_ascii import read_stl_ascii

        return read_stl_ascii(data, limits)
    if kind is Format.THREE_MF:
        from printstd.intake.threemf import read_3mf

        return read_3mf(data, plate, limits, extruder)
    if kind is Format.OBJ:
        from printstd.intake.obj import read_obj

        return read_obj(data, limits)
    if kind is Format.STEP:
        raise InputError(
            said("a STEP file has no triangles to read: they are made of it first"),
            got=said("a STEP file where a mesh was wanted"),
            wanted=said("STL, 3MF, OBJ or PLY"),
            hint=said("`printstd repair PART.step -o PART.3mf` writes its mesh"),
            code="STEP-002",
        )
    from printstd.intake.ply import read_ply

    return read_ply(data, limits)


def _prefix_of(kind: Format) -> str:
    return "STL" if kind in (Format.STL_BINARY, Format.STL_ASCII) else kind.value.upper()


def _unit_of(geometry: Geometry, asked: LengthUnit | None, prefix: str) -> LengthUnit:
    if geometry.unit is None:
        return asked or LengthUnit.MILLIMETER
    if asked is not None and asked is not geometry.unit:
        raise InputError(
            said("the file says its own unit, and it is another one"),
            got=said("--units {asked}", asked=asked.value),
            wanted=geometry.unit.value,
            hint=said("leave --units out; use --scale to print it at another size"),
            code=f"{prefix}-041",
        )
    return geometry.unit


def _largest(points: Points) -> float:
    """The largest |coordinate|."""
    return max(float(points.max()), -float(points.min()))


def _check_range(points_mm: Points, numbers: Points, prefix: str, limits: Limits) -> None:
    largest = _largest(numbers)
    if largest < float(np.finfo(np.float32).tiny):
        raise InputError(
            said(
                "all coordinates lie below the normal range of float32: the numbers carry no shape"
            ),
            got=said("largest coordinate {largest:g}", largest=largest),
            wanted=said("at least {tiny:.3g}", tiny=float(np.finfo(np.float32).tiny)),
            hint=said("export the part in millimetres"),
            code=f"{prefix}-011",
        )
    if not _largest(points_mm) <= limits.coordinate_mm:
        row = int(np.flatnonzero(~(np.abs(points_mm) <= limits.coordinate_mm).all(axis=1))[0])
        raise InputError(
            said("a coordinate is too large for any machine and for exact arithmetic"),
            where=said("corner {row} of facet {row2}", row=row % 3, row2=row // 3)
            if prefix == "STL"
            else said("vertex {row}", row=row),
            got=" ".join(f"{value:g}" for value in numbers[row].tolist()),
            wanted=said("at most {coordinate_mm:g} mm", coordinate_mm=limits.coordinate_mm),
            hint=said("the file is damaged, or its unit is not what was said"),
            code=f"{prefix}-014",
        )


def _name_remark(name: str, kind: Format) -> tuple[Finding, ...]:
    if not extension(name) or is_promised(name, kind):
        return ()
    return (
        remark(
            f"{code_prefix(name)}-024",
            said(
                "the name ends in .{extension}, and the file is {kind}: read as that",
                extension=extension(name),
                kind=kind.value,
            ),
            source="format told from content",
        ),
    )
