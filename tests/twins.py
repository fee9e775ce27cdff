"""Slow twins of the kernels and of the whole simulation: NumPy, SciPy and vector, written from the formulas alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import vector
from numpy.typing import NDArray
from scipy.integrate import quad

from darkdump.experiment import Experiment, PhotonSelection, Plane
from darkdump.production.spectra import Spectrum

Array = NDArray[np.float64]

ALPHA = 1 / 137.035999
FERMI = 1 / 0.1973269804  # [1/GeV]
PROTON = 0.93827209  # [GeV]
ELECTRON = 0.51099895e-3  # [GeV]
MASS_NUMBER = {29: 63.546, 26: 55.845}


def decay(mass: float, momentum: Array, direction: Array) -> tuple[Array, Array]:
    """Photons of a -> gamma gamma, rows of (E, px, py, pz): along +-`direction` at rest, then a Lorentz boost."""
    names = ("E", "px", "py", "pz")
    energy = np.sqrt((momentum**2).sum(axis=1) + mass**2)
    parent: Any = vector.array(dict(zip(names, [energy, *momentum.T], strict=True)))
    pair = []
    for half in (0.5 * mass, -0.5 * mass):
        at_rest = [np.full(len(direction), 0.5 * mass), *(half * direction.T)]
        photon: Any = vector.array(dict(zip(names, at_rest, strict=True)))
        moving = photon.boost_p4(parent)
        pair.append(np.column_stack([moving.E, moving.px, moving.py, moving.pz]))
    return pair[0], pair[1]


def on_plane(plane: Plane, x: Array, y: Array) -> NDArray[np.bool_]:
    """Points in the sensitive area; the rhombus and the second square hole in coordinates turned by 45 degrees."""
    dx, dy, hx, hy = x - plane.centre[0], y - plane.centre[1], x - plane.hole_centre[0], y - plane.hole_centre[1]
    turned = np.sqrt(0.5) * np.array([dx + dy, dx - dy])
    outer = (np.hypot(dx, dy) <= plane.radius) & (abs(dx) <= plane.half_width) & (abs(dy) <= plane.half_height)
    outer &= abs(turned).max(axis=0) <= plane.diagonal * np.sqrt(0.5)
    hole = np.hypot(hx, hy) < plane.hole_radius
    for u, v in ((hx, hy), (np.sqrt(0.5) * (hx + hy), np.sqrt(0.5) * (hx - hy))):
        hole |= (abs(u) < plane.hole_half_side) & (abs(v) < plane.hole_half_side)
    return outer & ~hole


def helm_radius(mass_number: float) -> float:
    """Helm's R1 [1/GeV], Lewin & Smith, Astropart. Phys. 6 (1996) 87, eq. 4.11."""
    c = 1.23 * mass_number ** (1 / 3) - 0.6
    return float(np.sqrt(c**2 + 7 / 3 * (0.52 * np.pi) ** 2 - 5 * 0.9**2)) * FERMI


def helm(q: Array, mass_number: float) -> Array:
    """Helm's form factor: a sphere of radius R1, smeared by 0.9 fm."""
    x = q * helm_radius(mass_number)
    sphere = 3 * (np.sin(x) - x * np.cos(x)) / x**3
    form: Array = np.where(x < 1e-3, 1.0, sphere) * np.exp(-((q * 0.9 * FERMI) ** 2) / 2)
    return form


def screened(q: Array, charge: float) -> Array:
    """Part of the charge that the electrons leave, a^2 q^2 / (1 + a^2 q^2), a = 111 Z^(-1/3) / m_e (Tsai 1974)."""
    aq2 = (111 * charge ** (-1 / 3) / ELECTRON * q) ** 2
    part: Array = aq2 / (1 + aq2)
    return part


def primakoff(mass: float, energy: Array, q2: Array, charge: int, bare: bool = False) -> Array:
    """dsigma/dq^2 [GeV^-4] at g = 1/GeV: alpha Z^2/8 F^2 (q^2 - q_min^2) / q^4, arXiv:1512.03069 eq. 3.16."""
    q = np.sqrt(q2)
    form = helm(q, MASS_NUMBER[charge]) * (1.0 if bare else screened(q, charge))
    sigma: Array = ALPHA * charge**2 / 8 * form**2 * (q2 - (mass**2 / (2 * energy)) ** 2) / q2**2
    return sigma


