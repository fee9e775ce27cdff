"""Vectors with arbitrary charges: dark photons, B-L, ...

A vector couples to a fermion f with epsilon e q_f, where q_f are the charges of the card; those of the dark photon are
the electric ones.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.vector_mesons import COUPLINGS, vector_mesons
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Charges = Mapping[str, float]

FLAVOURS = ("e", "mu", "tau", "nu", "u", "d", "s")
"""Fermions whose charges a card names."""


def _phase_space(r: float) -> float:
    """(1 + 2 r) sqrt(1 - 4 r) of a pair of leptons, r = m_l^2 / m^2."""
    return (1.0 + 2.0 * r) * math.sqrt(1.0 - 4.0 * r) if r < 0.25 else 0.0


def lepton_pair(lepton: str, charge: str) -> Callable[[float, Array, Charges], Array]:
    """Width of V -> l+ l-, Gamma = epsilon^2 q^2 alpha m / 3 (1 + 2 r) sqrt(1 - 4 r), r = m_l^2 / m^2.

    References
    ----------
    Bluemlein, Brunner, arXiv:1311.3870, eq. 4.
    """

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        phase_space = _phase_space((particles.mass(lepton) / mass) ** 2)
        return (epsilon * charges[charge]) ** 2 * ALPHA * mass / 3.0 * phase_space

    return width


def neutrinos(mass: float, epsilon: Array, charges: Charges) -> Array:
    """Width of V -> nu nubar, three left-handed flavours: each half of a massless charged lepton."""
    return 1.5 * (epsilon * charges["nu"]) ** 2 * ALPHA * mass / 3.0


@cache
def _table() -> dict[str, Array]:
    """Ratio of hadronic channels to mu mu: mass [GeV] and ratio by channel, each of shape (2, n)."""
    rows: dict[str, list[tuple[float, float]]] = {}
    lines = tables.data_path("form_factors", "vector_hadrons.csv").read_text(encoding="utf-8").splitlines()
    for line in [line for line in lines if not line.startswith("#")][1:]:
        channel, mass, ratio = line.split(",")
        rows.setdefault(channel, []).append((float(mass), float(ratio)))
    return {channel: np.array(sorted(points)).T for channel, points in rows.items()}


@cache
def _measured(channel: str, mass: float) -> float:
    """Ratio to mu mu of a channel: that of a narrow meson in its window, otherwise the table, interpolated in its
    logarithm; zero below the table's first point, constant above its last."""
    for meson in vector_mesons().values():
        place = meson.get("channels", {}).get(channel)
        if place and place["window"][0] <= mass <= place["window"][1]:
            return _resonance(meson, place, mass)
    masses, ratios = _table()[channel]
    return float(np.exp(np.interp(mass, masses, np.log(ratios)))) if mass >= masses[0] else 0.0


def _resonance(meson: dict[str, Any], place: dict[str, Any], mass: float) -> float:
    """Ratio to mu mu of a narrow meson: |sqrt b + sqrt(9 s B_ee B_f / (alpha^2 M^2)) M Gamma / (M^2 - s - i M Gamma)|^2
    with the background b, times the cube of the momentum of a pair over that at the pole."""
    pole, wave = meson["mass"] * meson["width"], 1.0
    if "pair" in place:
        threshold = (2.0 * particles.mass(place["pair"])) ** 2
        wave = (max(mass**2 - threshold, 0.0) / (meson["mass"] ** 2 - threshold)) ** 1.5
    muons = _phase_space((particles.mass("mu-") / mass) ** 2)
    peak = 9.0 / ALPHA**2 * (mass / meson["mass"]) ** 2 * meson["ee"] * place["ratio"] / muons
    shape = pole / complex(meson["mass"] ** 2 - mass**2, -pole)
    return float(wave * abs(math.sqrt(place.get("background", 0.0)) + math.sqrt(peak) * shape) ** 2)


DOMINANCE: Final[Mapping[str, str]] = {
    "pi pi": "rho",
    "pi pi pi pi": "rho",
    "pi pi pi0 pi0": "rho",
    "pi pi pi0": "omega",
    "K K": "phi",
    "K K pi": "phi",
}
"""Vector meson that dominates a channel; three pions go over from omega to phi."""


def _edge(name: str) -> float:
    """A mass [GeV] of ``data/vector_hadrons.toml``."""
    return float(tables.data_toml("vector_hadrons.toml")[name])


def _coupling(channel: str, mass: float, charges: Charges) -> float:
    """Coupling to the meson that dominates a channel, over that of a dark photon."""
    meson = DOMINANCE[channel]
    return COUPLINGS["phi" if meson == "omega" and mass >= _edge("omega_to_phi") else meson](charges)


