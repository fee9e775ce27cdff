"""Kernels of heavy neutral leptons: leaning decays, pairs that do not point, bounds, all against slow twins."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import vector
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from darkdump import acceptance as engine
from darkdump import mixtures
from darkdump.acceptance import EVENTS, many_bodies
from darkdump.cards import load_experiment
from darkdump.experiment import OPEN, Experiment, Pointing, TrackSelection
from darkdump.kernels import bodies
from darkdump.kernels.plane import N_COLUMNS
from darkdump.kernels.pointing import pointing
from twins_tracks import seen

Array = NDArray[np.float64]

NA62 = load_experiment("na62")


def tracks(experiment: Experiment, name: str) -> TrackSelection:
    """A selection of tracks."""
    selection = experiment.selections[name]
    assert isinstance(selection, TrackSelection)
    return selection


def decays(point: Array) -> Array:
    """Axes 3, 4 and 6 of a point of the unit cube at each of its decays."""
    return np.asarray((point[[3, 4, 6]] + np.arange(bodies.DECAYS)[:, None] * np.array(bodies.STEPS)) % 1.0)


@pytest.mark.parametrize(
    ("name", "channel", "mass"), [("l pi", "mu pi", 1.0), ("l l nu", "e mu nu_mu", 1.2), ("open", "tau rho", 2.8)]
)
def test_lean(name: str, channel: str, mass: float) -> None:
    """Analysers of the decays that pass, turned to the laboratory: their mean along the flight and away from the beam.

    Without the errors of measured tracks; what a lost neutrino leaves across the flight is looked at.
    """
    selection = tracks(NA62, name)
    missing = math.inf if selection.pointing is None else selection.pointing.missing_momentum
    selection = replace(selection, pointing=Pointing(missing_momentum=0.3 * missing))
    simulated = mixtures.mixture("hnl", {channel: 1.0}, mass, 2, EVENTS, 4, neutrals=False).events
    rng = np.random.default_rng(11)
    number = 60
    energy, slope, points = rng.uniform(60, 200, number), 0.006 * np.sqrt(rng.random(number)), rng.random((number, 7))
    one = many_bodies(NA62, selection, "hnl", 4, 2).at(mass, 1.0, {channel: 1.0})
    _, chance, lean = one(energy, slope, points)
    assert lean is not None
    different, compared = 0, 0
    for i in range(number):
        momentum, theta = math.sqrt(energy[i] ** 2 - mass**2), math.atan(slope[i])
        phi = 2.0 * math.pi * points[i, 5] - math.pi
        across = np.array([math.cos(phi), math.sin(phi), 0.0])
        turn = Rotation.from_rotvec(theta * np.cross([0.0, 0.0, 1.0], across))
        flight = turn.apply([0.0, 0.0, 1.0])
        place = NA62.origin + flight / flight[2] * (105.0 + 75.0 * points[i, 2] - NA62.origin[2])
        if np.hypot(*place[:2]) > 1.0:
            assert chance[i] == 0.0
            continue
        passed = []
        for which, roll, event in decays(points[i]):
            index = i * 2 // number, int(event * simulated.kinds.shape[1])
            tilt = Rotation.from_euler("yz", [math.acos(2.0 * which - 1.0), 2.0 * math.pi * roll])
            p3, p4 = tilt.apply(simulated.momenta[index][:, :3]), simulated.momenta[index][:, 3]
            rest: Any = vector.array({"px": p3[:, 0], "py": p3[:, 1], "pz": p3[:, 2], "E": p4})
            moving = rest.boostZ(momentum / energy[i])
            lab = np.column_stack([turn.apply(np.column_stack([moving.px, moving.py, moving.pz])), moving.E])
            pair = lab[abs(simulated.kinds[index]) == 1.0, :3].sum(axis=0)
            kept = np.linalg.norm(np.cross(pair, flight)) <= 0.3 * missing
            if kept and seen(NA62, lab, simulated.kinds[index], place, selection, exclusive=False):
                passed.append(turn.apply(tilt.apply(simulated.analysers[index])))
        path = 75.0 * mass * math.hypot(1.0, slope[i]) / momentum
        if round(chance[i] / path * bodies.DECAYS) != len(passed):
            different += 1
        elif passed:
            mean = np.mean(passed, axis=0)
            assert lean[i, 0] == pytest.approx(mean @ flight, abs=1e-9)
            assert lean[i, 1] == pytest.approx(mean @ turn.apply(across), abs=1e-9)
            compared += 1
    assert different <= 2, "tracks bend a little more than a kick in slope: those at an edge may differ"
    assert compared > 5


@pytest.mark.parametrize("most", [0.05, 0.3, 2.0])
def test_missing_momentum(most: float) -> None:
    """A pair is kept if its momentum across the line from the origin to the vertex, by Pythagoras, is at most that."""
    aim = np.array([math.inf, -math.inf, math.inf, 0.0, 0.0, 0.0, 0.0, most])
    rng = np.random.default_rng(2)
    kept = []
    for _ in range(300):
        x, y, z = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(105, 180)
        p1, p2 = (np.append(rng.normal(0, 0.3, 2), rng.uniform(10, 60)) for _ in range(2))
        line = np.array([x, y, z]) - NA62.origin
        p1, p2 = (p + p[2] * line / line[2] for p in (p1, p2))
        both = p1 + p2
        across2 = both @ both - (both @ line) ** 2 / (line @ line)
        found = pointing(x, y, z, tuple(p1), tuple(p2), NA62.origin, aim)
        if abs(across2 - most**2) > 1e-9:
            assert found == float(across2 < most**2)
        kept.append(found)
    assert 0.0 < np.mean(kept) < 1.0 or most > 1.0


@pytest.mark.parametrize(("dx", "dy"), [(0.02, -0.01), (-0.03, 0.02), (0.05, 0.05)])
@pytest.mark.parametrize("missing", [math.inf, 0.03])
def test_pair_that_does_not_point(dx: float, dy: float, missing: float) -> None:
    """A pair that passes beside the axis: the chance is that of pairs smeared track by track and extrapolated back."""
    aim = np.array([0.03, -17.07, 16.93, 3e-3, 5e-5, 577e-6, 16.3e-6, missing])
    origin, z = NA62.origin, 140.0
    p1, p2 = np.array([0.39, 0.02, 30.0]), np.array([-0.09, -0.12, 20.0])
    both = p1 + p2
    place = origin + both / both[2] * (z - origin[2]) + np.array([dx, dy, 0.0])
    x, y, _ = map(float, place)
    rng = np.random.default_rng(5)
    total = np.zeros((200_000, 3))
    for p in (p1, p2):
        size = float(np.linalg.norm(p))
        slopes = p[:2] / p[2] + math.hypot(577e-6 / size, 16.3e-6) * rng.normal(size=(len(total), 2))
        pz = p[2] * (1.0 + math.hypot(3e-3, 5e-5 * size) * rng.normal(size=len(total)))
        total += np.column_stack([slopes * pz[:, None], pz])
    way = total[:, :2] / total[:, 2:]
    off = place[:2] - origin[:2] - way * (z - origin[2])
    back = -(off * way).sum(axis=1) / (way**2).sum(axis=1)
    distance = abs(off[:, 0] * way[:, 1] - off[:, 1] * way[:, 0]) / np.linalg.norm(way, axis=1)
    expected = ((distance < aim[0]) & (back > aim[1]) & (back < aim[2])).mean()
    line = place - origin
    if np.linalg.norm(np.cross(both, line)) > missing * np.linalg.norm(line):
        expected = 0.0
    assert pointing(x, y, z, tuple(p1), tuple(p2), origin, aim) == pytest.approx(expected, rel=0.05, abs=0.005)


@pytest.mark.parametrize("name", ["na62", "ship", "shadows", "na62-kaon-target"])
@pytest.mark.parametrize(("mass", "channels"), [(0.6, ("mu pi", "nu_mu e e")), (4.5, ("mu D", "e hadrons", "tau rho"))])
def test_bounds_reject_nothing(name: str, mass: float, channels: tuple[str, ...]) -> None:
    """`cone` and `promising` never turn away a decay that `decay` accepts, at any angle, energy and place."""
    experiment = load_experiment(name)
    selection = tracks(experiment, OPEN)
    vetoes, planes = engine._openings(experiment, selection), engine._rows(experiment, selection)
    cuts, aim, neutral = engine._track_cuts(experiment, selection), engine._aim(selection), np.zeros(4)
    mixture = mixtures.mixture("hnl", dict.fromkeys(channels, 1.0), mass, 1, 1024, 1, neutrals=False)
    assert mixture.weights.mean() == pytest.approx(1.0)
    simulated = mixture.events
    momenta, kinds, hits = simulated.momenta, simulated.kinds, np.empty((simulated.kinds.shape[2], 2))
    rng = np.random.default_rng(6)
    front, end = experiment.volume.aperture.z, experiment.volume.end
    good, turned_away = 0, 0
    for _ in range(15000):
        z, energy = rng.uniform(front, end), rng.uniform(2.0 * mass + 2.0, 250.0)
        theta, phi = rng.uniform(*experiment.angles), 2.0 * math.pi * rng.random()
        flight = (math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta))
        step = (z - experiment.origin[2]) / flight[2]
        x, y = experiment.origin[0] + flight[0] * step, experiment.origin[1] + flight[1] * step
        cosine, roll = rng.uniform(-1, 1), 2.0 * math.pi * rng.random()
        axes = (math.sqrt(1.0 - cosine**2), cosine, math.cos(roll), math.sin(roll))
        c, gamma, boost = (
            int(rng.integers(simulated.kinds.shape[1])),
            energy / mass,
            math.sqrt(energy**2 / mass**2 - 1.0),
        )
        kept = bodies.decay(
            x, y, z, gamma, boost, flight, axes, 0, c, momenta, kinds,
            experiment.origin, vetoes, planes, cuts, np.zeros(N_COLUMNS), neutral, aim, hits,
        )  # fmt: skip
        if kept > 0.0:
            good += 1
            widest = bodies.cone(x, y, z, flight, vetoes, planes, cuts)
            turned_away += not bodies.promising(gamma, boost, widest, axes, 0, c, momenta, kinds, cuts)
    assert good > 20
    assert turned_away == 0
