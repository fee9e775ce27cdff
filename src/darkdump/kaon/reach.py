"""From limits on branching ratios to the couplings of a model."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from darkdump.kaon.peak import MassScan
from darkdump.kaon.types import Array
from darkdump.model import Model
from darkdump.recipe import Axis
from darkdump.statistics.curve import Interval, excluded


@dataclass(frozen=True)
class Reach:
    """Expected events in the plane of coupling against mass.

    Attributes
    ----------
    model : Model
    masses, couplings : ndarray, shape (m,) and (c,)
        [GeV] and [unit of the model's coupling].
    events : ndarray, shape (m, c)
        Expected events.
    error : ndarray, shape (m,)
        Relative numerical error of them.
    threshold : ndarray, shape (m,)
        Events that are excluded.
    """

    model: Model
    masses: Array
    couplings: Array
    events: Array
    error: Array
    threshold: Array

    @cached_property
    def curve(self) -> list[Interval]:
        """Excluded couplings at each mass."""
        ratio = self.events / self.threshold[:, None]
        error = np.broadcast_to(self.error[:, None], ratio.shape)
        return excluded(self.masses, self.couplings, ratio, error, 1.0)


def reach(scan: MassScan, model: Model, coupling: Axis, seen: Array) -> Reach:
    """What a scan excludes of a model.

    Parameters
    ----------
    scan : MassScan
    model : Model
    coupling : Axis
    seen : ndarray, shape (m, c)
        What the scan limits, a branching ratio or a squared coupling, as the model has it, times the chance that the
        particle leaves, or decays as it must.
    """
    sensitivity = scan.column("sensitivity")
    return Reach(
        model=model,
        masses=scan.masses,
        couplings=coupling.values,
        events=seen / sensitivity[:, None],
        error=scan.column("error"),
        threshold=scan.limit / sensitivity,
    )
