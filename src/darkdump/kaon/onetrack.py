"""Decays of which one track is seen: what is measured of them, and how many fall into a region."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset_parts import Region
from darkdump.kaon.flight import TRACK, Decays, measured_parent, seen
from darkdump.kaon.fourvectors import missing_mass2, size
from darkdump.kaon.sampling import mean
from darkdump.kaon.tails import spread
from darkdump.kaon.types import Array, Estimate


@dataclass(frozen=True, eq=False)
class OneTrack:
    """What is measured of simulated decays.

    Attributes
    ----------
    parent, track : ndarray, shape (n, 4)
        Momenta [GeV].
    weight : ndarray, shape (n,)
        On average the part of all decays whose track is seen.
    """

    parent: Array
    track: Array
    weight: Array

    @cached_property
    def missing_mass2(self) -> Array:
        """Squared missing mass [GeV^2], shape (n,)."""
        return missing_mass2(self.parent, self.track)

    @cached_property
    def momentum(self) -> Array:
        """Of the track [GeV], shape (n,)."""
        return size(self.track)

    def inside(self, region: Region) -> Array:
        """Weights of the decays in a region, zero elsewhere."""
        return np.where(region.holds(self.missing_mass2, self.momentum), self.weight, 0.0)


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
    before = measured_parent(apparatus, decays, cube, parent)
    kinds = spread(apparatus, momenta, particles.mass(taken), cube[:, TRACK], tails)
    return [OneTrack(before, found, good * chance) for found, chance in kinds]


def inside(kinds: list[OneTrack], region: Region) -> Array:
    """Weights of the decays in a region, all kinds of measurement together, shape (n,)."""
    found: Array = np.sum([kind.inside(region) for kind in kinds], axis=0)
    return found


def part(kinds: list[OneTrack], region: Region) -> Estimate:
    """Part of all decays that is measured in a region, and its numerical error."""
    return mean(inside(kinds, region))
