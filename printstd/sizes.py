"""From the rows of a drawing to what the auditor measures: where the model has each size, in whole
nanometres, and what it may be.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.features import Feature, FeatureKind
from printstd.artifacts.wording import FEATURE_KINDS
from printstd.errors import UsageError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.audit import SizeFound
    from printstd.artifacts.characteristics import CharacteristicResult
    from printstd.artifacts.demand import DrawingDemand, RoundSurface, SizeDemand, SurfaceTrace
    from printstd.artifacts.mesh import Placement
    from printstd.plates import Prepared
    from printstd.validate.context import CheckContext
    from printstd.validate.drawing.asking import Asked

_PLANES: Final = frozenset({FeatureKind.THICKNESS, FeatureKind.GAP, FeatureKind.STEP})
_DIAMETERS: Final = frozenset({FeatureKind.HOLE, FeatureKind.BOSS})
_RADII: Final = frozenset({FeatureKind.FILLET, FeatureKind.ROUNDING})
_HOLLOW: Final = frozenset({FeatureKind.HOLE, FeatureKind.FILLET})
_WHOLE_DEG: Final = 359.0


def drawing_demand(prepared: Prepared, placement: Placement | None) -> DrawingDemand | None:
    """The sizes that a program of this model is measured for; None where its order has no drawing.
    placement : declared, or None where the audit is to search for the part as the file has it.

    Raises UsageError where the model is not one part of one piece, which a drawing is of."""
    drawing = prepared.order.drawing
    if drawing is None:
        return None
    if len(prepared.pieces) > 1 or prepared.file.cut is not None:
        raise UsageError(
            said("a drawing is of one part"),
            where=prepared.model.name,
            got=said("a project of several pieces, or with volumes cut out of it"),
            wanted=said("a model file that is the part and nothing else"),
            hint=said("export the part as a file of its own"),
        )
    from printstd.artifacts.demand import DrawingDemand

    context = _context_of(prepared)
    up = np.array([0.0, 0.0, 1.0])
    if placement is not None:
        up = np.array(placement.rotation_e9, np.float64).reshape(3, 3)[2] / 1e9
    return DrawingDemand(
        drawing.sha256, tuple(_size_demand(context, asked, up) for asked in context.asked)
    )


def characteristics_of(
    parts: Sequence[Prepared], found: Sequence[SizeFound]
) -> tuple[CharacteristicResult, ...]:
    """The rows of the drawing of the one model that all parts are of; none without a drawing.
    found : what the audit measured of them, for the forecast."""
    if not parts or parts[0].order.drawing is None:
        return ()
    from printstd.validate.drawing.forecast import forecast

    context = _context_of(parts[0])
    made = {size.number.rpartition(": ")[2]: size for size in found}
    rows = []
    for asked, row in zip(context.asked, context.characteristics, strict=True):
        size = made.get(row.number)
        if size is not None and size.deviation_nm is not None:
            ahead = forecast(
                asked,
                size.deviation_nm / 1e6,
                size.u_nm / 1e6,
                context.resolved,
                context.rotation[2],
                is_commanded=True,
            )
            row = replace(row, predicted=ahead)
        rows.append(row)
    return tuple(rows)


@lru_cache(maxsize=1)
def _context_of(prepared: Prepared) -> CheckContext:
    """Recognising features takes a while, and several ask for those of one model."""
    from printstd.validate.context import CheckContext

    return CheckContext(
        prepared.file, prepared.resolved, prepared.placement, drawing=prepared.order.drawing
    )


def _size_demand(context: CheckContext, asked: Asked, up: NDArray[np.float64]) -> SizeDemand:
    from printstd.artifacts.demand import SizeDemand

    row, feature = asked.row, asked.feature
    if feature is None or asked.lower_e6 is None or asked.upper_e6 is None:
        return _unmeasured(row.number, asked.problem)
    if row.unit != "mm":
        return _unmeasured(row.number, said("angles are not measured on layers"))
    traces: tuple[SurfaceTrace, ...] = ()
    surface, axis = None, 0
    if feature.kind is FeatureKind.EXTENT:
        shape, axis = "extent", int(np.argmax(np.abs(feature.axis)))
    elif feature.kind in _PLANES:
        shape, traces = "planes", _traces(context, feature, up)
    elif feature.kind in _DIAMETERS | _RADII:
        shape = "diameter" if feature.kind in _DIAMETERS else "radius"
        surface = _surface(context, feature)
    else:
        why = said(
            "sizes of the kind {kind} are not measured on layers", kind=FEATURE_KINDS[feature.kind]
        )
        return _unmeasured(row.number, why)
    return SizeDemand(
        number=row.number,
        shape=shape,
        nominal_nm=row.nominal_e6,
        lower_nm=asked.lower_e6,
        upper_nm=asked.upper_e6,
        model_nm=round(feature.size * 1e6),
        chord_nm=_chord_nm(context, feature),
        axis=axis,
        traces=traces,
        surface=surface,
    )


def _chord_nm(context: CheckContext, feature: Feature) -> int:
    """Of a CAD file's mesh, what its facets take from the size or add to it."""
    from printstd.validate.drawing.judging import expanded_u

    if context.model.exact is None:
        return 0
    return ceil((expanded_u(feature) - feature.u_mm) * 1e6)


