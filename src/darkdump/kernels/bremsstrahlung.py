"""Splitting of a proton into a proton and a vector, p -> p V."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit
from darkdump.units import ALPHA

Array = NDArray[np.float64]


@jit
def hardness(z: float, transverse2: float, mass: float, proton: float) -> float:
    """H = p_T^2 + (1 - z) m^2 + z^2 m_p^2 [GeV^2], the virtuality of the intermediate proton times z (up to sign)."""
    return transverse2 + (1.0 - z) * mass * mass + z * z * proton * proton


@jit
def bluemlein_brunner(z: float, transverse2: float, mass: float, proton: float) -> float:
    """Splitting d2w / dz dp_T^2 [GeV^-2] at epsilon = 1 without form factor; Bluemlein & Brunner, arXiv:1311.3870.

    Parameters
    ----------
    z, transverse2 : float
        Momentum fraction and transverse momentum squared [GeV^2] of the vector.
    mass, proton : float
        Of the vector and of the proton [GeV].
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
def quasi_real(z: float, transverse2: float, mass: float, proton: float) -> tuple[float, float, float]:
    """Splittings of Dirac and Pauli coupling, and their interference [GeV^-2]; arXiv:2108.05900, 2409.09123.

    d2N = F_virt^2 (abs(F1)^2 w1 + abs(F2)^2 w2 + Re(F1 F2*) w12) dz dp_T^2.

    Parameters
    ----------
    z, transverse2, mass, proton
        As in `bluemlein_brunner`.

    Returns
    -------
    tuple of float
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
def flux_bluemlein_brunner(
    mass: float, beam: float, proton: float, limits: Array, energies: Array, angles: Array, out: Array
) -> None:
    """Vectors per log energy and solid angle at the nodes, shape (e, u), for `bluemlein_brunner`."""
    for e in range(energies.size):
        for u in range(angles.shape[1]):
            z, transverse2, measure = phase_space(energies[e], angles[e, u], mass, beam)
            out[e, u] = 0.0
            if trusted(z, transverse2, mass, proton, beam, limits):
                out[e, u] = bluemlein_brunner(z, transverse2, mass, proton) * measure


@jit
def flux_quasi_real(
    mass: float,
    beam: float,
    proton: float,
    limits: Array,
    energies: Array,
    angles: Array,
    form: Array,
    cut_off: float,
    out: Array,
) -> None:
    """The same for `quasi_real`, with `form` = abs(F1)^2, abs(F2)^2, Re(F1 F2*) and the cut-off Lambda_p [GeV]."""
    for e in range(energies.size):
        for u in range(angles.shape[1]):
            z, transverse2, measure = phase_space(energies[e], angles[e, u], mass, beam)
            out[e, u] = 0.0
            if trusted(z, transverse2, mass, proton, beam, limits):
                w1, w2, w12 = quasi_real(z, transverse2, mass, proton)
                ratio = hardness(z, transverse2, mass, proton) / (z * cut_off * cut_off)
                virtual = 1.0 / (1.0 + ratio * ratio)
                out[e, u] = virtual**2 * (form[0] * w1 + form[1] * w2 + form[2] * w12) * measure
