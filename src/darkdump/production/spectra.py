"""Spectra of hadrons, and of the photons they decay to, made by protons in a target.

The tables are in ``data/spectra``, their names and normalisations in its ``catalogue.toml``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkdump import tables
from darkdump.errors import DarkdumpError, unknown_name
from darkdump.production.heavy_flavour import heavy_density

Array = NDArray[np.float64]

PHOTON_PARENTS = ("pi0", "eta", "etap")

FLAT = {"": 0.03, "shower": 0.002}
"""Transverse momentum [GeV] below which spectra are taken as flat in solid angle, well below the typical one: that of
hadrons and of the photons of their decays, and that of photons of the shower, whose table is smooth."""


@dataclass(frozen=True)
class Spectrum:
    """Particles per inelastic interaction in bins of angle and momentum.

    Attributes
    ----------
    name : str
        Name in the catalogue.
    table : str
        File of the table.
    log_theta, log_p : ndarray, shape (t + 1,) and (p + 1,)
        Edges of the bins: log10 of angle [rad] and momentum [GeV].
    density : dict of ndarray, shape (t, p)
        Particles per interaction in each bin, by species.
    events : int
        Interactions that were simulated, 0 for a parametrisation.
    """

    name: str
    table: str
    log_theta: Array
    log_p: Array
    density: dict[str, Array]
    events: int

    @property
    def momenta(self) -> Array:
        """Centres of the bins of momentum [GeV], shape (p,)."""
        centres: Array = 10.0 ** (0.5 * (self.log_p[1:] + self.log_p[:-1]))
        return centres

    def per_solid_angle(self, species: str) -> Array:
        """Number of a species per interaction, logarithm of momentum and solid angle [1/sr], shape (p, t).

        At each momentum the bins of a small transverse momentum are merged, see `FLAT`: their solid angle is too small
        for the simulated particles to be counted in.
        """
        solid_angle = 2.0 * np.pi * -np.diff(np.cos(np.minimum(10.0**self.log_theta, np.pi)))
        transverse = 10.0 ** (self.log_p[:-1, None] + self.log_theta[None, 1:])
        inner = transverse < FLAT.get(species, FLAT[""])
        number = self.density[species].T
        merged = np.where(inner, number, 0.0).sum(axis=1) / np.maximum((inner * solid_angle).sum(axis=1), 1e-300)
        density = np.where(inner, merged[:, None], number / solid_angle)
        per_log: Array = density / (np.diff(self.log_p) * np.log(10.0))[:, None]
        return per_log

    def multiplicity(self, species: str) -> float:
        """Number of a species per interaction."""
        return float(self.density[species].sum())


def catalogue() -> dict[str, dict[str, Any]]:
    """The spectra that can be chosen, by name."""
    return tables.data_toml("spectra", "catalogue.toml")


def table_file(name: str, target: str, momentum: float) -> str:
    """Name of the table of spectra for a target and a beam; raises as `load_spectrum`."""
    if name not in catalogue():
        raise DarkdumpError(unknown_name("spectra", name, catalogue()))
    known: dict[str, str] = catalogue()[name]["tables"]
    key = f"{momentum:g}-{target}"
    if key not in known:
        raise DarkdumpError(
            f"spectra '{name}' have no table for {momentum:g} GeV protons on {target}; known: {', '.join(known)}"
        )
    return known[key]


def load_spectrum(name: str, target: str, momentum: float, heavy: str = "pythia") -> Spectrum:
    """Spectra of one name for a target and a beam, normalised as the catalogue says.

    Parameters
    ----------
    name : str
        Name in the catalogue, for example ``"pythia"``.
    target : str
        Chemical symbol.
    momentum : float
        Of the beam [GeV].
    heavy : str
        Name of the choice for charm and beauty, see `darkdump.production.heavy_flavour`.

    Returns
    -------
    Spectrum
        With the species of the table, the mesons of charm and beauty (``D0 D+ Ds B+ B0 Bs``, with their antiparticles),
        and the sums ``photon`` (of the mesons' decays) and ``shower`` (of the electromagnetic showers which these
        start).

    Raises
    ------
    DarkdumpError
        If a name is unknown, or has no table for this target and beam.
    """
    file, entry = table_file(name, target, momentum), catalogue()[name]
    arrays, meta = tables.data_grid("spectra", file)
    edges = {axis: arrays.pop(axis) for axis in ("log_theta", "log_p")}
    factors = _factors(entry)
    density = {species: factors.get(species.split("_")[-1], 1.0) * table for species, table in arrays.items()}
    for charged in ("pip", "pim"):  # as many as neutral ones, where a table has none
        density.setdefault(charged, density["pi0"])
    for total, part in (("photon", "gamma"), ("shower", "shower")):
        density[total] = np.sum([density[f"{part}_{parent}"] for parent in PHOTON_PARENTS], axis=0)
    density |= heavy_density(heavy, target, momentum, edges["log_theta"], edges["log_p"])
    return Spectrum(name, file, edges["log_theta"], edges["log_p"], density, int(meta["events"]))


def spread(target: str, momentum: float) -> list[str]:
    """Names of the spectra for a target and a beam [GeV] whose differences are an uncertainty: those fit to data."""
    return [
        name for name, entry in catalogue().items() if entry["band"] and f"{momentum:g}-{target}" in entry["tables"]
    ]


def _factors(entry: dict[str, Any]) -> dict[str, float]:
    """Measured over generated multiplicity in pp collisions, by species; one that is not measured follows another."""
    if entry["normalisation"] == "none":
        return {}
    multiplicities = tables.data_toml("spectra", "multiplicities.toml")
    measured, follows = multiplicities[entry["normalisation"]], multiplicities["follows"]
    factors = {species: measured[species][0] / n for species, n in entry["pp"].items() if species in measured}
    return factors | {species: factors[leader] for species, leader in follows.items() if leader in factors}
