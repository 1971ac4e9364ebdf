"""The drawing's rows as one table: what the model says to each, and what the program's beads do.

Columns follow form 3 of AS9102 (characteristic accountability): number, reference location,
designator, requirement, results; what is ours follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from printstd.artifacts.finding import Status
from printstd.dataclass import dataclass

if TYPE_CHECKING:
    from printstd.artifacts.audit import SizeFound
    from printstd.artifacts.characteristics import CharacteristicResult


@dataclass(frozen=True, slots=True)
class CharacteristicRow:
    """One characteristic; lengths in `unit`."""

    number: str
    reference: str
    """Reference location: sheet and zone of the drawing."""
    designator: str
    requirement: str
    results: float | None
    """The size that decides: commanded by the program where one was audited, else the model's."""
    u: float | None
    """Expanded uncertainty (k = 2) of the result."""
    verdict: Status
    unit: str
    nominal: float | None
    lower: float | None
    upper: float | None
    deviation: float | None
    result_of: str
    """``commanded`` or ``model``; empty where nothing could be measured."""
    feature: str
    model_size: float | None
    model_verdict: Status | None
    commanded_size: float | None
    commanded_mean: float | None
    commanded_verdict: Status | None
    nominal_from: str
    limits_from: str
    datum: str
    note: str
    basis: str
    """What was measured and what U is made of; or why nothing was."""
    decision_rule: str
    predicted_deviation: float | None = None
    predicted_u: float | None = None
    forecast: Status | None = None
    """Of the part that is likely to come out: it decides nothing."""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """One term of what is predicted of a characteristic; mm."""

    number: str
    term: str
    systematic: float
    random: float
    source: str
    confidence: str


_WORST = (Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE)


def rows_of(
    results: Sequence[CharacteristicResult], commanded: Sequence[SizeFound] | None
) -> tuple[CharacteristicRow, ...]:
    """commanded : of an audit, in whose `number` a plate's part may stand first; None where no
    program was audited."""
    if commanded is None:
        return tuple(_row(result, None) for result in results)
    by_number: dict[str, list[SizeFound]] = {}
    for size in commanded:
        by_number.setdefault(size.number.rpartition(": ")[2], []).append(size)
    return tuple(_row(result, _worst_of(by_number, result.number)) for result in results)


def predicted_of(results: Sequence[CharacteristicResult]) -> tuple[PredictedRow, ...]:
    return tuple(
        PredictedRow(
            result.number, term.name, term.systematic, term.random, term.source, term.confidence
        )
        for result in results
        if result.predicted is not None
        for term in result.predicted.terms
    )


def _worst_of(found: Mapping[str, Sequence[SizeFound]], number: str) -> SizeFound | None:
    own = found.get(number, ())
    return min(own, key=lambda size: _rank(size.verdict), default=None)


def _is_recovered(result: CharacteristicResult) -> bool:
    return result.nominal_from != "drawing"


def _recovered(verdicts: Sequence[Status]) -> Status:
    """Of a size that no drawing names: nothing passes."""
    worst = min(verdicts, key=_rank)
    return Status.INFO if worst is Status.PASS else worst


def _rank(status: Status) -> int:
    return _WORST.index(status) if status in _WORST else len(_WORST)


def _row(result: CharacteristicResult, size: SizeFound | None) -> CharacteristicRow:
    model = result.model
    verdicts = [result.verdict] + ([size.verdict] if size is not None else [])
    deciding = size if size is not None and size.size_nm is not None else None
    basis = size.basis if size is not None else model.basis if model is not None else ""
    return CharacteristicRow(
        number=result.number,
        reference=result.reference,
        designator=result.designator,
        requirement=result.requirement,
        results=_mm(deciding.size_nm) if deciding else model.size if model else None,
        u=_mm(deciding.u_nm) if deciding else model.u if model else None,
        verdict=min(verdicts, key=_rank) if not _is_recovered(result) else _recovered(verdicts),
        unit=result.unit,
        nominal=result.nominal,
        lower=result.lower,
        upper=result.upper,
        deviation=_mm(deciding.deviation_nm) if deciding else model.deviation if model else None,
        result_of="commanded" if deciding else "model" if model and model.size else "",
        feature=result.feature,
        model_size=model.size if model else None,
        model_verdict=model.verdict if model else None,
        commanded_size=_mm(size.size_nm) if size else None,
        commanded_mean=_mm(size.mean_nm) if size else None,
        commanded_verdict=size.verdict if size else None,
        nominal_from=result.nominal_from.value,
        limits_from=result.limits_from,
        datum=result.datum,
        note=result.note,
        basis=basis,
        decision_rule=result.rule,
        predicted_deviation=result.predicted.deviation if result.predicted else None,
        predicted_u=result.predicted.u if result.predicted else None,
        forecast=result.predicted.forecast if result.predicted else None,
        suggestion=result.predicted.suggestion if result.predicted else "",
    )


def _mm(value_nm: int | None) -> float | None:
    return None if value_nm is None else value_nm / 1e6
