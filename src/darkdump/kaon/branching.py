"""Branching ratios of the decays that kaon mode looks for, at a coupling of one, for each kind of particle.

They go with the square of the coupling, those of heavy neutral leptons with U2 itself: see `POWER`.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from darkdump import tables
from darkdump.errors import DarkdumpError
from darkdump.kaon import pdg, rare
from darkdump.kaon.pi0_photon import ratio_to_two_photons
from darkdump.model import Model
from darkdump.portals import alp_flavour, hnl_production, scalar_flavour
from darkdump.units import HBAR

Pattern = Mapping[str, float]
Ratio = Callable[[Pattern, float], float]
"""From the numbers of a model card that fix the relative size of couplings, and a mass [GeV], to a branching ratio."""

POWER: Final[Mapping[str, int]] = {"alp": 2, "scalar": 2, "vector": 2, "hnl": 1}
"""Power of the coupling with which the ratios go, by portal."""

ELECTRIC: Final[Mapping[str, float]] = {"e": -1.0, "mu": -1.0, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3}
"""Charges of a dark photon, which those of a card must be proportional to."""


def _over_lifetime(width: float, parent: str) -> float:
    return width * tables.lifetime(parent) / HBAR


def scalar(pattern: Pattern, mass: float) -> float:
    """BR(K+ -> pi+ S) at sin(theta) = 1."""
    return _over_lifetime(scalar_flavour.kaon_width("Kp", mass, pattern), "Kp")


def alp(pattern: Pattern, mass: float) -> float:
    """BR(K+ -> pi+ a)."""
    return _over_lifetime(alp_flavour.kaon_width("Kp", mass, pattern), "Kp")


def electric(pattern: Pattern) -> float:
    """Charges of a vector over the electric ones.

    Raises
    ------
    DarkdumpError
        If they are not proportional to the electric ones: only then does the vector couple as a photon does, which is
        what is measured.
    """
    scale = -pattern["e"]
    if any(not math.isclose(pattern[name], scale * one, abs_tol=1e-9) for name, one in ELECTRIC.items()):
        given = ", ".join(f"{name} = {pattern[name]:g}" for name in ELECTRIC)
        raise DarkdumpError(
            f"charges {given} are not allowed in kaon mode; they must be in proportion to the electric ones"
        )
    return scale


def vector(pattern: Pattern, mass: float) -> float:
    """BR(K+ -> pi+ A') at epsilon = 1, from the form factor of K+ -> pi+ gamma*.

    References
    ----------
    Pospelov, arXiv:0811.1030; form factor: `darkdump.kaon.rare.form_factor`.
    """
    return electric(pattern) ** 2 * _over_lifetime(rare.vector_width(mass), "Kp")


def pion_to_vector(pattern: Pattern, mass: float) -> float:
    """BR(pi0 -> gamma A') at epsilon = 1."""
    return electric(pattern) ** 2 * ratio_to_two_photons(mass) * pdg.branching_ratio("pi0 gamma gamma")


def leptonic(pattern: Pattern, mass: float, parent: str, flavour: str) -> float:
    """BR(P+ -> l+ N) at U2 = 1.

    Parameters
    ----------
    pattern : mapping
        Part of each flavour in U2.
    mass : float
        Of N [GeV].
    parent : str
        As the spectra name it: ``"Kp"`` or ``"pip"``.
    flavour : str
        Of the lepton.
    """
    return pattern[flavour] * _over_lifetime(hnl_production.leptonic(parent, flavour, mass).width, parent)


BRANCHING: Final[Mapping[tuple[str, str], Ratio]] = {
    ("pi-x", "scalar"): scalar,
    ("pi-x", "alp"): alp,
    ("pi-x", "vector"): vector,
    ("pi-mumu", "scalar"): scalar,
    ("pi-mumu", "alp"): alp,
    ("pi-mumu", "vector"): vector,
    ("pi-gammagamma", "scalar"): scalar,
    ("pi-gammagamma", "alp"): alp,
    ("pi0-dark-photon", "vector"): pion_to_vector,
    ("hnl-e", "hnl"): partial(leptonic, parent="Kp", flavour="e"),
    ("hnl-mu", "hnl"): partial(leptonic, parent="Kp", flavour="mu"),
    ("pion-hnl-e", "hnl"): partial(leptonic, parent="pip", flavour="e"),
}
"""By search and portal: the decay that makes the particle.  How often that is seen, or leaves, comes on top."""

SEEN: Final[Mapping[str, str]] = {"pi-mumu": "mu mu", "pi-gammagamma": "gamma gamma"}
"""Searches whose parameter holds the branching ratio of a decay of the particle as well, and its channel."""

SQUARES: Final[Mapping[str, Callable[[Pattern], float]]] = {
    "pi0-dark-photon": lambda pattern: electric(pattern) ** 2,
    "hnl-e": lambda pattern: pattern["e"],
    "hnl-mu": lambda pattern: pattern["mu"],
    "pion-hnl-e": lambda pattern: pattern["e"],
}
"""Searches whose parameter is no branching ratio but the square of a coupling: what it is where the model's is one."""


def ratio(search: str, portal: str, pattern: Pattern, mass: float) -> float:
    """Branching ratio at a coupling of one.

    Parameters
    ----------
    search, portal : str
        A key of `BRANCHING`.
    pattern : mapping
        Of the model card.
    mass : float
        [GeV]

    Raises
    ------
    DarkdumpError
        If the search says nothing about the portal.
    """
    _known(search, portal)
    return BRANCHING[search, portal](pattern, mass)


def parameter_at_one(search: str, model: Model, mass: float) -> float:
    """What a search limits, at a coupling of one: a branching ratio, a product of two, or the square of a coupling.

    Parameters
    ----------
    search : str
    model : Model
    mass : float
        [GeV]

    Raises
    ------
    DarkdumpError
        If the search says nothing about the model.
    """
    _known(search, model.portal)
    if search in SQUARES:
        return SQUARES[search](model.pattern)
    made = BRANCHING[search, model.portal](model.pattern, mass)
    return made * model.branching_ratios(mass).get(SEEN[search], 0.0) if search in SEEN else made


def power(model: Model) -> int:
    """Power of a model's coupling with which the parameters go."""
    return POWER[model.portal]


def _known(search: str, portal: str) -> None:
    if (search, portal) not in BRANCHING:
        others = sorted({one for one, kind in BRANCHING if kind == portal})
        raise DarkdumpError(f"{search} says nothing about a model of the portal {portal}; {', '.join(others)} do")
