"""Components, edges, boxes, clusters: each against a slow reading of its own contract."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.kernels import box_tree as box_tree_module
from printstd.kernels.box_tree import box_tree, boxes_met, overlapping_pairs
from printstd.kernels.cell_clusters import cluster_points
from printstd.kernels.components import component_labels
from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes, signed_volumes, winding_numbers
from printstd.kernels.solid import signed_volume_mm3
from tests import meshes

# --- components ------------------------------------------------------------------------------

graphs = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60)
    )
)


def slow_labels(n: int, links: list[tuple[int, int]]) -> list[int]:
    own = list(range(n))
    for a, b in links:
        low, high = sorted((own[a], own[b]))
        own = [low if label == high else label for label in own]
    order = {root: k for k, root in enumerate(sorted(set(own)))}
    return [order[label] for label in own]


@given(graphs)
def test_components_are_those_of_union_find_numbered_by_their_smallest_node(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    n, links = graph
    ends = np.array(links, np.int64).reshape(-1, 2)
    labels, count = component_labels(n, ends[:, 0], ends[:, 1])
    wanted = slow_labels(n, links)
    assert labels.tolist() == wanted
    assert count == len(set(wanted))


def test_a_long_chain_is_one_component_in_few_rounds() -> None:
    """The worst case of hooking: a path whose nodes come in an order that helps nothing."""
    n = 200_000
    order = np.random.default_rng(3).permutation(n)
    labels, count = component_labels(n, order[:-1], order[1:])
    assert count == 1
    assert not labels.any()


# --- edges -----------------------------------------------------------------------------------

faces_of = st.integers(3, 9).flatmap(
    lambda n: st.lists(st.tuples(*[st.integers(0, n - 1)] * 3), min_size=1, max_size=25)
)


@given(faces_of)
def test_the_edge_table_is_what_a_dictionary_of_uses_says(faces: list[tuple[int, ...]]) -> None:
    uses: dict[tuple[int, int], list[tuple[int, int, bool]]] = defaultdict(list)
    for facet, corners in enumerate(faces):
        if len(set(corners)) < 3:
            continue
        for k in range(3):
            a, b = corners[k], corners[(k + 1) % 3]
            uses[min(a, b), max(a, b)].append((facet, k, a < b))
    table = edge_table(np.array(faces, np.int32))
    assert [tuple(edge) for edge in table.vertices.tolist()] == sorted(uses)
    for index, edge in enumerate(sorted(uses)):
        rows = slice(table.offsets[index], table.offsets[index + 1])
        found = list(zip(table.facets[rows].tolist(), table.corners[rows].tolist(), strict=True))
        assert found == [(facet, corner) for facet, corner, _ in sorted(uses[edge])]
        forward = sum(is_forward for _, _, is_forward in uses[edge])
        assert table.forward[index] == forward
        assert table.is_balanced[index] == (2 * forward == len(uses[edge]))
    chosen = np.arange(len(uses))[::2]
    positions = table.uses_of(chosen)
    assert positions.tolist() == [
        k for e in chosen for k in range(table.offsets[e], table.offsets[e + 1])
    ]


@pytest.mark.parametrize("mesh", [meshes.torus(), meshes.tube(), meshes.bracket(), meshes.cube()])
def test_closed_meshes_are_balanced_with_two_facets_everywhere(mesh: meshes.Triangles) -> None:
    table = edge_table(mesh[1])
    assert (table.counts == 2).all()
    assert table.is_balanced.all()
    assert 2 * len(table.counts) == 3 * len(mesh[1])


# --- boxes -----------------------------------------------------------------------------------


@st.composite
def box_sets(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Whole numbers, so that boxes often just touch; some are points."""
    n = draw(st.integers(1, 30))
    rows = st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=n, max_size=n)
    low = np.array(draw(rows), float)
    size = np.array(draw(rows), float) % 5
    return low, low + size


def touch(low: NDArray[np.float64], high: NDArray[np.float64], i: int, j: int) -> bool:
    return bool((low[i] <= high[j]).all() and (low[j] <= high[i]).all())


