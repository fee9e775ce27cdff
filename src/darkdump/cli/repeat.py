"""Recipes that are run again, and results that are used further."""

import json
import math
from pathlib import Path

import numpy as np

from darkdump.cli.kaon_run import search_and_write
from darkdump.cli.run import free_name, run_and_write, warn
from darkdump.combination import combine
from darkdump.combination_file import CombinationRecipe, describes_combination, read_combination
from darkdump.errors import DarkdumpError
from darkdump.kaon.recipe_file import describes_search, read_kaon_recipe
from darkdump.recipe_file import read_recipe
from darkdump.statistics.workspace import workspace
from darkdump.store import check_free, known_formats
from darkdump.store_combination import save_combination
from darkdump.stored import channel, load_part, load_parts


def repeat(path: Path, threads: int | None, out: Path | None, cite: bool) -> None:
    """Run a recipe of a scan, of a search of kaon mode, or of combined results."""
    if describes_combination(path):
        joined = read_combination(path)
        _warn(path, joined.changed)
        combine_and_write(joined, out)
    elif describes_search(path):
        own = read_kaon_recipe(path)
        _warn(path, own.changed)
        search_and_write(own.recipe, out, list(own.formats), own.overlay, cite)
    else:
        read = read_recipe(path)
        _warn(path, read.changed)
        run_and_write(read.recipe, out, list(read.formats), read.overlay, read.variants, threads, cite)


def _warn(path: Path, changed: tuple[str, ...]) -> None:
    if changed:
        warn(f"{path} was written with other versions or inputs: {', '.join(changed)}; numbers may differ")


def combine_and_write(recipe: CombinationRecipe, out: Path | None) -> None:
    """Join results, write them, print the main numbers."""
    known_formats(recipe.formats)
    parts = load_parts(recipe.results)
    folder = out or free_name(f"{Path(parts[0].model.name).stem}-combined" if parts else "combined")
    check_free(folder)
    found = combine(parts, recipe.method, recipe.confidence_level)
    for path in save_combination(found, recipe, folder):
        print(path)
    print()
    coupling = found.model.coupling
    print(f"{found.model.title}; {', '.join(part.name for part in parts)}; {recipe.method}")
    if found.expected:
        print(f"observed events are not known, the median of the background is taken: {', '.join(found.expected)}")
    if not found.curve:
        print("nothing is excluded")
        return
    best, masses = min(found.curve, key=lambda i: i.low), [i.mass for i in found.curve]
    lowest = f"{best.low:.3g} {coupling.unit}".strip()
    print(
        f"excluded from {min(masses):.3g} to {max(masses):.3g} GeV; "
        f"lowest {coupling.name} {lowest} at {best.mass:.3g} GeV"
    )


def write_workspace(folder: Path, mass: float, coupling: float, out: Path | None) -> None:
    """Write a result at one mass [GeV] and coupling as a HistFactory workspace, or print it.

    Raises
    ------
    DarkdumpError
        If the result says nothing of them, or the file exists.
    """
    for name, value in (("mass", mass), ("coupling", coupling)):
        if not 0.0 < value < math.inf:
            raise DarkdumpError(f"{name} = {value:g} is not allowed; it must be a finite number above 0")
    part = load_part(folder)
    if not part.covers(mass):
        low, high = part.masses[[0, -1]]
        if low < mass < high:
            below, above = part.masses[part.masses < mass][-1], part.masses[part.masses > mass][0]
            raise DarkdumpError(
                f"mass = {mass:g} is not searched in {folder}: the result has a gap there, "
                f"between {below:g} and {above:g}"
            )
        raise DarkdumpError(f"mass = {mass:g} is not searched in {folder}; it must lie between {low:g} and {high:g}")
    events, count = part.at(mass, np.array([coupling]))
    if events[0] == 0.0:
        low, high = part.couplings[[0, -1]]
        raise DarkdumpError(f"coupling = {coupling:g}: no events in {folder}, where {low:g} to {high:g} were scanned")
    text = json.dumps(workspace([channel(part.name, float(events[0]), count)]), indent=1)
    if out is None:
        print(text)
        return
    if out.exists():
        raise DarkdumpError(f"{out} exists already: a result is never overwritten; name another file")
    out.write_text(text + "\n", encoding="utf-8")
    print(out)
