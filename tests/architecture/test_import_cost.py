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
        "importlib.metadata",
    )
    heavy += ("multiprocessing", "concurrent.futures", "printstd.audit", "printstd.certify")
    command = ["slice", str(cube), "-o", str(cube.with_name("cube.gcode")), *PEER]
    assert imported(command, heavy) == (0, [])


def test_slicing_several_islands_pays_for_no_masked_arrays(tmp_path):
    command = ["slice", str(ROOT / "samples" / "two_bodies.stl"), "-o", str(tmp_path / "x.gcode")]
    assert imported([*command, *PEER], ("numpy.ma",)) == (0, [])


NOT_ASKED_FOR = (
    "importlib.metadata",
    "printstd.cli.options",
    "printstd.gcode.dialects.bambu",
    "printstd.gcode.dialects.klipper",
    "printstd.gcode.tool_changes",
    "printstd.kernels.arc_fit",
    "printstd.kernels.clear_width",
    "printstd.kernels.detours",
    "printstd.kernels.healing",
    "printstd.kernels.ring_arcs",
    "printstd.kernels.ring_shift",
    "printstd.profiles.geometrical_models",
    "printstd.profiles.grade_models",
    "printstd.profiles.moulding_models",
    "printstd.reuse.packed",
    "printstd.slicing.varied",
    "printstd.toolpath.fuzzy",
    "printstd.toolpath.overhang_walls",
    "printstd.toolpath.supports",
    "typer",
)
"""What makes a part otherwise than a plain call asks for it."""
MOST_MODULES = 245
"""Of ours for a plain slice, each of them a quarter of a thousandth of its time at least."""

SLICED = """
import dataclasses, json, sys
from printstd.cli.main import run
code = run({arguments!r})
own = [module for name, module in sys.modules.items() if name.split(".")[0] == "printstd"]
kinds = {{kind for module in own for kind in vars(module).values() if isinstance(kind, type)}}
written = [
    kind.__qualname__ for kind in kinds
    if kind.__module__.startswith("printstd") and dataclasses.is_dataclass(kind)
    and kind.__dataclass_params__.frozen and "__slots__" in vars(kind)
    and kind.__init__.__module__ != "printstd.dataclass"
]
models = [
    kind.__qualname__ for kind in kinds
    if kind.__module__.startswith("printstd") and getattr(kind, "__pydantic_complete__", False)
]
print("PROBE", json.dumps([code, len(own), sorted(written), sorted(models)]))
"""


def test_a_plain_slice_builds_only_what_it_uses(cube):
    """Reading a module, writing the methods of a record and building a checker for a profile's
    model take as long on a small part as its walls do."""
    command = ["slice", str(cube), "-o", str(cube.with_name("cube.gcode")), "--quiet", *PEER]
    assert imported(command, NOT_ASKED_FOR) == (0, [])
    probe = SLICED.format(arguments=command)
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    code, n_modules, written, models = json.loads(done.stdout.rsplit("PROBE ", 1)[1])
    assert code == 0
    assert n_modules <= MOST_MODULES
    assert written == []
    # The seven profiles of a request, and of the material what it is apart from how it is printed.
    assert models == [
        "Allowlist",
        "Dialect",
        "Material",
        "Pack",
        "Printer",
        "Process",
        "Properties",
        "ToleranceTable",
    ]


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
