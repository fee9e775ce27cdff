"""Hadron spectra of a proton beam on a nucleus, simulated with pythia8mc (Angantyr): the raw tables.

Run it in an environment with the `gen` extra:

    python generate.py --target Cu --momentum 400 --events 1000000 --seed 1 --out pythia_400_Cu.npz
    python generate.py --process charm --target n --momentum 400 --events 400000 --seed 1 --out charm_400_n.npz

Only the first interaction is simulated.  A hadron is counted when it is made, also if it decays strongly or
electromagnetically afterwards, so that pi0 holds the feed-down of eta, omega ...  Weak decays are switched off.
Charm and beauty are made in leading order on a nucleon, down to the threshold (Pythia would begin at a mass of the pair
of 4 GeV, which leaves out half of the charm); a hadron and its antiparticle count together.
"""

import argparse
import json
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PDG = {
    "pi0": 111, "eta": 221, "etap": 331, "rho0": 113, "omega": 223, "phi": 333, "Jpsi": 443,
    "pip": 211, "pim": -211, "Kp": 321, "Km": -321, "KS": 310, "KL": 130, "gamma": 22,
}  # fmt: skip
STABLE = (111, 211, 321, 130, 310, 13, 3122, 3112, 3222, 3312, 3322, 3334, 411, 421, 431, 4122)
HEAVY = {
    "charm": {"D0": 421, "D+": 411, "Ds": 431, "Lc": 4122},
    "beauty": {"B0": 511, "B+": 521, "Bs": 531, "Lb": 5122},
}
HARD = {
    "charm": ("HardQCD:hardccbar = on", "PhaseSpace:mHatMin = 0"),
    "beauty": ("HardQCD:hardbbbar = on", "PhaseSpace:mHatMin = 0"),
}
NUCLEUS = {"p": 2212, "n": 2112, "Be": 1000040090, "Fe": 1000260560, "Cu": 1000290630, "Mo": 1000420960}
# Nuclei that Pythia's particle data lack: name, antiparticle, 2 spin + 1, 3 charge, colour, mass [GeV] (AME2020)
MISSING = {"Mo": "1000420960:new = 96Mo 96Mobar 1 126 0 89.3132"}

LOG_THETA = np.linspace(-5.0, 0.5, 111)
N_MOMENTUM, P_MIN = 105, 0.1


def log_p_edges(momentum: float) -> Array:
    """Edges of the momentum bins, log10(p / GeV), up to the beam momentum [GeV]."""
    edges: Array = np.linspace(np.log10(P_MIN), np.log10(momentum), N_MOMENTUM + 1)
    return edges


def settings(process: str, target: str, momentum: float, seed: int) -> list[str]:
    """Every line that Pythia reads.

    Parameters
    ----------
    process : str
        ``"soft"``, or a key of `HARD`.
    target : str
        Key of `NUCLEUS`, at rest; ``"p"`` or ``"n"`` for a hard process.
    momentum : float
        Of the proton beam [GeV].
    seed : int
        Of Pythia's random numbers.

    Returns
    -------
    list of str
        The settings.
    """
    lines = [
        "Print:quiet = on", "Next:numberCount = 0", "Random:setSeed = on", f"Random:seed = {seed}",
        *([MISSING[target]] if target in MISSING else []),
        "Beams:idA = 2212", f"Beams:idB = {NUCLEUS[target]}", "Beams:frameType = 2",
        f"Beams:eA = {float(np.hypot(momentum, 0.93827209))}", "Beams:eB = 0.0",
    ]  # fmt: skip
    if process == "soft" and target == "p":
        lines.append("SoftQCD:inelastic = on")
    stable = HEAVY[process].values() if process in HEAVY else STABLE
    return lines + list(HARD.get(process, ())) + [f"{pdg}:mayDecay = off" for pdg in stable]


def generate(
    process: str, target: str, momentum: float, events: int, seed: int
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Simulate inelastic collisions and count hadrons.

    Parameters
    ----------
    process, target, momentum, seed
        As in `settings`.
    events : int
        Number of collisions.

    Returns
    -------
    tuple of dict
        Counts per bin of (log10 theta/rad, log10 p/GeV) for each hadron of `PDG` or `HEAVY`, and what was run.
    """
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    lines = settings(process, target, momentum, seed)
    for line in lines:
        pythia.readString(line)
    if not pythia.init():
        raise SystemExit("Pythia did not start")

    names = HEAVY.get(process, PDG)
    name_of = {pdg: name for name, pdg in names.items()}
    if process in HEAVY:
        name_of |= {-pdg: name for pdg, name in name_of.items()}
    edges = (LOG_THETA, log_p_edges(momentum))
    counts = {name: np.zeros((len(edges[0]) - 1, len(edges[1]) - 1)) for name in names}
    batch: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)

    def fill() -> None:
        for name, rows in batch.items():
            p = np.array(rows)
            pt = np.hypot(p[:, 0], p[:, 1])
            theta = np.maximum(np.arctan2(pt, p[:, 2]), 1.001 * 10 ** LOG_THETA[0])
            magnitude = np.minimum(np.hypot(pt, p[:, 2]), 0.999999 * momentum)
            counts[name] += np.histogram2d(np.log10(theta), np.log10(magnitude), bins=edges)[0]
        batch.clear()

    start, good = time.process_time(), 0
    while good < events:
        if not pythia.next():
            continue
        good += 1
        for particle in pythia.event:
            name = name_of.get(particle.id())
            if name is not None:
                batch[name].append((particle.px(), particle.py(), particle.pz()))
        if good % 20000 == 0:
            fill()
            print(f"{target} {momentum:g} GeV: {good} events, {time.process_time() - start:.0f} s CPU", flush=True)
    fill()

    meta = {
        "generator": f"pythia8mc {version('pythia8mc')}", "process": process, "target": target, "momentum": momentum,
        "events": events, "seed": seed, "settings": lines, "sigma_mb": pythia.infoPython().sigmaGen(),
        "multiplicity": {name: float(c.sum() / events) for name, c in counts.items()},
    }  # fmt: skip
    return counts, meta


def main() -> None:
    """Write the raw table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--process", choices=("soft", *HARD), default="soft")
    parser.add_argument("--target", choices=NUCLEUS, required=True)
    parser.add_argument("--momentum", type=float, required=True, help="of the beam [GeV]")
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    counts, meta = generate(args.process, args.target, args.momentum, args.events, args.seed)
    arrays: dict[str, Any] = {"log_theta": LOG_THETA, "log_p": log_p_edges(args.momentum), "meta": json.dumps(meta)}
    arrays |= {name: c.astype(np.uint32) for name, c in counts.items()}
    np.savez_compressed(args.out, **arrays)


if __name__ == "__main__":
    main()
