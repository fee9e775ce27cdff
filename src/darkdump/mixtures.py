"""Final states of several channels together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.finalstates import FinalStates, joined, rigid, simulate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """Events of several channels.

    Attributes
    ----------
    events : FinalStates
        Of shapes (sets, n, k, 4), (sets, n, k) and (sets, n, 3).
    weights : ndarray, shape (sets, n)
        How frequent the events are, on average one.
    """

    events: FinalStates
    weights: Array


def mixture(
    portal: str, ratios: Mapping[str, float], mass: float, sets: int, n: int, seed: int, neutrals: bool = True
) -> Mixture:
    """Independent sets of events of several channels together, each as frequent as its ratio.

    In a set they are ordered by channel and by the energy of their first body: even steps through it sample evenly.

    Parameters
    ----------
    portal : str
    ratios : mapping
        Channels and how frequent they are, up to a factor.
    mass : float
        Of the particle [GeV].
    sets, n : int
        Sets, and about how many events in each, one of every channel at least.
    seed : int
    neutrals : bool
        As in `simulate`.

    Returns
    -------
    Mixture
    """
    total, parts, weights, channel = sum(ratios.values()), [], [], []
    if len(ratios) == 1 and all(map(rigid, ratios)):
        n = 2
    for name, ratio in ratios.items():
        own = max(1, round(n * ratio / total))
        parts.append(simulate(portal, name, mass, sets * own, seed, neutrals))
        weights.append(np.full(len(parts[-1].kinds), ratio / total / own))
        channel.append(np.full(len(parts[-1].kinds), len(parts)))
    together, which = joined(parts), [np.arange(len(part.kinds)) * sets // max(len(part.kinds), 1) for part in parts]
    order = np.lexsort((together.momenta[:, 0, 3], np.concatenate(channel), np.concatenate(which))).reshape(sets, -1)
    weight = np.concatenate(weights)[order]
    return Mixture(
        FinalStates(together.momenta[order], together.kinds[order], together.analysers[order]), weight * weight.shape[1]
    )
