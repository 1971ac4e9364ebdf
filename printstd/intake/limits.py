"""How much a file may ask for before it is refused."""

from __future__ import annotations

from printstd.dataclass import dataclass

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Every reader's memory is bounded by these and by the file's size, never by a number that
    the file declares."""

    size_bytes: int = _GIB
    facets: int = 20_000_000
    inflated_bytes: int = 2 * _GIB
    """All parts of one 3MF package together."""
    compression_ratio: int = 200
    """Inflated to stored size of one part; small parts are let be, see 3MF-007."""
    package_parts: int = 10_000
    xml_depth: int = 64
    component_depth: int = 32
    objects: int = 100_000
    """Objects in a 3MF model, and placed copies of them."""
    coordinate_mm: float = 1e9
    """Nanometres of it still fit 64 bits with three digits to spare."""
