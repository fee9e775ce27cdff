"""The same channels under many statistical treatments: how far a limit depends on the choice.

What is meant for a single counting experiment takes the sum of all channels.
"""

import math
from collections.abc import Callable, Sequence

from darkdump.statistics import counting, hybrid, intervals, likelihood, toys
from darkdump.statistics.channels import (
    Channel,
    background_error,
    checked,
    level,
    merged,
    signal_error,
    without_errors,
)

Treatment = Callable[[Sequence[Channel], float, float], float]


def _summed(on_background: bool = False, on_signal: bool = False, external: bool = False) -> Treatment:
    """CLs of the sum of the channels, with some of its errors averaged over."""

    def limit(channels: Sequence[Channel], confidence_level: float, external_error: float) -> float:
        one = merged(channels)
        return (
            counting.upper_limit(
                one.n_obs,
                one.background,
                background_error(one) if on_background else 0.0,
                math.hypot(signal_error(one) if on_signal else 0.0, external_error if external else 0.0),
                confidence_level,
            )
            / one.signal
        )

    return limit


def _constructed(name: str, with_error: bool = False) -> Treatment:
    """Upper end of an interval for the sum of the channels."""

    def limit(channels: Sequence[Channel], confidence_level: float, _external_error: float) -> float:
        one = merged(channels)
        error = background_error(one) if with_error else 0.0
        return intervals.CONSTRUCTIONS[name](one.n_obs, one.background, error, confidence_level)[1] / one.signal

    return limit


TREATMENTS: dict[str, Treatment] = {
    "CLs": _summed(),
    "CLs+b": _constructed("cls+b"),
    "CLs, background error": _summed(on_background=True),
    "CLs, background and signal errors": _summed(on_background=True, on_signal=True),
    "CLs, background and external errors": _summed(on_background=True, external=True),
    "CLs, background, signal and external errors": _summed(on_background=True, on_signal=True, external=True),
    "CLs of channels": lambda channels, cl, _: hybrid.upper_limit(without_errors(channels), cl),
    "CLs of channels, errors": lambda channels, cl, _: hybrid.upper_limit(channels, cl),
    "asymptotic CLs, errors": lambda channels, cl, _: likelihood.asymptotic_limit(channels, cl),
    "profile likelihood toys CLs, errors": lambda channels, cl, _: toys.upper_limit(channels, cl),
    "profile likelihood ratio, errors": lambda channels, cl, _: likelihood.interval(channels, cl)[1],
    "Feldman-Cousins": _constructed("feldman-cousins"),
    "Feldman-Cousins, background error": _constructed("feldman-cousins", with_error=True),
    "Bayes, flat prior": _constructed("bayes"),
    "Bayes, flat prior, background error": _constructed("bayes", with_error=True),
}
"""(channels, confidence level, relative external error of the signal) -> upper limit on the strength."""


def treatments(
    channels: Sequence[Channel], confidence_level: float = 0.9, external_error: float = 0.0
) -> dict[str, float]:
    """Upper limits on the strength, by the name of the treatment.

    Parameters
    ----------
    channels : sequence of Channel
    confidence_level : float
    external_error : float
        Relative error of what the signal is compared with, for example of the prediction of a rate; only the
        treatments that name it have it, beside the errors of the channels.
    """
    found = checked(channels)
    return {name: treat(found, level(confidence_level), external_error) for name, treat in TREATMENTS.items()}
