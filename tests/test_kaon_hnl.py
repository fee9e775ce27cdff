"""K+ -> l+ N and pi+ -> e+ N: rates, decays of muons in flight, photons of leptons, acceptance and limits."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import twins_kaon_hnl as twin
from darkdump import particles, tables
from darkdump.errors import CardError, DarkdumpError
from darkdump.kaon import inflight, l_n, l_n_backgrounds, l_n_selection, l_nu_gamma
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet, load_data, of_search
from darkdump.kaon.dataset_parts import Quantity
from darkdump.kaon.flight import seen
from darkdump.kaon.pdg import branching_ratio
from darkdump.kaon.sampling import cube
from darkdump.kaon.tails import radiative
from darkdump.kaon.vertex import closest
from darkdump.phasespace import boosted
from twins_kaon import CTAU, KAON

Array = NDArray[np.float64]

MEDIAN = {
    "hnl-e": {0.15: 2.2e-9, 0.2: 1.4e-9, 0.25: 8.2e-10, 0.3: 6.6e-10, 0.35: 7.6e-10, 0.4: 1.1e-9, 0.44: 4.4e-9},
    "hnl-mu": {0.2: 3.5e-8, 0.22: 2.7e-8, 0.25: 9.2e-9, 0.3: 8.9e-9, 0.33: 7.7e-9, 0.35: 7.4e-9, 0.37: 8.8e-9},
}
"""Medians of published limits, arXiv:2005.09575 (HEPData) and 2101.12304, over 10 and 8 MeV around each mass."""


def card(name: str) -> DataSet:
    return load_data(name, "hnl")


@pytest.mark.parametrize(
    ("lepton", "mass", "expected"),
    [
        ("e+", 0.150, 7.10e4),
        ("e+", 0.200, 1.07e5),
        ("e+", 0.300, 1.371e5),
        ("e+", 0.400, 7.23e4),
        ("e+", 0.450, 2.22e4),
        ("mu+", 0.220, 3.875),
        ("mu+", 0.300, 3.900),
        ("mu+", 0.370, 1.851),
    ],
)
def test_the_helicity_factor_has_its_closed_form(lepton: str, mass: float, expected: float) -> None:
    x, y = (particles.mass(lepton) / 0.493677) ** 2, (mass / 0.493677) ** 2
    root = math.sqrt(1.0 + x * x + y * y - 2.0 * (x + y + x * y))
    closed = (x + y - (x - y) ** 2) * root / (x * (1.0 - x) ** 2)
    found = l_n.enhancement("K+", lepton, mass)
    assert found == pytest.approx(expected, rel=5e-3)
    assert found == pytest.approx(closed, rel=1e-4)


def test_a_light_n_is_a_neutrino_and_a_heavy_one_is_not_made() -> None:
    for parent, lepton in (("K+", "e+"), ("K+", "mu+"), ("pi+", "e+")):
        assert l_n.enhancement(parent, lepton, 1e-6) == pytest.approx(1.0, rel=1e-5)
        assert l_n.enhancement(parent, lepton, particles.mass(parent)) == 0.0
    assert l_n.enhancement("pi+", "e+", 0.1) == pytest.approx(9070.0, rel=2e-3)


def test_the_beam_stays_in_the_holes_of_the_chambers() -> None:
    setting = apparatus()
    place = np.array([[0.0, 0.0, setting.beam.start[2]]])
    momentum = np.array([[setting.beam.slope * 75.0, 0.0, 75.0, 75.0]])
    for name in ("STRAW1", "STRAW2", "STRAW3", "STRAW4"):
        assert not seen(setting, place, momentum, 1, (name,))[0]
    assert seen(setting, place, momentum, -1, ("STRAW4",))[0]


def test_lines_come_closest_where_they_should() -> None:
    one, other = np.array([[0.0, 0.0, 100.0]]), np.array([[0.3, 0.004, 180.0]])
    near, far = closest(one, np.array([[0.0, 0.0, 2.0]]), other, np.array([[0.01, 0.0, 1.0]]))
    assert near[0] == pytest.approx([0.0, 0.0, 150.0], abs=1e-9)
    assert far[0] == pytest.approx([0.0, 0.004, 150.0], abs=1e-9)


def test_positrons_have_michels_spectrum_and_asymmetry() -> None:
    points = cube(3, 2**12)
    still = np.tile([0.0, 0.0, 0.0, particles.mass("mu+")], (len(points), 1))
    kaon = np.tile([0.0, 0.0, 10.0, math.hypot(10.0, particles.mass("K+"))], (len(points), 1))
    momentum, weight = inflight.positron(still, kaon, points)
    x, cosine = 2.0 * momentum[:, 3] / particles.mass("mu+"), momentum[:, 2] / momentum[:, 3]
    assert weight.mean() == pytest.approx(1.0, rel=1e-3)
    assert np.average(x, weights=weight) == pytest.approx(0.7, rel=1e-3)
    assert np.average(cosine, weights=weight) == pytest.approx(1.0 / 9.0, rel=5e-3)
    assert np.allclose(inflight.spin(still, kaon), [0.0, 0.0, 1.0])


def test_muons_are_left_handed_where_the_kaon_rests() -> None:
    kaon = np.array([[0.1, -0.2, 75.0, math.sqrt(75.0**2 + 0.05 + particles.mass("K+") ** 2)]])
    rest = np.array([[[0.0, 0.0, 0.2356, math.hypot(0.2356, particles.mass("mu+"))]]])
    for sign in (1.0, -1.0):
        muon = boosted(rest * np.array([1.0, 1.0, sign, 1.0]), kaon)[:, 0]
        assert inflight.spin(muon, kaon)[0, 2] == pytest.approx(-sign, abs=1e-4)


def test_energetic_positrons_are_those_of_the_sampled_spectrum() -> None:
    points = cube(3, 2**13)
    kaon = np.tile([0.0, 0.0, 75.0, math.hypot(75.0, particles.mass("K+"))], (len(points), 1))
    rest = np.zeros((len(points), 1, 4))
    rest[:, 0, 0], rest[:, 0, 2], rest[:, 0, 3] = 0.2, -0.1246, math.hypot(0.2356, particles.mass("mu+"))
    muon = boosted(rest, kaon)[:, 0]
    found, weight = inflight.positron(muon, kaon, points)
    for least in (0.3, 0.7, 0.92):
        expected = np.mean(weight * (found[:, 3] > least * muon[:, 3]))
        assert inflight.energetic(muon, kaon, least)[0] == pytest.approx(expected, rel=0.1)


def test_muons_decay_as_often_as_their_lifetime_says() -> None:
    points = cube(1, 2**10)[:, 0]
    momentum = np.tile([0.0, 0.0, 30.0, 30.0], (len(points), 1))
    place, chance = inflight.flown("mu+", np.full((len(points), 3), 100.0), momentum, 180.0, points)
    length = 30.0 / 0.1056583755 * 2.1969811e-6 * 299792458.0
    assert chance.mean() == pytest.approx(-math.expm1(-80.0 / length), rel=1e-3)
    assert np.average(place[:, 2], weights=chance) == pytest.approx(140.0, rel=1e-3)
    assert not inflight.flown("mu+", place, -momentum, 180.0, points)[1].any()


def test_photons_of_muons_agree_with_soft_emission_and_with_the_measured_rate() -> None:
    points = cube(l_nu_gamma.AXES, 2**13)
    momenta, weight = l_nu_gamma.bremsstrahlung("K+", "mu+", points)
    soft, soft_weight = radiative("mu+", 0.0, cube(5, 2**13))
    energy, soft_energy = momenta[:, 1, 3], soft[:, 2, 3]
    for low, high, error in ((0.005, 0.01, 0.04), (0.01, 0.02, 0.06)):
        ours = np.mean(weight * (energy > low) * (energy < high))
        eikonal = np.mean(soft_weight * (soft_energy > low) * (soft_energy < high))
        assert ours == pytest.approx(eikonal, rel=error)
    muon = np.sqrt((momenta[:, 0, :3] ** 2).sum(axis=1))
    rate = branching_ratio("mu+ nu") * np.mean(weight * (muon < 0.2315))
    assert rate == pytest.approx(6.2e-3, abs=1.5 * 0.8e-3)  # PDG


@pytest.mark.parametrize("lepton", ["e+", "mu+"])
def test_the_neutrino_beside_a_photon_has_no_mass(lepton: str) -> None:
    points = cube(l_nu_gamma.AXES, 2**8)
    for momenta in (
        l_nu_gamma.bremsstrahlung("K+", lepton, points)[0],
        l_nu_gamma.structure("K+", lepton, points, 0.2)[0],
    ):
        rest = np.array([0.0, 0.0, 0.0, particles.mass("K+")]) - momenta.sum(axis=1)
        assert np.abs(rest[:, 3] ** 2 - (rest[:, :3] ** 2).sum(axis=1)).max() < 1e-10


def test_structure_prefers_fast_leptons_and_photons_against_them() -> None:
    momenta, weight = l_nu_gamma.structure("K+", "e+", cube(l_nu_gamma.AXES, 2**10), 0.2)
    fast = momenta[:, 0, 3] > 0.2
    assert np.mean(weight * fast) == pytest.approx(1.0, rel=1e-6)
    opposite = (momenta[:, 0, :3] * momenta[:, 1, :3]).sum(axis=1) < 0.0
    assert np.average(opposite[fast], weights=weight[fast]) > 0.95


def cuts(data: DataSet) -> tuple[float, float, float, float, float]:
    return (*data.momentum, data.given("distance"), *data.volume)


@pytest.mark.parametrize("mass", [0.15, 0.3, 0.44])
def test_the_acceptance_is_that_of_a_slow_twin(mass: float) -> None:
    data, setting, rng = card("hnl-e"), apparatus(), np.random.default_rng(3)
    decays = twin.kaons(setting, 200_000, rng)
    track = twin.to_lepton(decays, twin.POSITRON, mass, rng)[0]
    good, missing = twin.candidates(setting, decays, decays.vertex, track, cuts(data), rng)
    length = 75.0 / KAON * CTAU
    front, end = (math.exp((twin.BEGIN - z) / length) for z in data.volume)
    scale = -math.expm1((twin.BEGIN - twin.FIRST) / length) / (front - end)
    found = l_n.signal(data, mass)
    assert found.spectrum.below[-1] == pytest.approx(good.mean() * scale, rel=0.03)
    assert found.resolution == pytest.approx((missing[good] - mass**2).std(), rel=0.04)


def test_positrons_of_muons_in_flight_are_those_of_a_slow_twin() -> None:
    data, setting, rng = card("hnl-e"), apparatus(), np.random.default_rng(4)
    decays = twin.kaons(setting, 400_000, rng)
    place, track, chance = twin.in_flight(decays, rng)
    good, missing = twin.candidates(setting, decays, place, track, cuts(data), rng)
    length = 75.0 / KAON * CTAU
    front, end = (math.exp((twin.BEGIN - z) / length) for z in data.volume)
    weight = chance * good * -math.expm1((twin.BEGIN - twin.FIRST) / length) / (front - end)
    ours = l_n_backgrounds.in_flight(data, "K+", 1)
    assert ours.below[-1] == pytest.approx(weight.mean(), rel=0.05)
    for low, high in ((0.02, 0.08), (0.08, 0.14), (0.14, 0.20)):
        expected = np.mean(weight * (missing > low) * (missing < high))
        assert ours.window(low, high)[0] == pytest.approx(expected, rel=0.12)


def test_the_resolution_is_the_step_of_the_published_masses() -> None:
    for m in (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.44):
        step = 2.007e-3 - 5.090e-3 * m + 1.0558e-2 * m**2 - 1.6157e-2 * m**3
        assert 0.79 < l_n.signal(card("hnl-e"), m).resolution / step < 1.05


@pytest.mark.parametrize("name", ["hnl-e", "hnl-mu"])
def test_limits_have_the_published_scale(name: str) -> None:
    masses = np.array(list(MEDIAN[name]))
    found = l_n.scan(card(name), masses)
    assert found.parameter == ("|U_e|^2" if name == "hnl-e" else "|U_mu|^2")
    published = np.array(list(MEDIAN[name].values()))
    assert (found.limits["median"] < 3.0 * published).all()
    assert (found.limits["median"] > published / 3.0).all()


def test_limits_of_pion_decays_have_the_published_order() -> None:
    found = l_n.scan(card("pion-hnl-e"), np.array([0.095, 0.11, 0.12]))
    assert (np.abs(np.log10(found.limits["median"] / 1e-8)) < 1.0).all()


def test_limits_do_not_hang_on_the_random_numbers() -> None:
    masses = np.array([0.15, 0.25, 0.35, 0.42])
    limits = [l_n.scan(card("hnl-e"), masses, seed=seed).limits["median"] for seed in (1, 2)]
    assert np.allclose(limits[0], limits[1], rtol=0.25)


def test_many_events_give_the_limit_of_a_normal_distribution() -> None:
    data, masses = card("hnl-e"), np.array([0.35])
    found, loose = l_n.scan(data, masses), l_n.scan(data, masses, residual=True)
    b, side = found.background[0], l_n.sideband_error(1.5, data.given("sideband"), 3)
    assert found.background_error[0] == pytest.approx(side * math.sqrt(b), rel=1e-6)
    events = 1.645 * math.sqrt(b * (1.0 + side**2))
    assert found.limits["median"][0] == pytest.approx(found.peaks[0].sensitivity * events, rel=0.02, abs=0)
    more = math.hypot(side * math.sqrt(b), data.given("residual") * b)
    assert loose.background_error[0] == pytest.approx(more, rel=1e-6)
    assert loose.limits["median"][0] > found.limits["median"][0]


def test_the_sensitivity_is_one_event() -> None:
    data = card("hnl-mu")
    one = l_n.peak(data, 0.3, 1.5)
    assert one is not None
    assert data.decays is not None
    events = data.decays.value * data.efficiency * one.acceptance * branching_ratio("mu+ nu") * 3.9003
    assert one.sensitivity == pytest.approx(1.0 / events, rel=1e-3, abs=0)
    assert 0.8 < one.acceptance / l_n.signal(data, 0.3).spectrum.below[-1] < 0.9  # 0.866 within 1.5 sigma
    half = 1.5 * one.resolution
    value, error = l_n.signal(data, 0.3).spectrum.window(0.09 - half, 0.09 + half)
    assert (one.acceptance, one.error) == pytest.approx((value, error / value))
    assert 0.0 < one.flights.min() < one.flights.max() < 140.0


def test_sidebands_know_the_background_as_well_as_a_fit_does() -> None:
    assert l_n.sideband_error(1.5, 11.25, 0) == pytest.approx(math.sqrt(1.5 / (11.25 - 1.5)))
    assert l_n.sideband_error(1.5, 11.25, 3) == pytest.approx(l_n.sideband_error(1.5, 11.25, 2))
    rng, edges = np.random.default_rng(1), np.linspace(-11.25, 11.25, 61)
    centres = 0.5 * (edges[1:] + edges[:-1])
    inside = np.abs(centres) < 1.5
    spread = []
    for _ in range(400):
        counts = rng.poisson(1e4, 60)
        fit = np.polynomial.Polynomial.fit(centres[~inside], counts[~inside], 3)
        spread.append(fit(centres[inside]).sum())
    expected = np.std(spread) / math.sqrt(1e4 * inside.sum())
    assert l_n.sideband_error(1.5, 11.25, 3) == pytest.approx(expected, rel=0.12)


def test_beam_pions_count_by_their_number_and_an_unrelated_kaon() -> None:
    data = card("hnl-e")
    chance = 1.0 - math.exp(-45e6 * 4e-10)
    lengths = {name: 75.0 * tau * 299792458.0 / m for name, tau, m in
               (("K", 1.2380e-8, 0.493677), ("pi", 2.6033e-8, 0.13957039))}  # fmt: skip
    parts = {k: math.exp(-7.6 / v) - math.exp(-77.6 / v) for k, v in lengths.items()}
    found = l_n_selection.decays_of(data, "pi+", data.volume)
    assert found == pytest.approx(11.67 * chance * parts["pi"] / parts["K"], rel=1e-3)
    assert l_n_selection.decays_of(data, "K+", data.volume) == pytest.approx(1.0)


def test_every_background_is_there() -> None:
    assert of_search("hnl") == ["hnl-e", "hnl-mu", "pion-hnl-e"]
    for name, mass in (("hnl-e", 0.4), ("hnl-mu", 0.25), ("pion-hnl-e", 0.1)):
        data = card(name)
        one = l_n.peak(data, mass, 1.5)
        assert one is not None
        assert list(one.background) == list(l_n_backgrounds.processes(data))
        assert max(one.background.values())[0] > 0.0


def test_masses_that_cannot_be_made_are_left_out() -> None:
    found = l_n.scan(card("pion-hnl-e"), np.array([0.0, 0.1, 0.2]))
    assert list(found.masses) == [0.1]
    with pytest.raises(DarkdumpError, match="no mass can be searched"):
        l_n.scan(card("hnl-e"), np.array([0.6]))


def test_what_a_card_lacks_is_named(tmp_path: Path) -> None:
    text = tables.data_path("kaon", "data", "hnl-e.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"

    def written(old: str, new: str) -> DataSet:
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load_data(str(path), "hnl")

    with pytest.raises(CardError, match="lepton"):
        written('lepton = "e+"', 'lepton = "tau+"')
    with pytest.raises(CardError, match=r"sample\.lepton"):
        l_n.scan(written('lepton = "e+"\n', ""), np.array([0.3]))
    with pytest.raises(CardError, match=r"inputs\.distance is missing"):
        l_n.scan(written("[inputs.distance]", "[inputs.else]"), np.array([0.3]))
    data = card("hnl-e")
    with pytest.raises(CardError, match=r"sample\.lepton"):
        l_n.scan(replace(data, parent="pi+", lepton="mu+"), np.array([0.02]))
    with pytest.raises(CardError, match=r"sample\.decays is missing"):
        l_n.scan(replace(data, decays=None), np.array([0.3]))
    with pytest.raises(DarkdumpError, match="masses is missing"):
        l_n.scan(replace(data, masses=None), np.array([0.3]))


def test_a_tighter_distance_removes_positrons_of_muons() -> None:
    data = card("hnl-e")
    wide = replace(data, inputs={**data.inputs, "distance": Quantity(0.04, 0.0, "")})
    own = [l_n_backgrounds.in_flight(one, "K+", 1).below[-1] for one in (data, wide)]
    signal = [l_n.signal(one, 0.3).spectrum.below[-1] for one in (data, wide)]
    assert own[0] < 0.5 * own[1]
    assert signal[0] > 0.9 * signal[1]
