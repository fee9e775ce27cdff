"""Fluxes of the daughters of tabulated parents."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.parents import AZIMUTHS, two_body
from darkdump.production.flux import Setting
from darkdump.production.spectra import Spectrum

Array = NDArray[np.float64]

ANGLES = 1024
"""Nodes of a table of parents in the root of the angle."""


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
    polarised = of_polarised(setting, species, parent, azimuths)
    return lambda mass, other: polarised(mass, other, 0.0)


def of_polarised(
    setting: Setting, species: str, parent: float, azimuths: int = AZIMUTHS
) -> Callable[[float, float, float], Array]:
    """The same with a third argument, the mean helicity of the daughter in the parent's rest frame.

    Unless it is zero the flux has the shape (3, e, u): number, and number times mean spin along the flight, and across
    it, away from the beam.
    """
    log_p, root_theta, parents = by_root_theta(setting.spectrum, species)

    def flux(mass: float, other: float, helicity: float) -> Array:
        shape = setting.directions.shape
        out = np.zeros((3 if helicity else 1, *shape))
        if mass + other < parent:
            two_body(
                parent, mass, other, log_p, root_theta, parents, setting.energies, setting.directions,
                out[0], out[1:], azimuths,
            )  # fmt: skip
        out[1:] *= helicity
        return out if helicity else out[0]

    return flux


def by_root_theta(spectrum: Spectrum, species: str) -> tuple[Array, Array, Array]:
    """A species as `darkdump.kernels.parents.two_body` reads it: log momentum [GeV], root of the angle, and number."""
    log_p = 0.5 * (spectrum.log_p[1:] + spectrum.log_p[:-1]) * np.log(10.0)
    theta = 10.0 ** (0.5 * (spectrum.log_theta[1:] + spectrum.log_theta[:-1]))
    root_theta = np.linspace(0.0, np.sqrt(theta[-1]), ANGLES)
    log_node = np.log(np.maximum(root_theta, 1e-30) ** 2)
    parents = np.array([np.interp(log_node, np.log(theta), row) for row in spectrum.per_solid_angle(species)])
    parents[:, -1] = 0.0
    return log_p, root_theta, parents


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
