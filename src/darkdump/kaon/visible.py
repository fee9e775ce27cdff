"""K+ -> pi+ X with X -> mu+ mu- or gamma gamma: a peak among decays of the Standard Model, X prompt or displaced."""

import math
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from darkdump import particles
from darkdump.errors import DarkdumpError
from darkdump.kaon import pdg
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import require_accepted
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, Decays, beam, fly
from darkdump.kaon.peak import MassScan, Peak, scan_masses
from darkdump.kaon.sampling import cube, mean, rms
from darkdump.kaon.types import Array, Estimate, Mask, Pair
from darkdump.kaon.visible_selection import AXES, FLOWN, Events, channel_of, select
from darkdump.phasespace import boosted, chained, two_body

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


@cache
def spectrum(data: DataSet) -> tuple[Array, Array]:
    """Decays of the Standard Model: measured squared mass of the pair [GeV^2], and weight, on average the part of all
    decays that passes all cuts."""
    channel, points = channel_of(data), cube(AXES, SPECTRUM_POINTS)
    body = particles.mass(channel.body)
    masses = [body, body, particles.mass("pi+")]
    rest, weight = chained(particles.mass("K+"), masses, points[:, REST : REST + 5], channel.matrix)
    decays = fly(apparatus(), data.volume, rest, points, weight)
    found, good = select(data, Events(decays, decays.vertex, decays.daughters[:, :2], points))
    return found, np.where(good, decays.weight, 0.0)


@cache
def _kaons(volume: Pair) -> Decays:
    """Kaons that decay in a volume, the same for all masses."""
    return beam(apparatus(), volume, cube(AXES, POINTS))


def prompt(volume: Pair, mass: float, body: str) -> Events:
    """K+ -> X pi+ with X decaying at once to a body and its antiparticle."""
    points, own = cube(AXES, POINTS), particles.mass(body)
    rest = two_body(particles.mass("K+"), particles.mass("pi+"), mass, points[:, REST:])
    decays = _kaons(volume).to(rest[:, ::-1])
    pair = boosted(two_body(mass, own, own, points[:, REST + 2 :]), decays.daughters[:, 0])
    return Events(decays, decays.vertex, pair, points)


def displaced(events: Events, proper: Array, mass: float) -> Events:
    """The same with X decaying after proper times [m]."""
    place = events.decays.vertex + events.decays.daughters[:, 0, :3] * (proper / mass)[:, None]
    return replace(events, place=place)


@cache
def normalisation(data: DataSet) -> Estimate:
    """Decays times efficiencies that are not simulated, and its relative error.

    The candidates of the same decay of the Standard Model fix it: N = decays x efficiencies x BR x acceptance.
    """
    known, candidates = channel_of(data).ratio, data.given("candidates")
    found, weight = spectrum(data)
    accepted = mean(np.where(found > data.given("candidates above") ** 2, weight, 0.0))[0]
    require_accepted(data, accepted)
    error = math.hypot(data.inputs["candidates"].relative_error, pdg.relative_error(known))
    return candidates / (pdg.branching_ratio(known) * accepted), error


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
    body = channel_of(data).body
    if not 2.0 * particles.mass(body) < mass < particles.mass("K+") - particles.mass("pi+"):
        return None
    events = prompt(data.volume, mass, body)
    found, good = select(data, events)
    if not good.any():
        return None
    sigma = rms(found[good], mass**2)
    half = window * sigma
    inside = good & (np.abs(found - mass**2) < half)
    accepted, numerical = mean(inside)
    if accepted == 0.0:
        return None
    edges, late = _late(data, events, mass, half, inside)
    scale, error = normalisation(data)
    return VisiblePeak(
        acceptance=accepted,
        error=numerical / accepted,
        resolution=sigma,
        sensitivity=1.0 / (scale * accepted),
        sensitivity_error=error,
        background=_background(data, mass, half),
        edges=edges,
        late=late,
    )


def _late(data: DataSet, events: Events, mass: float, half: float, at_once: Mask) -> tuple[Array, Array]:
    """Proper times [m], and the acceptance of X that decays between two of them over that of prompt ones.

    The events are spread evenly over the logarithm of the time; within each of `STEPS` they count evenly in time.  The
    same events decaying at once stand below, so that what both have in common cancels.
    """
    edges = np.geomspace(*FLIGHT, STEPS + 1) * mass / REFERENCE
    step = (STEPS * events.points[:, FLOWN]).astype(np.int64)
    proper = edges[0] * (edges[-1] / edges[0]) ** events.points[:, FLOWN]
    found, good = select(data, displaced(events, proper, mass))
    good &= np.abs(found - mass**2) < half
    late, first = (np.bincount(step, one * proper, STEPS) for one in (good, at_once))
    return np.concatenate([[0.0], edges]), np.concatenate([[1.0], late / np.maximum(first, edges[0])])


def _background(data: DataSet, mass: float, half: float) -> dict[str, Estimate]:
    """Events in a window: the Standard Model's decay by its spectrum and the candidates, the others evenly in mass."""
    found, weight = spectrum(data)
    known, candidates = channel_of(data).ratio, data.inputs["candidates"]
    scale = normalisation(data)[0] * pdg.branching_ratio(known)
    expected = scale * mean(np.where(np.abs(found - mass**2) < half, weight, 0.0))[0]
    events = {f"K+ -> {known}": (expected, expected * candidates.relative_error)}
    low, high = data.scanned.range
    ends = math.sqrt(max(mass**2 - half, low**2)), math.sqrt(min(mass**2 + half, high**2))
    share = max(ends[1] - ends[0], 0.0) / (high - low)
    return events | {name: (one.value * share, one.error * share) for name, one in data.backgrounds.items()}


def scan(data: DataSet, masses: Array, window: float | None = None, confidence_level: float = 0.9) -> MassScan:
    """Limits on BR(K+ -> pi+ X) BR(X -> pair) against the mass of X [GeV], for prompt X.

    Divided by `chance` they are those for an X that lives.

    Parameters
    ----------
    data : DataSet
        Of a search of `CHANNELS`.
    masses : ndarray, shape (m,)
        Of which those where nothing is accepted are left out.
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if not given.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If the data set is one of another search, no mass is left, or the card lacks a number.
    """
    parameter = f"BR(K+ -> pi+ X) BR(X -> {channel_of(data).text})"
    half = data.scanned.window if window is None else window
    return scan_masses(parameter, masses, lambda mass: peak(data, mass, half), confidence_level)


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

    Raises
    ------
    DarkdumpError
        If the scan is one of another search.
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
