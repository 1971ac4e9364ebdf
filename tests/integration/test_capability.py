"""`artefact`, `qualify` and `--capability`, by command: from parts to a class that is earned."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from samples.capability.make_measurements import record, tables
from samples.make_samples import samples
from tests.integration.command import ROOT, listing, printstd, says

DAY = ("--time", "1795392000")
"""2026-11-23: within the validity of the samples."""
ON = ("--printer", "mk4s")


def _put(folder: Path, name: str) -> Path:
    made = tables()
    for file in (f"{name}.csv", f"{name}.toml"):
        (folder / file).write_bytes(made[file])
    return folder / f"{name}.csv"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, a record of the good measurements, and packs that ask for one."""
    desk = tmp_path_factory.mktemp("laboratory")
    for name in ("lab", "other"):
        assert printstd("keys", "new", name, cwd=desk).code == 0
    _put(desk, "measured")
    done = printstd(
        "qualify", "measured.csv", "--key", "lab.key", "-o", "capability.json", *DAY, cwd=desk
    )
    assert done.code == 0, done.err
    packs = desk / "profiles" / "packs"
    packs.mkdir(parents=True)
    text = (ROOT / "profiles" / "packs" / "int.toml").read_text("utf-8")
    text = text.replace('id = "int"', 'id = "strict"\nrequires_capability = true')
    (packs / "strict.toml").write_text(text, "utf-8")
    (desk / "bracket.stl").write_bytes(samples()["bracket.stl"])
    return desk


def record_of(file: Path) -> dict[str, object]:
    payload = json.loads(file.read_text("utf-8"))["dsseEnvelope"]["payload"]
    statement = json.loads(base64.b64decode(payload))
    record: dict[str, object] = statement["predicate"]["record"]
    return record


def cap_01(laboratory: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    done = printstd(
        *("validate", "bracket.stl", *ON, "--format", "json", *options),
        cwd=laboratory,
        PRINTSTD_PROFILES=str(laboratory / "profiles"),
    )
    (subject,) = json.loads(done.out)["subjects"]
    (section,) = subject["sections"]
    return done.code, [f for f in section["findings"] if f["rule_id"] == "CAP-01"]


TRUSTED = ("--capability", "capability.json", "--trust", "lab.pub")


def test_the_samples_are_what_the_maker_makes() -> None:
    folder = ROOT / "samples" / "capability"
    made = tables() | record()
    there = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    del there["make_measurements.py"]
    assert there == made


def test_the_good_record_says_what_each_range_holds(laboratory: Path) -> None:
    record = record_of(laboratory / "capability.json")
    held = {
        (r["over_nm"], r["sense"], r["along"]): r["tolerance_class"]
        for r in record["ranges"]  # type: ignore[attr-defined]
    }
    assert held[6_000_000, "outside", "xy"] == "f"
    assert held[3_000_000, "inside", "xy"] == "m"
    (bar,) = (c for c in record["characteristics"] if c["id"] == "LA-X-1")  # type: ignore[attr-defined]
    assert bar["parts"] == 30
    assert abs(bar["bias_nm"] - 10_000) < 8_000
    assert abs(bar["spread_nm"] - 12_000) < 5_000
    for row in bar["classes"]:
        assert row["cpk_lower_e4"] < row["cpk_e4"] <= row["cp_e4"]


def test_one_record_is_written_the_same_twice(laboratory: Path, tmp_path: Path) -> None:
    for name in ("measured.csv", "measured.toml", "lab.key"):
        (tmp_path / name).write_bytes((laboratory / name).read_bytes())
    again = ("qualify", "measured.csv", "--key", "lab.key", "-o", "again.json", *DAY, "-q")
    assert printstd(*again, cwd=tmp_path).code == 0
    payloads = [
        json.loads(file.read_text("utf-8"))["dsseEnvelope"]["payload"]
        for file in (laboratory / "capability.json", tmp_path / "again.json")
    ]
    assert payloads[0] == payloads[1]


def test_a_table_with_decimal_commas_says_the_same(laboratory: Path) -> None:
    _put(laboratory, "measured_ru")
    done = printstd(
        *("qualify", "measured_ru.csv", "--key", "lab.key", "-o", "ru.json", "-q", *DAY),
        cwd=laboratory,
    )
    assert done.code == 0, done.err
    one, other = (record_of(laboratory / name) for name in ("capability.json", "ru.json"))
    bars = [c for c in one["characteristics"] if c["id"].startswith("LA-X-")]  # type: ignore[attr-defined]
    assert len(bars) == 12
    assert bars == other["characteristics"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("too_few", "24 parts"),
        ("overdue", "is calibrated from"),
        ("one_outlier", "not normally distributed"),
    ],
)
def test_what_cannot_be_judged_holds_no_class_and_says_why(
    tmp_path: Path, name: str, reason: str
) -> None:
    _put(tmp_path, name)
    printstd("keys", "new", "lab", cwd=tmp_path)
    done = printstd(
        "qualify", f"{name}.csv", "--key", "lab.key", "-o", "c.json", *DAY, cwd=tmp_path
    )
    assert done.code == 0, done.err
    (bar,) = (
        c
        for c in record_of(tmp_path / "c.json")["characteristics"]  # type: ignore[attr-defined]
        if c["id"] == "LA-X-1"
    )
    assert reason in bar["reason"]
    assert {row["verdict"] for row in bar["classes"]} == {"NOT_EVALUATED"}
    assert all(row["cpk_e4"] is None for row in bar["classes"])
    if name == "one_outlier":
        assert [one["part"] for one in bar["outliers"]] == ["9"]
        assert bar["greatest_nm"] > 100_200_000


