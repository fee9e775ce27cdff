"""Acceptance of a decay into two charged particles of equal mass, seen in a spectrometer."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.decay import Vector, two_equal
from darkdump.kernels.jit import inlined, jit
from darkdump.kernels.plane import Z, inside
from darkdump.kernels.pointing import pointing
from darkdump.kernels.vertex import vertex

Array = NDArray[np.float64]

P_MIN, P_MAX, MAGNET, KICK, DAUGHTER, TRACKS, EACH, E_MIN, E_MAX = range(9)
"""Cuts: momentum window of a track [GeV], position [m] and kick in x [GeV] of the magnet, mass of a daughter [GeV],
tracks asked for, whether each that is seen must lie in the window, and the window of the energy seen [GeV]."""

N_CUTS = 9

MISSED, SEEN, VETOED = range(3)
"""What becomes of a track."""


@jit
def two_tracks(
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
    aim: Array,
    tau: Array,
    chance: Array,
) -> None:
    """Let particles decay into two charged ones, and keep the decays that pass the selection.

    Parameters
    ----------
    planes : ndarray, shape (p, plane.N_COLUMNS)
        Planes that a track must hit if they lie behind the vertex.
    cuts : ndarray, shape (N_CUTS,)
        `P_MIN`, `P_MAX`, `MAGNET`, `KICK`, `DAUGHTER`, `TRACKS`, `EACH`, `E_MIN`, `E_MAX`.
    aim : ndarray, shape (pointing.N_AIMS,)
        How well the pair must point back, see `darkdump.kernels.pointing.pointing`.
    mass, energy, slope, points, origin, azimuth, volume, vetoes, tau, chance
        As in `darkdump.kernels.photons.two_photons`.
    """
    least = math.sqrt(cuts[P_MIN] ** 2 + cuts[DAUGHTER] ** 2)
    for i in range(energy.size):
        tau[i], chance[i] = 1.0, 0.0
        if energy[i] <= mass or mass <= 2.0 * cuts[DAUGHTER]:
            continue
        momentum = math.sqrt((energy[i] - mass) * (energy[i] + mass))
        p, (x, y, z), proper, weight = vertex(mass, momentum, slope[i], points[i], origin, azimuth, volume)
        if weight == 0.0:
            continue
        speed = math.sqrt(1.0 - 4.0 * cuts[DAUGHTER] ** 2 / (mass * mass))
        widest = min(1.0, (1.0 - 2.0 * least / energy[i]) * energy[i] / (momentum * speed))
        if cuts[TRACKS] < 2.0:
            widest = 1.0
        if widest <= 0.0:
            continue
        cosine = widest * (2.0 * points[i, 3] - 1.0)
        e1, p1, e2, p2 = two_equal(mass, cuts[DAUGHTER], p, cosine, 2.0 * math.pi * points[i, 4])
        if passes(x, y, z, e1, p1, e2, p2, vetoes, planes, cuts):
            tau[i], chance[i] = proper, weight * widest * pointing(x, y, z, p1, p2, origin, aim)


@jit
def passes(
    x: float,
    y: float,
    z: float,
    e1: float,
    p1: Vector,
    e2: float,
    p2: Vector,
    vetoes: Array,
    planes: Array,
    cuts: Array,
) -> bool:
    """Whether two tracks of energies `e1`, `e2` and momenta `p1`, `p2` [GeV] from (`x`, `y`, `z`) [m] are selected."""
    in1, in2 = in_window(p1, cuts), in_window(p2, cuts)
    if int(in1) + int(in2) < cuts[TRACKS]:
        return False
    both = cuts[TRACKS] > 1.5
    one = track(x, y, z, p1, 1.0, vetoes, planes, cuts)
    if one == VETOED or (both and one == MISSED):
        return False
    two = track(x, y, z, p2, -1.0, vetoes, planes, cuts)
    if two == VETOED:
        return False
    on1, on2 = one == SEEN, two == SEEN
    if int(on1 and in1) + int(on2 and in2) < cuts[TRACKS]:
        return False
    if cuts[EACH] > 0.0 and ((on1 and not in1) or (on2 and not in2)):
        return False
    return bool(cuts[E_MIN] <= e1 * on1 + e2 * on2 <= cuts[E_MAX])


@inlined
def in_window(p: Vector, cuts: Array) -> bool:
    """Whether a momentum [GeV] lies in the window of a track."""
    return bool(cuts[P_MIN] ** 2 <= p[0] * p[0] + p[1] * p[1] + p[2] * p[2] <= cuts[P_MAX] ** 2)


@inlined
def track(x: float, y: float, z: float, p: Vector, charge: float, vetoes: Array, planes: Array, cuts: Array) -> int:
    """What becomes of a particle of momentum `p` [GeV] and charge from (`x`, `y`, `z`) [m].

    Where both tracks must be seen, one that is missed is not looked at further.  The last planes, which most of the
    missed miss, come first.
    """
    if p[2] <= 0.0:
        return MISSED
    per = 1.0 / p[2]
    sx, sy, turn = p[0] * per, p[1] * per, charge * cuts[KICK] * per
    seen = True
    for k in range(planes.shape[0] - 1, -1, -1):
        step = planes[k, Z] - z
        if step > 0.0:
            bend = turn * max(0.0, planes[k, Z] - max(cuts[MAGNET], z))
            if not inside(planes[k], x + sx * step + bend, y + sy * step):
                seen = False
                break
    if not seen and cuts[TRACKS] > 1.5:
        return MISSED
    for k in range(vetoes.shape[0]):
        step = vetoes[k, 0] - z
        if step > 0.0:
            bend = turn * max(0.0, vetoes[k, 0] - max(cuts[MAGNET], z))
            if (x + sx * step + bend) ** 2 + (y + sy * step) ** 2 > vetoes[k, 1] * vetoes[k, 1]:
                return VETOED
    return SEEN if seen else MISSED
