"""Faults put into a finished program, each with the rule that must find it.

The expected rule was written down before the auditor saw the mutant (facts of certification 8.1: a
mutant asserts the rule, not just "failed"). Operators work on the lines of `tiny_slicer`; they use
its comments to find their way, which the auditor never reads.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

Lines = list[str]
Operator = Callable[[Lines, random.Random], Lines]

_WORD = re.compile(r"([XYZEFIJ])(-?[0-9.]+)")


@dataclass(frozen=True)
class Mutant:
    id: str
    family: str
    expected_rule: str
    operator: Operator


@dataclass
class Row:
    """A line with where it is: layer, path type, words."""

    text: str
    layer: int
    kind: str
    words: dict[str, float]

    @property
    def lays(self) -> bool:
        return self.words.get("E", 0.0) > 0 and "X" in self.words


def rows_of(lines: Lines) -> list[Row]:
    layer, kind, found = -1, "", []
    for text in lines:
        if text.startswith(";LAYER:"):
            layer, kind = int(text[7:]), ""
        elif text.startswith(";TYPE:"):
            kind = text[6:]
        words = {}
        if text.startswith(("G0 ", "G1 ")):
            words = {letter: float(number) for letter, number in _WORD.findall(text)}
        if text == "M104 S0":
            layer, kind = 10**6, ""
        found.append(Row(text, layer, kind, words))
    return found


def written(words: dict[str, float]) -> str:
    forms = {"X": "X{:.3f}", "Y": "Y{:.3f}", "Z": "Z{:.3f}", "E": "E{:.5f}", "F": "F{:.0f}"}
    return " ".join(["G1", *(forms[k].format(v) for k, v in words.items())])


def on_rows(change: Callable[[Row], dict[str, float] | None]) -> Operator:
    """Rewrite the words of the rows for which `change` gives new ones."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        out = []
        for row in rows_of(lines):
            new = change(row)
            out.append(row.text if new is None else written(new))
        return out

    return operator


def without(is_dropped: Callable[[Row], bool]) -> Operator:
    return lambda lines, rng: [row.text for row in rows_of(lines) if not is_dropped(row)]


def scaled_e(factor: float, wanted: Callable[[Row], bool] = lambda row: True) -> Operator:
    def change(row: Row) -> dict[str, float] | None:
        if row.lays and wanted(row):
            return row.words | {"E": row.words["E"] * factor}
        return None

    return on_rows(change)


def moved(
    place: Callable[[float, float], tuple[float, float]],
    wanted: Callable[[Row], bool] = lambda row: row.layer >= 0,
) -> Operator:
    def change(row: Row) -> dict[str, float] | None:
        if "X" not in row.words or "Y" not in row.words or not wanted(row):
            return None
        x, y = place(row.words["X"], row.words["Y"])
        return row.words | {"X": x, "Y": y}

    return on_rows(change)


def dry(wanted: Callable[[Row], bool]) -> Operator:
    """Beads become travels."""

    def change(row: Row) -> dict[str, float] | None:
        if row.lays and wanted(row):
            return {k: v for k, v in row.words.items() if k != "E"}
        return None

    return on_rows(change)


