"""Layers of different heights: what they end at, what bounds them, and against the facets one by
one."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.errors import SlicingError
from printstd.kernels.layer_heights import Window
from printstd.slicing.plan import HeightRange, LayerHeights, LayerThickness, layer_plan
from printstd.slicing.varied import varied_plan
from tests.stacks import box, solid_mesh, stack_of

quick = settings(max_examples=100, deadline=None, derandomize=True)
WINDOW = Window(70, 250)
NM = 1_000_000
CORPUS = Path(os.environ.get("PRINTSTD_CORPUS", "")) / "good"


def planned(vertices_mm: np.ndarray, faces: np.ndarray, **asked: object) -> LayerHeights:
    vertices = np.rint((vertices_mm - vertices_mm.min(axis=0)) * NM).astype(np.int64)
    thickness = LayerThickness(200, 200, window=WINDOW)._replace(**asked)
    return varied_plan(vertices, faces, thickness)


def is_a_stack(plan: LayerHeights) -> bool:
    """Layers stand on each other from the bed up, each cut halfway."""
    bottom = plan.top_um - plan.height_um
    middle = plan.top_um * 1000 - plan.height_um * 500
    return bool(
        (bottom == np.concatenate([[0], plan.top_um[:-1]])).all()
        and (plan.slice_z_nm == middle).all()
        and (plan.height_um > 0).all()
    )


def errors_um(vertices_mm: np.ndarray, faces: np.ndarray, plan: LayerHeights) -> np.ndarray:
    """(l,) for every layer, facet by facet: where the upright wall through the facet's line at the
    layer's middle has its corners, and how far those are off the facet's plane."""
    vertices = (vertices_mm - vertices_mm.min(axis=0)) * 1000
    tops = plan.top_um.astype(float)
    bottoms = tops - plan.height_um
    worst = np.zeros(len(tops))
    for corners in vertices[faces]:
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        size = np.linalg.norm(normal)
        low, high = corners[:, 2].min(), corners[:, 2].max()
        if size == 0 or high - low <= 1.0:
            continue
        normal /= size
        level = math.hypot(normal[0], normal[1])
        met = (low < tops - 1e-6) & (high > bottoms + 1e-6)
        if level < 1e-12:
            off = (tops - bottoms) / 2
        else:
            # Where the plane crosses each layer's middle, and the wall's corners under and over it.
            across = -normal[:2] / level
            rise = (tops + bottoms) / 2 - corners[0, 2]
            points = across * (rise * normal[2] / level)[:, None]
            off = np.maximum(
                *(
                    np.abs(points @ normal[:2] + (z - corners[0, 2]) * normal[2])
                    for z in (bottoms, tops)
                )
            )
        worst[met] = np.maximum(worst[met], off[met])
    return worst


def steepest_of(vertices_mm: np.ndarray, faces: np.ndarray) -> float:
    """The greatest |n_z| of all facets that do not lie flat."""
    corners = vertices_mm[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sloped = (np.ptp(corners[..., 2], axis=1) > 0.001) & (np.abs(normal).max(axis=1) > 0)
    return float((np.abs(normal[sloped, 2]) / np.linalg.norm(normal[sloped], axis=1)).max())


@given(st.integers(200_000, 30_000_000), st.integers(70, 250), st.integers(70, 250))
@quick
def test_the_last_layer_ends_at_the_top_to_the_micrometre(
    top_nm: int, first: int, height: int
) -> None:
    vertices, faces = box((10, 10, 1))
    vertices[:, 2] *= top_nm / 1e6
    plan = planned(vertices, faces, first_um=first, height_um=height, is_top_exact=True)
    assert is_a_stack(plan)
    assert abs(int(plan.top_um[-1]) * 1000 - top_nm) <= 500
    assert plan.height_um.sum() == plan.top_um[-1]
    assert plan.height_um.min() >= WINDOW.least_um
    assert plan.height_um.max() <= WINDOW.most_um
    assert (plan.slice_z_nm < top_nm).all()
    if top_nm > 4_000_000:
        # Only the uppermost share what is over, and no other layer is touched.
        assert plan.height_um[0] == first
        lower = layer_plan(top_nm, LayerThickness(first, height)).height_um[:-8]
        common = min(len(lower), len(plan.height_um) - 8)
        if WINDOW.least_um < height - 25 < height + 25 < WINDOW.most_um:
            assert (plan.height_um[:common] == lower[:common]).all()


def test_without_being_asked_for_the_plan_is_the_uniform_one() -> None:
    vertices, faces = box((10, 10, 7.33))
    plan = planned(vertices, faces)
    uniform = layer_plan(7_330_000, LayerThickness(200, 200))
    assert all((a == b).all() for a, b in zip(plan, uniform, strict=True))


def wedge(degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """A block with one face that leans so far from the horizontal."""
    vertices, faces = box((30, 10, 8))
    upper = (vertices[:, 2] > 0) & (vertices[:, 0] > 0)
    vertices[upper, 0] -= 8 / math.tan(math.radians(degrees))
    return vertices, faces


SHAPES = {
    "ball": solid_mesh(Manifold.sphere(6.0, 64)),
    "wedge 25": wedge(25.0),
    "wedge 40": wedge(40.0),
    "wedge 75": wedge(75.0),
    "steps": solid_mesh(
        Manifold.cube((20, 20, 3.13)) + Manifold.cube((12, 12, 5.57)) + Manifold.cube((5, 5, 9.01))
    ),
    "cone on a block": solid_mesh(
        Manifold.cube((20, 20, 4.37), True).translate((0, 0, 2.185))
        + Manifold.cylinder(9.0, 9.0, 3.0, 48).translate((0, 0, 4.37))
    ),
}


@pytest.mark.parametrize("name", list(SHAPES))
@pytest.mark.parametrize("bound", [35, 50, 80])
def test_no_stair_is_further_from_its_facet_than_the_bound(name: str, bound: int) -> None:
    vertices, faces = SHAPES[name]
    plan = planned(vertices, faces, max_error_um=bound)
    assert is_a_stack(plan)
    measured = errors_um(vertices, faces, plan)[1:]
    assert measured.max(initial=0.0) <= bound + 1e-3
    # One height for all layers under the same bound needs more of them.
    height = min(250, math.floor(2 * bound / max(steepest_of(vertices, faces), 1e-9)))
    top = round(float(np.ptp(vertices[:, 2])) * 1000)
    uniform = 1 + math.ceil((top - 200) / max(height, 70))
    assert len(plan.top_um) <= uniform
    if name == "ball":
        assert len(plan.top_um) < 0.75 * uniform
    if name == "cone on a block" and height < 240:
        assert len(plan.top_um) < uniform


def test_flat_faces_are_hit_to_the_micrometre() -> None:
    for name, levels in (("steps", {3130, 5570, 9010}), ("cone on a block", {4370, 13370})):
        plan = planned(*SHAPES[name], max_error_um=50)
        assert levels <= set(plan.top_um.tolist())
    # Nothing slopes: every layer may be as thick as the nozzle lays, but for where a step ends.
    tops = planned(*SHAPES["steps"], max_error_um=50).top_um
    assert len(tops) == 1 + sum(math.ceil(rise / 250) for rise in (2930, 2440, 3440))


@pytest.mark.parametrize(
    "name", ["20mm-xyz-cube.stl", "voron_mgn9_rail_guide.stl", "voron_bottom_panel_clip.stl"]
)
def test_the_bound_holds_on_real_parts(name: str) -> None:
    path = CORPUS / name
    if not path.is_file():
        pytest.skip("PRINTSTD_CORPUS names no folder with real models")
    from printstd.intake import read_model

    mesh = read_model(path.read_bytes(), name=name).mesh
    plan = planned(mesh.vertices_mm, mesh.faces, max_error_um=45)
    assert is_a_stack(plan)
    assert errors_um(mesh.vertices_mm, mesh.faces, plan)[1:].max() <= 45 + 0.01
    height = float(np.ptp(mesh.vertices_mm[:, 2])) * 1000
    assert abs(float(plan.top_um[-1]) - height) <= 1.0
    assert len(plan.top_um) < 1 + (height - 200) / (90 / steepest_of(mesh.vertices_mm, mesh.faces))


def test_an_exact_top_under_a_bound_that_leaves_no_choice_is_refused() -> None:
    vertices, faces = wedge(5.0)
    vertices[:, 2] *= 0.9 / 8
    # Every layer must be of the least height, and 0.7 mm are no whole number of 71 um.
    thickness = {"window": Window(71, 250), "max_error_um": 30}
    with pytest.raises(SlicingError, match="exactly at the part's top"):
        planned(vertices, faces, is_top_exact=True, **thickness)
    plan = planned(vertices, faces, **thickness)
    assert set(plan.height_um[1:].tolist()) == {71}
    assert abs(int(plan.top_um[-1]) - 900) <= 36


@given(
    st.lists(st.integers(1, 240), min_size=2, max_size=8, unique=True),
    st.lists(st.integers(70, 250), min_size=4, max_size=4),
    st.integers(2_000, 30_000),
    st.booleans(),
)
@quick
def test_layers_of_a_range_have_its_height_and_end_at_its_borders(
    borders: list[int], heights: list[int], top_um: int, is_exact: bool
) -> None:
    edges = [100 * b for b in sorted(borders)]
    ranges = tuple(
        HeightRange(a, b, h) for a, b, h in zip(edges[0::2], edges[1::2], heights, strict=False)
    )
    vertices, faces = box((10, 10, top_um / 1000))
    plan = planned(vertices, faces, ranges=ranges, is_top_exact=is_exact)
    assert is_a_stack(plan)
    assert (plan.slice_z_nm < top_um * 1000).all()
    assert plan.height_um[1:].min(initial=200) >= 70
    assert plan.height_um.max() <= 250
    if is_exact:
        assert plan.top_um[-1] == top_um
    for one in ranges:
        inside = (plan.slice_z_nm >= one.from_um * 1000) & (plan.slice_z_nm < one.to_um * 1000)
        inside[0] = False
        rise = one.to_um - one.from_um
        if rise >= 40 * one.height_um and one.to_um < top_um:
            # Far more than is shared: the rest are of the height that was asked for.
            assert np.count_nonzero(plan.height_um[inside] == one.height_um) >= inside.sum() - 12
    whole = all(b - a >= 600 for a, b in zip([200, *edges], edges, strict=False) if b > 200)
    if whole and top_um - edges[-1] > 600:
        assert {e for e in edges if e > 200} <= set(plan.top_um.tolist())


def test_a_stack_of_different_heights_is_cut_halfway_up_each_layer() -> None:
    stack = stack_of(*box((10, 10, 5)), layer_um=200)
    assert stack.healed is None
    assert (stack.slice_z_nm == stack.top_um * 1000 - stack.height_um * 500).all()
