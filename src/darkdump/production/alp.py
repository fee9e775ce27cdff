"""ALPs from mesons: mixing with pi0, eta and eta', and decays of B mesons and kaons."""

import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors.b_to_strange import quark_mass
from darkdump.portals.alp_mesons import NAMES, angle
from darkdump.portals.alp_running import Key, constants, flavour_changing, key, low_energy
from darkdump.production import b_decay as b_decays
from darkdump.production import kaon_decay
from darkdump.production.flux import Flux, Setting
from darkdump.production.meson_mixing import at_matched_momentum

Array = NDArray[np.float64]
Pattern = Mapping[str, float]


def mixing(meson: str, *, rotated: bool = False) -> Callable[[Setting], Flux]:
    """Flux of the ALPs that mix with a meson: the meson's, times the square of `darkdump.portals.alp_mesons.angle`.

    The mesons are added without interference.
    """

    def prepare(setting: Setting) -> Flux:
        flux = at_matched_momentum(setting, meson, particles.mass(NAMES[meson]))
        pattern = key(setting.pattern)

        def mixed(mass: float) -> Array:
            return angle(meson, mass, pattern, rotated=rotated) ** 2 * flux(mass)

        return mixed

    return prepare


def b_decay(factor: float) -> Callable[[Setting], Flux]:
    """Flux of ALPs from B -> K_x a, summed over the states K_x.

    Parameters
    ----------
    factor : float
        On the loop of tops: 1, or 4 for the amplitude of arXiv:1412.5174 and 1810.11336, whose coupling to fermions is
        not made invariant under SU(2).
    """

    def coupling(pattern: Pattern) -> float:
        return flavour_changing(pattern, "s", "b", factor) * quark_mass("m_b")

    return b_decays.exclusive(coupling)


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


PHASES: Mapping[str, tuple[float, Callable[[float], float]]] = {
    "Kp": (1.0, lambda _: 1.0),
    "Km": (1.0, lambda _: 1.0),
    "KS": (1.0, math.cos),
    "KL": (0.0, math.sin),
}
"""Weight of the octet amplitude, and that of the loop of tops from the phase of V_td."""


def kaon_width(species: str, mass: float, pattern: Pattern) -> float:
    """Width [GeV] of K -> pi a at a coupling of one.

    The octet amplitude and (m_K^2 - m_pi^2) g_sd / 2 are added in quadrature, as their relative phase is not known.
    K_S -> pi0 a and K_L -> pi0 a have the real and the imaginary part of g_sd.

    Parameters
    ----------
    species : str
        Key of `darkdump.production.kaon_decay.DECAYS`.
    mass : float
        Of the ALP [GeV].
    pattern : mapping

    References
    ----------
    Bauer, Neubert, Renner, Schnubel, Thamm, arXiv:2102.13112.
    """
    kaon, pion = (particles.mass(name) for name in kaon_decay.DECAYS[species])
    if mass >= kaon - pion:
        return 0.0
    weight, part = PHASES[species]
    octet = weight * _octet(mass**2, key(pattern), charged=species in ("Kp", "Km"))
    tops = 0.5 * (kaon**2 - pion**2) * flavour_changing(pattern, "d", "s")
    tops *= part(math.radians(constants("ckm", "beta")))
    triangle = (kaon**2 - (pion + mass) ** 2) * (kaon**2 - (pion - mass) ** 2)
    return (octet**2 + tops**2) * math.sqrt(triangle) / (16.0 * math.pi * kaon**3)


k_decay = kaon_decay.prepare(kaon_width)
"""Flux of ALPs from kaons that decay before they interact."""
