"""How far a print is."""

from __future__ import annotations


def progress_at(elapsed_ms: int, total_ms: int) -> tuple[int, int]:
    """Percent done, rounded down, and minutes left, to the nearest."""
    left = total_ms - elapsed_ms
    return elapsed_ms * 100 // max(total_ms, 1), (left + 30_000) // 60_000
