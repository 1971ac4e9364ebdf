"""The bead's formulas against each other and against PrusaSlicer's published figures."""

from __future__ import annotations

import math

import pytest

from printstd.kernels import bead

SIZES = [(w, h) for w in (400_000, 420_000, 450_000, 700_000) for h in (70_000, 200_000, 300_000)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_spacing_width_and_area_agree(width: int, height: int) -> None:
    spacing = bead.spacing_nm(width, height)
    assert abs(bead.width_nm(spacing, height) - width) <= 1
    # Neighbouring beads one spacing apart fill the layer exactly: area = spacing * height.
    assert abs(bead.area_nm2(width, height) - spacing * height) <= height
    round_ends = (width - height) * height + math.pi * height**2 / 4
    assert bead.area_nm2(width, height) == pytest.approx(round_ends, abs=0.5)


def test_the_usual_bead() -> None:
    assert bead.spacing_nm(450_000, 200_000) == 407_080


def test_a_bead_as_high_as_wide_is_a_round_thread() -> None:
    assert bead.area_nm2(300_000, 300_000) == bead.thread_area_nm2(300_000)
    assert bead.thread_area_nm2(400_000) == pytest.approx(math.pi * 200_000**2, abs=0.5)


def test_a_bead_higher_than_wide_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        bead.spacing_nm(200_000, 200_001)


@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.3])
def test_a_threads_area_is_the_flow_ratio_of_the_nozzles(ratio: float) -> None:
    area = bead.thread_area_nm2(bead.thread_diameter_nm(400_000, ratio))
    assert area / bead.thread_area_nm2(400_000) == pytest.approx(ratio, rel=1e-5)
