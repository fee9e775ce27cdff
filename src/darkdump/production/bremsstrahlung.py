"""Vectors and scalars from bremsstrahlung of the beam proton, by named prescription."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors import timelike
from darkdump.kernels import bremsstrahlung as kernel
from darkdump.production.flux import Flux, Setting

Array = NDArray[np.float64]
Pattern = Mapping[str, float]
Splitting = Callable[[Array, Array, float, Pattern], Array]
"""Splitting d2w / dz dp_T^2 [GeV^-2] at a coupling of one, from z, p_T^2 [GeV^2], the mass [GeV] and the pattern."""


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


def of_splitting(splitting: Splitting) -> Callable[[Setting], Flux]:
    """Flux of the bosons into which the beam proton splits, each proton interacting once in the target."""

    def prepare(setting: Setting) -> Flux:
        limits, again = _limits(), _rescattering(setting)

        def flux(mass: float) -> Array:
            z, transverse2, measure = np.empty((3, *setting.directions.shape))
            kernel.look(
                mass, setting.beam_momentum, particles.mass("p"), limits, setting.energies, setting.directions,
                z, transverse2, measure,
            )  # fmt: skip
            density: Array = splitting(z, transverse2, mass, setting.pattern) * measure * again
            return density

        return flux

    return prepare


def bluemlein_brunner(form_factor: bool) -> Callable[[Setting], Flux]:
    """Prescription of Bluemlein & Brunner, arXiv:1311.3870, with or without the proton's timelike form factor."""

    def splitting(z: Array, transverse2: Array, mass: float, pattern: Pattern) -> Array:
        form = timelike.dominance(mass, pattern) if form_factor else timelike.charge(pattern)
        return kernel.bluemlein_brunner(z, transverse2, mass, particles.mass("p")) * abs(form) ** 2

    return of_splitting(splitting)


def quasi_real(cut_off: float) -> Callable[[Setting], Flux]:
    """Prescription of Foroughi-Abari & Ritz, arXiv:2108.05900, form factors of arXiv:2409.09123.

    Parameters
    ----------
    cut_off : float
        Lambda_p [GeV] of the off-shell form factor.
    """

    def splitting(z: Array, transverse2: Array, mass: float, pattern: Pattern) -> Array:
        f1, f2 = timelike.dirac_pauli(mass)
        w1, w2, w12 = kernel.quasi_real(z, transverse2, mass, particles.mass("p"))
        virtual = kernel.off_shell(z, transverse2, mass, particles.mass("p"), cut_off)
        both = abs(f1) ** 2 * w1 + abs(f2) ** 2 * w2 + (f1 * f2.conjugate()).real * w12
        return virtual**2 * both * timelike.charge(pattern) ** 2

    return of_splitting(splitting)


def scalar(published: bool) -> Callable[[Setting], Flux]:
    """Scalars that mix with the Higgs boson, at sin(theta) = 1.

    Parameters
    ----------
    published : bool
        Whether with the normalisation 1 / 8 pi^2 of arXiv:1904.10447 as others code it, twice the one derived.
    """

    def splitting(z: Array, transverse2: Array, mass: float, _: Pattern) -> Array:
        strength = (2.0 if published else 1.0) * timelike.scalar_coupling() ** 2 * abs(timelike.scalar(mass)) ** 2
        return strength * kernel.yukawa(z, transverse2, mass, particles.mass("p"))

    return of_splitting(splitting)
