"""In which order paths are laid: each once, what waits after what it waits for, short ways."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath.order import AnyGates, Sheet, Visits, order_paths
from tests.oracles.effort import few

MM = 1_000_000
quick = few(60)
seeds = st.integers(0, 2**31)


@dataclass
class Desk:
    """Collects paths, one by one; mm."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def path(
        self,
        begin: tuple[float, float],
        end: tuple[float, float] | None = None,
        *,
        layer: int = 0,
        island: int = 0,
        parent: int = -1,
        group: int = -1,
        depth: int = -1,
        role: Role = Role.INTERNAL_INFILL,
    ) -> int:
        """`end` None: a loop."""
        self.rows.append(
            {
                "layer": layer,
                "island": island,
                "parent": parent,
                "group": group,
                "depth": depth,
                "role": role,
                "is_loop": end is None,
                "begin_nm": begin,
                "end_nm": end or begin,
            }
        )
        return len(self.rows) - 1

    def sheet(self) -> Sheet:
        def column(name: str, dtype: type) -> np.ndarray:
            return np.array([row[name] for row in self.rows], dtype)

        def places(name: str) -> np.ndarray:
            return np.rint(column(name, float).reshape(-1, 2) * MM).astype(np.int64)

        return Sheet(
            **{n: column(n, np.int64) for n in ("layer", "island", "parent", "group", "depth")},
            role=column("role", np.uint8),
            is_loop=column("is_loop", bool),
            begin_nm=places("begin_nm"),
            end_nm=places("end_nm"),
        )


def ordered(
    sheet: Sheet,
    start_nm: tuple[int, int] = (0, 0),
    order: WallOrder = WallOrder.INNER_OUTER,
    any_gates: AnyGates | None = None,
) -> Visits:
    n_layers = int(sheet.layer[-1]) + 1 if len(sheet.layer) else 0
    return order_paths(
        sheet,
        start_nm=start_nm,
        wall_order=[order] * n_layers,
        any_gates=any_gates,
    )


def travelled_mm(sheet: Sheet, visits: Visits, start_nm: tuple[int, int] = (0, 0)) -> float:
    at, total = np.array(start_nm, float), 0.0
    for path, turned in zip(visits.path.tolist(), visits.is_reversed.tolist(), strict=True):
        ends = (sheet.begin_nm[path], sheet.end_nm[path])
        enter, leave = ends[::-1] if turned else ends
        total += math.dist(at, enter)
        at = leave
    return total / MM


def random_sheet(seed: int, n_layers: int = 3) -> Sheet:
    """Walls with parents, groups, free lines and skirts on several layers and islands."""
    rng = np.random.default_rng(seed)
    desk, group = Desk(), 0

    def place() -> tuple[float, float]:
        x, y = rng.uniform(0, 50, 2).tolist()
        return x, y

    for layer in range(n_layers):
        if rng.random() < 0.5:
            desk.path(place(), layer=layer, island=-1, role=Role.SKIRT_BRIM)
        for island in range(int(rng.integers(0, 4))):
            where = {"layer": layer, "island": island}
            for _ in range(int(rng.integers(1, 4))):
                outer = desk.path(place(), depth=0, role=Role.EXTERNAL_PERIMETER, **where)
                for depth in range(1, int(rng.integers(1, 4))):
                    outer = desk.path(
                        place(), depth=depth, parent=outer, role=Role.PERIMETER, **where
                    )
            if rng.random() < 0.4:
                # The pieces of a split wall, with a wall inside.
                pieces = [
                    desk.path(place(), place(), depth=0, group=group, **where)
                    for _ in range(int(rng.integers(1, 4)))
                ]
                desk.path(place(), depth=1, parent=pieces[-1], role=Role.PERIMETER, **where)
                group += 1
            for _ in range(int(rng.integers(0, 6))):
                desk.path(place(), place(), **where)
            if rng.random() < 0.5:
                for _ in range(int(rng.integers(1, 4))):
                    desk.path(place(), place(), group=group, **where)
                group += 1
    return desk.sheet()


