"""Tolerances of plastic mouldings as data: something to compare a printed part with, no more."""

from bisect import bisect_left
from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import Positive, Strict
from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import Designation


class MouldingGroup(Strict):
    """One tolerance group, as +-mm in each interval of sizes."""

    tool_specific_mm: tuple[Positive, ...]
    """W: sizes that one half of the mould makes."""
    not_tool_specific_mm: tuple[Positive, ...]
    """NW: sizes across the parting line."""


class MouldingTable(Strict):
    """Groups of tolerances of plastic mouldings (facts of standards 1.5). They were not written for
    additive manufacturing: a report may say ``comparable to a TG6 moulding`` and never that a
    printed part conforms."""

    id: str
    title_en: str
    clause: str
    source: str
    confidence: Confidence
    designations: tuple[Designation, ...]
    sizes_mm: tuple[Annotated[int, Field(ge=0)], ...]
    """Ends of the intervals. The first one's lower end belongs to it, the others' do not."""
    groups: dict[str, MouldingGroup]

    def deviation_mm(self, group: str, size_mm: float, *, is_tool_specific: bool) -> float | None:
        """+-mm that a moulding of this group would keep; None where the table has none."""
        found = self.groups.get(group)
        if found is None or size_mm < self.sizes_mm[0]:
            return None
        number = max(bisect_left(self.sizes_mm, size_mm) - 1, 0)
        column = found.tool_specific_mm if is_tool_specific else found.not_tool_specific_mm
        return column[number] if number < len(column) else None
