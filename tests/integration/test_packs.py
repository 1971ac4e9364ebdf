"""What each national pack says that no other does, by the command as users call it; and what is
warned of without a verdict, a digest or a program changing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from printstd.adapters.clock import SystemClock
from printstd.cli.main import run
from printstd.specimens import specimens
from tests.unit.profiles.sources import BUNDLED

PACKS = BUNDLED.names("packs")
PARTS = {
    "cube.stl": specimens()["cube of 20 mm"],
    "round.stl": specimens()["cylinder of 24 facets"],
    "shim.stl": specimens()["shim of 0.3 mm"],
}
# Each pack -> what it alone says, of the kinds that `statements` makes.
OWN = {
    "cn": ("cites", "GB/T 1804-2000", "in_force_unverified"),
    "de": ("cites", "DIN ISO 2768-1:1991-06", "in_force_unverified"),
    "fr": ("cites", "NF EN 22768-1", "in_force_unverified"),
    "int": ("head", "ISO 2768-m (1989), status in force verified, checked 2026-09-25"),
    "jp": ("cites", "JIS B 9441:2020", "in_force_unverified"),
    "kr": ("cites", "KS B ISO/ASTM 52900", "in_force_unverified"),
    "kz": ("cites", "ГОСТ 25347-2013", "in_force_verified"),
    "ru": ("cites", "ГОСТ Р 57558-2017", "in_force_unverified"),
    "sg": ("cites", "TR 87:2021", "in_force_unverified"),
    "us": ("verdict", "round.stl", "DIM-01", "NOT_EVALUATED"),
}


@pytest.fixture
def parts(tmp_path: Path) -> list[str]:
    for name, data in PARTS.items():
        (tmp_path / name).write_bytes(data)
    return [str(tmp_path / name) for name in PARTS]


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, report, what was said beside it)."""
    code = run([*arguments, "--format", "json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {}, said.err


def statements(code: int, report: dict[str, Any]) -> set[tuple[str, ...]]:
    """Everything that a report says of standards and verdicts, one thing each."""
    found: set[tuple[str, ...]] = {("exit", str(code)), ("head", report["standard"])}
    for one in report["standards"]:
        found.add(("cites", one["designation"], one["status"]))
    for subject in report["subjects"]:
        for finding in subject["sections"][0]["findings"]:
            found.add(("verdict", subject["name"], finding["rule_id"], finding["status"]))
    return found


@pytest.fixture
def everything(
    parts: list[str], capsys: pytest.CaptureFixture[str]
) -> dict[str, set[tuple[str, ...]]]:
    found = {}
    for pack in PACKS:
        code, report, _ = asked(capsys, "validate", *parts, "--pack", pack)
        found[pack] = statements(code, report)
    return found


def test_every_pack_says_something_that_no_other_does(
    everything: dict[str, set[tuple[str, ...]]],
) -> None:
    assert set(OWN) == set(PACKS)
    for pack, own in OWN.items():
        assert own in everything[pack], pack
        for other in PACKS:
            assert other == pack or own not in everything[other], (pack, other)


def test_the_usa_have_no_table_and_ask_for_the_title_block(
    parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    cube = parts[0]
    code, report, said = asked(capsys, "validate", cube, "--pack", "us")
    assert code == 8
    (section,) = report["subjects"][0]["sections"]
    open_ = {
        f["rule_id"]: f["message"] for f in section["findings"] if f["status"] == "NOT_EVALUATED"
    }
    assert set(open_) == {"DIM-01", "DIM-02", "FEA-02", "PRN-07"}
    assert "--set pack.title_block_tolerance_mm=MM" in open_["DIM-01"]
    value = "pack.title_block_tolerance_mm=0.25"
    code, report, _ = asked(capsys, "validate", cube, "--pack", "us", "--set", value)
    assert code == 0
    assert "ASME Y14.5-2018, title block +-0.25 mm" in report["standard"]
    code, _, said = asked(capsys, "validate", cube, "--pack", "us", "--class", "m")
    assert code == 3
    assert "--set pack.title_block_tolerance_mm=MM" in said


def test_the_title_block_s_tolerance_is_what_is_judged_by(
    parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = {}
    for value in ("0.25", "2"):
        call = ("--pack", "us", "--set", f"pack.title_block_tolerance_mm={value}")
        _, report, _ = asked(capsys, "validate", parts[1], *call)
        findings = report["subjects"][0]["sections"][0]["findings"]
        (finding,) = [f for f in findings if f["rule_id"] == "FEA-02"]
        verdicts[value] = finding["status"]
        assert f"+-{value} mm" in finding["message"]
    assert verdicts == {"0.25": "FAIL", "2": "PASS"}


@pytest.mark.parametrize("pack", sorted(set(PACKS) - {"us"}))
def test_a_title_block_is_cited_under_the_pack_s_own_standard_or_refused(
    pack: str, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call = ("--pack", pack, "--set", "pack.title_block_tolerance_mm=0.2")
    code, report, said = asked(capsys, "validate", parts[0], *call)
    cited = {"de": "DIN EN ISO 22081", "fr": "NF EN ISO 22081"}.get(pack, "ISO 22081:2021")
    if pack in ("cn", "kz", "ru"):
        assert code == 3
        assert "knows no standard to cite" in said
    else:
        assert code == 0
        assert report["standard"].startswith(f"{cited}, title block +-0.2 mm")


@pytest.mark.parametrize("pack", PACKS)
def test_a_geometrical_class_warns_where_its_standard_is_withdrawn_and_never_fails(
    pack: str, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, report, said = asked(capsys, "validate", parts[0], "--pack", pack, "--class", "mK")
    if pack == "us":
        assert code == 3
        return
    assert code == 0
    withdrawn = {
        "int": "ISO 2768-2",
        "sg": "ISO 2768-2",
        "de": "DIN ISO 2768-2:1991-04",
        "fr": "NF EN 22768-2",
    }
    notices = [n for n in report["notices"] if "holds only where the parties agreed" in n]
    assert [n.split(" holds")[0] for n in notices] == (
        [withdrawn[pack]] if pack in withdrawn else []
    )
    assert ("warning: " in said) is bool(report["notices"])
    # Sizes alone are judged; the class of form is told with its standard's status.
    assert not report["standard"].partition(" (")[0].endswith("K")
    (told,) = [n for n in report["notices"] if "recorded and not evaluated" in n]
    assert told.startswith(f"class K of {withdrawn.get(pack, '')}")
    if pack in ("int", "sg"):
        assert "withdrawn on 2021-02-04 in favour of ISO 22081:2021" in told


def test_class_letters_that_there_are_not_are_refused(
    parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for letter in ("mX", "K", "xK", "Km"):
        code, _, said = asked(capsys, "validate", parts[0], "--class", letter)
        assert code == 3, letter
        assert "one of f, m, c, v" in said


def test_a_status_older_than_a_year_warns_and_changes_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "cube.stl"
    model.write_bytes(PARTS["cube.stl"])
    call = ("slice", str(model), "--printer", "mk4s", "--process", "draft-0.30")
    made = {}
    for day in ("2027-09-25", "2027-09-26"):
        monkeypatch.setattr(SystemClock, "now_utc", lambda self, day=day: f"{day}T00:00:00Z")
        program = tmp_path / f"{day}.gcode"
        code, report, said = asked(capsys, *call, "-o", str(program))
        assert code == 0
        made[day] = (program.read_bytes(), report["notices"], said)
    (fresh, none, _), (stale, some, beside) = made.values()
    assert fresh == stale
    assert none == []
    assert any("ISO 2768-1" in notice and "2026-09-25" in notice for notice in some)
    assert "over 12 months ago" in beside


def test_without_the_title_block_the_audit_of_sizes_is_undecided_too(
    tmp_path: Path, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    request = ("--pack", "us", "--printer", "mk4s", "--process", "draft-0.30")
    program = str(tmp_path / "cube.gcode")
    code, _, _ = asked(capsys, "slice", parts[0], *request, "-o", program)
    assert code == 0
    verdicts = {}
    for more in ((), ("--set", "pack.title_block_tolerance_mm=0.25")):
        code, report, _ = asked(capsys, "audit", program, "--model", parts[0], *request, *more)
        findings = report["subjects"][0]["sections"][0]["findings"]
        sizes = {f["status"] for f in findings if f["rule_id"] == "G-05"}
        limits = {f["limit"] for f in findings if f["rule_id"] == "G-05"}
        verdicts[len(more)] = (code, sizes, limits)
    assert verdicts == {0: (8, {"NOT_EVALUATED"}, {None}), 2: (0, {"PASS"}, {0.25})}


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("pack.title_block_tolerance_mm=-1", "greater than 0"),
        ("pack.title_block_tolerance_mm=coarse", "a valid number"),
        ("pack.title_block_tolerance_mm=inf", "finite"),
        ("pack.title_block_tolerance_minutes=0", "greater than 0"),
        ("pack.title_block_tolerance_minutes=1.5", "integer"),
        ("pack.designation=iso-2768-1", "write a pack file of your own"),
    ],
)
def test_other_values_of_a_pack_are_refused(
    setting: str, told: str, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = asked(capsys, "validate", parts[0], "--pack", "us", "--set", setting)
    assert code == 3
    assert "--set" in said
    assert told in said
