"""ALPs and mesons: mixing, hadronic widths against measured decays, production, other codes and published curves."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alps import pattern, width
from darkdump import particles
from darkdump.cards import load_experiment, load_model
from darkdump.formfactors import b_to_strange
from darkdump.formfactors.nuclear import nucleus
from darkdump.formfactors.vector_mesons import vector_mesons
from darkdump.portals import alp, alp_flavour, alp_hadrons, alp_mesons, alp_running
from darkdump.portals.alp_amplitudes import STATES, amplitude
from darkdump.production.flux import Setting
from darkdump.production.meson_mixing import at_matched_momentum
from darkdump.production.spectra import load_spectrum
from darkdump.published import limits
from darkdump.scanning import scan
from darkdump.units import ALPHA, HBAR

Array = NDArray[np.float64]

ONE = np.ones(1)
PEERS = tomllib.loads((Path(__file__).parent / "peers_alp.toml").read_text())["peer"]
HADRONS = (*STATES, "pi pi gamma")


# --- mesons ----------------------------------------------------------------------------------------------------------


def test_limits_of_the_mixing() -> None:
    """-2 c_GG kappa at low mass, with the axion's photon coupling -2/3 (4 m_d + m_u) / (m_u + m_d) c_GG; c at high."""
    gluons = alp_running.key({"c_GG": 1.0, "scale": 2.0})
    low = alp_mesons.representation(1e-4, gluons)
    np.testing.assert_allclose(low.real, -2.0 * alp_mesons.nonet().kappa, rtol=1e-3)
    r = 0.474
    expected = -2.0 / 3.0 * (4.0 + r) / (1.0 + r)
    assert 3.0 * (np.array([4, 1, 1]) / 9.0 @ low).real == pytest.approx(expected, rel=0.02)
    quarks = alp_running.key({"c_uu": 1.0, "c_dd": -2.0, "c_ss": 0.5, "scale": 2.0})
    np.testing.assert_allclose(alp_mesons.representation(100.0, quarks), [1.0, -2.0, 0.5], rtol=1e-3)


def test_mixing_with_the_pion() -> None:
    """m^2 / (m^2 - m_pi^2) (c_u - c_d) / 2 on the photon coupling, arXiv:1708.00443."""
    given = pattern(c_uu=1.0, scale=2.0)
    for mass in (0.02, 0.1, 0.2):
        factor = mass**2 / (mass**2 - particles.mass("pi0") ** 2)
        assert alp.photon_coupling(mass, given) * math.pi / ALPHA == pytest.approx(0.5 * abs(factor), rel=0.12)


def test_angle_of_rotated_quarks() -> None:
    """F (kappa_u - kappa_d) c_GG m^2 / (m_pi^2 - m^2) with the pion, F = f_pi / sqrt2; the default stays."""
    gluons, pion = alp_running.key({"c_GG": 1.0, "scale": 2.0}), particles.mass("pi0") ** 2
    kappa = alp_mesons.nonet().kappa
    for mass in (0.01, 0.05):
        expected = 0.1302 / math.sqrt(2) * (kappa[0] - kappa[1]) * mass**2 / (pion - mass**2)
        assert alp_mesons.angle("pi0", mass, gluons, rotated=True) == pytest.approx(expected, rel=0.05)
        assert alp_mesons.angle("pi0", mass, gluons) > 5.0 * expected


def test_scalar_mesons() -> None:
    """Couplings of the scalar nonet to pairs of mesons [1/GeV], hep-ph/9902238.

    Eta and eta' mix with 37 degrees in the basis of light and strange quarks, as in the paper.
    """
    from darkdump.portals.alp_amplitudes import _coupling, _scalar_fields

    fields, turn = _scalar_fields(), math.radians(37.0)
    pion = np.diag([1.0, -1.0, 0.0]) / math.sqrt(2.0)
    eta = np.diag([math.cos(turn) / math.sqrt(2.0)] * 2 + [-math.sin(turn)])
    etap = np.diag([math.sin(turn) / math.sqrt(2.0)] * 2 + [math.cos(turn)])
    listed = {
        ("sigma", 0, 0): 7.27 / math.sqrt(2), ("f0", 0, 0): 1.47 / math.sqrt(2), ("a0", 0, 1): -6.80,
        ("a0", 0, 2): -7.80, ("sigma", 1, 1): 4.11, ("sigma", 1, 2): 2.65, ("f0", 1, 2): -9.01,
    }  # fmt: skip
    for (scalar, i, j), value in listed.items():
        mesons = (pion, eta, etap)
        twice = 2.0 if i == j else 1.0
        assert -_coupling(fields[scalar][0], mesons[i], mesons[j]) / twice == pytest.approx(value, abs=0.01)


