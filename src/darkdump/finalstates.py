"""Final states: what detectors see of a decay, down to stable particles."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.hnl_decays import LAWS, Law
from darkdump.kernels.bodies import INVISIBLE, PHOTON
from darkdump.matrix import MATRIX
from darkdump.phasespace import bodies, boosted

Array = NDArray[np.float64]
Modes = Sequence[Mapping[str, Any]]

FLAVOURS = ("e", "mu", "tau")
"""Charged leptons for which ``l`` stands in ``data/final_states.toml``."""

THREE_LEPTONS = ("W", "Z", "W and Z")
"""Matrix elements of decays to two charged leptons and a neutrino, see `darkdump.hnl_decays.LAWS`."""


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

    ``"l l nu"`` for two charged leptons and a neutrino, otherwise as in ``data/final_states.toml``, as ``"l pi"``;
    taus, which decay, are in none.
    """
    return _lepton()[channel][0] if channel in _lepton() else ""


def groups() -> list[str]:
    """Names of groups of channels, see `group`, and of the channels in them."""
    return list(dict.fromkeys(name for channel, (whose, _) in _lepton().items() if whose for name in (whose, channel)))


def visible(channel: str, every: bool) -> bool:
    """Whether a channel can have two tracks of opposite charge; or, of `every` particle, nothing that is invisible."""
    states = [_stable(mode["products"]) for mode in _modes(channel)]
    flat = [kinds for some in states for kinds in some]
    return any(INVISIBLE not in kinds if every else {-1.0, 1.0} <= kinds for kinds in flat)


def _stable(names: Sequence[str]) -> list[set[float]]:
    """Kinds of the stable particles to which products decay, for each way."""
    found: list[set[float]] = [set()]
    for name in names:
        ways = [kinds for mode in _decays(name) for kinds in _stable(mode["products"])] or [{_kind(name)}]
        found = [before | kinds for before in found for kinds in ways]
    return found


def threshold(channel: str) -> float:
    """Least mass [GeV] at which any of a channel's final states is open."""
    return min(map(_least, _modes(channel)))


