"""Words that checks and their readers must spell alike."""

from __future__ import annotations

from typing import Final

SLICEABLE: Final = ("slicing", "not prevented")
"""Detail of a finding that fails the model and yet lets it be sliced."""


def counted(number: int, thing: str, things: str | None = None) -> str:
    """``1 edge``, ``2 edges``."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"
