"""Proper-time spectra: how accepted decays are collected, and what a lifetime makes of them."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

NEGLIGIBLE = 50.0
"""Lifetimes after the first accepted decay at which none are left."""


@jit
def collect(nodes: Array, tau: Array, weight: Array, spectra: Array) -> None:
    """Share each weight between the two nodes next to its proper time, so that sum and mean proper time are kept.

    What lies beyond the first or the last node goes to that node.

    Parameters
    ----------
    nodes : ndarray, shape (m,)
        Proper times c tau [m], equidistant in the logarithm.
    tau : ndarray, shape (n,)
        Proper time [m] of each decay.
    weight : ndarray, shape (k, n)
        Its weights.
    spectra : ndarray, shape (k, m)
        Added to.
    """
    log_first = math.log(nodes[0])
    per_log = (nodes.size - 1) / (math.log(nodes[-1]) - log_first)
    for n in range(tau.size):
        heaviest = 0.0
        for k in range(weight.shape[0]):
            heaviest = max(heaviest, weight[k, n])
        if heaviest > 0.0:
            i = min(max(int((math.log(tau[n]) - log_first) * per_log), 0), nodes.size - 2)
            upper = min(max((tau[n] - nodes[i]) / (nodes[i + 1] - nodes[i]), 0.0), 1.0)
            for k in range(weight.shape[0]):
                counted = max(weight[k, n], 0.0)
                spectra[k, i] += counted * (1.0 - upper)
                spectra[k, i + 1] += counted * upper


@jit
def laplace(nodes: Array, spectra: Array, ctau: Array, yields: Array) -> None:
    """Decays at each lifetime: sum over nodes of spectrum x exp(-tau / ctau) / ctau.

    Parameters
    ----------
    nodes : ndarray, shape (n,)
        Proper times [m], ascending.
    spectra : ndarray, shape (n, k)
        Accepted decays per proper time at the nodes [m].
    ctau : ndarray, shape (c,)
        Lifetimes [m].
    yields : ndarray, shape (c, k)
        Written to.
    """
    number = spectra.shape[1]
    first, last = nodes.size, -1
    for i in range(nodes.size):
        for k in range(number):
            if spectra[i, k] != 0.0:
                first, last = min(first, i), i
    for c in range(ctau.size):
        for k in range(number):
            yields[c, k] = 0.0
        for i in range(first, last + 1):
            if nodes[i] - nodes[first] > NEGLIGIBLE * ctau[c]:
                break
            decays = math.exp(-nodes[i] / ctau[c])
            for k in range(number):
                yields[c, k] += spectra[i, k] * decays
        for k in range(number):
            yields[c, k] /= ctau[c]
