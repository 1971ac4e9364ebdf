"""Standards are cited with their standing, and what is old or withdrawn is told."""

from __future__ import annotations

import pytest

from printstd.profiles.kinds import Date
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.standing import citations, is_stale, notices
from tests.unit.profiles.sources import BUNDLED


@pytest.mark.parametrize(
    ("checked", "today", "stale"),
    [
        ("2026-09-25", "2026-09-25", False),
        ("2026-09-25", "2027-09-25", False),
        ("2026-09-25", "2027-09-26", True),
        ("2026-12-31", "2028-01-01", True),
        ("2024-02-29", "2025-02-28", False),
        ("2024-02-29", "2025-03-01", True),
    ],
)
def test_a_year_and_a_day_is_stale(checked: str, today: str, stale: bool) -> None:
    assert is_stale(Date.fromisoformat(checked), today) is stale


def test_every_cited_standard_has_a_status_a_day_and_a_source() -> None:
    for pack in BUNDLED.names("packs"):
        letter = None if pack == "us" else "mK"
        cited = citations(resolve(Request(pack=pack, tolerance_class=letter), BUNDLED))
        assert len(cited) > 8
        for one in cited:
            assert all((one.designation, one.title, one.role, one.status, one.note, one.source))
            Date.fromisoformat(one.status_checked_on)


def test_kazakhstan_names_iso_astm_as_applied_directly_and_not_verified() -> None:
    cited = citations(resolve(Request(pack="kz"), BUNDLED))
    direct = [one for one in cited if one.designation.startswith("ISO/ASTM")]
    assert len(direct) == 7
    for one in direct:
        assert one.status == "foreign_direct"
        assert one.note == "national adoption: not verified"
    names = [one.designation for one in cited[:3]]
    assert names == ["ГОСТ 30893.1-2002", "ГОСТ 25346-2013", "ГОСТ 25347-2013"]
    assert "184-од" in cited[2].note


def test_stale_additive_standards_are_told_in_one_line() -> None:
    told = notices(resolve(Request(pack="jp"), BUNDLED), "2030-01-01")
    (line,) = [one for one in told if "additive manufacturing" in one]
    assert "10 standards" in line
    assert "2026-11-01" in line
