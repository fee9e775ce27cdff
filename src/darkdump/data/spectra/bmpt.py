"""Light mesons of protons on nuclei in the BMPT parametrisation: the raw tables (400 GeV/c only).

    python bmpt.py --target Cu --out raw_bmpt_400_Cu.npz

M. Bonesini, A. Marchionni, F. Pietropaolo, T. Tabarelli de Fatis, Eur. Phys. J. C 20 (2001) 13, hep-ph/0101163: fit to
pi+-, K+- in p-Be at 400 and 450 GeV/c (NA20, NA56).  70 GeV/c is outside of the fit.  The nucleus enters through
(A / 9)^a(xF, pT), which is not fitted in the backward hemisphere and is used there as it stands.

Not in that paper, own choices: pi0 = (pi+ + pi-) / 2; KS = KL = (K+ + 3 K-) / 4 (valence counting); the heavier mesons
have the pi0's invariant cross section at the same xR and the same m_T (pT^2 -> pT^2 + M^2 - m_pi^2), scaled to the
multiplicity ratios `RATIO` on every target: good to 30 %, no better.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# p-Be, mb c^3 / GeV^2 per nucleus (hep-ph/0101163): A, B, alpha, beta, a, gamma, delta, r0, r1
FIT = {
    "pi": (62.3, 1.57, 3.45, 0.517, 6.10, 0.153, 0.478, 1.05, 2.65),
    "K": (7.74, 0.0, 2.45, 0.444, 5.04, 0.121, 0.242, 1.15, -3.17),
}
MASS = {
    "pi": 0.13957, "K": 0.49368, "eta": 0.54786, "etap": 0.95778, "rho0": 0.77526, "omega": 0.78266, "phi": 1.01946,
}  # [GeV], PDG  # fmt: skip
PROTON = 0.93827
# Multiplicities relative to pi0: NA27 (see multiplicities.toml); eta' = 0.106 eta as in pythia_400_p.npz
RATIO = {
    "eta": 0.30 / 3.87, "etap": 0.106 * 0.30 / 3.87, "rho0": 0.385 / 3.87, "omega": 0.390 / 3.87, "phi": 0.0189 / 3.87,
}  # fmt: skip
# A, and the nuclear interaction length [g / cm^2], as in data/nuclei.toml
TARGET = {"Be": (9.0122, 77.8), "Fe": (55.845, 132.1), "Cu": (63.546, 137.3), "Mo": (95.95, 156.0)}
BEAM = 400.0
PT_MAX = 1.0  # [GeV] the growth of a(xF, pT) stops here: far above the data it would make nuclear factors of 10^10
LOG_THETA = np.linspace(-5.0, 0.5, 111)
LOG_P = np.linspace(-1.0, np.log10(BEAM), 106)
POINTS = 4  # of Gauss-Legendre a bin and axis


def sigma_inelastic(target: str) -> float:
    """Inelastic cross section of a proton on a nucleus [mb], from the nuclear interaction length."""
    a, length = TARGET[target]
    return a / (0.602214 * length) * 1e3


def invariant(kind: str, sign: int, mass: float, p: Array, theta: Array, target: str) -> Array:
    """Invariant cross section E d3sigma/dp3 of the parametrisation.

    Parameters
    ----------
    kind : str
        "pi" or "K".
    sign : int
        Charge: 1, -1; 0 is the mean of both, for pions.
    mass : float
        Of the meson [GeV]; another than the fit's means m_T scaling.
    p, theta : ndarray
        Momentum [GeV] and angle [rad] in the laboratory.
    target : str
        Key of `TARGET`.

    Returns
    -------
    ndarray
        mb c^3 / GeV^2 per nucleus; 0 outside of the phase space of a p-nucleon collision.
    """
    norm, b, alpha, beta, slope, gamma, delta, r0, r1 = FIT[kind]
    energy = np.hypot(BEAM, PROTON)
    root_s = np.sqrt(2 * PROTON * (PROTON + energy))
    boost = (energy + PROTON) / root_s
    velocity = BEAM / (energy + PROTON)
    e, pl, pt = np.hypot(p, mass), p * np.cos(theta), p * np.abs(np.sin(theta))
    e_star, pl_star = boost * (e - velocity * pl), boost * (pl - velocity * e)
    e_max = (root_s**2 + mass**2 - 4 * PROTON**2) / (2 * root_s)
    x = np.minimum(e_star / e_max, 1.0)
    xf = 2 * pl_star / root_s
    mt = np.sqrt(pt**2 + mass**2 - MASS[kind] ** 2)
    a1, b1 = slope / x**gamma, slope**2 / (2 * x**delta)
    plus = norm * (1 - x) ** alpha * (1 + b * x) * x**-beta * (1 + a1 * mt + b1 * mt**2) * np.exp(-a1 * mt)
    # for K the ratio (1 - x)^r1 diverges at x = 1, where plus is 0
    minus = plus / (r0 * (1 + x if kind == "pi" else np.maximum(1 - x, 1e-12)) ** r1)
    power = (0.74 - 0.55 * xf + 0.26 * xf**2) * (0.98 + 0.21 * np.minimum(pt, PT_MAX) ** 2)
    power = np.where(x < 1, power, 0.0)
    nuclear = (TARGET[target][0] / TARGET["Be"][0]) ** power
    value: Array = nuclear * {1: plus, -1: minus, 0: (plus + minus) / 2}[sign]
    return value


def spectrum(kind: str, sign: int, mass: float, target: str) -> Array:
    """Mesons per inelastic interaction in the bins [theta, p] of `LOG_THETA` and `LOG_P`; arguments: `invariant`."""
    node, weight = np.polynomial.legendre.leggauss(POINTS)

    def axis(edges: Array) -> tuple[Array, Array]:
        width = np.diff(edges)
        points = edges[:-1, None] + width[:, None] * (node + 1) / 2
        return 10 ** points.ravel(), (width[:, None] * weight / 2 * np.log(10)).ravel()

    (theta, w_theta), (p, w_p) = axis(LOG_THETA), axis(LOG_P)
    inside = theta < np.pi
    angle = np.where(inside, theta, 1.0)
    density = invariant(kind, sign, mass, p[None, :], angle[:, None], target) * p**3 / np.hypot(p, mass)
    solid = np.where(inside, 2 * np.pi * np.sin(angle) * theta * w_theta, 0.0)
    cells = (density * solid[:, None] * w_p).reshape(len(LOG_THETA) - 1, POINTS, len(LOG_P) - 1, POINTS)
    bins: Array = cells.sum((1, 3)) / sigma_inelastic(target)
    return bins


def tables(target: str) -> dict[str, Array]:
    """All mesons per inelastic proton-nucleus interaction, by species [theta, p]."""
    mesons = {
        "pip": spectrum("pi", 1, MASS["pi"], target),
        "pim": spectrum("pi", -1, MASS["pi"], target),
        "Kp": spectrum("K", 1, MASS["K"], target),
        "Km": spectrum("K", -1, MASS["K"], target),
    }
    mesons["pi0"] = (mesons["pip"] + mesons["pim"]) / 2
    mesons["KS"] = mesons["KL"] = (mesons["Kp"] + 3 * mesons["Km"]) / 4
    for name, ratio in RATIO.items():
        shape = spectrum("pi", 0, MASS[name], target)
        mesons[name] = shape * (ratio * mesons["pi0"].sum() / shape.sum())
    return mesons


def main() -> None:
    """Write the raw table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=TARGET, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    mesons = tables(args.target)
    meta = {
        "generator": "BMPT parametrisation", "target": args.target, "momentum": BEAM, "events": 0, "seed": 0,
        "settings": [f"ratio to pi0: {name} {ratio:.5f}" for name, ratio in RATIO.items()],
        "sigma_mb": sigma_inelastic(args.target),
        "command": f"python bmpt.py --target {args.target} --out RAW.npz",
        "source": "hep-ph/0101163; pi0, K0 and heavier mesons: see bmpt.py",
    }  # fmt: skip
    arrays: dict[str, Any] = {"log_theta": LOG_THETA, "log_p": LOG_P, "meta": json.dumps(meta)} | mesons
    np.savez_compressed(args.out, **arrays)


if __name__ == "__main__":
    main()
