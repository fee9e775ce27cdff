"""Photons: which detector they meet, the chance that none sees them, and what the calorimeter measures."""

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.fourvectors import along, unit
from darkdump.kaon.types import Array, Indices, Mask
from darkdump.kaon.vertex import at
from darkdump.kernels.plane import N_COLUMNS
from darkdump.kernels.spectrometer import struck
from darkdump.phasespace import boosted, two_body

PION_AXES = 2
"""Axes of the unit cube for a decay pi0 -> gamma gamma."""


def met(apparatus: Apparatus, place: Array, photon: Array) -> Indices:
    """The detector that photons meet first.

    Parameters
    ----------
    apparatus : Apparatus
    place : ndarray, shape (n, 3)
        Where they start [m].
    photon : ndarray, shape (n, 4)
        Momenta [GeV].

    Returns
    -------
    ndarray, shape (n,)
        Index in the apparatus' photon detectors, or -1.
    """
    detectors = apparatus.photon_detectors
    rings = np.concatenate([detector.rings for detector in detectors])
    walls = np.array([d.wall.row for d in detectors if d.wall is not None]).reshape(-1, N_COLUMNS)
    owner = [k for k, d in enumerate(detectors) for _ in d.rings]
    owner += [k for k, d in enumerate(detectors) if d.wall is not None]
    found = np.empty(len(place), dtype=np.int64)
    struck(place, np.ascontiguousarray(photon), rings, walls, found)
    return np.array([*owner, -1])[found]


def inefficiency(apparatus: Apparatus, where: Indices, energy: Array) -> Array:
    """Chance that photons are not seen: one where they meet no detector.

    Parameters
    ----------
    apparatus : Apparatus
    where : ndarray, shape (n,)
        What they meet, as `met` finds it.
    energy : ndarray, shape (n,)
        [GeV]
    """
    chance = np.ones(len(where))
    for k, detector in enumerate(apparatus.photon_detectors):
        hit = where == k
        chance[hit] = detector.inefficiency(energy[hit])
    return chance


def blindness(apparatus: Apparatus, place: Array, photon: Array) -> Array:
    """Chance that photons are not seen: one where they meet no detector; parameters as in `met`."""
    return inefficiency(apparatus, met(apparatus, place, photon), photon[:, 3])


def two_photons(pion: Array, points: Array) -> Array:
    """Photons of pi0 -> gamma gamma in flight.

    Parameters
    ----------
    pion : ndarray, shape (n, 4)
        Momenta of the pi0 [GeV].
    points : ndarray, shape (n, PION_AXES)
        Points of the unit cube.

    Returns
    -------
    ndarray, shape (n, 2, 4)
        Momenta [GeV].
    """
    return boosted(two_body(particles.mass("pi0"), 0.0, 0.0, points), pion)


def pion_blindness(apparatus: Apparatus, place: Array, pion: Array, points: Array, turns: int) -> Array:
    """Chance that neither photon of a pi0 is seen: the mean of several decays of each pi0.

    Decays with a lost photon are rare and heavy, so that each pi0 is looked at more than once.

    Parameters
    ----------
    apparatus, place
        As in `met`.
    pion, points
        As in `two_photons`.
    turns : int
        Decays of each pi0.

    Returns
    -------
    ndarray, shape (n,)
    """
    blind = np.zeros(len(pion))
    for k in range(turns):
        photons = two_photons(pion, (points + k / turns) % 1.0)
        blind += blindness(apparatus, place, photons[:, 0]) * blindness(apparatus, place, photons[:, 1])
    return blind / turns


def calorimeter_index(apparatus: Apparatus) -> int:
    """Index of the calorimeter in the apparatus' photon detectors."""
    return [detector.name for detector in apparatus.photon_detectors].index(apparatus.calorimeter.plane)


def on_calorimeter(apparatus: Apparatus, place: Array, momentum: Array) -> Mask:
    """Whether straight lines meet the calorimeter where it measures; parameters as in `met`."""
    found = np.empty(len(place), dtype=np.int64)
    wall = apparatus.experiment.planes[apparatus.calorimeter.plane].row[None, :]
    struck(place, np.ascontiguousarray(momentum), np.empty((0, 4)), wall, found)
    hit: Mask = found == 0
    return hit


def reach_calorimeter(apparatus: Apparatus, place: Array, photon: Array) -> Mask:
    """Whether photons meet the calorimeter where it measures, and no detector before; parameters as in `met`."""
    first: Mask = met(apparatus, place, photon) == calorimeter_index(apparatus)
    return first & on_calorimeter(apparatus, place, photon)


def measured_photon(apparatus: Apparatus, place: Array, photon: Array, points: Array) -> tuple[Array, Array]:
    """Photons as the calorimeter measures them.

    Parameters
    ----------
    apparatus, place, photon
        As in `met`.
    points : ndarray, shape (n, 3)
        Points of the unit cube.

    Returns
    -------
    energy : ndarray, shape (n,)
        [GeV]
    hit : ndarray, shape (n, 3)
        Where they hit [m].
    """
    from scipy.special import ndtri

    calorimeter, normal = apparatus.calorimeter, ndtri(points)
    hit = at(place, photon, apparatus.experiment.planes[calorimeter.plane].z)
    hit[:, :2] += calorimeter.place * normal[:, 1:]
    return photon[:, 3] * (1.0 + calorimeter.energy_error(photon[:, 3]) * normal[:, 0]), hit


def photon_from(vertex: Array, energy: Array, hit: Array) -> Array:
    """Four-momenta [GeV] of measured photons, shape (n, 4), taken to come from a vertex, shape (n, 3) [m]."""
    return along(unit(hit - vertex), energy, energy)
