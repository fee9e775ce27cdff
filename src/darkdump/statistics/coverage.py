"""Coverage: how often an interval holds the true signal."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.statistics.intervals import Construction
from darkdump.statistics.unified import of_background

Array = NDArray[np.float64]

LOST = 1e-7
"""Chance of the counts that are left out."""


def _covers(construction: Construction, n: int, signal: float, *more: float) -> bool:
    low, high = construction(n, *more)
    return low <= signal * (1.0 + 1e-9) and signal <= high * (1.0 + 1e-9)


def _check(signal: float) -> None:
    if not (math.isfinite(signal) and signal >= 0.0):
        raise DarkdumpError(f"signal {signal:g}; it must be finite and not negative")


def counts(signal: float, background: float, background_error: float = 0.0) -> Array:
    """Chances of 0, 1, ... events, until nearly none are left.

    True backgrounds vary about the expected one: a gamma distribution with the error as standard deviation.

    Returns
    -------
    ndarray, shape (m,)
    """
    from scipy.special import pdtr

    mean, spread = signal + background, math.sqrt(signal + background + background_error**2)
    most = math.ceil(mean + 8.0 * spread + 20.0)
    of_signal = np.diff(pdtr(np.arange(most + 1), signal), prepend=0.0)
    found = np.convolve(of_signal, of_background(most, background, background_error))[: most + 1]
    kept = int(np.searchsorted(np.cumsum(found), 1.0 - LOST)) + 1
    return found[:kept]


def coverage(
    construction: Construction,
    signal: float,
    background: float,
    background_error: float = 0.0,
    confidence_level: float = 0.9,
) -> float:
    """Chance that the interval holds the signal: a sum over all counts, without toys.

    Parameters
    ----------
    construction : callable
        Of `intervals.CONSTRUCTIONS`.
    signal : float
        True one [events].
    background, background_error : float
        Expected background and its error, which the construction is told; the true ones vary as in `counts`.
    confidence_level : float

    Returns
    -------
    float
        At least `confidence_level`, if the construction covers.
    """
    _check(signal)
    more = background, background_error, confidence_level
    chances = counts(signal, background, background_error).tolist()
    return math.fsum(chance for n, chance in enumerate(chances) if _covers(construction, n, signal, *more))


def coverage_by_toys(
    construction: Construction,
    signal: float,
    background: float,
    background_error: float = 0.0,
    confidence_level: float = 0.9,
    toys: int = 10000,
    seed: int = 1,
) -> tuple[float, float]:
    """As `coverage`, with true backgrounds and counts that are drawn.

    Returns
    -------
    tuple of float
        Fraction of the toys whose interval holds the signal, and its statistical error.
    """
    _check(signal)
    of_background(0, background, background_error)
    if toys < 1:
        raise DarkdumpError(f"{toys} toys; it must be at least 1")
    random = np.random.default_rng(seed)
    true = np.full(toys, background)
    if background_error > 0.0:
        true = random.gamma((background / background_error) ** 2, background_error**2 / background, toys)
    seen, often = np.unique(random.poisson(signal + true), return_counts=True)
    more = background, background_error, confidence_level
    held = [_covers(construction, n, signal, *more) for n in seen.tolist()]
    fraction = float(often @ np.array(held) / toys)
    return fraction, math.sqrt(max(fraction * (1.0 - fraction), 1.0 / toys) / toys)
