"""Several models in one call: one plate or one program each, and the exit code that wins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import meshes
from tests.integration.command import listing, printstd, says

ON_MK4S = ("--printer", "mk4s", "-q")
MK4S = ("--printer", "mk4s")


@pytest.fixture
def bench(desk: Path) -> Path:
    (desk / "flat.stl").write_bytes(meshes.stl_binary(meshes.box((30, 20, 1.2))))
    (desk / "disc.stl").write_bytes(
        meshes.stl_binary(meshes.cylinder(radius=8, height=2, n_sides=32))
    )
    (desk / "wide.stl").write_bytes(meshes.stl_binary(meshes.box((245, 150, 1))))
    return desk


def test_one_plate_whatever_the_order_the_names_and_the_workers(bench):
    (bench / "Плоская.stl").write_bytes((bench / "flat.stl").read_bytes())
    made = []
    for models, more in (
        (("flat.stl", "disc.stl"), ()),
        (("disc.stl", "Плоская.stl"), ("--workers", "2")),
    ):
        done = printstd("slice", *models, *ON_MK4S, *more, "-o", "p.gcode", cwd=bench)
        assert done.code == 0, done.err
        made.append((bench / "p.gcode").read_bytes())
    assert made[0] == made[1]
    assert made[0].isascii()


def test_copies_are_the_same_model_named_again(bench):
    for arguments in (("disc.stl", "--copies", "3"), ("disc.stl",) * 3):
        done = printstd("slice", *arguments, *ON_MK4S, "-o", f"{len(arguments)}a.gcode", cwd=bench)
        assert done.code == 0, done.err
        (bench / f"{len(arguments)}a.gcode").rename(bench / f"{arguments[1][0]}.gcode")
    assert (bench / "-.gcode").read_bytes() == (bench / "d.gcode").read_bytes()


def test_one_program_each_in_a_folder(bench):
    (bench / "out").mkdir()
    done = printstd("slice", "flat.stl", "disc.stl", *ON_MK4S, "--outdir", "out", cwd=bench)
    assert done.code == 0, done.err
    assert sorted(path.name for path in (bench / "out").iterdir()) == ["disc.gcode", "flat.gcode"]
    alone = printstd("slice", "flat.stl", *ON_MK4S, "-o", "flat.gcode", cwd=bench)
    assert alone.code == 0
    assert (bench / "out" / "flat.gcode").read_bytes() == (bench / "flat.gcode").read_bytes()


@pytest.mark.parametrize(
    ("models", "code", "where"),
    [
        (("flat.stl", "wide.stl", "wide.stl"), 5, "wide.stl"),
        (("flat.stl", "open.stl"), 5, "open.stl"),
        (("flat.stl", "cut.stl"), 4, "cut.stl"),
        (("cut.stl", "nowhere.stl", "flat.stl"), 4, "nowhere.stl"),
    ],
)
def test_a_plate_is_made_whole_or_not_at_all(bench, models, code, where):
    before = listing(bench)
    done = printstd("slice", *models, *ON_MK4S, "-o", "p.gcode", cwd=bench)
    assert done.code == code, done.err
    assert where in done.err
    says(done.err, "what to do")
    assert listing(bench) == before


@pytest.mark.parametrize(
    ("models", "code"),
    [
        (("flat.stl", "open.stl", "disc.stl"), 5),
        (("open.stl", "cut.stl", "disc.stl"), 4),
        (("open.stl", "nowhere.stl", "disc.stl"), 4),
    ],
)
def test_of_several_programs_the_worst_code_wins_and_the_others_are_made(bench, models, code):
    (bench / "out").mkdir()
    done = printstd("slice", *models, *ON_MK4S, "--outdir", "out", cwd=bench)
    assert done.code == code
    good = {Path(name).stem for name in models} & {"flat", "disc"}
    assert {path.stem for path in (bench / "out").iterdir()} == good


def test_a_plate_is_certified_and_verified_with_all_of_its_models(bench):
    models = ("flat.stl", "disc.stl")
    done = printstd(
        "certify", *models, "--copies", "2", *ON_MK4S, "--key", "k.key", "-o", "p.gcode", cwd=bench
    )
    assert done.code == 0, done.err
    named = [word for model in models for word in ("--model", model)]
    verify = ("verify", "p.gcode", "--trust", "k.pub", "-q")
    assert printstd(*verify, *named, cwd=bench).code == 0
    assert printstd(*verify, cwd=bench).code == 0
    for wrong in (named[:2], [*named, "--model", "wide.stl"]):
        refused = printstd(*verify, *wrong, cwd=bench)
        assert refused.code == 6
        says(refused.err, "got", "wanted", "what to do")
    again = printstd("certify", "p.gcode", *named, *ON_MK4S, "--key", "other.key", cwd=bench)
    assert again.code == 0, again.err
    fewer = printstd("certify", "p.gcode", *named[:2], *ON_MK4S, "--key", "other.key", cwd=bench)
    assert fewer.code == 2


def test_an_audit_of_a_plate_finds_its_parts_and_names_what_is_missing(bench):
    done = printstd("slice", "flat.stl", "disc.stl", *ON_MK4S, "-o", "p.gcode", cwd=bench)
    assert done.code == 0, done.err
    named = ("--model", "disc.stl", "--model", "flat.stl")
    assert printstd("audit", "p.gcode", *named, *ON_MK4S, cwd=bench).code == 0
    more = printstd(
        "audit", "p.gcode", *named, "--model", "small.stl", *MK4S, "--format", "json", cwd=bench
    )
    assert more.code == 1
    found = json.loads(more.out)["subjects"][0]["sections"][0]["findings"]
    failed = [f for f in found if f["status"] == "FAIL"]
    assert "G-01" in {f["rule_id"] for f in failed}


def test_a_program_is_certified_alone(bench):
    done = printstd(
        "certify",
        "small.gcode",
        "wrong.gcode",
        "--model",
        "small.stl",
        *MK4S,
        "--key",
        "k.key",
        cwd=bench,
    )
    assert done.code == 2
    done = printstd(
        "certify", "small.stl", "small.gcode", *MK4S, "--key", "k.key", "-o", "x.gcode", cwd=bench
    )
    assert done.code == 2
