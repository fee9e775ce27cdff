"""K+ -> pi+ X, X seen: amplitudes of the Standard Model, resolutions, lifetimes, limits beside published ones."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.errors import CardError, DarkdumpError
from darkdump.kaon import rare, visible, visible_selection
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet, load_data
from darkdump.kaon.peak import MassScan, Peak, mass_scan
from darkdump.kaon.sampling import cube
from darkdump.phasespace import chained
from darkdump.units import ALPHA, HBAR

Array = NDArray[np.float64]

KAON, PION = particles.mass("K+"), particles.mass("pi+")
LIFETIME = tables.lifetime("Kp") / HBAR  # [1/GeV]
MUONS, PHOTONS = load_data("pi-mumu", "pi-mumu"), load_data("pi-gammagamma", "pi-gammagamma")


def whole(rate: Array, z: Array) -> float:
    return float(np.trapezoid(rate, z)) * LIFETIME


def ratio_to_leptons(lepton: str) -> float:
    z = np.geomspace(4.0 * (particles.mass(lepton) / KAON) ** 2, (1.0 - PION / KAON) ** 2, 20001)
    return whole(rare.lepton_spectrum(z, lepton), z)


def test_lepton_pairs_are_as_frequent_as_measured() -> None:
    """PDG: 9.17(14)e-8 and 3.00(9)e-7; the form factor is fitted to the first one's shape and rate."""
    assert ratio_to_leptons("mu-") == pytest.approx(9.17e-8, rel=0.05)
    assert ratio_to_leptons("e-") == pytest.approx(3.00e-7, rel=0.03)


def test_form_factor_is_smooth_at_its_cut_and_gets_a_phase_above() -> None:
    cut = 4.0 * (PION / KAON) ** 2
    below, above = rare.form_factor(np.array([cut - 1e-9, cut + 1e-9]))
    assert abs(above - below) < 1e-3 * abs(below)
    assert abs(rare.form_factor(np.array([0.9 * cut]))[0].imag) == 0.0
    assert abs(rare.form_factor(np.array([1.3 * cut]))[0].imag) > 0.0


def test_photon_with_mass_folded_with_its_decay_gives_the_leptons() -> None:
    z = np.linspace(0.2, 0.5, 7)
    own = (particles.mass("mu-") / KAON) ** 2 / z
    width = np.array([rare.vector_width(KAON * math.sqrt(one)) for one in z])
    folded = width * ALPHA / (3.0 * math.pi * z) * np.sqrt(1.0 - 4.0 * own) * (1.0 + 2.0 * own)
    assert folded == pytest.approx(rare.lepton_spectrum(z, "mu-"), rel=1e-9, abs=0)


def sampled(masses: list[float], matrix: object, edges: Array) -> Array:
    """Shares of simulated decays between squared masses of the pair over m_K^2."""
    momenta, weight = chained(KAON, masses, cube(5, 2**12), matrix)  # type: ignore[arg-type]
    both = momenta[:, 0] + momenta[:, 1]
    z = (both[:, 3] ** 2 - (both[:, :3] ** 2).sum(axis=1)) / KAON**2
    found = np.histogram(z, edges, weights=weight)[0]
    return np.asarray(found / found.sum())


def test_simulated_muons_have_the_spectrum() -> None:
    muon = particles.mass("mu-")
    edges = np.linspace((2.0 * muon / KAON) ** 2, (1.0 - PION / KAON) ** 2, 9)
    parts = [np.linspace(low, high, 801) for low, high in pairwise(edges)]
    rates = np.array([np.trapezoid(rare.lepton_spectrum(z, "mu-"), z) for z in parts])
    assert sampled([muon, muon, PION], rare.lepton_pair, edges) == pytest.approx(rates / rates.sum(), rel=0.02)


def test_simulated_photons_have_the_spectrum() -> None:
    edges = np.linspace(0.05, (1.0 - PION / KAON) ** 2, 9)
    parts = [np.linspace(low, high, 801) for low, high in pairwise(edges)]
    rates = np.array([np.trapezoid(rare.photon_spectrum(z), z) for z in parts])
    assert sampled([0.0, 0.0, PION], rare.photon_pair, edges) == pytest.approx(rates / rates.sum(), rel=0.02)