def hadrons(channel: str) -> Callable[[float, Array, Charges], Array]:
    """Width to a hadronic channel: the measured ratio to mu mu, times the coupling of the meson that dominates it.

    References
    ----------
    Ilten, Soreq, Williams, Xue, arXiv:1801.04847, sections 2.2-2.3; here each channel has one meson, without their
    interference.
    """

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        return _muons(mass, epsilon) * _measured(channel, mass) * _coupling(channel, mass, charges) ** 2

    return width


def kaons(neutral: bool) -> Callable[[float, Array, Charges], Array]:
    """Width to K+ K- or K_S K_L: the measured sum of both, shared as the kaons' form factors F^2 q^3.

    F = +- rho / 2 + omega / 6 + phi / 3 with propagators M^2 / (M^2 - m^2 - i M Gamma) and the couplings of the card, +
    for charged kaons: the lowest vector mesons and flavour symmetry.

    References
    ----------
    Bruch, Khodjamirian, Kuehn, hep-ph/0409080, section 2, without the excited mesons.
    """
    both = hadrons("K K")

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        parts = [_kaon_pairs(sign, name, mass, charges) for sign, name in ((0.5, "K+"), (-0.5, "K0"))]
        return both(mass, epsilon, charges) * (parts[neutral] / sum(parts) if sum(parts) > 0.0 else 0.0)

    return width


def _kaon_pairs(isovector: float, kaon: str, mass: float, charges: Charges) -> float:
    """|F|^2 q^3 of a pair of kaons."""
    form = 0j
    for part, (name, coupling) in zip((isovector, 1 / 6, 1 / 3), COUPLINGS.items(), strict=True):
        meson = vector_mesons()[name]
        square = meson["mass"] ** 2
        form += part * coupling(charges) * square / complex(square - mass**2, -meson["mass"] * meson["width"])
    return float(abs(form) ** 2 * max(mass**2 / 4.0 - particles.mass(kaon) ** 2, 0.0) ** 1.5)


PHOTON_WITH = {"pi0 gamma": "pi0", "eta gamma": "eta"}
"""Channels of a meson and a photon, and the meson's name in the `particle` library."""


def radiative(channel: str) -> Callable[[float, Array, Charges], Array]:
    """Width to a pseudoscalar meson and a photon, through rho, omega and phi with their interference.

    Gamma = epsilon^2 alpha m / 3 R with R = (9 / alpha^2) (q^3 / m) |sum over V of
    a_V sqrt(B_ee B_f M_V / q_V^3) M_V Gamma_V / (M_V^2 - m^2 - i M_V Gamma_V)|^2, q the momentum of the photon, q_V the
    one at m = M_V, a_V the coupling of the card.

    References
    ----------
    SND, arXiv:1601.08061: the cross section of e+ e- -> pi0 gamma as a sum of vector mesons; here constant widths.
    """
    meson_mass = PHOTON_WITH[channel]

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        other = particles.mass(meson_mass)
        if mass <= other:
            return np.zeros_like(epsilon)
        amplitude = 0j
        for name, coupling in COUPLINGS.items():
            meson = vector_mesons()[name]
            m, (ratio, sign) = meson["mass"], meson["radiative"][channel]
            at_pole = math.sqrt(meson["ee"] * ratio * m / _photon_momentum(m, other) ** 3)
            resonance = m * meson["width"] / complex(m**2 - mass**2, -m * meson["width"])
            amplitude += coupling(charges) * sign * at_pole * resonance
        r = 9.0 / ALPHA**2 * _photon_momentum(mass, other) ** 3 / mass * abs(amplitude) ** 2
        return epsilon**2 * ALPHA * mass / 3.0 * r

    return width


def _photon_momentum(mass: float, other: float) -> float:
    return (mass**2 - other**2) / (2.0 * mass)


def other_hadrons(mass: float, epsilon: Array, charges: Charges) -> Array:
    """Width to hadrons that no other channel holds: the measured sum less the channels.

    It goes with the sum of the squared charges of the quarks.
    """
    rest = _measured("hadrons", mass) - sum(_measured(channel, mass) for channel in DOMINANCE)
    charges2 = sum(charges[quark] ** 2 for quark in "uds") * 1.5
    return _muons(mass, epsilon) * (max(rest, 0.0) if mass > _edge("exclusive") else 0.0) * charges2


def _muons(mass: float, epsilon: Array) -> Array:
    """Width of a dark photon to muons."""
    return lepton_pair("mu-", "mu")(mass, epsilon, {"mu": 1.0})


WIDTHS: Mapping[str, Callable[[float, Array, Charges], Array]] = {
    "e e": lepton_pair("e-", "e"),
    "mu mu": lepton_pair("mu-", "mu"),
    "tau tau": lepton_pair("tau-", "tau"),
    "nu nu": neutrinos,
    **{channel: hadrons(channel) for channel in DOMINANCE},
    "K K": kaons(neutral=False),
    "KS KL": kaons(neutral=True),
    **{channel: radiative(channel) for channel in PHOTON_WITH},
    "other hadrons": other_hadrons,
}
"""Every channel of a vector."""
