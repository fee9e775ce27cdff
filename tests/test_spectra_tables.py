"""The tables of hadrons and photons: complete, as recorded, and right where the answer is known."""

import hashlib
import json
import runpy
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]

SPECTRA = Path(str(files("darkdump") / "data" / "spectra"))
CATALOGUE = tomllib.loads((SPECTRA / "catalogue.toml").read_text())
SOURCES = tomllib.loads((SPECTRA / "sources.toml").read_text())
TABLES = sorted({name for section in CATALOGUE.values() for name in section["tables"].values()})
NUCLEAR = [name for name in TABLES if not name.endswith("_p.npz")]
MASS = {"pi0": 0.1349768, "eta": 0.547862, "etap": 0.95778}


@cache
def load(name: str) -> tuple[dict[str, Array], dict[str, Any]]:
    with np.load(SPECTRA / name) as file:
        meta: dict[str, Any] = json.loads(str(file["meta"]))
        return {key: file[key] for key in file.files if key != "meta"}, meta


@cache
def script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(SPECTRA / name))


def energy(name: str, species: str, mass: float) -> float:
    """Sum of the energies, for a density that is flat in log p in each bin."""
    table, _ = load(name)
    edges = 10 ** table["log_p"]
    mean = np.diff(edges) / np.diff(np.log(edges))
    return float(table[species].sum(0) @ np.hypot(mean, mass))


def forward(name: str, species: str) -> float:
    """Number above 20 GeV within 5 mrad (edges of bins close to these)."""
    table, _ = load(name)
    i = int(np.argmin(abs(table["log_theta"] - np.log10(5e-3))))
    j = int(np.argmin(abs(table["log_p"] - np.log10(20))))
    return float(table[species][:i, j:].sum())


@pytest.mark.parametrize("name", [*TABLES, "shower.npz"])
def test_files_are_the_recorded_ones(name: str) -> None:
    record = SOURCES[name]
    assert hashlib.sha256((SPECTRA / name).read_bytes()).hexdigest() == record["sha256"]
    _, meta = load(name)
    assert all(meta[key] == record[key] for key in ("command", "generator", "seed", "events"))


@pytest.mark.parametrize("name", TABLES)
def test_shape_and_values(name: str) -> None:
    table, meta = load(name)
    assert (len(table["log_theta"]), len(table["log_p"])) == (111, 106)
    assert table["log_p"][-1] == pytest.approx(np.log10(meta["momentum"]))
    for species, number in meta["multiplicity"].items():
        assert table[species].shape == (110, 105)
        assert table[species].dtype == np.float32
        assert np.isfinite(table[species]).all()
        assert (table[species] >= 0).all()
        assert table[species].sum(dtype=float) == pytest.approx(number, rel=2e-4, abs=1e-6)


@pytest.mark.parametrize("name", NUCLEAR)
@pytest.mark.parametrize("meson", MASS)
def test_photons_conserve_number_and_energy(name: str, meson: str) -> None:
    table, meta = load(name)
    ratio = meta["branching"][meson]
    photons = table[f"gamma_{meson}"].sum(dtype=float) + meta["below_p_min"][f"gamma_{meson}"]
    assert photons == pytest.approx(2 * ratio * table[meson].sum(dtype=float), rel=1e-3)
    lost = 0.05 * meta["below_p_min"][f"gamma_{meson}"]  # photons below 0.1 GeV, 50 MeV each
    found = energy(name, f"gamma_{meson}", 0.0) + lost
    assert found == pytest.approx(ratio * energy(name, meson, MASS[meson]), rel=0.01)


@pytest.mark.parametrize("name", NUCLEAR)
def test_shower_number_from_the_photons(name: str) -> None:
    """The fold keeps the number above 10 GeV: compare with a sum over the angle-integrated tables."""
    table, _ = load(name)
    shower, _ = load("shower.npz")
    above = np.append(np.cumsum(shower["photons"].sum(1)[::-1])[::-1], 0.0)
    j = int(np.argmin(abs(table["log_p"] - 1)))
    centre = (table["log_p"][1:] + table["log_p"][:-1]) / 2
    per_photon = np.interp(table["log_p"][j] - centre, shower["log_v"], above, right=0.0)
    expected = float(table["gamma_pi0"].sum(0) @ per_photon)
    assert table["shower_pi0"][:, j:].sum(dtype=float) == pytest.approx(expected, rel=0.01)


def test_shower_spectrum_and_angle() -> None:
    shower, meta = load("shower.npz")
    script_shower = script("shower.py")
    # Rossi and Greisen (1941): photon track length 0.572 E0 / k^2, a photon ends after 9/7
    v = 10 ** shower["log_v"]
    number = shower["photons"].sum(1)
    first = slice(0, 24)  # v < 0.01
    constant = number[first].sum() / (1 / v[0] - 1 / v[24])
    assert constant == pytest.approx(0.572 * 7 / 9, rel=0.015)
    assert script_shower["asymptotic"]() == pytest.approx((0.572 * 7 / 9, 0.437), rel=0.02)
    # sums over the simulated photons against the transport equations' exact moments
    for key, power, which in (("sum_v3", 3, 0), ("sum_v3_u2", 5, 1)):
        value, error, _ = meta[key]
        assert abs(value - script_shower["exact_moments"](power)[which]) < 4 * error
    track, _, exact = meta["electron_track_times_cut"]
    assert track == pytest.approx(exact, rel=0.01)
    assert meta["energy_below_cuts"][0] == pytest.approx(1.0, rel=1e-9)


def test_bmpt_multiplicities_on_beryllium() -> None:
    bmpt = script("bmpt.py")
    assert bmpt["sigma_inelastic"]("Be") == pytest.approx(192.4, rel=1e-3)
    # 4.51 and 0.389 with 194 mb
    assert bmpt["spectrum"]("pi", 1, bmpt["MASS"]["pi"], "Be").sum() == pytest.approx(4.51 * 194 / 192.4, rel=0.01)
    assert bmpt["spectrum"]("K", 1, bmpt["MASS"]["K"], "Be").sum() == pytest.approx(0.389 * 194 / 192.4, rel=0.01)


def test_generators_agree_within_their_spread() -> None:
    copper = [name for name in NUCLEAR if name.endswith("400_Cu.npz")]
    for count in (
        [load(name)[0]["pi0"].sum() for name in copper],  # EPOS has 1.9 times the soft pi0 of BMPT
        [forward(name, "gamma_pi0") for name in copper],
    ):
        assert max(count) < 2 * min(count)


def test_normalisation_is_complete() -> None:
    measured = tomllib.loads((SPECTRA / "multiplicities.toml").read_text())
    for section in CATALOGUE.values():
        assert section["normalisation"] in ("na27", "none")
        if section["normalisation"] == "na27":
            assert {"pi0", "eta", "etap"} <= set(section["pp"])
            assert set(section["pp"]) <= set(measured["na27"]) | set(measured["follows"])
    own = load("pythia_400_p.npz")[1]["multiplicity"]
    assert CATALOGUE["pythia"]["pp"] == pytest.approx({key: own[key] for key in CATALOGUE["pythia"]["pp"]}, rel=1e-3)
