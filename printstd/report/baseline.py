"""The baseline: findings that a repository has and knows of, so that only new ones fail.

A finding is told again by its file, stage, rule and place: never by the words of its message, nor
by numbers of lines or facets, which change when a file is exported again. The place is the cube of
1 mm that its first point (or the middle of its box) lies in; a point within 0.05 mm of a cube's
face is looked for in both, so that the last digit of a measurement makes nothing new. A finding
with a layer and no point is told by the layer. What has no place is told by how many of its kind
there are.

A finding is known as long as it is no worse: its status no worse than it was, and what was measured
no further beyond its limit, give or take a hundredth. A file that was refused is known while its
bytes are the same.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.profiles.decision import EXIT_CODES
from printstd.report.document import Section, Subject, overall_exit_code
from printstd.words import said

SCHEMA_VERSION: Final = "1.0"
CELL_MM: Final = 1.0
NEAR_MM: Final = 0.05
_STATED: Final[Mapping[Status, Literal["FAIL", "NOT_EVALUATED", "INDETERMINATE"]]] = (
    MappingProxyType(
        {
            Status.FAIL: "FAIL",
            Status.NOT_EVALUATED: "NOT_EVALUATED",
            Status.INDETERMINATE: "INDETERMINATE",
        }
    )
)
_WORSE_RATIO: Final = 0.01
_FORCING: Final = (Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE)
"""Worst first."""
_REFUSED: Final = (4, 5)
"""Exit codes of problems that lie in the file: others are of the run."""


class Entry(BaseModel):
    """One known finding, or several of one kind without a place."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    file: str
    stage: str
    rule: str
    status: Literal["FAIL", "NOT_EVALUATED", "INDETERMINATE", "REFUSED"]
    place_mm: tuple[float, float, float] | None = None
    excess: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """How far what was measured lies beyond its limit."""
    unit: str = ""
    count: Annotated[int, Field(ge=1)] = 1


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_version: Literal["1.0"]
    known: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Subjects with what is known marked in them. n_known : findings and refusals that the baseline
    lets by. gone : entries that nothing was found for any more."""

    subjects: tuple[Subject, ...]
    n_known: int
    gone: tuple[Entry, ...]


def read_baseline(data: bytes, name: str) -> tuple[Entry, ...]:
    """Raises InputError where it is none."""
    try:
        return _File.model_validate_json(data).known
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            said("this is no baseline"),
            where=name,
            got=f"{place}: {first['msg']}" if place else first["msg"],
            wanted=said("a file that `printstd check --update-baseline` wrote"),
            hint=said("write it again, and look at what it then knows before you commit it"),
        ) from error


def baseline_text(subjects: Iterable[Subject]) -> str:
    """The baseline that knows everything that keeps these subjects from passing: one entry a line,
    sorted, so that two branches merge."""
    found: dict[tuple[str, str], Entry] = {}
    for subject in subjects:
        if subject.expected in ("", "passed"):
            for entry in _entries(subject):
                key = (entry.fingerprint, entry.status)
                before = found.get(key)
                found[key] = entry if before is None else _both(before, entry)
    rows = sorted(found.values(), key=lambda e: (e.file, e.stage, e.rule, e.fingerprint, e.status))
    lines = [
        json.dumps(row.model_dump(exclude_defaults=True), ensure_ascii=False, sort_keys=True)
        for row in rows
    ]
    inner = ",\n  ".join(lines)
    known = f"[\n  {inner}\n ]" if lines else "[]"
    return f'{{\n "schema_version": "{SCHEMA_VERSION}",\n "known": {known}\n}}\n'


def compared(subjects: Sequence[Subject], known: Sequence[Entry]) -> Compared:
    """What of the subjects the baseline knows."""
    left: Counter[int] = Counter()
    by_mark: dict[str, list[int]] = {}
    for number, entry in enumerate(known):
        left[number] = entry.count
        by_mark.setdefault(entry.fingerprint, []).append(number)
    marked = []
    n_known = 0
    for subject in subjects:
        if subject.expected not in ("", "passed"):
            marked.append(subject)
            continue
        one, count = _marked(subject, known, by_mark, left)
        marked.append(one)
        n_known += count
    names = {subject.name for subject in subjects}
    gone = tuple(
        entry
        for number, entry in enumerate(known)
        if left[number] == entry.count and entry.file in names
    )
    return Compared(tuple(marked), n_known, gone)


def _marked(
    subject: Subject,
    known: Sequence[Entry],
    by_mark: Mapping[str, list[int]],
    left: Counter[int],
) -> tuple[Subject, int]:
    count = 0
    sections = []
    for section in subject.sections:
        numbers = []
        for number, finding in enumerate(section.findings):
            if finding.status not in _FORCING:
                continue
            marks = _marks(subject.name, section.stage, finding)
            entry = _matching(finding, marks, known, by_mark, left)
            if entry is not None:
                left[entry] -= 1
                numbers.append(number)
        count += len(numbers)
        sections.append(replace(section, known=tuple(numbers)))
    code = overall_exit_code([_code(section) for section in sections])
    if subject.problem is not None:
        mark = _refusal_mark(subject)
        found = [n for n in by_mark.get(mark, ()) if left[n] and known[n].status == "REFUSED"]
        is_known = bool(found) and subject.problem.exit_code in _REFUSED
        if is_known:
            left[found[0]] -= 1
            count += 1
        code = overall_exit_code([code, 0 if is_known else subject.problem.exit_code])
    elif not subject.sections:
        code = subject.exit_code
    return replace(subject, sections=tuple(sections), exit_code=code), count


def _matching(
    finding: Finding,
    marks: Sequence[str],
    known: Sequence[Entry],
    by_mark: Mapping[str, list[int]],
    left: Counter[int],
) -> int | None:
    for mark in marks:
        for number in by_mark.get(mark, ()):
            if left[number] and _is_no_worse(finding, known[number]):
                return number
    return None


def _is_no_worse(finding: Finding, entry: Entry) -> bool:
    names = [status.value for status in _FORCING]
    if entry.status not in names or names.index(finding.status.value) < names.index(entry.status):
        return False
    excess = _excess(finding)
    if excess is None or entry.excess is None:
        return True
    return excess <= entry.excess * (1 + _WORSE_RATIO) + 1e-6


def _code(section: Section) -> int:
    """Of a stage, by its new findings."""
    outcome = section.standing()
    return 0 if outcome is None else EXIT_CODES[outcome]


# ------------------------------------------------------------------------------------ fingerprints


def fingerprint(file: str, stage: str, finding: Finding) -> str:
    """32 hexadecimal digits, the same while file, stage, rule and place are."""
    return _marks(file, stage, finding)[0]


def _marks(file: str, stage: str, finding: Finding) -> list[str]:
    """The finding's own mark, then those of the cubes that it lies close to."""
    first = finding.where[0] if finding.where else Where()
    point = _point(first)
    if point is None:
        at = "" if first.layer is None else f"layer {first.layer}"
        return [_digest(file, stage, finding.rule_id, first.frame, at)]
    return [
        _digest(file, stage, finding.rule_id, first.frame, " ".join(map(str, cell)))
        for cell in _cells(point)
    ]


