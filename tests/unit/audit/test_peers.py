"""Programs of another slicer, honest ones: none may fail. (`make e2e` runs more of them.)"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.demands import plain_demand

CORPUS = Path(os.environ.get("PRINTSTD_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
PARTS = (
    "20mm-xyz-cube.stl",
    "voron_mgn9_rail_guide.stl",
    "voron_bottom_panel_clip.stl",
    "busted.stl",
)
SETTINGS = """
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
travel_speed = 130
travel_speed_z = 10
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
start_gcode = G28\\nG1 Z5 F600
end_gcode = M104 S0\\nM140 S0\\nM107\\nG28 X0\\nM84
"""


@pytest.mark.peers
@pytest.mark.corpus
@pytest.mark.parametrize("generator", ["classic", "arachne"])
@pytest.mark.parametrize("supports", [False, True], ids=["bare", "supported"])
@pytest.mark.parametrize("part", PARTS)
def test_no_honest_program_fails(part: str, supports: bool, generator: str, tmp_path: Path) -> None:
    slicer = shutil.which("prusa-slicer")
    if slicer is None:
        pytest.skip("prusa-slicer is not installed")
    model = CORPUS / "good" / part
    if not model.exists():
        pytest.skip(f"no corpus at {CORPUS}")
    ini, program = tmp_path / "peer.ini", tmp_path / "peer.gcode"
    ini.write_text(
        f"{SETTINGS}\nperimeter_generator = {generator}\nsupport_material = {supports:d}\n"
    )
    command = [slicer, "-g", "--center", "125,105", "--load", ini, "-o", program, model]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    base = plain_demand()
    integrity = replace(
        base.integrity,
        supports_allowed=supports,
        solid_layers=(4, 4),
        volume_permille=(900, 1_100),
        infill_permille=(120, 250),
    )
    audit = audit_program(
        program.read_bytes(), model.read_bytes(), replace(base, integrity=integrity)
    )
    failed = [f for f in audit.findings if f.status in (Status.FAIL, Status.NOT_EVALUATED)]
    assert failed == []
