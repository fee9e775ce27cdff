"""Decays of K+ that violate lepton number or flavour: three charged particles, all of them seen."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from darkdump import particles
from darkdump.errors import CardError
from darkdump.kaon.alltracks import TRACK_AXES, balanced, charged, crossing, in_windows
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count, count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import REST, Decays, fly
from darkdump.kaon.fourvectors import invariant_mass
from darkdump.kaon.sampling import cube, mean, rms, within
from darkdump.kaon.types import Array, Estimate, Pair
from darkdump.phasespace import chained

POINTS = 2**12
"""Sobol points of each scramble."""


@dataclass(frozen=True)
class Measured:
    """What is measured of simulated decays.

    Attributes
    ----------
    mass : ndarray, shape (n,)
        Invariant mass of the three particles [GeV].
    weight : ndarray, shape (n,)
        On average the part of all decays that passes all cuts but that on the mass.
    """

    mass: Array
    weight: Array

    @property
    def resolution(self) -> float:
        """Standard deviation of the mass [GeV]; NaN where nothing passes."""
        if not self.weight.any():
            return math.nan
        return rms(self.mass, float(np.average(self.mass, weights=self.weight)), self.weight)


@cache
def sample(volume: Pair, bodies: tuple[str, str, str]) -> tuple[Decays, Array]:
    """Simulated decays K+ -> three charged particles, and the points that they were made from.

    They fill phase space evenly: no matrix element is taken.
    """
    points = cube(REST + 5 + 3 * TRACK_AXES, POINTS)
    rest, weight = chained(particles.mass("K+"), [particles.mass(name) for name in bodies], points[:, REST : REST + 5])
    return fly(apparatus(), volume, rest, points, weight), points


def measure(data: DataSet) -> Measured:
    """What is measured of the decays of a card.

    Raises
    ------
    CardError
        If the card does not name three bodies.
    """
    if len(data.bodies) != 3:
        raise CardError(
            f"{data.name}: sample.bodies = {list(data.bodies)} is not allowed; it must name three particles"
        )
    one, two, three = data.bodies
    decays, points = sample(data.volume, (one, two, three))
    place = np.repeat(decays.vertex[:, None], 3, axis=1)
    tracks = charged(apparatus(), data.bodies, place, decays.daughters, points[:, REST + 5 :])
    good = crossing(apparatus(), data, data.bodies, place, decays.daughters)
    good &= in_windows(data, tracks) & balanced(apparatus(), data, tracks.found)
    return Measured(invariant_mass(tracks.found), np.where(good, decays.weight, 0.0))


def acceptance(data: DataSet) -> dict[str, Estimate]:
    """Part of the decays in the fiducial volume that passes all cuts: geometry and kinematics alone."""
    found = measure(data)
    inside = within(found.mass, (data.given("mass, low"), data.given("mass, high")))
    return {"signal": mean(np.where(inside, found.weight, 0.0))}


def search(data: DataSet) -> Count:
    """Sensitivity and limit for a decay that violates lepton number or flavour.

    Parameters
    ----------
    data : DataSet
        Of the search ``"lnv"``.
    """
    return count(data, f"BR(K+ -> {' '.join(data.bodies)})", acceptance(data))
