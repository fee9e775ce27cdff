"""Form factors of the proton at timelike momentum transfer, where bremsstrahlung of massive vectors needs them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from darkdump import tables


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
    towers = {"rho": charges["u"] - charges["d"], "omega": 3.0 * (charges["u"] + charges["d"])}
    total = 0j
    for tower, coupling in towers.items():
        for m, width, strength in _data()["dominance"][tower]:
            total += coupling * strength * m**2 / (m**2 - mass**2 - 1j * m * width)
    return total


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
