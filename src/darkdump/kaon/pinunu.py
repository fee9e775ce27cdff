"""K+ -> pi+ nu nubar: acceptance, sensitivity, and the backgrounds that the resolution lets into the signal regions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.formfactors.semileptonic import pseudoscalar
from darkdump.kaon.apparatus import Apparatus, apparatus
from darkdump.kaon.dataset import DataSet, Pair
from darkdump.kaon.flight import REST, Decays, cube, fly, seen
from darkdump.kaon.onetrack import OneTrack, one_track, part
from darkdump.kaon.photons import blindness, pion_blindness
from darkdump.kaon.tails import radiative
from darkdump.phasespace import chained, kallen, two_body

Array = NDArray[np.float64]
Estimate = tuple[float, float]
"""A number and its numerical error."""

POINTS = 2**13
"""Sobol points of each scramble."""

TURNS = 16
"""Decays of each pi0: those with a lost photon are rare and heavy."""


def ratio(decay: str) -> float:
    """Branching ratio of a decay of ``data/kaon/branching_ratios.toml``."""
    value: float = tables.data_toml("kaon", "branching_ratios.toml")[decay]["value"]
    return value


def spectrum(q2: Array) -> Array:
    """Spectrum of K+ -> pi+ nu nubar in the squared mass of the neutrino pair [GeV^2], up to a factor.

    d Gamma / d q^2 ~ lambda^(3/2)(m_K^2, m_pi^2, q^2) f_+(q^2)^2, f_+ that of K_l3 by isospin.

    References
    ----------
    Marciano, Parsa, Phys. Rev. D 53 (1996) R1; Mescia, Smith, arXiv:0705.2025.
    """
    kaon, pion = particles.mass("K+"), particles.mass("pi+")
    own = np.maximum(kallen(np.full_like(q2, kaon**2), np.full_like(q2, pion**2), q2), 0.0)
    rate: Array = own**1.5 * pseudoscalar("K+ pi", q2, kaon, pion)[0] ** 2
    return rate


@cache
def sample(volume: Pair, tails: bool = False) -> tuple[Decays, list[OneTrack]]:
    """Simulated K+ -> pi+ nu nubar, and what is measured of them."""
    kaon, pion = particles.mass("K+"), particles.mass("pi+")
    points = cube(REST + 3, POINTS)
    q2 = points[:, REST + 2] * (kaon - pion) ** 2
    rest = two_body(kaon, pion, np.sqrt(q2), points[:, REST:])
    decays = fly(apparatus(), volume, rest, spectrum(q2), points)
    return decays, one_track(apparatus(), decays, points, tails=tails)


def acceptance(data: DataSet) -> dict[str, Estimate]:
    """Part of the decays in the fiducial volume that falls into each signal region: geometry and kinematics alone."""
    kinds = sample(data.volume)[1]
    return {name: part(kinds, region) for name, region in data.regions.items()}


def _signal_regions(data: DataSet, kinds: list[OneTrack], extra: Array | float = 1.0) -> dict[str, Estimate]:
    return {name: part(kinds, region, extra) for name, region in data.regions.items()}


def _blind_pion(decays: Decays, points: Array) -> Array:
    """Chance that neither photon of the pi0, the second daughter, is seen: the mean of `TURNS` decays of each pi0."""
    turns = (
        pion_blindness(apparatus(), decays.vertex, decays.daughters[:, 1], (points + k / TURNS) % 1.0)
        for k in range(TURNS)
    )
    blind: Array = sum(turns, np.zeros(len(points))) / TURNS
    return blind


def pion_pion(data: DataSet) -> dict[str, Estimate]:
    """K+ -> pi+ pi0, the photons not seen, by region: part of these decays."""
    points = cube(REST + 4, POINTS)
    rest = two_body(particles.mass("K+"), particles.mass("pi+"), particles.mass("pi0"), points[:, REST:])
    decays = fly(apparatus(), data.volume, rest, np.ones(len(points)), points)
    blind = _blind_pion(decays, points[:, REST + 2 :])
    return _signal_regions(data, one_track(apparatus(), decays, points, tails=True), blind)


def pion_pion_photon(data: DataSet) -> dict[str, Estimate]:
    """K+ -> pi+ pi0 gamma by inner bremsstrahlung, no photon seen: over decays without the photon."""
    points = cube(REST + 7, POINTS)
    rest, weight, rate = radiative("pi+", particles.mass("pi0"), points[:, REST:])
    decays = fly(apparatus(), data.volume, rest, weight, points)
    blind = rate * _blind_pion(decays, points[:, REST + 5 :])
    blind *= blindness(apparatus(), decays.vertex, decays.daughters[:, 2])
    return _signal_regions(data, one_track(apparatus(), decays, points), blind)


def muon_neutrino(data: DataSet) -> dict[str, Estimate]:
    """K+ -> mu+ nu with the muon taken for a pion: over these decays."""
    points = cube(REST + 2, POINTS)
    rest = two_body(particles.mass("K+"), particles.mass("mu+"), 0.0, points[:, REST:])
    decays = fly(apparatus(), data.volume, rest, np.ones(len(points)), points)
    return _signal_regions(
        data, one_track(apparatus(), decays, points, tails=True), apparatus().misidentification["muon for pion"]
    )


def muon_neutrino_photon(data: DataSet) -> dict[str, Estimate]:
    """K+ -> mu+ nu gamma by inner bremsstrahlung, the muon taken for a pion, the photon not seen: as above."""
    points = cube(REST + 5, POINTS)
    rest, weight, rate = radiative("mu+", 0.0, points[:, REST:])
    decays = fly(apparatus(), data.volume, rest, weight, points)
    blind = rate * blindness(apparatus(), decays.vertex, decays.daughters[:, 2])
    return _signal_regions(
        data, one_track(apparatus(), decays, points), blind * apparatus().misidentification["muon for pion"]
    )


def dalitz(momenta: Array) -> Array:
    """Squared matrix element of K+ -> pi+ pi+ pi-, the odd pion last: 1 + g u + h u^2 + k v^2.

    u = (s_3 - s_0) / m_pi^2, v = (s_1 - s_2) / m_pi^2, s_i = (P_K - p_i)^2, s_0 their mean; slopes of PDG.
    """
    kaon, pion = particles.mass("K+"), particles.mass("pi+")
    s = kaon**2 + pion**2 - 2.0 * kaon * momenta[..., 3]
    slopes = tables.data_toml("kaon", "branching_ratios.toml")["pi+ pi+ pi-"]
    u, v = (s[:, 2] - s.mean(axis=1)) / pion**2, (s[:, 0] - s[:, 1]) / pion**2
    square: Array = 1.0 + slopes["g"] * u + slopes["h"] * u**2 + slopes["k"] * v**2
    return square


def three_pions(data: DataSet) -> dict[str, Estimate]:
    """K+ -> pi+ pi+ pi- of which one pi+ is seen and nothing of the others: over these decays."""
    setting, points = apparatus(), cube(REST + 5, POINTS)
    pions = [particles.mass("pi+")] * 3
    rest, weight = chained(particles.mass("K+"), pions, points[:, REST:], dalitz)
    decays = fly(setting, data.volume, rest, weight, points)
    lost = [unseen(setting, decays.vertex, decays.daughters[:, k], charge) for k, charge in ((1, 1), (2, -1))]
    return _signal_regions(data, one_track(setting, decays, points, tails=True), 2.0 * lost[0] * lost[1])


def unseen(setting: Apparatus, place: Array, momentum: Array, charge: int) -> Array:
    """One where a charged particle hits no plane of the spectrometer and no veto, zero elsewhere."""
    found = np.ones(len(place), dtype=bool)
    for name in setting.planes:
        found &= ~seen(setting, place, momentum, charge, (name,))
    found &= seen(setting, place, momentum, charge, ())
    return found.astype(np.float64)


@dataclass(frozen=True)
class Process:
    """A background that is simulated: its branching ratio's name, and the part that is taken for the signal."""

    ratio: str
    parts: tuple[Callable[[DataSet], dict[str, Estimate]], ...]


PROCESSES: Final[Mapping[str, Process]] = {
    "K+ -> pi+ pi0": Process("pi+ pi0", (pion_pion, pion_pion_photon)),
    "K+ -> mu+ nu": Process("mu+ nu", (muon_neutrino, muon_neutrino_photon)),
    "K+ -> pi+ pi+ pi-": Process("pi+ pi+ pi-", (three_pions,)),
}
"""Backgrounds of the resolution, by the names of the cards."""


def background(data: DataSet, process: str) -> dict[str, Estimate]:
    """Expected events of a simulated background, by region.

    They are counted against the signal: the published single-event sensitivity fixes kaons, trigger and all that pions
    of signal and background share, so that b = (A_b / A_s) BR_b / SES.

    Parameters
    ----------
    data : DataSet
    process : str
        Key of `PROCESSES`.
    """
    if data.sensitivity is None:
        return {}
    chosen, signal = PROCESSES[process], sum(value for value, _ in acceptance(data).values())
    scale = ratio(chosen.ratio) / (data.sensitivity.value * signal)
    found = [one(data) for one in chosen.parts]
    return {
        name: (scale * sum(f[name][0] for f in found), scale * float(np.hypot.reduce([f[name][1] for f in found])))
        for name in data.regions
    }
