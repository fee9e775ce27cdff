"""Other dumps than NA62's: their cards, and two tracks in them against plain Monte Carlo."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import twins
import twins_tracks
from darkdump.cards import experiment_folders, load_experiment, load_model
from darkdump.errors import CardError
from darkdump.experiment import TrackSelection
from darkdump.model import Model
from darkdump.particles import mass as mass_of
from darkdump.production.meson_decay import DECAYS, branching_ratio
from darkdump.production.spectra import load_spectrum
from darkdump.yields import ProperTimes, events, simulate

Array = NDArray[np.float64]

MODEL = load_model("dark-photon")
BATCH = 100_000
BATCHES = {"charm": 24, "shadows": 60}
"""Mesons that the twin draws at a time, and how often where it is not 12: 0.3 to 2.5 % error."""

BEAMS = {"bebc": (2.72e18, "Cu"), "ship": (6e20, "Mo"), "shadows": (5e19, "Cu")}


@pytest.mark.parametrize("name", BEAMS)
def test_beams(name: str) -> None:
    """400 GeV protons on what the experiments have, with spectra of the default and of the parametrisation."""
    experiment = load_experiment(name)
    assert experiment.beam.momentum == 400.0
    assert (experiment.beam.pot, experiment.target.material) == BEAMS[name]
    for spectra in ("pythia", "bmpt"):
        assert load_spectrum(spectra, experiment.target.material, 400.0).multiplicity("pi0") > 4.0


def test_angles() -> None:
    """The smallest angle at which a volume is seen: zero on the axis, 7 mrad at CHARM and 28 mrad at SHADOWS."""
    for name in ("bebc", "ship", "nucal", "na62"):
        assert load_experiment(name).angles[0] == 0.0
        assert load_experiment(name).azimuth[1] == pytest.approx(2 * math.pi)
    low, high = load_experiment("charm").angles
    assert low < math.atan(3.3 / 515) < math.atan(6.3 / 480) < high
    low, high = load_experiment("shadows").angles
    assert low < math.atan(1.25 / 33) < math.atan(3.75 / 10) < high
    start, width = load_experiment("shadows").azimuth
    assert start < -math.atan(1.25 / 2.5) < math.atan(1.25 / 2.5) < start + width


def test_kaon_mode() -> None:
    """Target and collimators share the protons: exp(-0.400 / 0.421) pass; all else is as in dump mode."""
    dump, target, collimator = (load_experiment(f"na62{name}") for name in ("", "-kaon-target", "-kaon-collimator"))
    assert target.target.fraction + collimator.target.fraction == pytest.approx(1.0)
    assert collimator.target.fraction == pytest.approx(math.exp(-0.400 / 0.421), abs=5e-4)
    assert (target.target.position[2], collimator.target.position) == (0.0, dump.target.position)
    assert (target.planes, target.selections) == (dump.planes, dump.selections)
    assert (target.volume, collimator.volume) == (dump.volume, dump.volume)


def test_part_of_the_protons() -> None:
    """Events go with the part of the protons that interact: kaon mode's collimators are 0.387 of the dump."""
    model = replace(MODEL, production=("eta-decay",))
    number = []
    for name in ("na62", "na62-kaon-collimator"):
        times = simulate(model, load_experiment(name), np.array([0.1]))
        number.append(events(model, times, np.array([1e-6]), 1e18)[0].sum())
    assert number[1] == pytest.approx(0.387 * number[0], rel=1e-9)


