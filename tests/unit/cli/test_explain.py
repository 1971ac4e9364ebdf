"""`printstd explain` in another language: every heading of every page has a name to be told by."""

from __future__ import annotations

import pytest

from printstd.cli.commands import explain


def test_every_heading_of_every_page_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "in_words", lambda sentence: f"<{sentence}>")
    for rule, title in explain.rule_titles().items():
        page = explain.page_of(rule)
        assert page.splitlines()[0] == f"{rule}: {title}"
        told = explain._with_headings(page)
        headings = [line for line in told.splitlines() if line and not line.startswith(" ")]
        assert len(headings) >= 5, rule
        assert all(line.startswith("<") and line.endswith(">") for line in headings), rule
        # Everything else is there as it was written.
        assert told.replace("<", "").replace(">", "") == "\n".join(
            page.replace("<", "").replace(">", "").splitlines()[1:]
        ).strip("\n")
