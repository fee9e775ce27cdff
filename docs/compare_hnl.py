"""Recompute the tables and pictures of the page on heavy neutral leptons: `python docs/compare_hnl.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any
from unittest.mock import patch

import numpy as np
from compare import HERE, edges, published_edges, table, write

from darkdump import Scan, load_experiment, load_model, plot_ternary, scan
from darkdump.experiment import Experiment, TrackSelection
from darkdump.formfactors import semileptonic
from darkdump.model import Model
from darkdump.plot import INK, draw
from darkdump.portals import hnl_production as rates
from darkdump.portals.hnl import NATURES
from darkdump.portals.hnl_leptons import lepton
from darkdump.production import hnl as production
from darkdump.production.daughters import Array, of_polarised
from darkdump.production.flux import Setting
from darkdump.published import Limit, limits
from darkdump.tables import data_toml
from darkdump.ternary import ternary
from darkdump.units import HBAR, HBARC
from darkdump.variants import variant_name, variants

PAGE = "hnl.md"
FLAVOURS = ("e", "mu", "tau")
SYMBOLS = {"e": "U_e", "mu": "U_μ", "tau": "U_τ"}
LIMITS = {flavour: {limit.name: limit for limit in limits(f"hnl-{flavour}")} for flavour in FLAVOURS}


def of_nature(model: Model, nature: str) -> Model:
    """The model as a Majorana or a Dirac particle."""
    return replace(model, pattern={**model.pattern, "nature": NATURES[nature]})


LEPTONIC = {
    "Kp": {"mu": 0.6356, "e": 1.582e-5}, "D+": {"mu": 3.74e-4, "tau": 1.20e-3}, "Ds": {"mu": 5.4e-3, "tau": 5.3e-2},
    "B+": {"tau": 1.09e-4},
}  # fmt: skip
KAONS = {("Kp", "pi0"): 0.0507, ("KL", "pi"): 0.4055, ("KS", "pi"): 7.04e-4}
TAU = {"pi": ("pseudoscalar", 0.1082), "K": ("pseudoscalar", 6.96e-3), "rho": ("vector", 0.2549),
       "Kst": ("vector", 1.20e-2)}  # fmt: skip
"""Branching ratios of the Particle Data Group, 2024, beside those in data/semileptonic.toml."""


def standard_model() -> None:
    """Branching ratios into massless neutrinos, as calculated, beside the measured ones."""
    rows: list[list[str]] = []
    lifetimes = data_toml("lifetimes.toml")

    def row(decay: str, width: float, time: float, measured: float) -> None:
        found = width * time / HBAR
        rows.append([decay, f"{found:.3g}", f"{measured:.3g}" if measured else "-"])
        rows[-1].append(f"{found / measured:.2f}" if measured else "-")

    for parent, by_flavour in LEPTONIC.items():
        for flavour, measured in by_flavour.items():
            row(f"{parent} → {flavour} ν", rates.leptonic(parent, flavour, 0.0).width, lifetimes[parent], measured)
    for meson, (kind, measured) in TAU.items():
        row(f"tau → {meson} ν", rates.tau_to_meson(kind, meson, 0.0).width, lifetimes["tau"], measured)
    leptons = rates.tau_to_leptons("e", "tau", 0.0).width.sum()
    row("tau → e ν ν", float(leptons), lifetimes["tau"], 0.1782)
    for parent in semileptonic.PARENTS:
        for name, decay in semileptonic.decays(parent).items():
            width = float(rates.semileptonic_decay(decay, lepton("e"), 0.0).width.sum())
            time = lifetimes[parent]
            row(f"{parent} → {name} e ν", width, time, KAONS.get((parent, name), decay.measured * time / HBAR))
    write(PAGE, "standard-model", table(["decay", "calculated", "measured", "ratio"], rows))


def ctau(lengths: dict[float, float]) -> dict[float, float]:
    """Widths [GeV] of lifetimes [m]."""
    return {mass: HBARC / length for mass, length in lengths.items()}


PEERS: dict[str, dict[str, dict[float, float]]] = {
    "SensCalc": {
        "e": {0.1: 7.2469e-19, 0.3: 2.44736e-15, 0.45: 1.18776e-14, 0.95: 2.66430e-13},
        "mu": {0.1: 5.14511e-19, 0.3: 1.66555e-15, 0.45: 1.04192e-14, 0.95: 2.52184e-13},
        "tau": {0.1: 5.14511e-19, 0.3: 9.11445e-16, 0.45: 4.44007e-15, 0.95: 9.67742e-14},
    },
    "HNLCalc": {
        "e": {0.3: 2.45619e-15, 0.95: 2.75375e-13, 1.2: 9.07435e-13, 3.0: 9.22975e-11}
        | ctau({0.1: 271.895, 2.0: 1.71153e-5}),
        "mu": {0.1: 5.14467e-19, 2.0: 1.13889e-11}
        | ctau({0.3: 0.118046, 0.5: 0.0124291, 0.8: 1.92555e-3, 0.95: 7.66486e-4}),
        "tau": {0.3: 9.15063e-16, 0.8: 4.30239e-14, 0.95: 9.644e-14, 1.2: 3.21359e-13, 1.5: 1.0077e-12}
        | ctau({0.1: 383.556, 2.0: 4.59921e-5, 3.0: 5.46761e-6}),
    },
    "ALPINIST": {
        "e": {0.1: 7.18601e-19, 0.5: 1.76534e-14, 0.8: 1.17725e-13, 1.2: 8.49701e-13, 3.0: 7.81803e-11},
        "mu": {0.1: 5.14811e-19, 0.3: 1.67309e-15, 0.5: 1.59251e-14, 0.8: 1.09977e-13, 3.0: 7.77616e-11},
        "tau": {0.1: 5.14811e-19, 0.8: 4.56075e-14, 2.0: 3.48772e-12, 3.0: 3.028e-11},
    },
    "MATHUSLA": {
        "mu": ctau({0.1: 383.617, 0.3: 0.1182, 0.5: 0.012475, 1.2: 2.33787e-4, 1.5: 8.10807e-5, 2.0: 1.89495e-5,
                    3.0: 2.19889e-6}),
    },
}  # fmt: skip
"""Total widths of Majorana particles at a mixing of one [GeV]: of the tables of SensCalc (HNLdecayWidth.dat), the codes
HNLCalc (a873844) and ALPINIST (53441e5), and of MATHUSLA's RHNctauUmu.dat (4b7bda4), by flavour and mass [GeV]."""


