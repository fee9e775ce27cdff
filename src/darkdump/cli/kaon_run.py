"""Running a search of kaon mode from the command line: files and main numbers."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from darkdump.cli.run import free_name, warn
from darkdump.errors import DarkdumpError
from darkdump.kaon import pi0, standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.peak import stretches
from darkdump.kaon.recipe import KaonRecipe
from darkdump.kaon.running import Result, run
from darkdump.published import limits
from darkdump.statistics import hybrid, likelihood
from darkdump.statistics.treatments import treatments as every_treatment
from darkdump.store import check_free, known_formats
from darkdump.store_kaon import save_kaon, unit


def search_and_write(
    recipe: KaonRecipe,
    out: Path | None,
    formats: list[str],
    overlay: bool,
    cite: bool,
    external_error: float | None = None,
) -> None:
    """Run a search, write the result, print the main numbers; by every treatment if an external error is given."""
    if external_error is not None and not 0.0 <= external_error <= 1.0:
        raise DarkdumpError(f"external error = {external_error:g} is not allowed; it must lie between 0 and 1")
    known_formats(formats)
    if not recipe.model and (recipe.coupling or recipe.stable):
        warn("without effect: couplings and --stable are those of a model; give --model")
    folder = out or free_name(f"kaon-{recipe.search}")
    check_free(folder)
    result = run(recipe)
    for path in save_kaon(result, folder, formats, overlay):
        print(path)
    print()
    for line in summary(result):
        print(line)
    if external_error is not None:
        print("\n" + "\n".join(by_treatment(result, external_error)))
    if cite:
        print("\n" + "\n".join(citations(result, overlay)))


def summary(result: Result) -> list[str]:
    """The main numbers of a search, a line each."""
    lines = _of_counts(result) if result.counts else _of_scan(result)
    more = {"pinunu": _of_pinunu, "pi0-invisible": _of_rejection}.get(result.recipe.search)
    return lines + (more(result) if more else [])


def _of_counts(result: Result) -> list[str]:
    level, lines = result.recipe.confidence_level, []
    for one in result.counts:
        count, published = one.counting, one.data.published.get("acceptance")
        origin = "input" if one.measured else "from decays, acceptance and efficiencies of the card"
        parts = ", ".join(f"{name} {100 * value:.2f} %" for name, (value, _) in one.acceptance.items())
        simulated = f"  simulated acceptance, geometry and kinematics alone: {parts}"
        lines += [
            one.data.title,
            simulated if one.accepted < 1.0 else "  tagged decays are counted: no acceptance enters",
        ]
        if one.data.selections:
            lines.append(f"  with {', '.join(one.data.selections)}: {100 * one.accepted * one.data.selected:.3g} %")
        if published:
            lines.append(f"  published acceptance: {100 * published.value:.3g} %")
        lines.append(
            f"  single-event sensitivity {one.sensitivity:.3g} +- {100 * one.sensitivity_error:.2g} % ({origin})"
        )
        if one.data.decays and one.measured:
            lines.append(f"  which implies {one.implied_efficiency:.3g} for all efficiencies that are not simulated")
        lines += [
            f"  observed {count.n_obs}, background {count.background:.3g} +- {count.background_error:.2g}",
            f"  {one.parameter} < {one.limit(level):.3g} at {100 * level:g} % C.L.",
            _expected(one.expected(level)),
            *_remark(one.data),
        ]
    return lines


def _expected(limits: Mapping[str, float]) -> str:
    """Limits that background alone would give."""
    low, median, high = (limits[name] for name in ("low", "median", "high"))
    return f"  background alone would give {median:.3g}, {low:.3g} to {high:.3g} within one standard deviation"


def _remark(data: DataSet) -> list[str]:
    """What a card wants to be said with its results."""
    return [f"  {data.name}: {data.remark}"] if data.remark else []


def _of_pinunu(result: Result) -> list[str]:
    """All data sets together, the bound on K_L, and the Standard Model."""
    level = result.recipe.confidence_level
    scale = unit(result.counts, level)
    channels = [one.channel(scale) for one in result.counts]
    limit = scale * hybrid.upper_limit(channels, level)
    _, below, median, above, _ = (scale * x for x in hybrid.expected_limits(channels, level))
    low, high = (scale * x for x in likelihood.interval(channels, 0.6827))
    best = scale * likelihood.fit(channels).mu
    (charged, dc), (neutral, dn) = standard_model.charged(), standard_model.neutral()
    return [
        f"all data: BR(K+ -> pi+ nu nubar) < {limit:.3g} at {100 * level:g} % C.L. (CLs)",
        _expected({"low": below, "median": median, "high": above}),
        f"  so that BR(KL -> pi0 nu nubar) < {standard_model.grossman_nir(limit):.3g} (Grossman, Nir)",
        f"  best value {best:.3g}, {low:.3g} to {high:.3g} at 68 % C.L. (profile likelihood of the counts)",
        f"Standard Model: BR(K+ -> pi+ nu nubar) = {charged:.3g} +- {dc:.2g}, "
        f"BR(KL -> pi0 nu nubar) = {neutral:.3g} +- {dn:.2g}",
    ]


def _of_rejection(result: Result) -> list[str]:
    """How rarely a pi0 is not seen, as simulated, and what that makes of the background."""
    lines = []
    for data in result.data:
        (value, error), (events, more) = pi0.rejection(data).total, pi0.predicted_background(data)
        lines += [
            f"simulated: {value:.2g} +- {error:.1g} of the pi0 -> gamma gamma are not seen, and with them "
            f"{events:.2g} +- {more:.2g} background events are expected",
            *(
                f"  with half and twice the inefficiency of the {name}: {low:.2g}, {high:.2g}"
                for name, (low, high) in pi0.rejection(data).variations.items()
            ),
        ]
    return lines


def by_treatment(result: Result, external_error: float) -> list[str]:
    """The limit of all data sets together by each treatment, a line each."""
    level = result.recipe.confidence_level
    scale = unit(result.counts, level)
    found = every_treatment([one.channel(scale) for one in result.counts], level, external_error)
    width = max(map(len, found))
    return ["upper limit by treatment:", *(f"  {name:<{width}}  {scale * value:.4g}" for name, value in found.items())]


def _of_scan(result: Result) -> list[str]:
    scan = result.scan
    assert scan is not None
    best, level = int(scan.limit.argmin()), 100 * scan.confidence_level
    lifetime = "" if result.recipe.lifetime is None else f"; proper lifetime {result.recipe.lifetime:.3g} s"
    searched = ", ".join(f"{scan.masses[s][0]:.3g} to {scan.masses[s][-1]:.3g} GeV" for s in stretches(scan.masses))
    lines = [
        ", ".join(data.title for data in result.data) + lifetime,
        f"searched: {searched}; limits of {scan.parameter} at {level:g} % C.L. (expected: median of background alone) "
        f"from {scan.limit.min():.2g} to {scan.limit.max():.2g}",
        f"lowest {scan.limit[best]:.3g} at {scan.masses[best]:.3g} GeV: acceptance "
        f"{100 * scan.peaks[best].acceptance:.3g} %, background {scan.background[best]:.3g} +- "
        f"{scan.background_error[best]:.2g}, resolution of the squared mass {scan.peaks[best].resolution:.2g} GeV^2",
        f"numerical error of the acceptance: {100 * float(np.median(scan.column('error'))):.2g} % (median over masses)",
        *_noise(scan.column("noise")),
        *(line.strip() for data in result.data for line in _remark(data)),
    ]
    return lines + (_of_reach(result) if result.reach else [])


def _noise(noise: NDArray[np.float64]) -> list[str]:
    """Numerical error of simulated backgrounds."""
    text = f"{100 * float(np.median(noise)):.2g} % (median), {100 * float(noise.max()):.2g} % at most"
    return [f"numerical error of the background: {text}"] if noise.any() else []


def _of_reach(result: Result) -> list[str]:
    found = result.reach
    assert found is not None
    coupling, seen = found.model.coupling, ", decays not seen" if result.recipe.stable else ""
    if not found.events.any():
        return [
            f"{found.model.title}: no events at all, as such a coupling makes none in these decays or lives too short"
        ]
    if not found.curve:
        most = float((found.events / found.threshold[:, None]).max())
        return [f"{found.model.title}{seen}: nothing is excluded; at most {most:.2g} of the events that would be"]
    best = min(found.curve, key=lambda i: i.low)
    lowest = f"{best.low:.3g} {coupling.unit}".strip()
    title = found.model.title.split(",")[0] if seen else found.model.title
    return [f"{title}{seen}: lowest excluded {coupling.name} {lowest} at {best.mass:.3g} GeV"]


def citations(result: Result, overlay: bool) -> list[str]:
    """INSPIRE keys of what a search used, and the papers of the published limits that are drawn."""
    from darkdump.kaon.searches import SEARCHES

    sources = {"apparatus": apparatus().inspire} | {data.name: data.inspire for data in result.data}
    if result.reach:
        sources["model"] = result.reach.model.inspire
    lines = [f"cite for {what}: {', '.join(keys)}" for what, keys in sources.items() if keys]
    plane = SEARCHES[result.recipe.search].plane if overlay else ""
    return lines + [f"limit {limit.label}: {limit.paper}" for limit in limits(plane) if limit.draw]


def print_proceedings() -> None:
    """Print every number of the proceedings: printed, computed, ratio, remark."""
    from rich.console import Console
    from rich.table import Table

    from darkdump.kaon.proceedings import numbers

    table = Table(box=None, pad_edge=False)
    for heading in ("sec.", "number", "printed", "ours is", "", "ratio", "remark"):
        table.add_column(heading, justify="right" if heading in ("printed", "", "ratio") else "left", overflow="fold")
    for one in numbers():
        unit = f" {one.unit}" if one.unit else ""
        printed, computed = shown(one.value, unit), shown(one.computed, unit)
        table.add_row(one.section, one.text, printed, one.kind, computed, shown(one.ratio, ""), one.note)
    Console().print(table)


def shown(value: float, unit: str) -> str:
    """A number with its unit, nothing for one that is missing."""
    return "" if np.isnan(value) else f"{value:.3g}{unit}"