def inserted(*texts: str, before_layer: int = 10, after_line: str = "") -> Operator:
    """Lines put in at the start of a layer's first path, or after a given line."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        if after_line:
            at = lines.index(after_line) + 1
        else:
            at = lines.index(f";LAYER:{before_layer}") + 4
        return [*lines[:at], *texts, *lines[at:]]

    return operator


def replaced(old: str, new: str | None, count: int = 1, last: bool = False) -> Operator:
    def operator(lines: Lines, rng: random.Random) -> Lines:
        places = [i for i, text in enumerate(lines) if text == old]
        chosen = set(places[-count:] if last else places[:count])
        assert chosen, old
        return [
            text if i not in chosen else new
            for i, text in enumerate(lines)
            if i not in chosen or new is not None
        ]  # type: ignore[misc]

    return operator


def appended(*texts: str) -> Operator:
    return lambda lines, rng: [*lines, *texts]


def _relocated(lines: Lines, rng: random.Random) -> Lines:
    """Every twentieth bead gets 30 % of the nineteen before it."""
    rows = rows_of(lines)
    laid = [row for row in rows if row.lays and row.kind == "solid"]
    for start in range(0, len(laid) - 20, 20):
        group = laid[start : start + 20]
        taken = 0.0
        for row in group[:-1]:
            taken += 0.3 * row.words["E"]
            row.words["E"] *= 0.7
        group[-1].words["E"] += taken
    return [written(row.words) if row.lays else row.text for row in rows]


def _layers_swapped(lines: Lines, rng: random.Random) -> Lines:
    a, b, c = (lines.index(f";LAYER:{k}") for k in (10, 11, 12))
    return [*lines[:a], *lines[b:c], *lines[a:b], *lines[c:]]


def _layer_doubled(lines: Lines, rng: random.Random) -> Lines:
    a, b = lines.index(";LAYER:10"), lines.index(";LAYER:11")
    return [*lines[:b], *lines[a:b], *lines[b:]]


def _layer_dropped(lines: Lines, rng: random.Random) -> Lines:
    a, b = lines.index(";LAYER:10"), lines.index(";LAYER:11")
    return [*lines[:a], *lines[b:]]


def _cut_beads(x0: float, y0: float, x1: float, y1: float, layers: range) -> Operator:
    """What of the beads lies in a box is not laid."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        out: Lines = []
        at = (0.0, 0.0)
        for row in rows_of(lines):
            there = (row.words.get("X", at[0]), row.words.get("Y", at[1]))
            if row.lays and row.layer in layers:
                out += _pieces(at, there, row.words["E"], (x0, y0, x1, y1))
            else:
                out.append(row.text)
            at = there
        return out

    return operator


def _pieces(
    a: tuple[float, float],
    b: tuple[float, float],
    e: float,
    box: tuple[float, float, float, float],
) -> Lines:
    low, high = 0.0, 1.0
    for axis in (0, 1):
        d = b[axis] - a[axis]
        for bound, sign in ((box[axis], 1), (box[axis + 2], -1)):
            if d == 0:
                if sign * (a[axis] - bound) < 0:
                    return [written({"X": b[0], "Y": b[1], "E": e})]
                continue
            t = (bound - a[axis]) / d
            if sign * d > 0:
                low = max(low, t)
            else:
                high = min(high, t)
    if low >= high:
        return [written({"X": b[0], "Y": b[1], "E": e})]

    def at(t: float) -> dict[str, float]:
        return {"X": a[0] + (b[0] - a[0]) * t, "Y": a[1] + (b[1] - a[1]) * t}

    out = []
    if low > 0:
        out.append(written(at(low) | {"E": e * low}))
    out.append(written(at(high)))
    if high < 1:
        out.append(written(at(1.0) | {"E": e * (1 - high)}))
    return out


def _every_second_sparse(lines: Lines, rng: random.Random) -> Lines:
    count = [0]

    def is_dry(row: Row) -> bool:
        if row.kind != "sparse":
            return False
        count[0] += 1
        return count[0] % 2 == 0

    return dry(is_dry)(lines, rng)


def _every_fiftieth_outer(lines: Lines, rng: random.Random) -> Lines:
    count = [0]

    def is_dry(row: Row) -> bool:
        if row.kind != "outer":
            return False
        count[0] += 1
        return count[0] % 50 == 0

    return dry(is_dry)(lines, rng)


def _hole_pulled_in(by: float) -> Operator:
    """The innermost wall of the bore at (117, 105), radius 4, drawn in."""

    def place(x: float, y: float) -> tuple[float, float]:
        dx, dy = x - 117.0, y - 105.0
        radius = math.hypot(dx, dy)
        if radius > 4.3:
            return x, y
        return 117.0 + dx * (radius - by) / radius, 105.0 + dy * (radius - by) / radius

    return moved(place)


def _outer_walls_off(by: float) -> Operator:
    """Outer walls of the plate moved along X and Y, away from (or towards) the middle."""

    def place(x: float, y: float) -> tuple[float, float]:
        return x + math.copysign(by, x - 122.0), y + math.copysign(by, y - 105.0)

    return moved(place, lambda row: row.kind == "outer" and row.layer >= 0)


def _ramped(lines: Lines, rng: random.Random) -> Lines:
    rising = [0.0]

    def change(row: Row) -> dict[str, float] | None:
        if row.lays and row.layer == 12 and row.kind == "outer":
            rising[0] = min(rising[0] + 0.004, 0.15)
            return {"X": row.words["X"], "Y": row.words["Y"], "Z": 2.6 + rising[0]} | {
                "E": row.words["E"]
            }
        return None

    return on_rows(change)(lines, rng)


