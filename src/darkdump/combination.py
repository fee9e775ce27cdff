"""Results of dump mode and kaon mode for one model, joined into one excluded region."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from darkdump import toml
from darkdump.cards import load_model
from darkdump.errors import DarkdumpError, printable
from darkdump.experiment import Counting
from darkdump.kaon.recipe_file import read_kaon_recipe
from darkdump.model import Model
from darkdump.recipe import FORMATS
from darkdump.recipe_file import fingerprint, read_recipe
from darkdump.statistics import hybrid
from darkdump.statistics.channels import Channel, counting_channel
from darkdump.statistics.curve import Interval, excluded
from darkdump.statistics.many import counts, upper_limits

Array = NDArray[np.float64]

NEAR = 1e-4, 0.7
"""Rough values of CLs, the product of those of all results without background, between which it is calculated."""

ALONE = 0.005
"""Share of a result's events over excluded events below which the others do not move the border."""

LEAST = 1e-6
"""CLs that stands for any smaller one, and events that do."""

MASS = "mass [GeV]"
"""Heading of the masses in tables of results."""

EXPECTED = ("background", "background error", "relative error of the parameter")
"""Headings of what kaon mode expects beside the signal, at each mass."""

ABOVE_ZERO = 1e-300, 1e300, "a finite number above 0"
"""What masses and couplings lie between, and how that is said."""

BOUNDS = {
    "events": (0.0, 1e300, "a finite number, 0 or more"),
    EXPECTED[0]: (0.0, 1e12, "a number between 0 and 1e+12"),
    EXPECTED[1]: (0.0, 1e12, "a number between 0 and 1e+12"),
    EXPECTED[2]: (0.0, 10.0, "a number between 0 and 10"),
}
"""The same for other columns."""

GAP = 2.5
"""Step of the mass, in units of the largest of three to either side, beyond which a result says nothing in between."""


@dataclass(frozen=True)
class Part:
    """What one result says of a model.

    Attributes
    ----------
    name : str
        Of its folder.
    model : Model
    stable : bool
        Whether the particle is taken to decay to nothing that is seen.
    masses, couplings : ndarray, shape (m,) and (c,)
    events : ndarray, shape (m, c)
        Expected events.
    n_obs, background, background_error : ndarray, shape (m,)
        Where the observed events are not known: the median of the background.
    observed : bool
        Whether they are known.
    data : tuple of str
        Data sets of kaon mode.
    signal_error : ndarray, shape (m,)
        Relative error of the events.
    """

    name: str
    model: Model
    stable: bool
    masses: Array
    couplings: Array
    events: Array
    n_obs: Array
    background: Array
    background_error: Array
    signal_error: Array
    observed: bool = True
    data: tuple[str, ...] = ()

    def covers(self, mass: float) -> bool:
        """Whether a mass [GeV] lies between masses of the result, and not in a gap."""
        after = int(np.searchsorted(self.masses, mass))
        if after == 0 or after == len(self.masses):
            return bool(np.isclose(mass, self.masses[[0, -1]], rtol=1e-12).any())
        steps = np.diff(self.masses)
        near = np.concatenate([steps[max(after - 4, 0) : after - 1], steps[after : after + 3]])
        return not near.size or bool(steps[after - 1] <= GAP * near.max())

    def at(self, mass: float, couplings: Array) -> tuple[Array, Counting]:
        """Expected events at a mass [GeV] and couplings, shape (c,), and what was counted there.

        The logarithm of the events is interpolated in mass and in the logarithm of the coupling; couplings that were
        not scanned have no events.
        """
        after = int(np.clip(np.searchsorted(self.masses, mass), 1, len(self.masses) - 1))
        low, high = self.masses[after - 1], self.masses[after]
        share = float(np.clip((mass - low) / (high - low), 0.0, 1.0))
        rows = np.log(np.maximum(self.events[[after - 1, after]], LEAST**2))
        row = (1.0 - share) * rows[0] + share * rows[1]
        log_c = np.log(self.couplings)
        found = np.exp(np.interp(np.log(couplings), log_c, row, left=-np.inf, right=-np.inf))
        nearest = after if share > 0.5 else after - 1
        counting = Counting(
            n_obs=int(self.n_obs[nearest]),
            background=float(self.background[nearest]),
            background_error=float(self.background_error[nearest]),
            efficiency_error=float(self.signal_error[nearest]),
        )
        return np.where(found > LEAST, found, 0.0), counting