def test_two_photons_are_as_frequent_as_calculated_and_measured() -> None:
    """Ecker, Pich, de Rafael: 1e7 BR = 5.26 + 1.64 c + 0.32 c^2 from loops and 0.49 from poles; PDG: 9.65(16)e-7."""
    z = np.linspace(1e-5, (1.0 - PION / KAON) ** 2, 40001)
    none, plus, minus = (whole(rare.photon_spectrum(z, c), z) for c in (0.0, 1.0, -1.0))
    assert none == pytest.approx(5.75e-7, rel=0.02)
    assert 0.5 * (plus - minus) == pytest.approx(1.64e-7, rel=0.02)
    assert 0.5 * (plus + minus) - none == pytest.approx(0.32e-7, rel=0.04)
    assert whole(rare.photon_spectrum(z), z) == pytest.approx(9.65e-7, rel=0.02)
    part = whole(rare.photon_spectrum(z[z > 0.2]), z[z > 0.2])
    assert part == pytest.approx(9.46e-7, rel=0.04)  # NA62, arXiv:2311.01837: 9.46(20)e-7


@pytest.mark.parametrize("mass", [0.24, 0.3])
def test_mass_of_two_muons_is_measured_as_propagated_errors_say(mass: float) -> None:
    events = visible.prompt(MUONS.volume, mass, "mu-")
    found, good = visible_selection.select(MUONS, events)
    p = events.pair[good]
    total, variance = p.sum(axis=1), np.zeros(good.sum())
    for k in range(2):
        size = np.sqrt((p[:, k, :3] ** 2).sum(axis=1))
        way = p[:, k, :3] / size[:, None]
        along = total[:, 3] * size / p[:, k, 3] - (total[:, :3] * way).sum(axis=1)
        variance += (2.0 * along * size * apparatus().spectrometer.momentum_error(size)) ** 2
        across = total[:, :2] - total[:, 2:3] * way[:, :2] / way[:, 2:3]
        variance += 4.0 * (across**2).sum(axis=1) * (size * apparatus().spectrometer.angle_error(size)) ** 2
    peak = visible.peak(MUONS, mass, 1.5)
    assert peak is not None
    assert peak.resolution == pytest.approx(math.sqrt(variance.mean()), rel=0.04)
    assert abs((found[good] - mass**2).mean()) < 0.1 * peak.resolution


def test_missing_mass_is_better_measured_than_that_of_the_photons() -> None:
    """2 MeV at 207 MeV falls to 0.2 MeV at 350 MeV; the photons alone are measured to 2 to 6 MeV."""
    assert PHOTONS.masses is not None
    seen = replace(PHOTONS, masses=replace(PHOTONS.masses, measured="seen"))
    width = {}
    for mass in (0.21, 0.28, 0.35):
        for name, data in (("missing", PHOTONS), ("seen", seen)):
            peak = visible.peak(data, mass, 1.5)
            assert peak is not None
            width[name, mass] = 1e3 * peak.resolution / (2.0 * mass)
    assert width["missing", 0.21] == pytest.approx(2.0, abs=0.3)
    assert width["missing", 0.35] == pytest.approx(0.2, abs=0.05)
    assert all(width["missing", mass] < width["seen", mass] < 6.0 for mass in (0.21, 0.28, 0.35))


@pytest.mark.parametrize("data", [MUONS, PHOTONS], ids=lambda data: data.name)
def test_chance_is_that_of_exponential_flights(data: DataSet) -> None:
    mass, ctau = 0.28, np.array([[1e-4, 0.01, 0.05, 0.3]])
    scan = visible.scan(data, np.array([mass]))
    chance, half = visible.chance(scan, ctau)[0], 1.5 * scan.peaks[0].resolution
    events, random = (
        visible.prompt(data.volume, mass, visible_selection.CHANNELS[data.search].body),
        np.random.default_rng(3),
    )
    for one, times in zip(chance, ctau[0], strict=True):
        kept = []
        for _ in range(8):
            proper = random.exponential(times, len(events.points))
            found, good = visible_selection.select(data, visible.displaced(events, proper, mass))
            kept.append((good & (abs(found - mass**2) < half)).mean())
        error = np.std(kept, ddof=1) / math.sqrt(8)
        assert abs(one * scan.peaks[0].acceptance - np.mean(kept)) < 4.0 * error + 0.04 * np.mean(kept)


@pytest.mark.parametrize("data", [MUONS, PHOTONS], ids=lambda data: data.name)
def test_chance_has_the_limits_of_short_and_long_lifetimes(data: DataSet) -> None:
    scan = visible.scan(data, np.array([0.25, 0.3]))
    ctau = np.tile([0.0, 1e-9, 1e4, 1e6, np.inf], (2, 1))
    chance = visible.chance(scan, ctau)
    assert chance[:, 0] == pytest.approx(1.0)
    assert chance[:, 1] == pytest.approx(1.0, abs=1e-3)
    assert chance[:, 2] / chance[:, 3] == pytest.approx(100.0, rel=1e-3)
    assert (chance[:, 4] == 0.0).all()
    many = visible.chance(scan, np.tile(np.geomspace(1e-5, 10.0, 40), (2, 1)))
    assert (np.diff(many, axis=1) < 0.002).all()


