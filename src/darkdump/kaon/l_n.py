"""K+ -> l+ N and pi+ -> e+ N with N not seen: a peak in the missing mass over backgrounds that are simulated."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.errors import CardError, DarkdumpError
from darkdump.formfactors.semileptonic import pseudoscalar
from darkdump.kaon import inflight, l_nu_gamma
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import (
    LIFETIMES,
    PARENT,
    REST,
    TRACK,
    Decays,
    cube,
    fly,
    measured,
    missing_mass2,
    seen,
    size,
)
from darkdump.kaon.peak import MassScan, Peak, mass_scan
from darkdump.kaon.photons import PION_AXES, blindness, pion_blindness
from darkdump.kaon.pinunu import ratio
from darkdump.kaon.tails import spread
from darkdump.kaon.vertex import closest
from darkdump.phasespace import boosted, chained, two_body
from darkdump.portals.hnl_production import leptonic

Array = NDArray[np.float64]
Pair = tuple[float, float]
Extra = Callable[[NDArray[np.int64]], Array]
Emitted = Callable[[Array], Array]

POINTS = 2**11
"""Sobol points of each scramble for the signal, at each mass."""

BACKGROUND_POINTS, FLIGHT_POINTS = 2**13, 2**14
"""The same for each background, once for all masses, and for muons that decay in flight, of which few are selected."""

AXES = REST + 7
"""Axes of the unit cube: those of a flight, and of decays up to K+ -> pi0 l+ nu with the photons of the pi0."""

SMOOTH = 3.0
"""Backgrounds are counted in this many windows around a mass, as if their spectrum were straight there."""

FAR = 3.0
"""Power of the points of a scatter: large angles, which move the missing mass far, get more points and less weight."""

TURNS = 16
"""Photons of each decay whose track is selected: those that are lost are rare and heavy."""

ENTRANCE = 15.0
"""Length [m] in which pions of the beam can decay to muons that miss the holes: these fly within 0.9 mrad of them."""

FLIGHTS = 400
"""Accepted decays from which the chance to leave is taken."""

FLAVOURS: Final = {"e+": "e", "mu+": "mu"}
"""Charged leptons, and how the portal names their flavour."""

SIDEBAND_ORDER = 3
"""Degree of the polynomial that the sidebands are fitted with."""


@dataclass(frozen=True)
class Spectrum:
    """Selected decays by their squared missing mass.

    Attributes
    ----------
    missing_mass2 : ndarray, shape (n,)
        [GeV^2], ascending.
    below, below2 : ndarray, shape (n + 1,)
        Sums of weights and of their squares: the weights add up to the part of all decays that is selected.
    """

    missing_mass2: Array
    below: Array
    below2: Array

    def window(self, low: float, high: float) -> Pair:
        """Part of all decays between two squared masses [GeV^2], and its numerical error."""
        first, last = np.searchsorted(self.missing_mass2, (low, high))
        variance = self.below2[last] - self.below2[first]
        return float(self.below[last] - self.below[first]), math.sqrt(max(variance, 0.0))


def _spectrum(missing: Array, weight: Array) -> Spectrum:
    order = np.argsort(missing)
    sorted_weight = weight[order]
    sums = [np.concatenate([[0.0], np.cumsum(w)]) for w in (sorted_weight, sorted_weight**2)]
    return Spectrum(missing[order], sums[0], sums[1])


def enhancement(parent: str, lepton: str, mass: float) -> float:
    """BR(P+ -> l+ N) / BR(P+ -> l+ nu) at a mixing of one, for N of a mass [GeV]."""
    meson, flavour = LIFETIMES[parent], FLAVOURS[lepton]
    return leptonic(meson, flavour, mass).width / leptonic(meson, flavour, 0.0).width


def reach() -> Pair:
    """Where decays can give a track [m]: from the beginning of the beam's axis to the first chamber."""
    setting = apparatus()
    return setting.beam.start[2], setting.experiment.planes[setting.planes[0]].z