def _unretracted(lines: Lines, rng: random.Random) -> Lines:
    return [text for text in lines if not re.match(r"G1 E-?[0-9.]+ F2400$", text)]


def _turned(degrees: float) -> Operator:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return moved(
        lambda x, y: (125 + c * (x - 125) - s * (y - 105), 105 + s * (x - 125) + c * (y - 105))
    )


def _shift_to_infill(lines: Lines, rng: random.Random) -> Lines:
    less = scaled_e(0.75, lambda row: row.kind == "outer")(lines, rng)
    return scaled_e(1.3, lambda row: row.kind == "sparse")(less, rng)


def layer_is(number: int) -> Callable[[Row], bool]:
    return lambda row: row.layer == number


def shifted_layer(by: float) -> Operator:
    return moved(lambda x, y: (x + by, y), layer_is(10))


MATERIAL = (
    Mutant("A01", "material", "G-04", scaled_e(0.5)),
    Mutant("A02", "material", "G-06", scaled_e(0.9)),
    Mutant("A04", "material", "G-06", scaled_e(1.1)),
    Mutant("A05", "material", "G-04", scaled_e(0.5, lambda row: 10 <= row.layer <= 14)),
    Mutant("A06", "material", "G-06", scaled_e(0.85, layer_is(1))),
    Mutant("A06b", "material", "G-04", scaled_e(0.9, layer_is(10))),
    Mutant("A07", "material", "M-05", _relocated),
    Mutant("A08", "material", "G-03", shifted_layer(0.30)),
    Mutant("A09", "material", "G-03", shifted_layer(0.10)),
    Mutant("A10", "material", "G-03", shifted_layer(0.05)),
    Mutant("A11", "material", "G-02", _layer_dropped),
    Mutant("A12", "material", "G-10", _layer_doubled),
    Mutant("A13", "material", "G-02", _layers_swapped),
    Mutant("A15", "material", "G-04", _cut_beads(104, 92, 110, 98, range(8, 20))),
    Mutant("A16", "material", "G-04", _cut_beads(118, 92, 120, 95, range(8, 16))),
    Mutant("A17", "material", "G-09", _cut_beads(121, 94.5, 133, 104, range(10, 12))),
    Mutant("A18", "material", "G-09", dry(lambda r: r.kind == "sparse" and 10 <= r.layer <= 20)),
    Mutant("A19", "material", "G-09", _every_second_sparse),
    Mutant("A20", "material", "G-04", dry(lambda r: r.kind == "outer" and r.layer == 10)),
    Mutant("A21", "material", "G-08", dry(lambda r: r.kind == "inner" and r.layer == 10)),
    Mutant("A22", "material", "G-07", dry(lambda r: r.kind == "solid" and r.layer == 23)),
    Mutant("A22b", "material", "G-07", dry(lambda r: r.kind == "solid" and r.layer == 22)),
    Mutant("A23", "material", "G-03", moved(lambda x, y: (125 + (x - 125) * 1.01, y))),
    Mutant(
        "A24",
        "material",
        "G-04",
        moved(lambda x, y: (125 + (x - 125) * 0.99, 105 + (y - 105) * 0.99)),
    ),
    Mutant("A25", "material", "G-11", moved(lambda x, y: (250 - x, y))),
    Mutant("A26", "material", "G-11", _turned(90)),
    Mutant("A27", "material", "G-03", _turned(1)),
    Mutant("A28", "material", "G-11", moved(lambda x, y: (x + 60, y))),
    Mutant(
        "A29",
        "material",
        "G-02",
        on_rows(
            lambda r: (
                r.words | {"Z": r.words["Z"] + 0.3}
                if "Z" in r.words and 15 <= r.layer < 1000
                else None
            )
        ),
    ),
    Mutant(
        "A30",
        "material",
        "G-02",
        on_rows(
            lambda r: (
                r.words | {"Z": r.words["Z"] - 0.1} if "Z" in r.words and r.layer == 15 else None
            )
        ),
    ),
    Mutant(
        "A31",
        "material",
        "G-11",
        inserted("G1 X113.500 Y105 F7800", "G1 E.8 F2400", "G1 X120.500 Y105 E.2 F1500", "G1 E-.8"),
    ),
    Mutant(
        "A32",
        "material",
        "G-11",
        inserted("G1 X60 Y60 F7800", "G1 E.8 F2400", "G1 X61 Y60 E.05 F1500", "G1 E-.8 F2400"),
    ),
    Mutant("A33", "material", "M-09", inserted("G1 E10 F300")),
    Mutant("A34", "material", "G-04", _every_fiftieth_outer),
    Mutant("A35", "material", "G-09", scaled_e(0.6, lambda r: r.kind == "sparse")),
    Mutant("A36", "material", "G-03", _hole_pulled_in(0.1)),
    Mutant("A36b", "material", "G-11", _hole_pulled_in(0.4)),
    Mutant("A37", "material", "G-03", _outer_walls_off(0.06)),
    Mutant("A37b", "material", "G-04", _outer_walls_off(-0.06)),
    Mutant("A38", "material", "M-11", _ramped),
    Mutant("A39", "material", "G-03", scaled_e(1.5)),
    Mutant("A42", "material", "G-04", _shift_to_infill),
    Mutant("A44", "material", "G-13", scaled_e(0.75, lambda r: r.kind in ("solid", "sparse"))),
)

