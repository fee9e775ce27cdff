"""Taus from decays of charm and beauty mesons."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.semileptonic import PARENTS, decays
from darkdump.kernels.parents import two_body
from darkdump.phasespace import recoil
from darkdump.portals.hnl_leptons import lepton
from darkdump.portals.hnl_production import Energies, gauss, leptonic, mesons, scale, semileptonic_decay
from darkdump.production.daughters import by_root_theta
from darkdump.production.flux import Setting
from darkdump.units import HBAR

Array = NDArray[np.float64]

MESONS: Final = ("D+", "Ds", "B+", "B0", "Bs")
"""Mesons that decay to taus."""

ENERGIES = 3
"""Energies in the parent's rest frame by which those of three-body decays are replaced."""


def _energies(meson: str) -> Iterator[Energies]:
    """Energies of taus in the rest frame of a meson, and the widths [GeV]: P -> tau nu and P -> h tau nu."""
    own, tau = particles.mass(PARENTS[meson]), lepton("tau")
    if meson in mesons():
        width = leptonic(meson, "tau", 0.0).width
        yield Energies(np.array([0.5 * (own**2 + tau**2) / own]), np.array([width]))
    parts = []
    for decay in decays(meson).values():
        # the tau takes the place of N and the neutrino that of the charged lepton: fermion and antifermion change
        found = semileptonic_decay(replace(decay, up=not decay.up), 0.0, tau)
        parts.append(Energies(found.energy, found.width * scale(decay)))
    yield gauss(parts, ENERGIES)


def with_taus(setting: Setting) -> Setting:
    """The setting with a species ``"tau"``: taus and antitaus per interaction.

    Taus are taken as unpolarised.
    """
    spectrum, tau = setting.spectrum, lepton("tau")
    theta = np.minimum(10.0 ** (0.5 * (spectrum.log_theta[1:] + spectrum.log_theta[:-1])), np.pi)
    momenta = spectrum.momenta
    energies = np.hypot(momenta, tau)
    found, out = np.zeros((len(momenta), len(theta))), np.empty((len(momenta), len(theta)))
    angles, none = np.tile(theta, (len(momenta), 1)), np.empty((0, *out.shape))
    for meson in MESONS:
        own, nodes = particles.mass(PARENTS[meson]), by_root_theta(spectrum, meson)
        for part in _energies(meson):
            for energy, width in zip(part.energy, part.width, strict=True):
                two_body(own, tau, recoil(own, tau, float(energy)), *nodes, energies, angles, out, none)
                found += width * tables.lifetime(meson) / HBAR * out
    solid_angle = 2.0 * np.pi * -np.diff(np.cos(np.minimum(10.0**spectrum.log_theta, np.pi)))
    bins = np.diff(spectrum.log_p) * np.log(10.0) * (momenta / energies) ** 2
    density: Array = (found * bins[:, None] * solid_angle).T
    return replace(setting, spectrum=replace(spectrum, density={**spectrum.density, "tau": density}))
