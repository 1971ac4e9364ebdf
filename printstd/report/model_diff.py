"""Which dimensions moved between two models: the record, as JSON and as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from printstd.report.as_text import plain
from printstd.report.cells import cells, padded
from printstd.report.labels import FEATURES, OUTCOMES, STATUSES
from printstd.report.speech import Speech
from printstd.words import said

SCHEMA_VERSION: Final = "1.0"
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ModelSide:
    """One of the two. Volume is None where the surface encloses none."""

    name: str
    sha256: str
    geometry_sha256: str
    low_mm: Vector
    high_mm: Vector
    volume_mm3: float | None
    area_mm2: float
    triangles: int


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """A feature of size that is not as it was. Places are in the axes of the models; of an added
    one `before` and `point_before_mm` are None, of a removed one the others."""

    change: Literal["resized", "moved", "resized and moved", "added", "removed"]
    kind: str
    unit: Literal["mm", "deg"]
    id_before: str | None
    id_after: str | None
    before: float | None
    after: float | None
    u: float
    """Expanded uncertainty of the difference by the two files alone."""
    point_before_mm: Vector | None
    point_after_mm: Vector | None
    moved_by_mm: Vector | None
    """Apart from the shift of the whole."""
    axis: Vector


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """What a rule, or the whole run (``outcome``), says of each of the two."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ModelDiff:
    """`printstd diff`: the first model, and the second in its place."""

    schema_version: str
    before: ModelSide
    after: ModelSide
    is_same: bool
    """Nothing below differs, and the surfaces lie together."""
    shift_mm: Vector
    """By which the whole was moved: features are compared after it."""
    apart_least_mm: float
    apart_most_mm: float
    """The largest distance of a point of one surface from the other, after the shift, lies between
    these two."""
    apart_at_mm: Vector | None
    """Where the lower figure was found, in the axes of the second."""
    features: tuple[FeatureChange, ...]
    unchanged_features: int
    verdicts: tuple[VerdictChange, ...]


def as_json(diff: ModelDiff) -> str:
    return json.dumps(asdict(diff), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `as_json` writes."""
    from pydantic import TypeAdapter

    made: dict[str, Any] = TypeAdapter(ModelDiff).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://printstd.example/schema/model-diff/1.0",
        **made,
    }


def as_text(diff: ModelDiff, speech: Speech) -> str:
    return "\n".join(_lines(diff, speech)) + "\n"


def _lines(diff: ModelDiff, speech: Speech) -> Iterator[str]:
    before, after = diff.before, diff.after
    yield f"{plain(before.name)} -> {plain(after.name)}"
    if diff.is_same:
        same_bytes = before.sha256 == after.sha256
        same_facets = before.geometry_sha256 == after.geometry_sha256
        told = said("no dimension moved: the surfaces lie together, in other triangles")
        if same_facets:
            told = said("no dimension moved: the same triangles, written otherwise")
        if same_bytes:
            told = said("no dimension moved: the same bytes")
        yield speech.say(told)
        return
    rows = [
        (said("box"), _box(before), _box(after), _box_change(before, after)),
        (
            said("volume"),
            _amount(before.volume_mm3, "mm3"),
            _amount(after.volume_mm3, "mm3"),
            _ratio(before.volume_mm3, after.volume_mm3),
        ),
        (
            said("area"),
            _amount(before.area_mm2, "mm2"),
            _amount(after.area_mm2, "mm2"),
            _ratio(before.area_mm2, after.area_mm2),
        ),
        (said("triangles"), str(before.triangles), str(after.triangles), ""),
    ]
    yield from _table(
        [("", said("before"), said("after"), said("change")), *rows], speech, indent="  "
    )
    if any(diff.shift_mm):
        told = said("the whole was moved by {shift} mm", shift=_vector(diff.shift_mm))
        yield f"  {speech.say(told)}"
    yield f"  {speech.say(_apart(diff))}"
    yield ""
    if diff.features:
        heads = ("", said("at"), said("before"), said("after"), said("change"), said("moved by"))
        table: list[Sequence[str]] = [heads, *(_feature_row(row) for row in diff.features)]
        yield from _table(table, speech, indent="  ")
    told = said("{count} features of size are as they were", count=diff.unchanged_features)
    yield f"  {speech.say(told)}"
    if diff.verdicts:
        yield ""
        told_of = (said("verdict"), said("before"), said("after"))
        verdicts: list[Sequence[str]] = [
            told_of,
            *((v.rule, _status(v.before), _status(v.after)) for v in diff.verdicts),
        ]
        yield from _table(verdicts, speech, indent="  ")


def _feature_row(row: FeatureChange) -> Sequence[str]:
    point = row.point_after_mm or row.point_before_mm
    name = FEATURES.get(row.kind, row.kind)
    change = ""
    if row.before is not None and row.after is not None:
        change = _signed(row.after - row.before) if "resized" in row.change else ""
    elif row.change == "added":
        change = said("added")
    else:
        change = said("removed")
    moved = _vector(row.moved_by_mm) if row.moved_by_mm and "moved" in row.change else ""
    return (
        name,
        f"({_vector(point)})" if point is not None else "",
        _amount(row.before, row.unit),
        _amount(row.after, row.unit),
        change,
        moved,
    )


def _apart(diff: ModelDiff) -> str:
    if diff.apart_most_mm <= 0.001:
        return said("the surfaces lie within 0.001 mm of each other")
    if diff.apart_at_mm is None:
        return said("the surfaces lie at most {most:.3f} mm apart", most=diff.apart_most_mm)
    return said(
        "the largest distance between the surfaces is {least:.3f} to {most:.3f} mm, at ({place})",
        least=diff.apart_least_mm,
        most=diff.apart_most_mm,
        place=_vector(diff.apart_at_mm),
    )


def _status(name: str) -> str:
    return STATUSES.get(name, OUTCOMES.get(name, name))


def _box(side: ModelSide) -> str:
    size = (high - low for low, high in zip(side.low_mm, side.high_mm, strict=True))
    return " x ".join(_figure(value) for value in size) + " mm"


def _box_change(before: ModelSide, after: ModelSide) -> str:
    changes = [
        (b_high - b_low) - (a_high - a_low)
        for a_low, a_high, b_low, b_high in zip(
            before.low_mm, before.high_mm, after.low_mm, after.high_mm, strict=True
        )
    ]
    return ", ".join(_signed(value) for value in changes)


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{_figure(value)} {unit}"


def _figure(value: float) -> str:
    text = f"{round(value, 3) + 0.0:.3f}"
    return text.rstrip("0").rstrip(".")


def _signed(value: float) -> str:
    text = _figure(value)
    return text if text in ("0", "-0") or text.startswith("-") else f"+{text}"


def _ratio(before: float | None, after: float | None) -> str:
    if not before or after is None:
        return ""
    return f"{100 * (after / before - 1) + 0.0:+.3f} %"


def _vector(vector: Vector) -> str:
    return ", ".join(_figure(value) for value in vector)


def _table(rows: Sequence[Sequence[str]], speech: Speech, *, indent: str) -> Iterator[str]:
    texts = [[speech.say(cell) for cell in row] for row in rows]
    widths = [max(cells(row[k]) for row in texts) for k in range(len(texts[0]))]
    for row in texts:
        line = "  ".join(padded(text, width) for text, width in zip(row, widths, strict=True))
        yield f"{indent}{line}".rstrip()
