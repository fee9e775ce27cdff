"""Heavy neutral leptons: rates of decays into three leptons or quarks."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from darkdump import particles, tables
from darkdump.units import G_F

Rate = Callable[[float], float]
"""Width [GeV] of a Dirac particle at a mixing of one: a function of the mass [GeV]."""


def data() -> Mapping[str, Any]:
    """Constants of weak decays."""
    return tables.data_toml("hnl.toml")


FLAVOURS: Final[Mapping[str, str]] = {"e": "e-", "mu": "mu-", "tau": "tau-"}
"""Flavours of leptons, and the name of the charged one in the `particle` library."""


def lepton(flavour: str) -> float:
    """Mass of a charged lepton [GeV]."""
    return particles.mass(FLAVOURS[flavour])


def muon_like(mass: float) -> float:
    """Width [GeV] of three massless fermions by a W boson, G_F^2 m^5 / 192 pi^3."""
    return G_F**2 * mass**5 / (192.0 * math.pi**3)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)


def three_masses(x: float, y: float, z: float) -> float:
    """What the masses of three fermions do to the rate of a charged current, 1 if they have none.

    I(x, y, z) = 12 int ds / s (s - x^2 - y^2) (1 + z^2 - s) sqrt(lambda(s, x^2, y^2) lambda(1, s, z^2)), s from
    (x + y)^2 to (1 - z)^2, the masses being over that of the parent.

    References
    ----------
    Bondarenko, Boyarsky, Gorbunov, Ruchayskiy, arXiv:1805.08567, section 3.
    """
    low, high = (x + y) ** 2, (1.0 - z) ** 2
    if x + y + z >= 1.0:
        return 0.0
    angle = 0.5 * math.pi * (1.0 + NODES)
    s = 0.5 * (high + low) - 0.5 * (high - low) * np.cos(angle)
    roots = np.sqrt(np.maximum((s - low) * (s - (x - y) ** 2) * (high - s) * ((1.0 + z) ** 2 - s), 0.0))
    values = 12.0 / s * (s - x * x - y * y) * (1.0 + z * z - s) * roots
    return float(0.25 * math.pi * (high - low) * np.sum(WEIGHTS * np.sin(angle) * values))


def charged_current(first: float, second: float, third: float = 0.0) -> Rate:
    """Width of N to three fermions of the given masses [GeV] by a W boson.

    References
    ----------
    arXiv:1805.08567, section 3.
    """
    return lambda mass: muon_like(mass) * three_masses(first / mass, second / mass, third / mass)


def pair(left: float, right: float, daughter: float) -> Rate:
    """Width of N -> nu f fbar with the couplings of f to the current of the neutrino, without a factor for colours.

    Parameters
    ----------
    left, right : float
        Couplings of L = -2 sqrt2 G_F (nubar gamma P_L N) fbar gamma (left P_L + right P_R) f.
    daughter : float
        Mass of f [GeV].

    References
    ----------
    arXiv:1805.08567, section 3, where C1 = left^2 + right^2 and C2 = left right; its logarithm is written so that it
    keeps its digits for light f.
    """

    def width(mass: float) -> float:
        x2 = (daughter / mass) ** 2
        if x2 >= 0.25:
            return 0.0
        root = math.sqrt(1.0 - 4.0 * x2)
        log = math.log(4.0 * x2 * x2 / ((1.0 + root) * ((1.0 - 3.0 * x2) + (1.0 - x2) * root))) if x2 > 0.0 else 0.0
        square = (1.0 - 14.0 * x2 - 2.0 * x2**2 - 12.0 * x2**3) * root + 12.0 * x2**2 * (x2**2 - 1.0) * log
        cross = x2 * (2.0 + 10.0 * x2 - 12.0 * x2**2) * root + 6.0 * x2**2 * (1.0 - 2.0 * x2 + 2.0 * x2**2) * log
        return muon_like(mass) * ((left**2 + right**2) * square + 4.0 * left * right * cross)

    return width


def charged_lepton_pair(own: bool, flavour: str) -> Rate:
    """Width of N -> nu l- l+, by the Z boson, and by the W boson too where N mixes with the flavour of l."""
    weak = data()["electroweak"]["sin2_theta_w"]
    return pair(weak + (0.5 if own else -0.5), weak, lepton(flavour))