def test_a_blunt_instrument_proves_coarse_classes_alone(tmp_path: Path) -> None:
    _put(tmp_path, "blunt_calliper")
    done = printstd("qualify", "blunt_calliper.csv", cwd=tmp_path)
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "class f: NOT_EVALUATED, U 0.1000 mm is more than a quarter" in text
    assert "class c (+-0.8): held" in text


@pytest.mark.parametrize(
    ("name", "got"),
    [("measured_twice", "stands in line 9 too"), ("inches", "more than half of it off")],
)
def test_rows_that_cannot_be_are_refused(tmp_path: Path, name: str, got: str) -> None:
    _put(tmp_path, name)
    printstd("keys", "new", "lab", cwd=tmp_path)
    before = listing(tmp_path)
    done = printstd("qualify", f"{name}.csv", "--key", "lab.key", "-o", "c.json", cwd=tmp_path)
    assert done.code == 4
    assert got in says(done.err, "where", "got", "wanted", "what to do")["got"]
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    ("edit", "code", "word"),
    [
        (("temperature_c = 20.4\n", ""), 4, "temperature_c"),
        (("calibrated_on = 2026-03-02\n", ""), 4, "calibrated_on"),
        (('id = "calliper 7"\n', ""), 4, "id"),
        (('serial = "SN-0001"', 'serial = "SN-0001"\nserail = "x"'), 4, "serail"),
        (("nozzle_mm = 0.4", "nozzle_mm = 0.6"), 4, "0.4"),
        (('id = "calliper 7"', 'id = "calliper 8"'), 4, "calliper 7"),
        (('printer = "mk4s"', 'printer = "no such"'), 3, "no such"),
        (("[process]", f'[process]\nsha256 = "{"0" * 64}"'), 4, "sha256"),
    ],
)
def test_a_bad_header_is_refused(
    tmp_path: Path, edit: tuple[str, str], code: int, word: str
) -> None:
    _put(tmp_path, "too_few")
    file = tmp_path / "too_few.toml"
    text = file.read_text("utf-8")
    assert text.count(edit[0]) == 1
    file.write_text(text.replace(*edit), "utf-8")
    done = printstd("qualify", "too_few.csv", cwd=tmp_path)
    assert done.code == code, done.err
    assert word in done.err


