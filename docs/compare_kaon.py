"""Recompute the tables and pictures of the pages on kaon mode: `python docs/compare_kaon.py`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from compare import HERE, table, write

from darkdump import load_experiment, load_model, plot_combination, save, scan
from darkdump.combination import combine
from darkdump.kaon import backgrounds, pi0, pinunu, standard_model
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import load_data
from darkdump.kaon.peak import MassScan
from darkdump.kaon.proceedings import numbers
from darkdump.kaon.recipe import make_recipe
from darkdump.kaon.running import run
from darkdump.kaon.searches import SEARCHES
from darkdump.plot_kaon import pictures
from darkdump.published import limits
from darkdump.statistics import intervals, likelihood
from darkdump.statistics.channels import Channel, counting_channel
from darkdump.statistics.counting import cls
from darkdump.statistics.coverage import coverage, coverage_by_toys
from darkdump.statistics.treatments import treatments
from darkdump.store_kaon import save_kaon
from darkdump.stored import load_part

PAGE, PROCEEDINGS, STATISTICS = "kaon.md", "proceedings.md", "statistics.md"
UNIT = 1e-10
WALL = 0.5
"""Points of published curves above this are walls, not limits."""


def shown(value: float, digits: int = 3) -> str:
    """A number, or a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.{digits}g}"


def proceedings() -> None:
    """The proceedings, number by number."""
    rows = []
    for one in numbers():
        unit = f" {one.unit}" if one.unit else ""
        printed = shown(one.value) + (unit if not math.isnan(one.value) else "")
        rows.append([one.section, one.text, printed, one.kind, shown(one.computed), shown(one.ratio), one.note])
    head = ["section", "number", "printed", "ours is", "computed", "ratio", "remark"]
    write(PROCEEDINGS, "numbers", table(head, rows))


def data_sets() -> None:
    """Each data set of pi nu nubar: acceptance, sensitivity, limit."""
    rows = []
    for name in (*SEARCHES["pinunu"].data, "pinunu-2017"):
        one = pinunu.search(load_data(name))
        split = one.acceptance["R1"][0] / one.accepted
        published, selected = one.data.published["acceptance"].value, one.accepted * one.data.selected
        row = [name, f"{100 * one.accepted:.1f} %", f"{100 * split:.0f} %", f"{100 * selected:.1f} %"]
        row += [f"{100 * published:.1f} %", f"{selected / published:.1f}", f"{one.kaons:.2g}"]
        row += [f"{one.sensitivity:.3g}", f"{one.counting.n_obs}", f"{one.counting.background:g}", f"{one.limit():.3g}"]
        rows.append(row)
    head = [
        "data",
        "geometry and kinematics",
        "of it in R1",
        "with identification and matching",
        "published acceptance",
    ]
    head += ["ours / published", "implied K × all efficiencies", "SES", "n", "b", "BR <"]
    write(PAGE, "pinunu", table(head, rows))


def resolution() -> None:
    """Resolution of the missing mass against the pion's momentum."""
    found = pinunu.resolution(load_data("pinunu-2018"))
    rows = [[f"{low:g} to {high:g}", f"{1e3 * sigma:.2f}"] for (low, high), sigma in found.items()]
    write(PAGE, "resolution", table(["momentum of the π⁺ [GeV]", "σ(m²) at the π⁰ [10⁻³ GeV²]"], rows))


def tails() -> None:
    """Backgrounds from simulation beside those of the cards."""
    rows = []
    for name in ("pinunu-2017", "pinunu-2018", "pinunu-2021-22"):
        data = load_data(name)
        for process in backgrounds.PROCESSES:
            found, card = backgrounds.expected(data, process), data.backgrounds.get(process)
            events = sum(value for value, _ in found.values())
            error = math.hypot(*(e for _, e in found.values()))
            parts = ", ".join(f"{region} {value:.2g}" for region, (value, _) in found.items())
            rows.append(
                [
                    name,
                    process,
                    f"{events:.2g} ± {error:.1g}",
                    parts,
                    f"{card.value:g} ± {card.error:.2g}" if card else "–",
                ]
            )
    head = ["data", "process", "simulated (numerical error)", "by region", "published"]
    write(PAGE, "tails", table(head, rows))


