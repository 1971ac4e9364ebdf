"""slice_placed: real stacks, what refuses to become one, and what must not change a byte."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection, Manifold

from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.artifacts.layers import LayerStack
from printstd.errors import SlicingError
from printstd.kernels.rings import Rings, canonical, signed_area2
from printstd.kernels.sections import section_rings
from printstd.slicing.plan import LayerThickness
from printstd.slicing.stack import Contours, slice_placed
from tests.stacks import Silent, box, solid_mesh, stack_of

NM = 1_000_000
CONTOURS = Contours(49_000, 12_500)
THICKNESS = LayerThickness(200, 200)


def sliced(vertices_mm: np.ndarray, faces: np.ndarray, executor=None, **how) -> LayerStack:
    return slice_placed(
        np.rint(vertices_mm * NM).astype(np.int64),
        faces,
        how.get("thickness", THICKNESS),
        how.get("contours", CONTOURS),
        executor=executor or SerialExecutor(),
        progress=how.get("progress", Silent()),
    )


def layers(stack: LayerStack) -> list[Rings]:
    return [Rings(*stack.rings_of(i)) for i in range(stack.n_layers)]


def volume_mm3(stack: LayerStack) -> float:
    areas = [float(signed_area2(rings).sum()) / 2e12 for rings in layers(stack)]
    return sum(a * h / 1000 for a, h in zip(areas, stack.height_um.tolist(), strict=True))


def knobbly(seed: int) -> Manifold:
    rng = np.random.default_rng(seed)
    solid = Manifold.cube((12, 9, 6))
    for _ in range(4):
        ball = Manifold.sphere(float(rng.uniform(1.5, 3)), 40)
        solid += ball.translate((*rng.uniform(0, 10, 2).tolist(), 4.5))
        hole = Manifold.cylinder(30, 0.8, 0.8, 48, True)
        solid -= hole.rotate((rng.uniform(0, 40), 0, 0)).translate(rng.uniform(0, 9, 3).tolist())
    return solid.trim_by_plane((0, 0, 1), 0)


def equal(a: LayerStack, b: LayerStack) -> bool:
    names = ("top_um", "height_um", "slice_z_nm", "xy_nm", "ring_offsets", "layer_offsets")
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in names)


@given(st.integers(0, 2**31))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_every_layer_is_clean_canonical_and_close_to_the_solid(seed: int) -> None:
    solid = knobbly(seed)
    stack = sliced(*solid_mesh(solid))
    for rings, z_nm in zip(layers(stack), stack.slice_z_nm.tolist(), strict=True):
        same = canonical(rings)
        assert same.xy_nm.tobytes() == rings.xy_nm.tobytes()
        loops = [shapely.LinearRing(rings.ring(i) / NM) for i in range(rings.n_rings)]
        assert all(loop.is_simple for loop in loops)
        area = shapely.Polygon()
        for loop in loops:
            area = area.symmetric_difference(shapely.Polygon(loop))
        # Even-odd and signed areas agree: outers run one way, holes the other, none overlap.
        assert area.area == pytest.approx(signed_area2(rings).sum() / 2e12, abs=1e-5)
        truth = CrossSection(solid.slice(z_nm / 1e6).to_polygons())
        wanted = shapely.MultiPolygon(
            [
                shapely.Polygon(part.to_polygons()[0], part.to_polygons()[1:])
                for part in truth.decompose()
            ]
        ).buffer(0)
        # Within the simplification of the section, but for closed slits (< 0.098 mm wide).
        assert area.difference(wanted.buffer(0.0126)).buffer(-0.05).is_empty
        assert wanted.buffer(-0.0127).difference(area).area < 1e-6


@given(st.integers(0, 2**31))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_layer_volumes_add_up_to_the_solid(seed: int) -> None:
    solid = knobbly(seed)
    height = solid.bounding_box()[5]
    coarse, fine = (
        sliced(*solid_mesh(solid), thickness=LayerThickness(um, um), contours=Contours(0, 1000))
        for um in (200, 20)
    )
    short = (height * 1000 - int(fine.top_um[-1])) / 1000
    assert abs(short) <= 0.0101
    assert volume_mm3(fine) == pytest.approx(solid.volume(), rel=2e-3)
    assert volume_mm3(coarse) == pytest.approx(solid.volume(), rel=3e-2)


@given(st.integers(0, 2**31))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_order_of_facets_and_number_of_workers_change_no_byte(seed: int) -> None:
    vertices, faces = solid_mesh(knobbly(seed))
    first = sliced(vertices, faces)
    mixed = faces[np.random.default_rng(seed).permutation(len(faces))]
    assert equal(sliced(vertices, mixed), first)


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("chunk_size", [1, 7, None])
def test_split_and_shuffled_over_processes_every_byte_is_the_same(
    workers: int, chunk_size: int | None
) -> None:
    vertices, faces = solid_mesh(knobbly(5))
    shuffled = ProcessExecutor(
        workers,
        chunk_size=chunk_size,
        submit_order=lambda n: np.random.default_rng(3).permutation(n).tolist(),
    )
    assert equal(sliced(vertices, faces, shuffled), sliced(vertices, faces))


def test_only_work_that_is_worth_it_is_divided() -> None:
    tasks: list[int] = []

    class Watched(ProcessExecutor):
        def map(self, function, tasks_, *, shared):
            tasks.append(len(tasks_))
            return super().map(function, tasks_, shared=shared)

    vertices, faces = solid_mesh(knobbly(5))
    sliced(vertices, faces, Watched(2, least_work_ms=1e9))
    sliced(vertices, faces, Watched(2, chunk_size=1))
    assert tasks[0] == 1
    assert tasks[1] > 1


def test_simplified_contours_stay_within_the_resolution_of_the_section() -> None:
    solid = Manifold.cylinder(2, 20, 20, 1500) - Manifold.cylinder(9, 3, 3, 700, True)
    vertices, faces = solid_mesh(solid)
    stack = sliced(vertices, faces)
    raw = section_rings(np.rint(vertices * NM).astype(np.int64), faces, stack.slice_z_nm)
    truth = shapely.MultiLineString(
        [np.vstack([r, r[:1]]) for r in np.split(raw.xy_nm, raw.ring_offsets[1:-1])[:2]]
    )
    first = layers(stack)[0]
    middles = np.vstack([(r + np.roll(r, 1, axis=0)) / 2 for r in (first.ring(0), first.ring(1))])
    away = shapely.distance(shapely.points(np.vstack([first.xy_nm, middles])), truth)
    assert away.max() <= 12_501
    assert len(first.xy_nm) < 400


def test_overlapping_and_nested_shells() -> None:
    (v1, f1), (v2, f2) = box((10, 10, 4)), box((10, 10, 4), (5, 5, 0))
    together = sliced(np.vstack([v1, v2]), np.vstack([f1, f2 + 8]))
    assert volume_mm3(together) == pytest.approx(175 * 4, rel=1e-6)
    v3, f3 = box((4, 4, 2), (3, 3, 1))
    hollow = sliced(np.vstack([v1, v3]), np.vstack([f1, f3[:, ::-1] + 8]))
    assert volume_mm3(hollow) == pytest.approx(400 - 32, rel=1e-6)


def test_boxes_sharing_an_edge_are_sliced() -> None:
    (v1, f1), (v2, f2) = box((5, 5, 4)), box((5, 5, 4), (5, 5, 0))
    vertices, inverse = np.unique(np.vstack([v1, v2]), axis=0, return_inverse=True)
    faces = inverse.reshape(-1)[np.vstack([f1, f2 + 8])].astype(np.int32)
    assert volume_mm3(sliced(vertices, faces)) == pytest.approx(200, rel=1e-3)


def test_a_floating_part_has_empty_layers_between() -> None:
    (v1, f1), (v2, f2) = box((5, 5, 1)), box((5, 5, 1), (0, 0, 2))
    stack = sliced(np.vstack([v1, v2]), np.vstack([f1, f2 + 8]))
    counts = np.diff(stack.layer_offsets).tolist()
    assert counts == [1] * 5 + [0] * 5 + [1] * 5


def test_an_open_mesh_is_refused_with_the_place_and_the_size_of_the_gap() -> None:
    vertices, faces = box((10, 10, 4))
    wall = [i for i in range(12) if (vertices[faces[i], 0] == 10).all()]
    with pytest.raises(SlicingError) as caught:
        sliced(vertices, np.delete(faces, wall, axis=0))
    error = caught.value
    assert error.exit_code == 5
    assert "layer 0 (Z 0.100 mm), X 10.000 Y 0.000" in (error.where or "")
    assert "on 20 of 20 layers" in (error.got or "")
    assert "10.000 mm" in (error.got or "")


@pytest.mark.parametrize(
    ("mesh", "code"),
    [
        (box((10, 10, 0.05)), "SLICE-02"),  # thinner than half the first layer
        (box((0.001, 0.001, 5)), "SLICE-02"),  # simplified away
        ((np.zeros((0, 3)), np.zeros((0, 3), np.int32)), "SLICE-02"),
        (box((10, 10, 5), (0, 0, -0.5)), "SLICE-03"),
        (box((1000, 1000, 5), (200, 0, 0)), "SLICE-04"),
    ],
)
def test_what_cannot_be_printed_is_refused(mesh, code: str) -> None:
    with pytest.raises(SlicingError) as caught:
        sliced(*mesh)
    assert caught.value.exit_code == 5
    assert caught.value.code == code
    assert caught.value.hint


def test_standing_on_the_bed_survives_the_quantised_placement() -> None:
    vertices, faces = box((10, 10, 5), (0, 0, -17.1234567))
    assert stack_of(vertices, faces).n_layers == 25


def test_progress_reaches_its_total() -> None:
    seen: list[tuple[str, int]] = []

    class Counting:
        def stage(self, name: str, total: int) -> None:
            seen.append((name, total))

        def advance(self, steps: int = 1) -> None:
            seen.append(("", steps))

    sliced(*box((5, 5, 5)), progress=Counting())
    assert seen == [("slicing", 25), ("", 25)]
