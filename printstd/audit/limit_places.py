"""Places of a layer where the same limits hold."""

from __future__ import annotations

from dataclasses import dataclass

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.regions import Region


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """region : None where it is the whole layer. walls : the least number that any place has."""

    limits: IntegrityLimits
    region: Region | None = None
    walls: int = 0
