"""A warm cache changes no byte of what is made of projects: objects, modifiers, wishes."""

from __future__ import annotations

import dataclasses

import pytest

from printstd import pipeline
from printstd.profiles.resolved import Request
from tests import meshes
from tests.caches import MemoryCache
from tests.projects import (
    BLOCKER,
    ENFORCER,
    MODIFIER,
    SERIAL,
    SILENT,
    Thing,
    Volume,
    prusa,
)
from tests.unit.profiles.sources import BUNDLED

BASE = meshes.box((16, 12, 4))
TEE = meshes.merged(meshes.box((6, 6, 4)), meshes.box((20, 6, 1), (0, 0, 4)))
INSIDE = meshes.box((6, 14, 6), (4, -1, -1))
WITHIN = meshes.box((3, 6, 3), (6, 2, 1))
BESIDE = meshes.box((10, 10, 4), (30, 0, 0))
SUPPORTS = {"supports.enabled": "true", "supports.style": "snug"}
OFF = {"infill.anchoring": "never"}


def modified(density: str, walls: str, inside=INSIDE) -> bytes:
    return prusa(
        Thing(
            [
                Volume(BASE),
                Volume(inside, MODIFIER, {"fill_density": density}),
                Volume(WITHIN, MODIFIER, {"perimeters": walls}),
            ]
        )
    )


def of_two(walls: str) -> bytes:
    return prusa(Thing([Volume(BASE)]), Thing([Volume(BESIDE)], {"perimeters": walls}))


def supported(*wishes: Volume) -> bytes:
    return prusa(Thing([Volume(TEE), *wishes]))


PROJECTS = {
    "plain": (prusa(Thing([Volume(BASE)])), {}),
    "inside": (modified("50%", "4"), {}),
    "denser": (modified("70%", "4"), {}),
    "more walls": (modified("50%", "5"), {}),
    "elsewhere": (modified("50%", "4", meshes.box((6, 14, 6), (8, -1, -1))), {}),
    "other settings": (modified("50%", "4"), {"shells.top_layers": "3"}),
    "not anchored": (modified("50%", "4"), OFF),
    "objects": (of_two("3"), {}),
    "other objects": (of_two("4"), {}),
    "supported": (supported(), SUPPORTS),
    "blocked": (supported(Volume(meshes.box((8, 8, 3), (8, -1, 2)), BLOCKER)), SUPPORTS),
    "less blocked": (supported(Volume(meshes.box((6, 8, 3), (8, -1, 2)), BLOCKER)), SUPPORTS),
    "enforced": (supported(Volume(meshes.box((8, 8, 3), (8, -1, 2)), ENFORCER)), SUPPORTS),
}
NAMES = {"p.3mf", "other name.3mf"}


def made(data: bytes, own: dict[str, str], cache: MemoryCache | None, name: str = "p.3mf"):
    overrides = tuple((f"process.{key}", value) for key, value in own.items())
    resolved = pipeline.resolve(Request(printer="mk4s", overrides=overrides), BUNDLED)
    prepared = pipeline.prepare(
        pipeline.ModelInput(data, name), pipeline.Order(), resolved, cache=cache
    )
    return pipeline.make_program(prepared, executor=SERIAL, progress=SILENT, cache=cache)


def said(own: pipeline.Made) -> tuple[bytes, object, list[tuple[str, str]]]:
    found = [(finding.rule_id, finding.message) for finding in own.notices]
    return own.program.data, dataclasses.asdict(own.demand), found


@pytest.fixture(scope="module")
def cold():
    return {name: said(made(data, own, None)) for name, (data, own) in PROJECTS.items()}


def test_what_differs_is_laid_otherwise(cold):
    def moves(name: str) -> bytes:
        return b"\n".join(line for line in cold[name][0].splitlines() if line.startswith(b"G1 "))

    # All that hangs is supported, enforced or not.
    others = [name for name in PROJECTS if name not in ("not anchored", "enforced")]
    assert len({moves(name) for name in others}) == len(others)
    # Where there are zones nothing is anchored on the infill below.
    assert moves("not anchored") == moves("inside")


def test_one_cache_for_all_changes_nothing(cold):
    cache = MemoryCache()
    for _ in range(2):
        for name, (data, own) in PROJECTS.items():
            for file_name in sorted(NAMES):
                assert said(made(data, own, cache, file_name)) == cold[name], (name, file_name)


def test_all_is_taken_from_a_warm_cache(cold, monkeypatch):
    cache = MemoryCache()
    data, own = PROJECTS["inside"]
    made(data, own, cache)
    monkeypatch.setattr("printstd.intake.read_model", None)
    monkeypatch.setattr("printstd.slicing.slice_mesh", None)
    monkeypatch.setattr("printstd.slicing.slice_region", None)
    monkeypatch.setattr("printstd.toolpath.plan.lay_all", None)
    assert said(made(data, own, cache)) == cold["inside"]