def widths() -> None:
    """Total widths, and their ratios to those of other codes."""
    rows = []
    for flavour in FLAVOURS:
        model = load_model(f"hnl-{flavour}")
        for mass in sorted({mass for by_flavour in PEERS.values() for mass in by_flavour.get(flavour, {})}):
            total = float(model.total_width(mass, np.ones(1))[0])
            peers = [by_flavour.get(flavour, {}).get(mass) for by_flavour in PEERS.values()]
            rows.append([SYMBOLS[flavour], f"{mass:g}", f"{total:.3e}"])
            rows[-1] += [f"{total / peer:.3f}" if peer else "-" for peer in peers]
    write(PAGE, "widths", table(["mixing", "mass [GeV]", "Majorana [GeV]", *(f"/ {code}" for code in PEERS)], rows))
    omega = load_model("hnl-mu").branching_ratios(0.95)["nu omega"]
    print(f"branching ratio of nu omega at 0.95 GeV: {omega:.2g}")


@dataclass(frozen=True)
class Recast:
    """One way to repeat a published limit."""

    label: str
    flavour: str
    limit: str
    channels: tuple[str, ...] = ()
    modes: tuple[str, ...] | None = None
    heavy: str = "pythia"
    nature: str = "dirac"


def leptons(flavour: str, other: str) -> tuple[str, ...]:
    """Channels of two charged leptons and a neutrino."""
    return f"nu_{flavour} e e", f"e mu nu_{other}", f"nu_{flavour} mu mu"


