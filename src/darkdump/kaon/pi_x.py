"""K+ -> pi+ X with X not seen: a peak in the missing mass among the candidates of K+ -> pi+ nu nubar."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from darkdump import particles
from darkdump.errors import DarkdumpError
from darkdump.kaon import backgrounds, pinunu, standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import require_accepted
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.dataset_parts import Fiducial, Region
from darkdump.kaon.flight import REST, Decays, beam, proper_flights
from darkdump.kaon.onetrack import OneTrack, one_track, part
from darkdump.kaon.peak import MassScan, Peak, scan_masses
from darkdump.kaon.sampling import cube, mean, rms, within
from darkdump.kaon.types import Array, Estimate, Pair
from darkdump.phasespace import two_body

POINTS = 2**11
"""Sobol points of each scramble, at each mass."""


@cache
def _kaons(volume: Pair) -> Decays:
    """Kaons that decay in a volume, the same for all masses."""
    return beam(apparatus(), volume, cube(REST + 2, POINTS))


def sample(fiducial: Fiducial, mass: float) -> tuple[Decays, OneTrack]:
    """Simulated K+ -> pi+ X, and what is measured of the pion."""
    points = cube(REST + 2, POINTS)
    decays = _kaons(fiducial.volume).to(two_body(particles.mass("K+"), particles.mass("pi+"), mass, points[:, REST:]))
    return decays, one_track(apparatus(), fiducial, decays, points)[0]


def _around(sets: Sequence[DataSet]) -> Fiducial:
    """What holds the fiducial volumes of all sets; the distance is the largest of them."""
    front, end = min(data.volume[0] for data in sets), max(data.volume[1] for data in sets)
    return Fiducial((front, end), max(data.fiducial.distance for data in sets))


def windows(data: DataSet, centre: float, half: float) -> list[tuple[str, Region]]:
    """The parts of the signal regions within `half` of a squared mass [GeV^2], by the region's name."""
    found = []
    for name, region in data.regions.items():
        low, high = max(region.missing_mass2[0], centre - half), min(region.missing_mass2[1], centre + half)
        if low < high:
            found.append((name, Region((low, high), region.momentum)))
    return found


def peak(sets: Sequence[DataSet], mass: float, window: float) -> Peak | None:
    """What data sets together expect at a mass [GeV]; None where no signal region holds its window's centre, or kaons
    do not decay to it.

    Each set is normalised by its published single-event sensitivity for K+ -> pi+ nu nubar, which holds the kaons and
    all efficiencies that do not depend on the missing mass; acceptances of both decays are simulated.

    Parameters
    ----------
    sets : sequence of DataSet
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    """
    if mass >= particles.mass("K+") - particles.mass("pi+"):
        return None
    accepted, numerical, expected, errors, anywhere = [], [], 0.0, 0.0, np.zeros(0)
    background: dict[str, Estimate] = {}
    decays, track = sample(_around(sets), mass)
    if not track.weight.any():
        return None
    sigma = rms(track.missing_mass2, mass**2, track.weight)
    for data in sets:
        if data.sensitivity is None:
            raise DarkdumpError(f"data set {data.name} has no sensitivity: it cannot be searched for a peak")
        inside = windows(data, mass**2, window * sigma)
        if not any(low <= mass**2 <= high for low, high in (r.missing_mass2 for r in data.regions.values())):
            continue
        here = within(decays.vertex[:, 2], data.volume)
        chosen = np.sum([track.inside(region) for _, region in inside], axis=0) * here / here.mean()
        own, error = mean(chosen)
        anywhere = anywhere + chosen if anywhere.size else chosen
        events = own / (require_accepted(data, pinunu.accepted(data)) * data.sensitivity.value)
        accepted.append(own)
        numerical.append(error / max(own, 1e-300))
        expected += events
        errors += events * data.sensitivity.relative_error
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
        flights=proper_flights(apparatus(), decays.vertex, decays.daughters[:, 1], mass, np.flatnonzero(anywhere)),
    )


def _background(data: DataSet, inside: list[tuple[str, Region]]) -> dict[str, Estimate]:
    """Events in windows: K+ -> pi+ nu nubar of the Standard Model by its spectrum, the others flat in their regions."""
    assert data.sensitivity is not None
    kinds, total = pinunu.sample(data.fiducial)[1], pinunu.accepted(data)
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
    """Share of a background's events by region: those of the card in proportion to their widths, or simulated.

    A process of which no simulated decay is selected has no shape of its own: then the widths count as well.
    """
    listed = data.backgrounds[process].regions if process in data.backgrounds else ()
    parts: dict[str, float] = {}
    if process in backgrounds.PROCESSES and not listed:
        parts = {name: value for name, (value, _) in backgrounds.expected(data, process).items()}
    if not sum(parts.values()) > 0.0:
        parts = {name: _width(region) for name, region in data.regions.items() if not listed or name in listed}
    whole = sum(parts.values())
    return {name: value / whole for name, value in parts.items()}


def scan(
    sets: Sequence[DataSet], masses: Array, window: float | None = None, confidence_level: float = 0.9
) -> MassScan:
    """Limits on the branching ratio of K+ -> pi+ X against the mass of X [GeV].

    Parameters
    ----------
    sets : sequence of DataSet
        Of K+ -> pi+ nu nubar.
    masses : ndarray, shape (m,)
        Of which those outside of the signal regions are left out.
    window : float, optional
        Half-width of the window in units of the resolution; that of the first card if not given.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If no mass is left, or a card has no sensitivity.
    """
    half = sets[0].scanned.window if window is None else window
    return scan_masses("BR(K+ -> pi+ X)", masses, lambda mass: peak(sets, mass, half), confidence_level)
