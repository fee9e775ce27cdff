"""Result folders of combined results."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from darkdump import plot_combination
from darkdump.combination import Combination
from darkdump.combination_file import CombinationRecipe, combination_text
from darkdump.store import check_free, known_formats, write_csv, write_folder


def save_combination(found: Combination, recipe: CombinationRecipe, folder: str | Path) -> list[Path]:
    """Write combined results into a new folder: recipe, CLs on the grid, curve, picture; as `darkdump.store.save`."""
    folder, formats = Path(folder), known_formats(recipe.formats)
    check_free(folder)
    text = combination_text(recipe)
    writers: dict[str, Callable[[Path], object]] = {
        "combine.toml": lambda path: path.write_text(text, encoding="utf-8"),
        "cls.csv": lambda path: _cls(path, found),
        "curve.csv": lambda path: _curve(path, found),
    }
    for ending in formats:
        writers[f"curve.{ending}"] = lambda path: plot_combination.save(found, path, recipe.overlay)
    return write_folder(folder, writers)


def _comments(found: Combination, text: str) -> list[str]:
    parts = ", ".join(part.name for part in found.parts)
    lines = [text, f"{found.model.title}; {parts}; {found.method}; {100 * found.confidence_level:g} % C.L."]
    return lines + ([f"median of background alone for {', '.join(found.expected)}"] if found.expected else [])


def _units(found: Combination) -> tuple[str, str]:
    coupling = found.model.coupling
    return "mass [GeV]", f"{coupling.name} [{coupling.unit or '1'}]"


def _cls(path: Path, found: Combination) -> None:
    """CLs of all results, and events over excluded events of each, on the grid."""
    header = [*_units(found), "CLs", *(f"{part.name}: events over excluded events" for part in found.parts)]
    rows = [
        [mass, coupling, *map(float, (found.cls[m, c], *found.alone[:, m, c]))]
        for m, mass in enumerate(found.masses.tolist())
        for c, coupling in enumerate(found.couplings.tolist())
    ]
    text = "CLs of all results together: calculated near the border, elsewhere a rough value"
    write_csv(path, _comments(found, text), header, rows)


def _curve(path: Path, found: Combination) -> None:
    """Excluded couplings at each mass: together, and of each result by itself."""
    from darkdump.statistics.curve import excluded

    mass, coupling = _units(found)
    header = ["result", mass, f"lowest {coupling}", f"highest {coupling}", "lowest is open", "highest is open"]
    none = np.zeros_like(found.cls)
    curves = {"together": found.curve}
    for part, ratio in zip(found.parts, found.alone, strict=True):
        curves[part.name] = excluded(found.masses, found.couplings, ratio, none, 1.0)
    rows = [
        [name, i.mass, i.low, i.high, int(i.low_open), int(i.high_open)]
        for name, curve in curves.items()
        for i in curve
    ]
    write_csv(path, _comments(found, "Excluded couplings at each mass"), header, rows)
