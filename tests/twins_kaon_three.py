"""Slow twin of the acceptance for three tracks: drawn decays and plain NumPy, from the formulas alone."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset import DataSet
from twins_kaon import KAON, kaons, moved, tracked

Array = NDArray[np.float64]

MASSES = {"pi+": 0.13957039, "pi-": 0.13957039, "e+": 0.51099895e-3, "mu+": 0.1056583755, "mu-": 0.1056583755}


def dalitz(masses: list[float], n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Squared masses of the first pair and of the second one, evenly in the allowed region."""
    one, two, three = masses
    low12, high12 = (one + two) ** 2, (KAON - three) ** 2
    low23, high23 = (two + three) ** 2, (KAON - one) ** 2
    found: list[Array] = []
    while sum(len(part) for part in found) < n:
        s12, s23 = rng.uniform(low12, high12, n), rng.uniform(low23, high23, n)
        q = np.sqrt(s12)
        second, third = (s12 - one**2 + two**2) / (2 * q), (KAON**2 - s12 - three**2) / (2 * q)
        p2, p3 = np.sqrt(np.maximum(second**2 - two**2, 0)), np.sqrt(np.maximum(third**2 - three**2, 0))
        most, least = (second + third) ** 2 - (p2 - p3) ** 2, (second + third) ** 2 - (p2 + p3) ** 2
        good = (s23 < most) & (s23 > least)
        found.append(np.column_stack([s12, s23])[good])
    both = np.concatenate(found)[:n]
    return both[:, 0], both[:, 1]


def at_rest(masses: list[float], n: int, rng: np.random.Generator) -> list[Array]:
    """Momenta (n, 3) of three bodies: energies from the Dalitz plot, then a random rotation."""
    s12, s23 = dalitz(masses, n, rng)
    energy3, energy1 = (KAON**2 + masses[2] ** 2 - s12) / (2 * KAON), (KAON**2 + masses[0] ** 2 - s23) / (2 * KAON)
    energy2 = KAON - energy1 - energy3
    p1, p2, p3 = (np.sqrt(np.maximum(e**2 - m**2, 0)) for e, m in zip((energy1, energy2, energy3), masses, strict=True))
    cosine = np.clip((p2**2 - p1**2 - p3**2) / (2 * p1 * p3), -1, 1)
    flat = np.zeros(n)
    first = np.column_stack([flat, flat, p1])
    third = np.column_stack([p3 * np.sqrt(1 - cosine**2), flat, p3 * cosine])
    quaternion = rng.normal(size=(n, 4))
    w, x, y, z = (quaternion / np.sqrt((quaternion**2).sum(axis=1))[:, None]).T
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    first, third = np.einsum("ijn,nj->ni", turn, first), np.einsum("ijn,nj->ni", turn, third)
    return [first, -first - third, third]


def acceptance(setting: Apparatus, data: DataSet, n: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Acceptance, its statistical error, and the standard deviation of the mass [GeV]."""
    beam, masses = setting.beam, [MASSES[name] for name in data.bodies]
    parent, place = kaons(setting, data.volume, n, rng)
    good, total, energy = np.ones(n, dtype=bool), np.zeros((n, 3)), np.zeros(n)
    for name, mass, rest in zip(data.bodies, masses, at_rest(masses, n, rng), strict=True):
        momentum, _ = moved(rest, np.sqrt((rest**2).sum(axis=1) + mass**2), parent, KAON)
        good &= tracked(setting, place, momentum, 1.0 if name.endswith("+") else -1.0, data.tracks[name].planes)
        p = np.sqrt((momentum**2).sum(axis=1))
        a, b = setting.spectrometer.momentum
        c, d = setting.spectrometer.angle
        found = p * (1 + np.sqrt(a**2 + (b * p) ** 2) * rng.normal(size=n))
        error = np.sqrt((c / p) ** 2 + d**2)[:, None]
        ray = np.column_stack([momentum[:, :2] / momentum[:, 2:] + error * rng.normal(size=(n, 2)), np.ones(n)])
        low, high = data.tracks[name].momentum
        good &= (found > low) & (found < high)
        total += found[:, None] * ray / np.sqrt((ray**2).sum(axis=1))[:, None]
        energy += np.sqrt(found**2 + mass**2)
    axis = np.array([beam.slope, 0, 1]) / math.sqrt(1 + beam.slope**2)
    across = np.sqrt((np.cross(total, axis) ** 2).sum(axis=1))
    good &= np.abs(np.sqrt((total**2).sum(axis=1)) - beam.momentum) < data.given("total momentum")
    good &= across < data.given("transverse momentum")
    invariant = np.sqrt(np.maximum(energy**2 - (total**2).sum(axis=1), 0))
    spread = float(invariant[good].std())
    good &= (invariant > data.given("mass, low")) & (invariant < data.given("mass, high"))
    part = float(good.mean())
    return part, math.sqrt(part * (1 - part) / n), spread


def vertex_chi2(entry: Array, slope: Array, error: Array, front: float) -> tuple[float, float]:
    """Vertex in z and chi^2 of tracks by SciPy's least squares in (x, y, z)."""
    from scipy.optimize import least_squares

    def away(point: Array) -> Array:
        return np.asarray(((entry + slope * (point[2] - front) - point[:2]) / error[:, None]).ravel())

    found = least_squares(away, np.array([0.0, 0.0, front - 40.0]), x_scale=[1e-3, 1e-3, 1.0], xtol=1e-14, ftol=1e-14)
    return float(found.x[2]), float(2 * found.cost)
