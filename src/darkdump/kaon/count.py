"""Searches that count: from acceptance, kaons and efficiencies to a single-event sensitivity and a limit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from darkdump.errors import CardError
from darkdump.experiment import Counting
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.types import Estimate
from darkdump.statistics.channels import Channel, counting_channel
from darkdump.statistics.counting import upper_limit
from darkdump.statistics.many import expected_limits


@dataclass(frozen=True)
class Count:
    """A search that counts events.

    Attributes
    ----------
    data : DataSet
    parameter : str
        Branching ratio that is limited, as text: ``"BR(K+ -> pi- e+ e+)"``.
    acceptance : dict
        Simulated part of the decays and its numerical error, by region: geometry and kinematics alone.
    sensitivity, sensitivity_error : float
        Branching ratio of one expected event, and its relative error.
    measured : bool
        Whether that is the published one of the card; otherwise it is made from kaons, acceptance and efficiencies.
    counting : Counting
        Observed events and background.
    """

    data: DataSet
    parameter: str
    acceptance: Mapping[str, Estimate]
    sensitivity: float
    sensitivity_error: float
    measured: bool
    counting: Counting

    @property
    def accepted(self) -> float:
        """Acceptance of all regions."""
        return sum(value for value, _ in self.acceptance.values())

    @property
    def numerical_error(self) -> float:
        """Numerical error of the acceptance."""
        return math.hypot(*(error for _, error in self.acceptance.values()))

    @property
    def kaons(self) -> float:
        """Decays times all efficiencies that are not simulated, which the sensitivity implies."""
        return 1.0 / (self.sensitivity * self.accepted)

    @property
    def implied_efficiency(self) -> float:
        """Efficiency of all that is not simulated, from sensitivity and decays; NaN where these are not known."""
        return math.nan if self.data.decays is None else self.kaons / self.data.decays.value

    def limit(self, confidence_level: float = 0.9) -> float:
        """Upper limit of the branching ratio by CLs, with the errors of background and sensitivity averaged over."""
        n_obs, error = self.counting.n_obs, self.sensitivity_error
        assert n_obs is not None
        events = upper_limit(n_obs, self.counting.background, self.counting.background_error, error, confidence_level)
        return self.sensitivity * events

    def expected(self, confidence_level: float = 0.9) -> dict[str, float]:
        """What `limit` would be for background alone: ``"median"``, and ``"low"`` and ``"high"`` one sigma aside."""
        b, db = self.counting.background, self.counting.background_error
        events = expected_limits(b, db, self.sensitivity_error, confidence_level)
        return {name: self.sensitivity * float(one[0]) for name, one in events.items()}

    def channel(self, unit: float) -> Channel:
        """The search as a counting channel whose signal strength is the branching ratio over `unit`."""
        count = self.counting
        assert count.n_obs is not None
        signal, name = unit / self.sensitivity, self.data.name
        return counting_channel(
            name, count.n_obs, count.background, count.background_error, signal, self.sensitivity_error
        )


def require_accepted(data: DataSet, accepted: float) -> float:
    """The accepted part of the simulated decays, which is not nothing.

    Raises
    ------
    CardError
        If it is.
    """
    if not accepted > 0.0:
        raise CardError(
            f"{data.name}: no decay is accepted: volume, momentum, regions, tracks and inputs must leave some of them"
        )
    return accepted


def count(data: DataSet, parameter: str, acceptance: Mapping[str, Estimate]) -> Count:
    """A counting search: its sensitivity is that of the card, or else 1 / (decays x acceptance x efficiencies).

    Raises
    ------
    CardError
        If the card has no counting, or neither a sensitivity nor a number of decays, or no simulated decay is accepted.
    """
    if data.counting is None:
        raise CardError(f"{data.name}: counting is missing; it must be a table")
    accepted = require_accepted(data, sum(value for value, _ in acceptance.values()))
    if data.sensitivity is not None:
        known = data.sensitivity
        return Count(data, parameter, acceptance, known.value, known.relative_error, True, data.counting)
    decays, error = data.exposure
    numerical = math.hypot(*(e for _, e in acceptance.values())) / accepted
    sensitivity = 1.0 / (decays * accepted)
    return Count(data, parameter, acceptance, sensitivity, math.hypot(error, numerical), False, data.counting)
