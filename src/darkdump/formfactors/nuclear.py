"""Materials of targets, and the charge form factor of their atoms."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.errors import CardError, unknown_name
from darkdump.units import AVOGADRO, FERMI, GEV2_MB


@dataclass(frozen=True)
class Nucleus:
    """A target material.

    Attributes
    ----------
    name : str
        Chemical symbol.
    charge, mass_number : float
        Z and A.
    density, radiation_length, interaction_length : float
        [g/cm^3], [g/cm^2], [g/cm^2].
    photon_absorption : float
        Cross section per atom of photons above 10 GeV [b].
    """

    name: str
    charge: float
    mass_number: float
    density: float
    radiation_length: float
    interaction_length: float
    photon_absorption: float
    source: str = ""

    @cached_property
    def sigma_inelastic(self) -> float:
        """Inelastic cross section of a proton on the nucleus [GeV^-2], from the nuclear interaction length."""
        return self.mass_number / (AVOGADRO * self.interaction_length) * 1e27 / GEV2_MB

    @cached_property
    def sigma_photon(self) -> float:
        """Absorption cross section of a high-energy photon [GeV^-2]."""
        return self.photon_absorption * 1e3 / GEV2_MB

    @cached_property
    def radius(self) -> float:
        """Helm's effective radius R1 [1/GeV] (Lewin & Smith 1996, eq. 4.11)."""
        helm = _form_factor("helm")
        c = helm["c1"] * math.cbrt(self.mass_number) - helm["c0"]
        return float(math.sqrt(c**2 + 7 / 3 * (math.pi * helm["diffuseness"]) ** 2 - 5 * helm["skin"] ** 2) * FERMI)

    @cached_property
    def skin(self) -> float:
        """Helm's skin thickness s [1/GeV]."""
        return _form_factor("helm")["skin"] * FERMI

    @cached_property
    def screening(self) -> float:
        """Radius of the screening by the atom's electrons [1/GeV] (Tsai 1974; arXiv:0906.0580 eq. A18)."""
        return _form_factor("atom")["radius"] / math.cbrt(self.charge) / particles.mass("e-")

    @cached_property
    def q2_range(self) -> NDArray[np.float64]:
        """Momentum transfers squared [GeV^2] between which the form factor matters, shape (2,)."""
        low = _form_factor("atom")["floor"] / self.screening
        high = _form_factor("helm")["range"] * 4.49 / self.radius
        return np.array([low**2, high**2])


def _form_factor(name: str) -> dict[str, float]:
    table: dict[str, float] = tables.data_toml("nuclei.toml")["form_factor"][name]
    return table


def materials() -> list[str]:
    """Names of the materials that are known."""
    return [name for name in tables.data_toml("nuclei.toml") if name != "form_factor"]


def nucleus(name: str) -> Nucleus:
    """A material of ``data/nuclei.toml``.

    Raises
    ------
    CardError
        If it is not known.
    """
    if name not in materials():
        raise CardError(unknown_name("material", name, materials()))
    return Nucleus(name=name, **tables.data_toml("nuclei.toml")[name])


def proton() -> dict[str, float]:
    """Constants of the proton's form factor: ``dipole`` [GeV^2], ``moment_squared``."""
    return _form_factor("proton")
