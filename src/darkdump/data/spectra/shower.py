"""Photons of the electromagnetic cascade that a photon starts in a thick absorber (Approximation A).

    python shower.py --showers 200000 --seed 7

writes `shower.npz`: the secondary photons per initial photon of energy E0, binned in log10 v (v = k / E0) and in
log10 u (u = theta k / GeV, theta the angle to the initial photon).  Lengths are in radiation lengths, energies in E0
and angles in GeV / E0, so that the table holds for every material and every E0 (within the approximations below).

A photon converts after 9/7 X0 on average whatever its energy.  Therefore what a rare process with cross section
sigma(k) makes in the cascade, relative to what the initial photons make, is the number of photons weighted with sigma.

Model (S. Navas et al. (PDG), Phys. Rev. D 110, 030001 (2024), ch. 34 "Passage of particles through matter"; equation
numbers of that edition):
- bremsstrahlung, complete screening, eq. (34.29): dN/dk = (4/3 - 4/3 y + y^2) / k per X0, y = k / E;
- pair production, eqs. (34.31) and (34.32): dsigma/dx ~ 1 - 4/3 x (1 - x), total 7/9 per X0;
- multiple scattering of electrons, eq. (34.16) without the logarithm, which is exact at one X0:
  a Gaussian of 13.6 MeV / E sqrt(t / X0) per plane.

Neglected:
- ionisation, Compton and photoelectric effect: good for k well above the critical energy (19.4 MeV in copper);
- incomplete screening and pair production below its plateau: a few per cent at 1 GeV, more below;
- the Landau-Pomeranchuk-Migdal effect: E_LPM = 7.7 TeV / cm X0 = 11 TeV in copper (eq. 34.33).  Bremsstrahlung is
  suppressed below k = E^2 / E_LPM, 9 MeV for electrons of 10 GeV and 0.9 GeV for 100 GeV: outside of k > 1 GeV;
- single-scattering tails beyond the Gaussian core, and the log of the scattering formula (some 10 % in the angle);
- the opening angles of pairs and bremsstrahlung, m_e / E, against 13.6 MeV / E: per mille of <theta^2>.
"""

import argparse
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SCATTERING = 0.0136  # [GeV]
CUT = 1 / 400  # photons and electrons below this fraction of E0 are dropped
SOFT = CUT / 10  # bremsstrahlung below this fraction of E0 is a continuous loss
LOG_V = np.linspace(np.log10(CUT), 0.0, 105)
LOG_U = np.linspace(-4.0, 0.0, 81)
BATCHES = 20


def _cascade(showers: int, rng: np.random.Generator, hist: Array, sums: Array) -> None:
    """Add `showers` cascades to hist [v, u]; sums: energy below the cuts, electron track, moments (see `run`)."""
    stack = np.zeros((4096, 4))  # energy, angle x, angle y, is an electron
    v_step, u_step = LOG_V[1] - LOG_V[0], LOG_U[1] - LOG_U[0]
    for _ in range(showers):
        stack[0] = np.array([1.0, 0.0, 0.0, 0.0])
        n, first = 1, True
        while n > 0:
            n -= 1
            e, tx, ty, electron = stack[n]
            if electron == 0.0:
                if not first:
                    u2 = (tx * tx + ty * ty) * e * e
                    i = min(int((np.log10(e) - LOG_V[0]) / v_step), hist.shape[0] - 1)
                    j = int((0.5 * np.log10(max(u2, 1e-12)) - LOG_U[0]) / u_step)
                    hist[i, min(max(j, 0), hist.shape[1] - 1)] += 1.0
                    sums[2] += e**3
                    sums[3] += e**3 * u2
                first = False
                x = rng.random()
                while rng.random() > 1 - 4 / 3 * x * (1 - x):
                    x = rng.random()
                for k in (x * e, e - x * e):
                    if k > CUT:
                        stack[n] = np.array([k, tx, ty, 1.0])
                        n += 1
                    else:
                        sums[0] += k
                continue
            while e > CUT:
                y = SOFT / e
                rate = 4 / 3 * (y - 1 - np.log(y)) + (1 - y * y) / 2
                loss = SOFT * (4 / 3 - 2 / 3 * y + y * y / 3)
                step, longest = rng.standard_exponential() / rate, 0.02 * e / loss
                emits = step < longest
                step = min(step, longest)
                after = e - loss * step
                width = SCATTERING * np.sqrt(step / (e * after))
                tx += width * rng.standard_normal()
                ty += width * rng.standard_normal()
                sums[0] += e - after
                sums[1] += step * min(1.0, (e - CUT) / (e - after))
                e = after
                if emits and e > CUT:
                    y = (SOFT / e) ** rng.random()
                    while rng.random() > 1 - y + 0.75 * y * y:
                        y = (SOFT / e) ** rng.random()
                    k = y * e
                    e -= k
                    if k > CUT:
                        stack[n] = np.array([k, tx, ty, 0.0])
                        n += 1
                    else:
                        sums[0] += k
            sums[0] += e


