"""Axion-like particles with arbitrary couplings: widths, and what the names of couplings mean.

The Lagrangian is that of `darkdump.portals.alp_running`.  Every width goes with the square of the coupling that is
scanned, which stands for a pattern of couplings over f, see `CONVENTIONS`.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.portals import alp_hadrons as hadrons
from darkdump.portals.alp_amplitudes import STATES
from darkdump.portals.alp_mesons import representation
from darkdump.portals.alp_running import CHARGE, FERMIONS, LEPTONS, QUARKS, Key, alpha_s, constants, key, low_energy
from darkdump.portals.loops import triangle
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Pattern = Mapping[str, float]

NAMES: Final = ("c_gamma", "c_BB", "c_WW", "c_GG", "c_ll", "c_qq", *(f"c_{f}{f}" for f in (*LEPTONS, *QUARKS)))
SCALE: Final = tables.data_toml("alp.toml")["scale"]
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {"scale": tuple(SCALE["range"])}
PATTERN: Final[Mapping[str, float | None]] = {**dict.fromkeys(NAMES, 0.0), "scale": SCALE["default"]}
"""Numbers of a card and their defaults: couplings over f for a scanned coupling of one, and the scale Lambda [GeV].

``c_gamma`` is a coupling to real photons that already holds every loop: nothing else follows from it."""


def _weak() -> float:
    return float(constants("electroweak", "alpha") / constants("electroweak", "sin2_theta_w"))


CONVENTIONS: Final[Mapping[str, tuple[str, Callable[[], Pattern]]]] = {
    "g_a_gamma": ("1/GeV", lambda: {"c_gamma": math.pi / ALPHA}),
    "g_Y": ("", lambda: dict.fromkeys(("c_ll", "c_qq"), 1.0 / constants("electroweak", "vev"))),
    "g_G": ("1/GeV", lambda: {"c_GG": 2.0 * math.pi**2}),
    "g_aW": ("1/GeV", lambda: {"c_WW": math.pi / _weak()}),
    "g_aB": ("1/GeV", lambda: {"c_BB": math.pi * (1.0 - constants("electroweak", "sin2_theta_w"))
                               / constants("electroweak", "alpha")}),
    "inverse_f": ("1/GeV", dict),
}  # fmt: skip
"""Unit of each coupling that can be scanned, and the couplings over f that it stands for:

=============  ===============================================  =======================
name           Lagrangian                                       couplings over f
=============  ===============================================  =======================
``g_a_gamma``  -(g / 4) a F Ft                                  c_gamma = pi g / alpha
``g_Y``        i g sum_f (m_f / v) a fbar gamma5 f              every c_f = g / v
``g_G``        -(g_s^2 / 8) g a G Gt                            c_GG = 2 pi^2 g
``g_aW``       -(g / 4) a W Wt                                  c_WW = pi g / alpha_2
``g_aB``       -(g / 4) a B Bt                                  c_BB = pi g / alpha_1
``inverse_f``  of `darkdump.portals.alp_running`, 1/f           those of the card
=============  ===============================================  =======================

