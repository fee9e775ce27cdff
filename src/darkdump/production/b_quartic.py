"""Pairs of scalars from B mesons, B -> K_x S S and Bs -> S S, through a virtual Higgs boson of the quartic coupling."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.formfactors import b_to_strange
from darkdump.phasespace import momentum
from darkdump.production.b_decay import AZIMUTHS, Coupling, of_mesons
from darkdump.production.daughters import of_two_body
from darkdump.production.flux import Flux, Setting
from darkdump.units import HBAR

Array = NDArray[np.float64]
Pair = Callable[[float, float, Mapping[str, float]], float]

NODES = 24
"""Masses of the pair over which is summed, for each state."""

PLACES = 9
"""Energies of one scalar in the rest frame of the B, for each mass of the pair, between which they are even."""

ORDER = 3
"""Energies whose daughters are followed, nodes of a Gaussian quadrature."""


def energies(mass: float, h: float, pair: Callable[[float], float]) -> tuple[Array, Array]:
    """Energies of the scalars in the rest frame of the B, and the widths [GeV] that go with them.

    dGamma / dq^2 = Gamma(B -> K_x S(q^2)) x pair(q^2), and each scalar's energy is even between its ends.

    Parameters
    ----------
    mass : float
        Of the scalar [GeV].
    h : float
        See `darkdump.formfactors.b_to_strange.width`.
    pair : callable
        From q^2 [GeV^2] to the chance of a pair per q^2 [GeV^-2].

    Returns
    -------
    ndarray, shape (n,), twice
        [GeV]
    """
    parent, places = b_to_strange.parent_mass(), (np.arange(PLACES) + 0.5) / PLACES * 2.0 - 1.0
    found: list[tuple[float, float]] = []
    for state in b_to_strange.states():
        other = b_to_strange.recoil_mass(state)
        top = parent - other
        for part in (np.arange(NODES) + 0.5) / NODES:
            q = 2.0 * mass + (top - 2.0 * mass) * part
            if q >= top or q <= 2.0 * mass:
                continue
            step = 2.0 * q * (top - 2.0 * mass) / NODES
            rate = b_to_strange.width(state, q, h) * pair(q**2) * step / PLACES
            energy = (parent**2 + q**2 - other**2) / (2.0 * parent)
            reach = 0.5 * momentum(parent, q, other) * np.sqrt(1.0 - (2.0 * mass / q) ** 2)
            found += [(0.5 * energy + reach * place, rate) for place in places]
    star, rates = np.array(found).reshape(-1, 2).T
    return star, rates


def quadrature(places: Array, weights: Array, order: int) -> tuple[Array, Array]:
    """Nodes and weights of the Gaussian quadrature of a sum over places, by the recurrence of its polynomials.

    Parameters
    ----------
    places, weights : ndarray, shape (n,)
    order : int
        Below `n`.

    Returns
    -------
    ndarray, shape (order,), twice

    References
    ----------
    Golub, Welsch, Math. Comp. 23 (1969) 221.
    """
    before, now, norm_before = np.zeros_like(places), np.ones_like(places), 1.0
    matrix = np.zeros((order, order))
    for k in range(order):
        norm = float(weights @ now**2)
        matrix[k, k] = weights @ (places * now**2) / norm
        if k:
            matrix[k, k - 1] = matrix[k - 1, k] = np.sqrt(norm / norm_before)
        ratio = norm / norm_before if k else 0.0
        before, now, norm_before = now, (places - matrix[k, k]) * now - ratio * before, norm
    nodes, vectors = np.linalg.eigh(matrix)
    return nodes, vectors[0] ** 2 * weights.sum()


def bs_width(mass: float, h: float, pair: Callable[[float], float]) -> float:
    """Width [GeV] of Bs -> S S, (h f m^2 / 2 (m_b + m_s))^2 pi pair(m^2) / m; parameters as in `energies`.

    References
    ----------
    Boiarska et al., arXiv:1904.10447, section 2.2.
    """
    parent, decay_constant = particles.mass("B(s)0"), b_to_strange.decay_constant("Bs")
    if 2.0 * mass >= parent:
        return 0.0
    quarks = b_to_strange.quark_mass("m_b") + b_to_strange.quark_mass("m_s")
    return (0.5 * h * decay_constant * parent**2 / quarks) ** 2 * np.pi * pair(parent**2) / parent


def prepare(h: Coupling, pair: Pair) -> Callable[[Setting], Flux]:
    """Flux of scalars from B -> K_x S S and Bs -> S S, two for each decay.

    Parameters
    ----------
    h : callable
        As in `darkdump.production.b_decay.exclusive`.
    pair : callable
        Chance of a pair per q^2 [GeV^-2], from the mass of the scalar, q^2 and the model's pattern.
    """

    def of(setting: Setting) -> Flux:
        strength, parent = h(setting.pattern), b_to_strange.parent_mass()
        daughters = of_mesons(setting, {name: b_to_strange.lifetime(name) / HBAR for name in ("B+", "B0")})
        of_bs = of_two_body(setting, "Bs", particles.mass("B(s)0"), AZIMUTHS)

        def flux(mass: float) -> Array:
            def chance(q2: float) -> float:
                return pair(mass, q2, setting.pattern)

            out = np.zeros_like(setting.directions)
            if width := bs_width(mass, strength, chance):
                out += 2.0 * width * b_to_strange.lifetime("Bs") / HBAR * of_bs(mass, mass)
            star, rates = energies(mass, strength, chance)
            if rates.any():
                for energy, rate in zip(*quadrature(star, rates, ORDER), strict=True):
                    recoil = float(np.sqrt(parent**2 + mass**2 - 2.0 * parent * energy))
                    out += 2.0 * rate * daughters(mass, recoil)
            return out

        return flux

    return of
