"""Final states: phase space, matrix elements, and the acceptance of many bodies against slow twins."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import vector
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.spatial.transform import Rotation

from darkdump import finalstates, matrix, mixtures
from darkdump.acceptance import EVENTS, acceptance, many_bodies
from darkdump.cards import load_experiment
from darkdump.experiment import EXCLUSIVE, OPEN, TrackSelection
from darkdump.kernels.bodies import DECAYS, INVISIBLE, NOTHING, PHOTON, STEPS
from darkdump.kernels.pointing import pointing
from darkdump.particles import mass as mass_of
from darkdump.phasespace import bodies
from twins_tracks import seen

Array = NDArray[np.float64]

NA62 = load_experiment("na62")
PI, PI0, RHO = mass_of("pi+"), mass_of("pi0"), 0.77526


def breakup(mass: float, one: float, two: float) -> float:
    """Momentum [GeV] of a two-body decay, from the energies."""
    energy = (mass**2 + one**2 - two**2) / (2.0 * mass)
    return math.sqrt(max(energy**2 - one**2, 0.0))


@pytest.mark.parametrize("channel", finalstates.channels())
def test_conserved(channel: str) -> None:
    """Momentum, energy and charge of every final state; the first body flies along z; nothing below threshold."""
    least = finalstates.threshold(channel)
    mass = 1.3 * least + 0.2
    events = finalstates.simulate("vector", channel, mass, 600, 3)
    assert len(events.momenta) == 600
    np.testing.assert_allclose(events.momenta[..., :3].sum(axis=1), 0.0, atol=1e-9)
    np.testing.assert_allclose(events.momenta[..., 3].sum(axis=1), mass, rtol=1e-9)
    charges = np.where(abs(events.kinds) == 1.0, events.kinds, 0.0)
    assert (charges.sum(axis=1) == 0.0).all()
    assert set(np.unique(events.kinds)) <= {-1.0, 1.0, PHOTON, INVISIBLE, NOTHING}
    first = events.momenta[:, 0]
    np.testing.assert_allclose(first[:, :2], 0.0, atol=1e-9)
    assert (first[:, 2] > 0.0).all()
    assert len(finalstates.simulate("vector", channel, 0.999 * least, 600, 3).momenta) == 0


def test_three_bodies_are_flat() -> None:
    """Flat in the Dalitz plane: d2N = dm12^2 dm23^2, so that <m12^2> is a ratio of integrals of p1(m12) q(m12)."""
    mass, masses = 1.0, (0.14, 0.14, 0.3)

    def width(s: float, power: int) -> float:
        m = math.sqrt(s)
        return breakup(m, *masses[:2]) * breakup(mass, m, masses[2]) / m * s**power

    ends = (masses[0] + masses[1]) ** 2, (mass - masses[2]) ** 2
    expected = quad(width, *ends, args=(1,))[0] / quad(width, *ends, args=(0,))[0]
    p = bodies(mass, masses, 40000, np.random.default_rng(1))
    both = p[:, 0] + p[:, 1]
    s = both[:, 3] ** 2 - (both[:, :3] ** 2).sum(axis=1)
    assert s.mean() == pytest.approx(expected, rel=0.005)
    cosine = p[:, 2, 2] / np.linalg.norm(p[:, 2, :3], axis=1)
    assert cosine.mean() == pytest.approx(0.0, abs=0.015)
    assert (cosine**2).mean() == pytest.approx(1 / 3, abs=0.01)


def test_five_bodies_share_alike() -> None:
    """Equal bodies have equal mean energies whatever their place in the chain."""
    p = bodies(2.0, [0.14] * 5, 40000, np.random.default_rng(2))
    np.testing.assert_allclose(p[..., 3].mean(axis=0), 0.4, rtol=0.01)


def test_pions_and_photon() -> None:
    """dN/ds ~ s k^3 q^3 / sqrt(s) |rho|^2 of a -> pi pi gamma: k^2 s q^2 sin^2 over phase space k q / sqrt(s)."""
    mass, width = 0.9, 0.1474

    def spectrum(s: float, power: int) -> float:
        m = math.sqrt(s)
        photon, pion = (mass**2 - s) / (2.0 * m), breakup(m, PI, PI)
        rho = 1.0 / ((s - RHO**2) ** 2 + (RHO * width) ** 2)
        return s * (photon * pion) ** 2 * rho * breakup(mass, m, 0.0) * pion / m * s**power

    expected = quad(spectrum, 4 * PI**2, mass**2, args=(1,))[0] / quad(spectrum, 4 * PI**2, mass**2, args=(0,))[0]
    events = finalstates.simulate("alp", "pi pi gamma", mass, 20000, 5)
    both = events.momenta[:, 0] + events.momenta[:, 1]
    s = both[:, 3] ** 2 - (both[:, :3] ** 2).sum(axis=1)
    assert s.mean() == pytest.approx(expected, rel=0.01)


def test_three_pions_of_a_vector() -> None:
    """The matrix element vanishes where the pions fly along one line, and is symmetric in them."""
    rng = np.random.default_rng(7)
    p = bodies(0.78, [PI, PI, PI0], 1000, rng)
    weight = matrix.vector_to_three_pions(p)
    np.testing.assert_allclose(matrix.vector_to_three_pions(p[:, [1, 0, 2]]), weight)
    line = np.zeros((1, 3, 4))
    line[0, :, 2] = 0.1, -0.3, 0.2
    line[0, :, 3] = np.hypot(line[0, :, 2], [PI, PI, PI0])
    assert matrix.vector_to_three_pions(line)[0] == pytest.approx(0.0, abs=1e-20 * weight.max())


@pytest.mark.parametrize(
    ("portal", "channel", "mass"),
    [
        ("vector", "pi pi pi0", 0.78),
        ("alp", "eta pi pi", 1.1),
        ("scalar", "K0 K0", 1.2),
        ("vector", "pi pi pi pi", 1.4),
    ],
)
@pytest.mark.parametrize("way", [OPEN, EXCLUSIVE])
def test_many_bodies_one_by_one(portal: str, channel: str, mass: float, way: str) -> None:
    """Each decay of a point, turned by rotations of SciPy and boosted by `vector`, passes or fails as in the kernel."""
    selection = NA62.selections[way]
    assert isinstance(selection, TrackSelection)
    one = many_bodies(NA62, selection, portal, 4, 2)
    neutrals = way == EXCLUSIVE
    events = mixtures.mixture(portal, {channel: 0.3}, mass, 2, EVENTS, 4, neutrals).events
    rng = np.random.default_rng(11)
    number = 80 if neutrals else 50
    energy, slope, points = rng.uniform(40, 300, number), 0.004 * np.sqrt(rng.random(number)), rng.random((number, 7))
    tau, chance, lean = one.at(mass, 1.0, {channel: 0.3})(energy, slope, points)
    assert lean is not None
    assert (lean == 0.0).all(), "the particle has no spin"
    different, some = 0, 0
    for i in range(number):
        momentum = math.sqrt(energy[i] ** 2 - mass**2)
        phi, theta = 2.0 * math.pi * points[i, 5] - math.pi, math.atan(slope[i])
        flight = np.array([math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)])
        z = 105.0 + 75.0 * points[i, 2]
        vertex = NA62.origin + flight / flight[2] * (z - NA62.origin[2])
        axis = np.cross([0.0, 0.0, 1.0], flight)
        turn = Rotation.from_rotvec(axis / np.linalg.norm(axis) * theta)
        passes = 0
        for which, roll, event in decays(points[i]):
            index = i * 2 // number, int(event * EVENTS)
            p = events.momenta[index]
            tilt = Rotation.from_euler("yz", [math.acos(2.0 * which - 1.0), 2.0 * math.pi * roll])
            p3 = tilt.apply(p[:, :3])
            rest: Any = vector.array({"px": p3[:, 0], "py": p3[:, 1], "pz": p3[:, 2], "E": p[:, 3]})
            moving = rest.boostZ(momentum / energy[i])
            lab = np.column_stack([turn.apply(np.column_stack([moving.px, moving.py, moving.pz])), moving.E])
            passes += seen(NA62, lab, events.kinds[index], vertex, selection, neutrals)
        passes *= bool(np.hypot(*vertex[:2]) <= 1.0)
        path = 75.0 * mass * math.hypot(1.0, slope[i]) / momentum  # [m], of the volume, over gamma beta
        counted = chance[i] / path * DECAYS
        assert counted == pytest.approx(round(counted), abs=1e-6)
        different, some = different + abs(round(counted) - passes), some + passes
        if chance[i] > 0.0:
            assert tau[i] == pytest.approx((z - NA62.origin[2]) / flight[2] * mass / momentum, rel=1e-9)
    assert some > 5
    assert different <= 4, "tracks bend a little more than a kick in slope: those at an edge may differ"


def decays(point: Array) -> Array:
    """Axes 3, 4 and 6 of a point of the unit cube at each of its decays, shape (DECAYS, 3)."""
    return np.asarray((point[[3, 4, 6]] + np.arange(DECAYS)[:, None] * np.array(STEPS)) % 1.0)


def test_steps_from_decay_to_decay() -> None:
    """Powers of 1 / g with g^4 = g + 1."""
    g = 1.0 / STEPS[0]
    assert g**4 == pytest.approx(g + 1.0, rel=1e-12)
    np.testing.assert_allclose(STEPS, [g**-1, g**-2, g**-3], rtol=1e-12)


def test_two_bodies_by_either_kernel() -> None:
    """pi pi as a simulated final state has the acceptance of two tracks."""
    selection = NA62.selections[OPEN]
    assert isinstance(selection, TrackSelection)
    exact = acceptance(NA62, replace(selection, channel="pi pi"), "scalar", 1, 1)
    assert exact.decays == 1, "of two tracks, not of a simulated final state"
    rng = np.random.default_rng(3)
    number = 40000
    energy, slope, points = rng.uniform(40, 200, number), 0.003 * np.sqrt(rng.random(number)), rng.random((number, 7))
    one = exact.at(0.6, 1.0, {"pi pi": 1.0})(energy, slope, points)[1].mean()
    simulated = many_bodies(NA62, selection, "scalar", 1, 1)
    other = simulated.at(0.6, 1.0, {"pi pi": 1.0})(energy, slope, points)[1].mean()
    assert one == pytest.approx(other, rel=0.02)


@pytest.mark.parametrize("slope", [0.0, 2e-4, 3e-3])
def test_pointing(slope: float) -> None:
    """The chance is that of pairs whose tracks are smeared one by one and extrapolated back."""
    aim = np.array([0.004, -2.0, 1.5, 3e-3, 5e-5, 577e-6, 16.3e-6, math.inf])
    origin, z = np.array([0.0, -0.022, 23.07]), 140.0
    p1, p2 = np.array([0.09 + 30 * slope, 0.02, 30.0]), np.array([-0.09 + 20 * slope, -0.02, 20.0])
    vertex = origin + (p1 + p2) / (p1 + p2)[2] * (z - origin[2])
    x, y, _ = map(float, vertex)
    rng = np.random.default_rng(5)
    total = np.zeros((200_000, 3))
    for p in (p1, p2):
        size = float(np.linalg.norm(p))
        sigma = math.hypot(577e-6 / size, 16.3e-6)
        slopes = p[:2] / p[2] + sigma * rng.normal(size=(len(total), 2))
        pz = p[2] * (1.0 + math.hypot(3e-3, 5e-5 * size) * rng.normal(size=len(total)))
        total += np.column_stack([slopes * pz[:, None], pz])
    way = total[:, :2] / total[:, 2:]
    off = vertex[:2] - origin[:2] - way * (z - origin[2])  # where the line crosses the plane of the origin
    back = -(off * way).sum(axis=1) / (way**2).sum(axis=1)
    distance = abs(off[:, 0] * way[:, 1] - off[:, 1] * way[:, 0]) / np.linalg.norm(way, axis=1)
    found = ((distance < aim[0]) & (back > aim[1]) & (back < aim[2])).mean()
    if slope == 0.0:  # flies along the beam: hardly any line crosses the axis near the origin
        assert pointing(x, y, z, tuple(p1), tuple(p2), origin, aim) < 0.02
        assert found < 0.2
    else:
        assert pointing(x, y, z, tuple(p1), tuple(p2), origin, aim) == pytest.approx(found, rel=0.05)
