"""Couplings of an axion-like particle from the scale where a card gives them down to the mesons, leading logarithms.

L = sum c_f d_mu a fbar gamma^mu gamma5 f / 2f + (c_GG alpha_s G Gt + c_WW alpha_2 W Wt + c_BB alpha_1 B Bt) a / 4 pi f
for quarks and leptons, at the scale Lambda, with f = 1 GeV in this file.  Above the mass of the top it is the
right-handed fermions that carry the charge c_f, which is the same but for the anomalies of baryon and lepton number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import tables
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Key = tuple[tuple[str, float], ...]

QUARKS: Final = ("u", "d", "s", "c", "b", "t")
LEPTONS: Final = ("e", "mu", "tau")
FERMIONS: Final = (*QUARKS, *LEPTONS)
CHARGE: Final = np.array([2 / 3, -1 / 3, -1 / 3, 2 / 3, -1 / 3, 2 / 3, -1.0, -1.0, -1.0])
COLOURS: Final = np.array([3.0] * 6 + [1.0] * 3)
IS_QUARK: Final = COLOURS == 3.0
IS_UP: Final = CHARGE > 0.0
HYPERCHARGE: Final = np.where(IS_UP, 17 / 48, np.where(IS_QUARK, 5 / 48, 15 / 16))
"""Weight of alpha_1^2 / pi^2 in the running."""
HIGGS: Final = np.where(IS_UP, 6.0, -6.0) + np.array([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.0, 0.0])
"""Weight of y_t^2 c_t / 16 pi^2: the loop of tops that couples to the Z and the Goldstone boson, and the vertex."""


@dataclass(frozen=True)
class Couplings:
    """Couplings over f [1/GeV].

    Attributes
    ----------
    fermions : ndarray, shape (9,)
        Axial couplings c_f in the order of `FERMIONS`.
    gluon, weak, hypercharge : float
        c_GG, c_WW and c_BB, which do not run in this normalisation.
    scale : float
        Where the fermions' are given [GeV].
    """

    fermions: Array
    gluon: float
    weak: float
    hypercharge: float
    scale: float

    @property
    def photon(self) -> float:
        """c_gamma gamma."""
        return self.weak + self.hypercharge


def key(pattern: Mapping[str, float]) -> Key:
    """The pattern of a card as a thing that a cache can remember."""
    return tuple(sorted(pattern.items()))


def given(pattern: Mapping[str, float]) -> Couplings:
    """Couplings at the scale of the card; ``c_qq`` and ``c_ll`` add to those of each quark and lepton."""
    common = {**dict.fromkeys(QUARKS, "c_qq"), **dict.fromkeys(LEPTONS, "c_ll")}
    fermions = [pattern.get(f"c_{f}{f}", 0.0) + pattern.get(common[f], 0.0) for f in FERMIONS]
    gluon, weak, hypercharge = (pattern.get(f"c_{name}", 0.0) for name in ("GG", "WW", "BB"))
    return Couplings(np.array(fermions), gluon, weak, hypercharge, pattern.get("scale", 1000.0))


def constants(*names: str) -> Any:
    """An entry of ``data/alp.toml``."""
    entry: Any = tables.data_toml("alp.toml")
    for name in names:
        entry = entry[name]
    return entry


@cache
def alpha_s(scale: float) -> float:
    """Strong coupling at a scale [GeV], two loops, from the mass of the Z.

    References
    ----------
    Particle Data Group 2024, Quantum chromodynamics.
    """
    place, value, steps = constants("electroweak", "z_mass"), constants("electroweak", "alpha_s"), 200
    step = math.log(scale / place) / steps

    def slope(value: float, log_scale: float) -> float:
        flavours = 3 + sum(math.exp(log_scale) > constants("quarks", heavy) for heavy in "cbt")
        b0, b1 = (33 - 2 * flavours) / (6 * math.pi), (153 - 19 * flavours) / (12 * math.pi**2)
        return float(-(value**2) * (b0 + b1 * value))

    for i in range(steps):
        start = math.log(place) + i * step
        value += step * slope(value + 0.5 * step * slope(value, start), start + 0.5 * step)
    return float(value)


def _slope(c: Couplings, fermions: Array, scale: float, top_loops: bool) -> Array:
    """Derivative of the fermions' couplings by the logarithm of the scale, arXiv:2012.12272, eq. 24."""
    strong, masses = alpha_s(scale), constants("quarks")
    top = masses["t"]
    active = np.array([scale > masses.get(name, 0.0) for name in FERMIONS])
    gluon = c.gluon + 0.5 * fermions[IS_QUARK & active].sum()
    slope: Array = np.where(IS_QUARK, 2.0 * (strong / math.pi) ** 2 * gluon, 0.0)
    if scale < top:
        photon = c.photon + float((COLOURS * CHARGE**2 * fermions)[active].sum())
        return np.asarray(slope + 1.5 * (ALPHA / math.pi * CHARGE) ** 2 * photon)
    electroweak = constants("electroweak")
    alpha_2 = electroweak["alpha"] / electroweak["sin2_theta_w"]
    alpha_1 = electroweak["alpha"] / (1.0 - electroweak["sin2_theta_w"])
    hypercharge = c.hypercharge + float((COLOURS * CHARGE**2 * fermions).sum())
    slope = slope + 9.0 / 16.0 * (alpha_2 / math.pi) ** 2 * c.weak
    slope += HYPERCHARGE * (alpha_1 / math.pi) ** 2 * hypercharge
    if top_loops:
        slope += HIGGS * 2.0 * (top / electroweak["vev"] / (4.0 * math.pi)) ** 2 * fermions[FERMIONS.index("t")]
    return slope


