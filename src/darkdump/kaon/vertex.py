"""Straight lines: where they cross a plane, and where track and particle of the beam seem to meet."""

import numpy as np

from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.fourvectors import dot
from darkdump.kaon.types import Array

Line = tuple[Array, Array, Array]
"""Where particles are [m], shape (n, 3), their true and their measured momenta [GeV], shape (n, 4)."""


def at(place: Array, momentum: Array, z: float | Array) -> Array:
    """Where straight flights cross a plane.

    Parameters
    ----------
    place : ndarray, shape (..., 3)
        Where they start [m].
    momentum : ndarray, shape (..., 3 or 4)
    z : float or ndarray
        Of the plane [m].

    Returns
    -------
    ndarray, shape (..., 3)
        [m]
    """
    slope = momentum[..., :3] / momentum[..., 2:3]
    found: Array = place + slope * (z - place[..., 2])[..., None]
    return found


def closest(one: Array, one_way: Array, other: Array, other_way: Array) -> tuple[Array, Array]:
    """Points of lines that are nearest to each other.

    Parameters
    ----------
    one, other : ndarray, shape (n, 3)
        A point of each line [m].
    one_way, other_way : ndarray, shape (n, 3 or 4)
        Its direction, of any length: the first three numbers count.

    Returns
    -------
    near, far : ndarray, shape (n, 3)
        On the first and on the second line [m].
    """
    u, v, gap = one_way[:, :3], other_way[:, :3], one - other
    uu, vv, uv, ug, vg = dot(u, u), dot(v, v), dot(u, v), dot(u, gap), dot(v, gap)
    area = np.maximum(uu * vv - uv**2, 1e-15 * uu * vv)
    s, t = (uv * vg - vv * ug) / area, (uu * vg - uv * ug) / area
    return one + s[:, None] * u, other + t[:, None] * v


def beam_vertex(setting: Apparatus, parent: Line, track: Line) -> tuple[Array, Array]:
    """Where a particle of the beam and a track seem to come closest, on the line of each, shape (n, 3) [m].

    Both lines have their measured directions and pass through the true places at the last station of the beam tracker
    and in the first chamber, whose own errors, 0.1 mm, are small beside what the angles make.
    """
    (place, true, way), (other, other_true, other_way) = parent, track
    one = at(place, true, setting.beam.start[2])
    return closest(one, way, at(other, other_true, setting.first_chamber), other_way)
