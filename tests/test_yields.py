"""The simulation against plain Monte Carlo, and the laws that hold for any yield."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import twins
from darkdump.acceptance import two_photons
from darkdump.cards import load_experiment, load_model
from darkdump.experiment import DecayVolume, Experiment, PhotonSelection, Plane
from darkdump.formfactors.nuclear import nucleus
from darkdump.kernels import photons
from darkdump.kernels.decay import two_equal
from darkdump.production import flux as flux_module
from darkdump.production.spectra import load_spectrum
from darkdump.yields import ProperTimes, events, simulate

Array = NDArray[np.float64]

MODES = ("primakoff-secondary", "primakoff-primary", "primakoff-shower")
ALP = replace(load_model("alp"), production=MODES)
EXPERIMENTS = ("na62", "charm", "nucal")
BATCH = 50_000
BATCHES = {"na62": 16, "charm": 24, "nucal": 6, "aside": 16}
"""Photons that the twin draws at a time, and how often: 1 to 2 % error."""


def setup(name: str) -> Experiment:
    """An experiment of the cards, or NA62 with a target half a metre aside."""
    if name != "aside":
        return load_experiment(name)
    base = load_experiment("na62")
    return replace(base, target=replace(base.target, position=(0.3, -0.4, base.target.position[2])))


@cache
def engine(name: str, mass: float) -> ProperTimes:
    """Proper times at one mass, all modes, with an error well below the twin's."""
    return simulate(ALP, setup(name), np.array([mass]), points=4096)


@pytest.mark.parametrize(
    ("name", "mass", "coupling", "mode"),
    [
        ("na62", 0.02, 5.8e-6, 0),
        ("na62", 0.02, 5.8e-6, 1),
        ("na62", 0.02, 5.8e-6, 2),
        ("na62", 0.1, 1.5e-6, 0),
        ("na62", 0.1, 1.5e-6, 1),
        ("na62", 0.1, 1e-4, 0),
        ("na62", 0.1, 1e-4, 1),
        ("na62", 0.2, 1.8e-5, 0),
        ("aside", 0.1, 1.5e-6, 0),
        ("charm", 0.08, 3.2e-6, 0),
        ("charm", 0.08, 3.2e-6, 2),
        ("charm", 0.08, 2.6e-5, 0),
        ("charm", 0.13, 6.4e-6, 1),
        ("nucal", 0.02, 1.4e-5, 0),
        ("nucal", 0.02, 1.4e-5, 1),
        ("nucal", 0.02, 1.5e-3, 0),
        ("nucal", 0.02, 1.5e-3, 1),
        ("nucal", 0.1, 3.2e-6, 2),
        ("nucal", 0.24, 3.2e-6, 0),
    ],
)
def test_against_plain_monte_carlo(name: str, mass: float, coupling: float, mode: int) -> None:
    """Photons drawn, kicked, decayed and tested one by one give the engine's events at both ends of the curve.

    Allowed are 4 standard deviations and 2 %, or 4 % where the hardest particles count: bins in energy are 8 % wide,
    the twin takes a spectrum as a power in each, the engine as linear between centres, and it falls as a power of 20.
    """
    experiment = setup(name)
    material, beam = nucleus(experiment.target.material), experiment.beam.momentum
    spectrum = load_spectrum("pythia", material.name, beam)
    selection = experiment.selections["gamma gamma"]
    assert isinstance(selection, PhotonSelection)
    least = selection.photons * selection.energy[0]
    ctau = 64 * math.pi * 1.973269804e-16 / (coupling**2 * mass**3)
    rng = np.random.default_rng([mode, round(1e3 * mass), round(1e7 * coupling)])
    batches = []
    for _ in range(BATCHES[name]):
        if mode == 1:
            rays = twins.photons_of_field(beam, least, BATCH, rng)
        else:
            rays = twins.photons_of_table(spectrum, {0: "photon", 2: "shower"}[mode], least, BATCH, rng)
        alps = twins.convert(rays, mass, int(material.charge), rng)
        batches.append(twins.dump_yield(experiment, alps, mass, ctau, rng))
    competing = material.sigma_inelastic if mode == 1 else material.sigma_photon
    number, spread = np.array(batches).T * coupling**2 / competing
    expected, error = number.mean(), math.sqrt((spread**2).sum()) / len(spread)
    found, own = events(ALP, engine(name, mass), np.array([coupling]), 1.0)
    assert error < 0.04 * expected
    assert abs(found[mode, 0, 0] / expected - 1) < 4 * math.hypot(error / expected, own[0, 0]) + (
        0.04 if coupling > 1e-3 else 0.02
    )


