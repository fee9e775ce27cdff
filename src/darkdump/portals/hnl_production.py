"""Heavy neutral leptons N from decays of mesons and of the tau: rates, energies and helicities at a mixing of one.

Rates are those of one charge state of the parent, whose antiparticle does the same with the opposite lepton number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.semileptonic import Decay, decays
from darkdump.phasespace import kallen
from darkdump.portals.hnl_leptons import data, lepton
from darkdump.units import G_F

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TwoBody:
    """A two-body decay: mass of what N is made with [GeV], width [GeV], mean helicity of N where the parent rests."""

    recoil: float
    width: float
    helicity: float


def mesons() -> dict[str, dict[str, Any]]:
    """Charged pseudoscalar mesons of ``data/hnl.toml``, as the spectra name them."""
    return {entry["species"]: entry for entry in data()["pseudoscalar"].values()}


def leptonic(meson: str, flavour: str, mass: float) -> TwoBody:
    """P+ -> l+ N.

    Parameters
    ----------
    meson : str
        Key of `mesons`.
    flavour : str
    mass : float
        Of N [GeV].

    References
    ----------
    Shrock, Phys. Rev. D 24 (1981) 1232; Bondarenko, Boyarsky, Gorbunov, Ruchayskiy, arXiv:1805.08567, section 2.
    """
    entry, light = mesons()[meson], lepton(flavour)
    parent, constant = particles.mass(entry["particle"]), entry["constant"] * tables.ckm(entry["ckm"])
    if mass + light >= parent:
        return TwoBody(light, 0.0, 0.0)
    n2, l2 = (mass / parent) ** 2, (light / parent) ** 2
    root, size = math.sqrt(kallen(1.0, n2, l2)), n2 + l2 - (n2 - l2) ** 2
    width = G_F**2 * constant**2 * parent**3 / (8.0 * math.pi) * size * root
    return TwoBody(light, width, (n2 - l2) * root / size)


def tau_to_meson(kind: str, meson: str, mass: float) -> TwoBody:
    """tau- -> P- N and tau- -> V- N, of taus without polarisation.

    The helicity is that of a heavy particle that turns into a lighter one by V - A: -1 for a light N.

    Parameters
    ----------
    kind, meson : str
        ``"pseudoscalar"`` or ``"vector"``, and a key of that table in ``data/hnl.toml``.
    mass : float
        Of N [GeV].

    References
    ----------
    arXiv:1805.08567, section 2; its prefactor of tau -> rho N is for g = 0.102 GeV^2, see the tests.
    """
    entry, parent = data()[kind][meson], lepton("tau")
    own = particles.mass(entry["particle"])
    if mass + own >= parent:
        return TwoBody(own, 0.0, 0.0)
    n2, h2 = (mass / parent) ** 2, (own / parent) ** 2
    root, ckm = math.sqrt(kallen(1.0, n2, h2)), tables.ckm(entry["ckm"])
    if kind == "vector":
        constant = entry["coupling"] / own
        size, odd = (1.0 - n2) ** 2 + h2 * (1.0 + n2 - 2.0 * h2), 1.0 - n2 + 2.0 * h2
    else:
        constant = entry["constant"]
        size, odd = (1.0 - n2) ** 2 - h2 * (1.0 + n2), 1.0 - n2
    width = (G_F * constant * ckm) ** 2 * parent**3 / (16.0 * math.pi) * size * root
    return TwoBody(own, width, -odd * root / size)


@dataclass(frozen=True)
class Energies:
    """Energies of N in the parent's rest frame [GeV], and the width at each of them [GeV], shapes (n,)."""

    energy: Array
    width: Array


NOWHERE: Final = Energies(np.zeros(0), np.zeros(0))

NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
COSINES, COSINE_WEIGHTS = np.polynomial.legendre.leggauss(6)


def _between(low: float, high: float) -> tuple[Array, Array]:
    """Nodes and weights of an integral whose integrand goes with roots of the distance to both ends."""
    angle = 0.5 * math.pi * (1.0 + NODES)
    half = 0.5 * (high - low)
    return low + half * (1.0 - np.cos(angle)), 0.5 * math.pi * half * WEIGHTS * np.sin(angle)


