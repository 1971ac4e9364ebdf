"""A warm cache changes no byte of a print of several tools, whichever of them a setting is of."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.errors import InternalError, PrintstdError
from printstd.profiles.models import Material
from printstd.profiles.resolved import Request, Resolved
from printstd.reuse.withheld import without
from tests import meshes
from tests.caches import MemoryCache
from tests.shares import share
from tests.unit.profiles.sources import BUNDLED

FLAT = pipeline.ModelInput(meshes.stl_binary(meshes.box((16, 10, 1.2))), "flat.stl")
DISC = pipeline.ModelInput(
    meshes.stl_binary(meshes.cylinder(radius=5, height=1.6, n_sides=16)), "disc.stl"
)


@functools.cache
def resolved_for(*overrides: tuple[str, str]) -> Resolved:
    request = Request(
        printer="bibo2-touch-dual", overrides=overrides, material="pla", more_materials=("pla",)
    )
    return pipeline.resolve(request, BUNDLED)


def outcome(resolved: Resolved, cache: MemoryCache | None, extruders: tuple[int, ...]) -> object:
    """All that is handed on."""
    try:
        parts = [
            part
            for model, extruder in zip((FLAT, DISC), extruders, strict=True)
            for part in pipeline.prepare_all(
                model, pipeline.Order(extruder=extruder), resolved, cache=cache
            )
        ]
        made = pipeline.make_plate(
            pipeline.plate_of(parts),
            executor=SerialExecutor(),
            progress=NoProgress(),
            cache=cache,
        )
    except PrintstdError as error:
        return str(error), error.exit_code
    return made.program.data, made.program.totals, made.demand, made.notices


@functools.cache
def warm() -> MemoryCache:
    cache = MemoryCache()
    outcome(resolved_for(), cache, (1, 2))
    return cache


def check(resolved: Resolved, extruders: tuple[int, ...] = (1, 2)) -> object:
    cold = outcome(resolved, None, extruders)
    assert outcome(resolved, warm(), extruders) == cold
    assert outcome(resolved, warm(), extruders) == cold
    return cold


def changed(model: BaseModel) -> Iterator[tuple[str, BaseModel]]:
    """The model with each of its numbers another one, and the number's name."""
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        if isinstance(value, BaseModel):
            for inner, other in changed(value):
                yield f"{name}.{inner}", model.model_copy(update={name: other})
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            other = value + 1 if isinstance(value, int) else value * 1.01 + 0.001
            yield name, model.model_copy(update={name: other})


MATERIALS = {
    name: material
    for name, material in changed(resolved_for().material)
    # What is known of a material beside the settings it is printed with makes no program.
    if not name.startswith("properties.")
}


@pytest.mark.parametrize("name", share(MATERIALS, 3))
def test_each_number_of_the_second_material(name: str) -> None:
    second = MATERIALS[name]
    assert isinstance(second, Material)
    resolved = resolved_for()
    given = replace(resolved, tool_materials=(resolved.material, second))
    assert check(given) != outcome(resolved, warm(), (1, 2))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("process.prime_tower.enabled", "false"),
        ("process.prime_tower.width_mm", "40.0"),
        ("process.prime_tower.brim_width_mm", "3.0"),
        ("process.prime_tower.speed_mm_s", "30.0"),
        ("process.walls.seam", "nearest"),
        ("material.fan.min_ratio", "0.3"),
        ("printer.tools.retract_mm", "2.5"),
        ("printer.tools.standby_drop_c", "40"),
        ("printer.tools.preheat_s", "5.0"),
        ("printer.tools.change_s", "9.0"),
        ("printer.tools.purge_mm3", "20.0"),
        ("printer.tools.purge_matrix_mm3", "[[0, 9], [30, 0]]"),
        ("printer.tools.after_change_code", '["G92 E0"]'),
        ("printer.tools.before_change_code", '["M400"]'),
    ],
)
def test_each_setting_of_tools(key: str, value: str) -> None:
    check(resolved_for((key, value)))


@pytest.mark.parametrize("extruders", [(1, 1), (2, 2), (2, 1), (1, 2)])
def test_whichever_tool_makes_what(extruders: tuple[int, ...]) -> None:
    resolved = resolved_for()
    other = resolved.material.model_copy(update={"flow_ratio": 0.9})
    check(resolved, extruders)
    check(replace(resolved, tool_materials=(resolved.material, other)), extruders)


def test_the_fan_of_either_material_spoils_nothing_but_what_it_is_said_with() -> None:
    """The same moves out of the cache: only the head and the foot are written anew."""
    resolved, cache = resolved_for(), MemoryCache()
    outcome(resolved, cache, (1, 2))
    known = set(cache.entries)
    fan = resolved.material.fan.model_copy(update={"max_ratio": 0.5, "min_ratio": 0.4})
    second = resolved.material.model_copy(update={"fan": fan})
    given = replace(resolved, tool_materials=(resolved.material, second))
    assert outcome(given, cache, (1, 2)) == outcome(given, None, (1, 2))
    assert set(cache.entries) == known


def test_what_is_withheld_of_one_material_is_withheld_of_all() -> None:
    given = without(resolved_for(), ("material.fan",))
    for tool in range(2):
        with pytest.raises(InternalError, match=r"material\.fan"):
            _ = given.material_of(tool).fan.min_ratio
        assert given.material_of(tool).flow_ratio