def _cells(point: tuple[float, float, float]) -> Iterator[tuple[int, ...]]:
    """The cube of a point first, then its neighbours within `NEAR_MM`."""
    ways = []
    for value in point:
        own = math.floor(value / CELL_MM)
        inside = value - own * CELL_MM
        ways.append([own])
        if inside < NEAR_MM:
            ways[-1].append(own - 1)
        elif inside > CELL_MM - NEAR_MM:
            ways[-1].append(own + 1)
    return iter(itertools.product(*ways))


def _point(where: Where) -> tuple[float, float, float] | None:
    if where.point_mm is not None:
        return where.point_mm
    if where.box_mm is None:
        return None
    low, high = where.box_mm[:3], where.box_mm[3:]
    x, y, z = ((a + b) / 2 for a, b in zip(low, high, strict=True))
    return (x, y, z)


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:32]


def _refusal_mark(subject: Subject) -> str:
    return _digest(subject.name, "refused", subject.sha256 or "")


def _excess(finding: Finding) -> float | None:
    if finding.measured is None or finding.limit is None:
        return None
    return abs(finding.measured - finding.limit)


def _entries(subject: Subject) -> Iterator[Entry]:
    if subject.problem is not None and subject.problem.exit_code in _REFUSED:
        yield Entry(
            fingerprint=_refusal_mark(subject),
            file=subject.name,
            stage="",
            rule="",
            status="REFUSED",
        )
    for section in subject.sections:
        mandatory = frozenset(section.open_rules)
        for finding in section.findings:
            is_open = finding.status in _FORCING[1:] and finding.rule_id in mandatory
            if finding.status is not Status.FAIL and not is_open:
                continue
            point = _point(finding.where[0]) if finding.where else None
            excess = _excess(finding)
            yield Entry(
                fingerprint=fingerprint(subject.name, section.stage, finding),
                file=subject.name,
                stage=section.stage,
                rule=finding.rule_id,
                status=_STATED[finding.status],
                place_mm=(
                    None
                    if point is None
                    else (round(point[0], 1), round(point[1], 1), round(point[2], 1))
                ),
                excess=None if excess is None else float(f"{excess:.6g}"),
                unit=finding.unit,
            )


def _both(one: Entry, other: Entry) -> Entry:
    """Two of one mark: as many, and as bad as the worse of them."""
    worst = max((e for e in (one.excess, other.excess) if e is not None), default=None)
    return one.model_copy(update={"count": one.count + other.count, "excess": worst})
