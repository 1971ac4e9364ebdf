"""Three models of a bead: what they say of its sides, and that no verdict turns over with them."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from printstd.artifacts.audit import Audit
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.audit.bead_models import (
    BeadModel,
    Spread,
    leanest,
    narrowest,
    widest,
    width_under,
)
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import (
    Recipe,
    as_bytes,
    plate_with_pin,
    prism_stl,
    slice_prism,
    two_blocks,
)

LAYERS = 6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(20, 1500), st.floats(50, 600))
def test_every_model_lies_between_the_narrowest_and_the_widest(thread: float, height: float):
    threads = np.array([thread])
    found = [float(width_under(model, threads, height)[0]) for model in BeadModel]
    assert float(narrowest(threads, height)[0]) == min(found)
    assert float(widest(threads, height)[0]) == max(found)
    assert float(leanest(threads, height)[0]) <= found[0] <= max(found)


def test_a_bead_of_an_ordinary_layer_in_figures():
    """0.45 mm in 0.2 mm: the rectangle's side lies h (1 - pi/4) / 2 = 21.5 um further in, 3 % of
    the plastic is 6.1 um."""
    area = 200.0 * (450.0 - 200.0 * (1 - np.pi / 4))
    thread = np.array([np.sqrt(area * 4 / np.pi)])
    usual, flat, lean, rich = (float(width_under(model, thread, 200.0)[0]) for model in BeadModel)
    assert usual == pytest.approx(450.0)
    assert (usual - flat) / 2 == pytest.approx(100.0 * (1 - np.pi / 4))
    assert (rich - usual) / 2 == pytest.approx(0.015 * area / 200.0)
    assert (usual - lean) / 2 == pytest.approx((rich - usual) / 2)


@given(st.floats(0, 100), st.floats(0, 100))
def test_twice_u_is_more_than_the_whole_range(inwards: float, outwards: float):
    assert 2 * Spread(inwards, outwards).expanded_um >= inwards + outwards


def blocks() -> BaseGeometry:
    return two_blocks()


def disc() -> BaseGeometry:
    """Without a corner, at which what beads reach beyond would be the slicer's choice."""
    return shapely.Point(0, 0).buffer(5.0, quad_segs=32)


@functools.cache
def audited(
    offset_um: int,
    model: BeadModel = BeadModel.STADIUM,
    outline: Callable[[], BaseGeometry] = blocks,
) -> Audit:
    recipe = Recipe(layers=LAYERS, wall_offset=offset_um / 1000)
    program = as_bytes(slice_prism(outline(), recipe))
    solid = prism_stl(outline(), LAYERS * 0.2)
    demand = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    return audit_program(program, solid, demand, bead_model=model)


def status(audit: Audit, rule: str) -> Status:
    found = {f.status for f in audit.findings if f.rule_id == rule}
    return next((one for one in (Status.FAIL, Status.INDETERMINATE) if one in found), Status.PASS)


@pytest.mark.parametrize(
    ("rule", "offset_um", "wanted"),
    [
        ("G-03", 18, Status.PASS),
        # Outwards 30 um are allowed; with more flow it is 6 um more, with flat sides 21 um less.
        ("G-03", 26, Status.INDETERMINATE),
        ("G-03", 36, Status.INDETERMINATE),
        ("G-03", 52, Status.INDETERMINATE),
        ("G-03", 64, Status.FAIL),
        ("G-04", 20, Status.PASS),
        ("G-04", 26, Status.INDETERMINATE),
        ("G-04", 48, Status.INDETERMINATE),
        ("G-04", 56, Status.FAIL),
        ("G-04", -20, Status.PASS),
        ("G-04", -30, Status.INDETERMINATE),
        ("G-04", -40, Status.FAIL),
    ],
)
def test_a_rule_passes_fails_and_is_undecided_between(rule: str, offset_um: int, wanted: Status):
    assert status(audited(offset_um, outline=disc), rule) is wanted


@pytest.mark.parametrize("offset_um", [24, 54, -24, -60])
def test_no_two_models_say_pass_and_fail(offset_um: int):
    audits = [audited(offset_um, model) for model in BeadModel]
    for rule in ("G-03", "G-04", "G-05"):
        found = {status(audit, rule) for audit in audits}
        assert not {Status.PASS, Status.FAIL} <= found, (rule, found)


@functools.cache
def fed(rate_permille: int, model: BeadModel) -> Audit:
    """Of the plate with a pin, everything fed so much."""
    lines = []
    for line in slice_prism(plate_with_pin(), Recipe(layers=LAYERS)):
        head, mark, e = line.partition(" E")
        is_bead = line.startswith("G1 X") and mark
        lines.append(f"{head} E{float(e) * rate_permille / 1000:.5f}" if is_bead else line)
    solid = prism_stl(plate_with_pin(), LAYERS * 0.2)
    return audit_program(as_bytes(lines), solid, plain_demand(count=LAYERS), bead_model=model)


@pytest.mark.parametrize(
    ("rule", "rate_permille", "wanted"),
    [
        ("G-08", 750, {Status.INDETERMINATE}),
        ("G-08", 667, {Status.FAIL}),
        ("G-10", 1667, {Status.INDETERMINATE, Status.FAIL}),
    ],
)
def test_what_is_asked_about_walls_and_room_does_not_depend_on_the_model(
    rule: str, rate_permille: int, wanted: set[Status]
):
    """Where the innermost wall must run, and how much of the plastic stays in its layer, was taken
    from the model's own widths: with flat sides walls were looked for 43 um nearer together, and
    PASS stood beside FAIL."""
    assert {status(fed(rate_permille, model), rule) for model in BeadModel} <= wanted


@pytest.mark.parametrize(
    ("rate_permille", "wanted"),
    [(920, Status.PASS), (750, Status.INDETERMINATE), (550, Status.FAIL)],
)
def test_whether_walls_touch_is_undecided_where_models_differ(rate_permille: int, wanted: Status):
    """G-17 was asked under the usual model alone."""
    for model in BeadModel:
        assert status(fed(rate_permille, model), "G-17") is wanted, model


def test_findings_carry_the_parts_of_u_and_layers_their_deviations():
    audit = audited(20)
    for rule in ("G-03", "G-04", "G-05"):
        details = [dict(f.details) for f in audit.findings if f.rule_id == rule]
        assert all("U: shape of a bead" in own for own in details), rule
    assert len(audit.per_layer) == LAYERS
    for layer in audit.per_layer:
        assert layer.outward_max_nm == pytest.approx(20_000, abs=1_500)
        assert layer.inward_max_nm == 0
        assert layer.middle_nm == pytest.approx(-20_000, abs=1_500)
    found = audit.measured
    assert found.outward_p999_nm == pytest.approx(20_000, abs=1_500)
    assert found.shape_inwards_nm == pytest.approx(21_500, abs=100)
    assert found.shape_outwards_nm == pytest.approx(6_100, abs=100)
    place = found.outward_at
    assert place is not None
    # On the outline of one of the blocks, which stand about the middle of the bed.
    x, y = place.x_um / 1000 - 125, place.y_um / 1000 - 105
    assert any(
        max(abs(x - (x0 + x1) / 2) - (x1 - x0) / 2, abs(y) - half) == pytest.approx(0, abs=0.03)
        for x0, x1, half in ((-6, 4, 3), (8, 12, 2))
    )
