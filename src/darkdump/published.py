"""The catalogue of published limits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump import tables

Array = NDArray[np.float64]


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
        ``"experiment"``, ``"recast"``, ``"projection"`` or ``"astrophysics"``.
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
    draw: bool
    mass: Array
    coupling: Array

    @property
    def polygon(self) -> Array:
        """The excluded region, shape (n + 2, 2): the path closed over the corner of least mass and largest coupling.

        The ends of a path lie on the left or at the top of the figure that it was taken from.
        """
        corner = min(self.mass[0], self.mass[-1]), max(self.coupling[0], self.coupling[-1])
        path = np.column_stack([self.mass, self.coupling])
        return np.vstack([path, corner, path[:1]])


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
            draw=entry["draw"],
            mass=columns[0],
            coupling=columns[1],
        )
        for entry in tables.data_toml("limits", f"{plane}.toml")["limit"]
        for columns in [tables.data_columns("limits", entry["file"])]
    ]
