"""Vectors that mix with rho, omega and phi made in the target.

How a vector far from the meson's mass replaces it in a collision is not known: the recipes differ by more than an order
of magnitude away from the poles, and double counting with bremsstrahlung in the timelike region is open.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump.formfactors.vector_mesons import COUPLINGS, vector_mesons
from darkdump.production.flux import Flux, Setting
from darkdump.production.meson_mixing import at_matched_momentum
from darkdump.units import ALPHA

Array = NDArray[np.float64]
SPECIES: Final[Mapping[str, str]] = {"rho": "rho0", "omega": "omega", "phi": "phi"}
"""The mesons of ``data/vector_mesons.toml`` as the spectra name them."""


def coupling2(meson: dict[str, float]) -> float:
    """(e / g_V)^2 of the coupling e M^2 / g_V to a photon, from Gamma(V -> e e) = 4 pi alpha^2 M / (3 g_V^2)."""
    return 3.0 * meson["ee"] * meson["width"] / (ALPHA * meson["mass"])


def mixing2(meson: dict[str, float], mass: float, power: int) -> float:
    """|theta|^2 of a vector and a meson at epsilon = 1.

    (e / g_V)^2 |N / (m^2 - M^2 + i M Gamma)|^2 with N = M^2 (`power` 0: the current of the quarks is the meson's field)
    or N = m^2 (`power` 2: the fields' kinetic terms mix); the same at m = M.

    Parameters
    ----------
    meson : dict
        Of ``data/vector_mesons.toml``.
    mass : float
        Of the vector [GeV].
    power : int
        0 or 2.
    """
    square = meson["mass"] ** 2
    strength = square * (mass**2 / square) ** (power / 2)
    return float(coupling2(meson) * strength**2 / ((mass**2 - square) ** 2 + square * meson["width"] ** 2))


def matched_momentum(power: int) -> Callable[[Setting], Flux]:
    """The spectrum of each meson at the same momentum in the centre of mass, times the mixing; no interference.

    References
    ----------
    Berlin, Kling, arXiv:1810.01879, section II (with N = M^2 in the codes that follow it); revised in Kyselov,
    Ovchynnikov, arXiv:2409.11096.
    """

    def prepare(setting: Setting) -> Flux:
        mesons = vector_mesons()
        taken = {name: at_matched_momentum(setting, SPECIES[name], mesons[name]["mass"]) for name in SPECIES}
        strengths = {name: COUPLINGS[name](setting.pattern) ** 2 for name in SPECIES}

        def flux(mass: float) -> Array:
            parts = [strengths[name] * mixing2(mesons[name], mass, power) * taken[name](mass) for name in SPECIES]
            total: Array = np.sum(parts, axis=0)
            return total

        return flux

    return prepare
