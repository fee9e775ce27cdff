"""From raw tables of hadrons to the package's tables: photons of the mesons and of the showers that these start.

    python tabulate.py pythia RAW.npz      # of generate.py
    python tabulate.py bmpt RAW.npz        # of bmpt.py
    python tabulate.py epos RAW.npz        # a grid made with chromo, see README.md
    python tabulate.py charm RAW.npz       # of generate.py --process charm; the same for beauty

writes GENERATOR_MOMENTUM_TARGET.npz, or the quark in place of the generator, beside this file and its entry in
sources.toml.  Needs shower.npz.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

Array = NDArray[np.float64]

HERE = Path(__file__).parent
# Mass [GeV] and branching ratio to two photons (PDG 2026)
MESONS = {"pi0": (0.1349768, 0.98823), "eta": (0.547862, 0.3936), "etap": (0.95778, 0.02307)}
POINTS = 2048  # of a meson bin
SHOWER_POINTS = 128  # of a pair of angles
HEAVY = ("charm", "beauty")
K_MIN = 1.0  # [GeV] only photons above start a shower


def two_photons(meson: Array, log_theta: Array, log_p: Array, mass: float) -> tuple[Array, float]:
    """Photons of an isotropic decay of each meson to two photons, per unit branching ratio.

    Parameters
    ----------
    meson : ndarray
        Mesons in the bins [theta, p], uniform in log10 theta and log10 p inside of a bin.
    log_theta, log_p : ndarray
        Edges: log10 of the angle [rad] and of the momentum [GeV].
    mass : float
        Of the meson [GeV].

    Returns
    -------
    tuple of ndarray and float
        Photons in the same bins, and those below the lowest momentum.
    """
    shape = meson.shape
    photons, below = np.zeros(meson.size), 0.0
    points = qmc.Sobol(4, seed=1).random(POINTS)
    shift = np.random.default_rng(1).random((meson.size, 4))  # each bin has its own rotation of the points
    used = np.flatnonzero(meson)
    for cells in np.array_split(used, max(1, used.size // 200)):
        i, j = np.unravel_index(cells, shape)
        u = (points + shift[cells][:, None, :]) % 1.0
        theta = 10 ** (log_theta[i, None] + u[..., 0] * np.diff(log_theta)[i, None])
        p = 10 ** (log_p[j, None] + u[..., 1] * np.diff(log_p)[j, None])
        cosine, azimuth = 2 * u[..., 2] - 1, 2 * np.pi * u[..., 3]
        gamma, boost = np.hypot(p, mass) / mass, p / mass
        transverse = mass / 2 * np.sqrt(1 - cosine**2)
        for sign in (1.0, -1.0):
            along = mass / 2 * (gamma * sign * cosine + boost)
            k = mass / 2 * (gamma + boost * sign * cosine)
            x = along * np.sin(theta) + sign * transverse * np.cos(azimuth) * np.cos(theta)
            z = along * np.cos(theta) - sign * transverse * np.cos(azimuth) * np.sin(theta)
            angle = np.arctan2(np.hypot(x, transverse * np.sin(azimuth)), z)
            row = (np.log10(np.maximum(angle, 1e-30)) - log_theta[0]) / (log_theta[1] - log_theta[0])
            column = np.floor((np.log10(k) - log_p[0]) / (log_p[1] - log_p[0])).astype(int)
            index = np.clip(row.astype(int), 0, shape[0] - 1) * shape[1] + np.minimum(column, shape[1] - 1)
            weight = np.broadcast_to(meson.ravel()[cells][:, None] / POINTS, k.shape)
            good = column >= 0
            photons += np.bincount(index[good], weight[good], meson.size)
            below += float(weight[~good].sum())
    return photons.reshape(shape), below


def shower_photons(photon: Array, log_theta: Array, log_p: Array, shower: dict[str, Array]) -> Array:
    """Secondary photons of the showers that the photons above `K_MIN` start.

    Parameters
    ----------
    photon : ndarray
        Photons in the bins [theta, p].
    log_theta, log_p : ndarray
        Edges as in `two_photons`.
    shower : dict
        `log_v`, `log_u` (edges) and `photons` [v, u] of shower.npz.

    Returns
    -------
    ndarray
        Photons in the same bins; complete above the beam momentum times the lowest v.
    """
    n_theta, n_p = photon.shape
    log_v, log_u = shower["log_v"], shower["log_u"]
    cumulative = np.vstack([np.zeros(len(log_u) - 1), np.cumsum(shower["photons"], axis=0)])
    step = log_p[1] - log_p[0]
    started = np.where(log_p[:-1] >= np.log10(K_MIN) - 1e-9, photon, 0.0)

    def below(log_ratio: Array) -> Array:
        x = np.clip((log_ratio - log_v[0]) / (log_v[1] - log_v[0]), 0, len(log_v) - 1)
        i = np.minimum(x.astype(int), len(log_v) - 2)
        value: Array = cumulative[i] + (x - i)[:, None] * (cumulative[i + 1] - cumulative[i])
        return value

    # number from bin j to bin j - d, averaged over the position of the initial photon in its bin
    inner = (np.arange(16) + 0.5) / 16
    kernel = np.array([(below((-d + 1 - inner) * step) - below((-d - inner) * step)).mean(0) for d in range(n_p)])
    a, b, c, d = qmc.Sobol(4, seed=2).random(SHOWER_POINTS).T[:, None, None, :]
    theta = 10 ** (log_theta[:-1, None, None] + a * (log_theta[1] - log_theta[0]))
    u = 10 ** (log_u[None, :-1, None] + b * (log_u[1] - log_u[0]))
    out = np.zeros_like(photon)
    for j in range(n_p):
        weight = started[:, j:] @ kernel[: n_p - j]  # [theta, u]
        kick = np.minimum(u / 10 ** (log_p[j] + c * step), np.pi)
        cosine = np.cos(theta) * np.cos(kick) - np.sin(theta) * np.sin(kick) * np.cos(2 * np.pi * d)
        small = np.sqrt(theta**2 + kick**2 + 2 * theta * kick * np.cos(2 * np.pi * d))
        angle = np.where(small < 0.1, small, np.arccos(np.clip(cosine, -1, 1)))
        row = (np.log10(np.maximum(angle, 1e-30)) - log_theta[0]) / (log_theta[1] - log_theta[0])
        index = np.clip(row.astype(int), 0, n_theta - 1)
        spread = np.broadcast_to(weight[..., None] / SHOWER_POINTS, index.shape)
        out[:, j] = np.bincount(index.ravel(), spread.ravel(), n_theta)
    return out


def compact(table: Array) -> NDArray[np.float32]:
    """Round to 12 bits (relative 1.2e-4) and drop bins below 1e-12, so that the file compresses."""
    mantissa, exponent = np.frexp(np.where(table < 1e-12, 0.0, table))
    return np.ldexp(np.round(mantissa * 4096) / 4096, exponent).astype(np.float32)


def read(kind: str, path: Path) -> tuple[dict[str, Array], Array, Array, dict[str, Any]]:
    """Hadrons per interaction, the edges and the meta data of a raw table."""
    with np.load(path) as raw:
        meta: dict[str, Any] = json.loads(str(raw["meta"]))
        if kind == "epos":
            tables = {name[5:]: raw[name].astype(float) for name in raw.files if name.startswith("hist_")}
            meta = {
                "generator": f"EPOS-LHC ({meta['source']})", "target": "Cu", "momentum": 400.0,
                "events": int(meta["args"][3]), "seed": int(meta["args"][4]),
                "settings": [meta["note"]], "sigma_mb": meta["sigma"]["inelastic"],
            }  # fmt: skip
            return tables, raw["log10theta_edges"], raw["log10p_edges"], meta
        tables = {name: raw[name].astype(float) for name in raw.files if name not in ("log_theta", "log_p", "meta")}
        if kind != "bmpt":
            tables = {name: counts / meta["events"] for name, counts in tables.items()}
        if kind == "pythia":
            tables["gamma_direct"] = tables.pop("gamma")
        return tables, raw["log_theta"], raw["log_p"], meta


def add_photons(tables: dict[str, Array], log_theta: Array, log_p: Array) -> dict[str, Any]:
    """Add photons of the mesons and of their showers to the tables; what of it goes into the meta data."""
    with np.load(HERE / "shower.npz") as file:
        shower = {name: file[name].astype(float) for name in ("log_v", "log_u", "photons")}
    below = {}
    for name, (mass, ratio) in MESONS.items():
        photons, lost = two_photons(tables[name], log_theta, log_p, mass)
        tables[f"gamma_{name}"], below[f"gamma_{name}"] = ratio * photons, ratio * lost
        tables[f"shower_{name}"] = shower_photons(ratio * photons, log_theta, log_p, shower)
    return {"below_p_min": below, "branching": {name: ratio for name, (_, ratio) in MESONS.items()}}


def finish(kind: str, path: Path) -> Path:
    """Write the final table of a raw one, and return its path."""
    tables, log_theta, log_p, meta = read(kind, path)
    meta |= {} if kind in HEAVY else add_photons(tables, log_theta, log_p)
    process, each = (f"--process {kind} ", "pair of quarks") if kind in HEAVY else ("", "inelastic interaction")
    generated = (
        f"python generate.py {process}--target {meta['target']} --momentum {meta['momentum']:g} "
        f"--events {meta.get('events')} --seed {meta.get('seed')} --out RAW.npz && "
    )
    source = {
        "pythia": "pythia8mc, Angantyr for nuclei: generate.py; Bierlich et al., SciPost Phys. Codebases 8 (2022)",
        "epos": "EPOS-LHC, Phys. Rev. C 92 (2015) 034906, through chromo; not reproducible from packages on PyPI",
        "bmpt": "Eur. Phys. J. C 20 (2001) 13, hep-ph/0101163: bmpt.py",
        **dict.fromkeys(HEAVY, "pythia8mc, leading order: generate.py"),
    }[kind]
    first = {
        **dict.fromkeys(("pythia", *HEAVY), generated),
        "epos": "",
        "bmpt": f"python bmpt.py --target {meta['target']} --out RAW.npz && ",
    }[kind]
    meta |= {
        "multiplicity": {name: round(float(table.sum()), 6) for name, table in tables.items()},
        "source": source,
        "command": f"{first}python tabulate.py {kind} RAW.npz",
        "grid": f"number per {each} in bins of [log10 theta/rad, log10 p/GeV], laboratory",
    }
    out = HERE / f"{kind}_{meta['momentum']:g}_{meta['target']}.npz"
    arrays: dict[str, Any] = {"log_theta": log_theta, "log_p": log_p, "meta": json.dumps(meta)}
    arrays |= {name: compact(table) for name, table in tables.items()}
    np.savez_compressed(out, **arrays)
    return out


def write_sources() -> None:
    """Rewrite sources.toml from the meta data of every npz here."""
    lines = ["# Written by tabulate.py: how every table here was made.", ""]
    for path in sorted(HERE.glob("*.npz")):
        with np.load(path) as file:
            meta = json.loads(str(file["meta"]))
        lines += [f'["{path.name}"]', f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"']
        lines += [f"{key} = {json.dumps(meta[key])}" for key in ("command", "generator", "seed", "events")] + [""]
    (HERE / "sources.toml").write_text("\n".join(lines).rstrip() + "\n")


def main() -> None:
    """Convert one raw table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("pythia", "epos", "bmpt", *HEAVY))
    parser.add_argument("raw", type=Path)
    args = parser.parse_args()
    print(finish(args.kind, args.raw))
    write_sources()


if __name__ == "__main__":
    main()
