"""K+ -> pi+ X with X -> mu+ mu- or gamma gamma: a peak among decays of the Standard Model, X prompt or displaced."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.errors import CardError, DarkdumpError
from darkdump.kaon import rare
from darkdump.kaon.alltracks import TRACK_AXES, balanced, charged, common_vertex, crossing, in_windows, mass
from darkdump.kaon.apparatus import Apparatus, apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import PARENT, REST, Decays, cube, fly, mean, measured, missing_mass2
from darkdump.kaon.peak import MassScan, Peak, mass_scan
from darkdump.kaon.photons import met
from darkdump.phasespace import boosted, chained, two_body

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

POINTS = 2**11
"""Sobol points of each scramble, at each mass, of prompt decays and of displaced ones."""

SPECTRUM_POINTS = 2**14
"""Sobol points of each scramble of the decays without X."""

FLIGHT = (0.1, 300.0)
"""Flights [m] at `REFERENCE` between which displaced decays are simulated: a shorter one is seen as none."""

REFERENCE = 40.0
"""Momentum [GeV] at which `FLIGHT` is the flight."""

STEPS = 24
"""Steps of the flight, even in its logarithm."""

FLOWN = REST + 5 + 3 * TRACK_AXES
"""Axis of the unit cube for the flight, behind what is left of the decay and the measurement of three bodies."""

AXES = FLOWN + 1


@dataclass(frozen=True)
class VisiblePeak(Peak):
    """What is expected at one mass, prompt, and how it falls with the flight.

    Attributes
    ----------
    edges : ndarray, shape (k + 1,)
        Proper times [m], the first of them zero.
    late : ndarray, shape (k,)
        Acceptance of particles that decay between two of these, over that of prompt ones.
    """

    edges: Array = field(default_factory=lambda: np.array([0.0, math.inf]))
    late: Array = field(default_factory=lambda: np.ones(1))


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
        own = self.decays
        decays = Decays(own.parent[good], own.vertex[good], own.daughters[good], own.weight[good])
        return Events(decays, self.place[good], self.pair[good], self.points[good])


def _found_mass2(setting: Apparatus, data: DataSet, events: Events, pion: Array, pair: Array) -> Array:
    """Squared mass of the pair from that of which the card says so."""
    if data.masses is None:
        raise CardError(f"{data.name}: masses is missing; it must be a table")
    if data.masses.measured == "seen":
        return mass(pair) ** 2
    before = measured(setting.beam_tracker, events.decays.parent, particles.mass("K+"), events.points[:, PARENT])
    return missing_mass2(before, pion)


def _kaon(data: DataSet, momenta: Array) -> Mask:
    """Whether measured momenta have the kaon's mass."""
    found = mass(momenta)
    good: Mask = (found > data.given("kaon mass, low")) & (found < data.given("kaon mass, high"))
    return good


def muons_seen(setting: Apparatus, data: DataSet, events: Events) -> Mask:
    """Whether three tracks cross the planes of the card."""
    return crossing(setting, data, MUONS, *_three(events))


MUONS: Final = ("mu+", "mu-", "pi+")


def _three(events: Events) -> tuple[Array, Array]:
    """Where pair and pion start, shape (n, 3, 3), and their momenta, shape (n, 3, 4)."""
    place = np.stack([events.place, events.place, events.decays.vertex], axis=1)
    return place, np.concatenate([events.pair, events.pion[:, None]], axis=1)


def two_muons(setting: Apparatus, data: DataSet, events: Events) -> tuple[Array, Mask]:
    """Three tracks with one vertex in the fiducial volume: the farther X flies, the worse they meet."""
    tracks = charged(setting, MUONS, *_three(events), events.points[:, REST + 5 : FLOWN])
    z, chi2 = common_vertex(setting, tracks, events.decays.vertex[:, 2])
    good = in_windows(data, tracks) & balanced(setting, data, tracks.found) & _kaon(data, tracks.found)
    good &= (chi2 < data.given("vertex chi2")) & (z > data.volume[0]) & (z < data.volume[1])
    return _found_mass2(setting, data, events, tracks.found[:, 2], tracks.found[:, :2]), good


