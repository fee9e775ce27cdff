"""CLs of the profile likelihood ratio q-tilde from toys ("frequentist toys").

Counts and measured nuisance parameters vary about the rates and nuisance parameters that are fitted to the data, with
signal and without.  A limit has a statistical error of about 1 %; of 5 % where background alone leads to so few
events in one case of ten.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from darkdump.statistics.channels import Channel, level, strength
from darkdump.statistics.likelihood import crossing, minimum, model, rates, without_signal
from darkdump.statistics.points import sobol

Array = NDArray[np.float64]

TOYS = 4096
"""Toys of each hypothesis."""

ACCURACY = 1e-4
"""Relative, of limits: well below their statistical error."""


def _cls(channels: Sequence[Channel], toys: int) -> Callable[[float], float]:
    from scipy.special import ndtri

    from darkdump.kernels.profile import chance_above, q_tilde

    n, measured, of = model(channels)
    cube = sobol(toys, len(n) + measured.size)
    uniforms, normals = cube[:, : len(n)].copy(), np.asarray(ndtri(cube[:, len(n) :]))
    background = without_signal(n, measured, of)

    def cls(mu: float) -> float:
        observed = q_tilde(mu, n, measured, *of)

        def chance(strength: float, theta: Array) -> float:
            return chance_above(observed, mu, rates(strength, theta, of), theta, uniforms, normals, *of)

        alone = chance(0.0, background)
        return chance(mu, minimum(n, measured, of, mu).theta) / alone if alone > 0.0 else 0.0

    return cls


def cls(mu: float, channels: Sequence[Channel], toys: int = TOYS) -> float:
    """CLs of a strength: P(q >= q_obs | mu) / P(q >= q_obs | 0).

    Parameters
    ----------
    mu : float
    channels : sequence of Channel
    toys : int
        A power of two; the same points serve every strength.
    """
    return _cls(channels, toys)(strength(mu))


def upper_limit(channels: Sequence[Channel], confidence_level: float = 0.9, toys: int = TOYS) -> float:
    """Strength that is excluded: CLs = 1 - confidence level."""
    return crossing(_cls(channels, toys), channels, 1.0 - level(confidence_level), ACCURACY)