@settings(deadline=None)
@given(box_sets())
def test_every_pair_of_boxes_that_touch_is_found_once(
    boxes: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    low, high = boxes
    found = [
        tuple(sorted(pair))
        for a, b in overlapping_pairs(box_tree(low, high))
        for pair in zip(a.tolist(), b.tolist(), strict=True)
    ]
    wanted = [
        (i, j) for i in range(len(low)) for j in range(i + 1, len(low)) if touch(low, high, i, j)
    ]
    assert sorted(found) == wanted


@settings(deadline=None)
@given(box_sets(), box_sets())
def test_queries_meet_every_box_that_they_touch(
    boxes: tuple[NDArray[np.float64], NDArray[np.float64]],
    queries: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    (low, high), (from_, to) = boxes, queries
    found = {
        pair
        for query, box in boxes_met(box_tree(low, high), from_, to)
        for pair in zip(query.tolist(), box.tolist(), strict=True)
    }
    wanted = {
        (q, b)
        for q in range(len(from_))
        for b in range(len(low))
        if (low[b] <= to[q]).all() and (from_[q] <= high[b]).all()
    }
    assert found == wanted


def test_a_small_frontier_gives_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = meshes.torus()
    corners = mesh[0][mesh[1]]
    tree = box_tree(corners.min(axis=1), corners.max(axis=1))

    def pairs() -> NDArray[np.int64]:
        rows = [np.sort(np.stack(portion, axis=1), axis=1) for portion in overlapping_pairs(tree)]
        return np.unique(np.concatenate(rows), axis=0)

    whole = pairs()
    monkeypatch.setattr(box_tree_module, "FRONTIER_LIMIT", 37)
    assert np.array_equal(pairs(), whole)


# --- clusters --------------------------------------------------------------------------------


@given(st.lists(st.tuples(*[st.integers(-30, 30)] * 3), min_size=1, max_size=40), st.floats(0.5, 9))
def test_near_points_are_together_and_far_ones_are_not_without_others(
    rows: list[tuple[int, ...]], cell: float
) -> None:
    points = np.array(rows, float)
    labels, count = cluster_points(points, cell)
    assert set(labels.tolist()) == set(range(count))
    _, first = np.unique(labels, return_index=True)
    assert (np.diff(first) > 0).all()
    gap = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    assert (labels[:, None] == labels[None])[gap <= cell].all()
    links = np.argwhere(gap <= 3.5 * cell)
    loose, _ = component_labels(len(points), links[:, 0], links[:, 1])
    for label in range(count):
        assert len(np.unique(loose[labels == label])) == 1


@given(
    st.lists(st.tuples(*[st.floats(-30, 30, width=16)] * 3), min_size=1, max_size=60, unique=True),
    st.integers(1, 3),
)
def test_clusters_do_not_change_with_quarter_turns(
    rows: list[tuple[float, ...]], quarters: int
) -> None:
    points = np.array(rows, float)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    # A point on the border of two cubes belongs to one side, and turning changes which.
    if (np.abs((points - middle) / 1.37 - np.rint((points - middle) / 1.37)) < 1e-9).any():
        return
    turned = points
    for _ in range(quarters):
        turned = np.column_stack([-turned[:, 1], turned[:, 0], turned[:, 2]])
    assert np.array_equal(cluster_points(points, 1.37)[0], cluster_points(turned, 1.37)[0])


# --- facets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesh", "volume"),
    [
        (meshes.box((2, 3, 4), (-500.0, 700.0, 90.0)), 24.0),
        (meshes.inside_out(meshes.cube(10)), -1000.0),
        (meshes.tetrahedron(6.0), 36.0),
        (meshes.merged(meshes.cube(10), meshes.inside_out(meshes.cube(4, (3, 3, 3)))), 936.0),
    ],
)
def test_signed_volumes_are_the_solids(mesh: meshes.Triangles, volume: float) -> None:
    zeros = np.zeros(len(mesh[1]), np.int64)
    assert signed_volumes(*mesh, zeros, 1)[0] == pytest.approx(volume, rel=1e-12)
    assert signed_volume_mm3(*mesh) == pytest.approx(volume, rel=1e-12)


def test_normals_areas_and_heights() -> None:
    vertices = np.array([[0, 0, 0], [3, 0, 0], [0, 4, 0], [6, 0, 0.0]])
    shapes = facet_shapes(vertices, np.array([[0, 1, 2], [2, 1, 0], [0, 1, 3], [0, 0, 1]]))
    assert shapes.normal.tolist() == [[0, 0, 1], [0, 0, -1], [0, 0, 0], [0, 0, 0]]
    assert shapes.area.tolist() == [6, 6, 0, 0]
    assert shapes.longest.tolist() == [5, 5, 6, 3]
    assert shapes.height.tolist() == [2.4, 2.4, 0, 0]


def test_areas_of_a_closed_surface_cancel() -> None:
    for mesh in (meshes.torus(), meshes.bracket()):
        shapes = facet_shapes(*mesh)
        total = (shapes.normal * shapes.area[:, None]).sum(axis=0)
        assert np.abs(total).max() < 1e-9 * shapes.area.sum()


def test_winding_numbers_are_whole_inside_and_outside() -> None:
    twice = meshes.merged(meshes.cube(10), meshes.cube(4, (3, 3, 3)))
    points = np.array([[1, 1, 1], [5, 5, 5], [-1, 5, 5], [20, 0, 0.0]])
    wound = winding_numbers(points, twice[0][twice[1]])
    assert wound == pytest.approx([1, 2, 0, 0], abs=1e-12)
