"""Slow twin of searches with tagged pi0: decays, photon detectors and measurement in plain numpy, random numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset import DataSet
from twins import on_plane
from twins_kaon import KAON, kaons, tracked

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

PION, NEUTRAL = 0.13957039, 0.1349768
"""Masses [GeV], PDG."""


@dataclass(frozen=True)
class Sample:
    """Tagged pi0: vertices [m], momenta of kaon, pi+ and pi0 [GeV], and the measured ones of kaon and pi+."""

    vertex: Array
    kaon: Array
    pion: Array
    neutral: Array
    found_kaon: Array
    found_pion: Array


def lifted(rest: Array, frame: Array, mass: float) -> Array:
    """Four-momenta (E, px, py, pz) seen from where `frame` has its momentum: a matrix for each event."""
    gamma, beta = frame[:, 0] / mass, frame[:, 1:] / frame[:, :1]
    square = np.maximum((beta**2).sum(axis=1), 1e-300)
    matrix = np.zeros((len(frame), 4, 4))
    matrix[:, 0, 0] = gamma
    matrix[:, 0, 1:] = matrix[:, 1:, 0] = gamma[:, None] * beta
    matrix[:, 1:, 1:] = np.eye(3) + ((gamma - 1.0) / square)[:, None, None] * beta[:, :, None] * beta[:, None, :]
    return np.asarray((matrix @ rest[:, :, None])[:, :, 0])


def pair(n: int, parent: float, one: float, other: Array | float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Isotropic decays at rest into two bodies, (E, px, py, pz)."""
    energy = (parent**2 + one**2 - np.square(other)) / (2.0 * parent) * np.ones(n)
    p = np.sqrt(energy**2 - one**2)
    way = rng.normal(size=(n, 3))
    way *= (p / np.sqrt((way**2).sum(axis=1)))[:, None]
    return np.column_stack([energy, way]), np.column_stack([parent - energy, -way])


def at(vertex: Array, momentum: Array, z: float) -> Array:
    """Where a straight line is at z [m], shape (n, 2)."""
    return vertex[:, :2] + momentum[:, 1:3] / momentum[:, 3:] * (z - vertex[:, 2:])


def photon_meets(setting: Apparatus, vertex: Array, photon: Array) -> NDArray[np.str_]:
    """Names of the detectors that photons meet first, "outside" for none."""
    found = np.full(len(vertex), "outside", dtype="<U10")
    forward = photon[:, 3] > 0
    for detector in setting.photon_detectors:
        for front, back, inner, outer in detector.rings:
            first, last = (np.hypot(*at(vertex, photon, z).T) for z in (front, back))
            hit = forward & (vertex[:, 2] < front) & (first < outer) & (np.maximum(first, last) > inner)
            found[hit & (found == "outside")] = detector.name
    for detector in setting.photon_detectors:
        if detector.wall is not None:
            hit = forward & on_plane(detector.wall, *at(vertex, photon, detector.wall.z).T)
            found[hit & (found == "outside")] = detector.name
    return found


def smeared(momentum: Array, mass: float, relative: Array, angle: Array, rng: np.random.Generator) -> Array:
    """Four-momenta with normal errors of the momentum and of both slopes."""
    n, p = len(momentum), np.sqrt((momentum[:, 1:] ** 2).sum(axis=1))
    slope = momentum[:, 1:3] / momentum[:, 3:] + angle[:, None] * rng.normal(size=(n, 2))
    found = p * (1.0 + relative * rng.normal(size=n))
    pz = found / np.sqrt(1.0 + (slope**2).sum(axis=1))
    return np.column_stack([np.sqrt(found**2 + mass**2), slope * pz[:, None], pz])


def square(momentum: Array) -> Array:
    """Squared masses."""
    return np.asarray(momentum[:, 0] ** 2 - (momentum[:, 1:] ** 2).sum(axis=1))


