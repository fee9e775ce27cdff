"""Upper limits of many counting experiments at once: one for each mass of a scan."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkdump.errors import DarkdumpError

Array = NDArray[np.float64]

_BACKGROUNDS, _SIGNALS = 24, 10
"""Gauss points over which the nuisance parameters are averaged: limits are good to 1e-3, see the tests."""

LARGEST_ERROR = 1e4
"""Error of a background [events] beyond which the averages are not precise."""

_BAND = {"low": 0.158655, "median": 0.5, "high": 0.841345}
"""Quantiles of what background alone would give: median, and one standard deviation to either side."""

_STEPS = 60
"""Newton steps at most; ten are usual."""


def upper_limits(
    n_obs: ArrayLike,
    background: ArrayLike,
    background_error: ArrayLike = 0.0,
    efficiency_error: float = 0.0,
    confidence_level: float = 0.9,
) -> Array:
    """Signal events that are excluded by CLs, as `darkdump.statistics.counting.upper_limit` for each element.

    ln CLs is a concave function of the signal, which Newton's method descends from above.

    Parameters
    ----------
    n_obs, background, background_error : array_like, shape (m,)
        Observed events, expected background and its error: it has a gamma distribution.
    efficiency_error : float
        Relative error of the signal: it has a lognormal distribution.
    confidence_level : float

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    DarkdumpError
        If an error is larger than `LARGEST_ERROR`.
    """
    from scipy.special import gammaln, pdtr, roots_hermitenorm

    if np.max(background_error) > LARGEST_ERROR:
        largest = float(np.max(background_error))
        raise DarkdumpError(f"background error {largest:g} is not allowed; it must be at most {LARGEST_ERROR:g} events")

    n, b, db = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, dtype=float)) for x in (n_obs, background, background_error))
    )
    weight, rates = _backgrounds(b, db)
    nodes, chance = roots_hermitenorm(_SIGNALS)
    width = math.sqrt(math.log1p(efficiency_error**2))
    factor = np.exp(width * nodes - 0.5 * width**2) if width > 0.0 else np.ones(1)
    chance = chance / chance.sum() if width > 0.0 else np.ones(1)
    count = n[:, None, None]
    both = weight[None, :, None] * chance[None, None, :]
    alone = (pdtr(n[:, None], rates) * weight).sum(axis=1)
    target = alone * (1.0 - confidence_level)
    signal: Array = 3.0 + 2.0 * np.sqrt(n + b + db**2) + np.maximum(n - b, 0.0)
    for _ in range(_STEPS):
        mean = rates[:, :, None] + signal[:, None, None] * factor
        below = (both * pdtr(count, mean)).sum(axis=(1, 2))
        slope = (both * factor * np.exp(count * np.log(mean) - mean - gammaln(count + 1.0))).sum(axis=(1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.log(below / target) * below / slope
        step = np.where(np.isfinite(step), step, -0.5 * signal)
        signal = np.maximum(signal + step, 0.25 * signal)
        if (np.abs(step) < 1e-8 * (1.0 + signal)).all():
            break
    return signal


def _backgrounds(b: Array, db: Array) -> tuple[Array, Array]:
    """Weights, shape (q,), and backgrounds, shape (m, q), of a gamma distribution of each mean and error."""
    from scipy.special import gammaincinv

    if not (db > 0.0).any():
        return np.ones(1), b[:, None]
    nodes, weight = np.polynomial.legendre.leggauss(_BACKGROUNDS)
    spread = np.maximum(db, 1e-6 * b)
    shape = np.where(b > 0.0, (b / np.where(spread > 0.0, spread, 1.0)) ** 2, 1.0)
    rates = gammaincinv(shape[:, None], 0.5 * (1.0 + nodes)) * (b / shape)[:, None]
    return 0.5 * weight, rates


def expected_limits(
    background: ArrayLike,
    background_error: ArrayLike = 0.0,
    efficiency_error: float = 0.0,
    confidence_level: float = 0.9,
) -> dict[str, Array]:
    """Limits on signal events that background alone would give; parameters as for `upper_limits`.

    Returns
    -------
    dict of ndarray, shape (m,)
        ``"median"``, ``"low"`` and ``"high"``: one standard deviation to either side.
    """
    seen = np.array([counts(background, background_error, quantile) for quantile in _BAND.values()])
    b, db = (np.broadcast_to(x, seen.shape).ravel() for x in (background, background_error))
    events = upper_limits(seen.ravel(), b, db, efficiency_error, confidence_level)
    return dict(zip(_BAND, events.reshape(seen.shape), strict=True))


def counts(background: ArrayLike, background_error: ArrayLike, quantile: float) -> Array:
    """Observed events that background alone stays at or below with a chance of `quantile`, shape (m,)."""
    from scipy.stats import nbinom, poisson

    b, db = np.broadcast_arrays(np.atleast_1d(np.asarray(background, dtype=float)), background_error)
    sure = (db <= 1e-6 * b) | (b == 0.0)
    shape = np.where(sure, 1.0, b / np.where(sure, 1.0, db)) ** 2
    mixed = nbinom.ppf(quantile, shape, shape / (shape + b))
    found: Array = np.where(sure, poisson.ppf(quantile, b), mixed)
    return found
