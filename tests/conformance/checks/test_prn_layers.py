"""PRN-02 to PRN-06: what the layers say of islands, spans, stability, bed contact and empty
spaces, against figures by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from manifold3d import Manifold, OpType

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.resolved import Resolved
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, resolved
from tests.conformance.checks.test_prn01_supports import gate, tee
from tests.conformance.checks.test_thk01_minimum_wall import block, of

CUBE = meshes.cube(20.0)
BARE = resolved(printer=None)


def hook(drop: float) -> meshes.Triangles:
    """A post with an arm at Z 10, from whose end a tip hangs down by `drop`."""
    tip = block((5, 5, drop), (20, 0, 10 - drop))
    return of(block((5, 5, 10), (0, 0, 0)) + block((25, 5, 3), (0, 0, 10)) + tip)


def with_supports() -> Resolved:
    return resolved(overrides=(("supports.enabled", "true"),))


# --- PRN-02 -----------------------------------------------------------------------------------


def test_what_hangs_down_begins_in_the_air_and_is_followed_to_where_it_joins() -> None:
    assert only_of("PRN-02", CUBE).status is Status.PASS
    assert only_of("PRN-02", of(tee(10.0))).status is Status.PASS
    found = only_of("PRN-02", hook(4.0))
    assert (found.status, found.measured) == (Status.WARN, 1)
    assert found.where[0].layer == 30
    box = found.where[0].box_mm
    assert box is not None
    assert box[5] - box[2] == pytest.approx(0.2, abs=1e-6)
    told = dict(found.details)["island 1"]
    assert "layer 30, Z 6.20 mm, 25.00 mm2, joins the rest in layer 50, Z 10.20 mm" in told


def test_two_islands_join_each_other_before_they_join_the_rest() -> None:
    """Two legs hang from a beam that hangs from the arm."""
    legs = block((3, 5, 3), (20, 0, 2)) + block((3, 5, 3), (30, 0, 2))
    beam = block((13, 5, 2), (20, 0, 5)) + block((3, 5, 3), (25, 0, 7))
    post = block((5, 5, 10), (0, 0, 0)) + block((33, 5, 3), (0, 0, 10))
    found = only_of("PRN-02", of(post + beam + legs))
    assert found.measured == 2
    assert all("joins the rest in layer 50" in text for _, text in found.details)


def test_an_island_that_nothing_joins_is_told_so() -> None:
    found = only_of("PRN-02", meshes.merged(CUBE, meshes.cube(5.0, (30.0, 0.0, 8.0))))
    assert found.status is Status.WARN
    assert "joins nothing above" in found.details[0][1]


def test_islands_on_supports_are_told_only() -> None:
    assert only_of("PRN-02", hook(4.0), demands=with_supports()).status is Status.INFO


# --- PRN-03 -----------------------------------------------------------------------------------


def bridge_and_cantilever(mesh: meshes.Triangles, **how: object) -> tuple[Finding, Finding]:
    first, second = judged("PRN-03", mesh, **how)
    return first, second


@pytest.mark.parametrize("span", [3.0, 8.0, 12.0, 29.0, 40.0])
@pytest.mark.parametrize("turn", [0.0, 45.0, 90.0])
def test_a_gate_is_a_bridge_of_its_width_whichever_way_it_stands(span: float, turn: float) -> None:
    bridge, cantilever = bridge_and_cantilever(of(gate(span)), rotate_deg=(0.0, 0.0, turn))
    assert bridge.status is (Status.PASS if span <= 10 else Status.WARN)
    assert bridge.limit == (30.0 if span > 30 else 10.0)
    # Carried half a nozzle inwards at both ends.
    assert bridge.measured == pytest.approx(span - 0.4, abs=0.02)
    assert (cantilever.status, cantilever.measured) == (Status.PASS, 0)


@pytest.mark.parametrize("arm", [0.5, 0.75, 1.0, 2.5, 10.0])
def test_an_arm_is_a_cantilever_of_its_length(arm: float) -> None:
    bridge, cantilever = bridge_and_cantilever(of(tee(arm)))
    assert (bridge.status, bridge.measured) == (Status.PASS, 0)
    if arm == 0.5:  # narrower than a line beyond what is carried
        assert (cantilever.status, cantilever.measured) == (Status.PASS, 0)
        return
    assert cantilever.status is (Status.PASS if arm <= 0.8 else Status.WARN)
    assert cantilever.limit == (1.2 if arm > 1.2 else 0.8)
    assert cantilever.measured == pytest.approx(arm, abs=0.02)


def test_past_the_limit_of_design_guides_a_process_may_refuse() -> None:
    strict = resolved(overrides=(("printability.past_fail", "fail"),))
    bridge, cantilever = bridge_and_cantilever(of(gate(40.0)), demands=strict)
    assert (bridge.status, cantilever.status) == (Status.FAIL, Status.PASS)
    bridge, cantilever = bridge_and_cantilever(of(tee(1.0)), demands=strict)
    assert (bridge.status, cantilever.status) == (Status.PASS, Status.WARN)
    bridge, cantilever = bridge_and_cantilever(of(tee(5.0)), demands=strict)
    assert (bridge.status, cantilever.status) == (Status.PASS, Status.FAIL)


def test_with_supports_spans_are_told_only() -> None:
    bridge, _ = bridge_and_cantilever(of(gate(40.0)), demands=with_supports())
    assert bridge.status is Status.INFO


# --- PRN-04 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(20.0, 20.0, 20.0), (10.0, 30.0, 15.0), (4.0, 4.0, 12.0)])
def test_a_box_tips_where_its_centre_passes_its_edge(size: tuple[float, float, float]) -> None:
    found = only_of("PRN-04", meshes.box(size))
    wanted = math.degrees(math.atan2(min(size[:2]) / 2, size[2] / 2))
    assert found.status is Status.PASS
    assert found.measured == pytest.approx(wanted, abs=1e-3)


def test_a_thin_tall_tube_is_shaken_off_a_bed_that_moves() -> None:
    found = only_of("PRN-04", meshes.cylinder(2.5, 61.0, 96))
    assert found.status is Status.WARN
    assert found.measured == pytest.approx(math.degrees(math.atan2(2.5, 30.5)), abs=0.03)
    assert found.limit == pytest.approx(math.degrees(math.atan(1000 / 9806.65)), abs=1e-6)


def test_a_part_that_leans_over_its_foot_falls_before_it_is_finished() -> None:
    """A counterweight at the other side comes last: finished it stands, half-way it does not."""
    post = block((6, 6, 20), (0, 0, 0))
    near = block((26, 6, 6), (0, 0, 20))
    far = block((30, 6, 12), (-30, 0, 26)) + block((6, 6, 12), (0, 0, 26))
    found = only_of("PRN-04", of(post + near + far), demands=BARE)
    assert found.status is Status.WARN
    assert "outside the foot" in found.message
    layer = found.where[0].layer
    assert layer is not None
    assert 100 <= layer < 135
    stands = only_of("PRN-04", of(post + near + block((26, 6, 6), (-20, 0, 20))), demands=BARE)
    assert dict(stands.details)["margin when finished"].startswith("3.000")


def test_a_brim_widens_the_foot() -> None:
    brim = resolved(overrides=(("adhesion.brim_width_mm", "5.0"),))
    found = only_of("PRN-04", meshes.cylinder(2.5, 61.0, 96), demands=brim)
    assert found.status is Status.PASS
    assert found.measured == pytest.approx(math.degrees(math.atan2(7.5, 30.5)), abs=0.03)


# --- PRN-05 -----------------------------------------------------------------------------------


def test_the_bed_is_touched_with_the_area_of_the_first_layer() -> None:
    found = only_of("PRN-05", CUBE)
    assert (found.status, found.measured) == (Status.PASS, pytest.approx(400.0))
    assert dict(found.details) == {
        "feet": "1",
        "smallest foot": "400.00 mm2",
        "height over the square root of the area": "1.00",
    }


def test_few_small_feet_are_warned_about_and_a_brim_helps() -> None:
    feet = [block((2, 2, 3), (x, y, 0)) for x in (0, 16) for y in (0, 16)]
    stool = of(Manifold.batch_boolean([*feet, block((18, 18, 4), (0, 0, 3))], OpType.Add))
    found = only_of("PRN-05", stool)
    assert (found.status, found.measured) == (Status.WARN, pytest.approx(16.0))
    assert dict(found.details)["feet"] == "4"
    assert dict(found.details)["smallest foot"] == "4.00 mm2"
    brim = resolved(overrides=(("adhesion.brim_width_mm", "5.0"),))
    assert only_of("PRN-05", stool, demands=brim).status is Status.INFO


def test_a_ball_touches_with_a_disc() -> None:
    ball = of(Manifold.sphere(10.0, 256))
    found = only_of("PRN-05", ball)
    assert found.status is Status.WARN
    # Cut at 0.1 mm: radius squared is 2 r h - h2; the facets take a little off.
    assert found.measured == pytest.approx(math.pi * (2 * 10 * 0.1 - 0.01), rel=0.05)


# --- PRN-06 -----------------------------------------------------------------------------------


def hollow(size: float = 20.0, inner: float = 10.0) -> Manifold:
    gap = (size - inner) / 2
    return block((size,) * 3, (0, 0, 0)) - block((inner,) * 3, (gap, gap, gap))


def figures(finding: Finding) -> dict[str, tuple[int, float]]:
    found = {}
    for name, text in finding.details:
        count, volume = text.removesuffix(" mm3").split(", ")
        found[name] = (int(count), float(volume))
    return found


def test_a_closed_space_is_told_with_its_volume_and_agrees_with_its_shell() -> None:
    assert only_of("PRN-06", CUBE).status is Status.PASS
    found = only_of("PRN-06", of(hollow()))
    assert (found.status, found.measured) == (Status.INFO, pytest.approx(1000.0, rel=1e-6))
    assert figures(found)["shells that bound a cavity"] == (1, pytest.approx(1000.0))


@pytest.mark.parametrize("size", [1.0, 4.0])
@pytest.mark.parametrize("way", ["up", "down", "side"])
def test_an_opening_is_an_opening_whichever_way_it_leads(way: str, size: float) -> None:
    at = 10 - size / 2
    cut = {
        "up": block((size, size, 20), (at, at, 10)),
        "down": block((size, size, 20), (at, at, -10)),
        "side": block((20, size, size), (10, at, 8.0)),
    }[way]
    found = only_of("PRN-06", of(hollow() - cut))
    assert found.measured == 0
    n_cups, in_cups = figures(found)["cups that open upwards"]
    # Above the floor of the space, up to the opening: all of it, nothing, or up to its lower edge.
    neck = size * size * 5
    wanted = {"up": 1000 + neck, "down": 0.0, "side": 100 * 3.0}[way]
    assert n_cups == (0 if way == "down" else 1)
    assert in_cups == pytest.approx(wanted, abs=100 * 0.2)


def test_a_funnel_opens_and_so_does_a_space_that_winds_its_way_out() -> None:
    """Each hole lies beside the last but for a bit: the way out goes up, aside, and down."""
    shaft = block((3, 3, 12), (4, 4, 4)) + block((12, 3, 3), (4, 4, 13))
    shaft += block((3, 3, 20), (13, 4, -4))
    found = only_of("PRN-06", of(block((20, 12, 20), (0, 0, 0)) - shaft))
    assert found.measured == 0
    # What stands below the sill of the way aside holds water.
    assert figures(found)["cups that open upwards"][0] == 0
    assert found.status is Status.PASS


def test_what_stands_in_a_closed_space_takes_its_room() -> None:
    inner = block((16, 16, 10), (2, 2, 4)) - block((4, 4, 10), (8, 8, 4))
    found = only_of("PRN-06", of(block((20, 20, 18), (0, 0, 0)) - inner))
    assert found.measured == pytest.approx((256 - 16) * 10, rel=1e-6)


def test_supports_in_a_closed_space_could_not_be_taken_out() -> None:
    wide = of(hollow(40.0, 30.0))
    assert only_of("PRN-06", wide).status is Status.INFO
    found = only_of("PRN-06", wide, demands=with_supports())
    assert found.status is Status.WARN
    assert "could not be taken out" in found.message
    assert only_of("PRN-06", of(hollow()), demands=with_supports()).status is Status.INFO


@pytest.mark.parametrize("rule", ["PRN-02", "PRN-03", "PRN-04", "PRN-05", "PRN-06", "GEO-11"])
def test_an_open_surface_and_one_too_large_are_not_evaluated(rule: str) -> None:
    open_box = meshes.without(CUBE, [0])
    assert only_of(rule, open_box).status is Status.NOT_EVALUATED
    tall = meshes.box((1.0, 1.0, 5000.0))
    assert only_of(rule, tall, demands=BARE).status is Status.NOT_EVALUATED


def test_layers_are_cut_once_for_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    from printstd.validate import printed
    from tests.conformance.checks.judging import validated

    calls = []
    cut = printed.section_rings
    monkeypatch.setattr(printed, "section_rings", lambda *a, **k: calls.append(1) or cut(*a, **k))
    validated(CUBE)
    assert len(calls) == 1


def test_areas_and_moments_are_those_of_polygons() -> None:
    from printstd.kernels.ring_sums import layer_sums
    from printstd.kernels.rings import from_list

    far = np.array([3_000_000_000, -2_000_000_000])
    square = np.array([(0, 0), (4, 0), (4, 2), (0, 2)]) * 1_000_000 + far
    hole = np.array([(1, 1), (1, 2), (2, 2), (2, 1)]) * 1_000_000 + far
    sums = layer_sums(from_list([square, hole, square]), [2, 0, 1])
    assert sums.area_mm2 == pytest.approx([7, 0, 8])
    centre = np.array([(2 * 8 - 1.5) / 7, (1 * 8 - 1.5) / 7]) + far / 1e6
    assert sums.moment_mm3[0] / 7 == pytest.approx(centre, abs=1e-9)
    assert sums.moment_mm3[2] / 8 == pytest.approx(far / 1e6 + [2, 1], abs=1e-9)
