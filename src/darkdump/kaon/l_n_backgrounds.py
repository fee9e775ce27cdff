"""Backgrounds of P+ -> l+ N that are simulated: known decays with the same track, muons that decay, photons lost."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np

from darkdump import particles
from darkdump.errors import CardError
from darkdump.kaon import inflight, l_nu_gamma, matrix_elements, pdg
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, Decays, decay_length
from darkdump.kaon.fourvectors import dot, unit
from darkdump.kaon.l_n_selection import AXES, Spectrum, flown, reach, selected
from darkdump.kaon.pdg import Process
from darkdump.kaon.photons import PION_AXES, blindness, pion_blindness
from darkdump.kaon.sampling import cube
from darkdump.kaon.types import Array, Indices, Pair
from darkdump.phasespace import boosted, chained, two_body

Simulation = Callable[[DataSet, int], Spectrum]
"""From a data set and a seed to what is selected, as part of the decays that the data set counts."""

POINTS, FLIGHT_POINTS = 2**13, 2**14
"""Sobol points of each scramble, for all masses; more for muons that decay in flight, of which few are selected."""

TURNS = 24
"""Photons of each decay whose track is selected: those that are lost are rare and heavy."""

ENTRANCE = 15.0
"""Length [m] in which pions of the beam can decay to muons that miss the holes: these fly within 0.9 mrad of them."""


def _to_neutrino(
    data: DataSet, parent: str, charged: str, points: Array, volume: Pair | None = None
) -> tuple[Decays, Array]:
    """P+ -> l+ nu as `flown` has it."""
    rest = two_body(particles.mass(parent), particles.mass(charged), 0.0, points[:, REST:])
    return flown(data, parent, rest, points, volume=volume)


def two_bodies(data: DataSet, parent: str, charged: str, seed: int) -> Spectrum:
    """P+ -> l+ nu with the tails of the measurement; if it is a muon, not the lepton searched for, taken for that one.

    A muon is taken for a positron with a chance of the card, or where it decays in front of the middle of the Cherenkov
    counter, behind the last chamber, to a positron with almost all of its energy.
    """
    points = cube(AXES, POINTS, seed)
    decays, weight = _to_neutrino(data, parent, charged, points)
    track = decays.daughters[:, 0]
    if charged != data.lepton:
        planes = apparatus().experiment.planes
        last = max(plane.z for name, plane in planes.items() if name.startswith("STRAW"))
        counter = 0.5 * (planes["RICH"].z + planes["NewCHOD"].z)
        way = np.maximum(decay_length("mu+", track[:, 2]), 1e-9)
        early = inflight.energetic(track, decays.parent, data.given("energy over momentum"))
        weight = weight * (data.given("muon for positron") + early * -np.expm1((last - counter) / way))
    return selected(data, decays, decays.vertex, track, weight, points, tails=True)[0]


def slow_muons(data: DataSet, parent: str, seed: int) -> Spectrum:
    """pi+ -> mu+ nu in the beam: only decays within `ENTRANCE` lead out of the chambers' holes."""
    points, start = cube(AXES, FLIGHT_POINTS, seed), reach()[0]
    decays, weight = _to_neutrino(data, parent, "mu+", points, (start, start + ENTRANCE))
    return selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points)[0]


