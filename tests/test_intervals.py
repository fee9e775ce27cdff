"""Intervals of a counting experiment against published tables, and their coverage."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, gamma, nbinom, poisson

from darkdump.errors import DarkdumpError
from darkdump.statistics.counting import upper_limit
from darkdump.statistics.coverage import counts, coverage, coverage_by_toys
from darkdump.statistics.intervals import CONSTRUCTIONS, bayes, central, cls, cls_plus_b, likelihood_ratio
from darkdump.statistics.unified import feldman_cousins, of_background

law = settings(derandomize=True, deadline=None, max_examples=40)
EXACT = {name: cache(CONSTRUCTIONS[name]) for name in CONSTRUCTIONS if name != "toys cls"}
"""Constructions, without what takes toys; each interval is found once."""


@pytest.mark.parametrize(
    ("level", "n", "background", "low", "high"),
    [
        *((0.9, n, 0.0, *ends) for n, ends in enumerate([(0, 2.44), (0.11, 4.36), (0.53, 5.91), (1.10, 7.42)])),
        *((0.9, n, 0.0, *ends) for n, ends in enumerate([(1.47, 8.60), (1.84, 9.99)], 4)),
        *((0.9, 0, b, 0.0, high) for b, high in [(0.5, 1.94), (1.0, 1.61), (2.0, 1.26), (3.0, 1.08), (5.0, 0.98)]),
        (0.9, 1, 4.0, 0.0, 1.39),
        (0.9, 1, 5.0, 0.0, 1.22),
        (0.9, 10, 3.0, 2.63, 13.50),
        (0.95, 0, 0.0, 0.0, 3.09),
        (0.95, 0, 2.5, 0.0, 1.78),
        (0.95, 1, 4.0, 0.0, 2.08),
        (0.95, 2, 5.0, 0.0, 2.49),
    ],
)
def test_tables_of_feldman_and_cousins(level: float, n: int, background: float, low: float, high: float) -> None:
    """Tables IV and VI of physics/9711021, made there in steps of 0.005; upper ends lengthened at b = 2 to 5."""
    assert feldman_cousins(n, background, 0.0, level) == pytest.approx((low, high), abs=0.006)


def test_unified_upper_end_never_rises_with_the_background() -> None:
    for n in (0, 1, 3):
        ends = [feldman_cousins(n, b)[1] for b in np.linspace(0.0, 5.0, 26).tolist()]
        assert np.all(np.diff(ends) <= 1e-5)


def test_unified_interval_with_an_error() -> None:
    """A tiny error changes nothing; 0.31 events on 1.65 make 0.1 %; a large one lengthens."""
    known = feldman_cousins(3, 1.65)
    assert known == pytest.approx((0.0, 5.77), abs=0.01)
    assert feldman_cousins(3, 1.65, 1e-4) == pytest.approx(known, abs=1e-4)
    assert feldman_cousins(3, 1.65, 0.31)[1] == pytest.approx(5.783, abs=0.005)
    assert feldman_cousins(3, 1.65, 1.65)[1] > known[1] + 0.1


def test_background_counts() -> None:
    """Gamma distributed backgrounds make negative binomial counts; Poisson ones without error."""
    b, e = 1.65, 0.6
    shape = (b / e) ** 2
    assert of_background(12, b, e) == pytest.approx(nbinom.pmf(np.arange(13), shape, shape / (shape + b)), rel=1e-9)
    assert of_background(12, b, 0.0) == pytest.approx(poisson.pmf(np.arange(13), b), rel=1e-9)
    assert of_background(12, b, 1e-5) == pytest.approx(poisson.pmf(np.arange(13), b), rel=1e-6)
    assert of_background(3, 0.0, 0.0).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert counts(2.0, b).sum() == pytest.approx(1.0, abs=1e-7)


def test_central_is_garwood_less_background() -> None:
    """Garwood's interval from quantiles of chi squared, 0.8177 and 7.7537 for 3 events; empty for 0 on 3."""
    assert central(3, 0.0) == pytest.approx((chi2.ppf(0.05, 6) / 2, chi2.ppf(0.95, 8) / 2), rel=1e-8)
    assert central(9, 2.0) == pytest.approx((chi2.ppf(0.05, 18) / 2 - 2, chi2.ppf(0.95, 20) / 2 - 2), rel=1e-8)
    assert central(0, 3.0) == (0.0, 0.0)


def test_likelihood_ratio_without_background() -> None:
    """For n = 0 the limit is 2.706 / 2; for n = 3, 2 (s - 3 - 3 ln(s / 3)) = 2.706 at both ends."""
    assert likelihood_ratio(0, 0.0) == pytest.approx((0.0, chi2.ppf(0.9, 1) / 2), rel=1e-6)
    for end in likelihood_ratio(3, 0.0):
        assert 2 * (end - 3 - 3 * math.log(end / 3)) == pytest.approx(chi2.ppf(0.9, 1), rel=1e-6)