def predictions() -> None:
    """The Standard Model by each choice of inputs."""
    rows = []
    for choice in standard_model.choices():
        (charged, dc), (neutral, dn) = standard_model.charged(choice), standard_model.neutral(choice)
        rows.append([choice, f"{1e11 * charged:.2f} ± {1e11 * dc:.2f}", f"{1e11 * neutral:.2f} ± {1e11 * dn:.2f}"])
    write(PAGE, "standard-model", table(["inputs", "K⁺ → π⁺νν̄ [10⁻¹¹]", "K_L → π⁰νν̄ [10⁻¹¹]"], rows))


def lnv() -> None:
    """Lepton number and flavour."""
    rows = []
    for one in run(make_recipe("lnv")).counts:
        published, printed = one.data.published["acceptance"].value, one.data.published["limit"].value
        row = [
            one.parameter,
            f"{100 * one.accepted:.1f} %",
            f"{100 * published:.2f} %",
            f"{published / one.accepted:.2f}",
        ]
        row += [f"{one.sensitivity:.3g}", f"{one.counting.n_obs}", f"{one.counting.background:g}", f"{one.limit():.3g}"]
        rows.append([*row, f"{printed:.2g}", f"{one.limit() / printed:.2f}"])
    head = [
        "decay",
        "simulated acceptance",
        "published",
        "ratio",
        "SES",
        "n",
        "b",
        "BR <",
        "published",
        "ours / published",
    ]
    write(PAGE, "lnv", table(head, rows))


def against(scan: MassScan, plane: str, name: str, masses: Sequence[float], exponent: int = 1) -> list[list[str]]:
    """Our limit over a published one at some masses: the median of its points within 8 MeV."""
    one = next(limit for limit in limits(plane) if limit.name == name)
    rows = []
    for mass in masses:
        near = (np.abs(one.mass - mass) < 0.008) & (one.coupling < WALL)
        level = float(np.median(one.coupling[near] ** exponent)) if near.any() else math.nan
        ours = float(scan.limit[np.abs(scan.masses - mass).argmin()])
        rows.append([f"{1e3 * mass:g}", shown(ours, 2), shown(level, 2), shown(ours / level, 2)])
    return rows


COMPARED: Mapping[str, tuple[str, str, str, tuple[float, ...]]] = {
    "pi-x": ("pi-x", "kaon-pi-x", "na62-2025", (0.03, 0.05, 0.08, 0.17, 0.19, 0.21, 0.23, 0.25)),
    "hnl-e": ("hnl-e", "hnl-e", "na62-2020", (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.42, 0.44, 0.45)),
    "hnl-mu": ("hnl-mu", "hnl-mu", "na62-2021", (0.22, 0.25, 0.28, 0.3, 0.33, 0.35, 0.37, 0.38)),
    "pi0-dark-photon": (
        "pi0-dark-photon",
        "dark-photon-invisible",
        "na62-2019",
        (0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12),
    ),
    "pi-mumu": ("pi-mumu", "kaon-pi-mumu", "na62-2025", (0.22, 0.24, 0.26, 0.28, 0.3, 0.32)),
    "pi-gammagamma": ("pi-gammagamma", "kaon-pi-gammagamma", "na62-2024", (0.22, 0.24, 0.26, 0.28, 0.3, 0.32, 0.34)),
}
"""Searches beside published limits: recipe, plane, name of the limit, masses [GeV]."""


def peaks() -> None:
    """Every search for a peak beside the published limit, and its picture."""
    for name, (search, plane, published, masses) in COMPARED.items():
        result = run(make_recipe(search))
        assert result.scan is not None
        rows = against(result.scan, plane, published, masses, SEARCHES[search].exponent)
        head = ["mass [MeV]", "ours, expected", "published, observed", "ours / published"]
        write(PAGE, name, table(head, rows))
        if name != "pi0-dark-photon":
            pictures(result)["limit"](HERE / "figures" / f"kaon-{name}.png")
    draw_plane = pictures(run(make_recipe("pinunu", ("pinunu-2017",))))["plane"]
    draw_plane(HERE / "figures" / "kaon-plane.png")
    for model in ("dark-scalar", "alp-fermion", "alp-gluon"):
        pictures(run(make_recipe("pi-x", model=model)))["curve"](HERE / "figures" / f"kaon-{model}.png")
    pictures(run(make_recipe("lnv")))["limits"](HERE / "figures" / "kaon-lnv.png")
    pictures(run(make_recipe("pi0-dark-photon")))["curve"](HERE / "figures" / "kaon-dark-photon.png")


