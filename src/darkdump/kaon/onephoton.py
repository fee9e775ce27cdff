"""Decays of tagged pi0 of which one photon is seen: what is measured of them, and those that have lost a photon."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, fly_to_two
from darkdump.kaon.fourvectors import mass2
from darkdump.kaon.onetrack import one_track
from darkdump.kaon.pdg import branching_ratio
from darkdump.kaon.photons import (
    blindness,
    calorimeter_index,
    measured_photon,
    on_calorimeter,
    photon_from,
    reach_calorimeter,
    two_photons,
)
from darkdump.kaon.pi0 import tag
from darkdump.kaon.sampling import cube, ratio, within
from darkdump.kaon.types import Array, Estimate, Pair
from darkdump.kaon.vertex import beam_vertex

POINTS = 2**15
"""Sobol points of each scramble for what is lost."""

DECAY, PHOTON, SPECTRUM = slice(REST + 2, REST + 4), slice(REST + 4, REST + 7), REST + 7
"""Axes of the unit cube: decay of the pi0, energy and place of the photon as measured, mass of the neutrino pair."""

PROCESS = "pi0 -> gamma gamma"
"""The background that is simulated: one photon is measured, the other one lost."""


@dataclass(frozen=True, eq=False)
class Tagged:
    """Measured K+ and pi+ of simulated K+ -> pi+ pi0.

    Attributes
    ----------
    vertex : ndarray, shape (n, 3)
        Where the kaons decay [m].
    pion : ndarray, shape (n, 4)
        Momenta of the pi0 [GeV].
    kinds : list
        For each kind of measurement of the pi+, its own tails last: measured momenta of the pi0 (P_K - P_pi) [GeV],
        shape (n, 4), measured vertices [m], shape (n, 3), and how often each pi0 is tagged, shape (n,).
    points : ndarray, shape (n, SPECTRUM + 1)
        Of the unit cube.
    """

    vertex: Array
    pion: Array
    kinds: list[tuple[Array, Array, Array]]
    points: Array

    @property
    def weight(self) -> Array:
        """How often each pi0 is tagged, all kinds together."""
        found: Array = np.sum([weight for _, _, weight in self.kinds], axis=0)
        return found


@cache
def tagged(data: DataSet, points: int) -> Tagged:
    """Simulated K+ -> pi+ pi0 of a data set, `points` of each scramble."""
    setting, axes = apparatus(), cube(SPECTRUM + 1, points)
    decays = fly_to_two(setting, data.volume, "pi+", particles.mass("pi0"), axes)
    kinds = []
    for kind in one_track(setting, data.fiducial, decays, axes, tails=True):
        kaon = decays.vertex, decays.parent, kind.parent
        place, _ = beam_vertex(setting, kaon, (decays.vertex, decays.daughters[:, 0], kind.track))
        kinds.append((kind.parent - kind.track, place, kind.inside(tag(data))))
    return Tagged(decays.vertex, decays.daughters[:, 1], kinds, axes)


def missing(data: DataSet, made: Tagged, photon: Array, kinds: int | None = None) -> list[tuple[Array, Array]]:
    """Measured squared mass of what a photon leaves of the pi0, of decays that are selected.

    The photon must hit the calorimeter before any other detector and have an energy between the card's limits; what is
    missing must point at the calorimeter, too, where a second photon would have been seen.

    Parameters
    ----------
    data : DataSet
    made : Tagged
    photon : ndarray, shape (n, 4)
        Momenta of the photon that is measured [GeV].
    kinds : int, optional
        How many kinds of measurement of the pi+ are wanted; all if not given.

    Returns
    -------
    list of (ndarray, ndarray)
        (P_K - P_pi - P_gamma)^2 [GeV^2] and weights, zero where a decay is not selected.
    """
    setting, good = apparatus(), reach_calorimeter(apparatus(), made.vertex, photon)
    energy, hit = measured_photon(setting, made.vertex, photon, made.points[:, PHOTON])
    good &= within(energy, (data.given("least photon energy"), data.given("largest photon energy")))
    detector = setting.photon_detectors[calorimeter_index(setting)]
    chance = np.where(good, 1.0 - detector.inefficiency(photon[:, 3]), 0.0)
    found = []
    for pion, vertex, weight in made.kinds[:kinds]:
        rest = pion - photon_from(vertex, energy, hit)
        pointing = on_calorimeter(setting, vertex, rest)
        found.append((mass2(rest), np.where(pointing, weight * chance, 0.0)))
    return found


@dataclass(frozen=True, eq=False)
class LostPhoton:
    """Background of pi0 -> gamma gamma with one photon lost.

    Attributes
    ----------
    missing_mass2 : ndarray, shape (k, n)
        [GeV^2], by kind of measurement.
    weight : ndarray, shape (k, n)
    whole : ndarray, shape (n,)
        Weights of the tagged pi0.
    """

    missing_mass2: Array
    weight: Array
    whole: Array

    def inside(self, window: Pair) -> Estimate:
        """Part of the tagged pi0 -> gamma gamma in a window of the missing mass [GeV^2], and its numerical error."""
        return ratio(np.where(within(self.missing_mass2, window), self.weight, 0.0).sum(axis=0), self.whole)


@cache
def lost_photon(data: DataSet) -> LostPhoton:
    """Simulated pi0 -> gamma gamma of which one photon is measured and the other one is not seen."""
    made = tagged(data, POINTS)
    photons = two_photons(made.pion, made.points[:, DECAY])
    found = missing(data, made, photons[:, 0])
    blind = 2.0 * blindness(apparatus(), made.vertex, photons[:, 1])
    return LostPhoton(np.array([m2 for m2, _ in found]), np.array([w * blind for _, w in found]), made.weight)


def background(data: DataSet, window: Pair) -> Estimate:
    """Events of pi0 -> gamma gamma in a window of the missing mass [GeV^2].

    Their error: as many are counted in a sideband of the same size as in the window, and the numerical error.
    """
    whole = data.exposure[0] * branching_ratio("pi0 gamma gamma")
    value, error = lost_photon(data).inside(window)
    return whole * value, math.hypot(math.sqrt(whole * value), whole * error)