def decaying(parent: str, volume: Pair) -> float:
    """Part of the beam's particles alive at its beginning that decay between two places [m]."""
    beam = apparatus().beam
    length = float(inflight.decay_length(parent, np.array([[0.0, 0.0, beam.momentum, 0.0]]))[0])
    return math.exp((beam.start[2] - volume[0]) / length) - math.exp((beam.start[2] - volume[1]) / length)


def decays_of(data: DataSet, parent: str, volume: Pair) -> float:
    """Decays of a particle of the beam between two places [m], over the decays that the data set counts.

    In a search for decays of kaons those of pions count by their number in the beam and by the chance that an unrelated
    kaon passes the Cherenkov counter at the same time, rate x coincidence window.
    """
    found = decaying(parent, volume) / decaying(data.parent, data.volume)
    if parent == data.parent:
        return found
    chance = -math.expm1(-data.given("kaon rate") * data.given("coincidence"))
    return found * data.given("pions per kaon") * chance


def _selected(
    data: DataSet,
    decays: Decays,
    place: Array,
    momenta: Array,
    weight: Array,
    points: Array,
    tails: bool = False,
    extra: Extra | None = None,
) -> tuple[Spectrum, NDArray[np.int64], Array]:
    """Candidates: a track in the spectrometer and the window of momentum, from near a kaon's line, in the volume.

    Parameters
    ----------
    data : DataSet
    decays : Decays
    place : ndarray, shape (n, 3)
        Where the track starts [m].
    momenta : ndarray, shape (n, 4)
        Of the track [GeV].
    weight : ndarray, shape (n,)
    points : ndarray, shape (n, AXES)
    tails : bool
        Whether one scatter by a large angle is simulated as well.
    extra : callable, optional
        From the indices of those that may be selected to one more weight.

    Returns
    -------
    Spectrum
    indices, weights : ndarray, shape (k,)
        Of the normal measurements that are selected.
    """
    setting = apparatus()
    low, high = data.momentum
    p = size(momenta)
    maybe = (weight > 0.0) & (momenta[:, 2] > 0.0)
    maybe &= np.ones(len(p), dtype=bool) if tails else (p > 0.9 * low) & (p < 1.1 * high)
    kept = np.flatnonzero(maybe)
    kept = kept[seen(setting, place[kept], momenta[kept])]
    parent, own, chosen = decays.parent[kept], particles.mass(data.lepton), points[kept, : TRACK.stop]
    start, first = reach()
    track = momenta[kept]
    where = _moved(place[kept], track, first)
    origin = _moved(decays.vertex[kept], parent, start)
    before = measured(setting.beam_tracker, parent, particles.mass(data.parent), chosen[:, PARENT])
    if tails:
        far = chosen[:, TRACK].copy()
        far[:, 3] **= FAR
        many = FAR * chosen[:, TRACK][:, 3] ** (FAR - 1.0)
        core, *scattered = spread(setting, track, own, far)
        kinds = [core, *((found, chance * many) for found, chance in scattered)]
    else:
        kinds = [(measured(setting.spectrometer, track, own, chosen[:, TRACK]), np.ones(len(kept)))]
    share, masses, weights, normal = weight[kept] / len(points), [], [], np.zeros(len(kept))
    for k, (found, chance) in enumerate(kinds):
        fast = size(found)
        distance, z = closest(origin, before[:, :2] / before[:, 2:3], where, found[:, :2] / found[:, 2:3])
        good = (distance < data.given("distance")) & (z > data.volume[0]) & (z < data.volume[1])
        good &= (fast > low) & (fast < high)
        masses.append(missing_mass2(before, found))
        weights.append(np.where(good, share * chance, 0.0))
        if k == 0:
            normal = weights[0]
    missing, total = np.concatenate(masses), np.concatenate(weights)
    index = np.tile(kept, len(kinds))
    good = total > 0.0
    missing, total, index = missing[good], total[good], index[good]
    if extra is not None and len(index):
        total = total * extra(index)
    main = normal > 0.0
    return _spectrum(missing, total), kept[main], normal[main]


def _moved(place: Array, momentum: Array, z: float) -> Array:
    """Places [m] on straight lines at `z`."""
    step = (z - place[:, 2])[:, None]
    return np.hstack([place[:, :2] + momentum[:, :2] / momentum[:, 2:3] * step, np.full((len(place), 1), z)])


