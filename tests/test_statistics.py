"""Limits of a counting experiment against exact and published numbers, and the edges of excluded regions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from darkdump.errors import DarkdumpError
from darkdump.statistics.counting import cls, median_count, upper_limit
from darkdump.statistics.curve import excluded

Array = NDArray[np.float64]

law = settings(derandomize=True, deadline=None, max_examples=60)
SES = 0.346
"""Single-event sensitivity [1e-10] of K+ -> pi+ nu nubar in 2016 and 2017: 1 / (1 / 3.89e-11 + 1 / 31.5e-11)."""

counts, backgrounds, signals = st.integers(0, 30), st.floats(0.0, 30.0), st.floats(0.0, 60.0)
spreads = st.just(0.0) | st.floats(1e-3, 2.0)


@pytest.mark.parametrize(
    ("background_error", "efficiency_error", "limit", "tolerance"),
    [
        (0.0, 0.0, 1.790, 1e-3),
        (0.31, 0.0, 1.803, 1e-3),
        (0.31, 0.049, 1.809, 1e-3),
        (0.31, 0.130, 1.849, 5e-3),
    ],
)
def test_three_events(background_error: float, efficiency_error: float, limit: float, tolerance: float) -> None:
    """n = 3, b = 1.65: limits [1e-10] integrated independently; 1.85 is the one in NA62's Excited QCD 2020 proceedings.

    13 % is the error of the Standard Model's expectation; with a Gaussian instead of a lognormal it gives 1.849.
    """
    found = SES * upper_limit(3, 1.65, background_error, efficiency_error)
    assert found == pytest.approx(limit, abs=tolerance)


def test_no_events() -> None:
    """ln 10 = 2.3026, whatever the background (the property of CLs); ln 20 at 95 %; 5.1737 for 3 events on 1.65."""
    assert upper_limit(0) == pytest.approx(math.log(10), abs=1e-6)
    for background, error in ((0.5, 0.0), (7.0, 0.0), (2.0, 1.0)):
        assert upper_limit(0, background, error) == pytest.approx(math.log(10), abs=1e-6)
    assert upper_limit(0, confidence_level=0.95) == pytest.approx(math.log(20), abs=1e-6)
    assert upper_limit(3, 1.65) == pytest.approx(5.174, abs=1e-3)


def test_background_with_a_large_error() -> None:
    """An error of more than ten times the background has no distribution worth averaging over."""
    with pytest.raises(DarkdumpError, match="more than 10 times the background"):
        upper_limit(0, 1e-3, 1.0)
    assert upper_limit(0, 0.0094, 0.05) == pytest.approx(math.log(10), abs=1e-6)


def test_published_counts() -> None:
    """K+ -> pi- l+ l+ (arXiv:1905.07770): 2.2e-10 for ee, 4.2e-11 for mu mu, from N_K, acceptance, n and background."""
    assert upper_limit(0, 0.16) / (2.14e11 * 0.0498) == pytest.approx(2.2e-10, rel=0.03)
    assert upper_limit(1, 0.91) / (7.94e11 * 0.0981) == pytest.approx(4.2e-11, rel=0.03)


@law
@given(counts, backgrounds, signals)
def test_cls_is_exact(n: int, background: float, signal: float) -> None:
    """Without errors the ratio of two Poisson sums, 1 without signal."""
    expected = poisson.cdf(n, signal + background) / poisson.cdf(n, background)
    assert cls(signal, n, background) == pytest.approx(expected, rel=1e-9)
    assert cls(0.0, n, background) == pytest.approx(1.0)


@pytest.mark.parametrize(("n", "background", "error"), [(0, 0.3, 0.2), (3, 1.65, 0.31), (8, 6.0, 2.0)])
def test_average_over_backgrounds(n: int, background: float, error: float) -> None:
    """400 quantiles of the gamma distribution stand for its integral."""
    prior = gamma((background / error) ** 2, scale=error**2 / background)

    def average(signal: float) -> float:
        ends = (prior.ppf(1e-9), prior.ppf(1 - 1e-9))
        return float(quad(lambda b: poisson.cdf(n, signal + b) * prior.pdf(b), *ends, limit=200)[0])

    assert cls(4.0, n, background, error) == pytest.approx(average(4.0) / average(0.0), rel=2e-3)


@law
@given(counts, st.floats(0.01, 30.0), spreads, st.floats(0.0, 0.3), signals, signals)
def test_cls_falls(n: int, background: float, spread: float, efficiency: float, one: float, two: float) -> None:
    """Between 0 and 1, falling with the signal, rising with the events observed."""
    error = spread * background
    less, more = sorted((one, two))
    low, high = (cls(s, n, background, error, efficiency) for s in (more, less))
    assert 0.0 <= low <= high * (1 + 1e-12)
    assert high <= 1.0 + 1e-12
    assert cls(more, n + 1, background, error, efficiency) >= low * (1 - 1e-12)


@law
@given(counts, backgrounds)
def test_limit_is_where_cls_is(n: int, background: float) -> None:
    """CLs = 0.1 at the limit; more events weaken it, background and confidence do what they should, errors cost."""
    limit = upper_limit(n, background)
    assert cls(limit, n, background) == pytest.approx(0.1, abs=1e-6)
    assert upper_limit(n + 1, background) > limit >= math.log(10) - 1e-6
    assert upper_limit(n, background + 1.0) <= limit + 1e-6
    assert upper_limit(n, background, confidence_level=0.95) > limit
    assert upper_limit(n, background, 0.0, 0.2) > limit


@pytest.mark.parametrize(("background", "median"), [(0.0, 0), (0.69, 0), (0.7, 1), (1.65, 1), (1.7, 2), (10.0, 10)])
def test_median_count(background: float, median: int) -> None:
    """The least n with P(<= n) of one half: ln 2 = 0.693 is where it leaves 0."""
    assert median_count(background) == median
    assert poisson.cdf(median, background) >= 0.5
    assert median == 0 or poisson.cdf(median - 1, background) < 0.5
    assert abs(median_count(background, 0.3) - median) <= 1


def test_edges_of_a_power_law() -> None:
    """N = A g^4 and N = A g^-6 cross the threshold where they say, with error / slope; the other end is open."""
    couplings = np.geomspace(1e-8, 1e-2, 37)
    rising, falling = 1e24 * couplings**4, 1e-24 * couplings**-6
    errors = np.full((2, 37), 0.02)
    up, down = excluded(np.array([0.1, 0.2]), couplings, np.array([rising, falling]), errors, 2.3)
    assert up.low == pytest.approx((2.3e-24) ** 0.25, rel=1e-9, abs=0)
    assert up.high == pytest.approx(1e-2)
    assert (up.mass, up.low_open, up.high_open, up.high_error) == (0.1, False, True, 0.0)
    assert up.low_error == pytest.approx(0.02 / 4)
    assert down.high == pytest.approx((2.3e24) ** (-1 / 6), rel=1e-9, abs=0)
    assert down.low == pytest.approx(1e-8, rel=1e-6, abs=0)
    assert (down.mass, down.low_open, down.high_open, down.low_error) == (0.2, True, False, 0.0)
    assert down.high_error == pytest.approx(0.02 / 6)


def test_islands_and_empty_rows() -> None:
    """Two regions at one mass are two intervals in ascending order; no events give none, and no warning."""
    couplings = np.geomspace(1e-8, 1e-2, 601)
    x = np.log10(couplings)
    two = 100.0 * (np.exp(-((x + 7) ** 2) / 0.02) + np.exp(-((x + 4) ** 2) / 0.02))
    everywhere = np.full(601, 1e3)
    rows = np.array([two, np.zeros(601), everywhere])
    found = excluded(np.array([0.1, 0.2, 0.3]), couplings, rows, np.full(rows.shape, 0.01), 2.3)
    assert [interval.mass for interval in found] == [0.1, 0.1, 0.3]
    half = math.sqrt(0.02 * math.log(100 / 2.3))
    for interval, centre in zip(found[:2], (-7, -4), strict=True):
        assert math.log10(interval.low) == pytest.approx(centre - half, abs=2e-4)
        assert math.log10(interval.high) == pytest.approx(centre + half, abs=2e-4)
        slope = 2 * half / 0.02 / math.log(10)
        assert interval.low_error == pytest.approx(0.01 / slope, rel=0.05)
        assert (interval.low_open, interval.high_open) == (False, False)
    assert found[2].low_open
    assert found[2].high_open


@law
@given(st.floats(1e-3, 1e3), st.floats(0.5, 8.0), st.integers(5, 200))
def test_any_power_law(scale: float, power: float, number: int) -> None:
    """The interpolation is exact for a power, on any grid; a higher threshold excludes less."""
    couplings = np.geomspace(1e-9, 1e9, number)
    events = scale * couplings[None] ** power
    one, two = (excluded(np.array([1.0]), couplings, events, np.zeros((1, number)), t)[0] for t in (1.0, 2.0))
    assert one.low == pytest.approx(scale ** (-1 / power), rel=1e-6)
    assert two.low == pytest.approx(one.low * 2 ** (1 / power), rel=1e-6)