def photons_seen(setting: Apparatus, data: DataSet, events: Events) -> Mask:
    """Whether the pion crosses the planes of the card and both photons reach the calorimeter."""
    good = crossing(setting, data, ("pi+",), events.decays.vertex[:, None], events.pion[:, None])
    index = [detector.name for detector in setting.photon_detectors].index(setting.calorimeter.plane)
    wall = setting.experiment.planes[setting.calorimeter.plane]
    for k in range(2):
        good &= met(setting, events.place, events.pair[:, k]) == index
        good &= (_straight(events.place, events.pair[:, k], wall.z) ** 2).sum(axis=1) > wall.hole_radius**2
    return good


def two_photons(setting: Apparatus, data: DataSet, events: Events) -> tuple[Array, Mask]:
    """A track and two photons, which are taken to come from the vertex of track and beam.

    The vertex is where they come closest: its error is that of their directions over the angle between them.  Photons
    of a displaced X seem to have too small an angle.
    """
    from scipy.special import ndtri

    vertex, calorimeter = events.decays.vertex, setting.calorimeter
    track = charged(setting, ("pi+",), vertex[:, None], events.pion[:, None], events.points[:, REST + 5 : FLOWN])
    origin = _beam_vertex(setting, events, track.found[:, 0])
    wall = setting.experiment.planes[calorimeter.plane]
    normal = ndtri(events.points[:, REST + 5 + TRACK_AXES : FLOWN])
    good = in_windows(data, track) & (origin[:, 2] > data.volume[0]) & (origin[:, 2] < data.volume[1])
    impacts, found = [_impact(setting, vertex, events.pion, wall.z)], []
    for k in range(2):
        photon, own = events.pair[:, k], normal[:, 3 * k : 3 * (k + 1)]
        impacts.append(_straight(events.place, photon, wall.z))
        energy = photon[:, 3] * (1.0 + calorimeter.energy_error(photon[:, 3]) * own[:, 0])
        good &= energy > data.given("photon energy")
        hit = impacts[-1] + calorimeter.place * own[:, 1:]
        ray = np.column_stack([hit, np.full(len(hit), wall.z)]) - origin
        way = ray / np.sqrt((ray**2).sum(axis=1))[:, None]
        found.append(np.column_stack([energy[:, None] * way, energy]))
    for one, other in combinations(impacts, 2):
        good &= ((one - other) ** 2).sum(axis=1) > data.given("separation") ** 2
    pair = np.stack(found, axis=1)
    momenta = np.concatenate([pair, track.found], axis=1)
    good &= balanced(setting, data, momenta) & _kaon(data, momenta)
    return _found_mass2(setting, data, events, track.found[:, 0], pair), good


def _straight(place: Array, momentum: Array, z: float) -> Array:
    """Where straight flights cross a plane, shape (n, 2)."""
    hit: Array = place[:, :2] + momentum[:, :2] / momentum[:, 2:3] * (z - place[:, 2])[:, None]
    return hit


def _beam_vertex(setting: Apparatus, events: Events, pion: Array) -> Array:
    """Where track and beam seem to come closest [m], shape (n, 3): the true vertex, moved along the beam.

    The track is known where it enters the spectrometer, the beam where it leaves its tracker; errors of the directions
    move both at the vertex.
    """
    vertex, parent = events.decays.vertex, events.decays.parent
    before = measured(setting.beam_tracker, parent, particles.mass("K+"), events.points[:, PARENT])
    front = min(setting.experiment.planes[name].z for name in setting.planes)
    own, beam = pion[:, :2] / pion[:, 2:3], before[:, :2] / before[:, 2:3]
    apart = (own - events.pion[:, :2] / events.pion[:, 2:3]) * (vertex[:, 2] - front)[:, None]
    apart -= (beam - parent[:, :2] / parent[:, 2:3]) * (vertex[:, 2] - setting.beam.start[2])[:, None]
    angle = own - beam
    step = -(apart * angle).sum(axis=1) / np.maximum((angle**2).sum(axis=1), 1e-300)
    found: Array = vertex + np.column_stack([beam, np.ones(len(beam))]) * step[:, None]
    return found


def _impact(setting: Apparatus, place: Array, momentum: Array, z: float) -> Array:
    """Where positive particles cross a plane behind the magnet, shape (n, 2)."""
    hit = _straight(place, momentum, z)
    hit[:, 0] += setting.kick / momentum[:, 2] * (z - np.maximum(setting.bend_place, place[:, 2]))
    return hit


