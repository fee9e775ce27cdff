"""The reach for any pattern of mixings at one mass, from one simulation."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.experiment import Experiment
from darkdump.model import PORTALS, Model, mixed
from darkdump.recipe import Recipe
from darkdump.scanning import limit_on_events, make_recipe, simulated
from darkdump.statistics.curve import excluded
from darkdump.yields import ProperTimes, events, remixed

Array = NDArray[np.float64]

STEPS = 20
"""Steps along each side of the triangle of patterns."""

LARGEST_STEPS = 200

POINTS, HALVES = 8192, 2
"""Points of a simulation, and independent simulations whose difference is the numerical error: patterns of which few
decays come count, too."""

NARROW = 1e-6
"""Relative width of the range of masses that stands for one mass."""


@dataclass(frozen=True)
class Ternary:
    """What is excluded for each pattern.

    Attributes
    ----------
    recipe : Recipe
        Of the simulation, in which all parts are equal.
    mass : float
        [GeV]
    parts : ndarray, shape (n, 3)
        Parts of the mixings with e, mu and tau, which add up to one.
    low, high : ndarray, shape (n,)
        Least and largest coupling that is excluded, NaN where none is.
    times : ProperTimes
        Proper-time spectra, from which all patterns are read.
    threshold : float
        Events that are excluded.
    error : float
        Relative numerical error of the least coupling, for the pattern where it is largest.
    """

    recipe: Recipe
    mass: float
    parts: Array
    low: Array
    high: Array
    times: ProperTimes
    threshold: float
    error: float


def triangle(steps: int) -> Array:
    """Patterns on an even triangular grid, shape ((steps + 1) (steps + 2) / 2, 3)."""
    rows = [(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    return np.array(rows) / steps


def ternary(
    model: Model, experiment: Experiment, mass: float, *, steps: int = STEPS, threads: int | None = None, **options: Any
) -> Ternary:
    """Scan the patterns of mixings at one mass.

    Parameters
    ----------
    model : Model
        Of a heavy neutral lepton; its pattern does not count.
    experiment : Experiment
    mass : float
        [GeV]
    steps : int
        Along each side of the triangle.
    threads : int, optional
        As in `darkdump.scanning.scan`.
    **options
        As in `darkdump.scanning.scan`, without ``mass``, ``masses`` and ``pattern``.

    Raises
    ------
    DarkdumpError
        If the model has no pattern, or an option makes no sense.
    """
    names = PORTALS[model.portal].parts
    if not names:
        raise DarkdumpError(f"model '{model.name}' has no pattern of mixings; heavy neutral leptons have")
    if not 1 <= steps <= LARGEST_STEPS:
        raise DarkdumpError(f"steps = {steps} is not allowed; it must be 1 to {LARGEST_STEPS}")
    if not 0.0 < mass < np.inf:
        raise DarkdumpError(f"mass = {mass:g} is not allowed; it must be a number above 0")
    narrow = (mass, mass * (1.0 + NARROW))
    options = {"points": POINTS} | options
    recipe = make_recipe(model, experiment, pattern=[1.0] * len(names), mass=narrow, masses=2, **options)
    halves = [
        simulated(replace(recipe, seed=recipe.seed + i), recipe.masses[:1], threads=threads) for i in range(HALVES)
    ]
    times = replace(halves[0], spectra=np.mean([half.spectra for half in halves], axis=0))
    threshold, parts = limit_on_events(recipe), triangle(steps)
    low, high = _edges(times, parts, recipe, threshold).T
    apart = np.log([_edges(half, parts, recipe, threshold)[:, 0] for half in halves])
    seen = np.isfinite(apart).all(axis=0)
    error = float(np.ptp(apart[:, seen], axis=0).max() / HALVES) if seen.any() else float("nan")
    return Ternary(recipe, mass, parts, low, high, times, threshold, error)


def _edges(times: ProperTimes, parts: Array, recipe: Recipe, threshold: float) -> Array:
    """Least and largest coupling that is excluded for each pattern, shape (n, 2)."""
    edges = np.full((len(parts), 2), np.nan)
    for i, part in enumerate(parts):
        model = mixed(recipe.model, list(part))
        by_mode, errors = events(model, remixed(model, times), recipe.coupling.values, recipe.pot)
        found = excluded(times.masses, recipe.coupling.values, by_mode.sum(axis=0), errors, threshold)
        if found:
            edges[i] = min(one.low for one in found), max(one.high for one in found)
    return edges
