"""What a STEP file says of its bodies: units, how many solids, and the sizes of its surfaces.

These are the file's own decimal numbers, read without the library that makes the triangles, so
that each vouches for the other: a radius counts as exact where both have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.cad import SurfaceKind
from printstd.intake.step.part21 import Entity, Exchange, Value, read_exchange, refused
from printstd.units import NM_PER_MM, NM_PER_UNIT, LengthUnit
from printstd.words import said

_SOLIDS: Final = ("MANIFOLD_SOLID_BREP", "BREP_WITH_VOIDS", "FACETED_BREP")
_FACES: Final = ("ADVANCED_FACE", "FACE_SURFACE")
_SIZES: Final[dict[str, tuple[SurfaceKind, tuple[bool, ...]]]] = {
    "CYLINDRICAL_SURFACE": (SurfaceKind.CYLINDER, (False,)),
    "CONICAL_SURFACE": (SurfaceKind.CONE, (False, True)),
    "SPHERICAL_SURFACE": (SurfaceKind.SPHERE, (False,)),
    "TOROIDAL_SURFACE": (SurfaceKind.TORUS, (False, False)),
    "DEGENERATE_TOROIDAL_SURFACE": (SurfaceKind.TORUS, (False, False)),
}
"""Kind, and of each number behind name and place whether it is an angle."""
_UNITS: Final = (
    "SI_UNIT",
    "CONVERSION_BASED_UNIT",
    "LENGTH_MEASURE_WITH_UNIT",
    "PLANE_ANGLE_MEASURE_WITH_UNIT",
    "MEASURE_WITH_UNIT",
    "GLOBAL_UNIT_ASSIGNED_CONTEXT",
)
_SHELLS: Final = ("CLOSED_SHELL",)
_ELSEWHERE: Final = ("DOCUMENT_FILE", "APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT")
_PREFIXES: Final[Mapping[str | None, float]] = {
    ".KILO.": 1e3,
    ".HECTO.": 1e2,
    ".DECA.": 10.0,
    None: 1.0,
    ".DECI.": 0.1,
    ".CENTI.": 1e-2,
    ".MILLI.": 1e-3,
    ".MICRO.": 1e-6,
    ".NANO.": 1e-9,
}
_SAME: Final = 1e-9
_DEPTH: Final = 8
_MM_PER_M: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Contents:
    """solids : bodies that the file describes, not how often an assembly uses each. faces : of all
    of them. unit : of its lengths. sizes : by kind (n, k) float64 in mm and rad, what surfaces of
    faces say of themselves: radius; of cones the angle to the axis; of tori the sweep's radius and
    the circle's."""

    solids: int
    faces: int
    unit: LengthUnit
    sizes: dict[SurfaceKind, NDArray[np.float64]]

    def vouched(self, kind: SurfaceKind, *numbers: float) -> tuple[float, ...] | None:
        """The file's own numbers for a surface that the library gave so; None where the file has
        no such surface."""
        rows = self.sizes.get(kind)
        if rows is None:
            return None
        off = np.abs(rows - np.array(numbers)).max(axis=1)
        best = int(off.argmin())
        if not off[best] <= _SAME * max(1.0, *(abs(number) for number in numbers)):
            return None
        return tuple(float(number) for number in rows[best])


def read_contents(data: bytes) -> Contents:
    """InputError where the file is no whole STEP file, or describes no solid."""
    names = (*_FACES, *_SIZES, *_UNITS, *_SHELLS)
    exchange = read_exchange(data, names)
    for name in _ELSEWHERE:
        if exchange.counts[name]:
            raise refused(
                "STEP-007",
                said("the STEP file takes parts of its data from other files"),
                got=name,
                wanted=said("one file that has all of the part"),
            )
    solids = sum(exchange.counts[name] for name in _SOLIDS)
    if not solids:
        raise _no_solid(exchange)
    lengths, angles = _units(exchange)
    if len(lengths) != 1:
        raise refused(
            "STEP-009",
            said("the STEP file does not say one unit for all of its lengths"),
            got=", ".join(f"{mm:g} mm" for mm in sorted(lengths)) or said("no unit of length"),
            wanted=said("one unit of length"),
        )
    (length,) = lengths
    sizes = _sizes(exchange, length, angles or {1.0})
    return Contents(solids, _face_count(exchange), _named(length), sizes)


def _no_solid(exchange: Exchange) -> Exception:
    counts = exchange.counts
    seen = [
        f"{counts[name]} {name}"
        for name in (
            "SHELL_BASED_SURFACE_MODEL",
            "GEOMETRIC_CURVE_SET",
            "TESSELLATED_SOLID",
            "TESSELLATED_SHELL",
            "CSG_SOLID",
            "EXTRUDED_AREA_SOLID",
        )
        if counts[name]
    ]
    return refused(
        "STEP-010",
        said("there is no solid in the STEP file"),
        got=", ".join(seen) or said("none of {names}", names=", ".join(_SOLIDS)),
        wanted=said("a closed body: {names}", names=" or ".join(_SOLIDS)),
        hint=said("close the surfaces to a solid in CAD, and export that"),
    )


