"""Ranges of heights in profiles and on the command line: what is taken, what is refused, where."""

from __future__ import annotations

import pytest

from printstd.artifacts.demand import RangeLimits
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.layer_plan import plan_asked
from printstd.profiles.models import Range
from printstd.profiles.ranges import has_varied_layers, range_at, within
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.profiles.sources import Overlay
from tests.unit.profiles.test_demand import demand
from tests.unit.profiles.test_resolve import problems_of, with_set

TWO = (
    "[{from_mm=5, to_mm=8, walls={count=4}, infill={density_ratio=0.5, pattern='grid'}},"
    " {from_mm=1.0, to_mm=2.5, layer_height_mm=0.1, shells={top_layers=0, bottom_layers=2},"
    " speeds={perimeter_mm_s=20}}]"
)
FILE = """
id = "mine"
extends = "standard-0.20"

[[ranges]]
from_mm = 1.0
to_mm = 2.0
walls = {count = 3}

[[ranges]]
from_mm = 2.0
to_mm = 3.0

[ranges.infill]
density_ratio = 0.4
"""


def test_ranges_lie_over_the_process() -> None:
    process = with_set(("ranges", TWO), printer="mk4s").process
    assert has_varied_layers(process)
    high = within(process, range_at(process, 6_000_000))
    assert (high.walls.count, high.infill.density_ratio) == (4, 0.5)
    assert high.infill.pattern is InfillPattern.GRID
    assert high.infill.angle_deg == process.infill.angle_deg
    assert high.layer_height_mm == process.layer_height_mm
    low = within(process, range_at(process, 1_000_000))
    assert (low.layer_height_mm, low.speeds.perimeter_mm_s) == (0.1, 20.0)
    assert low.shells.top_layers == 0
    assert low.shells.top_min_thickness_mm == process.shells.top_min_thickness_mm
    for outside in (999_999, 2_500_000, 4_999_999, 8_000_000):
        assert within(process, range_at(process, outside)) is process
    assert range_at(process, 2_499_999) == process.ranges[1]


def test_a_file_has_ranges_and_the_command_line_changes_one_of_them() -> None:
    source = Overlay({"processes/mine": FILE})
    request = Request(process="mine", overrides=(("ranges[1].infill.density_ratio", "0.6"),))
    resolved = resolve(request, source)
    first, second = resolved.process.ranges
    assert (first.walls.count, second.infill.density_ratio) == (3, 0.6)
    assert resolve(Request(process="mine"), source).process.ranges[1].infill.density_ratio == 0.4
    (problem,) = problems_of(
        Request(process="mine", overrides=(("ranges[2].infill.density_ratio", "0.6"),)), source
    )
    assert (problem.key, problem.got) == ("ranges[2].infill.density_ratio", "item 2")
    assert "2 items" in problem.wanted
    (problem,) = problems_of(Request(overrides=(("ranges[0].walls.count", "3"),)))
    assert "0 items" in problem.wanted


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("[{from_mm=2, to_mm=2}]", "ranges[0].to_mm", "more than from_mm"),
        ("[{from_mm=1, to_mm=2.05}, {from_mm=2, to_mm=3}]", "ranges[1].from_mm", "no other range"),
        ("[{from_mm=1, to_mm=9}, {from_mm=2, to_mm=3}]", "ranges[1].from_mm", "no other range"),
        ("[{from_mm=1, to_mm=2, layer_height_mm=0.35}]", "ranges[0].layer_height_mm", "0.07 to"),
        ("[{from_mm=1, to_mm=2, layer_height_mm=0.05}]", "ranges[0].layer_height_mm", "0.07 to"),
        ("[{from_mm=1, to_mm=1.05}]", "ranges[0].to_mm", "at least one layer"),
        ("[{from_mm=-1, to_mm=2}]", "ranges[0].from_mm", "greater than or equal to 0"),
        ("[{from_mm=1}]", "ranges[0].to_mm", "a number"),
        ("[{from_mm=1, to_mm=2, walls={count=0}}]", "ranges[0].walls.count", "greater"),
        ("[{from_mm=1, to_mm=2, walls={cuont=2}}]", "ranges[0].walls.cuont", "a key"),
        ("[{from_mm=1, to_mm=2, compensation={xy_mm=1}}]", "ranges[0].compensation", "a key"),
        ("[{from_mm=1, to_mm=2, infill={pattern='gird'}}]", "ranges[0].infill.pattern", "one of"),
        ("3", "ranges", "a valid array"),
    ],
)
def test_a_wrong_range_is_refused_with_its_place(text: str, key: str, wanted: str) -> None:
    problems = problems_of(Request(printer="mk4s", overrides=(("ranges", text),)))
    assert [p.key for p in problems if wanted in p.wanted] == [key], problems


def test_neighbours_may_share_a_border_in_any_order() -> None:
    text = "[{from_mm=2, to_mm=3}, {from_mm=1, to_mm=2}]"
    assert len(with_set(("ranges", text)).process.ranges) == 2


def test_the_nozzle_bounds_ranges_without_a_printer_too() -> None:
    text = "[{from_mm=1, to_mm=2, layer_height_mm=0.33}]"
    (problem,) = problems_of(Request(overrides=(("ranges", text),)))
    assert problem.key == "ranges[0].layer_height_mm"
    assert "nozzle" in problem.wanted


def test_the_demand_carries_each_range_by_itself() -> None:
    made = demand(("ranges", TWO)).integrity
    assert made.min_wall_count == 2
    assert (made.solid_layers, made.solid_um) == ((4, 5), (500, 700))
    high, low = made.ranges
    assert high == RangeLimits(5_000, 8_000, (400, 700), 4, (4, 5), (500, 700), "middle")
    assert low == RangeLimits(1_000, 2_500, (120, 210), 2, (2, 0), (500, 0), "middle")


def test_one_height_for_all_counts_shells_as_ever() -> None:
    made = demand().integrity
    assert (made.solid_layers, made.solid_um, made.ranges) == ((4, 5), (0, 0), ())


def test_the_plan_asks_for_what_the_process_says() -> None:
    resolved = with_set(
        ("layers.max_surface_error_um", "40"), ("ranges", TWO), printer="mk4s", material="petg"
    )
    plan = plan_asked(resolved)
    assert (plan.is_varied, plan.window_um, plan.max_error_um) == (True, (70, 300), 40)
    assert (plan.is_top_exact, plan.given_um) == (False, ((1_000, 2_500),))
    assert not plan_asked(with_set(printer="mk4s")).is_varied
    narrow = with_set(
        ("layers.exact_top", "true"), ("widths.top_infill_mm", "0.32"), printer="mk4s"
    )
    assert plan_asked(narrow).window_um == (70, 300)


def test_no_key_of_a_range_has_a_value_of_its_own() -> None:
    one = Range(from_mm=0.0, to_mm=1.0)
    process = with_set().process
    assert within(process, one) == process
