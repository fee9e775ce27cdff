"""ALPs with arbitrary couplings: conventions, running, and the change of flavour."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alps import pattern, unrun, width
from darkdump import particles
from darkdump.cards import load_model, model_folders
from darkdump.errors import CardError
from darkdump.formfactors import b_to_strange
from darkdump.portals import alp, alp_flavour, alp_running
from darkdump.units import ALPHA, HBAR

Array = NDArray[np.float64]

ONE = np.ones(1)


# --- conventions -----------------------------------------------------------------------------------------------------


def test_convention_of_g_a_gamma() -> None:
    """g^2 m^3 / 64 pi exactly, and nothing else: the card of BC9 is what it was before there were other couplings."""
    given = load_model("alp").pattern
    for mass in (1e-3, 0.05, 0.3, 1.0, 2.0):
        assert alp.photon_coupling(mass, given) == 1.0
        assert width("gamma gamma", mass, dict(given)) == mass**3 / (64.0 * math.pi)
        assert all(width(channel, mass, dict(given)) == 0.0 for channel in alp.CHANNELS if channel != "gamma gamma")


def test_convention_of_g_y() -> None:
    """i g (m / v) a lbar gamma5 l has the width g^2 m_l^2 m beta / 8 pi v^2, that of a pseudoscalar Higgs boson."""
    muon, mass = particles.mass("mu-"), 0.5
    expected = muon**2 * mass * math.sqrt(1 - (2 * muon / mass) ** 2) / (8 * math.pi * 246.21965**2)
    assert width("mu mu", mass, unrun("g_Y")) == pytest.approx(expected, rel=1e-6, abs=0)


def test_convention_of_g_y_in_the_report() -> None:
    """The PBC report's (1 / F) d_mu a lbar gamma^mu gamma5 l is c_l = 2 here, and g_Y = 2 v / F, as in its files."""
    ratio = width("mu mu", 0.5, pattern(c_ll=2.0, c_qq=2.0, scale=2.0)) / width("mu mu", 0.5, unrun("g_Y"))
    assert math.sqrt(ratio) == pytest.approx(2.0 * 246.21965, rel=1e-6)


def test_convention_of_g_g() -> None:
    """-(g_s^2 / 8) g a G Gt has the width to two gluons of g_a_gamma = (g_s^2 / 2) g times 8 colours.

    ALPINIST's C_GG / Lambda, L = g_s^2 C a G Gt / Lambda, is g / 8, so that g = 8 C / Lambda and c_GG = 16 pi^2 C.
    """
    mass = 3.0
    strong = alp_running.alpha_s(mass)
    expected = 8.0 * (2.0 * math.pi * strong) ** 2 * mass**3 / (64.0 * math.pi) * (1 + 83 * strong / (4 * math.pi))
    given = alp_running.key({"c_GG": 2 * math.pi**2, "scale": 2.0})
    assert alp_running.low_energy(given).gluon == pattern("g_G")["c_GG"]
    assert width("g g", mass, unrun("g_G")) == pytest.approx(expected, rel=0.02)  # with the quarks' induced couplings
    assert 8.0 * 2.0 * math.pi**2 == pytest.approx(16.0 * math.pi**2)


@pytest.mark.parametrize("name", ["g_aW", "g_aB"])
def test_convention_of_weak_bosons(name: str) -> None:
    """-(g / 4) a W3 Wt3 holds g sin^2 theta_W a F Ft / 4, and B cos^2 theta_W, with alpha at the mass of the Z."""
    part = {"g_aW": 0.23121, "g_aB": 1 - 0.23121}[name]
    found = alp.photon_coupling(1e-4, pattern(name, scale=2.0)) * (0.0078155 / ALPHA)
    assert found == pytest.approx(part, rel=2e-3)


def test_conventions_add() -> None:
    """What a name stands for and what the card gives add up; common couplings add to single ones."""
    both = pattern("g_Y", c_tt=1.0, c_qq=0.5)
    assert both["c_tt"] == 1.0
    assert both["c_qq"] == pytest.approx(0.5 + 1 / 246.21965)
    given = alp_running.given(both)
    assert given.fermions[5] == pytest.approx(1.5 + 1 / 246.21965)
    assert given.fermions[0] == pytest.approx(0.5 + 1 / 246.21965)


def test_a_card_of_one_coupling(tmp_path: Path) -> None:
    """A card with 1/f and a table of couplings needs no code; a misspelt coupling is refused."""
    text = (model_folders()[-1] / "alp-fermion.toml").read_text().replace('plane = "alp-fermion"\n', "")
    text = text.replace('name = "g_Y"', 'name = "inverse_f"').replace('unit = ""', 'unit = "1/GeV"')
    (tmp_path / "muons.toml").write_text(text + "c_mumu = 1.0\n")
    model = load_model(str(tmp_path / "muons.toml"))
    assert model.width("mu mu", 0.5, ONE)[0] > 0.0
    assert model.width("e e", 0.5, ONE)[0] < 1e-6 * model.width("mu mu", 0.5, ONE)[0]
    (tmp_path / "wrong.toml").write_text(text + "c_mu = 1.0\n")
    with pytest.raises(CardError, match="did you mean c_mumu"):
        load_model(str(tmp_path / "wrong.toml"))


# --- running ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "value"), [(1.777, 0.314), (4.18, 0.2245), (1000.0, 0.0885)])
def test_alpha_s(scale: float, value: float) -> None:
    """At the tau, the b, and 1 TeV: PDG 2024, figure 9.5 and its world average run by others."""
    assert alp_running.alpha_s(scale) == pytest.approx(value, rel=0.015)


