"""Particles that mix with a meson: the meson's spectrum at a matched momentum."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.production.flux import Setting

Array = NDArray[np.float64]


def at_matched_momentum(setting: Setting, species: str, meson: float) -> Callable[[float], Array]:
    """Flux of particles that take the place of a tabulated meson with the same momentum in the collision's frame.

    In the centre-of-mass frame of the beam proton and a proton at rest, a particle of mass m has the momentum vector of
    the meson: dN / d3p* is the meson's.  With the invariant densities E dN / d3p this is
    (E dN / d3p)(particle) = (E* / E*_M) (E_M dN / d3p_M)(meson).  For a particle of the meson's mass the flux is the
    meson's.

    Parameters
    ----------
    setting : Setting
    species : str
        Of the meson, as the spectra name it.
    meson : float
        Its mass [GeV].

    Returns
    -------
    callable
        From the mass [GeV] of the particle to its flux at the nodes of the setting for a mixing angle of one, shape
        (e, u), as a `darkdump.production.flux.Flux` gives it.

    References
    ----------
    Jerhot, Doebrich, Ertas, Kahlhoefer, Spadaro, arXiv:2201.05170; Aloni, Soreq, Williams,
    arXiv:1811.03474.
    """
    spectrum, proton = setting.spectrum, particles.mass("p")
    table = spectrum.per_solid_angle(species)
    log_p, log_theta = (0.5 * (edges[1:] + edges[:-1]) * np.log(10.0) for edges in (spectrum.log_p, spectrum.log_theta))
    total = np.hypot(setting.beam_momentum, proton) + proton
    beta = setting.beam_momentum / total
    gamma = 1.0 / np.sqrt(1.0 - beta**2)

    def flux(mass: float) -> Array:
        energy = np.maximum(setting.energies, mass)[:, None]
        p = np.sqrt((energy - mass) * (energy + mass))
        across, along = p * np.sin(setting.directions), gamma * (p * np.cos(setting.directions) - beta * energy)
        star = np.sqrt(across**2 + along**2 + mass**2)
        star_meson = np.sqrt(across**2 + along**2 + meson**2)
        along_meson = gamma * (along + beta * star_meson)
        p_meson = np.maximum(np.hypot(across, along_meson), 1e-9)
        energy_meson = np.hypot(p_meson, meson)
        theta = np.arctan2(across, along_meson)
        density = _bilinear(table, log_p, log_theta, np.log(p_meson), np.log(np.maximum(theta, 1e-12)))
        out: Array = p * energy * star / star_meson * energy_meson / p_meson**3 * density
        return out

    return flux


def _bilinear(table: Array, log_p: Array, log_theta: Array, x: Array, y: Array) -> Array:
    """Table at logarithms of momentum and angle: flat below the first node of the angle, zero where it has no bins."""
    step_p, step_t = log_p[1] - log_p[0], log_theta[1] - log_theta[0]
    u, v = (x - log_p[0]) / step_p, np.maximum((y - log_theta[0]) / step_t, 0.0)
    inside = (u > -0.5) & (u < len(log_p) - 0.5) & (v < len(log_theta) - 0.5)
    u, v = np.clip(u, 0.0, len(log_p) - 1.001), np.clip(v, 0.0, len(log_theta) - 1.001)
    i, j = u.astype(int), v.astype(int)
    u, v = u - i, v - j
    near = (1.0 - v) * table[i, j] + v * table[i, j + 1]
    far = (1.0 - v) * table[i + 1, j] + v * table[i + 1, j + 1]
    found: Array = np.where(inside, (1.0 - u) * near + u * far, 0.0)
    return found