Signs are left out, as no width depends on a common one; alpha is that at zero momentum for ``g_a_gamma``, whose photons
are real, and those at the mass of the Z for W and B.
"""


def complete(name: str, card: Pattern) -> dict[str, float]:
    """The couplings over f [1/GeV] for a scanned coupling of one: what its name stands for, and what the card adds."""
    meaning = CONVENTIONS[name][1]()
    return {entry: card[entry] + meaning.get(entry, 0.0) for entry in card}


def gamma_gamma(mass: float, g: Array, _: Pattern | None = None) -> Array:
    """Width of a -> gamma gamma.

    Gamma = g^2 m^3 / (64 pi) for L = -(g/4) a F Ftilde.

    Parameters
    ----------
    mass : float
        Mass of the ALP [GeV].
    g : ndarray
        Photon coupling g_a_gamma [1/GeV].

    Returns
    -------
    ndarray
        Width [GeV], of the shape of `g`.

    References
    ----------
    Doebrich, Jaeckel, Kahlhoefer, Ringwald, Schmidt-Hoberg, arXiv:1512.03069, eq. 2.2.
    """
    return g * g * mass**3 / (64.0 * math.pi)


@cache
def _photon(mass: float, pattern: Key, description: str) -> float:
    c = low_energy(pattern)
    total = complex(c.photon + dict(pattern).get("c_gamma", 0.0))
    for lepton, charge in zip(LEPTONS, c.fermions[6:], strict=True):
        total += charge * hadrons.loop(mass, particles.mass(constants("leptons", lepton)))
    squares = 3.0 * CHARGE[:6] ** 2
    quarks, part = squares * hadrons.quark_loops(mass, pattern), hadrons.parton_share(mass)
    form = hadrons.form_factor(mass) if description == "vmd" else 1.0
    total += quarks[3:].sum() + part * quarks[:3].sum()
    total += (1.0 - part) * form * (squares[:3] * representation(mass, pattern)).sum()
    tau = (0.5 * mass / constants("electroweak", "w_mass")) ** 2
    total += 2.0 * _weak() / math.pi * c.weak * (1.0 - (1.0 / tau - 1.0) * triangle(tau))
    return float(ALPHA * abs(total) / math.pi)


def photon_coupling(mass: float, pattern: Pattern, description: str = "vmd") -> float:
    """Modulus of the effective g_a_gamma [1/GeV] of real photons at a mass [GeV], at a coupling of one.

    alpha / pi times c_gamma + c_BB + c_WW, the loops of leptons, heavy quarks and W, and the mixing with pi0, eta and
    eta', which goes over into loops of light quarks.

    Parameters
    ----------
    mass : float
        [GeV]
    pattern : mapping
    description : str
        Key of `WIDTHS`.

    References
    ----------
    Bauer, Neubert, Thamm, arXiv:1708.00443; mesons as in `darkdump.portals.alp_mesons.representation`.
    """
    return _photon(mass, key(pattern), description)


@cache
def _fermions(mass: float, pattern: Key, name: str) -> float:
    """Width to a pair of leptons or heavy quarks: N_c c^2 m_f^2 m beta / 8 pi; quarks have the threshold of mesons."""
    charge = float(low_energy(pattern).fermions[FERMIONS.index(name)])
    if name in LEPTONS:
        own = threshold = particles.mass(constants("leptons", name))
        factor = 1.0
    else:
        own, threshold = constants("quarks", name), particles.mass({"s": "K+", "c": "D0", "b": "B+"}[name])
        factor = 3.0 * hadrons.parton_share(mass)
    if mass <= 2.0 * threshold:
        return 0.0
    return float(factor * charge**2 * own**2 * mass * math.sqrt(1.0 - (2.0 * threshold / mass) ** 2) / (8.0 * math.pi))


@cache
def _gluons(mass: float, pattern: Key) -> float:
    """Width to gluons, alpha_s^2 m^3 C^2 / 8 pi^3 (1 + 83 alpha_s / 4 pi), arXiv:1708.00443."""
    part = hadrons.parton_share(mass)
    if part == 0.0:
        return 0.0
    effective = low_energy(pattern).gluon + 0.5 * hadrons.quark_loops(mass, pattern).sum()
    strong = alpha_s(mass)
    return float(
        part * strong**2 * mass**3 * abs(effective) ** 2 / (8.0 * math.pi**3) * (1.0 + 83.0 * strong / (4.0 * math.pi))
    )


@cache
def _mesons(mass: float, pattern: Key, channel: str, description: str) -> float:
    return hadrons.mesons(channel, description, mass, pattern)


PAIRS: Final[Mapping[str, str]] = {
    "e e": "e", "mu mu": "mu", "tau tau": "tau", "s s": "s", "c c": "c", "b b": "b",
}  # fmt: skip
"""Channels of two fermions."""


def _unit(channel: str, description: str, mass: float, pattern: Key) -> float:
    """Width [GeV] at a coupling of one."""
    if channel == "gamma gamma":
        return float(gamma_gamma(mass, np.array(_photon(mass, pattern, description))))
    if channel == "g g":
        return _gluons(mass, pattern)
    if channel in PAIRS:
        return _fermions(mass, pattern, PAIRS[channel])
    return _mesons(mass, pattern, channel, description)


def width(channel: str, description: str) -> Callable[[float, Array, Pattern], Array]:
    """Width of a channel: that at a coupling of one times the square of the coupling."""

    def of(mass: float, coupling: Array, pattern: Pattern) -> Array:
        return coupling * coupling * _unit(channel, description, mass, key(pattern))

    return of


CHANNELS: Final = ("gamma gamma", *PAIRS, *STATES, "pi pi gamma", "g g")

WIDTHS: Final[Mapping[str, Mapping[str, Callable[[float, Array, Pattern], Array]]]] = {
    description: {channel: width(channel, description) for channel in CHANNELS} for description in ("vmd", "chiral")
}
"""Every channel of an ALP, for each description of hadrons."""
