"""Production of feebly interacting particles by protons on a target: one mode, one function."""

from collections.abc import Mapping
from typing import Final

from darkdump.production import bremsstrahlung, meson_decay, primakoff
from darkdump.production.flux import Mode

PRODUCTION: Final[Mapping[str, Mode]] = {
    "primakoff-secondary": Mode(
        primakoff.secondary, 2, "Primakoff, photons of pi0, eta and eta'", ("Dobrich:2019dxc",)
    ),
    "primakoff-primary": Mode(primakoff.primary, 2, "Primakoff, photons of the proton's field", ("Dobrich:2015jyk",)),
    "primakoff-shower": Mode(
        primakoff.shower, 2, "Primakoff, photons of the electromagnetic shower", ("Rossi:1941zza",)
    ),
    "pi0-decay": Mode(meson_decay.prepare("pi0-decay"), 2, "pi0 -> gamma V"),
    "eta-decay": Mode(meson_decay.prepare("eta-decay"), 2, "eta -> gamma V"),
    "etap-decay": Mode(meson_decay.prepare("etap-decay"), 2, "eta' -> gamma V"),
    "omega-decay": Mode(meson_decay.prepare("omega-decay"), 2, "omega -> pi0 V"),
    "brems-bb": Mode(bremsstrahlung.bluemlein_brunner(form_factor=False), 2, "Bremsstrahlung, Bluemlein and Brunner"),
    "brems-bb-ff": Mode(bremsstrahlung.bluemlein_brunner(form_factor=True), 2, "The same with timelike form factor"),
    "brems-qra-1.0": Mode(bremsstrahlung.quasi_real(1.0), 2, "Bremsstrahlung, quasi-real, cut-off 1.0 GeV"),
    "brems-qra-1.5": Mode(bremsstrahlung.quasi_real(1.5), 2, "Bremsstrahlung, quasi-real, cut-off 1.5 GeV"),
    "brems-qra-2.0": Mode(bremsstrahlung.quasi_real(2.0), 2, "Bremsstrahlung, quasi-real, cut-off 2.0 GeV"),
}
"""Every production mode by its name on cards and on the command line."""
