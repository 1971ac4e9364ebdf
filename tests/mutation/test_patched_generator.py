"""A generator with a fault built in, run through the whole line: nothing is signed, and the rule
that was named for the fault says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels import clip
from printstd.profiles.decision import Outcome
from printstd.reuse.kept import Kept
from printstd.toolpath import course, walling
from printstd.toolpath.paths import PathSet
from tests.mutation.own_programs import LAYERS, prepared

Fault = Callable[[pytest.MonkeyPatch], None]


def walls_offset(by_nm: int) -> Fault:
    """The outline is so much larger than it should be when walls are laid along it."""

    def fault(patch: pytest.MonkeyPatch) -> None:
        honest = walling.compensated
        patch.setattr(
            walling, "compensated", lambda *args: [clip.offset(own, by_nm) for own in honest(*args)]
        )

    return fault


def loops_skipped(is_skipped: Callable[[PathSet], NDArray[np.bool_]]) -> Fault:
    """Some loops are not laid, on any layer."""

    def fault(patch: pytest.MonkeyPatch) -> None:
        honest = walling.plan_walls_of

        def faulty(*args: Any) -> list[Any]:
            found = honest(*args)
            return [
                walls._replace(paths=_taken(walls.paths, ~is_skipped(walls.paths)))
                for walls in found
            ]

        patch.setattr(walling, "plan_walls_of", faulty)

    return fault


def _taken(paths: PathSet, kept: NDArray[np.bool_]) -> PathSet:
    sizes = np.diff(paths.offsets)
    columns = {
        field.name: getattr(paths, field.name)[kept]
        for field in fields(paths)
        if field.name not in ("xy_nm", "offsets", "widening_nm")
    }
    return PathSet(
        xy_nm=paths.xy_nm[np.repeat(kept, sizes)],
        widening_nm=paths.widening_nm[np.repeat(kept, sizes)],
        offsets=np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64),
        **columns,
    )


def toolpath_with(change: Callable[[Toolpath], Toolpath]) -> Fault:
    """What is ordered and fed is changed before it is written."""

    def fault(patch: pytest.MonkeyPatch) -> None:
        honest = course.course_of

        def faulty(*args: Any, **kwargs: Any) -> course.Course:
            found = honest(*args, **kwargs)
            paced = found.paced.value()
            changed = paced._replace(toolpath=change(paced.toolpath))
            return found._replace(paced=Kept.of(changed))

        patch.setattr(course, "course_of", faulty)

    return fault


def fed(share: float, layer: int) -> Fault:
    """One layer gets more or less filament."""

    def change(made: Toolpath) -> Toolpath:
        own = (made.layer == layer) & (made.kind == MoveKind.EXTRUDE)
        return replace(made, e_e5=np.where(own, np.rint(made.e_e5 * share), made.e_e5).astype(int))

    return toolpath_with(change)


def dry(layer: int, *roles: Role) -> Fault:
    """One layer's beads of some roles are moves without filament."""

    def change(made: Toolpath) -> Toolpath:
        own = (made.layer == layer) & (made.kind == MoveKind.EXTRUDE) & np.isin(made.role, roles)
        return replace(
            made,
            kind=np.where(own, MoveKind.TRAVEL, made.kind).astype(np.uint8),
            role=np.where(own, Role.NONE, made.role).astype(np.uint8),
            e_e5=np.where(own, 0, made.e_e5),
        )

    return toolpath_with(change)


FAULTS: dict[str, tuple[str, Fault]] = {
    "walls 60 um too far out": ("G-03", walls_offset(60_000)),
    "walls 60 um too far in": ("G-04", walls_offset(-60_000)),
    "the bore's outer loop skipped": (
        "G-04",
        loops_skipped(lambda paths: paths.is_hole & (paths.depth == 0)),
    ),
    "inner loops skipped": ("G-08", loops_skipped(lambda paths: paths.depth > 0)),
    "outer loops skipped on one layer": ("G-04", dry(10, Role.EXTERNAL_PERIMETER)),
    "a solid layer under-fed": ("G-06", fed(0.85, 1)),
    "a sparse layer under-fed": ("G-04", fed(0.9, 10)),
    "a solid layer over-fed": ("G-06", fed(1.15, 1)),
    "top skin left out": ("G-07", dry(LAYERS - 1, Role.TOP_SOLID_INFILL)),
    "infill left out on one layer": ("G-09", dry(10, Role.INTERNAL_INFILL)),
}
"""Fault -> (the rule that must find it, how it is put into the generator)."""


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("key")
    new_key(folder / "k", algorithm="p256", passphrase=None)
    return folder / "k.key"


def certified(key: Path) -> pipeline.Signed:
    return pipeline.certify_model(
        prepared("ender3-v2"),
        program_name="plate.gcode",
        signer=load_signer(key),
        clock=FixedClock(1_790_000_000),
        tool=tool_facts(),
        executor=SerialExecutor(),
        progress=NoProgress(),
    )


def test_the_generator_as_it_is_is_signed(key: Path) -> None:
    signed = certified(key)
    assert signed.checked.decision.outcome is Outcome.PASSED
    assert signed.generation is not None
    assert signed.recheck is not None


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_generator_is_caught(
    name: str, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, fault = FAULTS[name]
    fault(monkeypatch)
    signed = certified(key)
    assert signed.checked.decision.outcome is Outcome.FAILED
    assert rule in {finding.rule_id for finding in signed.checked.decision.blocking}
    assert signed.generation is None
    assert signed.recheck is None
