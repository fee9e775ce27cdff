"""Vectors from the annihilation of a quark and an antiquark, q qbar -> V (Drell-Yan)."""

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors import partons
from darkdump.formfactors.nuclear import Nucleus
from darkdump.production.flux import Flux, Setting
from darkdump.units import ALPHA

Array = NDArray[np.float64]


def least_mass() -> float:
    """Mass [GeV] below which the parton picture is not used."""
    return float(tables.data_columns("drell_yan.csv")[0][0])


def nucleon(target: Nucleus, x: Array, q: float) -> dict[str, Array]:
    """x f(x, Q) of the mean nucleon of a nucleus: neutrons have u and d exchanged.

    Parameters
    ----------
    target : Nucleus
    x : ndarray
    q : float
        Scale [GeV].

    Returns
    -------
    dict of ndarray
        By quark and antiquark, of the shape of `x`.
    """
    proton, z = partons.x_density(x, q), target.charge / target.mass_number
    twin = {"u": "d", "d": "u", "ubar": "dbar", "dbar": "ubar", "s": "s", "sbar": "sbar"}
    return {name: z * proton[name] + (1.0 - z) * proton[twin[name]] for name in proton}


def rapidity_spectrum(setting: Setting, mass: float, y: Array) -> Array:
    """dsigma/dy [GeV^-2] per nucleon at epsilon = 1, y in the centre of mass of the proton and a nucleon.

    dsigma/dy = sum over quarks of 4 pi^2 alpha q^2 / (3 s) [q(x1) qbar(x2) + qbar(x1) q(x2)] with
    x1,2 = m e^(+-y) / sqrt s; leading order, at the scale m.

    Parameters
    ----------
    setting : Setting
    mass : float
        Of the vector [GeV].
    y : ndarray

    Returns
    -------
    ndarray
        Of the shape of `y`.

    References
    ----------
    Drell and Yan, Phys. Rev. Lett. 25 (1970) 316; the narrow-width form of the cross section of a photon of mass m.
    """
    proton = particles.mass("p")
    s = 2.0 * proton * (np.hypot(setting.beam_momentum, proton) + proton)
    x1, x2 = (mass / np.sqrt(s) * np.exp(sign * y) for sign in (1.0, -1.0))
    beam, target = partons.x_density(x1, mass), nucleon(setting.nucleus, x2, mass)
    total = np.zeros_like(y)
    for quark in "uds":
        pairs = beam[quark] * target[f"{quark}bar"] + beam[f"{quark}bar"] * target[quark]
        total += setting.pattern[quark] ** 2 * pairs
    spectrum: Array = 4.0 * np.pi**2 * ALPHA / (3.0 * mass**2) * total
    return spectrum


def prepare(setting: Setting) -> Flux:
    """Vectors above 1.5 GeV; the transverse momentum is Gaussian, with the mean square that Pythia gives.

    Linear in the mass number: A sigma(nucleon) / sigma_inelastic(nucleus).
    """
    proton = particles.mass("p")
    drift = np.arctanh(setting.beam_momentum / (np.hypot(setting.beam_momentum, proton) + proton))
    per_proton = setting.nucleus.mass_number / setting.nucleus.sigma_inelastic

    def flux(mass: float) -> Array:
        if mass < least_mass():
            return np.zeros_like(setting.directions)
        energy = np.maximum(setting.energies, mass)[:, None]
        p = np.sqrt((energy - mass) * (energy + mass))
        across2 = (p * np.sin(setting.directions)) ** 2
        transverse = np.sqrt(mass**2 + across2)
        y = np.arccosh(np.maximum(energy / transverse, 1.0)) * np.sign(np.cos(setting.directions)) - drift
        square = partons.mean_pt2(mass)
        spectrum = rapidity_spectrum(setting, mass, y) * np.exp(-across2 / square) / square
        out: Array = energy * p / np.pi * spectrum * per_proton
        return out

    return flux
