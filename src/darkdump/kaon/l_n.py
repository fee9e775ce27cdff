"""K+ -> l+ N and pi+ -> e+ N with N not seen: a peak in the missing mass over backgrounds that are simulated."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from darkdump import particles
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.flight import LIFETIMES, REST, Decays, beam, proper_flights
from darkdump.kaon.l_n_backgrounds import processes, spectra
from darkdump.kaon.l_n_selection import AXES, Spectrum, decays_of, reach, selected
from darkdump.kaon.pdg import branching_ratio
from darkdump.kaon.peak import MassScan, Peak, scan_masses
from darkdump.kaon.sampling import cube, rms
from darkdump.kaon.types import Array, Estimate
from darkdump.phasespace import two_body
from darkdump.portals.hnl_production import leptonic

POINTS = 2**11
"""Sobol points of each scramble, at each mass."""

SMOOTH = 3.0
"""Backgrounds are counted in this many windows around a mass, as if their spectrum were straight there."""

FLAVOURS: Final = {"e+": "e", "mu+": "mu"}
"""Charged leptons, and how the portal names their flavour."""


def enhancement(parent: str, lepton: str, mass: float) -> float:
    """BR(P+ -> l+ N) / BR(P+ -> l+ nu) at a mixing of one, for N of a mass [GeV]."""
    meson, flavour = LIFETIMES[parent], FLAVOURS[lepton]
    return leptonic(meson, flavour, mass).width / leptonic(meson, flavour, 0.0).width


@dataclass(frozen=True)
class Signal:
    """Simulated P+ -> l+ N: what is selected, its resolution [GeV^2], and proper flights as `Peak` has them [m]."""

    spectrum: Spectrum
    resolution: float
    flights: Array


@cache
def _beam(parent: str, seed: int) -> Decays:
    """Decays of the beam in `reach`: where and how fast, the same for all masses."""
    return beam(apparatus(), reach(), cube(AXES, POINTS, seed), parent)


def signal(data: DataSet, mass: float, seed: int = 1) -> Signal:
    """P+ -> l+ N for a mass of N [GeV], with the same random numbers for all masses."""
    points = cube(AXES, POINTS, seed)
    rest = two_body(particles.mass(data.parent), particles.mass(data.lepton), mass, points[:, REST:])
    decays = _beam(data.parent, seed).to(rest)
    weight = decays.weight * decays_of(data, data.parent, reach())
    found, index = selected(data, decays, decays.vertex, decays.daughters[:, 0], weight, points)
    own = np.diff(found.below)
    if not len(own):
        return Signal(found, math.nan, np.empty(0))
    width = rms(found.missing_mass2, mass**2, own)
    return Signal(found, width, proper_flights(apparatus(), decays.vertex, decays.daughters[:, 1], mass, index))


def background(data: DataSet, low: float, high: float, seed: int = 1) -> dict[str, Estimate]:
    """Expected events between two squared masses [GeV^2], and their numerical errors, by process.

    They are counted in `SMOOTH` such windows side by side.
    """
    found, wide, known = {}, 0.5 * (SMOOTH - 1.0) * (high - low), processes(data)
    for name, parts in spectra(data, seed).items():
        scale = data.exposure[0] * branching_ratio(known[name].ratio) / SMOOTH
        windows = [part.window(low - wide, high + wide) for part in parts]
        found[name] = scale * sum(b for b, _ in windows), scale * math.hypot(*(db for _, db in windows))
    return found


@cache
def sideband_error(window: float, sideband: float, order: int) -> float:
    """Error of the background in a window from a fit of a polynomial to the sidebands, over its square root.

    The sidebands reach from the window's edge to `sideband`, both in units of the resolution; counts are Poisson, and
    evenly spread.

    Parameters
    ----------
    window, sideband : float
        Half-widths.
    order : int
        Of the polynomial.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order + 1)
    half = 0.5 * (sideband - window)
    outside = window + half * (1.0 + nodes)
    both = np.concatenate([outside, -outside])
    basis = np.polynomial.legendre.legvander(both / sideband, order)
    information = basis.T @ (np.tile(half * weights, 2)[:, None] * basis)
    inside = window * weights @ np.polynomial.legendre.legvander(window * nodes / sideband, order)
    variance = float(inside @ np.linalg.solve(information, inside))
    return math.sqrt(variance / (2.0 * window))


def peak(data: DataSet, mass: float, window: float, residual: bool = False, seed: int = 1) -> Peak | None:
    """What a data set expects at a mass [GeV]; None where no decay is accepted.

    Parameters
    ----------
    data : DataSet
    mass : float
    window : float
        Half-width of the window in units of the resolution.
    residual : bool
        Whether the card's relative error of the background is added to that of the sidebands.
    seed : int
        Of the random numbers.
    """
    if mass <= 0.0 or mass + particles.mass(data.lepton) >= particles.mass(data.parent):
        return None
    found = signal(data, mass, seed)
    if not found.resolution > 0.0:
        return None
    half = window * found.resolution
    accepted, numerical = found.spectrum.window(mass**2 - half, mass**2 + half)
    if accepted <= 0.0:
        return None
    name = {"K+": "", "pi+": "pi+ "}[data.parent] + f"{data.lepton} nu"
    rate = branching_ratio(name) * enhancement(data.parent, data.lepton, mass)
    simulated = background(data, mass**2 - half, mass**2 + half, seed)
    events = {k: b for k, (b, _) in simulated.items()}
    total = sum(events.values())
    side = sideband_error(window, max(data.given("sideband"), window * 1.01), round(data.given("sideband order")))
    relative = side / math.sqrt(max(total, 1e-300))
    relative = math.hypot(relative, data.given("residual") if residual else 0.0)
    decays, error = data.exposure
    return Peak(
        acceptance=accepted,
        error=numerical / accepted,
        resolution=found.resolution,
        sensitivity=1.0 / (decays * accepted * rate),
        sensitivity_error=error,
        background={k: (b, relative * math.sqrt(b * total)) for k, b in events.items()},
        noise=math.hypot(*(error for _, error in simulated.values())) / max(total, 1e-300),
        flights=found.flights,
    )


def parameter(data: DataSet) -> str:
    """What is limited, as text."""
    return f"|U_{FLAVOURS[data.lepton]}|^2"


def scan(
    data: DataSet,
    masses: Array,
    window: float | None = None,
    confidence_level: float = 0.9,
    residual: bool = False,
    seed: int = 1,
) -> MassScan:
    """Limits on the squared mixing of N with the lepton's flavour against its mass [GeV].

    The background is known from its sidebands, whose statistical error is calculated (`sideband_error`).

    Parameters
    ----------
    data : DataSet
        A search for ``"hnl"``.
    masses : ndarray, shape (m,)
        Of which those that cannot be made are left out.
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if not given.
    confidence_level : float
    residual : bool
        Whether the card's relative error of the background is added.
    seed : int
        Of the random numbers.

    Raises
    ------
    DarkdumpError
        If no mass is left, or the card lacks a number.
    """
    processes(data)
    half = data.scanned.window if window is None else window
    return scan_masses(parameter(data), masses, lambda mass: peak(data, mass, half, residual, seed), confidence_level)
