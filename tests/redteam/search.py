"""The search for the largest damage that still passes: a (1+1) evolution strategy per kind of
damage with the auditor as oracle.

Each trial changes a few genes of the best genome so far; a trial that does more harm than the best
goes to the auditor, and becomes the best if nothing fails. One that fails is tried once more half-
way back. Steps grow with success and shrink with failure. A trial depends on the seed, the
objective, its number and the best so far alone, so a search that was stopped goes on as it would
have.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field

from tests.mutation.subjects import failed_rules, own_subject
from tests.redteam.damage import damage_of, harm
from tests.redteam.edits import GENES, NEUTRAL, Genome, edited, moves_of, written

GROW = 1.6
SHRINK = 0.9
SCALES = (0.02, 4.0)
MOST_GENES = 3

DRIVEN_BY: dict[str, tuple[str, ...]] = {
    "void_mm3": (
        "void_x", "void_y", "void_mm", "void_mm", "void_first", "void_last", "void_kinds",
        "dropped_infill", "flow_sparse",
    ),
    "shift_um": (
        "shift_x", "shift_y", "band_shift_x", "alternate_shift_x", "outer_um",
        "alternate_outer_um", "inner_um", "flow_outer", "band_first", "band_share",
        "alternate_flow",
    ),
    "bond": (
        "flow_sparse", "flow_solid", "flow_inner", "flow_outer", "band_flow", "alternate_flow",
        "band_first", "band_share", "dropped_infill", "inner_um", "void_mm", "void_x", "void_y",
        "void_first", "void_last", "void_kinds", "alternate_shift_x",
    ),
    "section": (
        "flow_sparse", "flow_solid", "flow_inner", "flow_outer", "band_flow", "band_first",
        "band_share", "dropped_infill", "void_mm", "void_x", "void_y", "void_first", "void_last",
        "void_kinds", "inner_um",
    ),
    "infill": (
        "flow_sparse", "dropped_infill", "void_mm", "void_x", "void_y", "void_first", "void_last",
        "band_flow", "band_first", "band_share",
    ),
}  # fmt: skip
"""Genes that a kind of damage can come from; others are tried one time in eight."""


@dataclass
class Found:
    """The best of one kind of damage. trials, asked : genomes made, and given to the auditor.
    stopped_by : which rules refused trials that did more harm, and how often."""

    objective: str
    genome: Genome = field(default_factory=lambda: dict(NEUTRAL))
    value: float = 0.0
    damage: dict[str, float] = field(default_factory=dict)
    scale: float = 1.0
    trials: int = 0
    asked: int = 0
    stopped_by: dict[str, int] = field(default_factory=dict)


def passes(name: str, genome: Genome) -> set[str]:
    """Rules that refuse the program of a genome; empty where it passes."""
    on = own_subject(*name.split("/"))
    program = written(edited(on, moves_of(name), genome), genome)
    return failed_rules(on.audit(program))


def _bounded(genome: Genome) -> Genome:
    return {
        name: min(max(value, GENES[name].low), GENES[name].high) for name, value in genome.items()
    }


def _tried(found: Found, rng: random.Random) -> Genome:
    genes = DRIVEN_BY[found.objective] if rng.random() < 0.875 else tuple(GENES)
    chosen = rng.sample(genes, rng.randint(1, min(MOST_GENES, len(genes))))
    # While nothing is found, boldly.
    bold = 4.0 if not found.value else 1.0
    new = dict(found.genome)
    for name in chosen:
        new[name] += rng.gauss(0.0, GENES[name].step * found.scale * bold)
    return _bounded(new)


def step(name: str, found: Found, seed: int) -> None:
    """One trial."""
    rng = random.Random(f"{seed} {name} {found.objective} {found.trials}")
    found.trials += 1
    genome = _tried(found, rng)
    for attempt in range(2):
        value = harm(name, genome, found.objective)
        if value <= found.value * (1 + 1e-6) + 1e-9:
            break
        found.asked += 1
        refused = passes(name, genome)
        if not refused:
            found.genome, found.value = genome, value
            found.damage = asdict(damage_of(name, genome))
            found.scale = min(found.scale * GROW, SCALES[1])
            return
        for rule in sorted(refused):
            found.stopped_by[rule] = found.stopped_by.get(rule, 0) + 1
        if not attempt:
            genome = {k: (genome[k] + found.genome[k]) / 2 for k in genome}
    found.scale = max(found.scale * SHRINK, SCALES[0])
