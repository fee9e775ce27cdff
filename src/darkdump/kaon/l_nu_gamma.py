"""P+ -> l+ nu gamma: inner bremsstrahlung at any angle to the lepton, and the emission from the structure (SD+)."""

import math

import numpy as np

from darkdump import particles
from darkdump.kaon.fourvectors import along, turned
from darkdump.kaon.tails import SOFTEST
from darkdump.kaon.types import Array
from darkdump.units import ALPHA

HARD = 3.0
"""Power of the points of a photon's energy: hard photons, which move the missing mass far, get more points and less
weight."""

AXES = 5
"""Axes of the unit cube for a decay."""


def bremsstrahlung(parent: str, lepton: str, cube: Array) -> tuple[Array, Array]:
    """P+ -> l+ nu gamma by inner bremsstrahlung at tree level, all of it, for photons above `tails.SOFTEST`.

    With x = 2 E_gamma / M, y = 2 E_l / M, r = m_l^2 / M^2 and a = x + y - 1 - r, d Gamma / dx dy = Gamma(P -> l nu)
    alpha / (2 pi (1 - r)^2) (1 - y + r) / (x^2 a) (x^2 + 2 (1 - x) (1 - r) - 2 x r (1 - r) / a).  Photons along the
    lepton, of which an electron has many, have small a: points are even in ln a, and those in ln x rather hard.

    Parameters
    ----------
    parent, lepton : str
        Names in the `particle` library.
    cube : ndarray, shape (n, AXES)
        Points of the unit cube.

    Returns
    -------
    momenta : ndarray, shape (n, 2, 4)
        Of lepton and photon at rest [GeV].
    weight : ndarray, shape (n,)
        On average the rate above `tails.SOFTEST` over the rate without photon.

    References
    ----------
    Bijnens, Ecker, Gasser, Nucl. Phys. B 396 (1993) 81, hep-ph/9209261, section 3: not read in its text; it agrees with
    `tails.radiative` for soft photons, and with the measured rate of K+ -> mu+ nu gamma, see the tests.
    """
    mass, own = particles.mass(parent), particles.mass(lepton)
    r, least = (own / mass) ** 2, 2.0 * SOFTEST / mass
    longest = math.log((1.0 - r) / least)
    soft = 1.0 - cube[:, 0]
    x = least * np.exp(longest * (1.0 - soft**HARD))
    end = np.log(np.maximum((1.0 - x) / r, 1.0))
    a = x * np.exp(-end * cube[:, 1])
    y = a - x + 1.0 + r
    rate = (1.0 - y + r) / (x**2 * a) * (x**2 + 2.0 * (1.0 - x) * (1.0 - r) - 2.0 * x * r * (1.0 - r) / a)
    weight = np.maximum(rate, 0.0) * x * longest * HARD * soft ** (HARD - 1.0) * a * end
    return _oriented(mass, own, x, y, a, cube), ALPHA / (2.0 * math.pi * (1.0 - r) ** 2) * weight


def structure(parent: str, lepton: str, cube: Array, slowest: float) -> tuple[Array, Array]:
    """P+ -> l+ nu gamma by the part SD+ of the amplitude, d Gamma / dx dy ~ a ((x + y - 1) (1 - x) - r).

    Parameters
    ----------
    parent, lepton : str
        As in `bremsstrahlung`.
    cube : ndarray, shape (n, AXES)
        Points of the unit cube.
    slowest : float
        Momentum of the lepton at rest [GeV] above which a rate is measured: the weights are for that rate.

    Returns
    -------
    momenta : ndarray, shape (n, 2, 4)
        Of lepton and photon at rest [GeV].
    weight : ndarray, shape (n,)
        On average one for leptons faster than `slowest`.

    References
    ----------
    As for `bremsstrahlung`; constant form factors.
    """
    mass, own = particles.mass(parent), particles.mass(lepton)
    r = (own / mass) ** 2
    x = np.minimum(cube[:, 0] * (1.0 - r), 1.0 - r - 1e-9)
    low, high = r * x / (1.0 - x), x
    a = low + (high - low) * cube[:, 1]
    y = a - x + 1.0 + r
    weight = np.maximum(a * ((x + y - 1.0) * (1.0 - x) - r), 0.0) * (high - low)
    fast = np.sqrt(np.maximum((0.5 * mass * y) ** 2 - own**2, 0.0)) > slowest
    return _oriented(mass, own, x, y, a, cube), weight / float((weight * fast).mean())


def _oriented(mass: float, own: float, x: Array, y: Array, a: Array, cube: Array) -> Array:
    """Momenta of lepton and photon at rest, the lepton to anywhere."""
    energy, photon = 0.5 * mass * y, 0.5 * mass * x
    p = np.sqrt(np.maximum(energy**2 - own**2, 1e-30))
    cosine = np.clip((energy * photon - 0.5 * mass**2 * a) / (p * photon), -1.0, 1.0)
    way = turned(np.tile([0.0, 0.0, 1.0], (len(x), 1)), 2.0 * cube[:, 2] - 1.0, 2.0 * np.pi * cube[:, 3])
    opposite = turned(way, cosine, 2.0 * np.pi * cube[:, 4])
    return np.stack([along(way, p, energy), along(opposite, photon, photon)], axis=1)
