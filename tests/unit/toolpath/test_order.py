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
from printstd.kernels.tour import Speed
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath import order
from printstd.toolpath.order import AnyGates, Sheet, Visits, order_paths
from tests.oracles.effort import few

MM = 1_000_000
TRAVEL = Speed(150.0 * MM, 1000.0 * MM)
quick = few(60)
seeds = st.integers(0, 2**31)


@dataclass
class Desk:
    """Collects paths, one by one; mm. walls, gaps : pairs that lie side by side."""

    rows: list[dict[str, object]] = field(default_factory=list)
    walls: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)

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
            beside=(np.array(self.walls, np.int64), np.array(self.gaps, np.int64)),
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
    is_third_first: bool = False,
) -> Visits:
    n_layers = int(sheet.layer[-1]) + 1 if len(sheet.layer) else 0
    return order_paths(
        sheet,
        start_nm=start_nm,
        travel=TRAVEL,
        wall_order=[order] * n_layers,
        any_gates=any_gates,
        is_third_first=is_third_first,
    )


def ways_mm(sheet: Sheet, visits: Visits, start_nm: tuple[int, int] = (0, 0)) -> list[float]:
    at, found = np.array(start_nm, float), []
    for path, turned in zip(visits.path.tolist(), visits.is_reversed.tolist(), strict=True):
        ends = (sheet.begin_nm[path], sheet.end_nm[path])
        enter, leave = ends[::-1] if turned else ends
        found.append(math.dist(at, enter) / MM)
        at = leave
    return found


def seconds(ways: list[float]) -> float:
    """Each from rest to rest, by the schoolbook."""
    speed, accel = TRAVEL.speed / MM, TRAVEL.accel / MM
    ramp = speed**2 / accel
    return sum(
        2 * math.sqrt(way / accel) if way < ramp else way / speed + speed / accel for way in ways
    )


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
            where, begin = {"layer": layer, "island": island}, len(desk.rows)
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
            walls = [row for row in range(begin, len(desk.rows)) if desk.rows[row]["depth"] >= 0]
            for role in (Role.TOP_SOLID_INFILL, Role.GAP_FILL):
                if rng.random() < 0.5:
                    for _ in range(int(rng.integers(1, 4))):
                        row = desk.path(place(), place(), group=group, role=role, **where)
                        if role == Role.GAP_FILL and walls:
                            desk.walls.append(walls[int(rng.integers(len(walls)))])
                            desk.gaps.append(row)
                    group += 1
    return desk.sheet()


@quick
@given(seeds, st.sampled_from(WallOrder), st.booleans())
def test_every_path_is_laid_once_and_after_what_it_waits_for(
    seed: int, order: WallOrder, is_third_first: bool
) -> None:
    sheet = random_sheet(seed)
    visits = ordered(sheet, order=order, is_third_first=is_third_first)
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
            rows = mine[(sheet.island[mine] == island) & (sheet.role[mine] != Role.GAP_FILL)]
            assert (np.diff((sheet.depth[rows] < 0).astype(int)) >= 0).all()
    inner = np.flatnonzero(sheet.parent >= 0)
    outer = sheet.parent[inner]
    later = rank[inner] > rank[outer]
    if order is WallOrder.INNER_OUTER_INNER and is_third_first:
        third = inner[sheet.depth[inner] == 2]
        has_third = np.isin(inner, sheet.parent[third])
        assert (later == has_third).all()
        assert (rank[third] < rank[sheet.parent[sheet.parent[third]]]).all()
    elif order is WallOrder.INNER_OUTER_INNER:
        is_second = sheet.depth[inner] == 1
        third = inner[sheet.depth[inner] == 2]
        assert (later == ~is_second).all()
        assert (rank[third] > rank[sheet.parent[sheet.parent[third]]]).all()
    else:
        assert (later == (order is WallOrder.OUTER_INNER)).all()
    walls, gaps = sheet.beside
    assert (rank[walls] < rank[gaps]).all()
    # Groups stay together, in row order and as they run; pieces of a gap perhaps all backwards.
    is_reversed = np.empty(n, bool)
    is_reversed[visits.path] = visits.is_reversed
    for group in np.unique(sheet.group[sheet.group >= 0]):
        rows = np.flatnonzero(sheet.group == group)
        if sheet.role[rows[0]] == Role.GAP_FILL and is_reversed[rows].all():
            is_reversed[rows], rows = False, rows[::-1]
        assert (rank[rows] == rank[rows[0]] + np.arange(len(rows))).all()
    assert not is_reversed[(sheet.group >= 0) | sheet.is_loop].any()
    assert (visits.vertex == -1).all()


