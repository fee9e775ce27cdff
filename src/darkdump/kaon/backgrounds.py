"""Backgrounds of K+ -> pi+ nu nubar that resolution and vetoes let into the signal regions, from simulated decays."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np

from darkdump import particles
from darkdump.kaon import matrix_elements, pinunu
from darkdump.kaon.apparatus import Apparatus, apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.dataset_parts import Cut
from darkdump.kaon.flight import REST, Decays, fly, fly_to_two, seen
from darkdump.kaon.fourvectors import size
from darkdump.kaon.l_nu_gamma import AXES, bremsstrahlung
from darkdump.kaon.onetrack import OneTrack, inside, one_track
from darkdump.kaon.pdg import Process, branching_ratio
from darkdump.kaon.photons import blindness, pion_blindness
from darkdump.kaon.sampling import cube, mean
from darkdump.kaon.tails import radiative
from darkdump.kaon.types import Array, Estimate, Indices
from darkdump.phasespace import chained

Simulation = Callable[[Cut], dict[str, Estimate]]
"""From volume and regions to the part of a decay that is taken for the signal, by region."""

POINTS = 2**12
"""Sobol points of each scramble."""

TURNS = 8
"""Decays of each pi0 that is looked at: those with a lost photon are rare and heavy."""

BIN = 5.0
"""Width of the bins of the pion's momentum in which the loss of a pi0 is averaged [GeV]."""


def _in_regions(cut: Cut, kinds: list[OneTrack], chance: Callable[[Indices], Array]) -> dict[str, Estimate]:
    """Part of all decays that is measured in each region and not vetoed; `chance` of that for some of the decays."""
    measured = {name: inside(kinds, region) for name, region in cut.regions}
    used = np.flatnonzero(np.sum(list(measured.values()), axis=0))
    factor = np.zeros(len(kinds[0].weight))
    factor[used] = chance(used)
    return {name: mean(weight * factor) for name, weight in measured.items()}


def _blind_pion(decays: Decays, points: Array, some: Indices) -> Array:
    """Chance that neither photon of the pi0, the second daughter, is seen."""
    return pion_blindness(apparatus(), decays.vertex[some], decays.daughters[some, 1], points[some], TURNS)


def two_body_tracks(cut: Cut, charged: str, other: float) -> tuple[Array, Decays, list[OneTrack]]:
    """K+ -> charged X with tails: the points they are made from, the decays, and what is measured as a pion.

    Parameters
    ----------
    cut : Cut
    charged : str
        Name in the `particle` library.
    other : float
        Mass of X [GeV].
    """
    points = cube(REST + 4, POINTS)
    decays = fly_to_two(apparatus(), cut.fiducial.volume, charged, other, points)
    return points, decays, one_track(apparatus(), cut.fiducial, decays, points, tails=True)


def pion_pion(cut: Cut) -> dict[str, Estimate]:
    """K+ -> pi+ pi0, the photons not seen, by region: part of these decays.

    Scatters of the pion and losses of photons depend on each other by the pion's momentum alone: a rare loss need not
    meet a rare scatter in the simulation.
    """
    points, decays, kinds = two_body_tracks(cut, "pi+", particles.mass("pi0"))
    accepted = np.flatnonzero(sum((kind.weight for kind in kinds), np.zeros(len(points))))
    bins = (size(decays.daughters[:, 0]) / BIN).astype(np.intp)
    own, blind = bins[accepted], _blind_pion(decays, points[:, REST + 2 :], accepted)
    number, total = np.bincount(own, minlength=bins.max() + 1), np.bincount(own, blind, bins.max() + 1)
    by_momentum = total / np.maximum(number, 1)
    return _in_regions(cut, kinds, lambda some: by_momentum[bins[some]])


def pion_pion_photon(cut: Cut) -> dict[str, Estimate]:
    """K+ -> pi+ pi0 gamma by inner bremsstrahlung, no photon seen: over decays without the photon."""
    points = cube(REST + 7, POINTS)
    rest, weight = radiative("pi+", particles.mass("pi0"), points[:, REST:])
    decays, rate = fly(apparatus(), cut.fiducial.volume, rest, points, weight), float(weight.mean())

    def blind(some: Indices) -> Array:
        own = blindness(apparatus(), decays.vertex[some], decays.daughters[some, 2])
        return rate * own * _blind_pion(decays, points[:, REST + 5 :], some)

    return _in_regions(cut, one_track(apparatus(), cut.fiducial, decays, points), blind)


