"""`verify --rebuild`: the same bytes again, the first line that differs, or no claim at all."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.adapters import surroundings
from printstd.adapters.keys import load_signer
from printstd.certify.dsse import sign_bundle
from printstd.certify.predicates import GENERATION, STATEMENT_TYPE
from printstd.certify.recipe import read_recipe
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.cli.main import run
from tests import meshes
from tests.small_part import PEER

TRUST = ("--trust", "k.pub", "--time", "1800000000", "--format", "json")


@pytest.fixture
def bench(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(desk)
    (desk / "cube.stl").write_bytes(meshes.stl_binary(meshes.cube(8.0)))
    (desk / "half.stl").write_bytes(meshes.stl_binary(meshes.cube(4.0)))
    return desk


def certify(*arguments: str) -> None:
    assert run(["certify", *arguments, *PEER, "--key", "k.key", "-o", "o.gcode", "-q"]) == 0


def verify(capsys, *models: str) -> tuple[int, dict[str, str], list[str]]:
    """(exit code, facts, outcome of each stage)"""
    named = [word for model in models for word in ("--model", model)]
    capsys.readouterr()
    code = run(["verify", "o.gcode", "--rebuild", *named, *TRUST])
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    facts = {fact["name"]: fact["value"] for fact in subject["facts"]}
    return code, facts, [f"{s['stage']} {s['outcome']}" for s in subject["sections"]]


def resigned(path: Path, key: Path, change) -> None:
    envelope = json.loads(path.read_bytes())["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    path.write_bytes(sign_bundle(canonical(statement), load_signer(key)))


@pytest.mark.parametrize(
    ("models", "more"),
    [
        (["cube.stl"], []),
        (["half.stl"], ["--units", "mm", "--scale", "2", "--rotate", "0,0,30"]),
        (["half.stl"], ["--units", "mm", "--scale", "2", "--set", "process.walls.count=3"]),
        (["cube.stl", "half.stl"], ["--units", "mm", "--scale", "2"]),
        (["cube.stl"], ["--characteristics", "recognised", "--orient"]),
    ],
    ids=["plain", "turned", "overridden", "plate", "drawing"],
)
def test_the_program_comes_out_the_same_from_its_statement_and_its_models(
    bench, capsys, models, more
):
    certify(*models, *more)
    code, facts, stages = verify(capsys, *reversed(models))
    assert (code, facts.get("made again", "")[:9]) == (0, "IDENTICAL"), facts
    assert "rebuild PASSED" in stages


def test_a_recipe_that_gives_another_program_is_refused_with_the_first_line_that_differs(
    bench, capsys
):
    certify("cube.stl")
    # A maker who signs another recipe than the one by which it was made.
    for name in ("cert", "recheck"):

        def lie(statement, name=name):
            if name == "cert":
                recipe = statement["predicate"]["recipe"]
                recipe["overrides"].append(["process.walls.count", "3"])
                for row in statement["predicate"]["profiles"]:
                    if row["role"] == "process":
                        row["digest"]["sha256"] = _process_digest()
            else:
                import hashlib

                made = json.loads((bench / "o.gcode.cert.json").read_bytes())["dsseEnvelope"]
                payload = base64.b64decode(made["payload"])
                statement["predicate"]["certificate"]["sha256"] = hashlib.sha256(
                    payload
                ).hexdigest()

        resigned(bench / f"o.gcode.{name}.json", bench / "k.key", lie)
    capsys.readouterr()
    code = run(["verify", "o.gcode", "--rebuild", "--model", "cube.stl", *TRUST])
    told = capsys.readouterr()
    assert code == 6
    assert "made again is not the one that was certified" in told.out
    assert "line " in told.out
    assert "in the program" in told.out


def _process_digest() -> str:
    from printstd import pipeline
    from printstd.adapters.profile_files import default_source
    from printstd.profiles.resolved import Request

    request = Request(
        material="peer",
        process="peer-0.20",
        printer="peer",
        overrides=(("process.walls.count", "3"),),
    )
    return pipeline.resolve(request, default_source()).digests["process"]


@pytest.mark.parametrize(
    "change",
    [
        {"platform": "Plan9-mips"},
        {"python": "3.99.1"},
        {"dependencies": (("numpy", "0.1"),)},
    ],
    ids=["machine", "interpreter", "wheel"],
)
def test_on_another_platform_nothing_is_made_and_nothing_is_claimed(
    bench, capsys, monkeypatch, change
):
    certify("cube.stl")
    here = surroundings.tool_facts()
    monkeypatch.setattr(surroundings, "tool_facts", lambda: replace(here, **change))
    monkeypatch.setattr("printstd.pipeline.make_plate", lambda *_, **__: pytest.fail("made"))
    code, facts, stages = verify(capsys, "cube.stl")
    assert code == 8
    assert facts["made again"].startswith("NOT_EVALUATED: another platform than the statement's")
    assert "rebuild UNDECIDED" in stages


def test_a_profile_that_changed_since_or_an_older_statement_is_no_claim_either(bench, capsys):
    certify("cube.stl")
    first = (bench / "o.gcode.cert.json").read_bytes()

    def other_profile(statement):
        for row in statement["predicate"]["profiles"]:
            if row["role"] == "material":
                row["digest"]["sha256"] = "ab" * 32

    def older(statement):
        del statement["predicate"]["recipe"]["orders"]

    for change, reason in ((other_profile, "material"), (older, "did not say all")):
        (bench / "o.gcode.cert.json").write_bytes(first)
        resigned(bench / "o.gcode.cert.json", bench / "k.key", change)
        (bench / "o.gcode.recheck.json").unlink(missing_ok=True)
        policy = '[keys]\ngenerator = ["k.pub"]\n'
        (bench / "p.toml").write_text(f'minimum_level = "C1"\n{policy}', "utf-8")
        call = ["verify", "o.gcode", "--rebuild", "--model", "cube.stl", "--policy", "p.toml"]
        capsys.readouterr()
        assert run([*call, "--time", "1800000000"]) == 8
        out = " ".join(capsys.readouterr().out.split())
        assert "NOT_EVALUATED" in out
        assert reason in out


def test_rebuilding_wants_the_models_and_they_must_be_the_certified_ones(bench, capsys):
    certify("cube.stl")
    assert run(["verify", "o.gcode", "--rebuild", *TRUST]) == 2
    assert run(["verify", "o.gcode", "--rebuild", "--model", "half.stl", *TRUST]) == 6


GOOD = {
    "pack": "int",
    "class": "m",
    "material": "pla",
    "process": "p",
    "printer": "q",
    "overrides": [["a", "1"]],
    "epoch": 1,
    "heal": False,
    "orders": [
        {
            "model": {"sha256": "ab" * 32},
            "unit": None,
            "plate": None,
            "extruder": None,
            "isSplit": False,
            "scaleE6": 1_000_000,
            "rotateDeg": ["0.0", "0.0", "30.5"],
            "notation": None,
            "isOriented": False,
            "copies": 2,
        }
    ],
}


def recipe(**changes):
    order = {**GOOD["orders"][0], **changes.pop("order", {})}
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "predicateType": GENERATION,
            "predicate": {"recipe": {**GOOD, "orders": [order], **changes}},
        }
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"orders": []},
        {"orders": ["x"]},
        {"overrides": [["a"]]},
        {"epoch": 0},
        {"heal": "no"},
        {"moreMaterials": "pla"},
        {"order": {"rotateDeg": ["0", "0"]}},
        {"order": {"rotateDeg": ["0", "0", "1e999"]}},
        {"order": {"rotateDeg": ["0", "0", "nan"]}},
        {"order": {"copies": 0}},
        {"order": {"scaleE6": True}},
        {"order": {"model": "x"}},
        {"order": {"unit": 3}},
    ],
)
def test_a_recipe_of_another_form_is_refused(changes):
    read = read_recipe(recipe())
    assert read is not None
    assert read.orders[0].copies == 2
    with pytest.raises(StrictJsonError):
        read_recipe(recipe(**changes))
