"""Capability indices of measured characteristics, their lower confidence bounds, and what the
figures must be checked for first.

Wording after ISO 22514 (facts of standards 1.7): with symmetric limits +-T about the nominal m,
``Cp = T / (3 s)`` and ``Cpk = (T - |mean - m|) / (3 s)``, s the standard deviation of the sample
with n - 1 degrees of freedom. Both hold for one normal distribution alone.

All arrays are (k,) float64, one entry for each characteristic; lengths in one unit.
"""

from __future__ import annotations

from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

CONFIDENCE: Final = 0.95
"""One-sided."""
LEAST_PARTS: Final = 25
"""Replicates of one characteristic below which no index is given (facts of standards 1.7)."""
_ADDED_ERRORS: Final = 0.5
_NODES: Final = 32
_TAIL_FROM: Final = 0.6
_TAIL_TO: Final = 100.0
_REACH: Final = 8.0
"""Standard deviations beyond which the normal density adds nothing to a float64."""
_HALVINGS: Final = 30
_MOST_OUTLIERS: Final = 40

Floats = NDArray[np.float64]


def cp_and_cpk(tolerance: Floats, bias: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The two indices. spread : above 0."""
    return tolerance / (3 * spread), (tolerance - np.abs(bias)) / (3 * spread)


def cp_lower(cp: Floats, parts: NDArray[np.int64]) -> Floats:
    """Lower 95 % bound of Cp, exact for a normal distribution: (n - 1) s^2 / sigma^2 has the
    chi-square distribution of n - 1 degrees of freedom, so the bound is Cp sqrt(chi2_0.05 / (n -
    1)).

    Source: Kotz and Johnson, Process Capability Indices, 1993, section 2.4.
    """
    from scipy.special import chdtri

    degrees = (parts - 1).astype(np.float64)
    return np.asarray(cp * np.sqrt(chdtri(degrees, CONFIDENCE) / degrees), np.float64)


def cpk_lower(cpk: Floats, off: Floats, parts: NDArray[np.int64]) -> Floats:
    """Lower 95 % bound of Cpk: that Cpk of which so good a sample comes out in one of twenty.

    cpk : as estimated. off : |mean - m| / s. Where `cpk` is not above 0 the bound is not a number:
    the mean itself lies outside the limits, and nothing is held.

    The distribution of the estimate depends on where the process stands, xi = (mu - m) / sigma. A
    bound by one side alone (noncentral t) covers 98 % of centred processes instead of 95 %, because
    the estimate takes the worse side of two; xi put in as it was estimated covers as few as 93 % of
    those a standard error away. So half a standard error is added to it. Over processes as they
    come this covers 95 %, at any one xi at least 94 %, and more than 96 % only within about half a
    standard error of the middle, where it errs to the safe side: tests hold it over 10,000
    simulated processes each.

    Source: Pearn and Lin, "Testing process performance based on capability index Cpk with critical
    values", Computers and Industrial Engineering 47 (2004) 351-369: with b = 3 Cpk + |xi|,
    P(estimate > y) = integral from 0 to b sqrt(n) of
    G((n - 1) (b sqrt(n) - t)^2 / (9 n y^2)) (phi(t + xi sqrt(n)) + phi(t - xi sqrt(n))) dt,
    G the distribution of chi-square with n - 1 degrees of freedom, phi the normal density.
    """
    found = np.full(cpk.shape, np.nan)
    is_inside = cpk > 0
    if is_inside.any():
        found[is_inside] = _bisected(
            cpk[is_inside], _farther(off, parts)[is_inside], parts[is_inside]
        )
    return found


def _farther(off: Floats, parts: NDArray[np.int64]) -> Floats:
    return np.asarray(np.abs(off) + _ADDED_ERRORS / np.sqrt(parts), np.float64)


def _bisected(cpk: Floats, off: Floats, parts: NDArray[np.int64]) -> Floats:
    low, high = np.zeros_like(cpk), cpk.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_above = _chance_of_better(cpk, middle, off, parts) > 1 - CONFIDENCE
        high = np.where(is_above, middle, high)
        low = np.where(is_above, low, middle)
    return low


def _chance_of_better(
    estimate: Floats, cpk: Floats, off: Floats, parts: NDArray[np.int64]
) -> Floats:
    """P(estimated Cpk > estimate) of processes of this `cpk`, `off` standard deviations from the
    middle. Gauss-Legendre over where the density is."""
    from scipy.special import chdtr

    n = parts.astype(np.float64)[:, None]
    root = np.sqrt(n)
    at = off[:, None] * root
    width = 3 * cpk[:, None] * root + at
    from_t = np.maximum(at - _REACH, 0.0)
    to_t = np.minimum(at + _REACH, width)
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    half = np.maximum(to_t - from_t, 0.0) / 2
    t = from_t + half * (node + 1)
    density = (np.exp(-((t - at) ** 2) / 2) + np.exp(-((t + at) ** 2) / 2)) / np.sqrt(2 * np.pi)
    within = chdtr(n - 1, (n - 1) * (width - t) ** 2 / (9 * n * estimate[:, None] ** 2))
    return np.asarray((within * density * weight * half).sum(axis=1), np.float64)


def anderson_darling(values: Floats) -> float:
    """A*^2 of one sample against the normal distribution of its own mean and spread, modified for
    its size. NaN where all values are the same.

    Source: D'Agostino and Stephens, Goodness-of-Fit Techniques, 1986, section 4.8.5 (case 3):
    A*^2 = A^2 (1 + 0.75 / n + 2.25 / n^2).
    """
    from scipy.special import log_ndtr

    n = len(values)
    spread = float(values.std(ddof=1)) if n > 1 else 0.0
    if spread <= 0:
        return float("nan")
    z = np.sort((values - values.mean()) / spread)
    terms = (2 * np.arange(1, n + 1) - 1) * (log_ndtr(z) + log_ndtr(-z[::-1]))
    squared = -n - float(terms.sum()) / n
    return squared * (1 + 0.75 / n + 2.25 / n**2)


def normality_p(statistic: float) -> float:
    """The chance of so great an A*^2, or a greater one, of normal values. Exact enough from 0.6 up
    (5 % at 0.752, 1 % at 1.035); below that the chance is above 0.1, and 1 is said.

    Source: D'Agostino and Stephens, table 4.9: exp(1.2937 - 5.709 A + 0.0186 A^2).
    """
    if not statistic >= _TAIL_FROM:
        return 1.0
    # The parabola turns at 153: no sample gets there without being as far from normal as can be.
    a = min(statistic, _TAIL_TO)
    return exp(1.2937 - 5.709 * a + 0.0186 * a * a)


def grubbs_outliers(values: Floats) -> list[int]:
    """Numbers of the values that stand out of their sample, most distant first: each found by
    Grubbs' two-sided test at 5 % on what is left of the sample.

    Source: Grubbs, "Procedures for Detecting Outlying Observations in Samples", Technometrics 11
    (1969) 1-21; with t the quantile at 0.05 / (2 n) of Student's distribution of n - 2 degrees of
    freedom, the greatest |x - mean| / s may be (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)).
    """
    from scipy.special import stdtrit

    left = np.arange(len(values))
    found: list[int] = []
    for _ in range(min(_MOST_OUTLIERS, len(values) // 2)):
        sample = values[left]
        n = len(sample)
        spread = float(sample.std(ddof=1)) if n > 2 else 0.0
        if spread <= 0:
            break
        away = np.abs(sample - sample.mean()) / spread
        farthest = int(away.argmax())
        t = float(stdtrit(n - 2, 1 - 0.05 / (2 * n)))
        if float(away[farthest]) <= (n - 1) / np.sqrt(n) * np.sqrt(t**2 / (n - 2 + t**2)):
            break
        found.append(int(left[farthest]))
        left = np.delete(left, farthest)
    return found
