"""A scan: from a model and an experiment to the excluded region."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError, unknown_name
from darkdump.experiment import OPEN, SELECTIONS, Counting, Experiment
from darkdump.experiment_card import BLINDED
from darkdump.finalstates import group
from darkdump.model import PORTALS, Model, mixed
from darkdump.production import PRODUCTION, modes_of, rival_modes
from darkdump.production.heavy_flavour import choices
from darkdump.recipe import COUPLINGS, HEAVY, MASSES, POINTS, SCRAMBLES, SPECTRA, Axis, Recipe
from darkdump.statistics.counting import median_count, upper_limit
from darkdump.statistics.curve import Interval, excluded, log_ratio
from darkdump.yields import ProperTimes, events, simulate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scan:
    """The result of a scan.

    Attributes
    ----------
    recipe : Recipe
    times : ProperTimes
        Proper-time spectra of the accepted decays.
    by_mode : ndarray, shape (mode, m, c)
        Expected events of each production mode.
    error : ndarray, shape (m, c)
        Relative numerical error of the sum over modes.
    threshold : float
        Events that are excluded at the recipe's confidence level.
    """

    recipe: Recipe
    times: ProperTimes
    by_mode: Array
    error: Array
    threshold: float

    @property
    def masses(self) -> Array:
        """[GeV], shape (m,)."""
        return self.times.masses

    @property
    def couplings(self) -> Array:
        """[unit of the model's coupling], shape (c,)."""
        return self.recipe.coupling.values

    @cached_property
    def events(self) -> Array:
        """Expected events, all modes together, shape (m, c)."""
        total: Array = self.by_mode.sum(axis=0)
        return total

    @cached_property
    def curve(self) -> list[Interval]:
        """Excluded couplings at each mass."""
        return excluded(self.masses, self.couplings, self.events, self.error, self.threshold)

    @cached_property
    def tip(self) -> float:
        """Largest mass that is excluded [GeV], interpolated between the scanned ones as the picture does; or NaN."""
        best = log_ratio(self.events, self.threshold).max(axis=1)
        last = np.flatnonzero(best > 0.0)[-1:]
        if not last.size:
            return float("nan")
        pair = slice(int(last[0]), int(last[0]) + 2)
        return float(np.exp(np.interp(0.0, -best[pair], np.log(self.masses[pair]))))

    @cached_property
    def numerical_error(self) -> float:
        """Median relative numerical error of the events where there are 0.1 to 1000 of them; NaN if nowhere."""
        where = (self.events > 0.1) & (self.events < 1000.0)
        return float(np.median(self.error[where])) if where.any() else float("nan")


def make_recipe(
    model: Model,
    experiment: Experiment,
    *,
    pot: float | None = None,
    mass: tuple[float, float] | None = None,
    masses: int = MASSES,
    coupling: tuple[float, float] | None = None,
    couplings: int = COUPLINGS,
    spectra: str = SPECTRA,
    heavy: str = HEAVY,
    selection: str = OPEN,
    channels: Sequence[str] = (),
    hadrons: str | None = None,
    production: Sequence[str] | None = None,
    pattern: Sequence[float] | None = None,
    confidence_level: float = 0.9,
    n_obs: int | str | None = None,
    background: float | None = None,
    background_error: float | None = None,
    efficiency_error: float | None = None,
    seed: int = 1,
    points: int = POINTS,
    scrambles: int = SCRAMBLES,
) -> Recipe:
    """Everything that a scan depends on; what is not given comes from the cards. Parameters as in `scan`."""
    if pattern is not None:
        model = mixed(model, pattern)
    modes = model.production if production is None else _names(production)
    only = _names(channels)
    for mode in modes:
        if mode not in modes_of(model.portal):
            raise DarkdumpError(unknown_name("production mode", mode, modes_of(model.portal)))
    modes = tuple(mode for mode in modes if production is not None or PRODUCTION[mode].strength(model.pattern))
    if not modes:
        raise DarkdumpError("production modes: at least one is needed")
    if rivals := rival_modes(modes):
        raise DarkdumpError(f"production modes {rivals} describe the same process: only one of them counts")
    described = PORTALS[model.portal].hadrons
    for what, name, known in (
        ("selection", selection, SELECTIONS),
        ("description of hadrons", hadrons or model.hadrons or described[0], described),
        ("heavy flavour", heavy, choices()),
    ):
        if name not in known:
            raise DarkdumpError(unknown_name(what, name, known))
    if selection != OPEN and selection not in experiment.selections:
        raise DarkdumpError(f"experiment '{experiment.name}' has no selection '{selection}'")
    for channel in only:
        if channel not in model.decays:
            raise DarkdumpError(unknown_name("decay", channel, model.decays))
    if isinstance(n_obs, str) and n_obs != BLINDED:
        raise DarkdumpError(f"n_obs = {n_obs} is not allowed; it must be a whole number, or '{BLINDED}'")
    count = experiment.counting
    counting = Counting(
        n_obs=count.n_obs if n_obs is None else None if isinstance(n_obs, str) else n_obs,
        background=count.background if background is None else background,
        background_error=count.background_error if background_error is None else background_error,
        efficiency_error=count.efficiency_error if efficiency_error is None else efficiency_error,
        source=count.source,
    )
    return Recipe(
        model=replace(model, production=modes, hadrons=hadrons or model.hadrons or described[0]),
        experiment=experiment,
        pot=experiment.beam.pot if pot is None else pot,
        mass=Axis(*(mass or model.mass), masses),
        coupling=Axis(*(coupling or model.coupling.range), couplings),
        spectra=spectra,
        heavy=heavy,
        selection=selection,
        channels=only,
        confidence_level=confidence_level,
        counting=counting,
        seed=seed,
        points=points,
        scrambles=scrambles,
    )


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names that may be given as one."""
    return (given,) if isinstance(given, str) else tuple(given)


def without_effect(recipe: Recipe) -> list[str]:
    """Choices of a recipe that are not the default and change nothing, as text."""
    model, found = recipe.model, []
    if recipe.heavy != HEAVY and not any(PRODUCTION[mode].heavy for mode in model.production):
        found.append(f"heavy = {recipe.heavy}: no parent holds charm or beauty")
    found += [
        f"production {mode}: the mixing with nu_{PRODUCTION[mode].part} is zero"
        for mode in model.production
        if not PRODUCTION[mode].strength(model.pattern)
    ]
    found += [f"decay {c}: the mixing that it needs is zero" for c in recipe.channels if not model.has(c)]
    own = recipe.experiment.selections
    of_own = (channel in own or group(channel) in own for channel in recipe.channels or model.decays)
    if recipe.selection != OPEN and all(of_own):
        found.append(f"selection = {recipe.selection}: every decay has a selection of its own")
    return found


def scan(
    model: Model,
    experiment: Experiment,
    *,
    threads: int | None = None,
    progress: Callable[[], None] = lambda: None,
    **options: Any,
) -> Scan:
    """Scan a model in an experiment.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    threads : int, optional
        Masses worked on at the same time, all cores if not given; the result does not depend on it.
    progress : callable
        Called when a mass is done.
    pot : float, optional
        Protons on target; the card's if not given.
    mass, coupling : tuple of float, optional
        Ranges [GeV], [unit of the coupling]; the card's if not given.
    masses, couplings : int
        Number of values, 100 and 200.
    spectra : str
        Hadron spectra, ``"pythia"``.
    heavy : str
        Choice for charm and beauty, ``"pythia"``.
    selection : str
        Of final states that have none of their own on the card: ``"open"``, two tracks of opposite charge, or
        ``"exclusive"``, all particles.
    channels : sequence of str
        Decays that are counted; all that the experiment selects if not given.
    hadrons : str, optional
        Description of hadronic decays; the card's if not given.
    production : sequence of str, optional
        Production modes; those of the card that the model's pattern allows if not given.
    pattern : sequence of float, optional
        Ratios of the mixings of a heavy neutral lepton with e, mu and tau; the card's if not given.
    confidence_level : float
        0.9
    n_obs : int or ``"blinded"``, optional
        Observed events; a blinded experiment gets the median expected from the background; the card's if not given.
    background, background_error, efficiency_error : float, optional
        Expected background, its error, relative error of the signal; the card's if not given.
    seed, points, scrambles : int
        Of the integration: independent scrambles of so many Sobol points for each mass and mode.

    Returns
    -------
    Scan

    Raises
    ------
    DarkdumpError
        If an option makes no sense.
    """
    return run(make_recipe(model, experiment, **options), threads=threads, progress=progress)


def run(recipe: Recipe, *, threads: int | None = None, progress: Callable[[], None] = lambda: None) -> Scan:
    """Run a recipe: the same recipe gives the same numbers, whatever the number of threads. See `scan`."""
    threshold = limit_on_events(recipe)
    times = simulated(recipe, recipe.masses, threads=threads, progress=progress)
    by_mode, error = events(recipe.model, times, recipe.coupling.values, recipe.pot)
    return Scan(recipe, times, by_mode, error, threshold)


def limit_on_events(recipe: Recipe) -> float:
    """Signal events that are excluded at the recipe's confidence level."""
    count = recipe.counting
    n_obs = median_count(count.background, count.background_error) if count.n_obs is None else count.n_obs
    return upper_limit(n_obs, count.background, count.background_error, count.efficiency_error, recipe.confidence_level)


def simulated(
    recipe: Recipe, masses: Array, *, threads: int | None = None, progress: Callable[[], None] = lambda: None
) -> ProperTimes:
    """Proper-time spectra of a recipe's model at some masses [GeV]; the other parameters as in `scan`."""
    if threads is not None and threads < 1:
        raise DarkdumpError(f"threads = {threads} is not allowed; it must be 1 or more")
    return simulate(
        recipe.model,
        recipe.experiment,
        masses,
        spectra=recipe.spectra,
        heavy=recipe.heavy,
        selection=recipe.selection,
        only=recipe.channels,
        seed=recipe.seed,
        points=recipe.points,
        scrambles=recipe.scrambles,
        threads=threads or os.cpu_count() or 1,
        progress=progress,
    )
