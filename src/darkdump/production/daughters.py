"""Fluxes of the daughters of tabulated parents."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.parents import AZIMUTHS, two_body
from darkdump.production.flux import Setting
from darkdump.production.spectra import Spectrum

Array = NDArray[np.float64]


def of_two_body(
    setting: Setting, species: str, parent: float, azimuths: int = AZIMUTHS
) -> Callable[[float, float], Array]:
    """Daughters of an isotropic two-body decay of a tabulated parent, one for each parent.

    Parameters
    ----------
    setting : Setting
    species : str
        Of the parent, as the spectra name it.
    parent : float
        Its mass [GeV].
    azimuths : int
        Directions of the parent about the daughter; fewer do for heavy parents, whose decays are wide.

    Returns
    -------
    callable
        From the masses [GeV] of the daughter and of what it is made with to its flux at the nodes of the setting, as
        a `darkdump.production.flux.Flux` gives it; zero where the decay is closed.
    """
    spectrum = setting.spectrum
    parents = spectrum.per_solid_angle(species)
    log_p = 0.5 * (spectrum.log_p[1:] + spectrum.log_p[:-1]) * np.log(10.0)
    log_theta = 0.5 * (spectrum.log_theta[1:] + spectrum.log_theta[:-1]) * np.log(10.0)

    def flux(mass: float, other: float) -> Array:
        out = np.zeros_like(setting.directions)
        if mass + other < parent:
            two_body(
                parent, mass, other, log_p, log_theta, parents, setting.energies, setting.directions, out, azimuths
            )
        return out

    return flux


def decaying(spectrum: Spectrum, species: str, chance: Array) -> Spectrum:
    """The spectrum with only those particles of a species that decay before they interact.

    Parameters
    ----------
    spectrum : Spectrum
    species : str
    chance : ndarray, shape (p,)
        Of a decay, in the bins of momentum.
    """
    return replace(spectrum, density={**spectrum.density, species: spectrum.density[species] * chance})
