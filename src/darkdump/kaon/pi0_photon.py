"""Decays of tagged pi0 to one photon and nothing else that is seen: pi0 -> gamma A' and pi0 -> gamma nu nubar."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from darkdump import particles
from darkdump.errors import CardError
from darkdump.experiment import Counting
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count, count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import proper_flights
from darkdump.kaon.onephoton import DECAY, POINTS, PROCESS, SPECTRUM, background, missing, tagged
from darkdump.kaon.pdg import branching_ratio
from darkdump.kaon.peak import MassScan, Peak, scan_masses
from darkdump.kaon.sampling import ratio, rms, within
from darkdump.kaon.types import Array, Estimate, Pair
from darkdump.phasespace import boosted, two_body
from darkdump.statistics.many import counts

SIGNAL_POINTS = 2**10
"""Sobol points of each scramble at each mass."""


def ratio_to_two_photons(mass: float) -> float:
    """BR(pi0 -> gamma A') over eps^2 BR(pi0 -> gamma gamma): 2 (1 - m^2 / m_pi0^2)^3.

    References
    ----------
    Batell, Pospelov, Ritz, arXiv:0906.5614; NA62, arXiv:1903.08767.
    """
    return 2.0 * max(1.0 - (mass / particles.mass("pi0")) ** 2, 0.0) ** 3


def dark_photon_peak(data: DataSet, mass: float, window: float) -> Peak | None:
    """What is expected at a mass [GeV]; None where nothing is accepted.

    Parameters
    ----------
    data : DataSet
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    """
    made = tagged(data, SIGNAL_POINTS)
    pair = two_body(particles.mass("pi0"), 0.0, mass, made.points[:, DECAY])
    pair = boosted(pair, made.pion)
    square, weight = missing(data, made, pair[:, 0], 1)[0]
    if mass >= particles.mass("pi0") or not weight.any():
        return None
    sigma = rms(square, mass**2, weight)
    inside = mass**2 - window * sigma, mass**2 + window * sigma
    chosen = np.where(within(square, inside), weight, 0.0)
    value, error = ratio(chosen, made.weight)
    if value == 0.0:
        return None
    per_pion = ratio_to_two_photons(mass) * branching_ratio("pi0 gamma gamma")
    tagged_pions, relative = data.exposure
    return Peak(
        acceptance=value,
        error=error / value,
        resolution=sigma,
        sensitivity=1.0 / (tagged_pions * value * per_pion),
        sensitivity_error=math.hypot(relative, error / value),
        background={PROCESS: background(data, inside)},
        flights=proper_flights(apparatus(), made.vertex, pair[:, 1], mass, np.flatnonzero(chosen)),
    )


def dark_photon(
    data: DataSet, masses: Array | Sequence[float], window: float | None = None, confidence_level: float = 0.9
) -> MassScan:
    """Limits on eps^2 from pi0 -> gamma A' with A' not seen, against the mass of A' [GeV].

    The acceptance counts from the tagged pi0.  Background is that of `PROCESS` alone: photons that convert or shower
    before the calorimeter, tails of its energy, accidental photons, K+ -> pi+ pi0 gamma and decays with muons or
    electrons are not simulated.

    Parameters
    ----------
    data : DataSet
    masses : ndarray, shape (m,)
        Of which those where nothing is accepted are left out.
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if not given.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If nothing is accepted at any mass.
    CardError
        If the card lacks a number.
    """
    half = data.scanned.window if window is None else window
    return scan_masses("eps^2", masses, lambda mass: dark_photon_peak(data, mass, half), confidence_level)


def neutrino_pair(u: Array) -> Array:
    """Squared masses [GeV^2] of the pairs in pi0 -> gamma nu nubar, from points of the unit interval.

    The pion couples to a photon and the vector current of the Z as it does to two photons, so that with x = s / m_pi0^2
    the rate is that of pi0 -> gamma e+ e- without the photon's propagator: d Gamma / dx ~ x (1 - x)^3.

    References
    ----------
    Kroll, Wada, Phys. Rev. 98 (1955) 1355, for pi0 -> gamma e+ e-.
    """
    from scipy.special import betaincinv

    square: Array = betaincinv(2.0, 4.0, u) * particles.mass("pi0") ** 2
    return square


def nu_nu_acceptance(data: DataSet) -> Estimate:
    """Part of the tagged pi0 -> gamma nu nubar that falls into the window of the missing mass."""
    made = tagged(data, POINTS)
    pair = np.sqrt(neutrino_pair(made.points[:, SPECTRUM]))
    photon = boosted(two_body(particles.mass("pi0"), 0.0, pair, made.points[:, DECAY]), made.pion)[:, 0]
    square, weight = missing(data, made, photon, 1)[0]
    return ratio(np.where(within(square, _window(data)), weight, 0.0), made.weight)


def _window(data: DataSet) -> Pair:
    if "window" not in data.regions:
        raise CardError(f"{data.name}: region.window is missing; it must be a table with missing_mass2 and source")
    return data.regions["window"].missing_mass2


def nu_nu(data: DataSet, predicted: bool = False) -> Count:
    """Search for pi0 -> gamma nu nubar in a wide window of the missing mass.

    Parameters
    ----------
    data : DataSet
    predicted : bool
        Whether the counts are those of the simulated background, its median observed, instead of the card's.

    Raises
    ------
    CardError
        If the card lacks a number.
    """
    found = count(data, "BR(pi0 -> gamma nu nubar)", {"window": nu_nu_acceptance(data)})
    if not predicted:
        return found
    value, error = background(data, _window(data))
    n_obs = int(counts(value, error, 0.5)[0])
    return replace(found, counting=Counting(n_obs, value, error, 0.0, f"simulated {PROCESS}"))
