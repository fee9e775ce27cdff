"""Where a particle decays."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.decay import Vector
from darkdump.kernels.jit import jit
from darkdump.kernels.plane import Z, inside

Array = NDArray[np.float64]


@jit
def vertex(
    mass: float, momentum: float, slope: float, point: Array, origin: Array, azimuth: Array, volume: Array
) -> tuple[Vector, Vector, float, float]:
    """A decay at a place chosen evenly between the ends of the volume; `darkdump.kernels.photons` has the same inline.

    Parameters
    ----------
    mass, momentum, slope : float
        Mass and momentum of the particle [GeV], tangent of its angle to the beam.
    point : ndarray, shape (6 or more,)
        Point of the unit cube; axes 2 and 5: vertex, and the particle's azimuth.
    origin, azimuth, volume
        As in `darkdump.kernels.photons.two_photons`.

    Returns
    -------
    p, place : tuple of float
        Momentum [GeV], and vertex [m].
    tau, chance : float
        Proper time c tau [m] of the decay, and its chance [m], zero outside of the volume.
    """
    front, length = volume[1 + Z], volume[0] - volume[1 + Z]
    phi = azimuth[0] + azimuth[1] * point[5]
    pz = momentum / math.sqrt(1.0 + slope * slope)
    px, py = pz * slope * math.cos(phi), pz * slope * math.sin(phi)
    z = front + length * point[2]
    path = (z - origin[2]) / pz
    x, y = origin[0] + px * path, origin[1] + py * path
    chance = azimuth[1] / (2.0 * math.pi) * length * mass / pz if inside(volume[1:], x, y) else 0.0
    return (px, py, pz), (x, y, z), path * mass, chance
