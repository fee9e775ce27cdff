"""Lepton number and flavour violation: acceptance against a slow twin, mass resolution, limits."""

import math
from dataclasses import replace

import numpy as np
import pytest

import twins_kaon_three as twins
from darkdump.errors import CardError
from darkdump.kaon import lnv
from darkdump.kaon.alltracks import charged, common_vertex
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import load_data, of_search
from darkdump.kaon.flight import REST
from darkdump.kaon.vertex import at
from darkdump.statistics.counting import upper_limit

CARDS = ("lnv-pi-e-e", "lnv-pi-mu-mu", "lnv-pi-e-e-2018", "lfv-pim-mu-e", "lfv-pip-mu-e")


def test_cards_are_those_of_the_search() -> None:
    assert set(of_search("lnv")) == set(CARDS)


@pytest.mark.parametrize("name", ["lnv-pi-e-e", "lnv-pi-mu-mu", "lfv-pip-mu-e"])
def test_acceptance_and_resolution_are_those_of_a_slow_twin(name: str) -> None:
    data = load_data(name, "lnv")
    part, error, spread = twins.acceptance(apparatus(), data, 150_000, np.random.default_rng(5))
    value, numerical = lnv.acceptance(data)["signal"]
    assert abs(value - part) < 4.0 * math.hypot(error, numerical)
    assert numerical < 0.02 * value
    assert lnv.measure(data).resolution == pytest.approx(spread, rel=0.03)


def test_looser_cuts_accept_more_and_none_accepts_what_the_planes_do() -> None:
    data = load_data("lnv-pi-mu-mu", "lnv")
    tight = lnv.acceptance(data)["signal"][0]
    wide = {name: replace(one, value=10.0 if "low" not in name else 0.0) for name, one in data.inputs.items()}
    loose = lnv.acceptance(replace(data, inputs=wide))["signal"][0]
    assert 0.9 * loose < tight < loose < 1.0


def test_mass_resolution_is_that_of_propagated_errors() -> None:
    """dM^2 = 2 sum over tracks of P_total . dp_i, with relative error and two angles of each track independent."""
    data = load_data("lnv-pi-mu-mu", "lnv")
    decays, _ = lnv.sample(data.volume, ("pi-", "mu+", "mu+"))
    good = lnv.measure(data).weight > 0.0
    p = decays.daughters[good]
    total, variance = p.sum(axis=1), np.zeros(good.sum())
    for k in range(3):
        size = np.sqrt((p[:, k, :3] ** 2).sum(axis=1))
        way = p[:, k, :3] / size[:, None]
        along = total[:, 3] * size / p[:, k, 3] - (total[:, :3] * way).sum(axis=1)
        variance += (along * size * apparatus().spectrometer.momentum_error(size)) ** 2
        across = total[:, :2] - total[:, 2:3] * way[:, :2] / way[:, 2:3]
        variance += (across**2).sum(axis=1) * (size * apparatus().spectrometer.angle_error(size)) ** 2
    expected = math.sqrt(
        np.average(variance / (total[:, 3] ** 2 - (total[:, :3] ** 2).sum(axis=1)), weights=decays.weight[good])
    )
    assert lnv.measure(data).resolution == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", CARDS)
def test_published_numbers_belong_together(name: str) -> None:
    """Sensitivity = 1 / (decays x acceptance x trigger), and the limit is the published one."""
    data = load_data(name, "lnv")
    found = lnv.search(data)
    assert data.decays is not None
    product = data.decays.value * data.published["acceptance"].value * data.efficiency * found.sensitivity
    assert product == pytest.approx(1.0, abs=0.005)
    assert found.limit() == pytest.approx(data.published["limit"].value, rel=0.035, abs=0)
    own = 1e3 * lnv.measure(data).resolution
    assert own == pytest.approx(1e3 * data.published["mass resolution"].value, rel=0.25)
    assert 0.25 < found.implied_efficiency < 0.7


@pytest.mark.parametrize(("name", "limit"), [("lnv-pi-e-e", 2.16e-10), ("lnv-pi-mu-mu", 4.25e-11)])
def test_limits_without_errors(name: str, limit: float) -> None:
    found = lnv.search(load_data(name, "lnv"))
    n_obs, background = found.counting.n_obs, found.counting.background
    assert n_obs is not None
    assert found.sensitivity * upper_limit(n_obs, background) == pytest.approx(limit, rel=0.005, abs=0)


def test_parameter_is_named() -> None:
    assert lnv.search(load_data("lfv-pim-mu-e")).parameter == "BR(K+ -> pi- mu+ e+)"


def test_card_must_name_three_bodies_and_how_they_are_seen() -> None:
    data = load_data("lnv-pi-e-e")
    with pytest.raises(CardError, match="three particles"):
        lnv.search(replace(data, bodies=("pi-", "e+")))
    with pytest.raises(CardError, match=r'track."e\+" is missing'):
        lnv.search(replace(data, tracks={"pi-": data.tracks["pi-"]}))
    with pytest.raises(CardError, match="mass, low"):
        lnv.search(replace(data, inputs={k: v for k, v in data.inputs.items() if k != "mass, low"}))


def test_vertex_is_that_of_least_squares() -> None:
    decays, points = lnv.sample((107.0, 180.0), ("pi-", "mu+", "mu+"))
    some = slice(0, 40)
    place = np.repeat(decays.vertex[some, None], 3, axis=1)
    place[:, 1] += decays.daughters[some, 1, :3] / decays.daughters[some, 1, 2:3]
    names = ("pi-", "mu+", "mu+")
    tracks = charged(apparatus(), names, place, decays.daughters[some], points[some, REST + 5 :])
    z, chi2 = common_vertex(apparatus(), tracks, decays.vertex[some, 2])
    front = apparatus().experiment.planes["STRAW1"].z
    entry, slope = at(tracks.place, tracks.true, front)[..., :2], tracks.found[..., :2] / tracks.found[..., 2:3]
    p = np.sqrt((tracks.found[..., :3] ** 2).sum(axis=2))
    error = apparatus().spectrometer.angle_error(p) * (front - decays.vertex[some, 2])[:, None]
    for k in range(40):
        expected = twins.vertex_chi2(entry[k], slope[k], error[k], front)
        assert (z[k], chi2[k]) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_chi2_of_prompt_decays_is_that_of_three_degrees_of_freedom() -> None:
    decays, points = lnv.sample((107.0, 180.0), ("pi-", "mu+", "mu+"))
    place = np.repeat(decays.vertex[:, None], 3, axis=1)
    tracks = charged(apparatus(), ("pi-", "mu+", "mu+"), place, decays.daughters, points[:, REST + 5 :])
    ahead = (decays.daughters[..., 2] > 5.0).all(axis=1)
    chi2 = common_vertex(apparatus(), tracks, decays.vertex[:, 2])[1][ahead]
    assert chi2.mean() == pytest.approx(3.0, rel=0.03)
    assert (chi2 < 7.815).mean() == pytest.approx(0.95, abs=0.01)
