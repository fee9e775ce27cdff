"""Heavy neutral leptons N that mix with the neutrinos: what they decay to.

The coupling that is scanned is U2 = |U_e|^2 + |U_mu|^2 + |U_tau|^2; the card gives the part of each flavour.  Rates are
those of a Dirac particle, N -> l- X+ or nu X; a Majorana particle goes to the other lepton number as well.

A channel goes with the mixing of the flavour that it names: the neutrino of ``nu_mu e e``, the lepton of ``mu pi``.  In
``e mu nu_mu`` and ``e mu nu_e`` it is the lepton whose neutrino is not there: the first is N -> e- W+, W+ -> mu+ nu_mu.
Channels that name none (``nu nu nu``, ``nu pi0``) go with the sum.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump.portals import hnl_hadrons as hadrons
from darkdump.portals.hnl_leptons import (
    FLAVOURS,
    Rate,
    charged_current,
    charged_lepton_pair,
    data,
    lepton,
    muon_like,
)

Array = NDArray[np.float64]
Pattern = Mapping[str, float]
Width = Callable[[float, Array, Pattern], Array]

NATURES: Final[Mapping[str, float]] = {"majorana": 2.0, "dirac": 1.0}
"""Lepton numbers of the final states that a particle of this nature decays to."""


def normalised(_: str, given: Pattern) -> Pattern:
    """The pattern with flavours that add up to one."""
    total = sum(given[flavour] for flavour in FLAVOURS)
    if math.isclose(total, 1.0, rel_tol=1e-12):
        return given
    return {name: value / total if name in FLAVOURS else value for name, value in given.items()}


REMEMBERED = 1024
"""Masses at which a rate is remembered: a scan asks for it twice."""


def mixing_of(channel: str) -> str:
    """The mixing with which a channel goes: ``"U_e"``, ``"U_mu"``, ``"U_tau"``, or ``"U"`` for the sum."""
    names = channel.split()
    neutrinos = [name.removeprefix("nu_") for name in names if name.startswith("nu_")]
    leptons = [name for name in names if name in FLAVOURS]
    if neutrinos and len(set(leptons)) == 2:
        return f"U_{next(name for name in leptons if name != neutrinos[0])}"
    owner = (neutrinos or leptons or [""])[0]
    return f"U_{owner}" if owner else "U"


def _width(channel: str, rate: Rate) -> Width:
    """Width of a channel with the mixing that its name tells."""
    flavour = mixing_of(channel).removeprefix("U").removeprefix("_")
    rate = lru_cache(REMEMBERED)(rate)

    def width(mass: float, mixing: Array, pattern: Pattern) -> Array:
        part = pattern["nature"] * (pattern[flavour] if flavour else 1.0)
        return mixing * (part * rate(mass) if part > 0.0 else 0.0)

    return width


def _leptonic() -> dict[str, Rate]:
    found: dict[str, Rate] = {"nu nu nu": muon_like}
    for flavour in FLAVOURS:
        for other in FLAVOURS:
            found[f"nu_{flavour} {other} {other}"] = charged_lepton_pair(flavour == other, other)
    for one, other in combinations(FLAVOURS, 2):
        rate = charged_current(lepton(one), lepton(other))
        found |= {f"{one} {other} nu_{other}": rate, f"{one} {other} nu_{one}": rate}
    return found


def _hadronic(quarks: bool) -> dict[str, Rate]:
    found: dict[str, Rate] = {
        f"nu {meson}": hadrons.neutral_pseudoscalar(meson) for meson in data()["neutral_pseudoscalar"]
    }
    found |= {f"nu {meson}": hadrons.neutral_vector(meson) for meson in data()["neutral_vector"]}
    found["nu hadrons"] = hadrons.rest(hadrons.neutral_quarks, *found.values()) if quarks else _never
    for flavour in FLAVOURS:
        single = {f"{flavour} {meson}": hadrons.pseudoscalar(meson, flavour) for meson in DAUGHTERS}
        single |= {f"{flavour} {meson}": hadrons.vector(meson, flavour) for meson in data()["vector"]}
        more = hadrons.rest(hadrons.quarks(flavour), *single.values()) if quarks else _never
        found |= {**single, f"{flavour} hadrons": more}
    return found


DAUGHTERS: Final = ("pi", "K", "D", "Ds")
"""Charged pseudoscalar mesons that N decays to."""


def _never(_: float) -> float:
    return 0.0


def channels(quarks: bool) -> dict[str, Width]:
    """Every channel, with or without more hadrons than a single meson."""
    return {channel: _width(channel, rate) for channel, rate in {**_leptonic(), **_hadronic(quarks)}.items()}
