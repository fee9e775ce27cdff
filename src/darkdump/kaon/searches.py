"""Every search of kaon mode by its name, and how one is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from darkdump.cards import load_model
from darkdump.errors import DarkdumpError, unknown_name
from darkdump.kaon import l_n, lnv, pi0, pi0_photon, pi_x, pinunu, visible
from darkdump.kaon.branching import parameter_at_one, power
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import DataSet, load_data
from darkdump.kaon.peak import MassScan
from darkdump.kaon.reach import Reach, reach
from darkdump.kaon.types import Array
from darkdump.model import Model
from darkdump.recipe import COUPLINGS, Axis


@dataclass(frozen=True)
class Search:
    """How something is searched for.

    Attributes
    ----------
    data : tuple of str
        Data sets that are taken where none are asked for.
    title, label : str
        Of pictures: what is searched for, and the parameter that is limited.
    count : callable, optional
        From a data set to the counted events, for a search that counts.
    scan : callable, optional
        From data sets, masses [GeV], half-width of the window in units of the resolution and confidence level to the
        limits, for a search of a peak.
    chance : callable, optional
        From a scan and proper lifetimes [m], shape (m, c), to the chance that the particle decays or leaves as it must.
    plane, exponent : str, int
        Catalogue of published limits, and to which power their coupling is taken to be the parameter.
    model : str
        Whose curve is made where no model is asked for.
    stable : bool
        Whether that model's particle is then taken to decay to nothing that is seen.
    reads : str
        What its data sets search for, if that is called otherwise.
    """

    data: tuple[str, ...]
    title: str
    label: str = ""
    count: Callable[[DataSet], Count] | None = None
    scan: Callable[[Sequence[DataSet], Array, float, float], MassScan] | None = None
    chance: Callable[[MassScan, Array], Array] = MassScan.escape
    plane: str = ""
    exponent: int = 1
    model: str = ""
    stable: bool = False
    reads: str = ""


def _alone(scan: Callable[[DataSet, Array, float, float], MassScan]) -> Callable[..., MassScan]:
    """A scan of one data set, which refuses several."""

    def of(sets: Sequence[DataSet], masses: Array, window: float, confidence_level: float) -> MassScan:
        if len(sets) > 1:
            names = ", ".join(data.name for data in sets)
            raise DarkdumpError(f"data = {names} is not allowed; this search takes one data set at a time")
        return scan(sets[0], masses, window, confidence_level)

    return of


def _lepton(name: str, title: str, flavour: str) -> Search:
    """A search for a heavy neutral lepton beside a charged one."""
    plane, greek = f"hnl-{flavour}", {"e": "e", "mu": r"\mu"}[flavour]
    label = rf"$|U_{greek}|^2$"
    return Search((name,), title, label, scan=_alone(l_n.scan), plane=plane, model=plane, reads="hnl")


_PINUNU = ("pinunu-2016", "pinunu-2017-final", "pinunu-2018", "pinunu-2021-22")

SEARCHES: Final[Mapping[str, Search]] = {
    "pinunu": Search(_PINUNU, r"$K^+\to\pi^+\nu\bar\nu$", count=pinunu.search),
    "pi-x": Search(
        _PINUNU,
        r"$K^+\to\pi^+X$, $X$ not seen",
        r"BR$(K^+\to\pi^+X)$",
        scan=pi_x.scan,
        plane="kaon-pi-x",
        reads="pinunu",
    ),
    "pi-mumu": Search(
        ("pi-mumu",),
        r"$K^+\to\pi^+X$, $X\to\mu^+\mu^-$",
        r"BR$(K^+\to\pi^+X)\,$BR$(X\to\mu^+\mu^-)$",
        scan=_alone(visible.scan),
        chance=visible.chance,
        plane="kaon-pi-mumu",
    ),
    "pi-gammagamma": Search(
        ("pi-gammagamma",),
        r"$K^+\to\pi^+X$, $X\to\gamma\gamma$",
        r"BR$(K^+\to\pi^+X)\,$BR$(X\to\gamma\gamma)$",
        scan=_alone(visible.scan),
        chance=visible.chance,
        plane="kaon-pi-gammagamma",
    ),
    "hnl-e": _lepton("hnl-e", r"$K^+\to e^+N$, $N$ not seen", "e"),
    "hnl-mu": _lepton("hnl-mu", r"$K^+\to\mu^+N$, $N$ not seen", "mu"),
    "pion-hnl-e": _lepton("pion-hnl-e", r"$\pi^+\to e^+N$, $N$ not seen", "e"),
    "pi0-invisible": Search(("pi0-invisible",), r"$\pi^0\to$ invisible", count=pi0.invisible),
    "pi0-nunu": Search(("pi0-nunu",), r"$\pi^0\to\gamma\nu\bar\nu$", count=pi0_photon.nu_nu),
    "pi0-dark-photon": Search(
        ("pi0-dark-photon",),
        r"$\pi^0\to\gamma A'$, $A'$ not seen",
        r"$\epsilon^2$",
        scan=_alone(pi0_photon.dark_photon),
        plane="dark-photon-invisible",
        exponent=2,
        model="dark-photon",
        stable=True,
    ),
    "lnv": Search(
        ("lnv-pi-e-e", "lnv-pi-mu-mu", "lfv-pim-mu-e", "lfv-pip-mu-e"),
        "lepton number or flavour violated",
        count=lnv.search,
    ),
}
"""Searches by their names on recipes."""


@dataclass(frozen=True)
class KaonRecipe:
    """Everything that a search depends on.

    Attributes
    ----------
    search : str
        Key of `SEARCHES`.
    data : tuple of str
        Names or paths of cards.
    model : str
        Name or path of a model's card whose couplings are limited; empty for none.
    stable : bool
        Whether the model's particle is taken to decay to nothing that is seen.
    mass : tuple of float, optional
        Range [GeV]; that of the card if it is None.
    masses : int, optional
        Evenly spaced masses; the card's step if it is None.
    coupling : tuple of float, optional
        Range; that of the model's card if it is None.
    couplings : int
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if it is None.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If a value makes no sense.
    """

    search: str
    data: tuple[str, ...]
    model: str = ""
    stable: bool = False
    mass: tuple[float, float] | None = None
    masses: int | None = None
    coupling: tuple[float, float] | None = None
    couplings: int = COUPLINGS
    window: float | None = None
    confidence_level: float = 0.9

    def __post_init__(self) -> None:
        if self.search not in SEARCHES:
            raise DarkdumpError(unknown_name("search", self.search, SEARCHES))
        broken = [line for good, line in self._rules() if not good]
        if broken:
            raise DarkdumpError(broken[0])

    def _rules(self) -> list[tuple[bool, str]]:
        """What must hold, and the line for where it does not."""
        low, high = self.mass or (0.0, 0.5)
        soft, hard = self.coupling or (1e-9, 1.0)
        level, window = self.confidence_level, 1.0 if self.window is None else self.window
        return [
            (bool(self.data), "data sets: at least one is needed"),
            (
                len(set(self.data)) == len(self.data),
                f"data = {', '.join(self.data)} is not allowed; each set counts once",
            ),
            (
                0.01 <= level <= 0.9999,
                f"confidence level = {level:g} is not allowed; it must lie between 0.01 and 0.9999",
            ),
            (0.0 <= low < high <= 0.5, f"mass range {low:g} to {high:g} is not allowed; it must lie between 0 and 0.5"),
            (
                self.masses is None or 2 <= self.masses <= 2000,
                f"{self.masses} masses are not allowed; it must be 2 to 2000",
            ),
            (
                0.0 < soft < hard <= 1e3,
                f"coupling range {soft:g} to {hard:g} is not allowed; it must be two numbers above 0, at most 1000, "
                "the second larger",
            ),
            (2 <= self.couplings <= 10000, f"{self.couplings} couplings are not allowed; it must be 2 to 10000"),
            (0.2 <= window <= 10.0, f"window = {window:g} is not allowed; it must lie between 0.2 and 10"),
        ]


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


def make_recipe(
    search: str, data: Sequence[str] = (), *, model: str | None = None, stable: bool = False, **options: Any
) -> KaonRecipe:
    """A recipe; what is not given comes from the search and its cards. Parameters as of `KaonRecipe`."""
    if search not in SEARCHES:
        raise DarkdumpError(unknown_name("search", search, SEARCHES))
    default = SEARCHES[search]
    chosen = default.model if model is None else model
    quiet = stable or (default.stable and chosen == default.model)
    return KaonRecipe(search, tuple(data) or default.data, chosen, quiet, **options)


def run(recipe: KaonRecipe) -> Result:
    """Run a search.

    Raises
    ------
    DarkdumpError
        If the cards do not fit the search, or the model has nothing to do with it.
    """
    search = SEARCHES[recipe.search]
    sets = tuple(load_data(name, search.reads or recipe.search) for name in recipe.data)
    if search.count is not None:
        if recipe.model:
            raise DarkdumpError(f"model = {recipe.model} is not allowed; the search {recipe.search} scans no mass")
        return Result(recipe, sets, counts=tuple(search.count(data) for data in sets))
    assert search.scan is not None
    masses, window = _masses(recipe, sets[0])
    scan = search.scan(sets, masses, window, recipe.confidence_level)
    return Result(recipe, sets, scan=scan, reach=_reach(recipe, search, scan) if recipe.model else None)


def _masses(recipe: KaonRecipe, data: DataSet) -> tuple[Array, float]:
    """Masses that are scanned [GeV], those of a model above zero, and the half-width of the window."""
    card = data.scanned
    low, high = recipe.mass or card.range
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
