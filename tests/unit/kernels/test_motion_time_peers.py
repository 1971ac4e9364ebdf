"""Printing times beside those that PrusaSlicer states for its own programs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from printstd.kernels.motion_time import MotionModel, move_times

BRACKET = Path(__file__).parents[3] / "samples" / "bracket.stl"
# PrusaSlicer 2.5.0's own limits, as its programs state them: normal mode, then silent mode.
MODES = {
    "normal": (
        MotionModel((500, 500, 12, 120), (9_000, 9_000, 500, 10_000), (10, 10, 0.2, 2.5), None),
        1_500.0,
    ),
    "silent": (
        MotionModel((200, 200, 12, 120), (1_000, 1_000, 200, 5_000), (10, 10, 0.4, 2.5), None),
        1_250.0,
    ),
}
SETTINGS = """
layer_height = 0.2
first_layer_height = 0.2
use_relative_e_distances = 1
layer_gcode = G92 E0
gcode_flavor = marlin2
silent_mode = 1
retract_length = 0.8
"""


def moves_of(text: str) -> np.ndarray:
    """(m, 5): X, Y, Z ways in um, E in 1e-5 mm, feed in mm/min."""
    at, feed, rows = [0.0, 0.0, 0.0], 0.0, []
    for line in text.splitlines():
        words = line.split(";", 1)[0].split()
        if not words or words[0] not in ("G0", "G1"):
            continue
        named = {word[0]: float(word[1:]) for word in words[1:]}
        feed = named.get("F", feed)
        end = [named.get(axis, here) for axis, here in zip("XYZ", at, strict=True)]
        way = [round((b - a) * 1_000) for a, b in zip(at, end, strict=True)]
        fed = round(named.get("E", 0.0) * 1e5)
        if any(way) or fed:
            rows.append((*way, fed, round(feed)))
        at = end
    return np.array(rows, np.int64)


@pytest.mark.peers
def test_times_are_within_two_per_cent_of_prusaslicers(tmp_path: Path) -> None:
    slicer = shutil.which("prusa-slicer")
    if slicer is None:
        pytest.skip("prusa-slicer is not installed")
    ini, program = tmp_path / "peer.ini", tmp_path / "peer.gcode"
    ini.write_text(SETTINGS)
    command = [slicer, "-g", "--center", "100,100", "--load", ini, "-o", program, BRACKET]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = program.read_text()
    moves = moves_of(text)
    for mode, (model, accel) in MODES.items():
        stated = re.search(rf"estimated printing time \({mode} mode\) = (.*)", text)
        assert stated
        units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
        seconds = sum(int(n) * units[u] for n, u in re.findall(r"(\d+)([dhms])", stated[1]))
        found = move_times(
            moves[:, :3], moves[:, 3], moves[:, 4], np.full(len(moves), accel), model
        )
        assert found.sum() == pytest.approx(seconds, rel=0.02)
