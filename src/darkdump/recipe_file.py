"""Recipes as TOML files: how a scan is written down, and how it is repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from numbers import Integral
from pathlib import Path

from darkdump import __version__, tables, toml
from darkdump.cards import load_experiment, load_model
from darkdump.errors import CardError, DarkdumpError
from darkdump.experiment import OPEN, SELECTIONS, Counting, Experiment
from darkdump.experiment_card import BLINDED
from darkdump.model import PORTALS, Model, mixed
from darkdump.production import PRODUCTION, modes_of, rival_modes
from darkdump.production.heavy_flavour import choices
from darkdump.production.spectra import catalogue, table_file
from darkdump.recipe import COUPLINGS, FORMATS, HEAVY, MASSES, POINTS, SCRAMBLES, SPECTRA, Axis, Recipe


@dataclass(frozen=True)
class RecipeFile:
    """A recipe that was read, what is to be written, and in what it differs from the run that it was written by.

    Attributes
    ----------
    recipe : Recipe
    formats : tuple of str
    overlay, variants : bool
    changed : tuple of str
        Names of versions and hashes that are not those of the file.
    """

    recipe: Recipe
    formats: tuple[str, ...]
    overlay: bool
    variants: bool
    changed: tuple[str, ...]


def read_recipe(path: Path) -> RecipeFile:
    """Read a recipe; what it leaves out comes from the cards.

    Parameters
    ----------
    path : Path

    Returns
    -------
    RecipeFile

    Raises
    ------
    DarkdumpError
        If it cannot be read, or something in it makes no sense.
    """
    top = toml.read(path)
    mass, coupling = top.table("mass", optional=True), top.table("coupling", optional=True)
    statistics, numerics = top.table("statistics", optional=True), top.table("numerics", optional=True)
    output, before = top.table("output", optional=True), top.table("provenance", optional=True)

    model = load_model(_near(path, top.text("model")))
    experiment = load_experiment(_near(path, top.text("experiment")))
    if PORTALS[model.portal].parts:
        model = _mixed(model, top)
    modes = top.texts("production", _counted(model), choices=modes_of(model.portal))
    hadrons = top.text("hadrons", model.hadrons, choices=PORTALS[model.portal].hadrons)
    if not modes:
        raise top.error("production", "a list of at least one name")
    if rivals := rival_modes(modes):
        raise top.error("production", f"a list without {rivals} together: they describe the same process")
    count = experiment.counting
    blinded = statistics.has_text("n_obs") or ("n_obs" not in statistics and count.n_obs is None)
    try:
        recipe = Recipe(
            model=replace(model, production=modes, hadrons=hadrons),
            experiment=experiment,
            pot=top.positive("pot", experiment.beam.pot),
            mass=Axis(*mass.interval("range", model.mass, positive=True), mass.whole("number", MASSES)),
            coupling=Axis(
                *coupling.interval("range", model.coupling.range, positive=True), coupling.whole("number", COUPLINGS)
            ),
            spectra=top.text("spectra", SPECTRA, choices=catalogue()),
            heavy=top.text("heavy", HEAVY, choices=choices()),
            selection=top.text("selection", OPEN, choices=SELECTIONS),
            channels=top.texts("channels", [], choices=model.decays),
            confidence_level=statistics.number("confidence_level", 0.9),
            counting=Counting(
                n_obs=None
                if blinded and statistics.text("n_obs", BLINDED, choices=[BLINDED])
                else statistics.whole("n_obs", count.n_obs),
                background=statistics.number("background", count.background),
                background_error=statistics.number("background_error", count.background_error),
                efficiency_error=statistics.number("efficiency_error", count.efficiency_error),
                source=count.source,
            ),
            seed=numerics.whole("seed", 1),
            points=numerics.whole("points", POINTS),
            scrambles=numerics.whole("scrambles", SCRAMBLES),
        )
        now = provenance(recipe)
    except CardError:
        raise
    except DarkdumpError as error:
        raise CardError(f"{path.name}: {error}") from None
    changed = tuple(key for key, value in now.items() if before.text(key, value) != value)
    before.text("date", "")
    read = RecipeFile(
        recipe,
        output.texts("formats", ["png"], choices=FORMATS),
        output.flag("overlay", default=True),
        output.flag("variants", default=False),
        changed,
    )
    for part in (mass, coupling, statistics, numerics, output, before, top):
        part.done()
    return read


def _mixed(model: Model, top: toml.Table) -> Model:
    """The model with the ratios of its mixings that a recipe gives."""
    parts = PORTALS[model.portal].parts
    ratios = top.numbers("pattern", len(parts), tuple(model.pattern[part] for part in parts), finite=True)
    try:
        return mixed(model, ratios)
    except DarkdumpError:
        raise top.error("pattern", f"{len(parts)} numbers from 0 to 1e+06, of which one is above 0") from None


def _counted(model: Model) -> list[str]:
    """Production modes of the card that the pattern allows."""
    return [mode for mode in model.production if PRODUCTION[mode].strength(model.pattern)]


def _near(path: Path, name: str) -> str:
    """A card that is named by a path is looked for beside the recipe."""
    return str(path.parent / name) if name.endswith(".toml") else name


def fingerprint(record: Model | Experiment) -> str:
    """Hash of a card's content, hexadecimal: what it says, wherever it lies."""
    return sha256(repr(replace(record, name="")).encode()).hexdigest()


