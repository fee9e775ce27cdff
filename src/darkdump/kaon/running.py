"""From a recipe of kaon mode to its result."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkdump.cards import load_model
from darkdump.errors import CardError, DarkdumpError
from darkdump.kaon.branching import parameter_at_one, power
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import DataSet, load_data
from darkdump.kaon.peak import MassScan, living
from darkdump.kaon.reach import Reach, reach
from darkdump.kaon.recipe import KaonRecipe
from darkdump.kaon.searches import SEARCHES, Search
from darkdump.kaon.types import Array
from darkdump.model import Model
from darkdump.recipe import Axis
from darkdump.units import HBAR, HBARC


@dataclass(frozen=True)
class Result:
    """What a search found.

    Attributes
    ----------
    recipe : KaonRecipe
    data : tuple of DataSet
    counts : tuple of Count
        One for each data set, of a search that counts.
    scan : MassScan or None
        Of a search for a peak.
    reach : Reach or None
        The same for the couplings of a model.
    """

    recipe: KaonRecipe
    data: tuple[DataSet, ...]
    counts: tuple[Count, ...] = ()
    scan: MassScan | None = None
    reach: Reach | None = None


def run(recipe: KaonRecipe) -> Result:
    """Run a search.

    Raises
    ------
    DarkdumpError
        If the cards do not fit the search, or the model has nothing to do with it.
    """
    search = SEARCHES[recipe.search]
    sets = tuple(load_data(name, search.reads or recipe.search) for name in recipe.data)
    _check(search, sets)
    if search.count is not None:
        if recipe.lifetime is not None:
            raise DarkdumpError(
                f"lifetime = {recipe.lifetime:g} is not allowed; the search {recipe.search} has no mass"
            )
        if recipe.model:
            raise DarkdumpError(f"model = {recipe.model} is not allowed; the search {recipe.search} scans no mass")
        return Result(recipe, sets, counts=tuple(search.count(data) for data in sets))
    assert search.scan is not None
    if recipe.model:
        parameter_at_one(recipe.search, load_model(recipe.model), 0.1)
    masses, window = _masses(recipe, sets[0])
    scan = search.scan(sets, masses, window, recipe.confidence_level)
    if recipe.lifetime is not None:
        ctau = np.full((len(scan.masses), 1), recipe.lifetime * HBARC / HBAR)
        scan = living(scan, search.chance(scan, ctau)[:, 0])
    return Result(recipe, sets, scan=scan, reach=_reach(recipe, search, scan) if recipe.model else None)


def _check(search: Search, sets: Sequence[DataSet]) -> None:
    """Refuse data sets of other decays, and data that would count twice."""
    for data in sets:
        for key, wanted in (("parent", search.parent), ("lepton", search.lepton)):
            given, allowed = getattr(data, key), repr(wanted) if wanted else "left out"
            if given != wanted:
                raise CardError(f"{data.name}: sample.{key} = {given!r} is not allowed here; it must be {allowed}")
    for k, data in enumerate(sets):
        for other in sets[:k]:
            if twice := sorted(data.counted & other.counted):
                names = f"{other.name} and {data.name}"
                raise DarkdumpError(f"data = {names} is not allowed; both hold {'; '.join(twice)}")


def _masses(recipe: KaonRecipe, data: DataSet) -> tuple[Array, float]:
    """Masses that are scanned [GeV], those of a model above zero, and the half-width of the window."""
    card = data.scanned
    low, high = recipe.mass or card.range
    if low < card.range[0] or high > card.range[1]:
        known = f"{card.range[0]:g} to {card.range[1]:g} GeV"
        raise DarkdumpError(f"mass range {low:g} to {high:g} is not allowed; {data.name} is searched from {known}")
    number = recipe.masses or round((high - low) / card.step) + 1
    masses = np.linspace(low, high, max(number, 2))
    return masses[masses > 0.0] if recipe.model else masses, recipe.window or card.window


def _reach(recipe: KaonRecipe, search: Search, scan: MassScan) -> Reach:
    """What the scan excludes of the recipe's model."""
    model = load_model(recipe.model)
    axis = Axis(*(recipe.coupling or model.coupling.range), recipe.couplings)
    couplings = axis.values
    produced = np.array([parameter_at_one(recipe.search, model, float(mass)) for mass in scan.masses])
    seen = produced[:, None] * couplings ** power(model)
    if not recipe.stable:
        seen = seen * search.chance(scan, _lifetimes(model, scan.masses, couplings))
    return reach(scan, model, axis, seen)


def _lifetimes(model: Model, masses: Array, couplings: Array) -> Array:
    """Proper lifetimes [m], shape (m, c)."""
    return np.array([model.ctau(float(mass), couplings) for mass in masses])
