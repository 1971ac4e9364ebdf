"""Every table in samples/drawings is what its maker makes, and gets what expected.toml says."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from samples.drawings.make_drawings import drawings
from tests.integration.command import Done, printstd

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDER = SAMPLES / "drawings"
EXPECTED: list[dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))[
    "drawing"
]


def run(*arguments: str) -> Done:
    return printstd(*arguments, cwd=SAMPLES)


def validated(drawing: str, *more: str) -> Done:
    model = str(SAMPLES / "bracket.stl")
    return run("validate", model, "--printer", "mk4s", "--characteristics", drawing, *more)


def test_the_files_are_what_the_maker_makes_and_nothing_else() -> None:
    made = drawings()
    there = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert there == set(made) | {"make_drawings.py", "expected.toml"}
    assert {one["file"] for one in EXPECTED} == set(made)
    for name, content in made.items():
        assert (FOLDER / name).read_bytes() == content, name


@pytest.mark.parametrize("one", EXPECTED, ids=[one["file"] for one in EXPECTED])
def test_every_drawing_gets_what_is_expected(one: dict[str, Any]) -> None:
    done = validated(str(FOLDER / one["file"]), "--format", "json")
    assert done.code == one["exit"], done.err
    if "code" in one:
        assert f"[{one['code']}]" in done.err
        assert not done.out
        return
    (subject,) = json.loads(done.out)["subjects"]
    assert [row["verdict"] for row in subject["characteristics"]] == one["verdicts"]
    for row in subject["characteristics"]:
        assert row["nominal_from"] == "drawing"
        assert "ISO 14253-1" in row["decision_rule"]
        if row["verdict"] != "NOT_EVALUATED":
            assert row["u"] > 0
            assert row["limits_from"]


def test_form_3_has_the_columns_in_the_order_of_the_form() -> None:
    done = validated(str(FOLDER / "bracket_other_revision.csv"), "--format", "csv")
    assert done.code == 1
    rows = list(csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff"))))
    assert list(rows[0])[:7] == [
        "Char. No.",
        "Reference Location",
        "Characteristic Designator",
        "Requirement",
        "Results",
        "U (k=2)",
        "Verdict",
    ]
    assert [row["Verdict"] for row in rows] == ["PASS", "FAIL"]
    assert [float(row["Results"]) for row in rows] == pytest.approx([50, 8], abs=1e-4)


def test_a_cell_that_would_be_a_formula_is_text(tmp_path: Path) -> None:
    drawing = tmp_path / "d.csv"
    drawing.write_text("number;feature;nominal;note\n=1+1;extent X;50;@SUM(A1)\n", "utf-8")
    done = validated(str(drawing), "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff")))
    assert row["Char. No."] == "'=1+1"
    assert row["note"] == "'@SUM(A1)"


def test_recognised_sizes_never_pass() -> None:
    done = validated("recognised", "--format", "json")
    assert done.code == 0
    (subject,) = json.loads(done.out)["subjects"]
    rows = subject["characteristics"]
    assert len(rows) > 10
    assert {row["verdict"] for row in rows} == {"INFO"}
    assert {row["nominal_from"] for row in rows} == {"nominal recovered from the mesh"}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("--characteristics", "no-such-file.csv"), 4, "no-such-file.csv"),
        (("--format", "csv"), 2, "--characteristics"),
        (("--characteristics", str(SAMPLES / "bracket.stl")), 4, "DRW-"),
    ],
)
def test_what_the_command_line_is_given_wrongly(
    arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    done = run("validate", str(SAMPLES / "bracket.stl"), *arguments)
    assert done.code == exit_code, done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_drawing_is_of_one_part() -> None:
    models = [str(SAMPLES / name) for name in ("bracket.stl", "cube20.stl")]
    done = run("validate", *models, "--characteristics", str(FOLDER / "bracket.csv"))
    assert done.code == 2
    assert "a drawing is of one part" in done.err


def test_a_certificate_holds_the_drawing_and_a_re_check_wants_the_same(tmp_path: Path) -> None:
    key, out = tmp_path / "k", tmp_path / "bracket.gcode"
    assert run("keys", "new", str(key)).code == 0
    model, drawing = str(SAMPLES / "bracket.stl"), str(FOLDER / "bracket.csv")
    equal = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
    given = (*equal, "--characteristics", drawing)
    sign = ("--key", f"{key}.key")
    done = run("certify", model, *given, *sign, "-o", str(out), "--format", "json")
    assert done.code == 0, done.err
    (subject,) = json.loads(done.out)["subjects"]
    rows = subject["characteristics"]
    assert {row["result_of"] for row in rows} == {"commanded"}
    assert {row["commanded_verdict"] for row in rows} == {"PASS"}
    for row in rows:
        assert abs(row["commanded_size"] - row["model_size"]) <= 0.1
    verify = ("verify", str(out), "--model", model, "--trust", f"{key}.pub")
    assert run(*verify).code == 0
    again = ("certify", str(out), "--model", model, *sign)
    assert run(*again, *given).code == 0
    without = run(*again, *equal)
    assert without.code == 2
    assert "drawing" in without.err
    refused = run(
        *("certify", model, *equal, *sign, "-o", str(tmp_path / "bad.gcode")),
        *("--characteristics", str(FOLDER / "bracket_other_revision.csv")),
    )
    assert refused.code == 1
    assert not (tmp_path / "bad.gcode").exists()


def test_an_audit_of_a_program_that_anybody_made_measures_the_drawing(tmp_path: Path) -> None:
    model, out = str(SAMPLES / "bracket.stl"), tmp_path / "b.gcode"
    equal = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
    assert run("slice", model, *equal, "-o", str(out)).code == 0
    for name, exit_code in (("bracket.csv", 0), ("bracket_no_such_hole.csv", 8)):
        done = run(
            *("audit", str(out), "--model", model, *equal, "--format", "json"),
            *("--characteristics", str(FOLDER / name)),
        )
        assert done.code == exit_code, done.err
        findings = json.loads(done.out)["subjects"][0]["sections"][0]["findings"]
        assert [f["rule_id"] for f in findings].count("G-16") >= 2
