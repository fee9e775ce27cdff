"""The simulation of a scan: proper-time spectra for each mass, and the events that they give for each coupling."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.acceptance import Acceptance, acceptance
from darkdump.errors import DarkdumpError
from darkdump.experiment import OPEN, Experiment
from darkdump.formfactors.nuclear import nucleus
from darkdump.kernels.flux import look
from darkdump.kernels.spectrum import collect, laplace
from darkdump.kernels.warp import density, learn, warp
from darkdump.model import Model
from darkdump.production import PRODUCTION
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum

Array = NDArray[np.float64]

NODES = 512
"""Proper times at which a spectrum is kept."""

MIN_ENERGY = 0.5
"""Least energy that is looked at where a selection has none [GeV]."""

AXES = 7
"""Dimensions of the unit cube: energy, direction, vertex, two angles of the decay, azimuth, what else a decay needs."""

FEWEST = 16
"""Least points of a scramble, for the rarest channel."""

BINS = 16
"""Bins of an axis that adapts."""

EVEN = 0.1
"""Part of the points that stays evenly spread when the axes adapt."""

PILOTS = 4
"""Pilot runs for each lifetime."""

EXPONENTS = (0.01, 0.5, 4.0)
"""Decay lengths between target and volume, for the fastest particle, of the lifetimes to which the points adapt."""


@dataclass(frozen=True)
class ProperTimes:
    """Accepted decays against proper time, at a coupling of one and for one proton.

    Attributes
    ----------
    masses : ndarray, shape (m,)
        [GeV]
    production, decays : tuple of str
        Production modes and decay channels.
    nodes : ndarray, shape (m, n)
        Proper times c tau [m].
    spectra : ndarray, shape (m, mode, channel, n)
        Accepted decays of each channel [m/POT]; times exp(-tau / c tau_0) / c tau_0, summed, they are the accepted
        events at a branching ratio of one.
    visible : ndarray, shape (m, mode, scramble, n)
        Those of all channels with their branching ratios, for each scramble.
    """

    masses: Array
    production: tuple[str, ...]
    decays: tuple[str, ...]
    nodes: Array
    spectra: Array
    visible: Array


def sobol(seed: int, points: int, scrambles: int) -> Array:
    """Independent scrambles of a Sobol sequence.

    Parameters
    ----------
    seed : int
    points : int
        Points in each scramble, a power of two.
    scrambles : int

    Returns
    -------
    ndarray, shape (scrambles, points, AXES)
        In the open unit cube.
    """
    from scipy.stats.qmc import Sobol

    streams = np.random.SeedSequence(seed).spawn(scrambles)
    power = int(math.log2(points))
    drawn = [Sobol(AXES, rng=np.random.default_rng(stream)).random_base2(power) for stream in streams]
    cube: Array = np.clip(drawn, 1e-12, 1.0 - 1e-12)
    return cube


def accepted(
    model: Model, experiment: Experiment, selection: str = OPEN, *, seed: int = 1, sets: int = 1
) -> dict[str, Acceptance]:
    """What the experiment accepts of the model's decays, by channel.

    Parameters
    ----------
    model, experiment
    selection : str
        Which of the experiment's selections takes the final states that have none of their own.
    seed, sets : int
        Of the simulated final states, see `darkdump.acceptance.many_bodies`.

    Raises
    ------
    DarkdumpError
        If the experiment selects none of them.
    """
    every = {c: acceptance(experiment, model.portal, c, selection, seed, sets) for c in model.decays}
    found = {channel: one for channel, one in every.items() if one is not None}
    if not found:
        known = ", ".join(experiment.selections)
        raise DarkdumpError(
            f"experiment '{experiment.name}' selects none of the decays of '{model.name}'; it selects: {known}"
        )
    return found


def simulate(
    model: Model,
    experiment: Experiment,
    masses: Array,
    *,
    spectra: str = "pythia",
    heavy: str = "pythia",
    selection: str = OPEN,
    seed: int = 1,
    points: int = 512,
    scrambles: int = 12,
    threads: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> ProperTimes:
    """Proper-time spectra of the accepted decays of a model in an experiment.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    masses : ndarray, shape (m,)
        [GeV]
    spectra, heavy : str
        Names of the hadron spectra, and of the choice for charm and beauty.
    selection : str
        Of final states that have none of their own, see `accepted`.
    seed, points, scrambles : int
        Of the Sobol points, see `sobol`.
    threads : int
        Masses worked on at the same time; the result does not depend on it.
    progress : callable
        Called when a mass is done.

    Returns
    -------
    ProperTimes

    Raises
    ------
    DarkdumpError
        If the experiment selects none of the model's decays, or has no such spectra.
    """
    channels = accepted(model, experiment, selection, seed=seed, sets=scrambles)
    place = Setting(
        beam_momentum=experiment.beam.momentum,
        nucleus=nucleus(experiment.target.material),
        spectrum=load_spectrum(spectra, experiment.target.material, experiment.beam.momentum, heavy),
        min_energy=max(min(channel.least_energy for channel in channels.values()), MIN_ENERGY),
        pattern=model.pattern,
        angles=(min(a.angles[0] for a in channels.values()), max(a.angles[1] for a in channels.values())),
    )
    cube = sobol(seed, points, PILOTS + scrambles)
    fluxes = [PRODUCTION[mode].prepare(place) for mode in model.production]

    z = experiment.volume.aperture.z, experiment.volume.end
    depth = z[0] - experiment.target.position[2], z[1] - experiment.target.position[2]
    nearest, farthest = 0.999 * depth[0] / place.beam_momentum, 1.1 * depth[1] / place.min_energy
    nodes = masses[:, None] * np.geomspace(nearest, farthest, NODES)
    names = list(channels)
    spectrum = np.zeros((len(masses), len(fluxes), len(names), NODES))
    visible = np.zeros((len(masses), len(fluxes), scrambles, NODES))

    def at_mass(m: int) -> None:
        mass = float(masses[m])
        ratios = {c: ratio for c, ratio in model.branching_ratios(mass).items() if c in channels and ratio > 0.0}
        if ratios:
            flux = experiment.target.fraction * np.array([of_mode(mass) for of_mode in fluxes])
            tried = {c: Integrand(place, mass, flux, channels[c], 0.0).sizes(cube[0], nodes[m, 0]) for c in ratios}
            for channel, share in _shares({c: ratios[c] * size for c, size in tried.items()}).items():
                few = max(min(points, FEWEST), 2 ** math.floor(math.log2(share * points)))
                integrand = Integrand(place, mass, flux, channels[channel], few / points)
                found = integrand.spectra(cube[:, :few], nodes[m])
                spectrum[m, :, names.index(channel)] = found.mean(axis=1)
                visible[m] += ratios[channel] * found
        progress()

    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(at_mass, range(len(masses))))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return ProperTimes(masses, model.production, tuple(channels), nodes, spectrum, visible)


def _shares(sizes: dict[str, Array]) -> dict[str, float]:
    """Share of the points that each channel gets, their sum being one: in proportion to the root of its part in the
    decays that are seen, for the lifetime at which it is largest."""
    most = np.max(list(sizes.values()), axis=0)
    if not (most > 0.0).all():
        return dict.fromkeys(sizes, 1.0 / len(sizes))
    roots = {channel: max(math.sqrt((size / most).max()), 1e-9) for channel, size in sizes.items()}
    return {channel: root / sum(roots.values()) for channel, root in roots.items()}


class Integrand:
    """The accepted decays of one mass and channel, as a function on the unit cube."""

    def __init__(self, place: Setting, mass: float, flux: Array, channel: Acceptance, share: float) -> None:
        front, end = channel.least_boost
        self._least = np.array([max(channel.least_energy, MIN_ENERGY, mass), mass * front, mass * end])
        self._high = place.beam_momentum
        self._adapted, self._decay = channel.adapted, channel.at(mass, share)
        self._slopes2 = place.slopes2
        self._log_energies = np.log(place.energies)
        self._flattened = flux * place.solid_angles * place.energies[:, None] ** 3

    def spectra(self, cube: Array, nodes: Array) -> Array:
        """Proper-time spectra.

        Parameters
        ----------
        cube : ndarray, shape (PILOTS + scrambles, n, AXES)
            Pilot runs, then independent scrambles.
        nodes : ndarray, shape (NODES,)
            [m]

        Returns
        -------
        ndarray, shape (mode, scramble, NODES)
            [m/POT]
        """
        scrambles, points = len(cube) - PILOTS, cube.shape[1]
        found = np.zeros((len(self._flattened), scrambles, len(nodes)))
        pilots, runs = cube[:PILOTS], np.ascontiguousarray(cube[PILOTS:].reshape(-1, AXES))
        warps = self.learnt(pilots, np.array(EXPONENTS) / nodes[0])
        for histogram in warps:
            tau, weight = self.weights(histogram, warps, runs)[1:]
            weight /= points * len(warps)
            for r in range(scrambles):
                own = slice(r * points, (r + 1) * points)
                collect(nodes, tau[own], weight[:, own], found[:, r])
        return found

    def sizes(self, cube: Array, nearest: float) -> Array:
        """Decays that are seen at the lifetimes to which the points adapt, up to a factor, from few points."""
        flat = np.ones((self._adapted, BINS))
        tau, weight = self.weights(flat, flat[None], cube)[1:]
        rates = np.array(EXPONENTS) / nearest
        sizes: Array = np.exp(-rates[:, None] * (tau - nearest)) @ weight.sum(axis=0)
        return sizes

    def weights(self, histogram: Array, histograms: Array, cube: Array) -> tuple[Array, Array, Array]:
        """Points of one of several densities, and the accepted decays there, which count with the mean density.

        Returns
        -------
        points : ndarray, shape (n, AXES)
        tau : ndarray, shape (n,)
            Proper times [m].
        weight : ndarray, shape (mode, n)
            [m/POT]
        """
        points = np.empty_like(cube)
        warp(histogram, cube, points)
        energy, slope, mean = np.empty((3, len(cube)))
        weight = np.empty((len(self._flattened), len(cube)))
        look(
            self._log_energies, self._least, self._high, self._slopes2, self._flattened, points, energy, slope, weight
        )  # fmt: skip
        tau, chance = self._decay(energy, slope, points)
        density(histograms, points, mean)
        return points, tau, weight * (chance / mean)

    def learnt(self, pilots: Array, rates: Array) -> Array:
        """Densities that suit lifetimes 1 / rate [m], shape (rate, axes, BINS); the first pilot serves all of them."""
        flat = np.ones((self._adapted, BINS))
        histograms = np.repeat(flat[None], len(rates), axis=0)
        first = self.weights(flat, flat[None], pilots[0])
        for histogram, rate in zip(histograms, rates, strict=True):
            _learn(histogram, rate, *first)
            for cube in pilots[1:]:
                _learn(histogram, rate, *self.weights(histogram, histogram[None], cube))
        return histograms


def _learn(histogram: Array, rate: float, points: Array, tau: Array, weight: Array) -> None:
    learn(histogram, points, weight.sum(axis=0) * np.exp(-rate * (tau - tau.min())), EVEN)


def events(model: Model, times: ProperTimes, couplings: Array, pot: float) -> tuple[Array, Array]:
    """Expected events for each coupling.

    Parameters
    ----------
    model : Model
    times : ProperTimes
    couplings : ndarray, shape (c,)
    pot : float
        Protons on target.

    Returns
    -------
    events : ndarray, shape (mode, m, c)
        Events of each production mode, all channels together.
    error : ndarray, shape (m, c)
        Relative numerical error of the sum over modes: spread of the scrambles over the root of their number.
    """
    modes, scrambles = times.visible.shape[1:3]
    power = np.array([couplings ** PRODUCTION[mode].power for mode in times.production])
    total = np.empty((modes, len(times.masses), len(couplings)))
    error = np.zeros((len(times.masses), len(couplings)))
    decays = np.empty((len(couplings), modes * scrambles))
    for m, mass in enumerate(times.masses):
        columns = np.ascontiguousarray(times.visible[m].reshape(-1, NODES).T)
        laplace(times.nodes[m], columns, model.ctau(float(mass), couplings), decays)
        by_scramble = decays.T.reshape(modes, scrambles, -1) * power[:, None]
        total[:, m] = by_scramble.mean(axis=1) * pot
        both = by_scramble.sum(axis=0)
        mean = both.mean(axis=0)
        np.divide(both.std(axis=0, ddof=1), mean * math.sqrt(scrambles), out=error[m], where=mean > 0.0)
    return total, error
