"""Acceptance of a decay into any number of tracks and photons."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.decay import Vector, turned
from darkdump.kernels.jit import inlined, jit
from darkdump.kernels.plane import X, Y, Z, extent, inside
from darkdump.kernels.pointing import pointing
from darkdump.kernels.tracks import MAGNET, P_MIN, SEEN, in_window, track
from darkdump.kernels.vertex import vertex

Array = NDArray[np.float64]

NOTHING, PHOTON, INVISIBLE = 0.0, 2.0, 3.0
"""What a particle is, if it is not a charge of +1 or -1."""

E_MIN, E_MAX, SEPARATION, ALL = range(4)
"""Cuts on photons: window of the energy [GeV], least distance of two of them on the calorimeter [m]; and whether all
particles must be seen, or just two tracks of opposite charge."""


DECAYS = 10
"""Decays that are tried at each vertex."""

STEPS = 0.8191725133961645, 0.6710436067037893, 0.5497004779019703
"""Steps from one decay to the next along the three axes of the unit cube that choose it: powers of the root of
x^4 = x + 1, whose multiples fill the cube evenly (M. Roberts, "The unreasonable effectiveness of quasirandom
sequences", 2018)."""

SLACK = 1.02
"""Factor by which the bound of `cone` is loose, as slopes are taken to add up."""

TURN = math.cos(2.0 * math.pi * STEPS[1]), math.sin(2.0 * math.pi * STEPS[1])
"""The second step as a rotation."""


@jit
def many_bodies(
    mass: float,
    energy: Array,
    slope: Array,
    points: Array,
    origin: Array,
    azimuth: Array,
    volume: Array,
    vetoes: Array,
    planes: Array,
    cuts: Array,
    calorimeter: Array,
    neutral: Array,
    aim: Array,
    momenta: Array,
    kinds: Array,
    analysers: Array,
    weights: Array,
    tau: Array,
    chance: Array,
    lean: Array,
) -> None:
    """Let particles decay into simulated final states, and keep the decays that pass the selection.

    Parameters
    ----------
    points : ndarray, shape (n, 7)
        Points of the unit cube; axes 2 to 6: vertex, direction of the first body, the particle's azimuth, and which of
        the simulated events it is; the further ones of `DECAYS` follow from these.
    vetoes, planes, cuts : ndarray
        Of tracks, as in `darkdump.kernels.tracks.two_tracks`.
    calorimeter : ndarray, shape (plane.N_COLUMNS,)
        Sensitive area of the calorimeter.
    neutral : ndarray, shape (4,)
        Selection of photons: `E_MIN`, `E_MAX`, `SEPARATION`, `ALL`.
    aim : ndarray, shape (pointing.N_AIMS,)
        How well the tracks must point back, see `darkdump.kernels.pointing.pointing`.
    momenta : ndarray, shape (r, c, k, 4)
        Events at rest, (px, py, pz, E) [GeV], the first body along z: independent sets of events, of which each serves
        its share of the points.
    kinds : ndarray, shape (r, c, k)
        What the bodies are.
    analysers : ndarray, shape (r, c, 3)
        By how much an event is more frequent for a polarised particle: 1 + its spin times this vector.
    weights : ndarray, shape (r, c)
        How frequent the events are, on average one.
    lean : ndarray, shape (n, 2)
        Written to: the analyser's part along the flight, and across it, away from the beam.
    mass, energy, slope, origin, azimuth, volume, tau, chance
        As in `darkdump.kernels.photons.two_photons`.
    """
    sets, events, most = kinds.shape
    hits = np.empty((most, 2))
    number, every = energy.size, neutral[ALL] > 0.0
    for i in range(number):
        tau[i], chance[i], lean[i, 0], lean[i, 1] = 1.0, 0.0, 0.0, 0.0
        if energy[i] <= mass or events == 0:
            continue
        momentum = math.sqrt((energy[i] - mass) * (energy[i] + mass))
        (px, py, pz), (x, y, z), proper, weight = vertex(mass, momentum, slope[i], points[i], origin, azimuth, volume)
        if weight == 0.0:
            continue
        r, gamma, gamma_beta = i * sets // number, energy[i] / mass, momentum / mass
        flight, side = (px / momentum, py / momentum, pz / momentum), max(math.hypot(px, py), 1e-300)
        widest, passed = cone(x, y, z, flight, vetoes, planes, cuts), 0.0
        u, w = points[i, 3], points[i, 6]
        cr, sr = math.cos(2.0 * math.pi * points[i, 4]), math.sin(2.0 * math.pi * points[i, 4])
        for _ in range(DECAYS):
            axes = (2.0 * math.sqrt(u * (1.0 - u)), 2.0 * u - 1.0, cr, sr)
            c = int(w * events)
            u, w = u + STEPS[0], w + STEPS[2]
            u, w = u - (u >= 1.0), w - (w >= 1.0)
            cr, sr = cr * TURN[0] - sr * TURN[1], sr * TURN[0] + cr * TURN[1]
            if not every and not promising(gamma, gamma_beta, widest, axes, r, c, momenta, kinds, cuts):
                continue
            good = decay(
                x, y, z, gamma, gamma_beta, flight, axes, r, c, momenta, kinds,
                origin, vetoes, planes, cuts, calorimeter, neutral, aim, hits,
            )  # fmt: skip
            if good > 0.0:
                good *= weights[r, c]
                ax, ay, az = oriented(axes, analysers[r, c, 0], analysers[r, c, 1], analysers[r, c, 2])
                passed += good
                lean[i, 0] += good * az
                lean[i, 1] += good * (px * ax + py * ay) / side
        if passed > 0.0:
            tau[i], chance[i] = proper, weight * passed / DECAYS
            lean[i, 0] /= passed
            lean[i, 1] /= passed


@inlined
def oriented(axes: tuple[float, float, float, float], x: float, y: float, z: float) -> Vector:
    """A vector of an event turned as the z axis to a direction: sine, cosine of polar, cosine, sine of azimuth."""
    sine, cosine, cr, sr = axes
    across = cosine * x + sine * z
    return cr * across - sr * y, sr * across + cr * y, cosine * z - sine * x


@inlined
def cone(x: float, y: float, z: float, flight: Vector, vetoes: Array, planes: Array, cuts: Array) -> float:
    """Square of the largest slope of a track to its parent's flight with which it can be seen, before any magnet."""
    sx, sy, widest = flight[0] / flight[2], flight[1] / flight[2], math.inf
    for k in range(vetoes.shape[0]):
        step = vetoes[k, 0] - z
        if step > 0.0 and vetoes[k, 0] <= cuts[MAGNET]:
            reach = vetoes[k, 1] + math.sqrt((x + sx * step) ** 2 + (y + sy * step) ** 2)
            widest = min(widest, reach / step)
    for k in range(planes.shape[0]):
        step = planes[k, Z] - z
        if step > 0.0 and planes[k, Z] <= cuts[MAGNET]:
            away = math.sqrt((x + sx * step - planes[k, X]) ** 2 + (y + sy * step - planes[k, Y]) ** 2)
            widest = min(widest, (extent(planes[k]) + away) / step)
    return (SLACK * widest) ** 2


@inlined
def promising(
    gamma: float,
    gamma_beta: float,
    widest: float,
    axes: tuple[float, float, float, float],
    r: int,
    c: int,
    momenta: Array,
    kinds: Array,
    cuts: Array,
) -> bool:
    """Whether both charges have a particle with the energy and the slope of a selected track; none is followed yet."""
    plus, minus = False, False
    for k in range(kinds.shape[2]):
        if abs(kinds[r, c, k]) == 1.0:
            ex, ey, ez = momenta[r, c, k, 0], momenta[r, c, k, 1], momenta[r, c, k, 2]
            across, along = axes[1] * ex + axes[0] * ez, axes[1] * ez - axes[0] * ex
            if gamma * momenta[r, c, k, 3] + gamma_beta * along >= cuts[P_MIN]:
                ahead = gamma * along + gamma_beta * momenta[r, c, k, 3]
                if across * across + ey * ey <= widest * ahead * ahead:
                    plus, minus = plus or kinds[r, c, k] > 0.0, minus or kinds[r, c, k] < 0.0
    return plus and minus


@inlined
def decay(
    x: float,
    y: float,
    z: float,
    gamma: float,
    gamma_beta: float,
    flight: Vector,
    axes: tuple[float, float, float, float],
    r: int,
    c: int,
    momenta: Array,
    kinds: Array,
    origin: Array,
    vetoes: Array,
    planes: Array,
    cuts: Array,
    calorimeter: Array,
    neutral: Array,
    aim: Array,
    hits: Array,
) -> float:
    """Chance that one decay at (`x`, `y`, `z`) [m] is selected; parameters as in `many_bodies` and `oriented`."""
    every = neutral[ALL] > 0.0
    plus, minus, photons, p_plus, p_minus = False, False, 0, flight, flight
    for k in range(kinds.shape[2]):
        kind = kinds[r, c, k]
        if kind == NOTHING or (not every and abs(kind) != 1.0):
            continue
        if kind == INVISIBLE:
            return 0.0
        ax, ay, az = oriented(axes, momenta[r, c, k, 0], momenta[r, c, k, 1], momenta[r, c, k, 2])
        p = turned(flight, ax, ay, gamma * az + gamma_beta * momenta[r, c, k, 3])
        if kind == PHOTON:
            lab = gamma * momenta[r, c, k, 3] + gamma_beta * az
            good = photon(x, y, z, lab, p, vetoes, calorimeter, neutral, hits, photons)
            photons += 1
        else:
            good = in_window(p, cuts) and track(x, y, z, p, kind, vetoes, planes, cuts) == SEEN
            if good and kind > 0.0:
                plus, p_plus = True, p
            elif good:
                minus, p_minus = True, p
        if every and not good:
            return 0.0
    if every or (plus and minus):
        return pointing(x, y, z, p_plus, p_minus, origin, aim)
    return 0.0


@inlined
def photon(
    x: float,
    y: float,
    z: float,
    energy: float,
    p: Vector,
    vetoes: Array,
    calorimeter: Array,
    neutral: Array,
    hits: Array,
    before: int,
) -> bool:
    """Whether a photon from (`x`, `y`, `z`) [m] is seen apart from those `before` it; its place is added to `hits`."""
    if p[2] <= 0.0 or not neutral[E_MIN] <= energy <= neutral[E_MAX]:
        return False
    sx, sy = p[0] / p[2], p[1] / p[2]
    for k in range(vetoes.shape[0]):
        step = vetoes[k, 0] - z
        if step > 0.0 and (x + sx * step) ** 2 + (y + sy * step) ** 2 > vetoes[k, 1] * vetoes[k, 1]:
            return False
    step = calorimeter[Z] - z
    hits[before, 0], hits[before, 1] = x + sx * step, y + sy * step
    for k in range(before):
        apart2 = (hits[before, 0] - hits[k, 0]) ** 2 + (hits[before, 1] - hits[k, 1]) ** 2
        if apart2 < neutral[SEPARATION] * neutral[SEPARATION]:
            return False
    return inside(calorimeter, hits[before, 0], hits[before, 1])
