"""Production of feebly interacting particles by protons on a target: one mode, one function."""

from collections.abc import Mapping
from typing import Final

from darkdump.production import bremsstrahlung, meson_decay, primakoff
from darkdump.production.flux import Mode

MESONS = ("Batell:2009di",)
BLUEMLEIN = ("Blumlein:2013cua",)
QUASI_REAL = ("Foroughi-Abari:2021zbm", "Foroughi-Abari:2024xlj")

PRODUCTION: Final[Mapping[str, Mode]] = {
    "primakoff-secondary": Mode(
        primakoff.secondary, "alp", 2, "Primakoff, photons of pi0, eta and eta'", ("Dobrich:2019dxc",)
    ),
    "primakoff-primary": Mode(
        primakoff.primary, "alp", 2, "Primakoff, photons of the proton's field", ("Dobrich:2015jyk",)
    ),
    "primakoff-shower": Mode(
        primakoff.shower, "alp", 2, "Primakoff, photons of the electromagnetic shower", ("Rossi:1941zza",)
    ),
    "pi0-decay": Mode(meson_decay.prepare("pi0-decay"), "vector", 2, "pi0 -> gamma V", MESONS),
    "eta-decay": Mode(meson_decay.prepare("eta-decay"), "vector", 2, "eta -> gamma V", MESONS),
    "etap-decay": Mode(meson_decay.prepare("etap-decay"), "vector", 2, "eta' -> gamma V", MESONS),
    "omega-decay": Mode(meson_decay.prepare("omega-decay"), "vector", 2, "omega -> pi0 V", MESONS),
    "brems-bb": Mode(
        bremsstrahlung.bluemlein_brunner(form_factor=False),
        "vector",
        2,
        "Bremsstrahlung, Bluemlein and Brunner",
        BLUEMLEIN,
    ),
    "brems-bb-ff": Mode(
        bremsstrahlung.bluemlein_brunner(form_factor=True), "vector", 2, "the same, timelike form factor", BLUEMLEIN
    ),
    "brems-qra-1.0": Mode(
        bremsstrahlung.quasi_real(1.0), "vector", 2, "Bremsstrahlung, quasi-real, cut-off 1.0 GeV", QUASI_REAL
    ),
    "brems-qra-1.5": Mode(
        bremsstrahlung.quasi_real(1.5), "vector", 2, "Bremsstrahlung, quasi-real, cut-off 1.5 GeV", QUASI_REAL
    ),
    "brems-qra-2.0": Mode(
        bremsstrahlung.quasi_real(2.0), "vector", 2, "Bremsstrahlung, quasi-real, cut-off 2.0 GeV", QUASI_REAL
    ),
}
"""Every production mode by its name on cards and on the command line."""


def modes_of(portal: str) -> list[str]:
    """Names of the modes that make a kind of particle."""
    return [name for name, mode in PRODUCTION.items() if mode.portal == portal]
