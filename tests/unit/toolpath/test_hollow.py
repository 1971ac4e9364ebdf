"""What is laid over the hollow inside is held there: by lines below, or by a wall beside it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import Role, Toolpath
from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings
from printstd.kernels.turns import direction
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.free_ends import are_in_air
from printstd.toolpath.infill.hollow import Family, Hollow, anchored, deepened, hollow_of
from printstd.toolpath.infill.jobs import Job, Pitch
from printstd.toolpath.surfaces import NO_SURFACES, Surfaces
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, rectangle, rings_of
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import lines_laid, plan, profiles

INSIDE = (
    Role.INTERNAL_INFILL,
    Role.SOLID_INFILL,
    Role.TOP_SOLID_INFILL,
    Role.BRIDGE_INFILL,
    Role.INTERNAL_BRIDGE_INFILL,
)
WALLS = (Role.EXTERNAL_PERIMETER, Role.PERIMETER, Role.OVERHANG_PERIMETER)
STRAIGHT = (("infill.pattern", "rectilinear"), ("adhesion.skirt_loops", "0"))


def loose_turns(toolpath: Toolpath) -> int:
    """Vertices of what fills the part that have neither a bead under them nor a wall beside."""
    layers: dict[int, list[tuple[Role, np.ndarray]]] = {}
    for line in lines_laid(toolpath):
        layers.setdefault(line.layer, []).append((line.role, line.xy_um))
    count = 0
    for layer in sorted(layers)[1:]:
        under = [shapely.LineString(xy) for _, xy in layers[layer - 1]]
        held = [shapely.union_all(shapely.buffer(under, 450.0))]
        walls = [shapely.LineString(xy) for role, xy in layers[layer] if role in WALLS]
        held += shapely.buffer(walls, 700.0).tolist()
        turns = [xy for role, xy in layers[layer] if role in INSIDE]
        if turns:
            at = shapely.points(np.concatenate(turns))
            count += int((~shapely.covers(shapely.union_all(held), at)).sum())
    return count


@pytest.mark.parametrize("part", ["ball", "dome"])
def test_hardly_a_line_turns_in_the_air(part: str) -> None:
    ball = solids.Manifold.sphere(6, 48).translate((0, 0, 6))
    solid = ball if part == "ball" else solids.dome(6.0)
    loose = {
        how: loose_turns(plan(solid, profiles(*STRAIGHT, ("infill.anchoring", how))))
        for how in ("never", "with_supports", "always")
    }
    assert loose["never"] > 30
    assert loose["with_supports"] == loose["never"]
    assert loose["always"] <= 0.25 * loose["never"]


def test_with_supports_is_always_where_there_are_supports() -> None:
    supported = (*STRAIGHT, ("supports.enabled", "true"))
    found = [
        plan(solids.tee(), profiles(*supported, ("infill.anchoring", how))).xy_um.tolist()
        for how in ("always", "with_supports", "never")
    ]
    assert found[0] == found[1] != found[2]


# -------------------------------------------------------------------------------- by hand

PITCH_MM = 3.0
ACROSS = direction(0.0)


def _over(bridge: Rings = EMPTY, inner: Rings = EMPTY) -> Surfaces:
    """A layer of 30 mm by 20 mm, over lines along y every 3 mm (x = 0, 3, ...)."""
    whole = rings_of(rectangle(0.2, 0.2, 29.6, 19.6))
    sparse = clip.difference(whole, clip.union([bridge, inner]))
    return NO_SURFACES._replace(bridge=bridge, internal_bridge=inner, sparse=sparse)


def _hollow() -> Hollow:
    area = rings_of(rectangle(0.2, 0.2, 29.6, 19.6))
    return Hollow(area, [Family(direction(90.0), PITCH_MM * MM)], round(0.45 * MM))


def test_a_shell_over_the_hollow_reaches_to_the_next_lines_on_both_sides() -> None:
    inner = rings_of(rectangle(10.0, 5.0, 4.0, 6.0))
    found, _ = anchored(_over(inner=inner), _hollow(), EMPTY, layer_spec(), ACROSS)
    x, y = found.internal_bridge.xy_nm[:, 0], found.internal_bridge.xy_nm[:, 1]
    # From x = 10..14 to the lines at 9 and 15, and no further along them.
    assert x.min() / MM == pytest.approx(9.0, abs=0.01)
    assert x.max() / MM == pytest.approx(15.0, abs=0.01)
    assert (y.min() / MM, y.max() / MM) == pytest.approx((5.0, 11.0), abs=0.01)


def test_nothing_is_laid_twice_and_nothing_left_out() -> None:
    inner = rings_of(rectangle(10.0, 5.0, 4.0, 6.0))
    parts = _over(inner=inner)
    found, _ = anchored(parts, _hollow(), EMPTY, layer_spec(), ACROSS)
    before = clip.union([parts.sparse, parts.internal_bridge])
    after = clip.union([found.sparse, found.internal_bridge, found.solid, found.bridge])
    assert area_of(after).area == pytest.approx(area_of(before).area, rel=1e-4)
    pieces = [found.sparse, found.internal_bridge, found.solid, found.bridge]
    assert sum(area_of(p).area for p in pieces) == pytest.approx(area_of(after).area, rel=1e-4)


def test_threads_along_the_lines_below_are_left_as_they_are() -> None:
    parts = _over(inner=rings_of(rectangle(10.0, 5.0, 4.0, 6.0)))
    found, _ = anchored(parts, _hollow(), EMPTY, layer_spec(), direction(90.0))
    assert area_of(found.internal_bridge).area == pytest.approx(24.0, rel=1e-3)


def _threads(area: Rings, hollow: Hollow | None) -> Job:
    bead = layer_spec().solid
    return Job(
        0, Role.BRIDGE_INFILL, area, bead, ACROSS, Pitch.SPREAD, bead.spacing_nm, hollow=hollow
    )


def test_the_middle_of_a_cell_is_in_the_air_and_a_line_or_a_wall_is_not() -> None:
    (hollow,) = deepened([_hollow()])
    job = _threads(rings_of(rectangle(9.0, 5.0, 6.0, 6.0)), hollow)
    inset = job.bead.spacing_nm // 2 / MM
    low, high = 5.0 + inset, 11.0 - inset
    xy = np.array([[10.5, low], [12.0, low], [13.5, high], [12.0, 8.0]]) * MM
    found = are_in_air(xy.astype(np.int64), np.zeros(4, np.int64), [job])
    # Lines at 9, 12 and 15. The last one lies inside, where no line ends.
    assert found.tolist() == [True, False, True, False]


def test_what_is_solid_beside_the_hollow_carries_ends() -> None:
    (hollow,) = deepened([_hollow()])
    job = _threads(rings_of(rectangle(0.0, 0.0, 30.0, 20.0)), hollow)
    inset = job.bead.spacing_nm // 2 / MM
    xy = np.array([[10.5, inset], [inset, 7.0]]) * MM
    assert not are_in_air(xy.astype(np.int64), np.zeros(2, np.int64), [job]).any()


def test_each_end_is_asked_about_the_hollow_under_it() -> None:
    (hollow,) = deepened([_hollow()])
    area = rings_of(rectangle(9.0, 5.0, 6.0, 6.0))
    jobs = [_threads(area, None), _threads(area, hollow), _threads(area, None)]
    xy = np.array([[10.5, 5.0 + jobs[0].bead.spacing_nm // 2 / MM]] * 3) * MM
    found = are_in_air(xy.astype(np.int64), np.array([1, 0, 2]), jobs)
    assert found.tolist() == [True, False, False]


def test_only_straight_lines_of_sparse_layers_are_known() -> None:
    parts = _over()
    known = hollow_of(parts, layer_spec(pattern=InfillPattern.GRID), 0)
    assert known is not None
    assert len(known.families) == 2
    curved = hollow_of(parts, layer_spec(pattern=InfillPattern.GYROID), 0)
    assert curved is not None
    assert not curved.families
    assert hollow_of(NO_SURFACES, layer_spec(), 0) is None
    assert hollow_of(parts, layer_spec(density_ratio=0.0), 0) is None