def recoil(mass: float, energy: float, t: float, charge: int) -> float:
    """dsigma/dt [GeV^-4] on a bare spin-0 nucleus of finite mass (arXiv:2010.15712, as coded in SensCalc); t < 0."""
    nucleus = MASS_NUMBER[charge] * 0.93149410242
    m2, s = nucleus**2, nucleus**2 + 2 * nucleus * energy
    form = float(helm(np.array([np.sqrt(-t)]), MASS_NUMBER[charge])[0])
    bracket = mass**2 * t * (m2 + s) - mass**4 * m2 - t * ((m2 - s) ** 2 + s * t)
    return float(2 * ALPHA * charge**2 * form**2 * m2**2 / (t**2 * (m2 - s) ** 2 * (t - 4 * m2) ** 2) * bracket)


def primakoff_total(mass: float, energy: float, charge: int, highest: float, bare: bool = False) -> float:
    """Cross section [GeV^-2] at g = 1/GeV up to the momentum transfer `highest` [GeV], over ln(q^2 / q_min^2 - 1)."""
    low2 = (mass**2 / (2 * energy)) ** 2

    def integrand(log_kick2: float) -> float:
        kick2 = np.exp(np.array([log_kick2]))
        return float((kick2 * primakoff(mass, np.array([energy]), low2 + kick2, charge, bare))[0])

    ends = np.log(low2 * 1e-6), np.log(highest**2 - low2)
    return float(quad(integrand, *ends, limit=500, epsrel=1e-8)[0])


def equivalent_photons(x: Array, q2: Array) -> Array:
    """Photons of a proton, d2n/dx dq^2 [GeV^-2]; Budnev et al., Phys. Rept. 15 (1975) 181, app. D."""
    electric2 = (1 + q2 / 0.71) ** -4
    c = 7.78 * electric2
    d = (4 * PROTON**2 * electric2 + q2 * c) / (4 * PROTON**2 + q2)
    least = (PROTON * x) ** 2 / (1 - x)
    flux: Array = ALPHA / (np.pi * x * q2) * ((1 - x) * (1 - least / q2) * d + 0.5 * x**2 * c)
    return flux


def laplace(tau: Array, density: Array, ctau: float) -> float:
    """Decays at a lifetime: integral of density(tau) exp(-tau / ctau) / ctau by the trapezoidal rule."""
    return float(np.trapezoid(density * np.exp(-tau / ctau) / ctau, tau))


@dataclass(frozen=True)
class Rays:
    """Momenta [GeV], shape (n, 3), whose weights sum to a number per proton."""

    momentum: Array
    weight: Array


def turn(energy: Array, theta: Array, rng: np.random.Generator) -> Array:
    """Momenta at the polar angle `theta` and any azimuth."""
    phi = rng.uniform(-np.pi, np.pi, len(energy))
    unit = np.column_stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    return np.asarray(energy[:, None] * unit)


def photons_of_table(spectrum: Spectrum, species: str, least: float, n: int, rng: np.random.Generator) -> Rays:
    """Photons above `least` GeV drawn from the bins of a table: in each a power of the energy, even in solid angle.

    Every bin keeps its number; the power is that between the neighbouring bins, as numbers fall by a third from one to
    the next at the highest energies.
    """
    table = spectrum.density[species]
    number = table.sum(axis=0)
    columns = np.flatnonzero((10 ** spectrum.log_p[1:] > least) & (number > 0))
    j = rng.choice(columns, n)
    below = np.cumsum(table, axis=0)
    i = np.minimum((below[:, j] <= rng.random(n) * below[-1, j]).sum(axis=0), len(table) - 1)
    after = np.append(number[1:], 0.0)
    before = number[[0, *range(len(number) - 1)]]
    fall = 0.5 * np.log(np.divide(after, before, out=np.full_like(after, 0.25), where=(after > 0) & (before > 0)))[j]
    place = np.log1p(rng.random(n) * np.expm1(fall)) / fall
    energy = 10 ** (spectrum.log_p[j] * (1 - place) + spectrum.log_p[j + 1] * place)
    edges = np.cos(np.minimum(10**spectrum.log_theta, np.pi))
    drawn = rng.random(n)
    theta = np.arccos(edges[i] * (1 - drawn) + edges[i + 1] * drawn)
    return Rays(turn(energy, theta, rng), below[-1, j] * len(columns) / n)


