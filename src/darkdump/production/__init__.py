"""Production of feebly interacting particles by protons on a target: one mode, one function."""

from collections.abc import Mapping
from typing import Final

from darkdump.production import primakoff
from darkdump.production.flux import Mode

PRODUCTION: Final[Mapping[str, Mode]] = {
    "primakoff-secondary": Mode(
        primakoff.secondary, 2, "Primakoff, photons of pi0, eta and eta'", ("Dobrich:2019dxc",)
    ),
    "primakoff-primary": Mode(primakoff.primary, 2, "Primakoff, photons of the proton's field", ("Dobrich:2015jyk",)),
    "primakoff-shower": Mode(
        primakoff.shower, 2, "Primakoff, photons of the electromagnetic shower", ("Rossi:1941zza",)
    ),
}
"""Every production mode by its name on cards and on the command line."""
