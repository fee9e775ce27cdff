"""Channels as a workspace of HistFactory in JSON, which pyhf reads (ATL-PHYS-PUB-2019-029; schema 1.0.0)."""

from collections.abc import Sequence
from typing import Any

from darkdump.errors import DarkdumpError
from darkdump.statistics.channels import Channel, checked, nuisances
from darkdump.statistics.likelihood import scale

WIDE = 100.0
"""Upper bound of the strength in units of what is about to be excluded."""


def _samples(channel: Channel, poi: str) -> list[dict[str, Any]]:
    """Signal and background of a channel, each with the errors that move it."""

    def systematics(which: int) -> list[dict[str, Any]]:
        return [
            {"name": name, "type": "normsys", "data": {"hi": 1.0 + effects[which], "lo": 1.0 / (1.0 + effects[which])}}
            for name, effects in channel.errors.items()
            if effects[which] != 0.0
        ]

    strength: dict[str, Any] = {"name": poi, "type": "normfactor", "data": None}
    return [
        {"name": "signal", "data": [float(channel.signal)], "modifiers": [strength, *systematics(0)]},
        {"name": "background", "data": [float(channel.background)], "modifiers": systematics(1)},
    ]


def workspace(channels: Sequence[Channel], poi: str = "mu") -> dict[str, Any]:
    """Workspace with one bin for each channel.

    Parameters
    ----------
    channels : sequence of Channel
    poi : str
        Name of the strength.

    Returns
    -------
    dict
        To be written as JSON.  The strength is kept below a bound, far beyond what is excluded.
    """
    found = checked(channels)
    if poi in nuisances(found):
        raise DarkdumpError(f"'{poi}' is the strength of the signal; an error must have another name")
    strength = {"name": poi, "inits": [scale(found)], "bounds": [[0.0, WIDE * scale(found)]]}
    return {
        "version": "1.0.0",
        "channels": [{"name": channel.name, "samples": _samples(channel, poi)} for channel in found],
        "observations": [{"name": channel.name, "data": [float(channel.n_obs)]} for channel in found],
        "measurements": [{"name": "measurement", "config": {"poi": poi, "parameters": [strength]}}],
    }