def photons_of_field(beam: float, least: float, n: int, rng: np.random.Generator) -> Rays:
    """Equivalent photons above `least` GeV of a proton; q_T^2 = (1 - x) q^2 - (x m_p)^2."""
    x = np.exp(rng.uniform(np.log(least / beam), 0.0, n)) * (1 - 1e-9)
    ends = np.log(1e-4 * (x * PROTON) ** 2), np.log(9.0)
    transverse2 = np.exp(rng.uniform(*ends))
    q2 = (transverse2 + (x * PROTON) ** 2) / (1 - x)
    density = equivalent_photons(x, q2) / (1 - x)  # per q_T^2
    jacobian = x * np.log(beam / least) * transverse2 * (ends[1] - ends[0])
    return Rays(turn(x * beam, np.sqrt(transverse2) / (x * beam), rng), density * jacobian / n)


def convert(photons: Rays, mass: float, charge: int, rng: np.random.Generator) -> Rays:
    """ALPs at g = 1/GeV of photons kicked across their own direction; weights times a cross section [GeV^-2]."""
    energy = np.sqrt((photons.momentum**2).sum(axis=1))
    least = mass**2 / (2 * energy)
    low = np.log(0.03 * np.maximum(least, charge ** (1 / 3) * ELECTRON / 111))
    kick = np.exp(rng.uniform(low, 0.0))
    sigma = primakoff(mass, energy, kick**2 + least**2, charge) * 2 * kick**2 * -low
    ahead = photons.momentum / energy[:, None]
    other = np.cross(ahead, rng.normal(size=ahead.shape))
    other *= (kick / np.sqrt((other**2).sum(axis=1)))[:, None]
    along2 = energy**2 - mass**2 - kick**2
    momentum = ahead * np.sqrt(np.maximum(along2, 0.0))[:, None] + other
    return Rays(momentum, np.where(along2 > 0, photons.weight * sigma, 0.0))


def selected(experiment: Experiment, vertex: Array, pair: tuple[Array, Array]) -> NDArray[np.bool_]:
    """Whether photons (E, px, py, pz) of decays at `vertex` [m] pass the two-photon selection of an experiment."""
    cut = experiment.selections["gamma gamma"]
    assert isinstance(cut, PhotonSelection)
    plane = experiment.planes[cut.calorimeter]
    ok = np.ones(len(vertex), dtype=bool)
    count = np.zeros(len(vertex))
    where = []
    for photon in pair:
        slope = photon[:, 1:3] / photon[:, 3:]
        hit = vertex[:, :2] + slope * (plane.z - vertex[:, 2:])
        on = on_plane(plane, *hit.T) & (photon[:, 3] > 0)
        good = (photon[:, 0] >= cut.energy[0]) & (photon[:, 0] <= cut.energy[1])
        count += on & good
        ok &= good | ~on | (not cut.each)
        where.append(np.where(on[:, None], hit, np.inf if photon is pair[0] else -np.inf))
        for veto in (experiment.planes[name] for name in cut.vetoes):
            passing = vertex[:, :2] + slope * (veto.z - vertex[:, 2:])
            ok &= (veto.z <= vertex[:, 2]) | (np.hypot(*passing.T) <= veto.radius)
    apart = np.hypot(*(where[0] - where[1]).T) >= cut.separation
    passed: NDArray[np.bool_] = ok & (count >= cut.photons) & apart
    return passed


def dump_yield(
    experiment: Experiment, alps: Rays, mass: float, ctau: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Accepted decays and their error: each particle decays at a distance drawn from its exponential in the volume."""
    momentum = np.sqrt((alps.momentum**2).sum(axis=1))
    ahead = alps.momentum / momentum[:, None]
    cosine = np.maximum(ahead[:, 2], 1e-3)
    target = np.array(experiment.target.position)
    length = momentum / mass * ctau
    first, last = ((z - target[2]) / cosine for z in (experiment.volume.aperture.z, experiment.volume.end))
    inside = np.expm1((first - last) / length)
    vertex = target + ahead * (first - length * np.log1p(rng.random(len(length)) * inside))[:, None]
    weight = alps.weight * np.exp(-first / length) * -inside * experiment.selections["gamma gamma"].efficiency
    keep = on_plane(experiment.volume.aperture, vertex[:, 0], vertex[:, 1]) & (ahead[:, 2] > 0) & (weight > 0)
    rest = rng.normal(size=(keep.sum(), 3))
    pair = decay(mass, alps.momentum[keep], rest / np.sqrt((rest**2).sum(axis=1))[:, None])
    found = weight[keep] * selected(experiment, vertex[keep], pair)
    number = len(weight)
    return float(found.sum()), float(np.sqrt(max((found**2).sum() - found.sum() ** 2 / number, 0.0)))
