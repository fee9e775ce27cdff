"""Adaptive importance sampling: points fall where the integrand is.

The density of the points is a product of histograms, one for each axis of the unit cube, learnt in a pilot run (as
VEGAS does: Lepage, J. Comput. Phys. 27 (1978) 192).  Several densities, each learnt for another lifetime, are mixed: a
point counts with the mean of their densities (the balance heuristic of Veach & Guibas, SIGGRAPH 1995), so that no
lifetime is left to a few points of large weight.
"""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]


@jit
def warp(histogram: Array, cube: Array, points: Array) -> None:
    """Move even points so that they have a given density.

    Parameters
    ----------
    histogram : ndarray, shape (d, b)
        Density along the first d axes, of mean 1; the other axes stay even.
    cube : ndarray, shape (n, axes)
        Even points.
    points : ndarray, shape (n, axes)
        Written to.
    """
    axes, bins = histogram.shape
    below = np.zeros(bins + 1)
    for n in range(cube.shape[0]):
        for d in range(cube.shape[1]):
            points[n, d] = cube[n, d]
    for d in range(axes):
        for b in range(bins):
            below[b + 1] = below[b] + histogram[d, b] / bins
        for n in range(cube.shape[0]):
            low = 0
            for b in range(1, bins):
                low += below[b] <= cube[n, d]
            inside = (cube[n, d] - below[low]) / (below[low + 1] - below[low])
            points[n, d] = (low + min(inside, 1.0 - 1e-12)) / bins


@jit
def density(histograms: Array, points: Array, out: Array) -> None:
    """How densely points lie, on average over densities.

    Parameters
    ----------
    histograms : ndarray, shape (k, d, b)
        `k` densities as in `warp`.
    points : ndarray, shape (n, axes)
    out : ndarray, shape (n,)
        Written to: 1 for even points.
    """
    number, axes, bins = histograms.shape
    for n in range(points.shape[0]):
        total = 0.0
        for k in range(number):
            here = 1.0
            for d in range(axes):
                here *= histograms[k, d, int(points[n, d] * bins)]
            total += here
        out[n] = total / number


@jit
def learn(histogram: Array, points: Array, found: Array, even: float) -> None:
    """Learn a density from the integrand of a pilot run.

    Parameters
    ----------
    histogram : ndarray, shape (d, b)
        Written to, if anything was found.
    points : ndarray, shape (n, axes)
        Points of the pilot run.
    found : ndarray, shape (n,)
        Integrand over density at the points.
    even : float
        Part of the points that stays evenly spread.
    """
    axes, bins = histogram.shape
    for d in range(axes):
        sums, total = np.zeros(bins), 0.0
        for n in range(points.shape[0]):
            sums[int(points[n, d] * bins)] += found[n] * found[n]
        for b in range(bins):
            sums[b] = math.sqrt(sums[b])
            total += sums[b]
        if not total > 0.0:
            continue
        for b in range(bins):
            near = 0.5 * sums[b] + 0.25 * (sums[max(b - 1, 0)] + sums[min(b + 1, bins - 1)])
            histogram[d, b] = even + (1.0 - even) * bins * near / total
