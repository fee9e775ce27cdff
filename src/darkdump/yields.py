"""The simulation of a scan: proper-time spectra for each mass, and the events that they give for each coupling."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.acceptance import Acceptance, acceptance
from darkdump.errors import DarkdumpError
from darkdump.experiment import Experiment
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

AXES = 6
"""Dimensions of the unit cube: energy, direction, vertex, two angles of the decay, azimuth."""

BINS = 16
"""Bins of an axis that adapts."""

EVEN = 0.2
"""Part of the points that stays evenly spread when the axes adapt."""

PILOTS = 2
"""Pilot runs for each lifetime."""

EXPONENTS = (0.01, 1.0, 6.0)
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
    spectra : ndarray, shape (m, mode, channel, scramble, n)
        Accepted decays [m/POT]; times exp(-tau / c tau_0) / c tau_0, summed, they are the accepted events.
    """

    masses: Array
    production: tuple[str, ...]
    decays: tuple[str, ...]
    nodes: Array
    spectra: Array


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


def accepted(model: Model, experiment: Experiment) -> dict[str, Acceptance]:
    """What the experiment accepts of the model's decays, by channel.

    Raises
    ------
    DarkdumpError
        If the experiment selects none of them.
    """
    selections = {channel: experiment.selections.get(channel) for channel in model.decays}
    found = {channel: acceptance(experiment, s) for channel, s in selections.items() if s is not None}
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
    spectra : str
        Name of the hadron spectra.
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
    channels = accepted(model, experiment)
    place = Setting(
        beam_momentum=experiment.beam.momentum,
        nucleus=nucleus(experiment.target.material),
        spectrum=load_spectrum(spectra, experiment.target.material, experiment.beam.momentum),
        min_energy=max(min(channel.least_energy for channel in channels.values()), MIN_ENERGY),
        pattern=model.pattern,
        angles=(min(a.angles[0] for a in channels.values()), max(a.angles[1] for a in channels.values())),
    )
    cube = sobol(seed, points, PILOTS + scrambles)
    pilots, runs = cube[:PILOTS], np.ascontiguousarray(cube[PILOTS:].reshape(-1, AXES))
    fluxes = [PRODUCTION[mode].prepare(place) for mode in model.production]

    z = experiment.volume.aperture.z, experiment.volume.end
    depth = z[0] - experiment.target.position[2], z[1] - experiment.target.position[2]
    nearest, farthest = 0.999 * depth[0] / place.beam_momentum, 1.1 * depth[1] / place.min_energy
    nodes = masses[:, None] * np.geomspace(nearest, farthest, NODES)
    result = np.zeros((len(masses), len(fluxes), len(channels), scrambles, NODES))

    def at_mass(m: int) -> None:
        mass = float(masses[m])
        flux = np.array([of_mode(mass) for of_mode in fluxes])
        for c, channel in enumerate(channels.values()):
            integrand = Integrand(place, mass, flux, channel)
            warps = np.array([integrand.learnt(pilots, x / nodes[m, 0]) for x in EXPONENTS])
            for histogram in warps:
                tau, weight = integrand.weights(histogram, warps, runs)[1:]
                weight *= experiment.target.fraction / (points * len(warps))
                for r in range(scrambles):
                    own = slice(r * points, (r + 1) * points)
                    for i in range(len(fluxes)):
                        collect(nodes[m], tau[own], weight[i, own], result[m, i, c, r])
        progress()

    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(at_mass, range(len(masses))))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return ProperTimes(masses, model.production, tuple(channels), nodes, result)


class Integrand:
    """The accepted decays of one mass and channel, as a function on the unit cube."""

    def __init__(self, place: Setting, mass: float, flux: Array, channel: Acceptance) -> None:
        front, end = channel.least_boost
        self._least = np.array([max(place.min_energy, mass), mass * front, mass * end])
        self._high = place.beam_momentum
        self._mass, self._channel = mass, channel
        self._slopes2 = place.slopes2
        self._log_energies = np.log(place.energies)
        self._flattened = flux * place.solid_angles * place.energies[:, None] ** 3

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
        tau, chance = self._channel.decay(self._mass, energy, slope, points)
        density(histograms, points, mean)
        return points, tau, weight * (chance / mean)

    def learnt(self, pilots: Array, rate: float) -> Array:
        """Density that suits a lifetime 1 / rate [m], shape (axes, BINS)."""
        histogram = np.ones((self._channel.adapted, BINS))
        for cube in pilots:
            points, tau, weight = self.weights(histogram, histogram[None], cube)
            learn(histogram, points, weight.sum(axis=0) * np.exp(-rate * (tau - tau.min())), EVEN)
        return histogram


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
    modes, channels, scrambles = times.spectra.shape[1:4]
    power = np.array([couplings ** PRODUCTION[mode].power for mode in times.production])
    total = np.empty((modes, len(times.masses), len(couplings)))
    error = np.zeros((len(times.masses), len(couplings)))
    decays = np.empty((len(couplings), modes * channels * scrambles))
    for m, mass in enumerate(times.masses):
        ratio = np.array([model.branching_ratio(channel, float(mass), couplings) for channel in times.decays])
        columns = np.ascontiguousarray(times.spectra[m].reshape(-1, NODES).T)
        laplace(times.nodes[m], columns, model.ctau(float(mass), couplings), decays)
        shaped = decays.T.reshape(modes, channels, scrambles, -1)
        by_scramble = np.einsum("icrg,cg,ig->irg", shaped, ratio, power)
        total[:, m] = by_scramble.mean(axis=1) * pot
        both = by_scramble.sum(axis=0)
        mean = both.mean(axis=0)
        np.divide(both.std(axis=0, ddof=1), mean * math.sqrt(scrambles), out=error[m], where=mean > 0.0)
    return total, error
