"""Squared amplitudes of heavy neutral leptons N from explicit Dirac matrices: every trace is taken numerically.

Four-momenta have shape (n, 4), in the order (px, py, pz, E) [GeV]. The spin s of N, shape (n, 4) or (4,), has s.p = 0
and s^2 = -1, and is the direction of its spin at rest, for the antiparticle too: with gamma5 = i g0 g1 g2 g3 the
massless particle that gamma^mu P_L couples, P_L = (1 - gamma5) / 2, has s along minus its momentum. The zero vector
stands for the average over both spins, so that s and -s sum to twice that. All other spins are summed, in the initial
state too. Couplings, decay constants, CKM elements and G_F are left out.

With `conjugate`, every particle of the process is replaced by its antiparticle. For a Majorana N both processes exist,
as written, at the same coupling.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

METRIC: Array = np.diag([-1.0, -1.0, -1.0, 1.0])
PAULI: Matrix = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128)
TIME: Matrix = np.kron(PAULI[2], np.eye(2)).astype(np.complex128)
GAMMA: Matrix = np.array([*(np.kron(1j * PAULI[1], sigma) for sigma in PAULI), TIME])
"""gamma^1, gamma^2, gamma^3, gamma^0 in Dirac's representation: indices as those of the momenta."""
ONE: Matrix = np.eye(4, dtype=np.complex128)
GAMMA5: Matrix = 1j * TIME @ GAMMA[0] @ GAMMA[1] @ GAMMA[2]
LEFT: Matrix = (ONE - GAMMA5) / 2
RIGHT: Matrix = (ONE + GAMMA5) / 2
EPSILON: Array = np.real(
    -0.25j * np.einsum("ab,ibc,jcd,kde,lea->ijkl", GAMMA5, GAMMA, GAMMA, GAMMA, GAMMA, optimize=True)
)
"""Levi-Civita tensor with upper indices, -i/4 Tr(gamma5 g^i g^j g^k g^l): eps^0123, here [3, 0, 1, 2], is -1."""
AVERAGE: Array = np.zeros(4)
"""Spin that stands for the average over both."""


def slash(p: Array) -> Matrix:
    """gamma^mu p_mu, shape (..., 4, 4)."""
    return np.asarray(np.einsum("...i,ij,jab->...ab", p, METRIC, GAMMA))


def summed(p: Array, mass: float) -> Matrix:
    """Sum over spins of u ubar; of v vbar with minus the mass."""
    return slash(p) + mass * ONE


def polarised(p: Array, mass: float, s: Array) -> Matrix:
    """u ubar of one spin, (pslash + m)(1 + gamma5 sslash) / 2; v vbar with minus the mass."""
    return summed(p, mass) @ (ONE + GAMMA5 @ slash(s)) / 2


def spin(p: Array, mass: float, axis: Array) -> Array:
    """Four-vector of the spin that lies along the unit vector `axis` at rest, boosted to the momentum `p`."""
    along = (p[:, :3] * axis).sum(axis=1)
    space = axis + p[:, :3] * (along / (mass * (p[:, 3] + mass)))[:, None]
    return np.column_stack([space, along / mass])


def polarisation(square: Callable[[Array], Array], s: Array) -> Array:
    """Mean spin along s, in units of hbar / 2, of a fermion whose squared amplitude is a function of its spin."""
    up, down = square(s), square(-s)
    return np.asarray((up - down) / (up + down))


def current(bar: Matrix, chirality: Matrix, ket: Matrix) -> Matrix:
    """J^mu conj(J^nu) for J^mu = bar gamma^mu chirality ket, shape (n, 4, 4), from the spin sums of both ends."""
    vertex = GAMMA @ chirality
    adjoint = TIME @ vertex.conj().swapaxes(1, 2) @ TIME
    return np.asarray(np.einsum("nab,ibc,ncd,jda->nij", bar, vertex, ket, adjoint, optimize=True))


def contracted(one: Matrix | Array, other: Matrix | Array) -> Array:
    """The product of two tensors of upper indices, A^mu^nu B_mu_nu, shape (n,)."""
    product = np.einsum("nij,ik,jl,nkl->n", one, METRIC, METRIC, other, optimize=True)
    return np.asarray(product.real)


def outer(p: Array) -> Array:
    """p^mu p^nu."""
    return np.asarray(np.einsum("ni,nj->nij", p, p))


def vectors(p: Array, mass: float) -> Array:
    """Sum over polarisations of a massive vector, -g^mu^nu + p^mu p^nu / M^2."""
    return -METRIC + outer(p) / mass**2


def _emitted(p_n: Array, p_l: Array, m_n: float, m_l: float, s: Array, conjugate: bool) -> Matrix:
    """Tensor of ubar_N gamma^mu P_L v_l (W+ -> l+ N), or of ubar_l gamma^mu P_L v_N (W- -> l- Nbar)."""
    if conjugate:
        return current(summed(p_l, m_l), LEFT, polarised(p_n, -m_n, s))
    return current(polarised(p_n, m_n, s), LEFT, summed(p_l, -m_l))


