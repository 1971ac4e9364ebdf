"""Sections of meshes that are hard on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.errors import SlicingError
from printstd.kernels import clip
from printstd.kernels.rings import Rings, area_mm2, canonical, signed_area2
from printstd.kernels.sections import Sections, section_rings, twin_half_edges
from tests.stacks import box

NM = 1_000_000


def joined(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices in nm (equal ones welded) and faces of several meshes in mm."""
    shift, vertices, faces = 0, [], []
    for v, f in parts:
        vertices.append(np.rint(v * NM).astype(np.int64))
        faces.append(f + shift)
        shift += len(v)
    unique, inverse = np.unique(np.vstack(vertices), axis=0, return_inverse=True)
    return unique, inverse.reshape(-1)[np.vstack(faces)].astype(np.int32)


def inside_out(part: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return part[0], part[1][:, ::-1].copy()


def layer(sections: Sections, index: int = 0) -> Rings:
    first, last = sections.layer_offsets[index], sections.layer_offsets[index + 1]
    borders = sections.ring_offsets[first : last + 1]
    return Rings(sections.xy_nm[borders[0] : borders[-1]], borders - borders[0])


def heights(*z_mm: float) -> np.ndarray:
    return np.rint(np.array(z_mm) * NM).astype(np.int64)


def united_mm2(sections: Sections, index: int = 0) -> float:
    return area_mm2(clip.clean(layer(sections, index), clip.Fill.NONZERO))


def test_planes_on_the_faces_of_a_box_belong_to_what_lies_below() -> None:
    v, f = joined(box((4, 3, 2)))
    sections = section_rings(v, f, heights(-1, 0, 0.000001, 1, 2, 2.000001, 3))
    areas = [signed_area2(layer(sections, i)).sum() / 2e12 for i in range(7)]
    assert areas == [0, 0, 12, 12, 12, 0, 0]
    assert not len(sections.gap_layer)


def test_outer_rings_run_counter_clockwise_and_voids_clockwise() -> None:
    v, f = joined(box((10, 10, 10)), inside_out(box((4, 4, 4), (3, 3, 3))))
    sections = section_rings(v, f, heights(1, 5, 9))
    assert sorted(signed_area2(layer(sections, 1)).tolist()) == [-32 * 10**12, 200 * 10**12]
    assert [united_mm2(sections, i) for i in range(3)] == pytest.approx([100, 84, 100])


def test_overlapping_shells_unite() -> None:
    v, f = joined(box((10, 10, 10)), box((10, 10, 10), (5, 5, 0)))
    assert united_mm2(section_rings(v, f, heights(5))) == pytest.approx(175)


def test_boxes_that_share_an_edge_close_and_keep_their_area() -> None:
    v, f = joined(box((5, 5, 10)), box((5, 5, 10), (5, 5, 0)))
    assert len(v) == 14  # two vertices are common: one edge has four facets
    sections = section_rings(v, f, heights(1, 5, 9))
    assert not len(sections.gap_layer)
    assert [united_mm2(sections, i) for i in range(3)] == pytest.approx([50] * 3)


@pytest.mark.parametrize("seed", range(8))
def test_at_an_edge_of_four_facets_file_order_has_no_say(seed: int) -> None:
    v, f = joined(box((5, 5, 10)), box((5, 5, 10), (5, 5, 0)), box((3, 3, 10), (2, 7, 0)))
    planes = heights(2, 5)
    mixed = f[np.random.default_rng(seed).permutation(len(f))]
    a, b = (section_rings(v, faces, planes) for faces in (f, mixed))
    for i in range(2):
        first, second = (canonical(layer(s, i)) for s in (a, b))
        assert first.offsets.tobytes() == second.offsets.tobytes()
        assert first.xy_nm.tobytes() == second.xy_nm.tobytes()


def test_copies_of_a_facet_and_facets_without_area_change_nothing() -> None:
    v, f = joined(box((4, 3, 2)))
    clean = section_rings(v, f, heights(0.7, 1.3))
    folded = np.array([[0, 1, 1], [2, 2, 2]], np.int32)
    flat_pair = np.array([[0, 3, 5], [0, 5, 3]], np.int32)
    for extra in (f[[3]], f[[3, 5, 5]], folded, flat_pair, np.vstack([folded, f[[8]]])):
        sections = section_rings(v, np.vstack([f, np.roll(extra, 1, axis=1)]), heights(0.7, 1.3))
        assert not len(sections.gap_layer)
        for i in range(2):
            assert united_mm2(sections, i) == united_mm2(clean, i)


def test_a_gap_says_where_and_how_wide() -> None:
    v, f = joined(box((4, 3, 2)))
    x_wall = [i for i in range(12) if (v[f[i], 0] == 4 * NM).all()]
    sections = section_rings(v, np.delete(f, x_wall, axis=0), heights(0.5, 1.5))
    assert sections.gap_layer.tolist() == [0, 1]
    assert sections.gap_xy_nm.tolist() == [[4 * NM, 0], [4 * NM, 0]]
    assert sections.gap_nm.tolist() == [3 * NM, 3 * NM]
    assert not len(sections.xy_nm)


def test_a_facet_wound_the_wrong_way_leaves_gaps() -> None:
    v, f = joined(box((4, 3, 2)))
    wall = next(i for i in range(12) if (v[f[i], 0] == 4 * NM).all())
    f = f.copy()
    f[wall] = f[wall, ::-1]
    assert len(section_rings(v, f, heights(0.5, 1.5)).gap_layer)


def test_twins_at_a_bundle_of_edges_pair_each_way_once() -> None:
    v, f = joined(*[box((5, 5, 10), (x, y, 0)) for x, y in ((0, 0), (5, 5), (10, 0))])
    twin = twin_half_edges(v, f)
    assert (twin >= 0).all()
    assert (twin[twin] == np.arange(len(twin))).all()


def test_nothing_in_nothing_out() -> None:
    empty = section_rings(np.empty((0, 3), np.int64), np.empty((0, 3), np.int32), heights(1, 2))
    assert empty.layer_offsets.tolist() == [0, 0, 0]
    v, f = joined(box((1, 1, 1)))
    none = section_rings(v, f, heights())
    assert none.layer_offsets.tolist() == [0]
    assert not len(none.xy_nm)


def test_the_largest_part_is_exact_and_a_larger_one_refused() -> None:
    side = (1 << 30) / NM
    v, f = joined(box((2 * side, 2 * side, 2 * side), (-side, -side, -side)))
    slanted = v.copy()
    slanted[v[:, 2] > 0, 0] = np.where(v[v[:, 2] > 0, 0] > 0, 1 << 30, (1 << 30) - 1)
    for mesh in (v, slanted):
        plane = 12_345_678
        xs = section_rings(mesh, f, np.array([plane])).xy_nm[:, 0]
        for low, high in zip(mesh[v[:, 2] < 0], mesh[v[:, 2] > 0], strict=True):
            from fractions import Fraction

            at = Fraction(plane - int(low[2]), int(high[2] - low[2])) * int(high[0] - low[0])
            assert int(low[0]) + round(at) in xs
    with pytest.raises(SlicingError) as caught:
        section_rings(v + np.array([1, 0, 0]), f, heights(0))
    assert caught.value.exit_code == 5


def test_sections_agree_with_trimesh() -> None:
    import shapely
    import trimesh

    mesh = trimesh.creation.icosphere(subdivisions=3, radius=10)
    mesh.apply_transform(trimesh.transformations.rotation_matrix(0.3, [1, 2, 3]))
    v = np.rint(mesh.vertices * NM).astype(np.int64)
    z_mm = (-9.5, -3.21, 0.0, 4.4, 9.9)
    sections = section_rings(v, mesh.faces.astype(np.int32), heights(*z_mm))
    for i, z in enumerate(z_mm):
        loose = trimesh.intersections.mesh_plane(mesh, [0, 0, 1], [0, 0, z])[:, :, :2]
        # Neighbouring facets meet to the last bits only: on a grid of a picometre they meet.
        found = shapely.polygonize(shapely.linestrings(np.rint(loose * 1e9) / 1e9))
        assert found.area > 1
        (mine,) = (layer(sections, i).ring(k) / NM for k in range(layer(sections, i).n_rings))
        assert shapely.Polygon(mine).symmetric_difference(found).area < 1e-4