MACHINE = (
    Mutant("B01", "machine", "M-06", replaced("M109 S210", "M109 S290")),
    Mutant("B02", "machine", "M-06", replaced("M109 S210", "M109 S160")),
    Mutant("B03", "machine", "M-06", inserted("M104 S222")),
    Mutant("B04", "machine", "M-07", inserted("M140 S0")),
    Mutant("B05", "machine", "M-06", replaced("M109 S210", None)),
    Mutant("B06", "machine", "M-12", replaced("M104 S0", None)),
    Mutant("B07", "machine", "M-12", replaced("M140 S0", None)),
    Mutant("B08", "machine", "M-08", replaced("M106 S255", None)),
    Mutant("B09", "machine", "M-08", replaced("M107", "M106 S255")),
    Mutant("B10", "machine", "M-03", inserted("G1 X300")),
    Mutant("B11", "machine", "M-03", inserted("G1 Z-1", "G1 Z2.2")),
    Mutant("B12", "machine", "M-11", inserted("G1 Z1", "G1 X140 Y105", "G1 Z2.2")),
    Mutant("B13", "machine", "M-01", replaced("G28", None)),
    Mutant("B14", "machine", "M-01", inserted("G28")),
    Mutant("B15", "machine", "M-04", replaced("G1 F2400", "G1 F15000", 3000)),
    Mutant("B16", "machine", "M-04", inserted("G1 X120 F0")),
    Mutant("B17", "machine", "M-04", replaced("G1 F2400", "G1 F30", 5)),
    Mutant("B18", "machine", "M-02", inserted("G20")),
    Mutant("B19", "machine", "M-02", inserted("G91")),
    Mutant("B20", "machine", "M-02", inserted("M82")),
    Mutant("B21", "machine", "M-02", inserted("G92 X0 Y0")),
    Mutant("B22", "machine", "M-02", inserted("G92 Z0")),
    Mutant("B30", "machine", "M-14", inserted("M221 S80")),
    Mutant("B31", "machine", "M-14", inserted("M220 S200")),
    Mutant("B34", "machine", "M-14", inserted("M204 P20000")),
    Mutant("B46", "machine", "M-13", inserted("G4 S600")),
    Mutant("B46b", "machine", "M-13", inserted(*["G4 P1000"] * 180)),
    Mutant("B56", "machine", "M-12", appended("M104 S200")),
    Mutant("B56b", "machine", "M-12", appended("G1 X10")),
    Mutant("B57", "machine", "M-09", inserted("G1 E-50 F2400", "G1 E50 F2400")),
    Mutant("B58", "machine", "M-10", _unretracted),
    Mutant("B59", "machine", "M-08", inserted("M106 P1 S255")),
    Mutant("B60", "machine", "L-06", inserted("M104 T1 S200")),
    Mutant("B61", "machine", "L-07", inserted("T0", "T0")),
    Mutant("B62", "machine", "M-03", inserted("G2 X124 Y105 I-90 J0")),
    Mutant("B63", "machine", "M-09", inserted("G1 X130 Y105 E.5", before_layer=10)),
    *(
        Mutant(f"B-{line.split()[0]}", "machine", "L-05", inserted(line))
        for line in (
            "M302 P1",
            "M500",
            "M502",
            "M92 E400",
            "M997",
            "M851 Z-1",
            "M206 Z1",
            "M301 P10",
            "M303 E0 S200",
            "M42 P4 S255",
            "M280 P0 S10",
            "M28 a.g",
            "M30 a.g",
            "M808 L9",
            "M112",
            "M600",
            "M0",
            "M810",
            "M290 Z0.1",
            "M118 A1",
            "M145 S0",
            "G53",
            "G54",
            "M569 S1",
            "M200 D1.75",
            "M420 S0",
            "M605 S2",
            "M141 S60",
            "M428",
            "M593 F0",
            "G5 I0 J3 P0 Q-3 X20 Y20",
            "T1",
            "M900 K0.1",
            "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=250",
            "RUN_SHELL_COMMAND CMD=x",
            "FORCE_MOVE STEPPER=stepper_z DISTANCE=5",
            "START_PRINT EXTRUDER_TEMP=260",
        )
    ),
)

