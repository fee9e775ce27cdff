"""Intervals and upper limits for the signal of one counting experiment, by several constructions.

All have the arguments of `feldman_cousins` and return (low, high) in events; low is 0 for an upper limit.  A background
with an error is gamma distributed, which makes the number of background events negative binomial, unless said
otherwise (Cousins & Highland, NIM A 320 (1992) 331).
"""

from collections.abc import Callable

import numpy as np

from darkdump.errors import DarkdumpError
from darkdump.statistics import counting, hybrid, likelihood, toys
from darkdump.statistics.channels import Channel, counting_channel, level
from darkdump.statistics.unified import feldman_cousins, of_background

Construction = Callable[[int, float, float, float], tuple[float, float]]


def _at_most(n_obs: int, background: float, background_error: float) -> Callable[[float], float]:
    """Chance of at most n_obs events, as a function of the signal."""
    from scipy.special import gammaincc

    weights = of_background(n_obs, background, background_error)
    left = n_obs + 1.0 - np.arange(n_obs + 1)
    return lambda signal: float(weights @ gammaincc(left, signal))


def _falls_to(value: float, chance: Callable[[float], float]) -> float:
    """Signal at which a falling chance reaches a value; 0 if it is below already without signal."""
    from scipy.optimize import brentq

    if chance(0.0) <= value:
        return 0.0
    high = 10.0
    while chance(high) > value:
        high *= 2.0
    return float(brentq(lambda signal: chance(signal) - value, 0.0, high, xtol=1e-10))


def central(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Central interval of Neyman: each tail has half of what is missing to the confidence level.

    That of Garwood, Biometrika 28 (1936) 437, less the background, without negative signals; (0, 0) if it is empty.
    """
    tail = 0.5 * (1.0 - level(confidence_level))
    high = _falls_to(tail, _at_most(n_obs, background, background_error))
    low = _falls_to(1.0 - tail, _at_most(n_obs - 1, background, background_error)) if n_obs else 0.0
    return low, high


def cls_plus_b(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Classical upper limit, P(n <= n_obs | s + b) = 1 - confidence level; 0 if too few events are observed."""
    return 0.0, _falls_to(1.0 - level(confidence_level), _at_most(n_obs, background, background_error))


def cls(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit by CLs, see `darkdump.statistics.counting.upper_limit`."""
    of_background(n_obs, background, background_error)
    return 0.0, counting.upper_limit(n_obs, background, background_error, confidence_level=level(confidence_level))


def _posterior(n_obs: int, background: float, background_error: float) -> Callable[[float], float]:
    """Chance that the signal is larger than its argument, for a flat prior."""
    below = _at_most(n_obs, background, background_error)
    alone = below(0.0)
    if alone < 1e-200:
        raise DarkdumpError(f"{n_obs} observed events with a background of {background:g}: too unlikely for a limit")
    return lambda signal: below(signal) / alone


def bayes(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit of Bayes with a flat prior of the signal: the same as CLs, as is its average over backgrounds."""
    return 0.0, _falls_to(1.0 - level(confidence_level), _posterior(n_obs, background, background_error))


def bayes_central(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Central interval of Bayes with a flat prior of the signal; its lower end is never 0."""
    larger = _posterior(n_obs, background, background_error)
    tail = 0.5 * (1.0 - level(confidence_level))
    return _falls_to(1.0 - tail, larger), _falls_to(tail, larger)


def _channel(n_obs: int, background: float, background_error: float) -> list[Channel]:
    return [counting_channel("counts", n_obs, background, background_error, 1.0, 0.0)]


def likelihood_ratio(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Where -2 ln of the profile likelihood ratio is small; lognormal background, see `likelihood.interval`."""
    return likelihood.interval(_channel(n_obs, background, background_error), confidence_level)


def likelihood_ratio_limit(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit where -2 ln of the profile likelihood ratio is large, from one side."""
    return likelihood.interval(_channel(n_obs, background, background_error), confidence_level, 1)


def asymptotic_cls(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit by asymptotic CLs; lognormal background."""
    return 0.0, likelihood.asymptotic_limit(_channel(n_obs, background, background_error), confidence_level)


def toys_cls(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit by CLs of the profile likelihood ratio among toys; lognormal background."""
    return 0.0, toys.upper_limit(_channel(n_obs, background, background_error), confidence_level)


def hybrid_cls(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Upper limit by hybrid CLs; lognormal background."""
    return 0.0, hybrid.upper_limit(_channel(n_obs, background, background_error), confidence_level)


CONSTRUCTIONS: dict[str, Construction] = {
    "cls": cls,
    "hybrid cls": hybrid_cls,
    "cls+b": cls_plus_b,
    "bayes": bayes,
    "asymptotic cls": asymptotic_cls,
    "toys cls": toys_cls,
    "likelihood ratio limit": likelihood_ratio_limit,
    "feldman-cousins": feldman_cousins,
    "central": central,
    "bayes central": bayes_central,
    "likelihood ratio": likelihood_ratio,
}
"""(n_obs, background, background error, confidence level) -> (low, high) [events]."""