def test_measured_decays() -> None:
    """Measured over computed: eta' -> eta pi pi within 8 %, eta -> 3 pi 1.5 to 1.6 from pions that rescatter.

    The box anomaly alone gives 36 eV for eta -> pi pi gamma, as chiral perturbation theory does (35.7 eV, Bijnens,
    Bramon, Cornet, Z. Phys. C 46 (1990) 599); with a rho and the size of eta' it is 2.2 times the measured 56 eV.
    """
    ratios = {channel: alp_hadrons.measured_over_computed(channel) for channel in HADRONS}
    assert ratios["eta pi pi"] == pytest.approx(1.0, abs=0.08)
    assert ratios["eta pi0 pi0"] == pytest.approx(1.0, abs=0.08)
    assert 1.4 < ratios["pi pi pi0"] < 1.7
    assert 1.4 < ratios["pi0 pi0 pi0"] < 1.7
    assert ratios["K K pi"] == 1.0
    nonet = alp_mesons.nonet()
    eta, state = float(nonet.masses[1]), nonet.states[1].astype(complex)
    box = alp_hadrons._two_pions_and_photon(eta, state, resonant=False)
    assert box == pytest.approx(35.7e-9, rel=0.03)
    full = alp_hadrons._two_pions_and_photon(eta, state, resonant=True) * ratios["pi pi gamma"]
    assert full == pytest.approx(2.2 * 56e-9, rel=0.05)


def test_neutral_rho() -> None:
    """The rho of a -> pi+ pi- gamma is the neutral one of every portal, narrower than the charged one, 149.1 MeV."""
    mass, width = (vector_mesons()["rho"][name] for name in ("mass", "width"))
    assert (mass, width) == (pytest.approx(0.77526, abs=0.00025), pytest.approx(0.1474, abs=0.0009))
    assert "rho" not in alp_running.constants()


def test_pions_scatter_as_they_should() -> None:
    """pi0 pi0 -> pi+ pi- at leading order is (s - m_pi^2) / F^2, Weinberg, Phys. Rev. Lett. 17 (1966) 616."""
    pion = particles.mass("pi+") ** 2
    state = STATES["pi pi pi0"][0]
    neutral = np.array([1.0, -1.0, 0.0], dtype=np.complex128) / math.sqrt(2.0)
    chi = alp_mesons.nonet().chi[:2].sum()
    for s in (0.2, 0.4):
        rest = 0.5 * (4.0 * pion - s)
        invariants = (np.array(rest), np.array(rest), np.array(s))
        found = amplitude(math.sqrt(pion), state, invariants, neutral, np.zeros(3), scalars=False)
        expected = (s - 0.5 * chi) / alp_mesons.decay_constant() ** 2
        assert abs(found) == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("description", alp.WIDTHS)
@pytest.mark.parametrize("channel", [*HADRONS, "g g", "s s", "c c", "b b"])
def test_thresholds(channel: str, description: str) -> None:
    """Zero below threshold, positive and small just above it, never jumping by more than a fifth from 1 to 5 GeV."""
    given = pattern(c_qq=1.0, c_GG=0.3)
    mesons = {name: sum(map(particles.mass, state[0].mesons)) for name, state in STATES.items()}
    twice = {"s s": "K+", "c c": "D0", "b b": "B+"}
    if channel in mesons:
        threshold = mesons[channel]
    elif channel in twice:
        threshold = max(2 * particles.mass(twice[channel]), 1.5)
    else:
        threshold = 2 * particles.mass("pi+") if channel == "pi pi gamma" else 1.5
    assert width(channel, 0.999 * threshold, given, description) == 0.0
    near, above = (width(channel, x * threshold, given, description) for x in (1.002, 1.02))
    assert 0.0 < near < above
    masses = np.linspace(1.0, 5.0, 800) if channel != "b b" else np.linspace(10.0, 14.0, 800)
    widths = np.array([width(channel, mass, given, description) for mass in masses.tolist()])
    assert (abs(np.diff(widths)) < 0.2 * widths.max()).all()


