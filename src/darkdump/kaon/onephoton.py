"""Decays of tagged pi0 of which one photon is seen: what is measured of them, and those that have lost a photon."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.errors import CardError
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Estimate
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import PARENT, REST, TRACK, cube, fly, measured, missing_mass2, seen, size
from darkdump.kaon.photons import blindness, inefficiency, met, two_photons
from darkdump.kaon.pi0 import ratio, tag
from darkdump.kaon.pinunu import ratio as branching_ratio
from darkdump.kaon.tails import spread
from darkdump.kernels.spectrometer import struck
from darkdump.phasespace import two_body

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
    rest = two_body(particles.mass("K+"), particles.mass("pi+"), particles.mass("pi0"), axes[:, REST:])
    decays = fly(setting, data.volume, rest, np.ones(len(axes)), axes)
    kaon = measured(setting.beam_tracker, decays.parent, particles.mass("K+"), axes[:, PARENT])
    true = decays.daughters[:, 0]
    good = decays.weight * seen(setting, decays.vertex, true)
    (low, high), (slow, fast) = tag(data).missing_mass2, tag(data).momentum
    kinds = []
    for found, chance in spread(setting, true, particles.mass("pi+"), axes[:, TRACK]):
        square, p = missing_mass2(kaon, found), size(found)
        inside = (square > low) & (square < high) & (p > slow) & (p < fast)
        place = _vertex(decays.vertex, (decays.parent, true), (kaon, found))
        kinds.append((kaon - found, place, np.where(inside, good * chance, 0.0)))
    return Tagged(decays.vertex, decays.daughters[:, 1], kinds, axes)


def _vertex(vertex: Array, true: tuple[Array, Array], found: tuple[Array, Array]) -> Array:
    """Where the lines of kaon and pion come closest, on the line of the kaon.

    Both lines have their measured directions and pass through the true places at the last station of the beam tracker
    and in the first chamber, whose own errors, 0.1 mm, are small beside what the angles make.
    """
    lines = []
    for z, one, seen_as in zip((apparatus().beam.start[2], _first_chamber()), true, found, strict=True):
        anchor = vertex[:, :2] + one[:, :2] / one[:, 2:3] * (z - vertex[:, 2:3])
        slope = seen_as[:, :2] / seen_as[:, 2:3]
        lines.append((anchor - slope * z, slope))
    (start, slope), (other, turn) = lines
    away, angle = other - start, turn - slope
    z = -(away * angle).sum(axis=1) / np.maximum((angle**2).sum(axis=1), 1e-12)
    return np.column_stack([start + slope * z[:, None], z])


def _first_chamber() -> float:
    setting = apparatus()
    return setting.experiment.planes[setting.planes[0]].z


def _on_calorimeter(place: Array, momentum: Array) -> Mask:
    """Whether straight lines meet the calorimeter where it measures."""
    setting, found = apparatus(), np.empty(len(place), dtype=np.int64)
    wall = setting.experiment.planes[setting.calorimeter.plane].row[None, :]
    struck(place, np.ascontiguousarray(momentum), np.empty((0, 4)), wall, found)
    hit: Mask = found == 0
    return hit


def _measured_photon(vertex: Array, photon: Array, points: Array) -> tuple[Array, Array]:
    """Energies [GeV], shape (n,), and places at the calorimeter [m], shape (n, 2), as they are measured."""
    from scipy.special import ndtri

    calorimeter, normal = apparatus().calorimeter, ndtri(points)
    step = apparatus().experiment.planes[calorimeter.plane].z - vertex[:, 2:3]
    place = vertex[:, :2] + photon[:, :2] / photon[:, 2:3] * step + calorimeter.place * normal[:, 1:]
    return photon[:, 3] * (1.0 + calorimeter.energy_error(photon[:, 3]) * normal[:, 0]), place


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
    setting, good = apparatus(), _on_calorimeter(made.vertex, photon)
    where = met(setting, made.vertex, photon)
    names = [detector.name for detector in setting.photon_detectors]
    good &= where == names.index(setting.calorimeter.plane)
    energy, hit = _measured_photon(made.vertex, photon, made.points[:, PHOTON])
    good &= (energy > data.given("least photon energy")) & (energy < data.given("largest photon energy"))
    seen_photon = np.where(good, 1.0 - inefficiency(setting, where, photon[:, 3]), 0.0)
    found = []
    for pion, vertex, weight in made.kinds[:kinds]:
        step = setting.experiment.planes[setting.calorimeter.plane].z - vertex[:, 2:3]
        way = np.column_stack([hit - vertex[:, :2], step])
        gamma = np.column_stack([way * (energy / np.sqrt((way**2).sum(axis=1)))[:, None], energy])
        rest = pion - gamma
        pointing = _on_calorimeter(vertex, rest)
        square = missing_mass2(pion, gamma)
        found.append((square, np.where(pointing, weight * seen_photon, 0.0)))
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

    def inside(self, low: float, high: float) -> Estimate:
        """Part of the tagged pi0 -> gamma gamma in a window of the missing mass [GeV^2], and its numerical error."""
        chosen = np.where((self.missing_mass2 > low) & (self.missing_mass2 < high), self.weight, 0.0).sum(axis=0)
        return ratio(chosen, self.whole)


@cache
def lost_photon(data: DataSet) -> LostPhoton:
    """Simulated pi0 -> gamma gamma of which one photon is measured and the other one is not seen."""
    made = tagged(data, POINTS)
    photons = two_photons(made.pion, made.points[:, DECAY])
    found = missing(data, made, photons[:, 0])
    blind = 2.0 * blindness(apparatus(), made.vertex, photons[:, 1])
    return LostPhoton(np.array([m2 for m2, _ in found]), np.array([w * blind for _, w in found]), made.weight)


def scale(data: DataSet) -> float:
    """Tagged pi0 times the efficiencies of the card."""
    if data.decays is None:
        raise CardError(f"{data.name}: sample.decays is missing; it must be the number of tagged pi0")
    return data.decays.value * data.efficiency


def background(data: DataSet, low: float, high: float) -> Estimate:
    """Events of pi0 -> gamma gamma in a window of the missing mass [GeV^2].

    Their error: as many are counted in a sideband of the same size as in the window, and the numerical error.
    """
    whole = scale(data) * branching_ratio("pi0 gamma gamma")
    value, error = lost_photon(data).inside(low, high)
    return whole * value, math.hypot(math.sqrt(whole * value), whole * error)
