"""Medians and percentiles are NumPy's, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.audit.quantiles import median, percentile

FIGURES = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 1.0, float("nan"), float("inf")]),
    min_size=1,
    max_size=60,
)


@given(FIGURES)
def test_median_is_numpys(figures: list[float]) -> None:
    values = np.array(figures)
    assert np.array_equal(median(values), np.median(values), equal_nan=True)


@given(FIGURES, st.sampled_from([0.0, 1.0, 50.0, 95.0, 99.0, 99.9, 100.0]))
def test_percentile_is_numpys(figures: list[float], percent: float) -> None:
    values = np.array([one for one in figures if np.isfinite(one)] or [0.0])
    assert percentile(values, percent) == np.percentile(values, percent)
    values[0] = np.nan
    assert np.isnan(percentile(values, percent))