@dataclass(frozen=True)
class Combination:
    """Several results as one.

    Attributes
    ----------
    parts : tuple of Part
    method : str
        ``"likelihood"``, the product of the likelihoods, or ``"envelope"``, what any of them excludes.
    confidence_level : float
    masses, couplings : ndarray, shape (m,) and (c,)
    cls : ndarray, shape (m, c)
        CLs of all results together.
    alone : ndarray, shape (part, m, c)
        Events over excluded events of each result by itself; zero where it says nothing.
    """

    parts: tuple[Part, ...]
    method: str
    confidence_level: float
    masses: Array
    couplings: Array
    cls: Array
    alone: Array

    @property
    def expected(self) -> list[str]:
        """Names of the results whose observed events are not known: the median of their background stands for these."""
        return [part.name for part in self.parts if not part.observed]

    @property
    def model(self) -> Model:
        """The model of all parts."""
        return self.parts[0].model

    @cached_property
    def ratio(self) -> Array:
        """Above one where a coupling is excluded, shape (m, c): ln CLs over its value at the border.

        It goes nearly as the events, so that borders can be interpolated.
        """
        if self.method == "envelope":
            largest: Array = self.alone.max(axis=0)
            return largest
        found: Array = np.log(self.cls) / np.log(1.0 - self.confidence_level)
        return found

    @cached_property
    def curve(self) -> list[Interval]:
        """Excluded couplings at each mass; numerical errors are those of the parts and not repeated."""
        return excluded(self.masses, self.couplings, self.ratio, np.zeros_like(self.ratio), 1.0)


MOST = 2000
"""Couplings of a combination at most."""

METHODS = ("likelihood", "envelope")
"""Ways to join results."""


def load_part(folder: str | Path) -> Part:
    """What the result in a folder says: one of `darkdump scan`, or one of `darkdump kaon` with a model.

    Raises
    ------
    DarkdumpError
        If it holds no such result.
    """
    folder = Path(folder)
    if (folder / "scan.toml").is_file():
        recipe = read_recipe(folder / "scan.toml").recipe
        return _part(folder, recipe.model, False, recipe.counting, ())
    if (folder / "kaon.toml").is_file():
        own = read_kaon_recipe(folder / "kaon.toml").recipe
        if not own.model:
            raise DarkdumpError(f"{folder}: this result has no model; make it again with --model")
        return _part(folder, load_model(own.model), own.stable, None, own.data)
    raise DarkdumpError(f"{folder}: is no result; it must be a folder with a scan.toml or a kaon.toml")


def _part(folder: Path, model: Model, stable: bool, counting: Counting | None, data: tuple[str, ...]) -> Part:
    path = folder / "events.csv"
    masses, couplings, events = _grid(path)
    if counting is not None:
        given = counting.background, counting.background_error, counting.efficiency_error
        b, db, signal = (np.full(len(masses), x) for x in given)
        n = counts(b, db, 0.5) if counting.n_obs is None else np.full(len(masses), float(counting.n_obs))
    else:
        own = _columns(folder / "limits.csv", [MASS, *EXPECTED])
        b, db, signal = (own[name] for name in EXPECTED)
        if not np.array_equal(own[MASS], masses):
            raise DarkdumpError(
                f"{folder / 'limits.csv'}: column '{MASS}' is not allowed; its masses must be those of "
                f"{path.name}, one row for each"
            )
        n = counts(b, db, 0.5)
    observed = counting is not None and counting.n_obs is not None
    return Part(folder.name, model, stable, masses, couplings, events, n, b, db, signal, observed, data)


