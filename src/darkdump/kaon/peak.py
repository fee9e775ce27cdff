"""Searches for a peak: for each mass, what a window of the missing mass accepts, and the limit that follows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from darkdump.errors import DarkdumpError
from darkdump.kaon.types import Array, Estimate
from darkdump.statistics.many import expected_limits

MIN_MASSES = 3
"""Masses that it takes to tell a gap from a step."""

NEVER = 1e-9
"""Chance to be seen as it must be below which a particle is not looked for."""


@dataclass(frozen=True)
class Peak:
    """What is expected at one mass.

    Attributes
    ----------
    acceptance, error : float
        Part of the decays that falls into the window, and its relative numerical error.
    resolution : float
        Standard deviation of the measured squared mass [GeV^2].
    sensitivity : float
        Parameter (branching ratio, or squared coupling) of one expected event.
    sensitivity_error : float
        Relative.
    background : dict
        Events in the window and their error, by process.
    noise : float
        Relative numerical error of the background, where it is simulated.
    flights : ndarray, shape (e,)
        Proper times [m] in which accepted particles leave the experiment: those that live shorter may be seen.
    """

    acceptance: float
    error: float
    resolution: float
    sensitivity: float
    sensitivity_error: float
    background: Mapping[str, Estimate] = field(default_factory=dict)
    noise: float = 0.0
    flights: Array = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class MassScan:
    """Limits against mass.

    Attributes
    ----------
    parameter : str
        What is limited, as text: ``"BR(K+ -> pi+ X)"``.
    masses : ndarray, shape (m,)
        [GeV]
    peaks : tuple of Peak
    confidence_level : float
    limits : dict of ndarray, shape (m,)
        ``"median"``, ``"low"`` and ``"high"`` of what background alone would give: limits on the parameter.
    """

    parameter: str
    masses: Array
    peaks: tuple[Peak, ...]
    confidence_level: float
    limits: Mapping[str, Array]

    def column(self, name: str) -> Array:
        """An attribute of the peaks, shape (m,)."""
        return np.array([getattr(peak, name) for peak in self.peaks])

    @property
    def background(self) -> Array:
        """Events in the windows, all processes, shape (m,)."""
        return np.array([sum(b for b, _ in peak.background.values()) for peak in self.peaks])

    @property
    def background_error(self) -> Array:
        """Their errors, the processes independent of each other, shape (m,)."""
        return np.array([math.hypot(*(db for _, db in peak.background.values())) for peak in self.peaks])

    @property
    def limit(self) -> Array:
        """The median limit, shape (m,)."""
        return self.limits["median"]

    def escape(self, ctau: Array) -> Array:
        """Chance that an accepted particle leaves before it decays.

        Parameters
        ----------
        ctau : ndarray, shape (m, c)
            Proper lifetimes [m].

        Returns
        -------
        ndarray, shape (m, c)
        """
        with np.errstate(divide="ignore"):
            rates = 1.0 / ctau
        pairs = zip(self.peaks, rates, strict=True)
        return np.array([np.exp(-np.outer(rate, peak.flights)).mean(axis=1) for peak, rate in pairs])


def mass_scan(
    parameter: str,
    masses: Array,
    peaks: list[Peak],
    confidence_level: float = 0.9,
) -> MassScan:
    """Limits from what is expected at each mass; the parameters are those of `MassScan`.

    The relative error of the sensitivity that limits are averaged over is the largest of all masses.

    Raises
    ------
    DarkdumpError
        If nothing is accepted at any mass, or the confidence level makes no sense.
    """
    if not 0.01 <= confidence_level <= 0.9999:
        raise DarkdumpError(
            f"confidence level = {confidence_level:g} is not allowed; it must lie between 0.01 and 0.9999"
        )
    if not peaks:
        raise DarkdumpError("no mass can be searched: the range lies outside of the signal regions")
    scan = MassScan(parameter, masses, tuple(peaks), confidence_level, {})
    error = float(scan.column("sensitivity_error").max())
    events = expected_limits(scan.background, scan.background_error, error, confidence_level)
    limits = {name: one * scan.column("sensitivity") for name, one in events.items()}
    return replace(scan, limits=limits)


def living(scan: MassScan, chance: Array) -> MassScan:
    """The same limits for a particle that lives, which is as visible as it must be with some chance.

    Parameters
    ----------
    scan : MassScan
    chance : ndarray, shape (m,)
        Masses at which it is below `NEVER` are left out.

    Raises
    ------
    DarkdumpError
        If no mass is left.
    """
    kept = np.flatnonzero(chance > NEVER)
    if not kept.size:
        raise DarkdumpError("with this lifetime nothing is seen at any mass")
    peaks = tuple(replace(scan.peaks[m], sensitivity=scan.peaks[m].sensitivity / float(chance[m])) for m in kept)
    limits = {name: limit[kept] / chance[kept] for name, limit in scan.limits.items()}
    return replace(scan, masses=scan.masses[kept], peaks=peaks, limits=limits)


def scan_masses(
    parameter: str, masses: Array | Sequence[float], at: Callable[[float], Peak | None], confidence_level: float
) -> MassScan:
    """Limits against mass; positions of observed events are not known.

    Parameters
    ----------
    parameter : str
        What is limited, as text.
    masses : sequence of float
        [GeV]
    at : callable
        What is expected at a mass; None where nothing can be searched, which leaves that mass out.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        As `mass_scan`.
    """
    found = {float(mass): at(float(mass)) for mass in masses}
    kept = {mass: peak for mass, peak in found.items() if peak is not None}
    return mass_scan(parameter, np.array(list(kept)), list(kept.values()), confidence_level)


def stretches(masses: Array) -> list[slice]:
    """Stretches of masses without a gap: a step of more than twice the median one is a gap."""
    if len(masses) < MIN_MASSES:
        return [slice(0, len(masses))]
    steps = np.diff(masses)
    breaks = np.flatnonzero(steps > 2.0 * np.median(steps)) + 1
    ends = [0, *breaks.tolist(), len(masses)]
    return [slice(first, last) for first, last in pairwise(ends)]
