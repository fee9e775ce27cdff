"""From particles to the proper times of their accepted decays."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.experiment import Experiment, PhotonSelection, Selection, TrackSelection
from darkdump.kernels import photons, tracks
from darkdump.kernels.plane import N_COLUMNS

Array = NDArray[np.float64]


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
    decay : callable
        From mass [GeV], energies [GeV], tangents of the angle to the beam and points of the unit cube to the proper
        times [m] and chances [m] of the decays that are accepted; see `darkdump.kernels.photons.two_photons`.
    """

    adapted: int
    least_energy: float
    least_boost: tuple[float, float]
    angles: tuple[float, float]
    decay: Callable[[float, Array, Array, Array], tuple[Array, Array]]


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
    geometry = (
        experiment.origin, experiment.azimuth, experiment.volume.row, vetoes, calorimeter.row, cuts
    )  # fmt: skip

    least_boost, angles = (1.0, 1.0), experiment.angles
    if selection.photons == 2:
        x, y, z = experiment.target.position
        reach = calorimeter.extent + math.hypot(calorimeter.centre[0] - x, calorimeter.centre[1] - y)
        angles = angles[0], min(angles[1], math.atan2(reach, calorimeter.z - z))
        ends = experiment.volume.aperture.z, experiment.volume.end
        front, end = (max(1.0, (calorimeter.z - z) / (photons.SLACK * calorimeter.extent)) for z in ends)
        least_boost = front, end

    def decay(mass: float, energy: Array, slope: Array, points: Array) -> tuple[Array, Array]:
        tau, chance = np.empty(len(points)), np.empty(len(points))
        photons.two_photons(mass, energy, slope, points, *geometry, tau, chance)
        return tau, chance * selection.efficiency

    return Acceptance(3, selection.photons * selection.energy[0], least_boost, angles, decay)


def two_tracks(experiment: Experiment, selection: TrackSelection) -> Acceptance:
    """Acceptance of two tracks of opposite charge in a spectrometer; the magnet is one kick in its middle."""
    magnet = experiment.magnets.get(selection.magnet)
    cuts = np.zeros(tracks.N_CUTS)
    cuts[tracks.TRACKS], cuts[tracks.EACH] = selection.tracks, selection.each
    cuts[tracks.E_MIN], cuts[tracks.E_MAX] = selection.energy
    cuts[tracks.P_MIN], cuts[tracks.P_MAX] = selection.momentum
    cuts[tracks.MAGNET] = math.inf if magnet is None else 0.5 * sum(magnet.z)
    cuts[tracks.KICK] = 0.0 if magnet is None else magnet.kick
    cuts[tracks.DAUGHTER] = particles.mass(TRACKS[selection.channel])
    planes = np.array([experiment.planes[name].row for name in selection.planes]).reshape(-1, N_COLUMNS)
    geometry = (
        experiment.origin, experiment.azimuth, experiment.volume.row, _openings(experiment, selection), planes, cuts
    )  # fmt: skip

    def decay(mass: float, energy: Array, slope: Array, points: Array) -> tuple[Array, Array]:
        tau, chance = np.empty(len(points)), np.empty(len(points))
        tracks.two_tracks(mass, energy, slope, points, *geometry, tau, chance)
        return tau, chance * selection.efficiency

    least = max(selection.tracks * selection.momentum[0], selection.energy[0])
    return Acceptance(5, least, (1.0, 1.0), experiment.angles, decay)


def _openings(experiment: Experiment, selection: Selection) -> Array:
    """Position and radius [m] of the round openings that a selection vetoes around, shape (v, 2)."""
    planes = [experiment.planes[name] for name in selection.vetoes]
    return np.array([(plane.z, plane.radius) for plane in planes]).reshape(-1, 2)


PHOTONS: Final = ("gamma gamma",)
"""Final states of two photons."""

TRACKS: Final[Mapping[str, str]] = {"e e": "e-", "mu mu": "mu-", "pi pi": "pi+", "K K": "K+"}
"""Final states of two tracks, and the particle that makes one."""


def acceptance(experiment: Experiment, selection: Selection) -> Acceptance:
    """What an experiment accepts of the final state of a selection."""
    if isinstance(selection, PhotonSelection):
        return two_photons(experiment, selection)
    return two_tracks(experiment, selection)
