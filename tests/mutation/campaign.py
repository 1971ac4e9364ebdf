"""The campaign: every operator on every subject, and how large a continuous fault must be to be
found. Every task is a pure function of its names and seed, so answers do not depend on workers."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from printstd.artifacts.finding import Status
from tests.mutation.operators import container_operators, program_operators
from tests.mutation.operators.base import KILLS_AT, PASSES_AT, MutationOperator
from tests.mutation.subjects import failed_rules, open_rules, subject

SEEDS: Final = 1
"""Mutants of a continuous operator at each of both sizes on a subject."""
BISECTIONS: Final = 4
"""From `PASSES_AT` to `KILLS_AT` so many leave 6 %."""
RANGE: Final = (0.5, 2.0)
"""Ratios to the limit between which the size is looked for at which a mutant begins to die."""
TOLERANCE_FACTORS: Final = {8: 3.187, 10: 2.911, 12: 2.736, 16: 2.523, 20: 2.396, 30: 2.220}
"""k of a normal one-sided tolerance bound: mean + k s lies over 95 % of the population with
95 % confidence (ISO 16269-6:2014, table for an unknown standard deviation)."""


@dataclass(frozen=True)
class Judged:
    """One mutant. failed : rules that said FAIL, doubtful : INDETERMINATE. is_right : killed by the
    rule that was written down, or passed where it should."""

    operator: str
    subject: str
    ratio: float | None
    seed: int
    expected: str
    failed: tuple[str, ...]
    is_right: bool
    doubtful: tuple[str, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Killed, but not by a FAIL: the models of a bead differ about it."""
        return bool(self.expected) and self.expected not in self.failed


@functools.cache
def operators() -> dict[str, MutationOperator]:
    found = {}
    for operator in program_operators():
        if operator.id in found:
            raise ValueError(f"two operators called {operator.id}")
        found[operator.id] = operator
    return found


def judged(id: str, name: str, ratio: float | None, seed: int) -> Judged | None:
    """The mutant of an operator on a subject; None where it does not apply."""
    operator, on = operators()[id], subject(name)
    if not operator.applies(on):
        return None
    expected = operator.rule_for(on.dialect)
    program = operator.program(on, seed, KILLS_AT if ratio is None else ratio)
    audit = on.audit(program)
    failed, doubtful = failed_rules(audit), open_rules(audit)
    if not expected or ratio == PASSES_AT:
        # Another rule's limit may be nearer, and its models of a bead differ already.
        is_right = not failed and expected not in doubtful
    elif ratio is None:
        is_right = expected in failed
    else:
        # Where a bead's side lies, its models differ: near the limit that is told, and no more.
        is_right = expected in failed | doubtful
    told = tuple(sorted(failed)), is_right, tuple(sorted(doubtful))
    return Judged(id, name, ratio, seed, expected, *told)


def tasks_on(name: str, ids: Iterable[str]) -> list[tuple[str, str, float | None, int]]:
    """All mutants of a subject: continuous ones at both sizes for several seeds."""
    found: list[tuple[str, str, float | None, int]] = []
    for id in ids:
        if operators()[id].size is None:
            found.append((id, name, None, 0))
        else:
            found += [(id, name, r, seed) for r in (KILLS_AT, PASSES_AT) for seed in range(SEEDS)]
    return found


def threshold(id: str, name: str, seed: int) -> float | None:
    """Ratio to the limit at which a mutant of one seed begins to die by its rule; None where it
    never does within `RANGE`. By bisection on the logarithm: a larger fault is no harder to find.
    The sizes of the campaign come first, at which nearly all die and none does."""
    operator, on = operators()[id], subject(name)
    rule = operator.rule_for(on.dialect)

    def dies(ratio: float) -> bool:
        return rule in _said_no(name, operator.program(on, seed, ratio))

    least, most = RANGE
    low, high = (least, KILLS_AT) if dies(KILLS_AT) else (KILLS_AT, most)
    if high == most and not dies(most):
        return None
    for _ in range(BISECTIONS):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if dies(middle) else (middle, high)
    return least if low == least and dies(least) else high


