"""The unified intervals of Feldman and Cousins, Phys. Rev. D 57 (1998) 3873 (physics/9711021)."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.statistics.channels import level
from darkdump.statistics.counting import LARGEST_ERROR

Array = NDArray[np.float64]

MOST_EVENTS = 200
"""Events beyond which the construction would take minutes."""

STEP = 0.05
"""Between signals that are tried, beside those where the order of the counts changes."""

SHIFT, REACH = 0.05, 1.5
"""Steps of the background, and how far up it is tried, for upper ends that do not rise with it.

The end falls at most as the background rises, but for jumps, which are about one apart: a jump to a longer interval
ends less than a step below the step after it.
"""

WINDOW = 0.5
"""What an end jumps up at most."""

ACCURACY = 1e-5
"""Of the background at which it jumps."""


def of_background(most: int, background: float, background_error: float) -> Array:
    """Chances of 0 to `most` background events: Poisson, averaged over a gamma distribution if there is an error.

    Returns
    -------
    ndarray, shape (most + 1,)
    """
    if not (most >= 0 and float(most).is_integer()):
        raise DarkdumpError(f"{most} observed events; it must be a count")
    if not (math.isfinite(background) and background >= 0.0 and math.isfinite(background_error)):
        raise DarkdumpError(f"background {background:g} +- {background_error:g}; it must be finite and not negative")
    if not 0.0 <= background_error <= LARGEST_ERROR * background:
        raise DarkdumpError(
            f"background {background:g} +- {background_error:g}; the error must be 0 to {LARGEST_ERROR:g} backgrounds"
        )
    if background == 0.0:
        return np.array([1.0] + most * [0.0])
    spread = (background_error / background) ** 2 * background
    k = np.arange(most)
    first = -background if spread < 1e-12 else -background * math.log1p(spread) / spread
    steps = np.log(background + k * spread) - math.log1p(spread) - np.log(k + 1.0)
    found: Array = np.exp(first + np.concatenate([[0.0], np.cumsum(steps)]))
    return found


@cache
def feldman_cousins(
    n_obs: int, background: float, background_error: float = 0.0, confidence_level: float = 0.9
) -> tuple[float, float]:
    """Unified interval: signals under which n_obs is among the likeliest counts, against their best signals.

    As in the paper, what lies between two accepted signals is accepted, and the upper end is lengthened to the greatest
    one of all larger backgrounds, so that it never rises with the background.

    Parameters
    ----------
    n_obs : int
        Observed events.
    background, background_error : float
        Expected background events and their error; chances are averaged over it as by Conrad et al.,
        Phys. Rev. D 67 (2003) 012002 (hep-ex/0202013).
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Ends of the interval [events].
    """
    from scipy.special import gammainccinv

    from darkdump.kernels.unified import outermost

    if n_obs > MOST_EVENTS or background > MOST_EVENTS:
        raise DarkdumpError(f"unified interval of {n_obs} events on {background:g}; it is for at most {MOST_EVENTS}")
    of_background(n_obs, background, background_error)
    beyond = float(gammainccinv(n_obs + 1.0, 0.01 * (1.0 - level(confidence_level))))
    mean = beyond + background + REACH
    most = math.ceil(mean + 8.0 * math.hypot(math.sqrt(mean), background_error) + 10.0)
    chances = _chances(most, background, background_error)
    low = outermost(n_obs, confidence_level, 0.0, beyond, STEP, *chances)
    high = outermost(n_obs, confidence_level, beyond, 0.0, STEP, *chances)

    def end(shift: float) -> float:
        shifted = _chances(most, background + shift, background_error)
        return outermost(n_obs, confidence_level, high + WINDOW, high - 2.0 * SHIFT, STEP, *shifted)

    for shift in np.arange(SHIFT, REACH, SHIFT).tolist():
        below, above = shift - SHIFT, shift
        found = end(above)
        while found > high - 2.0 * SHIFT and above - below > ACCURACY:
            middle = 0.5 * (below + above)
            longer = end(middle)
            if longer >= found:
                above, found = middle, longer
            else:
                below = middle
        high = max(high, found)
    return low, high


def _chances(most: int, background: float, background_error: float) -> tuple[Array, Array]:
    """Chances of background events, and the largest ones of as many events with any signal."""
    from darkdump.kernels.unified import largest

    chances = of_background(most, background, background_error)
    best = np.empty_like(chances)
    largest(chances, best)
    return chances, best
