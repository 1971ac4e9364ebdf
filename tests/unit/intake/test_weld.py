"""Welding against a slow reading of its own rule, and what it must never change."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.kernels import weld as weld_kernel
from printstd.kernels.edges import edge_table, is_paired
from printstd.kernels.weld import SNAP_STEPS, Welded, _first_of_equal, weld
from tests import meshes
from tests.unit.intake.reading import read

CELL_RATIO = 1 / SNAP_STEPS


def soup(mesh: meshes.Triangles) -> NDArray[np.float64]:
    return np.ascontiguousarray(mesh[0][mesh[1]].reshape(-1, 3))


def n_open(welded: Welded) -> int:
    return int((edge_table(welded.faces).counts == 1).sum())


def slow_partition(points: NDArray[np.float64], crack: float) -> list[int]:
    """For each corner the smallest corner of its group, by the rule as it is written: one snap
    cell is one vertex; then boundary vertices closer than the tolerance are one, in chains."""
    scale = float(np.abs(points).max())
    cell = scale * CELL_RATIO
    seen: dict[tuple[int, ...], int] = {}
    own = [
        seen.setdefault(tuple(np.rint(point / cell).astype(int)), index)
        for index, point in enumerate(points)
    ]
    uses: dict[tuple[int, int], int] = {}
    for a, b, c in np.array(own).reshape(-1, 3).tolist():
        if len({a, b, c}) == 3:
            for edge in ((a, b), (b, c), (c, a)):
                key = min(edge), max(edge)
                uses[key] = uses.get(key, 0) + 1
    boundary = sorted({v for edge, count in uses.items() if count == 1 for v in edge})
    stands = {v: v for v in boundary}
    for i, v in enumerate(boundary):
        for w in boundary[i + 1 :]:
            if np.sqrt(((points[v] - points[w]) ** 2).sum()) <= max(2 * cell, crack):
                low, high = sorted((stands[v], stands[w]))
                stands = {k: low if s == high else s for k, s in stands.items()}
    return [stands.get(v, v) for v in own]


@st.composite
def shaken_soups(draw: st.DrawFn) -> tuple[NDArray[np.float64], float]:
    """A small closed mesh, each corner of each facet moved by up to `amount` on its own."""
    mesh = draw(st.sampled_from([meshes.tetrahedron(10.0), meshes.box((4.0, 5.0, 6.0))]))
    amount = draw(st.sampled_from([0.0, 1e-9, 1e-6, 3e-6, 1e-5, 1e-4, 3e-4, 1e-3]))
    seed = draw(st.integers(0, 2**32 - 1))
    points = soup(mesh)
    # Kept off ties by the draw itself: a corner on the border between cells is no rule's matter.
    points = points + np.random.default_rng(seed).uniform(-amount, amount, points.shape)
    keep = draw(st.integers(1, len(points) // 3))
    return points[: 3 * keep] if draw(st.booleans()) else points, draw(
        st.sampled_from([0.0, 2e-4, 5e-4])
    )


@settings(max_examples=150, deadline=None)
@given(shaken_soups())
def test_the_partition_is_that_of_the_rule(case: tuple[NDArray[np.float64], float]) -> None:
    points, crack = case
    welded = weld(points, crack=crack)
    wanted = slow_partition(points, crack)
    first = np.unique(wanted)
    assert np.array_equal(welded.vertices, points[first])
    assert np.array_equal(welded.faces.reshape(-1), np.searchsorted(first, wanted))
    gaps = np.sqrt(((points - points[wanted]) ** 2).sum(axis=1))
    assert welded.largest_gap == pytest.approx(gaps.max(), rel=1e-12, abs=0)


@settings(max_examples=60, deadline=None)
@given(shaken_soups())
def test_welding_again_changes_nothing(case: tuple[NDArray[np.float64], float]) -> None:
    points, crack = case
    once = weld(points, crack=crack)
    again = weld(once.vertices, once.faces, crack=crack)
    if np.abs(once.vertices).max() == np.abs(points).max():  # else the grid is another one
        assert np.array_equal(again.vertices, once.vertices)
        assert np.array_equal(again.faces, once.faces)
        assert again.largest_gap == 0.0


@pytest.mark.parametrize(
    "mesh", [meshes.torus(), meshes.tube(), meshes.cylinder(), meshes.bracket()]
)
def test_a_soup_of_equal_corners_is_the_mesh_it_came_from(mesh: meshes.Triangles) -> None:
    welded = weld(soup(mesh))
    assert np.array_equal(welded.vertices[welded.faces], mesh[0][mesh[1]])
    assert len(welded.vertices) == len(np.unique(mesh[1]))
    assert welded.largest_gap == 0.0
    assert n_open(welded) == 0


def test_a_mesh_with_indices_welds_as_its_soup_does() -> None:
    mesh = meshes.torus()
    doubled = np.concatenate([mesh[0], mesh[0]]), mesh[1] + np.int32(len(mesh[0]))
    a, b = weld(soup(mesh)), weld(*doubled)
    assert np.array_equal(a.vertices, b.vertices)
    assert np.array_equal(a.faces, b.faces)


def test_every_facet_keeps_its_row_even_where_its_corners_fall_together() -> None:
    points = np.array([[0, 0, 0], [1e-9, 0, 0], [10, 0, 0], [0, 0, 0], [10, 0, 0], [0, 10, 0]])
    welded = weld(points.astype(np.float64))
    assert len(welded.faces) == 2
    assert welded.faces[0, 0] == welded.faces[0, 1]


def test_a_crack_over_the_border_of_two_cells_is_closed_by_the_second_pass() -> None:
    mesh = meshes.cube(20.0)
    cell = 20.0 * CELL_RATIO
    points = soup(mesh)
    # Half a cell is where the grid has a border: the two sides of it round apart.
    points[points[:, 0] == 0.0] += np.array([0.5 * cell, 0.0, 0.0])
    points[:9][points[:9, 0] == 0.5 * cell] -= np.array([1e-3 * cell, 0.0, 0.0])
    welded = weld(points)
    assert n_open(welded) == 0
    assert len(welded.vertices) == 8
    assert welded.largest_gap == pytest.approx(1e-3 * cell, rel=1e-6)


def test_interior_vertices_are_never_joined_by_distance() -> None:
    """Two closed tetrahedra nearer than the crack tolerance stay two bodies."""
    mesh = meshes.tetrahedron(10.0)
    near = meshes.moved(mesh, (1e-4, 1e-4, 1e-4))
    welded = weld(soup(meshes.merged(mesh, near)), crack=2e-4)
    assert len(welded.vertices) == 8


@given(
    rows=st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=1, max_size=60),
    spread=st.sampled_from([1, 2**21, 2**40]),
    hash_bits=st.sampled_from([0, 2, 64]),
)
@settings(max_examples=100, deadline=None)
def test_equal_rows_are_found_whatever_their_hashes(
    rows: list[tuple[int, int, int]], spread: int, hash_bits: int
) -> None:
    """Also where cells that differ have one hash, and where a group goes on in the next run."""
    cells = np.array(rows, np.int64) * spread
    with pytest.MonkeyPatch.context() as patched:
        mask = np.uint64(~((1 << (64 - hash_bits)) - 1) & (2**64 - 1))
        honest = weld_kernel._mixed
        patched.setattr(weld_kernel, "_mixed", lambda keys: honest(keys) & mask)
        patched.setattr(weld_kernel, "_ROWS", 7)
        found = _first_of_equal(len(cells), lambda rows: cells[rows])
    assert found.tolist() == [rows.index(row) for row in rows]


def test_what_welding_takes_beside_its_corners_is_bounded() -> None:
    """Files of millions of facets: 36 bytes a facet come in and 12 go out (and 12 of vertices)."""
    points = np.tile(soup(meshes.box()).astype(np.float32), (20_000, 1))
    points += np.repeat(np.arange(20_000, dtype=np.float32), 36)[:, None] % 251
    weld(points[:36])
    tracemalloc.start()
    weld(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak / (len(points) / 3) < 200, peak / (len(points) / 3)


def test_float32_corners_weld_as_their_float64_selves() -> None:
    points = soup(meshes.box()).astype(np.float32) + np.float32(0.1)
    narrow, wide = weld(points), weld(points.astype(np.float64))
    assert np.array_equal(narrow.vertices, wide.vertices)
    assert np.array_equal(narrow.faces, wide.faces)


def test_the_order_of_facets_does_not_change_what_is_joined() -> None:
    points = soup(meshes.torus(n_major=20, n_minor=12))
    rng = np.random.default_rng(5)
    points = points + rng.uniform(-3e-5, 3e-5, points.shape)
    order = rng.permutation(len(points) // 3)
    shuffled = points.reshape(-1, 3, 3)[order].reshape(-1, 3)
    a, b = weld(points, crack=2e-4), weld(shuffled, crack=2e-4)
    assert n_open(a) == n_open(b) == 0
    # Same groups: corners are one vertex in the one where they are in the other.
    pairs = np.stack([a.faces[order].reshape(-1), b.faces.reshape(-1)], axis=1)
    assert len(np.unique(pairs, axis=0)) == len(a.vertices) == len(b.vertices)


def test_dust_finer_than_the_tolerance_does_not_take_all_pairs() -> None:
    """Ten thousand open specks in one place: joined without comparing each with each."""
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 5e-4, (30_000, 3))
    points = np.concatenate([points, np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 1]])])
    welded = weld(points, crack=1e-3)
    assert len(welded.vertices) == 4


@pytest.mark.corpus
def test_a_part_of_a_cad_system_is_closed_only_by_snapping(corpus: Path) -> None:
    file = corpus / "units" / "featuretype.STL"
    data = file.read_bytes()
    corners = np.frombuffer(data, np.uint8, offset=84).reshape(-1, 50)[:, 12:48]
    exact = np.ascontiguousarray(corners).view("<f4").reshape(-1, 3)
    _, number = np.unique(np.ascontiguousarray(exact).view("V12").reshape(-1), return_inverse=True)
    assert int((edge_table(number.reshape(-1, 3)).counts == 1).sum()) == 576
    mesh = read(data, file.name).mesh
    assert (edge_table(mesh.faces).counts == 2).all()
    assert 0 < mesh.weld_gap_mm < 1e-6


@given(shaken_soups(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_paired_surface_is_told_as_the_table_of_edges_tells_it(
    case: tuple[NDArray[np.float64], float], spoiled: int
) -> None:
    """Whole, without a facet, with one turned over, with one twice."""
    faces = weld(case[0], crack=case[1]).faces
    faces = (faces, faces[1:], np.vstack([faces[:1, ::-1], faces[1:]]), np.vstack([faces, faces]))[
        spoiled
    ]
    edges = edge_table(faces)
    is_whole = len(edges.facets) == 3 * len(faces)
    wanted = is_whole and bool((edges.counts == 2).all() and edges.is_balanced.all())
    assert is_paired(faces) == wanted
