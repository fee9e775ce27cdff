"""Scalars and pseudoscalars from kaons that decay in the target before they interact, K -> pi X."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.nuclear import Nucleus
from darkdump.production.daughters import decaying, of_two_body
from darkdump.production.flux import Flux, Setting
from darkdump.units import HBAR, HBARC

Array = NDArray[np.float64]
Width = Callable[[str, float, Mapping[str, float]], float]
"""Width [GeV] of K -> pi X: from a key of `DECAYS`, the mass [GeV] of X and the pattern, at a coupling of one."""

DECAYS: Final[Mapping[str, tuple[str, str]]] = {
    "Kp": ("K+", "pi+"),
    "Km": ("K-", "pi-"),
    "KL": ("K(L)0", "pi0"),
    "KS": ("K(S)0", "pi0"),
}
"""Kaons as the spectra name them; kaon and pion as the `particle` library names them."""


def chance(momenta: Array, parent: str, lifetime: float, target: Nucleus, kind: str = "kaon") -> Array:
    """Chance that a meson decays before it interacts in a target that is thick, 1 / (1 + gamma beta c tau / lambda).

    Parameters
    ----------
    momenta : ndarray
        [GeV]
    parent : str
        Name in the `particle` library.
    lifetime : float
        [s]
    target : Nucleus
    kind : str
        Table of ``data/interaction_lengths.toml``: ``"kaon"`` or ``"pion"``.

    Returns
    -------
    ndarray
        Of the shape of the momenta.
    """
    length = tables.data_toml("interaction_lengths.toml")[kind][target.name] / target.density * 1e-2
    decay_length = momenta / particles.mass(parent) * lifetime * HBARC / HBAR
    out: Array = 1.0 / (1.0 + decay_length / length)
    return out


def prepare(width: Width) -> Callable[[Setting], Flux]:
    """Flux of X from the decays of charged kaons, K_L and K_S.

    Parameters
    ----------
    width : callable
        See `Width`.
    """

    def of(setting: Setting) -> Flux:
        spectrum = setting.spectrum
        momenta = spectrum.momenta
        daughters = {}
        for species, (parent, _) in DECAYS.items():
            lifetime = tables.lifetime(species)
            before = decaying(spectrum, species, chance(momenta, parent, lifetime, setting.nucleus) * lifetime / HBAR)
            daughters[species] = of_two_body(replace(setting, spectrum=before), species, particles.mass(parent))

        def flux(mass: float) -> Array:
            out = np.zeros_like(setting.directions)
            for species, (_, pion) in DECAYS.items():
                if width_here := width(species, mass, setting.pattern):
                    out += width_here * daughters[species](mass, particles.mass(pion))
            return out

        return flux

    return of
