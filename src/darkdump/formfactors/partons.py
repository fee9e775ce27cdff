"""Densities of the light quarks in the proton, and the transverse momentum of Drell-Yan pairs."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from darkdump import tables

Array = NDArray[np.float64]

COLUMNS = ("u", "ubar", "d", "dbar", "s", "sbar")
"""Quarks and antiquarks of the table."""


@cache
def _table() -> tuple[Array, Array, Array]:
    """Logarithm of the scales, x, and x f of shape (Q, x, quark)."""
    q, x, *quarks = tables.data_columns("parton_densities.csv")
    scales, nodes = np.unique(q), np.unique(x)
    return np.log(scales), nodes, np.array(quarks).T.reshape(len(scales), len(nodes), len(quarks))


def x_density(x: Array, q: float) -> dict[str, Array]:
    """x f(x, Q) of the proton at a scale [GeV]: linear in ln x and ln Q, constant beyond the scales of the table, the
    first node's below the table of x and zero above.

    References
    ----------
    NNPDF2.3 QCD+QED LO, arXiv:1308.0598, see ``data/parton_densities.csv``.
    """
    scales, nodes, values = _table()
    place = float(np.interp(np.log(q), scales, np.arange(len(scales))))
    i = min(int(place), len(scales) - 2)
    at = (1.0 - (place - i)) * values[i] + (place - i) * values[i + 1]
    logs = np.log(np.maximum(x, 1e-30))
    return {name: np.interp(logs, np.log(nodes), at[:, k], right=0.0) for k, name in enumerate(COLUMNS)}


def mean_pt2(mass: float) -> float:
    """Mean squared transverse momentum [GeV^2] of a Drell-Yan pair of a mass [GeV], constant beyond the table."""
    masses, squares, _ = tables.data_columns("drell_yan.csv")
    return float(np.interp(mass, masses, squares))
