"""Angle functions made of exact steps, against the C library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printstd.kernels.turns import arcsin, arctan, cos_sin, direction, turned_quarter


def test_cosine_and_sine_are_those_of_the_c_library() -> None:
    rng = np.random.default_rng(0)
    turns = np.concatenate(
        [
            rng.uniform(-3, 3, 20_000),
            np.arange(-8192, 8193) / 4096,
            np.arange(-8192, 8193) / 4096 + 0.5 / 4096,
        ]
    )
    cosine, sine = cos_sin(turns)
    assert np.abs(cosine - np.cos(2 * np.pi * turns)).max() < 3e-13
    assert np.abs(sine - np.sin(2 * np.pi * turns)).max() < 3e-13
    assert np.abs(cosine * cosine + sine * sine - 1).max() < 3e-13


def test_whole_turns_change_nothing() -> None:
    # Dyadic angles: adding a whole turn is exact, so the bits must be the same.
    turns = np.arange(4096) / 4096
    for n in (-7, 1, 1000):
        for here, there in zip(cos_sin(turns), cos_sin(turns + n), strict=True):
            assert (here == there).all()


def test_quarters_are_exact_and_every_angle_has_its_mirror_images() -> None:
    cosine, sine = cos_sin(np.arange(5) / 4)
    assert cosine.tolist() == [1, 0, -1, 0, 1]
    assert sine.tolist() == [0, 1, 0, -1, 0]
    turns = np.arange(1, 1024) / 8192
    (c, s), (c_back, s_back), (c_quarter, s_quarter) = (
        cos_sin(angle) for angle in (turns, -turns, turns + 0.25)
    )
    assert (s_quarter == c).all()
    assert (c_quarter == -s).all()
    assert np.abs(c_back - c).max() < 1e-15
    assert np.abs(s_back + s).max() < 1e-15


def test_arcs_are_those_of_the_c_library() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.uniform(-5, 5, 5_000), 10.0 ** rng.uniform(-12, 12, 5_000), [0.0, -0.0]]
    )
    assert np.abs(arctan(x) - np.arctan(x)).max() < 2e-15
    y = np.concatenate(
        [rng.uniform(-1, 1, 5_000), 1 - 10.0 ** rng.uniform(-15, 0, 999), [-1, 0, 1]]
    )
    assert np.abs(arcsin(y) - np.arcsin(y)).max() < 2e-8
    inside = np.abs(y) < 0.999
    assert np.abs(arcsin(y) - np.arcsin(y))[inside].max() < 1e-13


def test_eighths_of_a_turn_are_exact_directions() -> None:
    found = [direction(45.0 * i) for i in range(-8, 16)]
    one_turn = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    assert found == one_turn * 3


@pytest.mark.parametrize("angle_deg", [1.0, 17.3, 90.001, 187.5, 271.0, -33.3, 359.9999])
def test_other_directions_are_within_a_part_in_a_million(angle_deg: float) -> None:
    x, y = direction(angle_deg)
    off = math.radians(angle_deg) - math.atan2(y, x)
    assert abs((off + math.pi) % (2 * math.pi) - math.pi) < 1e-6
    assert max(abs(x), abs(y)) <= 1 << 20


def test_a_quarter_further_is_square_to_it_on_the_left() -> None:
    for angle_deg in range(0, 360, 7):
        x, y = direction(float(angle_deg))
        qx, qy = turned_quarter((x, y))
        assert x * qx + y * qy == 0
        assert x * qy - y * qx > 0
