"""Two models held against each other: what was measured of both, and which of it moved."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.features import Feature, FeatureKind
from printstd.kernels.facets import facet_shapes, used_vertices
from printstd.kernels.feature_pairs import (
    ACROSS_AXIS,
    ALONG_AXIS,
    IN_SPACE,
    Shapes,
    best_shift,
    moved_by,
    pairs_of,
)
from printstd.kernels.shape_digest import surface_sha256
from printstd.kernels.solid import signed_volume_mm3
from printstd.profiles.decision import rule_statuses
from printstd.report.model_diff import (
    SCHEMA_VERSION,
    FeatureChange,
    ModelDiff,
    ModelSide,
    Vector,
    VerdictChange,
)

if TYPE_CHECKING:
    from printstd.artifacts.finding import Report
    from printstd.plates import Prepared
    from printstd.profiles.decision import Decision

SAME_MM: Final = 0.001
"""Surfaces that lie within this of each other are the same, and sizes that differ by less."""
_WIDTH_MM: Final = 0.0005
_WIDTH_RATIO: Final = 0.05
_IN_DEGREES: Final = (FeatureKind.CONE, FeatureKind.ANGLE)
_PLACES: Final[Mapping[FeatureKind, int]] = MappingProxyType(
    {
        FeatureKind.HOLE: ACROSS_AXIS,
        FeatureKind.BOSS: ACROSS_AXIS,
        FeatureKind.FILLET: ACROSS_AXIS,
        FeatureKind.ROUNDING: ACROSS_AXIS,
        FeatureKind.CONE: ACROSS_AXIS,
        FeatureKind.ANGLE: ACROSS_AXIS,
        FeatureKind.EXTENT: ALONG_AXIS,
        FeatureKind.THICKNESS: ALONG_AXIS,
        FeatureKind.GAP: ALONG_AXIS,
        FeatureKind.STEP: ALONG_AXIS,
        FeatureKind.CHAMFER: ALONG_AXIS,
    }
)
"""In which directions a feature lies somewhere; others do in all of them."""
_VOLUME_RULES: Final = ("GEO-02", "GEO-03", "GEO-08")
"""Where one of these fails the facets enclose no volume."""


class Judged(NamedTuple):
    """A model and what the checks said of it."""

    prepared: Prepared
    report: Report
    decision: Decision


def compare(before: Judged, after: Judged) -> ModelDiff:
    """The second model in the place of the first."""
    one, other = _side(before), _side(after)
    verdicts = _verdicts(before, after)
    own, theirs = _features(before), _features(after)
    shapes, other_shapes = _shapes(own), _shapes(theirs)
    shift = _shift(one, other, shapes, other_shapes)
    reach = float(np.linalg.norm(np.subtract(one.high_mm, one.low_mm))) / 2
    pairs = pairs_of(shapes, other_shapes, shift, reach)
    moved = moved_by(_rows(shapes, pairs[:, 0]), _rows(other_shapes, pairs[:, 1]), shift)
    changes, n_same = _changes(own, theirs, pairs, moved)
    least, most, place = 0.0, 0.0, None
    if one.geometry_sha256 != other.geometry_sha256:
        least, most, place = _apart(before, after, shift)
    is_same = not (changes or verdicts or shift.any()) and most <= SAME_MM
    return ModelDiff(
        schema_version=SCHEMA_VERSION,
        before=one,
        after=other,
        is_same=is_same,
        shift_mm=_triple(shift),
        apart_least_mm=_nine(least),
        apart_most_mm=_nine(most),
        apart_at_mm=place,
        features=changes,
        unchanged_features=n_same,
        verdicts=verdicts,
    )


def _side(judged: Judged) -> ModelSide:
    mesh = judged.prepared.file.mesh
    used = mesh.vertices_mm[used_vertices(len(mesh.vertices_mm), mesh.faces)]
    failed = {f.rule_id for f in judged.report.findings if f.status.value == "FAIL"}
    is_closed = failed.isdisjoint(_VOLUME_RULES)
    volume = signed_volume_mm3(mesh.vertices_mm, mesh.faces) if is_closed else None
    return ModelSide(
        name=judged.prepared.model.name,
        sha256=mesh.source.sha256,
        geometry_sha256=surface_sha256(mesh.vertices_mm, mesh.faces),
        low_mm=_triple(used.min(axis=0)),
        high_mm=_triple(used.max(axis=0)),
        volume_mm3=None if volume is None else round(volume, 6),
        area_mm2=round(float(facet_shapes(mesh.vertices_mm, mesh.faces).area.sum()), 6),
        triangles=len(mesh.faces),
    )


def _features(judged: Judged) -> tuple[Feature, ...]:
    found = judged.report.features
    return found.features if found is not None else ()


def _shapes(features: tuple[Feature, ...]) -> Shapes:
    kinds = list(FeatureKind)
    return Shapes(
        np.array([2 * kinds.index(f.kind) + f.is_concave for f in features], np.int64),
        np.array([_PLACES.get(f.kind, IN_SPACE) for f in features], np.int64),
        np.array([f.point_mm for f in features], np.float64).reshape(-1, 3),
        np.array([f.axis for f in features], np.float64).reshape(-1, 3),
        np.array([f.size for f in features], np.float64),
        np.array([f.u_mm for f in features], np.float64),
    )


def _rows(shapes: Shapes, rows: NDArray[np.int64]) -> Shapes:
    kind, place, point, axis, size, spread = shapes
    return Shapes(kind[rows], place[rows], point[rows], axis[rows], size[rows], spread[rows])


def _shift(one: ModelSide, other: ModelSide, first: Shapes, second: Shapes) -> NDArray[np.float64]:
    """What the whole was moved by: nothing, or what brings the lower, the upper corners or the
    middles of the boxes together, where that explains more features. Without features it is what
    brings boxes of one size together."""
    low = np.subtract(other.low_mm, one.low_mm)
    high = np.subtract(other.high_mm, one.high_mm)
    low, high = (np.where(np.abs(move) <= SAME_MM, 0.0, move) for move in (low, high))
    shifts = np.stack([np.zeros(3), low, high, (low + high) / 2])
    if len(first.size) and len(second.size):
        return best_shift(first, second, shifts)
    return low if np.abs(low - high).max() <= SAME_MM else shifts[0]


def _changes(
    own: tuple[Feature, ...],
    theirs: tuple[Feature, ...],
    pairs: NDArray[np.int64],
    moved_by_mm: NDArray[np.float64],
) -> tuple[tuple[FeatureChange, ...], int]:
    """What moved, in the order of the second model's features, then what is gone."""
    before_of = {int(j): (int(i), row) for row, (i, j) in enumerate(pairs)}
    changes = []
    n_same = 0
    for number, feature in enumerate(theirs):
        known = before_of.get(number)
        if known is None:
            changes.append(_change("added", None, feature, None))
            continue
        old, moved = own[known[0]], moved_by_mm[known[1]]
        spread = old.u_mm + feature.u_mm
        is_resized = abs(feature.size - old.size) > max(SAME_MM, spread)
        is_moved = float(np.sqrt((moved * moved).sum())) > max(2 * SAME_MM, spread)
        if is_resized and is_moved:
            changes.append(_change("resized and moved", old, feature, moved))
        elif is_resized:
            changes.append(_change("resized", old, feature, moved))
        elif is_moved:
            changes.append(_change("moved", old, feature, moved))
        else:
            n_same += 1
    gone = set(range(len(own))) - {index for index, _ in before_of.values()}
    changes += [_change("removed", own[index], None, None) for index in sorted(gone)]
    return tuple(changes), n_same


