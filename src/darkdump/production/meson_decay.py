"""Vectors from decays of mesons made in the target, P -> gamma V and omega -> pi0 V."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.phasespace import momentum
from darkdump.production.daughters import of_two_body
from darkdump.production.flux import Flux, Setting

Array = NDArray[np.float64]
Charges = Mapping[str, float]


@dataclass(frozen=True)
class Decay:
    """A radiative decay: the meson as the spectra and as the `particle` library name it, what the vector is
    made with (empty for a photon), and the coupling of the vector over that of a photon."""

    species: str
    parent: str
    other: str
    coupling: Callable[[Charges], float]


DECAYS: Final[Mapping[str, Decay]] = {
    "pi0-decay": Decay("pi0", "pi0", "", lambda q: 2.0 * q["u"] + q["d"]),
    "eta-decay": Decay("eta", "eta", "", lambda q: (2.0 * q["u"] - q["d"] + q["s"]) * 0.75),
    "etap-decay": Decay("etap", "eta'(958)", "", lambda q: (2.0 * q["u"] - q["d"] - 2.0 * q["s"]) * 3.0 / 7.0),
    "omega-decay": Decay("omega", "omega(782)", "pi0", lambda q: q["u"] - q["d"]),
}
"""Mesons and how a vector couples to them: traces of the charge with the meson's flavour, eta and eta' at the mixing
angle of -19.5 degrees (the factors are one for electric charges)."""


def branching_ratio(decay: Decay, mass: float) -> float:
    """Branching ratio to a dark photon at epsilon = 1.

    P -> gamma V: 2 (1 - m^2 / M^2)^3 BR(P -> gamma gamma); omega -> pi0 V: BR(omega -> pi0 gamma) times the cube of the
    momentum over that with a photon.

    References
    ----------
    Batell, Pospelov, Ritz, arXiv:0906.5614, eq. 8; arXiv:1903.08767, eq. 1.
    """
    ratio: float = tables.data_toml("mesons.toml")[decay.species]["radiative"]
    parent = particles.mass(decay.parent)
    if not decay.other:
        return 2.0 * (1.0 - (mass / parent) ** 2) ** 3 * ratio if mass < parent else 0.0
    other = particles.mass(decay.other)
    return ratio * (momentum(parent, mass, other) / momentum(parent, 0.0, other)) ** 3


def prepare(name: str) -> Callable[[Setting], Flux]:
    """Flux of the vectors of one decay."""
    decay = DECAYS[name]

    def of(setting: Setting) -> Flux:
        other = particles.mass(decay.other) if decay.other else 0.0
        daughters = of_two_body(setting, decay.species, particles.mass(decay.parent))
        strength = decay.coupling(setting.pattern) ** 2

        def flux(mass: float) -> Array:
            return strength * branching_ratio(decay, mass) * daughters(mass, other)

        return flux

    return of
