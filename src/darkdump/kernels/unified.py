"""Acceptance of counts by the ordering of Feldman and Cousins, Phys. Rev. D 57 (1998) 3873 (physics/9711021)."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

TIE = 1e-12
"""Relative difference up to which two likelihood ratios are the same."""

HALVINGS = 40


@jit
def chances(signal: float, background: Array, found: Array) -> None:
    """Chance of each number of events, shape (m,): signal on a background of given chances, shape (m,); written to."""
    found[:] = 0.0
    term = math.exp(-signal)
    for j in range(found.size):
        for k in range(found.size - j):
            found[j + k] += term * background[k]
        term *= signal / (j + 1.0)


@jit
def chance(n: int, signal: float, background: Array) -> float:
    """Chance of n events; 0 if n is negative."""
    total, term = 0.0, math.exp(-signal)
    for j in range(n + 1):
        total += term * background[n - j]
        term *= signal / (j + 1.0)
    return total


@jit
def largest(background: Array, found: Array) -> None:
    """Largest chance of each number of events, whatever the signal.

    The chance of n events rises with the signal as long as that of n - 1 events is greater.
    """
    for n in range(background.size):
        low, high = 0.0, 1.0 * n
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if chance(n - 1, middle, background) > chance(n, middle, background):
                low = middle
            else:
                high = middle
        found[n] = max(chance(n, 0.5 * (low + high), background), background[n])


@jit
def accepted(n: int, level: float, signal: float, background: Array, best: Array, row: Array) -> bool:
    """Whether n events are among the likeliest ones, against their best signals, that make up the level."""
    chances(signal, background, row)
    own, before = row[n] / best[n] * (1.0 + TIE), 0.0
    for m in range(row.size):
        if row[m] > own * best[m]:
            before += row[m]
    return before < level


@jit
def outermost(n: int, level: float, start: float, stop: float, step: float, background: Array, best: Array) -> float:
    """First signal on the way from start to stop that accepts n events; stop if there is none.

    Parameters
    ----------
    n : int
    level : float
        Confidence level.
    start, stop, step : float
        Signals; the first is refined between two steps.
    background, best : ndarray, shape (m,)
        Chances of background events, and largest chances with a signal.
    """
    row = np.empty(background.size)
    steps = max(int(abs(stop - start) / step), 1)
    signal = start
    for i in range(steps + 1):
        before, signal = signal, start + (stop - start) * i / steps
        if accepted(n, level, signal, background, best, row):
            if i == 0:
                return start
            for _ in range(HALVINGS):
                middle = 0.5 * (before + signal)
                if accepted(n, level, middle, background, best, row):
                    signal = middle
                else:
                    before = middle
            return signal
    return stop
