"""Running a recipe from the command line: progress, files, main numbers."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from darkdump.model import PORTALS
from darkdump.plot import check_labels
from darkdump.production import PRODUCTION
from darkdump.production.heavy_flavour import sources as heavy_sources
from darkdump.production.spectra import catalogue
from darkdump.published import limits
from darkdump.recipe import Recipe
from darkdump.scanning import Scan, without_effect
from darkdump.scanning import run as run_recipe
from darkdump.store import check_free, known_formats, save, save_ternary
from darkdump.ternary import Ternary
from darkdump.variants import variant_name
from darkdump.variants import variants as run_variants


def whole_or_word(text: str | None) -> int | str | None:
    """A whole number, or the text as it is."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return text


def warn(line: str) -> None:
    """A line that does not stop the run."""
    print(f"darkdump: warning: {line}", file=sys.stderr)


def run_and_write(
    recipe: Recipe,
    out: Path | None,
    formats: list[str],
    overlay: bool,
    variants: bool,
    threads: int | None,
    cite: bool,
) -> None:
    """Run a recipe with a progress bar, write the result, print the main numbers."""
    known_formats(formats)
    check_labels(recipe.model)
    for line in without_effect(recipe):
        warn(f"without effect: {line}")
    folder = out or free_name(f"{Path(recipe.model.name).stem}-{Path(recipe.experiment.name).stem}")
    check_free(folder)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{Path(recipe.model.name).stem}, masses", total=len(recipe.masses))
        result = run_recipe(recipe, threads=threads, progress=lambda: progress.advance(task))
        others: tuple[Scan, ...] = ()
        if variants:
            progress.update(task, description="variants, masses", total=None)
            others = run_variants(result, threads=threads, progress=lambda: progress.advance(task))
    files = save(result, folder, formats=formats, overlay=overlay, variants=others)
    for path in files:
        print(path)
    print()
    for line in summary(result):
        print(line)
    for other in others:
        print(f"{variant_name(other, result)}: {_reach(other)}")
    if cite:
        print("\n" + "\n".join(citations(recipe, overlay)))


def ternary_and_write(result: Callable[[], Ternary], out: Path | None, name: str, formats: list[str]) -> None:
    """Scan the patterns of mixings, write the result, print the main numbers."""
    known_formats(formats)
    folder = out or free_name(name)
    check_free(folder)
    found = result()
    for path in save_ternary(found, folder, formats):
        print(path)
    print()
    recipe, seen = found.recipe, np.isfinite(found.low)
    print(f"heavy neutral lepton of {found.mass:g} GeV; {recipe.experiment.title}; {recipe.pot:g} POT")
    if not seen.any():
        print("nothing is excluded for any pattern")
        return
    for what, index in (("lowest", np.nanargmin(found.low)), ("highest", np.nanargmax(found.low))):
        parts = " : ".join(f"{part:.3g}" for part in found.parts[index])
        print(f"{what} reach U2 = {found.low[index]:.3g} for e : mu : tau = {parts}")
    if not seen.all():
        print(f"nothing is excluded for {np.count_nonzero(~seen)} of {len(seen)} patterns")
    print(f"numerical error: at most {100 * found.error:.2g} % in U2")


def free_name(name: str) -> Path:
    """The name as a folder in the working directory, with a number if it exists."""
    number, folder = 1, Path(name)
    while folder.exists() or folder.is_symlink():
        number += 1
        folder = Path(f"{name}-{number}")
    return folder


def summary(result: Scan) -> list[str]:
    """The main numbers of a scan, a line each."""
    recipe = result.recipe
    coupling = recipe.model.coupling
    lines = [
        f"{recipe.model.title}; {recipe.experiment.title}; {recipe.pot:g} POT",
        f"{result.threshold:.4g} signal events are excluded at {100 * recipe.confidence_level:g} % C.L.",
        _reach(result),
    ]
    if result.numerical_error >= 0.0:
        error = f"{100 * result.numerical_error:.2g} %"
        lines.append(f"numerical error of the events: {error} (median where there are 0.1 to 1000)")
    edges = [max(i.low_error, i.high_error) for i in result.curve]
    if edges:
        lines.append(f"numerical error of the curve: at most {100 * max(edges):.2g} % in {coupling.name}")
    goes_on = result.couplings[-1] < PORTALS[recipe.model.portal].largest
    if any(i.low_open or (i.high_open and goes_on) for i in result.curve):
        lines.append("the region goes on beyond the couplings that were scanned: see --coupling")
    if result.curve and result.curve[-1].mass == result.masses[-1]:
        lines.append("the region goes on beyond the masses that were scanned: see --mass")
    return lines


def _reach(result: Scan) -> str:
    coupling = result.recipe.model.coupling
    if not result.events.any():
        return (
            "nothing is excluded: no events at all, as a coupling is zero, or nothing is made or seen at these masses"
        )
    if not result.curve:
        return f"nothing is excluded; at most {result.events.max():.3g} events are expected"
    best = min(result.curve, key=lambda i: i.low)
    return (
        f"excluded from {result.curve[0].mass:.3g} to {result.tip:.3g} GeV; lowest {coupling.name} "
        f"{' '.join([f'{best.low:.3g}', coupling.unit]).strip()} at {best.mass:.3g} GeV"
    )


def citations(recipe: Recipe, overlay: bool) -> list[str]:
    """INSPIRE keys of what a run used, and the papers of the published limits that are drawn."""
    entry = catalogue()[recipe.spectra]
    sources = {
        "model": recipe.model.inspire,
        "experiment": recipe.experiment.inspire,
        "spectra": tuple(entry.get("inspire", [])),
    } | {mode: PRODUCTION[mode].inspire for mode in recipe.model.production}
    lines = [f"cite for {what}: {', '.join(keys)}" for what, keys in sources.items() if keys]
    if any(PRODUCTION[mode].heavy for mode in recipe.model.production):
        lines += [f"charm and beauty, {part}: {source}" for part, source in heavy_sources(recipe.heavy).items()]
    if overlay:
        lines += [f"limit {limit.label}: {limit.paper}" for limit in limits(recipe.model.plane) if limit.draw]
    return lines
