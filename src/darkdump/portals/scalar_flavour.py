"""Flavour-changing couplings of scalars that mix with the Higgs boson, by the loop of the top quark."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from darkdump import particles, tables
from darkdump.formfactors import b_to_strange
from darkdump.phasespace import momentum
from darkdump.units import G_F, VEV

Pattern = Mapping[str, float]


def _data() -> dict[str, Any]:
    return tables.data_toml("scalar.toml")


def penguin(down: str, strange: str) -> float:
    """Flavour-changing coupling xi of L = sin(theta) xi m_heavy S qbar_L Q_R, 3 sqrt2 G_F m_t^2 V_tq* V_tQ / 16 pi^2 v.

    Parameters
    ----------
    down, strange : str
        Light and heavy quark of V_td and V_ts.

    References
    ----------
    Batell, Pospelov, Ritz, arXiv:0911.4938; Winkler, arXiv:1809.01876.
    """
    ckm: float = tables.ckm(f"t{down}") * tables.ckm(f"t{strange}")
    top: float = _data()["quarks"]["m_t"]
    return 3.0 * math.sqrt(2.0) * G_F * top**2 * ckm / (16.0 * math.pi**2 * VEV)


def beauty_coupling(_: Pattern) -> float:
    """Coupling h of h sbar_L b_R S + h.c. at sin(theta) = 1, for `darkdump.production.b_decay`."""
    return penguin("s", "b") * b_to_strange.quark_mass("m_b")


KAONS: Final[Mapping[str, tuple[str, str, Callable[[float], float]]]] = {
    "Kp": ("K+", "pi+", lambda _: 1.0),
    "Km": ("K+", "pi+", lambda _: 1.0),
    "KL": ("K0", "pi0", lambda beta: math.cos(beta) ** 2),
    "KS": ("K0", "pi0", lambda beta: math.sin(beta) ** 2),
}
"""Kaons by species: particle, pion, and the part of abs(V_ts* V_td)^2 in a decay.  K_L takes the real part of the
product, whose phase is the angle beta of the unitarity triangle, K_S the imaginary part."""


def kaon_width(kaon: str, mass: float, _: Pattern) -> float:
    """Width [GeV] of K -> pi S at sin(theta) = 1, (xi (m_K^2 - m_pi^2) f0 / 2)^2 p / 8 pi m_K^2.

    Only the loop of the top quark counts; the mass of the strange quark cancels, up to m_s / (m_s - m_d).

    Parameters
    ----------
    kaon : str
        Key of `KAONS`.
    mass : float
        Of the scalar [GeV].

    References
    ----------
    Leutwyler, Shifman, Nucl. Phys. B 343 (1990) 369; Winkler, arXiv:1809.01876; Boiarska et al., arXiv:1904.10447.
    """
    name, other, part = KAONS[kaon]
    parent, pion = particles.mass(name), particles.mass(other)
    beta = math.radians(tables.data_toml("ckm.toml")["beta"])
    amplitude: float = 0.5 * penguin("d", "s") * (parent**2 - pion**2) * _data()["kaon"]["f0"]
    return part(beta) * amplitude**2 * momentum(parent, mass, pion) / (8.0 * math.pi * parent**2)


def pair_coupling(mass: float, q2: float, pattern: Pattern) -> float:
    """How often a virtual Higgs boson of squared mass q^2 becomes two scalars, per q^2 [GeV^-2].

    beta a^2 / 32 pi^2 (m_h^2 - q^2)^2, where a = 2 lambda v is the vertex h S S of L = -lambda S^2 H^dagger H.  Times
    the width of a decay into one scalar of mass q at sin(theta) = 1 it is that of the decay into two.

    Parameters
    ----------
    mass : float
        Of the scalar [GeV].
    q2 : float
        [GeV^2]
    pattern : mapping
        With lambda as ``"quartic"``.

    References
    ----------
    Boiarska et al., arXiv:1904.10447, section 2.2; Beacham et al., arXiv:1901.09966, benchmark BC5.
    """
    vertex = 2.0 * pattern["quartic"] * VEV
    speed = math.sqrt(max(1.0 - 4.0 * mass**2 / q2, 0.0))
    return float(speed * (vertex / (4.0 * math.pi * (_data()["higgs"]["mass"] ** 2 - q2))) ** 2 / 2.0)
