"""Parts of a data set's card: records, and how each is read from its table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from darkdump import toml
from darkdump.experiment import Counting
from darkdump.kaon.apparatus import apparatus, sourced
from darkdump.kaon.sampling import within
from darkdump.kaon.types import Array, Mask, Pair

MASSES: Final = {
    "missing": "what beam particle and pion lack",
    "seen": "what the particle decays into",
}
"""From what the mass of a particle is measured."""


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


def quantity(table: toml.Table, positive: bool = False) -> Quantity:
    """A number; of several errors, which are independent, the quadratic sum is taken."""
    value = table.positive("value") if positive else table.finite("value")
    errors = table.positives("errors") if "errors" in table else (table.number("error", 0.0, low=0.0, high=1e30),)
    return Quantity(value, math.hypot(*errors), sourced(table))


def background(table: toml.Table, regions: Mapping[str, Region]) -> Background:
    """Expected events of a process, in regions that are there."""
    where = table.texts("regions", [], choices=regions)
    found = quantity(table)
    return Background(found.value, found.error, found.source, where)


def efficiency(table: toml.Table) -> Quantity:
    """An efficiency and its error, both between zero and one."""
    value, error = table.number("value", low=1e-12, high=1.0), table.number("error", 0.0, low=0.0, high=1.0)
    return Quantity(value, error, sourced(table))


def window(table: toml.Table, key: str) -> Pair:
    """A window of a momentum [GeV]."""
    window = table.interval(key)
    if window[0] < 0:
        raise table.error(key, "two numbers, 0 or more, the second larger")
    return window


def track(table: toml.Table, momentum: Pair) -> Track:
    """How a particle must be seen; the window of its momentum is that of the sample if it has none."""
    own = window(table, "momentum") if "momentum" in table else momentum
    found = Track(table.texts("planes", choices=apparatus().experiment.planes), own)
    sourced(table)
    return found


def region(table: toml.Table, momentum: Pair) -> Region:
    """A region; the window of its momentum is that of the sample if it has none."""
    own = window(table, "momentum") if "momentum" in table else momentum
    found = Region(table.interval("missing_mass2"), own)
    sourced(table)
    return found


def counting(table: toml.Table) -> Counting:
    """Observed events and background."""
    found = Counting(
        n_obs=table.whole("n_obs"),
        background=table.number("background", low=0.0, high=1e9),
        background_error=table.number("background_error", low=0.0, high=1e9),
        efficiency_error=table.number("efficiency_error", 0.0, low=0.0, high=1.0),
        source=table.text("source"),
    )
    table.done()
    return found


def masses(table: toml.Table) -> Masses:
    """Masses that are searched, none of them below zero, at most ten thousand."""
    measured = table.text("measured", "missing", choices=MASSES)
    found = Masses(table.interval("range"), table.positive("step"), table.positive("window"), measured)
    if found.range[0] < 0:
        raise table.error("range", "two numbers, 0 or more, the second larger")
    if (found.range[1] - found.range[0]) / found.step > 1e4:
        raise table.error("step", "at least a ten thousandth of the range")
    sourced(table)
    return found
