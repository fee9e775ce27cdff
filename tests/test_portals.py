"""Portals: the widths, and what holds for every channel of every portal."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdump.cards import load_model, model_folders, names
from darkdump.model import PORTALS, Coupling, Model
from darkdump.portals.alp import gamma_gamma
from darkdump.portals.alp_amplitudes import STATES
from darkdump.units import HBARC

CHANNELS = [(portal, channel) for portal, record in PORTALS.items() for channel in record.channels]
MASS = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77693, "pi": 0.1396, "K": 0.4937, "D0": 1.86484}
LEPTONS = ("e", "mu", "tau")
NEUTRAL = {"pi0": 0.1349768, "eta": 0.547862, "etap": 0.95778, "rho": 0.77526, "omega": 0.78266, "phi": 1.019461}
CHARGED = {"pi": 0.13957039, "K": 0.493677, "D": 1.86966, "Ds": 1.96835, "rho": 0.77511, "Kst": 0.89188}
"""Mesons beside a neutral and a charged lepton [GeV]."""

THRESHOLDS = {
    ("alp", "gamma gamma"): 0.0,
    ("vector", "nu nu"): 0.0,
    **{("vector", f"{lepton} {lepton}"): 2 * MASS[lepton] for lepton in ("e", "mu", "tau")},
    ("vector", "pi0 gamma"): 0.1349768,
    ("vector", "eta gamma"): 0.547862,
    **{("alp", f"{lepton} {lepton}"): 2 * MASS[lepton] for lepton in ("e", "mu", "tau")},
    **{("scalar", f"{lepton} {lepton}"): 2 * MASS[lepton] for lepton in ("e", "mu", "tau")},
    ("scalar", "gamma gamma"): 0.0,
    ("scalar", "g g"): 2.0,
    ("scalar", "s s"): 2.0,
    ("scalar", "c c"): 2 * MASS["D0"],
    ("hnl", "nu nu nu"): 0.0,
    **{("hnl", f"nu_{own} {other} {other}"): 2 * MASS[other] for own in LEPTONS for other in LEPTONS},
    **{
        ("hnl", f"{one} {other} nu_{neutrino}"): MASS[one] + MASS[other]
        for one, other in (("e", "mu"), ("e", "tau"), ("mu", "tau"))
        for neutrino in (one, other)
    },
    **{("hnl", f"nu {meson}"): mass for meson, mass in NEUTRAL.items()},
    **{("hnl", f"{lepton} {meson}"): MASS[lepton] + mass for lepton in LEPTONS for meson, mass in CHARGED.items()},
}
"""Sum of the daughters' masses [GeV] of channels with an analytic width."""

TABLES = {"pi pi": 2, "pi pi pi0": 3, "pi pi pi pi": 4, "pi pi pi0 pi0": 4}
"""Pions in channels of measured width."""

BOUNDED = {
    "pi pi": 2 * 0.13957039, "pi0 pi0": 2 * 0.1349768, "K K": 2 * 0.493677, "K0 K0": 2 * 0.497611,
    "other hadrons": 4 * 0.13957039,
}  # fmt: skip
"""Thresholds [GeV] of a scalar's channels that end at 2 GeV."""

PATTERNS: dict[str, dict[str, float]] = {
    "alp": {"c_BB": 1.0, "c_ll": 1.0, "c_qq": 1.0, "c_GG": 1.0, "scale": 1000.0},
    "hnl": {"e": 0.2, "mu": 0.5, "tau": 0.3, "nature": 2.0},
    "scalar": {"quartic": 0.0},
    "vector": {"e": -1, "mu": -1, "tau": -1, "nu": 0.5, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3},
}

each_channel = pytest.mark.parametrize(("portal", "channel"), sorted(THRESHOLDS))
law = settings(derandomize=True, deadline=None, max_examples=100)


def everything(portal: str) -> Model:
    """A model that has every channel of a portal."""
    symbol, unit = next(iter(PORTALS[portal].couplings.items()))
    return Model(
        "all", "", portal, Coupling(symbol, unit, symbol, (1e-8, 1.0)), (), PORTALS[portal].channels, (0, 1),
        pattern=PATTERNS[portal],
    )  # fmt: skip


@each_channel
def test_width(portal: str, channel: str) -> None:
    """Positive above threshold, zero below, of the coupling's shape, and with its square; U2 is a square itself."""
    power = 1 if portal == "hnl" else 2
    width = PORTALS[portal].widths[PORTALS[portal].hadrons[0]][channel]
    threshold = THRESHOLDS[portal, channel]
    couplings = np.geomspace(1e-9, 1.0, 10)
    for mass in np.geomspace(max(1.0001 * threshold, 1e-4), max(20 * threshold, 3.0), 12).tolist():
        found = width(mass, couplings, PATTERNS[portal])
        assert found.shape == couplings.shape
        assert (found > 0).all()
        assert np.isfinite(found).all()
        assert found / couplings**power == pytest.approx(found[-1], rel=1e-12, abs=0)
    if threshold > 0:
        assert (width(0.999 * threshold, couplings, PATTERNS[portal]) == 0).all()


