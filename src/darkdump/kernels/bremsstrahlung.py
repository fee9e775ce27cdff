"""Splitting of a proton into a proton and a vector or a scalar, p -> p X.

The splittings d2w / dz dp_T^2 are arithmetic, which numba compiles for numbers and for arrays alike.
"""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Number = TypeVar("Number", float, Array)


@jit
def hardness(z: Number, transverse2: Number, mass: float, proton: float) -> Number:
    """H = p_T^2 + (1 - z) m^2 + z^2 m_p^2 [GeV^2], the virtuality of the intermediate proton times z (up to sign)."""
    return transverse2 + (1.0 - z) * mass * mass + z * z * proton * proton


@jit
def bluemlein_brunner(z: Number, transverse2: Number, mass: float, proton: float) -> Number:
    """Splitting d2w / dz dp_T^2 [GeV^-2] at epsilon = 1 without form factor; Bluemlein & Brunner, arXiv:1311.3870.

    Parameters
    ----------
    z, transverse2 : float or ndarray
        Momentum fraction and transverse momentum squared [GeV^2] of the boson.
    mass, proton : float
        Of the boson and of the proton [GeV].
    """
    h = hardness(z, transverse2, mass, proton)
    m2, p2 = mass * mass, proton * proton
    back = 1.0 + (1.0 - z) ** 2
    terms = (
        back / z
        - 2.0 * z * (1.0 - z) * ((2.0 * p2 + m2) / h - 2.0 * z * z * p2 * p2 / (h * h))
        + 2.0 * z * (1.0 - z) * back * p2 * m2 / (h * h)
        + 2.0 * z * (1.0 - z) ** 2 * m2 * m2 / (h * h)
    )
    return ALPHA / (2.0 * math.pi * h) * terms


@jit
def quasi_real(z: Number, transverse2: Number, mass: float, proton: float) -> tuple[Number, Number, Number]:
    """Splittings of Dirac and Pauli coupling, and their interference [GeV^-2]; arXiv:2108.05900, 2409.09123.

    d2N = F_virt^2 (abs(F1)^2 w1 + abs(F2)^2 w2 + Re(F1 F2*) w12) dz dp_T^2.

    Parameters
    ----------
    z, transverse2, mass, proton
        As in `bluemlein_brunner`.

    Returns
    -------
    tuple
        w1, w2 and w12 at epsilon = 1.
    """
    h = hardness(z, transverse2, mass, proton)
    m2, p2 = mass * mass, proton * proton
    factor = ALPHA / (2.0 * math.pi * h)
    w1 = factor * ((1.0 + (1.0 - z) ** 2) / z - z * (1.0 - z) * (2.0 * p2 + m2) / h)
    extra = (1.0 - (1.0 - z) * (4.0 * p2 + m2) / h) * (1.0 / z - 0.25 * z * (4.0 * p2 - m2) / h)
    w2 = w1 + ALPHA / (4.0 * math.pi * p2) * extra
    w12 = factor * (2.0 * z - z * (1.0 - z) * 3.0 * m2 / h)
    return w1, w2, w12


@jit
def off_shell(z: Number, transverse2: Number, mass: float, proton: float, cut_off: float) -> Number:
    """Form factor of the virtual proton, 1 / (1 + (H / z Lambda_p^2)^2), of the cut-off Lambda_p [GeV]; 2108.05900."""
    ratio = hardness(z, transverse2, mass, proton) / (z * cut_off * cut_off)
    return 1.0 / (1.0 + ratio * ratio)


@jit
def yukawa(z: Number, transverse2: Number, mass: float, proton: float) -> Number:
    """Splitting into a scalar with the coupling g pbar p S at g = 1 [GeV^-2], without form factor.

    z (m_p^2 (2 - z)^2 + p_T^2) / 16 pi^2 H^2: phase space 1 / 16 pi^2 z, flux of the proton that is left 1 - z,
    propagator (z / H)^2, and the mean over spins of the vertex squared, (m_p^2 (2 - z)^2 + p_T^2) / (1 - z).

    Parameters
    ----------
    z, transverse2, mass, proton
        As in `bluemlein_brunner`.

    References
    ----------
    Boiarska et al., arXiv:1904.10447, appendix D, which as others code it has 1 / 8 pi^2.  The steps above give the w1
    of `quasi_real` for a vector.
    """
    h = hardness(z, transverse2, mass, proton)
    return z * (proton * proton * (2.0 - z) ** 2 + transverse2) / (16.0 * math.pi * math.pi * h * h)


@jit
def phase_space(energy: float, theta: float, mass: float, beam: float) -> tuple[float, float, float]:
    """Momentum fraction, transverse momentum squared [GeV^2], and dz dp_T^2 per log energy and solid angle [GeV^2]."""
    momentum = math.sqrt(max((energy - mass) * (energy + mass), 0.0))
    transverse2 = (momentum * math.sin(theta)) ** 2
    return momentum / beam, transverse2, energy * energy * momentum * math.cos(theta) / (beam * math.pi)


@jit
def trusted(z: float, transverse2: float, mass: float, proton: float, beam: float, limits: Array) -> bool:
    """Whether a splitting lies where it is trusted: z, p_T^2 and H / 4 p^2 z (1 - z)^2 within limits, shape (4,)."""
    if not limits[0] < z < limits[1] or transverse2 > limits[2]:
        return False
    largest: float = limits[3] * 4.0 * beam * beam * z * (1.0 - z) ** 2
    return hardness(z, transverse2, mass, proton) < largest


@jit
def look(
    mass: float,
    beam: float,
    proton: float,
    limits: Array,
    energies: Array,
    angles: Array,
    z: Array,
    transverse2: Array,
    measure: Array,
) -> None:
    """Where to take a splitting: what `phase_space` gives at the nodes, and no measure where it is not `trusted`.

    Parameters
    ----------
    mass, beam, proton : float
        Mass of the boson, momentum and mass of the proton [GeV].
    limits : ndarray, shape (4,)
        See `trusted`.
    energies : ndarray, shape (e,)
        [GeV]
    angles : ndarray, shape (e, u)
        [rad]
    z, transverse2, measure : ndarray, shape (e, u)
        Written to.
    """
    for e in range(energies.size):
        for u in range(angles.shape[1]):
            z[e, u], transverse2[e, u], measure[e, u] = phase_space(energies[e], angles[e, u], mass, beam)
            if not trusted(z[e, u], transverse2[e, u], mass, proton, beam, limits):
                z[e, u], measure[e, u] = limits[1], 0.0