def _grid(path: Path) -> tuple[Array, Array, Array]:
    """Masses, couplings and events, shape (m, c), of a table in which they ascend."""
    mass, coupling, found = _columns(path, [MASS, None, "events"]).values()
    masses, couplings = np.unique(mass), np.unique(coupling)
    if len(masses) < 2 or len(couplings) < 2:
        raise DarkdumpError(
            f"{path}: has {len(masses)} masses and {len(couplings)} couplings; it must have two of each at least"
        )
    whole = np.repeat(masses, len(couplings)), np.tile(couplings, len(masses))
    if len(mass) != len(whole[0]):
        raise DarkdumpError(
            f"{path}: is no whole grid: {len(mass)} rows for {len(masses)} masses and {len(couplings)} couplings; "
            "it must have each coupling at each mass once"
        )
    wrong = np.flatnonzero((mass != whole[0]) | (coupling != whole[1]))
    if len(wrong):
        k = wrong[0]
        raise DarkdumpError(
            f"{path}: row {k + 1}: mass {mass[k]:g} and coupling {coupling[k]:g} are out of order; "
            f"they must ascend, here {whole[0][k]:g} and {whole[1][k]:g}"
        )
    return masses, couplings, found.reshape(len(masses), len(couplings))


def _columns(path: Path, names: Sequence[str | None]) -> dict[str, Array]:
    """Columns of a table by their headings, in this order; None is the one in its own place."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        header, *rows = csv.reader(lines)
        places = {name or header[k]: header.index(name) if name else k for k, name in enumerate(names)}
    except OSError as error:
        raise DarkdumpError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, IndexError, csv.Error):
        listed = ", ".join(f"'{name}'" for name in names if name)
        raise DarkdumpError(
            f"{path}: is not the table that a result has there; it must have columns {listed}"
        ) from None
    for k, row in enumerate(rows):
        if len(row) != len(header):
            raise DarkdumpError(f"{path}: row {k + 1} has {len(row)} columns; it must have {len(header)}")
    return {
        name: np.array([_number(path, name, k, row[place]) for k, row in enumerate(rows)])
        for name, place in places.items()
    }


def _number(path: Path, column: str, row: int, cell: str) -> float:
    low, high, allowed = BOUNDS.get(column, ABOVE_ZERO)
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        where = f"{path}: row {row + 1}, column '{printable(column)}'"
        raise DarkdumpError(f"{where} = {printable(cell[:40])} is not allowed; it must be {allowed}")
    return number


def load_parts(folders: Sequence[str | Path]) -> list[Part]:
    """What the results in several folders say; see `load_part`.

    Raises
    ------
    DarkdumpError
        If a folder is named twice, or holds no result.
    """
    paths = [Path(folder).resolve() for folder in folders]
    for path in paths:
        if paths.count(path) > 1:
            raise DarkdumpError(f"results: {path.name} is named twice; a result counts once")
    return [load_part(folder) for folder in folders]


def combine(parts: Sequence[Part], method: str = "likelihood", confidence_level: float = 0.9) -> Combination:
    """Join results for one model.

    At each mass and coupling the results are counting channels of one signal; their likelihoods are multiplied and CLs
    is taken of the ratio of likelihoods, with the errors of backgrounds and signals averaged over.

    Parameters
    ----------
    parts : sequence of Part
        Of one model, independent of each other.
    method : str
        One of `METHODS`.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If the parts do not belong together.

    References
    ----------
    Junk, NIM A 434 (1999) 435, hep-ex/9902006; Read, J. Phys. G 28 (2002) 2693.
    """
    _check(parts, method, confidence_level)
    masses = np.unique(np.concatenate([part.masses for part in parts]))
    low, high = min(p.couplings[0] for p in parts), max(p.couplings[-1] for p in parts)
    step = min(float(np.diff(np.log(p.couplings)).min()) for p in parts)
    couplings = np.geomspace(low, high, min(round(np.log(high / low) / step) + 1, MOST))
    cls, alone = np.ones((len(masses), len(couplings))), np.zeros((len(parts), len(masses), len(couplings)))
    for m, mass in enumerate(masses.tolist()):
        here = [(k, *part.at(mass, couplings)) for k, part in enumerate(parts) if part.covers(mass)]
        for k, events, counting in here:
            alone[k, m] = events / _threshold(counting, confidence_level)
        cls[m] = np.maximum((1.0 - confidence_level) ** alone[:, m].sum(axis=0), LEAST)
        shared = alone[:, m].sum(axis=0) - alone[:, m].max(axis=0) > ALONE * alone[:, m].max(axis=0)
        least = LEAST if any(_excess(counting) for _, _, counting in here) else NEAR[0]
        for c in np.flatnonzero(shared & (cls[m] >= least) & (cls[m] <= NEAR[1])):
            channels = [channel(parts[k].name, float(events[c]), counting) for k, events, counting in here]
            cls[m, c] = max(hybrid.cls(1.0, channels), LEAST)
    return Combination(tuple(parts), method, confidence_level, masses, couplings, cls, alone)


def _excess(counting: Counting) -> bool:
    """Whether many more events were observed than expected: then other results may not exclude what they seem to."""
    b, db = counting.background, counting.background_error
    return (counting.n_obs or 0) > b + 2.0 * float(np.sqrt(b + db**2))


def _threshold(counting: Counting, confidence_level: float) -> float:
    n_obs, b, db = counting.n_obs or 0, counting.background, counting.background_error
    return float(upper_limits(n_obs, b, db, counting.efficiency_error, confidence_level)[0])


def channel(name: str, signal: float, count: Counting) -> Channel:
    return counting_channel(
        name, count.n_obs or 0, count.background, count.background_error, signal, count.efficiency_error
    )


def _check(parts: Sequence[Part], method: str, confidence_level: float) -> None:
    if len(parts) < 2:
        raise DarkdumpError("results: at least two are needed to be combined")
    if method not in METHODS:
        raise DarkdumpError(f"method = {method} is not allowed; it must be one of {', '.join(METHODS)}")
    if not 0.01 <= confidence_level <= 0.9999:
        raise DarkdumpError(
            f"confidence level = {confidence_level:g} is not allowed; it must lie between 0.01 and 0.9999"
        )
    first = parts[0]
    for k, part in enumerate(parts):
        for other in parts[:k]:
            if twice := sorted({*part.data} & {*other.data}):
                names = ", ".join(twice)
                raise DarkdumpError(f"{other.name} and {part.name} are not independent: both have the data {names}")
    for part in parts[1:]:
        if _physics(part.model) != _physics(first.model):
            raise DarkdumpError(f"{part.name} has the model '{part.model.title}', {first.name} '{first.model.title}'")
        if part.stable != first.stable:
            raise DarkdumpError(
                f"{part.name} and {first.name} differ: in one of them the particle's decays are not seen (--stable)"
            )


def _physics(model: Model) -> str:
    """Hash of what a model is, not of how much of it is scanned or counted."""
    return fingerprint(replace(model, title="", production=(), hadrons="", mass=(0.0, 1.0), landmarks=(), plane=""))


@dataclass(frozen=True)
class CombinationRecipe:
    """What is joined, how, and how it is drawn: folders of results, method, confidence level, formats, overlay."""

    results: tuple[str, ...]
    method: str = METHODS[0]
    confidence_level: float = 0.9
    formats: tuple[str, ...] = ("png",)
    overlay: bool = True


def describes_combination(path: Path) -> bool:
    """Whether a recipe is one of `darkdump combine`."""
    return "results" in toml.read(path)


def read_combination(path: Path) -> CombinationRecipe:
    """Read a recipe of `darkdump combine`; folders are looked for beside it.

    Raises
    ------
    CardError
        If something in it makes no sense.
    """
    top = toml.read(path)
    recipe = CombinationRecipe(
        results=tuple(str(path.parent / name) for name in top.texts("results")),
        method=top.text("method", METHODS[0], choices=METHODS),
        confidence_level=top.number("confidence_level", 0.9, low=0.01, high=0.9999),
        formats=top.texts("formats", ["png"], choices=FORMATS),
        overlay=top.flag("overlay", default=True),
    )
    top.done()
    return recipe
