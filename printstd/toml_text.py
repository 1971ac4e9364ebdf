"""TOML as files of others hold it: what would take a square of their size, or the whole stack, is
refused before it is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

MOST_PARTS: Final = 64
"""Of a dotted key: `tomllib` takes time and memory by their square, 1.8 GB for 43 KB of them."""
_PART: Final = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")


def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """As `tomllib.loads`, and tomllib.TOMLDecodeError for keys of more than `MOST_PARTS` parts,
    values that are nested deeper than Python calls, and numbers that it does not read."""
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise tomllib.TOMLDecodeError(f"A key of more than {MOST_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("Nested too deeply") from error
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # an integer of more digits than Python reads
        raise tomllib.TOMLDecodeError(str(error)) from error