def test_photons_of_a_displaced_decay_lose_their_mass() -> None:
    assert PHOTONS.masses is not None
    seen = replace(PHOTONS, masses=replace(PHOTONS.masses, measured="seen"))
    ctau, mass = np.array([[0.3]]), np.array([0.25])
    kept = {data: visible.chance(visible.scan(data, mass), ctau)[0, 0] for data in (PHOTONS, seen)}
    assert kept[seen] < 0.6 * kept[PHOTONS]
    events = visible.prompt(PHOTONS.volume, 0.25, "gamma")
    found, good = visible_selection.select(seen, visible.displaced(events, np.full(len(events.points), 0.02), 0.25))
    assert found[good].mean() < 0.25**2


@pytest.mark.parametrize("data", [MUONS, PHOTONS], ids=lambda data: data.name)
def test_background_adds_up_to_the_candidates(data: DataSet) -> None:
    found, weight = visible.spectrum(data)
    branching = tables.data_toml("kaon", "branching_ratios.toml")[visible_selection.CHANNELS[data.search].ratio][
        "value"
    ]
    above = weight[found > data.given("candidates above") ** 2].sum() / len(weight)
    assert visible.normalisation(data)[0] * branching * above == pytest.approx(data.given("candidates"), rel=1e-9)
    assert data.decays is not None
    not_simulated = visible.normalisation(data)[0] / data.decays.value
    assert 0.25 < not_simulated < 0.7
    published = data.given("candidates") / (branching * data.decays.value)
    assert published == pytest.approx(data.published["acceptance"].value, rel=0.02)


def test_limits_on_two_muons_are_near_the_published_ones() -> None:
    """Published: median of observed limits in four ranges of the mass, arXiv:2507.17286, digitised."""
    scan = visible.scan(MUONS, np.array([0.23, 0.255, 0.28, 0.31]))
    ratio = scan.limit / np.array([5.4e-11, 1.2e-10, 1.6e-10, 1.5e-10])
    assert (abs(np.log(ratio)) < math.log(1.8)).all()
    assert np.exp(np.log(ratio).mean()) == pytest.approx(1.0, abs=0.35)
    loss = 1.0 / visible.chance(scan, np.full((4, 1), 0.2998))[:, 0]
    assert loss == pytest.approx([12.0, 14.5, 19.5, 17.5], rel=0.35)


def test_limits_on_two_photons_are_near_the_published_ones() -> None:
    """Published: median of observed limits around each mass, arXiv:2311.01837 and 2507.17286, digitised."""
    scan = visible.scan(PHOTONS, np.array([0.236, 0.256, 0.288, 0.319, 0.335]))
    ratio = scan.limit / np.array([4.54e-9, 4.10e-9, 6.65e-9, 4.83e-9, 3.1e-9])
    assert (abs(np.log(ratio)) < math.log(1.5)).all()
    loss = 1.0 / visible.chance(scan, np.full((5, 1), 0.2998))[:, 0]
    assert loss == pytest.approx(12.1, rel=0.45)


def test_masses_that_cannot_be_made_are_left_out() -> None:
    scan = visible.scan(MUONS, np.array([0.1, 0.25, 0.36]))
    assert scan.masses == pytest.approx([0.25])
    with pytest.raises(DarkdumpError, match="no mass can be searched"):
        visible.scan(MUONS, np.array([0.1]))


def test_mistakes_are_one_line() -> None:
    masses = np.array([0.25])
    with pytest.raises(DarkdumpError, match="pinunu"):
        visible.scan(load_data("pinunu-2017"), masses)
    with pytest.raises(CardError, match="candidates is missing"):
        visible.scan(replace(MUONS, inputs={k: v for k, v in MUONS.inputs.items() if k != "candidates"}), masses)
    with pytest.raises(CardError, match="masses is missing"):
        visible.scan(replace(MUONS, masses=None), masses)
    other: MassScan = mass_scan("x", masses, [Peak(0.1, 0.0, 1e-3, 1e-10, 0.0, {"b": (1.0, 0.1)})])
    with pytest.raises(DarkdumpError, match=r"darkdump\.kaon\.visible\.scan"):
        visible.chance(other, np.array([[1.0]]))
