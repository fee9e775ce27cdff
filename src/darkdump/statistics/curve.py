"""From events on a grid to the edges of the excluded region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FLOOR = -700.0
"""Logarithm that stands for no events at all."""


@dataclass(frozen=True)
class Interval:
    """Couplings that are excluded at one mass, and the numerical errors of the ends.

    Attributes
    ----------
    mass : float
        [GeV]
    low, high : float
        Ends; one that lies on the edge of the scanned range is open there.
    low_error, high_error : float
        Relative numerical error of the ends; 0 at an open end.
    low_open, high_open : bool
        Whether the region goes on beyond the scanned range.
    """

    mass: float
    low: float
    high: float
    low_error: float
    high_error: float
    low_open: bool
    high_open: bool


def log_ratio(events: Array, threshold: float) -> Array:
    """Logarithm of events over threshold, with a finite floor where there are no events."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(events / threshold), _FLOOR)


def excluded(masses: Array, couplings: Array, events: Array, errors: Array, threshold: float) -> list[Interval]:
    """Excluded intervals of the coupling at each mass.

    Parameters
    ----------
    masses : ndarray, shape (m,)
        [GeV]
    couplings : ndarray, shape (c,)
        Ascending.
    events, errors : ndarray, shape (m, c)
        Expected events and their relative numerical error.
    threshold : float
        Events above which a coupling is excluded.

    Returns
    -------
    list of Interval
        In ascending mass, then coupling; an end is interpolated in log events against log coupling.
    """
    ratio = log_ratio(events, threshold)
    log_c = np.log(couplings)
    found = []
    for mass, row, error in zip(masses, ratio, errors, strict=True):
        above = np.concatenate([[False], row > 0.0, [False]])
        starts, stops = np.flatnonzero(~above[:-1] & above[1:]), np.flatnonzero(above[:-1] & ~above[1:])
        for first, beyond in zip(starts.tolist(), stops.tolist(), strict=True):
            low, low_error = _crossing(log_c, row, error, first - 1, first)
            high, high_error = _crossing(log_c, row, error, beyond, beyond - 1)
            found.append(
                Interval(
                    float(mass), low, high, low_error, high_error, bool(first == 0), bool(beyond == len(couplings))
                )
            )
    return found


def _crossing(log_c: Array, row: Array, error: Array, outside: int, inside: int) -> tuple[float, float]:
    """Where `row` crosses zero between two neighbours, and its relative error; the edge if there is no neighbour."""
    if not 0 <= outside < len(row):
        return float(np.exp(log_c[inside])), 0.0
    slope = (row[inside] - row[outside]) / (log_c[inside] - log_c[outside])
    end = log_c[inside] - row[inside] / slope
    return float(np.exp(end)), float(error[inside] / abs(slope))
