"""Parts of a data set's card: records, and how each is read from its table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from darkdump import particles, toml
from darkdump.errors import CardError
from darkdump.experiment import Counting
from darkdump.kaon.apparatus import apparatus, sourced
from darkdump.kaon.sampling import within
from darkdump.kaon.types import Array, Mask, Pair
from darkdump.statistics.many import LARGEST_ERROR

MASSES: Final = {
    "missing": "what beam particle and pion lack",
    "seen": "what the particle decays into",
}
"""From what the mass of a particle is measured."""

MOST: Final = 1e9
"""Events at most, observed or expected: a bound against slips."""

MOST_ERROR: Final = LARGEST_ERROR
"""Error of expected events at most: limits average over the background, which a wider one is too wide for."""

SHORTEST: Final = 1.0
"""Length of a fiducial volume at least [m]."""

FASTEST: Final = 1.1
"""Momentum at most, in units of the beam's."""

CHARGED: Final = ("pi+", "pi-", "mu+", "mu-", "e+", "e-")
"""Particles that a decay may be asked to have where all of it is seen."""

INPUTS: Final[Mapping[str, Pair]] = {
    "candidates": (1.0, 1e12),
    "candidates above": (0.0, 0.5),
    "total momentum": (1e-3, 100.0),
    "transverse momentum": (1e-6, 10.0),
    "mass, low": (0.0, 1.0),
    "mass, high": (0.0, 1.0),
    "kaon mass, low": (0.0, 1.0),
    "kaon mass, high": (0.0, 1.0),
    "vertex chi2": (1e-3, 1e6),
    "photon energy": (0.0, 100.0),
    "separation": (0.0, 10.0),
    "distance": (1e-6, 10.0),
    "sideband": (1.0, 1e3),
    "sideband order": (0.0, 10.0),
    "residual": (0.0, 1.0),
    "kaon rate": (0.0, 1e12),
    "coincidence": (0.0, 1e-3),
    "pions per kaon": (0.0, 1e3),
    "muon for positron": (0.0, 1.0),
    "energy over momentum": (0.0, 1.0),
    "least photon energy": (0.0, 100.0),
    "largest photon energy": (0.0, 100.0),
    "background error up": (0.0, MOST_ERROR),
    "background error down": (0.0, MOST_ERROR),
    "previous": (1e-30, 1.0),
}
"""What some of the further numbers must lie between, by name."""


@dataclass(frozen=True)
class Quantity:
    """A number, its error, and where it comes from."""

    value: float
    error: float
    source: str

    @property
    def relative_error(self) -> float:
        """Error over value."""
        return self.error / self.value


@dataclass(frozen=True)
class Background(Quantity):
    """Expected events of a process, and the names of the regions that they lie in; all if there are none."""

    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """A region of the squared missing mass [GeV^2] and of the track's momentum [GeV]."""

    missing_mass2: Pair
    momentum: Pair

    def holds(self, missing_mass2: Array, momentum: Array) -> Mask:
        """Whether measured decays lie in it; arrays of one shape."""
        return within(missing_mass2, self.missing_mass2) & within(momentum, self.momentum)


@dataclass(frozen=True)
class Track:
    """How a charged particle must be seen: planes that it crosses, and window of its momentum [GeV]."""

    planes: tuple[str, ...]
    momentum: Pair


@dataclass(frozen=True)
class Fiducial:
    """Where decays count: ends of the volume, and largest distance between track and parent [m]."""

    volume: Pair
    distance: float = math.inf


@dataclass(frozen=True)
class Cut:
    """Where decays count, and signal regions by their names."""

    fiducial: Fiducial
    regions: tuple[tuple[str, Region], ...]


@dataclass(frozen=True)
class Masses:
    """Masses that are searched: ends and step [GeV], half-width of the window in units of the resolution, and which
    mass is measured, a key of `MASSES`."""

    range: Pair
    step: float
    window: float
    measured: str = "missing"


def named(card: toml.Table, key: str) -> dict[str, toml.Table]:
    """The tables below a key by their names, which are printed with results."""
    found = card.tables(key)
    for name in found:
        if not name.strip() or not name.isprintable():
            raise card.table(key).error(name, "a table whose name can be printed")
    return found


def line(table: toml.Table, key: str, default: str | None = None) -> str:
    """A text of one line that says something, where it is there."""
    text = table.text(key, default)
    if key in table and not text.strip():
        raise table.error(key, "a text of one line, not empty")
    return text


def lines(table: toml.Table, key: str) -> tuple[str, ...]:
    """A list of such texts, empty if it is missing."""
    found = table.texts(key, [])
    if not all(text.strip() and text.isprintable() for text in found):
        raise table.error(key, "a list of texts of one line, none of them empty")
    return found


def runs(table: toml.Table) -> tuple[str, ...]:
    """Years of data taking, none if they are not given."""
    found = table.texts("runs", [])
    years = all(len(year) == 4 and year.isascii() and year.isdigit() for year in found)
    if "runs" in table and not (found and years):
        raise table.error("runs", 'a list of years, as in ["2017", "2018"]')
    return found


def span(table: toml.Table, key: str, low: float, high: float) -> Pair:
    """Two numbers between `low` and `high`, the second larger."""
    allowed = f"two finite numbers between {low:.6g} and {high:.6g}, the second larger"
    try:
        first, second = table.pair(key)
    except CardError:
        raise table.error(key, allowed) from None
    if not low <= first < second <= high:
        raise table.error(key, allowed)
    return first, second


