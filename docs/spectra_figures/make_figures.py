"""Figures of the hadron and photon tables: `python make_figures.py` writes two PNG files beside this file."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
SPECTRA = Path(str(files("darkdump") / "data" / "spectra"))
MEASURED = tomllib.loads((SPECTRA / "multiplicities.toml").read_text())
THETA_MAX, P_MIN = 5e-3, 20.0


def factors(section: dict[str, Any]) -> dict[str, float]:
    """Scale of each meson's photons in a named spectrum."""
    if section["normalisation"] == "none":
        return dict.fromkeys(("pi0", "eta", "etap"), 1.0)
    pp, data = section["pp"], MEASURED["na27"]
    eta = data["eta"][0] / pp["eta"]
    return {"pi0": data["pi0"][0] / pp["pi0"], "eta": eta, "etap": eta}


def photons(section: dict[str, Any], table: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Edges of log10 p and photons within `THETA_MAX` per bin, summed over the mesons."""
    with np.load(SPECTRA / section["tables"][table]) as file:
        i = int(np.argmin(abs(file["log_theta"] - np.log10(THETA_MAX))))
        total = sum(scale * file[f"{kind}_{name}"][:i].sum(0, dtype=float) for name, scale in factors(section).items())
        return file["log_p"], np.asarray(total)


def shower_figure() -> None:
    """Spectrum and angle of the shower's photons."""
    with np.load(SPECTRA / "shower.npz") as file:
        log_v, log_u, number = file["log_v"], file["log_u"], file["photons"].astype(float)
        asymptotic = json.loads(str(file["meta"]))["asymptotic_v2_dN_dv"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    v = 10 ** ((log_v[1:] + log_v[:-1]) / 2)
    left.stairs(number.sum(1) * v / np.diff(log_v) / np.log(10), 10**log_v, label="Monte Carlo")
    left.axhline(0.572 * 7 / 9, color="C1", ls="--", label="Rossi and Greisen, v → 0")
    left.axhline(asymptotic, color="C2", ls=":", label="these cross sections, v → 0")
    left.set(xscale="log", xlabel="v = k / E₀", ylabel="v² dN/dv", ylim=(0, 0.55))
    left.legend(fontsize=8)
    for low, high in ((0.0025, 0.01), (0.03, 0.1), (0.3, 1.0)):
        rows = (log_v[:-1] >= np.log10(low) - 1e-9) & (log_v[1:] <= np.log10(high) + 1e-9)
        density = number[rows].sum(0) / number[rows].sum() / np.diff(log_u)
        right.stairs(density, 1e3 * 10**log_u, label=f"{low:g} < v < {high:g}")
    right.set(xscale="log", xlabel="θ k [MeV]", ylabel="per decade", xlim=(0.15, 100))
    right.legend(fontsize=8)
    figure.savefig(HERE / "shower.png", dpi=90)


def photon_figure() -> None:
    """Forward photons of the copper tables."""
    catalogue = tomllib.loads((SPECTRA / "catalogue.toml").read_text())
    figure, axis = plt.subplots(figsize=(5.4, 3.8), layout="constrained")
    for colour, (name, section) in enumerate(catalogue.items()):
        for kind, style in (("gamma", "-"), ("shower", ":")):
            log_p, number = photons(section, "400-Cu", kind)
            label = f"{name}, {'showers' if kind == 'shower' else 'mesons'}"
            axis.stairs(number / np.diff(log_p), 10**log_p, color=f"C{colour}", ls=style, label=label)
    axis.set(xscale="log", yscale="log", xlim=(1, 400), ylim=(1e-5, 10))
    axis.set(xlabel="photon energy [GeV]", ylabel="photons per decade, θ < 5 mrad")
    axis.set_title("400 GeV p on Cu, per inelastic interaction", fontsize=10)
    axis.legend(fontsize=7)
    figure.savefig(HERE / "photons_400_Cu.png", dpi=90)


if __name__ == "__main__":
    shower_figure()
    photon_figure()
