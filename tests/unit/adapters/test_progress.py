"""A bar on a terminal for work over a second; nothing elsewhere, nothing left behind."""

from __future__ import annotations

import io
import sys

import pytest

from printstd.adapters import progress
from printstd.adapters.progress import NoProgress, TerminalProgress, progress_for


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Called in the test itself: what captures its output sets the stream anew before it."""
    stream = Screen()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    return stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_only_a_terminal_that_is_not_told_to_be_quiet_gets_a_bar(monkeypatch):
    on_terminal(monkeypatch)
    assert isinstance(progress_for(quiet=False), TerminalProgress)
    assert isinstance(progress_for(quiet=True), NoProgress)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(progress_for(quiet=False), NoProgress)


def test_work_within_a_second_draws_nothing_and_imports_no_drawing(clock, monkeypatch):
    screen = on_terminal(monkeypatch)
    with progress_for(quiet=False) as bar:
        for stage in ("slicing", "walls"):
            bar.stage(stage, 100)
            clock[0] += 0.49
            bar.advance(100)
    assert screen.getvalue() == ""


def test_longer_work_is_shown_by_stage_and_share_and_wiped_at_the_end(clock, monkeypatch):
    screen = on_terminal(monkeypatch)
    with progress_for(quiet=False) as bar:
        bar.stage("slicing", 4)
        bar.advance(1)
        clock[0] += 1.01
        bar.advance(1)
        assert "slicing" in screen.getvalue()
        assert "50%" in screen.getvalue()
        bar.stage("walls", 10)
        bar.advance(9)
    shown = screen.getvalue()
    assert "walls" in shown
    assert "90%" in shown
    assert shown.endswith("\x1b[2K")  # the line is empty again


def test_a_bar_is_wiped_when_the_work_fails(clock, monkeypatch):
    screen = on_terminal(monkeypatch)

    def work() -> None:
        with progress_for(quiet=False) as bar:
            clock[0] += 2
            bar.stage("slicing", 4)
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        work()
    assert "\x1b[?25h" in screen.getvalue()  # the cursor is back


def test_silence_takes_every_call():
    with NoProgress() as bar:
        bar.stage("slicing", 3)
        bar.advance()
