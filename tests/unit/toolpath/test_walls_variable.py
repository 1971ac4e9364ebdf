"""Walls of variable width fill what they stand in: measured on the ground that beads take up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.toolpath import MoveKind, Role
from printstd.kernels import clip
from printstd.kernels.bead import ROUND_LOSS
from printstd.kernels.rings import EMPTY, Rings, canonical, concat, signed_area2
from printstd.toolpath.overhangs import split_at_air
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import Beading, LayerSpec
from printstd.toolpath.walls import Walls, plan_walls, plan_walls_of
from tests.layer_specs import layer_spec
from tests.oracles.areas import area_of, rectangle, rings_of, star
from tests.oracles.footprints import footprints, segments_of, share, shares_along
from tests.unit.toolpath.planning import plan, profiles
from tests.unit.toolpath.solids import tapered_wall

NOZZLE_NM = 400_000
BEADING = Beading(
    min_width_nm=NOZZLE_NM * 6 // 10, max_width_nm=2 * NOZZLE_NM, transition_nm=NOZZLE_NM // 2
)


def variable(**changes: object) -> LayerSpec:
    return replace(layer_spec(**{"wall_count": 4} | changes), beading=BEADING)  # type: ignore[arg-type]


def classic(**changes: object) -> LayerSpec:
    return layer_spec(**{"wall_count": 4} | changes)  # type: ignore[arg-type]


def section_of(part: shapely.Geometry) -> Rings:
    rings = []
    for piece in shapely.get_parts(part):
        outlines = [piece.exterior.normalize(), *(ring.normalize() for ring in piece.interiors)]
        for number, outline in enumerate(outlines):
            xy = np.array(outline.coords)[:-1]
            if shapely.is_ccw(outline) == bool(number):
                xy = xy[::-1]
            rings.append(rings_of(xy.tolist()))
    return canonical(concat(rings))


def laid(part: shapely.Geometry, spec: LayerSpec) -> Walls:
    return plan_walls(section_of(part), spec, below=None)


WEDGE = shapely.Polygon([(0, -0.15), (40, -1.0), (40, 1.0), (0, 0.15)])
"""0.3 to 2 mm."""


def curved_wedge() -> shapely.Geometry:
    angle, width = np.linspace(0, 1.7 * np.pi, 160), np.linspace(0.3, 2.0, 160)
    sides = [
        np.c_[(6 + side * width / 2) * np.cos(angle), (6 + side * width / 2) * np.sin(angle)]
        for side in (1, -1)
    ]
    return shapely.Polygon(np.vstack([sides[0], sides[1][::-1]]))


def thickening_ring() -> shapely.Geometry:
    """0.45 to 1.55 mm thick."""
    outer = shapely.Point(0, 0).buffer(5, quad_segs=32)
    return outer - shapely.Point(0.55, 0).buffer(4, quad_segs=32)


def tee(bar: float, leg: float) -> shapely.Geometry:
    return shapely.box(-4, 0, 4, bar) | shapely.box(-leg / 2, -4, leg / 2, bar / 2)


def letters() -> shapely.Geometry:
    def stroke(points: list[tuple[float, float]], width: float) -> shapely.Geometry:
        return shapely.LineString(points).buffer(width / 2, cap_style="flat", join_style="mitre")

    bent = np.linspace(0.1, 1.75 * np.pi, 60)
    bow = shapely.LineString(np.c_[6 + 1.8 * np.cos(bent), 2.5 + 2.4 * np.sin(bent)])
    a = stroke([(0, 0), (1.6, 5), (3.2, 0)], 0.9) | stroke([(0.6, 1.8), (2.6, 1.8)], 0.7)
    spike = shapely.Polygon([(9, 0), (11, 0), (10, 5)])
    return shapely.union_all([a, bow.buffer(0.42, cap_style="flat"), spike])


# ------------------------------------------------------------------------- what is filled


def wedge_figures(spec: LayerSpec) -> list[tuple[float, float]]:
    """(laid, doubled) in windows of half a millimetre, each 0.1 mm from the next, from where the
    first bead's round end is past to where the walls turn round."""
    beads = footprints(laid(WEDGE, spec).paths)
    windows = shapely.box(at := np.arange(0.9, 38.0, 0.1), -2, at + 0.5, 2)
    return [(s.laid, s.doubled) for s in shares_along(beads, WEDGE, windows)]


def test_a_wedge_is_filled_exactly_all_along() -> None:
    figures = np.array(wedge_figures(variable()))
    assert figures[:, 0].min() > 0.98
    assert figures[:, 0].max() < 1.02
    assert figures[:, 1].max() < 0.02


def test_classic_walls_do_not_fill_the_wedge() -> None:
    figures = np.array(wedge_figures(classic()))
    wrong = (np.abs(figures[:, 0] - 1) > 0.02) | (figures[:, 1] > 0.02)
    assert wrong.mean() > 0.3
    assert figures[:, 0].min() < 0.8
    assert figures[:, 1].max() > 0.15


