"""Slow twin of heavy neutral leptons N: mesons of a table decay to l N, and N with its spin to l and a pseudoscalar."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.experiment import Experiment, TrackSelection
from twins import Rays
from twins_hnl import momentum
from twins_tracks import boosted, drawn_decays, isotropic, selected, total

Array = NDArray[np.float64]

FERMI = 1.1663788e-5  # [GeV^-2]


@dataclass(frozen=True)
class Spins:
    """Rays of N, and the direction of flight of the parent that N sees, reversed: that of the spin of helicity +1."""

    rays: Rays
    axis: Array


def width(parent: float, constant: float, light: float, mass: float) -> tuple[float, float]:
    """Width [GeV] of P -> l N at a mixing of one, `constant` being f V [GeV], and the helicity of N: Shrock 1981.

    N is a superposition of chiralities: (E + p) and (E - p) of both leptons are the weights of opposite helicities.
    """
    size = float(momentum(parent, light, mass))
    energies = math.hypot(size, light), math.hypot(size, mass)
    minus = (energies[0] - size) * (energies[1] + size)
    plus = (energies[0] + size) * (energies[1] - size)
    rate = FERMI**2 * constant**2 * size / (4.0 * math.pi) * (plus + minus)
    return rate, (plus - minus) / (plus + minus)


def asymmetry(mass: float, light: float, meson: float) -> float:
    """By how much l- of N -> l- P+ flies along the spin of N at rest, from the amplitudes of both helicities of l-."""
    size = float(momentum(mass, light, meson))
    energy = math.hypot(size, light)
    # i M ~ q_mu ubar_l gamma^mu P_L u_N with q = N - l: m_N ubar_l P_R u_N - m_l ubar_l P_L u_N
    minus = (mass * math.sqrt(energy + size) - light * math.sqrt(energy - size)) ** 2
    plus = (mass * math.sqrt(energy - size) - light * math.sqrt(energy + size)) ** 2
    return (plus - minus) / (plus + minus)


def neutral_leptons(parents: Rays, heavy: float, light: float, mass: float, rng: np.random.Generator) -> Spins:
    """One N of the decay to a lepton and N [GeV] for each parent."""
    size = float(momentum(heavy, light, mass))
    rest = size * isotropic(len(parents.weight), rng)
    flight = boosted(parents.momentum, heavy, math.hypot(size, mass), rest)
    energy = np.sqrt((parents.momentum**2).sum(axis=1) + heavy**2)
    total = np.sqrt((flight**2).sum(axis=1))
    ahead = flight / total[:, None]
    along = (parents.momentum * ahead).sum(axis=1)
    gamma, boost = np.hypot(total, mass) / mass, total / mass
    seen = parents.momentum + ahead * ((gamma - 1.0) * along - boost * energy)[:, None]
    return Spins(Rays(flight, parents.weight), -seen / np.sqrt((seen**2).sum(axis=1))[:, None])


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
    vertex, weight, keep = drawn_decays(experiment, cut.efficiency, rays, mass, ctau, rng)
    size = float(momentum(mass, light, meson))
    way = isotropic(int(keep.sum()), rng)
    bias = 1.0 + polarisation * (way * spins.axis[keep]).sum(axis=1)
    lepton, other = (
        boosted(rays.momentum[keep], mass, math.hypot(size, own), sign * size * way)
        for own, sign in ((light, 1.0), (meson, -1.0))
    )
    swap = (rng.random(len(way)) < 0.5)[:, None]
    pair = [np.where(swap, lepton, other), np.where(swap, other, lepton)]
    found = weight[keep] * bias * selected(experiment, cut, vertex[keep], pair, light)
    return total(found, len(weight))
