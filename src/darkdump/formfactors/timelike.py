"""Form factors of the proton at timelike momentum transfer, where bremsstrahlung of massive bosons needs them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from darkdump import tables
from darkdump.formfactors.vector_mesons import COUPLINGS


def _data() -> dict[str, Any]:
    return tables.data_toml("bremsstrahlung.toml")


def bremsstrahlung() -> dict[str, float]:
    """Constants of the total pp cross section and of where a splitting is trusted."""
    constants: dict[str, float] = _data()["splitting"]
    return constants


def charge(charges: Mapping[str, float]) -> float:
    """Charge of the proton, of its valence quarks."""
    return 2.0 * charges["u"] + charges["d"]


def dominance(mass: float, charges: Mapping[str, float]) -> complex:
    """Dirac form factor of the proton in extended vector-meson dominance.

    F1 = sum over V of f_V M_V^2 / (M_V^2 - m^2 - i M_V Gamma_V), the rho tower with the isovector, the omega tower with
    the isoscalar charge of the quarks.

    Parameters
    ----------
    mass : float
        Of the vector [GeV].
    charges : mapping
        Of the quarks; electric ones give the electromagnetic form factor.

    References
    ----------
    Faessler, Krivoruchenko, Martemyanov, arXiv:0910.5589.
    """
    total = 0j
    for meson, tower in _data()["dominance"].items():
        for m, width, strength in tower:
            total += COUPLINGS[meson](charges) * _pole(mass, m, width, strength)
    return total


def _pole(mass: float, m: float, width: float, strength: float) -> complex:
    """One meson of a tower, f M^2 / (M^2 - m^2 - i M Gamma)."""
    return strength * m**2 / (m**2 - mass**2 - 1j * m * width)


def scalar(mass: float) -> complex:
    """Scalar form factor of the proton, a tower of f0 mesons, for a scalar's mass [GeV].

    References
    ----------
    Foroughi-Abari, Ritz, arXiv:2108.05900; the constants are those that ALPINIST uses.
    """
    return sum((_pole(mass, *meson) for meson in tables.data_toml("scalar.toml")["proton"]["tower"]), 0j)


def scalar_coupling() -> float:
    """Coupling g of sin(theta) g pbar p S at no momentum transfer."""
    coupling: float = tables.data_toml("scalar.toml")["proton"]["g"]
    return coupling


def dirac_pauli(mass: float) -> tuple[complex, complex]:
    """Dirac and Pauli form factors of the proton, tabulated; zero beyond the table.

    References
    ----------
    Foroughi-Abari, Reimitz, Ritz, arXiv:2409.09123.
    """
    m, *columns = tables.data_columns("form_factors", "proton_timelike.csv")
    if mass > m[-1]:
        return 0j, 0j
    f1_re, f1_im, f2_re, f2_im = (float(np.interp(mass, m, column)) for column in columns)
    return complex(f1_re, f1_im), complex(f2_re, f2_im)
