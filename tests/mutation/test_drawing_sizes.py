"""Programs whose one hole, gap or wall differs from the drawing die by G-16, and where the limits
are narrower than what any outline may deviate by, by G-16 alone."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.artifacts.finding import Status
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.mesh import Placement
from printstd.intake.characteristics import read_characteristics
from printstd.profiles.demand import audit_demand
from printstd.profiles.resolved import Request
from printstd.sizes import drawing_demand
from tests.mutation.demands import IDENTITY_E9
from tests.mutation.tiny_slicer import Recipe, as_bytes, prism_stl, slice_prism

LAYERS = 16
RECIPE = Recipe(layers=LAYERS, solid_layers=4)
PLACE = Placement(IDENTITY_E9, (125_000, 105_000, 0))
T = 0.06
"""Half of the limits' width, mm. U of a diameter is 0.032 mm by the shape of beads alone."""
BEYOND, WITHIN = 1.65, 0.35
"""Of that, so that U cannot reach the limit. A surface moves by half as much: 0.05 mm, which G-03
cannot be sure of (its limit is 0.03, and flat sides lie 0.022 further in)."""

DRAWING = f"""number;feature;nominal;limits
1;hole @ -8,0;8;±{T}
2;extent Y;24;±{T}
3;gap @ 11,0;8;±{T}
4;extent Z;3.2;±0.1
5;thickness @ 21,0,1.6 axis X;6;±{T}
""".encode()


def circle(x: float, y: float, radius: float, sides: int = 360) -> BaseGeometry:
    turns = 2 * np.pi * np.arange(sides) / sides
    return shapely.Polygon(
        np.column_stack([x + radius * np.cos(turns), y + radius * np.sin(turns)])
    )


def outline(
    bore: float = 8.0, at: tuple[float, float] = (-8.0, 0.0), notch: float = 0.0, pin: float = 0.0
) -> BaseGeometry:
    """A plate with a bore and a notch 8 mm wide, and a pin beside it. notch, pin : by how much
    they are larger."""
    n = 4 + notch / 2
    plate = shapely.Polygon(
        [(-20, -12), (14, -12), (14, -n), (8, -n), (8, n), (14, n), (14, 12), (-17, 12), (-20, 9)]
    )
    pin_box = shapely.box(18 - pin / 2, -3, 24 + pin / 2, 3)
    return shapely.union(shapely.difference(plate, circle(*at, bore / 2)), pin_box)


@functools.cache
def model() -> pipeline.Prepared:
    drawing = read_characteristics(DRAWING, "drawing.csv")
    request = Request(material="peer", process="peer-0.20", printer="peer")
    data = prism_stl(outline(), LAYERS * 0.2)
    return pipeline.prepare(
        pipeline.ModelInput(data, "plate.stl"),
        pipeline.Order(drawing=drawing),
        pipeline.resolve(request, default_source()),
    )


@functools.cache
def demand() -> pipeline.AuditDemand:
    return audit_demand(
        model().resolved,
        placement=PLACE,
        layers=LayerPlan(200, 200, LAYERS),
        model_unit_nm=1_000_000,
        model_plate=None,
        supports_allowed=False,
        drawing=drawing_demand(model(), PLACE),
    )


def audited(laid: BaseGeometry) -> pipeline.Checked:
    lines = [line for line in slice_prism(laid, RECIPE) if line != "M106 S255"]
    lines.insert(lines.index(";LAYER:1") + 1, "M106 S255")
    return pipeline.audit(as_bytes(lines), model().model, demand(), executor=SerialExecutor())


def failed(checked: pipeline.Checked) -> set[str]:
    return {f.rule_id for f in checked.audit.findings if f.status is Status.FAIL}


def verdicts(checked: pipeline.Checked) -> dict[str, Status]:
    return {size.number: size.verdict for size in checked.audit.sizes}


def test_an_honest_program_conforms_to_its_drawing():
    checked = audited(outline())
    assert failed(checked) == set()
    assert set(verdicts(checked).values()) == {Status.PASS}
    for size in checked.audit.sizes:
        assert size.deviation_nm is not None
        # 3 um of the program's numbers and the tiny slicer's own, on a size.
        assert abs(size.deviation_nm) <= 4_000, size


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        (lambda by: outline(bore=8 + by), "1"),
        (lambda by: outline(bore=8 - by), "1"),
        (lambda by: outline(at=(-8 + by, 0.0)), "1"),
        (lambda by: outline(at=(-8 - 0.6 * by, 0.8 * by)), "1"),
        (lambda by: outline(notch=by), "3"),
        (lambda by: outline(notch=-by), "3"),
        (lambda by: outline(pin=by), "5"),
        (lambda by: outline(pin=-by), "5"),
    ],
    ids=["grown", "shrunk", "moved in x", "moved aslant", "wide", "narrow", "thick", "thin"],
)
def test_a_size_beyond_its_limits_dies_and_one_within_them_passes(wrong, number):
    beyond, within = verdicts(audited(wrong(BEYOND * T))), verdicts(audited(wrong(WITHIN * T)))
    assert beyond[number] is Status.FAIL
    assert {n for n, status in beyond.items() if status is Status.FAIL} == {number}
    assert set(within.values()) == {Status.PASS}


def test_only_the_rule_about_the_drawing_kills_a_hole_that_is_a_little_too_narrow():
    assert failed(audited(outline(bore=8 - BEYOND * T))) == {"G-16"}


def test_what_lies_on_the_limit_is_undecided():
    assert verdicts(audited(outline(bore=8 - T)))["1"] is Status.INDETERMINATE


def test_a_hole_that_is_wrong_in_one_layer_only_is_found():
    good = slice_prism(outline(), RECIPE)
    bad = slice_prism(outline(bore=8 - BEYOND * T), RECIPE)
    mixed = []
    for lines in (good, bad):
        starts = [i for i, line in enumerate(lines) if line.startswith(";LAYER:")]
        mixed.append((lines, starts))
    (own, at), (other, there) = mixed
    lines = [*own[: at[7]], *other[there[7] : there[8]], *own[at[8] :]]
    checked = pipeline.audit(as_bytes(lines), model().model, demand(), executor=SerialExecutor())
    assert verdicts(checked)["1"] is Status.FAIL
