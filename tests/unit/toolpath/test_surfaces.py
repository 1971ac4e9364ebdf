"""Which part of a layer is skin, shell, bridge and sparse: against shapely's booleans of the layers
above and below, and on solids whose answer is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.kernels import clip
from printstd.kernels.rings import area_mm2, concat, same
from printstd.toolpath import exposure, surfaces
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.surfaces import BRIDGE_ANCHOR_NM, Surfaces
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of
from tests.oracles.effort import few
from tests.oracles.samples import Mask, Samples
from tests.unit.toolpath import solids
from tests.unit.toolpath.solids import Layers

quick = few(12)
seeds = st.integers(0, 2**31)
SPEC = layer_spec(top_layers=3, bottom_layers=2)


def classified(layers: Layers, spec: LayerSpec = SPEC) -> list[Surfaces]:
    """All layers of a part in one run."""
    n = len(layers.sections)
    return surfaces.classify(
        *layers,
        exposure.along(layers.sections, [spec] * n),
        first=0,
        count=n,
        specs=[spec] * n,
        at_bottom=True,
        at_top=True,
    )


def of(solid: Manifold, spec: LayerSpec = SPEC) -> tuple[list[Surfaces], Layers]:
    layers = solids.layers_of(solid, spec)
    return classified(layers, spec), layers


class Seen(NamedTuple):
    """A part's layers as samples. parts : by the names of `Surfaces`."""

    samples: Samples
    sections: list[Mask]
    rooms: list[Mask]
    parts: dict[str, list[Mask]]

    def section(self, i: int) -> Mask:
        return self.sections[i] if 0 <= i < len(self.sections) else np.zeros_like(self.sections[0])

    def bare(self, i: int, other: int) -> Mask:
        """What of a section another one does not cover."""
        return self.section(i) & ~self.section(other)


def seen(solid: Manifold, spec: LayerSpec = SPEC) -> Seen:
    found, layers = of(solid, spec)
    samples = Samples.over(concat(layers.sections))
    return Seen(
        samples,
        [samples.mask(section) for section in layers.sections],
        [samples.mask(surfaces.room(fill, spec).rings()) for fill in layers.fills],
        {name: [samples.mask(getattr(p, name)) for p in found] for name in Surfaces._fields},
    )


LINE_NM = SPEC.solid.spacing_nm
STEP_NM = 50_000
CORNER = 3.0
"""Mitred growth reaches so much further at corners."""


@quick
@given(seeds, st.booleans(), st.sampled_from([0.0, 3.0]))
def test_parts_cover_the_room_once(seed: int, ensure_vertical: bool, least_mm2: float) -> None:
    spec = layer_spec(
        top_layers=3,
        bottom_layers=2,
        ensure_vertical=ensure_vertical,
        solid_below_area_nm2=round(least_mm2 * 1e12),
    )
    found, layers = of(solids.random_part(seed), spec)
    samples = Samples.over(concat(layers.sections))
    for parts, fill in zip(found, layers.fills, strict=True):
        room = surfaces.room(fill, spec).rings()
        # Every cut rounds its vertices to nm.
        assert sum(area_mm2(part) for part in parts) == pytest.approx(area_mm2(room), abs=1e-3)
        laid = np.sum([samples.mask(part) for part in parts], axis=0)
        assert (laid == samples.mask(room)).all()
        if least_mm2:
            # (Where a border touches itself a corner of no size may count as an island.)
            sizes = [area_mm2(island) for island in clip.islands(parts.sparse)]
            assert all(size > least_mm2 - 1e-3 or size < 1e-5 for size in sizes)


@quick
@given(seeds)
def test_skin_is_where_the_next_layer_does_not_cover(seed: int) -> None:
    part = seen(solids.random_part(seed))
    samples = part.samples
    for i, room in enumerate(part.rooms):
        top, bottom, bridge = (part.parts[name][i] for name in ("top", "bottom", "bridge"))
        low = bottom | bridge
        # All that is wide enough for a line and lies bare is skin, from below first.
        for other, skin in ((i + 1, top | low), (i - 1, low)):
            wide = samples.opened(samples.opened(part.bare(i, other), 1e5) & room, LINE_NM * 0.6)
            assert not (samples.shrunk(wide, STEP_NM) & ~skin).any()
        # And skin lies there alone, but for its anchors: a bridge's reach, tops under walls.
        reach = CORNER * BRIDGE_ANCHOR_NM
        assert not (bridge & ~samples.grown(part.bare(i, i - 1), reach)).any()
        reach = CORNER * surfaces._wall_band_nm(SPEC)
        assert not (top & ~samples.grown(part.bare(i, i + 1), reach)).any()
        assert not (bottom if i else bridge).any()


@quick
@given(seeds)
def test_sparse_infill_is_covered_by_all_layers_of_its_shells(seed: int) -> None:
    part = seen(solids.random_part(seed))
    for i, sparse in enumerate(part.parts["sparse"]):
        for other in range(i - 2, i + 4):
            # Strips too narrow for a line of skin hide nothing: they make no shell.
            assert not part.samples.opened(sparse & ~part.section(other), LINE_NM * 0.6).any()


