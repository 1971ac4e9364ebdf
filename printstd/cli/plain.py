"""Plain calls of `slice`, read without the library of options.

That library and what it imports take a fifth of a small part's slice. Here a call is understood if
each of its words is one of the options below, written out, with a value that needs no judging, or
a model's file. Every other call (other options, an option given twice, help, a value that is out of
its range, a slip) is left to the library, which says what is wrong with it. `printstd.cli.options`
stays where options are declared: tests hold the table below, and what calls come to, against it.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

Read = Callable[[str], Any]


def _number_to(most: int) -> Read:
    def number(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
        if not 1 <= value <= most:
            raise ValueError(text)
        return value

    return number


WITH_VALUE: Final[Mapping[str, tuple[str, Read]]] = MappingProxyType(
    {
        "-o": ("output", Path),
        "--output": ("output", Path),
        "--outdir": ("outdir", Path),
        "--pack": ("pack", str),
        "--class": ("tolerance_class", str),
        "--material": ("material", str),
        "--process": ("process", str),
        "--printer": ("printer", str),
        "--set": ("settings", str),
        "--units": ("units", str),
        "--rotate": ("rotate", str),
        "--order": ("order_record", Path),
        "--feedstock": ("feedstock", Path),
        "--capability": ("capability", Path),
        "--trust": ("trust", Path),
        "--copies": ("copies", _number_to(500)),
        "--workers": ("workers", _number_to(256)),
    }
)
"""Option -> (parameter of the command, how a value is read)."""
REPEATED: Final = frozenset({"material", "settings"})
"""Parameters that are lists."""
FLAGS: Final = MappingProxyType(
    {"-q": "quiet", "--quiet": "quiet", "--orient": "orient", "--heal": "heal"}
)
FROM_SURROUNDINGS: Final = ("PRINTSTD_CACHE",)
"""Variables that stand for an option of the command."""


def plainly_asked(arguments: list[str]) -> dict[str, Any] | None:
    """What the command is called with; None where the library of options is to read the call."""
    if arguments[:1] != ["slice"] or any(name in os.environ for name in FROM_SURROUNDINGS):
        return None
    asked: dict[str, Any] = {}
    models: list[Path] = []
    left = iter(arguments[1:])
    for word in left:
        if not word.startswith("-"):
            if not _is_plain(word):
                return None
            models.append(Path(word))
            continue
        if word in FLAGS:
            name, value = FLAGS[word], True
        else:
            option, sign, text = word.partition("=")
            if option not in WITH_VALUE or (sign and not option.startswith("--")):
                return None
            if not sign:
                text = next(left, "")
            if not _is_plain(text):
                return None
            name, read = WITH_VALUE[option]
            try:
                value = read(text)
            except ValueError:
                return None
        if name in REPEATED:
            asked.setdefault(name, []).append(value)
        elif name in asked:
            return None
        else:
            asked[name] = value
    return {"models": models, **asked} if models else None


def _is_plain(text: str) -> bool:
    """Whether this can be a value without a second thought: it is there, looks like no option, and
    is text in some script."""
    return bool(text) and not text.startswith("-") and not _is_broken(text)


def _is_broken(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


class _WhenAsked:
    """A module in whose place this stands until somebody wants something of it."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)


def read_when_asked(module: str) -> Any:
    """For declarations that a plain call does not read."""
    return _WhenAsked(module)
