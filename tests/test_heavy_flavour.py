"""Charm and beauty: yields against other codes, shapes of parametrisations and of generated tables, sources."""

import hashlib
import json
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.formfactors.nuclear import materials, nucleus
from darkdump.production import heavy_flavour
from darkdump.production.heavy_flavour import choices, heavy_density, heavy_names, heavy_spread, quark_pairs, species
from darkdump.production.spectra import catalogue, load_spectrum

Array = NDArray[np.float64]

SPECTRA = Path(str(files("darkdump") / "data" / "spectra"))
SOURCES = tomllib.loads((SPECTRA / "sources.toml").read_text())
TABLES = ["charm_400_p", "charm_400_n", "beauty_400_p", "beauty_400_n", "charm_70_p", "charm_70_n"]
LOG_THETA, LOG_P = np.linspace(-5.0, 0.5, 111), np.linspace(-1.0, np.log10(400.0), 106)
THETA, P = 10 ** (0.5 * (LOG_THETA[1:] + LOG_THETA[:-1]))[:, None], 10 ** (0.5 * (LOG_P[1:] + LOG_P[:-1]))
MASS = {"charm": 1.867, "beauty": 5.28}


@cache
def density(name: str) -> dict[str, Array]:
    """Of 400 GeV protons on copper."""
    return heavy_density(name, "Cu", 400.0, LOG_THETA, LOG_P)


def mean(grid: Array, of: Array) -> float:
    return float((grid * of).sum() / grid.sum())


def x_f(mass: float) -> Array:
    """Longitudinal momentum in the centre of mass of 400 GeV protons and nucleons, over its largest."""
    proton = 0.93827209
    energy = np.hypot(400.0, proton) + proton
    root_s = np.sqrt(energy**2 - 400.0**2)
    along = (energy * P * np.cos(THETA) - 400.0 * np.hypot(P, mass)) / root_s
    x: Array = along / np.sqrt(root_s**2 / 4 - mass**2)
    return x


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_the_recorded_ones(name: str) -> None:
    record, path = SOURCES[f"{name}.npz"], SPECTRA / f"{name}.npz"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record["sha256"]
    with np.load(path) as file:
        meta = json.loads(str(file["meta"]))
        assert all(meta[key] == record[key] for key in ("command", "generator", "seed", "events"))
        for meson, number in meta["multiplicity"].items():
            assert file[meson].shape == (110, 105)
            assert (file[meson] >= 0).all()
            assert file[meson].sum(dtype=float) == pytest.approx(number, rel=2e-4)
    assert 1.9 < sum(meta["multiplicity"].values()) < 2.01  # a few other baryons


def test_pairs_on_copper() -> None:
    """sigma A / sigma_inelastic: 1.6537e-3 and 2.1746e-7 by hand; SHiP has 1.7e-3 and 1.6e-7 on molybdenum."""
    pairs = quark_pairs("pythia", nucleus("Cu"), 400.0)
    assert pairs["charm"] == pytest.approx(20e-3 * 63.546 / 768.54, rel=1e-3)
    assert pairs["beauty"] == pytest.approx(2.63e-6 * 63.546 / 768.54, rel=1e-3)
    ship = quark_pairs("ship", nucleus("Cu"), 400.0)
    assert ship["charm"] / 2.3 == pytest.approx(1.7e-3, rel=0.15)
    assert ship["beauty"] / 1.7 == pytest.approx(1.6e-7, rel=0.15)
    for material in materials():
        assert quark_pairs("pythia", nucleus(material), 400.0)["charm"] == pytest.approx(1.5e-3, rel=0.5)


@pytest.mark.parametrize("name", heavy_names(400.0))
def test_numbers_of_mesons(name: str) -> None:
    """The sum over the bins is two quarks times the fraction that becomes the meson."""
    pairs = quark_pairs(name, nucleus("Cu"), 400.0)
    fractions = heavy_flavour._part(name, "fragmentation")["species"]
    for meson, (quark, _) in species().items():
        assert density(name)[meson].sum() == pytest.approx(2 * pairs[quark] * fractions[meson], rel=1e-9, abs=0)
        assert (density(name)[meson] >= 0).all()
        assert density(name)[meson].shape == (110, 105)
    for quark in MASS:
        whole = sum(fractions[meson] for meson in species() if species()[meson][0] == quark)
        assert whole < 1.0 or (name == "prompt-neutrinos" and whole == pytest.approx(1.0)), "the rest are baryons"