def combined() -> None:
    """Both modes together, for ALPs that couple to fermions."""
    with TemporaryDirectory() as folder:
        dump, kaons = Path(folder) / "dump, 1e18 POT", Path(folder) / "kaons"
        save(scan(load_model("alp-fermion"), load_experiment("na62"), pot=1e18), dump)
        save_kaon(run(make_recipe("pi-x", model="alp-fermion")), kaons)
        found = combine([load_part(dump), load_part(kaons)])
        plot_combination.save(found, HERE / "figures" / "combined.png")


def channels() -> list[Channel]:
    """The data sets of the proceedings as channels."""
    counts: list[Count] = [pinunu.search(load_data(name)) for name in ("pinunu-2016", "pinunu-2017")]
    return [one.channel(UNIT) for one in counts]


def statistics() -> None:
    """Limits by treatment, coverage of each construction, asymptotics against the default."""
    found = treatments(channels(), external_error=0.26 / 2.16)
    rows = [[name, f"{UNIT * value:.4g}"] for name, value in found.items()]
    write(STATISTICS, "treatments", table(["treatment", "BR(K⁺ → π⁺νν̄) <"], rows))
    cases = [(s, b, db) for b, db in ((0.5, 0.0), (1.65, 0.0), (1.65, 0.31), (7.0, 1.0)) for s in (1.0, 3.0, 6.0, 12.0)]
    rows = []
    for name, construction in intervals.CONSTRUCTIONS.items():
        sums = [coverage(construction, s, b, db) for s, b, db in cases]
        toys, error = coverage_by_toys(construction, *cases[9], toys=10000)
        by_background = [f"{min(sums[k : k + 4]):.3f} to {max(sums[k : k + 4]):.3f}" for k in range(0, len(sums), 4)]
        rows.append([name, *by_background, f"{toys:.3f} ± {error:.3f}", f"{sums[9]:.3f}"])
    head = [
        "construction",
        "b = 0.5",
        "b = 1.65",
        "b = 1.65 ± 0.31",
        "b = 7 ± 1",
        "toys, s = 3, b = 1.65 ± 0.31",
        "sum there",
    ]
    write(STATISTICS, "coverage", table(head, rows))
    rows = []
    for n, b, db in ((0, 0.5, 0.1), (3, 1.65, 0.31), (10, 8.0, 1.0), (51, 18.0, 2.5), (200, 200.0, 10.0)):
        one = [counting_channel("one", n, b, db, 1.0, 0.05)]
        limit = likelihood.asymptotic_limit(one)
        exact = treatments(one)["CLs, background and signal errors"]
        rows.append([f"{n}", f"{b:g} ± {db:g}", f"{limit:.3f}", f"{exact:.3f}", f"{limit / exact - 1:+.1%}"])
        assert cls(exact, n, b, db, 0.05) < 0.101
    head = ["n", "b", "asymptotic CLs [events]", "hybrid CLs", "difference"]
    write(STATISTICS, "asymptotics", table(head, rows))


def vetoes() -> None:
    """Rejection of pi0."""
    rows = []
    for name, text in (("pinunu-2017", "1.4e-8 (2017)"), ("pi0-invisible", "2.8 +5.9 −2.1 e-9")):
        value, error = pi0.rejection(load_data(name)).total
        rows.append([name, f"{value:.2g} ± {error:.1g}", text])
    write(PAGE, "vetoes", table(["data", "simulated", "published (not confirmed)"], rows))


def main() -> None:
    """All tables and pictures."""
    proceedings()
    data_sets()
    resolution()
    tails()
    predictions()
    lnv()
    peaks()
    vetoes()
    combined()
    statistics()


if __name__ == "__main__":
    main()