def _change(
    what: str, old: Feature | None, new: Feature | None, moved: NDArray[np.float64] | None
) -> FeatureChange:
    known = new or old
    if known is None:
        raise AssertionError("a change is of one feature at least")
    return FeatureChange(
        change=what,  # type: ignore[arg-type]
        kind=known.kind.value,
        unit="deg" if known.kind in _IN_DEGREES else "mm",
        id_before=old.id if old else None,
        id_after=new.id if new else None,
        before=_nine(old.size) if old else None,
        after=_nine(new.size) if new else None,
        u=_nine(sum(f.u_mm for f in (old, new) if f)),
        point_before_mm=_triple(np.array(old.point_mm)) if old else None,
        point_after_mm=_triple(np.array(new.point_mm)) if new else None,
        moved_by_mm=None if moved is None else _triple(moved),
        axis=_triple(np.array(known.axis)),
    )


def _verdicts(before: Judged, after: Judged) -> tuple[VerdictChange, ...]:
    old = {r: s.value for r, s in rule_statuses(before.report.findings).items()}
    new = {r: s.value for r, s in rule_statuses(after.report.findings).items()}
    rows = [("outcome", before.decision.outcome.value, after.decision.outcome.value)]
    rows += [(rule, old.get(rule, ""), new.get(rule, "")) for rule in dict.fromkeys([*old, *new])]
    return tuple(VerdictChange(*row) for row in rows if row[1] != row[2])


def _apart(
    before: Judged, after: Judged, shift: NDArray[np.float64]
) -> tuple[float, float, Vector | None]:
    """Bounds of the largest distance of one surface from the other, both ways, and where. Only
    facets that the two do not share are asked for: all others are at no distance."""
    from printstd.kernels.nearest_facets import facet_tree
    from printstd.kernels.surface_distance import largest_distance
    from printstd.repair.proof import changed

    meshes = (before.prepared.file.mesh, after.prepared.file.mesh)
    first, second = (mesh.vertices_mm[mesh.faces] for mesh in meshes)
    first = first + shift
    if not len(first) or not len(second):
        return 0.0, float("inf"), None
    gone, new = changed(first, second)
    found = [
        largest_distance(pieces, facet_tree(surface), width=_WIDTH_MM, width_ratio=_WIDTH_RATIO)
        for pieces, surface in ((first[gone], second), (second[new], first))
        if len(pieces)
    ]
    if not found:
        return 0.0, 0.0, None
    worst = max(found, key=lambda bounds: bounds.lower)
    place = _triple(worst.place) if worst.lower > SAME_MM else None
    return worst.lower, max(bounds.upper for bounds in found), place


def _nine(value: float) -> float:
    return round(float(value), 9) + 0.0


def _triple(point: NDArray[np.float64]) -> Vector:
    x, y, z = (_nine(value) for value in point)
    return x, y, z
