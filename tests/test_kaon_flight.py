"""Kaon mode, its core: beam, flight, what is measured, tails, photons, against closed forms and published numbers."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.kaon import pinunu
from darkdump.kaon.apparatus import Scatterer, apparatus
from darkdump.kaon.dataset import load_data
from darkdump.kaon.dataset_parts import Fiducial, Region
from darkdump.kaon.flight import PARENT, REST, TRACK, Decays, fly, fly_to_two, measured, seen
from darkdump.kaon.fourvectors import missing_mass2, size
from darkdump.kaon.onetrack import OneTrack, one_track, part
from darkdump.kaon.pdg import branching_ratio
from darkdump.kaon.photons import blindness, met, two_photons
from darkdump.kaon.sampling import SCRAMBLES, cube, mean
from darkdump.kaon.tails import radiative, spread
from darkdump.kaon.vertex import beam_vertex
from darkdump.phasespace import kallen, momentum, two_body
from darkdump.units import ALPHA, HBAR, HBARC

Array = NDArray[np.float64]
VOLUME = (105.0, 165.0)
K, PI, PI0 = (particles.mass(name) for name in ("K+", "pi+", "pi0"))


def pion_pion(points: Array) -> Decays:
    return fly_to_two(apparatus(), VOLUME, "pi+", PI0, points)


@pytest.fixture(scope="module")
def points() -> Array:
    return cube(REST + 4, 2**12)


def test_two_bodies_at_rest(points: Array) -> None:
    rest = two_body(K, PI, PI0, points)
    np.testing.assert_allclose(rest.sum(axis=1), np.tile([0.0, 0.0, 0.0, K], (len(rest), 1)), atol=1e-15)
    np.testing.assert_allclose(size(rest[:, 0]), momentum(K, PI, PI0), rtol=1e-12)
    assert abs(rest[:, 0, 2].mean()) < 1e-4, "isotropic"


def test_the_beam(points: Array) -> None:
    decays, beam = pion_pion(points), apparatus().beam
    p = size(decays.parent)
    assert p.mean() == pytest.approx(75.0, rel=1e-4)
    assert p.std() == pytest.approx(0.75, rel=0.01)
    slope = decays.parent[:, :2] / decays.parent[:, 2:3]
    np.testing.assert_allclose(slope.mean(axis=0), [1.2e-3, 0.0], atol=1e-6)
    np.testing.assert_allclose(slope.std(axis=0), beam.divergence, rtol=0.01)
    np.testing.assert_allclose(decays.parent, decays.daughters.sum(axis=1), rtol=1e-9, atol=1e-9)


def test_decays_along_the_volume(points: Array) -> None:
    """Exponential with 563.84 m at 75 GeV; a tenth of the kaons decays in 60 m."""
    z = pion_pion(points).vertex[:, 2]
    length = 75.0 / K * tables.lifetime("Kp") * HBARC / HBAR
    assert length == pytest.approx(563.84, rel=1e-3)
    assert z.min() >= 105.0
    assert z.max() <= 165.0
    ratio = np.mean(z < 135.0) / np.mean(z >= 135.0)
    assert ratio == pytest.approx(math.exp(30.0 / length), rel=0.005)
    assert -math.expm1(-60.0 / length) == pytest.approx(0.10095, rel=1e-3)


@pytest.mark.parametrize("p", [10.0, 25.0, 50.0])
def test_measurements_have_their_errors(p: float, points: Array) -> None:
    true = np.tile([0.0, 0.0, p, math.hypot(p, PI)], (len(points), 1))
    found = measured(apparatus().spectrometer, true, PI, points[:, TRACK])
    assert size(found).std() / p == pytest.approx(math.hypot(3e-3, 5e-5 * p), rel=0.01)
    angle = math.hypot(577e-6 / p, 16.3e-6)
    np.testing.assert_allclose((found[:, :2] / found[:, 2:3]).std(axis=0), angle, rtol=0.01)
    assert found[:, 3] == pytest.approx(np.hypot(size(found), PI))


def test_resolution_at_the_peak(points: Array) -> None:
    """1.0e-3 GeV^2, and its parts from the derivatives of m^2 = m_K^2 + m_pi^2 - 2 (E_K E_pi - P p cos theta)."""
    decays = pion_pion(points)
    track = one_track(apparatus(), Fiducial(VOLUME), decays, points)[0]
    weight = track.weight * ((track.momentum > 15.0) & (track.momentum < 35.0))
    assert np.average(track.missing_mass2, weights=weight) == pytest.approx(PI0**2, abs=3e-5)
    spread_ = math.sqrt(np.average((track.missing_mass2 - PI0**2) ** 2, weights=weight))
    assert spread_ == pytest.approx(1.02e-3, rel=0.02)
    near = track.weight * (abs(track.momentum - 25.0) < 1.0)
    p, big = 25.0, 75.0
    own, kaon = math.hypot(p, PI), math.hypot(big, K)
    cosine = (2.0 * kaon * own - K**2 - PI**2 + PI0**2) / (2.0 * big * p)
    sine = math.sqrt(1.0 - cosine**2)
    by_p = 2.0 * (kaon * p / own - big * cosine) * p * math.hypot(3e-3, 5e-5 * p)
    by_kaon = 2.0 * (big * own / kaon - p * cosine) * big * 2e-3
    by_angle = 2.0 * big * p * sine * math.sqrt((577e-6 / p) ** 2 + 16.3e-6**2 + 16e-6**2)
    found = math.sqrt(np.average((track.missing_mass2 - PI0**2) ** 2, weights=near))
    assert found == pytest.approx(math.sqrt(by_p**2 + by_kaon**2 + by_angle**2), rel=0.03)


def test_shares_of_the_signal_spectrum() -> None:
    """Shares of R1 and R2 without detector, and with the momentum window, computed independently."""
    data = load_data("pinunu-2017")
    points = cube(REST + 3, 2**13)
    q2 = points[:, REST + 2] * (K - PI) ** 2
    rest = two_body(K, PI, np.sqrt(q2), points[:, REST:])
    decays = fly(apparatus(), VOLUME, rest, points, pinunu.spectrum(q2))
    exact = missing_mass2(decays.parent, decays.daughters[:, 0])
    np.testing.assert_allclose(exact, q2, atol=1e-9)
    track = OneTrack(decays.parent, decays.daughters[:, 0], decays.weight)
    for name, whole, window in (("R1", 0.196, 0.058), ("R2", 0.413, 0.159)):
        edges = data.regions[name].missing_mass2
        assert part([track], Region(edges, (0.0, 75.0)))[0] == pytest.approx(whole, rel=0.01)
        assert part([track], Region(edges, (15.0, 35.0)))[0] == pytest.approx(window, rel=0.015)


def test_errors_are_those_of_the_scrambles(points: Array) -> None:
    assert mean(np.ones(len(points))) == (1.0, 0.0)
    several = [mean(cube(3, 256, seed)[:, 0] < 0.3) for seed in range(1, 30)]
    values, errors = np.array(several).T
    assert values.mean() == pytest.approx(0.3, abs=2e-4)
    assert 0.5 < values.std() / errors.mean() < 2.0
    assert len(points) == SCRAMBLES * 2**12


def test_tracks_bend_with_their_charge() -> None:
    """The magnet turns a wide track of one charge into the last vetoes, and keeps one of the other charge inside."""
    place, momentum_ = np.array([[0.06, 0.0, 150.0]]), np.array([[0.3, 0.0, 20.0, 20.01]])
    assert seen(apparatus(), place, momentum_, -1, ("STRAW1",)).tolist() == [False]
    assert seen(apparatus(), place, momentum_, 1, ("STRAW1",)).tolist() == [True]


def test_the_beam_stays_in_its_holes() -> None:
    """A kaon on the axis passes the gaps of all chambers, which follow it through the magnet, and those behind."""
    start = apparatus().beam.start
    beam = 75.0 * np.array([[apparatus().beam.slope, 0.0, 1.0, 1.0]])
    for plane in ("STRAW1", "STRAW2", "STRAW3", "STRAW4", "RICH", "NewCHOD", "CHOD"):
        assert not seen(apparatus(), np.array([start]), beam, 1, (plane,)).any(), plane
    assert seen(apparatus(), np.array([start]), beam, 1, ()).all()


class TestTails:
    """One scatter by a large angle, and radiated photons."""

    def test_characteristic_angle(self) -> None:
        """chi_c^2 = 0.157 MeV^2 Z (Z + 1) x / A p^2, x in g / cm^2 (PDG); carbon has X0 = 42.7 g / cm^2."""
        x0, z, a = 42.70, 6, 12.011
        logarithm = math.log(184.15 * z ** (-1 / 3))
        ours = Scatterer(0.01, logarithm).characteristic_angle(np.array([1.0]))[0]
        theirs = math.sqrt(0.157e-6 * z * (z + 1) * 0.01 * x0 / a)
        assert ours == pytest.approx(theirs, rel=0.12)

    def test_chances_add_up(self, points: Array) -> None:
        decays = pion_pion(points)
        kinds = spread(apparatus(), decays.daughters[:, 0], PI, points[:, TRACK])
        np.testing.assert_allclose(sum(chance for _, chance in kinds), 1.0)
        assert all((chance >= 0.0).all() for _, chance in kinds)
        p = size(decays.daughters[:, 0])
        turned = kinds[1][1][(p > 20.0) & (p < 30.0)].mean()
        assert 0.002 < turned < 0.05

    def test_tail_falls_with_the_square(self, points: Array) -> None:
        """Beyond twice an angle there are a quarter of the scatters."""
        true = np.tile([0.0, 0.0, 25.0, math.hypot(25.0, PI)], (len(points), 1))
        found, chance = spread(apparatus(), true, PI, points[:, TRACK])[1]
        angle = np.hypot(*(found[:, :2] / found[:, 2:3]).T)
        beyond = [chance[angle > cut].sum() for cut in (4e-4, 8e-4)]
        assert beyond[0] / beyond[1] == pytest.approx(4.0, rel=0.05)
        chi = apparatus().scatterers["angle"].characteristic_angle(np.array([25.0]))[0]
        assert beyond[1] / len(points) == pytest.approx((chi / 8e-4) ** 2, rel=0.05)

    @pytest.mark.parametrize("charged", ["pi+", "mu+"])
    def test_soft_photons(self, charged: str) -> None:
        """Between two small energies: 2 alpha / pi ((1 / 2 b) ln((1 + b) / (1 - b)) - 1) ln(w2 / w1)."""
        other = PI0 if charged == "pi+" else 0.0
        events, weight = radiative(charged, other, cube(5, 2**15))
        energy = events[:, 2, 3]
        low, high = 5.5e-3, 8e-3
        found = mean(weight * ((energy > low) & (energy < high)))[0]
        own = particles.mass(charged)
        b = momentum(K, own, other) / math.hypot(momentum(K, own, other), own)
        soft = 2.0 * ALPHA / math.pi * (math.log((1.0 + b) / (1.0 - b)) / (2.0 * b) - 1.0) * math.log(high / low)
        assert found == pytest.approx(soft, rel=0.1)

    def test_measured_radiative_decays(self) -> None:
        """K+ -> pi+ pi0 gamma by bremsstrahlung, pions of 55 to 90 MeV: 2.75(15)e-4."""
        events, weight = radiative("pi+", PI0, cube(5, 2**14))
        kinetic = events[:, 0, 3] - PI
        found = mean(weight * ((kinetic > 0.055) & (kinetic < 0.090)))[0] * branching_ratio("pi+ pi0")
        assert found == pytest.approx(2.75e-4, rel=0.08)


class TestPhotons:
    """Coverage of the vetoes."""

    def test_each_detector_is_met(self) -> None:
        place = np.tile([0.0, 0.0, 130.0], (5, 1))
        slopes = [0.0045, 0.0009, 0.0005, 0.02, 0.2]
        photon = np.array([[slope, 0.0, 1.0, math.hypot(1.0, slope)] for slope in slopes])
        names = [detector.name for detector in apparatus().photon_detectors]
        assert [names[k] if k >= 0 else "" for k in met(apparatus(), place, photon)] == ["LKr", "IRC", "SAC", "LAV", ""]

    def test_one_photon_in_five_hundred_pions_is_lost(self, points: Array) -> None:
        """0.2 % of the pi0 of selected pions have a photon beyond the large-angle vetoes (NA62, LAV)."""
        decays = pion_pion(points)
        p = size(decays.daughters[:, 0])
        good = seen(apparatus(), decays.vertex, decays.daughters[:, 0]) & (p > 15.0) & (p < 35.0)
        pair = two_photons(decays.daughters[:, 1], points[:, REST + 2 :])
        np.testing.assert_allclose(pair.sum(axis=1), decays.daughters[:, 1], rtol=1e-9, atol=1e-9)
        lost = np.array([met(apparatus(), decays.vertex, pair[:, k]) < 0 for k in (0, 1)])
        assert (lost.any(axis=0) & good).sum() / good.sum() == pytest.approx(2.3e-3, rel=0.15)
        assert not (lost.all(axis=0) & good).any()

    def test_inefficiency_between_its_points(self) -> None:
        for detector in apparatus().photon_detectors:
            assert detector.inefficiency(np.array(detector.energies)) == pytest.approx(detector.inefficiencies)
            ends = detector.inefficiency(np.array([1e-6, 1e3]))
            assert ends == pytest.approx([detector.inefficiencies[0], detector.inefficiencies[-1]])

    def test_a_photon_that_meets_nothing_is_not_seen(self) -> None:
        place, photon = np.array([[0.0, 0.0, 130.0]]), np.array([[0.2, 0.0, 1.0, 1.02]])
        assert blindness(apparatus(), place, photon) == [1.0]


def test_a_measured_line_of_the_beam_starts_at_its_last_station() -> None:
    """A kaon whose direction is measured 16 microrad too large passes beside the vertex by what that makes up to it."""
    place, kaon = np.array([[0.0, 0.0, 152.4]]), np.array([[0.0, 0.0, 75.0, 75.0]])
    pion = np.array([[0.0, 0.2, 20.0, 20.0]])
    turned = kaon + np.array([[16e-6 * 75.0, 0.0, 0.0, 0.0]])
    near, far = beam_vertex(apparatus(), (place, kaon, turned), (place, pion, pion))
    assert near[0, :2] == pytest.approx([16e-6 * 50.0, 0.0], abs=1e-8)
    assert [near[0, 2], far[0, 2]] == pytest.approx([152.4, 152.4], abs=1e-3)


def test_kallen_of_arrays() -> None:
    a, b, c = np.array([1.0, 2.0]), np.array([0.1, 0.2]), np.array([0.3, 0.1])
    assert kallen(a, b, c) == pytest.approx([kallen(*x) for x in zip(a, b, c, strict=True)])


def test_parent_is_measured_apart(points: Array) -> None:
    """Errors of kaon and pion are independent."""
    decays = pion_pion(points)
    kaon = measured(apparatus().beam_tracker, decays.parent, K, points[:, PARENT])
    pion = measured(apparatus().spectrometer, decays.daughters[:, 0], PI, points[:, TRACK])
    pulls = size(kaon) / size(decays.parent) - 1.0, size(pion) / size(decays.daughters[:, 0]) - 1.0
    assert abs((pulls[0] * pulls[1]).mean()) / (pulls[0].std() * pulls[1].std()) < 0.02
    assert pulls[0].std() == pytest.approx(2e-3, rel=0.01)
