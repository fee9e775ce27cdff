"""Whether a measured pair of tracks points back to where it was made."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import inlined

Array = NDArray[np.float64]
Vector = tuple[float, float, float]

DISTANCE, Z_LOW, Z_HIGH, MOMENTUM_A, MOMENTUM_B, ANGLE_A, ANGLE_B, MISSING = range(8)
"""Cuts: distance of closest approach to the beam axis, and window of its z about the origin [m]; resolution: relative
error a (+) b p of the momentum, error a / p (+) b of the angle [rad], p in GeV; largest momentum of the pair across the
line from the origin to the vertex [GeV]."""

N_AIMS = 8


@inlined
def pointing(x: float, y: float, z: float, p1: Vector, p2: Vector, origin: Array, aim: Array) -> float:
    """Chance that a pair of tracks, each measured with a normal error, meets the beam axis near the origin.

    The pair's slope is the mean of the tracks' slopes, weighted with their momenta.  Its error across the plane of
    flight moves the line away from the axis, that in the plane moves the crossing along the axis; the two are taken as
    independent.  A pair that lost a particle flies elsewhere; what its momentum lacks across the true line of flight
    can be bounded, too, without the errors.

    Parameters
    ----------
    x, y, z : float
        Of the vertex [m].
    p1, p2 : tuple of float
        Momenta [GeV].
    origin : ndarray, shape (3,)
        Where the pair's parent was made, on the beam axis, which lies along z [m].
    aim : ndarray, shape (N_AIMS,)
        `DISTANCE` and the rest.
    """
    px, py, pz = p1[0] + p2[0], p1[1] + p2[1], p1[2] + p2[2]
    dx, dy, reach = x - origin[0], y - origin[1], z - origin[2]
    if not math.isinf(aim[MISSING]):
        lx, ly, lz = py * reach - pz * dy, pz * dx - px * reach, px * dy - py * dx
        if lx * lx + ly * ly + lz * lz > aim[MISSING] ** 2 * (dx * dx + dy * dy + reach * reach):
            return 0.0
    if math.isinf(aim[DISTANCE]):
        return 1.0
    sx, sy = px / pz, py / pz
    slope = math.sqrt(sx * sx + sy * sy)
    ux, uy = (sx / slope, sy / slope) if slope > 1e-12 else (1.0, 0.0)
    across2, along2 = 0.0, 0.0
    for p in (p1, p2):
        size = math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])
        part = p[2] / pz
        angle2 = (aim[ANGLE_A] / size) ** 2 + aim[ANGLE_B] ** 2
        relative2 = aim[MOMENTUM_A] ** 2 + (aim[MOMENTUM_B] * size) ** 2
        tx, ty = p[0] / p[2] - sx, p[1] / p[2] - sy
        across2 += part * part * (angle2 + relative2 * (ty * ux - tx * uy) ** 2)
        along2 += part * part * (angle2 + relative2 * (tx * ux + ty * uy) ** 2)
    away, back = dx * uy - dy * ux, reach - (dx * ux + dy * uy) / max(slope, 1e-12)
    blur = max(reach * math.sqrt(2.0 * across2), 1e-12)
    near = math.erf((aim[DISTANCE] - away) / blur) + math.erf((aim[DISTANCE] + away) / blur)
    shift = max(reach * math.sqrt(2.0 * along2) / max(slope, 1e-12), 1e-12)
    return 0.25 * near * (math.erf((aim[Z_HIGH] - back) / shift) - math.erf((aim[Z_LOW] - back) / shift))
