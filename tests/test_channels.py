"""Limits of counting channels: the treatments of K+ -> pi+ nu nubar in 2016 and 2017, exact cases, and toys."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import poisson

from darkdump.errors import DarkdumpError
from darkdump.kernels.counts import poisson_below, poisson_quantile
from darkdump.statistics import counting, hybrid, likelihood, toys
from darkdump.statistics.channels import (
    Channel,
    background_error,
    counting_channel,
    merged,
    signal_error,
    without_errors,
)
from darkdump.statistics.points import sobol
from darkdump.statistics.treatments import TREATMENTS, treatments

law = settings(derandomize=True, deadline=None, max_examples=40)

SUM = [counting_channel("2016 and 2017", 3, 1.65, 0.31, 1 / 0.346, 0.017 / 0.346)]
"""Signal is that of BR = 1e-10: one over the single-event sensitivity [1e-10]."""
YEARS = [
    counting_channel("2016", 1, 0.152, 0.09, 1 / 3.15, 2.4 / 31.5),
    counting_channel("2017", 2, 1.5, 0.28, 1 / 0.389, 0.21 / 3.89),
]


def without(channels: list[Channel], which: int) -> list[Channel]:
    """The channels without their errors on the signal (0) or on the background (1)."""
    kept = [{k: (e[0] * which, e[1] * (1 - which)) for k, e in c.errors.items()} for c in channels]
    return [Channel(c.name, c.n_obs, c.background, c.signal, k) for c, k in zip(channels, kept, strict=True)]


@pytest.mark.parametrize(
    ("name", "limit", "tolerance"),
    [
        ("CLs", 1.790, 5e-4),
        ("CLs+b", 1.741, 5e-4),
        ("CLs, background error", 1.803, 1e-3),
        ("CLs, background and signal errors", 1.809, 1e-3),
        ("CLs, background and external errors", 1.842, 2e-3),
        ("CLs, background, signal and external errors", 1.847, 1e-3),
        ("CLs of channels", 1.790, 5e-4),
        ("CLs of channels, errors", 1.809, 1e-3),
        ("asymptotic CLs, errors", 1.583, 3e-3),
        ("profile likelihood toys CLs, errors", 1.63, 0.01),
        ("profile likelihood ratio, errors", 1.799, 3e-3),
        ("Feldman-Cousins", 1.996, 3e-3),
        ("Bayes, flat prior", 1.790, 5e-4),
        ("Bayes, flat prior, background error", 1.802, 1e-3),
    ],
)
def test_treatments_of_the_sum(name: str, limit: float, tolerance: float) -> None:
    """n = 3, b = 1.65 +- 0.31, SES = 0.346e-10: limits [1e-10] found independently, with normal errors in some cases.

    NA62's Excited QCD 2020 proceedings have 1.85; the treatment with all errors comes nearest.
    """
    assert TREATMENTS[name](SUM, 0.9, 0.12) == pytest.approx(limit, abs=tolerance)


def test_treatments_of_both_years() -> None:
    """1.783 without errors, 1.798 with them; counting asymptotically is 12 % too strong."""
    found = treatments(YEARS, external_error=0.12)
    assert list(found) == list(TREATMENTS)
    assert found["CLs of channels"] == pytest.approx(1.783, abs=2e-3)
    assert found["CLs of channels, errors"] == pytest.approx(1.798, abs=3e-3)
    assert hybrid.upper_limit(without(YEARS, 0)) == pytest.approx(1.794, abs=2e-3)
    assert found["asymptotic CLs, errors"] < 0.9 * found["CLs of channels, errors"]
    assert found["CLs, background error"] == pytest.approx(1.802, abs=1e-3)
    assert treatments(YEARS, 0.95)["CLs"] > found["CLs"]


def test_toys_of_the_profile_likelihood() -> None:
    """1.62, with an error of the background only."""
    assert toys.upper_limit(without(SUM, 0)) == pytest.approx(1.62, abs=0.01)
    assert toys.cls(1.5, SUM, 16384) == pytest.approx(toys.cls(1.5, SUM), rel=0.03)
    assert toys.cls(0.0, SUM) == 1.0


@pytest.mark.parametrize("n", [0, 1, 3, 8])
@pytest.mark.parametrize("background", [0.0, 0.5, 4.0])
def test_one_channel_is_counting(n: int, background: float) -> None:
    one = [Channel("one", n, background, 2.0)]
    for mu in (0.3, 1.0, 2.5):
        assert hybrid.cls(mu, one) == pytest.approx(counting.cls(2.0 * mu, n, background), rel=1e-10, abs=0)
    assert hybrid.upper_limit(one) == pytest.approx(counting.upper_limit(n, background) / 2.0, rel=3e-6)
    assert hybrid.cls(0.0, one) == 1.0


@pytest.mark.parametrize(("n", "background", "error"), [(0, 0.3, 0.05), (3, 1.65, 0.31), (9, 6.0, 1.0)])
def test_lognormal_and_gamma_backgrounds_agree(n: int, background: float, error: float) -> None:
    """Of the same mean and standard deviation; so do the errors of the signal, which are lognormal in both."""
    one = [counting_channel("one", n, background, error, 1.0, 0.1)]
    assert hybrid.upper_limit(one) == pytest.approx(counting.upper_limit(n, background, error, 0.1), rel=1e-3)


def test_equal_ratios_count_as_one() -> None:
    """Channels of the same s / b are one channel, however the events are shared among them."""
    parts = [Channel("a", 1, 0.5, 1.0), Channel("b", 2, 1.0, 2.0), Channel("c", 0, 0.15, 0.3)]
    assert hybrid.upper_limit(parts) == pytest.approx(counting.upper_limit(3, 1.65) / 3.3, rel=3e-6)


def test_two_channels_are_summed_over() -> None:
    """Against the sum over all pairs of counts, in the order of the likelihood ratio."""
    (one, two), mu = (Channel("a", 1, 0.152, 0.317), Channel("b", 2, 1.5, 2.571)), 1.4
    weights = np.log1p(mu * np.array([one.signal / one.background, two.signal / two.background]))
    observed = weights @ (one.n_obs, two.n_obs)

    def below(strength: float) -> float:
        rates = [channel.background + strength * channel.signal for channel in (one, two)]
        pairs = (pair for pair in product(range(40), repeat=2) if weights @ pair <= observed + 1e-9)
        return math.fsum(float(np.prod(poisson.pmf(pair, rates))) for pair in pairs)

    assert hybrid.cls(mu, [one, two]) == pytest.approx(below(mu) / below(0.0), rel=5e-4)


def test_correlated_errors_count_more() -> None:
    """One error of the backgrounds in common is worse than two of their own, and better if they are opposite."""

    def limit(first: str, second: str, sign: float) -> float:
        errors = {first: (0.0, 0.4)}, {second: (0.0, 0.4 * sign)}
        return hybrid.upper_limit(
            [Channel(c, n, 5.0, 1.0 + n / 10, e) for c, n, e in zip("ab", (5, 6), errors, strict=True)]
        )

    opposite, apart, common = limit("k", "k", -0.7), limit("k", "l", 1.0), limit("k", "k", 1.0)
    assert opposite < apart < common


def test_channels_without_background() -> None:
    """A clean channel with no event adds to the signal; its event cannot be background; neither depends on units."""
    dirty = Channel("dirty", 2, 2.0, 1.0)
    assert hybrid.upper_limit([Channel("clean", 0, 0.0, 1.0)]) == pytest.approx(math.log(10.0), rel=1e-5)
    silent = hybrid.upper_limit([dirty, Channel("clean", 0, 0.0, 1.0)])
    assert silent < min(math.log(10.0), hybrid.upper_limit([dirty]))
    event = [dirty, Channel("clean", 1, 0.0, 1.0)]
    assert hybrid.upper_limit(event) > silent
    tiny = [Channel(c.name, c.n_obs, c.background, c.signal * 1e10) for c in event]
    assert hybrid.upper_limit(tiny) == pytest.approx(hybrid.upper_limit(event) * 1e-10, rel=1e-5, abs=0)
    nearly = [dirty, Channel("clean", 1, 1e-7, 1.0)]
    assert hybrid.upper_limit(nearly) == pytest.approx(hybrid.upper_limit(event), rel=1e-3)
    for limit in (likelihood.asymptotic_limit(event), toys.upper_limit(event), likelihood.interval(event)[1]):
        assert 1.0 < limit < 10.0
    assert likelihood.interval(event)[0] > 0.0


def test_channel_without_signal() -> None:
    """It says nothing on average over the errors, and constrains the background in a likelihood."""
    signal = Channel("signal", 2, 2.0, 1.5, {"k": (0.0, 0.4)})
    control = Channel("control", 30, 20.0, 0.0, {"k": (0.0, 0.4)})
    assert hybrid.upper_limit([signal, control]) == pytest.approx(hybrid.upper_limit([signal]), rel=1e-3)
    assert likelihood.asymptotic_limit([signal, control]) < likelihood.asymptotic_limit([signal])
    assert likelihood.fit([signal, control], 0.0).theta[0] > 0.5


def test_expected_limits() -> None:
    """For one channel the limits at the quantiles of the counts: 0, 0, 1, 3 and 5 of 1.65."""
    found = hybrid.expected_limits([Channel("one", 3, 1.65, 1.0)])
    assert found == pytest.approx([counting.upper_limit(n, 1.65) for n in (0, 0, 1, 3, 5)], rel=1e-5)
    assert hybrid.expected_limits([Channel("one", 7, 1.65, 1.0)]) == pytest.approx(found, rel=1e-5)
    bands = hybrid.expected_limits(YEARS)
    assert list(bands) == sorted(bands)
    assert bands[2] < hybrid.upper_limit(YEARS) < bands[4]


@law
@given(st.integers(0, 400), st.floats(0.0, 300.0), st.floats(1e-9, 1.0 - 1e-9))
def test_counts(n: int, rate: float, chance: float) -> None:
    assert poisson_below(n, rate) == pytest.approx(poisson.cdf(n, rate), rel=1e-9, abs=1e-250)
    assert poisson_quantile(chance, rate) == pytest.approx(poisson.ppf(chance, rate), abs=1)


channels_ = st.lists(
    st.tuples(
        st.integers(0, 12), st.floats(0.05, 10.0), st.floats(0.1, 5.0), st.floats(-0.5, 0.5), st.floats(0.0, 0.8)
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: [
        Channel(f"c{i}", n, b, s, {"common": (es, eb / 2), f"own {i}": (0.0, eb)})
        for i, (n, b, s, es, eb) in enumerate(rows)
    ]
)


@law
@given(channels_, st.floats(0.0, 3.0))
def test_fits_are_minima(channels: list[Channel], mu: float) -> None:
    """No other minimiser finds a lower one; the free fit is below all fixed ones; q-tilde is 0 beneath its strength."""
    fixed, free = likelihood.fit(channels, mu), likelihood.fit(channels)
    other = minimize(lambda theta: likelihood.nll(mu, theta, channels), np.zeros(len(fixed.theta)), method="BFGS")
    assert fixed.nll <= other.fun + 1e-7
    assert fixed.nll == pytest.approx(likelihood.nll(mu, fixed.theta, channels), abs=1e-12)
    assert free.nll <= fixed.nll + 1e-9
    assert 0.0 <= free.mu <= likelihood.scale(channels) * (1 + 1e-6) or any(c.errors["common"][0] for c in channels)
    q = likelihood.q_tilde(mu, channels)
    assert q == pytest.approx(2.0 * (fixed.nll - free.nll) if free.mu < mu else 0.0, abs=1e-7)


@law
@given(channels_)
def test_limits_rise_with_the_events(channels: list[Channel]) -> None:
    """Asymptotic ones need not, if there are errors: far more events than background pull the background up."""
    first = channels[0]
    more = [Channel(first.name, first.n_obs + 1, first.background, first.signal, first.errors), *channels[1:]]
    for limit in (likelihood.asymptotic_limit, lambda given: likelihood.interval(given)[1]):
        assert limit(without_errors(more)) >= limit(without_errors(channels)) * (1.0 - 1e-6)
    assert hybrid.upper_limit(more, toys=512) >= hybrid.upper_limit(channels, toys=512) * (1.0 - 0.02)
    low, high = likelihood.interval(channels)
    assert 0.0 <= low <= likelihood.fit(channels).mu <= high
    assert likelihood.interval(channels, sides=1)[1] < high
    assert likelihood.asymptotic_cls(0.0, channels) == 1.0
    assert hybrid.upper_limit(channels, 0.95, 512) > hybrid.upper_limit(channels, 0.9, 512)


def test_asymptotics_of_many_events() -> None:
    """With 400 events on 400 all CLs agree."""
    many = [Channel("many", 400, 400.0, 10.0)]
    exact = hybrid.upper_limit(many)
    assert likelihood.asymptotic_limit(many) == pytest.approx(exact, rel=0.02)
    assert toys.upper_limit(many) == pytest.approx(exact, rel=0.03)


def test_sum_of_channels() -> None:
    """Errors in common add, others add in quadrature."""
    one = merged(
        [Channel("a", 1, 2.0, 3.0, {"k": (0.1, 0.2), "a": (0.0, 0.5)}), Channel("b", 2, 4.0, 1.0, {"k": (0.3, 0.1)})]
    )
    assert (one.n_obs, one.background, one.signal) == (3, 6.0, 4.0)
    assert background_error(one) == pytest.approx(math.hypot(0.4 + 0.4, 1.0))
    assert signal_error(one) == pytest.approx(0.6 / 4.0)
    assert background_error(merged(YEARS)) == pytest.approx(math.hypot(0.09, 0.28))
    assert merged([Channel("a", 0, 0.0, 1.0, {"k": (0.1, 0.2)})]).errors == {"k": (0.1, 0.0)}


def test_counting_channel() -> None:
    channel = counting_channel("2016", 1, 0.2, 0.1, 3.0, 0.05)
    assert channel.errors == {"2016: background": (0.0, 0.5), "2016: signal": (0.05, 0.0)}
    assert counting_channel("2016", 1, 0.2, 0.0, 3.0, 0.0).errors == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 0, 1.0, 1.0), "must have a name"),
        (("a", -1, 1.0, 1.0), "'a': -1 observed events; it must be a count"),
        (("a", 1.5, 1.0, 1.0), "must be a count"),
        (("a", math.nan, 1.0, 1.0), "must be a count"),
        (("a", 0, -1.0, 1.0), "'a': background -1;"),
        (("a", 0, 1.0, math.inf), "'a': signal inf;"),
        (("a", 1, 0.0, 0.0), "1 observed events, but none are expected"),
        (("a", 0, 1.0, 1.0, {"k": (-1.0, 0.0)}), "error 'k'"),
        (("a", 0, 1.0, 1.0, {"k": (0.1, math.nan)}), "error 'k'"),
        (("a", 0, 1.0, 1.0, {"k": (0.1,)}), "error 'k'"),
    ],
)
def test_bad_channels(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(DarkdumpError, match=message):
        Channel(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "limit", [hybrid.upper_limit, likelihood.asymptotic_limit, likelihood.interval, toys.upper_limit]
)
def test_bad_combinations(limit: object) -> None:
    assert callable(limit)
    good = Channel("a", 0, 1.0, 1.0)
    for channels, message in (
        ([], "there is no channel"),
        ([good, good], "two channels are called 'a'"),
        ([Channel("a", 0, 1.0, 0.0)], "no signal is expected in any of the channels a"),
    ):
        with pytest.raises(DarkdumpError, match=message):
            limit(channels)
    with pytest.raises(DarkdumpError, match="confidence level 90;"):
        limit([good], 90.0)


def test_more_bad_input() -> None:
    good = [Channel("a", 0, 1.0, 1.0)]
    with pytest.raises(DarkdumpError, match="background of 0 cannot have an error"):
        counting_channel("a", 0, 0.0, 0.1, 1.0, 0.0)
    with pytest.raises(DarkdumpError, match=r"error of the signal -0\.1;"):
        counting_channel("a", 0, 1.0, 0.1, 1.0, -0.1)
    with pytest.raises(DarkdumpError, match="1000 toys; it must be a power of two"):
        sobol(1000, 2)
    with pytest.raises(DarkdumpError, match="strength -1;"):
        hybrid.cls(-1.0, good)
    with pytest.raises(DarkdumpError, match="3 sides"):
        likelihood.interval(good, sides=3)
    with pytest.raises(DarkdumpError, match=r"above 0\.5"):
        likelihood.interval(good, 0.4, sides=1)
    with pytest.raises(DarkdumpError, match="so few events"):
        hybrid.upper_limit([Channel("a", 0, 800.0, 1.0)])
