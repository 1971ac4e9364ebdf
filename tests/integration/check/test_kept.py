"""What is kept of a verdict, and when it counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.check.parts import OTHER, RULES, THIN
from tests.integration.command import environment
from tests.repositories import Repository


def counted(err: str) -> tuple[int, int]:
    """How many verdicts came out of the cache, and of how many."""
    (line,) = [line for line in err.splitlines() if "from the cache" in line]
    words = line.split()
    return int(words[1]), int(words[3])


def entries(repository: Repository) -> list[Path]:
    return sorted((repository.folder / ".printstd-cache").rglob("*.kept"))


def test_what_is_kept_says_the_same_and_is_only_that_very_verdict(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    cold = check("--format", "json")
    assert counted(cold[2]) == (0, 2)
    warm = check("--format", "json")
    assert warm[:2] == cold[:2]
    assert counted(warm[2]) == (2, 2)
    assert check("--format", "json", "--no-cache")[:2] == cold[:2]
    assert check("--lang", "ru")[:2] == check("--lang", "ru", "--no-cache")[:2]
    assert repository.git("status", "--porcelain") == ""  # the folder hides itself
    repository.write({"parts/good.stl": OTHER})
    assert counted(check()[2]) == (1, 2)
    repository.git("mv", "parts/thin.stl", "parts/else.stl")
    assert counted(check()[2]) == (1, 2)  # a name may tell the unit


@pytest.mark.parametrize(
    "change",
    [
        ('printer = "mk4s"', 'printer = "mk4s"\nunits = "mm"'),
        ('printer = "mk4s"', 'printer = "ender3-v2"'),
        ('printer = "mk4s"', 'printer = "mk4s"\nclass = "f"'),
        ('printer = "mk4s"', 'printer = "mk4s"\nset = {"process.layer_height_mm" = 0.25}'),
        ('printer = "mk4s"', 'printer = "mk4s"\norder = "order.toml"'),
    ],
)
def test_another_demand_is_another_verdict(repository, check, change):
    repository.write({"order.toml": '[order]\nid = "A-1"\n'})
    check()
    repository.write({"printstd.toml": RULES.replace(*change)})
    assert counted(check()[2]) == (0, 1)
    assert counted(check()[2]) == (1, 1)
    if "order" in change[1]:
        repository.write({"order.toml": '[order]\nid = "A-2"\n'})
        assert counted(check()[2]) == (0, 1)


def test_an_entry_that_was_damaged_or_moved_is_judged_anew(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    honest = check("--format", "json")[:2]
    one, other = entries(repository)
    good, bad = one.read_bytes(), other.read_bytes()
    for forged in (b"", good[:-9], good[:200] + b"\0" + good[201:], bad, b"x" * len(good)):
        one.write_bytes(forged)
        again = check("--format", "json")
        assert again[:2] == honest
        assert counted(again[2]) == (1, 2)
        assert one.read_bytes() == good


def test_two_runs_at_once_agree(repository):
    repository.commit({"parts/other.stl": OTHER})
    command = [sys.executable, "-m", "printstd.cli.main", "check", "--format", "json"]
    runs = [
        subprocess.Popen(
            command, cwd=repository.folder, env=environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    outputs = [run_.communicate(timeout=120)[0] for run_ in runs]
    assert [run_.returncode for run_ in runs] == [0, 0]
    assert outputs[0] == outputs[1]
    assert len(entries(repository)) == 2
    assert not list((repository.folder / ".printstd-cache").rglob("*.part"))
