"""The chord error of a CAD file's mesh adds to the uncertainty of a commanded size."""

from __future__ import annotations

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import SizeDemand
from printstd.artifacts.finding import Status
from printstd.audit.size_answer import answer


def demand(chord_nm: int) -> SizeDemand:
    return SizeDemand("1", "diameter", 8_000_000, -10_000, 10_000, 8_000_000, chord_nm=chord_nm)


def test_it_adds_to_u_and_takes_a_verdict_that_hangs_on_it() -> None:
    """7 um off of 10, U of the numbers 2 um: it fits, until 2 um of chord error come on top."""
    without = answer(demand(0), (7.0, 7.0), 7.0, 2.0, "")
    within = answer(demand(2_000), (7.0, 7.0), 7.0, 2.0, "")
    assert (without.u_nm, without.verdict) == (2_000, Status.PASS)
    assert (within.u_nm, within.verdict) == (4_000, Status.INDETERMINATE)


def test_where_there_is_none_the_demand_is_as_it_was() -> None:
    """Of meshes nobody knows what they stand for, and demands that were signed stay as they are."""
    assert "chord_nm" not in to_plain(demand(0))
    for one in (demand(0), demand(77)):
        assert from_plain(SizeDemand, to_plain(one)) == one