def test_every_channel_is_tested() -> None:
    """A channel has an analytic threshold, a table or quarks; hadrons of ALPs are in test_alp_mesons.py."""
    tabulated = {("vector", channel) for channel in (*TABLES, "K K", "KS KL", "K K pi", "other hadrons")}
    tabulated |= {("scalar", channel) for channel in BOUNDED}
    hadrons = {("alp", channel) for channel in (*STATES, "pi pi gamma", "g g", "s s", "c c", "b b")}
    quarks = {("hnl", f"{lepton} hadrons") for lepton in ("nu", *LEPTONS)}
    assert set(CHANNELS) == set(THRESHOLDS) | tabulated | hadrons | quarks


@pytest.mark.parametrize("lepton", ["nu", *LEPTONS])
def test_quarks_of_a_neutral_lepton(lepton: str) -> None:
    """More hadrons than a meson: none below 1 GeV, some at 5 GeV, only where they are described."""
    portal, couplings = PORTALS["hnl"], np.array([1e-3, 1.0])
    width = portal.widths["quarks"][f"{lepton} hadrons"]
    assert not width(0.999, couplings, PATTERNS["hnl"]).any()
    low, high = width(5.0, couplings, PATTERNS["hnl"])
    assert 0.0 < low == pytest.approx(1e-3 * high, rel=1e-12)
    assert not portal.widths["mesons"][f"{lepton} hadrons"](5.0, couplings, PATTERNS["hnl"]).any()


@pytest.mark.parametrize("hadrons", PORTALS["scalar"].hadrons)
@pytest.mark.parametrize(("channel", "threshold"), BOUNDED.items())
def test_mesons_of_a_scalar(hadrons: str, channel: str, threshold: float) -> None:
    """Open between the threshold and 2 GeV, where quarks and gluons take over, with the coupling squared."""
    width, couplings = PORTALS["scalar"].widths[hadrons][channel], np.array([1e-3, 1.0])
    for mass in (1.001 * threshold, 0.5 * (threshold + 2.0), 1.999):
        low, high = width(mass, couplings, {})
        assert 0.0 < low == pytest.approx(1e-6 * high, rel=1e-12, abs=0)
    for mass in (0.999 * threshold, 2.0):
        assert not width(mass, couplings, {}).any()


@pytest.mark.parametrize("portal", PORTALS)
@law
@given(mass=st.floats(1e-3, 3.0), coupling=st.floats(1e-9, 1.0))
def test_branching_ratios(portal: str, mass: float, coupling: float) -> None:
    """They sum to 1, and c tau times the total width is hbar c."""
    model, g = everything(portal), np.array([coupling])
    ratios = list(model.branching_ratios(mass).values())
    assert sum(ratios) == pytest.approx(1.0, rel=1e-12)
    assert min(ratios) >= 0.0
    total = sum(model.width(channel, mass, g)[0] for channel in model.decays)
    assert model.total_width(mass, g)[0] == pytest.approx(total, rel=1e-6, abs=0)
    assert model.ctau(mass, g)[0] * total == pytest.approx(HBARC, rel=1e-12, abs=0)


@pytest.mark.parametrize("name", names(model_folders()))
def test_cards_name_known_channels(name: str) -> None:
    """Every model card that is shipped has a finite lifetime in its range."""
    model = load_model(name)
    assert np.isfinite(model.ctau(model.mass[1], np.array(model.coupling.range))).all()


@pytest.mark.parametrize(
    ("mass", "width"),
    [(0.01, 4.97359e-19), (0.1, 4.97359e-16), (0.2, 3.97887e-15), (0.5, 6.21699e-14), (1.0, 4.97359e-13)],
)
def test_gamma_gamma(mass: float, width: float) -> None:
    """g^2 m^3 / 64 pi [GeV] at g = 1e-5/GeV, the expression that ALPaca 1.2.0 reduces to without running."""
    assert gamma_gamma(mass, np.array([1e-5]))[0] == pytest.approx(width, rel=1e-5, abs=0)


