"""Counting channels that share a signal strength and, where their names say so, nuisance parameters.

A channel expects mu s prod_j (1 + d_sj)^theta_j + b prod_j (1 + d_bj)^theta_j events, where the theta_j are unit
normal: the `normsys` of HistFactory (CERN-OPEN-2012-016) with hi = 1 + d and lo = 1 / (1 + d).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """One counting experiment.

    Attributes
    ----------
    name : str
    n_obs : int
        Observed events.
    background : float
        Expected background events.
    signal : float
        Expected signal events at strength mu = 1.
    errors : mapping of str to (float, float)
        Nuisance parameters: relative effects of one standard deviation on the signal and on the background.  Errors of
        the same name in several channels are one parameter; effects of opposite sign are anticorrelated.
    """

    name: str
    n_obs: int
    background: float
    signal: float
    errors: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name:
            raise DarkdumpError("a channel must have a name")
        if not (float(self.n_obs).is_integer() and self.n_obs >= 0):
            raise DarkdumpError(f"channel '{self.name}': {self.n_obs} observed events; it must be a count")
        for what, value in (("background", self.background), ("signal", self.signal)):
            if not (math.isfinite(value) and value >= 0.0):
                raise DarkdumpError(f"channel '{self.name}': {what} {value:g}; it must be finite and not negative")
        if self.n_obs > 0 and self.background == self.signal == 0.0:
            raise DarkdumpError(f"channel '{self.name}': {self.n_obs} observed events, but none are expected")
        for name, effects in self.errors.items():
            if len(effects) != 2 or not all(math.isfinite(effect) and effect > -1.0 for effect in effects):
                raise DarkdumpError(
                    f"channel '{self.name}', error '{name}': {effects}; "
                    "it must be the relative effects on signal and background, above -1"
                )


def counting_channel(
    name: str, n_obs: int, background: float, background_error: float, signal: float, efficiency_error: float
) -> Channel:
    """A channel with an error of its own on the background, and one on the signal.

    Parameters
    ----------
    name, n_obs, background, signal
        See `Channel`.
    background_error : float
        Standard deviation of the background [events].
    efficiency_error : float
        Relative standard deviation of the signal.
    """
    for what, error in (("background", background_error), ("signal", efficiency_error)):
        if not (math.isfinite(error) and error >= 0.0):
            raise DarkdumpError(f"channel '{name}': error of the {what} {error:g}; it must be finite and not negative")
    if background_error > 0.0 and background <= 0.0:
        raise DarkdumpError(f"channel '{name}': a background of 0 cannot have an error of {background_error:g}")
    errors = {}
    if background_error > 0.0:
        errors[f"{name}: background"] = (0.0, background_error / background)
    if efficiency_error > 0.0:
        errors[f"{name}: signal"] = (efficiency_error, 0.0)
    return Channel(name, n_obs, background, signal, errors)


def checked(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels, if they can be combined: names differ, and some channel expects a signal."""
    names = [channel.name for channel in channels]
    if not names:
        raise DarkdumpError("there is no channel")
    for name in names:
        if names.count(name) > 1:
            raise DarkdumpError(f"two channels are called '{name}'; the names must differ")
    if not any(channel.signal > 0.0 for channel in channels):
        raise DarkdumpError(f"no signal is expected in any of the channels {', '.join(names)}: there is no limit")
    return tuple(channels)


def level(confidence_level: float) -> float:
    """The confidence level, if it is one."""
    if not 0.0 < confidence_level < 1.0:
        raise DarkdumpError(f"confidence level {confidence_level:g}; it must be between 0 and 1")
    return confidence_level


def strength(mu: float) -> float:
    """The strength of a signal, if it can be one."""
    if not (math.isfinite(mu) and mu >= 0.0):
        raise DarkdumpError(f"strength {mu:g}; it must be finite and not negative")
    return mu


def nuisances(channels: Sequence[Channel]) -> list[str]:
    """Names of the nuisance parameters, in the order of their first appearance."""
    return list(dict.fromkeys(name for channel in channels for name in channel.errors))


def slopes(channels: Sequence[Channel]) -> tuple[Array, Array]:
    """Logarithms of one plus the effects, on the signal and on the background: a normal theta makes them lognormal.

    Returns
    -------
    tuple of ndarray, shape (channels, nuisances)
    """
    effects = _effects(channels)
    return np.log1p(effects[0]), np.log1p(effects[1])


def spreads(channels: Sequence[Channel]) -> tuple[Array, Array]:
    """As `slopes`, for lognormal factors whose standard deviation is the effect if their mean is 1."""
    effects = _effects(channels)
    found: Array = np.sign(effects) * np.sqrt(np.log1p(effects**2))
    return found[0], found[1]


def _effects(channels: Sequence[Channel]) -> Array:
    """Relative effects, shape (2, channels, nuisances)."""
    names = nuisances(channels)
    table = [[[c.errors.get(name, (0.0, 0.0))[which] for name in names] for c in channels] for which in (0, 1)]
    return np.array(table, dtype=float).reshape(2, len(channels), len(names))


def columns(channels: Sequence[Channel]) -> tuple[Array, Array, Array]:
    """Observed events, signal at mu = 1 and background of each channel."""
    table = np.array([(channel.n_obs, channel.signal, channel.background) for channel in channels], dtype=float)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def merged(channels: Sequence[Channel], name: str = "all") -> Channel:
    """All channels as one counting experiment: a nuisance parameter moves the sum as it moves its parts.

    Parameters
    ----------
    channels : sequence of Channel
    name : str
        Of the result.
    """
    n_obs, signal, background = columns(channels)

    def effect(error: str, which: int, events: Array) -> float:
        moved = sum(e * c.errors.get(error, (0.0, 0.0))[which] for e, c in zip(events.tolist(), channels, strict=True))
        return float(moved / events.sum()) if moved else 0.0

    errors = {error: (effect(error, 0, signal), effect(error, 1, background)) for error in nuisances(channels)}
    return Channel(name, round(n_obs.sum()), float(background.sum()), float(signal.sum()), errors)


def background_error(channel: Channel) -> float:
    """Standard deviation of the background [events], of all nuisance parameters together."""
    return channel.background * math.hypot(*(effect for _, effect in channel.errors.values()))


def signal_error(channel: Channel) -> float:
    """Relative standard deviation of the signal, of all nuisance parameters together."""
    return math.hypot(*(effect for effect, _ in channel.errors.values()))


def without_errors(channels: Sequence[Channel]) -> list[Channel]:
    """The channels as if signal and background were known exactly."""
    return [replace(channel, errors={}) for channel in channels]
