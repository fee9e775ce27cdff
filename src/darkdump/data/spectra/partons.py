"""Densities of the light quarks in the proton and the transverse momentum of Drell-Yan pairs, from pythia8mc.

Run it in an environment with the `gen` extra:

    python partons.py

writes ../parton_densities.csv (Pythia's default set, NNPDF2.3 QCD+QED LO with alpha_s = 0.130) and ../drell_yan.csv
(p p -> gamma* -> mu mu at 400 GeV, with initial-state radiation and primordial transverse momentum).
"""

import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent.parent
QUARKS = {"u": 2, "ubar": -2, "d": 1, "dbar": -1, "s": 3, "sbar": -3}
SCALES = (1.5, 2.0, 3.0, 4.5, 7.0, 10.0)
X = np.concatenate([np.geomspace(1e-3, 0.1, 25), np.linspace(0.12, 0.96, 29)])
MASSES, EVENTS, WIDTH = (1.5, 2.0, 3.0, 4.0, 5.0), 20000, 0.05
ALPHA = 1 / 137.035999


def start(mass: float) -> Any:
    """Pythia for pairs of muons within `WIDTH` of a mass [GeV]."""
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in (
        "Print:quiet = on", "Random:setSeed = on", "Random:seed = 301", "Beams:frameType = 2", "Beams:eA = 400",
        "Beams:eB = 0", "WeakSingleBoson:ffbar2gmZ = on", "WeakZ0:gmZmode = 1", "23:onMode = off", "23:onIfAny = 13",
        "23:mMin = 1.0", f"PhaseSpace:mHatMin = {mass * (1 - WIDTH)}", f"PhaseSpace:mHatMax = {mass * (1 + WIDTH)}",
    ):  # fmt: skip
        pythia.readString(line)
    if not pythia.init():
        raise SystemExit("Pythia did not start")
    return pythia


def densities() -> None:
    """Write x f(x) of the quarks in the proton."""
    pdf = start(2.0).getPDFPtr(2212)
    lines = [
        "# Densities of quarks in the proton, x f(x, Q): NNPDF2.3 QCD+QED LO, alpha_s = 0.130 (arXiv:1207.1303,",
        f"# 1308.0598), as in pythia8mc {version('pythia8mc')}; written by spectra/partons.py.",
        ",".join(["Q [GeV]", "x", *QUARKS]),
    ]
    for q in SCALES:
        for x in X:
            row = (max(pdf.xf(code, float(x), q * q), 0.0) for code in QUARKS.values())
            lines.append(",".join([f"{q:g}", f"{x:.5g}", *(f"{value:.4g}" for value in row)]))
    (DATA / "parton_densities.csv").write_text("\n".join(lines) + "\n")


def drell_yan() -> None:
    """Write mean squared transverse momentum of the pairs, and the cross section as of a dark photon."""
    lines = [
        f"# p p -> gamma* -> mu mu at 400 GeV in pythia8mc {version('pythia8mc')}, {EVENTS} pairs within 5 % of each",
        "# mass; the cross section is that of a dark photon at epsilon = 1; written by spectra/partons.py.",
        "mass [GeV],mean pT^2 [GeV^2],cross section [pb]",
    ]
    for mass in MASSES:
        pythia = start(mass)
        squares: list[float] = []
        while len(squares) < EVENTS:
            if pythia.next():
                squares.append([p.pT() ** 2 for p in pythia.event if p.id() == 23][-1])
        span = 2 * math.log((1 + WIDTH) / (1 - WIDTH)) * ALPHA / (3 * math.pi)
        sigma = pythia.infoPython().sigmaGen() * 1e9 / span
        lines.append(f"{mass:g},{np.mean(squares):.3f},{sigma:.4g}")
    (DATA / "drell_yan.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    densities()
    drell_yan()
