"""The simulation of a scan: proper-time spectra for each mass, and the events that they give for each coupling."""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.experiment import OPEN, Experiment
from darkdump.formfactors.nuclear import nucleus
from darkdump.groups import accepted
from darkdump.integrand import AXES, MIN_ENERGY, Integrand
from darkdump.kernels.spectrum import laplace
from darkdump.model import PORTALS, Model
from darkdump.production import PRODUCTION
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum

Array = NDArray[np.float64]

NODES = 512
"""Proper times at which a spectrum is kept."""

UNSEEN = 0.03
"""Part of the decays seen with which the most frequent channel counts where the first points saw less; the others count
in proportion to their branching ratios."""

FEWEST = 16
"""Least points of a scramble, for the rarest channel."""

GOOD = 0.008
"""Relative error with which half of the points of a mass are enough."""

SPARSE = 2
"""So many times fewer points are enough where several decays are tried at each."""

LEARNING = 4
"""A pilot run has at least the points of a mass over this number: fewer do not tell where a rare channel is seen."""

PILOTS = 4
"""Pilot runs for each lifetime."""


@dataclass(frozen=True)
class ProperTimes:
    """Accepted decays against proper time, at a coupling of one and for one proton.

    Attributes
    ----------
    masses : ndarray, shape (m,)
        [GeV]
    production, decays : tuple of str
        Production modes, and decay channels or groups of them, see `darkdump.groups.accepted`.
    nodes : ndarray, shape (m, n)
        Proper times c tau [m].
    spectra : ndarray, shape (m, mode, decay, n)
        Accepted decays of each channel or group [m/POT]; times exp(-tau / c tau_0) / c tau_0, summed, they are the
        accepted events at a branching ratio of one, and for modes that go with a part of the model's pattern with that
        one at one.
    visible : ndarray, shape (m, mode, scramble, n)
        Those of all channels with their branching ratios, for each scramble.
    members : tuple of tuple of str
        Channels of each group.
    pattern : mapping
        Relative size of the couplings in the simulation.
    """

    masses: Array
    production: tuple[str, ...]
    decays: tuple[str, ...]
    nodes: Array
    spectra: Array
    visible: Array
    members: tuple[tuple[str, ...], ...]
    pattern: Mapping[str, float]