@quick
@given(seeds, st.sampled_from(WallOrder))
def test_every_path_is_laid_once_and_after_what_it_waits_for(seed: int, order: WallOrder) -> None:
    sheet = random_sheet(seed)
    visits = ordered(sheet, order=order)
    n = len(sheet.layer)
    assert sorted(visits.path.tolist()) == list(range(n))
    rank = np.empty(n, np.int64)
    rank[visits.path] = np.arange(n)
    # Layers in turn, skirt and brim first, islands one after another, their walls before the rest.
    assert (np.diff(sheet.layer[visits.path]) >= 0).all()
    for layer in range(int(sheet.layer.max(initial=-1)) + 1):
        mine = visits.path[sheet.layer[visits.path] == layer]
        islands = [island for island, _ in itertools.groupby(sheet.island[mine].tolist())]
        assert len(islands) == len(set(islands))
        assert -1 not in islands[1:]
        for island in islands:
            depths = sheet.depth[mine[sheet.island[mine] == island]]
            assert (np.diff((depths < 0).astype(int)) >= 0).all()
    inner = np.flatnonzero(sheet.parent >= 0)
    outer = sheet.parent[inner]
    later = rank[inner] > rank[outer]
    if order is WallOrder.INNER_OUTER_INNER:
        is_second = sheet.depth[inner] == 1
        third = inner[sheet.depth[inner] == 2]
        assert (later == ~is_second).all()
        assert (rank[third] > rank[sheet.parent[sheet.parent[third]]]).all()
    else:
        assert (later == (order is WallOrder.OUTER_INNER)).all()
    # Groups stay together, in row order and as they run.
    for group in np.unique(sheet.group[sheet.group >= 0]):
        rows = np.flatnonzero(sheet.group == group)
        assert (rank[rows] == rank[rows[0]] + np.arange(len(rows))).all()
    assert not visits.is_reversed[
        (sheet.group >= 0)[visits.path] | sheet.is_loop[visits.path]
    ].any()
    assert (visits.vertex == -1).all()


@quick
@given(seeds)
def test_free_paths_are_taken_nearest_first(seed: int) -> None:
    """Against the plainest nearest neighbour there is."""
    rng = np.random.default_rng(seed)
    desk = Desk()
    for _ in range(12):
        desk.path(*(tuple(p) for p in rng.uniform(0, 40, (2, 2)).tolist()))
    sheet = desk.sheet()
    at, left, wanted = np.zeros(2), set(range(12)), []
    while left:
        path, turned = min(
            itertools.product(sorted(left), (False, True)),
            key=lambda pt: (
                math.dist(at, (sheet.begin_nm, sheet.end_nm)[pt[1]][pt[0]].tolist()),
                pt,
            ),
        )
        wanted.append((path, turned))
        at = (sheet.end_nm, sheet.begin_nm)[turned][path]
        left.remove(path)
    visits = ordered(sheet)
    assert list(zip(visits.path.tolist(), visits.is_reversed.tolist(), strict=True)) == wanted


@quick
@given(seeds)
def test_ways_are_within_a_factor_of_the_shortest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    desk = Desk()
    for _ in range(4):
        desk.path(*(tuple(p) for p in rng.uniform(0, 40, (2, 2)).tolist()))
    sheet = desk.sheet()
    best = min(
        travelled_mm(sheet, Visits(np.array(paths), np.array(turned), np.full(4, -1)))
        for paths in itertools.permutations(range(4))
        for turned in itertools.product((False, True), repeat=4)
    )
    # Nearest neighbour has no bound where paths move the pen; of 4 paths the worst is 2.3 times.
    assert best <= travelled_mm(sheet, ordered(sheet)) + 1e-9 <= 3.0 * best + 1e-6


