"""Programs with walls of variable width pass the audit as it is, and faults that only such walls
can have are found by the rule named for them beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold

from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.audit import Audit
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from printstd.toolpath import walling
from printstd.toolpath.paths import PathSet
from tests.meshes import stl_binary
from tests.mutation.test_mutants import failed_rules


def comb() -> bytes:
    """On a plate: tapered walls of 0.4 to 1.9 mm, a ring of changing thickness, a letter's stem and
    arm; everything that variable walls are for."""
    part = Manifold.cube((44, 16, 1.0))
    for i, (thin, thick) in enumerate(((0.4, 1.0), (0.9, 1.4), (1.2, 1.9))):
        y = 2.5 + 4.5 * i
        outline = [(1, y - thin / 2), (29, y - thick / 2), (29, y + thick / 2), (1, y + thin / 2)]
        part += Manifold.extrude(CrossSection([np.array(outline)]), 2.6)
    ring = Manifold.cylinder(2.6, 6, 6, 64) - Manifold.cylinder(9, 5.1, 5.1, 64, True).translate(
        (0.35, 0, 0)
    )
    part += ring.translate((36.5, 8, 0))
    part += Manifold.cube((1.0, 7, 2.6)).translate((36, 4.5, 0))
    part += Manifold.cube((4.0, 1.2, 2.6)).translate((34.5, 7.4, 0))
    mesh = part.to_mesh()
    return stl_binary((np.asarray(mesh.vert_properties, float)[:, :3], np.asarray(mesh.tri_verts)))


MODEL = comb()


def prepared(*overrides: tuple[str, str]) -> pipeline.Prepared:
    request = Request(
        printer="mk4s",
        material="pla",
        process="standard-0.20",
        overrides=(("walls.generator", "variable"), *overrides),
    )
    resolved = pipeline.resolve(request, default_source())
    return pipeline.prepare(pipeline.ModelInput(MODEL, "comb.stl"), pipeline.Order(), resolved)


def made(executor: SerialExecutor | ProcessExecutor, *overrides: tuple[str, str]) -> pipeline.Made:
    return pipeline.make_program(prepared(*overrides), executor=executor, progress=NoProgress())


def audited(*overrides: tuple[str, str]) -> Audit:
    done = made(SerialExecutor(), *overrides)
    return audit_program(done.program.data, MODEL, done.demand)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_program_of_variable_walls_passes(count: int) -> None:
    found = audited(("walls.count", str(count)))
    assert not failed_rules(found)
    assert all(f.status is not Status.INDETERMINATE for f in found.findings)


def test_many_processes_make_the_same_bytes() -> None:
    shuffled = ProcessExecutor(
        2, chunk_size=1, submit_order=lambda count: list(reversed(range(count)))
    )
    assert made(shuffled).program.data == made(SerialExecutor()).program.data


Change = Callable[[PathSet], PathSet]


def walls_changed(patch: pytest.MonkeyPatch, change: Change) -> None:
    honest = walling.plan_walls_of

    def faulty(*args: Any) -> list[Any]:
        return [walls._replace(paths=change(walls.paths)) for walls in honest(*args)]

    patch.setattr(walling, "plan_walls_of", faulty)


def outer_wider(paths: PathSet) -> PathSet:
    """What the outer walls are widened by is laid twice over."""
    outer = np.repeat(paths.depth == 0, np.diff(paths.offsets))
    by = np.where(outer, 2 * paths.widening_nm + 90_000 * (paths.widening_nm != 0), 0)
    return replace(paths, widening_nm=np.where(outer, by, paths.widening_nm))


def outer_narrower(paths: PathSet) -> PathSet:
    """The outer walls' middles have moved, their widths have not."""
    outer = np.repeat(paths.depth == 0, np.diff(paths.offsets))
    by = np.where(outer & (paths.widening_nm != 0), -140_000, paths.widening_nm)
    return replace(paths, widening_nm=by)


FAULTS: dict[str, tuple[str, Change]] = {
    "outer walls widened too much": ("G-03", outer_wider),
    "outer walls widened too little": ("G-04", outer_narrower),
}
"""Fault -> (the rule that must find it, what is done to every layer's beads)."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_widths_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, change = FAULTS[name]
    walls_changed(monkeypatch, change)
    assert rule in failed_rules(audited())