def test_usage(laboratory: Path) -> None:
    cases = (
        ("qualify", "measured.csv", "-o", "x.json"),
        ("qualify", "measured.csv", "--key", "lab.key"),
        ("qualify", "measured.csv", "--key", "lab.key", "-o", "measured.toml"),
        ("validate", "bracket.stl", "--trust", "lab.pub"),
        ("artefact", "-o", ".", "--key", "lab.key"),
        ("artefact", "-o", ".", "--part", "QQ"),
        ("artefact", "-o", ".", "--part", "RH-limits", "--key", "lab.key", *ON),
    )
    for case in cases:
        done = printstd(*case, cwd=laboratory)
        assert done.code == 2, (case, done.err)
    assert printstd("artefact", "-o", "nowhere", cwd=laboratory).code == 7


def test_a_record_stands_under_its_own_key_alone(laboratory: Path) -> None:
    verify = ("verify", "capability.json", *DAY)
    assert printstd(*verify, "--trust", "lab.pub", cwd=laboratory).code == 0
    assert printstd(*verify, "--trust", "other.pub", cwd=laboratory).code == 6
    assert printstd(*verify, cwd=laboratory).code == 6
    early = ("verify", "capability.json", "--trust", "lab.pub", "--time", "1700000000")
    assert printstd(*early, cwd=laboratory).code == 6
    told = printstd("inspect", "capability.json", cwd=laboratory)
    assert told.code == 0
    assert "not verified here" in told.out
    assert "serial SN-0001" in told.out


def test_a_changed_record_is_refused(laboratory: Path) -> None:
    bundle = json.loads((laboratory / "capability.json").read_text("utf-8"))
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert payload.count(b'"serial":"SN-0001"') == 1
    forged = payload.replace(b'"serial":"SN-0001"', b'"serial":"SN-0002"')
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(forged).decode("ascii")
    (laboratory / "forged.json").write_text(json.dumps(bundle), "utf-8")
    forged_record = ("--capability", "forged.json", "--trust", "lab.pub")
    assert printstd("validate", "bracket.stl", *forged_record, cwd=laboratory).code == 6
    assert printstd("verify", "forged.json", "--trust", "lab.pub", cwd=laboratory).code == 6


def test_a_pack_that_asks_for_a_record_is_undecided_without(laboratory: Path) -> None:
    code, found = cap_01(laboratory, "--pack", "strict")
    assert code == 8
    assert [f["status"] for f in found] == ["NOT_EVALUATED"]


def test_an_earned_class_passes_and_another_does_not(laboratory: Path) -> None:
    code, found = cap_01(laboratory, "--pack", "strict", *TRUSTED)
    assert (code, [f["status"] for f in found]) == (0, ["PASS"]), found
    code, found = cap_01(laboratory, "--pack", "strict", "--class", "f", *TRUSTED)
    assert code == 1
    assert found[0]["status"] == "FAIL"
    assert found[0]["measured"] < found[0]["limit"] == 1.0  # type: ignore[operator]
    # A pack that asks for no record is told, and decides as before.
    code, found = cap_01(laboratory, "--class", "f", *TRUSTED)
    assert (code, found[0]["status"]) == (0, "WARN")
    code, found = cap_01(laboratory)
    assert (code, found[0]["status"]) == (0, "NOT_APPLICABLE")


def test_an_order_of_individual_tolerances_asks_what_the_machine_holds(laboratory: Path) -> None:
    """A pack that asks for no record, but the order tolerates sizes of the drawing: those alone."""
    (laboratory / "order.toml").write_text(
        '[part.tolerances]\nspecific = ["length 50 +-0.3"]\n', "utf-8"
    )
    ordered = ("--order", "order.toml")

    def of(limits: str, *options: object) -> list[tuple[str, str]]:
        rows = f"number;feature;nominal;limits\n1;extent X;50;{limits}\n2;extent Y;34;\n"
        (laboratory / "drawing.csv").write_text(rows, "utf-8")
        _, found = cap_01(laboratory, "--characteristics", "drawing.csv", *ordered, *options)
        return [(str(f["status"]), str(f["message"])) for f in found]

    ((status, why),) = of("+-0.3")
    assert (status, "--capability" in why) == ("NOT_EVALUATED", True)
    assert [status for status, _ in of("+-0.3", *TRUSTED)] == ["PASS"]
    assert [status for status, _ in of("+0.5/+0.2", *TRUSTED)] == ["FAIL"]
    # A size of the general class alone is not the order's: nothing of it is asked.
    assert [status for status, _ in of("", *TRUSTED)] == ["INFO"]
    _, found = cap_01(laboratory, *ordered)
    assert [f["status"] for f in found] == ["NOT_EVALUATED"]
    assert "--characteristics" in str(found[0]["message"])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--process", "draft-0.30"), "another process"),
        (("--set", "process.infill.density_ratio=0.3"), "another process, sha256"),
        (("--material", "petg"), "another material"),
        (("--printer", "ender3-v2"), "another printer"),
    ],
)
def test_a_record_of_something_else_says_nothing(
    laboratory: Path, options: tuple[str, ...], why: str
) -> None:
    code, found = cap_01(laboratory, "--pack", "strict", *TRUSTED, *options)
    assert code == 8
    assert [f["status"] for f in found] == ["NOT_EVALUATED"]
    assert why in str(found[0]["message"])


