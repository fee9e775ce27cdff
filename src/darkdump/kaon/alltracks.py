"""Decays of which every body is seen: charged particles in the spectrometer, their vertex, and what all share."""

import math
from dataclasses import dataclass

import numpy as np

from darkdump import particles
from darkdump.errors import CardError
from darkdump.kaon.apparatus import Apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import measured, seen
from darkdump.kaon.fourvectors import dot, size
from darkdump.kaon.sampling import within
from darkdump.kaon.types import Array, Mask
from darkdump.kaon.vertex import at

TRACK_AXES = 3
"""Axes of the unit cube for the measurement of a track: momentum, two angles."""


@dataclass(frozen=True)
class Charged:
    """Charged particles of decays.

    Attributes
    ----------
    names : tuple of str
        Of the particles, in the order of their momenta.
    place : ndarray, shape (n, k, 3)
        Where they start [m].
    true, found : ndarray, shape (n, k, 4)
        Momenta [GeV], and as they are measured.
    """

    names: tuple[str, ...]
    place: Array
    true: Array
    found: Array


def charged(setting: Apparatus, names: tuple[str, ...], place: Array, true: Array, points: Array) -> Charged:
    """Measure charged particles.

    Parameters
    ----------
    setting : Apparatus
    names, place, true
        As in `Charged`.
    points : ndarray, shape (n, TRACK_AXES k)
        Points of the unit cube.
    """
    found = np.empty_like(true)
    for k, name in enumerate(names):
        own = points[:, TRACK_AXES * k : TRACK_AXES * (k + 1)]
        found[:, k] = measured(setting.spectrometer, true[:, k], particles.mass(name), own)
    return Charged(names, place, true, found)


def crossing(setting: Apparatus, data: DataSet, names: tuple[str, ...], place: Array, true: Array) -> Mask:
    """Whether charged particles start before the planes that their card asks for, and cross them all.

    Parameters
    ----------
    setting : Apparatus
    data : DataSet
    names, place, true
        As in `Charged`.

    Raises
    ------
    CardError
        If the card does not say how one of them must be seen.
    """
    good = np.ones(len(true), dtype=bool)
    for k, name in enumerate(names):
        if name not in data.tracks:
            raise CardError(f'{data.name}: track."{name}" is missing; it must be a table with planes and source')
        planes, own = data.tracks[name].planes, np.ascontiguousarray(place[:, k])
        good &= own[:, 2] < min(setting.experiment.planes[plane].z for plane in planes)
        good &= seen(setting, own, true[:, k], round(particles.charge(name)), planes)
    return good


def in_windows(data: DataSet, tracks: Charged) -> Mask:
    """Whether each measured momentum lies in its window."""
    good = np.ones(len(tracks.true), dtype=bool)
    for k, name in enumerate(tracks.names):
        good &= within(size(tracks.found[:, k]), data.tracks[name].momentum)
    return good


def balanced(setting: Apparatus, data: DataSet, momenta: Array) -> Mask:
    """Whether measured momenta add up to that of the beam, along its axis and across it.

    Parameters
    ----------
    setting : Apparatus
    data : DataSet
        With the cuts ``"total momentum"``, half the width of a window about the beam's mean, and ``"transverse
        momentum"`` [GeV].
    momenta : ndarray, shape (n, k, 4)
        [GeV]
    """
    total, beam = momenta[..., :3].sum(axis=1), setting.beam
    axis = np.array([beam.slope, 0.0, 1.0]) / math.hypot(beam.slope, 1.0)
    along = total @ axis
    across = np.sqrt(np.maximum(dot(total, total) - along**2, 0.0))
    good: Mask = np.abs(size(total) - beam.momentum) < data.given("total momentum")
    good &= across < data.given("transverse momentum")
    return good


def common_vertex(setting: Apparatus, tracks: Charged, z: Array) -> tuple[Array, Array]:
    """Vertex of tracks by least squares.

    A track is known where it enters the spectrometer, much better than its direction, whose error grows backwards with
    the distance: sigma = (angle error) (z_1 - z).

    Parameters
    ----------
    setting : Apparatus
    tracks : Charged
    z : ndarray, shape (n,)
        About where the vertex is [m].

    Returns
    -------
    z, chi2 : ndarray, shape (n,)
        Of the vertex; chi^2 of 2 k - 3 degrees of freedom.
    """
    front, way = setting.first_chamber, tracks.found[..., :3] / tracks.found[..., 2:3]
    place = at(at(tracks.place, tracks.true, front), way, z[:, None])[..., :2]
    error = setting.spectrometer.angle_error(size(tracks.found)) * (front - z)[:, None]
    weight = (1.0 / error**2)[..., None]
    share = weight / weight.sum(axis=1, keepdims=True)
    away, turned = (one - (share * one).sum(axis=1, keepdims=True) for one in (place, way[..., :2]))
    level, lever = (weight * away * turned).sum(axis=(1, 2)), (weight * turned**2).sum(axis=(1, 2))
    chi2 = (weight * away**2).sum(axis=(1, 2)) - level**2 / lever
    return z - level / lever, chi2