def provenance(recipe: Recipe) -> dict[str, str]:
    """Versions and hashes that a recipe's result depends on."""
    table = table_file(recipe.spectra, recipe.experiment.target.material, recipe.experiment.beam.momentum)
    return {
        "darkdump": __version__,
        "numpy": version("numpy"),
        "numba": version("numba"),
        "scipy": version("scipy"),
        "model_sha256": fingerprint(replace(recipe.model, production=(), hadrons="")),
        "experiment_sha256": fingerprint(recipe.experiment),
        "spectra_sha256": tables.sha256(tables.data_path("spectra", table)),
    }


REPEATED = "Recipe of a darkdump scan: `darkdump run` repeats it."
"""First line of the recipe of a scan."""


def recipe_text(recipe: Recipe, formats: Sequence[str], overlay: bool, variants: bool, title: str = REPEATED) -> str:
    """A recipe as TOML, as ``darkdump run`` reads it, with versions and hashes."""
    count, parts = recipe.counting, PORTALS[recipe.model.portal].parts
    entries: dict[str, dict[str, object]] = {
        "": {
            "model": recipe.model.name,
            "experiment": recipe.experiment.name,
            "pot": recipe.pot,
            "spectra": recipe.spectra,
            "heavy": recipe.heavy,
            "selection": recipe.selection,
            "channels": list(recipe.channels),
            "hadrons": recipe.model.hadrons,
            "production": list(recipe.model.production),
            **({"pattern": [recipe.model.pattern[part] for part in parts]} if parts else {}),
        },
        "mass": {"range": [recipe.mass.low, recipe.mass.high], "number": recipe.mass.number},
        "coupling": {"range": [recipe.coupling.low, recipe.coupling.high], "number": recipe.coupling.number},
        "statistics": {
            "confidence_level": recipe.confidence_level,
            "n_obs": BLINDED if count.n_obs is None else count.n_obs,
            "background": count.background,
            "background_error": count.background_error,
            "efficiency_error": count.efficiency_error,
        },
        "numerics": {"seed": recipe.seed, "points": recipe.points, "scrambles": recipe.scrambles},
        "output": {"formats": list(formats), "overlay": overlay, "variants": variants},
        "provenance": {**provenance(recipe), "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")},
    }
    return sections(title, entries)


def sections(title: str, entries: Mapping[str, Mapping[str, object]]) -> str:
    """Tables of a TOML file by their names, the top one without, under a comment; those that are empty are left out."""
    lines = [f"# {title}"]
    for name, values in entries.items():
        if values:
            lines += ["", f"[{name}]"] if name else [""]
            lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(int(value) if isinstance(value, Integral) else float(str(value)))