def semileptonic_decay(decay: Decay, light: float, mass: float) -> Energies:
    """P -> P' l N and P -> V l N with their form factors.

    dGamma / dq^2 dcos = G_F^2 V^2 p p* / (32 pi^3 M^2 q) sum over the helicities of the W boson of the lepton tensor, p
    the momentum of the hadron, p* that of N where l and N rest together, cos its angle to the W boson's flight,
    against which the hadrons move there.

    Parameters
    ----------
    decay : Decay
    light, mass : float
        Of the charged lepton and of N [GeV].

    References
    ----------
    Amplitudes: Richman, Burchat, hep-ph/9508250, section 4; with the masses of both leptons.  The widths are those of
    arXiv:1805.08567, section 2.
    """
    parent, hadron = decay.masses
    if mass + light + hadron >= parent:
        return NOWHERE
    q2, step = _between((mass + light) ** 2, (parent - hadron) ** 2)
    q = np.sqrt(q2)
    p = np.sqrt(np.maximum((parent**2 - (hadron + q) ** 2) * (parent**2 - (hadron - q) ** 2), 0.0)) / (2.0 * parent)
    star = np.sqrt(np.maximum((q2 - (mass + light) ** 2) * (q2 - (mass - light) ** 2), 0.0)) / (2.0 * q)
    of_n, of_l = np.sqrt(star**2 + mass**2), np.sqrt(star**2 + light**2)
    scalar, along, plus, minus = decay.amplitudes(q2, p)

    cos = COSINES[:, None]
    both = of_n * of_l + star**2
    towards_n, towards_l = of_n * scalar + star * cos * along, of_l * scalar - star * cos * along
    tensor = 2.0 * towards_n * towards_l - (scalar**2 - along**2) * both
    ahead = star * q * cos * (1.0 if decay.up else -1.0)
    tensor = tensor + (minus**2 + plus**2) * (both - star**2 * (1.0 - cos**2)) + (minus**2 - plus**2) * ahead
    rate = G_F**2 * decay.strength * p * star / (32.0 * math.pi**3 * parent**2 * q) * step * tensor
    boost = np.hypot(p, q)
    energy = (boost * of_n + p * star * cos) / q
    return Energies(energy.ravel(), (rate * COSINE_WEIGHTS[:, None]).ravel())


@cache
def scale(decay: Decay) -> float:
    """Measured over calculated width with an electron and a neutrino, where it is measured."""
    calculated = float(semileptonic_decay(decay, lepton("e"), 0.0).width.sum())
    return decay.measured / calculated if decay.measured else 1.0


def semileptonic(parent: str, flavour: str, mass: float) -> list[Energies]:
    """All decays P -> h l N of a parent, normalised to what is measured with an electron and a neutrino.

    Parameters
    ----------
    parent : str
        Key of `darkdump.formfactors.semileptonic.PARENTS`.
    flavour : str
    mass : float
        Of N [GeV].
    """
    found = [(semileptonic_decay(decay, lepton(flavour), mass), scale(decay)) for decay in decays(parent).values()]
    return [Energies(part.energy, part.width * factor) for part, factor in found]


def tau_to_leptons(flavour: str, own: str, mass: float) -> Energies:
    """tau- -> l- nubar_l N by U_tau, or tau- -> nu_tau l- Nbar by U_l.

    With Q = p_tau - p_N and r = m_l^2 / Q^2 the squared matrix elements are integrals over the other two leptons of
    (p_tau nubar) (N l) and of (p_tau N) (l nu).

    Parameters
    ----------
    flavour : str
        Of the charged lepton, ``"e"`` or ``"mu"``.
    own : str
        The flavour with which N mixes: ``"tau"`` or `flavour`.
    mass : float
        Of N [GeV].

    References
    ----------
    arXiv:1805.08567, section 2.
    """
    parent, light = lepton("tau"), lepton(flavour)
    if mass + light >= parent:
        return NOWHERE
    energy, step = _between(mass, (parent**2 + mass**2 - light**2) / (2.0 * parent))
    p, q2 = np.sqrt(energy**2 - mass**2), parent**2 + mass**2 - 2.0 * parent * energy
    r = light**2 / q2
    if own == "tau":
        tensor, outer = (1.0 - r) ** 2 / 12.0, (1.0 - r) * (1.0 + 2.0 * r) / 6.0
        n_q, tau_q = parent * energy - mass**2, parent * (parent - energy)
        element = tensor * q2 * parent * energy + outer * n_q * tau_q
    else:
        element = parent * energy * 0.5 * q2 * (1.0 - r)
    rate = G_F**2 * element * (1.0 - r) * p / (math.pi**3 * parent)
    return Energies(energy, rate * step)


def gauss(parts: Sequence[Energies], number: int) -> Energies:
    """A few energies that have the same moments as all of them, up to the power 2 `number` - 1 (Gauss's quadrature).

    References
    ----------
    Golub, Welsch, Math. Comp. 23 (1969) 221, with the recurrence of the energies (Stieltjes).
    """
    energy = np.concatenate([part.energy for part in parts]) if parts else np.zeros(0)
    width = np.concatenate([part.width for part in parts]) if parts else np.zeros(0)
    total = float(width.sum())
    if total <= 0.0:
        return NOWHERE
    share = width / total
    diagonal, side = np.zeros(number), np.zeros(number)
    before, here, norm = np.zeros_like(energy), np.ones_like(energy), 1.0
    for k in range(number):
        diagonal[k] = (share * here**2) @ energy / norm
        ahead = (energy - diagonal[k]) * here - side[k - 1] ** 2 * before if k else energy - diagonal[k]
        before, here = here, ahead
        last, norm = norm, float(share @ here**2)
        side[k] = math.sqrt(max(norm / last, 0.0))
        if norm <= 0.0:
            break
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(side[:-1], 1) + np.diag(side[:-1], -1))
    return Energies(nodes, total * vectors[0] ** 2)
