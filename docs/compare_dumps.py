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
LIMITS = {plane: {limit.name: limit for limit in limits(plane)} for plane in ("dark-photon", "dark-scalar")}
BEYOND = 0.05
"""Couplings at which published curves of a scalar rise to the end of their plot, at the threshold of two muons."""

NEW = ("bebc", "ship", "shadows", "na62-kaon-target", "na62-kaon-collimator")


@dataclass(frozen=True)
class Case:
    """One way to repeat a recast: production modes, hadron spectra, and what changes in the selection of e e."""

    label: str
    production: tuple[str, ...]
    spectra: str = "pythia"
    changes: dict[str, Any] = field(default_factory=dict)

    def run(self, model: str, name: str) -> Scan:
        """The scan of a model in an experiment."""
        experiment = load_experiment(name)
        cut = experiment.selections["e e"]
        assert isinstance(cut, TrackSelection)
        selections = {**experiment.selections, "e e": replace(cut, **self.changes)}
        return scan(
            load_model(model),
            replace(experiment, selections=selections),
            production=self.production,
            spectra=self.spectra,
            mass=(1.5e-3, 0.9),
            coupling=(1e-9, 0.9),
            couplings=300,
        )


PI0, ETA, B_AND_K = ("pi0-decay", "eta-decay"), ("eta-decay", "etap-decay"), ("b-exclusive", "kaon-decay")
RECASTS: dict[tuple[str, str], tuple[str, tuple[float, ...], tuple[Case, ...]]] = {
    ("dark-photon", "nucal-2014"): (
        "nucal",
        (0.002, 0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5),
        (
            Case("π⁰", PI0[:1]),
            Case("π⁰, pp, shower above 3 GeV", PI0[:1], "pythia-pp", {"energy": (3.0, inf)}),
            Case("brems-bb", ("brems-bb",)),
            Case("brems-bb-ff", ("brems-bb-ff",)),
        ),
    ),
    ("dark-photon", "nucal-2019"): (
        "nucal",
        (0.003, 0.01, 0.03, 0.08, 0.13, 0.2, 0.25, 0.35, 0.48, 0.6),
        (
            Case("π⁰, η, brems-bb-ff", (*PI0, "brems-bb-ff")),
            Case("the same, pp", (*PI0, "brems-bb-ff"), "pythia-pp"),
            Case("π⁰, η, brems-bb", (*PI0, "brems-bb")),
        ),
    ),
    ("dark-photon", "charm-2012"): (
        "charm",
        (0.003, 0.01, 0.03, 0.06, 0.1, 0.16, 0.23),
        (Case("η, η'", ETA), Case("the same, pythia-raw", ETA, "pythia-raw")),
    ),
    ("dark-photon", "charm-2019"): (
        "charm",
        (0.002, 0.004, 0.01, 0.02, 0.04, 0.08, 0.13, 0.2),
        (
            Case("π⁰, η", PI0),
            Case("the same, showers above 3 GeV", PI0, changes={"momentum": (3.0, inf)}),
            Case("the same, pp", PI0, "pythia-pp", {"momentum": (3.0, inf)}),
        ),
    ),
    ("dark-scalar", "charm-2019"): (
        "charm",
        (0.05, 0.1, 0.15, 0.2, 0.22, 0.23, 0.245, 0.26, 0.275),
        (
            Case("B, K", B_AND_K),
            Case("B", B_AND_K[:1]),
            Case("K", B_AND_K[1:]),
            Case("B, K, e e as μμ", B_AND_K, changes={"momentum": (1.0, inf), "tracks": 2, "efficiency": 0.85}),
        ),
    ),
}
"""Published curves, by model and name: experiment, masses [GeV], and the ways to repeat them."""


def recasts() -> None:
    """CHARM and NuCal beside their published recasts: ours over published, lower and upper edge."""
    for (model, name), (experiment, masses, cases) in RECASTS.items():
        results = [case.run(model, experiment) for case in cases]
        rows = []
        for mass in masses:
            theirs = published_edges(LIMITS[model][name], mass)
            row = [f"{1e3 * mass:g}", f"{theirs[0]:.2e}", f"{theirs[1]:.2e}" if theirs[1] < BEYOND else "-"]
            for low, high in (np.divide(edges(result, mass), theirs) for result in results):
                upper = f", {high:.2f}" if theirs[1] < BEYOND else ""
                row.append("-" if np.isnan(low) else f"{low:.2f}{upper}")
            rows.append(row)
        head = ["mass [MeV]", "published, lower", "upper", *(case.label for case in cases)]
        write(PAGE, f"{model}-{name}", table(head, rows))


PICTURES = {
    ("dark-photon", "charm"): {"charm-2012": "1204.3583", "charm-2019": "1908.07525"},
    ("dark-photon", "nucal"): {"nucal-2014": "1104.2747, 1311.3870", "nucal-2019": "1908.07525"},
    ("dark-scalar", "charm"): {"charm-2019": "1809.01876"},
}
"""Models and experiments, and the published recasts beside them: names and arXiv numbers."""


def pictures() -> None:
    """CHARM and NuCal with all modes of the default, and the published recasts."""
    for (model, name), published in PICTURES.items():
        figure = draw(scan(load_model(model), load_experiment(name), couplings=300), overlay=False)
        axes = figure.axes[0]
        for (key, paper), style in zip(published.items(), ("-", "--"), strict=False):
            limit = LIMITS[model][key]
            axes.plot(limit.mass, limit.coupling, style, color=INK, lw=1.4, label=f"recast, arXiv:{paper}")
        axes.legend(loc="upper right", fontsize=9)
        figure.savefig(HERE / "figures" / f"{name}-{model}.png", dpi=110)


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