def in_flight(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> mu+ nu, the muon of which turns into a positron before the first chamber."""
    points = cube(AXES, FLIGHT_POINTS, seed)
    decays, weight = _to_neutrino(data, parent, "mu+", points)
    own = points[:, REST + 2 :]
    found = inflight.muon_decay(decays.daughters[:, 0], decays.parent, decays.vertex, reach()[1], own)
    return selected(data, decays, found.place, found.momentum, weight * found.weight, points)[0]


def _radiated(data: DataSet, parent: str, rest: Array, points: Array, weight: Array) -> Spectrum:
    """A lepton and a photon that nothing sees: the mean of `TURNS` photons around each lepton that is selected."""
    decays, share = flown(data, parent, rest, points, weight)

    def lost(index: Indices) -> Array:
        frame, place, blind = decays.parent[index], decays.vertex[index], np.zeros(len(index))
        axis, photon = unit(rest[index, 0]), rest[index, 1].copy()
        along = axis * dot(axis, photon[:, :3])[:, None]
        across = photon[:, :3] - along
        side = np.cross(axis, across)
        for phi in 2.0 * np.pi * np.arange(TURNS) / TURNS:
            photon[:, :3] = along + np.cos(phi) * across + np.sin(phi) * side
            blind += blindness(apparatus(), place, boosted(photon[:, None], frame)[:, 0])
        return blind / TURNS

    share *= weight.mean()
    return selected(data, decays, decays.vertex, decays.daughters[:, 0], share, points, extra=lost)[0]


def bremsstrahlung(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> l+ nu gamma by inner bremsstrahlung, the photon lost: over decays without the photon."""
    points = cube(AXES, POINTS, seed)
    rest, weight = l_nu_gamma.bremsstrahlung(parent, data.lepton, points[:, REST:])
    return _radiated(data, parent, rest, points, weight)


def structure(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> l+ nu gamma by its structure, SD+, the photon lost: over those with a fast lepton."""
    points = cube(AXES, POINTS, seed)
    slowest = pdg.decay("e+ nu gamma")["slowest"]
    rest, weight = l_nu_gamma.structure(parent, data.lepton, points[:, REST:], slowest)
    return _radiated(data, parent, rest, points, weight)


def semileptonic(data: DataSet, parent: str, seed: int) -> Spectrum:
    """K+ -> pi0 l+ nu, both photons lost: over these decays."""
    points = cube(AXES, POINTS, seed)
    masses = [particles.mass(data.lepton), 0.0, particles.mass("pi0")]
    matrix = matrix_elements.semileptonic(data.lepton)
    rest, raw = chained(particles.mass(parent), masses, points[:, REST : REST + 5], matrix)
    decays, weight = flown(data, parent, rest, points, raw)

    def lost(index: Indices) -> Array:
        place, pion = decays.vertex[index], decays.daughters[index, 2]
        return pion_blindness(apparatus(), place, pion, points[index, REST + 5 : REST + 5 + PION_AXES], TURNS)

    return selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points, extra=lost)[0]


def _two(parent: str, charged: str) -> Simulation:
    return lambda data, seed: two_bodies(data, parent, charged, seed)


def _from(kind: Callable[[DataSet, str, int], Spectrum], parent: str = "K+") -> Simulation:
    return lambda data, seed: kind(data, parent, seed)


PROCESSES: Final[Mapping[tuple[str, str], Mapping[str, Process[Simulation]]]] = {
    ("K+", "e+"): {
        "K+ -> mu+ nu, mu+ -> e+": Process("mu+ nu", (_from(in_flight),)),
        "K+ -> mu+ nu, mu+ as e+": Process("mu+ nu", (_two("K+", "mu+"),)),
        "K+ -> e+ nu": Process("e+ nu", (_two("K+", "e+"), _from(bremsstrahlung))),
        "K+ -> e+ nu gamma (SD+)": Process("e+ nu gamma", (_from(structure),)),
        "K+ -> pi0 e+ nu": Process("pi0 e+ nu", (_from(semileptonic),)),
        "pi+ -> mu+ nu, mu+ -> e+": Process("pi+ mu+ nu", (_from(in_flight, "pi+"),)),
        "pi+ -> e+ nu": Process("pi+ e+ nu", (_two("pi+", "e+"),)),
    },
    ("K+", "mu+"): {
        "K+ -> mu+ nu": Process("mu+ nu", (_two("K+", "mu+"), _from(bremsstrahlung))),
        "K+ -> pi0 mu+ nu": Process("pi0 mu+ nu", (_from(semileptonic),)),
        "pi+ -> mu+ nu": Process("pi+ mu+ nu", (_from(slow_muons, "pi+"),)),
    },
    ("pi+", "e+"): {
        "pi+ -> mu+ nu, mu+ -> e+": Process("pi+ mu+ nu", (_from(in_flight, "pi+"),)),
        "pi+ -> e+ nu": Process("pi+ e+ nu", (_two("pi+", "e+"), _from(bremsstrahlung, "pi+"))),
    },
}
"""Backgrounds, by parent and lepton of the search."""


@cache
def spectra(data: DataSet, seed: int = 1) -> dict[str, tuple[Spectrum, ...]]:
    """Spectra of all backgrounds of a search, as parts of the decays that the data set counts."""
    return {name: tuple(part(data, seed) for part in process.parts) for name, process in processes(data).items()}


def processes(data: DataSet) -> Mapping[str, Process[Simulation]]:
    """The entry of `PROCESSES` for a data set.

    Raises
    ------
    CardError
        If there is none.
    """
    kind = data.parent, data.lepton
    if kind not in PROCESSES:
        known = ", ".join(f"{parent} -> {lepton} N" for parent, lepton in PROCESSES)
        raise CardError(f"{data.name}: sample.lepton: {data.parent} -> {data.lepton or '?'} N is none of {known}")
    return PROCESSES[kind]
