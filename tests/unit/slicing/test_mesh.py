"""slice_mesh: what profiles and placement make of a model file."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.artifacts.layers import LayerStack
from printstd.kernels.rings import Rings, area_mm2
from printstd.pipeline import ModelInput, Order, prepare, resolve
from printstd.profiles.resolved import Request
from printstd.slicing.stack import slice_mesh
from tests.meshes import box, stl_binary
from tests.stacks import Silent

SIZE = (20.0, 12.0, 6.0)
AS_FILED = Order()


@functools.cache
def sliced(order: Order = AS_FILED, *overrides: tuple[str, str]) -> LayerStack:
    """A block from an STL file, on the bed of the MK4S."""
    resolved = resolve(Request(printer="mk4s", overrides=overrides), default_source())
    part = prepare(ModelInput(stl_binary(box(SIZE)), "block.stl"), order, resolved)
    assert part.placement is not None
    return slice_mesh(
        part.file.mesh, part.placement, resolved, executor=SerialExecutor(), progress=Silent()
    )


def box_mm(stack: LayerStack) -> np.ndarray:
    """(2, 2): lowest and highest corner of all sections."""
    return np.array([stack.xy_nm.min(axis=0), stack.xy_nm.max(axis=0)]) / 1e6


def test_the_part_stands_in_the_middle_of_the_bed_in_the_files_orientation() -> None:
    stack = sliced()
    assert box_mm(stack).mean(axis=0) == pytest.approx([125.0, 105.0], abs=1e-3)
    assert np.ptp(box_mm(stack), axis=0) == pytest.approx(SIZE[:2], abs=1e-6)
    assert stack.n_layers == 30
    assert {area_mm2(Rings(*stack.rings_of(i))) for i in range(30)} == {240.0}


def test_layer_heights_are_the_processs() -> None:
    stack = sliced(AS_FILED, ("layer_height_mm", "0.12"), ("first_layer_height_mm", "0.25"))
    assert stack.height_um.tolist()[:3] == [250, 120, 120]
    assert stack.top_um[-1] == pytest.approx(6000, abs=60)


def test_a_part_that_shrinks_is_cut_larger() -> None:
    """By 1 / (1 - shrinkage), so that what is left of it is nominal; across and up apart."""
    xy, z = ("material.shrinkage_xy_ratio", "0.02"), ("material.shrinkage_z_ratio", "0.04")
    plain, wide, high = sliced(), sliced(AS_FILED, xy), sliced(AS_FILED, z)
    assert np.ptp(box_mm(wide), axis=0) * 0.98 == pytest.approx(SIZE[:2], abs=2e-5)
    assert (wide.top_um == plain.top_um).all()
    assert np.ptp(box_mm(high), axis=0) == pytest.approx(SIZE[:2], abs=1e-6)
    assert high.n_layers == round(6 / 0.96 / 0.2)
    # And it stays in the middle.
    assert box_mm(wide).mean(axis=0) == pytest.approx([125.0, 105.0], abs=1e-3)


def test_the_order_turns_and_scales_the_part() -> None:
    lying = sliced(Order(rotate_deg=(90.0, 0.0, 0.0)))
    assert np.ptp(box_mm(lying), axis=0) == pytest.approx((20.0, 6.0), abs=1e-6)
    assert lying.n_layers == 60
    double = sliced(Order(scale_e6=2_000_000))
    assert np.ptp(box_mm(double), axis=0) == pytest.approx((40.0, 24.0), abs=1e-6)
    assert double.n_layers == 60
