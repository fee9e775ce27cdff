"""K+ -> pi+ X with X not seen: a peak in the missing mass among the candidates of K+ -> pi+ nu nubar."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.errors import DarkdumpError
from darkdump.kaon import backgrounds, pinunu, standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet, Region
from darkdump.kaon.flight import REST, Decays, cube, fly, mean
from darkdump.kaon.onetrack import OneTrack, one_track, part
from darkdump.kaon.peak import MassScan, Peak, mass_scan
from darkdump.phasespace import two_body

Array = NDArray[np.float64]

POINTS = 2**11
"""Sobol points of each scramble, at each mass."""

FLIGHTS = 400
"""Accepted decays from which the chance to leave is taken."""


@cache
def sample(volume: tuple[float, float], mass: float) -> tuple[Decays, OneTrack]:
    """Simulated K+ -> pi+ X, and what is measured of the pion."""
    points = cube(REST + 2, POINTS)
    rest = two_body(particles.mass("K+"), particles.mass("pi+"), mass, points[:, REST:])
    decays = fly(apparatus(), volume, rest, np.ones(len(points)), points)
    return decays, one_track(apparatus(), decays, points)[0]


def resolution(track: OneTrack, centre: float) -> float:
    """Standard deviation [GeV^2] of the squared missing mass about its true value, of the tracks that are seen."""
    return math.sqrt(float(np.average((track.missing_mass2 - centre) ** 2, weights=track.weight)))


def windows(data: DataSet, centre: float, half: float) -> list[tuple[str, Region]]:
    """The parts of the signal regions within `half` of a squared mass [GeV^2], by the region's name."""
    found = []
    for name, region in data.regions.items():
        low, high = max(region.missing_mass2[0], centre - half), min(region.missing_mass2[1], centre + half)
        if low < high:
            found.append((name, Region((low, high), region.momentum)))
    return found


def peak(sets: Sequence[DataSet], mass: float, window: float) -> Peak | None:
    """What data sets together expect at a mass [GeV]; None where no signal region holds its window's centre.

    Each set is normalised by its published single-event sensitivity for K+ -> pi+ nu nubar, which holds the kaons and
    all efficiencies that do not depend on the missing mass; acceptances of both decays are simulated.

    Parameters
    ----------
    sets : sequence of DataSet
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    """
    accepted, numerical, expected, errors = [], [], 0.0, 0.0
    background: dict[str, tuple[float, float]] = {}
    decays, track = sample((min(data.volume[0] for data in sets), max(data.volume[1] for data in sets)), mass)
    sigma, weights = resolution(track, mass**2), np.zeros(len(track.weight))
    for data in sets:
        if data.sensitivity is None:
            raise DarkdumpError(f"data set {data.name} has no sensitivity: it cannot be searched for a peak")
        inside = windows(data, mass**2, window * sigma)
        if not any(low <= mass**2 <= high for low, high in (r.missing_mass2 for r in data.regions.values())):
            continue
        here = (decays.vertex[:, 2] > data.volume[0]) & (decays.vertex[:, 2] < data.volume[1])
        chosen = sum((track.inside(region) for _, region in inside), weights) * here / here.mean()
        own, error = mean(chosen)
        scale = sum(a for a, _ in pinunu.acceptance(data).values())
        accepted.append(own)
        numerical.append(error / max(own, 1e-300))
        expected += own / (scale * data.sensitivity.value)
        errors += own / (scale * data.sensitivity.value) * data.sensitivity.error / data.sensitivity.value
        for name, (b, db) in _background(data, inside).items():
            known = background.get(name, (0.0, 0.0))
            background[name] = known[0] + b, math.hypot(known[1], db)
    if expected == 0.0:
        return None
    return Peak(
        acceptance=float(np.mean(accepted)),
        error=max(numerical),
        resolution=sigma,
        sensitivity=1.0 / expected,
        sensitivity_error=errors / expected,
        background=background,
        flights=_flights(decays, mass, chosen),
    )


def _background(data: DataSet, inside: list[tuple[str, Region]]) -> dict[str, tuple[float, float]]:
    """Events in windows: K+ -> pi+ nu nubar of the Standard Model by its spectrum, the others flat in their regions."""
    assert data.sensitivity is not None
    kinds, total = pinunu.sample(data.volume)[1], sum(a for a, _ in pinunu.acceptance(data).values())
    rate, error = standard_model.charged()
    shape = sum(part(kinds, region)[0] for _, region in inside) / total / data.sensitivity.value
    found = {"K+ -> pi+ nu nubar": (rate * shape, error * shape)}
    for name, process in data.backgrounds.items():
        share = _share(data, name, inside)
        found[name] = process.value * share, process.error * share
    if not data.backgrounds and data.counting is not None:
        share = _share(data, "", inside)
        found["all"] = data.counting.background * share, data.counting.background_error * share
    return found


def _share(data: DataSet, process: str, inside: list[tuple[str, Region]]) -> float:
    """Part of a background's events that lies in windows: flat within each region."""
    shares = _regional(data, process)
    return sum(shares.get(name, 0.0) * _width(cut) / _width(data.regions[name]) for name, cut in inside)


def _width(region: Region) -> float:
    return region.missing_mass2[1] - region.missing_mass2[0]


@cache
def _regional(data: DataSet, process: str) -> dict[str, float]:
    """Share of a background's events by region: those of the card in proportion to their widths, or simulated."""
    listed = data.backgrounds[process].regions if process in data.backgrounds else ()
    if process in backgrounds.PROCESSES and not listed:
        parts = {name: value for name, (value, _) in backgrounds.expected(data, process).items()}
    else:
        parts = {name: _width(region) for name, region in data.regions.items() if not listed or name in listed}
    whole = sum(parts.values())
    return {name: value / whole for name, value in parts.items()}


def _flights(decays: Decays, mass: float, weight: Array) -> Array:
    """Proper times [m] that X of a mass [GeV] flies until it is behind the last detector, of decays with a weight."""
    last = max(plane.z for plane in apparatus().experiment.planes.values())
    proper: Array = (last - decays.vertex[:, 2]) / decays.daughters[:, 1, 2] * mass
    chosen = np.flatnonzero(weight > 0.0)
    return proper[chosen[:: max(len(chosen) // FLIGHTS, 1)]][:FLIGHTS]


def scan(sets: Sequence[DataSet], masses: Array, window: float = 1.5, confidence_level: float = 0.9) -> MassScan:
    """Limits on the branching ratio of K+ -> pi+ X against the mass of X [GeV].

    Parameters
    ----------
    sets : sequence of DataSet
        Of K+ -> pi+ nu nubar.
    masses : ndarray, shape (m,)
        Of which those outside of the signal regions are left out.
    window : float
        Half-width of the window in units of the resolution.
    confidence_level : float
    """
    found = [(mass, peak(sets, float(mass), window)) for mass in masses]
    kept = [(mass, one) for mass, one in found if one is not None]
    return mass_scan(
        "BR(K+ -> pi+ X)", np.array([m for m, _ in kept]), [one for _, one in kept], None, confidence_level
    )
