"""Amplitudes of a neutral pseudoscalar to three mesons: chiral perturbation theory and exchange of scalar mesons."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.portals.alp_mesons import NAMES, decay_constant, nonet
from darkdump.portals.alp_running import constants

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class State:
    """Three mesons, named as in the `particle` library, and the number of orders of identical ones."""

    mesons: tuple[str, str, str]
    identical: int = 1


STATES: Final[Mapping[str, tuple[State, ...]]] = {
    "pi pi pi0": (State(("pi+", "pi-", "pi0")),),
    "pi0 pi0 pi0": (State(("pi0", "pi0", "pi0"), 6),),
    "eta pi pi": (State(("pi+", "pi-", "eta")),),
    "eta pi0 pi0": (State(("pi0", "pi0", "eta"), 2),),
    "K K pi": (
        State(("K+", "K-", "pi0")),
        State(("K0", "K~0", "pi0")),
        State(("K+", "K~0", "pi-")),
        State(("K-", "K0", "pi+")),
    ),
}
"""Channels of three mesons."""

ENTRY: Final = {"pi+": (0, 1), "pi-": (1, 0), "K+": (0, 2), "K-": (2, 0), "K0": (1, 2), "K~0": (2, 1)}
PAIRS: Final = {(0, 1): 0, (0, 2): 1, (0, 3): 2, (2, 3): 0, (1, 3): 1, (1, 2): 2}
"""Which of s23, s13, s12 belongs to a pair of the four particles; 0 is the one that decays."""


def _unit(i: int, j: int) -> Array:
    matrix = np.zeros((3, 3))
    matrix[i, j] = 1.0
    return matrix


FLAVOURS: Final = tuple(_unit(q, q) for q in range(3))


def _field(meson: str) -> Array:
    """Field of a meson in U(3), normalised to Tr(F F^dagger) = 1."""
    if meson in ENTRY:
        return _unit(*ENTRY[meson])
    return np.diag(nonet().states[list(NAMES.values()).index(meson)])


@cache
def _contact(state: State) -> tuple[Array, Array]:
    """Contact terms for each flavour of the decaying field, arrays k and m of shape (3, 4, 4) and (3,).

    The amplitude is (m - sum_ij k_ij p_i p_j) / 3 F^2, from Tr([phi, d phi][phi, d phi]) / 3 F^2 and
    Tr(chi phi^4) / 3 F^2, the fourth order of F^2 Tr(dU dU^dagger + chi (U + U^dagger)) / 4, U = exp(2 i phi / F).
    """
    chi, kinetic, mass = np.diag(nonet().chi), np.zeros((3, 4, 4)), np.zeros(3)
    for q, flavour in enumerate(FLAVOURS):
        fields = [flavour, *(_field(meson) for meson in state.mesons)]
        for a, b, c, d in permutations(range(4)):
            left = fields[a] @ fields[b] - fields[b] @ fields[a]
            right = fields[c] @ fields[d] - fields[d] @ fields[c]
            kinetic[q, b, d] += np.trace(left @ right) / 4.0
            mass[q] += np.trace(chi @ fields[a] @ fields[b] @ fields[c] @ fields[d]) / 4.0
    return kinetic, mass


def _scalar_fields() -> dict[str, list[Array]]:
    """Fields of the scalar mesons, of each charge, by name."""
    angle = math.radians(constants("scalars", "angle"))
    light, strange = np.diag([1.0, 1.0, 0.0]) * math.sqrt(0.5), FLAVOURS[2]
    charged = [_unit(i, j) for i, j in ENTRY.values()]
    return {
        "sigma": [math.cos(angle) * strange - math.sin(angle) * light],
        "f0": [math.sin(angle) * strange + math.cos(angle) * light],
        "a0": [np.diag([1.0, -1.0, 0.0]) * math.sqrt(0.5), *charged[:2]],
        "kappa": charged[2:],
    }


def _coupling(scalar: Array, one: Array, other: Array) -> float:
    """Coefficient of S d phi_1 d phi_2 [1/GeV] for fields of the U(3) nonets, hep-ph/9902238."""
    a, b, c, d = (constants("scalars", name) for name in "ABCD")
    traces = np.trace(scalar), np.trace(one), np.trace(other)
    pairs = np.trace(one @ other), np.trace(scalar @ other), np.trace(scalar @ one)
    antisymmetric = np.prod(traces) - np.dot(traces, pairs) + np.trace(scalar @ (one @ other + other @ one))
    total = 2.0 * a * antisymmetric + 2.0 * b * traces[0] * pairs[0] + 2.0 * d * np.prod(traces)
    return float(total + c * (pairs[2] * traces[2] + pairs[1] * traces[1]))


@cache
def _exchange(state: State) -> list[tuple[str, int, Array]]:
    """Exchanged scalars: name, index of the pair's s among (s23, s13, s12), product of couplings for each flavour."""
    found, fields = [], [_field(meson) for meson in state.mesons]
    for name, charges in _scalar_fields().items():
        for k, (i, j) in enumerate(((1, 2), (0, 2), (0, 1))):
            product = np.zeros(3)
            for scalar in charges:
                decay = _coupling(scalar.T, fields[i], fields[j])
                product += decay * np.array([_coupling(scalar, flavour, fields[k]) for flavour in FLAVOURS])
            if abs(product).max() > 1e-9:
                found.append((name, k, product))
    return found


def amplitude(
    mass: float, state: State, s: tuple[Array, Array, Array], field: Complex, source: Array, scalars: bool
) -> Complex:
    """Amplitude of the decay of a neutral particle to three mesons.

    Parameters
    ----------
    mass : float
        Of the particle [GeV].
    state : State
    s : tuple of ndarray
        Squared masses of the pairs 23, 13, 12 [GeV^2], of one shape.
    field : ndarray, shape (3,)
        The particle as a vector of flavours: a meson's state, or F / sqrt2 times the representation of an ALP.
    source : ndarray, shape (3,)
        The part of `field` that is no meson field: it is in the mass term only, as a phase of the quark masses.
    scalars : bool
        Whether scalar mesons are exchanged.

    References
    ----------
    Georgi, Kaplan, Randall, Phys. Lett. B 169 (1986) 73; scalars: Fariborz, Schechter, hep-ph/9902238; in an ALP's
    decay: Aloni, Soreq, Williams, arXiv:1811.03474.
    """
    squares = np.array([mass, *(particles.mass(meson) for meson in state.mesons)]) ** 2
    # products of incoming momenta
    products = {pair: 0.5 * (s[which] - squares[pair[0]] - squares[pair[1]]) for pair, which in PAIRS.items()}
    kinetic, constant = _contact(state)
    moving = np.tensordot(field - source, kinetic, 1)
    total: Complex = np.full(np.broadcast(*s).shape, field @ constant, dtype=complex)
    for (i, j), product in products.items():
        total -= (moving[i, j] + moving[j, i]) * product
    total /= 3.0 * decay_constant() ** 2
    if scalars:
        for name, k, couplings in _exchange(state):
            entry = constants("scalars", name)
            propagator = entry["mass"] ** 2 - s[k] - 1j * entry["mass"] * entry["width"]
            other = next(pair for pair, which in PAIRS.items() if which == k and pair[0] > 0)
            total += (couplings @ field) * products[0, k + 1] * products[other] / propagator
    return total