@pytest.mark.parametrize("description", alp.WIDTHS)
def test_hadrons_go_over_into_quarks(description: str) -> None:
    """The sum of the hadronic widths rises through 1.5 to 2 GeV without a step of more than a tenth in 10 MeV."""
    for given in (pattern("g_Y"), pattern("g_G")):
        hadrons = [channel for channel in alp.CHANNELS if channel in (*HADRONS, "g g", "s s", "c c", "b b")]
        start = 1.45 if description == "vmd" else 1.7
        masses = np.arange(start, 2.4, 0.01).tolist()
        total = np.array([sum(width(channel, mass, given, description) for channel in hadrons) for mass in masses])
        assert (abs(np.diff(np.log(total))) < 0.1).all()


def test_form_factor() -> None:
    """1 below 1.4 GeV, (1.4 / m)^4 above 2 GeV, and smooth."""
    masses = np.linspace(1.0, 3.0, 4001)
    values = np.array([alp_hadrons.form_factor(mass) for mass in masses.tolist()])
    assert alp_hadrons.form_factor(1.39) == 1.0
    assert alp_hadrons.form_factor(2.5) == pytest.approx((1.4 / 2.5) ** 4)
    assert (np.diff(values) <= 0.0).all()
    assert (abs(np.diff(values, 2)) < 1e-5).all()


def test_loop() -> None:
    """B1: 1 for light fermions, -m^2 / 12 m_f^2 for heavy ones, continuous at 2 m_f."""
    assert alp_hadrons.loop(1.0, 1e-4).real == pytest.approx(1.0, abs=1e-4)
    assert alp_hadrons.loop(0.1, 10.0) == pytest.approx(-(0.1**2) / 12 / 10**2, rel=1e-3)
    assert alp_hadrons.loop(2.0000001, 1.0) == pytest.approx(alp_hadrons.loop(1.9999999, 1.0), abs=2e-3)


# --- production by mixing --------------------------------------------------------------------------------------------


def place(largest: float = 0.02) -> Setting:
    """Protons of 400 GeV on copper."""
    return Setting(400.0, nucleus("Cu"), load_spectrum("pythia-raw", "Cu", 400.0), 10.0, (0.0, largest), pattern("g_G"))


def test_matched_momentum_keeps_the_meson() -> None:
    """A particle with the meson's mass has the meson's spectrum."""
    setting = place()
    found = at_matched_momentum(setting, "eta", particles.mass("eta"))(particles.mass("eta"))
    spectrum = setting.spectrum
    nodes = 0.5 * (spectrum.log_theta[1:] + spectrum.log_theta[:-1]) * np.log(10.0)
    table = spectrum.per_solid_angle("eta")[setting.bins]
    for e in range(0, len(table), 5):
        expected = np.interp(np.log(np.maximum(setting.directions[e], 1e-9)), nodes, table[e])
        some = expected > 0.02 * table.max()
        np.testing.assert_allclose(found[e][some], expected[some], rtol=0.05)


