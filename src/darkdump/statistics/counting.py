"""Upper limits of a counting experiment: CLs with the nuisance parameters averaged over (hybrid)."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError

Array = NDArray[np.float64]

LARGEST_ERROR = 10.0
"""Error of a background over the background beyond which averages have no meaning."""

_QUANTILES = 400
"""Equal-probability points over which a nuisance parameter is averaged."""


def _quantiles() -> Array:
    return (np.arange(_QUANTILES) + 0.5) / _QUANTILES


def _background(expected: float, error: float) -> Array:
    """Equally likely backgrounds: a gamma distribution of the given mean and standard deviation."""
    if error > LARGEST_ERROR * expected > 0.0:
        raise DarkdumpError(f"background {expected:g} +- {error:g}: the error is more than 10 times the background")
    if error <= 1e-6 * expected or expected == 0.0:
        return np.array([expected])
    from scipy.special import gammaincinv

    shape = (expected / error) ** 2
    values: Array = gammaincinv(shape, _quantiles()) * expected / shape
    values *= expected / values.mean()
    return values


def _efficiency(error: float) -> Array:
    """Equally likely factors of the signal: a lognormal distribution of mean 1 and standard deviation `error`."""
    if error == 0.0:
        return np.array([1.0])
    from scipy.special import ndtri

    values: Array = np.exp(math.sqrt(math.log1p(error**2)) * ndtri(_quantiles()))
    values /= values.mean()
    return values


def cls(
    signal: float, n_obs: int, background: float, background_error: float = 0.0, efficiency_error: float = 0.0
) -> float:
    """CLs of a signal: P(n <= n_obs | s + b) / P(n <= n_obs | b).

    Parameters
    ----------
    signal : float
        Expected signal events.
    n_obs : int
        Observed events.
    background, background_error : float
        Expected background events and their error.
    efficiency_error : float
        Relative error of the signal.

    Returns
    -------
    float
        Between 0 and 1; a signal is excluded at 90 % C.L. where it is below 0.1.

    Raises
    ------
    DarkdumpError
        If so few events are observed that their chance is no number.

    References
    ----------
    Read, J. Phys. G 28 (2002) 2693; averaging of nuisances after Cousins & Highland, NIM A 320 (1992) 331.
    """
    from scipy.special import pdtr

    b = _background(background, background_error)
    s = signal * _efficiency(efficiency_error)
    alone = pdtr(n_obs, b).mean()
    if alone < 1e-200:
        raise DarkdumpError(f"{n_obs} observed events with a background of {background:g}: too unlikely for a limit")
    return float(pdtr(n_obs, s[:, None] + b[None, :]).mean() / alone)


@cache
def upper_limit(
    n_obs: int,
    background: float = 0.0,
    background_error: float = 0.0,
    efficiency_error: float = 0.0,
    confidence_level: float = 0.9,
) -> float:
    """Signal events that are excluded: CLs = 1 - confidence level.

    Parameters
    ----------
    n_obs, background, background_error, efficiency_error
        See `cls`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    float
        Signal events; 2.303 at 90 % C.L. without events and background.
    """
    from scipy.optimize import brentq

    def excess(signal: float) -> float:
        return cls(signal, n_obs, background, background_error, efficiency_error) - (1.0 - confidence_level)

    high = 10.0 + 2.0 * n_obs
    while excess(high) > 0.0:
        high *= 2.0
    return float(brentq(excess, 0.0, high, xtol=1e-9))


def median_count(background: float, background_error: float = 0.0) -> int:
    """Median of the events observed if there is background only: what a blinded experiment expects."""
    from scipy.special import pdtr

    b = _background(background, background_error)
    n = 0
    while pdtr(n, b).mean() < 0.5:
        n += 1
    return n
