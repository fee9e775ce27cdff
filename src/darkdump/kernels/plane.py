"""A detector plane as a row of numbers, and whether a point lies in its sensitive area."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import inlined, jit

Z, X, Y, RADIUS, HALF_WIDTH, HALF_HEIGHT, DIAGONAL, HOLE_X, HOLE_Y, HOLE_RADIUS, HOLE_HALF_SIDE = range(11)
"""Columns of a row: position and outer bounds about (X, Y) (infinite where there is none), then the hole [m]."""

N_COLUMNS = 11


@inlined
def inside(plane: NDArray[np.float64], x: float, y: float) -> bool:
    """Whether the point (`x`, `y`) [m] lies within all bounds of `plane` and outside its hole.

    The square hole is one of both coordinate systems of a straw chamber, (x, y) and the one at 45 degrees.
    """
    dx, dy = abs(x - plane[X]), abs(y - plane[Y])
    if dx > plane[HALF_WIDTH] or dy > plane[HALF_HEIGHT] or dx + dy > plane[DIAGONAL]:
        return False
    if dx * dx + dy * dy > plane[RADIUS] * plane[RADIUS]:
        return False
    hx, hy = abs(x - plane[HOLE_X]), abs(y - plane[HOLE_Y])
    if hx * hx + hy * hy < plane[HOLE_RADIUS] * plane[HOLE_RADIUS]:
        return False
    half = plane[HOLE_HALF_SIDE]
    return not (max(hx, hy) < half or (hx + hy) < half * math.sqrt(2.0))


@jit
def extent(plane: NDArray[np.float64]) -> float:
    """Radius of a circle about the centre of `plane` that holds it [m]."""
    width, height, diagonal = plane[HALF_WIDTH], plane[HALF_HEIGHT], plane[DIAGONAL]
    if diagonal >= width + height:
        corner = math.hypot(width, height)
    else:
        corner = max(math.hypot(width, max(diagonal - width, 0.0)), math.hypot(max(diagonal - height, 0.0), height))
    return float(min(plane[RADIUS], diagonal, corner))
