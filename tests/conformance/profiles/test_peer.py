"""The peer profiles say exactly what the settings of the comparison say, key by key."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request, Resolved
from printstd.profiles.wall_models import WallOrder
from tests.unit.profiles.sources import BUNDLED

CORPUS = Path(os.environ.get("PRINTSTD_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
SETTINGS = CORPUS.parent / "tools" / "peers.ini"

Value = float | str | bool


def number(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\\n"))


MIRROR: dict[str, tuple[Callable[[str], object], Callable[[Resolved], object]]] = {
    "layer_height": (number, lambda r: r.process.layer_height_mm),
    "first_layer_height": (number, lambda r: r.process.first_layer_height_mm),
    "perimeters": (int, lambda r: r.process.walls.count),
    "top_solid_layers": (int, lambda r: r.process.shells.top_layers),
    "bottom_solid_layers": (int, lambda r: r.process.shells.bottom_layers),
    "fill_density": (number, lambda r: r.process.infill.density_ratio),
    "fill_pattern": (str, lambda r: r.process.infill.pattern.value),
    "fill_angle": (number, lambda r: r.process.infill.angle_deg),
    "skirts": (int, lambda r: r.process.adhesion.skirt_loops),
    "brim_width": (number, lambda r: r.process.adhesion.brim_width_mm),
    "nozzle_diameter": (number, lambda r: r.nozzle_mm),
    "filament_diameter": (number, lambda r: r.material.filament_diameter_mm),
    "extrusion_multiplier": (number, lambda r: r.material.flow_ratio),
    # Every width is given by its own key too; this one is the rest, which there is none of.
    "extrusion_width": (number, lambda r: r.process.widths.perimeter_mm),
    "first_layer_extrusion_width": (number, lambda r: r.process.widths.first_layer_mm),
    "perimeter_extrusion_width": (number, lambda r: r.process.widths.perimeter_mm),
    "external_perimeter_extrusion_width": (
        number,
        lambda r: r.process.widths.external_perimeter_mm,
    ),
    "infill_extrusion_width": (number, lambda r: r.process.widths.infill_mm),
    "solid_infill_extrusion_width": (number, lambda r: r.process.widths.solid_infill_mm),
    "top_infill_extrusion_width": (number, lambda r: r.process.widths.top_infill_mm),
    "temperature": (int, lambda r: r.material.nozzle_c),
    "first_layer_temperature": (int, lambda r: r.material.first_layer_nozzle_c),
    "bed_temperature": (int, lambda r: r.material.bed_c),
    "first_layer_bed_temperature": (int, lambda r: r.material.first_layer_bed_c),
    "bed_shape": (str, lambda r: _bed_shape(r)),
    "max_print_height": (number, lambda r: r.printer and r.printer.volume.z_max_mm),
    "perimeter_speed": (number, lambda r: r.process.speeds.perimeter_mm_s),
    "external_perimeter_speed": (number, lambda r: r.process.speeds.external_perimeter_mm_s),
    "small_perimeter_speed": (number, lambda r: r.process.speeds.small_perimeter_mm_s),
    "infill_speed": (number, lambda r: r.process.speeds.infill_mm_s),
    "solid_infill_speed": (number, lambda r: r.process.speeds.solid_infill_mm_s),
    "top_solid_infill_speed": (number, lambda r: r.process.speeds.top_infill_mm_s),
    "gap_fill_speed": (number, lambda r: r.process.speeds.gap_fill_mm_s),
    "bridge_speed": (number, lambda r: r.process.speeds.bridge_mm_s),
    "first_layer_speed": (number, lambda r: r.process.speeds.first_layer_mm_s),
    "travel_speed": (number, lambda r: r.process.speeds.travel_mm_s),
    "default_acceleration": (number, lambda r: max(v for _, v in r.process.accelerations)),
    # cooling and fan_always_on: the fan curve is followed, and never below its minimum.
    "cooling": (int, lambda r: int(r.material.fan.slowdown_below_layer_time_s > 0)),
    "fan_always_on": (int, lambda r: int(r.material.fan.min_ratio > 0)),
    "min_fan_speed": (number, lambda r: r.material.fan.min_ratio * 100),
    "max_fan_speed": (number, lambda r: r.material.fan.max_ratio * 100),
    "disable_fan_first_layers": (int, lambda r: r.material.fan.off_layers),
    "fan_below_layer_time": (number, lambda r: r.material.fan.below_layer_time_s),
    "slowdown_below_layer_time": (number, lambda r: r.material.fan.slowdown_below_layer_time_s),
    "min_print_speed": (number, lambda r: r.material.fan.min_print_speed_mm_s),
    "retract_length": (number, lambda r: r.printer and r.printer.retraction.length_mm),
    "retract_speed": (number, lambda r: r.printer and r.printer.retraction.speed_mm_s),
    "retract_before_travel": (number, lambda r: r.printer and r.printer.retraction.min_travel_mm),
    "retract_lift": (number, lambda r: r.printer and r.printer.retraction.lift_mm),
    "layer_gcode": (lines, lambda r: r.printer and r.printer.layer_change_code),
    "start_gcode": (lines, lambda r: _start_lines(r)),
    "end_gcode": (lines, lambda r: r.printer and r.printer.end_code),
    "seam_position": (str, lambda r: r.process.walls.seam.value),
    "gcode_flavor": (str, lambda r: r.printer and r.printer.firmware.value),
}
NOT_SETTINGS_OF_OURS = {
    # Supports are never made yet; E is always relative; there is one wall generator, the classic.
    "support_material": "0",
    "use_relative_e_distances": "1",
    "perimeter_generator": "classic",
}


def _bed_shape(resolved: Resolved) -> str:
    assert resolved.printer
    v = resolved.printer.volume
    corners = (
        (v.x_min_mm, v.y_min_mm),
        (v.x_max_mm, v.y_min_mm),
        (v.x_max_mm, v.y_max_mm),
        (v.x_min_mm, v.y_max_mm),
    )
    return ",".join(f"{x:g}x{y:g}" for x, y in corners)


def _start_lines(resolved: Resolved) -> tuple[str, ...]:
    """The printer's own lines but the heating, which the peers put around theirs by themselves."""
    assert resolved.printer
    return tuple(
        line
        for line in resolved.printer.start_code
        if line.split()[0] not in ("M104", "M109", "M140", "M190")
    )


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    if not SETTINGS.exists():
        pytest.skip(f"the settings of the comparison are not at {SETTINGS.name} beside the corpus")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(SETTINGS, encoding="utf-8")
    return {**parser["common"], **parser["prusa_classic"]}