def open_experiment() -> Experiment:
    """A wide pipe from 1 m to 401 m behind the target; all that is asked for is one photon of 10 GeV."""
    base = load_experiment("na62")
    front = base.target.position[2] + 1.0
    selection = PhotonSelection("gamma gamma", "end", photons=1, energy=(10.0, math.inf), each=False)
    return replace(
        base,
        volume=DecayVolume(Plane("pipe", front, radius=100.0), front + 400.0),
        planes={"end": Plane("end", front + 400.0)},
        selections={"gamma gamma": selection},
    )


def test_every_particle_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All decays between 1 m and 401 m add up to photons x sigma / sigma_absorption x the chance of each energy."""
    monkeypatch.setattr(flux_module, "DIRECTIONS", 400)
    mass, coupling = 0.1, 4.4e-5
    times = simulate(ALP, open_experiment(), np.array([mass]), points=16384)
    found, error = events(ALP, times, np.array([coupling]), 1.0)
    table, copper = load_spectrum("pythia", "Cu", 400.0), nucleus("Cu")
    energy = 10 ** (0.5 * (table.log_p[1:] + table.log_p[:-1]))
    beyond = energy > 10.0
    energy, number = energy[beyond], table.density["photon"].sum(axis=0)[beyond]
    sigma = [twins.primakoff_total(mass, e, 29, 20.07 / copper.radius) for e in energy.tolist()]
    momentum = np.sqrt(energy**2 - mass**2)
    length = momentum / mass * ALP.ctau(mass, np.array([coupling]))
    decays = np.exp(-1.0 / length) - np.exp(-401.0 / length)
    seen = np.clip(1 - (20 / energy - 1) * energy / momentum, 0, 1)  # the photon of cosine c has (E + p c) / 2
    expected = coupling**2 * (number * sigma * decays * seen).sum() / copper.sigma_photon
    assert error[0, 0] < 0.01
    assert found[0, 0, 0] == pytest.approx(expected, rel=0.015 + 3 * error[0, 0], abs=0.0)


def test_linear_in_pot_and_fourth_power() -> None:
    """N is proportional to POT; while all live long, to g^2 from the production times g^2 from the decay."""
    times, couplings = engine("na62", 0.1), np.array([1e-9, 1e-8, 1e-7])
    found, error = events(ALP, times, couplings, 1.0)
    more, same = events(ALP, times, couplings, 1e18)
    assert more == pytest.approx(1e18 * found, rel=1e-12)
    assert same == pytest.approx(error, rel=1e-9)
    slopes = np.diff(np.log(found[:, 0]), axis=1) / np.log(10)
    assert slopes == pytest.approx(4.0, abs=1e-3)
    late = events(ALP, times, np.array([1.0]), 1e18)[0]
    assert (late >= 0).all()
    assert late.sum() < 1e-100


def test_threads_do_not_matter() -> None:
    """Bit for bit, and the numbers of a mass do not depend on which other masses are scanned."""
    masses = np.array([0.02, 0.05, 0.1, 0.2])
    one, two = (simulate(ALP, load_experiment("na62"), masses, points=64, threads=n) for n in (1, 3))
    assert (one.spectra == two.spectra).all()
    assert (one.nodes == two.nodes).all()
    alone = simulate(ALP, load_experiment("na62"), masses[2:3], points=64)
    assert (alone.spectra[0] == one.spectra[2]).all()


@pytest.mark.parametrize(
    ("name", "mass", "upper"), [("na62", 0.05, 4e-4), ("na62", 0.2, 2e-5), ("charm", 0.1, 1.4e-5), ("nucal", 0.1, 4e-5)]
)
def test_quoted_error_is_honest(name: str, mass: float, upper: float) -> None:
    """Over 30 seeds, up to the upper edge of the curve: the spread is the quoted error, pulls are those of a normal."""
    model, couplings = load_model("alp"), np.geomspace(1e-7, 1.3 * upper, 12)
    runs = [
        events(model, simulate(model, load_experiment(name), np.array([mass]), points=256, seed=seed), couplings, 1.0)
        for seed in range(30)
    ]
    total = np.array([found.sum(axis=0)[0] for found, _ in runs])
    quoted = np.array([error[0] for _, error in runs])
    spread = total.std(axis=0, ddof=1) / total.mean(axis=0)
    assert 1 / 1.7 < np.median(spread / np.median(quoted, axis=0)) < 1.7
    pulls = (total / total.mean(axis=0) - 1) / quoted
    assert (abs(pulls) < 2).mean() > 0.8
    assert abs(pulls).max() < 6


def test_angles_of_a_volume_beside_the_beam() -> None:
    """A pipe of radius 1.5 m, 4.8 m beside the beam from 480 to 515 m: between its near end and its far front."""
    charm = load_experiment("charm")
    pipe = replace(charm.volume.aperture, radius=1.5, half_width=math.inf, half_height=math.inf)
    aside = replace(charm, volume=replace(charm.volume, aperture=pipe))
    assert aside.angles == pytest.approx((math.atan(3.3 / 515), math.atan(6.3 / 480)))
    half = math.asin(1.5 / 4.8)
    assert aside.azimuth == pytest.approx([math.pi / 2 - half, 2 * half])
    assert load_experiment("nucal").angles == pytest.approx((0.0, math.atan(1.3 / 64)))


@pytest.mark.parametrize("name", [*EXPERIMENTS, "aside"])
def test_bounds_cut_nothing(name: str) -> None:
    """No decay that passes lies outside of `window`, of the least boost, energy and angle, or of the azimuths."""
    experiment = setup(name)
    selection = experiment.selections["gamma gamma"]
    assert isinstance(selection, PhotonSelection)
    plane, accepted = experiment.planes[selection.calorimeter], two_photons(experiment, selection)
    cuts = np.array([selection.photons, *selection.energy, selection.each, selection.separation], dtype=np.float64)
    vetoes = np.array([(experiment.planes[v].z, experiment.planes[v].radius) for v in selection.vetoes]).reshape(-1, 2)
    rng = np.random.default_rng(8)
    aperture, end = experiment.volume.aperture, experiment.volume.end
    front, last = accepted.least_boost
    passed = 0
    for _ in range(20_000):
        z = rng.uniform(aperture.z, end)
        x, y = rng.uniform(-1, 1, 2) * rng.choice([0.3, 1.0]) * aperture.extent + aperture.centre
        way = np.array([x, y, z]) - experiment.origin
        if not twins.on_plane(aperture, np.array([x]), np.array([y]))[0]:
            continue
        slope, azimuth = math.hypot(way[0], way[1]) / way[2], math.atan2(way[1], way[0])
        low, width = experiment.azimuth
        assert (azimuth - low) % (2 * math.pi) <= width
        assert experiment.angles[0] <= math.atan(slope) <= experiment.angles[1]
        least = front + (last - front) * (z - aperture.z) / (end - aperture.z)
        boost = max(least * math.exp(rng.exponential(rng.choice([1.0, 4.0])) - 0.3), 1.05)
        energy = math.exp(rng.uniform(math.log(2.0), math.log(400.0)))
        mass = energy / boost
        p = math.sqrt(energy**2 - mass**2) * way / math.sqrt(way @ way)
        cosine, phi = rng.random(), rng.uniform(0, 2 * math.pi)
        e1, p1, e2, p2 = two_equal(mass, 0.0, (float(p[0]), float(p[1]), float(p[2])), cosine, phi)
        if not photons.passes(x, y, z, e1, p1, e2, p2, vetoes, plane.row, cuts):
            continue
        passed += 1
        depth = plane.z - z
        off = np.hypot(*((way[:2] / way[2]) * depth + [x - plane.centre[0], y - plane.centre[1]]))
        bounds = photons.window(mass, energy, depth, plane.extent + off, cuts)
        assert bounds[0] <= cosine <= bounds[1]
        assert boost >= least
        assert energy >= accepted.least_energy
        assert accepted.angles[0] <= math.atan(slope) <= accepted.angles[1]
    assert passed > 100