E, MU, TAUS = leptons("e", "mu"), leptons("mu", "e"), ("nu_tau e e", "nu_tau mu mu")
D = {flavour: (f"d-leptonic-{flavour}", f"d-semileptonic-{flavour}") for flavour in ("e", "mu")}
DS = {flavour: (*D[flavour], f"ds-leptonic-{flavour}", f"ds-semileptonic-{flavour}") for flavour in D}
OF_TAU, TWO = ("ds-leptonic-tau", "tau-tau"), ("d-leptonic-e", "ds-leptonic-e")
PROMPT = "prompt-neutrinos"
RECASTS = (
    Recast("**CHARM 1986, U_e**: D", "e", "charm-1986", E, D["e"]),
    Recast("D and Ds", "e", "charm-1986", E, DS["e"]),
    Recast("all by default", "e", "charm-1986"),
    Recast("**CHARM 1986, U_μ**: D", "mu", "charm-1986", MU, D["mu"]),
    Recast("D and Ds", "mu", "charm-1986", MU, DS["mu"]),
    Recast("all by default", "mu", "charm-1986"),
    Recast("**CHARM 2002, U_τ**: ν e e alone", "tau", "charm-2002", TAUS[:1]),
    Recast("all by default", "tau", "charm-2002"),
    Recast("**CHARM 2021, U_τ**, Majorana: ν e e, ν μ μ", "tau", "charm-2021", TAUS, nature="majorana"),
    Recast("**BEBC 1985, U_μ**: D → μ N", "mu", "bebc-1985", (*MU, "mu pi"), D["mu"][:1], PROMPT),
    Recast("the same, `--heavy pythia`", "mu", "bebc-1985", (*MU, "mu pi"), D["mu"][:1]),
    Recast("with D → h μ N", "mu", "bebc-1985", (*MU, "mu pi"), D["mu"], PROMPT),
    Recast("all by default", "mu", "bebc-1985"),
    Recast("**BEBC 2022, U_e**: D, Ds → e N", "e", "bebc-2022", (*E, "e pi"), TWO, PROMPT),
    Recast("the same, `--heavy pythia`", "e", "bebc-2022", (*E, "e pi"), TWO),
    Recast("all by default", "e", "bebc-2022"),
    Recast("**BEBC 2022, U_τ**: Ds and τ", "tau", "bebc-2022", TAUS, OF_TAU, PROMPT),
    Recast("the same, `--heavy pythia`", "tau", "bebc-2022", TAUS, OF_TAU),
    Recast("all by default", "tau", "bebc-2022"),
)
MASSES = (0.05, 0.12, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.4, 1.6, 1.8)
WALL = 0.9
"""Part of the largest coupling of a published curve above which it only is where its plot ends."""


def crossings(limit: Limit, mass: float) -> Array:
    """Couplings at which the segments of a published curve cross a mass [GeV]."""
    x, y, at = np.log(limit.mass), np.log(limit.coupling), np.log(mass)
    step = np.diff(x)
    here = ((x[:-1] - at) * (x[1:] - at) <= 0.0) & (step != 0.0)
    found: Array = np.exp(y[:-1][here] + ((at - x[:-1]) * np.diff(y))[here] / step[here])
    return found


def recasts() -> None:
    """Ours over published, lower edge, and upper one where it is published."""
    rows = []
    for one in RECASTS:
        model = of_nature(load_model(f"hnl-{one.flavour}"), one.nature)
        limit, row = LIMITS[one.flavour][one.limit], [one.label]
        for mass in MASSES:
            theirs = crossings(limit, mass)
            ours = theirs.size and at_mass(
                model, one.limit.split("-")[0], mass, channels=one.channels, production=one.modes, heavy=one.heavy
            )
            cell = f"{ours[0] / theirs.min():.2f}" if ours else "-"
            if ours and 2.0 * theirs.min() < theirs.max() < WALL * limit.coupling.max():
                cell += f", {ours[1] / theirs.max():.2f}"
            row.append(cell)
        rows.append(row)
    write(PAGE, "recasts", table(["what is counted", *(f"{mass:g} GeV" for mass in MASSES)], rows))


def at_mass(model: Model, experiment: str, mass: float, **options: Any) -> tuple[float, float] | None:
    """Least and largest coupling that is excluded at a mass [GeV]."""
    narrow: dict[str, Any] = {"mass": (mass, 1.0001 * mass), "masses": 2, "coupling": (1e-10, 1.0), **options}
    found = scan(replace(model, landmarks=()), load_experiment(experiment), **narrow).curve
    return (found[0].low, found[0].high) if found else None


