"""The reach for any pattern of mixings at one mass, from one simulation."""

from dataclasses import dataclass
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
        Largest relative numerical error of the least coupling, with equal parts.
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
        Of a heavy neutral lepton; only its nature and its descriptions count, not its pattern.
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
    recipe = make_recipe(model, experiment, pattern=[1.0] * len(names), mass=narrow, masses=2, **options)
    times = simulated(recipe, recipe.masses[:1], threads=threads)
    threshold, parts = limit_on_events(recipe), triangle(steps)
    edges = np.full((len(parts), 2), np.nan)
    for i, part in enumerate(parts):
        found = _curve(mixed(recipe.model, list(part)), times, recipe, threshold)
        if found:
            edges[i] = min(one.low for one in found), max(one.high for one in found)
    equal = excluded(times.masses, recipe.coupling.values, *_summed(recipe.model, times, recipe), threshold)
    error = max((one.low_error for one in equal), default=float("nan"))
    return Ternary(recipe, mass, parts, edges[:, 0], edges[:, 1], times, threshold, error)


def _summed(model: Model, times: ProperTimes, recipe: Recipe) -> tuple[Array, Array]:
    by_mode, error = events(model, times, recipe.coupling.values, recipe.pot)
    return by_mode.sum(axis=0), error


def _curve(model: Model, times: ProperTimes, recipe: Recipe, threshold: float) -> Any:
    total, error = _summed(model, remixed(model, times), recipe)
    return excluded(times.masses, recipe.coupling.values, total, error, threshold)
