"""Result folders of kaon mode: written whole or not at all, as those of scans."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from darkdump import plot_kaon
from darkdump.kaon import backgrounds, pinunu
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.recipe_file import kaon_recipe_text
from darkdump.kaon.running import Result
from darkdump.statistics.workspace import workspace
from darkdump.store import check_free, known_formats, write_csv, write_folder


def save_kaon(
    result: Result, folder: str | Path, formats: Sequence[str] = ("png",), overlay: bool = True
) -> list[Path]:
    """Write the result of a search into a new folder: recipe, tables, workspace, pictures.

    Parameters
    ----------
    result : Result
    folder : str or Path
        Must not exist yet.
    formats : sequence of str
        Of the pictures: ``"png"``, ``"pdf"``, ``"svg"``.
    overlay : bool
        Whether the published limits are drawn behind.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DarkdumpError
        If the folder exists or cannot be written; nothing is left behind then.
    """
    folder, formats = Path(folder), known_formats(formats)
    check_free(folder)
    recipe = kaon_recipe_text(result.recipe, formats, overlay)
    writers: dict[str, Callable[[Path], object]] = {
        "kaon.toml": lambda path: path.write_text(recipe, encoding="utf-8"),
    }
    if result.counts:
        writers["counts.csv"] = lambda path: _counts(path, result)
        for name, counts in _decays(result).items():
            writers[name] = lambda path, counts=counts: _workspace(path, counts)  # type: ignore[misc]
    if result.recipe.search == "pinunu":
        writers["backgrounds.csv"] = lambda path: _backgrounds(path, result.data)
        writers["resolution.csv"] = lambda path: _resolution(path, result.data)
    if result.scan is not None:
        writers["limits.csv"] = lambda path: _limits(path, result)
    if result.reach is not None:
        writers["events.csv"] = lambda path: _events(path, result)
        writers["curve.csv"] = lambda path: _curve(path, result)
    for name, draw in plot_kaon.pictures(result, overlay).items():
        for ending in formats:
            writers[f"{name}.{ending}"] = draw
    return write_folder(folder, writers)


def _comments(result: Result, text: str) -> list[str]:
    """What a table holds, of which data, and what their cards want to be said with it."""
    names = ", ".join(data.name for data in result.data)
    level = f"{apparatus().title}; data: {names}; {100 * result.recipe.confidence_level:g} % C.L."
    return [text, level, *(f"{data.name}: {data.remark}" for data in result.data if data.remark)]


def _counts(path: Path, result: Result) -> None:
    """Acceptance, sensitivity and limit of each data set."""
    header = ["data", "parameter", "acceptance", "its numerical error", "published acceptance", "decays"]
    header += ["efficiency that is not simulated", "single-event sensitivity", "its relative error", "sensitivity is"]
    header += ["background", "background error", "observed", "upper limit"]
    header += ["expected, low", "expected, median", "expected, high"]
    rows = []
    for one in result.counts:
        published = one.data.published.get("acceptance")
        decays, level = one.data.decays, result.recipe.confidence_level
        expected = one.expected(level)
        rows.append(
            [
                one.data.name,
                one.parameter,
                one.accepted,
                one.numerical_error,
                published.value if published else "",
                decays.value if decays else "",
                one.implied_efficiency if decays else "",
                one.sensitivity,
                one.sensitivity_error,
                "input" if one.measured else "computed",
                one.counting.background,
                one.counting.background_error,
                one.counting.n_obs,
                one.limit(level),
                *(expected[name] for name in ("low", "median", "high")),
            ]
        )
    text = (
        "Acceptance: geometry and kinematics, simulated, or 1 where tagged decays are counted; efficiency: that of the "
        "card where the sensitivity is computed, otherwise what sensitivity, decays and acceptance imply"
    )
    write_csv(path, _comments(result, text), header, rows)


def _decays(result: Result) -> dict[str, list[Count]]:
    """Counts of each decay by the name of the file for its workspace: data sets of one decay share a strength."""
    found: dict[str, list[Count]] = {}
    for one in result.counts:
        found.setdefault(one.parameter, []).append(one)
    if len(found) == 1:
        return {"workspace.json": list(result.counts)}
    return {f"workspace-{counts[0].data.name}.json": counts for counts in found.values()}


def unit(counts: Sequence[Count], confidence_level: float = 0.9) -> float:
    """Branching ratio at a signal strength of one: the power of ten that the best limit is near to."""
    return float(10.0 ** round(math.log10(min(one.limit(confidence_level) for one in counts))))


def _workspace(path: Path, counts: Sequence[Count]) -> None:
    """A workspace whose parameter of interest says what it is."""
    scale = unit(counts)
    channels = [one.channel(scale) for one in counts]
    text = json.dumps(workspace(channels, poi=f"{counts[0].parameter} / {scale:g}"), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _backgrounds(path: Path, sets: Sequence[DataSet]) -> None:
    """Backgrounds of K+ -> pi+ nu nubar: those of the cards, and what simulation makes of them."""
    header = ["data", "process", "events of the card", "error", "simulated", "numerical error"]
    rows: list[list[object]] = []
    for data in sets:
        for name, card in data.backgrounds.items():
            found = backgrounds.expected(data, name) if name in backgrounds.PROCESSES else {}
            events = sum(value for value, _ in found.values()) if found else ""
            error = sum(e**2 for _, e in found.values()) ** 0.5 if found else ""
            rows.append([data.name, name, card.value, card.error, events, error])
    text = (
        "Expected background events in the signal regions; simulated where it can be, with the inefficiencies of vetoes"
    )
    write_csv(
        path, [text, "of which that of the IRC was chosen with the published pi0 rejection in view"], header, rows
    )


def _resolution(path: Path, sets: Sequence[DataSet]) -> None:
    """Resolution of the squared missing mass at the peak of K+ -> pi+ pi0."""
    header = ["data", "least momentum [GeV]", "largest momentum [GeV]", "resolution of squared mass [GeV^2]"]
    rows = [[data.name, *ends, sigma] for data in sets for ends, sigma in pinunu.resolution(data).items()]
    write_csv(path, ["Simulated resolution of the squared missing mass of K+ -> pi+ pi0"], header, rows)


def _limits(path: Path, result: Result) -> None:
    """What is expected at each mass, and the limits."""
    scan = result.scan
    assert scan is not None
    processes = list(dict.fromkeys(name for peak in scan.peaks for name in peak.background))
    header = ["mass [GeV]", "acceptance", "relative numerical error", "resolution of squared mass [GeV^2]"]
    header += [
        "parameter of one event",
        "relative error of the parameter",
        "background",
        "background error",
        "its relative numerical error",
        *(f"background {p}" for p in processes),
    ]
    header += [f"limit, {name}" for name in scan.limits]
    rows = []
    for m, (mass, peak) in enumerate(zip(scan.masses, scan.peaks, strict=True)):
        own = [float(peak.background.get(name, (0.0, 0.0))[0]) for name in processes]
        limits = [float(limit[m]) for limit in scan.limits.values()]
        events = [float(scan.background[m]), float(scan.background_error[m]), peak.noise]
        known = [float(mass), peak.acceptance, peak.error, peak.resolution, peak.sensitivity, peak.sensitivity_error]
        rows.append([*known, *events, *own, *limits])
    text = f"Upper limits of {scan.parameter} against mass; median, low and high: of what background alone would give"
    write_csv(path, _comments(result, text), header, rows)


def _units(result: Result) -> tuple[str, str]:
    assert result.reach is not None
    coupling = result.reach.model.coupling
    return "mass [GeV]", f"{coupling.name} [{coupling.unit or '1'}]"


def _events(path: Path, result: Result) -> None:
    """Expected events on the grid of masses and couplings."""
    found = result.reach
    assert found is not None
    rows = [
        [float(mass), float(coupling), float(found.events[m, c]), float(found.error[m])]
        for m, mass in enumerate(found.masses)
        for c, coupling in enumerate(found.couplings)
    ]
    comments = _comments(result, f"Expected events: {found.model.title}")
    write_csv(path, comments, [*_units(result), "events", "relative error"], rows)


def _curve(path: Path, result: Result) -> None:
    """Excluded intervals of the coupling at each mass."""
    found = result.reach
    assert found is not None
    mass, coupling = _units(result)
    header = [mass, f"lowest {coupling}", f"highest {coupling}", "relative error of lowest"]
    header += ["relative error of highest", "lowest is open", "highest is open"]
    rows = [[i.mass, i.low, i.high, i.low_error, i.high_error, int(i.low_open), int(i.high_open)] for i in found.curve]
    write_csv(path, _comments(result, f"Excluded couplings at each mass: {found.model.title}"), header, rows)
