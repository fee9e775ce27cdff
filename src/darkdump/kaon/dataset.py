"""Data sets of kaon mode: what was counted, with which efficiency and background; records and their cards."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from darkdump import tables, toml
from darkdump.cards import names
from darkdump.errors import CardError, unknown_name
from darkdump.experiment import Counting
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.flight import LIFETIMES

Pair = tuple[float, float]


@dataclass(frozen=True)
class Quantity:
    """A number, its error, and where it comes from."""

    value: float
    error: float
    source: str


@dataclass(frozen=True)
class Background(Quantity):
    """Expected events of a process, and the names of the regions that they lie in; all if there are none."""

    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """A region of the squared missing mass [GeV^2] and of the track's momentum [GeV]."""

    missing_mass2: Pair
    momentum: Pair


@dataclass(frozen=True)
class Track:
    """How a charged particle must be seen: planes that it crosses, and window of its momentum [GeV]."""

    planes: tuple[str, ...]
    momentum: Pair


@dataclass(frozen=True)
class Cut:
    """Fiducial volume [m] and signal regions by their names."""

    volume: Pair
    regions: tuple[tuple[str, Region], ...]


@dataclass(frozen=True)
class Masses:
    """Masses that are searched: ends and step [GeV], half-width of the window in units of the resolution, and which
    mass is measured, a key of `MASSES`."""

    range: Pair
    step: float
    window: float
    measured: str = "missing"


@dataclass(frozen=True, eq=False)
class DataSet:
    """A search in one set of data.

    Attributes
    ----------
    name, title, search : str
        `search` says what is looked for, see `SEARCHES`.
    parent : str
        Of the decays, as the `particle` library names it.
    decays : Quantity or None
        Decays of the parent in the fiducial volume, or tagged pi0 where their decays are searched; None where no number
        is known.
    volume, momentum : tuple of float
        Ends of the fiducial volume [m], and window of the momentum [GeV].
    bodies : tuple of str
        What the parent decays into, where all of it is seen.
    tracks : dict of Track
        How the charged ones must be seen, by particle.
    regions : dict of Region
    efficiencies : dict of Quantity
        Of what is not simulated; they multiply.
    backgrounds : dict of Background
        Expected events by process.
    counting : Counting or None
        Observed events and background in all.
    sensitivity : Quantity or None
        Published branching ratio of one expected event.
    masses : Masses or None
    published : dict of Quantity
        What the publication found, for comparison: it enters nothing.
    inputs : dict of Quantity
        Further numbers that a search needs.
    inspire : tuple of str
    lepton : str
        The charged one of a search for heavy neutral leptons, as the `particle` library names it.
    """

    name: str
    title: str
    search: str
    parent: str
    decays: Quantity | None
    volume: Pair
    momentum: Pair
    bodies: tuple[str, ...] = ()
    tracks: Mapping[str, Track] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    efficiencies: Mapping[str, Quantity] = field(default_factory=dict)
    backgrounds: Mapping[str, Background] = field(default_factory=dict)
    counting: Counting | None = None
    sensitivity: Quantity | None = None
    masses: Masses | None = None
    published: Mapping[str, Quantity] = field(default_factory=dict)
    inputs: Mapping[str, Quantity] = field(default_factory=dict)
    inspire: tuple[str, ...] = ()
    lepton: str = ""

    @property
    def cut(self) -> Cut:
        """Volume and regions."""
        return Cut(self.volume, tuple(self.regions.items()))

    @property
    def efficiency(self) -> float:
        """Product of the efficiencies."""
        return math.prod(one.value for one in self.efficiencies.values())

    @property
    def efficiency_error(self) -> float:
        """Relative error of the product."""
        return math.sqrt(sum((one.error / one.value) ** 2 for one in self.efficiencies.values()))

    def given(self, name: str) -> float:
        """A further number of the card, by its name.

        Raises
        ------
        CardError
            If the card does not have it.
        """
        if name not in self.inputs:
            raise CardError(f"{self.name}: inputs.{name} is missing; it must be a table with value, error and source")
        return self.inputs[name].value


MASSES = {
    "missing": "what beam particle and pion lack",
    "seen": "what the particle decays into",
}
"""From what the mass of a particle is measured."""

SEARCHES = {
    "pinunu": "K+ -> pi+ nu nubar",
    "pi-x": "K+ -> pi+ X",
    "pi-mumu": "K+ -> pi+ X, X -> mu+ mu-",
    "pi-gammagamma": "K+ -> pi+ X, X -> gamma gamma",
    "hnl": "K+ or pi+ -> l+ N",
    "pi0-invisible": "pi0 -> invisible",
    "pi0-dark-photon": "pi0 -> gamma A', A' invisible",
    "pi0-nunu": "pi0 -> gamma nu nubar",
    "lnv": "lepton number or flavour violated",
}
"""What is searched for."""


LEPTONS = ("e+", "mu+")
"""Charged leptons that heavy neutral leptons are made with."""


