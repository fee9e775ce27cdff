"""Cards: TOML files that become records.  Finds them, reads them, refuses what is wrong with them."""

import os
from pathlib import Path

from darkdump import tables, toml
from darkdump.errors import CardError, unknown_name
from darkdump.experiment import Experiment
from darkdump.experiment_card import read_experiment
from darkdump.model import PORTALS, Coupling, Model, Portal
from darkdump.production import modes_of, rival_modes

LARGEST_STRENGTH = 1e6
"""Largest relative coupling or charge that a card may give."""


def model_folders() -> list[Path]:
    """Folders of model cards, first one first: ``$DARKDUMP_MODELS``, the installed package, the checkout."""
    package = tables.data_path().parent
    given = os.environ.get("DARKDUMP_MODELS")
    if given and not Path(given).is_dir():
        raise CardError(f"$DARKDUMP_MODELS = {given} is not allowed; it must be a folder")
    folders = [Path(given)] if given else []
    return [*folders, package / "models", package.parents[1] / "models"]


def planes() -> list[str]:
    """Planes of coupling against mass that have a catalogue of published limits."""
    return [path.stem for path in sorted(tables.data_path("limits").glob("*.toml"))]


def experiment_folders() -> list[Path]:
    """Folders of experiment cards."""
    return [tables.data_path("experiments")]


def names(folders: list[Path]) -> dict[str, Path]:
    """Cards in the folders by name, with hyphens; of two with one name the first counts."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem.replace("_", "-"), path)
    return found


def _find(kind: str, name: str, folders: list[Path]) -> Path:
    if name.endswith(".toml"):
        return Path(name)
    known = names(folders)
    if name not in known:
        raise CardError(unknown_name(kind, name, known))
    return known[name]


def load_model(name: str) -> Model:
    """A model by the name of its card, or by the path of a card.

    Parameters
    ----------
    name : str
        For example ``"alp"``, or ``"my/card.toml"``.

    Returns
    -------
    Model

    Raises
    ------
    CardError
        If there is no such card, or it is wrong.
    """
    path = _find("model", name, model_folders())
    card = _with_base("model", path, model_folders())
    portal = PORTALS[card.text("portal", choices=PORTALS)]
    coupling, mass = card.table("coupling"), card.table("mass")
    symbol = coupling.text("name", choices=portal.couplings)
    model = Model(
        name=_name(name, path),
        title=card.text("title"),
        portal=card.text("portal"),
        coupling=Coupling(
            name=symbol,
            unit=coupling.text("unit", choices=[portal.couplings[symbol]]),
            label=coupling.text("label", symbol),
            range=coupling.interval("range", positive=True),
        ),
        production=card.texts("production", choices=modes_of(card.text("portal"))),
        decays=card.texts("decays", choices=portal.channels),
        mass=mass.interval("range", positive=True),
        mass_label=mass.text("label", "mass"),
        landmarks=mass.positives("landmarks"),
        pattern=_pattern(card, portal, symbol),
        hadrons=card.text("hadrons", portal.hadrons[0], choices=portal.hadrons),
        plane=card.text("plane", "", choices=["", *planes()]),
        inspire=card.texts("inspire", []),
    )
    mass.text("unit", choices=["GeV"])
    if model.coupling.range[1] > portal.largest:
        raise coupling.error("range", f"two numbers, the second at most {portal.largest:g}")
    if rivals := rival_modes(model.production):
        raise card.error(
            "production", f"a list in which {rivals} do not stand together: they describe the same process"
        )
    if not model.production or not model.decays:
        raise card.error("production" if not model.production else "decays", "a list of at least one name")
    for part in (coupling, mass, card):
        part.done()
    return model


def _pattern(card: toml.Table, portal: Portal, symbol: str) -> dict[str, float]:
    """Relative size of the couplings: what the card gives, and what the name of the scanned coupling adds."""
    if not portal.pattern:
        return {}
    table = card.table(portal.table, optional=None not in portal.pattern.values())
    given = {name: _strength(table, name, default, portal) for name, default in portal.pattern.items()}
    if portal.parts and not any(given[part] for part in portal.parts):
        raise table.error(portal.parts[0], f"above zero, or one of {', '.join(portal.parts[1:])}")
    table.done()
    return dict(portal.meaning(symbol, given))


def _strength(table: toml.Table, name: str, default: float | None, portal: Portal) -> float:
    """A number of the pattern, within what the portal allows."""
    if name in portal.words:
        words = portal.words[name]
        return words[table.text(name, next(iter(words)), choices=words)]
    low, high = portal.bounds.get(name, (-LARGEST_STRENGTH, LARGEST_STRENGTH))
    return table.number(name, default, low=low, high=high)


def _name(given: str, path: Path) -> str:
    """How a card is called again: its name, or its path if it was given as one."""
    return str(path.resolve()) if given.endswith(".toml") else given


def _with_base(kind: str, path: Path, folders: list[Path], above: tuple[Path, ...] = ()) -> toml.Table:
    """A card with what it takes from the one it is based on: one of the folders by name, or one beside it by path."""
    card = toml.read(path)
    if "base" not in card:
        return card
    known, name = names(folders), card.text("base")
    base = known.get(name, path.parent / name)
    if name not in known and not name.endswith(".toml"):
        raise card.unknown("base", kind, name, known)
    above = (*above, path.resolve())
    if not base.is_file() or base.resolve() in above:
        raise card.error("base", f"the path of another card beside this one, or one of {', '.join(known)}")
    whole = card.over(_with_base(kind, base, folders, above))
    whole.text("base")
    return whole


def describes_model(path: Path, above: tuple[Path, ...] = ()) -> bool:
    """Whether a file is the card of a model, not that of an experiment: by what it holds, or what it is based on."""
    card = toml.read(path)
    if "base" not in card:
        return "portal" in card
    name = card.text("base")
    if name in names(model_folders()):
        return True
    base = path.parent / name
    return name.endswith(".toml") and base.is_file() and base not in above and describes_model(base, (*above, base))


def load_experiment(name: str) -> Experiment:
    """An experiment by the name of its card, or by the path of a card.

    Parameters
    ----------
    name : str
        For example ``"na62"``, or ``"my/card.toml"``.

    Returns
    -------
    Experiment

    Raises
    ------
    CardError
        If there is no such card, or it is wrong.
    """
    path = _find("experiment", name, experiment_folders())
    card = _with_base("experiment", path, experiment_folders())
    return read_experiment(card, _name(name, path))
