"""Ways to edit a tagged program: rows with their layer, path type and words, and functions that
change, drop, move or put in some of them.

The tags (``;LAYER:7``, ``;TYPE:outer``) are those of `tiny_slicer`; `own_programs.tagged` puts them
into programs of ours. The auditor reads no comment.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

Lines = list[str]
Operator = Callable[[Lines, random.Random], Lines]

_WORD = re.compile(r"([XYZEFIJ])(-?[0-9.]+)")


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


def rows_ahead(lines: Lines) -> list[Row]:
    """The same, where a travel is of the kind of what is laid after it in its layer."""
    rows = rows_of(lines)
    kind, layer = "", None
    for row in reversed(rows):
        if row.layer != layer:
            kind, layer = "", row.layer
        if row.lays:
            kind = row.kind
        elif "X" in row.words and kind:
            row.kind = kind
    return rows


def written(words: dict[str, float]) -> str:
    forms = {"X": "X{:.3f}", "Y": "Y{:.3f}", "Z": "Z{:.4f}", "E": "E{:.5f}", "F": "F{:.0f}"}
    return " ".join(["G1", *(forms.get(k, k + "{:.3f}").format(v) for k, v in words.items())])


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


def layer_is(number: int) -> Callable[[Row], bool]:
    return lambda row: row.layer == number


def every(count: int, kind: str) -> Operator:
    """Every so-manieth bead of a kind is not laid."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        seen = 0

        def is_dry(row: Row) -> bool:
            nonlocal seen
            if row.kind != kind or row.layer < 0:
                return False
            seen += 1
            return seen % count == 0

        return dry(is_dry)(lines, rng)

    return operator


def shifted_layer(by: float) -> Operator:
    return moved(lambda x, y: (x + by, y), layer_is(10))