def folders() -> list[Path]:
    """Folders of data-set cards."""
    return [tables.data_path("kaon", "data")]


@cache
def load_data(name: str, search: str | None = None) -> DataSet:
    """A data set by the name of its card, or by the path of a card.

    Parameters
    ----------
    name : str
        For example ``"pinunu-2017"``, or ``"my/card.toml"``.
    search : str, optional
        What it must be a search for, a key of `SEARCHES`.

    Raises
    ------
    CardError
        If there is no such card, it is wrong, or it is one of another search.
    """
    known = names(folders())
    if not name.endswith(".toml") and name not in known:
        raise CardError(unknown_name("data set", name, known))
    path = Path(name) if name.endswith(".toml") else known[name]
    found = _read(toml.read(path), name)
    if search is not None and found.search != search:
        raise CardError(f"{path.name}: search = {found.search!r} is not allowed here; it must be {search!r}")
    return found


def of_search(search: str) -> list[str]:
    """Names of the data sets of a search, in alphabetical order."""
    return [name for name, path in names(folders()).items() if toml.read(path).text("search") == search]


def _read(card: toml.Table, name: str) -> DataSet:
    sample = card.table("sample")
    momentum = _window(sample, "momentum")
    regions = {key: _region(table, momentum) for key, table in card.tables("region").items()}
    found = DataSet(
        name=name,
        title=card.text("title"),
        search=card.text("search", choices=SEARCHES),
        parent=sample.text("parent", "K+", choices=LIFETIMES),
        decays=_quantity(sample.table("decays"), positive=True) if "decays" in sample else None,
        volume=sample.interval("volume", positive=True),
        momentum=momentum,
        bodies=tuple(sample.text("bodies", "").split()),
        tracks={key: _track(table, momentum) for key, table in card.tables("track").items()},
        regions=regions,
        efficiencies={key: _efficiency(table) for key, table in card.tables("efficiency").items()},
        backgrounds={key: _background(table, regions) for key, table in card.tables("background").items()},
        counting=_counting(card.table("counting")) if "counting" in card else None,
        sensitivity=_quantity(card.table("sensitivity"), positive=True) if "sensitivity" in card else None,
        masses=_masses(card.table("masses")) if "masses" in card else None,
        published={key: _quantity(table) for key, table in card.tables("published").items()},
        inputs={key: _quantity(table) for key, table in card.tables("inputs").items()},
        inspire=card.texts("inspire", []),
        lepton=sample.text("lepton", choices=LEPTONS) if "lepton" in sample else "",
    )
    _sourced(sample)
    card.done()
    return found


def _sourced(table: toml.Table) -> str:
    """The source of a table, of which nothing is left that was not asked for."""
    source = table.text("source")
    table.done()
    return source


def _quantity(table: toml.Table, positive: bool = False) -> Quantity:
    """A number; of several errors, which are independent, the quadratic sum is taken."""
    value = table.positive("value") if positive else table.finite("value")
    errors = table.positives("errors") if "errors" in table else (table.number("error", 0.0, low=0.0, high=1e30),)
    return Quantity(value, math.hypot(*errors), _sourced(table))


def _background(table: toml.Table, regions: Mapping[str, Region]) -> Background:
    where = table.texts("regions", [], choices=regions)
    found = _quantity(table)
    return Background(found.value, found.error, found.source, where)


def _efficiency(table: toml.Table) -> Quantity:
    value, error = table.number("value", low=1e-12, high=1.0), table.number("error", 0.0, low=0.0, high=1.0)
    return Quantity(value, error, _sourced(table))


def _window(table: toml.Table, key: str) -> Pair:
    window = table.interval(key)
    if window[0] < 0:
        raise table.error(key, "two numbers, 0 or more, the second larger")
    return window


def _track(table: toml.Table, momentum: Pair) -> Track:
    own = _window(table, "momentum") if "momentum" in table else momentum
    found = Track(table.texts("planes", choices=apparatus().experiment.planes), own)
    _sourced(table)
    return found


def _region(table: toml.Table, momentum: Pair) -> Region:
    own = _window(table, "momentum") if "momentum" in table else momentum
    found = Region(table.interval("missing_mass2"), own)
    _sourced(table)
    return found


def _counting(table: toml.Table) -> Counting:
    found = Counting(
        n_obs=table.whole("n_obs"),
        background=table.number("background", low=0.0, high=1e9),
        background_error=table.number("background_error", low=0.0, high=1e9),
        efficiency_error=table.number("efficiency_error", 0.0, low=0.0, high=1.0),
        source=table.text("source"),
    )
    table.done()
    return found


def _masses(table: toml.Table) -> Masses:
    measured = table.text("measured", "missing", choices=MASSES)
    found = Masses(table.interval("range"), table.positive("step"), table.positive("window"), measured)
    if found.range[0] < 0:
        raise table.error("range", "two numbers, 0 or more, the second larger")
    if (found.range[1] - found.range[0]) / found.step > 1e4:
        raise table.error("step", "at least a ten thousandth of the range")
    _sourced(table)
    return found
