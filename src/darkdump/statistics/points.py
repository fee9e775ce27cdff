"""Even points of the unit cube that stand for random numbers."""

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError

Array = NDArray[np.float64]

MOST_TOYS = 2**20
"""Points that fit into memory with ease."""


def sobol(number: int, axes: int) -> Array:
    """Points of a scrambled Sobol sequence, always the same ones.

    Parameters
    ----------
    number : int
        Of points, a power of two.
    axes : int

    Returns
    -------
    ndarray, shape (number, axes)
        Inside the unit interval, without its ends.
    """
    from scipy.stats import qmc

    if not 2 <= number <= MOST_TOYS or number & (number - 1):
        raise DarkdumpError(f"{number} toys; it must be a power of two, 2 to {MOST_TOYS}")
    points: Array = qmc.Sobol(axes, rng=np.random.default_rng(1)).random(number)
    return np.clip(points, 1e-12, 1.0 - 1e-12)
