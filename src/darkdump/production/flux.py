"""What every production mode takes and gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from darkdump.formfactors.nuclear import Nucleus
from darkdump.kernels.flux import direction, opening
from darkdump.production.spectra import Spectrum

Array = NDArray[np.float64]

DIRECTIONS = 24
"""Nodes of a flux between the least and the largest angle."""


@dataclass(frozen=True)
class Setting:
    """What a production mode may know: the beam, the target, and the particles that can reach the decay volume.

    Attributes
    ----------
    beam_momentum : float
        [GeV]
    nucleus : Nucleus
    spectrum : Spectrum
        Of the hadrons and photons made by the beam in the target; its momenta are the energies of the fluxes.
    min_energy : float
        Particles below are not looked at [GeV].
    angles : tuple of float
        Least and largest angle to the beam [rad].
    pattern : mapping
        Relative size of the model's couplings.
    """

    beam_momentum: float
    nucleus: Nucleus
    spectrum: Spectrum
    min_energy: float
    angles: tuple[float, float]
    pattern: Mapping[str, float]

    @cached_property
    def bins(self) -> slice:
        """Momentum bins of the spectrum that are looked at."""
        first = int(np.searchsorted(self.spectrum.log_p, np.log10(self.min_energy), side="right")) - 1
        return slice(min(max(first, 0), len(self.spectrum.log_p) - 3), len(self.spectrum.log_p) - 1)

    @cached_property
    def energies(self) -> Array:
        """Nodes of the fluxes: centres of the bins [GeV], shape (e,)."""
        centres: Array = 10.0 ** (0.5 * (self.spectrum.log_p[1:] + self.spectrum.log_p[:-1]))
        return centres[self.bins]

    @cached_property
    def directions(self) -> Array:
        """Angles to the beam at the nodes [rad], shape (e, u)."""
        return np.arctan(self._nodes[..., 0])

    @cached_property
    def solid_angles(self) -> Array:
        """Solid angle per unit of the grid's coordinate [sr], over that of the kernel's `opening`, shape (e, u)."""
        low2, high2 = self.slopes2
        openings = [opening(energy, low2, high2) for energy in self.energies]
        ratio: Array = self._nodes[..., 1] / np.array(openings)[:, None]
        return ratio

    @cached_property
    def _nodes(self) -> Array:
        """Tangent of the angle, and solid angle per unit of the coordinate [sr], shape (e, u, 2)."""
        low2, high2 = self.slopes2
        coordinate = np.linspace(0.0, 1.0, DIRECTIONS)
        return np.array([[direction(energy, low2, high2, u) for u in coordinate] for energy in self.energies])

    @cached_property
    def slopes2(self) -> Array:
        """Squares of the tangents of least and largest angle, shape (2,)."""
        return np.tan(self.angles) ** 2


Flux = Callable[[float], Array]
"""From a mass [GeV] to particles per proton on target (POT), logarithm of energy and solid angle [1/sr] at the nodes of
the setting, shape (e, u), at a coupling of one.  Particles with a spin have the shape (3, e, u): the number, and the
number times the mean spin along the flight, and across it, away from the beam."""


@dataclass(frozen=True)
class Mode:
    """A production mode.

    Attributes
    ----------
    prepare : callable
        From a `Setting` to a `Flux`: what does not depend on the mass is done once.
    title : str
        For pictures and lists.
    inspire : tuple of str
        INSPIRE keys to cite.
    process : str
        What happens, where there are several prescriptions of it, of which only one counts.
    power : int
        Power of the coupling in the yield.
    heavy : bool
        Whether its parents hold charm or beauty.
    part : str
        Key of the model's pattern with which the yield goes, empty if with none.
    """

    prepare: Callable[[Setting], Flux]
    title: str
    inspire: tuple[str, ...] = ()
    process: str = ""
    power: int = 2
    heavy: bool = False
    part: str = ""

    def strength(self, pattern: Mapping[str, float]) -> float:
        """What the pattern adds to the yield as a factor: that of `part`, or one."""
        return pattern[self.part] if self.part else 1.0
