"""The table of kills as a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import isinf

from printstd.artifacts.finding import Status
from tests.mutation.campaign import Judged, Power, Refused, operators
from tests.mutation.operators import container_operators
from tests.mutation.operators.base import KILLS_AT, PASSES_AT, MutationOperator

HEAD = """# Mutation score of the auditor

Written by `make mutation`; the operators are data in `tests/mutation/operators/`. Each puts one
fault into a finished, honest program (or into its certificates), and names the rule that must find
it. That name was written before the auditor saw the mutant: a mutant counts as killed only where
that very rule says FAIL, whatever else does.

A continuous fault has a size. Its limit is what the rule's page states, computed from the demand
and the part alone. At {kills} times the limit it must die by its rule, at {passes} times it must
pass every rule. So near the limit a rule about the sides of beads may say INDETERMINATE instead of
FAIL, where models of a bead differ (`make robustness`): no certificate is issued on either, and how
often it was so is told. What is right to pass in any size stands with its reason.

These figures say how the auditor does on these faults, on these small parts. They are no
probability that a fault of another kind is found; [redteam.md](redteam.md) says what a search for
faults that pass was able to do.
"""


def kill_table(
    judged: Sequence[Judged],
    limits: Sequence[Power],
    refused: Sequence[Refused],
    honest: Mapping[str, Status],
) -> str:
    parts = [
        HEAD.format(kills=KILLS_AT, passes=PASSES_AT),
        "## Score\n",
        _score(judged, refused, honest),
        "## Detection limits\n",
        LIMITS_HEAD,
        _limits(limits),
        "## Programs\n",
        _programs(judged),
        "## Certificates\n",
        _certificates(refused),
        "## What is right to pass\n",
        _allowed(),
    ]
    return "\n".join(parts)


def _score(
    judged: Sequence[Judged], refused: Sequence[Refused], honest: Mapping[str, Status]
) -> str:
    wanted = [one for one in judged if one.expected and one.ratio != PASSES_AT]
    small = [one for one in judged if one.ratio == PASSES_AT]
    free = [one for one in judged if not one.expected]
    bad = [one for one in refused if one.expected]
    good = [verdict is not Status.FAIL for verdict in honest.values()]
    rows = (
        ("killed by the rule that was named", [one.is_right for one in wanted]),
        (
            "of them by INDETERMINATE",
            [one.is_right for one in wanted if one.is_doubtful and one.is_right],
        ),
        (f"continuous ones at {PASSES_AT} of their limit, passed", [one.is_right for one in small]),
        ("right to pass", [one.is_right for one in free]),
        ("certificates refused for the reason that was named", [one.is_right for one in bad]),
        ("honest programs without a FAIL", good),
    )
    told = [f"| {what} | {len(answers)} | {sum(answers)} |" for what, answers in rows]
    on = f"On {', '.join(honest)}."
    return "\n".join(["| | mutants | as written down |", "|---|---:|---:|", *told, "", on, ""])


LIMITS_HEAD = """The size at which mutants begin to die is found by bisection for each of several
seeds, which choose layer, place and direction. *half* and *95 %* are the sizes at which half and
95 % of them die (their logarithms taken as normal), *surely* is the upper bound of the latter with
95 % confidence.
"""


def _limits(limits: Sequence[Power]) -> str:
    if not limits:
        return "Not measured in this campaign.\n"
    rows = [
        "| operator | fault | rule | unit | limit | half | 95 % | surely | seeds |",
        "|---|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for one in limits:
        operator = operators()[one.operator]
        sizes = (one.limit, one.half, one.power95, one.sure95)
        told = " | ".join("never" if isinf(size) else f"{size:.3g}" for size in sizes)
        rule = operator.rule_for(one.subject.split("/")[1])
        rows.append(
            f"| {one.operator} | {operator.about} | {rule} | {one.unit} | {told} | {one.n} |"
        )
    return "\n".join(rows) + "\n"


def _programs(judged: Sequence[Judged]) -> str:
    by_id: dict[str, list[Judged]] = {}
    for one in judged:
        by_id.setdefault(one.operator, []).append(one)
    out = []
    mine = [operator for operator in operators().values() if operator.id in by_id]
    for family, members in groupby(mine, key=lambda operator: operator.family):
        out += [
            f"### {family}\n",
            "| id | fault | rule | killed | small ones passed | others that failed too |",
            "|---|---|---|---:|---:|---|",
            *(_row(operator, by_id[operator.id]) for operator in members),
            "",
        ]
    return "\n".join(out)


def _row(operator: MutationOperator, found: Sequence[Judged]) -> str:
    wanted = [one for one in found if one.ratio != PASSES_AT]
    small = [one for one in found if one.ratio == PASSES_AT]
    rules = sorted({one.expected for one in found if one.expected})
    others = sorted({rule for one in wanted for rule in one.failed} - set(rules))
    return (
        f"| {operator.id} | {operator.about} | {', '.join(rules) or 'none'} | {_share(wanted)} | "
        f"{_share(small) if small else ''} | {', '.join(others)} |"
    )


def _share(found: Sequence[Judged]) -> str:
    return f"{sum(one.is_right for one in found)}/{len(found)}"


def _certificates(refused: Iterable[Refused]) -> str:
    by_id = {one.operator: one for one in refused}
    out = []
    for family in dict.fromkeys(operator.family for operator in container_operators()):
        out += [
            f"### {family}\n",
            "| id | fault | refused because | as named |",
            "|---|---|---|---|",
        ]
        for operator in container_operators():
            if operator.family == family and operator.id in by_id:
                one = by_id[operator.id]
                told = operator.expected or "accepted"
                answer = "yes" if one.is_right else "**no**"
                out.append(f"| {operator.id} | {operator.about} | {told} | {answer} |")
        out.append("")

    return "\n".join(out)


def _allowed() -> str:
    rows = ["| id | fault | why |", "|---|---|---|"]
    every = [*operators().values(), *container_operators()]
    rows += [
        f"| {operator.id} | {operator.about} | {operator.allowed_because} |"
        for operator in every
        if operator.allowed_because
    ]
    return "\n".join(rows) + "\n"
