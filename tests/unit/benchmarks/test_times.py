"""Times of programs whose answers are known, and what a program says of them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.times import LINE_ACCELERATIONS, accelerations_at, limits_of, seconds_of, stated_s

PEER = limits_of("peer")
HEAD = "G28\nG90\nM83\nG92 E0\n;LAYER_CHANGE\n"


def line_s(accel: float, *, speed: float = 50.0, start: float = 10.0, way: float = 100.0) -> float:
    """A way from rest to rest: both ends as fast as the jerk allows at once."""
    ramp_mm = (speed**2 - start**2) / (2 * accel)
    return 2 * (speed - start) / accel + (way - 2 * ramp_mm) / speed


def of_line(*before: str) -> float:
    """The time of one bead of 100 mm at 50 mm/s, after lines that do not move."""
    lines = "".join(f"{line}\n" for line in before)
    return seconds_of(f"{HEAD}{lines}G1 X100 E3 F3000\n".encode(), PEER)


def test_a_line_takes_what_its_trapezoid_takes() -> None:
    assert of_line() == pytest.approx(line_s(PEER.print_accel_mm_s2), rel=1e-3)


@pytest.mark.parametrize("word", ["M204 S500", "M204 P500 T900", "M204 P500"])
def test_a_programs_own_acceleration_counts(word: str) -> None:
    assert of_line(word) == pytest.approx(line_s(500.0), rel=1e-3)


def test_a_program_gets_no_more_than_the_machine_has() -> None:
    assert of_line("M204 P99999") == pytest.approx(line_s(PEER.print_accel_mm_s2), rel=1e-3)


def test_accelerations_hold_from_their_line_on() -> None:
    program = b"G1 X1\nM204 P100 T200 R300\nG1 X2\n;M204 S1\nM204 S50\nG1 X3\n"
    found = accelerations_at(program, np.array([1, 3, 6], np.int32), PEER)
    assert found["P"].tolist() == [PEER.print_accel_mm_s2, 100, 50]
    assert found["T"].tolist() == [PEER.travel_accel_mm_s2, 200, 50]
    assert found["R"].tolist() == [PEER.retract_accel_mm_s2, 300, 300]


def test_a_mk4s_has_room_for_an_acceleration_of_each_kind_of_line() -> None:
    values = list(LINE_ACCELERATIONS.values())
    assert len(set(values)) == len(values)
    assert limits_of("mk4s").print_accel_mm_s2 >= max(values) > PEER.print_accel_mm_s2


@pytest.mark.parametrize(
    ("text", "seconds"), [("1d 2h 3m 4s", 93_784), ("59s", 59), ("42m 28s", 2548)]
)
def test_a_stated_time_is_read(text: str, seconds: int) -> None:
    line = f"; estimated printing time (normal mode) = {text}"
    assert stated_s(f";\n{line}\n; estimated printing time (silent mode) = 1s\n") == seconds
