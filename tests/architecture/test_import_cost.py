"""What a command does not need, it does not import (start-up is the floor for small parts)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from printstd.certify.keys import public_pem
from tests import meshes, small_part
from tests.small_part import PEER
from tests.unit.certify.carriers import cases
from tests.unit.certify.signing import signer

ROOT = Path(__file__).parents[2]

PROBE = """
import json, sys
from printstd.cli.main import run
code = run({arguments!r})
heavy = {heavy!r}
sys.stdout.flush()
sys.stderr.write("\\nPROBE " + json.dumps([code, [m for m in heavy if m in sys.modules]]))
"""


def imported(arguments: list[str], heavy: tuple[str, ...]) -> tuple[int, list[str]]:
    """(exit code, which of the `heavy` modules the call imported)."""
    code = PROBE.format(arguments=arguments, heavy=heavy)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    exit_code, found = json.loads(done.stderr.rsplit("PROBE ", 1)[1])
    return exit_code, found


@pytest.mark.parametrize("command", [["--help"], ["slice", "--help"], ["verify", "--help"]])
def test_help_pays_for_no_geometry_no_profiles_and_no_keys(command):
    heavy = ("numpy", "scipy", "trimesh", "shapely", "manifold3d", "cryptography")
    heavy += ("printstd.profiles.models",)
    assert imported(command, heavy) == (0, [])


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    path = tmp_path / "cube.stl"
    path.write_bytes(meshes.stl_binary(meshes.cube()))
    return path


def test_slicing_a_small_part_pays_for_no_second_geometry_library_and_no_keys(cube):
    heavy = (
        "trimesh",
        "scipy",
        "embreex",
        "cryptography",
        "networkx",
        "shapely",
        "rich",
        "numpy.ma",
    )
    heavy += ("multiprocessing", "concurrent.futures", "printstd.audit", "printstd.certify")
    command = ["slice", str(cube), "-o", str(cube.with_name("cube.gcode")), *PEER]
    assert imported(command, heavy) == (0, [])


def test_a_run_with_everything_kept_pays_for_no_stage(cube):
    folder = str(cube.with_name("kept"))
    command = ["slice", str(cube), "-o", str(cube.with_name("cube.gcode")), "--cache", folder]
    command += ["--printer", "mk4s"]
    assert imported(command, ()) == (0, [])
    heavy = ("manifold3d", "stl", "numpy.ma", "scipy", "shapely", "cryptography")
    heavy += ("printstd.intake", "printstd.slicing", "printstd.validate", "printstd.kernels.clip")
    heavy += ("printstd.toolpath.plan", "printstd.toolpath.sequence", "printstd.gcode.composing")
    for changed in ([], ["--set", "material.fan.min_ratio=0.6"]):
        assert imported([*command, *changed], heavy) == (0, [])


def test_auditing_a_small_part_pays_for_no_generator(cube):
    program = cube.with_name("cube.gcode")
    assert imported(["slice", str(cube), "-o", str(program), *PEER], ()) == (0, [])
    heavy = ("trimesh", "scipy", "embreex", "manifold3d", "cryptography")
    heavy += ("printstd.slicing", "printstd.toolpath", "printstd.gcode", "printstd.certify")
    command = ["audit", str(program), "--model", str(cube), *PEER, "--format", "json"]
    assert imported(command, heavy) == (0, [])


def test_a_call_reads_its_own_command_alone(tmp_path):
    others = ("certify", "audit", "slice_", "keys", "profiles", "inspect")
    heavy = tuple(f"printstd.cli.commands.{name}" for name in others)
    assert imported(["validate", "--help"], heavy) == (0, [])
    assert imported(["explain", "--help"], heavy) == (0, [])


def test_verify_needs_cryptography_and_no_geometry(tmp_path):
    heavy = ("numpy", "trimesh", "scipy", "shapely", "manifold3d", "rich", "tomllib")
    heavy += ("printstd.profiles.models", "printstd.pipeline", "printstd.audit")
    key = signer()
    pair = small_part.pair(key)
    files = {
        "a.gcode": pair.program,
        "a.gcode.cert.json": pair.generation,
        "a.gcode.recheck.json": pair.recheck,
        "k.pub": public_pem(key.public),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    verify = ["verify", str(tmp_path / "a.gcode")]
    assert imported(verify, heavy) == (6, [])
    assert imported([*verify, "--trust", str(tmp_path / "k.pub")], heavy) == (0, [])


def test_nor_does_verify_of_what_no_program_lies_with(tmp_path):
    heavy = ("numpy", "scipy", "sqlalchemy", "alembic", "rich")
    heavy += ("printstd.profiles.models", "printstd.pipeline", "printstd.audit")
    (tmp_path / "k.pub").write_bytes(public_pem(cases.key().public))
    (tmp_path / "revoked").mkdir()
    (tmp_path / "p.toml").write_text(
        '[keys]\nrecheck = ["k.pub"]\n[revocations]\nfolder = "revoked"\n'
    )
    for name, data in (("part", cases.traced_part()), ("passport", cases.traced_passport())):
        (tmp_path / f"{name}.json").write_bytes(data)
        verify = ["verify", str(tmp_path / f"{name}.json"), "--policy", str(tmp_path / "p.toml")]
        assert imported(verify, heavy) == (0, [])


def test_english_pays_for_no_catalogue(cube):
    heavy = ("printstd.report.languages", "babel")
    command = ["slice", str(cube), "-o", str(cube.with_name("cube.gcode")), *PEER]
    assert imported(command, heavy) == (0, [])
    assert imported([*command, "--lang", "kk"], heavy[:1]) == (0, ["printstd.report.languages"])


def test_a_report_pays_for_its_own_form_alone(cube):
    """Nobody waits for the library of printed pages who does not print."""
    forms = ("printstd.report.as_html", "printstd.report.as_sarif", "printstd.report.as_junit")
    heavy = ("reportlab", "PIL", "printstd.report.pictures", "printstd.validate.thickness", *forms)
    for form, wanted in (
        ("text", set()),
        ("json", set()),
        ("sarif", {forms[1]}),
        ("junit", {forms[2]}),
    ):
        code, found = imported(["validate", str(cube), "--format", form], heavy)
        assert code == 0
        assert set(found) - {"printstd.validate.thickness"} == wanted, form
    _, found = imported(["validate", str(cube), "--format", "html"], ("reportlab", "PIL"))
    assert found == []