@pytest.mark.parametrize("part", [curved_wedge(), thickening_ring()], ids=["wedge", "ring"])
def test_curved_walls_of_changing_thickness_are_filled(part: shapely.Geometry) -> None:
    ours = share(footprints(laid(part, variable()).paths), part)
    assert abs(ours.laid - 1) < 0.005
    assert ours.doubled < 0.005
    assert ours.bare < 0.005
    other = share(footprints(laid(part, classic()).paths), part)
    assert other.doubled > 3 * ours.doubled
    assert other.bare > 3 * ours.bare


@pytest.mark.parametrize(("bar", "leg"), [(1.2, 1.0), (0.62, 0.8), (0.9, 0.9), (1.5, 0.5)])
def test_places_where_walls_meet_are_filled(bar: float, leg: float) -> None:
    part = tee(bar, leg)
    # Around the meeting place: the free ends of single beads are round.
    window = np.array([shapely.box(-2, -2, 2, 2)])
    (ours,) = shares_along(footprints(laid(part, variable()).paths), part, window)
    assert abs(ours.laid - 1) < 0.03
    assert ours.bare < 0.02
    assert ours.doubled < 0.035


def test_letters_are_filled_better_than_by_classic_walls() -> None:
    part = letters()
    ours = share(footprints(laid(part, variable()).paths), part)
    other = share(footprints(laid(part, classic()).paths), part)
    assert abs(ours.laid - 1) < 0.03
    assert ours.bare < 0.01
    assert other.bare > 3 * ours.bare


@settings(deadline=None, max_examples=40)
@given(st.integers(300, 2_000), st.sampled_from([0.4, 0.45, 0.5]), st.sampled_from([0.1, 0.2, 0.3]))
def test_a_wall_of_any_thickness_holds_what_it_holds(
    thickness_um: int, width_mm: float, height_mm: float
) -> None:
    spec = variable(width_mm=width_mm, height_nm=round(height_mm * 1e6))
    thickness = max(thickness_um, round(1000 * height_mm)) / 1000
    part = shapely.box(0, 0, 30, thickness)
    paths = laid(part, spec).paths
    (middle,) = shares_along(
        footprints(paths), part, np.array([shapely.box(5, -1, 25, 3)]), height_mm
    )
    assert abs(middle.laid - 1) < 0.005
    assert middle.doubled < 0.005
    width = segments_of(paths).width
    assert width.min() > max(0.24, height_mm) - 1e-5
    assert width.max() < 0.8 + 1e-5


# ------------------------------------------------------------------------------ the beads


SHAPES = {
    "wedge": WEDGE,
    "curved": curved_wedge(),
    "ring": thickening_ring(),
    "tee": tee(1.2, 1.0),
    "letters": letters(),
}
shapes = pytest.mark.parametrize("part", SHAPES.values(), ids=SHAPES.keys())


@shapes
def test_no_bead_is_too_narrow_or_too_wide(part: shapely.Geometry) -> None:
    width = segments_of(laid(part, variable()).paths).width
    assert width.min() > 0.24 - 1e-6
    assert width.max() < 0.8


@shapes
def test_flow_changes_little_from_one_segment_to_the_next(part: shapely.Geometry) -> None:
    paths = laid(part, variable()).paths
    found = segments_of(paths)
    for row in range(paths.n_paths):
        flow = found.spacing[found.path == row]
        step = np.abs(np.diff(flow, append=flow[:1] if paths.is_loop[row] else flow[-1:]))
        # Two short segments that meet at a corner may both be as steep as a ramp gets.
        assert (step / flow).max() < 0.08
        assert np.quantile(step / flow, 0.95) < 0.05


@shapes
def test_the_outer_side_of_the_outer_wall_stays_on_the_outline(part: shapely.Geometry) -> None:
    paths = laid(part, variable()).paths
    found = segments_of(paths)
    outer = (paths.depth[found.path] == 0) & paths.is_loop[found.path]
    length = np.hypot(*(found.end - found.start).T)
    middle = shapely.points((found.start + found.end)[outer & (length > 0)] / 2)
    reach = shapely.distance(part.boundary, middle) - found.width[outer & (length > 0)] / 2
    weight = length[outer & (length > 0)]
    off = np.abs(reach) > 0.004
    # But at the ends of pairs, where the wall turns round across the part.
    assert weight[off].sum() < 0.06 * weight.sum()
    assert reach.min() > -0.03


@shapes
def test_outer_walls_are_loops_and_keep_their_number(part: shapely.Geometry) -> None:
    paths = laid(part, variable()).paths
    assert paths.is_loop[paths.depth > 0].all()
    assert (paths.group == -1).all()
    assert not (paths.role == Role.GAP_FILL).any()
    loops = paths.is_loop & (paths.depth == 0)
    rings = Rings(paths.xy_nm, paths.offsets)
    assert loops.any()
    assert ((signed_area2(rings) < 0) == paths.is_hole)[paths.depth >= 0][
        loops[paths.depth >= 0]
    ].all()


