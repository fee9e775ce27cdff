"""Slow twins of decays with heavy neutral leptons: rates on grids of explicit spinor amplitudes, and drawn decays."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import dirac
from darkdump.formfactors import semileptonic
from darkdump.formfactors.semileptonic import Decay
from darkdump.units import G_F

Array = NDArray[np.float64]


def near(value: Any, rel: float) -> Any:
    """Equal to a relative deviation, however small the value is: `pytest.approx` alone allows 1e-12 besides."""
    return pytest.approx(value, rel=rel, abs=0.0)


def momentum(parent: Array | float, one: Array | float, other: Array | float) -> Array:
    """Of the daughters of a two-body decay at rest [GeV]."""
    square = (np.square(parent) - np.square(one + other)) * (np.square(parent) - np.square(one - other))
    return np.asarray(np.sqrt(np.maximum(square, 0.0)) / (2.0 * np.asarray(parent)))


def three_bodies(
    q2: Array, cos: Array, masses: tuple[float, float, float, float]
) -> tuple[tuple[Array, Array, Array, Array], Array]:
    """A decay P -> h (a b) in the frame of P: momenta of P, h, a and b, and phase space per q^2 and cos.

    The pair, of the invariant mass squared q^2, flies along z; cos is the angle of b to that where the pair rests.

    Parameters
    ----------
    q2, cos : ndarray
    masses : tuple of float
        Of P, h, a and b [GeV].
    """
    parent, own, first, second = masses
    q = np.sqrt(q2)
    p, star = momentum(parent, own, q), momentum(q, first, second)
    none, boost = np.zeros_like(q), np.hypot(p, q)
    sin = np.sqrt(1.0 - cos**2)

    def daughter(sign: float, mass: float) -> Array:
        energy, along = np.hypot(star, mass), sign * star * cos
        return np.column_stack(
            [sign * star * sin, none, (boost * along + p * energy) / q, (boost * energy + p * along) / q]
        )

    whole = np.column_stack([none, none, none, none + parent])
    momenta = (whole, np.column_stack([none, none, -p, np.hypot(p, own)]), daughter(-1.0, first), daughter(1.0, second))
    return momenta, p / (4.0 * math.pi * parent) * star / (4.0 * math.pi * q) / (4.0 * math.pi)


def grid(masses: tuple[float, float, float, float], number: int = 60, cosines: int = 12) -> tuple[Array, Array, Array]:
    """Nodes in q^2 and cos, and weights: the roots at both ends are turned away."""
    low, high = (masses[2] + masses[3]) ** 2, (masses[0] - masses[1]) ** 2
    x, w = np.polynomial.legendre.leggauss(number)
    cos, part = np.polynomial.legendre.leggauss(cosines)
    angle = 0.5 * math.pi * (1.0 + x)
    q2 = low + 0.5 * (high - low) * (1.0 - np.cos(angle))
    step = 0.25 * math.pi * (high - low) * w * np.sin(angle)
    one, other = np.meshgrid(q2, cos, indexing="ij")
    return one.ravel(), other.ravel(), np.outer(step, part).ravel()


def matrix(
    decay: Decay, q2: Array, momenta: tuple[Array, Array, Array, Array], light: float, mass: float, s: Array
) -> Array:
    """Squared amplitude of P -> h l N with the package's form factors, summed over spins but that of N."""
    whole, hadron, lepton, neutral = momenta
    parent, own = decay.masses
    masses = (parent, own, light, mass)
    if "plus" in semileptonic.data()["form"][decay.form]:
        pair = semileptonic.pseudoscalar(decay.form, q2, parent, own)
        return 2.0 * G_F**2 * decay.strength * dirac.meson_to_meson(whole, hadron, lepton, neutral, masses, pair, s)
    four = semileptonic.vector(decay.form, q2)
    square = dirac.meson_to_vector(whole, hadron, lepton, neutral, masses, four, antiquark=decay.parent[0] == "B", s=s)
    return 2.0 * G_F**2 * decay.strength * square


def spectrum(decay: Decay, light: float, mass: float) -> tuple[Array, Array, Array, Array]:
    """P -> h l N on a grid: energy of N where P rests [GeV], cos, width [GeV] and that times the mean helicity of N."""
    masses = (*decay.masses, light, mass)
    q2, cos, step = grid(masses)
    momenta, space = three_bodies(q2, cos, masses)
    neutral = momenta[3]
    ahead = neutral[:, :3] / np.linalg.norm(neutral[:, :3], axis=1, keepdims=True)
    s = dirac.spin(neutral, mass, ahead)
    up, down = (matrix(decay, q2, momenta, light, mass, sign * s) for sign in (1.0, -1.0))
    factor = step * space / (2.0 * masses[0])
    return neutral[:, 3], cos, factor * (up + down), factor * (up - down)
