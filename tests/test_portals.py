"""Portals: the widths, and what holds for every channel of every portal."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdump.cards import load_model, model_folders, names
from darkdump.model import PORTALS, Coupling, Model
from darkdump.portals.alp import gamma_gamma
from darkdump.units import HBARC

CHANNELS = [(portal, channel) for portal, record in PORTALS.items() for channel in record.channels]
MASS = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77693, "pi": 0.1396, "K": 0.4937}
THRESHOLDS = {
    ("alp", "gamma gamma"): 0.0,
    ("vector", "nu nu"): 0.0,
    **{("vector", f"{lepton} {lepton}"): 2 * MASS[lepton] for lepton in ("e", "mu", "tau")},
}
"""Sum of the daughters' masses [GeV] of channels with an analytic width."""

TABLES = {"pi pi": 2, "pi pi pi0": 3, "pi pi pi pi": 4, "pi pi pi0 pi0": 4}
"""Pions in channels of measured width."""

PATTERNS: dict[str, dict[str, float]] = {
    "alp": {},
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
    """Positive above threshold, zero below, of the coupling's shape, and with its square."""
    width = PORTALS[portal].widths[PORTALS[portal].hadrons[0]][channel]
    threshold = THRESHOLDS[portal, channel]
    couplings = np.geomspace(1e-9, 1.0, 10)
    for mass in np.geomspace(max(1.0001 * threshold, 1e-4), max(20 * threshold, 3.0), 12).tolist():
        found = width(mass, couplings, PATTERNS[portal])
        assert found.shape == couplings.shape
        assert (found > 0).all()
        assert np.isfinite(found).all()
        assert found / couplings**2 == pytest.approx(found[-1], rel=1e-12)
    if threshold > 0:
        assert (width(0.999 * threshold, couplings, PATTERNS[portal]) == 0).all()


def test_every_channel_is_tested() -> None:
    """A channel has an analytic threshold or a table."""
    tabulated = {("vector", channel) for channel in (*TABLES, "K K", "K K pi", "other hadrons")}
    assert set(CHANNELS) == set(THRESHOLDS) | tabulated


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
    assert model.total_width(mass, g)[0] == pytest.approx(total)
    assert model.ctau(mass, g)[0] * total == pytest.approx(HBARC, rel=1e-12)


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
    assert gamma_gamma(mass, np.array([1e-5]))[0] == pytest.approx(width, rel=1e-5)


@law
@given(st.floats(1e-4, 5.0), st.floats(1e-9, 10.0), st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_gamma_gamma_scales(mass: float, g: float, a: float, b: float) -> None:
    """As m^3 g^2."""
    one, other = gamma_gamma(mass, np.array([g]))[0], gamma_gamma(a * mass, np.array([b * g]))[0]
    assert other == pytest.approx(one * a**3 * b**2)


def test_lifetime() -> None:
    """c tau = 64 pi hbar c / g^2 m^3: 3.9675e-11 m at 0.1 GeV and g = 1/GeV; SensCalc's table has 3.939e-11 m."""
    ctau = load_model("alp").ctau(0.1, np.array([1.0]))[0]
    assert ctau == pytest.approx(64 * math.pi * 1.973269804e-16 / 0.1**3, rel=1e-12)
    assert ctau == pytest.approx(3.9675e-11, rel=1e-4)
    assert ctau == pytest.approx(3.939e-11, rel=0.01)