def _unmeasured(number: str, reason: str) -> SizeDemand:
    from printstd.artifacts.demand import SizeDemand

    return SizeDemand(number, "none", 0, 0, 0, 0, reason=str(reason))


def _corners(context: CheckContext, feature: Feature) -> NDArray[np.float64]:
    """(t, 3, 3) mm."""
    return np.asarray(context.vertices_mm[context.faces[list(feature.facets)]], np.float64)


def _traces(
    context: CheckContext, feature: Feature, up: NDArray[np.float64]
) -> tuple[SurfaceTrace, ...]:
    """On both faces, at the same places across where they lie opposite each other."""
    from printstd.artifacts.demand import SurfaceTrace
    from printstd.kernels.face_traces import across, traces, two_faces

    axis = np.array(feature.axis)
    faces = two_faces(_corners(context, feature), axis)
    if faces is None:
        return ()
    span = None
    sideways = across(axis, up)
    if sideways is not None and feature.kind is not FeatureKind.STEP:
        own = [side @ sideways for side in (faces.low, faces.high)]
        low, high = max(float(a.min()) for a in own), min(float(a.max()) for a in own)
        span = (low, high) if high > low else None
    made = []
    for number, (side, out) in enumerate(
        ((faces.low, faces.out_low), (faces.high, faces.out_high))
    ):
        # One direction across for both, whichever way they look.
        for start, end in traces(side, axis, up, span):
            made.append(SurfaceTrace(number, _nm(start), _nm(end), _e9(out)))
    return tuple(made)


def _surface(context: CheckContext, feature: Feature) -> RoundSurface:
    from printstd.artifacts.demand import RoundSurface
    from printstd.kernels.face_traces import arc_start

    axis, point = np.array(feature.axis), np.array(feature.point_mm)
    is_whole = feature.arc_deg >= _WHOLE_DEG
    sweep = 360.0 if is_whole else feature.arc_deg
    begin = arc_start(_corners(context, feature).reshape(-1, 3), point, axis, sweep)
    return RoundSurface(
        point_nm=_nm(point),
        axis_e9=_e9(axis),
        length_nm=round(feature.length_mm * 1e6),
        from_e9=_e9(begin),
        arc_mdeg=360_000 if is_whole else round(feature.arc_deg * 1000),
        is_hollow=feature.kind in _HOLLOW,
    )


def _nm(point_mm: Iterable[float]) -> tuple[int, int, int]:
    x, y, z = (round(float(value) * 1e6) for value in point_mm)
    return x, y, z


def _e9(way: Iterable[float]) -> tuple[int, int, int]:
    x, y, z = (round(float(value) * 1e9) for value in way)
    return x, y, z
