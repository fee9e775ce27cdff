"""eta' -> pi pi V: the spectrum of the pairs against a matrix element, and what it adds to the other decays."""

import numpy as np
import pytest

from darkdump.formfactors.nuclear import nucleus
from darkdump.production import PRODUCTION
from darkdump.production.flux import Setting
from darkdump.production.pion_pair_decay import pion_pair
from darkdump.production.spectra import load_spectrum

PARENT, PION = 0.95778, 0.13957039
ELECTRIC = {"e": -1.0, "mu": -1.0, "tau": -1.0, "nu": 0.0, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3}


def width(mass: float, count: int = 200_000) -> tuple[float, float]:
    """Phase space with |epsilon(e, k, p+, p-)|^2 and a rho, up to a constant: number, and with the pair's mass squared.

    In the pair's rest frame the matrix element summed over the vector's spins is s |p+ x k|^2.
    """
    rng = np.random.default_rng(5)
    s = 4 * PION**2 + rng.random(count) * ((PARENT - mass) ** 2 - 4 * PION**2)
    span = (PARENT - mass) ** 2 - 4 * PION**2
    cosine = 2 * rng.random(count) - 1
    k_parent = np.sqrt((PARENT**2 - (np.sqrt(s) + mass) ** 2) * (PARENT**2 - (np.sqrt(s) - mass) ** 2)) / (2 * PARENT)
    k_pair = k_parent * PARENT / np.sqrt(s)
    pion = np.sqrt(s / 4 - PION**2)
    element = s * (pion * k_pair) ** 2 * (1 - cosine**2) / ((0.77526**2 - s) ** 2 + (0.77526 * 0.1474) ** 2)
    weight = element * k_parent * pion / np.sqrt(s) * span
    return float(weight.mean()), float((weight * s).mean())


@pytest.mark.parametrize("mass", [0.05, 0.15, 0.3, 0.5])
def test_pairs_against_a_matrix_element(mass: float) -> None:
    number, square = width(mass)
    part, pair = pion_pair(PARENT, mass)
    assert part == pytest.approx(number / width(0.0)[0], rel=0.02)
    assert pair == pytest.approx(np.sqrt(square / number), rel=0.005)


def test_limits() -> None:
    """A photon at m = 0; nothing where two pions and the vector are heavier than the eta'."""
    assert pion_pair(PARENT, 0.0)[0] == pytest.approx(1.0)
    place = Setting(400.0, nucleus("Cu"), load_spectrum("pythia", "Cu", 400.0), 10.0, (0.0, 5.3e-3), ELECTRIC)
    flux = PRODUCTION["etap-pipi-decay"].prepare(place)
    assert (flux(0.68) == 0).all()
    assert flux(0.67).max() > 0


def test_small_beside_the_eta() -> None:
    """At most 2 to 3 % of eta -> gamma V where pi0 -> gamma V is closed."""
    place = Setting(400.0, nucleus("Cu"), load_spectrum("pythia", "Cu", 400.0), 10.0, (0.0, 5.3e-3), ELECTRIC)
    added, eta = (PRODUCTION[name].prepare(place)(0.14).sum() for name in ("etap-pipi-decay", "eta-decay"))
    assert 0.005 < added / eta < 0.04
