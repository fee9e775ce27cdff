"""Acceptance of counts by the ordering of Feldman and Cousins, Phys. Rev. D 57 (1998) 3873 (physics/9711021)."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

TIE = 1e-12
"""Relative difference up to which two likelihood ratios are the same."""

NEAR = 1e-9
"""Relative distance from a tie at which its two sides are looked at."""

HALVINGS = 40

COARSE = 26
"""Halvings for a signal at which a chance is greatest, and hardly depends on it."""


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
        for _ in range(COARSE):
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
def overtakes(less: int, more: int, signal: float, background: Array, best: Array) -> bool:
    """Whether the greater one of two numbers of events comes first in the order."""
    return bool(chance(more, signal, background) * best[less] > chance(less, signal, background) * best[more])


@jit
def ties(n: int, least: float, most: float, background: Array, best: Array, found: Array) -> int:
    """Signals between two limits at which another number of events overtakes n in the order, and how many there are.

    The chance of m events over that of n < m rises with the signal.  `found`, of shape (2 m,), is written to: signals
    just before and just beyond each tie.
    """
    number = 0
    for m in range(background.size):
        if m == n:
            continue
        less, more = min(m, n), max(m, n)
        low, high = least, most
        if overtakes(less, more, low, background, best) or not overtakes(less, more, high, background, best):
            continue
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if overtakes(less, more, middle, background, best):
                high = middle
            else:
                low = middle
        found[number], found[number + 1] = low * (1.0 - NEAR), high * (1.0 + NEAR)
        number += 2
    return number


@jit
def outermost(n: int, level: float, start: float, stop: float, step: float, background: Array, best: Array) -> float:
    """First signal on the way from start to stop that accepts n events; stop if there is none.

    Parameters
    ----------
    n : int
    level : float
        Confidence level.
    start, stop, step : float
        Signals; those between which the order of counts changes are tried as well, so that no sliver is missed.
    background, best : ndarray, shape (m,)
        Chances of background events, and largest chances with a signal.
    """
    row = np.empty(background.size)
    least, most = min(start, stop), max(start, stop)
    near = np.empty(2 * background.size)
    number = ties(n, least, most, background, best, near)
    steps = max(int((most - least) / step), 1)
    tried = np.concatenate((near[:number], np.linspace(least, most, steps + 1)))
    tried.sort()
    if start > stop:
        tried = tried[::-1]
    before = start
    for i in range(tried.size):
        signal = float(tried[i])
        if accepted(n, level, signal, background, best, row):
            if before == signal:
                return start
            for _ in range(HALVINGS):
                middle = 0.5 * (before + signal)
                if accepted(n, level, middle, background, best, row):
                    signal = middle
                else:
                    before = middle
            return signal
        before = signal
    return stop
