"""The proceedings that the project starts from, number by number: what is an input, and what is computed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

import numpy as np

from darkdump import tables
from darkdump.kaon import backgrounds, l_n, lnv, photons, pi0, pi0_photon, pinunu, standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import DataSet, load_data
from darkdump.kaon.flight import REST, Decays, beam, decay_length
from darkdump.kaon.fourvectors import size
from darkdump.kaon.peak import MassScan
from darkdump.kaon.sampling import cube, mean
from darkdump.kaon.types import Estimate
from darkdump.published import limits
from darkdump.statistics import hybrid
from darkdump.statistics.counting import upper_limit

COVERED = 0.98
"""Part of the photons that must meet a detector for an angle to count as covered."""


@dataclass(frozen=True)
class Number:
    """A number of the proceedings.

    Attributes
    ----------
    key, section, text, unit, note : str
    inferred : bool
        Whether it is computed from inputs that were inferred from the number itself.
    value : float
        As it stands there; NaN where the text has none.
    computed : float
        Ours; NaN for an input.
    """

    key: str
    section: str
    text: str
    unit: str
    note: str
    inferred: bool
    value: float
    computed: float

    @property
    def kind(self) -> str:
        """What ours is: ``"input"``, ``"inferred"`` or ``"computed"``."""
        return "input" if math.isnan(self.computed) else "inferred" if self.inferred else "computed"

    @property
    def ratio(self) -> float:
        """Computed over printed; NaN where one is missing."""
        return self.computed / self.value


def _data() -> DataSet:
    return load_data("pinunu-2017")


@cache
def _counts() -> tuple[Count, Count]:
    return pinunu.search(load_data("pinunu-2016")), pinunu.search(_data())


def _sensitivity() -> Estimate:
    """Sensitivity of both data sets and its relative error."""
    rates = [(1.0 / one.sensitivity, one.sensitivity_error / one.sensitivity) for one in _counts()]
    total = sum(rate for rate, _ in rates)
    return 1.0 / total, math.hypot(*(error for _, error in rates)) / total


def _background() -> Estimate:
    parts = [one.counting for one in _counts()]
    return sum(p.background for p in parts), math.hypot(*(p.background_error for p in parts))


def _limit(errors: bool, external: bool = False) -> float:
    """Limit of both data sets as one counting experiment."""
    (ses, relative), (b, db) = _sensitivity(), _background()
    seen = sum(one.counting.n_obs or 0 for one in _counts())
    if not errors:
        return ses * upper_limit(seen, b)
    outside = _value("expected-2017-external") / _value("expected-2017") if external else 0.0
    return ses * upper_limit(seen, b, db, math.hypot(relative, outside))


def _channels() -> float:
    unit = _value("limit")
    return unit * hybrid.upper_limit([one.channel(unit) for one in _counts()])


def _pion_pion() -> Estimate:
    return pinunu.peak_of_pions(_data().fiducial, _data().momentum)


def _decaying() -> float:
    front, end = _data().volume
    return -math.expm1((front - end) / decay_length("K+", apparatus().beam.momentum))


def _covered_angle() -> float:
    """Angle to the beam [mrad] up to which photons from the fiducial volume meet a detector."""
    points = cube(REST, pinunu.POINTS)
    angles = np.linspace(0.03, 0.09, 121)
    kaons = beam(apparatus(), _data().volume, points)
    return 1e3 * float(angles[np.flatnonzero([_met(kaons, angle) > COVERED for angle in angles])[-1]])


def _met(kaons: Decays, angle: float) -> float:
    """Part of the photons at an angle to the beam axis [rad] that meet a detector, the azimuths evenly spread."""
    phi = 2.0 * np.pi * np.arange(len(kaons.vertex)) / 97.0
    slope = math.tan(angle)
    photon = np.column_stack([slope * np.cos(phi) + apparatus().beam.slope, slope * np.sin(phi), np.ones_like(phi)])
    photon = np.column_stack([photon, size(photon)])
    return mean(photons.met(apparatus(), kaons.vertex, photon) >= 0)[0]


def _simulated(process: str) -> float:
    return sum(value for value, _ in backgrounds.expected(_data(), process).values())


def _lnv(name: str) -> float:
    return lnv.search(load_data(name)).limit()


def _previous(name: str) -> float:
    return load_data(name).given("previous") / _lnv(name)


def _at(scan: MassScan, mass: float) -> float:
    """A scan's limit at the mass [GeV] nearest to one."""
    return float(scan.limit[np.abs(scan.masses - mass).argmin()])