@pytest.fixture(scope="module")
def peer() -> Resolved:
    return resolve(Request(printer="peer", material="peer", process="peer-0.20"), BUNDLED)


@pytest.mark.corpus
def test_every_setting_of_the_comparison_is_mirrored(
    settings: dict[str, str], peer: Resolved
) -> None:
    assert set(settings) == set(MIRROR) | set(NOT_SETTINGS_OF_OURS)
    for key, text in settings.items():
        if key in NOT_SETTINGS_OF_OURS:
            assert text == NOT_SETTINGS_OF_OURS[key]
            continue
        read, ours = MIRROR[key]
        assert (key, ours(peer)) == (key, read(text))


def test_every_compensation_is_off(peer: Resolved) -> None:
    assert set(dict(peer.process.compensation).values()) == {0.0}
    assert (peer.material.shrinkage_xy_ratio, peer.material.shrinkage_z_ratio) == (0.0, 0.0)
    assert peer.material.pressure_advance_s is None
    assert peer.printer is not None
    assert not peer.printer.motion.emit
    assert not peer.printer.retraction.is_wiping


def test_nothing_but_the_z_speed_is_capped(peer: Resolved) -> None:
    """The peers write Z moves at the travel speed and leave it to the firmware to slow them."""
    capped = {key for key, origin in peer.origins.items() if "capped" in origin}
    assert capped == {"process.speeds.travel_z_mm_s"}


DEFAULTS: dict[str, tuple[Callable[[str], object], Callable[[Resolved], object]]] = {
    "thin_walls": (int, lambda r: r.process.walls.thin_walls),
    "gap_fill_enabled": (int, lambda r: r.process.walls.gap_fill),
    "external_perimeters_first": (int, lambda r: r.process.walls.order is WallOrder.OUTER_INNER),
    "ensure_vertical_shell_thickness": (int, lambda r: r.process.shells.ensure_vertical),
    "top_solid_min_thickness": (number, lambda r: r.process.shells.top_min_thickness_mm),
    "bottom_solid_min_thickness": (number, lambda r: r.process.shells.bottom_min_thickness_mm),
    "solid_infill_below_area": (number, lambda r: r.process.shells.solid_below_area_mm2),
    "infill_overlap": (number, lambda r: r.process.infill.overlap_ratio),
    "infill_anchor": (
        number,
        lambda r: round(r.process.infill.anchor_mm / r.process.widths.infill_mm, 9),
    ),
    "infill_anchor_max": (number, lambda r: r.process.infill.anchor_max_mm),
    "thick_bridges": (int, lambda r: r.process.bridges.thick_external),
    "bridge_flow_ratio": (number, lambda r: r.process.bridges.flow_ratio),
    "slice_closing_radius": (number, lambda r: r.process.slice_closing_mm),
    "gcode_resolution": (number, lambda r: r.process.resolution_mm),
    "avoid_crossing_perimeters": (int, lambda r: r.process.avoid_crossing_walls),
    "elefant_foot_compensation": (number, lambda r: r.process.compensation.elephant_foot_mm),
    "xy_size_compensation": (number, lambda r: r.process.compensation.xy_mm),
    "bridge_fan_speed": (number, lambda r: r.material.fan.bridge_ratio * 100),
    "wipe": (int, lambda r: r.printer and r.printer.retraction.is_wiping),
    "retract_layer_change": (int, lambda r: r.printer and r.printer.retraction.on_layer_change),
    "machine_max_feedrate_z": (
        lambda text: number(text.split(",")[0]),
        lambda r: r.printer and r.printer.motion.max_speed_mm_s.z,
    ),
    "machine_max_acceleration_x": (
        lambda text: number(text.split(",")[0]),
        lambda r: r.printer and r.printer.motion.max_accel_mm_s2.x,
    ),
}


@pytest.mark.peers
@pytest.mark.corpus
def test_what_the_settings_leave_open_is_prusa_slicer_s_default(
    settings: dict[str, str], peer: Resolved, tmp_path: Path
) -> None:
    slicer = shutil.which("prusa-slicer")
    if slicer is None:
        pytest.skip("prusa-slicer is not installed")
    given, saved = tmp_path / "given.ini", tmp_path / "saved.ini"
    given.write_text("".join(f"{key} = {text}\n" for key, text in settings.items()), "utf-8")
    command = [slicer, "--load", str(given), "--save", str(saved)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string("[all]\n" + saved.read_text("utf-8"))
    for key, (read, ours) in DEFAULTS.items():
        assert key not in settings
        assert (key, ours(peer)) == (key, read(parser["all"][key]))