@law
@given(st.floats(1e-4, 5.0), st.floats(1e-9, 10.0), st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_gamma_gamma_scales(mass: float, g: float, a: float, b: float) -> None:
    """As m^3 g^2."""
    one, other = gamma_gamma(mass, np.array([g]))[0], gamma_gamma(a * mass, np.array([b * g]))[0]
    assert other == pytest.approx(one * a**3 * b**2, rel=1e-6, abs=0)


def test_lifetime() -> None:
    """c tau = 64 pi hbar c / g^2 m^3: 3.9675e-11 m at 0.1 GeV and g = 1/GeV; SensCalc's table has 3.939e-11 m."""
    ctau = load_model("alp").ctau(0.1, np.array([1.0]))[0]
    assert ctau == pytest.approx(64 * math.pi * 1.973269804e-16 / 0.1**3, rel=1e-12, abs=0)
    assert ctau == pytest.approx(3.9675e-11, rel=1e-4, abs=0)
    assert ctau == pytest.approx(3.939e-11, rel=0.01, abs=0)


ELECTRIC = {"e": -1.0, "mu": -1.0, "tau": -1.0, "nu": 0.0, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3}


def ratio(channel: str, mass: float, charges: dict[str, float] = ELECTRIC) -> float:
    """Width of a vector's channel over that to massless leptons."""
    width = PORTALS["vector"].widths[PORTALS["vector"].hadrons[0]][channel](mass, np.ones(1), charges)[0]
    return float(width / (mass / 3 / 137.035999))


@pytest.mark.parametrize(
    ("channel", "mass", "product"),
    [
        ("pi0 gamma", 0.78266, 7.38e-5 * 0.0835),
        ("pi0 gamma", 1.019461, 2.979e-4 * 1.32e-3),
        ("eta gamma", 1.019461, 2.979e-4 * 0.01301),
    ],
)
def test_radiative_channels(channel: str, mass: float, product: float) -> None:
    """At the peaks sigma = 12 pi B_ee B_f / M^2, R = sigma / (4 pi alpha^2 / 3 s): 15 % for the other mesons there."""
    assert ratio(channel, mass) == pytest.approx(9 * 137.035999**2 * product, rel=0.15)


def test_radiative_channels_of_other_charges() -> None:
    """Without u and d charges only the phi is left; with the isovector charge only the rho."""
    strange = dict.fromkeys(ELECTRIC, 0.0) | {"s": -1 / 3}
    assert ratio("eta gamma", 1.019461, strange) == pytest.approx(ratio("eta gamma", 1.019461), rel=0.1)
    assert ratio("pi0 gamma", 0.78266, strange) < 1e-3 * ratio("pi0 gamma", 0.78266)
    isovector = dict.fromkeys(ELECTRIC, 0.0) | {"u": 0.5, "d": -0.5}
    assert ratio("pi0 gamma", 0.78266, isovector) < 0.02 * ratio("pi0 gamma", 0.78266)


def test_hadrons_do_not_jump() -> None:
    """The sum of the hadronic channels goes on smoothly where descriptions change: by less than 8 %."""
    channels = [c for c in PORTALS["vector"].channels if c not in ("e e", "mu mu", "tau tau", "nu nu")]
    for edge in (0.764, 0.798, 0.95, 0.98, 1.029, 1.09, 1.1):
        below, above = (sum(ratio(c, edge + side) for c in channels) for side in (-1e-6, 1e-6))
        assert above == pytest.approx(below, rel=0.08)


def test_card_of_b_minus_l() -> None:
    """Below the muons three neutrinos have 3/2 of the electrons' width; no rho; the omega as a photon's of twice the
    charge: 3 (u + d) = 2."""
    model, g = load_model("b-l"), np.array([1e-6])
    assert model.width("nu nu", 0.01, g) / model.total_width(0.01, g) == pytest.approx(0.6, rel=1e-4)
    assert "pi pi" not in model.decays
    photon = load_model("dark-photon").width("pi pi pi0", 0.78266, g)
    assert model.width("pi pi pi0", 0.78266, g) == pytest.approx(4.0 * photon)
    assert model.width("pi0 gamma", 0.78266, g)[0] > 3.0 * load_model("dark-photon").width("pi0 gamma", 0.78266, g)[0]


def test_charged_and_neutral_kaons() -> None:
    """At the phi 0.339 / 0.491 of the PDG within 8 %; no neutral pair below its threshold; few far above, where rho and
    phi cancel; with the phi alone the momenta decide."""
    found = ratio("KS KL", 1.019461) / ratio("K K", 1.019461)
    assert found == pytest.approx(0.339 / 0.491, rel=0.08)
    assert ratio("KS KL", 0.994) == 0.0
    assert ratio("K K", 0.994) > 0.0
    assert ratio("KS KL", 1.5) < 0.2 * ratio("K K", 1.5)
    strange = dict.fromkeys(ELECTRIC, 0.0) | {"s": -1 / 3}
    momenta = ((1.2**2 / 4 - 0.497611**2) / (1.2**2 / 4 - 0.493677**2)) ** 1.5
    assert ratio("KS KL", 1.2, strange) / ratio("K K", 1.2, strange) == pytest.approx(momenta, rel=1e-3)
