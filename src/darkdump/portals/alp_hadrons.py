"""Hadronic widths of an axion-like particle, by named description.

``vmd`` follows arXiv:1811.03474: chiral perturbation theory at leading order with scalar mesons (three mesons) or the
rho (pi pi gamma), their size taken from measured decays of eta and eta' to the same state, and a form factor F(m) that
falls above 1.4 GeV.  ``chiral`` has the leading order alone.  In both, these states are all that there is below
1.5 GeV, and quarks and gluons above 2 GeV.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors.vector_mesons import vector_mesons
from darkdump.portals.alp_amplitudes import STATES, State, amplitude
from darkdump.portals.alp_mesons import decay_constant, nonet, representation
from darkdump.portals.alp_running import FERMIONS, Key, constants, low_energy
from darkdump.portals.loops import triangle
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
"""Of the integrals over phase space, in (-1, 1)."""


def _three_body(mass: float, state: State, field: Complex, source: Array, scalars: bool) -> float:
    """Width [GeV] to three mesons, Gamma = int ds12 ds23 A^2 / (2 pi)^3 32 m^3 n!, n identical ones."""
    m1, m2, m3 = (particles.mass(name) for name in state.mesons)
    if mass <= m1 + m2 + m3:
        return 0.0
    low, high = (m1 + m2) ** 2, (mass - m3) ** 2
    s12 = (0.5 * (low + high) + 0.5 * (high - low) * NODES)[:, None]
    e2 = (s12 - m1**2 + m2**2) / (2.0 * np.sqrt(s12))
    e3 = (mass**2 - s12 - m3**2) / (2.0 * np.sqrt(s12))
    half = 2.0 * np.sqrt((e2**2 - m2**2) * (e3**2 - m3**2))
    s23 = m2**2 + m3**2 + 2.0 * e2 * e3 + half * NODES
    s13 = mass**2 + m1**2 + m2**2 + m3**2 - s12 - s23
    found = amplitude(mass, state, (s23, s13, s12), field, source, scalars)
    integral = 0.5 * (high - low) * float((WEIGHTS[:, None] * half * abs(found) ** 2 * WEIGHTS).sum())
    return integral / ((2.0 * math.pi) ** 3 * 32.0 * mass**3 * state.identical)


def _three_mesons(mass: float, field: Complex, source: Array, channel: str, scalars: bool) -> float:
    return sum(_three_body(mass, state, field, source, scalars) for state in STATES[channel])


def _two_pions_and_photon(mass: float, field: Complex, resonant: bool) -> float:
    """Width [GeV] to pi+ pi- gamma: the box anomaly, with the propagator of the rho if `resonant`.

    dGamma / ds = alpha (2 v_u + v_d)^2 (m^2 - s)^3 s beta^3 / (3^3 2^12 pi^6 F^6 m^3), that is
    arXiv:1108.2419 for a state v of flavours.
    """
    low, high = (2.0 * particles.mass("pi+")) ** 2, mass**2
    if high <= low:
        return 0.0
    s = 0.5 * (low + high) + 0.5 * (high - low) * NODES
    beta = np.sqrt(1.0 - low / s)
    rho, width = (vector_mesons()["rho"][name] for name in ("mass", "width"))
    running = width * (s / rho**2) * (beta / math.sqrt(1.0 - low / rho**2)) ** 3
    line = rho**4 / ((rho**2 - s) ** 2 + (rho * running) ** 2) if resonant else 1.0
    shape = float((WEIGHTS * (high - s) ** 3 * s * beta**3 * line).sum()) * 0.5 * (high - low)
    strength = ALPHA * abs(2.0 * field[0] + field[1]) ** 2 / (3.0**3 * 2**12 * math.pi**6 * decay_constant() ** 6)
    return float(strength * shape / mass**3)


@cache
def measured_over_computed(channel: str) -> float:
    """Measured width of eta' (of eta to three pions) over that of the amplitudes of ``vmd``.

    1 for a channel that neither has.
    """
    measured = constants("branching")
    for name in ("etap", "eta"):
        if f"{name} {channel}" in measured:
            row = ("pi0", "eta", "etap").index(name)
            mass, state = float(nonet().masses[row]), nonet().states[row].astype(complex)
            if channel == "pi pi gamma":
                computed = _two_pions_and_photon(mass, state, resonant=True)
            else:
                computed = _three_mesons(mass, state, np.zeros(3), channel, scalars=True)
            return float(measured[f"{name} {channel}"] * constants("width", name) / computed)
    return 1.0


def form_factor(mass: float) -> float:
    """F(m): 1 up to 1.4 GeV, (1.4 GeV / m)^4 from 2 GeV, and the cubic that is smooth at both ends between.

    References
    ----------
    Aloni, Soreq, Williams, arXiv:1811.03474; the cubic between the two is ours.
    """
    start, end = constants("form", "start"), constants("form", "end")
    if mass >= end:
        return float((start / mass) ** 4)
    x = max((mass - start) / (end - start), 0.0)
    value = (start / end) ** 4
    slope = -4.0 * value / end * (end - start)
    return float(1.0 + x * x * ((3.0 - 2.0 * x) * (value - 1.0) + (x - 1.0) * slope))


def parton_share(mass: float) -> float:
    """Part of the hadronic width that is taken from quarks and gluons: from 0 to 1, smooth."""
    start, end = constants("quarks_and_gluons", "start"), constants("quarks_and_gluons", "end")
    x = min(max((mass - start) / (end - start), 0.0), 1.0)
    return float(x * x * (3.0 - 2.0 * x))


def mesons(channel: str, description: str, mass: float, pattern: Key) -> float:
    """Width [GeV] to three mesons, or to pi pi gamma, at a coupling of one.

    Parameters
    ----------
    channel : str
        Key of `STATES`, or ``"pi pi gamma"``.
    description : str
        ``"vmd"`` or ``"chiral"``.
    mass : float
        [GeV]
    pattern : Key
    """
    exclusive = 1.0 - parton_share(mass)
    if exclusive == 0.0:
        return 0.0
    size = decay_constant() / math.sqrt(2.0)
    field, source = size * representation(mass, pattern), size * low_energy(pattern).fermions[:3]
    fitted = description == "vmd"
    if channel == "pi pi gamma":
        width = _two_pions_and_photon(mass, field, resonant=fitted)
    else:
        width = _three_mesons(mass, field, source, channel, scalars=fitted)
    return exclusive * width * (measured_over_computed(channel) * form_factor(mass) ** 2 if fitted else 1.0)


def loop(mass: float, fermion: float) -> complex:
    """B1(4 m_f^2 / m^2) of a loop of fermions with two photons or gluons: 1 if light, -m^2 / 12 m_f^2 if heavy.

    References
    ----------
    Bauer, Neubert, Thamm, arXiv:1708.00443.
    """
    tau = (0.5 * mass / fermion) ** 2
    return 1.0 - triangle(tau) / tau


def quark_loops(mass: float, pattern: Key) -> Complex:
    """c_q B1 of each quark, in the order of `FERMIONS`."""
    masses = constants("quarks")
    found = [c * loop(mass, masses[q]) for c, q in zip(low_energy(pattern).fermions[:6], FERMIONS[:6], strict=True)]
    return np.array(found, dtype=complex)
