"""Every part in samples/ is what its maker makes, and gets what expected.toml says, by command."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from printstd.cli.main import run
from printstd.validate.record_checks import FEEDSTOCK, ORDER
from samples.make_samples import records, samples
from tests.conformance.checks.judging import resolved
from tests.shares import share

FOLDER = Path(__file__).parents[2] / "samples"
EXPECTED: list[dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))[
    "sample"
]
PROFILES = ("--pack", "int", "--class", "m", "--printer", "mk4s")
STATES = {
    "fail": ("FAIL",),
    "warn": ("WARN",),
    "open": ("INDETERMINATE", "NOT_EVALUATED"),
}


def name_of(sample: dict[str, Any]) -> str:
    return " ".join([sample["file"], *sample.get("options", [])])


def answer(
    command: str, sample: dict[str, Any], capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[dict[str, Any], str]:
    """What a command says of a sample: its subject in the JSON report, and standard error."""
    code = run(
        [
            *(command, str(FOLDER / sample["file"]), *PROFILES, *sample.get("options", ())),
            *("--format", "json", "--workers", "1", *more),
        ]
    )
    said = capsys.readouterr()
    (subject,) = json.loads(said.out)["subjects"]
    assert code == subject["exit_code"]
    return subject, said.err


def test_the_files_are_what_the_maker_makes_and_nothing_else() -> None:
    made = samples()
    there = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert there == set(made) | {"make_samples.py", "expected.toml"}
    for name, content in made.items():
        assert (FOLDER / name).read_bytes() == content, name
    kept = {path.name: path.read_bytes() for path in (FOLDER / "records").iterdir()}
    assert kept == records()
    assert sum(map(len, made.values())) < 600_000


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_making_them_elsewhere_gives_the_same_bytes(tmp_path: Path, seed: str) -> None:
    """Another process, hash seed, folder and locale."""
    subprocess.run(
        [sys.executable, "-m", "samples.make_samples", str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=FOLDER.parent,
        env={"PYTHONHASHSEED": seed, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"},
    )
    made = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    for path in made:
        assert path.read_bytes() == (FOLDER / path.relative_to(tmp_path)).read_bytes(), path.name
    assert {path.name for path in made} == set(samples()) | set(records())


def test_every_sample_is_expected_something_of() -> None:
    assert {sample["file"] for sample in EXPECTED} == set(samples())
    names = [name_of(sample) for sample in EXPECTED]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("sample", EXPECTED, ids=name_of)
def test_validate_says_what_is_expected(
    sample: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    subject, errors = answer("validate", sample, capsys)
    assert subject["exit_code"] == sample["validate"]
    if "code" in sample:
        assert subject["problem"]["message"].startswith(f"[{sample['code']}]")
        assert f"{sample['file']}: [{sample['code']}]" in errors
        return
    (section,) = subject["sections"]
    for key, states in STATES.items():
        found = {f["rule_id"] for f in section["findings"] if f["status"] in states}
        assert found == set(sample.get(key, ())), key


# Of those that print every program is made in tests/golden.
SLICED = [one for one in EXPECTED if one["slice"] != 0]
SLICED += share((one for one in EXPECTED if one["slice"] == 0), 3)


@pytest.mark.parametrize("sample", SLICED, ids=name_of)
def test_slice_makes_a_program_or_says_why_not(
    sample: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    subject, _ = answer("slice", sample, capsys, "--outdir", str(tmp_path))
    assert subject["exit_code"] == sample["slice"]
    stem = sample["file"].rpartition(".")[0]
    assert [path.stem for path in tmp_path.iterdir()] == [stem] * (sample["slice"] == 0)
    if sample["slice"] == 5:
        assert any(rule in subject["problem"]["message"] for rule in sample["fail"])


def test_a_sample_by_itself() -> None:
    """The code of the document is that of the process."""
    for wanted in (0, 8):
        sample = next(s for s in EXPECTED if s["validate"] == wanted and "options" not in s)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "printstd.cli.main", "validate"),
                *(str(FOLDER / sample["file"]), *PROFILES, "--quiet"),
            ],
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == wanted, sample["file"]


def test_every_rule_that_can_fail_has_a_sample_that_does() -> None:
    """But for those that report only."""
    failing = {rule for sample in EXPECTED for rule in sample.get("fail", ())}
    small = {"THK-02", "THK-04", "FEA-04", "FEA-05", "FEA-06", "FEA-07"}
    demanded = set(resolved().pack.mandatory_checks) | small
    demanded |= {"PRN-03", "PRN-07", "MAT-01", *FEEDSTOCK, *ORDER}
    reports_only = {"PAR-01", "UNT-01", "GEO-01", "GEO-06", "GEO-09", "DIM-01"}
    # A class that contradicts the order ends the run before any check.
    reports_only.add("ORD-07")
    assert failing == demanded - reports_only
