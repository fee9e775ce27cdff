"""From particles to the proper times of their accepted decays."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump.experiment import Experiment, Selection
from darkdump.kernels import photons

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Acceptance:
    """What an experiment accepts of one final state.

    Attributes
    ----------
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

    least_energy: float
    least_boost: tuple[float, float]
    angles: tuple[float, float]
    decay: Callable[[float, Array, Array, Array], tuple[Array, Array]]


def two_photons(experiment: Experiment, selection: Selection) -> Acceptance:
    """Acceptance of two photons in a calorimeter.

    Where both are asked for, the particle's line of flight hits the calorimeter (which is convex), and the photons are
    at least 2 m D / E apart, D being the distance from the vertex: this bounds angle and boost.
    """
    cuts = np.zeros(5)
    cuts[photons.PHOTONS], cuts[photons.EACH] = selection.photons, selection.each
    cuts[photons.E_MIN], cuts[photons.E_MAX] = selection.energy
    cuts[photons.SEPARATION] = selection.separation
    openings = [experiment.planes[name] for name in selection.vetoes]
    vetoes = np.array([(plane.z, plane.radius) for plane in openings]).reshape(-1, 2)
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

    return Acceptance(selection.photons * selection.energy[0], least_boost, angles, decay)


ACCEPTANCE: Final[Mapping[str, Callable[[Experiment, Selection], Acceptance]]] = {"gamma gamma": two_photons}
"""Acceptance of each final state."""
