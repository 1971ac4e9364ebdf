"""What the integrity limits allow of each kind of damage, and the page of a search."""

from __future__ import annotations

import math

from tests.mutation.subjects import own_subject
from tests.redteam.damage import ball_mm3, ground_of, honest_state
from tests.redteam.edits import GENES, moves_of
from tests.redteam.search import Found

UNITS = {"void_mm3": "mm3", "shift_um": "um", "bond": "%", "section": "%", "infill": "%"}
TOLD = {
    "void_mm3": "largest ball without material inside the part, over the honest one",
    "shift_um": "a millimetre of outline off where it was",
    "bond": "contact between two layers lost",
    "section": "material of a layer lost",
    "infill": "infill of five layers on end lost",
}
WHY = {
    "void_mm3": (
        "G-09: no place in the infill further from it than 1.25 line distances of the least "
        "density, as a ball"
    ),
    "shift_um": (
        "G-04: 60 um inwards, the 5 um of its uncertainty and the honest program's own 5 um"
    ),
    "bond": (
        "G-09 lets one layer in five be without infill, G-04 one be fed less by twice half of the "
        "outward limit"
    ),
    "section": "the same",
    "infill": "G-09: from the density found to the window's lower end, less one line",
}
_MARGIN_MM = 1.5


def allowed(name: str, objective: str) -> float:
    """The most that the pages of the rules allow, from the demand and the honest program."""
    on = own_subject(*name.split("/"))
    limits = on.demand.integrity
    window = limits.infill_permille
    assert window is not None
    if objective == "void_mm3":
        radius = 1.25 * on.spacing * 1000 / window[0]
        return 4 / 3 * math.pi * radius**3 - ball_mm3(name, honest_state(name))
    if objective == "shift_um":
        return limits.inward_um + 10.0
    if objective == "infill":
        found = on.honest_finding("G-09").measured
        assert found is not None
        walls = limits.min_wall_count * on.spacing
        inner = on.outline_of(on.sparse[0]).buffer(-walls - _MARGIN_MM)
        line = 100 * on.spacing * float(inner.length) / 2 / float(inner.area)
        return (found - window[0] / 10 + line) / found
    state, ground = honest_state(name), ground_of(name)
    inside = [
        float((state.material[k] & ground.core[k]).sum() / max(state.material[k].sum(), 1))
        for k in on.sparse
    ]
    odd = limits.outward_um / 1000 / on.spacing
    return max(inside) + odd


HEAD = """# What a search for faults that pass can do

Written by `make redteam`. An optimiser is given the auditor as an oracle and a family of edits
(flow by kind and layer, shifts of layers, walls or everything, places where nothing is laid,
dropped infill, gaps between layers, temperature, fan, feed: {genes} numbers,
`tests/redteam/edits.py`), and looks for the most harmful program that the audit passes, from the
honest one on. The harm is measured on the beads by means of its own (`tests/redteam/damage.py`).

*allowed* is what the rules' pages themselves leave room for, from the demand and the honest part
alone. A figure over it is a hole in the auditor: it is closed by a rule and kept as a mutant, or
the limit is stated. *stopped by* names the rules that refused more harmful trials, most often
first.

A search shows what it found, not that there is no more: the number of trials says how far it went.
"""


def page(done: dict[str, list[Found]]) -> str:
    parts = [HEAD.format(genes=len(GENES))]
    for name, found in done.items():
        n_layers = moves_of(name).n_layers
        parts += [
            f"## {name}, {n_layers} layers\n",
            "| harm | passes | allowed | trials | audits | stopped by |",
            "|---|---:|---:|---:|---:|---|",
        ]
        for one in found:
            limit = allowed(name, one.objective)
            rules = sorted(one.stopped_by, key=lambda rule: -one.stopped_by[rule])[:4]
            parts.append(
                f"| {TOLD[one.objective]} | {_told(one.objective, one.value)} | "
                f"{_told(one.objective, limit)} | {one.trials} | {one.asked} | {', '.join(rules)} |"
            )
        parts.append("")
        for one in found:
            changed = [
                f"{gene} {value:.3g}"
                for gene, value in one.genome.items()
                if abs(value - GENES[gene].neutral) > 0.02 * GENES[gene].step
            ]
            parts.append(f"- {one.objective}: {', '.join(changed) or 'nothing found'}")
        parts.append("")
    parts += ["## Why so much is allowed\n", "| harm | reason |", "|---|---|"]
    parts += [f"| {TOLD[one]} | {reason} |" for one, reason in WHY.items()]
    return "\n".join(parts) + "\n"


def _told(objective: str, value: float) -> str:
    if UNITS[objective] == "%":
        return f"{100 * value:.1f} %"
    return f"{value:.3g} {UNITS[objective]}"