def simulate(portal: str, channel: str, mass: float, n: int, seed: int, neutrals: bool = True) -> FinalStates:
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
    neutrals : bool
        Whether neutral mesons decay that make no tracks; where only these are looked at, they are left as invisible.

    Returns
    -------
    FinalStates
    """
    rng = np.random.default_rng([seed, zlib.crc32(channel.encode()), round(1e9 * mass)])
    matrix = MATRIX[_data()["matrix"].get(portal, {}).get(channel, "flat")]
    if channel in _lepton():
        return _of_lepton(_lepton()[channel][1], mass, n, rng, neutrals)
    momenta, kinds = _alternatives(_modes(channel), mass, n, rng, matrix, neutrals)
    momenta[..., :3] = momenta[..., :3] @ _to_z(momenta)
    return FinalStates(momenta, kinds, np.zeros((len(momenta), 3)))


def _of_lepton(modes: Modes, mass: float, n: int, rng: np.random.Generator, neutrals: bool) -> FinalStates:
    """Events of a heavy neutral lepton, half of them of each lepton number."""
    parts = []
    for mode, number in _numbers(modes, mass, n):
        law, masses = LAWS.get(mode.get("law", "")), [_mass(name) for name in mode["products"]]
        unpolarised = None if law is None or len(masses) == 2 else partial(_energy, law)
        first = bodies(mass, masses, number, rng, unpolarised)
        spin = np.tile([0.0, 0.0, 0.0, 1.0], (number, 1)) if law is None else law(first)
        momenta, kinds = _decayed(mode["products"], first, rng, neutrals)
        turn = _to_z(momenta)
        momenta[..., :3] = momenta[..., :3] @ turn
        analysers = (spin[:, None, :3] @ turn)[:, 0] / spin[:, 3:]
        parts.append(FinalStates(momenta, kinds, analysers))
    whole, order = joined(parts), rng.permutation(n if parts else 0)
    kinds = whole.kinds[order]
    other = kinds[1::2]
    other[abs(other) == 1.0] *= -1.0
    return FinalStates(whole.momenta[order], kinds, whole.analysers[order])


def _numbers(modes: Modes, mass: float, n: int) -> list[tuple[Mapping[str, Any], int]]:
    """The modes that are open and how many of `n` events each gets, by their shares."""
    some = [mode for mode in modes if _least(mode) < mass]
    shares = np.array([mode["share"] for mode in some])
    ends = np.round(np.cumsum(shares) / shares.sum() * n).astype(int)
    return [(mode, int(number)) for mode, number in zip(some, np.diff(ends, prepend=0), strict=True) if number]


def _energy(law: Law, momenta: Array) -> Array:
    return law(momenta)[:, 3]


def joined(parts: Sequence[FinalStates]) -> FinalStates:
    """Events one after the other, with as many bodies as the one that has most."""
    if not parts:
        return FinalStates(np.zeros((0, 1, 4)), np.zeros((0, 1)), np.zeros((0, 3)))
    most = max(part.kinds.shape[1] for part in parts)
    gaps = [((0, 0), (0, most - part.kinds.shape[1])) for part in parts]
    return FinalStates(
        np.concatenate([np.pad(part.momenta, (*gap, (0, 0))) for part, gap in zip(parts, gaps, strict=True)]),
        np.concatenate([np.pad(part.kinds, gap) for part, gap in zip(parts, gaps, strict=True)]),
        np.concatenate([part.analysers for part in parts]),
    )


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
    """Channels of heavy neutral leptons: group, and modes with each flavour for ``l``."""
    found: dict[str, tuple[str, Modes]] = {}
    for name, modes in _data()["lepton"].items():
        named = "l" in name.split()
        for flavour in FLAVOURS if named else ("",):
            own = [[flavour + "-" if name == "l-" else name for name in mode["products"]] for mode in modes]
            named_modes = [{"share": 1.0, **mode, "products": some} for mode, some in zip(modes, own, strict=True)]
            whose = name if named or modes[0].get("law") not in THREE_LEPTONS else "l l nu"
            channel = " ".join(flavour if part == "l" else part for part in name.split())
            found[channel] = ("" if whose.startswith("nu") or "tau" in channel.split() else whose, named_modes)
    return found


@cache
def rigid(channel: str) -> bool:
    """Whether all events of a channel are alike but for the lepton number: two stable bodies."""
    return channel in _lepton() and all(
        len(mode["products"]) == 2 and not any(_decays(name) for name in mode["products"]) for mode in _modes(channel)
    )


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
    modes: Modes,
    mass: float,
    n: int,
    rng: np.random.Generator,
    matrix: Callable[[Array], Array] | None = None,
    neutrals: bool = True,
) -> tuple[Array, Array]:
    """Momenta, shape (n, k, 4), and kinds, shape (n, k), of events that go to one of several sets of products each."""
    parts = [
        _decayed(
            mode["products"],
            bodies(mass, [_mass(name) for name in mode["products"]], number, rng, matrix),
            rng,
            neutrals,
        )
        for mode, number in _numbers(modes, mass, n)
    ]
    if not parts:
        return np.zeros((0, 1, 4)), np.zeros((0, 1))
    most = max(kinds.shape[1] for _, kinds in parts)
    momenta, kinds = np.zeros((n, most, 4)), np.zeros((n, most))
    order, done = rng.permutation(n), 0
    for some, what in parts:
        rows = order[done : done + len(some)]
        momenta[rows, : some.shape[1]], kinds[rows, : what.shape[1]] = some, what
        done += len(some)
    return momenta, kinds


def _decayed(names: Sequence[str], first: Array, rng: np.random.Generator, neutrals: bool) -> tuple[Array, Array]:
    """Momenta and kinds of stable particles, from the momenta of the products, each of which may decay."""
    momenta, kinds, n = [], [], len(first)
    for i, name in enumerate(names):
        modes = _decays(name)
        if modes and (neutrals or _tracks(name)):
            at_rest, kind = _alternatives(modes, _mass(name), n, rng, None, neutrals)
            momenta.append(boosted(at_rest, first[:, i]))
            kinds.append(kind)
        else:
            momenta.append(first[:, i : i + 1])
            kinds.append(np.full((n, 1), _kind(name)))
    return np.concatenate(momenta, axis=1), np.concatenate(kinds, axis=1)


@cache
def _tracks(name: str) -> bool:
    """Whether a particle is charged, or decays to charged ones."""
    return any(kinds & {-1.0, 1.0} for kinds in _stable([name]))


@cache
def _decays(name: str) -> Modes:
    """What a particle decays to, those of an antiparticle from those of its particle; nothing for a stable one."""
    unstable = _data()["unstable"]
    if name in unstable or name in ("nu", "gamma"):
        modes: Modes = unstable.get(name, ())
        return modes
    return [
        {**mode, "products": _conjugates(mode["products"])} for mode in unstable.get(particles.antiparticle(name), ())
    ]


def _to_z(momenta: Array) -> Array:
    """Least rotations that turn the first particle of each event to z, applied from the right, shape (n, 3, 3)."""
    first = momenta[:, 0, :3]
    x, y, z = (first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-300)).T
    side = 1.0 / np.maximum(1.0 + z, 1e-12)
    turn = np.array([[1.0 - x * x * side, -x * y * side, x], [-x * y * side, 1.0 - y * y * side, y], [-x, -y, z]])
    return np.ascontiguousarray(turn.transpose(2, 0, 1))
