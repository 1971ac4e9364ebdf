"""Capability indices: the share of processes that a lower bound covers, and what warns of values
that no index should be made of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from printstd.kernels.process_indices import (
    anderson_darling,
    cp_and_cpk,
    cp_lower,
    cpk_lower,
    grubbs_outliers,
    normality_p,
)

PROCESSES = 10_000
TOLERANCE = 1.0


def _samples(
    rng: np.random.Generator, bias: NDArray[np.float64], spread: NDArray[np.float64], parts: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(mean, standard deviation) of a sample of every process, from the parts themselves."""
    values = bias[:, None] + spread[:, None] * rng.standard_normal((len(bias), parts))
    return values.mean(axis=1), values.std(axis=1, ddof=1)


def _covered(
    rng: np.random.Generator, bias: NDArray[np.float64], spread: NDArray[np.float64], parts: int
) -> tuple[float, float]:
    """Shares of the processes whose true Cp, and true Cpk, is at least its lower bound."""
    true_cp, true_cpk = cp_and_cpk(np.full(len(bias), TOLERANCE), bias, spread)
    mean, s = _samples(rng, bias, spread, parts)
    cp, cpk = cp_and_cpk(np.full(len(bias), TOLERANCE), mean, s)
    n = np.full(len(bias), parts)
    return (
        float((cp_lower(cp, n) <= true_cp).mean()),
        float((cpk_lower(cpk, np.abs(mean) / s, n) <= true_cpk).mean()),
    )


def test_bounds_cover_what_they_say_over_processes_as_they_come() -> None:
    """Each of 10,000 has a bias of its own, either way, and a spread of its own."""
    rng = np.random.default_rng(22_514)
    spread = 1 / rng.uniform(3.0, 9.0, PROCESSES)
    bias = spread * rng.uniform(-1.5, 1.5, PROCESSES)
    cp, cpk = _covered(rng, bias, spread, 30)
    assert 0.94 <= cp <= 0.96
    assert 0.94 <= cpk <= 0.96


@pytest.mark.parametrize("xi", [0.4, 1.0, 2.0])
def test_bounds_cover_it_of_a_process_that_is_off(xi: float) -> None:
    rng = np.random.default_rng(round(1000 * xi))
    spread = np.full(PROCESSES, TOLERANCE / (3 * 1.2 + xi))
    cp, cpk = _covered(rng, xi * spread, spread, 25)
    assert 0.94 <= cp <= 0.96
    assert 0.94 <= cpk <= 0.96


def test_a_centred_process_is_not_promised_too_much() -> None:
    """There the bound of Cpk errs, to the safe side alone."""
    rng = np.random.default_rng(3)
    spread = np.full(PROCESSES, TOLERANCE / 4)
    cp, cpk = _covered(rng, 0 * spread, spread, 50)
    assert 0.94 <= cp <= 0.96
    assert 0.95 <= cpk <= 0.98


def test_the_estimate_itself_would_not_do() -> None:
    """What the bound is for: of estimates that are taken for the truth, half say too much."""
    rng = np.random.default_rng(4)
    spread = np.full(PROCESSES, TOLERANCE / 5)
    mean, s = _samples(rng, spread, spread, 25)
    _, true_cpk = cp_and_cpk(np.full(PROCESSES, TOLERANCE), spread, spread)
    _, cpk = cp_and_cpk(np.full(PROCESSES, TOLERANCE), mean, s)
    assert 0.4 < float((cpk > true_cpk).mean()) < 0.6


def test_far_from_the_middle_the_bound_is_that_of_one_side() -> None:
    """The noncentral t distribution gives it exactly there: an oracle of another formula."""
    from scipy.stats import nct

    n, cpk = 25, 1.4
    (bound,) = cpk_lower(np.array([cpk]), np.array([3.0]), np.array([n]))
    chance = nct.sf(3 * np.sqrt(n) * cpk, n - 1, 3 * np.sqrt(n) * bound)
    assert chance == pytest.approx(0.05, abs=1e-5)


def test_bounds_grow_with_parts_and_stay_below_the_estimate() -> None:
    n = np.array([25, 50, 100, 1000])
    bound = cpk_lower(np.full(4, 1.5), np.full(4, 0.7), n)
    assert np.all(np.diff(bound) > 0)
    assert np.all(bound < 1.5)
    assert np.isnan(cpk_lower(np.array([-0.1]), np.array([4.0]), np.array([25]))[0])


def test_normality_is_refused_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    chances = [normality_p(anderson_darling(rng.standard_normal(30))) for _ in range(2000)]
    assert 0.035 <= float((np.array(chances) < 0.05).mean()) <= 0.065
    skewed = [normality_p(anderson_darling(rng.exponential(size=30))) for _ in range(200)]
    assert float((np.array(skewed) < 0.05).mean()) > 0.85


def test_anderson_darling_agrees_with_its_definition() -> None:
    """By the integral it is defined as, n (F_n - F)^2 / (F (1 - F)) over F, on a fine grid."""
    from scipy.special import ndtr

    values = np.random.default_rng(9).normal(3.0, 0.2, 40)
    n = len(values)
    z = np.sort((values - values.mean()) / values.std(ddof=1))
    at = np.linspace(-9, 9, 400_001)
    f = ndtr(at)
    counted = np.searchsorted(z, at, side="right") / n
    density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
    whole = (counted - f) ** 2 / np.maximum(f * ndtr(-at), 1e-300) * density
    squared = n * float(whole.sum()) * (at[1] - at[0])
    assert anderson_darling(values) == pytest.approx(squared * (1 + 0.75 / n + 2.25 / n**2), 1e-3)
    assert np.isnan(anderson_darling(np.ones(30)))


def test_outliers_are_named_and_others_are_not() -> None:
    rng = np.random.default_rng(10)
    values = rng.standard_normal(30)
    values[[4, 17]] = 9.0, -12.0
    assert grubbs_outliers(values) == [17, 4]
    assert grubbs_outliers(np.ones(30)) == []
    named = sum(bool(grubbs_outliers(rng.standard_normal(30))) for _ in range(1000))
    assert 30 <= named <= 75
