"""Heavy neutral leptons from decays of mesons and taus, for one flavour of the mixing at a time.

A mode counts the decays of one family of parents at a mixing |U|^2 of one with one flavour, so that any pattern of
mixings is a sum.  N from two-body decays keep their helicity, as spin along and across their flight in the
laboratory, where that is seen: a Majorana particle decays to both lepton numbers with opposite asymmetries, which
cancel in sums over charges.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.kernels.parents import AZIMUTHS
from darkdump.phasespace import recoil
from darkdump.portals.hnl import NATURES
from darkdump.portals.hnl_leptons import FLAVOURS, data
from darkdump.portals.hnl_production import (
    Energies,
    TwoBody,
    gauss,
    leptonic,
    semileptonic,
    tau_to_leptons,
    tau_to_meson,
)
from darkdump.production.daughters import of_polarised
from darkdump.production.flux import Flux, Setting
from darkdump.production.kaon_decay import chance
from darkdump.production.tau import with_taus
from darkdump.units import HBAR

Array = NDArray[np.float64]

ENERGIES = 3
"""Energies in the parent's rest frame by which those of three-body decays are replaced: they keep six moments.  Four
change no flux by more than 0.2 %."""

HEAVY_AZIMUTHS = 4
"""Directions of a parent of charm or beauty about N, see `darkdump.production.b_decay`."""

Rates = Callable[[str, float], tuple[list[TwoBody], list[Energies]]]
"""Two-body and three-body decays of a parent: from the flavour of the mixing and the mass [GeV]."""


def _leptonic(species: str) -> Rates:
    return lambda flavour, mass: ([leptonic(species, flavour, mass)], [])


def _semileptonic(species: str) -> Rates:
    return lambda flavour, mass: ([], semileptonic(species, flavour, mass))


def _of_tau(flavour: str, mass: float) -> tuple[list[TwoBody], list[Energies]]:
    """Decays of a tau to which a mixing with one flavour leads."""
    if flavour != "tau":
        return [], [tau_to_leptons(flavour, flavour, mass)]
    two = [tau_to_meson(kind, meson, mass) for kind in ("pseudoscalar", "vector") for meson in data()[kind]]
    return two, [tau_to_leptons(light, "tau", mass) for light in FLAVOURS if light != "tau"]


@dataclass(frozen=True)
class Parent:
    """Parents with the same decays.

    Attributes
    ----------
    particle : str
        Name in the `particle` library.
    species : tuple of str
        Names in the spectra, which count particles of both charges, or one of them.
    rates : callable
        Of the first species.
    """

    particle: str
    species: tuple[str, ...]
    rates: Rates


FAMILIES: Final[Mapping[str, tuple[Parent, ...]]] = {
    "pion": (Parent("pi+", ("pip", "pim"), _leptonic("pip")),),
    "kaon-leptonic": (Parent("K+", ("Kp", "Km"), _leptonic("Kp")),),
    "kaon-semileptonic": (
        Parent("K+", ("Kp", "Km"), _semileptonic("Kp")),
        Parent("K(L)0", ("KL", "KS"), _semileptonic("KL")),
    ),
    "d-leptonic": (Parent("D+", ("D+",), _leptonic("D+")),),
    "d-semileptonic": (Parent("D0", ("D0",), _semileptonic("D0")), Parent("D+", ("D+",), _semileptonic("D+"))),
    "ds-leptonic": (Parent("D(s)+", ("Ds",), _leptonic("Ds")),),
    "ds-semileptonic": (Parent("D(s)+", ("Ds",), _semileptonic("Ds")),),
    "tau": (Parent("tau-", ("tau",), _of_tau),),
    "b-leptonic": (Parent("B+", ("B+",), _leptonic("B+")),),
    "b-semileptonic": (
        Parent("B+", ("B+", "B0"), _semileptonic("B+")),
        Parent("B(s)0", ("Bs",), _semileptonic("Bs")),
    ),
    "bc": (Parent("B(c)+", ("Bc",), _leptonic("Bc")),),
}
"""Parents of each production mode; K_L and K_S have the same semileptonic width, those of B+ and B0 differ by 1 %."""

LIGHT: Final = {"pion": "pion", "kaon-leptonic": "kaon", "kaon-semileptonic": "kaon"}
"""Families that fly far, and what they are: only those count that decay before they interact."""


def _decaying(setting: Setting, family: str, parent: Parent) -> Setting:
    """The setting with a species ``"parent"``: parents that decay, times their lifetime [1/GeV]."""
    spectrum, total = setting.spectrum, np.zeros(1)
    momenta = spectrum.momenta
    for species in parent.species:
        lifetime = tables.lifetime(species)
        part = chance(momenta, parent.particle, lifetime, setting.nucleus, LIGHT[family]) if family in LIGHT else 1.0
        total = total + spectrum.density[species] * (part * lifetime / HBAR)
    return replace(setting, spectrum=replace(spectrum, density={"parent": total}))


def of_family(family: str, flavour: str) -> Callable[[Setting], Flux]:
    """Flux of N from the decays of a family of parents, by the mixing with one flavour.

    Parameters
    ----------
    family : str
        Key of `FAMILIES`.
    flavour : str
        Key of `darkdump.portals.hnl_leptons.FLAVOURS`.
    """

    def prepare(setting: Setting) -> Flux:
        whole = with_taus(setting) if family == "tau" else setting
        polarised = setting.pattern["nature"] == NATURES["dirac"]
        azimuths = AZIMUTHS if family in LIGHT else HEAVY_AZIMUTHS
        sources = [
            (
                of_polarised(_decaying(whole, family, parent), "parent", particles.mass(parent.particle), azimuths),
                parent,
            )
            for parent in FAMILIES[family]
        ]

        def flux(mass: float) -> Array:
            out = np.zeros((3, *setting.directions.shape))
            for daughters, parent in sources:
                own = particles.mass(parent.particle)
                two, three = parent.rates(flavour, mass)
                for decay in two:
                    if polarised and decay.width and decay.helicity:
                        out += decay.width * daughters(mass, decay.recoil, decay.helicity)
                    elif decay.width:
                        energy = 0.5 * (own**2 + mass**2 - decay.recoil**2) / own
                        three.append(Energies(np.array([energy]), np.array([decay.width])))
                few = gauss(three, ENERGIES)
                for energy, width in zip(few.energy, few.width, strict=True):
                    out[0] += width * daughters(mass, recoil(own, mass, float(energy)), 0.0)
            return out if polarised else out[0]

        return flux

    return prepare
