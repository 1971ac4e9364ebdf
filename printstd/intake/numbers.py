"""Decimal numbers out of text, many at a time and strictly.

Python's float() also takes `nan`, `1_000` and digits of other scripts, so the characters are
looked at first; within [0-9+-.eE] it takes just the decimal numbers, rounded correctly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NUMBER_CHARS: Final = b"0123456789+-.eE"
_INDEX_CHARS: Final = b"0123456789+-"


class BadNumber(ValueError):
    """`index`: which of the tokens is no number."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def reals(tokens: Sequence[bytes]) -> NDArray[np.float64]:
    """(n,) float64, infinite where a number overflows; BadNumber at the first that is none."""
    if not b"".join(tokens).translate(None, _NUMBER_CHARS):
        try:
            return np.array(list(map(float, tokens)), np.float64)
        except ValueError:
            pass
    raise BadNumber(next(i for i, token in enumerate(tokens) if not _is_real(token)))


def integers(tokens: Sequence[bytes]) -> NDArray[np.int64]:
    """(n,) int64; BadNumber at the first token that is no integer of at most 18 digits."""
    if not b"".join(tokens).translate(None, _INDEX_CHARS):
        try:
            values = list(map(int, tokens))
            if not values or (max(values) < 10**18 and min(values) > -(10**18)):
                return np.array(values, np.int64)
        except ValueError:
            pass
    raise BadNumber(next(i for i, token in enumerate(tokens) if not _is_integer(token)))


def _is_real(token: bytes) -> bool:
    if token.translate(None, _NUMBER_CHARS):
        return False
    try:
        float(token)
    except ValueError:
        return False
    return True


def _is_integer(token: bytes) -> bool:
    if token.translate(None, _INDEX_CHARS) or len(token) > 18:
        return False
    try:
        int(token)
    except ValueError:
        return False
    return True
