"""The catalogue of published limits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump import tables

Array = NDArray[np.float64]

DEPTH = 1e-12
"""How far the region below a lower limit reaches, as part of its least coupling: below every picture."""


@dataclass(frozen=True)
class Limit:
    """A published limit in the plane of coupling against mass.

    Attributes
    ----------
    name, label : str
        Name in the catalogue, and what stands on a picture.
    paper : str
    confidence_level : float
        0 where it does not apply.
    kind : str
        ``"experiment"``, ``"recast"``, ``"projection"``, ``"astrophysics"`` or ``"cosmology"``.
    shape : str
        ``"upper_limit"``, ``"lower_limit"``, ``"open_contour"`` or ``"closed_contour"``.
    draw : bool
        Whether pictures show it by default: one evaluation of each experiment, no projections.
    mass, coupling : ndarray, shape (n,)
        The curve as a path, [GeV] and [unit of the plane].
    """

    name: str
    label: str
    paper: str
    confidence_level: float
    kind: str
    shape: str
    draw: bool
    mass: Array
    coupling: Array

    @property
    def polygon(self) -> Array:
        """The excluded region as a closed path, shape (n + 2, 2) or (n + 3, 2).

        An upper limit is closed straight up from both ends to its largest coupling, a lower limit straight down to far
        below it.  A contour is closed over the corner of least mass and largest coupling of its ends, as these lie on
        the left or at the top of the figure that it was taken from.
        """
        path = np.column_stack([self.mass, self.coupling])
        first, last = path[0], path[-1]
        if self.shape in ("upper_limit", "lower_limit"):
            level = self.coupling.max() if self.shape == "upper_limit" else DEPTH * self.coupling.min()
            corners = [(last[0], level), (first[0], level)]
        else:
            corners = [(min(first[0], last[0]), max(first[1], last[1]))]
        return np.vstack([path, corners, path[:1]])


def limits(plane: str) -> list[Limit]:
    """Published limits of a plane.

    Parameters
    ----------
    plane : str
        Name of a catalogue in ``data/limits``, for example ``"alp-photon"``; none for an empty name.

    Returns
    -------
    list of Limit
    """
    if not plane:
        return []
    return [
        Limit(
            name=entry["name"],
            label=entry["label"],
            paper=entry["paper"],
            confidence_level=entry["confidence_level"],
            kind=entry["kind"],
            shape=entry["shape"],
            draw=entry["draw"],
            mass=columns[0],
            coupling=columns[1],
        )
        for entry in tables.data_toml("limits", f"{plane}.toml")["limit"]
        for columns in [tables.data_columns("limits", entry["file"])]
    ]