@quick
@given(seeds)
def test_without_vertical_shells_sparse_infill_is_still_hidden(seed: int) -> None:
    spec = layer_spec(top_layers=3, bottom_layers=2, ensure_vertical=False)
    part = seen(solids.random_part(seed), spec)
    for i, sparse in enumerate(part.parts["sparse"]):
        for other in (i - 1, i + 1):
            assert not part.samples.opened(sparse & ~part.section(other), LINE_NM * 0.6).any()


@pytest.mark.parametrize("solid", [solids.dome(), solids.tilted()])
def test_what_is_too_slim_for_a_line_is_left_out_beforehand(
    solid: Manifold, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = layer_spec(top_layers=3, bottom_layers=2, ensure_vertical=False)
    layers = solids.layers_of(solid, spec)
    specs = [spec] * len(layers.sections)
    exposed = exposure.along(layers.sections, specs)
    some = [own for own in exposed if not (own.come.is_empty and own.gone.is_empty)]
    slim = surfaces._slim(exposed, specs)
    assert some
    assert any(
        (come and not own.come.is_empty) or (gone and not own.gone.is_empty)
        for own, (come, gone) in zip(exposed, slim, strict=True)
    )
    found = classified(layers, spec)
    monkeypatch.setattr(surfaces, "_slim", lambda exposed, _: [(False, False)] * len(exposed))
    for quick_way, long_way in zip(found, classified(layers, spec), strict=True):
        assert all(same(a, b) for a, b in zip(quick_way, long_way, strict=True))


@quick
@given(seeds, st.booleans())
def test_shells_are_solid_for_a_reason(seed: int, ensure_vertical: bool) -> None:
    spec = layer_spec(top_layers=3, bottom_layers=2, ensure_vertical=ensure_vertical)
    part = seen(solids.random_part(seed), spec)
    for i in range(len(part.sections)):
        bare = np.zeros_like(part.sections[0])
        for k in range(i - 2, i + 3):
            bare |= part.bare(k, k + 1) | part.bare(k + 1, k)
        solid = part.parts["solid"][i] | part.parts["internal_bridge"][i]
        unexplained = solid & ~part.samples.grown(bare, CORNER * BRIDGE_ANCHOR_NM)
        # Strips that hold no two lines between shell and wall are made solid, too.
        assert not part.samples.opened(unexplained, LINE_NM * 1.1).any()


@quick
@given(seeds)
def test_bridges_inside_lie_over_sparse_infill(seed: int) -> None:
    part = seen(solids.random_part(seed))
    width = SPEC.solid.width_nm
    for i in range(1, len(part.sections)):
        sparse = part.parts["sparse"][i - 1]
        # An opening with mitred corners brings roundings back as corners: it reaches past them.
        near = part.samples.grown(sparse, 5 * width)
        assert not (part.parts["internal_bridge"][i] & ~near).any()
        # What is wide enough to need a bridge is one.
        over = part.samples.opened(part.parts["solid"][i] & sparse, 2.2 * width)
        assert not over.any()


@quick
@given(seeds, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_runs_of_layers_find_what_one_run_finds(seed: int, sizes: list[int]) -> None:
    layers = solids.layers_of(solids.random_part(seed), SPEC)
    whole = classified(layers)
    n, reach = len(whole), exposure.halo(SPEC)
    exposed = exposure.along(layers.sections, [SPEC] * n)
    found: list[Surfaces] = []
    for size in sizes * n:
        start, stop = len(found), min(len(found) + size, n)
        low, high = max(0, start - reach), min(n, stop + reach)
        found += surfaces.classify(
            layers.sections[low:high],
            layers.fills[low:high],
            exposed[low:high],
            first=start - low,
            count=stop - start,
            specs=[SPEC] * (high - low),
            at_bottom=low == 0,
            at_top=high == n,
        )
        if stop == n:
            break
    for a, b in zip(whole, found, strict=True):
        for one, other in zip(a, b, strict=True):
            assert one.xy_nm.tobytes() == other.xy_nm.tobytes()
            assert one.offsets.tobytes() == other.offsets.tobytes()


# ------------------------------------------------------------------------- known solids


def shares(parts: Surfaces) -> dict[str, float]:
    """Area of each part, mm2, of those that have any."""
    areas = {name: area_mm2(getattr(parts, name)) for name in Surfaces._fields}
    return {name: area for name, area in areas.items() if area > 1e-3}


@pytest.mark.parametrize(("top", "bottom"), [(3, 2), (5, 4), (1, 1), (0, 0), (0, 3), (2, 0)])
def test_a_cube_has_its_shells_and_is_sparse_between(top: int, bottom: int) -> None:
    spec = layer_spec(top_layers=top, bottom_layers=bottom)
    found, layers = of(solids.cube(4), spec)
    n = len(found)
    kinds = [next(iter(shares(parts))) for parts in found]
    assert all(len(shares(parts)) == 1 for parts in found)
    middle = n - top - bottom
    wanted = ["bottom"] * min(bottom, 1) + ["solid"] * (bottom - 1) + ["sparse"] * middle
    # The lowest layer of the top shell lies on sparse infill.
    wanted += (["internal_bridge"] + ["solid"] * (top - 2) if top > 1 else []) + ["top"] * min(
        top, 1
    )
    assert kinds == wanted
    assert area_mm2(layers.fills[0]) < shares(found[0])[kinds[0]] < 16


def test_a_full_cube_has_no_sparse_infill() -> None:
    found, _ = of(solids.cube(3), layer_spec(density_ratio=1.0))
    assert all(
        "sparse" not in shares(parts) and "internal_bridge" not in shares(parts) for parts in found
    )


def test_every_step_of_a_pyramid_has_its_top_around_the_next() -> None:
    part = seen(solids.steps())
    samples = part.samples
    for last in (9, 19):
        top, room, bare = part.parts["top"][last], part.rooms[last], part.bare(last, last + 1)
        assert not (bare & room & ~top).any()
        # It goes on under the walls of the step above, and no further than they are wide.
        band = surfaces._wall_band_nm(SPEC)
        assert not (top & ~samples.grown(bare, band + STEP_NM)).any()
        assert not (samples.grown(bare, band - 2 * STEP_NM) & room & ~top).any()
        under = part.parts["solid"][last - 1] | part.parts["internal_bridge"][last - 1]
        assert not (samples.shrunk(bare & room, STEP_NM) & ~under).any()


def test_what_a_plate_reaches_over_its_column_is_a_bridge_with_anchors_on_it() -> None:
    part = seen(solids.tee())
    samples, room, bridge = part.samples, part.rooms[30], part.parts["bridge"][30]
    over = part.bare(30, 29)
    assert not (over & room & ~bridge).any()
    anchored = samples.grown(over, BRIDGE_ANCHOR_NM)
    assert not (bridge & ~samples.grown(anchored, 2 * STEP_NM)).any()
    assert not (samples.shrunk(anchored, 2 * STEP_NM) & room & ~bridge).any()
    assert not (part.parts["bottom"][30] | part.parts["top"][30]).any()
    # The shell above what hangs over nothing is solid, and the column inside is not.
    above = part.parts["solid"][31] | part.parts["internal_bridge"][31]
    assert not (samples.shrunk(over & room, STEP_NM) & ~above).any()
    assert (part.parts["sparse"][20] == part.rooms[20]).all()


def test_a_bridge_is_one_from_pier_to_pier() -> None:
    found, layers = of(solids.bridge(20))
    assert len(clip.islands(found[25].bridge)) == 1
    over = clip.difference(layers.sections[25], layers.sections[24])
    room = surfaces.room(layers.fills[25], SPEC).rings()
    left = clip.difference(clip.intersection(over, room), found[25].bridge)
    assert area_mm2(left) < 1e-3


def test_a_dome_has_its_shell_all_over() -> None:
    """Straight over any sparse infill lie three layers of the part."""
    part = seen(solids.dome())
    for i, sparse in enumerate(part.parts["sparse"]):
        for k in range(i + 1, i + 4):
            assert not part.samples.opened(sparse & ~part.section(k), LINE_NM * 0.6).any()


def test_steep_walls_leave_no_skin_between_them() -> None:
    # A cone whose side leans by 11 degrees: each layer bares 0.04 mm, all of a shell's 0.12.
    cone = Manifold.cylinder(4, 10, 9.2, 64)
    found, _ = of(cone)
    for parts in found[2:-3]:
        assert shares(parts).keys() == {"sparse"}


def test_small_islands_of_sparse_infill_become_solid() -> None:
    spec = layer_spec(top_layers=2, bottom_layers=2, solid_below_area_nm2=30 * 10**12)
    pair = solids.block(5, 5, 3) + solids.block(9, 9, 3, (8, 0, 0))
    found, _ = of(pair, spec)
    x = area_of(found[7].sparse).bounds[0] * 1
    assert len(shapely.get_parts(area_of(found[7].sparse))) == 1
    assert len(shapely.get_parts(area_of(found[7].solid))) == 1
    assert x > area_of(found[7].solid).bounds[2]


def test_rooms_reach_into_the_wall_by_the_overlap_and_never_past_its_middle() -> None:
    layers = solids.layers_of(solids.cube(6), SPEC)
    side = np.sqrt(area_mm2(layers.fills[3]))
    spacing = SPEC.inner.spacing_nm / MM
    for ratio in (0.0, 0.15, 0.25, 0.5, 0.9):
        grown = surfaces.room(layers.fills[3], layer_spec(overlap_ratio=ratio)).area_mm2
        wanted = side + 2 * min(ratio * spacing, spacing / 2)
        assert np.sqrt(grown) == pytest.approx(wanted, abs=1e-5)
