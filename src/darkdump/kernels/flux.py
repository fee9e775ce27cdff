"""Fluxes on a grid of energy and direction: where to look, and how many particles are there."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

TRANSVERSE = 1.5
"""Typical transverse momentum [GeV]: sets how densely directions are looked at, not how many particles there are."""


@jit
def direction(energy: float, low2: float, high2: float, u: float) -> tuple[float, float]:
    """A direction relative to the beam, more often where the transverse momentum is small.

    Parameters
    ----------
    energy : float
        [GeV]
    low2, high2 : float
        Squares of the least and the largest slope, the tangent of the angle to the beam.
    u : float
        In the unit interval.

    Returns
    -------
    slope, solid_angle : float
        Tangent of the angle, and solid angle [sr] per unit of `u`.
    """
    scale2 = (TRANSVERSE / energy) ** 2
    a, b = low2 / (low2 + scale2), high2 / (high2 + scale2)
    part = a + (b - a) * u * u
    slope2 = scale2 * part / (1.0 - part)
    plane = math.pi * (slope2 + scale2) ** 2 / scale2 * (b - a) * 2.0 * u
    return math.sqrt(slope2), plane / ((1.0 + slope2) * math.sqrt(1.0 + slope2))


@jit
def opening(energy: float, low2: float, high2: float) -> float:
    """Solid angle [sr] that `direction` gives per unit of `u`, but for its growth with `u`."""
    scale2 = (TRANSVERSE / energy) ** 2
    return math.pi * scale2 * (high2 / (high2 + scale2) - low2 / (low2 + scale2))


@jit
def look(
    log_energy: Array,
    least: Array,
    high: float,
    slopes2: Array,
    flattened: Array,
    points: Array,
    energy: Array,
    slope: Array,
    weight: Array,
) -> None:
    """Particles at points of the unit cube: energy, angle, and how many of each mode there are.

    Parameters
    ----------
    log_energy : ndarray, shape (e,)
        Nodes of the flux, natural logarithm of [GeV], equidistant.
    least : ndarray, shape (3,)
        Least energy that is looked at anywhere, at the front and at the end of the decay volume [GeV].
    high : float
        Largest energy [GeV].
    slopes2 : ndarray, shape (2,)
        Squares of the least and the largest tangent of the angle to the beam.
    flattened : ndarray, shape (mode, e, u)
        Particles per logarithm of energy and `u`, over `opening` and times the cube of the energy [GeV^3], which varies
        little; nodes even in `u` from 0 to 1.
    points : ndarray, shape (n, 3 or more)
        Points of the unit cube: energy, direction, vertex.
    energy, slope : ndarray, shape (n,)
        Written to: [GeV], tangent of the angle to the beam.
    weight : ndarray, shape (mode, n)
        Written to: particles, whose mean over even points is the number of particles.
    """
    stop = math.log(high)
    step = log_energy[1] - log_energy[0]
    modes, last_e, last_u = flattened.shape[0], flattened.shape[1] - 2, flattened.shape[2] - 2
    for n in range(points.shape[0]):
        start = min(math.log(max(least[0], least[1] + (least[2] - least[1]) * points[n, 2])), stop)
        place = start + (stop - start) * points[n, 0]
        energy[n] = math.exp(place)
        slope[n] = direction(energy[n], slopes2[0], slopes2[1], points[n, 1])[0]
        x = min(max((place - log_energy[0]) / step, 0.0), last_e + 1.0)
        y = points[n, 1] * (last_u + 1)
        i, j = min(int(x), last_e), min(int(y), last_u)
        x -= i
        y -= j
        factor = (stop - start) * opening(energy[n], slopes2[0], slopes2[1]) / energy[n] ** 3
        for m in range(modes):
            near = (1.0 - y) * flattened[m, i, j] + y * flattened[m, i, j + 1]
            far = (1.0 - y) * flattened[m, i + 1, j] + y * flattened[m, i + 1, j + 1]
            weight[m, n] = factor * ((1.0 - x) * near + x * far)