def muon_neutrino(cut: Cut) -> dict[str, Estimate]:
    """K+ -> mu+ nu with the muon taken for a pion: over these decays."""
    _, _, kinds = two_body_tracks(cut, "mu+", 0.0)
    taken = apparatus().misidentification["muon for pion"]
    return _in_regions(cut, kinds, lambda some: np.full(len(some), taken))


def muon_neutrino_photon(cut: Cut) -> dict[str, Estimate]:
    """K+ -> mu+ nu gamma by inner bremsstrahlung, the muon taken for a pion, the photon not seen: as above."""
    points = cube(REST + AXES, POINTS)
    rest, weight = bremsstrahlung("K+", "mu+", points[:, REST:])
    decays = fly(apparatus(), cut.fiducial.volume, rest, points, weight)
    taken = float(weight.mean()) * apparatus().misidentification["muon for pion"]
    kinds = one_track(apparatus(), cut.fiducial, decays, points)
    return _in_regions(
        cut, kinds, lambda some: taken * blindness(apparatus(), decays.vertex[some], decays.daughters[some, 1])
    )


def three_pion_tracks(cut: Cut) -> tuple[Decays, list[OneTrack]]:
    """K+ -> pi+ pi+ pi- with tails, and what is measured of the first pi+."""
    points, pions = cube(REST + 5, POINTS), [particles.mass("pi+")] * 3
    rest, weight = chained(particles.mass("K+"), pions, points[:, REST:], matrix_elements.three_pions)
    decays = fly(apparatus(), cut.fiducial.volume, rest, points, weight)
    return decays, one_track(apparatus(), cut.fiducial, decays, points, tails=True)


def three_pions(cut: Cut) -> dict[str, Estimate]:
    """K+ -> pi+ pi+ pi- of which one pi+ is seen and nothing of the others: over these decays."""
    decays, kinds = three_pion_tracks(cut)

    def lost(some: Indices) -> Array:
        place, pions = decays.vertex[some], decays.daughters[some]
        return 2.0 * unseen(apparatus(), place, pions[:, 1], 1) * unseen(apparatus(), place, pions[:, 2], -1)

    return _in_regions(cut, kinds, lost)


def unseen(setting: Apparatus, place: Array, momentum: Array, charge: int) -> Array:
    """One where a charged particle hits no plane of the spectrometer and no veto, zero elsewhere."""
    found = np.ones(len(place), dtype=bool)
    for name in setting.planes:
        found &= ~seen(setting, place, momentum, charge, (name,))
    found &= seen(setting, place, momentum, charge, ())
    return found.astype(np.float64)


PROCESSES: Final[Mapping[str, Process[Simulation]]] = {
    "K+ -> pi+ pi0": Process("pi+ pi0", (pion_pion, pion_pion_photon)),
    "K+ -> mu+ nu": Process("mu+ nu", (muon_neutrino, muon_neutrino_photon)),
    "K+ -> pi+ pi+ pi-": Process("pi+ pi+ pi-", (three_pions,)),
}
"""Backgrounds of the resolution, by the names of the cards."""


@cache
def _part(simulated: Simulation, cut: Cut) -> dict[str, Estimate]:
    """A simulated part of a background, the same for all data sets of one selection."""
    return simulated(cut)


def expected(data: DataSet, process: str) -> dict[str, Estimate]:
    """Expected events of a simulated background, by region.

    They are counted against the signal: the published single-event sensitivity fixes kaons, trigger and all that pions
    of signal and background share, so that b = (A_b / A_s) BR_b / SES.

    Parameters
    ----------
    data : DataSet
    process : str
        Key of `PROCESSES`.
    """
    if data.sensitivity is None:
        return {}
    chosen, signal = PROCESSES[process], pinunu.accepted(data)
    scale = branching_ratio(chosen.ratio) / (data.sensitivity.value * signal)
    found = [_part(one, data.cut) for one in chosen.parts]
    return {
        name: (scale * sum(f[name][0] for f in found), scale * float(np.hypot.reduce([f[name][1] for f in found])))
        for name in data.regions
    }