def test_nobody_is_believed_without_a_key(laboratory: Path) -> None:
    code, found = cap_01(laboratory, "--pack", "strict", "--capability", "capability.json")
    assert code == 8
    assert "--trust" in str(found[0]["message"])


def test_the_forecast_is_reckoned_with_the_record(laboratory: Path) -> None:
    ask = ("validate", "bracket.stl", *ON, "--characteristics", "recognised", "--format", "json")
    with_record = json.loads(printstd(*ask, *TRUSTED, cwd=laboratory).out)["subjects"][0]
    without = json.loads(printstd(*ask, cwd=laboratory).out)["subjects"][0]
    own = {row["number"]: row for row in with_record["predicted"]}
    assert own
    assert own.keys() == {row["number"] for row in without["predicted"]}
    texts = json.dumps(with_record["predicted"]), json.dumps(without["predicted"])
    assert "serial SN-0001" in texts[0]
    assert "capability class C" not in texts[0]
    assert "capability class C" in texts[1]


def test_certified_parts_and_their_table(laboratory: Path) -> None:
    (laboratory / "set").mkdir()
    done = printstd(
        *("artefact", "-o", "set", *ON, "--key", "lab.key", "--part", "RP", "--part", "RR", *DAY),
        cwd=laboratory,
    )
    assert done.code == 0, done.err
    assert "52902-style" in done.out
    assert "ISO/ASTM 52902" not in done.out
    for name in ("RP", "RR"):
        program = laboratory / "set" / f"{name}.gcode"
        assert program.is_file()
        verify = ("verify", program, "--model", program.with_suffix(".stl"), "--trust", "lab.pub")
        assert printstd(*verify, *DAY, cwd=laboratory).code == 0
    lines = (laboratory / "set" / "measurements.csv").read_text("utf-8").splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == [
        *(f"RP-{n}" for n in range(1, 6)),
        *(f"RR-{n}" for n in range(1, 4)),
    ]


def test_statement_of_a_program_cites_the_record(laboratory: Path) -> None:
    done = printstd(
        *("certify", "bracket.stl", *ON, "--key", "lab.key", "-o", "b.gcode", *TRUSTED, *DAY),
        cwd=laboratory,
    )
    assert done.code == 0, done.err
    payload = json.loads((laboratory / "b.gcode.recheck.json").read_text("utf-8"))
    said = json.loads(base64.b64decode(payload["dsseEnvelope"]["payload"]))
    assert said["predicate"]["records"]["capability"]["says"]["serial"] == "SN-0001"
    shown = printstd("verify", "b.gcode", "--trust", "lab.pub", *DAY, cwd=laboratory)
    assert shown.code == 0
    assert "SN-0001" in shown.out


def test_slice_tells_what_the_record_says(laboratory: Path) -> None:
    ask = ("slice", "bracket.stl", *ON, "-o", "s.gcode", "--class", "f", *TRUSTED)
    done = printstd(*ask, cwd=laboratory)
    assert done.code == 0, done.err
    assert "CAP-01   WARN" in done.out
    plain = printstd("slice", "bracket.stl", *ON, "-o", "p.gcode", "--class", "f", cwd=laboratory)
    assert "CAP-01" not in plain.out
    programs = [(laboratory / name).read_bytes() for name in ("s.gcode", "p.gcode")]
    assert programs[0] == programs[1]
