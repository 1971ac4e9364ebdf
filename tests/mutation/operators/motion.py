"""Motion: homing, bounds, speeds, flow, retraction, pauses, the end."""

from __future__ import annotations

import functools
import random
import re
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines, on_rows
from tests.mutation.operators.heat import in_layer, without_line
from tests.mutation.operators.layering import inserted_in
from tests.mutation.tiny_slicer import as_bytes

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "motion"
_FEW: Final = 20
_SHARE: Final = 0.1


def _beyond(subject: Subject, rng: random.Random, size: float) -> Lines:
    x = subject.demand.machine.travel_um[3] / 1000 + size / 1000
    return inserted_in(subject, rng.choice(subject.sparse), f"G1 X{x:.4f} F7800")


def _through(subject: Subject, rng: random.Random, size: float) -> Lines:
    x, y = subject.middle
    layer = rng.choice(subject.sparse)
    z = subject.demand.layers.first_um / 1000 + layer * subject.layer_height
    return inserted_in(
        subject, layer, f"G1 Z{z / 2:.3f} F600", f"G1 X{x:.3f} Y{y:.3f} F7800", f"G1 Z{z:.3f}"
    )


def _fast_travel(subject: Subject, rng: random.Random, size: float) -> Lines:
    x, y = subject.middle
    return inserted_in(
        subject,
        rng.choice(subject.sparse),
        f"G1 X{x:.3f} Y{y:.3f} F7800",
        f"G1 X{x + 5:.3f} F{size * 60:.1f}",
        "G1 F7800",
    )


def _infill_at(feed: float, layers: int = 10**6) -> Edit:
    """Sparse infill laid at a feed, mm/s."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        return on_rows(
            lambda row: (
                {k: v for k, v in row.words.items() if k != "F"} | {"F": feed * 60}
                if row.lays and row.kind == "sparse"
                else None
            )
        )(list(subject.lines), rng)

    return edit


def _molten(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Sparse infill laid with so many mm3/s."""
    area = subject.layer_height * subject.spacing
    return _infill_at(size / area)(subject, rng, size)


