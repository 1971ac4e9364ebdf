"""Faces as high as a layer's middle: slicers end the layer before or after them, and both are
right. What is neither is not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.audit.model import read_solid
from printstd.audit.sections import cut, with_layers
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, prism_stl, slice_prism

RECIPE = Recipe(layers=12, solid_layers=12)
"""Solid throughout, so that layers of different outlines can be put on one another."""
WIDE = shapely.box(-14, -8, 14, 8)
NARROW = shapely.difference(WIDE, shapely.box(-4, -3, 6, 4))
STEP_LAYER = 6
STEP_MM = 1.3
"""The middle of layer 6."""


def demand(count: int | None) -> AuditDemand:
    base = placed(plain_demand(count=count), 125_000, 105_000)
    return replace(base, integrity=replace(base.integrity, infill_permille=None))


def stepped_stl(lower: BaseGeometry, upper: BaseGeometry) -> bytes:
    """`lower` up to the step and `upper` on it, one file."""
    below = prism_stl(lower, STEP_MM).decode()
    above = prism_stl(upper, 2.4 - STEP_MM).decode()
    raised = []
    for line in above.splitlines():
        words = line.split()
        if words[:1] == ["vertex"]:
            z = float(words[3]) + STEP_MM
            raised.append(f"vertex {words[1]} {words[2]} {round(z, 6)!r}")
        else:
            raised.append(line)
    bodies = [below.splitlines()[1:-1], raised[1:-1]]
    return "\n".join(["solid step", *bodies[0], *bodies[1], "endsolid step", ""]).encode()


def layers_of(lines: list[str]) -> list[list[str]]:
    """[head, layer 0, ..., tail] of a program."""
    starts = [i for i, text in enumerate(lines) if text.startswith(";LAYER:")]
    tail = lines.index("M104 S0")
    borders = [0, *starts, tail, len(lines)]
    return [lines[a:b] for a, b in pairwise(borders)]


def mixed(lower: BaseGeometry, upper: BaseGeometry, n_lower: int) -> bytes:
    """The first layers of one prism, the rest of the other."""
    a, b = (layers_of(slice_prism(outline, RECIPE)) for outline in (lower, upper))
    return as_bytes(text for part in [*a[: 1 + n_lower], *b[1 + n_lower :]] for text in part)


def failed(audit: Audit) -> set[str]:
    return {f.rule_id for f in audit.findings if f.status is Status.FAIL}


@pytest.mark.parametrize(("lower", "upper"), [(WIDE, NARROW), (NARROW, WIDE)])
@pytest.mark.parametrize("off_um", [0.0, 0.6, -0.6])
def test_a_step_in_the_middle_of_a_layer_may_end_or_begin_it(
    lower: BaseGeometry, upper: BaseGeometry, off_um: float
) -> None:
    """A pocket's floor and a roof: taken either way, also where rounding moved the face."""
    model = stepped_stl(lower, upper).replace(b" 1.3\n", f" {1.3 + off_um / 1000:.6f}\n".encode())
    for n_lower in (STEP_LAYER, STEP_LAYER + 1):
        audit = audit_program(mixed(lower, upper, n_lower), model, demand(12))
        assert failed(audit) == set()
    for n_lower in (STEP_LAYER - 1, STEP_LAYER + 2):
        audit = audit_program(mixed(lower, upper, n_lower), model, demand(12))
        assert failed(audit) & {"G-03", "G-04", "G-07", "G-11"}


def test_a_step_elsewhere_in_a_layer_is_taken_one_way_only() -> None:
    """0.02 mm above the middle the layer ends below the step, whatever the beads say."""
    model = stepped_stl(WIDE, NARROW).replace(b" 1.3\n", b" 1.32\n")
    assert failed(audit_program(mixed(WIDE, NARROW, STEP_LAYER + 1), model, demand(12))) == set()
    assert failed(audit_program(mixed(WIDE, NARROW, STEP_LAYER), model, demand(12)))


@pytest.mark.parametrize("printed", [11, 12])
def test_a_part_that_ends_in_the_middle_of_a_layer_may_have_it_or_not(printed: int) -> None:
    recipe = Recipe(layers=printed)
    program = as_bytes(slice_prism(WIDE, recipe))
    loose = replace(demand(None), tolerance_rows=())
    audit = audit_program(program, prism_stl(WIDE, 2.3), loose)
    assert failed(audit) == set()
    assert audit.measured.layers == printed


def test_sections_with_one_layer_replaced() -> None:
    solid = read_solid(stepped_stl(WIDE, NARROW))
    planes = np.array([0.1, 0.7, 2.0, 2.2]) * 1000
    scaled = solid.vertices * 1000
    sections = cut(scaled, solid.faces, planes)
    other = cut(scaled, solid.faces, planes[[2]])
    changed = with_layers(sections, {1: other.only(0)})
    for layer, source in enumerate((0, 2, 2, 3)):
        found, wanted = changed.rings_of(layer), sections.rings_of(source)
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted, strict=True):
            assert (a == b).all()
    assert with_layers(sections, {}) is sections