def nearest_first(sheet: Sheet) -> Visits:
    """The plainest nearest neighbour there is, of free paths."""
    at, left, found = np.zeros(2), set(range(len(sheet.layer))), []
    while left:
        path, turned = min(
            itertools.product(sorted(left), (False, True)),
            key=lambda pt: (
                math.dist(at, (sheet.begin_nm, sheet.end_nm)[pt[1]][pt[0]].tolist()),
                pt,
            ),
        )
        found.append((path, turned))
        at = (sheet.end_nm, sheet.begin_nm)[turned][path]
        left.remove(path)
    paths, turned_ = zip(*found, strict=True)
    return Visits(np.array(paths), np.array(turned_), np.full(len(paths), -1))


@quick
@given(seeds)
def test_free_paths_take_no_longer_than_nearest_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    desk = Desk()
    for _ in range(12):
        desk.path(*(tuple(p) for p in rng.uniform(0, 40, (2, 2)).tolist()))
    sheet = desk.sheet()
    ours, theirs = (seconds(ways_mm(sheet, v)) for v in (ordered(sheet), nearest_first(sheet)))
    assert ours <= theirs + 1e-9


@quick
@given(seeds)
def test_few_ways_take_about_the_least_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    desk = Desk()
    for _ in range(4):
        desk.path(*(tuple(p) for p in rng.uniform(0, 40, (2, 2)).tolist()))
    sheet = desk.sheet()
    best = min(
        seconds(ways_mm(sheet, Visits(np.array(paths), np.array(turned), np.full(4, -1))))
        for paths in itertools.permutations(range(4))
        for turned in itertools.product((False, True), repeat=4)
    )
    assert best <= seconds(ways_mm(sheet, ordered(sheet))) + 1e-9 <= 1.3 * best


@quick
@given(seeds)
def test_what_has_not_moved_would_not_move_again(seed: int) -> None:
    """Islands that lie beside the same ones as before are left out: nobody must see it."""
    sheet = random_sheet(seed, n_layers=6)
    usual, asked = order._has_moved, []

    def all_of(*given_: object) -> np.ndarray:
        asked.append(usual(*given_))  # type: ignore[arg-type]
        return np.ones_like(asked[-1])

    found = ordered(sheet)
    try:
        order._has_moved = all_of
        again = ordered(sheet)
    finally:
        order._has_moved = usual
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))
    assert all(one.any() for one in asked)


def test_ways_between_many_places_stay_short() -> None:
    """On random points the nearest neighbour's way is a quarter longer than the shortest, which is
    0.7124 sqrt(n A); moves that reach 30 places leave a tenth to a fifth."""
    rng = np.random.default_rng(3)
    desk = Desk()
    for x, y in rng.uniform(0, 100, (600, 2)).tolist():
        desk.path((x, y), (x + 0.01, y))
    sheet = desk.sheet()
    least = 0.7124 * math.sqrt(600 * 100 * 100)
    assert sum(ways_mm(sheet, nearest_first(sheet))) > 1.2 * least
    assert sum(ways_mm(sheet, ordered(sheet))) < 1.2 * least


def test_a_gap_is_filled_on_the_way_but_not_before_its_walls() -> None:
    """Three walls in a row with a gap each, then infill at the far end."""
    desk = Desk()
    walls = [desk.path((30.0 * i, 0), depth=0, role=Role.EXTERNAL_PERIMETER) for i in range(3)]
    desk.gaps = [desk.path((30.0 * i, 1), (30.0 * i, 2), role=Role.GAP_FILL) for i in range(3)]
    infill = desk.path((61, 1), (90, 1))
    desk.path((91, 1), layer=1, depth=0)
    desk.walls = walls
    assert ordered(desk.sheet()).path.tolist()[:7] == [0, 3, 1, 4, 2, 5, infill]
    desk.walls = [walls[2]] * 3
    rank = np.argsort(ordered(desk.sheet()).path)
    assert (rank[desk.gaps] > rank[walls[2]]).all()


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
    at = np.zeros(2)
    for path, vertex in zip(visits.path.tolist(), visits.vertex.tolist(), strict=True):
        assert gates.path[vertex] == path
        away = np.hypot(*(gates.xy_nm - at).T)
        assert away[vertex] == away[gates.path == path].min()
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
        ("the third first", [4, 3, 2, 0, 1]),
    ],
)
@pytest.mark.parametrize("start_mm", [-50, 50])
def test_a_chain_of_walls_is_laid_in_its_order(
    order: WallOrder | str, wanted: list[int], start_mm: int
) -> None:
    desk = Desk()
    parent = -1
    for depth in range(5):
        parent = desk.path((depth * 0.4, 0), depth=depth, parent=parent, role=Role.PERIMETER)
    is_third_first = order == "the third first"
    visits = ordered(
        desk.sheet(),
        start_nm=(start_mm * MM, 0),
        order=WallOrder.INNER_OUTER_INNER if is_third_first else WallOrder(order),
        is_third_first=is_third_first,
    )
    assert visits.path.tolist() == wanted