def test_ways_between_many_places_stay_short() -> None:
    """On random points the nearest neighbour's way is a quarter longer than the shortest, which is
    0.7124 sqrt(n A)."""
    rng = np.random.default_rng(3)
    desk = Desk()
    for x, y in rng.uniform(0, 100, (600, 2)).tolist():
        desk.path((x, y), (x + 0.01, y))
    sheet = desk.sheet()
    assert travelled_mm(sheet, ordered(sheet)) < 1.35 * 0.7124 * math.sqrt(600 * 100 * 100)


def test_islands_are_taken_nearest_first_from_where_the_last_one_ends() -> None:
    desk = Desk()
    for island, x in enumerate((40.0, 10.0, 25.0)):
        outer = desk.path((x, 0), depth=0, island=island, role=Role.EXTERNAL_PERIMETER)
        desk.path((x, 1), depth=1, parent=outer, island=island, role=Role.PERIMETER)
    visits = ordered(desk.sheet())
    assert visits.path.tolist() == [3, 2, 5, 4, 1, 0]


def test_the_next_layer_begins_where_the_last_one_ended() -> None:
    desk = Desk()
    for layer in (0, 1):
        for island, x in enumerate((0.0, 30.0, 60.0)):
            desk.path((x, 0), layer=layer, island=island, depth=0)
    assert ordered(desk.sheet()).path.tolist() == [0, 1, 2, 5, 4, 3]


@quick
@given(seeds)
def test_loops_entered_anywhere_are_entered_at_the_nearest_vertex(seed: int) -> None:
    rng = np.random.default_rng(seed)
    desk = Desk()
    loops = [rng.uniform(0, 40, (int(rng.integers(3, 8)), 2)) for _ in range(6)]
    for corners in loops:
        desk.path(tuple(corners[0].tolist()), depth=0, role=Role.EXTERNAL_PERIMETER)
    count = [len(corners) for corners in loops]
    gates = AnyGates(
        path=np.repeat(np.arange(6), count),
        vertex=np.arange(sum(count)),
        xy_nm=np.rint(np.concatenate(loops) * MM).astype(np.int64),
        detour_nm=np.zeros(sum(count)),
    )
    visits = ordered(desk.sheet(), any_gates=gates)
    assert sorted(visits.path.tolist()) == list(range(6))
    at, left = np.zeros(2), np.ones(sum(count), bool)
    for path, vertex in zip(visits.path.tolist(), visits.vertex.tolist(), strict=True):
        assert gates.path[vertex] == path
        away = np.hypot(*(gates.xy_nm - at).T)
        assert away[vertex] == away[left].min()
        left[gates.path == path] = False
        at = gates.xy_nm[vertex].astype(float)


def test_a_good_corner_may_be_a_detour_away() -> None:
    desk = Desk()
    desk.path((5, 0), depth=0)
    xy = np.array([[5, 0], [6.5, 0], [9, 0]]) * MM
    for extra, wanted in ((0.0, 0), (1.0, 0), (2.0, 1), (9.0, 1)):
        detour = np.array([extra, 0.0, 0.0]) * MM
        gates = AnyGates(np.zeros(3, np.int64), np.arange(3), xy.astype(np.int64), detour)
        assert ordered(desk.sheet(), any_gates=gates).vertex.tolist() == [wanted]


def test_no_paths_no_order() -> None:
    visits = ordered(Desk().sheet())
    assert len(visits.path) == len(visits.is_reversed) == len(visits.vertex) == 0


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (WallOrder.INNER_OUTER, [4, 3, 2, 1, 0]),
        (WallOrder.OUTER_INNER, [0, 1, 2, 3, 4]),
        (WallOrder.INNER_OUTER_INNER, [1, 0, 2, 3, 4]),
    ],
)
@pytest.mark.parametrize("start_mm", [-50, 50])
def test_a_chain_of_walls_is_laid_in_its_order(
    order: WallOrder, wanted: list[int], start_mm: int
) -> None:
    desk = Desk()
    parent = -1
    for depth in range(5):
        parent = desk.path((depth * 0.4, 0), depth=depth, parent=parent, role=Role.PERIMETER)
    visits = ordered(desk.sheet(), start_nm=(start_mm * MM, 0), order=order)
    assert visits.path.tolist() == wanted
