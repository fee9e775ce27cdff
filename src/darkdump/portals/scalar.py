"""Scalars that mix with the Higgs boson: each coupling of the Higgs boson times sin(theta)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors import scalar_mesons
from darkdump.portals.loops import triangle
from darkdump.units import ALPHA, VEV

Array = NDArray[np.float64]
Pattern = Mapping[str, float]
Width = Callable[[float, Array, Pattern], Array]


def _data() -> dict[str, Any]:
    return tables.data_toml("scalar.toml")


def _speed(mass: float, daughter: float) -> float:
    """Speed of two equal daughters; zero where the decay is closed."""
    return math.sqrt(max(1.0 - (2.0 * daughter / mass) ** 2, 0.0))


def lepton_pair(lepton: str) -> Width:
    """Width of S -> l+ l-, sin^2(theta) m_l^2 m beta^3 / 8 pi v^2.

    References
    ----------
    Winkler, arXiv:1809.01876, section 2.
    """

    def width(mass: float, theta: Array, _: Pattern) -> Array:
        m = particles.mass(lepton)
        return theta**2 * m**2 * mass * _speed(mass, m) ** 3 / (8.0 * math.pi * VEV**2)

    return width


def meson_pair(meson: str, name: str, part: float, description: str) -> Width:
    """Width to one pair of mesons, part sin^2(theta) beta abs(F)^2 / 8 pi v^2 m, below the transition to quarks.

    Parameters
    ----------
    meson, name : str
        As `scalar_mesons` and as the `particle` library name it.
    part : float
        1/2 for charged, 1/4 for neutral pions, which are equal; 1/2 for each pair of kaons.
    description : str
        Key of `scalar_mesons.DESCRIPTIONS`.

    References
    ----------
    Winkler, arXiv:1809.01876, section 2.2.
    """

    def width(mass: float, theta: Array, _: Pattern) -> Array:
        form = scalar_mesons.DESCRIPTIONS[description](meson, mass)
        speed = _speed(mass, particles.mass(name)) if mass < _data()["hadrons"]["transition"] else 0.0
        return theta**2 * part * speed * abs(form) ** 2 / (8.0 * math.pi * VEV**2 * mass)

    return width


def other_hadrons(mass: float, theta: Array, _: Pattern) -> Array:
    """Width to what is neither pi pi nor K K, below the transition to quarks: sin^2(theta) C m^3 beta, from 4 m_pi on.

    References
    ----------
    Winkler, arXiv:1809.01876, section 2.2: the constant makes the sum meet that of quarks and gluons at 2 GeV.
    """
    hadrons = _data()["hadrons"]
    speed = _speed(mass, 2.0 * particles.mass("pi+")) if mass < hadrons["transition"] else 0.0
    return theta**2 * (float(hadrons["other"]) * mass**3 * speed)


def quark_pair(quark: str, meson: str) -> Width:
    """Width to quarks above the transition, 3 sin^2(theta) m_q^2 m beta^3 / 8 pi v^2, with the lightest meson's speed.

    References
    ----------
    Winkler, arXiv:1809.01876, section 2.2.
    """

    def width(mass: float, theta: Array, _: Pattern) -> Array:
        heavy: float = _data()["quarks"][quark]
        speed = _speed(mass, particles.mass(meson)) if mass >= _data()["hadrons"]["transition"] else 0.0
        return theta**2 * 3.0 * heavy**2 * mass * speed**3 / (8.0 * math.pi * VEV**2)

    return width


def alpha_s(mass: float) -> float:
    """Strong coupling at a scale [GeV], running at one loop."""
    start = _data()["alpha_s"]
    slope = (33.0 - 2.0 * start["flavours"]) / (12.0 * math.pi)
    value: float = start["value"] / (1.0 + start["value"] * slope * math.log((mass / start["scale"]) ** 2))
    return value


def gluons(mass: float, theta: Array, _: Pattern) -> Array:
    """Width to gluons above the transition, sin^2(theta) alpha_s^2 m^3 / 32 pi^3 v^2 abs(sum over quarks of A / 2)^2.

    References
    ----------
    Spira, arXiv:hep-ph/9705337, at lowest order; Winkler, arXiv:1809.01876, section 2.2.
    """
    loops = 0.5 * sum(fermion_loop(mass, heavy) for heavy in _data()["quarks"].values())
    strength = alpha_s(mass) * abs(loops) if mass >= _data()["hadrons"]["transition"] else 0.0
    return (theta * strength) ** 2 * mass**3 / (32.0 * math.pi**3 * VEV**2)


def photons(mass: float, theta: Array, _: Pattern) -> Array:
    """Width to photons, sin^2(theta) alpha^2 m^3 / 256 pi^3 v^2 abs(A_W + sum over fermions of N Q^2 A)^2.

    W boson, charged leptons, c, b and t.  The lighter quarks, which are not perturbative, are left out, while the terms
    that remain cancel to a tenth: take it as an order of magnitude of a width that is always small.

    References
    ----------
    Spira, arXiv:hep-ph/9705337.
    """
    total = w_loop(mass, particles.mass("W+"))
    total += sum(fermion_loop(mass, particles.mass(lepton)) for lepton in ("e-", "mu-", "tau-"))
    for quark, charge2 in (("m_c", 4.0 / 9.0), ("m_b", 1.0 / 9.0), ("m_t", 4.0 / 9.0)):
        total += 3.0 * charge2 * fermion_loop(mass, _data()["quarks"][quark])
    return (theta * ALPHA * abs(total)) ** 2 * mass**3 / (256.0 * math.pi**3 * VEV**2)


SMALL = 1e-3
"""tau = m^2 / 4 M^2 below which loops are taken from their series."""


def fermion_loop(mass: float, heavy: float) -> complex:
    """A = 2 (tau + (tau - 1) f) / tau^2 of a fermion in the loop, 4/3 if it is heavy; tau = m^2 / 4 M^2."""
    tau = (0.5 * mass / heavy) ** 2
    if tau < SMALL:
        return complex(4.0 / 3.0 * (1.0 + 7.0 / 30.0 * tau))
    return 2.0 * (tau + (tau - 1.0) * triangle(tau)) / tau**2


def w_loop(mass: float, heavy: float) -> complex:
    """A = -(2 tau^2 + 3 tau + 3 (2 tau - 1) f) / tau^2 of a vector boson in the loop, -7 if it is heavy."""
    tau = (0.5 * mass / heavy) ** 2
    if tau < SMALL:
        return complex(-7.0 * (1.0 + 22.0 / 105.0 * tau))
    return -(2.0 * tau**2 + 3.0 * tau + 3.0 * (2.0 * tau - 1.0) * triangle(tau)) / tau**2


def channels(description: str) -> dict[str, Width]:
    """Every channel of a scalar, for a description of pions and kaons."""
    return {
        "e e": lepton_pair("e-"),
        "mu mu": lepton_pair("mu-"),
        "tau tau": lepton_pair("tau-"),
        "gamma gamma": photons,
        "pi pi": meson_pair("pi", "pi+", 0.5, description),
        "pi0 pi0": meson_pair("pi", "pi0", 0.25, description),
        "K K": meson_pair("K", "K+", 0.5, description),
        "K0 K0": meson_pair("K", "K0", 0.5, description),
        "other hadrons": other_hadrons,
        "g g": gluons,
        "s s": quark_pair("m_s", "K+"),
        "c c": quark_pair("m_c", "D0"),
    }
