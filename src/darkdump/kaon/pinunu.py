"""K+ -> pi+ nu nubar: spectrum, acceptance, resolution of the missing mass."""

from functools import cache
from itertools import pairwise

import numpy as np

from darkdump import particles
from darkdump.formfactors.semileptonic import pseudoscalar
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count, count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.dataset_parts import Fiducial
from darkdump.kaon.flight import REST, Decays, fly, fly_to_two
from darkdump.kaon.onetrack import OneTrack, one_track, part
from darkdump.kaon.sampling import cube, rms, within
from darkdump.kaon.types import Array, Estimate, Pair
from darkdump.phasespace import kallen, two_body

POINTS = 2**12
"""Sobol points of each scramble."""

BIN = 5.0
"""Width of the bins of momentum in which the resolution is told [GeV]."""


def spectrum(q2: Array) -> Array:
    """Spectrum of K+ -> pi+ nu nubar in the squared mass of the neutrino pair [GeV^2], up to a factor.

    d Gamma / d q^2 ~ lambda^(3/2)(m_K^2, m_pi^2, q^2) f_+(q^2)^2, f_+ that of K_l3 by isospin.

    References
    ----------
    Marciano, Parsa, Phys. Rev. D 53 (1996) R1; Mescia, Smith, arXiv:0705.2025.
    """
    kaon, pion = particles.mass("K+"), particles.mass("pi+")
    own = np.maximum(kallen(np.full_like(q2, kaon**2), np.full_like(q2, pion**2), q2), 0.0)
    rate: Array = own**1.5 * pseudoscalar("K+ pi", q2, kaon, pion)[0] ** 2
    return rate


@cache
def sample(fiducial: Fiducial) -> tuple[Decays, list[OneTrack]]:
    """Simulated K+ -> pi+ nu nubar, and what is measured of them."""
    kaon, pion = particles.mass("K+"), particles.mass("pi+")
    points = cube(REST + 3, POINTS)
    q2 = points[:, REST + 2] * (kaon - pion) ** 2
    rest = two_body(kaon, pion, np.sqrt(q2), points[:, REST:])
    decays = fly(apparatus(), fiducial.volume, rest, points, spectrum(q2))
    return decays, one_track(apparatus(), fiducial, decays, points)


@cache
def acceptance(data: DataSet) -> dict[str, Estimate]:
    """Part of the decays in the fiducial volume that falls into each signal region: geometry and kinematics alone."""
    kinds = sample(data.fiducial)[1]
    return {name: part(kinds, region) for name, region in data.regions.items()}


def accepted(data: DataSet) -> float:
    """The same in all signal regions together."""
    return sum(value for value, _ in acceptance(data).values())


def search(data: DataSet) -> Count:
    """What a data set says of K+ -> pi+ nu nubar, with the simulated acceptance of each signal region."""
    return count(data, "BR(K+ -> pi+ nu nubar)", acceptance(data))


@cache
def peak_of_pions(fiducial: Fiducial, momentum: Pair) -> Estimate:
    """Mean and standard deviation of the squared missing mass of K+ -> pi+ pi0 [GeV^2], of pions in a window [GeV]."""
    points = cube(REST + 2, POINTS)
    decays = fly_to_two(apparatus(), fiducial.volume, "pi+", particles.mass("pi0"), points)
    track = one_track(apparatus(), fiducial, decays, points)[0]
    weight = track.weight * within(track.momentum, momentum)
    centre = float(np.average(track.missing_mass2, weights=weight))
    return centre, rms(track.missing_mass2, centre, weight)


def resolution(data: DataSet) -> dict[Pair, float]:
    """Resolution of the squared missing mass [GeV^2] at the pi0, in bins of the pion's momentum [GeV]."""
    slow, fast = data.momentum[0], max(region.momentum[1] for region in data.regions.values())
    edges = np.linspace(slow, fast, max(round((fast - slow) / BIN), 1) + 1).tolist()
    return {bin_: peak_of_pions(data.fiducial, bin_)[1] for bin_ in pairwise(edges)}
