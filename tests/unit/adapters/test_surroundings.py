"""What a statement says of when and with what."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import printstd
from printstd.adapters.clock import FixedClock, SystemClock
from printstd.adapters.surroundings import sources_sha256, tool_facts

PACKAGE = Path(printstd.__file__).parent


def test_clocks_speak_utc_in_one_form():
    assert FixedClock(0).now_utc() == "1970-01-01T00:00:00Z"
    assert FixedClock(253_402_300_799).now_utc() == "9999-12-31T23:59:59Z"
    form = r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(form, SystemClock().now_utc())


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_sources_digest_is_what_sha256sum_says():
    names = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    listed = subprocess.run(["sha256sum", *names], cwd=PACKAGE, capture_output=True, check=True)
    assert hashlib.sha256(listed.stdout).hexdigest() == sources_sha256()


def test_a_changed_module_is_another_tool(tmp_path, monkeypatch):
    copy = tmp_path / "printstd"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(printstd, "__file__", str(copy / "__init__.py"))
    assert sources_sha256() == tool_facts().sha256
    before = sources_sha256()
    (copy / "units.py").write_text((copy / "units.py").read_text() + "\n")
    assert sources_sha256() != before
    (copy / "units.py").rename(copy / "unit.py")
    assert sources_sha256() != before