def test_base_of_a_card(tmp_path: Path) -> None:
    """What a card does not have comes from its base; an unknown base is refused."""
    text = 'base = "charm"\ntitle = "Mine"\n'
    (tmp_path / "mine.toml").write_text(text)
    mine, charm = load_experiment(str(tmp_path / "mine.toml")), load_experiment("charm")
    assert replace(mine, name="charm", title=charm.title) == charm
    (tmp_path / "mine.toml").write_text(text.replace("charm", "chorm"))
    with pytest.raises(CardError, match="did you mean charm"):
        load_experiment(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tracks = 1", "tracks = 3", r"selection\.e e\.tracks = 3 is not allowed; it must be 1 or 2"),
        ("tracks = 1", "tracks = 0", r"selection\.e e\.tracks = 0 .* a whole number, 1 at least"),
        ("tracks = 1", "energy = [-1.0, 5.0]", r"selection\.e e\.energy = .* 0 or more"),
        ('material = "Cu"', 'material = "Cu"\nfraction = 1.1', r"target\.fraction = 1\.1 .* between 0 and 1"),
    ],
)
def test_wrong_keys(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The keys of tracks and of the target that these cards brought are checked."""
    text = (experiment_folders()[0] / "charm.toml").read_text()
    (tmp_path / "card.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(CardError, match=message):
        load_experiment(str(tmp_path / "card.toml"))


@cache
def engine(name: str, channel: str, mode: str, mass: float) -> tuple[Model, ProperTimes]:
    """Proper times of one production mode, one channel and one mass, without the resolution that pointing brings."""
    model, experiment = replace(MODEL, production=(mode,)), load_experiment(name)
    cut = experiment.selections[channel]
    assert isinstance(cut, TrackSelection)
    only = replace(experiment, selections={channel: replace(cut, pointing=None)})
    return model, simulate(model, only, np.array([mass]), points=4096)


@pytest.mark.parametrize(
    ("name", "channel", "mode", "mass", "coupling"),
    [
        ("charm", "e e", "eta-decay", 0.1, 3.5e-7),
        ("charm", "e e", "eta-decay", 0.1, 2.3e-6),
        ("charm", "e e", "pi0-decay", 0.02, 3.5e-7),
        ("charm", "mu mu", "eta-decay", 0.3, 3e-7),
        ("nucal", "e e", "pi0-decay", 0.05, 2.3e-7),
        ("nucal", "mu mu", "eta-decay", 0.25, 3e-7),
        ("bebc", "e e", "eta-decay", 0.1, 3e-7),
        ("shadows", "mu mu", "eta-decay", 0.3, 1e-6),
        ("ship", "e e", "eta-decay", 0.2, 1e-7),
        ("na62", "mu mu", "eta-decay", 0.3, 3e-7),
        ("na62", "mu mu", "eta-decay", 0.3, 2e-6),
        ("na62-kaon-target", "e e", "eta-decay", 0.1, 1e-6),
    ],
)
def test_against_plain_monte_carlo(name: str, channel: str, mode: str, mass: float, coupling: float) -> None:
    """Mesons drawn, decayed twice and tracked one by one give the engine's events, on and off the axis, with magnets.

    Allowed are 4 standard deviations and 2 %: the twin takes a bin's mesons as a power of the momentum and even in
    solid angle, the engine as linear between centres, 8 % apart.
    """
    experiment, decay = load_experiment(name), DECAYS[mode]
    cut = experiment.selections[channel]
    assert isinstance(cut, TrackSelection)
    heavy = mass_of(decay.parent)
    spectrum = load_spectrum("pythia", experiment.target.material, experiment.beam.momentum)
    eps = np.array([coupling])
    rng = np.random.default_rng([round(1e3 * mass), round(1e9 * coupling)])
    batches = []
    least = max(cut.tracks * cut.momentum[0], cut.energy[0], 0.5)
    for _ in range(BATCHES.get(name, 12)):
        parents = twins.photons_of_table(spectrum, decay.species, least, BATCH, rng)
        rays = twins_tracks.vectors(parents, heavy, mass, rng)
        ctau = float(MODEL.ctau(mass, eps)[0])
        batches.append(twins_tracks.dump_yield(experiment, channel, rays, mass, ctau, rng))
    ratio = coupling**2 * branching_ratio(decay, mass) * MODEL.branching_ratios(mass)[channel]
    number, spread = np.array(batches).T * ratio
    expected, error = number.mean(), math.sqrt((spread**2).sum()) / len(spread)
    model, times = engine(name, channel, mode, mass)
    found, own = events(model, times, eps, 1.0)
    assert error < 0.03 * expected
    assert abs(found[0, 0, 0] / expected - 1) < 4 * math.hypot(error / expected, own[0, 0]) + 0.02
