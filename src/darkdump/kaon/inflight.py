"""Decays in flight of muons that mesons decayed to, mu+ -> e+ nu nubar with the spin that they got."""

from dataclasses import dataclass

import numpy as np

from darkdump import particles
from darkdump.kaon.flight import decay_length
from darkdump.kaon.fourvectors import along, dot, turned, unit
from darkdump.kaon.types import Array
from darkdump.kaon.vertex import at
from darkdump.phasespace import boosted

AXES = 4
"""Axes of the unit cube for a decay in flight: place, energy and direction."""


@dataclass(frozen=True)
class Daughter:
    """What a particle decays to in flight.

    Attributes
    ----------
    place : ndarray, shape (n, 3)
        Where [m].
    momentum : ndarray, shape (n, 4)
        [GeV]
    weight : ndarray, shape (n,)
        Chance that it decays there.
    """

    place: Array
    momentum: Array
    weight: Array


def flown(name: str, start: Array, momentum: Array, end: float, points: Array) -> tuple[Array, Array]:
    """Places of decays before `end`, and their chance.

    Half of the points fly less than a quarter of the way: near to where they start decays look like those of no flight.

    Parameters
    ----------
    name : str
        A particle of `darkdump.kaon.flight.LIFETIMES`.
    start : ndarray, shape (n, 3)
        [m]
    momentum : ndarray, shape (n, 4)
        [GeV]; particles that fly backwards do not decay.
    end : float
        In z [m].
    points : ndarray, shape (n,)
        Of the unit interval.
    """
    way = np.where(momentum[:, 2] > 0.0, np.maximum(end - start[:, 2], 0.0), 0.0)
    length = np.maximum(np.abs(decay_length(name, momentum[:, 2])), 1e-9)
    step = way * points**2
    return at(start, momentum, start[:, 2] + step), 2.0 * points * way / length * np.exp(-step / length)


def spin(muon: Array, parent: Array) -> Array:
    """Unit vectors of the spin of mu+ from P+ -> mu+ nu in the muon's frame, shape (n, 3), from momenta [GeV].

    The neutrino is left-handed, and so is the muon where P rests: in its own frame its spin points to where P flies.
    """
    back = muon * np.array([-1.0, -1.0, -1.0, 1.0])
    return unit(boosted(parent[:, None], back)[:, 0])


def positron(muon: Array, parent: Array, points: Array) -> tuple[Array, Array]:
    """Momenta of the e+ of mu+ -> e+ nu nubar in flight, and their weights, on average one.

    d Gamma / dx dcos ~ x^2 (3 - 2 x + (2 x - 1) cos), x = 2 E / m_mu, cos from the spin, without the electron's mass.

    Parameters
    ----------
    muon, parent : ndarray, shape (n, 4)
        Momenta [GeV].
    points : ndarray, shape (n, 3)
        Points of the unit cube.

    References
    ----------
    Michel, Proc. Phys. Soc. A 63 (1950) 514; PDG review of muon decay parameters, with rho = delta = 3/4 and xi = 1.
    """
    heavy, light = particles.mass("mu+"), particles.mass("e+")
    x, cosine, phi = points[:, 0], 2.0 * points[:, 1] - 1.0, 2.0 * np.pi * points[:, 2]
    weight = 2.0 * x**2 * (3.0 - 2.0 * x + (2.0 * x - 1.0) * cosine)
    way = turned(spin(muon, parent), cosine, phi)
    energy = np.maximum(0.5 * heavy * x, light)
    rest = along(way, np.sqrt(energy**2 - light**2), energy)
    return boosted(rest[:, None], muon)[:, 0], weight


def energetic(muon: Array, parent: Array, least: float) -> Array:
    """Chance that the e+ of a fast mu+ has more than a part `least` of its energy; other parameters as in `positron`.

    d N / df = 5 / 3 - 3 f^2 + 4 f^3 / 3 + P (-1 / 3 + 3 f^2 - 8 f^3 / 3), P the spin along the flight.
    """
    polarisation = dot(spin(muon, parent), unit(muon))

    def below(f: float) -> Array:
        found: Array = 5.0 * f / 3.0 - f**3 + f**4 / 3.0 + polarisation * (-f / 3.0 + f**3 - 2.0 * f**4 / 3.0)
        return found

    return below(1.0) - below(least)


def muon_decay(muon: Array, parent: Array, start: Array, end: float, points: Array) -> Daughter:
    """Positrons of muons that decay before `end` [m]; parameters as in `flown` and `positron`, `AXES` axes."""
    place, chance = flown("mu+", start, muon, end, points[:, 0])
    found, weight = positron(muon, parent, points[:, 1:])
    return Daughter(place, found, chance * weight)
