"""Branching ratios of the decays that kaon mode looks for, at a coupling of one, for each kind of particle.

They go with the square of the coupling, those of heavy neutral leptons with U2 itself: see `POWER`.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from darkdump import particles, tables
from darkdump.errors import DarkdumpError
from darkdump.kaon import rare
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
        If they are not proportional to the electric ones: only then does the vector couple as a photon does, and what is
        measured with photons can be used.
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
    """BR(pi0 -> gamma A') at epsilon = 1, 2 (1 - m^2 / m_pi0^2)^3 BR(pi0 -> gamma gamma).

    References
    ----------
    Batell, Pospelov, Ritz, arXiv:0903.0363; NA62, arXiv:1903.08767.
    """
    left = max(1.0 - (mass / particles.mass("pi0")) ** 2, 0.0)
    photons: float = tables.data_toml("kaon", "branching_ratios.toml")["pi0 gamma gamma"]["value"]
    return electric(pattern) ** 2 * 2.0 * left**3 * photons


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
}
"""By search and portal: the ratio of the decay that makes the particle.  How often that is seen, or leaves, comes on top."""

LEPTONIC: Final[Mapping[tuple[str, str], Ratio]] = {
    ("K+", "e+"): partial(leptonic, parent="Kp", flavour="e"),
    ("K+", "mu+"): partial(leptonic, parent="Kp", flavour="mu"),
    ("pi+", "e+"): partial(leptonic, parent="pip", flavour="e"),
}
"""Of searches for heavy neutral leptons, by parent and lepton."""


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
    if (search, portal) not in BRANCHING:
        known = sorted({one for one, kind in BRANCHING if kind == portal})
        hint = f"those that do: {', '.join(known)}" if known else "none of this kind does"
        raise DarkdumpError(f"a search of {search} says nothing about the portal {portal}; {hint}")
    return BRANCHING[search, portal](pattern, mass)
