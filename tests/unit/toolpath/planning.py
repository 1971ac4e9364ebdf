"""Whole plans for tests: real profiles, real stacks, and the toolpath read back as polylines."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.pipeline import resolve
from printstd.ports import Executor
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Request, Resolved
from printstd.slicing.plan import layer_thickness
from printstd.toolpath.plan import plan_toolpath
from tests.stacks import Silent, solid_mesh, stack_of
from tests.unit.profiles.sources import BUNDLED

SERIAL = SerialExecutor()


@functools.cache
def profiles(
    *overrides: tuple[str, str],
    printer: str = "mk4s",
    material: str = "pla",
    process: str = "standard-0.20",
) -> Resolved:
    """The bundled profiles under `--set` values."""
    request = Request(printer=printer, material=material, process=process, overrides=overrides)
    return resolve(request, BUNDLED)


def printer_of(resolved: Resolved, **changes: object) -> Printer:
    assert resolved.printer is not None
    return resolved.printer.model_copy(update=changes)


def on_printer(resolved: Resolved, **changes: object) -> Resolved:
    return replace(resolved, printer=printer_of(resolved, **changes))


def plan(
    part: Manifold | LayerStack, resolved: Resolved | None = None, executor: Executor = SERIAL
) -> Toolpath:
    """The part in the middle of the bed, in layers as the process wants them."""
    resolved = resolved or profiles()
    stack = part if isinstance(part, LayerStack) else stack_for(part, resolved)
    return plan_toolpath(stack, resolved, object_name="part", executor=executor, progress=Silent())


def stack_for(part: Manifold, resolved: Resolved) -> LayerStack:
    process = resolved.process
    return stack_of(
        *solid_mesh(part),
        thickness=layer_thickness(resolved),
        closing_nm=round(process.slice_closing_mm * 1e6),
        tolerance_nm=round(process.resolution_mm * 1e6),
    )


class Laid(NamedTuple):
    """One line of beads as it is laid. xy_um : (n, 2). e_e5 : (n - 1,). rows : of its moves."""

    role: Role
    layer: int
    xy_um: NDArray[np.int64]
    e_e5: NDArray[np.int64]
    rows: slice

    @property
    def length_um(self) -> float:
        return float(np.hypot(*np.diff(self.xy_um, axis=0).astype(float).T).sum())

    @property
    def is_closed(self) -> bool:
        """But for its seam gap."""
        return bool(np.hypot(*(self.xy_um[0] - self.xy_um[-1]).astype(float)) < 100)


def starts_um(toolpath: Toolpath) -> NDArray[np.int64]:
    """(m, 2): where each move begins."""
    return np.concatenate([[toolpath.start_xy_um], toolpath.xy_um[:-1]])


def lengths_um(toolpath: Toolpath) -> NDArray[np.float64]:
    return np.hypot(*(toolpath.xy_um - starts_um(toolpath)).astype(float).T)


def is_kind(toolpath: Toolpath, kind: MoveKind) -> NDArray[np.bool_]:
    return toolpath.kind == kind


def lines_laid(toolpath: Toolpath) -> list[Laid]:
    """Runs of extrusions of one role and size."""
    extrudes = is_kind(toolpath, MoveKind.EXTRUDE)
    key = np.stack([toolpath.role, toolpath.layer, toolpath.width_nm, toolpath.height_nm])
    fresh = np.ones(toolpath.n_moves, bool)
    fresh[1:] = ~extrudes[:-1] | (np.diff(key, axis=1) != 0).any(axis=0)
    begins = np.flatnonzero(extrudes & fresh)
    ends = np.flatnonzero(extrudes & np.append(~extrudes[1:] | fresh[1:], True)) + 1
    start = starts_um(toolpath)
    return [
        Laid(
            Role(int(toolpath.role[a])),
            int(toolpath.layer[a]),
            np.vstack([start[a], toolpath.xy_um[a:b]]),
            toolpath.e_e5[a:b],
            slice(a, b),
        )
        for a, b in zip(begins.tolist(), ends.tolist(), strict=True)
    ]


def of_role(toolpath: Toolpath, *roles: Role) -> list[Laid]:
    return [line for line in lines_laid(toolpath) if line.role in roles]


class Hop(NamedTuple):
    """What lies between two lines of beads: rows of the toolpath."""

    rows: NDArray[np.int64]
    before: int
    after: int


def hops(toolpath: Toolpath) -> Iterator[Hop]:
    """Runs of moves that lay nothing; before, after: the extrusions around them, -1 none."""
    quiet = ~is_kind(toolpath, MoveKind.EXTRUDE)
    borders = np.flatnonzero(np.diff(quiet.astype(int), prepend=0, append=0))
    for a, b in zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True):
        yield Hop(np.arange(a, b), a - 1, b if b < toolpath.n_moves else -1)


def volume_mm3(toolpath: Toolpath, diameter_mm: float = 1.75) -> float:
    fed = toolpath.e_e5[is_kind(toolpath, MoveKind.EXTRUDE)].sum() * 1e-5
    return float(fed * np.pi / 4 * diameter_mm**2)
