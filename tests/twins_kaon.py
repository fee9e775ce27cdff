"""What slow twins of kaon mode share: kaons of the beam, boosts, and tracks through the spectrometer, in NumPy."""

import numpy as np
from numpy.typing import NDArray

from darkdump.kaon.apparatus import Apparatus
from twins import on_plane
from twins_tracks import flown

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

KAON, CTAU = 0.493677, 1.2380e-8 * 299792458.0
"""Mass [GeV] and c tau [m] of the K+, PDG."""


def kaons(setting: Apparatus, ends: tuple[float, float], n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Momenta [GeV] of kaons that decay between two places [m], and where they do, shape (n, 3)."""
    beam = setting.beam
    size = rng.normal(beam.momentum, beam.spread * beam.momentum, n)
    slope = np.column_stack([rng.normal(beam.slope, beam.divergence[0], n), rng.normal(0.0, beam.divergence[1], n)])
    ahead = np.column_stack([slope, np.ones(n)])
    momentum = ahead * (size / np.sqrt((ahead**2).sum(axis=1)))[:, None]
    length = momentum[:, 2] / KAON * CTAU
    z = ends[0] - length * np.log(1.0 - rng.random(n) * (1.0 - np.exp(-(ends[1] - ends[0]) / length)))
    start = np.column_stack([rng.normal(place, s, n) for place, s in zip(beam.start, beam.size, strict=False)])
    return momentum, np.column_stack([start + slope * (z - beam.start[2])[:, None], z])


def moved(rest: Array, energy: Array, frame: Array, mass: float) -> tuple[Array, Array]:
    """Momenta and energies [GeV] in a frame of momentum `frame`, along and across its direction."""
    size = np.sqrt((frame**2).sum(axis=1))
    ahead, gamma, beta_gamma = frame / size[:, None], np.hypot(size, mass) / mass, size / mass
    along = (rest * ahead).sum(axis=1)
    across = rest - along[:, None] * ahead
    return across + ahead * (gamma * along + beta_gamma * energy)[:, None], gamma * energy + beta_gamma * along


def tracked(setting: Apparatus, place: Array, p: Array, charge: float, planes: tuple[str, ...]) -> Flags:
    """Whether tracks hit planes and pass the openings behind their start; positive ones bend to -x."""
    magnet = setting.experiment.magnets[setting.magnet]
    middle, good = sum(magnet.z) / 2.0, p[:, 2] > 0.0

    def at(z: float) -> Array:
        return flown(place, p, z, middle, -charge * magnet.kick)

    for plane in (setting.experiment.planes[name] for name in planes):
        good &= on_plane(plane, *at(plane.z).T) | (plane.z <= place[:, 2])
    for opening in (setting.experiment.planes[name] for name in setting.vetoes):
        good &= (np.hypot(*at(opening.z).T) <= opening.radius) | (opening.z <= place[:, 2])
    return np.asarray(good)