def volume(table: toml.Table) -> Pair:
    """Ends of the fiducial volume [m]: the beam is known from where its axis begins, tracks from the first chamber."""
    low, high = apparatus().beam.start[2], apparatus().first_chamber
    found = span(table, "volume", low, high)
    if found[1] - found[0] < SHORTEST:
        raise table.error("volume", f"at least {SHORTEST:g} m long")
    return found


def bodies(table: toml.Table) -> tuple[str, str, str]:
    """Three charged particles that a K+ decays into."""
    found = table.text("bodies").split() if table.has_text("bodies") else []
    if len(found) != 3 or not {*found} <= {*CHARGED} or sum(map(particles.charge, found)) != 1:
        raise table.error("bodies", f"three of {', '.join(CHARGED)}, of charge +1 together")
    one, two, three = found
    return one, two, three


def _error(table: toml.Table, high: float) -> float:
    """An error; of several, which are independent, the quadratic sum."""
    if "errors" not in table:
        return table.number("error", 0.0, low=0.0, high=high)
    found = table.positives("errors")
    if not found or math.hypot(*found) > high:
        raise table.error("errors", f"a list of at least one number above 0, {high:g} at most together")
    return math.hypot(*found)


def quantity(table: toml.Table, low: float = -1e30, high: float = 1e30, relative: bool = False) -> Quantity:
    """A number between two; its error is not larger than itself if it enters as a relative one."""
    value = table.number("value", low=low, high=high)
    return Quantity(value, _error(table, value if relative else 1e30), sourced(table))


def given(name: str, table: toml.Table) -> Quantity:
    """A further number that a search needs, in bounds if its name is one of `INPUTS`."""
    return quantity(table, *INPUTS.get(name, (-1e30, 1e30)), relative=name == "candidates")


def background(table: toml.Table, regions: Mapping[str, Region]) -> Background:
    """Expected events of a process, in regions that are there."""
    where = table.texts("regions", [], choices=regions)
    value, error = table.number("value", low=0.0, high=MOST), _error(table, MOST_ERROR)
    return Background(value, error, sourced(table), where)


def efficiency(table: toml.Table) -> Quantity:
    """An efficiency and its error, which is not larger."""
    value = table.number("value", low=1e-12, high=1.0)
    return Quantity(value, table.number("error", 0.0, low=0.0, high=value), sourced(table))


def window(table: toml.Table, key: str) -> Pair:
    """A window of a momentum [GeV]: what a particle of the beam decays into has no more than that."""
    return span(table, key, 0.0, FASTEST * apparatus().beam.momentum)


def track(table: toml.Table, momentum: Pair) -> Track:
    """How a particle must be seen; the window of its momentum is that of the sample if it has none."""
    own = window(table, "momentum") if "momentum" in table else momentum
    found = Track(table.texts("planes", choices=apparatus().experiment.planes), own)
    if not found.planes:
        raise table.error("planes", "a list of at least one plane")
    sourced(table)
    return found


def region(table: toml.Table, momentum: Pair) -> Region:
    """A region; the window of its momentum is that of the sample if it has none."""
    own = window(table, "momentum") if "momentum" in table else momentum
    found = Region(span(table, "missing_mass2", -1.0, 1.0), own)
    sourced(table)
    return found


def apart(card: toml.Table, regions: Mapping[str, Region]) -> None:
    """Signal regions do not overlap in the missing mass: each event would count in both, and in its window's peak."""
    for (one, first), (other, second) in combinations(regions.items(), 2):
        (a, b), (c, d) = first.missing_mass2, second.missing_mass2
        if a < d and c < b:
            table = card.table("region").table(other)
            raise table.error("missing_mass2", f"apart from that of {one}, {a:g} to {b:g}: regions do not overlap")


def counting(table: toml.Table) -> Counting:
    """Observed events and background."""
    n_obs = table.whole("n_obs")
    if n_obs > MOST:
        raise table.error("n_obs", f"a whole number between 0 and {MOST:g}")
    background = table.number("background", low=0.0, high=MOST)
    background_error = table.number("background_error", low=0.0, high=MOST_ERROR)
    if background_error > 0.0 and background == 0.0:
        raise table.error("background_error", "0 if the background is")
    return Counting(
        n_obs=n_obs,
        background=background,
        background_error=background_error,
        efficiency_error=table.number("efficiency_error", 0.0, low=0.0, high=1.0),
        source=sourced(table),
    )


def masses(table: toml.Table, measured: bool) -> Masses:
    """Masses that are searched, none of them above a kaon's, at most ten thousand; `measured`: whether it may say
    from what the mass is measured."""
    if "measured" in table and not measured:
        raise table.error("measured", "left out: this search measures what is missing")
    kind, ends = table.text("measured", "missing", choices=MASSES), span(table, "range", 0.0, particles.mass("K+"))
    found = Masses(ends, table.positive("step"), table.number("window", low=0.2, high=10.0), kind)
    if not found.step <= ends[1] - ends[0] <= 1e4 * found.step:
        raise table.error("step", "between a ten thousandth of the range and all of it")
    sourced(table)
    return found
