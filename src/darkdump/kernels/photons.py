"""Acceptance of a decay into two photons: the hot loop of the dump mode."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.decay import two_equal
from darkdump.kernels.jit import jit
from darkdump.kernels.plane import X, Y, Z, extent, inside

Array = NDArray[np.float64]

PHOTONS, E_MIN, E_MAX, EACH, SEPARATION = range(5)
"""Cuts: photons asked for, energy window of a photon [GeV], whether each photon that is hit must lie in it, and the
least distance of two photons on the calorimeter [m]."""

SLACK = 1.1
"""Factor by which the bounds of `window` are loose."""


@jit
def two_photons(
    mass: float,
    energy: Array,
    slope: Array,
    points: Array,
    origin: Array,
    azimuth: Array,
    volume: Array,
    vetoes: Array,
    calorimeter: Array,
    cuts: Array,
    tau: Array,
    chance: Array,
) -> None:
    """Let particles decay into two photons, and keep the decays that pass the selection.

    The vertex is chosen evenly between the ends of the volume. The chance is that of a decay there, dz m / p_z, without
    the factor exp(-tau / c tau_0) / c tau_0 that a lifetime brings.

    Parameters
    ----------
    mass : float
        Mass of the particle [GeV].
    energy, slope : ndarray, shape (n,)
        Energy [GeV], and tangent of the angle to the beam, of each particle.
    points : ndarray, shape (n, 6)
        Points of the unit cube; axes 2 to 5: vertex, the two angles of the decay, and the particle's azimuth.
    origin : ndarray, shape (3,)
        Where the particles are made [m].
    azimuth : ndarray, shape (2,)
        Lower end and width of the azimuths that can reach the volume [rad].
    volume : ndarray, shape (1 + plane.N_COLUMNS,)
        End of the decay volume [m], then its front as a row of a plane.
    vetoes : ndarray, shape (v, 2)
        Position and radius [m] of round openings about the z axis which both photons must pass if the vertex lies
        before them.
    calorimeter : ndarray, shape (plane.N_COLUMNS,)
        Sensitive area of the calorimeter.
    cuts : ndarray, shape (5,)
        Selection: `PHOTONS`, `E_MIN`, `E_MAX`, `EACH`, `SEPARATION`.
    tau, chance : ndarray, shape (n,)
        Written to: proper time c tau [m] of the decay, and its chance [m], zero if it is not selected.
    """
    reach = extent(calorimeter)
    front, length = volume[1 + Z], volume[0] - volume[1 + Z]
    fraction = azimuth[1] / (2.0 * math.pi)
    for i in range(energy.size):
        tau[i], chance[i] = 1.0, 0.0
        if energy[i] <= mass:
            continue
        momentum = math.sqrt((energy[i] - mass) * (energy[i] + mass))
        phi = azimuth[0] + azimuth[1] * points[i, 5]
        pz = momentum / math.sqrt(1.0 + slope[i] * slope[i])
        px, py = pz * slope[i] * math.cos(phi), pz * slope[i] * math.sin(phi)
        z = front + length * points[i, 2]
        path = (z - origin[2]) / pz
        x, y = origin[0] + px * path, origin[1] + py * path
        if not inside(volume[1:], x, y):
            continue
        distance = calorimeter[Z] - z
        along = distance / pz
        off = math.sqrt((x + px * along - calorimeter[X]) ** 2 + (y + py * along - calorimeter[Y]) ** 2)
        if cuts[PHOTONS] > 1.5 and off > reach:
            continue
        low, high = window(mass, energy[i], distance, reach + off, cuts)
        if low >= high:
            continue
        cosine = low + (high - low) * points[i, 3]
        e1, p1, e2, p2 = two_equal(mass, 0.0, (px, py, pz), cosine, 2.0 * math.pi * points[i, 4])
        if passes(x, y, z, e1, p1, e2, p2, vetoes, calorimeter, cuts):
            tau[i] = path * mass
            chance[i] = fraction * length * mass / pz * (high - low)


@jit
def window(mass: float, energy: float, distance: float, reach: float, cuts: Array) -> tuple[float, float]:
    """Bounds of the decay angle's cosine outside of which the selection cannot be passed, for speed only.

    Seen from the particle's line of flight, the photon of cosine -c lands at m D / E sqrt((1 + c) / (1 - c)), and the
    two are 2 m D / (E sin) apart.  The bounds are loose by `SLACK` for what small angles neglect.

    Parameters
    ----------
    mass, energy : float
        Of the particle [GeV].
    distance : float
        From the vertex to the calorimeter [m].
    reach : float
        Largest distance on the calorimeter at which a photon can be seen from the line of flight [m].
    cuts : ndarray, shape (5,)

    Returns
    -------
    low, high : float
        Between 0 and 1; of two photons the first is the one that flies forward.
    """
    beta = math.sqrt((energy - mass) * (energy + mass)) / energy
    if cuts[PHOTONS] < 2.0:
        return max(0.0, (2.0 * cuts[E_MIN] / energy - 1.0) / beta), 1.0
    high = min(1.0, (1.0 - 2.0 * cuts[E_MIN] / energy) / beta)
    ratio = (SLACK * reach * energy / (mass * distance)) ** 2
    high = min(high, (ratio - 1.0) / (ratio + 1.0))
    sine = SLACK * 2.0 * mass * distance / (energy * max(cuts[SEPARATION], 1e-12))
    low = math.sqrt(1.0 - sine * sine) if sine < 1.0 else 0.0
    return low, high


@jit
def passes(
    x: float,
    y: float,
    z: float,
    e1: float,
    p1: tuple[float, float, float],
    e2: float,
    p2: tuple[float, float, float],
    vetoes: Array,
    calorimeter: Array,
    cuts: Array,
) -> bool:
    """Whether two photons of energies `e1`, `e2` and momenta `p1`, `p2` [GeV] from (`x`, `y`, `z`) [m] are selected."""
    if p1[2] <= 0.0 or p2[2] <= 0.0:
        return False
    in1, in2 = cuts[E_MIN] <= e1 <= cuts[E_MAX], cuts[E_MIN] <= e2 <= cuts[E_MAX]
    if int(in1) + int(in2) < cuts[PHOTONS]:
        return False
    sx1, sy1, sx2, sy2 = p1[0] / p1[2], p1[1] / p1[2], p2[0] / p2[2], p2[1] / p2[2]
    dz = calorimeter[Z] - z
    x1, y1, x2, y2 = x + sx1 * dz, y + sy1 * dz, x + sx2 * dz, y + sy2 * dz
    on1, on2 = inside(calorimeter, x1, y1), inside(calorimeter, x2, y2)
    if int(on1 and in1) + int(on2 and in2) < cuts[PHOTONS]:
        return False
    if cuts[EACH] > 0.0 and ((on1 and not in1) or (on2 and not in2)):
        return False
    if on1 and on2 and (x1 - x2) ** 2 + (y1 - y2) ** 2 < cuts[SEPARATION] ** 2:
        return False
    for k in range(vetoes.shape[0]):
        step = vetoes[k, 0] - z
        if step > 0.0:
            radius2 = vetoes[k, 1] * vetoes[k, 1]
            if (x + sx1 * step) ** 2 + (y + sy1 * step) ** 2 > radius2:
                return False
            if (x + sx2 * step) ** 2 + (y + sy2 * step) ** 2 > radius2:
                return False
    return True
