"""A warm cache changes no byte: whatever is set, a program is the one that is made without.

One cache holds what was made for all settings of a part, one after the other. A key that left
something out would find what another setting made.
"""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.errors import PrintstdError
from printstd.profiles.keys import settable_keys
from printstd.profiles.models import Material, Printer, Process
from printstd.profiles.resolved import Resolved
from tests.caches import MemoryCache
from tests.meshes import stl_binary
from tests.unit.toolpath import test_settings as known
from tests.unit.toolpath.planning import profiles

Settings = tuple[tuple[str, str], ...]

ROWS = [*known.ROWS, *known.MATERIAL_ROWS, *known.RETRACTION_ROWS]
OTHERS: tuple[tuple[str, str], ...] = (
    # What no toolpath shows, and every program may.
    ("process.heal_gap_mm", "0.3"),
    ("process.arcs.max_deviation_mm", "0.02"),
    ("process.plate.by_object", "true"),
    ("process.plate.spacing_mm", "7.5"),
    ("process.integrity.max_air_mm", "9.0"),
    ("process.ranges", "[{from_mm = 1.0, to_mm = 2.0, walls = {count = 4}}]"),
    ("process.ranges", "[{from_mm = 1.0, to_mm = 2.0, speeds = {infill_mm_s = 33.0}}]"),
    ("process.ranges", "[{from_mm = 1.0, to_mm = 2.0, infill = {density_ratio = 0.5}}]"),
    ("material.nozzle_c", "222"),
    ("material.first_layer_nozzle_c", "223"),
    ("material.bed_c", "61"),
    ("material.first_layer_bed_c", "62"),
    ("material.density_g_cm3", "1.31"),
    ("material.cost_per_kg", "31.0"),
    ("material.shrinkage_xy_ratio", "0.003"),
    ("material.shrinkage_z_ratio", "0.004"),
    ("material.pressure_advance_s", "0.04"),
    ("material.min_wall_mm", "0.9"),
    ("printer.nozzle_mm", "0.45"),
    ("printer.max_layer_height_mm", "0.28"),
    ("printer.volume.x_max_mm", "240.0"),
    ("printer.motion.max_accel_mm_s2.x", "3000.0"),
    ("printer.motion.max_speed_mm_s.x", "90.0"),
    ("printer.motion.jerk_mm_s.x", "5.0"),
    ("printer.motion.print_accel_mm_s2", "900.0"),
    ("printer.motion.emit", "false"),
    ("printer.has_m73", "false"),
    ("printer.has_object_labels", "false"),
    ("printer.thumbnails_px", "[[32, 32]]"),
    ("printer.start_code", '["G28", "G1 Z5 F600"]'),
    ("printer.end_code", '["M104 S0", "M140 S0"]'),
    ("printer.layer_change_code", '["G92 E0"]'),
    ("printer.clearance.gantry_mm", "30.0"),
)


@functools.cache
def model(part: str) -> pipeline.ModelInput:
    mesh = known.PARTS[part]().to_mesh()
    return pipeline.ModelInput(stl_binary((mesh.vert_properties[:, :3], mesh.tri_verts)), "p.stl")


def made(part: str, resolved: Resolved, cache: MemoryCache | None) -> pipeline.Made:
    prepared = pipeline.prepare(model(part), pipeline.Order(), resolved, cache=cache)
    return pipeline.make_program(
        prepared, executor=SerialExecutor(), progress=NoProgress(), cache=cache
    )


@functools.cache
def warm(part: str) -> MemoryCache:
    """What is kept of a part; full of what its settings make when nobody changes them."""
    cache = MemoryCache()
    made(part, profiles(), cache)
    return cache


def outcome(part: str, resolved: Resolved, cache: MemoryCache | None) -> object:
    """All that is handed on."""
    try:
        done = made(part, resolved, cache)
    except PrintstdError as error:
        return str(error), error.exit_code
    return done.program.data, done.program.totals, done.demand, done.notices


def check(part: str, changed: Settings) -> None:
    try:
        resolved = profiles(*changed)
    except PrintstdError:
        # Refused with or without.
        return
    cold = outcome(part, resolved, None)
    assert outcome(part, resolved, warm(part)) == cold
    # And out of the cache alone.
    assert outcome(part, resolved, warm(part)) == cold


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_each_setting_alone(row: known.Row) -> None:
    for value in row.values:
        check(row.part, (*row.beside, (row.key, known.text(value))))


@pytest.mark.parametrize(("key", "value"), OTHERS, ids=[key for key, _ in OTHERS])
def test_each_setting_that_no_toolpath_shows(key: str, value: str) -> None:
    profiles((key, value))
    check("steps", ((key, value),))


def test_every_setting_of_a_process_is_changed_once() -> None:
    changed = {row.key.removeprefix("process.") for row in ROWS}
    changed |= {key.removeprefix("process.") for key, _ in OTHERS}
    # Names, what the auditor is told, where values come from: see `NO_TOOLPATH`.
    said = ("id", "title_en", "integrity.", "provenance.")
    assert {key for key in settable_keys(Process) if not key.startswith(said)} <= changed


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(ROWS), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_some_settings_at_once(rows: list[known.Row], random: object) -> None:
    changed = {row.key: known.text(random.choice(row.values)) for row in rows}  # type: ignore[attr-defined]
    check("steps", tuple(changed.items()))
