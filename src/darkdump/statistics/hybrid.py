"""Hybrid CLs of several channels: ratio of likelihoods, with the nuisance parameters averaged over.

The test statistic is that of Junk, NIM A 434 (1999) 435, and Read, J. Phys. G 28 (2002) 2693,
ln Q = sum_i n_i ln(1 + mu s_i / b_i) + const, with the nominal rates; the rates of its distribution vary with the
nuisance parameters (Cousins & Highland, NIM A 320 (1992) 331).  Channels of the same s / b count as one.  The counts of
the last channel are summed over and those of the others drawn, so that one channel is exact:
P(n <= n_obs | s + b) / P(n <= n_obs | b), as in `darkdump.statistics.counting`.

Each nuisance parameter makes a rate lognormal with its expectation as mean and its error as standard deviation, as
there; but there the background is gamma distributed.  (The likelihood has the median and one quantile instead: the
(1 + d)^theta of HistFactory.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.statistics.channels import Channel, checked, columns, level, spreads, strength
from darkdump.statistics.likelihood import crossing, scale
from darkdump.statistics.points import sobol

Array = NDArray[np.float64]

TOYS = 8192
"""Points over which counts and nuisance parameters are averaged."""

ACCURACY = 1e-6
"""Relative, of limits: well below the error of the average."""

LEAST_BACKGROUND = 1e-6
"""Background over signal, at about the strength of the limit, that the test statistic assumes at least: events where
there is less of it speak for a signal whatever the other channels say.  The rates themselves are not changed."""

SAME = 1e-9
"""Relative difference up to which two s / b are the same."""

SIGMAS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Standard deviations that the bands of expected limits are for."""


@dataclass(frozen=True)
class _Ensemble:
    """Groups of channels with a signal and the same s / b, ascending in signal; shapes (g,) and (toys, g)."""

    n_obs: Array
    ratio: Array
    signal: Array
    background: Array
    uniforms: Array

    def weights(self, mu: float) -> Array:
        found: Array = np.log1p(mu * self.ratio)
        return found

    def cls(self, mu: float, observed: float | None = None) -> float:
        """CLs for an observed value of the test statistic, at this mu; otherwise that of the data."""
        from darkdump.kernels.counts import chance_below

        if mu == 0.0:
            return 1.0
        weights = self.weights(mu)
        threshold = float(weights @ self.n_obs) if observed is None else observed
        alone = chance_below(threshold, weights, self.background, self.uniforms)
        if alone < 1e-200:
            raise DarkdumpError("so few events are observed for the background that no limit can be given")
        return chance_below(threshold, weights, mu * self.signal + self.background, self.uniforms) / alone

    def quantile(self, mu: float, chance: float) -> float:
        """Test statistic at this mu that background alone exceeds with one minus the given chance."""
        from darkdump.kernels.counts import ratios

        found = np.empty(len(self.uniforms))
        ratios(self.weights(mu), self.background, self.uniforms, found)
        return float(np.quantile(found, chance, method="inverted_cdf"))


def _factors(theta: Array, on: Array) -> Array:
    """Lognormal factors of mean 1 of the rates, shape (toys, channels)."""
    found: Array = np.exp(theta @ on.T)
    found /= found.mean(axis=0)
    return found


def _ensemble(channels: Sequence[Channel], toys: int) -> _Ensemble:
    from scipy.special import ndtri

    channels = checked(channels)
    n, s, b = columns(channels)
    on_s, on_b = spreads(channels)
    least = np.maximum(b, LEAST_BACKGROUND * s * scale(channels))
    ratio = np.divide(s, least, out=np.zeros(len(s)), where=s > 0.0)
    order = np.argsort(ratio)[np.count_nonzero(s == 0.0) :]
    new = np.diff(ratio[order], prepend=0.0) > SAME * ratio[order]
    belongs = np.zeros((np.count_nonzero(new), len(s)))
    belongs[np.cumsum(new) - 1, order] = 1.0
    belongs = belongs[np.argsort(belongs @ s, kind="stable")]
    groups, parameters = len(belongs), on_s.shape[1]
    cube = sobol(toys, groups + parameters)
    theta = ndtri(cube[:, groups:])
    return _Ensemble(
        belongs @ n,
        np.array([ratio[row > 0.0][0] for row in belongs]),
        (s * _factors(theta, on_s)) @ belongs.T,
        (b * _factors(theta, on_b)) @ belongs.T,
        cube[:, :groups].copy(),
    )


def cls(mu: float, channels: Sequence[Channel], toys: int = TOYS) -> float:
    """CLs of a strength: P(Q <= Q_obs | mu s + b) / P(Q <= Q_obs | b).

    Parameters
    ----------
    mu : float
    channels : sequence of Channel
    toys : int
        A power of two; the same points serve every strength.

    Returns
    -------
    float
        Between 0 and 1; mu is excluded at 90 % C.L. where it is below 0.1.
    """
    return _ensemble(channels, toys).cls(strength(mu))


def upper_limit(channels: Sequence[Channel], confidence_level: float = 0.9, toys: int = TOYS) -> float:
    """Strength that is excluded: CLs = 1 - confidence level."""
    return crossing(_ensemble(channels, toys).cls, channels, 1.0 - level(confidence_level), ACCURACY)


def expected_limits(
    channels: Sequence[Channel], confidence_level: float = 0.9, toys: int = TOYS
) -> tuple[float, float, float, float, float]:
    """Median and bands of the limits that background alone leads to, whatever is observed.

    The limit rises with Q: its quantiles are the limits at the quantiles of Q.

    Returns
    -------
    tuple of float
        Limits at -2, -1, 0, 1 and 2 standard deviations.
    """
    from scipy.special import ndtr

    ensemble, value = _ensemble(channels, toys), 1.0 - level(confidence_level)

    def limit(chance: float) -> float:
        return crossing(lambda mu: ensemble.cls(mu, ensemble.quantile(mu, chance)), channels, value, ACCURACY)

    low, below, median, above, high = (limit(chance) for chance in ndtr(SIGMAS).tolist())
    return low, below, median, above, high
