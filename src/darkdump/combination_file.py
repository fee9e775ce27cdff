"""Recipes of combined results as TOML files: which results, and the hashes of what they held."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from darkdump import __version__, toml
from darkdump.combination import METHODS
from darkdump.recipe import FORMATS
from darkdump.recipe_file import sections


@dataclass(frozen=True)
class CombinationRecipe:
    """What is joined, how, and how it is drawn.

    Attributes
    ----------
    results : tuple of str
        Folders.
    method : str
        One of `darkdump.combination.METHODS`.
    confidence_level : float
    formats : tuple of str
    overlay : bool
    changed : tuple of str
        Versions and hashes that are not those of the file that the recipe was read from.
    """

    results: tuple[str, ...]
    method: str = METHODS[0]
    confidence_level: float = 0.9
    formats: tuple[str, ...] = ("png",)
    overlay: bool = True
    changed: tuple[str, ...] = ()


def provenance(recipe: CombinationRecipe) -> dict[str, str]:
    """Version and hashes of the results that were joined, by their numbers."""
    return {"darkdump": __version__} | {
        f"result_{k}_sha256": _hash(Path(name)) for k, name in enumerate(recipe.results, 1)
    }


def _hash(folder: Path) -> str:
    """Hash of what a result says: its recipe without the date, and its tables."""
    found = sha256()
    for name in ("scan.toml", "kaon.toml", "events.csv", "limits.csv"):
        path = folder / name
        if path.is_file():
            lines = path.read_bytes().splitlines()
            found.update(b"\n".join(line for line in lines if not line.startswith(b"date =")))
    return found.hexdigest()


def combination_text(recipe: CombinationRecipe) -> str:
    """A recipe as TOML, as ``darkdump run`` reads it."""
    entries = {
        "results": [str(Path(name).resolve()) for name in recipe.results],
        "method": recipe.method,
        "confidence_level": recipe.confidence_level,
        "formats": list(recipe.formats),
        "overlay": recipe.overlay,
    }
    title = "Recipe of darkdump combine: `darkdump run` repeats it."
    return sections(title, {"": entries, "provenance": provenance(recipe)})


def describes_combination(path: Path) -> bool:
    """Whether a recipe is one of `darkdump combine`."""
    return "results" in toml.read(path)


def read_combination(path: Path) -> CombinationRecipe:
    """Read a recipe of `darkdump combine`; folders are looked for beside it.

    Raises
    ------
    CardError
        If something in it makes no sense.
    """
    top = toml.read(path)
    recipe = CombinationRecipe(
        results=tuple(str(path.parent / name) for name in top.texts("results")),
        method=top.text("method", METHODS[0], choices=METHODS),
        confidence_level=top.number("confidence_level", 0.9, low=0.01, high=0.9999),
        formats=top.texts("formats", ["png"], choices=FORMATS),
        overlay=top.flag("overlay", default=True),
    )
    before = top.table("provenance", optional=True)
    changed = tuple(key for key, value in provenance(recipe).items() if before.text(key, value) != value)
    for part in (before, top):
        part.done()
    return replace(recipe, changed=changed)
