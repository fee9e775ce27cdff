"""Recompute what the documentation says of dumps other than NA62's: `python docs/compare_dumps.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np
from compare import HERE, edges, published_edges, table, write

from darkdump import Scan, load_experiment, load_model, scan
from darkdump.experiment import TrackSelection
from darkdump.plot import INK, draw
from darkdump.published import limits

PAGE = "comparison.md"
LIMITS = {limit.name: limit for limit in limits("dark-photon")}
NEW = ("bebc", "ship", "shadows", "na62-kaon-target", "na62-kaon-collimator")


@dataclass(frozen=True)
class Case:
    """One way to repeat a recast: production modes, hadron spectra, and what changes in the selection of e e."""

    label: str
    production: tuple[str, ...]
    spectra: str = "pythia"
    changes: dict[str, Any] = field(default_factory=dict)

    def run(self, name: str) -> Scan:
        """The scan of a dark photon in an experiment."""
        experiment = load_experiment(name)
        cut = experiment.selections["e e"]
        assert isinstance(cut, TrackSelection)
        selections = {**experiment.selections, "e e": replace(cut, **self.changes)}
        return scan(
            load_model("dark-photon"),
            replace(experiment, selections=selections),
            production=self.production,
            spectra=self.spectra,
            mass=(1.5e-3, 0.9),
            coupling=(1e-9, 1e-2),
            couplings=200,
        )


PI0, ETA = ("pi0-decay", "eta-decay"), ("eta-decay", "etap-decay")
RECASTS: dict[str, tuple[str, tuple[float, ...], tuple[Case, ...]]] = {
    "nucal-2014": (
        "nucal",
        (0.002, 0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5),
        (
            Case("π⁰", PI0[:1]),
            Case("π⁰, pp, shower above 3 GeV", PI0[:1], "pythia-pp", {"energy": (3.0, inf)}),
            Case("brems-bb", ("brems-bb",)),
            Case("brems-bb-ff", ("brems-bb-ff",)),
        ),
    ),
    "nucal-2019": (
        "nucal",
        (0.003, 0.01, 0.03, 0.08, 0.13, 0.2, 0.25, 0.35, 0.48, 0.6),
        (
            Case("π⁰, η, brems-bb-ff", (*PI0, "brems-bb-ff")),
            Case("the same, pp", (*PI0, "brems-bb-ff"), "pythia-pp"),
            Case("π⁰, η, brems-bb", (*PI0, "brems-bb")),
        ),
    ),
    "charm-2012": (
        "charm",
        (0.003, 0.01, 0.03, 0.06, 0.1, 0.16, 0.23),
        (Case("η, η'", ETA), Case("the same, pythia-raw", ETA, "pythia-raw")),
    ),
    "charm-2019": (
        "charm",
        (0.002, 0.004, 0.01, 0.02, 0.04, 0.08, 0.13, 0.2),
        (
            Case("π⁰, η", PI0),
            Case("the same, showers above 3 GeV", PI0, changes={"momentum": (3.0, inf)}),
            Case("the same, pp", PI0, "pythia-pp", {"momentum": (3.0, inf)}),
        ),
    ),
}
"""Published curves: experiment, masses [GeV], and the ways to repeat them."""


def recasts() -> None:
    """CHARM and NuCal beside their published recasts for the dark photon: ours over published, lower and upper edge."""
    for name, (experiment, masses, cases) in RECASTS.items():
        results = [case.run(experiment) for case in cases]
        rows = []
        for mass in masses:
            theirs = published_edges(LIMITS[name], mass)
            cells = [np.divide(edges(result, mass), theirs) for result in results]
            rows.append(
                [f"{1e3 * mass:g}", *(f"{x:.2e}" for x in theirs)]
                + ["-" if np.isnan(low) else f"{low:.2f}, {high:.2f}" for low, high in cells]
            )
        head = ["mass [MeV]", "published, lower", "upper", *(case.label for case in cases)]
        write(PAGE, f"dark-photon-{name}", table(head, rows))


def pictures() -> None:
    """CHARM and NuCal with all modes, and the published recasts."""
    curves = {
        "charm": {"charm-2012": "1204.3583", "charm-2019": "1908.07525"},
        "nucal": {"nucal-2014": "1104.2747, 1311.3870", "nucal-2019": "1908.07525"},
    }
    for name, published in curves.items():
        figure = draw(scan(load_model("dark-photon"), load_experiment(name), couplings=300), overlay=False)
        axes = figure.axes[0]
        for (key, paper), style in zip(published.items(), ("-", "--"), strict=True):
            limit = LIMITS[key]
            axes.plot(limit.mass, limit.coupling, style, color=INK, lw=1.4, label=f"recast, arXiv:{paper}")
        axes.legend(loc="upper right", fontsize=9)
        figure.savefig(HERE / "figures" / f"{name}-dark-photon.png", dpi=110)


def reach(names: Sequence[str] = NEW) -> None:
    """What the statistics of the cards allow for the dark photon."""
    rows = []
    for name in names:
        experiment = load_experiment(name)
        result = scan(load_model("dark-photon"), experiment)
        largest = f"{1e3 * result.curve[-1].mass:.0f}" if result.curve[-1].mass < result.masses[-1] else "beyond 2000"
        lowest = min(interval.low for interval in result.curve)
        rows.append([f"`{name}`", f"{experiment.beam.pot:.3g}", f"{lowest:.1e}", largest])
    write("cards.md", "reach", table(["card", "POT", "lowest ε", "largest mass [MeV]"], rows))


if __name__ == "__main__":
    (HERE / "figures").mkdir(exist_ok=True)
    for make in (recasts, pictures, reach):
        make()
