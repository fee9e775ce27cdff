"""P+ -> l+ N: decays of the beam, and those that are selected, by their squared missing mass."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, TRACK, Decays, decay_length, fly, measured_parent, seen
from darkdump.kaon.fourvectors import missing_mass2, size
from darkdump.kaon.sampling import within
from darkdump.kaon.tails import spread
from darkdump.kaon.types import Array, Estimate, Indices, Pair
from darkdump.kaon.vertex import beam_vertex

Extra = Callable[[Indices], Array]
"""From indices of decays to one more weight of each."""

AXES = REST + 7
"""Axes of the unit cube: those of a flight, and of decays up to K+ -> pi0 l+ nu with the photons of the pi0."""

FAR = 3.0
"""Power of the points of a scatter: large angles, which move the missing mass far, get more points and less weight."""


@dataclass(frozen=True)
class Spectrum:
    """Selected decays by their squared missing mass.

    Attributes
    ----------
    missing_mass2 : ndarray, shape (n,)
        [GeV^2], ascending.
    below, below2 : ndarray, shape (n + 1,)
        Sums of weights and of their squares: the weights add up to the part of all decays that is selected.
    """

    missing_mass2: Array
    below: Array
    below2: Array

    def window(self, low: float, high: float) -> Estimate:
        """Part of all decays between two squared masses [GeV^2], and its numerical error."""
        first, last = np.searchsorted(self.missing_mass2, (low, high))
        variance = self.below2[last] - self.below2[first]
        return float(self.below[last] - self.below[first]), math.sqrt(max(variance, 0.0))


def _spectrum(missing: Array, weight: Array) -> Spectrum:
    order = np.argsort(missing)
    sorted_weight = weight[order]
    sums = [np.concatenate([[0.0], np.cumsum(w)]) for w in (sorted_weight, sorted_weight**2)]
    return Spectrum(missing[order], sums[0], sums[1])


def reach() -> Pair:
    """Where decays can give a track [m]: from the beginning of the beam's axis to the first chamber."""
    return apparatus().beam.start[2], apparatus().first_chamber


def decaying(parent: str, volume: Pair) -> float:
    """Part of the beam's particles alive at its beginning that decay between two places [m]."""
    beam = apparatus().beam
    length = decay_length(parent, beam.momentum)
    return math.exp((beam.start[2] - volume[0]) / length) - math.exp((beam.start[2] - volume[1]) / length)


def decays_of(data: DataSet, parent: str, volume: Pair) -> float:
    """Decays of a particle of the beam between two places [m], over the decays that the data set counts.

    In a search for decays of kaons those of pions count by their number in the beam and by the chance that an unrelated
    kaon passes the Cherenkov counter at the same time, rate x coincidence window.
    """
    found = decaying(parent, volume) / decaying(data.parent, data.volume)
    if parent == data.parent:
        return found
    chance = -math.expm1(-data.given("kaon rate") * data.given("coincidence"))
    return found * data.given("pions per kaon") * chance


def flown(
    data: DataSet, parent: str, rest: Array, points: Array, weight: Array | None = None, volume: Pair | None = None
) -> tuple[Decays, Array]:
    """Decays in `reach`, or in a part of it, and their weights: on average their number over those of the data set."""
    where = reach() if volume is None else volume
    decays = fly(apparatus(), where, rest, points, weight, parent)
    return decays, decays.weight * decays_of(data, parent, where)


def selected(
    data: DataSet,
    decays: Decays,
    place: Array,
    momenta: Array,
    weight: Array,
    points: Array,
    tails: bool = False,
    extra: Extra | None = None,
) -> tuple[Spectrum, Indices]:
    """Candidates: a track in the spectrometer and the window of momentum, from near a kaon's line, in the volume.

    Parameters
    ----------
    data : DataSet
    decays : Decays
    place : ndarray, shape (n, 3)
        Where the track starts [m].
    momenta : ndarray, shape (n, 4)
        Of the track [GeV].
    weight : ndarray, shape (n,)
    points : ndarray, shape (n, AXES)
    tails : bool
        Whether one scatter by a large angle is simulated as well.
    extra : callable, optional
        From the indices of those that may be selected to one more weight.

    Returns
    -------
    Spectrum
    indices : ndarray, shape (k,)
        Of the decays that the normal measurement selects.
    """
    setting, (low, high), p = apparatus(), data.momentum, size(momenta)
    maybe = (weight > 0.0) & (momenta[:, 2] > 0.0)
    maybe &= tails | within(p, (0.9 * low, 1.1 * high))
    kept = np.flatnonzero(maybe)
    kept = kept[seen(setting, place[kept], momenta[kept])]
    own, true, where, chosen = decays.kept(kept), momenta[kept], place[kept], points[kept, : TRACK.stop]
    before, share = measured_parent(setting, own, chosen, data.parent), weight[kept] / len(points)
    track, many = chosen[:, TRACK].copy(), FAR * chosen[:, TRACK.stop - 2] ** (FAR - 1.0)
    track[:, 3] **= FAR
    masses, weights = [], []
    for k, (found, chance) in enumerate(spread(setting, true, particles.mass(data.lepton), track, tails)):
        near, far = beam_vertex(setting, (own.vertex, own.parent, before), (where, true, found))
        good = (size(near - far) < data.given("distance")) & within(0.5 * (near + far)[:, 2], data.volume)
        good &= within(size(found), data.momentum)
        masses.append(missing_mass2(before, found))
        weights.append(np.where(good, share * chance * (many if k else 1.0), 0.0))
    missing, total, index = np.concatenate(masses), np.concatenate(weights), np.tile(kept, len(masses))
    good = total > 0.0
    missing, total, index = missing[good], total[good], index[good]
    if extra is not None and len(index):
        total = total * extra(index)
    return _spectrum(missing, total), kept[weights[0] > 0.0]
