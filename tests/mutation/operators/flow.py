"""Flow: more or less filament than the beads need, here or there, openly or by exchange."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines, Row, rows_of, scaled_e, written

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "flow"
_BOUNDARY_MM: Final = 0.025
"""What G-06 forgives of a solid layer's border."""
_PERMIL: Final = 10.0
_MARGIN_MM: Final = 1.5
"""G-09 measures infill this far from walls."""
JOINT_MM: Final = 0.05
"""G-17 forgives gaps between walls up to so wide."""


def of_part(row: Row) -> bool:
    return row.lays and 0 <= row.layer < 10**6 and row.kind not in ("skirt", "custom")


def _slack(subject: Subject) -> float:
    """%: what G-06 forgives at the border of the solid layers."""
    outline = subject.outline_of(1)
    return 100 * _BOUNDARY_MM * float(outline.length) / float(outline.area)


def _under(subject: Subject) -> float:
    return (1000 - subject.demand.integrity.solid_fill_permille[0]) / _PERMIL + _slack(subject)


def _over(subject: Subject) -> float:
    return (subject.demand.integrity.solid_fill_permille[1] - 1000) / _PERMIL + _slack(subject)


def bias_flow(subject: Subject, bias_um: float) -> float:
    """%: flow that draws both sides of a wall in by so much."""
    return 100 * 2 * bias_um / 1000 / subject.spacing


def _odd(subject: Subject) -> float:
    return bias_flow(subject, 0.5 * subject.demand.integrity.outward_um)


def _off(subject: Subject) -> float:
    return bias_flow(subject, subject.demand.integrity.outward_um)


def _thin_infill(subject: Subject) -> float:
    """%: from the density found in the honest program to the window's lower end, less one line."""
    window = subject.demand.integrity.infill_permille
    found = subject.honest_finding("G-09").measured
    assert window is not None
    assert found is not None
    walls = subject.demand.integrity.min_wall_count * subject.spacing
    inner = subject.outline_of(subject.sparse[0]).buffer(-walls - _MARGIN_MM)
    line = 100 * subject.spacing * float(inner.length) / 2 / float(inner.area)
    luck = line / len(subject.sparse) ** 0.5
    return 100 * (found - window[0] / _PERMIL + luck) / found


def _joint_flow(subject: Subject) -> float:
    """%: less flow in one of two walls, so that the gap between them is as wide as is forgiven."""
    overlap = 0.45 - subject.spacing
    return 100 * 2 * (JOINT_MM + overlap) / subject.spacing


_OPEN: Final = 0.10
"""G-17: of a shell's area, open beyond the gaps that do not count."""


def _open_flow(subject: Subject) -> float:
    """%: less flow that leaves so much of a shell open."""
    gap = JOINT_MM + _OPEN * subject.spacing
    overlap = 0.45 - subject.spacing
    return 100 * (gap + overlap) / subject.spacing


def _partly_solid(subject: Subject) -> list[int]:
    """Layers of which much is shell and much is not."""
    seen: dict[int, dict[str, float]] = {}
    for row in rows_of(list(subject.lines)):
        if of_part(row):
            kinds = seen.setdefault(row.layer, {})
            kinds[row.kind] = kinds.get(row.kind, 0.0) + row.words["E"]
    return [
        layer
        for layer, kinds in seen.items()
        if kinds.get("sparse", 0.0) > 0.5 and kinds.get("solid", 0.0) > 5.0
    ]


def _thin_shell(subject: Subject, rng: random.Random, size: float) -> Lines:
    chosen = _partly_solid(subject)
    return scaled_e(
        1 - size / 100,
        lambda row: of_part(row) and row.kind == "solid" and row.layer in chosen,
    )(list(subject.lines), rng)


def fed(factor: float, *kinds: str) -> Edit:
    """All beads of the part of these kinds (all of them) fed by a factor."""
    return lambda subject, rng, size: scaled_e(
        factor, lambda row: of_part(row) and (not kinds or row.kind in kinds)
    )(list(subject.lines), rng)


def fed_less(*kinds: str, sign: int = -1) -> Edit:
    """The same by size per cent less (or more)."""
    return lambda subject, rng, size: fed(1 + sign * size / 100, *kinds)(subject, rng, size)


def _one_layer(which: str, *kinds: str) -> Edit:
    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        layer = rng.choice(subject.solid if which == "solid" else subject.sparse)
        return scaled_e(
            1 - size / 100,
            lambda row: of_part(row) and row.layer == layer and (not kinds or row.kind in kinds),
        )(list(subject.lines), rng)

    return edit


