"""Flavour-changing decays to an axion-like particle: what B mesons and kaons need."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from darkdump import particles, tables
from darkdump.formfactors.b_to_strange import quark_mass
from darkdump.phasespace import momentum
from darkdump.portals.alp_running import Key, constants, flavour_changing, key, low_energy

Pattern = Mapping[str, float]


def beauty_coupling(factor: float) -> Callable[[Pattern], float]:
    """Coupling h of h sbar_L b_R a + h.c. at a coupling of one, for `darkdump.production.b_decay`.

    Parameters
    ----------
    factor : float
        On the loop of tops: 1, or 4 for the amplitude of arXiv:1412.5174 and 1810.11336, whose coupling to fermions is
        not made invariant under SU(2).
    """

    def coupling(pattern: Pattern) -> float:
        return flavour_changing(pattern, "s", "b", factor) * quark_mass("m_b")

    return coupling


@cache
def _octet(mass2: float, pattern: Key, charged: bool) -> float:
    """Amplitude [GeV] of K -> pi a by the octet operator, at f = 1 GeV.

    N_8 / 4 [16 c_GG (K - P)(K - a) / D + 6 (c_u + c_d - 2 c_s) a (K - a) / D + (2 c_u + c_d + c_s)(K - P - a)
    + 4 c_s a], where K, P and a are the masses squared and D = 4 K - P - 3 a.  K_S -> pi0 a has the amplitude of K+ by
    isospin, if u and d couple alike; the difference is left out.
    """
    c = low_energy(pattern)
    up, down, strange = c.fermions[:3]
    if not charged:
        up = down = 0.5 * (up + down)
    kaon, pion = particles.mass("K+") ** 2, particles.mass("pi+") ** 2
    left = (kaon - mass2) / (4.0 * kaon - pion - 3.0 * mass2)
    bracket = 16.0 * c.gluon * (kaon - pion) * left + 6.0 * (up + down - 2.0 * strange) * mass2 * left
    bracket += (2.0 * up + down + strange) * (kaon - pion - mass2) + 4.0 * strange * mass2
    return float(0.25 * constants("octet", "strength") * bracket)


@dataclass(frozen=True)
class Kaon:
    """Kaon and pion of a decay, weight of the octet amplitude, and that of the loop of tops from the phase of V_td."""

    name: str
    pion: str
    octet: float
    tops: Callable[[float], float]


KAONS: Final[Mapping[str, Kaon]] = {
    "Kp": Kaon("K+", "pi+", 1.0, lambda _: 1.0),
    "Km": Kaon("K-", "pi-", 1.0, lambda _: 1.0),
    "KS": Kaon("K(S)0", "pi0", 1.0, math.cos),
    "KL": Kaon("K(L)0", "pi0", 0.0, math.sin),
}
"""Kaons by species of the spectra."""


def kaon_width(species: str, mass: float, pattern: Pattern) -> float:
    """Width [GeV] of K -> pi a at a coupling of one.

    The octet amplitude and (m_K^2 - m_pi^2) g_sd / 2 are added in quadrature, as their relative phase is not known.
    K_S -> pi0 a and K_L -> pi0 a have the real and the imaginary part of g_sd.

    Parameters
    ----------
    species : str
        Key of `KAONS`.
    mass : float
        Of the ALP [GeV].
    pattern : mapping

    References
    ----------
    Bauer, Neubert, Renner, Schnubel, Thamm, arXiv:2102.13112.
    """
    decay = KAONS[species]
    kaon, pion = particles.mass(decay.name), particles.mass(decay.pion)
    octet = decay.octet * _octet(mass**2, key(pattern), charged=decay.pion != "pi0")
    tops = 0.5 * (kaon**2 - pion**2) * flavour_changing(pattern, "d", "s")
    tops *= decay.tops(math.radians(tables.data_toml("ckm.toml")["beta"]))
    return (octet**2 + tops**2) * momentum(kaon, mass, pion) / (8.0 * math.pi * kaon**2)
