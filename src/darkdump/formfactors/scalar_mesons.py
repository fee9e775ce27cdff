"""Matrix elements of pion and kaon pairs for a scalar that couples as the Higgs boson does.

<P P| sum over q of m_q qbar q + heavy quarks' gluons |0> = (7 Gamma + 7 Delta + 2 Theta) / 9, where Gamma and Delta are
the elements of the light and of the strange quark's mass term, and Theta that of the trace of the stress tensor.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables

MESONS: Final = ("pi", "K")
"""Mesons in the order of the table's columns."""


@cache
def _table() -> NDArray[np.float64]:
    return tables.data_columns("form_factors", "scalar_hadrons.csv")


def _sum(gamma: complex, delta: complex, theta: complex) -> complex:
    return (7.0 * gamma + 7.0 * delta + 2.0 * theta) / 9.0


def dispersive(meson: str, mass: float) -> complex:
    """The matrix element [GeV^2] of dispersion relations, interpolated in modulus and phase, constant beyond the table.

    Parameters
    ----------
    meson : str
        ``"pi"`` or ``"K"``.
    mass : float
        Of the pair [GeV].

    References
    ----------
    Winkler, arXiv:1809.01876, section 2.2, figs. 2-3.
    """
    columns = _table()[1:].reshape(3, len(MESONS), 2, -1)[:, MESONS.index(meson)]
    parts = [
        np.interp(mass, _table()[0], size) * np.exp(1j * np.interp(mass, _table()[0], phase)) for size, phase in columns
    ]
    return _sum(*(complex(part) for part in parts))


def low_energy(meson: str, mass: float) -> complex:
    """The matrix element [GeV^2] at lowest order of chiral perturbation theory.

    Pions: Gamma = m_pi^2, Delta = 0, Theta = m^2 + 2 m_pi^2, which sums to (2 m^2 + 11 m_pi^2) / 9; kaons: m_pi^2 / 2,
    m_K^2 - m_pi^2 / 2, m^2 + 2 m_K^2.

    Parameters
    ----------
    meson, mass
        As in `dispersive`.

    References
    ----------
    Voloshin, Sov. J. Nucl. Phys. 44 (1986) 478; Donoghue, Gasser, Leutwyler, Nucl. Phys. B 343 (1990) 341.
    """
    pion2, kaon2 = particles.mass("pi+") ** 2, particles.mass("K+") ** 2
    if meson == "pi":
        return _sum(pion2, 0.0, mass**2 + 2.0 * pion2)
    return _sum(0.5 * pion2, kaon2 - 0.5 * pion2, mass**2 + 2.0 * kaon2)


DESCRIPTIONS: Final[Mapping[str, Callable[[str, float], complex]]] = {
    "dispersive": dispersive,
    "low-energy": low_energy,
}
"""Every description by its name on cards, the default first."""
