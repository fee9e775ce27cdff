"""Results of dump mode and kaon mode for one model, joined into one excluded region."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.experiment import Counting
from darkdump.model import Model
from darkdump.recipe_file import fingerprint
from darkdump.statistics import hybrid
from darkdump.statistics.curve import Interval, excluded
from darkdump.statistics.many import upper_limits
from darkdump.stored import Part, channel

Array = NDArray[np.float64]

NEAR = 1e-4, 0.7
"""Rough values of CLs, the product of those of all results without background, between which it is calculated."""

ALONE = 0.005
"""Share of a result's events over excluded events below which the others do not move the border."""

LEAST = 1e-6
"""CLs that stands for any smaller one."""


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
            own = [(parts[k].name, float(events[c]), counting) for k, events, counting in here if events[c] > 0.0]
            channels = [channel(*one) for one in own]
            cls[m, c] = max(hybrid.cls(1.0, channels), LEAST)
    return Combination(tuple(parts), method, confidence_level, masses, couplings, cls, alone)


def _excess(counting: Counting) -> bool:
    """Whether many more events were observed than expected: then other results may not exclude what they seem to."""
    b, db = counting.background, counting.background_error
    return (counting.n_obs or 0) > b + 2.0 * float(np.sqrt(b + db**2))


def _threshold(counting: Counting, confidence_level: float) -> float:
    n_obs, b, db = counting.n_obs or 0, counting.background, counting.background_error
    return float(upper_limits(n_obs, b, db, counting.efficiency_error, confidence_level)[0])


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
                raise DarkdumpError(f"{other.name} and {part.name} are not independent: both hold {'; '.join(twice)}")
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
