"""Scalars and pseudoscalars from decays of B mesons, B -> X_s X, by named description of the hadronic system X_s.

A portal supplies h, the coupling of h sbar_L b_R X + h.c. at a coupling of one, from the relative couplings of its
card.  Parents are B+ and B0 with their antiparticles; Bs, about a tenth as many, are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from darkdump.formfactors import b_to_strange
from darkdump.production.daughters import of_two_body
from darkdump.production.flux import Flux, Setting
from darkdump.units import HBAR

Array = NDArray[np.float64]
Coupling = Callable[[Mapping[str, float]], float]


LIGHT = 1.1
"""Mass [GeV] between K_x whose decays share one mean recoil mass.  Against a recoil mass for each state it changes the
yield by 0.1 %, and by 0.3 % where only the fastest X count."""


AZIMUTHS = 4
"""Directions of the B meson about X over which is averaged: twice as many change the yield by less than 1 %."""


def of_mesons(setting: Setting, weights: Mapping[str, float]) -> Callable[[float, float], Array]:
    """Daughters of B+ and B0 together, each with its weight."""
    spectrum = setting.spectrum
    total = np.sum([weight * spectrum.density[species] for species, weight in weights.items()], axis=0)
    with_both = replace(setting, spectrum=replace(spectrum, density={**spectrum.density, "B": total}))
    return of_two_body(with_both, "B", b_to_strange.parent_mass(), AZIMUTHS)


def exclusive(h: Coupling) -> Callable[[Setting], Flux]:
    """The sum of two-body decays B -> K_x X, the states K_x in two groups of like mass.

    Parameters
    ----------
    h : callable
        Coupling of h sbar_L b_R X + h.c. from the model's pattern, quark masses in it being those of
        `darkdump.formfactors.b_to_strange.quark_mass`.

    References
    ----------
    Boiarska et al., arXiv:1904.10447.
    """

    def prepare(setting: Setting) -> Flux:
        strength = h(setting.pattern)
        daughters = of_mesons(setting, {name: b_to_strange.lifetime(name) / HBAR for name in ("B+", "B0")})
        recoils = np.array([b_to_strange.recoil_mass(state) for state in b_to_strange.states()])

        def flux(mass: float) -> Array:
            widths = np.array([b_to_strange.width(state, mass, strength) for state in b_to_strange.states()])
            out = np.zeros_like(setting.directions)
            for group in (recoils < LIGHT, recoils >= LIGHT):
                if width := float(widths[group].sum()):
                    mean = float(np.sqrt(widths[group] @ recoils[group] ** 2 / width))
                    out += width * daughters(mass, mean)
            return out

        return flux

    return prepare


def inclusive(h: Coupling) -> Callable[[Setting], Flux]:
    """The decay of a free quark, b -> s X, next to a spectator at rest.

    X has the energy (m_b^2 + m^2) / 2 m_b in the rest frame of the B, as it would have in a two-body decay with the
    recoil mass M^2 = (m_B - m_b) (m_B - m^2 / m_b).

    Parameters
    ----------
    h : callable
        As in `exclusive`.

    References
    ----------
    Feng, Galon, Kling, Trojanowski, arXiv:1710.09387.
    """

    def prepare(setting: Setting) -> Flux:
        strength, quark, parent = h(setting.pattern), b_to_strange.quark_mass("m_b_pole"), b_to_strange.parent_mass()
        daughters = of_mesons(setting, {"B+": 1.0, "B0": 1.0})

        def flux(mass: float) -> Array:
            if mass >= quark:
                return np.zeros_like(setting.directions)
            recoil = np.sqrt((parent - quark) * (parent - mass**2 / quark))
            return b_to_strange.inclusive_ratio(mass, strength) * daughters(mass, float(recoil))

        return flux

    return prepare
