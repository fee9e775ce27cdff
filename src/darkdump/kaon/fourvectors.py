"""Momenta (px, py, pz, E) [GeV], along the last axis of arrays: products, masses, and directions that are turned."""

import numpy as np

from darkdump.kaon.types import Array


def dot(one: Array, other: Array) -> Array:
    """Sum of products along the last axis."""
    product: Array = np.einsum("...k,...k->...", one, other)
    return product


def size(momentum: Array) -> Array:
    """Absolute value of momenta (px, py, pz, ...), shape (..., 3 or 4)."""
    space = momentum[..., :3]
    p: Array = np.sqrt(dot(space, space))
    return p


def unit(vector: Array) -> Array:
    """Directions, shape (..., 3), of vectors (x, y, z, ...)."""
    way: Array = vector[..., :3] / size(vector)[..., None]
    return way


def product(one: Array, other: Array) -> Array:
    """Product of four-vectors, E E' - p p'."""
    return one[..., 3] * other[..., 3] - dot(one[..., :3], other[..., :3])


def mass2(momentum: Array) -> Array:
    """Squared mass [GeV^2] of one body, or of all that momenta were added up for."""
    return product(momentum, momentum)


def invariant_mass(momenta: Array) -> Array:
    """Mass [GeV], shape (n,), of all bodies together, whose momenta have the shape (n, k, 4)."""
    found: Array = np.sqrt(np.maximum(mass2(momenta.sum(axis=1)), 0.0))
    return found


def missing_mass2(parent: Array, *seen: Array) -> Array:
    """Squared mass [GeV^2] of what is missing, (P_parent - sum P_seen)^2."""
    return mass2(parent - sum(seen))


def with_mass(p: Array, slope: Array, mass: float) -> Array:
    """Four-momenta from momenta [GeV], shape (n,), slopes in x and y, shape (n, 2), and a mass [GeV]."""
    found = np.empty((len(p), 4))
    found[:, 2] = p / np.sqrt(1.0 + dot(slope, slope))
    found[:, :2] = slope * found[:, 2:3]
    found[:, 3] = np.sqrt(p**2 + mass**2)
    return found


def along(way: Array, p: Array, energy: Array) -> Array:
    """Four-momenta, shape (n, 4), from directions, shape (n, 3), momenta and energies [GeV], shape (n,)."""
    return np.column_stack([way * p[:, None], energy])


def turned(axis: Array, cosine: Array, phi: Array) -> Array:
    """Unit vectors at an angle to unit vectors, shape (n, 3), and at an azimuth [rad] around them.

    `darkdump.kernels.decay.turned` is the same for compiled loops, with the azimuth counted from another direction.
    """
    other = np.where(np.abs(axis[:, :1]) < 0.6, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    first = unit(np.cross(axis, other))
    second = np.cross(axis, first)
    across = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    found: Array = cosine[:, None] * axis
    found += (across * np.cos(phi))[:, None] * first + (across * np.sin(phi))[:, None] * second
    return found
