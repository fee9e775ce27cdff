"""Likelihood of a signal strength mu with its nuisance parameters profiled: fits, asymptotic CLs, intervals.

Formulae of Cowan, Cranmer, Gross & Vitells, EPJC 71 (2011) 1554 (arXiv:1007.1727).  They hold for many events; with a
few they exclude too much, see `darkdump.statistics.coverage`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.statistics.channels import Channel, checked, columns, level, slopes, strength

Array = NDArray[np.float64]
Model = tuple[Array, Array, Array, Array]
"""Signal and background, shape (channels,), and the slopes of their logarithms, shape (channels, nuisances)."""


@dataclass(frozen=True)
class Fit:
    """Minimum of the negative log likelihood.

    Attributes
    ----------
    nll : float
        Negative log likelihood, less that of rates equal to the counts; infinite if the counts are impossible.
    mu : float
        Signal strength.
    theta : ndarray, shape (nuisances,)
        Nuisance parameters, in standard deviations and in the order of `channels.nuisances`.
    """

    nll: float
    mu: float
    theta: Array


def model(channels: Sequence[Channel]) -> tuple[Array, Array, Model]:
    """Observed events, measured nuisance parameters (0), and what the rates are made of."""
    n, s, b = columns(checked(channels))
    on_s, on_b = slopes(channels)
    return n, np.zeros(on_s.shape[1]), (s, b, on_s, on_b)


def rates(mu: float, theta: Array, of: Model) -> Array:
    """Expected events of each channel."""
    s, b, on_s, on_b = of
    expected: Array = mu * s * np.exp(on_s @ theta) + b * np.exp(on_b @ theta)
    return expected


def minimum(n: Array, measured: Array, of: Model, mu: float | None = None) -> Fit:
    """Best nuisance parameters for given events, and the best strength that is not negative, if it is not given."""
    from darkdump.kernels.profile import at_strength, best_strength

    x = np.zeros(1 + measured.size)
    least = best_strength(x, n, measured, *of) if mu is None else at_strength(mu, x, n, measured, *of)
    return Fit(least, float(x[0]), x[1:])


def without_signal(n: Array, measured: Array, of: Model) -> Array:
    """Best nuisance parameters at mu = 0; events where no background is expected tell nothing about them."""
    return minimum(np.where(of[1] > 0.0, n, 0.0), measured, of, 0.0).theta


def nll(mu: float, theta: Array, channels: Sequence[Channel]) -> float:
    """Negative log likelihood, sum_i (nu_i - n_i - n_i ln(nu_i / n_i)) + theta^2 / 2."""
    from darkdump.kernels.profile import cost

    n, measured, of = model(channels)
    return cost(np.array([mu, *theta]), n, measured, *of)


def fit(channels: Sequence[Channel], mu: float | None = None) -> Fit:
    """Fit the nuisance parameters to the data, and the strength if it is not given; it is kept from being negative."""
    return minimum(*model(channels), None if mu is None else strength(mu))


def q_tilde(mu: float, channels: Sequence[Channel]) -> float:
    """Test statistic of an upper limit on mu (eq. 16)."""
    from darkdump.kernels.profile import q_tilde as kernel

    n, measured, of = model(channels)
    return kernel(strength(mu), n, measured, *of)


def _asymptotic(channels: Sequence[Channel]) -> Callable[[float], float]:
    from scipy.special import ndtr

    from darkdump.kernels.profile import q_tilde as kernel

    n, measured, of = model(channels)
    theta = without_signal(n, measured, of)
    asimov = rates(0.0, theta, of)

    def cls(mu: float) -> float:
        q, expected = kernel(mu, n, measured, *of), kernel(mu, asimov, theta, *of)
        if expected <= 0.0:
            return 1.0
        sigma = math.sqrt(expected)
        shift = math.sqrt(q) if q <= expected else 0.5 * (q + expected) / sigma
        below = float(ndtr(sigma - shift))
        return float(ndtr(-shift)) / below if below > 0.0 else 0.0

    return cls


def asymptotic_cls(mu: float, channels: Sequence[Channel]) -> float:
    """CLs of a strength from the asymptotic distributions of q-tilde (eqs 59 to 67).

    The data set of Asimov is that of the background, with the nuisance parameters fitted without signal.

    Returns
    -------
    float
        Between 0 and 1; what ``pyhf cls`` finds from `darkdump.statistics.workspace.workspace`.
    """
    return _asymptotic(channels)(strength(mu))


def asymptotic_limit(channels: Sequence[Channel], confidence_level: float = 0.9) -> float:
    """Strength that is excluded: asymptotic CLs = 1 - confidence level."""
    return crossing(_asymptotic(channels), channels, 1.0 - level(confidence_level))


def interval(channels: Sequence[Channel], confidence_level: float = 0.9, sides: int = 2) -> tuple[float, float]:
    """Strengths whose -2 ln of the profile likelihood ratio is less than a quantile of chi squared.

    Parameters
    ----------
    channels : sequence of Channel
    confidence_level : float
    sides : int
        2: both ends, 2.706 at 90 % C.L.; 1: an upper limit, 1.642 at 90 % C.L.

    Returns
    -------
    tuple of float
        Lower end, 0 if no strength is too small, and upper end.  The best strength is kept from being negative.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if sides not in (1, 2):
        raise DarkdumpError(f"an interval with {sides} sides; it must have 1 or 2")
    below = level(confidence_level) if sides == 1 else 0.5 * (1.0 + level(confidence_level))
    if below <= 0.5:
        raise DarkdumpError(f"confidence level {confidence_level:g}; from one side it must be above 0.5")
    wanted = float(ndtri(below)) ** 2
    data = model(channels)
    best = minimum(*data)
    edge = math.exp(-1.0)

    def fall(mu: float) -> float:
        """1 at the best strength, and e^-1 at the ends."""
        return math.exp(-2.0 * (minimum(*data, mu).nll - best.nll) / wanted)

    high = best.mu + crossing(lambda above: fall(best.mu + above), channels, edge)
    if sides == 1 or best.mu == 0.0 or fall(0.0) >= edge:
        return 0.0, high
    return float(brentq(lambda mu: fall(mu) - edge, 0.0, best.mu, xtol=1e-9 * high)), high


def scale(channels: Sequence[Channel]) -> float:
    """A strength not far from the limit: it makes as many events as are observed, and three more.

    The best strength is below it, as sum_i s_i = sum_i n_i s_i / (mu s_i + b_i) < sum_i n_i / mu there.
    """
    n, s, _ = columns(channels)
    return float((3.0 + n.sum()) / s.sum())


def crossing(cls: Callable[[float], float], channels: Sequence[Channel], value: float, accuracy: float = 1e-9) -> float:
    """Strength at which something that falls from 1 with the strength reaches a value, to a relative accuracy."""
    from scipy.optimize import brentq

    first = scale(channels)
    high = first
    while cls(high) > value:
        high *= 2.0
        if high > 1e12 * first:
            raise DarkdumpError("no strength of the signal is excluded: its errors are too large")
    low = 0.5 * high
    while cls(low) <= value:
        low *= 0.5
        if low < 1e-12 * first:
            raise DarkdumpError("every strength of the signal is excluded: the data are impossible without one")
    return float(brentq(lambda mu: cls(mu) - value, low, high, xtol=accuracy * high, rtol=accuracy))
