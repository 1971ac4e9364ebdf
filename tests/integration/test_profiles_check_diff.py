"""`profiles check` proves packs and finds wrong ones; `profiles diff` tells what changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from printstd.adapters.clock import SystemClock
from printstd.cli.main import run
from tests.integration.command import ROOT
from tests.unit.profiles.json_schema import violations
from tests.unit.profiles.sources import BUNDLED, text_of


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of profiles that lies over the bundled ones."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("PRINTSTD_PROFILES", str(folder))
    return folder


def put(own: Path, kind: str, name: str, text: str) -> Path:
    path = own / kind / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    both = capsys.readouterr()
    return code, both.out, both.err


def schema_of(name: str) -> Any:
    return json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text("utf-8"))


def test_every_pack_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "profiles", "check", "--format", "json")
    report = json.loads(out)
    assert violations(schema_of("profiles-check"), report) == []
    assert code == report["exit_code"] == 0
    subjects = {
        *("extends", "numbers", "tables", "designations", "indication", "statuses", "adoption"),
        *("mandatory checks", "titles", "regulated words"),
    }
    for pack in BUNDLED.names("packs"):
        proofs = [proof for proof in report["proofs"] if proof["pack"] == pack]
        assert {proof["subject"] for proof in proofs} == subjects
        assert {proof["verdict"] for proof in proofs} <= {"PASS", "WARN"}
    assert {proof["pack"] for proof in report["proofs"] if "withdrawn" in proof["text"]} == {
        "int",
        "sg",
        "de",
        "fr",
    }


TABLE = text_of("standards", "iso-2768-1-1989")
KZ = text_of("packs", "kz")
COARSE = "{ over_mm = 3, up_to_mm = 6, deviation_mm = 0.3 }"
RADIUS_FINE = "    { over_mm = 6, deviation_mm = 1.0 },\n]\nm = ["
# Kind and name of a bundled profile, what is put for what, what is told of it.
WRONG = [
    ("standards", "iso-2768-1-1989", COARSE, COARSE.replace("0.3", "0.2"), "classes.c["),
    ("standards", "iso-2768-1-1989", "deviation_minutes = 90", "deviation_minutes = 130", "130"),
    ("standards/grades", "iso-286-1-2010", "IT9 = [25, 30", "IT9 = [25, 32", "grades_um"),
    ("packs", "kz", "Отчёт о цифровой проверке", "Сертификат соответствия", "сертификат"),
    ("packs", "kz", '"GEO-01"', '"GEO-99"', "GEO-99 is mandatory"),
    ("packs", "kz", "status_checked_on = 2026-11-01", "status_checked_on = 2099-01-01", "to come"),
    ("packs", "kz", 'confidence = "verified"', 'confidence = "knowledge, low"', "knowledge, low"),
    (
        *("standards/grades", "iso-286-1-2010"),
        *('source = "four', 'source = " "\n# "four', "has no source"),
    ),
]


@pytest.mark.parametrize(("folder", "name", "right", "wrong", "told"), WRONG)
def test_a_pack_that_is_wrong_is_not_proven(
    own: Path,
    capsys: pytest.CaptureFixture[str],
    folder: str,
    name: str,
    right: str,
    wrong: str,
    told: str,
) -> None:
    text = text_of(folder, name)
    # The last place: sources and confidences of the file's head are of other things in packs.
    at = text.rindex(right) if folder == "packs" else text.index(right)
    put(own, folder, name, text[:at] + wrong + text[at + len(right) :])
    code, out, err = said(capsys, "profiles", "check", "kz")
    assert code == 1, out + err
    failed = [line for line in out.splitlines() if line.startswith("  FAIL")]
    assert any(told in line for line in failed), out
    subjects = {line.split("  ")[2] for line in failed}
    assert not any(
        line.startswith(f"  PASS  {one}  ") for line in out.splitlines() for one in subjects
    )
    assert "proofs failed" in out


def test_what_cannot_be_read_or_does_not_resolve_is_a_profile_error(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "profiles", "check", "nowhere")[0] == 3
    for right, wrong in (
        ('designation = "gost-25346"', 'designation = "gost-2534"'),
        ('table = "iso-286-1-2010"', 'table = "iso-286-1-2011"'),
        ('deviations_designation = "gost-25347"', 'deviations_designation = "gost"'),
        ('id = "kz"', 'id = "kz"\nextends = "kz"'),
        ('id = "kz"', 'id = "kz"\nextends = "nobody"'),
    ):
        assert right in KZ
        put(own, "packs", "kz", KZ.replace(right, wrong))
        code, _, err = said(capsys, "profiles", "check", "kz")
        assert code == 3, wrong
        assert "packs/kz.toml" in err


def test_a_stale_status_warns_and_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now_utc", lambda self: "2028-01-01T00:00:00Z")
    code, out, _ = said(capsys, "profiles", "check", "kz")
    assert code == 0
    assert "WARN  statuses" in out
    assert "over 12 months ago" in out


def diff(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = said(capsys, "profiles", "diff", *arguments, "--format", "json")
    assert code == 0, err
    report: dict[str, Any] = json.loads(out)
    assert violations(schema_of("profiles-diff"), report) == []
    return report


def test_two_packs_differ_in_what_they_cite_and_judge(capsys: pytest.CaptureFixture[str]) -> None:
    report = diff(capsys, "int", "us")
    values = {value["key"]: value for value in report["values"]}
    assert values["indication"]["first"] == "ISO 2768-m"
    assert values["standard.id"]["second_origin"].startswith("profiles/standards/asme-y14.5")
    changed = {(v["part"], v["rule"]): (v["first"], v["second"]) for v in report["verdicts"]}
    assert changed["cube of 20 mm.stl", "outcome"] == ("PASSED", "UNDECIDED")
    assert changed["shim of 0.3 mm.stl", "DIM-01"] == ("WARN", "NOT_EVALUATED")
    assert len(report["parts"]) == 10


def test_a_profile_does_not_differ_from_itself(capsys: pytest.CaptureFixture[str]) -> None:
    report = diff(capsys, "kz", "kz")
    assert (report["values"], report["verdicts"]) == ([], [])


def test_an_old_and_a_new_file_of_one_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = text_of("materials", "pla")
    new = tmp_path / "pla.toml"
    line = next(one for one in text.splitlines() if one.startswith("min_wall_mm"))
    new.write_text(text.replace(line, "min_wall_mm = 1.4"), "utf-8")
    report = diff(capsys, "pla", str(new), "--kind", "material")
    (value,) = report["values"]
    assert value["key"] == "material.min_wall_mm"
    assert value["second"] == "1.4 mm"
    assert value["second_origin"].startswith(new.as_posix())
    changed = {(v["part"], v["rule"]): (v["first"], v["second"]) for v in report["verdicts"]}
    assert changed["wall of 1.3 mm.stl", "THK-01"] == ("PASS", "WARN")
    # A file in no profile folder is of the kind whose keys it has.
    assert diff(capsys, str(new), str(new))["kind"] == "material"


def test_samples_are_those_of_the_folder_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shim.stl").write_bytes((ROOT / "samples" / "shim.stl").read_bytes())
    (tmp_path / "cut.stl").write_bytes((ROOT / "samples" / "cut_short.stl").read_bytes())
    report = diff(capsys, "int", "us", "--samples", str(tmp_path))
    assert report["parts"] == ["cut.stl", "shim.stl"]
    assert {verdict["part"] for verdict in report["verdicts"]} == {"shim.stl"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("pla", "int"), 2, "different kinds"),
        (("peer", "peer"), 2, "--kind with one of material, printer"),
        (("intt", "int"), 2, "did you mean int"),
        (("int", "us", "--kind", "dialect"), 2, "no such kind"),
        (("int", "us", "--samples", "nowhere"), 2, "no samples"),
        (("int", "nowhere.toml"), 7, "no such file"),
    ],
)
def test_what_cannot_be_compared(
    arguments: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, _, err = said(capsys, "profiles", "diff", *arguments)
    assert got == code
    assert told in err