def transforms(s: float) -> tuple[float, float, float]:
    """Mellin transforms A, B, C of the cross sections (Rossi and Greisen, Rev. Mod. Phys. 13 (1941) 240).

    Parameters
    ----------
    s : float
        Power of the energy; the number of particles weighted with E^s.

    Returns
    -------
    tuple of float
        A: loss of electrons per X0; B: electrons of a conversion; C: photons radiated per X0.
    """
    from scipy.special import digamma

    a = 4 / 3 * (digamma(s + 1) + np.euler_gamma) - 4 / 3 * (1 - 1 / (s + 1)) + 0.5 - 1 / ((s + 1) * (s + 2))
    b = 18 / 7 * (1 / (s + 1) - 4 / 3 / (s + 2) + 4 / 3 / (s + 3))
    c = 4 / 3 / s - 4 / 3 / (s + 1) + 1 / (s + 2)
    return float(a), b, c


def exact_moments(s: float) -> tuple[float, float]:
    """Exact sums over the secondary photons of a cascade: of v^s and of v^(s-2) u^2 [GeV^2].

    From the transport equations, with T the electrons' track length: A T = B (1 + C T) for the number, and
    A T2 = B C T2 + 2 (13.6 MeV)^2 T(s - 2) for the squared angle.

    Parameters
    ----------
    s : float
        Power, above 1; the second sum is finite for s > 3.

    Returns
    -------
    tuple of float
        The two sums.
    """
    a, b, c = transforms(s)
    a2, b2, c2 = transforms(s - 2) if s > 3 else (np.nan, np.nan, np.nan)
    return c * b / (a - b * c), c / (a - b * c) * 2 * SCATTERING**2 * b2 / (a2 - b2 * c2)


def asymptotic() -> tuple[float, float]:
    """Limits for v -> 0: v^2 dN/dv of the photons, and electron track length above E, times E / E0 [X0].

    Rossi and Greisen have 0.572 * 7/9 = 0.445 and 0.437.
    """
    h = 1e-5
    (a1, b1, c1), (a0, b0, c0) = transforms(1 + h), transforms(1 - h)
    electrons = 2 * h / ((a1 - b1 * c1) - (a0 - b0 * c0))
    return transforms(1.0)[2] * electrons, electrons


def run(showers: int, seed: int) -> tuple[Array, dict[str, Any]]:
    """Simulate the cascades.

    Parameters
    ----------
    showers : int
        Number of initial photons.
    seed : int
        Batch i uses numpy's default generator with [seed, i].

    Returns
    -------
    tuple
        Photons per initial photon [v bin, u bin], and the checks: statistical errors and exact values.
    """
    cascade: Callable[[int, np.random.Generator, Array, Array], None] = importlib.import_module("numba").njit(_cascade)
    size = showers // BATCHES
    hists, sums = np.zeros((BATCHES, len(LOG_V) - 1, len(LOG_U) - 1)), np.zeros((BATCHES, 4))
    for i in range(BATCHES):
        cascade(size, np.random.default_rng([seed, i]), hists[i], sums[i])
    hists, sums = hists / size, sums / size
    mean, error = sums.mean(0), sums.std(0, ddof=1) / BATCHES**0.5
    number = np.stack([hists[:, LOG_V[:-1] >= np.log10(v) - 1e-9].sum((1, 2)) for v in (CUT, 0.1, 0.5)])
    photons, electrons = asymptotic()
    checks = {
        "events": size * BATCHES,
        "seed": seed,
        "photons_above_v": {
            f"{v:g}": [float(n.mean()), float(n.std(ddof=1) / BATCHES**0.5)]
            for v, n in zip((CUT, 0.1, 0.5), number, strict=True)
        },
        "energy_below_cuts": [float(mean[0]), float(error[0]), 1.0],
        "electron_track_times_cut": [float(mean[1] * CUT), float(error[1] * CUT), electrons],
        "sum_v3": [float(mean[2]), float(error[2]), exact_moments(3)[0]],
        "sum_v3_u2": [float(mean[3]), float(error[3]), exact_moments(5)[1]],
        "asymptotic_v2_dN_dv": photons,
        "source": "Approximation A (PDG 2024 ch. 34), see shower.py; triples are value, statistical error, exact",
    }
    return hists.mean(0), checks


def main() -> None:
    """Write shower.npz beside this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--showers", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    photons, checks = run(args.showers, args.seed)
    meta = checks | {
        "generator": "shower.py, Approximation A",
        "command": f"python shower.py --showers {args.showers} --seed {args.seed}",
    }
    path = Path(__file__).parent / "shower.npz"
    np.savez_compressed(path, log_v=LOG_V, log_u=LOG_U, photons=photons.astype(np.float32), meta=json.dumps(meta))
    print(json.dumps(meta, indent=1))


if __name__ == "__main__":
    main()
