"""K+ -> pi+ gamma*, with the photon turned into a pair of leptons or into a dark photon, and K+ -> pi+ gamma gamma.

z is the squared mass of the pair over m_K^2, r = m_pi^2 / m_K^2, lambda = lambda(1, z, r).
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.kaon.fourvectors import mass2, product
from darkdump.kaon.types import Array
from darkdump.phasespace import kallen
from darkdump.units import ALPHA, G_F

Complex = NDArray[np.complex128]


def _data() -> dict[str, Any]:
    return tables.data_toml("kaon", "rare_decays.toml")


@cache
def _masses() -> tuple[float, float]:
    """m_K [GeV] and r."""
    kaon = particles.mass("K+")
    return kaon, (particles.mass("pi+") / kaon) ** 2


def _triangle(z: Array) -> Array:
    r = _masses()[1]
    return np.maximum(kallen(np.ones_like(z), z, np.full_like(z, r)), 0.0)


def _pion_loop(x: Array) -> Complex:
    """G(x) of the loop of two pions, x = z / r: the principal square root and logarithm, cut from x = 4."""
    root = np.sqrt(1.0 - 4.0 / x + 0.0j)
    below = np.sqrt(np.maximum(4.0 / x - 1.0, 0.0)) * np.arcsin(np.minimum(np.sqrt(x) / 2.0, 1.0))
    above = -0.5 * root * (np.log((1.0 - root) / (1.0 + root)) + 1j * math.pi)
    found: Complex = np.where(x <= 4.0, below + 0.0j, above)
    return found


def form_factor(z: Array) -> Complex:
    """W(z) of K+ -> pi+ gamma*, G_F m_K^2 (a + b z) + W_pipi(z).

    References
    ----------
    D'Ambrosio, Ecker, Isidori, Portoles, hep-ph/9808289; NA62, arXiv:2209.05076.
    """
    kaon, r = _masses()
    photon, loop = _data()["photon"], _data()["pion_loop"]
    chi = 4.0 / 9.0 - 4.0 * r / (3.0 * z) - (1.0 - 4.0 * r / z) / 3.0 * _pion_loop(z / r)
    pole = 1.0 + z * (kaon / loop["vector_mass"]) ** 2
    vertex = (loop["alpha"] + loop["beta"] * (z - 1.0 / 3.0 - r) / r) / r
    found: Complex = G_F * kaon**2 * (photon["a"] + photon["b"] * z) + vertex * pole * chi
    return found


def lepton_spectrum(z: Array, lepton: str) -> Array:
    """d Gamma / dz [GeV] of K+ -> pi+ l+ l-.

    alpha^2 m_K / (12 pi (4 pi)^4) lambda^(3/2) sqrt(1 - 4 s / z) (1 + 2 s / z) abs(W)^2, s = m_l^2 / m_K^2.
    """
    kaon, own = _masses()[0], np.minimum((particles.mass(lepton) / _masses()[0]) ** 2 / z, 0.25)
    size = ALPHA**2 * kaon / (12.0 * math.pi * (4.0 * math.pi) ** 4) * np.abs(form_factor(z)) ** 2
    rate: Array = size * _triangle(z) ** 1.5 * np.sqrt(1.0 - 4.0 * own) * (1.0 + 2.0 * own)
    return rate


def vector_width(mass: float) -> float:
    """Width [GeV] of K+ -> pi+ A' at epsilon = 1, alpha m_K z lambda^(3/2) abs(W)^2 / (4 (4 pi)^4), z = m^2 / m_K^2.

    A virtual photon of the squared mass q^2 turns into a pair with the spectral density
    alpha / (3 pi q^2) (1 + 2 s / z) sqrt(1 - 4 s / z), so that d Gamma(l l) / dq^2 is this density times the width of
    a photon with that mass: `lepton_spectrum` divided by its last factors and by alpha / (3 pi z).
    """
    kaon, r = _masses()
    z = np.array([(mass / kaon) ** 2])
    if mass <= 0.0 or math.sqrt(z[0]) >= 1.0 - math.sqrt(r):
        return 0.0
    rate = ALPHA * kaon * z * _triangle(z) ** 1.5 * np.abs(form_factor(z)) ** 2 / (4.0 * (4.0 * math.pi) ** 4)
    return float(rate[0])


def lepton_pair(momenta: Array) -> Array:
    """Squared matrix element of K+ -> l+ l- pi+, up to a factor: abs(W)^2 (lambda - 4 (p_pi.(l+ - l-))^2 / m_K^4).

    Parameters
    ----------
    momenta : ndarray, shape (n, 3, 4)
        Of the leptons and the pion [GeV].
    """
    kaon, difference = _masses()[0], momenta[:, 0] - momenta[:, 1]
    along = product(momenta[:, 2], difference)
    z = mass2(momenta[:, 0] + momenta[:, 1]) / kaon**2
    found: Array = np.abs(form_factor(z)) ** 2 * (_triangle(z) - 4.0 * along**2 / kaon**4)
    return found


def _photon_loop(x: Array) -> Complex:
    """F(x) of two photons from a loop of a meson: 1 - 4 / x arcsin(sqrt(x) / 2)^2 below x = 4."""
    root = np.sqrt(1.0 - 4.0 / x + 0.0j)
    below = 1.0 - 4.0 / x * np.arcsin(np.minimum(np.sqrt(x) / 2.0, 1.0)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        above = 1.0 + (np.log((1.0 - root) / (1.0 + root)) + 1j * math.pi) ** 2 / x
    found: Complex = np.where(x <= 4.0, below + 0.0j, above)
    return found


def two_photon_amplitudes(z: Array, constant: float) -> tuple[Complex, Complex]:
    """A(z) and C(z) of K+ -> pi+ gamma gamma at O(p^4), and its constant c-hat.

    A = G_8 m_K^2 alpha / (2 pi z) [(r - 1 - z) F(z / r) + (1 - r - z) F(z) + c z], loops of pions and kaons;
    C = G_8 m_K^2 alpha / pi [(z - r) / (z - r) - (z - (2 + r) / 3) / (z - r_eta)], poles of pi0 and eta; the first
    bracket of C is one away from the pi0.

    References
    ----------
    Ecker, Pich, de Rafael, Nucl. Phys. B 303 (1988) 665; the unitarity corrections of O(p^6), D'Ambrosio, Portoles,
    hep-ph/9606213, are left out.
    """
    kaon, r = _masses()
    size = _data()["two_photons"]["strength"] * kaon**2 * ALPHA / math.pi
    loops = (r - 1.0 - z) * _photon_loop(z / r) + (1.0 - r - z) * _photon_loop(z) + constant * z
    eta = (particles.mass("eta") / kaon) ** 2
    poles = 1.0 - (z - (2.0 + r) / 3.0) / (z - eta)
    return size / (2.0 * z) * loops, size * poles + 0.0j


def photon_spectrum(z: Array, constant: float | None = None) -> Array:
    """d Gamma / dz [GeV] of K+ -> pi+ gamma gamma, m_K / (2^10 pi^3) z^2 lambda^(1/2) (abs(A)^2 + abs(C)^2).

    Parameters
    ----------
    z : ndarray
    constant : float, optional
        c-hat; that of the data file if not given.
    """
    value: float = _data()["two_photons"]["constant"] if constant is None else constant
    loops, poles = two_photon_amplitudes(z, value)
    size = _masses()[0] / (2.0**10 * math.pi**3)
    rate: Array = size * z**2 * np.sqrt(_triangle(z)) * (np.abs(loops) ** 2 + np.abs(poles) ** 2)
    return rate


def photon_pair(momenta: Array) -> Array:
    """Squared matrix element of K+ -> gamma gamma pi+, up to a factor, z^2 (abs(A)^2 + abs(C)^2); as `lepton_pair`."""
    z = np.maximum(mass2(momenta[:, 0] + momenta[:, 1]) / _masses()[0] ** 2, 1e-12)
    loops, poles = two_photon_amplitudes(z, _data()["two_photons"]["constant"])
    square: Array = z**2 * (np.abs(loops) ** 2 + np.abs(poles) ** 2)
    return square
