"""Running a search of kaon mode from the command line: files and main numbers."""

from pathlib import Path

import numpy as np

from darkdump.cli.run import free_name
from darkdump.errors import DarkdumpError
from darkdump.kaon import standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.searches import KaonRecipe, Result, run
from darkdump.published import limits
from darkdump.statistics import hybrid, likelihood
from darkdump.statistics.treatments import treatments as every_treatment
from darkdump.store import check_free, known_formats
from darkdump.store_kaon import UNIT, save_kaon


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
    return lines + (_of_pinunu(result) if result.recipe.search == "pinunu" else [])


def _of_counts(result: Result) -> list[str]:
    level, lines = result.recipe.confidence_level, []
    for one in result.counts:
        parts = ", ".join(f"{name} {100 * value:.2f} %" for name, (value, _) in one.acceptance.items())
        published = one.data.published.get("acceptance")
        known = f" (published with efficiencies: {100 * published.value:.3g} %)" if published else ""
        origin = "input" if one.measured else "from decays, acceptance and efficiencies"
        count = one.counting
        lines += [
            f"{one.data.title}",
            f"  acceptance {parts}{known}",
            f"  one event for {one.sensitivity:.3g} +- {100 * one.sensitivity_error:.2g} % ({origin}); observed "
            f"{count.n_obs}, background {count.background:g} +- {count.background_error:g}",
            f"  {one.parameter} < {one.limit(level):.3g} at {100 * level:g} % C.L.",
        ]
        if one.data.decays:
            lines.insert(
                -1, f"  that implies an efficiency of {one.implied_efficiency:.3g} for all that is not simulated"
            )
    return lines


def _of_pinunu(result: Result) -> list[str]:
    """All data sets together, the bound on K_L, and the Standard Model."""
    level = result.recipe.confidence_level
    channels = [one.channel(UNIT) for one in result.counts]
    limit = UNIT * hybrid.upper_limit(channels, level)
    low, high = (UNIT * x for x in likelihood.interval(channels, 0.6827))
    (charged, dc), (neutral, dn) = standard_model.charged(), standard_model.neutral()
    return [
        f"together: BR(K+ -> pi+ nu nubar) < {limit:.3g} at {100 * level:g} % C.L.; {low:.3g} to {high:.3g} at 68 %",
        f"  so that BR(KL -> pi0 nu nubar) < {standard_model.grossman_nir(limit):.3g} (Grossman, Nir)",
        f"Standard Model: ({charged:.3g} +- {dc:.2g}) and ({neutral:.3g} +- {dn:.2g})",
    ]


def by_treatment(result: Result, external_error: float) -> list[str]:
    """The limit of all data sets together by each treatment, a line each."""
    channels = [one.channel(UNIT) for one in result.counts]
    found = every_treatment(channels, result.recipe.confidence_level, external_error)
    width = max(map(len, found))
    return ["upper limit by treatment:", *(f"  {name:<{width}}  {UNIT * value:.4g}" for name, value in found.items())]


def _of_scan(result: Result) -> list[str]:
    scan = result.scan
    assert scan is not None
    best, level = int(scan.limit.argmin()), 100 * scan.confidence_level
    kind = "observed" if "observed" in scan.limits else "median of background alone"
    lines = [
        ", ".join(data.title for data in result.data),
        f"{scan.parameter} < {scan.limit[best]:.3g} at {scan.masses[best]:.3g} GeV, at {level:g} % C.L. ({kind}); "
        f"{scan.masses[0]:.3g} to {scan.masses[-1]:.3g} GeV searched, "
        f"limits {scan.limit.min():.2g} to {scan.limit.max():.2g}",
        f"there: acceptance {100 * scan.peaks[best].acceptance:.3g} %, background {scan.background[best]:.3g} +- "
        f"{scan.background_error[best]:.2g}, resolution of the squared mass {scan.peaks[best].resolution:.2g} GeV^2",
        f"numerical error: {100 * float(np.median(scan.column('error'))):.2g} % (median)",
    ]
    return lines + (_of_reach(result) if result.reach else [])


def _of_reach(result: Result) -> list[str]:
    found = result.reach
    assert found is not None
    coupling = found.model.coupling
    if not found.events.any():
        return [
            f"{found.model.title}: no events at all, as such a coupling makes none in these decays or lives too short"
        ]
    if not found.curve:
        stable = "" if result.recipe.stable else "; most decay too soon, see --stable"
        return [
            f"{found.model.title}: nothing is excluded, at most {found.events.max():.3g} events are expected{stable}"
        ]
    best = min(found.curve, key=lambda i: i.low)
    lowest = f"{best.low:.3g} {coupling.unit}".strip()
    seen = ", decays not seen" if result.recipe.stable else ""
    return [f"{found.model.title}{seen}: lowest {coupling.name} {lowest} at {best.mass:.3g} GeV"]


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
