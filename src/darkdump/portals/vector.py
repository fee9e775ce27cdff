"""Vectors with arbitrary charges: dark photons, B-L, ...

A vector couples to a fermion f with epsilon e q_f, where q_f are the charges of the card; those of the dark photon are
the electric ones.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.units import ALPHA

Array = NDArray[np.float64]
Charges = Mapping[str, float]

FLAVOURS = ("e", "mu", "tau", "nu", "u", "d", "s")
"""Fermions whose charges a card names."""


def lepton_pair(lepton: str, charge: str) -> Callable[[float, Array, Charges], Array]:
    """Width of V -> l+ l-, Gamma = epsilon^2 q^2 alpha m / 3 (1 + 2 r) sqrt(1 - 4 r), r = m_l^2 / m^2.

    References
    ----------
    Bluemlein, Brunner, arXiv:1311.3870, eq. 4.
    """

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        r = (particles.mass(lepton) / mass) ** 2
        phase_space = (1.0 + 2.0 * r) * math.sqrt(1.0 - 4.0 * r) if r < 0.25 else 0.0
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
    """Ratio to mu mu of a channel: the table, interpolated in its logarithm, and the narrow mesons.

    Zero below the table's first point, constant above its last.  In the window of a meson the table is bridged.
    """
    total = sum(_meson(meson, channel, mass) for meson in _mesons().values())
    if channel not in _table():
        return total
    masses, ratios = _table()[channel]
    if mass < masses[0]:
        return 0.0
    windows = [meson["window"] for meson in _mesons().values() if channel in meson["channels"]]
    smooth = np.all([(masses < low) | (masses > high) for low, high in windows] or [masses > 0.0], axis=0)
    first = float(masses[smooth][0])
    if mass >= first:
        total += float(np.exp(np.interp(mass, masses[smooth], np.log(ratios[smooth]))))
    return total


def _mesons() -> dict[str, Any]:
    """The mesons that are too narrow for the table."""
    return {name: meson for name, meson in tables.data_toml("vector_mesons.toml").items() if "window" in meson}


def _meson(meson: dict[str, Any], channel: str, mass: float) -> float:
    """A meson's part of the ratio to mu mu, in its window: 9 s / (alpha^2 m^2) B_ee B_f of a Breit-Wigner shape."""
    low, high = meson["window"]
    if not low <= mass <= high:
        return 0.0
    s, m2, width2 = mass**2, meson["mass"] ** 2, (meson["mass"] * meson["width"]) ** 2
    shape = width2 / ((s - m2) ** 2 + width2)
    r = (particles.mass("mu-") / mass) ** 2
    muons = (1.0 + 2.0 * r) * math.sqrt(1.0 - 4.0 * r)
    branching: float = meson["ee"] * meson["channels"].get(channel, 0.0)
    return float(9.0 * s / (ALPHA**2 * m2) * branching * shape / muons)


def _isovector(_: float, charges: Charges) -> float:
    return charges["u"] - charges["d"]


def _isoscalar(mass: float, charges: Charges) -> float:
    """Omega below the gap between omega and phi, phi above."""
    return 3.0 * (charges["u"] + charges["d"]) if mass < OMEGA_PHI_GAP else -3.0 * charges["s"]


def _strange(_: float, charges: Charges) -> float:
    return -3.0 * charges["s"]


def _average(_: float, charges: Charges) -> float:
    """Root of the sum of squared quark charges, over that of the electric ones."""
    return math.sqrt(sum(charges[quark] ** 2 for quark in "uds") * 1.5)


OMEGA_PHI_GAP = 0.92
"""Mass [GeV] where the three-pion channel goes over from omega to phi: the minimum of its measured ratio."""

DOMINANCE: Mapping[str, Callable[[float, Charges], float]] = {
    "pi pi": _isovector,
    "pi pi pi pi": _isovector,
    "pi pi pi0 pi0": _isovector,
    "pi pi pi0": _isoscalar,
    "K K": _strange,
    "K K pi": _strange,
}
"""Coupling of the vector meson that dominates a channel, over that of a dark photon: vector-meson dominance."""


def hadrons(channel: str) -> Callable[[float, Array, Charges], Array]:
    """Width to a hadronic channel: the measured ratio to mu mu, times the coupling of the meson that dominates it.

    References
    ----------
    Ilten, Soreq, Williams, Xue, arXiv:1801.04847, sections 2.2-2.3; here each channel has one meson, without their
    interference.
    """

    def width(mass: float, epsilon: Array, charges: Charges) -> Array:
        return _muons(mass, epsilon) * _measured(channel, mass) * DOMINANCE[channel](mass, charges) ** 2

    return width


def other_hadrons(mass: float, epsilon: Array, charges: Charges) -> Array:
    """Width to hadrons that no other channel holds: the measured sum less the channels."""
    rest = _measured("other hadrons", mass)
    if all(not low <= mass <= high for low, high in (meson["window"] for meson in _mesons().values())):
        rest += max(_measured("hadrons", mass) - sum(_measured(channel, mass) for channel in DOMINANCE), 0.0)
    return _muons(mass, epsilon) * rest * _average(mass, charges) ** 2


def _muons(mass: float, epsilon: Array) -> Array:
    """Width of a dark photon to muons."""
    return lepton_pair("mu-", "mu")(mass, epsilon, {"mu": 1.0})


WIDTHS: Mapping[str, Callable[[float, Array, Charges], Array]] = {
    "e e": lepton_pair("e-", "e"),
    "mu mu": lepton_pair("mu-", "mu"),
    "tau tau": lepton_pair("tau-", "tau"),
    "nu nu": neutrinos,
    **{channel: hadrons(channel) for channel in DOMINANCE},
    "other hadrons": other_hadrons,
}
"""Every channel of a vector."""
