"""Recompute the tables and pictures of the documentation: `python docs/compare.py`.

Each table replaces what stands between the marks `<!-- NAME -->` and `<!-- end -->` of a page.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkdump import Scan, load_experiment, load_model, scan
from darkdump.frame import COLOUR
from darkdump.plot import INK, draw, outline
from darkdump.production import modes_of
from darkdump.production.spectra import catalogue, load_spectrum
from darkdump.published import Limit, limits
from darkdump.tables import data_grid, data_toml
from darkdump.variants import variants

Array = NDArray[np.float64]

HERE = Path(__file__).parent
LIMITS = {limit.name: limit for limit in limits("alp-photon")}
MODES = ("primakoff-secondary", "primakoff-primary", "primakoff-shower")


def edges(result: Scan, mass: float) -> tuple[float, float]:
    """Lowest and highest excluded coupling at a mass, NaN where nothing is excluded."""
    masses = [i.mass for i in result.curve]
    if not masses or not masses[0] <= mass <= masses[-1]:
        return float("nan"), float("nan")
    ends = np.log([[i.low, i.high] for i in result.curve])
    low, high = (float(np.exp(np.interp(np.log(mass), np.log(masses), ends[:, k]))) for k in (0, 1))
    return low, high


def published_edges(limit: Limit, mass: float) -> tuple[float, float]:
    """The same of a published contour, which starts and ends at low mass; NaN beyond its ends."""
    tip = int(limit.mass.argmax())
    ends = []
    for part in (slice(0, tip + 1), slice(None, tip - 1 if tip else None, -1)):
        m, g = limit.mass[part], limit.coupling[part]
        order = np.argsort(m, kind="stable")
        inside = m.min() <= mass <= m.max()
        ends.append(float(np.exp(np.interp(np.log(mass), np.log(m[order]), np.log(g[order])))) if inside else np.nan)
    return min(ends), max(ends)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(page: str, name: str, text: str) -> None:
    """Put a table into a page."""
    path = HERE / page
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
    content, found = re.subn(pattern, lambda m: m[1] + text + "\n" + m[2], path.read_text("utf-8"), flags=re.DOTALL)
    if not found:
        raise SystemExit(f"{page} has no mark {name}")
    path.write_text(content, "utf-8")


def ratios(result: Scan, limit: Limit, masses: Sequence[float]) -> list[list[str]]:
    """Ours over published, at the lower and the upper edge."""
    rows = []
    for mass in masses:
        ours, theirs = edges(result, mass), published_edges(limit, mass)
        rows.append(
            [f"{1e3 * mass:.4g}"]
            + [
                f"{a:.2e} / {b:.2e} = {a / b:.2f}" if np.isfinite(a * b) else "-"
                for a, b in zip(ours, theirs, strict=True)
            ]
        )
    return rows


def projection() -> None:
    """NA62 with 1e18 POT, mode by mode, beside the projection of the time of the proceedings."""
    model, na62 = load_model("alp"), load_experiment("na62")
    limit = LIMITS["na62-dump-2019"]
    sets = {
        "primary": ["primakoff-primary"],
        "primary + secondary (default)": ["primakoff-secondary", "primakoff-primary"],
        "+ shower": list(MODES),
    }
    results = {name: scan(model, na62, production=modes, mass=(3e-3, 1.0)) for name, modes in sets.items()}
    masses = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.24)
    head = ["mass [MeV]", "published 2019 [1/GeV]", *(f"{name} / published" for name in sets)]
    for page_name, k in (("lower-edge", 0), ("upper-edge", 1)):
        rows = []
        for mass in masses:
            theirs = published_edges(limit, mass)[k]
            ours = [edges(result, mass)[k] for result in results.values()]
            rows.append([f"{1e3 * mass:g}", f"{theirs:.2e}", *(f"{x / theirs:.2f}" for x in ours)])
        write("comparison.md", page_name, table(head, rows))
    tips = [[name, f"{r.curve[-1].mass:.3f}", f"{min(i.low for i in r.curve):.2e}"] for name, r in results.items()]
    tips.append(["published 2019", f"{limit.mass.max():.3f}", f"{limit.coupling.min():.2e}"])
    write("comparison.md", "tips", table(["modes", "largest mass [GeV]", "lowest g [1/GeV]"], tips))

    default = results["primary + secondary (default)"]
    figure = draw(default)
    axes = figure.axes[0]
    for name, style in (("primary", "--"), ("+ shower", ":")):
        outline(axes, results[name], linestyles=style, linewidths=1.2)
        axes.plot([], [], style, color=COLOUR, lw=1.2, label=f"NA62, {name}")
    axes.plot(limit.mass, limit.coupling, color=INK, lw=1.4, zorder=6, label="projection of 2019")
    axes.legend(loc=(0.74, 0.3), fontsize=8)
    figure.savefig(HERE / "figures" / "projection.png", dpi=130)


def recasts() -> None:
    """CHARM and NuCal beside their published recasts."""
    model = load_model("alp")
    for name, masses in (
        ("charm", (0.004, 0.01, 0.02, 0.05, 0.08, 0.11, 0.13)),
        ("nucal", (0.011, 0.02, 0.03, 0.08, 0.15, 0.2, 0.23, 0.25)),
    ):
        limit = LIMITS[f"{name}-2022"]
        by_spectra = {
            spectra: scan(model, load_experiment(name), spectra=spectra, mass=(3e-3, 0.5), coupling=(1e-7, 1.0))
            for spectra in ("pythia", "pythia-pp")
        }
        head = ["mass [MeV]"]
        columns: list[list[str]] = [[f"{1e3 * mass:g}" for mass in masses]]
        for spectra, result in by_spectra.items():
            head += [f"{spectra}: lower edge", f"{spectra}: upper edge"]
            rows = ratios(result, limit, masses)
            columns += [[row[1] for row in rows], [row[2] for row in rows]]
            tip = f"{result.curve[-1].mass:.3f} GeV"
            print(name, spectra, "tip", tip, "published", limit.mass.max())
        write("comparison.md", name, table(head, list(zip(*columns, strict=True))))
        figure = draw(by_spectra["pythia"], overlay=False, variants=(by_spectra["pythia-pp"],))
        axes = figure.axes[0]
        axes.plot(limit.mass, limit.coupling, color=INK, lw=1.4, label="published recast, arXiv:2201.05170")
        axes.legend(loc="upper right", fontsize=9)
        figure.savefig(HERE / "figures" / f"{name}.png", dpi=110)


def spectra() -> None:
    """Multiplicities and forward photons of the named spectra; the curve with each."""
    measured = data_toml("spectra", "multiplicities.toml")["na27"]
    species = ("pi0", "eta", "etap", "rho0", "omega", "phi", "Kp", "Km")
    rows = [["NA27, pp", *(f"{measured[s][0]} ± {measured[s][1]}" if s in measured else "-" for s in species)]]
    for name in ("pythia-raw", "epos-raw"):
        pp = catalogue()[name.removesuffix("-raw")]["pp"]
        rows.append([f"{name}, pp", *(f"{pp[s]:.3g}" if s in pp else "-" for s in species)])
    for name in ("pythia", "pythia-raw", "epos", "epos-raw", "bmpt"):
        spectrum = load_spectrum(name, "Cu", 400.0)
        cells = [f"{spectrum.multiplicity(s):.3g}" if s in spectrum.density else "-" for s in species]
        rows.append([f"{name}, p Cu", *cells])
    write("spectra.md", "multiplicities", table(["", *species], rows))

    rows = []
    for name in ("pythia", "pythia-raw", "epos", "epos-raw", "bmpt", "pythia-pp"):
        s = load_spectrum(name, "Cu", 400.0)
        result = scan(load_model("alp"), load_experiment("na62"), spectra=name, mass=(3e-3, 1.0))
        low, high = edges(result, 0.1)
        counts = []
        for part in ("photon", "shower"):
            forward = s.density[part][s.log_theta[1:] < np.log10(5.02e-3)]
            counts.append(forward[:, s.log_p[:-1] > np.log10(19.8)].sum())
        tip = max(i.mass for i in result.curve)
        error = f" ± {np.sqrt(counts[0] / s.events):.4f}" if s.events else ""
        rows.append([name, f"{counts[0]:.3f}{error}", f"{counts[1]:.3f}", f"{low:.3e}", f"{high:.3e}", f"{tip:.2f}"])
    head = [
        "spectra",
        "photons (statistical error)",
        "of the shower",
        "lower edge at 100 MeV",
        "upper edge",
        "largest mass [GeV]",
    ]
    write("spectra.md", "reach", table(head, rows))


def dark_photon() -> None:
    """Dark photons: each prescription of bremsstrahlung beside the published exclusion, the projection, the widths."""
    model, na62 = load_model("dark-photon"), load_experiment("na62")
    published = {limit.name: limit for limit in limits("dark-photon")}
    masses = (0.25, 0.3, 0.4, 0.5)
    mesons = [mode for mode in model.production if not mode.startswith("brems")]
    head = ["prescription", *(f"{1e3 * mass:g} MeV, {edge}" for edge in ("upper", "lower") for mass in masses)]
    rows = []
    for brems in (mode for mode in modes_of("vector") if mode.startswith("brems")):
        result = scan(
            model,
            na62,
            production=[*mesons, brems],
            pot=1.4e17,
            n_obs=1,
            background=0.016,
            channels=["mu mu"],
            mass=(0.22, 0.7),
            couplings=300,
        )
        ours = [edges(result, mass) for mass in masses]
        theirs = [published_edges(published["na62-mumu-2023"], mass) for mass in masses]
        upper = [f"{a[1] / b[1]:.2f}" for a, b in zip(ours, theirs, strict=True)]
        lower = [f"{a[0] / b[0]:.2f}" for a, b in zip(ours, theirs, strict=True)]
        rows.append([brems, *upper, *lower])
    write("dark_photon.md", "exclusion", table(head, rows))

    result = scan(model, na62, pot=1e18)
    head = ["mass [MeV]", "lower edge: ours / published", "upper edge: ours / published"]
    rows = ratios(result, published["na62-dump-2019"], (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7))
    write("dark_photon.md", "projection", table(head, rows))
    draw(result, variants=variants(result)).savefig(HERE / "figures" / "dark-photon.png", dpi=130)

    peers = tomllib.loads((HERE.parent / "tests" / "peers_dark_photon.toml").read_text("utf-8"))["numbers"]
    rows = []
    for mass in sorted({mass for _, mass, name, _ in peers if name == "width"}):
        total = float(model.total_width(mass, np.ones(1))[0])
        by_code = {code: total / value for code, m, name, value in peers if name == "width" and m == mass}
        cells = [f"{by_code[code]:.3f}" if code in by_code else "-" for code in ("darkcast", "deliver", "alpinist")]
        rows.append([f"{mass:g}", f"{total:.3e}", *cells])
    head = ["mass [GeV]", "total width at ε = 1 [GeV]", "/ DarkCast", "/ DeLiVeR", "/ ALPINIST"]
    write("dark_photon.md", "widths", table(head, rows))


def photons() -> None:
    """Forward photons of the named spectra on copper."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.add_subplot()
    for colour, name in enumerate(("pythia", "pythia-raw", "epos", "bmpt", "pythia-pp")):
        s = load_spectrum(name, "Cu", 400.0)
        for part, style in (("photon", "-"), ("shower", ":")):
            forward = s.density[part][s.log_theta[1:] < np.log10(5.02e-3)].sum(axis=0)
            label = f"{name}, {'mesons' if part == 'photon' else 'shower'}"
            axes.stairs(forward / np.diff(s.log_p), 10**s.log_p, color=f"C{colour}", ls=style, label=label)
    axes.set(xscale="log", yscale="log", xlim=(1, 400), ylim=(1e-5, 20))
    axes.set(xlabel="photon energy [GeV]", ylabel="photons per decade, θ < 5 mrad")
    axes.set_title("400 GeV protons on copper, per inelastic interaction", fontsize=10)
    axes.legend(fontsize=7, ncols=2, loc="lower left")
    figure.savefig(HERE / "figures" / "photons_400_Cu.png", dpi=110)


