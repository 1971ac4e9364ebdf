"""The layer plan against its rule, walked one layer at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.slicing.plan import (
    HEIGHT_NOISE_NM,
    LayerThickness,
    layer_plan,
    layer_plan_of,
)
from tests.stacks import box, stack_of

quick = settings(max_examples=200, deadline=None, derandomize=True)


def walked(part_top_nm: int, thickness: LayerThickness) -> list[tuple[int, int, int]]:
    """(top_um, height_um, slice_z_nm) while the middle of the next layer is inside the part."""
    layers: list[tuple[int, int, int]] = []
    bottom_um = 0
    while True:
        height = thickness.height_um if layers else thickness.first_um
        middle_nm = bottom_um * 1000 + height * 500
        if middle_nm >= part_top_nm - HEIGHT_NOISE_NM:
            return layers
        bottom_um += height
        layers.append((bottom_um, height, middle_nm))


@given(st.integers(-5_000_000, 80_000_000), st.integers(50, 400), st.integers(50, 400))
@quick
def test_the_plan_is_that_of_the_walk(top_nm: int, first_um: int, height_um: int) -> None:
    thickness = LayerThickness(first_um, height_um)
    plan = layer_plan(top_nm, thickness)
    got = [tuple(row) for row in np.stack(plan, axis=1).tolist()]
    assert got == walked(top_nm, thickness)
    assert {a.dtype for a in plan} == {np.dtype(np.int64)}


@given(st.integers(1_000_000, 80_000_000), st.integers(50, 400))
@quick
def test_the_print_is_off_the_part_by_half_a_layer_at_most(top_nm: int, height_um: int) -> None:
    plan = layer_plan(top_nm, LayerThickness(200, height_um))
    assert abs(int(plan.top_um[-1]) * 1000 - top_nm) <= height_um * 500 + HEIGHT_NOISE_NM
    assert plan.height_um.sum() == plan.top_um[-1]


@pytest.mark.parametrize("noise_nm", [-700, -1, 0, 1, 700])
@pytest.mark.parametrize(("height_mm", "layers"), [(2.5, 12), (20.0, 100), (2.51, 13), (0.3, 1)])
def test_float_noise_in_the_height_does_not_decide_about_a_layer(
    height_mm: float, layers: int, noise_nm: int
) -> None:
    plan = layer_plan(round(height_mm * 1e6) + noise_nm, LayerThickness(200, 200))
    assert len(plan.top_um) == layers


@pytest.mark.parametrize("thickness", [(0, 200), (200, 0), (-1, 200)])
def test_layers_of_no_thickness_are_a_bug(thickness: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="layers of"):
        layer_plan(10**6, LayerThickness(*thickness))


@pytest.mark.parametrize(("first", "height"), [(200, 200), (350, 200), (200, 120)])
@pytest.mark.parametrize("size", [0.3, 5.0])
def test_the_audit_is_told_every_top(first: int, height: int, size: float) -> None:
    stack = stack_of(*box((10, 10, size)), first_um=first, layer_um=height)
    plan = layer_plan_of(stack)
    tops = plan.top_um or tuple(plan.first_um + i * plan.height_um for i in range(plan.count or 0))
    assert list(tops) == stack.top_um.tolist()
    assert plan.top_um == ()
