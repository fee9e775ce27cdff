"""Branching ratios at a coupling of one: limiting cases, and numbers of other sources."""

import math

import numpy as np
import pytest

from darkdump import particles
from darkdump.cards import load_model
from darkdump.errors import DarkdumpError
from darkdump.kaon import branching
from darkdump.kaon.branching import BRANCHING, parameter_at_one, power, ratio
from darkdump.phasespace import momentum
from darkdump.portals.alp_running import flavour_changing

PHOTON = load_model("dark-photon").pattern


def test_light_scalar() -> None:
    """1.48e-3 with V_ts = 0.0411 and m_t = 172.6 GeV; SensCalc's table has 1.43e-3."""
    model = load_model("dark-scalar")
    assert ratio("pi-x", "scalar", model.pattern, 1e-3) == pytest.approx(1.45e-3, rel=0.04)
    assert ratio("pi-x", "scalar", model.pattern, 0.36) == 0.0


def test_alp_of_the_loop_of_tops_alone() -> None:
    """(m_K^2 - m_pi^2)^2 g^2 p / (32 pi m_K^2 Gamma), where the octet amplitude is negligible: that of W bosons."""
    pattern, kaon, pion = load_model("alp-w").pattern, particles.mass("K+"), particles.mass("pi+")
    g = flavour_changing(pattern, "d", "s")
    width = ((kaon**2 - pion**2) * g) ** 2 * momentum(kaon, 0.2, pion) / (32.0 * math.pi * kaon**2)
    assert branching.alp(pattern, 0.2) == pytest.approx(width * 1.2380e-8 / 6.582119569e-25, rel=0.02)
    assert branching.alp(pattern, 0.36) == 0.0


def test_light_dark_photon_is_as_frequent_as_published() -> None:
    """Pospelov, arXiv:0811.1030: about 8e-5 epsilon^2 (m / 100 MeV)^2, from older data on K+ -> pi+ e+ e-."""
    for mass in (0.01, 0.03, 0.1):
        assert branching.vector(PHOTON, mass) == pytest.approx(8e-5 * (mass / 0.1) ** 2, rel=0.35)
    assert branching.vector(PHOTON, 0.0) == branching.vector(PHOTON, 0.36) == 0.0


def test_folded_dark_photon_gives_the_measured_muons() -> None:
    """Integral over q^2 of BR(q^2) alpha / (3 pi q^2) (1 + 2 m^2 / q^2) sqrt(1 - 4 m^2 / q^2); PDG: 9.17(14)e-8."""
    muon = particles.mass("mu-")
    q2 = np.linspace(4.0 * muon**2, (particles.mass("K+") - particles.mass("pi+")) ** 2, 2001)
    rate = np.array([branching.vector(PHOTON, math.sqrt(one)) for one in q2])
    own = muon**2 / q2
    density = (1.0 + 2.0 * own) * np.sqrt(np.maximum(1.0 - 4.0 * own, 0.0)) / (137.036 * 3.0 * math.pi * q2)
    assert np.trapezoid(rate * density, q2) == pytest.approx(9.17e-8, rel=0.05)


def test_pion_to_dark_photon() -> None:
    assert branching.pion_to_vector(PHOTON, 0.0) == pytest.approx(2.0 * 0.98823)
    assert branching.pion_to_vector(PHOTON, 0.08) == pytest.approx(2.0 * 0.98823 * (1.0 - (0.08 / 0.1349768) ** 2) ** 3)
    assert branching.pion_to_vector(PHOTON, 0.14) == 0.0


def test_charges_scale_and_others_are_refused() -> None:
    double = {name: 2.0 * value for name, value in PHOTON.items()}
    assert branching.vector(double, 0.1) == pytest.approx(4.0 * branching.vector(PHOTON, 0.1))
    with pytest.raises(DarkdumpError, match="in proportion to the electric ones") as caught:
        parameter_at_one("pi-x", load_model("b-l"), 0.1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("parent", "flavour", "mass", "expected"),
    [
        ("Kp", "e", 0.2, 1.582e-5 * 1.07e5),
        ("Kp", "e", 0.3, 1.582e-5 * 1.371e5),
        ("Kp", "e", 0.45, 1.582e-5 * 2.22e4),
        ("Kp", "mu", 0.3, 0.6356 * 3.900),
        ("pip", "e", 0.1, 1.230e-4 * 9070.0),
        ("pip", "e", 0.12, 1.230e-4 * 3750.0),
    ],
)
def test_heavy_neutral_leptons_are_the_measured_rate_times_rho(
    parent: str, flavour: str, mass: float, expected: float
) -> None:
    """BR(P -> l nu) rho of Shrock; the rest are radiative corrections and the decay constant."""
    pattern = {"e": 0.0, "mu": 0.0, "tau": 0.0, flavour: 1.0}
    assert branching.leptonic(pattern, mass, parent, flavour) == pytest.approx(expected, rel=0.04)
    assert branching.leptonic({"e": 0.0, "mu": 0.0, "tau": 1.0}, mass, parent, flavour) == 0.0


def test_parameters_are_ratios_products_and_squares() -> None:
    scalar, photon, alp, hnl = (load_model(name) for name in ("dark-scalar", "dark-photon", "alp-w", "hnl-e"))
    made, own = ratio("pi-x", "scalar", scalar.pattern, 0.25), scalar.branching_ratios(0.25)
    assert parameter_at_one("pi-x", scalar, 0.25) == made
    assert parameter_at_one("pi-mumu", scalar, 0.25) == pytest.approx(made * own["mu mu"])
    assert parameter_at_one("pi-mumu", scalar, 0.2) == 0.0
    assert parameter_at_one("pi-gammagamma", alp, 0.25) > 0.0
    assert parameter_at_one("pi0-dark-photon", photon, 0.1) == 1.0
    assert parameter_at_one("hnl-e", hnl, 0.3) == 1.0
    assert parameter_at_one("hnl-mu", hnl, 0.3) == 0.0
    assert [power(one) for one in (scalar, photon, alp, hnl)] == [2, 2, 2, 1]


def test_every_ratio_is_finite_and_not_negative() -> None:
    models = {"scalar": "dark-scalar", "alp": "alp-w", "vector": "dark-photon", "hnl": "hnl-mu"}
    for search, portal in BRANCHING:
        pattern = load_model(models[portal]).pattern
        values = [ratio(search, portal, pattern, mass) for mass in (0.01, 0.1, 0.3)]
        assert all(0.0 <= value < math.inf for value in values)


def test_search_without_the_portal_is_refused() -> None:
    with pytest.raises(DarkdumpError, match="says nothing about a model of the portal hnl"):
        parameter_at_one("pi-x", load_model("hnl-e"), 0.2)
    with pytest.raises(DarkdumpError, match="pi0-dark-photon"):
        ratio("lnv", "vector", PHOTON, 0.1)
