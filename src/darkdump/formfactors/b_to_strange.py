"""Two-body decays of B mesons by a quark density, B -> K_x X, where X is a new scalar or pseudoscalar.

An X that couples as h sbar_L b_R X + h.c. = (h / 2) sbar (1 + gamma5) b X + h.c. reaches K and K1 by the scalar
density and K*, K0* and K2*, whose parity is (-1)^spin, by the pseudoscalar one, both with h / 2; the parity of X itself
plays no role, as h may have any phase.  The opposite chirality, which is smaller by m_s / m_b, is left out.  The states
are those of arXiv:1904.10447, appendix C; they stand with their form factors and sources in ``data/b_to_strange.toml``.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from darkdump import particles, tables
from darkdump.phasespace import momentum
from darkdump.units import G_F


def _data() -> dict[str, Any]:
    return tables.data_toml("b_to_strange.toml")


def quark_mass(name: str) -> float:
    """Mass [GeV] of a quark: ``m_b`` and ``m_s`` of the MSbar scheme at the scale m_b, or ``m_b_pole``."""
    mass: float = _data()["quarks"][name]
    return mass


def parent_mass() -> float:
    """Mass [GeV] of the decaying meson, between those of B+ and B0, which differ by 0.3 MeV."""
    return 0.5 * (particles.mass("B+") + particles.mass("B0"))


def lifetime(species: str) -> float:
    """Mean life [s] of ``"B+"``, ``"B0"`` or ``"Bs"``."""
    value: float = tables.lifetime(species)
    return value


def decay_constant(species: str) -> float:
    """Decay constant [GeV] of ``"Bs"``."""
    value: float = _data()["decay_constant"][species]
    return value


def states() -> list[str]:
    """Names of the hadronic states K_x."""
    return list(_data()["state"])


def recoil_mass(state: str) -> float:
    """Mass [GeV] of a state, taken as narrow."""
    return particles.mass(_data()["state"][state]["particle"])


def width(state: str, mass: float, h: float) -> float:
    """Width [GeV] of B -> K_x X.

    Gamma = A^2 p / 8 pi m_B^2, the amplitude A = h / (m_b +- m_s) F(m^2) times (m_B^2 - m_K^2) / 2, m_B p, or
    sqrt(2/3) m_B p^2 / m_K for spin 0, 1, or 2; m_b - m_s for the scalar, m_b + m_s for the pseudoscalar density.

    Parameters
    ----------
    state : str
        One of `states`.
    mass : float
        Of X [GeV].
    h : float
        Coupling of h sbar_L b_R X + h.c., where quark masses in it are those of `quark_mass`.

    References
    ----------
    Boiarska et al., arXiv:1904.10447, appendices B and C; Winkler, arXiv:1809.01876.
    """
    entry, parent, other = _data()["state"][state], parent_mass(), recoil_mass(state)
    p = momentum(parent, mass, other)
    sign = 1.0 if entry["parity"] == (-1) ** entry["spin"] else -1.0
    size = (0.5 * (parent**2 - other**2), parent * p, math.sqrt(2.0 / 3.0) * parent * p**2 / other)[entry["spin"]]
    form: float = SHAPES[entry["shape"]](mass**2, other, entry["parameters"])
    amplitude = h * size * form / (quark_mass("m_b") + sign * quark_mass("m_s"))
    return amplitude**2 * p / (8.0 * math.pi * parent**2)


def inclusive_ratio(mass: float, h: float) -> float:
    """Branching ratio of B -> X_s X at the level of quarks, from its ratio to the semileptonic decay.

    Gamma(b -> s X) = h^2 m_b (1 - m^2 / m_b^2)^2 / 32 pi, over G_F^2 m_b^5 V_cb^2 f / 192 pi^3, all with the pole mass,
    to which the quark mass in h is changed.

    Parameters
    ----------
    mass : float
        Of X [GeV].
    h : float
        As in `width`.

    References
    ----------
    Feng, Galon, Kling, Trojanowski, arXiv:1710.09387; Chivukula, Manohar, Phys. Lett. B 207 (1988) 86.
    """
    pole, rates = quark_mass("m_b_pole"), _data()["inclusive"]
    if mass >= pole:
        return 0.0
    ratio = 6.0 * (math.pi * h / quark_mass("m_b")) ** 2 / (pole * G_F * tables.ckm("cb")) ** 2
    return float(ratio * (1.0 - (mass / pole) ** 2) ** 2 / rates["phase_space"] * rates["semileptonic"])


def _double(x: float, strength: float, a: float, b: float) -> float:
    """F(0) / (1 - a x + b x^2), where x = q^2 / m_B^2."""
    return strength / (1.0 - a * x + b * x * x)


def _poles(q2: float, _: float, given: Mapping[str, Any]) -> float:
    """Sum of poles r / (1 - q^2 / m^2)."""
    return float(sum(strength / (1.0 - q2 / m2) for strength, m2 in given["poles"]))


def _scalar(q2: float, other: float, given: Mapping[str, Any]) -> float:
    """f0 = f+ + q^2 / (m_B^2 - m^2) f- of a scalar state, with f- = -f+."""
    parent2 = parent_mass() ** 2
    return _double(q2 / parent2, **given) * (1.0 - q2 / (parent2 - other**2))


def _mixed(q2: float, other: float, given: Mapping[str, Any]) -> float:
    """V0 of a mixture of K1A and K1B: m V0 = sin m_A V0_A + cos m_B V0_B, or cos m_A V0_A - sin m_B V0_B."""
    sine, cosine = math.sin(math.radians(given["angle"])), math.cos(math.radians(given["angle"]))
    parts = (sine, cosine) if given["lower"] else (cosine, -sine)
    x, total = q2 / parent_mass() ** 2, 0.0
    for part, quark_model in zip(parts, (given["A"], given["B"]), strict=True):
        total += part * quark_model["mass"] * _double(x, quark_model["strength"], quark_model["a"], quark_model["b"])
    return total / other


def _large_energy(q2: float, other: float, given: Mapping[str, Any]) -> float:
    """A0 = (1 - m^2 / m_B E) zeta_parallel + m / m_B zeta_perpendicular, both dipoles in q^2."""
    parent = parent_mass()
    energy = (parent**2 + other**2 - q2) / (2.0 * parent)
    dipole = (1.0 - q2 / parent**2) ** -2
    parallel = (1.0 - other**2 / (parent * energy)) * given["parallel"]
    return float(dipole * (parallel + other / parent * given["perpendicular"]))


def _tensor(q2: float, _: float, given: Mapping[str, Any]) -> float:
    """A0 of a tensor state, F(0) / (1 - x) (1 - a x + b x^2), where x = q^2 / m_B^2."""
    x = q2 / parent_mass() ** 2
    return _double(x, **given) / (1.0 - x)


SHAPES: Final[Mapping[str, Callable[[float, float, Mapping[str, Any]], float]]] = {
    "poles": _poles,
    "scalar": _scalar,
    "mixed": _mixed,
    "large_energy": _large_energy,
    "tensor": _tensor,
}
"""Form factors from the momentum transfer squared [GeV^2], the mass of the state [GeV] and its parameters."""
