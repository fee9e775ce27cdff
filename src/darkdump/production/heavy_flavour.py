"""Spectra of charm and beauty mesons, by named choice of cross section, fragmentation, cascade and shape.

Everything that a choice may take is in ``data/heavy_flavour.toml``.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import particles, tables
from darkdump.errors import DarkdumpError, unknown_name
from darkdump.formfactors.nuclear import Nucleus, nucleus
from darkdump.units import GEV2_MB

Array = NDArray[np.float64]

NODES = 2
"""Points of a bin, in each direction, at which a parametrisation is taken."""

LOG_PT = np.linspace(-3.0, 2.5, 111)
"""Edges of the bins of the transverse momentum, log10(pT / GeV), in which generated spectra are reweighted."""


def choices() -> dict[str, dict[str, Any]]:
    """The named choices."""
    return _data("choices")


def species() -> dict[str, list[str]]:
    """Species of the spectra, and for each its quark and its name in the `particle` library."""
    return _data("species")


def sources(name: str) -> dict[str, str]:
    """Where the parts of a choice are from: cross sections, fragmentation, cascade, shapes."""
    return {part.replace("_", " "): str(_part(name, part)["source"]) for part in choices()[name]["parts"]}


def heavy_names(momentum: float) -> list[str]:
    """Names of the choices that give charm for a beam [GeV]: those with a cross section and a shape."""
    known = (name for name in choices() if "charm" in _cross_sections(name, momentum))
    return [name for name in known if _known(_part(name, "shapes")["charm"], momentum)]


def heavy_spread(momentum: float) -> list[str]:
    """Names of the choices for a beam [GeV] whose differences are an uncertainty."""
    return [name for name in heavy_names(momentum) if choices()[name]["band"]]


def quark_pairs(name: str, target: Nucleus, momentum: float) -> dict[str, float]:
    """Pairs of charm and beauty quarks for each inelastic interaction, with those of the cascade that a choice counts.

    sigma(quark pair, nucleon) A^power / sigma_inelastic(nucleus) x cascade factor.

    Parameters
    ----------
    name : str
        Of the choice.
    target : Nucleus
    momentum : float
        Of the beam [GeV].

    Returns
    -------
    dict of float
        By quark; none for a quark whose cross section is not known at this momentum.
    """
    power: float = _data("dependence")["power"]
    inelastic = target.sigma_inelastic * GEV2_MB * 1e3
    cascade = _part(name, "cascade")["factors"]
    shift: float = choices()[name].get("shift", 0.0)
    return {
        quark: (value + shift * error) * target.mass_number**power / inelastic * cascade[quark]
        for quark, (value, error) in _cross_sections(name, momentum).items()
    }


def heavy_density(name: str, target: str, momentum: float, log_theta: Array, log_p: Array) -> dict[str, Array]:
    """Mesons of charm and beauty, particles and antiparticles, for each inelastic interaction.

    Parameters
    ----------
    name : str
        Of the choice.
    target : str
        Chemical symbol.
    momentum : float
        Of the beam [GeV].
    log_theta, log_p : ndarray, shape (t + 1,) and (p + 1,)
        Edges of the bins: log10 of angle [rad] and momentum [GeV].

    Returns
    -------
    dict of ndarray, shape (t, p)
        By species; zero where the choice has no cross section or no table for the beam.

    Raises
    ------
    DarkdumpError
        If the choice is not known.
    """
    if name not in choices():
        raise DarkdumpError(unknown_name("heavy flavour", name, choices()))
    material, shape = nucleus(target), _part(name, "shapes")
    pairs, fractions = quark_pairs(name, material, momentum), _part(name, "fragmentation")["species"]
    density = {}
    for meson, (quark, particle) in species().items():
        density[meson] = np.zeros((len(log_theta) - 1, len(log_p) - 1))
        how = shape.get(meson, shape[quark])
        if quark in pairs and _known(how, momentum):
            if "table" in how:
                made = _data("like").get(meson, meson)
                grid = generated(how, made, material, momentum, log_theta, log_p)
            else:
                grid = parametrised(how, particles.mass(particle), momentum, log_theta, log_p)
            density[meson] = 2.0 * pairs[quark] * fractions[meson] * grid / grid.sum()
    return density


def generated(
    how: dict[str, Any], meson: str, material: Nucleus, momentum: float, log_theta: Array, log_p: Array
) -> Array:
    """Mesons of a generator's tables for protons and neutrons, as many as the nucleus has of each.

    The tables count with their cross sections, and are `reweighted` if the shape has a slope.

    Parameters
    ----------
    how : dict
        Shape of ``data/heavy_flavour.toml``: ``table``, and maybe ``slope`` [GeV^-2].
    meson : str
        Species.
    material : Nucleus
    momentum : float
        Of the beam [GeV].
    log_theta, log_p : ndarray, shape (t + 1,) and (p + 1,)
        As in `heavy_density`.

    Returns
    -------
    ndarray, shape (t, p)
        Up to a factor.
    """
    parts = {"p": material.charge, "n": material.mass_number - material.charge}
    total = np.zeros((len(log_theta) - 1, len(log_p) - 1))
    for nucleon, number in parts.items():
        arrays, meta = tables.data_grid("spectra", f"{how['table']}_{momentum:g}_{nucleon}.npz")
        total += number * meta["sigma_mb"] * arrays[meson]
    return reweighted(total, how["slope"], log_theta, log_p) if "slope" in how else total


def reweighted(table: Array, slope: float, log_theta: Array, log_p: Array) -> Array:
    """The table with weights that depend on pT only and make its spectrum exp(-slope pT^2) dpT^2.

    Parameters
    ----------
    table : ndarray, shape (t, p)
    slope : float
        [GeV^-2]
    log_theta, log_p : ndarray, shape (t + 1,) and (p + 1,)
        As in `heavy_density`.

    Returns
    -------
    ndarray, shape (t, p)
        Its sum is one, less what lies outside of the table.
    """
    theta, p = np.minimum(10.0 ** _centres(log_theta), np.pi), 10.0 ** _centres(log_p)
    log_pt = np.log10(np.maximum(p * np.sin(theta)[:, None], 1e-30))
    bins = np.clip(np.searchsorted(LOG_PT, log_pt) - 1, 0, len(LOG_PT) - 2)
    found = np.bincount(bins.ravel(), table.ravel(), len(LOG_PT) - 1)
    wanted = -np.diff(np.exp(-slope * 10.0 ** (2.0 * LOG_PT)))
    weight = np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0.0)
    new: Array = table * weight[bins]
    return new


def parametrised(how: dict[str, Any], mass: float, momentum: float, log_theta: Array, log_p: Array) -> Array:
    """Mesons spread as the mean of terms d2N / dxF dpT^2 ~ (1 - |xF|)^n exp(-slope pT^power).

    xF is the longitudinal momentum in the centre of mass over its largest value; dxF dpT^2 = 2 pT p E* / (E p*max)
    dp dtheta.

    Parameters
    ----------
    how : dict
        Shape of ``data/heavy_flavour.toml``: ``terms`` of n and slope [GeV^-power], and maybe ``power``, 1 or 2.
    mass : float
        Of the meson [GeV].
    momentum : float
        Of the beam [GeV].
    log_theta, log_p : ndarray, shape (t + 1,) and (p + 1,)
        As in `heavy_density`.

    Returns
    -------
    ndarray, shape (t, p)
        Its sum is one, less what lies beyond the largest momentum.
    """
    proton = particles.mass("p")
    energy = np.hypot(momentum, proton) + proton
    root_s = np.sqrt(energy**2 - momentum**2)
    boost, drift, largest = energy / root_s, momentum / energy, np.sqrt(root_s**2 / 4.0 - mass**2)
    theta, p = np.minimum(10.0 ** _inner(log_theta), np.pi)[:, None], 10.0 ** _inner(log_p)
    total = np.hypot(p, mass)
    along, across = p * np.cos(theta), p * np.sin(theta)
    x = boost * (along - drift * total) / largest
    slow = boost * (total - drift * along)
    cell = np.log(10.0) ** 2 * (log_theta[1] - log_theta[0]) * (log_p[1] - log_p[0]) / NODES**2
    jacobian = 2.0 * cell / largest * across * p * slow / total * theta * p
    inside = x**2 + (across / largest) ** 2 < 1.0
    fall, far = np.log(np.where(inside, 1.0 - np.abs(x), 1.0)), across ** how.get("power", 2.0)
    terms = [np.exp(n * fall - slope * far) * _norm(n, slope, how.get("power", 2.0)) for n, slope in how["terms"]]
    fine = inside * jacobian * sum(terms) / len(terms)
    grid: Array = fine.reshape(len(log_theta) - 1, NODES, len(log_p) - 1, NODES).sum(axis=(1, 3))
    return grid


def _norm(n: float, slope: float, power: float) -> float:
    """One over the integral of a term over all xF and pT^2."""
    return (n + 1.0) / 2.0 * (slope if power == 2.0 else slope**2 / 2.0)


def _inner(edges: Array) -> Array:
    """`NODES` midpoints in each bin."""
    part = (np.arange(NODES) + 0.5) / NODES
    points: Array = (edges[:-1, None] + part * np.diff(edges)[:, None]).ravel()
    return points


def _centres(edges: Array) -> Array:
    centres: Array = 0.5 * (edges[1:] + edges[:-1])
    return centres


def _data(table: str) -> dict[str, Any]:
    entries: dict[str, Any] = tables.data_toml("heavy_flavour.toml")[table]
    return entries


def _part(name: str, part: str) -> dict[str, Any]:
    """What a choice takes of the cross sections, fragmentation, cascade factors or shapes."""
    entry: dict[str, Any] = _data(part)[choices()[name]["parts"][part]]
    return entry


def _known(how: dict[str, Any], momentum: float) -> bool:
    """Whether a shape has what it needs for a beam: the tables of a generator."""
    return "table" not in how or tables.data_path("spectra", f"{how['table']}_{momentum:g}_p.npz").exists()


def _cross_sections(name: str, momentum: float) -> dict[str, list[float]]:
    entry: dict[str, list[float]] = _part(name, "cross_sections").get(f"{momentum:g}", {})
    return entry