def sobol(seed: int, points: int, scrambles: int) -> Array:
    """Independent scrambles of a Sobol sequence.

    Parameters
    ----------
    seed, points, scrambles : int
        Points in each scramble are a power of two.

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


def simulate(
    model: Model,
    experiment: Experiment,
    masses: Array,
    *,
    spectra: str = "pythia",
    heavy: str = "pythia",
    selection: str = OPEN,
    only: Sequence[str] = (),
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
    only : sequence of str
        Decays that are looked at, all of them if empty.
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
    ratios = [model.branching_ratios(float(mass)) for mass in masses]
    groups = accepted(model, experiment, selection, only, seed=seed, sets=scrambles)
    groups = {
        name: one for name, one in groups.items() if any(some[c] for some in ratios for c in one.channels)
    } or groups
    seen = [one.acceptance for one in groups.values()]
    place = Setting(
        beam_momentum=experiment.beam.momentum,
        nucleus=nucleus(experiment.target.material),
        spectrum=load_spectrum(spectra, experiment.target.material, experiment.beam.momentum, heavy),
        min_energy=max(min(one.least_energy for one in seen), MIN_ENERGY),
        pattern=model.pattern,
        angles=(min(one.angles[0] for one in seen), max(one.angles[1] for one in seen)),
    )
    cube = sobol(seed, points, PILOTS + scrambles)
    fluxes = [PRODUCTION[mode].prepare(place) for mode in model.production]
    strengths = np.array([PRODUCTION[mode].strength(model.pattern) for mode in model.production])
    units = np.where(strengths > 0.0, strengths, 1.0)

    z = experiment.volume.aperture.z, experiment.volume.end
    depth = z[0] - experiment.target.position[2], z[1] - experiment.target.position[2]
    nearest, farthest = 0.999 * depth[0] / place.beam_momentum, 1.1 * depth[1] / place.min_energy
    nodes = masses[:, None] * np.geomspace(nearest, farthest, NODES)
    names = list(groups)
    spectrum = np.zeros((len(masses), len(fluxes), len(names), NODES))
    visible = np.zeros((len(masses), len(fluxes), scrambles, NODES))

    def at_mass(m: int) -> None:
        mass = float(masses[m])
        within = {
            name: {c: ratios[m][c] for c in group.channels if ratios[m][c] > 0.0} for name, group in groups.items()
        }
        within = {name: channels for name, channels in within.items() if channels}
        if within:
            flux = experiment.target.fraction * _stacked([of_mode(mass) for of_mode in fluxes], strengths)
            size = {name: points // (SPARSE if groups[name].acceptance.decays > 1 else 1) for name in within}

            totals = {name: sum(channels.values()) for name, channels in within.items()}
            even = _shares(totals, dict.fromkeys(totals, np.ones(1)))
            integrands = {
                name: Integrand(place, mass, flux, groups[name].acceptance, even[name], within[name]) for name in within
            }
            tried = {name: integrands[name].sizes(cube[0, : size[name]], nodes[m, 0]) for name in within}
            for name, share in _shares(totals, tried).items():
                few = max(min(size[name], FEWEST), round(share * size[name]) // 2 * 2)
                pilots, runs = cube[1:PILOTS, : max(few, size[name] // LEARNING)], cube[PILOTS:, :few]
                found = integrands[name].spectra(pilots, runs, nodes[m], GOOD / share)
                spectrum[m, :, names.index(name)] = found.mean(axis=1) / units[:, None]
                visible[m] += totals[name] * found
        progress()

    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(at_mass, range(len(masses))))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    members = tuple(group.channels for group in groups.values())
    return ProperTimes(masses, model.production, tuple(names), nodes, spectrum, visible, members, model.pattern)


def remixed(model: Model, times: ProperTimes) -> ProperTimes:
    """What another pattern of couplings sees of the same decays: a sum over modes and channels, without a simulation.

    Parameters
    ----------
    model : Model
        That of the simulation with another pattern.
    times : ProperTimes

    Returns
    -------
    ProperTimes
        With one scramble, so that the numerical error of `events` is zero.

    Raises
    ------
    DarkdumpError
        If a part of the pattern was zero in the simulation.
    """
    for part in PORTALS[model.portal].parts:
        if model.pattern[part] > 0.0 and times.pattern[part] == 0.0:
            raise DarkdumpError(f"the simulation has no decays by the part {part}, which was zero in it")
    strengths = np.array([PRODUCTION[mode].strength(model.pattern) for mode in times.production])
    visible = np.empty((len(times.masses), len(strengths), 1, times.nodes.shape[1]))
    for m, mass in enumerate(times.masses):
        ratios = model.branching_ratios(float(mass))
        parts = np.array([sum(ratios[channel] for channel in group) for group in times.members])
        visible[m, :, 0] = strengths[:, None] * np.einsum("mgn,g->mn", times.spectra[m], parts)
    return replace(times, visible=visible)


def _stacked(fluxes: list[Array], strengths: Array) -> Array:
    """Fluxes with their strengths, shape (mode, e, u), or (3, mode, e, u) if any has a spin."""
    if all(flux.ndim == 2 for flux in fluxes):
        together: Array = np.array(fluxes) * strengths[:, None, None]
        return together
    stack = np.zeros((3, len(fluxes), *fluxes[0].shape[-2:]))
    for i, (flux, strength) in enumerate(zip(fluxes, strengths, strict=True)):
        stack[: len(flux) if flux.ndim == 3 else 1, i] = strength * flux
    return stack


def _shares(ratios: dict[str, float], sizes: dict[str, Array]) -> dict[str, float]:
    """Share of the points that each channel gets, their sum being one.

    It goes with the root of the channel's part in the decays that are seen, for the lifetime at which it is largest: a
    compromise, as few points tell how large it is.  A frequent channel of which they saw nothing gets some, too.
    """
    seen = {channel: ratios[channel] * size for channel, size in sizes.items()}
    most, top = np.max(list(seen.values()), axis=0), max(ratios.values())
    parts = {
        c: float(np.divide(size, most, out=np.ones_like(most), where=most > 0.0).max()) for c, size in seen.items()
    }
    roots = {channel: math.sqrt(max(part, UNSEEN * ratios[channel] / top)) for channel, part in parts.items()}
    return {channel: root / sum(roots.values()) for channel, root in roots.items()}


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
    powers = np.array([PRODUCTION[mode].power for mode in times.production])
    same = np.array([powers == power for power in np.unique(powers)], dtype=np.float64)
    total = np.empty((modes, len(times.masses), len(couplings)))
    error = np.zeros((len(times.masses), len(couplings)))
    decays = np.empty((len(couplings), modes + len(same) * scrambles))
    for m, mass in enumerate(times.masses):
        by_power = np.tensordot(same, times.visible[m], axes=1).reshape(-1, NODES)
        columns = np.ascontiguousarray(np.concatenate([times.visible[m].mean(axis=1), by_power]).T)
        laplace(times.nodes[m], columns, model.ctau(float(mass), couplings), decays)
        total[:, m] = decays.T[:modes] * couplings ** powers[:, None] * pot
        grown = decays.T[modes:].reshape(len(same), scrambles, -1) * couplings ** np.unique(powers)[:, None, None]
        both = grown.sum(axis=0)
        mean = both.mean(axis=0)
        if scrambles > 1:
            np.divide(both.std(axis=0, ddof=1), mean * math.sqrt(scrambles), out=error[m], where=mean > 0.0)
    return total, error