def _decayed(p_n: Array, p_l: Array, m_n: float, m_l: float, s: Array, conjugate: bool) -> Matrix:
    """Tensor of ubar_l gamma^mu P_L u_N (N -> l- W+), or of vbar_N gamma^mu P_L v_l (Nbar -> l+ W-)."""
    if conjugate:
        return current(polarised(p_n, -m_n, s), LEFT, summed(p_l, -m_l))
    return current(summed(p_l, m_l), LEFT, polarised(p_n, m_n, s))


def _turned(p_tau: Array, p_n: Array, m_tau: float, m_n: float, s: Array, conjugate: bool) -> Matrix:
    """Tensor of ubar_N gamma^mu P_L u_tau (tau- -> N W-), or of vbar_tau gamma^mu P_L v_N (tau+ -> Nbar W+)."""
    if conjugate:
        return current(summed(p_tau, -m_tau), LEFT, polarised(p_n, -m_n, s))
    return current(polarised(p_n, m_n, s), LEFT, summed(p_tau, m_tau))


def meson_to_lepton(
    p_n: Array, p_l: Array, m_n: float, m_l: float, s: Array = AVERAGE, conjugate: bool = False
) -> Array:
    """P+ -> l+ N: P_mu ubar_N gamma^mu P_L v_l.

    In the frame of P, N is polarised along its momentum by (y_N^2 - y_l^2) sqrt(lambda(1, y_N^2, y_l^2)) /
    (y_N^2 + y_l^2 - (y_N^2 - y_l^2)^2), y = m / M_P, and Nbar by minus that.
    """
    return contracted(_emitted(p_n, p_l, m_n, m_l, s, conjugate), outer(p_n + p_l))


def tau_to_meson(
    p_tau: Array, p_n: Array, m_tau: float, m_n: float, s: Array = AVERAGE, conjugate: bool = False
) -> Array:
    """tau- -> P- N, the tau unpolarised: P_mu ubar_N gamma^mu P_L u_tau."""
    return contracted(_turned(p_tau, p_n, m_tau, m_n, s, conjugate), outer(p_tau - p_n))


def tau_to_vector(
    p_tau: Array, p_n: Array, m_tau: float, m_n: float, m_v: float, s: Array = AVERAGE, conjugate: bool = False
) -> Array:
    """tau- -> V- N, the tau unpolarised: eps*_mu ubar_N gamma^mu P_L u_tau, V of the mass `m_v`."""
    return contracted(_turned(p_tau, p_n, m_tau, m_n, s, conjugate), vectors(p_tau - p_n, m_v))


def to_lepton_meson(
    p_n: Array, p_l: Array, m_n: float, m_l: float, s: Array = AVERAGE, conjugate: bool = False
) -> Array:
    """N -> l- P+, or nu P0 with no mass: P_mu ubar_l gamma^mu P_L u_N."""
    return contracted(_decayed(p_n, p_l, m_n, m_l, s, conjugate), outer(p_n - p_l))


def to_lepton_vector(
    p_n: Array, p_l: Array, m_n: float, m_l: float, m_v: float, s: Array = AVERAGE, conjugate: bool = False
) -> Array:
    """N -> l- V+, or nu V0 with no mass: eps*_mu ubar_l gamma^mu P_L u_N, V of the mass `m_v`."""
    return contracted(_decayed(p_n, p_l, m_n, m_l, s, conjugate), vectors(p_n - p_l, m_v))


def to_lepton_pions(
    p_n: Array,
    p_l: Array,
    p_1: Array,
    p_2: Array,
    m_n: float,
    m_l: float,
    s: Array = AVERAGE,
    conjugate: bool = False,
) -> Array:
    """N -> l- pi+ pi0: (p_1 - p_2)_mu ubar_l gamma^mu P_L u_N, the form factor left out."""
    return contracted(_decayed(p_n, p_l, m_n, m_l, s, conjugate), outer(p_1 - p_2))


def to_neutrino_leptons(
    p_n: Array,
    p_nu: Array,
    p_minus: Array,
    p_plus: Array,
    m_n: float,
    m_l: float,
    g_left: float,
    g_right: float,
    s: Array = AVERAGE,
    conjugate: bool = False,
) -> Array:
    """N -> nu l- l+: [nubar gamma^mu P_L N][lbar gamma_mu (g_left P_L + g_right P_R) l].

    `p_minus` is of the l-, `p_plus` of the l+, also in the decay of Nbar.
    """
    pair = current(summed(p_minus, m_l), g_left * LEFT + g_right * RIGHT, summed(p_plus, -m_l))
    return contracted(_decayed(p_n, p_nu, m_n, 0.0, s, conjugate), pair)