def test_where_nothing_is_narrow_the_walls_are_the_classic_ones() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), rectangle(6, 6, 8, 8)[::-1])
    ours = plan_walls(section, variable(wall_count=3), below=None)
    other = plan_walls(section, classic(wall_count=3), below=None)
    for one, two in zip(ours.paths.arrays(), other.paths.arrays(), strict=True):
        assert (one == two).all()
    assert (ours.fill.xy_nm == other.fill.xy_nm).all()


def test_infill_begins_where_no_more_bead_fits() -> None:
    spec = variable(wall_count=2)
    s = spec.inner.spacing_nm / 1e6
    for gap, fills in ((1.55, False), (1.65, True)):
        # Two pairs of walls with a room of so many spacings between them.
        part = shapely.box(0, 0, 20, 0.45 + 3 * s + gap * s)
        walls = laid(part, spec)
        assert walls.fill.is_empty != fills
        (middle,) = shares_along(
            footprints(walls.paths), part, np.array([shapely.box(5, -1, 15, 9)])
        )
        left = area_of(walls.fill).intersection(shapely.box(5, -1, 15, 9)).area
        assert middle.bare * 10 * part.bounds[3] == pytest.approx(left, abs=0.02)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_layers_at_once_are_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sections = [star(rng, rng.uniform(2, 6), int(rng.integers(5, 16)), 0.8) for _ in range(4)]
    sections.append(section_of(thickening_ring()))
    specs = [variable(wall_count=2)] * 3 + [variable(wall_count=2, inner_mm=0.5)] * 2
    together = plan_walls_of(sections, specs, [None] * 5, [EMPTY] * 5)
    for section, spec, walls in zip(sections, specs, together, strict=True):
        alone = plan_walls(section, spec, below=None)
        for one, two in zip(alone.paths.arrays(), walls.paths.arrays(), strict=True):
            assert one.tobytes() == two.tobytes()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 100_000))
def test_stars_hold_no_more_than_their_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    section = clip.clean(star(rng, rng.uniform(1.5, 5), int(rng.integers(4, 14)), 0.85))
    part = area_of(section)
    walls = plan_walls(section, variable(wall_count=2), below=None)
    if not walls.paths.n_paths:
        return
    found = segments_of(walls.paths)
    volume = float((np.hypot(*(found.end - found.start).T) * found.spacing).sum())
    room = part.area - area_of(walls.fill).area - 0.1 * ROUND_LOSS * part.length
    # Corners that turn sharply are filled twice inside and not outside, free ends are round.
    assert volume < room * 1.04 + 0.3
    assert found.width.max() < 0.8 + 1e-6
    assert found.width.min() > 0.24 - 1e-6


# ------------------------------------------------------------------------- on the way out


def widened(paths: PathSet) -> bool:
    return bool(paths.widening_nm.any())


def test_pieces_over_air_keep_their_widths() -> None:
    part = shapely.box(0, 0, 20, 0.95)
    spec = variable(wall_count=2)
    loops = laid(part, spec).paths
    assert widened(loops)
    carried = section_of(shapely.box(-1, -1, 10, 2))
    in_air = section_of(shapely.box(10, 0, 20, 0.95))
    split = split_at_air(loops, carried, in_air, spec)
    before, after = segments_of(loops), segments_of(split)
    for x0, x1 in ((2, 9), (11, 18)):
        # One width all along: the same flow everywhere, on the ground and in the air.
        some = [
            np.unique(s.spacing[(s.start[:, 0].clip(x0, x1) != s.end[:, 0].clip(x0, x1))].round(6))
            for s in (before, after)
        ]
        assert np.allclose(some[0], some[1])
    assert (split.role == Role.OVERHANG_PERIMETER).any()


def test_filament_is_that_of_every_step_and_hosts_see_its_width() -> None:
    resolved = profiles(
        ("walls.generator", "variable"), ("walls.count", "4"), ("walls.seam_gap_ratio", "0.0")
    )
    made = plan(tapered_wall(), resolved)
    wall = (
        np.isin(made.role, (Role.EXTERNAL_PERIMETER, Role.PERIMETER))
        & (made.layer == 2)
        & (made.kind == MoveKind.EXTRUDE)
    )
    xy = np.concatenate([[made.start_xy_um], made.xy_um])
    length = np.hypot(*np.diff(xy, axis=0).T)[wall] / 1000
    width, height = made.width_nm[wall] / 1e6, made.height_nm[wall] / 1e6
    area = height * (width - height * ROUND_LOSS)
    fed = made.e_e5[wall] / 1e5
    wanted = area * length * resolved.material.flow_ratio / (np.pi / 4 * 1.75**2)
    # Each step to the last digit of E, all together much closer.
    assert np.abs(fed - wanted).max() < 1.1e-5
    assert fed.sum() == pytest.approx(wanted.sum(), abs=5e-5)
    assert len(np.unique(made.width_nm[wall])) > 20
