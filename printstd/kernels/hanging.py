"""What is laid over nothing, as records say it."""

from __future__ import annotations

from printstd.named_tuple import NamedTuple


class Hanging(NamedTuple):
    """One area that hangs. layer : its number from the bed, 0 the first. low_nm, high_nm : its
    box. is_island : nothing below touches it. span_nm : longest thread of a bridge too long, None
    where it is no bridge."""

    layer: int
    low_nm: tuple[int, int]
    high_nm: tuple[int, int]
    area_mm2: float
    is_island: bool
    span_nm: int | None
