"""What a command does not need, it does not import (start-up is the floor for small parts)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CUBE = ROOT / "samples" / "cube20.stl"
PEER = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")

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


def test_slicing_a_small_part_pays_for_no_second_geometry_library_and_no_keys(tmp_path):
    heavy = ("trimesh", "scipy", "embreex", "cryptography", "networkx", "rich.table")
    command = ["slice", str(CUBE), "-o", str(tmp_path / "cube.gcode"), *PEER, "--quiet"]
    assert imported(command, heavy) == (0, [])


def test_auditing_a_small_part_pays_for_no_generator(tmp_path):
    program = tmp_path / "cube.gcode"
    imported(["slice", str(CUBE), "-o", str(program), *PEER, "--quiet"], ())
    heavy = ("trimesh", "scipy", "embreex", "manifold3d", "cryptography")
    command = ["audit", str(program), "--model", str(CUBE), *PEER, "--format", "json"]
    code, found = imported(command, heavy)
    assert (code, found) == (0, [])


def test_verify_needs_cryptography_and_no_geometry(tmp_path):
    heavy = ("numpy", "trimesh", "scipy", "shapely", "manifold3d")
    heavy += ("printstd.profiles.models",)
    program = tmp_path / "a.gcode"
    program.write_bytes(b"G28\n")
    code, found = imported(["verify", str(program)], heavy)
    assert (code, found) == (6, [])
