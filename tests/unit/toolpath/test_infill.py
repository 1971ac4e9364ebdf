"""Infill lines: where they lie, what they cover, in which order and with how much material."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead, clip
from printstd.kernels.gyroid import DENSITY_FACTOR
from printstd.kernels.rings import EMPTY, Rings, area_mm2, translated
from printstd.kernels.turns import direction
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.patterns import PATTERNS, surveyed
from printstd.toolpath.infill.plan import fill_layer, fill_layers
from printstd.toolpath.infill.survey import Survey
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.spec import layer_spec as layer_spec_of
from printstd.toolpath.surfaces import NO_SURFACES, SLIVER_RATIO, Surfaces
from tests.layer_specs import layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    beads,
    depth_outside_mm,
    hole,
    holed,
    lengths_mm,
    lines_of,
    rectangle,
    rings_of,
    volume_mm2,
)
from tests.oracles.effort import few
from tests.unit.toolpath.planning import profiles

quick = few(25)
seeds = st.integers(0, 2**31)
patterns = st.sampled_from(list(InfillPattern))
own_patterns = st.sampled_from(list(PATTERNS))
CONCENTRIC, LIGHTNING = InfillPattern.CONCENTRIC, InfillPattern.LIGHTNING
EVEN = [pattern for pattern in PATTERNS if pattern is not CONCENTRIC]
"""Patterns that are alike everywhere."""
HEIGHT = 200_000
WIDEST = 1.2
"""Of the spacing asked for: facts of slicers 2.4."""


def filled(
    surfaces: Surfaces, spec: LayerSpec, layer: int = 0, below: Rings | None = None
) -> PathSet:
    z_nm = [(i + 1) * HEIGHT for i in range(layer + 1)]
    alone = [*[EMPTY] * layer, surfaces.sparse]
    return fill_layers(
        [surfaces],
        [spec],
        first_layer=layer,
        z_nm=z_nm[-1:],
        below=[below],
        surveyed=surveyed(Survey(alone, [spec] * len(alone), z_nm)),
    )[0]


def solid(area: Rings, spec: LayerSpec, layer: int = 0) -> PathSet:
    return filled(NO_SURFACES._replace(solid=area), spec, layer)


def sparse(area: Rings, spec: LayerSpec, layer: int = 0) -> PathSet:
    return filled(NO_SURFACES._replace(sparse=area), spec, layer)


class Piece(NamedTuple):
    """A straight stretch of a path along the lines' direction: its place across them, where it
    begins and ends along them, mm, and which path it belongs to."""

    across: float
    low: float
    high: float
    path: int


def on_lines(paths: PathSet, angle_deg: float) -> Iterator[Piece]:
    """The stretches that run along the direction, in the order of laying."""
    d = np.array(direction(angle_deg)) / np.hypot(*direction(angle_deg))
    for number, xy in enumerate(lines_of(paths)):
        u, v = xy @ d, xy @ np.array([-d[1], d[0]])
        for i in np.flatnonzero(np.abs(np.diff(v)) < 3e-6).tolist():
            yield Piece(float(v[i]), *sorted((float(u[i]), float(u[i + 1]))), number)


# ------------------------------------------------------------------------------ everywhere


@quick
@given(seeds, patterns, st.integers(0, 9), st.booleans())
def test_beads_keep_inside_the_area(
    seed: int, pattern: InfillPattern, layer: int, is_solid: bool
) -> None:
    area, spec = holed(seed), layer_spec(pattern=pattern, density_ratio=0.2)
    paths = solid(area, spec, layer) if is_solid else sparse(area, spec, layer)
    # Centrelines keep half a spacing from the border: beads, round sides and all, reach past it
    # by no more than those take.
    inset = area_of(clip.offset(area, -(spec.solid.spacing_nm // 2))).buffer(
        5e-6, join_style="mitre"
    )
    assert all(inset.covers(shapely.LineString(xy)) for xy in lines_of(paths))
    # What is narrower than a concentric band, or carries no roof, may get nothing.
    wide = inset.buffer(-3.0).area if pattern in (CONCENTRIC, LIGHTNING) else inset.area - 12
    assert paths.n_paths or (inset.area < 0.5 if is_solid else wide <= 0)
    assert (lengths_mm(paths) * 2 >= 0.999 * spec.solid.spacing_nm / MM).all()
    assert (np.diff(paths.offsets) >= 2).all()
    assert not paths.is_loop.any()


@quick
@given(seeds, own_patterns)
def test_layers_together_come_out_as_layers_apart(seed: int, pattern: InfillPattern) -> None:
    spec = layer_spec(pattern=pattern)
    surfaces = [
        NO_SURFACES,
        NO_SURFACES._replace(sparse=holed(seed)),
        NO_SURFACES._replace(
            solid=holed(seed + 1), sparse=translated(holed(seed + 2), (30 * MM, 0))
        ),
        NO_SURFACES._replace(top=holed(seed + 3), bottom=translated(holed(seed), (0, 30 * MM))),
        NO_SURFACES._replace(bridge=rings_of(rectangle(0, 0, 9, 7)), internal_bridge=holed(seed)),
    ]
    n = len(surfaces)
    heights = [(i + 8) * HEIGHT for i in range(n)]
    below = [None, *[rings_of(rectangle(-1, 0, 4, 9), rectangle(6, 0, 9, 9))] * (n - 1)]
    together = fill_layers(surfaces, [spec] * n, first_layer=7, z_nm=heights, below=below)
    for i, found in enumerate(together):
        alone = fill_layer(surfaces[i], spec, layer=7 + i, z_nm=heights[i], below=below[i])
        for name in PathSet.__slots__:
            assert getattr(found, name).tobytes() == getattr(alone, name).tobytes()


def test_roles_and_beads_are_those_of_the_surfaces() -> None:
    spec = layer_spec(pattern=InfillPattern.GRID, bridge_flow_ratio=0.9)
    spec = layer_spec(
        pattern=InfillPattern.GRID,
        bridge_flow_ratio=0.9,
        top=layer_spec(width_mm=0.4).top,
        sparse=layer_spec(width_mm=0.5).sparse,
    )
    places = [translated(rings_of(rectangle(0, 0, 12, 12)), (i * 20 * MM, 0)) for i in range(6)]
    paths = filled(Surfaces(*places), spec, below=EMPTY)
    roles = [
        Role.TOP_SOLID_INFILL,
        Role.SOLID_INFILL,
        Role.BRIDGE_INFILL,
        Role.SOLID_INFILL,
        Role.INTERNAL_BRIDGE_INFILL,
        Role.INTERNAL_INFILL,
    ]
    slot = (paths.xy_nm[paths.offsets[:-1], 0] // (20 * MM)).tolist()
    assert {(i, Role(int(r))) for i, r in zip(slot, paths.role, strict=True)} == set(
        enumerate(roles)
    )
    for i, size in ((0, spec.top), (1, spec.solid), (3, spec.solid)):
        mine = np.array(slot) == i
        assert np.abs(paths.width_nm[mine] / size.width_nm - 1).max() < 0.05
        flat = HEIGHT * (paths.width_nm - HEIGHT * bead.ROUND_LOSS)
        assert np.abs(paths.area_nm2[mine] - flat[mine]).max() <= HEIGHT
    assert (paths.width_nm[np.array(slot) == 5] == spec.sparse.width_nm).all()
    assert (paths.area_nm2[np.array(slot) == 5] == spec.sparse.area_nm2).all()
    assert (paths.depth == -1).all()


# ----------------------------------------------------------------------------------- solid


@pytest.mark.parametrize("angle_deg", [0.0, 45.0, 30.0, 90.0])
def test_a_rectangle_along_the_lines_gets_exactly_its_volume(angle_deg: float) -> None:
    rng = np.random.default_rng(7)
    spec = layer_spec(angle_deg=angle_deg)
    s = spec.solid.spacing_nm / MM
    c, si = np.array(direction(angle_deg)) / np.hypot(*direction(angle_deg))
    for _ in range(20):
        long, wide = rng.uniform(20, 40), rng.uniform(1.5 * s, 9)
        corners = np.array(rectangle(0, 0, long, wide)) @ np.array([[c, si], [-si, c]])
        paths = solid(rings_of(corners.tolist()), spec)
        assert paths.n_paths == 1
        across = sorted({round(piece.across, 4) for piece in on_lines(paths, angle_deg)})
        # A whole number of lines, no further apart than allowed, half a line's room at the sides.
        flow = float(paths.area_nm2[0]) / HEIGHT / MM
        assert flow * len(across) == pytest.approx(wide, abs=1e-4)
        assert flow <= WIDEST * s + 1e-4
        # Narrower than asked only where one line less would be too wide.
        assert flow >= s - 1e-4 or wide / (len(across) - 1) > WIDEST * s
        if len(across) > 1:
            assert np.ptp(np.diff(across)) < 2e-3
        assert paths.width_nm[0] == pytest.approx(flow * MM + HEIGHT * bead.ROUND_LOSS, abs=1)
        # Joins run along the border, one step of the lines each, beside the last half spacing.
        laid = volume_mm2(paths, HEIGHT)
        ends = flow * len(across) * (s - flow) / 2 * 2 if len(across) > 1 else flow * -s
        assert laid == pytest.approx(long * wide + ends - flow * (s - flow), rel=0.03)


@quick
@given(seeds, st.integers(0, 1))
def test_solid_infill_covers_its_area_and_brings_its_volume(seed: int, layer: int) -> None:
    """Measured over 600 areas of 1 to 240 mm2 with holes and sharp tips: 1.8 % of all stays bare,
    most of that in the little triangles at turns; what is fed is within 0.5 % of the volume."""
    area, spec = without_slivers(holed(seed)), layer_spec()
    paths = solid(area, spec, layer)
    shape, laid = area_of(area), beads(paths, cap="round")
    bare = shape - laid
    # As much as a band of 0.07 mm along the border, and no strip that would take a line.
    assert bare.area < 0.07 * shape.length
    half = spec.solid.spacing_nm / MM / 2
    wide = shape.buffer(-half, join_style="mitre").buffer(half + 1e-4, join_style="mitre")
    strips = shapely.get_parts((bare & wide).buffer(-0.1).buffer(0.1))
    assert all(strip.area < 0.8 for strip in strips)
    assert depth_outside_mm(laid, shape) < 0.08
    lost = volume_mm2(paths, HEIGHT) - shape.area
    assert abs(lost) < 0.02 * shape.area + 0.08 * shape.length + 0.15


def without_slivers(area: Rings) -> Rings:
    """As `surfaces.room` leaves areas."""
    sliver = round(SLIVER_RATIO * layer_spec().solid.spacing_nm)
    return clip.offset(area, -sliver, sliver)


def test_over_many_areas_what_is_fed_is_their_volume() -> None:
    spec, wanted, fed, bare = layer_spec(), 0.0, 0.0, 0.0
    for seed in range(40):
        area = without_slivers(holed(seed, depth=0.5))
        paths = solid(area, spec, seed % 2)
        wanted += area_mm2(area)
        fed += volume_mm2(paths, HEIGHT)
        bare += (area_of(area) - beads(paths, cap="round")).area
    assert fed == pytest.approx(wanted, rel=0.01)
    assert bare < 0.025 * wanted


@quick
@given(seeds, st.integers(0, 1))
def test_solid_lines_are_laid_beside_what_lies_there_already(seed: int, layer: int) -> None:
    area, spec = holed(seed), layer_spec()
    paths = solid(area, spec, layer)
    angle_deg = spec.angle_deg + 90 * (layer % 2)
    step = float(paths.area_nm2.max()) / HEIGHT / MM
    # Strips along the border come last: on their other side is the wall.
    inset = area_of(clip.offset(area, -(spec.solid.spacing_nm // 2))).boundary
    pieces = [p for p in on_lines(paths, angle_deg) if inset.distance(middle(p, angle_deg)) > 1e-4]
    order = np.arange(len(pieces))
    v, low, high = (np.array(column) for column in list(zip(*pieces, strict=True))[:3])
    for i, piece in enumerate(pieces):
        beside = (low < piece.high - 0.05) & (high > piece.low + 0.05)
        after = beside & (v > piece.across + 0.5 * step) & (v < piece.across + 1.5 * step)
        assert (order[after] > i).all()
    # Paths that wait for each other are kept in order: one group per island.
    islands = clip.inset_islands([area], [spec.solid.spacing_nm // 2])
    for group in np.unique(paths.group[paths.group >= 0]):
        assert (paths.group == group).sum() > 1
    assert len(np.unique(paths.group[paths.group >= 0])) <= len(islands.part)
    assert (np.diff(paths.group[paths.group >= 0]) >= 0).all()


def middle(piece: Piece, angle_deg: float) -> shapely.Point:
    c, s = np.array(direction(angle_deg)) / np.hypot(*direction(angle_deg))
    u = (piece.low + piece.high) / 2
    return shapely.Point(c * u - s * piece.across, s * u + c * piece.across)


def test_a_strip_that_no_turn_covers_gets_a_line_of_its_own() -> None:
    # The lower side runs along the lines, half a line's distance from the last one, and further on
    # the area reaches below it: so no line lies there and no turn leads along it.
    area = rings_of([(0, 0), (20, 0), (20, -3.13), (24, -3.13), (24, 5), (0, 5)])
    spec = layer_spec(angle_deg=0.0)
    for layer in (0, 2):
        paths = solid(area, spec, layer)
        bare = area_of(area) - beads(paths, cap="round")
        assert all(part.area < 0.2 for part in shapely.get_parts(bare.buffer(-0.1).buffer(0.1)))


@quick
@given(seeds)
def test_moving_an_area_moves_its_solid_lines(seed: int) -> None:
    area, shift = holed(seed), (123 * MM, 45 * MM)
    here, there = (solid(a, layer_spec()) for a in (area, translated(area, shift)))
    assert (here.offsets == there.offsets).all()
    # Places on edges are found in floats, which lie further apart further out.
    assert np.abs(there.xy_nm - shift - here.xy_nm).max() <= 50


# ---------------------------------------------------------------------------------- sparse


@pytest.mark.parametrize("pattern", EVEN)
@pytest.mark.parametrize("density", [0.1, 0.15, 0.3])
def test_large_areas_get_the_density_asked_for(pattern: InfillPattern, density: float) -> None:
    """Joins along the border come on top: they are left out, by looking at the middle alone."""
    spec = layer_spec(pattern=pattern, density_ratio=density)
    area = rings_of(rectangle(0, 0, 90, 90))
    core = shapely.box(8, 8, 82, 82)
    laid = []
    period = 2 * np.pi * spec.sparse.spacing_nm / density / DENSITY_FACTOR / HEIGHT
    for layer in np.rint(np.arange(12) * period / 12).astype(int).tolist():
        paths = sparse(area, spec, layer)
        lines = shapely.multilinestrings([shapely.LineString(xy) for xy in lines_of(paths)])
        laid.append(lines.intersection(core).length * paths.area_nm2[0] / HEIGHT / MM / core.area)
    assert np.mean(laid) == pytest.approx(density, rel=0.05)


@pytest.mark.parametrize("density", [0.1, 0.15, 0.3])
def test_concentric_loops_have_the_density_over_the_whole_area(density: float) -> None:
    spec = layer_spec(pattern=CONCENTRIC, density_ratio=density)
    area = rings_of(rectangle(0, 0, 90, 60), hole(20, 20, 11, 17))
    laid = volume_mm2(sparse(area, spec), HEIGHT)
    assert laid / area_mm2(area) == pytest.approx(density, rel=0.05)


@pytest.mark.parametrize("pattern", [InfillPattern.RECTILINEAR, InfillPattern.GRID])
def test_lines_of_layers_stand_on_each_other(pattern: InfillPattern) -> None:
    spec = layer_spec(pattern=pattern, density_ratio=0.15)
    pitch = spec.sparse.spacing_nm / 0.15 / MM * (2 if pattern is InfillPattern.GRID else 1)
    rng = np.random.default_rng(1)
    # Whatever the areas, lines lie on one family from the bed's origin on.
    for layer in range(6):
        area = translated(
            holed(layer, radius=(22, 25)), tuple(rng.integers(0, 200 * MM, 2).tolist())
        )
        paths = sparse(area, spec, layer)
        angles = [45.0 + 90 * (layer % 2)]
        angles += [45.0 + 90 * (1 - layer % 2)] if pattern is InfillPattern.GRID else []
        on_family = 0.0
        for angle_deg in angles:
            pieces = [p for p in on_lines(paths, angle_deg) if p.high - p.low > 1]
            assert len(pieces) > 3
            off = [abs(p.across / pitch - round(p.across / pitch)) * pitch for p in pieces]
            assert max(off) < 1e-5
            on_family += sum(p.high - p.low for p in pieces)
        assert on_family > 0.4 * lengths_mm(paths).sum()


def test_lines_of_a_thicker_first_layer_carry_those_above() -> None:
    resolved = profiles(
        ("first_layer_height_mm", "0.3"),
        ("widths.first_layer_mm", "0.6"),
        ("infill.pattern", "grid"),
    )
    area = rings_of(rectangle(3.3, 4.4, 40, 40))
    specs = [
        layer_spec_of(resolved, is_first=i == 0, height_nm=h)
        for i, h in ((0, 300_000), (1, 200_000))
    ]
    families = []
    for spec in specs:
        pieces = [p for p in on_lines(sparse(area, spec), 45.0) if p.high - p.low > 1]
        families.append(sorted({round(p.across, 4) for p in pieces}))
    assert len(families[0]) > 5
    assert families[0] == pytest.approx(families[1], abs=2e-4)


@quick
@given(seeds, patterns, st.sampled_from([(0.0, 0.0), (1.0, 4.0), (5.0, 2.0), (2.5, 12.0)]))
def test_joins_and_anchors_are_no_longer_than_asked(
    seed: int, pattern: InfillPattern, anchors: tuple[float, float]
) -> None:
    anchor, most = anchors
    spec = layer_spec(
        pattern=pattern,
        density_ratio=0.2,
        anchor_nm=round(anchor * MM),
        anchor_max_nm=round(most * MM),
    )
    joint = 1000.0 if pattern is InfillPattern.ZIGZAG else most
    area = holed(seed)
    paths = sparse(area, spec, 1)
    border = area_of(clip.offset(area, -(spec.sparse.spacing_nm // 2))).boundary.buffer(1e-4)
    for xy in lines_of(paths):
        along = [
            shapely.LineString(pair).intersection(border).length
            > 0.999 * np.hypot(*np.ptp(pair, axis=0))
            for pair in pairwise(xy)
        ]
        length = np.hypot(*np.diff(xy, axis=0).T)
        for begin, end in runs(along):
            run = length[begin:end].sum()
            is_hook = begin == 0 or end == len(along)
            assert run <= (min(anchor, most) if is_hook else joint) + 1e-3 or run == length.sum()


def runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """[begin, end) of each run of True."""
    padded = np.diff(np.concatenate([[0], np.array(flags, int), [0]]))
    yield from zip(np.flatnonzero(padded > 0), np.flatnonzero(padded < 0), strict=True)


def test_anchors_hold_lines_on_the_wall() -> None:
    area = rings_of(rectangle(0, 0, 60, 60))
    bare, hooked = (
        sparse(area, layer_spec(anchor_nm=anchor, anchor_max_nm=2_600_000))
        for anchor in (0, 1_000_000)
    )
    # Lines 2.7 mm apart: too far to be joined, so every end is a hook of 1 mm.
    assert bare.n_paths == hooked.n_paths
    added = lengths_mm(hooked) - lengths_mm(bare)
    assert np.median(added) == pytest.approx(2.0, abs=1e-3)
    assert added.max() < 2.001


def test_no_density_is_no_infill() -> None:
    area = holed(4)
    for pattern in InfillPattern:
        assert not sparse(area, layer_spec(pattern=pattern, density_ratio=0.0)).n_paths
    assert not filled(NO_SURFACES, layer_spec()).n_paths


@quick
@given(seeds, st.integers(0, 40))
def test_gyroid_paths_run_through_the_whole_area(seed: int, layer: int) -> None:
    spec = layer_spec(pattern=InfillPattern.GYROID)
    area = holed(seed)
    paths = sparse(area, spec, layer)
    laid = shapely.union_all([shapely.LineString(xy) for xy in lines_of(paths)])
    # No place is further from a wave or a wall than half the distance of waves and their swing.
    empty = area_of(area).buffer(-2.7) - laid.buffer(2.7)
    assert empty.area < 1e-6


def test_a_narrow_area_between_lines_gets_none() -> None:
    strip = rings_of(rectangle(0.3, 0, 1.0, 40))
    spec = layer_spec(angle_deg=90.0, density_ratio=0.1)
    assert not sparse(strip, spec).n_paths
    assert solid(strip, spec).n_paths == 1


def test_what_is_no_more_than_a_dot_is_left_out() -> None:
    spec = layer_spec(angle_deg=0.0)
    half = spec.solid.spacing_nm / MM / 2
    for over, wanted in ((half - 0.02, 0), (half + 0.02, 1)):
        spot = rings_of(rectangle(0, 0, 2 * half + over, 2 * half + 0.004))
        paths = solid(spot, spec)
        assert paths.n_paths == wanted
        assert lengths_mm(paths) == pytest.approx([over] * wanted, abs=1e-5)


def test_solid_islands_in_holes_are_apart() -> None:
    area = rings_of(rectangle(0, 0, 20, 20), hole(3, 3, 14, 14), rectangle(6, 6, 8, 8))
    paths = solid(area, layer_spec())
    inner = shapely.box(6, 6, 14, 14)
    inside = [inner.covers(shapely.LineString(xy)) for xy in lines_of(paths)]
    assert sum(inside) == 1
    assert paths.group[inside.index(True)] == -1


def test_strips_beside_the_border_keep_nobody_from_running_either_way() -> None:
    area = rings_of([(0, 0), (20, 0), (20, -3.13), (24, -3.13), (24, 5), (0, 5)])
    paths = solid(area, layer_spec(angle_deg=0.0))
    length = lengths_mm(paths)
    # One zigzag and one strip: neither is bound to the other.
    assert len(length) == 2
    assert length.min() > 15
    assert (paths.group == -1).all()


def turns_of(paths: PathSet) -> int:
    return len(paths.xy_nm) - paths.n_paths


@pytest.mark.parametrize("layer", [3, 4])
def test_narrow_shells_inside_are_laid_lengthways(layer: int) -> None:
    strip, spec = rings_of(rectangle(0, 0, 20.0, 1.5)), layer_spec()
    inside = solid(strip, spec, layer)
    seen = filled(NO_SURFACES._replace(top=strip), spec, layer)
    assert turns_of(inside) < 0.2 * turns_of(seen)
    # The same material, and it covers the strip no worse.
    assert volume_mm2(inside, HEIGHT) == pytest.approx(volume_mm2(seen, HEIGHT), rel=0.05)
    bare = [area_of(strip).difference(beads(one)).area for one in (inside, seen)]
    assert bare[0] <= bare[1] + 1e-6


@pytest.mark.parametrize(
    "area",
    [
        rings_of(rectangle(0, 0, 20.0, 20.0)),
        rings_of(rectangle(0, 0, 12.0, 8.0)),
        # Lengthways along one leg is across the other.
        clip.union([rings_of(rectangle(0, 0, 20.0, 1.5)), rings_of(rectangle(0, 0, 1.5, 20.0))]),
    ],
)
def test_wide_and_bent_shells_keep_their_directions(area: Rings) -> None:
    spec = layer_spec()
    for layer in (3, 4):
        inside = solid(area, spec, layer)
        seen = filled(NO_SURFACES._replace(top=area), spec, layer)
        assert inside.xy_nm.tolist() == seen.xy_nm.tolist()
