"""Primakoff conversion of photons on nuclei."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit
from darkdump.units import ALPHA

Array = NDArray[np.float64]

AZIMUTHS = 8
"""Directions of a kick over which is averaged."""


@jit
def form_factor(q2: float, radius: float, skin: float, screening: float) -> float:
    """Charge form factor of an atom at momentum transfer squared `q2` [GeV^2].

    Helm's nucleus times the screening by the electrons; see `darkdump.formfactors.nuclear`.

    Parameters
    ----------
    q2 : float
        Momentum transfer squared [GeV^2].
    radius, skin : float
        Helm's effective radius and skin thickness [1/GeV].
    screening : float
        Atomic radius [1/GeV]; infinite for a bare nucleus.
    """
    x = math.sqrt(q2) * radius
    sphere = 1.0 - 0.1 * x * x if x < 1e-2 else 3.0 * (math.sin(x) / x - math.cos(x)) / (x * x)
    atom = 1.0 - 1.0 / (1.0 + q2 * screening * screening)
    return sphere * math.exp(-0.5 * q2 * skin * skin) * atom


@jit
def cross_sections(
    mass: float,
    energies: Array,
    kicks: Array,
    charge: float,
    radius: float,
    skin: float,
    screening: float,
    out: Array,
) -> None:
    """Cross section of gamma A -> a A per logarithm of the transverse kick, at g = 1/GeV.

    dsigma/dq^2 = (alpha g^2 Z^2 / 8) F^2(q^2) (q^2 - q_min^2) / q^4 with q_min = m^2 / 2E and the kick
    k^2 = q^2 - q_min^2; the recoil takes no energy.

    Parameters
    ----------
    mass : float
        Mass of the ALP [GeV].
    energies : ndarray, shape (e,)
        Energies of the photon [GeV].
    kicks : ndarray, shape (k,)
        Transverse momentum that the nucleus gives [GeV].
    charge, radius, skin, screening : float
        Z, and the form factor's parameters, see `form_factor`.
    out : ndarray, shape (e, k)
        Written to: dsigma / dln k [GeV^-2].
    """
    factor = ALPHA * charge * charge / 4.0
    for e in range(energies.size):
        q_min2 = (mass * mass / (2.0 * energies[e])) ** 2
        for k in range(kicks.size):
            kick2 = kicks[k] * kicks[k]
            q2 = kick2 + q_min2
            form = form_factor(q2, radius, skin, screening)
            out[e, k] = factor * (form * kick2 / q2) ** 2


@jit
def photon_flux(x: float, transverse2: float, m2: float, dipole: float, moment2: float) -> float:
    """Equivalent photons of a fast proton, d2n / dx dq_t^2 [GeV^-2].

    Budnev, Ginzburg, Meledin, Serbo, Phys. Rept. 15 (1975) 181, app. D; arXiv:1512.03069, section 3.1.

    Parameters
    ----------
    x, transverse2 : float
        Energy fraction, and transverse momentum squared [GeV^2] of the photon.
    m2, dipole, moment2 : float
        Proton mass squared [GeV^2], dipole constant [GeV^2], magnetic moment squared.
    """
    e2 = transverse2 + x * x * m2
    q2 = e2 / (1.0 - x)
    electric2 = (1.0 + q2 / dipole) ** -4
    magnetic = moment2 * electric2
    both = (4.0 * m2 * electric2 + q2 * magnetic) / (4.0 * m2 + q2)
    return ALPHA / (math.pi * x * e2) * ((1.0 - x) * transverse2 * both / e2 + 0.5 * x * x * magnetic)


@jit
def smear(log_theta: Array, photons: Array, energies: Array, angles: Array, kicks: Array, out: Array) -> None:
    """Photons that a kick turns into a given direction: their density, averaged over the kick's azimuth.

    Parameters
    ----------
    log_theta : ndarray, shape (t,)
        Natural logarithm of the photons' angle [rad] at the nodes, equidistant.
    photons : ndarray, shape (e, t)
        Photons per solid angle at the nodes.
    energies : ndarray, shape (e,)
        [GeV]
    angles : ndarray, shape (e, u)
        Directions that are asked for, angle to the beam [rad].
    kicks : ndarray, shape (k,)
        Transverse momenta [GeV].
    out : ndarray, shape (e, u, k)
        Written to.
    """
    step = log_theta[1] - log_theta[0]
    last = log_theta.size - 1
    for e in range(energies.size):
        for u in range(angles.shape[1]):
            theta = angles[e, u]
            for k in range(kicks.size):
                kick = kicks[k] / energies[e]
                total = 0.0
                for a in range(AZIMUTHS):
                    cosine = math.cos(math.pi * (a + 0.5) / AZIMUTHS)
                    before2 = theta * theta + kick * kick - 2.0 * theta * kick * cosine
                    place = max((0.5 * math.log(max(before2, 1e-300)) - log_theta[0]) / step, 0.0)
                    i = min(int(place), last)
                    if i < last:
                        total += photons[e, i] + (place - i) * (photons[e, i + 1] - photons[e, i])
                out[e, u, k] = total / AZIMUTHS