def _crawling(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A layer's inner walls at so many s/mm."""
    layer = rng.choice(subject.sparse)
    return on_rows(
        lambda row: (
            {k: v for k, v in row.words.items() if k != "F"} | {"F": 60 / size}
            if row.lays and row.kind == "inner" and row.layer == layer
            else None
        )
    )(list(subject.lines), rng)


def _drawn_back(subject: Subject, rng: random.Random, size: float) -> Lines:
    layer = rng.choice(subject.sparse)
    lines = list(subject.lines)
    at = next(
        i
        for i in range(lines.index(f";LAYER:{layer}"), len(lines))
        if lines[i].startswith("G1 E") and "E-" not in lines[i]
    )
    return [*lines[: at + 1], f"G1 E-{size:.5f} F2400", f"G1 E{size:.5f}", *lines[at + 1 :]]


def _stripped(lines: Lines, share: float, rng: random.Random) -> Lines:
    """Retractions, each from its first to its return, dropped as a whole or kept as a whole."""
    out: Lines = []
    dropped: bool | None = None
    for text in lines:
        is_back = re.search(r" E-[0-9.]+", text) is not None
        is_return = re.match(r"G1 E[0-9.]+", text) is not None
        if is_back and dropped is None:
            dropped = rng.random() < share
        if is_back and dropped:
            if text.startswith("G1 E"):
                continue
            text = re.sub(r" E-[0-9.]+", "", text)
        if is_return and dropped is not None:
            skip, dropped = dropped, None
            if skip:
                continue
        out.append(text)
    return out


def _open_share(subject: Subject) -> float:
    """%: of the travels that may leave the nozzle open."""
    return 100 * max(_SHARE, _FEW / max(_crossings(subject), 1))


@functools.cache
def _crossings(subject: Subject) -> int:
    """How many travels cross the open, as the auditor counts them in a program without any
    retraction."""
    audit = subject.audit(as_bytes(_stripped(list(subject.lines), 1.0, random.Random(0))))
    found = next(f for f in audit.findings if f.rule_id == "M-10")
    return int(found.measured or 0)


def _feeds(factor: float) -> Edit:
    return lambda subject, rng, size: on_rows(
        lambda row: (
            row.words | {"F": row.words["F"] * factor}
            if "F" in row.words and 0 <= row.layer < 10**6
            else None
        )
    )(list(subject.lines), rng)


def appended(*texts: str) -> Edit:
    return lambda subject, rng, size: [*subject.lines, *texts]


_COOLING: Final = (
    "how long a layer takes to cool is not demanded; speeds stay inside what machine and material "
    "allow"
)


def _hurried(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A layer's walls and infill as fast as the flow allows: no time to cool."""
    layer = rng.choice(subject.sparse)
    area = subject.layer_height * subject.spacing
    feed = 0.95 * subject.demand.material.max_flow_mm3_s_e3 / 1000 / area
    return on_rows(
        lambda row: (
            {k: v for k, v in row.words.items() if k != "F"} | {"F": feed * 60}
            if row.lays and row.layer == layer and row.kind in ("outer", "inner", "sparse")
            else None
        )
    )(list(subject.lines), rng)


OPERATORS: Final = (
    MutationOperator(
        "B10",
        FAMILY,
        "M-03",
        _beyond,
        "beyond the end of an axis",
        Size("um", lambda s: 0.5),
    ),
    MutationOperator("B11", FAMILY, "M-03", in_layer("G1 Z-1 F600"), "into the bed"),
    MutationOperator("B12", FAMILY, "M-11", _through, "dragged through the part"),
    MutationOperator("B13", FAMILY, "M-01", without_line(r"G28"), "not homed"),
    MutationOperator("B14", FAMILY, "M-01", in_layer("G28"), "homed in mid-print"),
    MutationOperator(
        "B15",
        FAMILY,
        "M-04",
        _fast_travel,
        "a travel too fast for an axis",
        Size("mm/s", lambda s: s.demand.machine.max_feed_um_s[0] / 1000),
    ),
    MutationOperator("B15b", FAMILY, "M-05", _feeds(3.0), "every feed three times as high"),
    MutationOperator(
        "B15c",
        FAMILY,
        "M-05",
        _molten,
        "more plastic a second than melts",
        Size("mm3/s", lambda s: s.demand.material.max_flow_mm3_s_e3 / 1000),
    ),
    MutationOperator("B16", FAMILY, "M-04", in_layer("G1 X120 F0"), "a move at speed zero"),
    MutationOperator("B17", FAMILY, "M-04", _crawling, "a crawl", Size("s/mm", lambda s: 1.0)),
    MutationOperator(
        "B46",
        FAMILY,
        "M-13",
        lambda s, rng, size: inserted_in(s, rng.choice(s.sparse), f"G4 P{1000 * size:.0f}"),
        "a long pause",
        Size("s", lambda s: 30.0),
    ),
    MutationOperator(
        "B46b",
        FAMILY,
        "M-13",
        lambda s, rng, size: inserted_in(s, rng.choice(s.sparse), *["G4 P1000"] * round(size)),
        "pauses of a second that add up",
        Size("s", lambda s: 120.0),
    ),
    MutationOperator("B56", FAMILY, "M-12", appended("M104 S200"), "heated after the end"),
    MutationOperator("B56b", FAMILY, "M-12", appended("G1 X10"), "moved after the end"),
    MutationOperator(
        "B57",
        FAMILY,
        "M-09",
        _drawn_back,
        "drawn back too far",
        Size("mm", lambda s: s.demand.machine.max_retract_um / 1000),
    ),
    MutationOperator(
        "B58",
        FAMILY,
        "M-10",
        lambda s, rng, size: _stripped(list(s.lines), size / 100, rng),
        "travels with an open nozzle",
        Size("%", _open_share),
        applies=lambda s: _crossings(s) > 1.5 * _FEW,
    ),
    MutationOperator(
        "B62",
        FAMILY,
        "",
        _hurried,
        "a layer hurried through, too hot for the next",
        allowed_because=_COOLING,
    ),
    MutationOperator(
        "B63",
        FAMILY,
        "M-09",
        lambda s, rng, size: _laid_while_drawn(s, rng),
        "a bead laid while the filament is drawn back",
    ),
)


def _laid_while_drawn(subject: Subject, rng: random.Random) -> Lines:
    """The first return of a layer left out."""
    layer = rng.choice(subject.sparse)
    lines = list(subject.lines)
    at = next(
        i
        for i in range(lines.index(f";LAYER:{layer}"), len(lines))
        if lines[i].startswith("G1 E") and "E-" not in lines[i]
    )
    return [*lines[:at], *lines[at + 1 :]]
