"""Slow twin of heavy neutral leptons N: mesons of a table decay to l N, and N with its spin to l and a pseudoscalar."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.experiment import Experiment, TrackSelection
from twins import Rays, on_plane
from twins_tracks import boosted, isotropic, selected

Array = NDArray[np.float64]

FERMI = 1.1663788e-5  # [GeV^-2]


@dataclass(frozen=True)
class Spins:
    """Rays of N, and the direction of flight of the parent that N sees, reversed: that of the spin of helicity +1."""

    rays: Rays
    axis: Array


def kallen(a: float, b: float, c: float) -> float:
    """a^2 + b^2 + c^2 - 2 (a b + b c + c a)."""
    return (a - b - c) ** 2 - 4.0 * b * c


def width(parent: float, constant: float, light: float, mass: float) -> tuple[float, float]:
    """Width [GeV] of P -> l N at a mixing of one, `constant` being f V [GeV], and the helicity of N: Shrock 1981.

    N is a superposition of chiralities: (E + p) and (E - p) of both leptons are the weights of opposite helicities.
    """
    size = math.sqrt(kallen(parent**2, light**2, mass**2)) / (2.0 * parent)
    energies = math.hypot(size, light), math.hypot(size, mass)
    minus = (energies[0] - size) * (energies[1] + size)
    plus = (energies[0] + size) * (energies[1] - size)
    rate = FERMI**2 * constant**2 * size / (4.0 * math.pi) * (plus + minus)
    return rate, (plus - minus) / (plus + minus)


def asymmetry(mass: float, light: float, meson: float) -> float:
    """By how much l- of N -> l- P+ flies along the spin of N at rest, from the amplitudes of both helicities of l-."""
    size = math.sqrt(kallen(mass**2, light**2, meson**2)) / (2.0 * mass)
    energy = math.hypot(size, light)
    # i M ~ q_mu ubar_l gamma^mu P_L u_N with q = N - l: m_N ubar_l P_R u_N - m_l ubar_l P_L u_N
    minus = (mass * math.sqrt(energy + size) - light * math.sqrt(energy - size)) ** 2
    plus = (mass * math.sqrt(energy - size) - light * math.sqrt(energy + size)) ** 2
    return (plus - minus) / (plus + minus)


def neutral_leptons(parents: Rays, heavy: float, light: float, mass: float, rng: np.random.Generator) -> Spins:
    """One N of the decay to a lepton and N [GeV] for each parent."""
    size = math.sqrt(kallen(heavy**2, light**2, mass**2)) / (2.0 * heavy)
    rest = size * isotropic(len(parents.weight), rng)
    momentum = boosted(parents.momentum, heavy, math.hypot(size, mass), rest)
    energy = np.sqrt((parents.momentum**2).sum(axis=1) + heavy**2)
    total = np.sqrt((momentum**2).sum(axis=1))
    ahead = momentum / total[:, None]
    along = (parents.momentum * ahead).sum(axis=1)
    gamma, boost = np.hypot(total, mass) / mass, total / mass
    seen = parents.momentum + ahead * ((gamma - 1.0) * along - boost * energy)[:, None]
    return Spins(Rays(momentum, parents.weight), -seen / np.sqrt((seen**2).sum(axis=1))[:, None])


def dump_yield(
    experiment: Experiment,
    cut: TrackSelection,
    spins: Spins,
    polarisation: float,
    masses: tuple[float, float, float],
    ctau: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Accepted decays N -> l P of either charge, and their error; the lepton has the weight 1 + `polarisation` cos.

    Masses are those of N, l and P [GeV].  Each N decays at a distance drawn from its exponential in the volume.
    """
    mass, light, meson = masses
    rays = spins.rays
    size = np.sqrt((rays.momentum**2).sum(axis=1))
    ahead = rays.momentum / size[:, None]
    cosine = np.maximum(ahead[:, 2], 1e-3)
    target = np.array(experiment.target.position)
    length = size / mass * ctau
    first, last = ((z - target[2]) / cosine for z in (experiment.volume.aperture.z, experiment.volume.end))
    inside = np.expm1((first - last) / length)
    vertex = target + ahead * (first - length * np.log1p(rng.random(len(length)) * inside))[:, None]
    weight = rays.weight * np.exp(-first / length) * -inside * cut.efficiency * experiment.target.fraction
    keep = on_plane(experiment.volume.aperture, vertex[:, 0], vertex[:, 1]) & (ahead[:, 2] > 0) & (weight > 0)
    momentum = math.sqrt(kallen(mass**2, light**2, meson**2)) / (2.0 * mass)
    way = isotropic(int(keep.sum()), rng)
    bias = 1.0 + polarisation * (way * spins.axis[keep]).sum(axis=1)
    lepton, other = (
        boosted(rays.momentum[keep], mass, math.hypot(momentum, own), sign * momentum * way)
        for own, sign in ((light, 1.0), (meson, -1.0))
    )
    swap = (rng.random(len(way)) < 0.5)[:, None]
    pair = [np.where(swap, lepton, other), np.where(swap, other, lepton)]
    found = weight[keep] * bias * selected(experiment, cut, vertex[keep], pair, light)
    return float(found.sum()), float(np.sqrt(max((found**2).sum() - found.sum() ** 2 / len(weight), 0.0)))
