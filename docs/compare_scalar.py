"""Recompute the tables and the picture of the page on dark scalars: `python docs/compare_scalar.py`."""

import tomllib
from dataclasses import replace

import numpy as np
from compare import HERE, edges, ratios, table, write

from darkdump import load_experiment, load_model, scan
from darkdump.formfactors import b_to_strange
from darkdump.plot import draw
from darkdump.portals import scalar_flavour
from darkdump.production import modes_of
from darkdump.published import limits
from darkdump.units import HBAR, HBARC
from darkdump.variants import variants

PEERS = tomllib.loads((HERE.parent / "tests" / "peers_dark_scalar.toml").read_text("utf-8"))


def states() -> None:
    """Branching ratios of B+ -> K_x S, state by state."""
    h, time = scalar_flavour.beauty_coupling({}), b_to_strange.lifetime("B+") / HBAR
    masses = (0.01, 1.0, 2.0, 3.0, 4.0)
    by_state = {state: [b_to_strange.width(state, m, h) * time for m in masses] for state in b_to_strange.states()}
    rows = [[state, *(f"{x:.3f}" for x in ratios)] for state, ratios in by_state.items()]
    rows.append(["sum", *(f"{x:.2f}" for x in np.sum(list(by_state.values()), axis=0))])
    rows.append(["inclusive", *(f"{b_to_strange.inclusive_ratio(m, h):.2f}" for m in masses)])
    write("dark_scalar.md", "states", table(["state", *(f"{m:g} GeV" for m in masses)], rows))


def widths() -> None:
    """Total widths of both descriptions, the first over those of other codes."""
    model, one = load_model("dark-scalar"), np.ones(1)
    low = replace(model, hadrons="low-energy")
    rows = []
    peers = [(code, m, value if name == "width" else HBARC / value) for code, m, name, value in PEERS["numbers"]
             if name in ("width", "ctau")]  # fmt: skip
    for mass in sorted({m for _, m, _ in peers} | {1.9999, 2.0001, 3.0}):
        total = float(model.total_width(mass, one)[0])
        by_code = {code: total / value for code, m, value in peers if m == mass}
        cells = [f"{by_code[code]:.3f}" if code in by_code else "-" for code in ("alpinist", "foresee")]
        rows.append([f"{mass:g}", f"{total:.3e}", *cells, f"{float(low.total_width(mass, one)[0]) / total:.2f}"])
    head = ["mass [GeV]", "total width at sin θ = 1 [GeV]", "/ ALPINIST", "/ FORESEE", "low-energy / dispersive"]
    write("dark_scalar.md", "widths", table(head, rows))


def modes() -> None:
    """What each production mode excludes alone."""
    model, na62 = load_model("dark-scalar"), load_experiment("na62")
    masses = (0.05, 0.15, 0.25, 0.3, 0.5, 1.0)
    rows = []
    for mode in modes_of("scalar"):
        if mode != "b-quartic":
            result = scan(model, na62, production=[mode], pot=1e18, coupling=(1e-7, 1.0))
            ours = [edges(result, mass) for mass in masses]
            rows.append([mode, *(f"{a:.1e} to {b:.1e}" if np.isfinite(a) else "-" for a, b in ours)])
    write("dark_scalar.md", "modes", table(["mode", *(f"{1e3 * m:g} MeV" for m in masses)], rows))
    result = scan(model, na62, pot=1e18)
    draw(result, variants=variants(result)).savefig(HERE / "figures" / "dark-scalar.png", dpi=130)


def charm() -> None:
    """CHARM beside its published recast, of kaons and B mesons alone as there."""
    limit = next(limit for limit in limits("dark-scalar") if limit.name == "charm-2019")
    modes_there = ["b-exclusive", "kaon-decay"]
    result = scan(load_model("dark-scalar"), load_experiment("charm"), production=modes_there, mass=(0.03, 0.5))
    rows = ratios(result, limit, (0.05, 0.1, 0.2, 0.22, 0.24, 0.26, 0.28))
    rows = [row if float(row[0]) > 210.0 else [*row[:2], "-"] for row in rows]
    write("dark_scalar.md", "charm", table(["mass [MeV]", "lower edge: ours / recast", "upper edge"], rows))


if __name__ == "__main__":
    for make in (states, widths, modes, charm):
        make()
