"""Spelling: lines that two firmwares, or a firmware and a reader, read in different ways."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import Edit, MutationOperator
from tests.mutation.operators.editing import Lines
from tests.mutation.operators.heat import in_layer

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "lexical"


def spoiled(change: Callable[[str], str]) -> Edit:
    """Change the first long move of a sparse layer."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        lines = subject.lines
        at = next(
            i
            for i in range(lines.index(f";LAYER:{rng.choice(subject.sparse)}"), len(lines))
            if lines[i].startswith("G1 X") and " E" in lines[i] and "E-" not in lines[i]
        )
        return [*lines[:at], change(lines[at]), *lines[at + 1 :]]

    return edit


_SPELLINGS: Final[tuple[tuple[str, str, Callable[[str], str], str], ...]] = (
    ("C01", "L-02", lambda s: s + " F1200" + "0" * 70, "a line longer than a firmware's buffer"),
    ("C02", "L-01", lambda s: s + "9\b", "a backspace"),
    ("C03", "L-03", str.lower, "lower case"),
    ("C04", "L-03", lambda s: s + " M104 S280", "two commands in a line"),
    ("C05", "L-03", lambda s: s.replace(" E", " X1e2 E", 1), "an exponent"),
    ("C06", "L-04", lambda s: s + " X130", "a word twice"),
    ("C07", "L-03", lambda s: "N5 " + s + "*71", "a line number and a checksum"),
    ("C08", "L-01", lambda s: s + " ;\rM104 S280", "a return hidden in a comment"),
    ("C10", "L-03", lambda s: s + " (fast)", "parentheses"),
    ("C11", "L-03", lambda s: s.replace("G1 X", "G1 X\uff11"), "digits of full width"),
    ("C12", "L-03", lambda s: s + " \\; M104 S280", "an escaped semicolon"),
    ("C13", "L-01", lambda s: s + "\0", "a NUL"),
    ("C14", "L-01", lambda s: s + " ; \udcff\udcfe", "bytes that are no UTF-8, in a comment"),
    ("C17", "L-04", lambda s: s + " F", "a letter without a number"),
    ("C18", "L-03", lambda s: s + " F0x10", "a hexadecimal number"),
    ("C18b", "L-03", lambda s: s + " Finf", "an infinite number"),
    ("C19", "L-03", lambda s: s.replace(" ", ""), "no spaces"),
    ("C20", "L-01", lambda s: s.replace(" ", "\t", 1), "a tab"),
    ("C21", "L-03", lambda s: s.replace(" ", "  ", 1), "two spaces"),
    ("C22", "L-03", lambda s: '"' + s + '"', "quotes"),
    ("C23", "L-03", lambda s: s.replace("G1", "G01", 1), "a leading zero"),
    ("C24", "L-03", lambda s: " " + s, "a leading space"),
)


OPERATORS: Final = (
    *(
        MutationOperator(id, FAMILY, rule, spoiled(change), about)
        for id, rule, change, about in _SPELLINGS
    ),
    MutationOperator(
        "C15",
        FAMILY,
        "L-01",
        lambda s, rng, size: ["\ufeff" + s.lines[0], *s.lines[1:]],
        "a byte-order mark",
    ),
    MutationOperator(
        "C09",
        FAMILY,
        "L-01",
        lambda s, rng, size: list(s.lines),
        "a last line without an end, which one firmware drops",
        ends_open=True,
    ),
    MutationOperator(
        "C25",
        FAMILY,
        "L-01",
        in_layer("M117 \x1b]0;x\x07"),
        "an escape sequence for the terminal in a message",
    ),
)
