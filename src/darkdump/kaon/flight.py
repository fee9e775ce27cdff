"""Decays in flight of the beam's particles, and what is measured of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.kaon.apparatus import Apparatus, Resolution
from darkdump.kernels.spectrometer import tracked
from darkdump.kernels.tracks import SEEN
from darkdump.phasespace import boosted
from darkdump.units import HBAR, HBARC

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SCRAMBLES = 8
"""Independent sets of points: their spread is the numerical error."""

BEAM, PARENT, TRACK, REST = slice(0, 6), slice(6, 9), slice(9, 14), 14
"""Axes of the unit cube: for the parent (momentum, two angles, two places, decay), for its measurement, for that of one
track with a large scatter, and the first one of those for what is left."""

LIFETIMES: Final = {"K+": "Kp", "pi+": "pip"}
"""Particles of the beam, and how the table of lifetimes names them."""


@dataclass(frozen=True)
class Decays:
    """Simulated decays in the fiducial volume.

    Attributes
    ----------
    parent : ndarray, shape (n, 4)
        Momenta (px, py, pz, E) [GeV].
    vertex : ndarray, shape (n, 3)
        [m]
    daughters : ndarray, shape (n, k, 4)
        Momenta [GeV].
    weight : ndarray, shape (n,)
        How frequent each is: on average one.
    """

    parent: Array
    vertex: Array
    daughters: Array
    weight: Array


@cache
def cube(axes: int, points: int, seed: int = 1) -> Array:
    """Points of the unit cube: `SCRAMBLES` scrambles of a Sobol sequence, one after the other.

    Parameters
    ----------
    axes : int
    points : int
        Of each scramble, a power of two.
    seed : int

    Returns
    -------
    ndarray, shape (SCRAMBLES * points, axes)
        Shared: not to be written to.
    """
    from scipy.stats import qmc

    seeds = np.random.SeedSequence(seed).spawn(SCRAMBLES)
    found: Array = np.concatenate([qmc.Sobol(axes, rng=np.random.default_rng(s)).random(points) for s in seeds])
    np.clip(found, 1e-12, 1.0 - 1e-12, out=found)
    found.setflags(write=False)
    return found


def mean(values: NDArray[Any]) -> tuple[float, float]:
    """Mean of values over the points of a `cube`, and its numerical error from the spread of the scrambles."""
    parts = values.reshape(SCRAMBLES, -1).mean(axis=1)
    return float(parts.mean()), float(parts.std(ddof=1) / np.sqrt(SCRAMBLES))


def fly(
    apparatus: Apparatus, volume: tuple[float, float], rest: Array, weight: Array, points: Array, parent: str = "K+"
) -> Decays:
    """Decays of the beam between two places along it.

    Parameters
    ----------
    apparatus : Apparatus
    volume : tuple of float
        Ends of the fiducial volume in z [m].
    rest : ndarray, shape (n, k, 4)
        Isotropic decays at rest [GeV].
    weight : ndarray, shape (n,)
        How frequent these are, up to a factor.
    points : ndarray, shape (n, axes)
        Points of the unit cube, of which `BEAM` is read.
    parent : str
        Key of `LIFETIMES`.

    Returns
    -------
    Decays
    """
    from scipy.special import ndtri

    beam, normal = apparatus.beam, ndtri(points[:, BEAM][:, :5])
    mass, ctau = particles.mass(parent), tables.lifetime(LIFETIMES[parent]) * HBARC / HBAR
    momentum = beam.momentum * (1.0 + beam.spread * normal[:, 0])
    slope = np.array([beam.slope, 0.0]) + np.array(beam.divergence) * normal[:, 1:3]
    frame = np.empty((len(points), 4))
    frame[:, 2] = momentum / np.sqrt(1.0 + (slope**2).sum(axis=1))
    frame[:, :2] = slope * frame[:, 2:3]
    frame[:, 3] = np.sqrt(momentum**2 + mass**2)
    length = ctau * frame[:, 2] / mass
    front, end = volume
    z = front - length * np.log1p(points[:, 5] * np.expm1(-(end - front) / length))
    x0 = np.array(beam.start[:2]) + np.array(beam.size) * normal[:, 3:5]
    vertex = np.column_stack([x0 + slope * (z - beam.start[2])[:, None], z])
    return Decays(frame, vertex, boosted(rest, frame), weight / weight.mean())


def seen(
    apparatus: Apparatus, place: Array, momentum: Array, charge: int = 1, names: tuple[str, ...] | None = None
) -> Mask:
    """Whether charged particles cross planes, all of the spectrometer if none are named, and pass all openings.

    Parameters
    ----------
    apparatus : Apparatus
    place : ndarray, shape (n, 3)
        Where they start [m].
    momentum : ndarray, shape (n, 4)
        [GeV]
    charge : int
    names : tuple of str, optional
    """
    found = np.empty(len(place), dtype=np.int64)
    planes = apparatus.rows(apparatus.planes if names is None else names)
    momentum = np.ascontiguousarray(momentum)
    tracked(place, momentum, float(charge), apparatus.openings, planes, apparatus.track_cuts, found)
    good: Mask = found == SEEN
    return good


def size(momentum: Array) -> Array:
    """Absolute value of momenta, shape (n,), from (px, py, pz, ...), shape (n, 3 or 4)."""
    p: Array = np.sqrt((momentum[:, :3] ** 2).sum(axis=1))
    return p


def with_mass(p: Array, slope: Array, mass: float) -> Array:
    """Four-momenta from momenta [GeV], shape (n,), slopes in x and y, shape (n, 2), and a mass [GeV]."""
    found = np.empty((len(p), 4))
    found[:, 2] = p / np.sqrt(1.0 + (slope**2).sum(axis=1))
    found[:, :2] = slope * found[:, 2:3]
    found[:, 3] = np.sqrt(p**2 + mass**2)
    return found


def measured(resolution: Resolution, momentum: Array, mass: float, points: Array) -> Array:
    """Four-momenta as they are measured, taken to have a mass.

    Parameters
    ----------
    resolution : Resolution
    momentum : ndarray, shape (n, 4)
        True ones [GeV].
    mass : float
        [GeV]
    points : ndarray, shape (n, 3 or more)
        Points of the unit cube: momentum, two angles.

    Returns
    -------
    ndarray, shape (n, 4)
        [GeV]
    """
    from scipy.special import ndtri

    normal, p = ndtri(points[:, :3]), size(momentum)
    slope = momentum[:, :2] / momentum[:, 2:3] + resolution.angle_error(p)[:, None] * normal[:, 1:3]
    return with_mass(p * (1.0 + resolution.momentum_error(p) * normal[:, 0]), slope, mass)


def missing_mass2(parent: Array, *seen: Array) -> Array:
    """Squared mass [GeV^2] of what is missing, (P_parent - sum P_seen)^2, from four-momenta [GeV]."""
    rest = parent - sum(seen)
    square: Array = rest[:, 3] ** 2 - (rest[:, :3] ** 2).sum(axis=1)
    return square