@dataclass(frozen=True)
class Pair:
    """A pair that X decays into.

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


PAIRS: Final[Mapping[str, Pair]] = {
    "pi-mumu": Pair("mu-", "mu+ mu-", "pi+ mu+ mu-", muons_seen, two_muons, rare.lepton_pair),
    "pi-gammagamma": Pair("gamma", "gamma gamma", "pi+ gamma gamma", photons_seen, two_photons, rare.photon_pair),
}
"""By the name of the search."""


def _pair(data: DataSet) -> Pair:
    if data.search not in PAIRS:
        raise DarkdumpError(f"data set {data.name} is one of {data.search}; it must be one of {', '.join(PAIRS)}")
    return PAIRS[data.search]


def select(data: DataSet, events: Events) -> tuple[Array, Mask]:
    """Measured squared mass of the pair [GeV^2], and whether each event passes all cuts."""
    pair, found = _pair(data), np.zeros(len(events.points))
    good = pair.seen(apparatus(), data, events)
    found[good], good[good] = pair.select(apparatus(), data, events.kept(good))
    return found, good


@cache
def spectrum(data: DataSet) -> tuple[Array, Array]:
    """Decays of the Standard Model: measured squared mass of the pair [GeV^2], and weight, on average the part of all
    decays that passes all cuts."""
    pair, points = _pair(data), cube(AXES, SPECTRUM_POINTS)
    body = particles.mass(pair.body)
    masses = [body, body, particles.mass("pi+")]
    rest, weight = chained(particles.mass("K+"), masses, points[:, REST : REST + 5], pair.matrix)
    decays = fly(apparatus(), data.volume, rest, weight, points)
    found, good = select(data, Events(decays, decays.vertex, decays.daughters[:, :2], points))
    return found, np.where(good, decays.weight, 0.0)


@cache
def _flying(volume: tuple[float, float], mass: float, body: str) -> Events:
    """K+ -> X pi+ with X decaying at once."""
    points, own = cube(AXES, POINTS), particles.mass(body)
    rest = two_body(particles.mass("K+"), particles.mass("pi+"), mass, points[:, REST:])[:, ::-1]
    decays = fly(apparatus(), volume, rest, np.ones(len(points)), points)
    pair = boosted(two_body(mass, own, own, points[:, REST + 2 :]), decays.daughters[:, 0])
    return Events(decays, decays.vertex, pair, points)


def _displaced(events: Events, proper: Array, mass: float) -> Events:
    """The same with X decaying after proper times [m]."""
    place = events.decays.vertex + events.decays.daughters[:, 0, :3] * (proper / mass)[:, None]
    return replace(events, place=place)


@cache
def normalisation(data: DataSet) -> tuple[float, float]:
    """Decays times efficiencies that are not simulated, and its relative error.

    The candidates of the same decay of the Standard Model fix it: N = decays x efficiencies x BR x acceptance.
    """
    pair = _pair(data)
    if "candidates" not in data.inputs:
        raise CardError(f"{data.name}: inputs.candidates is missing; it must be a table with value, error and source")
    candidates, known = data.inputs["candidates"], tables.data_toml("kaon", "branching_ratios.toml")[pair.ratio]
    found, weight = spectrum(data)
    accepted = mean(np.where(found > data.given("candidates above") ** 2, weight, 0.0))[0]
    error = math.hypot(candidates.error / candidates.value, known["error"] / known["value"])
    return candidates.value / (known["value"] * accepted), error


def implied_efficiency(data: DataSet) -> float:
    """Efficiency of all that is not simulated: `normalisation` over the card's decays; NaN without them."""
    return math.nan if data.decays is None else normalisation(data)[0] / data.decays.value


def peak(data: DataSet, mass: float, window: float) -> VisiblePeak | None:
    """What is expected at a mass [GeV]; None where nothing is accepted.

    Parameters
    ----------
    data : DataSet
        With masses.
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    """
    pair = _pair(data)
    if not 2.0 * particles.mass(pair.body) < mass < particles.mass("K+") - particles.mass("pi+"):
        return None
    events = _flying(data.volume, mass, pair.body)
    found, good = select(data, events)
    if not good.any():
        return None
    sigma = math.sqrt(float(((found[good] - mass**2) ** 2).mean()))
    half = window * sigma
    inside = good & (np.abs(found - mass**2) < half)
    prompt, numerical = mean(inside.astype(np.float64))
    if prompt == 0.0:
        return None
    edges, late = _late(data, events, mass, half, inside)
    scale, error = normalisation(data)
    return VisiblePeak(
        acceptance=prompt,
        error=numerical / prompt,
        resolution=sigma,
        sensitivity=1.0 / (scale * prompt),
        sensitivity_error=error,
        background=_background(data, mass, half),
        edges=edges,
        late=late,
    )


