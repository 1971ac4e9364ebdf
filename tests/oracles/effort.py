"""How many random cases a test looks at."""

from __future__ import annotations

from hypothesis import settings

_USUAL = 100


def few(count: int) -> settings:
    """So many in the suite, in proportion more where more are asked for (`make fuzz`)."""
    return settings(max_examples=count * settings().max_examples // _USUAL)
