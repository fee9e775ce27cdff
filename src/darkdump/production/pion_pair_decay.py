"""Vectors from eta' -> pi+ pi- V, with the pions from a rho."""

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.vector_mesons import COUPLINGS, vector_mesons
from darkdump.production.daughters import of_two_body
from darkdump.production.flux import Flux, Setting

Array = NDArray[np.float64]

STEPS = 256
"""Masses of the pair of pions over which is summed."""


def pion_pair(parent: float, mass: float) -> tuple[float, float]:
    """Width of parent -> (pi pi) V over that with a photon, and the root of the pair's mean squared mass [GeV].

    dGamma/ds ~ s beta^3 lambda(M^2, s, m^2)^(3/2) |M_rho^2 / (M_rho^2 - s - i M_rho Gamma_rho)|^2: P waves of the pions
    and of the pair and the vector, which is what the one gauge-invariant coupling of a pseudoscalar gives.

    References
    ----------
    Sakurai, Ann. Phys. 11 (1960) 1: vector-meson dominance; the derivation is in the test.
    """
    rho = vector_mesons()["rho"]
    pion = particles.mass("pi+")

    def spectrum(s: Array, m: float) -> Array:
        triangle = (parent**2 - (np.sqrt(s) + m) ** 2) * (parent**2 - (np.sqrt(s) - m) ** 2)
        shape = rho["mass"] ** 4 / ((rho["mass"] ** 2 - s) ** 2 + (rho["mass"] * rho["width"]) ** 2)
        density: Array = s * (1.0 - 4.0 * pion**2 / s) ** 1.5 * np.maximum(triangle, 0.0) ** 1.5 * shape
        return density

    def moments(m: float) -> tuple[float, float]:
        least, most = 4.0 * pion**2, (parent - m) ** 2
        s = least + (np.arange(STEPS) + 0.5) / STEPS * (most - least)
        density = spectrum(s, m) * (most - least) / STEPS
        return float(density.sum()), float((density * s).sum())

    number, square = moments(mass)
    return number / moments(0.0)[0], float(np.sqrt(square / number))


def prepare(setting: Setting) -> Flux:
    """Flux of the vectors: a two-body decay to the vector and a pair of the mean mass.

    The photon of eta' -> rho gamma couples to the isovector charge.
    """
    parent = particles.mass("eta'(958)")
    daughters = of_two_body(setting, "etap", parent)
    ratio: float = tables.data_toml("mesons.toml")["etap"]["pion_pair"]
    strength = ratio * COUPLINGS["rho"](setting.pattern) ** 2
    closed = parent - 2.0 * particles.mass("pi+")

    def flux(mass: float) -> Array:
        if mass >= closed or strength == 0.0:
            return np.zeros_like(setting.directions)
        part, pair = pion_pair(parent, mass)
        return strength * part * daughters(mass, pair)

    return flux
