"""Vectors from bremsstrahlung of the beam proton, by named prescription."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors import timelike
from darkdump.kernels import bremsstrahlung as kernel
from darkdump.production.flux import Flux, Setting

Array = NDArray[np.float64]


def sigma_pp(s: Array) -> Array:
    """Total pp cross section [mb] at s [GeV^2]: the fit that arXiv:1311.3870 takes from the PDG."""
    c = timelike.bremsstrahlung()
    sigma: Array = (
        c["constant"]
        + c["rise"] * np.log(s / c["scale"] ** 2) ** 2
        + c["y1"] * s ** -c["eta1"]
        - c["y2"] * s ** -c["eta2"]
    )
    return sigma


def _limits() -> Array:
    """Where a splitting is trusted, as `kernels.bremsstrahlung.trusted` reads it."""
    c = timelike.bremsstrahlung()
    return np.array([c["z_min"], c["z_max"], c["p_t_max"] ** 2, c["quasi_real"]])


def _rescattering(setting: Setting) -> Array:
    """sigma_pp(s') / sigma_pp(s) at the nodes, s' being that of the proton that is left, shape (e, 1)."""
    beam, proton = setting.beam_momentum, particles.mass("p")
    left = np.maximum(beam - setting.energies, 0.0)
    ratio = sigma_pp(2.0 * proton * left + 2.0 * proton**2) / sigma_pp(np.array(2.0 * proton * beam))
    return ratio[:, None]


def bluemlein_brunner(form_factor: bool) -> Callable[[Setting], Flux]:
    """Prescription of Bluemlein & Brunner, arXiv:1311.3870, with or without the proton's timelike form factor."""

    def prepare(setting: Setting) -> Flux:
        limits, again = _limits(), _rescattering(setting)

        def flux(mass: float) -> Array:
            out = np.empty_like(setting.directions)
            kernel.flux_bluemlein_brunner(
                mass, setting.beam_momentum, particles.mass("p"), limits, setting.energies, setting.directions, out
            )
            form = timelike.dominance(mass, setting.pattern) if form_factor else timelike.charge(setting.pattern)
            return out * again * abs(form) ** 2

        return flux

    return prepare


def quasi_real(cut_off: float) -> Callable[[Setting], Flux]:
    """Prescription of Foroughi-Abari & Ritz, arXiv:2108.05900, form factors of arXiv:2409.09123.

    Parameters
    ----------
    cut_off : float
        Lambda_p [GeV] of the off-shell form factor.
    """

    def prepare(setting: Setting) -> Flux:
        limits, again = _limits(), _rescattering(setting)

        def flux(mass: float) -> Array:
            f1, f2 = timelike.dirac_pauli(mass)
            form = np.array([abs(f1) ** 2, abs(f2) ** 2, (f1 * f2.conjugate()).real])
            out = np.empty_like(setting.directions)
            kernel.flux_quasi_real(
                mass, setting.beam_momentum, particles.mass("p"), limits, setting.energies, setting.directions,
                form, cut_off, out,
            )  # fmt: skip
            return out * again * timelike.charge(setting.pattern) ** 2

        return flux

    return prepare
