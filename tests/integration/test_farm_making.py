"""A model that was dropped at the page: one run of printstd, its findings as data and as a page."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from printstd.service import making
from printstd.service.making import Wanted, Workshop

SAMPLES = Path(__file__).parents[2] / "samples"


def test_a_model_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    class Counted(subprocess.Popen[bytes]):
        def __init__(self, arguments: list[str], **more: Any) -> None:
            calls.append(arguments)
            super().__init__(arguments, **more)

    monkeypatch.setattr(making.subprocess, "Popen", Counted)
    workshop = Workshop(tmp_path, key=None, at_once=1)
    made = workshop.take("Куб.stl", (SAMPLES / "cube20.stl").read_bytes())
    workshop.check(made, Wanted("ender3-v2"))
    end = time.monotonic() + 120
    while made.stage == "checking":
        assert time.monotonic() < end
        time.sleep(0.05)
    workshop.close()
    assert (made.stage, made.code) == ("checked", 0), made.said
    assert len(calls) == 1
    page = workshop.report(made).decode("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    # Both are of the same run: what the one finds, the other shows.
    assert len(made.findings) > 20
    assert all(one["rule_id"] in page for one in made.findings)