@cache
def _hnl(name: str, mass: float) -> float:
    data = load_data(name)
    return _at(l_n.scan(data, np.array([mass])), mass)


def _hnl_better() -> float:
    mass = 0.2
    old = next(limit for limit in limits("hnl-e") if limit.name == "kek-1984")
    return float(np.exp(np.interp(mass, old.mass, np.log(old.coupling)))) / _hnl("hnl-e", mass)


COMPUTED: Final[Mapping[str, Callable[[], float]]] = {
    "sm-charged": lambda: standard_model.charged()[0],
    "sm-charged-error": lambda: standard_model.charged()[1],
    "decaying": _decaying,
    "veto-angle": _covered_angle,
    "extra-energy": lambda: apparatus().beam.momentum - _data().momentum[1],
    "implied-decays": lambda: _counts()[1].kaons,
    "peak": lambda: _pion_pion()[0],
    "peak-width": lambda: _pion_pion()[1],
    "acceptance": lambda: _counts()[1].accepted * _data().selected,
    "expected-2017": lambda: _value("sm-charged") / _counts()[1].sensitivity,
    "expected-2017-error": lambda: _value("sm-charged") / _counts()[1].sensitivity * _counts()[1].sensitivity_error,
    "expected-2017-external": lambda: _value("sm-charged-error") / _counts()[1].sensitivity,
    "pi0-background": partial(_simulated, "K+ -> pi+ pi0"),
    "mu-background": partial(_simulated, "K+ -> mu+ nu"),
    "3pi-background": partial(_simulated, "K+ -> pi+ pi+ pi-"),
    "background-2017": lambda: sum(one.value for one in _data().backgrounds.values()),
    "ses": lambda: _sensitivity()[0],
    "ses-error": lambda: math.prod(_sensitivity()),
    "background": lambda: _background()[0],
    "background-error": lambda: _background()[1],
    "limit": partial(_limit, errors=True, external=True),
    "limit-plain": partial(_limit, errors=False),
    "limit-default": partial(_limit, errors=True),
    "limit-channels": _channels,
    "grossman-nir": lambda: standard_model.grossman_nir(_value("limit")),
    "pi0-invisible": lambda: pi0.invisible(load_data("pi0-invisible")).limit(),
    "pi0-rejection": lambda: pi0.rejection(load_data("pinunu-2017-final")).total[0],
    "pi-e-e": partial(_lnv, "lnv-pi-e-e"),
    "pi-mu-mu": partial(_lnv, "lnv-pi-mu-mu"),
    "pi-e-e-better": partial(_previous, "lnv-pi-e-e"),
    "pi-mu-mu-better": partial(_previous, "lnv-pi-mu-mu"),
    "hnl-e-limit": partial(_hnl, "hnl-e", 0.3),
    "hnl-mu-limit": partial(_hnl, "hnl-mu", 0.3),
    "hnl-better": _hnl_better,
    "dark-photon-limit": lambda: _at(pi0_photon.dark_photon(load_data("pi0-dark-photon"), np.array([0.07])), 0.07),
    "pi0-nunu": lambda: pi0_photon.nu_nu(load_data("pi0-nunu")).limit(),
    "pi0-nunu-expected": lambda: pi0_photon.nu_nu(load_data("pi0-nunu"), predicted=True).limit(),
}
"""How each number is computed that is not an input."""


def _entries() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tables.data_toml("kaon", "proceedings.toml")["number"]
    return entries


def _value(key: str) -> float:
    return next(float(entry["value"]) for entry in _entries() if entry["key"] == key)


def numbers() -> list[Number]:
    """All numbers of the proceedings, in their order."""
    return [
        Number(
            key=entry["key"],
            section=entry["section"],
            text=entry["text"],
            unit=entry.get("unit", ""),
            note=entry.get("note", ""),
            inferred=entry.get("inferred", False),
            value=float(entry.get("value", math.nan)),
            computed=COMPUTED[entry["key"]]() if entry["key"] in COMPUTED else math.nan,
        )
        for entry in _entries()
    ]
