"""Recompute the tables on heavy flavour and on the modes of vectors: `python docs/compare_production.py`."""

import numpy as np
from compare import table, write

from darkdump import load_model
from darkdump.formfactors.nuclear import nucleus
from darkdump.kernels.flux import opening
from darkdump.production import PRODUCTION
from darkdump.production.flux import Setting
from darkdump.production.heavy_flavour import heavy_names, quark_pairs
from darkdump.production.spectra import load_spectrum


def heavy() -> None:
    """Charm and beauty of each named choice, all of it and what goes forward."""
    rows = []
    for name in heavy_names(400.0):
        spectrum = load_spectrum("pythia", "Cu", 400.0, heavy=name)
        theta, p = (10 ** (0.5 * (edge[1:] + edge[:-1])) for edge in (spectrum.log_theta, spectrum.log_p))
        forward = (theta < 5e-3)[:, None] & (p > 20.0)
        cells = []
        for quark, meson in (("charm", "D+"), ("beauty", "B+")):
            grid = spectrum.density[meson]
            pt2 = (grid * (p * np.sin(np.minimum(theta, np.pi))[:, None]) ** 2).sum() / grid.sum()
            pairs = quark_pairs(name, nucleus("Cu"), 400.0)[quark]
            cells += [f"{pairs:.2e}", f"{pt2:.2f}", f"{grid[forward].sum() / grid.sum():.3f}"]
        rows.append([name, *cells])
    head = [f"{quark}: {what}" for quark in "cb" for what in ("pairs", "mean pT² [GeV²]", "forward part")]
    write("spectra.md", "heavy", table(["choice", *head], rows))


def modes() -> None:
    """Vectors above 10 GeV within 5.3 mrad per proton and epsilon squared, by mode."""
    spectrum = load_spectrum("pythia", "Cu", 400.0)
    place = Setting(400.0, nucleus("Cu"), spectrum, 10.0, (0.0, 5.3e-3), load_model("dark-photon").pattern)
    wide = [opening(float(energy), *place.slopes2) for energy in place.energies]
    names = ("brems-bb-ff", "brems-qra-1.5", "mixing-momentum", "mixing-kinetic", "drell-yan")
    fluxes = {name: PRODUCTION[name].prepare(place) for name in names}
    rows = []
    for mass in (0.1, 0.5, 0.7, 0.9, 1.2, 1.5, 2.0, 3.0):
        counts = [(flux(mass) * place.solid_angles).mean(axis=1) @ wide for flux in fluxes.values()]
        width = np.log(place.energies[1] / place.energies[0])
        rows.append([f"{mass:g}", *(f"{count * width:.1e}" for count in counts)])
    write("dark_photon.md", "modes", table(["mass [GeV]", *names], rows))


if __name__ == "__main__":
    heavy()
    modes()