# ------------------------------------------------------------------------------------ units


def _units(exchange: Exchange) -> tuple[set[float], set[float]]:
    """Of every context: mm in its unit of length, rad in its unit of angle."""
    lengths: set[float] = set()
    angles: set[float] = set()
    for context, values in exchange.named("GLOBAL_UNIT_ASSIGNED_CONTEXT"):
        units = values[-1] if values else None
        for reference in units if isinstance(units, tuple) else ():
            unit = exchange.asked.get(reference) if isinstance(reference, int) else None
            if unit is None:
                raise _bad_unit(context)
            names = {name for name, _ in unit.parts}
            if "LENGTH_UNIT" in names:
                lengths.add(_rounded(_factor(exchange, unit, _DEPTH) * _MM_PER_M))
            elif "PLANE_ANGLE_UNIT" in names:
                angles.add(_factor(exchange, unit, _DEPTH))
    return lengths, angles


def _factor(exchange: Exchange, unit: Entity, depth: int) -> float:
    """Metres or radians in a unit."""
    si = unit.values("SI_UNIT")
    if si is not None and len(si) >= 2:
        prefix, name = si[-2], si[-1]
        is_known = prefix is None or (isinstance(prefix, str) and prefix in _PREFIXES)
        if name in (".METRE.", ".RADIAN.") and is_known:
            return _PREFIXES[prefix if isinstance(prefix, str) else None]
    based = unit.values("CONVERSION_BASED_UNIT")
    if based is not None and depth and isinstance(based[-1], int):
        measure = exchange.asked.get(based[-1])
        for name in (
            "LENGTH_MEASURE_WITH_UNIT",
            "PLANE_ANGLE_MEASURE_WITH_UNIT",
            "MEASURE_WITH_UNIT",
        ):
            own = measure.values(name) if measure is not None else None
            if own is not None and len(own) == 2:
                value, reference = own
                base = exchange.asked.get(reference) if isinstance(reference, int) else None
                if isinstance(value, float) and 0 < value < 1e12 and base is not None:
                    return value * _factor(exchange, base, depth - 1)
    raise _bad_unit(unit)


def _bad_unit(unit: Entity) -> Exception:
    return refused(
        "STEP-009",
        said("a unit of the STEP file cannot be read"),
        where=f"#{unit.number}",
        got=", ".join(name for name, _ in unit.parts),
        wanted=said("an SI unit, or one that is so many of another"),
    )


def _rounded(value: float) -> float:
    """A power of ten of a metre is no binary fraction; the products are good to 15 digits."""
    return float(f"{value:.12g}")


def _named(mm: float) -> LengthUnit:
    for unit in LengthUnit:
        if abs(NM_PER_UNIT[unit] / NM_PER_MM - mm) <= 1e-9 * mm:
            return unit
    raise refused(
        "STEP-009",
        said("the STEP file is in a unit that printstd does not know"),
        got=said("{mm:g} mm", mm=mm),
        wanted=", ".join(unit.value for unit in LengthUnit),
    )


# ---------------------------------------------------------------------------------- surfaces


def _face_count(exchange: Exchange) -> int:
    """Faces that closed shells are made of."""
    faces: set[Value] = set()
    for _, values in exchange.named("CLOSED_SHELL"):
        own = values[-1] if values else None
        faces.update(own if isinstance(own, tuple) else ())
    return len(faces)


def _sizes(
    exchange: Exchange, length: float, angles: set[float]
) -> dict[SurfaceKind, NDArray[np.float64]]:
    used: set[Value] = set()
    for _, values in exchange.named(*_FACES):
        if len(values) >= 3:
            used.add(values[2])
    rows: defaultdict[SurfaceKind, set[tuple[float, ...]]] = defaultdict(set)
    for entity, values in exchange.named(*_SIZES):
        if entity.number not in used:
            continue
        for name, _ in entity.parts:
            kind, is_angle = _SIZES.get(name, (SurfaceKind.FREE, ()))
            numbers = [value for value in values[2:] if isinstance(value, float)][: len(is_angle)]
            if kind is SurfaceKind.FREE or len(numbers) < len(is_angle):
                continue
            if kind is SurfaceKind.CONE:
                # A half angle beyond a right one would be no cone: a degree read as radian.
                rows[kind].update((numbers[1] * a,) for a in angles if 0 < numbers[1] * a < pi / 2)
            else:
                rows[kind].add(tuple(number * length for number in numbers))
    return {kind: np.array(sorted(own), np.float64) for kind, own in rows.items() if own}