def shower() -> None:
    """Spectrum and angle of the photons of an electromagnetic shower."""
    grid, meta = data_grid("spectra", "shower.npz")
    log_v, log_u, number = grid["log_v"], grid["log_u"], grid["photons"]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    v = 10 ** ((log_v[1:] + log_v[:-1]) / 2)
    left.stairs(number.sum(axis=1) * v / np.diff(log_v) / np.log(10), 10**log_v, label="Monte Carlo")
    left.axhline(0.572 * 7 / 9, color="C1", ls="--", label="Rossi and Greisen, v → 0")
    left.axhline(meta["asymptotic_v2_dN_dv"], color="C2", ls=":", label="these cross sections, v → 0")
    left.set(xscale="log", xlabel="v = k / E₀", ylabel="v² dN/dv", ylim=(0, 0.55))
    left.legend(fontsize=8)
    for low, high in ((0.0025, 0.01), (0.03, 0.1), (0.3, 1.0)):
        rows = (log_v[:-1] >= np.log10(low) - 1e-9) & (log_v[1:] <= np.log10(high) + 1e-9)
        density = number[rows].sum(axis=0) / number[rows].sum() / np.diff(log_u)
        right.stairs(density, 1e3 * 10**log_u, label=f"{low:g} < v < {high:g}")
    right.set(xscale="log", xlabel="θ k [MeV]", ylabel="per decade", xlim=(0.15, 100))
    right.legend(fontsize=8)
    figure.savefig(HERE / "figures" / "shower.png", dpi=110)


def front() -> None:
    """The picture of the README."""
    result = scan(load_model("alp"), load_experiment("na62"), pot=1e18)
    draw(result, variants=variants(result)).savefig(HERE / "figures" / "alp-na62.png", dpi=130)


if __name__ == "__main__":
    (HERE / "figures").mkdir(exist_ok=True)
    for make in (front, projection, recasts, spectra, photons, shower, dark_photon):
        make()