def test_bayes_without_background() -> None:
    """The posterior of n events is a gamma distribution; that of 3 ends at 6.68 in 90 % of all cases."""
    assert bayes(3, 0.0)[1] == pytest.approx(6.6808, abs=1e-4)
    low, high = CONSTRUCTIONS["bayes central"](3, 0.0, 0.0, 0.9)
    assert gamma.cdf([low, high], 4) == pytest.approx([0.05, 0.95], rel=1e-6)


@law
@given(st.integers(0, 25), st.floats(0.01, 15.0), st.floats(0.0, 1.5))
def test_bayes_is_cls(n: int, background: float, spread: float) -> None:
    """A flat prior of the signal makes CLs, for known backgrounds and averaged (400 quantiles there, exact here)."""
    assert bayes(n, background)[1] == pytest.approx(upper_limit(n, background), rel=1e-7)
    assert bayes(n, background, spread * background)[1] == pytest.approx(
        upper_limit(n, background, spread * background), rel=3e-3
    )


@law
@given(st.sampled_from(sorted(EXACT)), st.integers(0, 12), st.floats(0.05, 8.0), st.floats(0.0, 0.5))
def test_ends_rise_with_the_events(name: str, n: int, background: float, spread: float) -> None:
    error, construct = spread * background, EXACT[name]
    low, high = construct(n, background, error, 0.9)
    more_low, more_high = construct(n + 1, background, error, 0.9)
    assert 0.0 <= low <= high < math.inf
    assert more_low >= low - 1e-6
    assert more_high >= high - 1e-6
    assert construct(n, background, error, 0.95)[1] >= high - 1e-6


@pytest.mark.parametrize("error", [0.0, 0.31])
@pytest.mark.parametrize("signal", [0.3, 1.0, 2.1, 4.0, 7.5])
@pytest.mark.parametrize("name", ["cls", "hybrid cls", "bayes", "cls+b", "central", "feldman-cousins"])
def test_constructions_that_cover(name: str, signal: float, error: float) -> None:
    """With an error, of the background averaged as in the construction; the hybrid's lognormal is within 0.3 %."""
    assert coverage(EXACT[name], signal, 1.65, error) >= 0.9 - (0.003 if error else 1e-7)


def test_cls_covers_more_than_the_classical_limit() -> None:
    for signal in (0.2, 0.5, 1.5, 3.0, 6.0):
        assert coverage(cls, signal, 3.0) >= coverage(cls_plus_b, signal, 3.0) >= 0.9
    assert coverage(cls, 0.5, 3.0) == pytest.approx(1.0, abs=1e-6)


def test_constructions_that_do_not_cover() -> None:
    """Least coverage for signals up to 10 on a background of 1.65, at 90 %: what asymptotics and priors cost."""
    least = {
        name: min(coverage(EXACT[name], s, 1.65) for s in np.arange(0.25, 10.0, 0.25).tolist())
        for name in ("asymptotic cls", "likelihood ratio limit", "likelihood ratio", "bayes central")
    }
    assert least == pytest.approx(LEAST, abs=0.005)


LEAST = {"asymptotic cls": 0.860, "likelihood ratio limit": 0.815, "likelihood ratio": 0.855, "bayes central": 0.704}


@pytest.mark.parametrize("name", sorted(EXACT))
@pytest.mark.parametrize(("signal", "error"), [(1.0, 0.0), (4.0, 0.8)])
def test_toys_find_the_same_coverage(name: str, signal: float, error: float) -> None:
    fraction, spread = coverage_by_toys(EXACT[name], signal, 1.65, error)
    assert fraction == pytest.approx(coverage(EXACT[name], signal, 1.65, error), abs=4 * spread)
    assert spread < 0.005


def test_toys_cls_without_errors_is_cls() -> None:
    """One channel has one order of its counts: nothing is left of the likelihood ratio."""
    for n in (0, 3):
        assert CONSTRUCTIONS["toys cls"](n, 1.65, 0.0, 0.9)[1] == pytest.approx(upper_limit(n, 1.65), rel=0.01)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1.0, 0.0, 0.9), "must be a count"),
        ((1, -1.0, 0.0, 0.9), "background -1"),
        ((1, math.nan, 0.0, 0.9), "background nan"),
        ((1, 1.0, -0.1, 0.9), "error"),
        ((1, 1.0, 0.1, 1.0), "confidence level 1;"),
    ],
)
def test_bad_input(name: str, arguments: tuple[int, float, float, float], message: str) -> None:
    with pytest.raises(DarkdumpError, match=message):
        CONSTRUCTIONS[name](*arguments)


def test_more_bad_input() -> None:
    with pytest.raises(DarkdumpError, match="must be 0 to 10 backgrounds"):
        central(1, 0.1, 2.0)
    with pytest.raises(DarkdumpError, match="at most 200"):
        feldman_cousins(300, 1.0)
    with pytest.raises(DarkdumpError, match="too unlikely"):
        bayes(0, 600.0)
    with pytest.raises(DarkdumpError, match="signal -1"):
        coverage(cls, -1.0, 1.0)
    with pytest.raises(DarkdumpError, match="0 toys"):
        coverage_by_toys(cls, 1.0, 1.0, toys=0)
