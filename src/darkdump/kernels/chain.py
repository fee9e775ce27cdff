"""Decays at rest as chains of two-body decays."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]


@jit
def chain(mass: float, masses: Array, random: Array, momenta: Array, weight: Array) -> None:
    """Let a particle decay into bodies, the last one against a cluster of the others, and so on.

    The masses of the clusters are evenly spaced; an event counts with the product of the momenta of its decays
    (Raubold & Lynch; James, CERN 68-15).

    Parameters
    ----------
    mass : float
        Of the parent [GeV].
    masses : ndarray, shape (k,)
        Of the bodies [GeV]; their sum is below `mass`.
    random : ndarray, shape (n, 3 k - 4)
        In the unit interval.
    momenta : ndarray, shape (n, k, 4)
        Written to: (px, py, pz, E) [GeV].
    weight : ndarray, shape (n,)
        Written to.
    """
    number = masses.size
    inner, clusters = np.empty(number - 2), np.empty(number)
    free = mass - masses.sum()
    for n in range(weight.size):
        for k in range(number - 2):
            inner[k] = random[n, k]
        inner.sort()
        total = masses[0]
        clusters[0], clusters[number - 1] = total, mass
        for k in range(1, number - 1):
            total += masses[k]
            clusters[k] = total + free * inner[k - 1]
        weight[n] = 1.0
        for a in range(4):
            momenta[n, 0, a] = 0.0
        for k in range(1, number):
            big, small, own = clusters[k], clusters[k - 1], masses[k]
            triangle = (big * big - (small + own) ** 2) * (big * big - (small - own) ** 2)
            p = math.sqrt(max(triangle, 0.0)) / (2.0 * big)
            weight[n] *= p
            cosine = 2.0 * random[n, number - 4 + 2 * k] - 1.0
            phi = 2.0 * math.pi * random[n, number - 3 + 2 * k]
            across = p * math.sqrt(1.0 - cosine * cosine)
            x, y, z = across * math.cos(phi), across * math.sin(phi), p * cosine
            momenta[n, k, 0], momenta[n, k, 1], momenta[n, k, 2] = -x, -y, -z
            momenta[n, k, 3] = math.sqrt(p * p + own * own)
            energy = math.sqrt(p * p + small * small)
            if k == 1:
                momenta[n, 0, 0], momenta[n, 0, 1], momenta[n, 0, 2], momenta[n, 0, 3] = x, y, z, energy
                continue
            for j in range(k):
                along = (x * momenta[n, j, 0] + y * momenta[n, j, 1] + z * momenta[n, j, 2]) / small
                shift = (momenta[n, j, 3] + along / (1.0 + energy / small)) / small
                momenta[n, j, 0] += x * shift
                momenta[n, j, 1] += y * shift
                momenta[n, j, 2] += z * shift
                momenta[n, j, 3] = energy / small * momenta[n, j, 3] + along