@functools.lru_cache(maxsize=64)
def _said_no(name: str, program: bytes) -> frozenset[str]:
    """Rules that pass no such program. What many operators do depends on no seed: their mutants
    are the same program and are audited once."""
    audit = subject(name).audit(program)
    return frozenset(failed_rules(audit) | open_rules(audit))


@dataclass(frozen=True)
class Power:
    """The sizes at which mutants of one operator die. limit : the one that its rule's page states.
    half, power95 : sizes at which half and 95 % of them die (a normal distribution of the
    thresholds' logarithms); sure95 : the latter's upper bound with 95 % confidence. never : how
    many survive at twice the limit."""

    operator: str
    subject: str
    unit: str
    limit: float
    n: int
    half: float
    power95: float
    sure95: float
    never: int


def power(id: str, name: str, thresholds: list[float | None]) -> Power:
    operator, on = operators()[id], subject(name)
    assert operator.size is not None
    limit = operator.size.limit(on)
    logs = [math.log(t) for t in thresholds if t is not None]
    n, never = len(thresholds), len(thresholds) - len(logs)
    if never or len(logs) < 2:
        return Power(id, name, operator.size.unit, limit, n, math.inf, math.inf, math.inf, never)
    mean = sum(logs) / len(logs)
    sd = math.sqrt(sum((x - mean) ** 2 for x in logs) / (len(logs) - 1))
    k = TOLERANCE_FACTORS[max(size for size in TOLERANCE_FACTORS if size <= max(n, 8))]
    return Power(
        id,
        name,
        operator.size.unit,
        limit,
        n,
        limit * math.exp(mean),
        limit * math.exp(mean + 1.645 * sd),
        limit * math.exp(mean + k * sd),
        0,
    )


def _judge_all(tasks: list[tuple[str, str, float | None, int]]) -> list[Judged]:
    return [found for task in tasks if (found := judged(*task)) is not None]


def _threshold(task: tuple[str, str, int]) -> float | None:
    return threshold(*task)


def applies(task: tuple[str, str]) -> bool:
    id, name = task
    operator, on = operators()[id], subject(name)
    return (
        operator.size is not None and bool(operator.rule_for(on.dialect)) and operator.applies(on)
    )


def judge_on(name: str, ids: list[str], pool: ProcessPoolExecutor) -> list[Judged]:
    """All mutants of one subject, by operator."""
    tasks = tasks_on(name, ids)
    parts = [tasks[first::4] for first in range(4)]
    found = [one for part in pool.map(_judge_all, parts) for one in part]
    order = {id: number for number, id in enumerate(operators())}
    found.sort(key=lambda one: (order[one.operator], -(one.ratio or 0), one.seed))
    return found


def limits_on(name: str, ids: list[str], seeds: int, pool: ProcessPoolExecutor) -> list[Power]:
    """Detection limits of the continuous operators on one subject."""
    asked = [(id, name) for id in ids]
    mine = [one for one, does in zip(asked, pool.map(applies, asked), strict=True) if does]
    tasks = [(id, name, seed) for id, _ in mine for seed in range(seeds)]
    values = list(pool.map(_threshold, tasks, chunksize=seeds))
    return [power(id, name, values[i * seeds : (i + 1) * seeds]) for i, (id, _) in enumerate(mine)]


@dataclass(frozen=True)
class Refused:
    """One certificate with a fault."""

    operator: str
    expected: str
    refusal: str
    is_right: bool


def refusals() -> list[Refused]:
    found = []
    for operator in container_operators():
        said = operator.mutant().refusal
        is_right = operator.expected in said if operator.expected else said == ""
        found.append(Refused(operator.id, operator.expected, said, is_right))
    return found


def honest_verdicts(names: Iterable[str]) -> dict[str, Status]:
    """What the audit says of the subjects themselves: no rule may fail."""
    return {name: subject(name).honest.verdict for name in names}