def _evolve(c: Couplings, end: float, top_loops: bool) -> tuple[Array, Array]:
    """Logarithms of scales down to `end` [GeV], and the fermions' couplings there, shape (n, 9)."""
    logs = np.linspace(math.log(c.scale), math.log(end), constants("running", "steps") + 1)
    rows, step = [c.fermions], logs[1] - logs[0]
    for start in logs[:-1]:
        half = rows[-1] + 0.5 * step * _slope(c, rows[-1], math.exp(start), top_loops)
        rows.append(rows[-1] + step * _slope(c, half, math.exp(start + 0.5 * step), top_loops))
    return logs, np.array(rows)


@cache
def low_energy(pattern: Key) -> Couplings:
    """Couplings at the scale of the mesons, from the pattern of a card (see `key`).

    References
    ----------
    Bauer, Neubert, Renner, Schnubel, Thamm, arXiv:2012.12272, eq. 24.
    """
    c = given(dict(pattern))
    middle, end = min(constants("quarks", "t"), c.scale), constants("running", "low")
    above = _evolve(c, middle, top_loops=True)[1][-1]
    below = replace(c, fermions=above, scale=middle)
    return replace(c, fermions=_evolve(below, end, top_loops=True)[1][-1], scale=end)


def flavour_changing(pattern: Mapping[str, float], light: str, heavy: str, factor: float = 1.0) -> float:
    """Coupling g [1/GeV] of g (d_mu a) qbar gamma^mu P_L Q, for d-type quarks q and Q, at a coupling of one.

    Loops of tops with a W or a Goldstone boson: m_t^2 / (16 pi^2 v^2) V_tQ V_tq (2 int c_t dln mu), which is
    c_t ln(Lambda^2 / m_t^2) for a constant c_t, where c_t runs by gauge bosons (a coupling to gluons induces it); and
    of W bosons, -3 sqrt2 G_F M_W^2 g_aW / (16 pi^2) V_tQ V_tq f(m_t^2 / M_W^2) with g_aW = alpha_2 c_WW / pi.

    Parameters
    ----------
    pattern : mapping
    light, heavy : str
        Of ``"d"``, ``"s"``, ``"b"``.
    factor : float
        On the part of the tops, for prescriptions that differ in it.

    References
    ----------
    Tops: Bauer, Neubert, Renner, Schnubel, Thamm, arXiv:2110.10698; W: Izaguirre, Lin, Shuve,
    arXiv:1611.09355; relative sign: arXiv:2012.12272.
    """
    return _flavour_changing(key(pattern), light, heavy, factor)


@cache
def _flavour_changing(pattern: Key, light: str, heavy: str, factor: float) -> float:
    c, electroweak = given(dict(pattern)), constants("electroweak")
    top, vev = constants("quarks", "t"), electroweak["vev"]
    x = (top / electroweak["w_mass"]) ** 2
    loop = x * (1.0 + x * (math.log(x) - 1.0)) / (1.0 - x) ** 2
    g_weak = electroweak["alpha"] / electroweak["sin2_theta_w"] * c.weak / math.pi
    weak = 3.0 * (electroweak["w_mass"] / vev) ** 2 * g_weak * loop
    tops = 0.0
    if c.scale > top:
        logs, rows = _evolve(c, top, top_loops=False)
        tops = -2.0 * float(np.trapezoid(rows[:, FERMIONS.index("t")], logs)) * (top / vev) ** 2
    mixing: float = tables.ckm(f"t{light}") * tables.ckm(f"t{heavy}")
    return float(mixing * (factor * tops - weak) / (16.0 * math.pi**2))
