"""How much of an exhaustive set runs by default: a fixed share, spread over all of it.

`make test-whole` runs every set whole (PRINTSTD_WHOLE=1); so does who writes golden files.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TypeVar

T = TypeVar("T")

IS_WHOLE: Final = os.environ.get("PRINTSTD_WHOLE") == "1" or "--update-golden" in sys.argv
IS_FUZZING: Final = os.environ.get("PRINTSTD_HYPOTHESIS") == "fuzz"


def share(things: Iterable[T], one_in: int) -> list[T]:
    """The first of every `one_in`."""
    return list(things)[:: 1 if IS_WHOLE else one_in]


def crossed(*sets: Iterable[Any], one_in: int) -> list[tuple[Any, ...]]:
    """Of all combinations those on every `one_in`-th diagonal: of two sets with at least `one_in`
    members each, every member of the one meets members of the other."""
    numbered = itertools.product(*(list(enumerate(members)) for members in sets))
    return [
        tuple(member for _, member in row)
        for row in numbered
        if IS_WHOLE or sum(at for at, _ in row) % one_in == 0
    ]


def examples(whole: int, usual: int) -> int:
    """How many examples a property is held against; `make fuzz` takes all, too."""
    return whole if IS_WHOLE or IS_FUZZING else usual