def to_two_flavours(
    p_n: Array,
    p_a: Array,
    p_nu: Array,
    p_b: Array,
    m_n: float,
    m_a: float,
    m_b: float,
    s: Array = AVERAGE,
    conjugate: bool = False,
) -> Array:
    """N -> l_a- nu_b l_b+: [lbar_a gamma^mu P_L N][nubar_b gamma_mu P_L l_b]."""
    ends = (summed(p_b, m_b), summed(p_nu, 0.0)) if conjugate else (summed(p_nu, 0.0), summed(p_b, -m_b))
    return contracted(_decayed(p_n, p_a, m_n, m_a, s, conjugate), current(ends[0], LEFT, ends[1]))


def meson_to_meson(
    p_parent: Array,
    p_daughter: Array,
    p_l: Array,
    p_n: Array,
    masses: tuple[float, float, float, float],
    form_factors: tuple[float | Array, float | Array],
    s: Array = AVERAGE,
    conjugate: bool = False,
) -> Array:
    """P -> P' l+ N, the same for a quark and an antiquark; V_mu = f+ (P + P' - k q)_mu + f0 k q_mu.

    k = (M^2 - M'^2) / q^2; the conjugate decay gives l- Nbar.

    Parameters
    ----------
    masses : tuple of float
        Parent, daughter, lepton, N [GeV].
    form_factors : tuple of float or ndarray
        f+ and f0 of each event.
    """
    parent, daughter, m_l, m_n = masses
    plus, zero = (np.asarray(f)[..., None] for f in form_factors)
    q = p_parent - p_daughter
    time = (parent**2 - daughter**2) / _square(q)[:, None] * q
    return contracted(
        _emitted(p_n, p_l, m_n, m_l, s, conjugate), outer(plus * (p_parent + p_daughter - time) + zero * time)
    )


def meson_to_vector(
    p_parent: Array,
    p_vector: Array,
    p_l: Array,
    p_n: Array,
    masses: tuple[float, float, float, float],
    form_factors: tuple[float | Array, float | Array, float | Array, float | Array],
    antiquark: bool,
    s: Array = AVERAGE,
    conjugate: bool = False,
) -> Array:
    """P -> V l+ N, summed over the polarisations of V, with the form factors of Bauer, Stech and Wirbel.

    Of a quark, as in D+ -> K*bar l+ N (c -> s): of the two transverse helicities of V and the W+, -1 is the commoner
    (H_-), so that a light N, which has negative helicity, is emitted forward: along the W, against V. Of an antiquark,
    as in B+ -> D*bar l+ N (bbar -> cbar): +1 is the commoner, and N is emitted backward, along V. So is the Nbar of the
    conjugate, B- -> D* l- Nbar (b -> c), where H_- is the larger and Nbar has positive helicity. The mass of N adds the
    interference of the helicity 0 with the part along q, which moves N backward in both, next to a light lepton.

    Parameters
    ----------
    masses : tuple of float
        Parent, vector, lepton, N [GeV].
    form_factors : tuple of float or ndarray
        V, A0, A1 and A2 of each event.
    antiquark : bool
        Whether the l+ N come from the decay of an antiquark (beauty) or of a quark (charm).
    """
    parent, vector, m_l, m_n = masses
    # V is odd under charge conjugation, A is even: only their relative sign counts.
    charge = -1.0 if antiquark != conjugate else 1.0
    hadrons = transition(p_parent, p_vector, parent, vector, form_factors, charge)
    return contracted(_emitted(p_n, p_l, m_n, m_l, s, conjugate), hadrons)


def transition(
    p_parent: Array,
    p_vector: Array,
    parent: float,
    vector: float,
    form_factors: tuple[float | Array, float | Array, float | Array, float | Array],
    charge: float,
) -> Matrix:
    """Sum over polarisations of H^mu conj(H^nu), H = <V(p', eps)|V - A|P(p)> of a quark, or antiquark (charge -1).

    2 V / (M + m) eps^(mu nu rho sigma) eps*_nu p_rho p'_sigma - i [(M + m) A1 eps*^mu - A2 / (M + m) (eps*.q)
    (p + p')^mu - 2 m (A3 - A0) / q^2 (eps*.q) q^mu], 2 m A3 = (M + m) A1 - (M - m) A2, eps^0123 = -1: this sign of V
    makes H_- of a quark the larger.
    """
    v, a0, a1, a2 = (np.asarray(f)[..., None, None] for f in form_factors)
    q = p_parent - p_vector
    total = parent + vector
    a3 = (total * a1 - (parent - vector) * a2) / (2 * vector)
    low, low_vector = p_parent @ METRIC, p_vector @ METRIC
    polar = 2 * v / total * np.einsum("ijkl,nk,nl->nij", EPSILON, low, low_vector)
    axial = total * a1 * METRIC - a2 / total * np.einsum("ni,nj->nij", p_parent + p_vector, q)
    axial = axial - 2 * vector * (a3 - a0) / _square(q)[:, None, None] * outer(q)
    amplitude = charge * polar - 1j * axial
    low_sum = METRIC @ vectors(p_vector, vector) @ METRIC
    return np.asarray(np.einsum("nij,njk,nlk->nil", amplitude, low_sum, amplitude.conj(), optimize=True))


def _square(p: Array) -> Array:
    return np.asarray(np.einsum("ni,ij,nj->n", p, METRIC, p))
