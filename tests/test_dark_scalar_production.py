"""Dark scalars in the dump: fluxes against simulations, published integrals, and the recast of CHARM."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump.cards import load_experiment, load_model
from darkdump.formfactors import b_to_strange, timelike
from darkdump.formfactors.nuclear import nucleus
from darkdump.particles import mass as mass_of
from darkdump.portals import scalar_flavour
from darkdump.production import PRODUCTION, b_decay, b_quartic, rival_modes
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum
from darkdump.scanning import scan
from darkdump.units import HBAR, VEV

Array = NDArray[np.float64]

MODEL = load_model("dark-scalar")
NARROW, LEAST = (0.0, 0.012), 20.0
"""Angles [rad] and least energy [GeV] that NA62 sees."""


def setting(least: float, angles: tuple[float, float]) -> Setting:
    """Protons of 400 GeV on copper."""
    return Setting(400.0, nucleus("Cu"), load_spectrum("pythia", "Cu", 400.0), least, angles, {"quartic": 0.0})


def number(place: Setting, flux: Array, power: float = 0.0) -> float:
    """Particles, each with a power of its energy: the flux over energy and solid angle."""
    angles = np.linspace(*place.angles, 400)
    rings = 2.0 * np.pi * np.sin(angles)
    total = 0.0
    for e, energy in enumerate(place.energies):
        density = np.interp(angles, place.directions[e], flux[e])
        total += float(np.trapezoid(density * rings, angles)) * energy**power
    return total * math.log(place.energies[1] / place.energies[0])


def test_bremsstrahlung() -> None:
    """The published normalisation is 2.88e-8 at 0.5 GeV without form factor, the derived one half of it."""
    place = setting(35.0, (0.0, 0.05))
    derived, published = (PRODUCTION[name].prepare(place)(0.5) for name in ("brems-scalar", "brems-scalar-published"))
    assert published == pytest.approx(2.0 * derived)
    assert number(place, published) / abs(timelike.scalar(0.5)) ** 2 == pytest.approx(2.882e-8, rel=0.06)
    assert abs(timelike.scalar(0.0)) == pytest.approx(1.0, abs=0.03)
    assert rival_modes(["brems-scalar", "brems-scalar-published"])


def simulated(place: Setting, species: str, masses: tuple[float, float, float], events: int = 400000) -> float:
    """Daughters per parent within `NARROW` and in the bins of the setting: parents and decays are drawn."""
    parent, mass, other = masses
    random, spectrum = np.random.default_rng(1), place.spectrum
    table = spectrum.density[species]
    t, p = np.unravel_index(random.choice(table.size, events, p=(table / table.sum()).ravel()), table.shape)
    theta = 10 ** (spectrum.log_theta[t] + random.random(events) * np.diff(spectrum.log_theta)[t])
    momentum = 10 ** (spectrum.log_p[p] + random.random(events) * np.diff(spectrum.log_p)[p])
    rest = (parent**2 + mass**2 - other**2) / (2 * parent)
    star, cosine, phi = math.sqrt(rest**2 - mass**2), 2 * random.random(events) - 1, 2 * np.pi * random.random(events)
    energy = np.hypot(momentum, parent)
    across, along = star * np.sqrt(1 - cosine**2), (momentum * rest + energy * star * cosine) / parent
    x = along * np.sin(theta) + across * np.cos(phi) * np.cos(theta)
    z = along * np.cos(theta) - across * np.cos(phi) * np.sin(theta)
    wide = np.arctan2(np.hypot(x, across * np.sin(phi)), z)
    least = 10 ** spectrum.log_p[place.bins.start]
    seen = (wide < NARROW[1]) & (energy * rest + momentum * star * cosine > least * parent)
    return float(seen.mean())


def test_flux_of_b_decays() -> None:
    """Scalars that NA62 sees against a simulation, B by B and state by state; the groups of states change 1 %."""
    place, mass, h = setting(LEAST, NARROW), 0.5, scalar_flavour.beauty_coupling({})
    flux, states = PRODUCTION["b-exclusive"].prepare(place)(mass), b_to_strange.states()
    expected = sum(
        place.spectrum.multiplicity(species)
        * b_to_strange.width(state, mass, h)
        * b_to_strange.lifetime(species)
        / HBAR
        * simulated(place, species, (mass_of(species), mass, b_to_strange.recoil_mass(state)))
        for species in ("B+", "B0")
        for state in states
    )
    assert number(place, flux) == pytest.approx(expected, rel=0.04)
    daughters = b_decay.of_mesons(place, {name: b_to_strange.lifetime(name) / HBAR for name in ("B+", "B0")})
    folds = [b_to_strange.width(s, mass, h) * daughters(mass, b_to_strange.recoil_mass(s)) for s in states]
    for power in (-1.0, 0.0, 2.0):
        assert number(place, flux, power) == pytest.approx(number(place, np.sum(folds, axis=0), power), rel=0.01)


def test_inclusive() -> None:
    """More than the states, of less momentum; closed above m_b; rivals do not stand together."""
    place = setting(LEAST, NARROW)
    both = [number(place, PRODUCTION[name].prepare(place)(0.5)) for name in ("b-inclusive", "b-exclusive")]
    assert 5.6 / 3.8 < both[0] / both[1] < 1.9
    assert not PRODUCTION["b-inclusive"].prepare(place)(4.8).any()
    assert rival_modes(["b-inclusive", "b-exclusive"])


def test_quartic_flux() -> None:
    """Two scalars for each decay of Bs against a simulation, at any mixing; none without the coupling."""
    place, mass, mode = replace(setting(LEAST, NARROW), pattern={"quartic": 1.5e-3}), 2.4, PRODUCTION["b-quartic"]
    assert mode.power == 0
    h = scalar_flavour.beauty_coupling({})
    width = b_quartic.bs_width(mass, h, lambda q2: scalar_flavour.pair_coupling(mass, q2, place.pattern))
    decays = place.spectrum.multiplicity("Bs") * width * b_to_strange.lifetime("Bs") / HBAR
    expected = 2.0 * decays * simulated(place, "Bs", (mass_of("B(s)0"), mass, mass))
    assert number(place, mode.prepare(place)(mass)) == pytest.approx(expected, rel=0.04, abs=0)
    assert not mode.prepare(replace(place, pattern={"quartic": 0.0}))(mass).any()


def test_cards() -> None:
    """BC5 is BC4 and a Higgs boson's branching ratio of 1 %; NA62 excludes the same, by mixing."""
    quartic = load_model("dark-scalar-quartic")
    assert MODEL.pattern == {"quartic": 0.0}
    ratio = (2.0 * quartic.pattern["quartic"] * VEV) ** 2 / (32.0 * math.pi * 125.2) / 4.1e-3
    assert ratio == pytest.approx(0.01, rel=0.1)
    na62 = load_experiment("na62")
    both = [scan(model, na62, pot=1e18, masses=4, couplings=60, mass=(0.25, 0.6)) for model in (MODEL, quartic)]
    for one, other in zip(both[0].curve, both[1].curve, strict=True):
        assert other.low <= one.low * 1.02
        assert one.low < 1e-3 < one.high * 10


def test_charm() -> None:
    """The recast of CHARM in arXiv:1809.01876, kaons and B mesons: 1.2e-4 to 2.4e-3 at 0.255 GeV, within a fifth."""
    modes, mass = ["kaon-decay", "b-exclusive"], (0.25, 0.26)
    result = scan(MODEL, load_experiment("charm"), production=modes, masses=3, couplings=200, mass=mass)
    assert result.curve[1].low == pytest.approx(1.22e-4, rel=0.2)
    assert result.curve[1].high == pytest.approx(2.4e-3, rel=0.2)
