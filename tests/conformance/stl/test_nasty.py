"""47 of 47, each with the right code (facts of validation, 1.3)."""

from __future__ import annotations

import pytest

from tests.conformance.stl.nasty import CASES, Nasty, wrong


def test_there_are_47_and_no_two_are_alike() -> None:
    assert len(CASES) == 47
    assert len({one.name for one in CASES}) == len({one.data for one in CASES}) == 47


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_each_is_read_whole_or_refused_with_its_code(one: Nasty) -> None:
    assert wrong(one) == ""


def test_a_reader_that_drops_a_facet_or_says_nothing_would_be_seen() -> None:
    """The judgement itself: a case whose right outcome is another one is wrong."""
    taken = next(one for one in CASES if one.name == "CR line ends")
    refused = next(one for one in CASES if one.name == "NaN vertex")
    assert wrong(taken._replace(refused="STL-010")) == "taken"
    assert wrong(refused._replace(refused="")) == "refused with STL-010"
    assert wrong(taken._replace(remarks=("STL-005",))) == "remarks none"
    assert wrong(taken._replace(mesh=(CASES[-1].mesh or taken.mesh))) == "other facets"
