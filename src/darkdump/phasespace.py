"""Decays into any number of bodies, in the rest frame."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.chain import chain

Array = NDArray[np.float64]
Weight = Callable[[Array], Array]
Number = TypeVar("Number", float, Array)

CANDIDATES = 4
"""Events that are tried for each one that is kept, where they have weights."""


def kallen(a: Number, b: Number, c: Number) -> Number:
    """Kallen's function a^2 + b^2 + c^2 - 2 (a b + b c + c a)."""
    return a * a + b * b + c * c - 2.0 * (a * b + b * c + c * a)


def momentum(parent: float, one: float, other: float) -> float:
    """Momentum [GeV] of the daughters of a two-body decay at rest, from the masses [GeV]; zero where it is closed."""
    if one + other >= parent:
        return 0.0
    return math.sqrt((parent**2 - (one + other) ** 2) * (parent**2 - (one - other) ** 2)) / (2.0 * parent)


def recoil(parent: float, mass: float, energy: float) -> float:
    """Mass [GeV] of what a daughter of a mass and an energy [GeV] recoils against at rest."""
    return math.sqrt(max(parent**2 + mass**2 - 2.0 * parent * energy, 0.0))


def bodies(
    mass: float, masses: Sequence[float], n: int, rng: np.random.Generator, matrix: Weight | None = None
) -> Array:
    """Events of a decay at rest, spread as its phase space times its squared matrix element.

    Parameters
    ----------
    mass : float
        Of the parent [GeV].
    masses : sequence of float
        Of the daughters [GeV], two or more; their sum is below `mass`.
    n : int
        Events.
    rng : numpy.random.Generator
    matrix : callable, optional
        From momenta, shape (n, k, 4), to the squared matrix element up to a factor; flat if not given.

    Returns
    -------
    ndarray, shape (n, k, 4)
        Momenta and energies (px, py, pz, E) [GeV].
    """
    even = len(masses) == 2 and matrix is None
    tried = n if even else CANDIDATES * n
    found, weight = np.empty((tried, len(masses), 4)), np.empty(tried)
    chain(mass, np.array(masses), rng.random((tried, 3 * len(masses) - 4)), found, weight)
    if even:
        return found
    return found[_kept(weight if matrix is None else weight * matrix(found), n, rng)]


def _kept(weight: Array, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of `n` events in proportion to their weights, as evenly as possible (systematic resampling)."""
    below = np.cumsum(weight)
    places = (np.arange(n) + rng.random()) / n * below[-1]
    kept: NDArray[np.int64] = np.minimum(np.searchsorted(below, places, side="right"), len(weight) - 1)
    return kept


def boosted(momenta: Array, frame: Array) -> Array:
    """Four-momenta (px, py, pz, E) in a frame that moves.

    Parameters
    ----------
    momenta : ndarray, shape (n, k, 4)
        [GeV]
    frame : ndarray, shape (n, 4)
        Four-momentum of the frame [GeV].
    """
    mass = np.sqrt(np.maximum(frame[:, 3] ** 2 - np.einsum("nj,nj->n", frame[:, :3], frame[:, :3]), 1e-300))
    gamma_beta, gamma = frame[:, :3] / mass[:, None], (frame[:, 3] / mass)[:, None]
    along = np.einsum("nkj,nj->nk", momenta[..., :3], gamma_beta)
    moved = np.empty_like(momenta)
    moved[..., 3] = gamma * momenta[..., 3] + along
    np.multiply(gamma_beta[:, None], (momenta[..., 3] + along / (1.0 + gamma))[..., None], out=moved[..., :3])
    moved[..., :3] += momenta[..., :3]
    return moved


def two_body(mass: float, one: float, other: Array | float, cube: Array) -> Array:
    """Isotropic two-body decays at rest.

    Parameters
    ----------
    mass, one : float
        Of the parent and the first daughter [GeV].
    other : float or ndarray, shape (n,)
        Mass of the second daughter [GeV], one for each event if there is a continuum of it.
    cube : ndarray, shape (n, 2 or more)
        Points of the unit cube, whose first two axes choose the direction.

    Returns
    -------
    ndarray, shape (n, 2, 4)
        Momenta and energies (px, py, pz, E) [GeV].
    """
    number, other2 = len(cube), np.square(np.broadcast_to(other, len(cube)))
    own = np.full(number, one**2)
    p = np.sqrt(np.maximum(kallen(np.full(number, mass**2), own, other2), 0.0)) / (2.0 * mass)
    cosine, phi = 2.0 * cube[:, 0] - 1.0, 2.0 * np.pi * cube[:, 1]
    across = np.sqrt(1.0 - cosine**2)
    way = np.stack([across * np.cos(phi), across * np.sin(phi), cosine], axis=1) * p[:, None]
    found = np.empty((number, 2, 4))
    found[:, 0, :3], found[:, 1, :3] = way, -way
    found[:, 0, 3], found[:, 1, 3] = np.sqrt(p**2 + own), np.sqrt(p**2 + other2)
    return found


def chained(mass: float, masses: Sequence[float], cube: Array, matrix: Weight | None = None) -> tuple[Array, Array]:
    """Decays at rest into three or more bodies, with weights.

    Parameters
    ----------
    mass, masses, matrix
        As in `bodies`.
    cube : ndarray, shape (n, 3 k - 4)
        Points of the unit cube.

    Returns
    -------
    momenta : ndarray, shape (n, k, 4)
        [GeV]
    weight : ndarray, shape (n,)
        Product of the momenta of the chain's decays, times the squared matrix element: its mean over the points times
        the free energy M - sum m, over 16 pi^3 M, is the integral over three-body phase space.
    """
    momenta, weight = np.empty((len(cube), len(masses), 4)), np.empty(len(cube))
    chain(mass, np.array(masses), np.ascontiguousarray(cube), momenta, weight)
    if matrix is not None:
        weight *= matrix(momenta)
    return momenta, weight
