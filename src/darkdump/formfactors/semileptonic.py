"""Form factors of semileptonic decays of mesons, and the helicity amplitudes that they make.

The decays, shapes and parameters are in ``data/semileptonic.toml``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.units import HBAR

Array = NDArray[np.float64]
Amplitudes = tuple[Array, Array, Array, Array]

PARENTS: Final[Mapping[str, str]] = {
    "Kp": "K+", "KL": "K(L)0", "KS": "K(S)0", "D0": "D0", "D+": "D+", "Ds": "D(s)+", "B+": "B+", "B0": "B0",
    "Bs": "B(s)0",
}  # fmt: skip
"""Parents as the spectra name them, and their names in the `particle` library."""


def data() -> dict[str, Any]:
    """Decays and form factors."""
    return tables.data_toml("semileptonic.toml")


def _linear(q2: Array, _: float, __: float, value: float, slope: float) -> Array:
    """f (1 + slope q^2 / m_pi^2)."""
    return value * (1.0 + slope * q2 / particles.mass("pi+") ** 2)


def _z(q2: Array, parent: float, hadron: float) -> Array:
    """Conformal variable of q^2, zero at t0 = (M + m) (sqrt(M) - sqrt(m))^2."""
    plus, start = (parent + hadron) ** 2, (parent + hadron) * (math.sqrt(parent) - math.sqrt(hadron)) ** 2
    root, base = np.sqrt(plus - q2), math.sqrt(plus - start)
    z: Array = (root - base) / (root + base)
    return z


def _etm(q2: Array, parent: float, hadron: float, value: float, c: float, P: float) -> Array:
    """(f - c (z - z0) (1 + (z + z0) / 2)) / (1 - P q^2), arXiv:1706.03017, eqs. 68 to 71."""
    z, z0 = _z(q2, parent, hadron), _z(np.zeros(1), parent, hadron)
    return (value - c * (z - z0) * (1.0 + 0.5 * (z + z0))) / (1.0 - P * q2)


def _double_pole(q2: Array, _: float, __: float, value: float, mass: float, a: float) -> Array:
    """f / ((1 - x) (1 - a x)), x = q^2 / M^2."""
    x = q2 / mass**2
    return value / ((1.0 - x) * (1.0 - a * x))


def _quadratic(q2: Array, _: float, __: float, value: float, mass: float, first: float, second: float) -> Array:
    """f / (1 - first x + second x^2), x = q^2 / M^2."""
    x = q2 / mass**2
    return value / (1.0 - first * x + second * x**2)


def _bcl(q2: Array, parent: float, hadron: float, a: list[float], mass: float = math.inf) -> Array:
    """sum_n a_n (z^n - (-1)^(n - N) n / N z^N) / (1 - q^2 / M^2), arXiv:0807.2722."""
    z, number = _z(q2, parent, hadron), len(a)
    terms = [c * (z**n - (-1) ** (n - number) * n / number * z**number) for n, c in enumerate(a)]
    whole: Array = np.sum(terms, axis=0) / (1.0 - q2 / mass**2)
    return whole


def _z_series(q2: Array, parent: float, hadron: float, a: list[float], mass: float = math.inf) -> Array:
    """sum_n a_n z^n / (1 - q^2 / M^2)."""
    z = _z(q2, parent, hadron)
    whole: Array = np.sum([c * z**n for n, c in enumerate(a)], axis=0) / (1.0 - q2 / mass**2)
    return whole


SHAPES: Final[Mapping[str, Callable[..., Array]]] = {
    "linear": _linear,
    "etm": _etm,
    "double_pole": _double_pole,
    "quadratic": _quadratic,
    "bcl": _bcl,
    "z_series": _z_series,
}
"""Shapes of form factors by their names: functions of q^2 [GeV^2], masses of parent and hadron [GeV], parameters."""


def _shaped(entry: Mapping[str, Any], q2: Array, parent: float, hadron: float) -> Array:
    return SHAPES[entry["shape"]](q2, parent, hadron, **{key: x for key, x in entry.items() if key != "shape"})


def pseudoscalar(form: str, q2: Array, parent: float, hadron: float) -> tuple[Array, Array]:
    """Form factors f+ and f0 of a pseudoscalar hadron.

    A z-series of f0 gets one more term, which makes it equal to f+ at q^2 = 0.

    Parameters
    ----------
    form : str
        Key of ``form`` in ``data/semileptonic.toml``.
    q2 : ndarray
        Momentum transfer [GeV^2].
    parent, hadron : float
        Masses [GeV].
    """
    entry, origin = data()["form"][form], np.zeros(1)
    plus, zero = (_shaped(entry[name], q2, parent, hadron) for name in ("plus", "zero"))
    if entry["zero"]["shape"] == "z_series":
        gap = _shaped(entry["plus"], origin, parent, hadron) - _shaped(entry["zero"], origin, parent, hadron)
        power, pole = len(entry["zero"]["a"]), entry["zero"].get("mass", math.inf)
        zero = zero + gap * (_z(q2, parent, hadron) / _z(origin, parent, hadron)) ** power / (1.0 - q2 / pole**2)
    return plus, zero


def vector(form: str, q2: Array) -> tuple[Array, Array, Array, Array]:
    """Form factors V, A0, A1 and A2 of a vector hadron; parameters as for `pseudoscalar`."""
    entry = data()["form"][form]
    pole, vector_pole = entry["masses"]
    x = q2 / vector_pole**2
    v, a0, a1, a2 = (
        value / (1.0 - first * x + second * x**2)
        for value, first, second in (entry[name] for name in ("V", "A0", "A1", "A2"))
    )
    return v / (1.0 - x), a0 / (1.0 - q2 / pole**2), a1, a2


@dataclass(frozen=True)
class Decay:
    """P -> hadron l nu.

    Attributes
    ----------
    parent, hadron : str
        Names in the `particle` library.
    form : str
        Of the form factors.
    strength : float
        Square of the CKM element, part of the hadron's wave function, and corrections.
    measured : float
        Width with an electron [GeV]; zero if it is not measured.
    up : bool
        Whether a quark of charge +2/3 decays, so that N is the fermion that the W boson makes and the charged lepton
        the antifermion, and not the other way round: these N rather fly with the W boson.
    """

    parent: str
    hadron: str
    form: str
    strength: float
    measured: float
    up: bool

    @property
    def masses(self) -> tuple[float, float]:
        """Of parent and hadron [GeV]."""
        return particles.mass(self.parent), particles.mass(self.hadron)

    def amplitudes(self, q2: Array, p: Array) -> Amplitudes:
        """Amplitudes of the helicities of the W boson: scalar, 0, +1 and -1.

        Parameters
        ----------
        q2 : ndarray
            Momentum transfer [GeV^2].
        p : ndarray
            Momentum of the hadron in the parent's rest frame [GeV].
        """
        (parent, hadron), q, none = self.masses, np.sqrt(q2), np.zeros_like(q2)
        if "plus" in data()["form"][self.form]:
            plus, zero = pseudoscalar(self.form, q2, parent, hadron)
            return (parent**2 - hadron**2) * zero / q, 2.0 * parent * p * plus / q, none, none
        v, a0, a1, a2 = vector(self.form, q2)
        both = parent + hadron
        axial, magnetic = both * a1, 2.0 * parent * p / both * v
        along = (parent**2 - hadron**2 - q2) * both * a1 - 4.0 * (parent * p) ** 2 / both * a2
        return 2.0 * parent * p * a0 / q, along / (2.0 * hadron * q), axial - magnetic, axial + magnetic


@cache
def decays(parent: str) -> dict[str, Decay]:
    """Semileptonic decays of a parent, by their names in ``data/semileptonic.toml``.

    Parameters
    ----------
    parent : str
        Key of `PARENTS`.
    """
    return {
        name: Decay(
            parent=PARENTS[parent],
            hadron=entry["hadron"],
            form=entry["form"],
            strength=tables.ckm(entry["ckm"]) ** 2 * entry["part"] * entry.get("factor", 1.0),
            measured=entry.get("measured", 0.0) * HBAR / tables.lifetime(parent),
            up=entry["ckm"] in ("cd", "cs"),
        )
        for name, entry in data()["decay"][parent].items()
    }
