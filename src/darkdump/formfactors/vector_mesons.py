"""The lowest vector mesons, and how a vector couples to them (vector-meson dominance)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from darkdump import tables


def vector_mesons() -> dict[str, dict[str, Any]]:
    """Constants of rho, omega and phi, see ``data/vector_mesons.toml``."""
    return tables.data_toml("vector_mesons.toml")


COUPLINGS: Final[Mapping[str, Callable[[Mapping[str, float]], float]]] = {
    "rho": lambda q: q["u"] - q["d"],
    "omega": lambda q: 3.0 * (q["u"] + q["d"]),
    "phi": lambda q: -3.0 * q["s"],
}
"""Coupling of a vector to a meson over that of a dark photon, from the charges of the quarks."""