def _late(data: DataSet, events: Events, mass: float, half: float, prompt: Mask) -> tuple[Array, Array]:
    """Proper times [m], and the acceptance of X that decays between two of them over that of prompt ones.

    The events are spread evenly over the logarithm of the time; within each of `STEPS` they count evenly in time.  The
    same events decaying at once stand below, so that what both have in common cancels.
    """
    edges = np.geomspace(*FLIGHT, STEPS + 1) * mass / REFERENCE
    step = (STEPS * events.points[:, FLOWN]).astype(np.int64)
    proper = edges[0] * (edges[-1] / edges[0]) ** events.points[:, FLOWN]
    found, good = select(data, _displaced(events, proper, mass))
    good &= np.abs(found - mass**2) < half
    late, first = (np.bincount(step, one * proper, STEPS) for one in (good, prompt))
    return np.concatenate([[0.0], edges]), np.concatenate([[1.0], late / np.maximum(first, edges[0])])


def _background(data: DataSet, mass: float, half: float) -> dict[str, tuple[float, float]]:
    """Events in a window: the Standard Model's decay by its spectrum and the candidates, the others evenly in mass."""
    assert data.masses is not None
    found, weight = spectrum(data)
    pair, candidates = _pair(data), data.inputs["candidates"]
    scale = normalisation(data)[0] * tables.data_toml("kaon", "branching_ratios.toml")[pair.ratio]["value"]
    expected = scale * mean(np.where(np.abs(found - mass**2) < half, weight, 0.0))[0]
    events = {f"K+ -> {pair.ratio}": (expected, expected * candidates.error / candidates.value)}
    low, high = data.masses.range
    ends = math.sqrt(max(mass**2 - half, low**2)), math.sqrt(min(mass**2 + half, high**2))
    share = max(ends[1] - ends[0], 0.0) / (high - low)
    return events | {name: (one.value * share, one.error * share) for name, one in data.backgrounds.items()}


def scan(data: DataSet, masses: Array, window: float = 1.5, confidence_level: float = 0.9) -> MassScan:
    """Limits on BR(K+ -> pi+ X) BR(X -> pair) against the mass of X [GeV], for prompt X.

    Divided by `chance` they are those for an X that lives.

    Parameters
    ----------
    data : DataSet
        Of a search of `PAIRS`.
    masses : ndarray, shape (m,)
        Of which those where nothing is accepted are left out.
    window : float
        Half-width of the window in units of the resolution.
    confidence_level : float
    """
    found = [(float(one), peak(data, float(one), window)) for one in masses]
    kept: list[tuple[float, Peak]] = [(one, expected) for one, expected in found if expected is not None]
    parameter = f"BR(K+ -> pi+ X) BR(X -> {_pair(data).text})"
    return mass_scan(parameter, np.array([m for m, _ in kept]), [p for _, p in kept], None, confidence_level)


def chance(scan: MassScan, ctau: Array) -> Array:
    """Acceptance for a lifetime over that for prompt decays.

    Parameters
    ----------
    scan : MassScan
        From `scan`.
    ctau : ndarray, shape (m, c)
        Proper lifetimes [m] at each mass.

    Returns
    -------
    ndarray, shape (m, c)
        One for ctau to zero; as 1 / ctau where it is long.
    """
    found = np.empty(np.shape(ctau))
    for row, one, times in zip(found, scan.peaks, np.asarray(ctau, dtype=float), strict=True):
        if not isinstance(one, VisiblePeak):
            raise DarkdumpError("the chance to be seen needs a scan from darkdump.kaon.visible.scan")
        with np.errstate(divide="ignore"):
            rate = 1.0 / times[:, None]
        begin = one.edges[:-1]
        survived = np.exp(-begin * np.where(begin > 0.0, rate, 0.0))
        row[:] = (survived * -np.expm1(-np.diff(one.edges) * rate)) @ one.late
    return found
