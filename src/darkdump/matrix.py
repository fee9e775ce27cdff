"""Squared matrix elements of decays into several bodies."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import tables
from darkdump.phasespace import boosted

Array = NDArray[np.float64]


def _square(p: Array) -> Array:
    mass2: Array = p[..., 3] ** 2 - (p[..., :3] ** 2).sum(axis=-1)
    return mass2


def _rho(s: Array) -> Array:
    """Propagator of the rho meson [GeV^-2], a Breit-Wigner shape of constant width."""
    rho = tables.data_toml("vector_mesons.toml")["rho"]
    propagator: Array = 1.0 / (s - rho["mass"] ** 2 + 1j * rho["mass"] * rho["width"])
    return propagator


def vector_to_three_pions(p: Array) -> Array:
    """Squared matrix element of V -> pi+ pi- pi0 through rho pi, summed over polarisations.

    The square of p+ x p- in the rest frame, times that of the sum of the three rho propagators.

    References
    ----------
    Gell-Mann, Sharp, Wagner, Phys. Rev. Lett. 8 (1962) 261.
    """
    rho = sum(_rho(_square(p[:, i] + p[:, j])) for i, j in ((0, 1), (0, 2), (1, 2)))
    cross = np.cross(p[:, 0, :3], p[:, 1, :3])
    weight: Array = (cross**2).sum(axis=1) * np.abs(rho) ** 2
    return weight


def pseudoscalar_to_pions_and_photon(p: Array) -> Array:
    """Squared matrix element of a -> pi+ pi- gamma through rho gamma: s (k q sin)^2 with the rho propagator.

    k and q are the momenta of photon and pion in the pions' rest frame.

    References
    ----------
    Aloni, Soreq, Williams, arXiv:1811.03474, supplemental material.
    """
    both = p[:, 0] + p[:, 1]
    s = _square(both)
    into = np.column_stack([-both[:, :3], both[:, 3]])
    pion, photon = (boosted(p[:, i : i + 1], into)[:, 0, :3] for i in (0, 2))
    weight: Array = s * (np.cross(pion, photon) ** 2).sum(axis=1) * np.abs(_rho(s)) ** 2
    return weight


MATRIX: Final[Mapping[str, Callable[[Array], Array] | None]] = {
    "flat": None,
    "vector to three pions": vector_to_three_pions,
    "pseudoscalar to pions and photon": pseudoscalar_to_pions_and_photon,
}
"""Squared matrix elements by name: from momenta, shape (n, k, 4), to weights, shape (n,)."""
