"""Final states: what detectors see of a decay, down to stable particles."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.hnl_decays import LAWS, Law
from darkdump.kernels.bodies import INVISIBLE, PHOTON
from darkdump.phasespace import bodies, boosted

Array = NDArray[np.float64]
Modes = Sequence[Mapping[str, Any]]

FLAVOURS = ("e", "mu", "tau")
"""Charged leptons for which ``l`` stands in ``data/final_states.toml``."""


@dataclass(frozen=True)
class FinalStates:
    """Events of one channel in the particle's rest frame.

    Attributes
    ----------
    momenta : ndarray, shape (n, k, 4)
        Of the stable particles, (px, py, pz, E) [GeV]; the first one flies along z.
    kinds : ndarray, shape (n, k)
        `darkdump.kernels.bodies`: a charge of +1 or -1, `PHOTON`, `INVISIBLE`, or `NOTHING` where an event has fewer.
    analysers : ndarray, shape (n, 3)
        Events of a particle with a spin are 1 + spin times this vector as frequent; zero for other particles.
    """

    momenta: Array
    kinds: Array
    analysers: Array


def channels() -> list[str]:
    """Channels whose final states are known."""
    data = _data()
    return [*data["channel"], *data["inclusive"], *_lepton()]


def group(channel: str) -> str:
    """What an experiment calls the selection of channels that differ in the flavours of leptons; empty if they do not.

    ``"l l nu"`` for two charged leptons and a neutrino, otherwise as in ``data/final_states.toml``, as ``"l pi"``.
    """
    return _lepton()[channel][0] if channel in _lepton() else ""


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
    momenta, kinds, analysers = _alternatives(_modes(channel), mass, n, rng, matrix)
    turn = _to_z(momenta)
    momenta[..., :3] = momenta[..., :3] @ turn
    return FinalStates(momenta, kinds, (analysers[:, None] @ turn)[:, 0])


def _data() -> dict[str, Any]:
    return tables.data_toml("final_states.toml")


def _modes(channel: str) -> Modes:
    data = _data()
    if channel in _lepton():
        return _lepton()[channel][1]
    modes: Modes = data["channel"].get(channel) or data["hadrons"][data["inclusive"][channel]]
    return modes


@cache
def _lepton() -> dict[str, tuple[str, Modes]]:
    """Channels of heavy neutral leptons: group and modes, with each flavour for ``l`` and with both lepton numbers."""
    found: dict[str, tuple[str, Modes]] = {}
    for name, modes in _data()["lepton"].items():
        named = "l" in name.split()
        for flavour in FLAVOURS if named else ("",):
            both: list[dict[str, Any]] = []
            for mode in modes:
                products = [flavour + "-" if product == "l-" else product for product in mode["products"]]
                for some in (products, _conjugates(products)):
                    both.append({"share": 1.0, **mode, "products": some})
            whose = name if named or len(modes[0]["products"]) < 3 or "law" not in modes[0] else "l l nu"
            channel = " ".join(flavour if part == "l" else part for part in name.split())
            found[channel] = ("" if whose.startswith("nu") else whose, both)
    return found


def _conjugates(products: Sequence[str]) -> list[str]:
    return [name if name == "nu" else particles.antiparticle(name) for name in products]


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
) -> tuple[Array, Array, Array]:
    """Momenta, shape (n, k, 4), kinds, shape (n, k), and analysers, shape (n, 3), of events of several sets of products."""
    open_modes = [mode for mode in modes if _least(mode) < mass]
    if not open_modes:
        return np.zeros((0, 1, 4)), np.zeros((0, 1)), np.zeros((0, 3))
    shares = np.array([mode["share"] for mode in open_modes])
    ends = np.round(np.cumsum(shares) / shares.sum() * n).astype(int)
    parts = [
        _products(mode, mass, int(end - start), rng, matrix)
        for mode, start, end in zip(open_modes, [0, *ends[:-1]], ends, strict=True)
        if end > start
    ]
    most = max(kinds.shape[1] for _, kinds, _ in parts)
    momenta, kinds, analysers = np.zeros((n, most, 4)), np.zeros((n, most)), np.zeros((n, 3))
    order, done = rng.permutation(n), 0
    for some, what, how in parts:
        rows = order[done : done + len(some)]
        momenta[rows, : some.shape[1]], kinds[rows, : what.shape[1]], analysers[rows] = some, what, how
        done += len(some)
    return momenta, kinds, analysers


def _products(
    mode: Mapping[str, Any], mass: float, n: int, rng: np.random.Generator, matrix: Callable[[Array], Array] | None
) -> tuple[Array, Array, Array]:
    """The same for one set of products, each of which may decay."""
    names, law = mode["products"], LAWS[mode["law"]] if "law" in mode else None
    if law is not None and len(names) > 2:
        matrix = partial(_unpolarised, law)
    first = bodies(mass, [_mass(name) for name in names], n, rng, matrix)
    analysers = np.zeros((n, 3))
    if law is not None:
        whole = law(first)
        analysers = whole[:, :3] / whole[:, 3:]
    momenta, kinds = [], []
    for i, name in enumerate(names):
        if modes := _decays(name):
            at_rest, kind, _ = _alternatives(modes, _mass(name), n, rng)
            momenta.append(boosted(at_rest, first[:, i]))
            kinds.append(kind)
        else:
            momenta.append(first[:, i : i + 1])
            kinds.append(np.full((n, 1), _kind(name)))
    return np.concatenate(momenta, axis=1), np.concatenate(kinds, axis=1), analysers


def _unpolarised(law: Law, momenta: Array) -> Array:
    return law(momenta)[:, 3]


@cache
def _decays(name: str) -> Modes:
    """What a particle decays to, those of an antiparticle from those of its particle; nothing for a stable one."""
    unstable = _data()["unstable"]
    if name in unstable or name in ("nu", "gamma"):
        modes: Modes = unstable.get(name, ())
        return modes
    return [{**mode, "products": _conjugates(mode["products"])} for mode in unstable.get(particles.antiparticle(name), ())]


def _to_z(momenta: Array) -> Array:
    """Least rotations that turn the first particle of each event to z, to be applied from the right, shape (n, 3, 3)."""
    first = momenta[:, 0, :3]
    x, y, z = (first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-300)).T
    side = 1.0 / np.maximum(1.0 + z, 1e-12)
    turn = np.array([[1.0 - x * x * side, -x * y * side, x], [-x * y * side, 1.0 - y * y * side, y], [-x, -y, z]])
    return np.ascontiguousarray(turn.transpose(2, 0, 1))


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