def test_running_of_tops() -> None:
    """From 4 pi TeV to m_t, against arXiv:2012.12272, which has a closed form where the top's Yukawa coupling runs:

    c_t falls by X = 9 y_t^2 / 8 pi alpha_s (1 - (alpha_s(Lambda) / alpha_s)^(1/7)) at m_t, and every other coupling
    changes by 2 X / 3.  With a Yukawa coupling that does not run, and is that of the pole mass, it is 30 % more.
    """
    strong = alp_running.alpha_s(172.57)
    part = 9 * 0.94**2 / (8 * math.pi * strong) * (1 - (alp_running.alpha_s(4000 * math.pi) / strong) ** (1 / 7))
    given = alp_running.key({"c_tt": 1.0, "scale": 4000.0 * math.pi})
    low = dict(zip(alp_running.FERMIONS, alp_running.low_energy(given).fermions, strict=True))
    for name, published in (("u", -2 / 3 * part), ("d", 2 / 3 * part), ("e", 2 / 3 * part), ("b", 5 / 9 * part)):
        assert low[name] == pytest.approx(published, rel=0.45)
        assert abs(low[name]) > abs(published)
    assert 0.7 < low["t"] < 1 - part


def test_running_of_gluons() -> None:
    """One step: c_q falls by 2 alpha_s^2 / pi^2 c_GG for each logarithm, arXiv:2012.12272, eq. 24."""
    low = alp_running.low_energy(alp_running.key({"c_GG": 1.0, "scale": 2.2}))
    expected = -2.0 * (alp_running.alpha_s(2.1) / math.pi) ** 2 * math.log(1.1)
    assert low.fermions[0] == pytest.approx(expected, rel=0.01)
    assert low.fermions[5] == low.fermions[0]


# --- flavour change --------------------------------------------------------------------------------------------------


def test_leading_logarithm() -> None:
    """g_bs = g_Y m_t^2 V_tb V_ts ln(Lambda^2 / m_t^2) / 16 pi^2 v^3, and four times that by name; BR(B+ -> K+ a).

    The running by gauge bosons takes off half a per cent at 1 TeV, 2 % at 100 TeV.
    .642 g_Y^2 at Lambda = 1 TeV, ALPaca's and ALPINIST's expression with other form factors and V_ts: 3 %.
    """
    top, vev = 172.57, 246.21965
    for scale in (1000.0, 1e5):
        given = pattern("g_Y", scale=scale)
        expected = 0.999 * 0.0411 * top**2 / (16 * math.pi**2 * vev**3) * math.log(scale**2 / top**2)
        assert abs(alp_running.flavour_changing(given, "s", "b")) == pytest.approx(expected, rel=0.025)
        assert abs(alp_running.flavour_changing(given, "s", "b", 4.0)) == pytest.approx(4 * expected, rel=0.025)
    h = alp_running.flavour_changing(pattern("g_Y"), "s", "b") * b_to_strange.quark_mass("m_b")
    ratio = b_to_strange.width("K", 1e-3, h) * b_to_strange.lifetime("B+") / HBAR
    assert ratio == pytest.approx(0.642, rel=0.04)


def test_weak_bosons_change_flavour() -> None:
    """3 sqrt2 G_F M_W^2 g_aW V_tb V_ts f(x) / 16 pi^2, f = x (1 + x (ln x - 1)) / (1 - x)^2, arXiv:1611.09355."""
    x = (172.57 / 80.3692) ** 2
    loop = x * (1 + x * (math.log(x) - 1)) / (1 - x) ** 2
    expected = 3 * math.sqrt(2) * 1.1663788e-5 * 80.3692**2 * 0.999 * 0.0411 * loop / (16 * math.pi**2)
    given = pattern("g_aW", scale=180.0)  # no room for tops that run
    assert abs(alp_running.flavour_changing(given, "s", "b")) == pytest.approx(expected, rel=2e-3)


def test_gluons_change_flavour() -> None:
    """c_t = -2 alpha_s^2 / pi^2 c_GG ln(Lambda / mu): a squared logarithm, with the strong coupling half way 10 %."""
    scale, top = 1000.0, 172.57
    log = math.log(scale / top)
    strong = alp_running.alpha_s(math.sqrt(scale * top))
    mean = 2 * (strong / math.pi) ** 2 * log**2
    expected = 0.999 * 0.0411 * (top / 246.21965) ** 2 / (16 * math.pi**2) * mean
    found = alp_running.flavour_changing(pattern(c_GG=1.0), "s", "b")
    assert abs(found) == pytest.approx(expected, rel=0.1)


def test_kaons() -> None:
    """K+ -> pi+ a: the octet amplitude of gluons, and tops that K_S and K_L share as K+ has them."""
    given = pattern(c_GG=1.0, scale=2.0)
    kaon, pion, mass = particles.mass("K+"), particles.mass("pi+"), 0.1
    octet = 4 * 1.53e-7 * (kaon**2 - pion**2) * (kaon**2 - mass**2) / (4 * kaon**2 - pion**2 - 3 * mass**2)
    p = math.sqrt((kaon**2 - (pion + mass) ** 2) * (kaon**2 - (pion - mass) ** 2)) / (2 * kaon)
    assert alp_flavour.kaon_width("Kp", mass, given) == pytest.approx(octet**2 * p / (8 * math.pi * kaon**2), rel=0.02)
    assert alp_flavour.kaon_width("KL", mass, given) < 1e-6 * alp_flavour.kaon_width("Kp", mass, given)
    assert alp_flavour.kaon_width("Kp", 0.36, given) == 0.0
    tops = pattern(c_tt=1.0)
    neutral = alp_flavour.kaon_width("KS", mass, tops) + alp_flavour.kaon_width("KL", mass, tops)
    assert neutral == pytest.approx(alp_flavour.kaon_width("Kp", mass, tops), rel=0.1, abs=0)
