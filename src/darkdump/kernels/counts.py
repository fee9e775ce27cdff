"""Poisson counts, and likelihood ratios of several of them."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-17
"""Terms of a sum that are this small against the sum are left out."""

MANY = 1e15
"""More events than any."""

SLACK = 1e-9
"""Relative difference up to which two likelihood ratios are the same one."""


@jit
def poisson(n: int, rate: float) -> float:
    """Chance of n events."""
    if rate <= 0.0:
        return 1.0 if n == 0 else 0.0
    return math.exp(n * math.log(rate) - rate - math.lgamma(n + 1.0))


@jit
def poisson_below(n: int, rate: float) -> float:
    """Chance of at most n events, summed downwards: exact to rounding also where it is tiny."""
    if n < 0:
        return 0.0
    if rate <= 0.0 or n > rate + 20.0 * math.sqrt(rate) + 40.0:
        return 1.0
    term = poisson(n, rate)
    total = term
    while n > 0 and (term > NEGLIGIBLE * total or n > rate):
        term *= n / rate
        total += term
        n -= 1
    return min(total, 1.0)


@jit
def poisson_quantile(chance: float, rate: float) -> int:
    """Least n such that at most n events have the given chance, below 1."""
    n = max(int(rate - 9.0 * math.sqrt(rate) - 9.0), 0)
    term = poisson(n, rate)
    total = term
    while total < chance and (n < rate or term > NEGLIGIBLE):
        n += 1
        term *= rate / n
        total += term
    return n


@jit
def ratios(weights: Array, rates: Array, uniforms: Array, found: Array) -> None:
    """Sums of weighted counts, sum_g w_g n_g.

    Parameters
    ----------
    weights : ndarray, shape (g,)
    rates, uniforms : ndarray, shape (n, g)
        Expected events, and points of the unit interval that choose the counts.
    found : ndarray, shape (n,)
        Written to.
    """
    for i in range(rates.shape[0]):
        found[i] = 0.0
        for g in range(weights.size):
            found[i] += weights[g] * poisson_quantile(uniforms[i, g], rates[i, g])


@jit
def chance_below(threshold: float, weights: Array, rates: Array, uniforms: Array) -> float:
    """Chance that a sum of weighted counts is at most a threshold: the last count summed over, the others drawn.

    Each count is drawn from those that leave the sum below the threshold, and their chance is a factor of the toy's
    weight: no toy is lost, however small the chance.

    Parameters
    ----------
    threshold : float
    weights, rates, uniforms
        As in `ratios`; the last column of `uniforms` is without effect.
    """
    last = weights.size - 1
    total = 0.0
    for i in range(rates.shape[0]):
        left, chance = threshold * (1.0 + SLACK), 1.0
        for g in range(last):
            below = poisson_below(int(min(left / weights[g] + SLACK, MANY)), rates[i, g])
            chance *= below
            left = max(left - weights[g] * poisson_quantile(uniforms[i, g] * below, rates[i, g]), 0.0)
        total += chance * poisson_below(int(min(left / weights[last] + SLACK, MANY)), rates[i, last])
    return total / len(rates)
