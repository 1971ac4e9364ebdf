"""Honest programs of another slicer, certified by the command as a user would: none is refused, and
each certificate verifies. Where one of them does deviate, the rule that says so is named here.

Models: samples of ours, and the real ones of PRINTSTD_CORPUS where it names a folder.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from printstd.adapters.keys import new_key
from tests.integration.command import ROOT
from tests.integration.command import in_a_process as printstd

SETTINGS: Final = """
layer_height = 0.2
first_layer_height = 0.2
perimeters = 2
top_solid_layers = 4
bottom_solid_layers = 4
fill_density = 15%
fill_pattern = rectilinear
skirts = 0
nozzle_diameter = 0.4
filament_diameter = 1.75
extrusion_width = 0.45
first_layer_extrusion_width = 0.45
perimeter_extrusion_width = 0.45
external_perimeter_extrusion_width = 0.45
infill_extrusion_width = 0.45
solid_infill_extrusion_width = 0.45
top_infill_extrusion_width = 0.45
temperature = 210
first_layer_temperature = 210
bed_temperature = 60
first_layer_bed_temperature = 60
bed_shape = 0x0,250x0,250x210,0x210
max_print_height = 210
perimeter_speed = 45
external_perimeter_speed = 25
infill_speed = 80
solid_infill_speed = 40
top_solid_infill_speed = 40
travel_speed = 130
cooling = 1
fan_always_on = 1
min_fan_speed = 100
max_fan_speed = 100
disable_fan_first_layers = 1
retract_length = 0.8
retract_lift = 0
use_relative_e_distances = 1
layer_gcode = G92 E0
gcode_flavor = marlin2
start_gcode = G28\\nG1 Z5 F5000
end_gcode = M104 S0\\nM140 S0\\nM107\\nG28 X0\\nM84
"""
PEER: Final = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")

TRUE_FINDINGS: Final = {
    # Its wall simplifies a curve away: up to 60 um outside the model along 37 mm, at 29.3 mm.
    ("voron_exhaust_filter_housing.stl", "arachne"): "G-03",
}
"""(model, generator) -> the rule that is right to refuse the program."""


def models() -> list[Path]:
    samples = [ROOT / "samples" / name for name in ("bracket.stl", "cube20.stl", "tee.stl")]
    named = os.environ.get("PRINTSTD_CORPUS", "")
    return samples + sorted(Path(named, "good").iterdir()) if named else samples


@functools.cache
def slicer() -> str:
    found = shutil.which("prusa-slicer")
    if found is None:
        message = "prusa-slicer is not installed"
        if os.environ.get("PRINTSTD_PEERS_REQUIRED"):
            pytest.fail(message)
        pytest.skip(message)
    return found


def sliced(model: Path, generator: str, supports: bool, folder: Path) -> Path:
    """The other slicer's program, in the middle of a 250 x 210 bed."""
    if model.suffix == ".ply":
        import trimesh

        # It reads no PLY; the audit is held against the PLY all the same.
        as_stl = folder / "model.stl"
        trimesh.load(model, process=False).export(as_stl)
        model = as_stl
    ini, program = folder / "peer.ini", folder / "peer.gcode"
    ini.write_text(
        f"{SETTINGS}perimeter_generator = {generator}\nsupport_material = {supports:d}\n"
    )
    done = subprocess.run(
        [slicer(), "-g", "--center", "125,105", "--load", ini, "-o", program, model],
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return program


@pytest.mark.peers
@pytest.mark.parametrize("generator", ["classic", "arachne"])
@pytest.mark.parametrize("supports", [False, True], ids=["bare", "supported"])
@pytest.mark.parametrize("model", models(), ids=lambda path: path.name)
def test_an_honest_program_is_certified(
    model: Path, supports: bool, generator: str, tmp_path: Path
) -> None:
    program = sliced(model, generator, supports, tmp_path)
    new_key(tmp_path / "k", algorithm="p256", passphrase=None)
    options = [*PEER, *(["--supports"] if supports else []), "--key", "k.key", "--format", "json"]
    done = printstd("certify", program, "--model", model, *options, cwd=tmp_path)
    bundle = tmp_path / "peer.gcode.recheck.json"
    failed = {
        finding["rule_id"]
        for section in json.loads(done.out)["subjects"][0]["sections"]
        for finding in section["findings"]
        if finding["status"] == "FAIL"
    }
    rule = TRUE_FINDINGS.get((model.name, generator))
    assert failed == ({rule} if rule else set())
    assert done.code == (1 if rule else 0), done.err
    assert bundle.exists() is (rule is None)
    if rule is None:
        checked = printstd("verify", program, "--trust", "k.pub", cwd=tmp_path)
        assert checked.code == 0, checked.out + checked.err
