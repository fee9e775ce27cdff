"""Data sets of kaon mode: what was counted, with which efficiency and background, and the cards they are read from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, TypedDict

from darkdump import tables, toml
from darkdump.cards import names
from darkdump.errors import CardError, unknown_name
from darkdump.experiment import Counting
from darkdump.kaon import dataset_parts as parts
from darkdump.kaon.apparatus import sourced
from darkdump.kaon.dataset_parts import Background, Cut, Fiducial, Masses, Quantity, Region, Track
from darkdump.kaon.types import Estimate, Pair

PARENTS: Final = ("K+", "pi+")
"""Particles of the beam whose decays are searched."""

LEPTONS: Final = ("e+", "mu+")
"""Charged leptons that heavy neutral leptons are made with."""

SEARCHES: Final = {
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

VISIBLE: Final = ("pi-mumu", "pi-gammagamma")
"""Searches whose particle is seen, so that its mass may be measured from what it decays into."""


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
        What the parent decays into, where the search does not say it.
    tracks : dict of Track
        How the charged ones must be seen, by particle.
    regions : dict of Region
    efficiencies : dict of Quantity
        Of what is not simulated; they multiply.
    selections : dict of Quantity
        Efficiencies that a published acceptance already holds, such as the identification of the pion; they multiply.
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
    runs : tuple of str
        Years of data taking.
    remark : str
        What is to be said with results.
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
    runs: tuple[str, ...] = ()
    remark: str = ""
    selections: Mapping[str, Quantity] = field(default_factory=dict)

    @property
    def counted(self) -> frozenset[str]:
        """What the data are: the decay, and the runs that they were taken in, or the card's name if it has none."""
        decay = " ".join(filter(None, (self.search, self.parent, self.lepton, *self.bodies)))
        return frozenset(f"{decay}, {run}" for run in self.runs or (self.name,))

    @property
    def fiducial(self) -> Fiducial:
        """Where decays count; the distance is that of the inputs, if there is one."""
        return Fiducial(self.volume, self.inputs["distance"].value if "distance" in self.inputs else math.inf)

    @property
    def cut(self) -> Cut:
        """Where decays count, and regions."""
        return Cut(self.fiducial, tuple(self.regions.items()))

    @property
    def efficiency(self) -> float:
        """Product of the efficiencies."""
        return math.prod(one.value for one in self.efficiencies.values())

    @property
    def selected(self) -> float:
        """Product of the efficiencies that a published acceptance holds."""
        return math.prod(one.value for one in self.selections.values())

    @property
    def efficiency_error(self) -> float:
        """Relative error of the product."""
        return math.hypot(*(one.relative_error for one in self.efficiencies.values()))

    @property
    def exposure(self) -> Estimate:
        """Decays times all efficiencies that are not simulated, and its relative error.

        Raises
        ------
        CardError
            If the card does not say how many decays there are.
        """
        if self.decays is None:
            raise CardError(f"{self.name}: sample.decays is missing; it must be a table with value, error and source")
        return self.decays.value * self.efficiency, math.hypot(self.decays.relative_error, self.efficiency_error)

    @property
    def scanned(self) -> Masses:
        """The masses that are searched.

        Raises
        ------
        CardError
            If the card has none.
        """
        if self.masses is None:
            raise CardError(f"{self.name}: masses is missing; it must be a table")
        return self.masses

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


def folders() -> list[Path]:
    """Folders of data-set cards."""
    return [tables.data_path("kaon", "data")]


def load_data(name: str, search: str | None = None) -> DataSet:
    """A data set by the name of its card, or by the path of a card.

    Parameters
    ----------
    name : str
        For example ``"pinunu-2017"``, or ``"my/card.toml"``.
    search : str, optional
        What it must be a search for, a key of `SEARCHES`.

    Returns
    -------
    DataSet
        The same one as long as the file does not change.

    Raises
    ------
    CardError
        If there is no such card, it is wrong, or it is one of another search.
    """
    known = names(folders())
    if not name.endswith(".toml") and name not in known:
        raise CardError(unknown_name("data set", name, known))
    path = Path(name) if name.endswith(".toml") else known[name]
    found = _load(name, path.resolve(), tables.sha256(path) if path.is_file() else "")
    if search is not None and found.search != search:
        raise CardError(f"{path.name}: search = {found.search!r} is not allowed here; it must be {search!r}")
    return found


@cache
def _load(name: str, path: Path, _content: str) -> DataSet:
    """A data set, read once for each content of its file."""
    return _read(toml.read(path), name)


def describes_data(path: Path) -> bool:
    """Whether a file is the card of a data set, not that of an experiment."""
    return "search" in toml.read(path)


def of_search(search: str) -> list[str]:
    """Names of the data sets of a search, in alphabetical order."""
    return [name for name, path in names(folders()).items() if toml.read(path).text("search") == search]


def _read(card: toml.Table, name: str) -> DataSet:
    search, sample = card.text("search", choices=SEARCHES), card.table("sample")
    momentum = parts.window(sample, "momentum")
    regions = {key: parts.region(table, momentum) for key, table in parts.named(card, "region").items()}
    found = DataSet(
        name=name,
        title=parts.line(card, "title"),
        search=search,
        decays=parts.quantity(sample.table("decays"), 1.0, 1e30, relative=True) if "decays" in sample else None,
        volume=parts.volume(sample),
        momentum=momentum,
        tracks={key: parts.track(table, momentum) for key, table in parts.named(card, "track").items()},
        regions=regions,
        efficiencies={key: parts.efficiency(table) for key, table in parts.named(card, "efficiency").items()},
        selections={key: parts.efficiency(table) for key, table in parts.named(card, "selection").items()},
        backgrounds={key: parts.background(table, regions) for key, table in parts.named(card, "background").items()},
        counting=parts.counting(card.table("counting")) if "counting" in card else None,
        sensitivity=parts.quantity(card.table("sensitivity"), 1e-30, 1.0, True) if "sensitivity" in card else None,
        masses=parts.masses(card.table("masses"), search in VISIBLE) if "masses" in card else None,
        published={key: parts.quantity(table, low=1e-30) for key, table in parts.named(card, "published").items()},
        inputs={key: parts.given(key, table) for key, table in parts.named(card, "inputs").items()},
        inspire=parts.lines(card, "inspire"),
        runs=parts.runs(sample),
        remark=parts.line(card, "remark", ""),
        **_particles(sample, search),
    )
    sourced(sample)
    card.done()
    if search == "pinunu":
        parts.apart(card, regions)
        if not regions:
            raise card.error("region", "a table of at least one signal region")
    return found


class _Particles(TypedDict):
    parent: str
    lepton: str
    bodies: tuple[str, ...]


def _particles(sample: toml.Table, search: str) -> _Particles:
    """What decays, and what into: a card says of it what its search does not."""
    for key, where in {"lepton": "hnl", "bodies": "lnv"}.items():
        if key in sample and search != where:
            raise sample.error(key, f"left out, as the search {search} does not read it")
    return {
        "parent": sample.text("parent", "K+", choices=PARENTS if search == "hnl" else PARENTS[:1]),
        "lepton": sample.text("lepton", choices=LEPTONS) if search == "hnl" else "",
        "bodies": parts.bodies(sample) if search == "lnv" else (),
    }
