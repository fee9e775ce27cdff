"""Heavy neutral leptons N that mix with the neutrinos: what they decay to.

The coupling that is scanned is U2 = |U_e|^2 + |U_mu|^2 + |U_tau|^2; the card gives the part of each flavour.  Rates are
those of a Dirac particle, N -> l- X+ or nu X; a Majorana particle goes to the other lepton number as well.

A channel goes with the mixing of the flavour that it names: the neutrino of ``nu_mu e e``, and the lepton of ``mu pi``.
In ``e mu nu_mu`` and ``e mu nu_e`` it is the lepton whose neutrino is not there: N -> e- W+ -> e- mu+ nu_mu in the first.
Channels that name none (``nu nu nu``, ``nu pi0``) go with the sum.
"""

from collections.abc import Callable, Mapping
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

NATURES: Final[Mapping[str, float]] = {"dirac": 1.0, "majorana": 2.0}
"""Lepton numbers of the final states that a particle of this nature decays to."""


def normalised(_: str, given: Pattern) -> Pattern:
    """The pattern with flavours that add up to one."""
    total = sum(given[flavour] for flavour in FLAVOURS) or 1.0
    return {name: value / total if name in FLAVOURS else value for name, value in given.items()}


def _width(rate: Rate, flavour: str = "") -> Width:
    """Width of a channel that goes with the mixing of a flavour, or with that of all of them."""

    def width(mass: float, mixing: Array, pattern: Pattern) -> Array:
        part = pattern["nature"] * (pattern[flavour] if flavour else 1.0)
        return mixing * (part * rate(mass) if part > 0.0 else 0.0)

    return width


def _leptonic() -> dict[str, Width]:
    found = {"nu nu nu": _width(muon_like)}
    for flavour in FLAVOURS:
        for other in FLAVOURS:
            name = f"nu_{flavour} {other} {other}"
            found[name] = _width(charged_lepton_pair(flavour == other, other), flavour)
    for one, other in combinations(FLAVOURS, 2):
        rate = charged_current(lepton(one), lepton(other))
        found[f"{one} {other} nu_{other}"] = _width(rate, one)
        found[f"{one} {other} nu_{one}"] = _width(rate, other)
    return found


def _hadronic(quarks: bool) -> dict[str, Width]:
    charged = {meson: hadrons.pseudoscalar for meson in data()["pseudoscalar"]}
    charged |= {meson: hadrons.vector for meson in data()["vector"]}
    neutral = {f"nu {meson}": hadrons.neutral_pseudoscalar(meson) for meson in data()["neutral_pseudoscalar"]}
    neutral |= {f"nu {meson}": hadrons.neutral_vector(meson) for meson in data()["neutral_vector"]}
    found = {name: _width(rate) for name, rate in neutral.items()}
    more = hadrons.rest(hadrons.neutral_quarks, *neutral.values())
    found["nu hadrons"] = _width(more if quarks else _never)
    for flavour in FLAVOURS:
        single = {f"{flavour} {meson}": rate(meson, flavour) for meson, rate in charged.items()}
        found |= {name: _width(rate, flavour) for name, rate in single.items()}
        more = hadrons.rest(hadrons.quarks(flavour), *single.values())
        found[f"{flavour} hadrons"] = _width(more if quarks else _never, flavour)
    return found


def _never(_: float) -> float:
    return 0.0


def channels(quarks: bool) -> dict[str, Width]:
    """Every channel, with or without more hadrons than a single meson."""
    return {**_leptonic(), **_hadronic(quarks)}
