"""ALPs from photons that convert coherently on the nuclei of the target, gamma A -> a A.

The modes differ only in where the photons come from.  All share the conversion: nuclear form factor of Helm with the
screening by the atom's electrons, least momentum transfer m^2 / 2E, and the angle that the ALP takes.  The coupling is
the effective one of real photons, loops and mesons included.
"""

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors.nuclear import Nucleus, proton
from darkdump.kernels import primakoff as kernel
from darkdump.portals.alp import photon_coupling
from darkdump.production.flux import Flux, Setting

Array = NDArray[np.float64]

KICKS = 32
"""Nodes of the transverse momentum that the nucleus gives, even in its logarithm."""


def kicks(nucleus: Nucleus) -> Array:
    """Transverse momenta [GeV] that matter in a conversion, shape (KICKS,)."""
    low, high = np.sqrt(nucleus.q2_range)
    return np.geomspace(low, high, KICKS)


def cross_sections(nucleus: Nucleus, mass: float, energies: Array) -> Array:
    """Cross section of gamma A -> a A, split by the transverse momentum that the nucleus gives.

    Parameters
    ----------
    nucleus : Nucleus
    mass : float
        Of the ALP [GeV].
    energies : ndarray, shape (e,)
        Of the photon [GeV].

    Returns
    -------
    ndarray, shape (e, KICKS)
        Cross section [GeV^-2] at g = 1/GeV; the sum over kicks is the total.

    References
    ----------
    Doebrich, Jaeckel, Kahlhoefer, Ringwald, Schmidt-Hoberg, arXiv:1512.03069, eq. 3.16; arXiv:1904.02091, eqs. 2.4-2.9.
    """
    nodes = kicks(nucleus)
    out = np.empty((len(energies), KICKS))
    kernel.cross_sections(
        mass, energies, nodes, nucleus.charge, nucleus.radius, nucleus.skin, nucleus.screening, out
    )  # fmt: skip
    out *= np.log(nodes[1] / nodes[0]) * (energies > mass)[:, None]
    out[:, [0, -1]] *= 0.5
    return out


def convert(setting: Setting, log_theta: Array, photons: Array) -> Flux:
    """ALPs from photons.

    Parameters
    ----------
    setting : Setting
    log_theta : ndarray, shape (t,)
        Natural logarithm of angles to the beam [rad], equidistant.
    photons : ndarray, shape (e, t)
        Photons per POT, logarithm of energy and solid angle [1/sr], over the cross section [GeV^-2] of the process that
        competes with the conversion.

    Returns
    -------
    Flux
    """
    nodes = kicks(setting.nucleus)
    seen = np.empty((*setting.directions.shape, KICKS))
    kernel.smear(log_theta, photons, setting.energies, setting.directions, nodes, seen)

    def flux(mass: float) -> Array:
        sigma = cross_sections(setting.nucleus, mass, setting.energies) * photon_coupling(mass, setting.pattern) ** 2
        return (seen @ sigma[:, :, None])[:, :, 0]

    return flux


def _of_table(species: str, setting: Setting) -> Flux:
    """Every photon of the table is absorbed: it converts with the chance sigma_Primakoff / sigma_absorption."""
    spectrum = setting.spectrum
    photons = spectrum.per_solid_angle(species)[setting.bins] / setting.nucleus.sigma_photon
    centres = 0.5 * (spectrum.log_theta[1:] + spectrum.log_theta[:-1]) * np.log(10.0)
    return convert(setting, centres, photons)


def secondary(setting: Setting) -> Flux:
    """Photons of pi0, eta and eta' made in the first interaction of the proton.

    References
    ----------
    Doebrich, Jaeckel, Spadaro, arXiv:1904.02091, section 2.
    """
    return _of_table("photon", setting)


def shower(setting: Setting) -> Flux:
    """Photons of the electromagnetic showers which the photons of `secondary` start in a thick target.

    Taken from the table of the shower in approximation A, see ``data/spectra/README.md``.
    """
    return _of_table("shower", setting)


def primary(setting: Setting) -> Flux:
    """Photons of the electromagnetic field of the beam proton, p A -> p A a.

    The yield is the cross section over the inelastic one of the proton; the transverse momentum of the photon adds to
    that of the conversion.

    References
    ----------
    Doebrich, Jaeckel, Kahlhoefer, Ringwald, Schmidt-Hoberg, arXiv:1512.03069, section 3; Budnev, Ginzburg, Meledin,
    Serbo, Phys. Rept. 15 (1975) 181, app. D.
    """
    field, m2 = proton(), particles.mass("p") ** 2
    log_theta = np.linspace(np.log(1e-6), np.log(1.0), 256)
    photons = np.empty((len(setting.energies), len(log_theta)))
    for e, energy in enumerate(setting.energies):
        x = energy / setting.beam_momentum
        for t, theta in enumerate(np.exp(log_theta)):
            flux = kernel.photon_flux(x, (energy * theta) ** 2, m2, field["dipole"], field["moment_squared"])
            photons[e, t] = flux * x * energy**2 / np.pi
    return convert(setting, log_theta, photons / setting.nucleus.sigma_inelastic)
