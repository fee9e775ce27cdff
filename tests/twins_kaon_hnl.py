"""Slow twin of K+ -> l+ N and K+ -> mu+ nu, mu+ -> e+: plain Monte Carlo of beam, decay, spin, magnet and chambers."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import twins_kaon
from darkdump.kaon.apparatus import Apparatus
from twins_kaon import KAON, moved, tracked
from twins_tracks import isotropic

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MUON, POSITRON = 0.1056583755, 0.51099895e-3  # [GeV]
MUON_CTAU = 658.638  # [m]
FIRST, BEGIN = 183.508, 102.4  # [m]: first chamber, beginning of the beam's axis


@dataclass(frozen=True)
class Kaons:
    """Kaons that decay between `BEGIN` and `FIRST`: momenta [GeV] and vertices [m], shape (n, 3)."""

    momentum: Array
    vertex: Array


def kaons(setting: Apparatus, n: int, rng: np.random.Generator) -> Kaons:
    """Kaons as the card's beam has them."""
    return Kaons(*twins_kaon.kaons(setting, (BEGIN, FIRST), n, rng))


def candidates(
    setting: Apparatus,
    decays: Kaons,
    place: Array,
    p: Array,
    cuts: tuple[float, float, float, float, float],
    rng: np.random.Generator,
) -> tuple[Flags, Array]:
    """Which tracks are selected, and their measured squared missing mass [GeV^2] as positrons.

    `cuts`: momentum window [GeV], distance of closest approach [m], and fiducial volume [m].
    """
    low, high, distance, front, end = cuts
    n, size = len(p), np.sqrt((p**2).sum(axis=1))
    error = np.sqrt(0.003**2 + (5e-5 * size) ** 2)
    angle = np.sqrt((577e-6 / size) ** 2 + 16.3e-6**2)
    slope = p[:, :2] / p[:, 2:] + angle[:, None] * rng.normal(size=(n, 2))
    found = size * (1.0 + error * rng.normal(size=n))
    beam = decays.momentum[:, :2] / decays.momentum[:, 2:] + 16e-6 * rng.normal(size=(n, 2))
    total = np.sqrt((decays.momentum**2).sum(axis=1)) * (1.0 + 0.002 * rng.normal(size=n))
    one = np.column_stack([beam, np.ones(n)])
    two = np.column_stack([slope, np.ones(n)])
    start = decays.vertex - decays.momentum / decays.momentum[:, 2:] * (decays.vertex[:, 2:] - BEGIN)
    reach = place + p / p[:, 2:] * (FIRST - place[:, 2:])
    normal = np.cross(one, two)
    gap = np.abs(((start - reach) * normal).sum(axis=1)) / np.sqrt((normal**2).sum(axis=1))
    far = start + one * (FIRST - BEGIN)
    apart, closing = far - reach, one - two
    back = (apart[:, :2] * closing[:, :2]).sum(axis=1) / (closing[:, :2] ** 2).sum(axis=1)
    z = FIRST - back
    cosine = (one * two).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    missing = KAON**2 + POSITRON**2 - 2.0 * np.hypot(total, KAON) * np.hypot(found, POSITRON)
    missing += 2.0 * total * found * cosine
    good = tracked(setting, place, p, 1.0, setting.planes) & (found > low) & (found < high)
    return good & (gap < distance) & (z > front) & (z < end), missing


def to_lepton(decays: Kaons, light: float, heavy: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Momenta of the lepton of K+ -> l+ N in flight and at rest [GeV]."""
    energy = (KAON**2 + light**2 - heavy**2) / (2.0 * KAON)
    n = len(decays.momentum)
    rest = math.sqrt(energy**2 - light**2) * isotropic(n, rng)
    return moved(rest, np.full(n, energy), decays.momentum, KAON)[0], rest


def michel(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """x and cosine to the spin of the e+ of mu+, by rejection."""
    x, cosine, keep = rng.random(8 * n), rng.uniform(-1.0, 1.0, 8 * n), rng.random(8 * n)
    good = keep * 2.0 < x**2 * (3.0 - 2.0 * x + cosine * (2.0 * x - 1.0))
    return x[good][:n], cosine[good][:n]


def in_flight(decays: Kaons, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Places [m] and momenta [GeV] of the e+ of K+ -> mu+ nu, mu+ -> e+, and the chance that the muon decays there.

    The spin is opposite to the muon's flight where the kaon rests; from there the positron is boosted on.
    """
    muon, rest = to_lepton(decays, MUON, 0.0, rng)
    n, size = len(muon), np.sqrt((rest**2).sum(axis=1))
    x, cosine = michel(n, rng)
    spin = -rest / size[:, None]
    side = np.cross(spin, isotropic(n, rng))
    side /= np.sqrt((side**2).sum(axis=1))[:, None]
    energy = np.maximum(0.5 * MUON * x, POSITRON)
    own = np.sqrt(energy**2 - POSITRON**2)[:, None] * (
        cosine[:, None] * spin + np.sqrt(1.0 - cosine**2)[:, None] * side
    )
    found, energy = moved(own, energy, rest, MUON)
    found, _ = moved(found, energy, decays.momentum, KAON)
    way = np.where(muon[:, 2] > 0.0, FIRST - decays.vertex[:, 2], 0.0)
    length = np.abs(muon[:, 2]) / MUON * MUON_CTAU
    step = way * rng.random(n)
    place = decays.vertex + muon / muon[:, 2:] * step[:, None]
    return place, found, way / length * np.exp(-step / length)
