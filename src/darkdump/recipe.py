"""A recipe: everything that a scan depends on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.experiment import Counting, Experiment
from darkdump.model import PORTALS, Model
from darkdump.statistics.counting import LARGEST_ERROR

FORMATS = ("png", "pdf", "svg")
"""Formats of a picture."""

MASSES, COUPLINGS = 100, 200
"""Values of a scan where none are asked for."""

POINTS, SCRAMBLES = 1024, 14
"""Sobol points of a scramble, and scrambles, where none are asked for."""

SPECTRA, HEAVY = "pythia", "pythia"
"""Names of the hadron spectra, and of those of charm and beauty, where none are asked for."""

LARGEST = 10**7
"""Largest number of values of masses x couplings, and of points x scrambles: what a laptop's memory holds."""

MASS_RANGE, COUPLING_RANGE = (1e-15, 1e15), (1e-30, 1e30)
"""What a scan may ask for: beyond, numbers end."""


@dataclass(frozen=True)
class Axis:
    """Values evenly spaced in the logarithm: ends and number."""

    low: float
    high: float
    number: int

    @property
    def values(self) -> NDArray[np.float64]:
        """The values, ascending, shape (number,)."""
        return np.geomspace(self.low, self.high, self.number)


@dataclass(frozen=True)
class Recipe:
    """What is scanned, and how.

    Attributes
    ----------
    model : Model
        With the production modes that are counted.
    experiment : Experiment
    pot : float
        Protons on target.
    mass, coupling : Axis
        [GeV], [unit of the coupling].
    spectra, heavy : str
        Names of the hadron spectra, and of the choice for charm and beauty.
    selection : str
        Of the final states that have none of their own on the experiment's card: open or exclusive.
    channels : tuple of str
        Decays that are counted; all that the experiment selects if empty.
    confidence_level : float
    counting : Counting
        Observed events and background.
    seed, points, scrambles : int
        Of the numerical integration.

    Raises
    ------
    DarkdumpError
        If a value makes no sense.
    """

    model: Model
    experiment: Experiment
    pot: float
    mass: Axis
    coupling: Axis
    spectra: str
    heavy: str
    selection: str
    channels: tuple[str, ...]
    confidence_level: float
    counting: Counting
    seed: int
    points: int
    scrambles: int

    @property
    def masses(self) -> NDArray[np.float64]:
        """Masses that are scanned [GeV]: the evenly spaced ones, and the model's landmarks between them, ascending."""
        inside = [mass for mass in self.model.landmarks if self.mass.low < mass < self.mass.high]
        return np.union1d(self.mass.values, inside)

    def __post_init__(self) -> None:
        try:
            broken = [line for ok, line in self._rules() if not ok]
        except (TypeError, ValueError, AttributeError) as error:
            raise DarkdumpError(f"an option has a value of the wrong type: {error}") from None
        if broken:
            raise DarkdumpError(broken[0])

    def _rules(self) -> list[tuple[bool, str]]:
        """What must hold, and the line for where it does not."""
        count = self.counting
        rules = [
            (0 < self.pot < math.inf, f"pot = {self.pot:g} is not allowed; it must be a finite number above 0"),
            (
                0.01 <= self.confidence_level <= 0.9999,
                f"confidence level = {self.confidence_level:g} is not allowed; it must lie between 0.01 and 0.9999",
            ),
            (self.seed >= 0, f"seed = {self.seed} is not allowed; it must be a whole number, 0 or more"),
            (
                16 <= self.points <= 2**20 and self.points.bit_count() == 1,
                f"points = {self.points} is not allowed; it must be a power of two between 16 and {2**20}",
            ),
            (2 <= self.scrambles <= 1024, f"scrambles = {self.scrambles} is not allowed; 2 to 1024 are"),
            (
                count.n_obs is None or (count.n_obs == int(count.n_obs) and 0 <= count.n_obs <= 10**6),
                f"n_obs = {count.n_obs} is not allowed; it must be a whole number, 0 to 10^6",
            ),
        ]
        for name, value, top in (
            ("background", count.background, 1e6),
            ("background error", count.background_error, 1e6),
            ("efficiency error", count.efficiency_error, 1.0),
        ):
            rules.append((0 <= value <= top, f"{name} = {value:g} is not allowed; it must lie between 0 and {top:g}"))
        rules.append(
            (
                count.background_error <= LARGEST_ERROR * count.background,
                f"background error = {count.background_error:g} is not allowed; it must be at most "
                f"{LARGEST_ERROR:g} times the background, {count.background:g}",
            )
        )
        for name, size in (
            ("masses x couplings", self.mass.number * self.coupling.number),
            ("points x scrambles", self.points * self.scrambles),
        ):
            rules.append((size <= LARGEST, f"{size} {name} are not allowed; it must be at most {LARGEST}"))
        couplings = COUPLING_RANGE[0], min(COUPLING_RANGE[1], PORTALS[self.model.portal].largest)
        for name, axis, (low, high) in (("mass", self.mass, MASS_RANGE), ("coupling", self.coupling, couplings)):
            rules.append(
                (
                    low <= axis.low < axis.high <= high,
                    f"{name} range {axis.low:g} to {axis.high:g} is not allowed; it must be two numbers between "
                    f"{low:g} and {high:g}, the second larger",
                )
            )
            rules.append(
                (2 <= axis.number <= 10000, f"{axis.number} {name} values are not allowed; it must be 2 to 10000")
            )
        return rules
