"""Decays of which one track is seen: what is measured of them, and how many fall into a region."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset_parts import Fiducial, Region
from darkdump.kaon.flight import TRACK, Decays, measured_parent, seen
from darkdump.kaon.fourvectors import missing_mass2, size
from darkdump.kaon.sampling import mean, within
from darkdump.kaon.tails import beam_scatter, spread
from darkdump.kaon.types import Array, Estimate
from darkdump.kaon.vertex import beam_vertex


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
    apparatus: Apparatus, fiducial: Fiducial, decays: Decays, cube: Array, tails: bool = False
) -> list[OneTrack]:
    """Measure the first body of decays of kaons as a pion.

    Track and kaon must come close to each other within the fiducial volume, as both are measured.

    Parameters
    ----------
    apparatus : Apparatus
    fiducial : Fiducial
    decays : Decays
    cube : ndarray, shape (n, axes)
        Points of the unit cube that the decays were made from.
    tails : bool
        Whether one scatter by a large angle is simulated as well, of the track or of the kaon.

    Returns
    -------
    list of OneTrack
        The normal measurement, and with `tails` each kind of scatter; their weights add up.
    """
    momenta = decays.daughters[:, 0]
    good = decays.weight * seen(apparatus, decays.vertex, momenta)
    before = measured_parent(apparatus, decays, cube)
    kinds = [(before, *kind) for kind in spread(apparatus, momenta, particles.mass("pi+"), cube[:, TRACK], tails)]
    if tails:
        core, chance = kinds[0][1:]
        turned, scattered = beam_scatter(apparatus, decays.parent, before, cube[:, TRACK])
        kinds = [(before, core, chance - scattered), *kinds[1:], (turned, core, scattered)]
    return [_matched(apparatus, fiducial, decays, kaon, pion, good * chance) for kaon, pion, chance in kinds]


def _matched(
    apparatus: Apparatus, fiducial: Fiducial, decays: Decays, kaon: Array, pion: Array, weight: Array
) -> OneTrack:
    """A measurement, the weight of those zero that are not matched to their kaon."""
    if math.isinf(fiducial.distance):
        return OneTrack(kaon, pion, weight)
    track = decays.vertex, decays.daughters[:, 0], pion
    near, far = beam_vertex(apparatus, (decays.vertex, decays.parent, kaon), track)
    good = (size(near - far) < fiducial.distance) & within(0.5 * (near + far)[:, 2], fiducial.volume)
    return OneTrack(kaon, pion, np.where(good, weight, 0.0))


def inside(kinds: list[OneTrack], region: Region) -> Array:
    """Weights of the decays in a region, all kinds of measurement together, shape (n,)."""
    found: Array = np.sum([kind.inside(region) for kind in kinds], axis=0)
    return found


def part(kinds: list[OneTrack], region: Region) -> Estimate:
    """Part of all decays that is measured in a region, and its numerical error."""
    return mean(inside(kinds, region))
