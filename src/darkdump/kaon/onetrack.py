"""Decays of which one track is seen: what is measured of them, and how many fall into a region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset import Region
from darkdump.kaon.flight import PARENT, TRACK, Decays, mean, measured, missing_mass2, seen, size
from darkdump.kaon.tails import spread

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OneTrack:
    """What is measured of simulated decays.

    Attributes
    ----------
    missing_mass2, momentum : ndarray, shape (n,)
        [GeV^2] and [GeV].
    weight : ndarray, shape (n,)
        On average the part of all decays whose track is seen.
    """

    missing_mass2: Array
    momentum: Array
    weight: Array

    def inside(self, region: Region) -> Array:
        """Weights of the decays in a region, zero elsewhere."""
        (low, high), (slow, fast) = region.missing_mass2, region.momentum
        good = (self.missing_mass2 > low) & (self.missing_mass2 < high)
        good &= (self.momentum > slow) & (self.momentum < fast)
        return np.where(good, self.weight, 0.0)


def one_track(
    apparatus: Apparatus,
    decays: Decays,
    cube: Array,
    taken: str = "pi+",
    parent: str = "K+",
    body: int = 0,
    tails: bool = False,
) -> list[OneTrack]:
    """Measure one charged body of decays.

    Parameters
    ----------
    apparatus : Apparatus
    decays : Decays
    cube : ndarray, shape (n, axes)
        Points of the unit cube that the decays were made from.
    taken, parent : str
        Whose masses track and parent are taken to have.
    body : int
        Index of the charged one.
    tails : bool
        Whether one scatter by a large angle is simulated as well.

    Returns
    -------
    list of OneTrack
        The normal measurement, and with `tails` each kind of scatter; their weights add up.
    """
    momenta = decays.daughters[:, body]
    good = decays.weight * seen(apparatus, decays.vertex, momenta)
    before = measured(apparatus.beam_tracker, decays.parent, particles.mass(parent), cube[:, PARENT])
    own, points = particles.mass(taken), cube[:, TRACK]
    kinds = (
        spread(apparatus, momenta, own, points)
        if tails
        else [(measured(apparatus.spectrometer, momenta, own, points), np.ones(len(momenta)))]
    )
    return [OneTrack(missing_mass2(before, found), size(found), good * chance) for found, chance in kinds]


def part(kinds: list[OneTrack], region: Region, extra: Array | float = 1.0) -> tuple[float, float]:
    """Part of all decays that is measured in a region, and its numerical error; `extra` weights each decay."""
    return mean(sum((kind.inside(region) for kind in kinds), np.zeros(1)) * extra)