def _flown(
    data: DataSet, parent: str, rest: Array, weight: Array, points: Array, volume: Pair | None = None
) -> tuple[Decays, Array]:
    """Decays in `reach`, or in a part of it, and their weights: on average their number over those of the data set."""
    where = reach() if volume is None else volume
    decays = fly(apparatus(), where, rest, weight, points, parent)
    return decays, decays.weight * decays_of(data, parent, where)


@dataclass(frozen=True)
class Signal:
    """Simulated P+ -> l+ N: what is selected, its resolution [GeV^2], and proper flights as `Peak` has them [m]."""

    spectrum: Spectrum
    resolution: float
    flights: Array


@cache
def _beam(parent: str, seed: int) -> Decays:
    """Decays of the beam in `reach`: where and how fast, the same for all masses."""
    points = cube(AXES, POINTS, seed)
    still = np.zeros((len(points), 1, 4))
    still[..., 3] = particles.mass(parent)
    return fly(apparatus(), reach(), still, np.ones(len(points)), points, parent)


def signal(data: DataSet, mass: float, seed: int = 1) -> Signal:
    """P+ -> l+ N for a mass of N [GeV], with the same random numbers for all masses."""
    points, base = cube(AXES, POINTS, seed), _beam(data.parent, seed)
    rest = two_body(particles.mass(data.parent), particles.mass(data.lepton), mass, points[:, REST:])
    decays = Decays(base.parent, base.vertex, boosted(rest, base.parent), base.weight)
    weight = decays.weight * decays_of(data, data.parent, reach())
    found, index, _ = _selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points)
    own = np.diff(found.below)
    if not len(own):
        return Signal(found, math.nan, np.empty(0))
    width = math.sqrt(float(np.average((found.missing_mass2 - mass**2) ** 2, weights=own)))
    last = max(plane.z for plane in apparatus().experiment.planes.values())
    chosen = index[:: max(len(index) // FLIGHTS, 1)][:FLIGHTS]
    heavy = decays.daughters[chosen, 1]
    return Signal(found, width, (last - decays.vertex[chosen, 2]) / heavy[:, 2] * mass)


def two_bodies(data: DataSet, parent: str, charged: str, seed: int) -> Spectrum:
    """P+ -> l+ nu with the tails of the measurement; if it is a muon, not the lepton searched for, taken for that one.

    A muon is taken for a positron with a chance of the card, or where it decays in front of the middle of the Cherenkov
    counter, behind the last chamber, to a positron with almost all of its energy.
    """
    points = cube(AXES, BACKGROUND_POINTS, seed)
    rest = two_body(particles.mass(parent), particles.mass(charged), 0.0, points[:, REST:])
    decays, weight = _flown(data, parent, rest, np.ones(len(points)), points)
    track = decays.daughters[:, 0]
    if charged != data.lepton:
        planes = apparatus().experiment.planes
        last = max(plane.z for name, plane in planes.items() if name.startswith("STRAW"))
        counter = 0.5 * (planes["RICH"].z + planes["NewCHOD"].z)
        way = np.maximum(inflight.decay_length("mu+", track), 1e-9)
        early = inflight.energetic(track, decays.parent, data.given("energy over momentum"))
        weight = weight * (data.given("muon for positron") + early * -np.expm1((last - counter) / way))
    return _selected(data, decays, decays.vertex, track, weight, points, tails=True)[0]


def slow_muons(data: DataSet, parent: str, seed: int) -> Spectrum:
    """pi+ -> mu+ nu in the beam: only decays within `ENTRANCE` lead out of the chambers' holes."""
    points = cube(AXES, FLIGHT_POINTS, seed)
    rest = two_body(particles.mass(parent), particles.mass("mu+"), 0.0, points[:, REST:])
    volume = reach()[0], reach()[0] + ENTRANCE
    decays, weight = _flown(data, parent, rest, np.ones(len(points)), points, volume)
    return _selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points)[0]


def in_flight(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> mu+ nu, the muon of which turns into a positron before the first chamber."""
    points = cube(AXES, FLIGHT_POINTS, seed)
    rest = two_body(particles.mass(parent), particles.mass("mu+"), 0.0, points[:, REST:])
    decays, weight = _flown(data, parent, rest, np.ones(len(points)), points)
    own = points[:, REST + 2 :]
    found = inflight.muon_decay(decays.daughters[:, 0], decays.parent, decays.vertex, reach()[1], own)
    return _selected(data, decays, found.place, found.momentum, weight * found.weight, points)[0]


def _radiated(data: DataSet, parent: str, rate: float, weight: Array, points: Array, emitted: Emitted) -> Spectrum:
    """A lepton and a photon that nothing sees: the mean of `TURNS` photons around each lepton that is selected."""
    decays, share = _flown(data, parent, emitted(points), weight, points)

    def lost(index: NDArray[np.int64]) -> Array:
        own, frame, place = points[index], decays.parent[index], decays.vertex[index]
        last, blind = REST + l_nu_gamma.AXES - 1, np.zeros(len(index))
        for _ in range(TURNS):
            blind += blindness(apparatus(), place, boosted(emitted(own)[:, 1:], frame)[:, 0])
            own[:, last] = (own[:, last] + 1.0 / TURNS) % 1.0
        return blind / TURNS

    return _selected(data, decays, decays.vertex, decays.daughters[:, 0], rate * share, points, extra=lost)[0]


def bremsstrahlung(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> l+ nu gamma by inner bremsstrahlung, the photon lost: over decays without the photon."""
    points = cube(AXES, BACKGROUND_POINTS, seed)
    _, weight, rate = l_nu_gamma.bremsstrahlung(parent, data.lepton, points[:, REST:])

    def emitted(chosen: Array) -> Array:
        return l_nu_gamma.bremsstrahlung(parent, data.lepton, chosen[:, REST:])[0]

    return _radiated(data, parent, rate, weight, points, emitted)


SLOWEST = 0.2
"""Momentum of the positron at rest [GeV] above which K+ -> e+ nu gamma (SD+) is measured."""


def structure(data: DataSet, parent: str, seed: int) -> Spectrum:
    """P+ -> l+ nu gamma by its structure, SD+, the photon lost: over those with a fast lepton."""
    points = cube(AXES, BACKGROUND_POINTS, seed)
    weight = l_nu_gamma.structure(parent, data.lepton, points[:, REST:], SLOWEST)[1]

    def emitted(chosen: Array) -> Array:
        return l_nu_gamma.structure(parent, data.lepton, chosen[:, REST:], SLOWEST)[0]

    return _radiated(data, parent, float(weight.mean()), weight, points, emitted)


def semileptonic_square(lepton: str) -> Callable[[Array], Array]:
    """Squared matrix element of K+ -> l+ nu pi0 for momenta at rest in this order, up to a factor.

    A f+^2 + B f+ f- + C f-^2 with A = M (2 E_l E_nu - M D) + m_l^2 (D / 4 - E_nu), B = m_l^2 (E_nu - D / 2),
    C = m_l^2 D / 4, D = (M^2 + m_pi^2 - m_l^2) / (2 M) - E_pi.

    References
    ----------
    PDG review of K_l3 form factors, eqs. 1 to 4.
    """
    kaon, pion, own2 = particles.mass("K+"), particles.mass("pi0"), particles.mass(lepton) ** 2

    def square(momenta: Array) -> Array:
        light, neutrino, energy = momenta[:, 0, 3], momenta[:, 1, 3], momenta[:, 2, 3]
        q2 = kaon**2 + pion**2 - 2.0 * kaon * energy
        plus, zero = pseudoscalar("K+ pi", q2, kaon, pion)
        minus = (zero - plus) * (kaon**2 - pion**2) / q2
        left = (kaon**2 + pion**2 - own2) / (2.0 * kaon) - energy
        a = kaon * (2.0 * light * neutrino - kaon * left) + own2 * (0.25 * left - neutrino)
        found: Array = a * plus**2 + own2 * ((neutrino - 0.5 * left) * plus * minus + 0.25 * left * minus**2)
        return np.maximum(found, 0.0)

    return square


def semileptonic(data: DataSet, parent: str, seed: int) -> Spectrum:
    """K+ -> pi0 l+ nu, both photons lost: over these decays."""
    points = cube(AXES, BACKGROUND_POINTS, seed)
    masses = [particles.mass(data.lepton), 0.0, particles.mass("pi0")]
    rest, raw = chained(particles.mass(parent), masses, points[:, REST : REST + 5], semileptonic_square(data.lepton))
    decays, weight = _flown(data, parent, rest, raw, points)

    def lost(index: NDArray[np.int64]) -> Array:
        place, pion = decays.vertex[index], decays.daughters[index, 2]
        own = points[index, REST + 5 : REST + 5 + PION_AXES]
        turns = (pion_blindness(apparatus(), place, pion, (own + k / TURNS) % 1.0) for k in range(TURNS))
        return np.asarray(sum(turns, np.zeros(len(index))) / TURNS)

    return _selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points, extra=lost)[0]


Kind = Callable[[DataSet, int], Spectrum]


@dataclass(frozen=True)
class Process:
    """A background that is simulated: its branching ratio's name, and the spectra of its kinds, which add up."""

    ratio: str
    parts: tuple[Kind, ...]


def _two(parent: str, charged: str) -> Kind:
    return lambda data, seed: two_bodies(data, parent, charged, seed)


def _of(kind: Callable[[DataSet, str, int], Spectrum], parent: str = "K+") -> Kind:
    return lambda data, seed: kind(data, parent, seed)


PROCESSES: Final[Mapping[tuple[str, str], Mapping[str, Process]]] = {
    ("K+", "e+"): {
        "K+ -> mu+ nu, mu+ -> e+": Process("mu+ nu", (_of(in_flight),)),
        "K+ -> mu+ nu, mu+ as e+": Process("mu+ nu", (_two("K+", "mu+"),)),
        "K+ -> e+ nu": Process("e+ nu", (_two("K+", "e+"), _of(bremsstrahlung))),
        "K+ -> e+ nu gamma (SD+)": Process("e+ nu gamma", (_of(structure),)),
        "K+ -> pi0 e+ nu": Process("pi0 e+ nu", (_of(semileptonic),)),
        "pi+ -> mu+ nu, mu+ -> e+": Process("pi+ mu+ nu", (_of(in_flight, "pi+"),)),
        "pi+ -> e+ nu": Process("pi+ e+ nu", (_two("pi+", "e+"),)),
    },
    ("K+", "mu+"): {
        "K+ -> mu+ nu": Process("mu+ nu", (_two("K+", "mu+"), _of(bremsstrahlung))),
        "K+ -> pi0 mu+ nu": Process("pi0 mu+ nu", (_of(semileptonic),)),
        "pi+ -> mu+ nu": Process("pi+ mu+ nu", (_of(slow_muons, "pi+"),)),
    },
    ("pi+", "e+"): {
        "pi+ -> mu+ nu, mu+ -> e+": Process("pi+ mu+ nu", (_of(in_flight, "pi+"),)),
        "pi+ -> e+ nu": Process("pi+ e+ nu", (_two("pi+", "e+"), _of(bremsstrahlung, "pi+"))),
    },
}
"""Backgrounds, by parent and lepton of the search."""


@cache
def spectra(data: DataSet, seed: int = 1) -> dict[str, tuple[Spectrum, ...]]:
    """Spectra of all backgrounds of a search, as parts of the decays that the data set counts."""
    return {name: tuple(part(data, seed) for part in process.parts) for name, process in processes(data).items()}


def processes(data: DataSet) -> Mapping[str, Process]:
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


def number(data: DataSet) -> float:
    """Decays in the fiducial volume times all efficiencies that are not simulated."""
    if data.decays is None:
        raise CardError(f"{data.name}: sample.decays is missing; it must be given for this search")
    return data.decays.value * data.efficiency


def background(data: DataSet, low: float, high: float, seed: int = 1) -> dict[str, Pair]:
    """Expected events between two squared masses [GeV^2], and their numerical errors, by process.

    They are counted in `SMOOTH` such windows side by side.
    """
    found, wide = {}, 0.5 * (SMOOTH - 1.0) * (high - low)
    for name, parts in spectra(data, seed).items():
        scale = number(data) * ratio(processes(data)[name].ratio) / SMOOTH
        windows = [part.window(low - wide, high + wide) for part in parts]
        found[name] = scale * sum(b for b, _ in windows), scale * math.hypot(*(db for _, db in windows))
    return found


@cache
def sideband_error(window: float, sideband: float, order: int = SIDEBAND_ORDER) -> float:
    """Error of the background in a window from a fit of a polynomial to the sidebands, over its square root.

    The sidebands reach from the window's edge to `sideband`, both in units of the resolution; counts are Poisson, and
    evenly spread.

    Parameters
    ----------
    window, sideband : float
        Half-widths.
    order : int
        Of the polynomial.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order + 1)
    half = 0.5 * (sideband - window)
    outside = window + half * (1.0 + nodes)
    both = np.concatenate([outside, -outside])
    basis = np.polynomial.legendre.legvander(both / sideband, order)
    information = basis.T @ (np.tile(half * weights, 2)[:, None] * basis)
    inside = window * weights @ np.polynomial.legendre.legvander(window * nodes / sideband, order)
    variance = float(inside @ np.linalg.solve(information, inside))
    return math.sqrt(variance / (2.0 * window))


def peak(data: DataSet, mass: float, window: float, residual: bool = False, seed: int = 1) -> Peak | None:
    """What a data set expects at a mass [GeV]; None where no decay is accepted.

    Parameters
    ----------
    data : DataSet
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    residual : bool
        Whether the card's relative error of the background is added to that of the sidebands.
    seed : int
        Of the random numbers.
    """
    if mass <= 0.0 or mass + particles.mass(data.lepton) >= particles.mass(data.parent):
        return None
    found = signal(data, mass, seed)
    if not found.resolution > 0.0:
        return None
    half = window * found.resolution
    accepted, numerical = found.spectrum.window(mass**2 - half, mass**2 + half)
    if accepted <= 0.0:
        return None
    name = {"K+": "", "pi+": "pi+ "}[data.parent] + f"{data.lepton} nu"
    rate = ratio(name) * enhancement(data.parent, data.lepton, mass)
    events = {k: b for k, (b, _) in background(data, mass**2 - half, mass**2 + half, seed).items()}
    total = sum(events.values())
    relative = sideband_error(window, max(data.given("sideband"), window * 1.01)) / math.sqrt(max(total, 1e-300))
    relative = math.hypot(relative, data.given("residual") if residual else 0.0)
    error = 0.0 if data.decays is None else data.decays.error / data.decays.value
    return Peak(
        acceptance=accepted,
        error=numerical,
        resolution=found.resolution,
        sensitivity=1.0 / (number(data) * accepted * rate),
        sensitivity_error=math.hypot(error, data.efficiency_error),
        background={k: (b, relative * math.sqrt(b * total)) for k, b in events.items()},
        flights=found.flights,
    )


def parameter(data: DataSet) -> str:
    """What is limited, as text."""
    return f"|U_{FLAVOURS[data.lepton]}|^2"


def scan(
    data: DataSet,
    masses: Array,
    window: float | None = None,
    confidence_level: float = 0.9,
    residual: bool = False,
    seed: int = 1,
) -> MassScan:
    """Limits on the squared mixing of N with the lepton's flavour against its mass [GeV].

    The background is known from its sidebands, whose statistical error is calculated (`sideband_error`).

    Parameters
    ----------
    data : DataSet
        A search for ``"hnl"``.
    masses : ndarray, shape (m,)
        Of which those that cannot be made are left out.
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if not given.
    confidence_level : float
    residual : bool
        Whether the card's relative error of the background is added.
    seed : int
        Of the random numbers.

    Raises
    ------
    DarkdumpError
        If no mass is left, or the card lacks a number.
    """
    processes(data)
    if window is None:
        if data.masses is None:
            raise DarkdumpError(f"data set {data.name} has no masses, so that a window must be given")
        window = data.masses.window
    found = [(mass, peak(data, float(mass), window, residual, seed)) for mass in masses]
    kept = [(mass, one) for mass, one in found if one is not None]
    return mass_scan(parameter(data), np.array([m for m, _ in kept]), [one for _, one in kept], None, confidence_level)
