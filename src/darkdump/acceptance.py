"""From particles to the proper times of their accepted decays."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import finalstates, particles
from darkdump.experiment import EXCLUSIVE, Experiment, PhotonSelection, Selection, TrackSelection
from darkdump.kernels import bodies, photons, pointing, tracks
from darkdump.kernels.plane import N_COLUMNS
from darkdump.mixtures import mixture

Array = NDArray[np.float64]
Decay = Callable[[Array, Array, Array], tuple[Array, Array, Array | None]]

EVENTS, FEWEST = 512, 64
"""Simulated final states in each independent set of them, of the most frequent and of the rarest channel."""


@dataclass(frozen=True)
class Acceptance:
    """What an experiment accepts of one final state.

    Attributes
    ----------
    adapted : int
        How many axes of the unit cube adapt to the integrand, the first ones.
    least_energy : float
        Of the particle [GeV].
    least_boost : tuple of float
        Least energy over mass, at the front and at the end of the decay volume.
    angles : tuple of float
        Least and largest angle of the particle to the beam [rad].
    at : callable
        From mass [GeV], share of the points and branching ratios of its channels to a function of energies [GeV],
        tangents of the angle to the beam and
        points of the unit cube that gives the proper times [m] and chances [m] of the decays that are accepted, and
        how they lean with the spin of the particle, if it has one; see `darkdump.kernels.photons.two_photons` and
        `darkdump.kernels.bodies.many_bodies`.
    decays : int
        Decays that are tried at each point.
    """

    adapted: int
    least_energy: float
    least_boost: tuple[float, float]
    angles: tuple[float, float]
    at: Callable[[float, float, Mapping[str, float]], Decay]
    decays: int = 1


def two_photons(experiment: Experiment, selection: PhotonSelection) -> Acceptance:
    """Acceptance of two photons in a calorimeter.

    Where both are asked for, the particle's line of flight hits the calorimeter (which is convex), and the photons are
    at least 2 m D / E apart, D being the distance from the vertex: this bounds angle and boost.
    """
    cuts = np.zeros(5)
    cuts[photons.PHOTONS], cuts[photons.EACH] = selection.photons, selection.each
    cuts[photons.E_MIN], cuts[photons.E_MAX] = selection.energy
    cuts[photons.SEPARATION] = selection.separation
    vetoes = _openings(experiment, selection)
    calorimeter = experiment.planes[selection.calorimeter]
    geometry = (*_place(experiment), vetoes, calorimeter.row, cuts)

    least_boost, angles = (1.0, 1.0), experiment.angles
    if selection.photons == 2:
        x, y, z = experiment.target.position
        reach = calorimeter.extent + math.hypot(calorimeter.centre[0] - x, calorimeter.centre[1] - y)
        angles = angles[0], min(angles[1], math.atan2(reach, calorimeter.z - z))
        ends = experiment.volume.aperture.z, experiment.volume.end
        front, end = (max(1.0, (calorimeter.z - z) / (photons.SLACK * calorimeter.extent)) for z in ends)
        least_boost = front, end

    def at(mass: float, _: float, __: Mapping[str, float]) -> Decay:
        return _decay(photons.two_photons, mass, geometry, selection.efficiency)

    return Acceptance(3, selection.photons * selection.energy[0], least_boost, angles, at)


def two_tracks(experiment: Experiment, selection: TrackSelection) -> Acceptance:
    """Acceptance of two tracks of opposite charge in a spectrometer; the magnet is one kick in its middle.

    Where one of them is enough the angles of the decay are looked at evenly: rare ones, in which the other is lost,
    count.
    """
    cuts = _track_cuts(experiment, selection)
    cuts[tracks.DAUGHTER] = particles.mass(TRACKS[selection.channel])
    vetoes, planes = _openings(experiment, selection), _rows(experiment, selection)
    geometry = (*_place(experiment), vetoes, planes, cuts, _aim(selection))

    def at(mass: float, _: float, __: Mapping[str, float]) -> Decay:
        return _decay(tracks.two_tracks, mass, geometry, selection.efficiency)

    least = max(selection.tracks * selection.momentum[0], selection.energy[0])
    return Acceptance(5 if selection.tracks == 2 else 3, least, (1.0, 1.0), experiment.angles, at)


def many_bodies(experiment: Experiment, selection: TrackSelection, portal: str, seed: int, sets: int) -> Acceptance:
    """Acceptance of simulated final states, open (two tracks of opposite charge) or exclusive (all that there is).

    Parameters
    ----------
    experiment, selection
    portal : str
        It chooses matrix elements.
    seed, sets : int
        Of the simulated events: independent sets, of which each serves its share of the points.
    """
    neutral = np.zeros(4)
    neutral[bodies.E_MIN], neutral[bodies.E_MAX] = selection.photon_energy
    neutral[bodies.SEPARATION], neutral[bodies.ALL] = selection.separation, selection.channel == EXCLUSIVE
    calorimeter = experiment.planes[selection.calorimeter].row if selection.calorimeter else np.zeros(N_COLUMNS)
    vetoes, planes = _openings(experiment, selection), _rows(experiment, selection)
    cuts = _track_cuts(experiment, selection)
    geometry = (*_place(experiment), vetoes, planes, cuts, calorimeter, neutral, _aim(selection))

    def at(mass: float, share: float, ratios: Mapping[str, float]) -> Decay:
        number = max(FEWEST, round(share * EVENTS))
        mixed = mixture(portal, ratios, mass, sets, number, seed, neutrals=bool(neutral[bodies.ALL]))
        by_set = mixed.events.momenta, mixed.events.kinds, mixed.events.analysers, mixed.weights
        return _decay(bodies.many_bodies, mass, (*geometry, *by_set), selection.efficiency, leans=True)

    return Acceptance(3, 2.0 * selection.momentum[0], (1.0, 1.0), experiment.angles, at, bodies.DECAYS)


def _decay(
    kernel: Callable[..., None], mass: float, geometry: tuple[Array, ...], efficiency: float, leans: bool = False
) -> Decay:
    """What `Acceptance.at` gives, from a kernel and what it reads of the experiment."""

    def decay(energy: Array, slope: Array, points: Array) -> tuple[Array, Array, Array | None]:
        tau, chance = np.empty(len(points)), np.empty(len(points))
        lean = np.empty((len(points), 2)) if leans else None
        kernel(mass, energy, slope, points, *geometry, tau, chance, *([lean] if leans else []))
        return tau, chance * efficiency, lean

    return decay


def _place(experiment: Experiment) -> tuple[Array, Array, Array]:
    """Origin, azimuths and decay volume as the kernels read them."""
    return experiment.origin, experiment.azimuth, experiment.volume.row


def _track_cuts(experiment: Experiment, selection: TrackSelection) -> Array:
    """Momentum window and magnet as `darkdump.kernels.tracks.track` reads them."""
    magnet = experiment.magnets.get(selection.magnet)
    cuts = np.zeros(tracks.N_CUTS)
    cuts[tracks.TRACKS], cuts[tracks.EACH] = selection.tracks, selection.each
    cuts[tracks.E_MIN], cuts[tracks.E_MAX] = selection.energy
    cuts[tracks.P_MIN], cuts[tracks.P_MAX] = selection.momentum
    cuts[tracks.MAGNET] = math.inf if magnet is None else 0.5 * sum(magnet.z)
    cuts[tracks.KICK] = 0.0 if magnet is None else magnet.kick
    return cuts


def _aim(selection: TrackSelection) -> Array:
    """How well a pair must point back, as `darkdump.kernels.pointing.pointing` reads it."""
    aim = np.zeros(pointing.N_AIMS)
    aim[pointing.DISTANCE], aim[pointing.MISSING] = math.inf, math.inf
    if selection.pointing is not None:
        asked = selection.pointing
        aim[:] = [asked.distance, *asked.z, *asked.momentum_resolution, *asked.angle_resolution, asked.missing_momentum]
    return aim


def _rows(experiment: Experiment, selection: TrackSelection) -> Array:
    """Planes that tracks must hit, shape (p, N_COLUMNS)."""
    return np.array([experiment.planes[name].row for name in selection.planes]).reshape(-1, N_COLUMNS)


def _openings(experiment: Experiment, selection: Selection) -> Array:
    """Position and radius [m] of the round openings that a selection vetoes around, shape (v, 2)."""
    planes = [experiment.planes[name] for name in selection.vetoes]
    return np.array([(plane.z, plane.radius) for plane in planes]).reshape(-1, 2)


PHOTONS: Final = ("gamma gamma",)
"""Final states of two photons."""

TRACKS: Final[Mapping[str, str]] = {"e e": "e-", "mu mu": "mu-", "pi pi": "pi+", "K K": "K+"}
"""Final states of two tracks, and the particle that makes one."""


def selection_of(experiment: Experiment, channel: str, fallback: str) -> Selection | None:
    """The selection of a channel: the one of that name, that of its group, or one for any final state.

    Parameters
    ----------
    experiment : Experiment
    channel : str
    fallback : str
        `darkdump.experiment.OPEN` or `EXCLUSIVE`.

    Returns
    -------
    Selection or None
        None where nothing is selected, or can be.
    """
    own = experiment.selections.get(channel) or experiment.selections.get(finalstates.group(channel))
    for_any = experiment.selections.get(fallback)
    if own is not None or not isinstance(for_any, TrackSelection) or channel not in finalstates.channels():
        return own
    if channel in TRACKS:
        return replace(for_any, channel=channel)
    return for_any if finalstates.visible(channel, every=fallback == EXCLUSIVE) else None


def acceptance(experiment: Experiment, selection: Selection, portal: str, seed: int, sets: int) -> Acceptance:
    """What a selection accepts of its channels; parameters as in `many_bodies`."""
    if isinstance(selection, PhotonSelection):
        return two_photons(experiment, selection)
    if selection.channel in TRACKS:
        return two_tracks(experiment, selection)
    return many_bodies(experiment, selection, portal, seed, sets)
