"""Final states: what detectors see of a decay, down to stable particles."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.kernels.bodies import INVISIBLE, PHOTON
from darkdump.phasespace import bodies, boosted

Array = NDArray[np.float64]
Modes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class FinalStates:
    """Events of one channel in the particle's rest frame.

    Attributes
    ----------
    momenta : ndarray, shape (n, k, 4)
        Of the stable particles, (px, py, pz, E) [GeV]; the first one flies along z.
    kinds : ndarray, shape (n, k)
        `darkdump.kernels.bodies`: a charge of +1 or -1, `PHOTON`, `INVISIBLE`, or `NOTHING` where an event has fewer.
    """

    momenta: Array
    kinds: Array


def channels() -> list[str]:
    """Channels whose final states are known."""
    data = _data()
    return [*data["channel"], *data["inclusive"]]


def threshold(channel: str) -> float:
    """Least mass [GeV] at which any of a channel's final states is open."""
    return min(map(_least, _modes(channel)))


def simulate(portal: str, channel: str, mass: float, n: int, seed: int) -> FinalStates:
    """Events of a channel.

    Parameters
    ----------
    portal, channel : str
        They choose the matrix element, see ``data/final_states.toml``.
    mass : float
        Of the particle [GeV].
    n : int
        Events; none where the channel is closed.
    seed : int

    Returns
    -------
    FinalStates
    """
    rng = np.random.default_rng([seed, zlib.crc32(channel.encode()), round(1e9 * mass)])
    matrix = MATRIX[_data()["matrix"].get(portal, {}).get(channel, "flat")]
    momenta, kinds = _alternatives(_modes(channel), mass, n, rng, matrix)
    return FinalStates(np.ascontiguousarray(_along_z(momenta)), kinds)


def _data() -> dict[str, Any]:
    return tables.data_toml("final_states.toml")


def _modes(channel: str) -> Modes:
    data = _data()
    modes: Modes = data["channel"].get(channel) or data["hadrons"][data["inclusive"][channel]]
    return modes


@cache
def _mass(name: str) -> float:
    return 0.0 if name == "nu" else particles.mass(name)


def _least(mode: Mapping[str, Any]) -> float:
    """Sum of the products' masses [GeV]."""
    return sum(map(_mass, mode["products"]))


@cache
def _kind(name: str) -> float:
    """Charge of a particle, or what else it is."""
    if name == "gamma":
        return PHOTON
    charge = 0.0 if name == "nu" else particles.charge(name)
    return charge or INVISIBLE


def _alternatives(
    modes: Modes, mass: float, n: int, rng: np.random.Generator, matrix: Callable[[Array], Array] | None = None
) -> tuple[Array, Array]:
    """Momenta, shape (n, k, 4), and kinds, shape (n, k), of events that go to one of several sets of products each."""
    open_modes = [mode for mode in modes if _least(mode) < mass]
    if not open_modes:
        return np.zeros((0, 1, 4)), np.zeros((0, 1))
    shares = np.array([mode["share"] for mode in open_modes])
    ends = np.round(np.cumsum(shares) / shares.sum() * n).astype(int)
    parts = [
        _products(mode["products"], mass, int(end - start), rng, matrix)
        for mode, start, end in zip(open_modes, [0, *ends[:-1]], ends, strict=True)
        if end > start
    ]
    most = max(kinds.shape[1] for _, kinds in parts)
    momenta, kinds = np.zeros((n, most, 4)), np.zeros((n, most))
    order, done = rng.permutation(n), 0
    for some, what in parts:
        rows = order[done : done + len(some)]
        momenta[rows, : some.shape[1]], kinds[rows, : what.shape[1]] = some, what
        done += len(some)
    return momenta, kinds


def _products(
    names: Sequence[str], mass: float, n: int, rng: np.random.Generator, matrix: Callable[[Array], Array] | None
) -> tuple[Array, Array]:
    """The same for one set of products, each of which may decay."""
    first = bodies(mass, [_mass(name) for name in names], n, rng, matrix)
    momenta, kinds = [], []
    for i, name in enumerate(names):
        if name in _data()["unstable"]:
            at_rest, kind = _alternatives(_data()["unstable"][name], _mass(name), n, rng)
            momenta.append(boosted(at_rest, first[:, i]))
            kinds.append(kind)
        else:
            momenta.append(first[:, i : i + 1])
            kinds.append(np.full((n, 1), _kind(name)))
    return np.concatenate(momenta, axis=1), np.concatenate(kinds, axis=1)


def _along_z(momenta: Array) -> Array:
    """The events turned so that their first particle flies along z, by the least rotation."""
    if not len(momenta):
        return momenta
    first = momenta[:, 0, :3]
    x, y, z = (first / np.linalg.norm(first, axis=1, keepdims=True)).T
    side = 1.0 / np.maximum(1.0 + z, 1e-12)
    turn = np.array([[1.0 - x * x * side, -x * y * side, -x], [-x * y * side, 1.0 - y * y * side, -y], [x, y, z]])
    turned = momenta.copy()
    turned[..., :3] = np.einsum("abn,nkb->nka", turn, momenta[..., :3])
    return turned


def _square(p: Array) -> Array:
    mass2: Array = p[..., 3] ** 2 - (p[..., :3] ** 2).sum(axis=-1)
    return mass2


def _rho(s: Array) -> Array:
    """Propagator of the rho meson [GeV^-2], a Breit-Wigner shape of constant width."""
    rho = tables.data_toml("vector_mesons.toml")["rho"]
    propagator: Array = 1.0 / (s - rho["mass"] ** 2 + 1j * rho["mass"] * rho["width"])
    return propagator


def vector_to_three_pions(p: Array) -> Array:
    """Squared matrix element of V -> pi+ pi- pi0 through rho pi, summed over polarisations.

    The square of p+ x p- in the rest frame, times that of the sum of the three rho propagators.

    References
    ----------
    Gell-Mann, Sharp, Wagner, Phys. Rev. Lett. 8 (1962) 261.
    """
    rho = sum(_rho(_square(p[:, i] + p[:, j])) for i, j in ((0, 1), (0, 2), (1, 2)))
    cross = np.cross(p[:, 0, :3], p[:, 1, :3])
    weight: Array = (cross**2).sum(axis=1) * np.abs(rho) ** 2
    return weight


def pseudoscalar_to_pions_and_photon(p: Array) -> Array:
    """Squared matrix element of a -> pi+ pi- gamma through rho gamma: s (k q sin)^2 with the rho propagator.

    k and q are the momenta of photon and pion in the pions' rest frame.

    References
    ----------
    Aloni, Soreq, Williams, arXiv:1811.03474, supplemental material.
    """
    both = p[:, 0] + p[:, 1]
    s = _square(both)
    into = np.column_stack([-both[:, :3], both[:, 3]])
    pion, photon = (boosted(p[:, i : i + 1], into)[:, 0, :3] for i in (0, 2))
    weight: Array = s * (np.cross(pion, photon) ** 2).sum(axis=1) * np.abs(_rho(s)) ** 2
    return weight


MATRIX: Final[Mapping[str, Callable[[Array], Array] | None]] = {
    "flat": None,
    "vector to three pions": vector_to_three_pions,
    "pseudoscalar to pions and photon": pseudoscalar_to_pions_and_photon,
}
"""Squared matrix elements by name: from momenta, shape (n, k, 4), to weights, shape (n,)."""
