"""Acceptance of a decay into any number of tracks and photons."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.decay import turned
from darkdump.kernels.jit import jit
from darkdump.kernels.plane import Z, inside
from darkdump.kernels.pointing import pointing
from darkdump.kernels.tracks import SEEN, in_window, track
from darkdump.kernels.vertex import vertex

Array = NDArray[np.float64]

NOTHING, PHOTON, INVISIBLE = 0.0, 2.0, 3.0
"""What a particle is, if it is not a charge of +1 or -1."""

E_MIN, E_MAX, SEPARATION, ALL = range(4)
"""Cuts on photons: window of the energy [GeV], least distance of two of them on the calorimeter [m]; and whether all
particles must be seen, or just two tracks of opposite charge."""


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
    tau: Array,
    chance: Array,
    lean: Array,
) -> None:
    """Let particles decay into simulated final states, and keep the decays that pass the selection.

    Parameters
    ----------
    points : ndarray, shape (n, 7)
        Points of the unit cube; axes 2 to 6: vertex, direction of the first body, the particle's azimuth, and which of
        the simulated events it is.
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
    lean : ndarray, shape (n, 2)
        Written to: the analyser's part along the flight, and across it, away from the beam.
    mass, energy, slope, origin, azimuth, volume, tau, chance
        As in `darkdump.kernels.photons.two_photons`.
    """
    sets, events, most = kinds.shape
    hits = np.empty((most, 2))
    number = energy.size
    for i in range(number):
        tau[i], chance[i], lean[i, 0], lean[i, 1] = 1.0, 0.0, 0.0, 0.0
        if energy[i] <= mass or events == 0:
            continue
        momentum = math.sqrt((energy[i] - mass) * (energy[i] + mass))
        (px, py, pz), (x, y, z), proper, weight = vertex(mass, momentum, slope[i], points[i], origin, azimuth, volume)
        if weight == 0.0:
            continue
        r, c = i * sets // number, int(points[i, 6] * events)
        cosine, roll = 2.0 * points[i, 3] - 1.0, 2.0 * math.pi * points[i, 4]
        sine, cr, sr = math.sqrt(1.0 - cosine * cosine), math.cos(roll), math.sin(roll)
        gamma, gamma_beta = energy[i] / mass, momentum / mass
        flight = (px / momentum, py / momentum, pz / momentum)
        plus, minus, seen, photons = False, False, True, 0
        p_plus, p_minus = flight, flight
        for k in range(most):
            kind = kinds[r, c, k]
            if kind == NOTHING:
                continue
            if kind == INVISIBLE or (kind == PHOTON and neutral[ALL] == 0.0):
                seen = seen and kind == PHOTON
                continue
            ex, ey, ez = momenta[r, c, k, 0], momenta[r, c, k, 1], momenta[r, c, k, 2]
            # turn the z axis to the direction (cosine, roll), boost along the flight, turn to the direction of flight
            wx, wz = cosine * ex + sine * ez, cosine * ez - sine * ex
            ax, ay = cr * wx - sr * ey, sr * wx + cr * ey
            along = gamma * wz + gamma_beta * momenta[r, c, k, 3]
            p = turned(flight, ax, ay, along)
            if kind == PHOTON:
                lab = gamma * momenta[r, c, k, 3] + gamma_beta * wz
                good = photon(x, y, z, lab, p, vetoes, calorimeter, neutral, hits, photons)
                photons += 1
            else:
                good = in_window(p, cuts) and track(x, y, z, p, kind, vetoes, planes, cuts) == SEEN
                if good and kind > 0.0:
                    plus, p_plus = True, p
                if good and kind < 0.0:
                    minus, p_minus = True, p
            seen = seen and good
            if neutral[ALL] > 0.0 and not seen:
                break
        if (neutral[ALL] > 0.0 and seen) or (neutral[ALL] == 0.0 and plus and minus):
            tau[i], chance[i] = proper, weight * pointing(x, y, z, p_plus, p_minus, origin, aim)
            ex, ey, ez = analysers[r, c, 0], analysers[r, c, 1], analysers[r, c, 2]
            wx, wz = cosine * ex + sine * ez, cosine * ez - sine * ex
            side = max(math.hypot(px, py), 1e-300)
            lean[i, 0], lean[i, 1] = wz, (px * (cr * wx - sr * ey) + py * (sr * wx + cr * ey)) / side


@jit
def photon(
    x: float,
    y: float,
    z: float,
    energy: float,
    p: tuple[float, float, float],
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
