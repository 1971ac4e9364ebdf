"""What faults are put into: an honest program for a part, with everything that the auditor is given
beside it and what operators must know to find their way."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Finding, Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.mutation.demands import placed, plain_demand
from tests.mutation.operators.editing import rows_of
from tests.mutation.own_programs import made, tagged
from tests.mutation.parts import PARTS, SMALL, Part
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, slice_prism

MACHINES = {
    "marlin2": ("ender3-v2", "pla"),
    "klipper": ("voron-2.4-350", "abs"),
    "prusa-buddy": ("mk4s", "petg"),
    "reprapfirmware": ("railcore-ii-300zl", "pla"),
}
"""Dialect: printer and material. ``other`` is the plate as another slicer makes it."""


@dataclass(frozen=True, eq=False)
class Subject:
    """lines : the program, tagged. solid, sparse, top : numbers of the layers that are solid at the
    bottom (without the first), of those above them that hold nothing but walls and sparse infill,
    and of the last one."""

    name: str
    dialect: str
    part: Part
    lines: list[str]
    demand: AuditDemand
    solid: tuple[int, ...]
    sparse: tuple[int, ...]
    top: int

    def audit(self, program: bytes) -> Audit:
        return audit_program(program, self.part.stl, self.demand)

    @functools.cached_property
    def honest(self) -> Audit:
        return self.audit(as_bytes(self.lines))

    def honest_finding(self, rule: str) -> Finding:
        return next(finding for finding in self.honest.findings if finding.rule_id == rule)

    @property
    def place(self) -> tuple[float, float]:
        """Where the model's origin stands, mm."""
        where = self.demand.placement
        assert where is not None
        return where.translation_um[0] / 1000, where.translation_um[1] / 1000

    @property
    def scale(self) -> float:
        return self.demand.compensations.scale_xy_e6 / 1e6

    @property
    def layer_height(self) -> float:
        return self.demand.layers.height_um / 1000

    @property
    def spacing(self) -> float:
        """From wall to wall, mm: a wall is 0.45 wide in all subjects."""
        return 0.45 - self.layer_height * (1 - 3.141592653589793 / 4)

    def outline_of(self, layer: int) -> BaseGeometry:
        """The section that a layer is printed for, bed frame, before any compensation but for
        shrinkage."""
        z = (layer + 0.5) * self.layer_height / (self.demand.compensations.scale_z_e6 / 1e6)
        outline = affinity.scale(self.part.outline_at(z), self.scale, self.scale, origin=(0.0, 0.0))
        return affinity.translate(outline, *self.place)

    def wall_line(self, layer: int) -> float:
        """Length of the outline, mm."""
        return float(self.outline_of(layer).length)

    @property
    def bore(self) -> tuple[float, float, float]:
        """x, y, radius in the bed frame."""
        x, y, radius = self.part.bore
        return (
            self.place[0] + x * self.scale,
            self.place[1] + y * self.scale,
            radius * self.scale,
        )

    @property
    def half_size(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.outline_of(self.sparse[0]).bounds
        return (x1 - x0) / 2, (y1 - y0) / 2

    @property
    def middle(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.outline_of(self.sparse[0]).bounds
        return (x0 + x1) / 2, (y0 + y1) / 2


def failed_rules(audit: Audit) -> set[str]:
    return {finding.rule_id for finding in audit.findings if finding.status is Status.FAIL}


def open_rules(audit: Audit) -> set[str]:
    """Rules that could not tell: no certificate is issued on them."""
    return {f.rule_id for f in audit.findings if f.status is Status.INDETERMINATE}


def _layers_by_fill(lines: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """(solid ones at the bottom but the first, sparse ones with nothing solid, the last one)."""
    kinds: dict[int, set[str]] = {}
    for row in rows_of(list(lines)):
        if row.lays and 0 <= row.layer < 10**6:
            kinds.setdefault(row.layer, set()).add(row.kind)
    first = next(k for k in sorted(kinds) if _is_sparse(kinds[k]))
    last = next(k for k in range(first, max(kinds) + 2) if not _is_sparse(kinds.get(k, set())))
    sparse = tuple(range(first, last))
    solid = tuple(layer for layer in range(1, first) if "sparse" not in kinds[layer])
    return solid, sparse, max(kinds)


def _is_sparse(kinds: set[str]) -> bool:
    return "sparse" in kinds and not kinds & {"solid", "bridge"}


@functools.cache
def own_subject(part: str, dialect: str) -> Subject:
    """Our own program for a part."""
    thing = (PARTS | SMALL)[part]()
    printer, material = MACHINES[dialect]
    request = Request(printer=printer, material=material, process="standard-0.20")
    resolved = pipeline.resolve(request, default_source())
    prepared = pipeline.prepare(
        pipeline.ModelInput(thing.stl, f"{part}.stl"), pipeline.Order(), resolved
    )
    done = made(prepared)
    lines = tagged(done.program.data)
    return Subject(f"{part}/{dialect}", dialect, thing, lines, done.demand, *_layers_by_fill(lines))


@functools.cache
def other_subject() -> Subject:
    """The plate as the small honest slicer of these tests makes it."""
    thing, recipe = PARTS["plate"](), Recipe()
    base = placed(plain_demand(count=recipe.layers), 125_000, 105_000)
    once = CommandRule("T0", "", "tool", max_count=1)
    commands = tuple(once if rule.command == "T0" else rule for rule in base.commands)
    machine = replace(base.machine, max_accel_mm_s2=5_000)
    lines = slice_prism(plate_with_pin(), recipe)
    demand = replace(base, commands=commands, machine=machine)
    return Subject("plate/other", "marlin2", thing, lines, demand, *_layers_by_fill(lines))


def subject(name: str) -> Subject:
    part, dialect = name.split("/")
    return other_subject() if dialect == "other" else own_subject(part, dialect)


ALL = ("plate/other", *(f"{part}/{dialect}" for part in PARTS for dialect in MACHINES))
NAMES = (
    "plate/other",
    "plate/marlin2",
    "bracket/klipper",
    "wedge/prusa-buddy",
    "plate/reprapfirmware",
)
"""Every part and every dialect at least once."""


def straight_edges(outline: BaseGeometry, least: float) -> list[shapely.LineString]:
    """Straight stretches of the outside of an outline that are at least so long, the material on
    the left of their way."""
    found = []
    for part in shapely.get_parts(shapely.orient_polygons(outline)):
        points = shapely.get_coordinates(part.exterior)
        for a, b in pairwise(points):
            line = shapely.LineString([a, b])
            if line.length >= least:
                found.append(line)
    return found
