"""From readings to a setting: the truth is found again, and what no print can give is refused."""

from __future__ import annotations

import random
from math import sqrt
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.capability.calibration import estimate
from printstd.errors import InputError

WALL = 0.45


@given(st.floats(0.82, 1.2), st.floats(0.9, 1.1), st.integers(0, 10**6))
def test_the_flow_that_gives_the_commanded_wall_is_found(true_ratio, before, seed) -> None:
    """A machine that needs `true_ratio` lays walls of w before / true when told `before`."""
    noise = random.Random(seed)
    wall = WALL * before / true_ratio
    readings = [round(wall + noise.gauss(0, 0.006), 2) for _ in range(8)]
    spread = stdev(readings)
    found = estimate.flow_ratio(readings, commanded_mm=WALL, before=before, resolution_mm=0.01)
    # Of 1,000 draws some lie beyond k = 2; none beyond k = 6 and the rounding of all readings.
    most = 3 * found.u + true_ratio * 0.005 / wall
    assert abs(found.value - true_ratio) <= most
    u = 2 * found.value * sqrt(spread**2 / 8 + 0.01**2 / 12) / (sum(readings) / 8)
    assert found.u == pytest.approx(u)
    assert found.samples == 8


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        ([0.45] * 3, "too few"),
        ([0.45, 0.45, 0.45, float("nan")], "no reading"),
        ([0.45, 0.45, 0.45, -0.45], "no reading"),
        ([0.9, 0.91, 0.9, 0.92], "one wall"),
        ([0.2, 0.2, 0.2, 0.2], "one wall"),
        ([0.3, 0.6, 0.45, 0.5], "differ too much"),
        ([0.33, 0.33, 0.33, 0.34], "no spool"),
        ([0.6, 0.6, 0.6, 0.61], "no spool"),
    ],
)
def test_readings_of_no_wall_are_refused(readings, why) -> None:
    with pytest.raises(InputError, match=why) as caught:
        estimate.flow_ratio(readings, commanded_mm=WALL, before=1.0, resolution_mm=0.01)
    assert caught.value.exit_code == 4


VALUES = [0.01 * n for n in range(9)]


@given(st.integers(0, 8), st.floats(0.01, 4.99))
def test_a_height_gives_the_value_of_its_band(band, above) -> None:
    found = estimate.by_height([2.0 + 5.0 * band + above], base_mm=2, band_mm=5, values=VALUES)
    assert found.value == VALUES[band]
    assert found.u == pytest.approx(2 * 0.01 / sqrt(12))


def test_several_observers_give_their_mean_and_less_agreement_more_doubt() -> None:
    agreeing = estimate.by_number([4, 4, 4], values=VALUES)
    differing = estimate.by_number([3, 4, 5], values=VALUES)
    assert agreeing.value == pytest.approx(differing.value) == pytest.approx(0.03)
    assert differing.u > agreeing.u


@pytest.mark.parametrize("best", [[], [0], [10], [1, 9]])
def test_bands_that_are_not_there_and_observers_who_contradict_are_refused(best) -> None:
    with pytest.raises(InputError):
        estimate.by_number(best, values=VALUES)


@pytest.mark.parametrize("height", [1.0, 60.0, 0.0, float("inf")])
def test_heights_beside_the_bands_are_refused(height) -> None:
    with pytest.raises(InputError):
        estimate.by_height([height], base_mm=2, band_mm=5, values=VALUES)
