"""Points that decays are simulated from, and what is averaged over them."""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump.kaon.types import Array, Estimate, Mask, Pair

SCRAMBLES = 8
"""Independent sets of points: their spread is the numerical error."""


@cache
def cube(axes: int, points: int, seed: int = 1) -> Array:
    """Points of the unit cube: `SCRAMBLES` scrambles of a Sobol sequence, one after the other.

    Parameters
    ----------
    axes : int
    points : int
        Of each scramble, a power of two.
    seed : int

    Returns
    -------
    ndarray, shape (SCRAMBLES * points, axes)
        Shared: not to be written to.
    """
    from scipy.stats import qmc

    seeds = np.random.SeedSequence(seed).spawn(SCRAMBLES)
    found: Array = np.concatenate([qmc.Sobol(axes, rng=np.random.default_rng(s)).random(points) for s in seeds])
    np.clip(found, 1e-12, 1.0 - 1e-12, out=found)
    found.setflags(write=False)
    return found


def _spread(scrambles: Array) -> float:
    return float(scrambles.std(ddof=1) / math.sqrt(SCRAMBLES))


def mean(values: NDArray[Any]) -> Estimate:
    """Mean of values over the points of a `cube`, and its numerical error from the spread of the scrambles."""
    parts = values.reshape(SCRAMBLES, -1).mean(axis=1)
    return float(parts.mean()), _spread(parts)


def ratio(values: Array, weights: Array) -> Estimate:
    """Sum of values over the sum of weights, and its numerical error from the spread of the scrambles; zero where there
    are scrambles without weight.

    Parameters
    ----------
    values, weights : ndarray, shape (SCRAMBLES * m,) or (SCRAMBLES,)
        Of the points of a `cube`, or added up for each scramble.
    """
    above, below = (one.reshape(SCRAMBLES, -1).sum(axis=1) for one in (values, weights))
    if not below.all():
        return 0.0, 0.0
    return float(above.sum() / below.sum()), _spread(above / below)


def rms(values: Array, centre: float, weights: Array | None = None) -> float:
    """Root of the weighted mean of squared distances from a centre."""
    return math.sqrt(float(np.average((values - centre) ** 2, weights=weights)))


def within(values: Array, ends: Pair) -> Mask:
    """Whether values lie between two ends."""
    found: Mask = (values > ends[0]) & (values < ends[1])
    return found
