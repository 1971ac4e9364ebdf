"""A warm cache changes no byte: whatever is set, a program is the one that is made without.

One cache holds what was made for all settings of a part, one after the other. A key that left
something out would find what another setting made.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.errors import InternalError, PrintstdError
from printstd.profiles.epochs import EPOCHS
from printstd.profiles.keys import settable_keys
from printstd.profiles.models import Process
from printstd.profiles.resolved import Request, Resolved
from printstd.units import LengthUnit
from tests.caches import MemoryCache
from tests.meshes import stl_binary
from tests.shares import IS_WHOLE, crossed, examples, share
from tests.unit.profiles.sources import BUNDLED
from tests.unit.toolpath.planning import profiles
from tests.unit.toolpath.settings.machine_rows import MATERIAL_ROWS, RETRACTION_ROWS
from tests.unit.toolpath.settings.planned import PARTS, Row, text
from tests.unit.toolpath.settings.process_rows import PROCESS_ROWS
from tests.unit.toolpath.settings.support_rows import SUPPORT_ROWS

Settings = tuple[tuple[str, str], ...]
AS_FILED = pipeline.Order()

ROWS = sorted(
    [*PROCESS_ROWS, *SUPPORT_ROWS, *MATERIAL_ROWS, *RETRACTION_ROWS], key=lambda row: row.part
)
"""Part by part: what is kept of one is let go before the next."""
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
    ("printer.layer_change_code", '["G92 E0", "G92 E0"]'),
    ("printer.clearance.gantry_mm", "30.0"),
)


@functools.cache
def model(part: str) -> pipeline.ModelInput:
    mesh = PARTS[part]().to_mesh()
    return pipeline.ModelInput(stl_binary((mesh.vert_properties[:, :3], mesh.tri_verts)), "p.stl")


def made(
    part: str, resolved: Resolved, cache: MemoryCache | None, order: pipeline.Order
) -> pipeline.Made:
    prepared = pipeline.prepare(model(part), order, resolved, cache=cache)
    return pipeline.make_program(
        prepared, executor=SerialExecutor(), progress=NoProgress(), cache=cache
    )


@functools.lru_cache(maxsize=2)
def warm(part: str) -> MemoryCache:
    """What is kept of a part; full of what its settings make when nobody changes them."""
    cache = MemoryCache()
    made(part, profiles(), cache, AS_FILED)
    return cache


def outcome(
    part: str, resolved: Resolved, cache: MemoryCache | None, order: pipeline.Order
) -> object:
    """All that is handed on."""
    try:
        done = made(part, resolved, cache, order)
    except InternalError:
        # A stage looked at what its key does not hold.
        raise
    except PrintstdError as error:
        return str(error), error.exit_code
    return done.program.data, done.program.totals, done.demand, done.notices


def check(part: str, resolved: Resolved, order: pipeline.Order = AS_FILED) -> None:
    cold = outcome(part, resolved, None, order)
    assert outcome(part, resolved, warm(part), order) == cold
    # And out of the cache alone.
    assert outcome(part, resolved, warm(part), order) == cold


def check_changed(part: str, changed: Settings) -> None:
    try:
        resolved = profiles(*changed)
    except PrintstdError:
        # Refused before anything is asked for.
        return
    check(part, resolved)


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_each_setting_alone(row: Row) -> None:
    for value in row.values if IS_WHOLE else row.values[-1:]:
        check_changed(row.part, (*row.beside, (row.key, text(value))))


@pytest.mark.parametrize(("key", "value"), OTHERS, ids=[key for key, _ in OTHERS])
def test_each_setting_that_no_toolpath_shows(key: str, value: str) -> None:
    check("steps", profiles((key, value)))


def test_every_setting_of_a_process_is_changed_once() -> None:
    changed = {row.key.removeprefix("process.") for row in ROWS}
    changed |= {key.removeprefix("process.") for key, _ in OTHERS}
    # Names, what the auditor is told, where values come from: see `NO_TOOLPATH`. Of tools: see
    # `test_reuse_tools`.
    said = (
        "id",
        "title_en",
        "design.",
        "integrity.",
        "printability.",
        "provenance.",
        "prime_tower.",
    )
    assert {key for key in settable_keys(Process) if not key.startswith(said)} <= changed


@settings(max_examples=examples(12, 6), deadline=None)
@given(st.lists(st.sampled_from(ROWS), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_some_settings_at_once(rows: list[Row], random: object) -> None:
    changed = {row.key: text(random.choice(row.values)) for row in rows}  # type: ignore[attr-defined]
    check_changed("steps", tuple(changed.items()))


def numbers(model: BaseModel, head: str) -> Iterator[tuple[str, str]]:
    """Every number and choice between two of a profile, and another one."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from numbers(value, f"{head}.{name}")
        elif isinstance(value, bool):
            yield f"{head}.{name}", str(not value).lower()
        elif isinstance(value, (int, float)):
            yield f"{head}.{name}", str(value + 1 if isinstance(value, int) else value * 1.01)


def test_each_number_of_material_and_machine() -> None:
    resolved = profiles()
    assert resolved.printer is not None
    changes = [*numbers(resolved.material, "material"), *numbers(resolved.printer, "printer")]
    assert len(changes) > 60
    for change in share(changes, 3):
        check_changed("cube", (change,))


@pytest.mark.parametrize(
    ("printer", "process"),
    crossed(
        ["mk4s", "ender3-v2", "voron-2.4-350", "railcore-ii-300zl"],
        ["standard-0.20", "draft-0.30", "fine-0.12"],
        one_in=3,
    ),
)
def test_profiles_of_other_names(printer: str, process: str) -> None:
    for material in ("pla", "petg"):
        check("letters", profiles(printer=printer, process=process, material=material))


@pytest.mark.parametrize(
    "order",
    [
        pipeline.Order(scale_e6=1_100_000),
        pipeline.Order(rotate_deg=(0.0, 0.0, 30.0)),
        pipeline.Order(rotate_deg=(90.0, 0.0, 0.0)),
        pipeline.Order(unit=LengthUnit.CENTIMETER, scale_e6=120_000),
        pipeline.Order(is_oriented=True),
        pipeline.Order(is_healed=True),
    ],
    ids=repr,
)
def test_each_way_of_asking_for_a_model(order: pipeline.Order) -> None:
    check("ell", profiles(), order)
    check("ell", profiles(("infill.density_ratio", "0.4")), order)


@pytest.mark.parametrize("number", [epoch.number for epoch in EPOCHS])
def test_each_epoch(number: int) -> None:
    three = (("walls.count", "3"), ("walls.order", "inner_outer_inner"))
    request = Request(printer="mk4s", overrides=three, epoch=number)
    check("drilled", pipeline.resolve(request, BUNDLED))


def test_plates_of_several() -> None:
    cache = MemoryCache()
    for names, copies in ((("cube", "slab"), 1), (("slab", "cube"), 2), (("cube",), 3)):
        for one_by_one in ("false", "true"):
            resolved = profiles(("plate.by_object", one_by_one))
            programs = []
            for kept in (None, cache, cache):
                parts = [
                    pipeline.prepare(model(name), AS_FILED, resolved, cache=kept) for name in names
                ]
                programs.append(
                    pipeline.make_plate(
                        pipeline.plate_of(parts, copies=copies),
                        executor=SerialExecutor(),
                        progress=NoProgress(),
                        cache=kept,
                    ).program.data
                )
            assert programs[0] == programs[1] == programs[2]
