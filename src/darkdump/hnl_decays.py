"""Squared matrix elements of heavy neutral leptons, with their spin.

A squared matrix element is a product of the four-vector p - m s of the decaying particle (momentum p, mass m, spin s)
and another four-vector W of its daughters: in the rest frame it is W_E + s W up to a factor.  Each function here gives
W from the momenta of the daughters of a neutral lepton of lepton number +1.  One of -1 has W_E - s W with opposite
charges, and as its spin is opposite, too, the same distribution.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import tables

Array = NDArray[np.float64]
Law = Callable[[Array], Array]
"""From momenta, shape (n, k, 4), in (px, py, pz, E) [GeV], to W, shape (n, 4)."""


def dot(a: Array, b: Array) -> Array:
    """Scalar product of four-vectors, shape (n, 1)."""
    product: Array = a[:, 3:] * b[:, 3:] - (a[:, :3] * b[:, :3]).sum(axis=1, keepdims=True)
    return product


def lepton_and_pseudoscalar(p: Array) -> Array:
    """N -> l P: W = 2 (l P) P - P^2 l.

    References
    ----------
    Formaggio, Conrad, Shaevitz, Vaitaitis, Drucker, Phys. Rev. D 57 (1998) 7037.
    """
    lepton, meson = p[:, 0], p[:, 1]
    law: Array = 2.0 * dot(lepton, meson) * meson - dot(meson, meson) * lepton
    return law


def lepton_and_vector(p: Array) -> Array:
    """N -> l V, summed over the polarisations of V: W = l + 2 (l V) V / V^2."""
    lepton, meson = p[:, 0], p[:, 1]
    law: Array = lepton + 2.0 * dot(lepton, meson) / dot(meson, meson) * meson
    return law


def lepton_and_two_pions(p: Array) -> Array:
    """N -> l rho -> l pi pi: W = (2 (l q) q - q^2 l) |rho|^2, q the difference of the pions' momenta."""
    rho = tables.data_toml("vector_mesons.toml")["rho"]
    lepton, q, both = p[:, 0], p[:, 1] - p[:, 2], p[:, 1] + p[:, 2]
    shape = (dot(both, both) - rho["mass"] ** 2) ** 2 + (rho["mass"] * rho["width"]) ** 2
    law: Array = (2.0 * dot(lepton, q) * q - dot(q, q) * lepton) / shape
    return law


def charged_current(p: Array) -> Array:
    """N -> l_a nu l_b by a W boson: W = (l_a nu) l_b, l_b being the charged lepton that the W boson makes."""
    own, neutrino, other = p[:, 0], p[:, 1], p[:, 2]
    law: Array = dot(own, neutrino) * other
    return law


def lepton_pair(own: bool) -> Law:
    """N -> nu l- l+: W = L^2 (nu l-) l+ + R^2 (nu l+) l- + L R m^2 nu, with the couplings L and R of l.

    Parameters
    ----------
    own : bool
        Whether N mixes with the neutrino of l, so that the W boson adds to the Z boson.

    References
    ----------
    Bondarenko, Boyarsky, Gorbunov, Ruchayskiy, arXiv:1805.08567, section 3.1.
    """

    def law(p: Array) -> Array:
        right = tables.data_toml("hnl.toml")["electroweak"]["sin2_theta_w"]
        left = right + (0.5 if own else -0.5)
        neutrino, minus, plus = p[:, 0], p[:, 1], p[:, 2]
        squares = left**2 * dot(neutrino, minus) * plus + right**2 * dot(neutrino, plus) * minus
        crossed: Array = squares + left * right * dot(minus, minus) * neutrino
        return crossed

    return law


LAWS: Final[Mapping[str, Law]] = {
    "lepton and pseudoscalar": lepton_and_pseudoscalar,
    "lepton and vector": lepton_and_vector,
    "lepton and two pions": lepton_and_two_pions,
    "W": charged_current,
    "Z": lepton_pair(own=False),
    "W and Z": lepton_pair(own=True),
}
"""Matrix elements by their names in ``data/final_states.toml``."""