@pytest.mark.parametrize(("n", "slope", "power"), [(4.9, 0.99, 2.0), (6.8, 0.81, 2.0), (5.0, 2.0, 1.0)])
def test_power_law_on_the_grid(n: float, slope: float, power: float) -> None:
    """All of it is on the grid; <pT^2> is 1/b, or 6/b^2 of exp(-b pT); |xF| and pT are those of the power law."""
    how = {"terms": [[n, slope]], "power": power}
    grid = heavy_flavour.parametrised(how, MASS["charm"], 400.0, LOG_THETA, LOG_P)
    assert grid.sum() == pytest.approx(1.0, abs=2e-3)
    assert mean(grid, (P * np.sin(THETA)) ** 2) == pytest.approx(1 / slope if power == 2.0 else 6 / slope**2, rel=0.01)
    x = x_f(MASS["charm"])
    assert mean(grid, np.abs(x)) == pytest.approx(1 / (n + 2), rel=0.01)
    assert mean(grid, x) == pytest.approx(0.0, abs=0.002)
    for least in (0.1, 0.2, 0.3):  # edges of bins are 4 % off on average
        assert grid[x > least].sum() == pytest.approx(0.5 * (1 - least) ** (n + 1), rel=0.15)


def test_beauty_reaches_phase_space() -> None:
    """Beauty of b = 0.13 falls off before the largest momentum: <pT^2> is 1/b."""
    assert mean(density("power-law")["B+"], (P * np.sin(THETA)) ** 2) == pytest.approx(1 / 0.13, rel=0.02)


def test_reweighting() -> None:
    """Pythia has more pT than was measured; with weights, <pT^2> = 1/0.99 and the number in steps of pT is right."""
    raw, found = density("pythia-raw")["D0"], density("pythia")["D0"]
    pt2 = (P * np.sin(np.minimum(THETA, np.pi))) ** 2
    assert 1.4 < mean(raw, pt2) < 1.7
    assert mean(found, pt2) == pytest.approx(1 / 0.99, rel=0.02)
    for least in (0.25, 1.0, 2.0):
        assert found[pt2 > least].sum() / found.sum() == pytest.approx(np.exp(-0.99 * least), rel=0.05)
    x = np.abs(x_f(MASS["charm"]))
    assert mean(found, x) == pytest.approx(mean(raw, x), rel=0.05)
    assert density("pythia")["B+"] == pytest.approx(density("pythia-raw")["B+"] * 0.411 / 0.408, rel=1e-6, abs=0)


def test_shapes_agree_forward() -> None:
    """Mesons of charm above 20 GeV within 5 mrad: the shapes lie within a factor 2.5."""
    forward = (THETA < 5e-3) & (P > 20.0)
    parts = [density(name)["D+"][forward].sum() / density(name)["D+"].sum() for name in heavy_names(400.0)]
    assert max(parts) < 2.5 * min(parts)


def test_spectrum_has_heavy_mesons() -> None:
    """For every spectra, target and beam; nothing where no cross section is known."""
    for name, entry in catalogue().items():
        momentum, target = next(iter(entry["tables"])).split("-")
        spectrum = load_spectrum(name, target, float(momentum))
        for meson in species():
            assert spectrum.density[meson].shape == spectrum.density["pi0"].shape
    iron = load_spectrum("pythia", "Fe", 70.0)
    assert iron.multiplicity("D0") == pytest.approx(2 * 0.632 * 2.2e-3 * 55.845 / 702.0, rel=0.01)
    assert iron.multiplicity("B+") == 0.0
    assert load_spectrum("pythia", "Cu", 400.0, heavy="svd").multiplicity("D0") == 0.0
    assert heavy_density("pythia", "Be", 30.0, LOG_THETA, LOG_P)["D0"].sum() == 0.0


def test_names() -> None:
    assert heavy_names(400.0)[0] == "pythia"
    assert "svd" in heavy_names(70.0)
    assert "ship" not in heavy_names(70.0)
    assert heavy_names(30.0) == []
    assert heavy_names(120.0) == ["power-law", "power-law-species", "e653", "charm", "bebc"]  # no tables of Pythia
    assert heavy_density("pythia", "Fe", 120.0, LOG_THETA, LOG_P)["D0"].sum() == 0.0
    assert heavy_density("power-law", "Fe", 120.0, LOG_THETA, LOG_P)["D0"].sum() > 0.0
    assert set(heavy_spread(400.0)) < set(heavy_names(400.0))
    with pytest.raises(DarkdumpError, match="did you mean pythia"):
        load_spectrum("pythia", "Cu", 400.0, heavy="pithia")
    for entry in choices().values():
        for part in ("cross_sections", "fragmentation", "cascade", "shapes"):
            assert heavy_flavour._data(part)[entry["parts"][part]]["source"]