def _five_layers(subject: Subject, rng: random.Random, size: float) -> Lines:
    first = rng.choice(subject.sparse[:-4])
    chosen = range(first, first + 5)
    return scaled_e(0.5, lambda row: of_part(row) and row.layer in chosen)(list(subject.lines), rng)


def _relocated(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Every twentieth bead of solid layers gets 30 % of the nineteen before it."""
    rows = rows_of(list(subject.lines))
    laid = [row for row in rows if row.lays and row.kind == "solid" and row.layer > 0]
    laid = [row for row in laid if row.words["E"] > 0.005]
    for start in range(0, len(laid) - 20, 20):
        group = laid[start : start + 20]
        taken = 0.0
        for row in group[:-1]:
            taken += 0.3 * row.words["E"]
            row.words["E"] *= 0.7
        group[-1].words["E"] += taken
    changed = {id(row) for row in laid}
    return [written(row.words) if id(row) in changed else row.text for row in rows]


def _walls_to_infill(subject: Subject, rng: random.Random, size: float) -> Lines:
    """What outer walls lose goes into the infill."""
    rows = rows_of(list(subject.lines))
    outer = [row for row in rows if of_part(row) and row.kind == "outer"]
    sparse = [row for row in rows if of_part(row) and row.kind == "sparse"]
    moved = sum(row.words["E"] for row in outer) * size / 100
    gain = 1 + moved / sum(row.words["E"] for row in sparse)
    for row in outer:
        row.words["E"] *= 1 - size / 100
    for row in sparse:
        row.words["E"] *= gain
    changed = {id(row) for row in (*outer, *sparse)}
    return [written(row.words) if id(row) in changed else row.text for row in rows]


def _noise(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Up to 2 um of filament off each bead, 1 % less in all."""
    rows = rows_of(list(subject.lines))
    laid = [row for row in rows if of_part(row) and row.words["E"] > 0.01]
    out = {}
    for row in laid:
        e = row.words["E"]
        out[id(row)] = written(row.words | {"E": e * 0.99 + rng.uniform(-0.002, 0.002)})
    return [out.get(id(row), row.text) for row in rows]


def _op(id: str, expected: str, edit: Edit, about: str, size: Size | None = None, **more: str):  # type: ignore[no-untyped-def]
    return MutationOperator(id, FAMILY, expected, edit, about, size, **more)  # type: ignore[arg-type]


_BELOW: Final = (
    "below the volume window that the process declares; the signed digests bind the bytes"
)

OPERATORS: Final = (
    _op("A01", "G-04", fed(0.5), "half of the filament everywhere"),
    _op("A02", "G-06", fed_less(), "less filament everywhere", Size("%", _under)),
    _op("A03", "", fed(0.98), "2 % less filament everywhere", allowed_because=_BELOW),
    _op("A04", "G-06", fed_less(sign=1), "more filament everywhere", Size("%", _over)),
    _op("A05", "G-04", _five_layers, "half of the filament in five layers"),
    _op("A06", "G-06", _one_layer("solid"), "less filament in a solid layer", Size("%", _under)),
    _op("A06b", "G-04", _one_layer("sparse"), "less filament in another layer", Size("%", _odd)),
    _op(
        "A06c",
        "G-04",
        _one_layer("sparse", "outer"),
        "less filament in a layer's outer walls",
        Size("%", _odd),
    ),
    _op("A07", "M-05", _relocated, "30 % of nineteen beads put into the twentieth"),
    _op("A35", "G-09", fed_less("sparse"), "thinner infill", Size("%", _thin_infill)),
    _op("A39", "G-03", fed(1.5), "half as much again everywhere"),
    _op("A42", "G-04", _walls_to_infill, "the walls' plastic put into the infill", Size("%", _off)),
    _op("A44", "G-13", fed(0.75), "a quarter less everywhere: the volume does not add up"),
    _op("A45", "G-06", fed(1.54, "solid"), "a bridge's flow in all solid layers"),
    _op(
        "A46",
        "G-17",
        fed_less("inner"),
        "inner walls too thin to touch their neighbours",
        Size("%", _joint_flow),
    ),
    MutationOperator(
        "A49",
        FAMILY,
        "G-17",
        _thin_shell,
        "less filament in the shell of layers that are not solid throughout",
        Size("%", _open_flow),
        applies=lambda subject: bool(_partly_solid(subject)),
    ),
    _op("A47", "", _noise, "E noise that adds up to -1 %", allowed_because=_BELOW),
)
