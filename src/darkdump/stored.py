"""Results that were stored, of dump mode or kaon mode, as what they say of a model."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from darkdump.cards import load_model
from darkdump.errors import DarkdumpError, printable
from darkdump.experiment import Counting
from darkdump.kaon.dataset import load_data
from darkdump.kaon.dataset_parts import MOST as MOST_EVENTS
from darkdump.kaon.dataset_parts import MOST_ERROR
from darkdump.kaon.recipe_file import read_kaon_recipe
from darkdump.model import Model
from darkdump.recipe_file import read_recipe
from darkdump.statistics.channels import Channel, counting_channel
from darkdump.statistics.many import counts

Array = NDArray[np.float64]

NONE = 1e-6
"""Events that stand for none."""

MASS = "mass [GeV]"
"""Heading of the masses in tables of results."""

EXPECTED = ("background", "background error", "relative error of the parameter")
"""Headings of what kaon mode expects beside the signal, at each mass."""

ABOVE_ZERO = 1e-300, 1e300, "a finite number above 0"
"""What masses and couplings lie between, and how that is said."""

BOUNDS = {
    "events": (0.0, 1e300, "a finite number, 0 or more"),
    EXPECTED[0]: (0.0, MOST_EVENTS, f"a number between 0 and {MOST_EVENTS:g}"),
    EXPECTED[1]: (0.0, MOST_ERROR, f"a number between 0 and {MOST_ERROR:g}"),
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
        """Whether a mass [GeV] is one of the result or lies between two of them, and not in a gap."""
        if np.isclose(mass, self.masses, rtol=1e-12).any():
            return True
        after = int(np.searchsorted(self.masses, mass))
        if after == 0 or after == len(self.masses):
            return False
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
        rows = np.log(np.maximum(self.events[[after - 1, after]], NONE**2))
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
        return np.where(found > NONE, found, 0.0), counting


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
        channels = recipe.channels or recipe.model.decays
        data = tuple(f"{recipe.experiment.name}, {channel}" for channel in channels)
        return _part(folder, recipe.model, False, recipe.counting, data)
    if (folder / "kaon.toml").is_file():
        own = read_kaon_recipe(folder / "kaon.toml").recipe
        if not own.model:
            raise DarkdumpError(f"{folder}: this result has no model; make it again with --model")
        data = tuple(sorted(frozenset().union(*(load_data(name).counted for name in own.data))))
        return _part(folder, load_model(own.model), own.stable, None, data)
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
        b = np.where(b < NONE**2, 0.0, b)
        db = np.where(b > 0.0, db, 0.0)
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
        if len({*header}) != len(header) or len(places) != len(names):
            raise ValueError
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


def channel(name: str, signal: float, count: Counting) -> Channel:
    return counting_channel(
        name, count.n_obs or 0, count.background, count.background_error, signal, count.efficiency_error
    )
