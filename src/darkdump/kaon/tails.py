"""Tails of what is measured: one scatter by a large angle, and photons that a decay radiates."""

import math
from collections.abc import Callable

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.flight import measured
from darkdump.kaon.fourvectors import product, size, with_mass
from darkdump.kaon.types import Array
from darkdump.phasespace import chained, momentum
from darkdump.units import ALPHA

BEGIN = 4.0
"""Where a single scatter counts as a tail, in units of the error of a normal measurement: there it is rarer than a part
in fifty, and so rarely two that this does not matter."""

SOFTEST = 5e-3
"""Least energy of a radiated photon in the rest frame [GeV]: less energy does not move the missing mass."""


def spread(
    apparatus: Apparatus, momenta: Array, mass: float, points: Array, tails: bool = True
) -> list[tuple[Array, Array]]:
    """Charged particles as the spectrometer measures them, without and with one scatter by a large angle.

    A scatter before the first chamber turns the measured direction, one between the chambers around the magnet changes
    the bend and so the momentum.  Beyond `BEGIN` errors the angle theta has the chance (chi_c / theta)^2.

    Parameters
    ----------
    apparatus : Apparatus
    momenta : ndarray, shape (n, 4)
        True ones [GeV].
    mass : float
        That they are taken to have [GeV].
    points : ndarray, shape (n, 5)
        Points of the unit cube: those of `measured`, angle and azimuth of the scatter.
    tails : bool
        Whether scatters are simulated; otherwise the normal measurement has the chance one.

    Returns
    -------
    list of (ndarray, ndarray)
        Measured momenta [GeV], shape (n, 4), and the chance of each kind, shape (n,); the normal measurement first.
    """
    core = measured(apparatus.spectrometer, momenta, mass, points)
    if not tails:
        return [(core, np.ones(len(momenta)))]
    p, phi = size(momenta), 2.0 * np.pi * points[:, 4]
    way = np.column_stack([np.cos(phi), np.sin(phi)])
    kick = abs(apparatus.kick)
    slope, found_p = core[:, :2] / core[:, 2:3], size(core)

    def scatter(name: str, error: Array) -> tuple[Array, Array]:
        """Angle [rad] beyond the normal measurement, and its chance."""
        least = BEGIN * error
        chance = np.minimum((apparatus.scatterers[name].characteristic_angle(p) / least) ** 2, 1.0)
        return least / np.sqrt(points[:, 3]), chance

    angle, turned = scatter("angle", apparatus.spectrometer.angle_error(p))
    bend, bent = scatter("bend", apparatus.spectrometer.momentum_error(p) * kick / p)
    changed = found_p / np.maximum(1.0 + bend * way[:, 0] * p / kick, 1e-3)
    return [
        (core, 1.0 - turned - bent),
        (with_mass(found_p, slope + angle[:, None] * way, mass), turned),
        (with_mass(changed, slope, mass), bent),
    ]


def beam_scatter(apparatus: Apparatus, momenta: Array, found: Array, points: Array) -> tuple[Array, Array]:
    """Kaons that scatter once by a large angle in the last station of the beam tracker, behind what measures them.

    Parameters
    ----------
    apparatus : Apparatus
    momenta, found : ndarray, shape (n, 4)
        True and measured ones [GeV]: the measured direction is that before the scatter.
    points : ndarray, shape (n, 5)
        As in `spread`.

    Returns
    -------
    ndarray, shape (n, 4)
        Measured momenta [GeV].
    ndarray, shape (n,)
        Chance of a scatter.
    """
    p, phi = size(momenta), 2.0 * np.pi * points[:, 4]
    least = BEGIN * apparatus.beam_tracker.angle_error(p)
    angle = least / np.sqrt(points[:, 3])
    slope = found[:, :2] / found[:, 2:3] + angle[:, None] * np.column_stack([np.cos(phi), np.sin(phi)])
    chance = (apparatus.scatterers["beam"].characteristic_angle(p) / least) ** 2
    return with_mass(size(found), slope, particles.mass("K+")), np.minimum(chance, 1.0)


def radiative(charged: str, other: float, cube: Array) -> tuple[Array, Array]:
    """K+ -> charged X gamma by inner bremsstrahlung, from the amplitude of K+ -> charged X.

    abs(M)^2 = 4 pi alpha abs(M_0)^2 (2 P.p / (P.k p.k) - m^2 / (p.k)^2 - M^2 / (P.k)^2), which is exact for soft
    photons.

    Parameters
    ----------
    charged : str
        Name in the `particle` library.
    other : float
        Mass of X [GeV].
    cube : ndarray, shape (n, 5 or more)
        Points of the unit cube.

    Returns
    -------
    momenta : ndarray, shape (n, 3, 4)
        Of the charged particle, X and the photon, at rest [GeV].
    weight : ndarray, shape (n,)
        On average the rate above `SOFTEST` over the rate without photon; zero below `SOFTEST`.

    References
    ----------
    Low, Phys. Rev. 110 (1958) 974; Weinberg, Phys. Rev. 140 (1965) B516, eq. 2.2.
    """
    kaon, own = particles.mass("K+"), particles.mass(charged)
    free, p0 = kaon - own - other, momentum(kaon, own, other)
    events, weight = chained(kaon, [own, other, 0.0], cube[:, :5], _eikonal(kaon, own))
    return events, ALPHA / math.pi * free / p0 * weight


def _eikonal(kaon: float, own: float) -> Callable[[Array], Array]:
    def factor(momenta: Array) -> Array:
        p, k = momenta[:, 0], momenta[:, 2]
        along, before = product(p, k), kaon * k[:, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = 2.0 * kaon * p[:, 3] / (before * along) - (own / along) ** 2 - (kaon / before) ** 2
        return np.where(k[:, 3] > SOFTEST, found, 0.0)

    return factor
