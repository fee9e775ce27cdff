"""Where two measured lines come closest: the track and the particle of the beam."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def closest(one: Array, one_slope: Array, other: Array, other_slope: Array) -> tuple[Array, Array]:
    """Distance of closest approach of lines, and where it is along the beam.

    Parameters
    ----------
    one, other : ndarray, shape (n, 3)
        A point of each line [m].
    one_slope, other_slope : ndarray, shape (n, 2)
        dx / dz and dy / dz.

    Returns
    -------
    distance, z : ndarray, shape (n,)
        [m]; z is half-way between the nearest points.
    """
    ones = np.ones((len(one), 1))
    u, v, gap = np.hstack([one_slope, ones]), np.hstack([other_slope, ones]), one - other
    uu, vv, uv = (u * u).sum(axis=1), (v * v).sum(axis=1), (u * v).sum(axis=1)
    ug, vg = (u * gap).sum(axis=1), (v * gap).sum(axis=1)
    area = np.maximum(uu * vv - uv**2, 1e-30)
    s, t = (uv * vg - vv * ug) / area, (uu * vg - uv * ug) / area
    near, far = one + s[:, None] * u, other + t[:, None] * v
    distance: Array = np.sqrt(((near - far) ** 2).sum(axis=1))
    z: Array = 0.5 * (near[:, 2] + far[:, 2])
    return distance, z