_BEAD = ";LAYER:10"


def _spoiled(change: Callable[[str], str]) -> Operator:
    """Change the first long move of layer 10."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        at = next(
            i
            for i in range(lines.index(_BEAD), len(lines))
            if lines[i].startswith("G1 X") and " E" in lines[i]
        )
        return [*lines[:at], change(lines[at]), *lines[at + 1 :]]

    return operator


def _cut_at(share: float) -> Operator:
    return lambda lines, rng: lines[: int(len(lines) * share)]


LEXICAL = (
    Mutant("C01", "lexical", "L-02", _spoiled(lambda s: s + " F1200" + "0" * 70)),
    Mutant("C02", "lexical", "L-01", _spoiled(lambda s: s + "9\b")),
    Mutant("C03", "lexical", "L-03", _spoiled(str.lower)),
    Mutant("C04", "lexical", "L-03", _spoiled(lambda s: s + " M104 S280")),
    Mutant("C05", "lexical", "L-03", _spoiled(lambda s: s.replace(" E", " F1e3 E"))),
    Mutant("C06", "lexical", "L-04", _spoiled(lambda s: s + " X130")),
    Mutant("C07", "lexical", "L-03", _spoiled(lambda s: "N5 " + s + "*71")),
    Mutant("C08", "lexical", "L-01", _spoiled(lambda s: s + " ;\rM104 S280")),
    Mutant("C10", "lexical", "L-03", _spoiled(lambda s: s + " (fast)")),
    Mutant("C11", "lexical", "L-03", _spoiled(lambda s: s.replace("G1 X", "G1 X１"))),
    Mutant("C12", "lexical", "L-03", _spoiled(lambda s: s + " \\; M104 S280")),
    Mutant("C13", "lexical", "L-01", _spoiled(lambda s: s + "\0")),
    Mutant("C14", "lexical", "L-01", _spoiled(lambda s: s + " ; \udcff\udcfe")),
    Mutant("C15", "lexical", "L-01", lambda lines, rng: ["\ufeff" + lines[0], *lines[1:]]),
    Mutant("C16", "lexical", "G-02", _cut_at(0.6)),
    Mutant("C17", "lexical", "L-04", _spoiled(lambda s: s + " F")),
    Mutant("C18", "lexical", "L-03", _spoiled(lambda s: s + " F0x10")),
    Mutant("C18b", "lexical", "L-03", _spoiled(lambda s: s + " Finf")),
    Mutant("C19", "lexical", "L-03", _spoiled(lambda s: s.replace(" ", ""))),
    Mutant("C20", "lexical", "L-01", _spoiled(lambda s: s.replace(" ", "\t", 1))),
    Mutant("C21", "lexical", "L-03", _spoiled(lambda s: s.replace(" ", "  ", 1))),
    Mutant("C22", "lexical", "L-03", _spoiled(lambda s: '"' + s + '"')),
    Mutant("C23", "lexical", "L-03", _spoiled(lambda s: s.replace("G1", "G01"))),
    Mutant("C24", "lexical", "L-03", _spoiled(lambda s: " " + s)),
)

MUTANTS = (*MATERIAL, *MACHINE, *LEXICAL)
