"""Times without a calendar library, held against one."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from printstd.certify.dates import days_between, utc_text


@given(st.integers(0, 253_402_300_799))
def test_seconds_are_told_as_the_calendar_does(seconds):
    wanted = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert utc_text(seconds) == wanted
    assert days_between(utc_text(0), wanted) == seconds // 86_400