@pytest.mark.parametrize("mass", [0.3, 0.547862, 0.8])
def test_matched_momentum_against_a_sample(mass: float) -> None:
    """Mesons drawn from a smooth spectrum and moved one by one have the same number above 20 GeV within 20 mrad."""
    setting, meson, proton = place(0.03), particles.mass("eta"), particles.mass("p")
    found = at_matched_momentum(setting, "eta", meson)(mass)
    spectrum = setting.spectrum
    rng = np.random.default_rng(3)
    table = spectrum.density["eta"]
    flat = rng.choice(table.size, 400_000, p=(table / table.sum()).ravel())
    t, p = np.unravel_index(flat, table.shape)
    u, v = rng.random((2, len(flat)))
    momentum = 10.0 ** (spectrum.log_p[p] + u * np.diff(spectrum.log_p)[p])
    theta = 10.0 ** (spectrum.log_theta[t] + v * np.diff(spectrum.log_theta)[t])
    total = math.hypot(400.0, proton) + proton
    beta = 400.0 / total
    gamma = 1.0 / math.sqrt(1.0 - beta**2)
    along = gamma * (momentum * np.cos(theta) - beta * np.hypot(momentum, meson))
    star = np.sqrt((momentum * np.sin(theta)) ** 2 + along**2 + mass**2)
    moved = gamma * (along + beta * star)
    energy = gamma * (star + beta * along)
    angle = np.arctan2(momentum * np.sin(theta), moved)
    step = math.log(setting.energies[1] / setting.energies[0])
    first = int(np.searchsorted(setting.energies, 20.0))
    edge = setting.energies[first] * math.exp(-0.5 * step)
    expected = table.sum() * np.mean((energy > edge) & (angle < 0.02))
    number = 0.0
    for e in range(first, len(setting.energies)):
        fine = np.linspace(0.0, 0.02, 400)
        number += step * np.trapezoid(
            np.interp(fine, setting.directions[e], found[e]) * 2.0 * math.pi * np.sin(fine), fine
        )
    assert number == pytest.approx(expected, rel=0.04)


def test_photons_convert_with_the_effective_coupling() -> None:
    """The Primakoff modes scale with the photon coupling of the pattern at the mass."""
    from darkdump.production import PRODUCTION

    both = []
    for given in (pattern("g_a_gamma"), pattern("g_G")):
        setting = place()
        prepared = Setting(400.0, setting.nucleus, setting.spectrum, 10.0, (0.0, 0.01), given)
        both.append(PRODUCTION["primakoff-secondary"].prepare(prepared)(0.3).sum())
    assert both[1] / both[0] == pytest.approx(alp.photon_coupling(0.3, pattern("g_G")) ** 2)


# --- other codes and published curves --------------------------------------------------------------------------------


def peer_value(peer: dict[str, float | str], description: str = "vmd") -> float:
    """What another code gives: a width [GeV] or a branching ratio of the ALP, or of a B or K, at its coupling."""
    given, mass, what = PATTERNS[str(peer["model"])], float(peer["mass"]), str(peer["quantity"])
    if what.startswith("B+"):
        h = alp_running.flavour_changing(given, "s", "b") * b_to_strange.quark_mass("m_b")
        return b_to_strange.width("K", mass, h) * b_to_strange.lifetime("B+") / HBAR
    if what.startswith("K+"):
        return alp_flavour.kaon_width("Kp", mass, given) * 1.2380e-8 / HBAR
    if what.startswith("width "):
        return width(what.removeprefix("width "), mass, given, description)
    total = sum(width(channel, mass, given, description) for channel in alp.CHANNELS)
    return total if what == "total" else width(what, mass, given, description) / total


PATTERNS = {
    "fermion": pattern("g_Y"),
    "gluon": pattern(c_GG=math.pi / alp_running.alpha_s(1000.0)),
    "alpinist-gluon": pattern(c_GG=16 * math.pi**2 / 1000.0),
}
"""Patterns in which the numbers of other codes are given, per coupling of one; see peers_alp.toml."""


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: "-".join(str(value) for value in list(peer.values())[:4]))
def test_peers(peer: dict[str, float | str]) -> None:
    """The ratio to the other code is the one noted beside its number, with the reason for it."""
    assert peer_value(peer) / float(peer["value"]) == pytest.approx(float(peer["ratio"]), rel=0.03)


def test_cards_scan() -> None:
    """The cards of BC10 and BC11 have a curve in NA62, beside the published ones of the right size."""
    for name, mass, other in (("alp-fermion", 0.4, "charm-2019"), ("alp-gluon", 0.3, "nucal-2022")):
        result = scan(load_model(name), load_experiment("na62"), pot=1e18, mass=(mass, 1.05 * mass), masses=2)
        curve = next(limit for limit in limits(name) if limit.name == other)
        lowest = min(g for m, g in zip(curve.mass, curve.coupling, strict=True) if abs(m / mass - 1) < 0.2)
        assert 0.2 < result.curve[0].low / lowest < 5.0
