"""Decays in flight of the beam's particles, and what is measured of charged ones."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from darkdump import particles, tables
from darkdump.kaon.apparatus import Apparatus, Resolution
from darkdump.kaon.fourvectors import size, with_mass
from darkdump.kaon.types import Array, Indices, Mask, Pair
from darkdump.kernels.spectrometer import tracked
from darkdump.kernels.tracks import SEEN
from darkdump.phasespace import Number, boosted, two_body
from darkdump.units import HBAR, HBARC

BEAM, PARENT, TRACK, REST = slice(0, 6), slice(6, 9), slice(9, 14), 14
"""Axes of the unit cube: for the parent (momentum, two angles, two places, decay), for its measurement, for that of one
track with a large scatter, and the first one of those for what is left."""

LIFETIMES: Final = {"K+": "Kp", "pi+": "pip", "mu+": "mu"}
"""Particles that fly, and how the table of lifetimes names them."""

FLIGHTS = 400
"""Accepted decays from which the chance to leave is taken."""


def decay_length(name: str, along: Number) -> Number:
    """Length along z [m] in which one of e particles survives, from the name and p_z [GeV]."""
    return tables.lifetime(LIFETIMES[name]) * HBARC / HBAR * along / particles.mass(name)


@dataclass(frozen=True)
class Decays:
    """Simulated decays in the fiducial volume.

    Attributes
    ----------
    parent : ndarray, shape (n, 4)
        Momenta (px, py, pz, E) [GeV].
    vertex : ndarray, shape (n, 3)
        [m]
    daughters : ndarray, shape (n, k, 4)
        Momenta [GeV].
    weight : ndarray, shape (n,)
        How frequent each is: on average one.
    """

    parent: Array
    vertex: Array
    daughters: Array
    weight: Array

    def to(self, rest: Array, weight: Array | None = None) -> "Decays":
        """The same parents with other daughters.

        Parameters
        ----------
        rest : ndarray, shape (n, k, 4)
            Isotropic decays at rest [GeV].
        weight : ndarray, shape (n,), optional
            How frequent these are, up to a factor; all the same if not given.
        """
        relative = np.ones(len(rest)) if weight is None else weight / weight.mean()
        return Decays(self.parent, self.vertex, boosted(rest, self.parent), relative)

    def kept(self, some: Mask | Indices) -> "Decays":
        """Some of the decays, their weights unchanged."""
        return Decays(self.parent[some], self.vertex[some], self.daughters[some], self.weight[some])


def beam(apparatus: Apparatus, volume: Pair, points: Array, parent: str = "K+") -> Decays:
    """Particles of the beam that decay between two places along it; their only daughter is the particle itself.

    Parameters
    ----------
    apparatus : Apparatus
    volume : tuple of float
        Ends of the fiducial volume in z [m].
    points : ndarray, shape (n, axes)
        Points of the unit cube, of which `BEAM` is read.
    parent : str
        A particle of `LIFETIMES`.
    """
    from scipy.special import ndtri

    own, normal = apparatus.beam, ndtri(points[:, BEAM][:, :5])
    slope = np.array([own.slope, 0.0]) + np.array(own.divergence) * normal[:, 1:3]
    frame = with_mass(own.momentum * (1.0 + own.spread * normal[:, 0]), slope, particles.mass(parent))
    length, (front, end) = decay_length(parent, frame[:, 2]), volume
    z = front - length * np.log1p(points[:, 5] * np.expm1(-(end - front) / length))
    start = np.array(own.start[:2]) + np.array(own.size) * normal[:, 3:5]
    vertex = np.column_stack([start + slope * (z - own.start[2])[:, None], z])
    return Decays(frame, vertex, frame[:, None], np.ones(len(points)))


def fly(
    apparatus: Apparatus, volume: Pair, rest: Array, points: Array, weight: Array | None = None, parent: str = "K+"
) -> Decays:
    """Decays of the beam between two places along it; parameters as of `beam` and `Decays.to`."""
    return beam(apparatus, volume, points, parent).to(rest, weight)


def fly_to_two(apparatus: Apparatus, volume: Pair, one: str, other: float, points: Array, parent: str = "K+") -> Decays:
    """Decays of the beam to a particle and a body of a mass [GeV]; otherwise as `fly`, two axes from `REST` on."""
    rest = two_body(particles.mass(parent), particles.mass(one), other, points[:, REST:])
    return fly(apparatus, volume, rest, points, parent=parent)


def proper_flights(apparatus: Apparatus, place: Array, momentum: Array, mass: float, accepted: Indices) -> Array:
    """Proper times [m] until particles are behind the last plane, of `FLIGHTS` of those that are accepted.

    Parameters
    ----------
    apparatus : Apparatus
    place : ndarray, shape (n, 3)
        Where they start [m].
    momentum : ndarray, shape (n, 4)
        [GeV]
    mass : float
        [GeV]
    accepted : ndarray, shape (k,)
        Indices.
    """
    some = accepted[:: max(len(accepted) // FLIGHTS, 1)][:FLIGHTS]
    found: Array = (apparatus.end - place[some, 2]) / momentum[some, 2] * mass
    return found


def seen(
    apparatus: Apparatus, place: Array, momentum: Array, charge: int = 1, names: tuple[str, ...] | None = None
) -> Mask:
    """Whether charged particles cross planes, all of the spectrometer if none are named, and pass all openings.

    Parameters
    ----------
    apparatus : Apparatus
    place : ndarray, shape (n, 3)
        Where they start [m].
    momentum : ndarray, shape (n, 4)
        [GeV]
    charge : int
    names : tuple of str, optional
    """
    found = np.empty(len(place), dtype=np.int64)
    planes = apparatus.rows(apparatus.planes if names is None else names)
    momentum = np.ascontiguousarray(momentum)
    tracked(place, momentum, float(charge), apparatus.openings, planes, apparatus.track_cuts, found)
    good: Mask = found == SEEN
    return good


def measured(resolution: Resolution, momentum: Array, mass: float, points: Array) -> Array:
    """Four-momenta as they are measured, taken to have a mass.

    Parameters
    ----------
    resolution : Resolution
    momentum : ndarray, shape (n, 4)
        True ones [GeV].
    mass : float
        [GeV]
    points : ndarray, shape (n, 3 or more)
        Points of the unit cube: momentum, two angles.

    Returns
    -------
    ndarray, shape (n, 4)
        [GeV]
    """
    from scipy.special import ndtri

    normal, p = ndtri(points[:, :3]), size(momentum)
    slope = momentum[:, :2] / momentum[:, 2:3] + resolution.angle_error(p)[:, None] * normal[:, 1:3]
    return with_mass(p * (1.0 + resolution.momentum_error(p) * normal[:, 0]), slope, mass)


def measured_parent(apparatus: Apparatus, decays: Decays, points: Array, parent: str = "K+") -> Array:
    """Momenta of the beam's particles as its tracker measures them, shape (n, 4), from `PARENT` of the points."""
    return measured(apparatus.beam_tracker, decays.parent, particles.mass(parent), points[:, PARENT])
