"""What users see of a program: figures of programs whose answers are known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks import finish, quality

FILAMENT_MM2 = math.pi / 4 * 1.75**2


def square(x: float, y: float, side: float, e_per_mm: float, feed: int = 1800) -> list[str]:
    corners = [(x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return [f"G1 X{a:.3f} Y{b:.3f} E{side * e_per_mm:.5f} F{feed}" for a, b in corners]


def program(path: Path, *layers: list[str]) -> finish.Finish:
    lines = ["G90", "M83", "G92 E0", "M104 S210", "G1 F7800"]
    for number, layer in enumerate(layers):
        lines += [f"G1 Z{0.2 * (number + 1):.1f} F7800", ";TYPE:External perimeter", *layer]
    path.write_text("\n".join(lines) + "\n", "ascii")
    return finish.of_program(path)


def test_seams_are_as_far_apart_as_they_lie(tmp_path: Path) -> None:
    """Squares that begin 0.3 mm to the side of the one below."""
    layers = [
        [f"G1 X{100 + 0.3 * n:.1f} Y100 F7800", *square(100 + 0.3 * n, 100, 10, 0.03)]
        for n in range(5)
    ]
    assert program(tmp_path / "a.gcode", *layers).seam_p90_um == pytest.approx(300, abs=1)


def test_flow_steps_are_jumps_within_one_stroke(tmp_path: Path) -> None:
    """Sides that flow once and twice as much in turn: three jumps of one flow over four beads."""
    sides = [
        line.replace("E0.30000", "E0.60000") if n % 2 else line
        for n, line in enumerate(square(100, 100, 10, 0.03))
    ]
    found = program(tmp_path / "a.gcode", ["G1 X100 Y100 F7800", *sides])
    flow_mm3_s = 0.03 * 30 * FILAMENT_MM2
    assert found.flow_step_mm3_s == pytest.approx(flow_mm3_s * 3 / 4, rel=1e-3)
    even = program(tmp_path / "b.gcode", ["G1 X100 Y100 F7800", *square(100, 100, 10, 0.03)])
    assert even.flow_step_mm3_s == pytest.approx(0, abs=1e-6)


def test_stubs_draws_and_time_are_counted(tmp_path: Path) -> None:
    stubs = [f"G1 X{100 + 0.04 * (n + 1):.2f} Y100 E0.00120 F1800" for n in range(5)]
    drawn = ["G1 E-0.8 F2400", "G1 X50 Y50 F7800", "G1 E0.8 F2400"]
    layer = ["G1 X100 Y100 F7800", *stubs, *drawn, *square(50, 50, 20, 0.03)]
    found = program(tmp_path / "a.gcode", layer)
    metres = (5 * 0.04 + 80) / 1000
    cm3 = metres * 1000 * 0.03 * FILAMENT_MM2 / 1000
    assert found.stubs_per_m == pytest.approx(5 / metres, rel=1e-3)
    assert found.draws_per_cm3 == pytest.approx(1 / cm3, rel=1e-3)
    # Twenty mm at 30 mm/s four times, and what else there is, takes no less than that.
    assert 80 / 30 < found.time_s < 80 / 30 + 6
    without = [line for line in layer if line not in stubs]
    assert program(tmp_path / "b.gcode", without).commands_per_s <= found.commands_per_s


def test_worse_is_more_than_what_nobody_sees() -> None:
    theirs = finish.Finish(1000.0, 100.0, 0.5, 2.0, 100.0, 20.0)
    assert finish.worse(theirs, theirs) == []
    assert finish.worse(theirs._replace(time_s=1019.0), theirs) == []
    assert finish.worse(theirs._replace(time_s=1021.0, seam_p90_um=106.0), theirs) == [
        "time_s",
        "seam_p90_um",
    ]
    assert finish.worse(None, theirs) == ["no program"]
    assert finish.worse(theirs, theirs._replace(seam_p90_um=math.nan)) == []


def test_time_at_equal_volume_takes_nothing_for_filling_less() -> None:
    theirs = {"total_time_estimate_s": 1000.0, "extruded_volume_mm3": 500.0}
    half = {"total_time_estimate_s": 500.0, "extruded_volume_mm3": 250.0}
    assert quality.time_at_equal_volume(half, theirs) == pytest.approx(1.0)
    faster = {"total_time_estimate_s": 900.0, "extruded_volume_mm3": 500.0}
    assert quality.time_at_equal_volume(faster, theirs) == pytest.approx(0.9)
    nothing = {"total_time_estimate_s": 5.0, "extruded_volume_mm3": 0.0}
    assert quality.time_at_equal_volume(nothing, theirs) is None
