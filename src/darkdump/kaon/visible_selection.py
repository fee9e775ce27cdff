"""K+ -> pi+ X with X -> mu+ mu- or gamma gamma: which decays are selected, and the mass that is measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from darkdump.errors import DarkdumpError
from darkdump.kaon import rare
from darkdump.kaon.alltracks import TRACK_AXES, balanced, charged, common_vertex, crossing, in_windows
from darkdump.kaon.apparatus import Apparatus, apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, Decays, measured_parent
from darkdump.kaon.fourvectors import invariant_mass, mass2, missing_mass2, size
from darkdump.kaon.photons import measured_photon, photon_from, reach_calorimeter
from darkdump.kaon.sampling import within
from darkdump.kaon.types import Array, Mask
from darkdump.kaon.vertex import at, beam_vertex

MEASURED = slice(REST + 5, REST + 5 + 3 * TRACK_AXES)
"""Axes of the unit cube for the measurement of three bodies, behind those of their decay."""

FLOWN = MEASURED.stop
"""Axis of the unit cube for the flight."""

AXES = FLOWN + 1
"""Axes of the unit cube for decays with a pair."""

MUONS: Final = ("mu+", "mu-", "pi+")
"""Charged particles of decays with two muons, in the order of their momenta."""


@dataclass(frozen=True)
class Events:
    """Simulated decays with a pair.

    Attributes
    ----------
    decays : Decays
        The pion is the last of the daughters.
    place : ndarray, shape (n, 3)
        Where the pair starts [m].
    pair : ndarray, shape (n, 2, 4)
        Momenta [GeV].
    points : ndarray, shape (n, AXES)
        Points of the unit cube that they were made from.
    """

    decays: Decays
    place: Array
    pair: Array
    points: Array

    @property
    def pion(self) -> Array:
        """Momenta of the pion [GeV], shape (n, 4)."""
        return self.decays.daughters[:, -1]

    def kept(self, good: Mask) -> "Events":
        """Some of the events."""
        return Events(self.decays.kept(good), self.place[good], self.pair[good], self.points[good])


def _found_mass2(setting: Apparatus, data: DataSet, events: Events, pion: Array, pair: Array) -> Array:
    """Squared mass of the pair from that of which the card says so."""
    if data.scanned.measured == "seen":
        return mass2(pair.sum(axis=1))
    return missing_mass2(measured_parent(setting, events.decays, events.points), pion)


def _kaon(setting: Apparatus, data: DataSet, momenta: Array) -> Mask:
    """Whether measured momenta, shape (n, 3, 4), have mass and momentum of a kaon of the beam."""
    window = data.given("kaon mass, low"), data.given("kaon mass, high")
    return within(invariant_mass(momenta), window) & balanced(setting, data, momenta)


def muons_seen(setting: Apparatus, data: DataSet, events: Events) -> Mask:
    """Whether three tracks cross the planes of the card."""
    return crossing(setting, data, MUONS, *_three(events))


def _three(events: Events) -> tuple[Array, Array]:
    """Where pair and pion start, shape (n, 3, 3), and their momenta, shape (n, 3, 4)."""
    place = np.stack([events.place, events.place, events.decays.vertex], axis=1)
    return place, np.concatenate([events.pair, events.pion[:, None]], axis=1)


def two_muons(setting: Apparatus, data: DataSet, events: Events) -> tuple[Array, Mask]:
    """Three tracks with one vertex in the fiducial volume: the farther X flies, the worse they meet."""
    tracks = charged(setting, MUONS, *_three(events), events.points[:, MEASURED])
    z, chi2 = common_vertex(setting, tracks, events.decays.vertex[:, 2])
    good = in_windows(data, tracks) & _kaon(setting, data, tracks.found)
    good &= (chi2 < data.given("vertex chi2")) & within(z, data.volume)
    return _found_mass2(setting, data, events, tracks.found[:, 2], tracks.found[:, :2]), good


def photons_seen(setting: Apparatus, data: DataSet, events: Events) -> Mask:
    """Whether the pion crosses the planes of the card and both photons reach the calorimeter."""
    good = crossing(setting, data, ("pi+",), events.decays.vertex[:, None], events.pion[:, None])
    for k in range(2):
        good &= reach_calorimeter(setting, events.place, events.pair[:, k])
    return good


def two_photons(setting: Apparatus, data: DataSet, events: Events) -> tuple[Array, Mask]:
    """A track and two photons, which are taken to come from the vertex of track and beam.

    The vertex is where they come closest: its error is that of their directions over the angle between them.  Photons
    of a displaced X seem to have too small an angle.
    """
    vertex, parent, points = events.decays.vertex, events.decays.parent, events.points[:, MEASURED]
    track = charged(setting, ("pi+",), vertex[:, None], events.pion[:, None], points)
    before = measured_parent(setting, events.decays, events.points)
    origin, _ = beam_vertex(setting, (vertex, parent, before), (vertex, events.pion, track.found[:, 0]))
    good = in_windows(data, track) & within(origin[:, 2], data.volume)
    wall = setting.experiment.planes[setting.calorimeter.plane].z
    impacts, pair = [_impact(setting, vertex, events.pion, wall)], np.empty_like(events.pair)
    for k in range(2):
        photon, own = events.pair[:, k], points[:, TRACK_AXES + 3 * k : TRACK_AXES + 3 * (k + 1)]
        energy, hit = measured_photon(setting, events.place, photon, own)
        impacts.append(at(events.place, photon, wall))
        good &= energy > data.given("photon energy")
        pair[:, k] = photon_from(origin, energy, hit)
    for one, other in combinations(impacts, 2):
        good &= size(one - other) > data.given("separation")
    good &= _kaon(setting, data, np.concatenate([pair, track.found], axis=1))
    return _found_mass2(setting, data, events, track.found[:, 0], pair), good


def _impact(setting: Apparatus, place: Array, momentum: Array, z: float) -> Array:
    """Where positive particles cross a plane behind the magnet, shape (n, 3)."""
    hit = at(place, momentum, z)
    hit[:, 0] += setting.kick / momentum[:, 2] * (z - np.maximum(setting.bend_place, place[:, 2]))
    return hit


@dataclass(frozen=True)
class Channel:
    """What X decays into: a pair.

    Attributes
    ----------
    body : str
        One of its particles.
    text, ratio : str
        The pair, as text, and the name of the branching ratio of K+ -> pi+ and this pair.
    seen : callable
        Whether all of the decay reaches its detectors.
    select : callable
        Of such events the measured squared mass of the pair [GeV^2], and whether each passes all cuts.
    matrix : callable
        Squared matrix element of K+ -> pi+ and this pair in the Standard Model.
    """

    body: str
    text: str
    ratio: str
    seen: Callable[[Apparatus, DataSet, Events], Mask]
    select: Callable[[Apparatus, DataSet, Events], tuple[Array, Mask]]
    matrix: Callable[[Array], Array]


CHANNELS: Final[Mapping[str, Channel]] = {
    "pi-mumu": Channel("mu-", "mu+ mu-", "pi+ mu+ mu-", muons_seen, two_muons, rare.lepton_pair),
    "pi-gammagamma": Channel("gamma", "gamma gamma", "pi+ gamma gamma", photons_seen, two_photons, rare.photon_pair),
}
"""By the name of the search."""


def channel_of(data: DataSet) -> Channel:
    if data.search not in CHANNELS:
        raise DarkdumpError(f"data set {data.name} is one of {data.search}; it must be one of {', '.join(CHANNELS)}")
    return CHANNELS[data.search]


def select(data: DataSet, events: Events) -> tuple[Array, Mask]:
    """Measured squared mass of the pair [GeV^2], and whether each event passes all cuts."""
    channel, found = channel_of(data), np.zeros(len(events.points))
    good = channel.seen(apparatus(), data, events)
    found[good], good[good] = channel.select(apparatus(), data, events.kept(good))
    return found, good
