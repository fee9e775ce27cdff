"""Which particles of simulated decays a spectrometer sees, and which detector a photon meets."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit
from darkdump.kernels.plane import Z, inside
from darkdump.kernels.tracks import track

Array = NDArray[np.float64]

FRONT, BACK, INNER, OUTER = range(4)
"""Columns of a ring of detectors: ends along the beam and radii [m]."""


@jit
def tracked(
    place: Array, momentum: Array, charge: float, vetoes: Array, planes: Array, cuts: Array, out: NDArray[np.int64]
) -> None:
    """What becomes of charged particles.

    Parameters
    ----------
    place : ndarray, shape (n, 3)
        Where they start [m].
    momentum : ndarray, shape (n, 4)
        (px, py, pz, E) [GeV].
    charge : float
        +1 or -1.
    vetoes, planes, cuts : ndarray
        As in `darkdump.kernels.tracks.two_tracks`.
    out : ndarray, shape (n,)
        Written to: `darkdump.kernels.tracks.MISSED`, `SEEN` or `VETOED`.
    """
    for i in range(out.size):
        p = (momentum[i, 0], momentum[i, 1], momentum[i, 2])
        out[i] = track(place[i, 0], place[i, 1], place[i, 2], p, charge, vetoes, planes, cuts)


@jit
def struck(place: Array, momentum: Array, rings: Array, walls: Array, out: NDArray[np.int64]) -> None:
    """The first detector that photons meet.

    Parameters
    ----------
    place : ndarray, shape (n, 3)
        Where they start [m].
    momentum : ndarray, shape (n, 4)
        (px, py, pz, E) [GeV].
    rings : ndarray, shape (r, 4)
        `FRONT`, `BACK`, `INNER`, `OUTER`, in the order of z.
    walls : ndarray, shape (w, plane.N_COLUMNS)
        In the order of z, behind what the photon has passed.
    out : ndarray, shape (n,)
        Written to: index of the ring, number of rings + index of the wall, or -1 for none.
    """
    for i in range(out.size):
        out[i] = -1
        if momentum[i, 2] <= 0.0:
            continue
        sx, sy = momentum[i, 0] / momentum[i, 2], momentum[i, 1] / momentum[i, 2]
        x, y, z = place[i, 0], place[i, 1], place[i, 2]
        for k in range(rings.shape[0]):
            if z < rings[k, FRONT]:
                near, far = rings[k, FRONT] - z, rings[k, BACK] - z
                first = math.hypot(x + sx * near, y + sy * near)
                last = math.hypot(x + sx * far, y + sy * far)
                if first < rings[k, OUTER] and max(first, last) > rings[k, INNER]:
                    out[i] = k
                    break
        if out[i] >= 0:
            continue
        for k in range(walls.shape[0]):
            step = walls[k, Z] - z
            if step > 0.0 and inside(walls[k], x + sx * step, y + sy * step):
                out[i] = rings.shape[0] + k
                break