def reach() -> None:
    """NA62 with 1e18 protons: pictures, what is excluded, the projection of 2018, and the spread."""
    na62, results = load_experiment("na62"), {}
    rows = []
    for name in (*FLAVOURS, "1 : 1 : 1"):
        for nature in NATURES:
            model = of_nature(load_model(f"hnl-{name}" if name in FLAVOURS else "hnl"), nature)
            result = results[name, nature] = scan(model, na62, pot=1e18)
            best = min(result.curve, key=lambda i: i.low)
            row = [SYMBOLS.get(name, name), nature, f"{best.low:.2e}", f"{best.mass:.2f}", f"{result.tip:.1f}"]
            rows.append(row)
    head = ["mixing", "nature", "least U²", "at [GeV]", "largest mass [GeV]"]
    write(PAGE, "reach", table(head, rows))
    for flavour in FLAVOURS:
        result = results[flavour, "majorana"]
        others = variants(result)
        figure = draw(result, variants=others)
        if flavour == "mu":
            projection(result, results["mu", "dirac"])
            spread(result, others)
            limit = LIMITS["mu"]["na62-dump-2018"]
            axes = figure.axes[0]
            axes.plot(limit.mass, limit.coupling, color=INK, lw=1.4, ls=":", zorder=6, label="projection of 2018")
            axes.legend(loc="upper right", fontsize=8)
        figure.savefig(HERE / "figures" / f"hnl-{flavour}.png", dpi=110)
    plot_ternary.draw(ternary(load_model("hnl"), na62, 1.0, pot=1e18)).savefig(
        HERE / "figures" / "hnl-ternary.png", dpi=110
    )


def looser(experiment: Experiment, **changes: Any) -> Experiment:
    """An experiment with other selections of tracks."""
    own = experiment.selections.items()
    cuts = {name: replace(cut, **changes) if isinstance(cut, TrackSelection) else cut for name, cut in own}
    return replace(experiment, selections=cuts)


def projection(majorana: Scan, dirac: Scan) -> None:
    """The projection of 2018 beside ours."""
    limit, rows = LIMITS["mu"]["na62-dump-2018"], []
    model, na62 = majorana.recipe.model, majorana.recipe.experiment
    soft: dict[str, Any] = {"momentum": (1.0, inf), "pointing": None}
    first = looser(na62, planes=("STRAW1",), magnet="", vetoes=(), **soft)
    others = [scan(model, na62, heavy="ship", pot=1e18)]
    others += [scan(model, experiment, pot=1e18) for experiment in (looser(na62, **soft), first)]
    for mass in (0.05, 0.11, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0, 1.2, 1.5, 1.8):
        theirs = published_edges(limit, mass)[0]
        cells = [f"{edges(one, mass)[0] / theirs:.2f}" for one in (majorana, dirac, *others)]
        rows.append([f"{mass:g}", f"{edges(majorana, mass)[0]:.2e}", f"{theirs:.2e}", *cells])
    head = ["mass [GeV]", "ours, Majorana", "projection", "ratio", "Dirac"]
    head += ["Majorana, `--heavy ship`", "tracks above 1 GeV", "only the first chamber"]
    write(PAGE, "projection", table(head, rows))


AT = (0.2, 0.5, 1.0, 1.5, 1.8)


def spread(result: Scan, others: Sequence[Scan]) -> None:
    """Lower edge with each other named choice, over that of the default."""
    rows = [["default", *(f"{edges(result, mass)[0]:.2e}" for mass in AT)]]
    for other in others:
        cells = [f"{edges(other, mass)[0] / edges(result, mass)[0]:.2f}" for mass in AT]
        rows.append([f"`{variant_name(other, result)}`", *cells])
    write(PAGE, "spread", table(["choice", *(f"{mass:g} GeV" for mass in AT)], rows))


def without_helicity(setting: Setting, *place: Any) -> Callable[[float, float, float], Array]:
    """Fluxes of N whose helicity is next to nothing."""
    flux = of_polarised(setting, *place)
    return lambda mass, other, helicity: flux(mass, other, 1e-12 * helicity)


def polarisation() -> None:
    """Dirac particles with their helicity, over those without: least coupling that is excluded."""
    rows = []
    for experiment in ("na62", "bebc"):
        for flavour in FLAVOURS:
            model = of_nature(load_model(f"hnl-{flavour}"), "dirac")
            row = [load_experiment(experiment).title.split(",")[0], SYMBOLS[flavour]]
            for mass in AT:
                spin = at_mass(model, experiment, mass)
                with patch.object(production, "of_polarised", without_helicity):
                    none = at_mass(model, experiment, mass)
                row.append(f"{spin[0] / none[0]:.3f}" if spin and none else "-")
            rows.append(row)
    write(PAGE, "polarisation", table(["experiment", "mixing", *(f"{mass:g} GeV" for mass in AT)], rows))


if __name__ == "__main__":
    (HERE / "figures").mkdir(exist_ok=True)
    for make in (standard_model, widths, recasts, reach, polarisation):
        make()
