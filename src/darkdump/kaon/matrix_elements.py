"""Squared matrix elements of K+ -> three pions and of semileptonic decays, up to a factor.

Those of pairs of leptons or photons beside a pion are in `darkdump.kaon.rare`.
"""

from collections.abc import Callable

import numpy as np

from darkdump import particles
from darkdump.formfactors.semileptonic import pseudoscalar
from darkdump.kaon import pdg
from darkdump.kaon.types import Array


def three_pions(momenta: Array) -> Array:
    """K+ -> pi+ pi+ pi-, the odd pion last: 1 + g u + h u^2 + k v^2.

    u = (s_3 - s_0) / m_pi^2, v = (s_1 - s_2) / m_pi^2, s_i = (P_K - p_i)^2, s_0 their mean; slopes of PDG.

    Parameters
    ----------
    momenta : ndarray, shape (n, 3, 4)
        At rest [GeV].
    """
    kaon, pion, slopes = particles.mass("K+"), particles.mass("pi+"), pdg.decay("pi+ pi+ pi-")
    s = kaon**2 + pion**2 - 2.0 * kaon * momenta[..., 3]
    u, v = (s[:, 2] - s.mean(axis=1)) / pion**2, (s[:, 0] - s[:, 1]) / pion**2
    square: Array = 1.0 + slopes["g"] * u + slopes["h"] * u**2 + slopes["k"] * v**2
    return square


def semileptonic(lepton: str) -> Callable[[Array], Array]:
    """K+ -> l+ nu pi0, for momenta at rest [GeV] in this order, shape (n, 3, 4).

    A f+^2 + B f+ f- + C f-^2 with A = M (2 E_l E_nu - M D) + m_l^2 (D / 4 - E_nu), B = m_l^2 (E_nu - D / 2),
    C = m_l^2 D / 4, D = (M^2 + m_pi^2 - m_l^2) / (2 M) - E_pi.

    References
    ----------
    PDG review of K_l3 form factors, eqs. 1 to 4.
    """
    kaon, pion, own2 = particles.mass("K+"), particles.mass("pi0"), particles.mass(lepton) ** 2

    def square(momenta: Array) -> Array:
        light, neutrino, energy = momenta[:, 0, 3], momenta[:, 1, 3], momenta[:, 2, 3]
        q2 = kaon**2 + pion**2 - 2.0 * kaon * energy
        plus, zero = pseudoscalar("K+ pi", q2, kaon, pion)
        minus = (zero - plus) * (kaon**2 - pion**2) / q2
        left = (kaon**2 + pion**2 - own2) / (2.0 * kaon) - energy
        a = kaon * (2.0 * light * neutrino - kaon * left) + own2 * (0.25 * left - neutrino)
        found: Array = a * plus**2 + own2 * ((neutrino - 0.5 * left) * plus * minus + 0.25 * left * minus**2)
        return np.maximum(found, 0.0)

    return square
