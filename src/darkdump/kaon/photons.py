"""Photons in kaon mode: which detector they meet, and the chance that none sees them."""

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kernels.plane import N_COLUMNS
from darkdump.kernels.spectrometer import struck
from darkdump.phasespace import boosted, two_body

Array = NDArray[np.float64]

PION_AXES = 2
"""Axes of the unit cube for a decay pi0 -> gamma gamma."""


def met(apparatus: Apparatus, place: Array, photon: Array) -> NDArray[np.int64]:
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


def inefficiency(apparatus: Apparatus, where: NDArray[np.int64], energy: Array) -> Array:
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


def pion_blindness(apparatus: Apparatus, place: Array, pion: Array, points: Array) -> Array:
    """Chance that neither photon of a pi0 is seen, shape (n,); parameters as in `met` and `two_photons`."""
    photons = two_photons(pion, points)
    return blindness(apparatus, place, photons[:, 0]) * blindness(apparatus, place, photons[:, 1])