def tagged(setting: Apparatus, data: DataSet, n: int, rng: np.random.Generator) -> Sample:
    """Tagged pi0 out of `n` decays K+ -> pi+ pi0."""
    p, vertex = kaons(setting, data.volume, n, rng)
    kaon = np.column_stack([np.sqrt((p**2).sum(axis=1) + KAON**2), p])
    pion, neutral = (lifted(one, kaon, KAON) for one in pair(n, KAON, PION, NEUTRAL, rng))
    size = np.sqrt((pion[:, 1:] ** 2).sum(axis=1))
    track, tracker = setting.spectrometer, setting.beam_tracker
    found_pion = smeared(
        pion,
        PION,
        np.hypot(track.momentum[0], track.momentum[1] * size),
        np.hypot(track.angle[0] / size, track.angle[1]),
        rng,
    )
    one = np.ones(n)
    found_kaon = smeared(kaon, KAON, tracker.momentum[0] * one, tracker.angle[1] * one, rng)
    region = data.regions["tag"]
    m2, q = square(found_kaon - found_pion), np.sqrt((found_pion[:, 1:] ** 2).sum(axis=1))
    good = tracked(setting, vertex, pion[:, 1:], 1.0, setting.planes)
    good &= (m2 > region.missing_mass2[0]) & (m2 < region.missing_mass2[1])
    good &= (q > region.momentum[0]) & (q < region.momentum[1])
    return Sample(*(a[good] for a in (vertex, kaon, pion, neutral, found_kaon, found_pion)))


def found_vertex(setting: Apparatus, made: Sample) -> Array:
    """Where the measured lines of kaon and pi+ come closest in space, on that of the kaon [m]."""
    lines = []
    first = setting.experiment.planes[setting.planes[0]].z
    for z, one, found in (
        (setting.beam.start[2], made.kaon, made.found_kaon),
        (first, made.pion, made.found_pion),
    ):
        place = np.column_stack([at(made.vertex, one, z), np.full(len(one), z)])
        lines.append((place, found[:, 1:] / np.sqrt((found[:, 1:] ** 2).sum(axis=1))[:, None]))
    (p, u), (q, v) = lines
    across = np.cross(u, v)
    step = (np.cross(q - p, v) * across).sum(axis=1) / (across**2).sum(axis=1)
    return np.asarray(p + u * step[:, None])


def shares(
    setting: Apparatus, made: Sample, rng: np.random.Generator
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Parts of the tagged pi0 by the detectors that both photons meet, and the lost part of each."""
    both = [lifted(one, made.neutral, NEUTRAL) for one in pair(len(made.vertex), NEUTRAL, 0.0, 0.0, rng)]
    names = [photon_meets(setting, made.vertex, one) for one in both]
    chance = np.ones(len(made.vertex))
    for one, where in zip(both, names, strict=True):
        for detector in setting.photon_detectors:
            hit = where == detector.name
            table = np.interp(np.log10(one[hit, 0]), np.log10(detector.energies), np.log10(detector.inefficiencies))
            chance[hit] *= 10.0**table
    part: dict[tuple[str, str], float] = {}
    lost: dict[tuple[str, str], float] = {}
    for first, second, c in zip(*names, chance, strict=True):
        key = (min(first, second), max(first, second))
        part[key] = part.get(key, 0.0) + 1.0 / len(chance)
        lost[key] = lost.get(key, 0.0) + c / len(chance)
    return part, lost


def one_photon(setting: Apparatus, data: DataSet, made: Sample, mass: float, rng: np.random.Generator) -> Array:
    """Measured squared missing masses of pi0 -> gamma A' that are selected."""
    photon = lifted(pair(len(made.vertex), NEUTRAL, 0.0, mass, rng)[0], made.neutral, NEUTRAL)
    plane, calorimeter = setting.experiment.planes[setting.calorimeter.plane], setting.calorimeter
    a, b, c = calorimeter.energy
    energy = photon[:, 0]
    found = energy * (1.0 + np.sqrt(a**2 / energy + (b / energy) ** 2 + c**2) * rng.normal(size=len(energy)))
    spot = at(made.vertex, photon, plane.z)
    good = on_plane(plane, *spot.T) & (photon_meets(setting, made.vertex, photon) == plane.name) & (photon[:, 3] > 0)
    low, high = (data.given(f"{name} photon energy") for name in ("least", "largest"))
    good &= (found > low) & (found < high)
    spot = spot + calorimeter.place * rng.normal(size=spot.shape)
    start = found_vertex(setting, made)
    way = np.column_stack([spot, np.full(len(spot), plane.z)]) - start
    gamma = np.column_stack([found, way * (found / np.sqrt((way**2).sum(axis=1)))[:, None]])
    rest = made.found_kaon - made.found_pion - gamma
    good &= (rest[:, 3] > 0) & on_plane(plane, *at(start, rest, plane.z).T)
    return np.asarray(square(rest)[good])
