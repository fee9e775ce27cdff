"""Recipes of kaon mode as TOML files: how a search is written down, and how it is repeated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from darkdump import __version__, tables, toml
from darkdump.cards import load_model
from darkdump.errors import CardError, DarkdumpError
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import load_data
from darkdump.kaon.recipe import KaonRecipe
from darkdump.kaon.searches import SEARCHES
from darkdump.recipe import COUPLINGS, FORMATS
from darkdump.recipe_file import fingerprint, sections


@dataclass(frozen=True)
class KaonRecipeFile:
    """A recipe that was read, what is to be written, and in what it differs from the run that it was written by."""

    recipe: KaonRecipe
    formats: tuple[str, ...]
    overlay: bool
    changed: tuple[str, ...]


def describes_search(path: Path) -> bool:
    """Whether a recipe is one of kaon mode."""
    return "search" in toml.read(path)


def read_kaon_recipe(path: Path) -> KaonRecipeFile:
    """Read a recipe of kaon mode; what it leaves out comes from the cards.

    Raises
    ------
    DarkdumpError
        If it cannot be read, or something in it makes no sense.
    """
    top = toml.read(path)
    mass, coupling = top.table("mass", optional=True), top.table("coupling", optional=True)
    output, before = top.table("output", optional=True), top.table("provenance", optional=True)
    search = top.text("search", choices=SEARCHES)
    names = top.texts("data", list(SEARCHES[search].data))
    model = top.text("model", "")
    try:
        recipe = KaonRecipe(
            search=search,
            data=tuple(_near(path, name) for name in names),
            model=_near(path, model),
            stable=top.flag("stable", default=False),
            mass=mass.interval("range") if "range" in mass else None,
            masses=mass.whole("number", low=2) if "number" in mass else None,
            coupling=coupling.interval("range", positive=True) if "range" in coupling else None,
            couplings=coupling.whole("number", COUPLINGS, low=2),
            lifetime=top.positive("lifetime") if "lifetime" in top else None,
            window=mass.positive("window") if "window" in mass else None,
            confidence_level=top.number("confidence_level", 0.9),
        )
        now = provenance(recipe)
    except CardError:
        raise
    except DarkdumpError as error:
        raise CardError(f"{path.name}: {error}") from None
    changed = tuple(key for key, value in now.items() if before.text(key, value) != value)
    before.text("date", "")
    formats = output.texts("formats", ["png"], choices=FORMATS)
    read = KaonRecipeFile(recipe, formats, output.flag("overlay", default=True), changed)
    for part in (mass, coupling, output, before, top):
        part.done()
    return read


def _near(path: Path, name: str) -> str:
    """A card that is named by a path is looked for beside the recipe."""
    return str(path.parent / name) if name.endswith(".toml") else name


def _tables() -> list[Path]:
    """Files of numbers that every search may need: branching ratios, rare decays, the Standard Model, lifetimes."""
    return [*sorted(tables.data_path("kaon").glob("*.toml")), tables.data_path("lifetimes.toml")]


def provenance(recipe: KaonRecipe) -> dict[str, str]:
    """Versions and hashes that a search's result depends on."""
    cards = "".join(repr(replace(load_data(name), name="")) for name in recipe.data)
    found = {
        "darkdump": __version__,
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "numba": version("numba"),
        "data_sha256": sha256(cards.encode()).hexdigest(),
        "apparatus_sha256": sha256(repr(apparatus()).encode()).hexdigest(),
        "tables_sha256": sha256("".join(map(tables.sha256, _tables())).encode()).hexdigest(),
    }
    return found | ({"model_sha256": fingerprint(load_model(recipe.model))} if recipe.model else {})


def kaon_recipe_text(recipe: KaonRecipe, formats: Sequence[str], overlay: bool) -> str:
    """A recipe as TOML, as ``darkdump run`` reads it, with versions and hashes."""
    named = [str(Path(name).resolve()) if name.endswith(".toml") else name for name in recipe.data]
    mass: dict[str, object] = {"range": list(recipe.mass)} if recipe.mass else {}
    mass |= {"number": recipe.masses} if recipe.masses else {}
    mass |= {"window": recipe.window} if recipe.window else {}
    coupling: dict[str, object] = {"range": list(recipe.coupling)} if recipe.coupling else {}
    model = load_model(recipe.model).name if recipe.model else ""
    entries: dict[str, dict[str, object]] = {
        "": {
            "search": recipe.search,
            "data": named,
            "model": model,
            "stable": recipe.stable,
            "confidence_level": recipe.confidence_level,
            **({"lifetime": recipe.lifetime} if recipe.lifetime is not None else {}),
        },
        "mass": mass,
        "coupling": {**coupling, "number": recipe.couplings} if recipe.model else {},
        "output": {"formats": list(formats), "overlay": overlay},
        "provenance": {**provenance(recipe), "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")},
    }
    return sections("Recipe of a search of kaon mode: `darkdump run` repeats it.", entries)
