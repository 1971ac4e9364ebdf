"""STEP files through the commands: what is said, bound, verified again, and refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from printstd import cad
from printstd.cli.main import run
from samples.step.make_step import PlatePart, hole, samples
from tests.small_part import PEER
from tests.step_files import BLOCK, needs_library, step

BLOCK_STEP = step(BLOCK)
FOLDER = Path(__file__).parents[2] / "samples" / "step"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a folder that has a key, k.key, and block.step."""
    monkeypatch.chdir(desk)
    (desk / "block.step").write_bytes(BLOCK_STEP)

    def one(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return one


def subject(out: str) -> dict[str, Any]:
    (one,) = json.loads(out)["subjects"]
    return dict(one)


def chord(found: dict[str, Any]) -> tuple[float, float]:
    """(measured, limit) mm, as the finding has it."""
    (told,) = [
        row
        for section in found["sections"]
        for row in section["findings"]
        if dict(row["details"]).get("code") == "STEP-020"
    ]
    return told["measured"], told["limit"]


def test_the_samples_are_what_their_maker_makes() -> None:
    made = samples()
    assert {path.name for path in FOLDER.glob("*.step")} == set(made)
    for name, content in made.items():
        assert (FOLDER / name).read_bytes() == content, name


@needs_library
def test_validate_records_the_chord_error_by_the_class_that_is_asked_for(call: Call) -> None:
    for name, limit in (("m", 0.01), ("f", 0.005), ("c", 0.01)):
        asked = ("--class", name, "--printer", "mk4s", "--format", "json")
        code, out, _ = call("validate", "block.step", *asked)
        found = subject(out)
        assert code == 0
        assert found["sha256"] == hashlib.sha256(BLOCK_STEP).hexdigest()
        assert found["source_format"] == "step"
        measured, told = chord(found)
        assert 0 < measured <= told == limit
        assert {row["source"] for row in found["features"]} == {"step"}
        assert [row["size"] for row in found["features"] if row["kind"] == "hole"] == [3.2]
    _, out, _ = call("validate", "block.step", "--class", "f")
    assert "chord error" in out
    assert "a tenth of the tightest deviation, 0.05 mm, of ISO" in " ".join(out.split())


@needs_library
def test_a_drawing_makes_the_mesh_finer_and_is_judged_by_exact_sizes(call: Call) -> None:
    Path("rows.csv").write_text(
        "number;feature;nominal;limits\n1;hole @ 10; 5;3,2;JS9\n2;extent X;20;\n".replace(
            "hole @ 10; 5", '"hole @ 10; 5"'
        ),
        encoding="utf-8",
    )
    code, out, _ = call(
        *("validate", "block.step", "--printer", "mk4s"),
        *("--characteristics", "rows.csv", "--format", "json"),
    )
    found = subject(out)
    # JS9 of 3.2 mm is 30 um wide, and a tenth of half of it is allowed.
    measured, limit = chord(found)
    assert limit == pytest.approx(0.0015)
    assert measured <= limit
    hole, extent = found["characteristics"]
    assert code == 0
    assert (hole["verdict"], extent["verdict"]) == ("PASS", "PASS")
    assert hole["results"] == 3.2
    # Of its numbers next to nothing; what the facets take from it, twice.
    assert 0 < hole["u"] <= 2 * measured + 1e-5
    assert extent["u"] <= 2e-6


@needs_library
def test_a_part_that_is_made_larger_needs_a_finer_mesh(call: Call) -> None:
    asked = ("--scale", "2", "--printer", "mk4s", "--format", "json")
    _, out, _ = call("validate", "block.step", *asked)
    found = subject(out)
    assert chord(found)[1] == 0.005
    (hole_of,) = (row for row in found["features"] if row["kind"] == "hole")
    assert hole_of["size"] == 6.4
    assert hole_of["sagitta_mm"] == pytest.approx(2 * chord(found)[0], abs=1e-5)


@needs_library
def test_the_auditor_is_told_the_chord_error_of_each_size(call: Call) -> None:
    """Of the hole twice, of distances of planes nothing; it is part of the U that was found."""
    Path("rows.csv").write_text(
        'number;feature;nominal;limits\n1;"hole @ 10; 5";3,2;±0,2\n2;extent X;20;\n',
        encoding="utf-8",
    )
    made = ("certify", "block.step", *PEER, "--key", "k.key", "-o", "out.gcode")
    code, out, err = call(*made, "--characteristics", "rows.csv", "--format", "json")
    assert code == 0, err
    predicate = statement("out.gcode.recheck.json")["predicate"]
    row = predicate["model"]["tessellatedFrom"]
    part = predicate["demand"]["parts"][0] if predicate["demand"].get("parts") else None
    sizes = (part or predicate["demand"])["drawing"]["sizes"]
    assert 0 < sizes[0]["chord_nm"] <= 2 * row["chord_nm"]
    assert "chord_nm" not in sizes[1]
    (found,) = json.loads(out)["subjects"]
    assert {one["verdict"] for one in found["characteristics"]} == {"PASS"}


@needs_library
def test_sizes_that_no_drawing_gives_are_marked_as_the_files(call: Call) -> None:
    asked = ("--characteristics", "recognised", "--printer", "mk4s", "--format", "json")
    _, out, _ = call("validate", "block.step", *asked)
    rows = subject(out)["characteristics"]
    assert rows
    assert {row["nominal_from"] for row in rows} == {"size of the STEP file"}
    assert "PASS" not in {row["verdict"] for row in rows}


@pytest.fixture
def certified(call: Call) -> Call:
    made = ("certify", "block.step", *PEER, "--key", "k.key", "-o", "out.gcode", "-q")
    code, _, err = call(*made)
    assert code == 0, err
    return call


def statement(name: str) -> dict[str, Any]:
    envelope = json.loads(Path(name).read_bytes())["dsseEnvelope"]
    return dict(json.loads(base64.b64decode(envelope["payload"])))


@needs_library
def test_a_certificate_binds_the_mesh_and_the_file_behind_it(certified: Call) -> None:
    mesh = Path("out.gcode.model.stl").read_bytes()
    for name, key in (("cert", "inputs"), ("recheck", "model")):
        row = statement(f"out.gcode.{name}.json")["predicate"][key]
        row = row[0] if key == "inputs" else row
        assert row["name"] == "block.step#mesh"
        assert row["digest"]["sha256"] == hashlib.sha256(mesh).hexdigest()
        source = row["tessellatedFrom"]
        assert source["name"] == "block.step"
        assert source["digest"]["sha256"] == hashlib.sha256(BLOCK_STEP).hexdigest()
        assert 0 < source["chord_nm"] <= source["chord_limit_nm"] == 10_000
        assert source["unit"] == "millimeter"
        assert source["tessellator"].startswith("cascadio ")
    verify = ("verify", "out.gcode", "--trust", "k.pub")
    code, out, _ = certified(*verify)
    assert code == 0
    assert "tessellated from" in out
    for model in ("block.step", "out.gcode.model.stl"):
        code, out, err = certified(*verify, "--model", model)
        assert code == 0, err
        assert "audit: PASSED" in out
    code, out, _ = certified("audit", "out.gcode", "--model", "block.step", *PEER)
    assert code == 0


@needs_library
def test_another_step_file_or_another_mesh_of_it_does_not_verify(
    certified: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = ("verify", "out.gcode", "--trust", "k.pub", "--model")
    Path("other.step").write_bytes(BLOCK_STEP.replace(b"2026-01-01", b"2026-01-02"))
    code, _, err = certified(*verify, "other.step")
    assert code == 6
    assert "not the model that the program was certified for" in err
    again = cad.mesh_again
    finer = lambda data, deflection_nm, limit_nm: again(data, 500, limit_nm)  # noqa: E731
    monkeypatch.setattr(cad, "mesh_again", finer)
    code, _, err = certified(*verify, "block.step")
    assert code == 6
    assert "model.stl" in err


@needs_library
def test_a_program_of_another_hole_fails_against_the_step_file(certified: Call) -> None:
    """The auditor sees the mesh of the file that is named, not of the one it was made of."""
    Path("moved.step").write_bytes(step(PlatePart((20.0, 10.0, 5.0), 0.0, (hole(10.4, 5.0, 3.2),))))
    code, out, _ = certified("audit", "out.gcode", "--model", "moved.step", *PEER)
    assert code == 1
    assert "G-0" in out


@needs_library
def test_a_no_names_the_mesh_too(call: Call) -> None:
    """A statement that says FAILED is about the mesh of the file."""
    Path("wide.step").write_bytes(step(PlatePart((2000.0, 10.0, 5.0), 0.0, ())))
    call_for = ("certify", "wide.step", *PEER, "--key", "k.key", "-o", "no.gcode", "-q")
    code, _, err = call(*call_for, "--sign-failure")
    assert code == 1, err
    found = statement("no.gcode.recheck.json")
    assert found["subject"][0]["name"] == "wide.step#mesh"
    assert found["predicate"]["model"]["tessellatedFrom"]["name"] == "wide.step"


@needs_library
def test_slicing_gives_the_same_program_with_a_cache_and_without(call: Call) -> None:
    plain = ("slice", "block.step", *PEER, "-q", "-o")
    assert call(*plain, "a.gcode")[0] == 0
    for name in ("b.gcode", "c.gcode"):
        assert call(*plain, name, "--cache", "kept")[0] == 0
    a, b, c = (Path(name).read_bytes() for name in ("a.gcode", "b.gcode", "c.gcode"))
    assert a == b == c


@needs_library
def test_repair_writes_the_mesh(call: Call) -> None:
    code, out, err = call("repair", "block.step", "-o", "block.3mf")
    assert code == 0, err
    assert "nothing to repair" in out
    _, out, _ = call("inspect", "block.3mf", "--format", "json")
    assert {"name": "triangles", "value": "268"} in subject(out)["facts"]


@needs_library
def test_the_order_names_the_step_file_itself(call: Call) -> None:
    digest = hashlib.sha256(BLOCK_STEP).hexdigest()
    order = f'[order]\nid = "PO-1"\n[part.geometry]\nsha256 = "{digest}"\nformat = "STEP"\n'
    Path("order.toml").write_text(order, encoding="utf-8")
    _, out, _ = call("validate", "block.step", "--order", "order.toml", "--format", "json")
    rows = [row for section in subject(out)["sections"] for row in section["findings"]]
    assert [row["status"] for row in rows if row["rule_id"] == "ORD-02"] == ["PASS"]


REFUSED = {
    "units": (("--units", "inch"), BLOCK_STEP, "STEP-041"),
    "plate": (("--plate", "1"), BLOCK_STEP, "STEP-040"),
    "cut": ((), BLOCK_STEP[:3000], "STEP-004"),
    "no solid": ((), BLOCK_STEP.replace(b"MANIFOLD_SOLID_BREP", b"CSG_SOLID"), "STEP-010"),
    "UTF-16": ((), BLOCK_STEP.decode().encode("utf-16"), "STEP-001"),
    "nonsense": ((), BLOCK_STEP.replace(b"CLOSED_SHELL('',(#", b"CLOSED_SHELL('',(#9999"), None),
}


@needs_library
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_with_its_code_and_what_to_do(call: Call, case: str) -> None:
    options, data, code_wanted = REFUSED[case]
    Path("bad.stp").write_bytes(data)
    code, _, err = call("validate", "bad.stp", *options)
    assert code == 4
    assert "[STEP-" in err
    assert code_wanted is None or code_wanted in err
    for label in ("where", "wanted", "what to do"):
        assert f"  {label}: " in err


def test_without_the_extra_every_command_says_how_to_get_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = metadata.version

    def absent(name: str) -> str:
        if name == "cascadio":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", absent)
    for command in (
        ("validate", "block.step"),
        ("inspect", "block.step"),
        ("slice", "block.step", *PEER, "-o", "o.gcode"),
        ("certify", "block.step", *PEER, "-o", "o.gcode", "--key", "k.key"),
        ("repair", "block.step", "-o", "o.3mf"),
    ):
        code, _, err = call(*command)
        assert code == 4, command
        assert 'pip install "printstd[step]"' in err
    assert not Path("o.gcode").exists()
