"""Recompute the tables and pictures of `alp.md`: `python docs/compare_alp.py`."""

import tomllib
from dataclasses import replace

import numpy as np
from compare import HERE, edges, table, write

from darkdump import load_experiment, load_model, scan
from darkdump.model import Model
from darkdump.plot import draw
from darkdump.portals import alp
from darkdump.published import Limit, limits

BOTH = tuple(alp.WIDTHS)
CARDS = ("alp-fermion", "alp-gluon", "alp-w", "alp-b")
TITLES = {
    "gamma gamma": "γγ", "e e": "ee", "mu mu": "μμ", "tau tau": "ττ", "pi pi pi0": "π⁺π⁻π⁰", "pi0 pi0 pi0": "3π⁰",
    "pi pi gamma": "π⁺π⁻γ", "eta pi pi": "ηπ⁺π⁻", "eta pi0 pi0": "η2π⁰", "K K pi": "KKπ", "g g": "gg", "s s": "ss",
    "c c": "cc", "b b": "bb",
}  # fmt: skip


def peers() -> None:
    """Ours over other codes, as the tests have them."""
    rows = tomllib.loads((HERE.parent / "tests" / "peers_alp.toml").read_text("utf-8"))["peer"]
    for code in ("ALPaca", "ALPINIST"):
        here = [row for row in rows if row["code"] == code]
        lines = []
        for model, quantity in dict.fromkeys((row["model"], row["quantity"]) for row in here):
            found = [row for row in here if (row["model"], row["quantity"]) == (model, quantity)]
            text = ", ".join(f"{row['ratio']:.2g} ({row['mass']:g})" for row in found)
            lines.append([model.removeprefix("alpinist-"), quantity.replace("width ", "Γ "), text])
        write("alp.md", code, table(["couplings", "quantity", "ours / theirs (mass [GeV])"], lines))


def ratios(model: Model, mass: float, description: str) -> dict[str, float]:
    """Branching ratios of every channel at a mass [GeV], and the total width [GeV], at a coupling of one."""
    widths = {
        channel: float(alp.WIDTHS[description][channel](mass, np.ones(1), model.pattern)[0]) for channel in TITLES
    }
    total = sum(widths.values())
    return {name: value / total for name, value in widths.items()} | {"total": total}


def branching() -> None:
    """Branching ratios above 1 % of the fermion and the gluon card, in both descriptions."""
    for card in CARDS[:2]:
        model, lines = load_model(card), []
        for mass in (0.05, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.8, 2.5, 4.0):
            line = [f"{mass:g}"]
            for description in BOTH:
                found = ratios(model, mass, description)
                line.append(f"{found.pop('total'):.2e}")
                largest = sorted(found.items(), key=lambda pair: -pair[1])
                line.append(", ".join(f"{TITLES[name]} {value:.2f}" for name, value in largest if value > 0.01))
            lines.append(line)
        head = ["mass [GeV]"] + [f"{what} `{name}`" for name in BOTH for what in ("width [GeV],", "branching ratios,")]
        write("alp.md", card, table(head, lines))


def crossings(limit: Limit, mass: float) -> tuple[float, float]:
    """Lowest and highest coupling of a closed contour at a mass, NaN beside it."""
    m, g = np.append(limit.mass, limit.mass[0]), np.log(np.append(limit.coupling, limit.coupling[0]))
    found = [
        g[i] + (g[i + 1] - g[i]) * (mass - m[i]) / (m[i + 1] - m[i])
        for i in range(len(m) - 1)
        if min(m[i], m[i + 1]) <= mass < max(m[i], m[i + 1])
    ]
    return (float(np.exp(min(found))), float(np.exp(max(found)))) if found else (np.nan, np.nan)


def recasts() -> None:
    """CHARM and NuCal with the gluon coupling, photons only, beside ALPINIST's contours."""
    curves = {limit.name: limit for limit in limits("alp-gluon")}
    model, lines = load_model("alp-gluon"), []
    rotated = tuple(f"{mode}-rotated" if mode.endswith("-mixing") else mode for mode in model.production)
    for experiment, name in (("charm", "charm-2022"), ("nucal", "nucal-2022")):
        place, wide = load_experiment(experiment), replace(model, coupling=replace(model.coupling, range=(1e-8, 1e-1)))
        results = [
            scan(replace(wide, production=modes), place, mass=(0.01, 0.7), masses=60)
            for modes in (model.production, rotated)
        ]
        for mass in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
            published = crossings(curves[name], mass)
            cells = [f"{a / b:.2f}" for result in results for a, b in zip(edges(result, mass), published, strict=True)]
            lines.append([name, f"{1e3 * mass:g}", *(f"{edge:.2e}" for edge in published), *cells])
    head = ["published", "mass [MeV]", "lower edge", "upper edge", "ours / published, lower", "upper"]
    write("alp.md", "recasts", table([*head, "`-rotated`, lower", "upper"], lines))


def charm() -> None:
    """CHARM with the fermion coupling, muons only, beside the contour of arXiv:1810.11336."""
    model, contour = load_model("alp-fermion"), next(x for x in limits("alp-fermion") if x.name == "charm-2019")
    other = tuple(f"{mode}-1412" if mode == "alp-b-decay" else mode for mode in model.production)
    results = [
        scan(replace(model, production=modes), load_experiment("charm"), mass=(0.22, 0.9), masses=40)
        for modes in (model.production, other)
    ]
    lines = []
    for mass in (0.25, 0.3, 0.4, 0.5, 0.6, 0.7):
        published = crossings(contour, mass)
        cells = [f"{a / b:.2f}" for result in results for a, b in zip(edges(result, mass), published, strict=True)]
        lines.append([f"{1e3 * mass:g}", *(f"{edge:.2e}" for edge in published), *cells])
    head = ["mass [MeV]", "lower edge", "upper edge", "ours / published, lower", "upper"]
    write("alp.md", "charm", table([*head, "`alp-b-decay-1412`, lower", "upper"], lines))


def pictures() -> None:
    """NA62's reach for each card."""
    for card in CARDS:
        result = scan(load_model(card), load_experiment("na62"), pot=1e18, masses=160)
        draw(result).savefig(HERE / "figures" / f"{card}.png", dpi=110)


if __name__ == "__main__":
    for make in (peers, branching, recasts, charm, pictures):
        make()
