"""Cards: TOML files that become records.  Finds them, reads them, refuses what is wrong with them."""

import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from darkdump import tables, toml
from darkdump.acceptance import PHOTONS, TRACKS
from darkdump.errors import CardError, unknown_name
from darkdump.experiment import (
    EXCLUSIVE,
    OPEN,
    Beam,
    Counting,
    DecayVolume,
    Experiment,
    Magnet,
    PhotonSelection,
    Plane,
    Pointing,
    Selection,
    Target,
    TrackSelection,
)
from darkdump.formfactors.nuclear import materials
from darkdump.model import PORTALS, Coupling, Model, Portal
from darkdump.production import modes_of, rival_modes

BLINDED = "blinded"
"""Word for a number of observed events that is not known (yet)."""


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
    card = toml.read(path)
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
        pattern=_pattern(card, portal),
        hadrons=card.text("hadrons", portal.hadrons[0], choices=portal.hadrons),
        plane=card.text("plane", "", choices=["", *planes()]) if "plane" in card else "",
        inspire=card.texts("inspire", []),
    )
    mass.text("unit", choices=["GeV"])
    if rivals := rival_modes(model.production):
        raise card.error(
            "production", f"a list in which {rivals} do not stand together: they describe the same process"
        )
    if not model.production or not model.decays:
        raise card.error("production" if not model.production else "decays", "a list of at least one name")
    for part in (coupling, mass, card):
        part.done()
    return model


def _pattern(card: toml.Table, portal: Portal) -> dict[str, float]:
    """Relative size of the couplings, each of which the card must name."""
    if not portal.pattern:
        return {}
    table = card.table("charges")
    pattern = {name: table.finite(name) for name in portal.pattern}
    table.done()
    return pattern


def _name(given: str, path: Path) -> str:
    """How a card is called again: its name, or its path if it was given as one."""
    return str(path.resolve()) if given.endswith(".toml") else given


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
    card = toml.read(path)
    if "base" in card:
        card = card.over(toml.read(_find("experiment", card.text("base"), experiment_folders())))
        card.text("base")
    experiment = Experiment(
        name=_name(name, path),
        title=card.text("title"),
        beam=_beam(card.table("beam")),
        target=_target(card.table("target")),
        volume=_volume(card.table("volume")),
        planes={key: _plane(key, table) for key, table in card.tables("plane").items()},
        magnets={key: _magnet(key, table) for key, table in card.tables("magnet").items()},
        selections={},
        counting=_counting(card.table("counting")),
        inspire=card.texts("inspire", []),
    )
    selections = {key: _selection(card, key, experiment) for key in card.tables("selection")}
    if experiment.volume.aperture.z <= experiment.target.position[2]:
        raise CardError(f"{path.name}: volume.z must lie behind the target, z = {experiment.target.position[2]:g} m")
    card.done()
    return replace(experiment, selections=selections)


def _beam(table: toml.Table) -> Beam:
    beam = Beam(table.positive("momentum"), table.positive("pot"), table.text("source"))
    table.done()
    return beam


def _target(table: toml.Table) -> Target:
    x, y, z = table.numbers("position", 3, finite=True)
    fraction = table.number("fraction", 1.0, low=0.0, high=1.0)
    target = Target(table.text("material", choices=materials()), (x, y, z), table.text("source"), fraction)
    table.done()
    return target


def _bounds(name: str, z: float, table: toml.Table) -> Plane:
    """A plane at z from the keys that describe its area."""
    return Plane(
        name=name,
        z=z,
        centre=table.pair("centre", (0.0, 0.0)),
        radius=table.number("radius", math.inf, low=0.0),
        half_width=table.number("half_width", math.inf, low=0.0),
        half_height=table.number("half_height", math.inf, low=0.0),
        diagonal=table.number("diagonal", math.inf, low=0.0),
        hole_centre=table.pair("hole_centre", (0.0, 0.0)),
        hole_radius=table.number("hole_radius", 0.0, low=0.0),
        hole_half_side=table.number("hole_half_side", 0.0, low=0.0),
        source=table.text("source"),
    )


def _plane(name: str, table: toml.Table) -> Plane:
    plane = _bounds(name, table.finite("z"), table)
    table.done()
    return plane


def _volume(table: toml.Table) -> DecayVolume:
    front, end = table.interval("z")
    if math.isinf(front) or math.isinf(end):
        raise table.error("z", "two finite numbers, the second larger")
    volume = DecayVolume(_bounds("volume", front, table), end)
    if math.isinf(volume.aperture.extent):
        raise table.error("radius", "given, or half_width and half_height: a volume has an outer bound")
    table.done()
    return volume


def _magnet(name: str, table: toml.Table) -> Magnet:
    ends = table.interval("z")
    if math.isinf(ends[0]) or math.isinf(ends[1]):
        raise table.error("z", "two finite numbers, the second larger")
    magnet = Magnet(name, ends, table.positive("field"), table.positive("length"), table.text("source"))
    table.done()
    return magnet


def _selection(card: toml.Table, channel: str, experiment: Experiment) -> Selection:
    known = (*PHOTONS, *TRACKS, OPEN, EXCLUSIVE)
    if channel not in known:
        raise card.unknown("selection", "final state", channel, known)
    table = card.table("selection").table(channel)
    for name in table.texts("vetoes", [], choices=experiment.planes):
        if math.isinf(experiment.planes[name].radius) or experiment.planes[name].centre != (0.0, 0.0):
            raise table.error("vetoes", "names of planes with a radius, their opening, about the z axis")
    selection = _photons(table, channel, experiment) if channel in PHOTONS else _tracks(table, channel, experiment)
    table.done()
    return selection


def _photons(table: toml.Table, channel: str, experiment: Experiment) -> PhotonSelection:
    selection = PhotonSelection(
        channel=channel,
        calorimeter=table.text("calorimeter", choices=experiment.planes),
        vetoes=table.texts("vetoes", []),
        photons=table.whole("photons", low=1),
        energy=table.interval("energy"),
        each=table.flag("each", default=True),
        separation=table.number("separation", 0.0, low=0.0),
        efficiency=table.number("efficiency", low=0.0, high=1.0),
        source=table.text("source"),
    )
    _check_calorimeter(table, selection, experiment)
    if selection.photons > 2:
        raise table.error("photons", "1 or 2")
    return selection


def _check_calorimeter(table: toml.Table, selection: Selection, experiment: Experiment) -> None:
    """Complain of a calorimeter before the end of the decay volume, and of negative energies."""
    if experiment.planes[selection.calorimeter].z < experiment.volume.end:
        raise table.error("calorimeter", "the name of a plane behind the decay volume")
    if selection.energy[0] < 0:
        raise table.error("energy", "two numbers, 0 or more, the second larger")


def _tracks(table: toml.Table, channel: str, experiment: Experiment) -> TrackSelection:
    selection = TrackSelection(
        channel=channel,
        planes=table.texts("planes", choices=experiment.planes),
        magnet=table.text("magnet", "", choices=["", *experiment.magnets]),
        vetoes=table.texts("vetoes", []),
        momentum=table.interval("momentum"),
        pointing=_pointing(table.table("pointing")) if "pointing" in table else None,
        **_seen(table, channel),
        **_photons_beside(table, channel, experiment),
        efficiency=table.number("efficiency", low=0.0, high=1.0),
        source=table.text("source"),
    )
    if selection.calorimeter:
        _check_calorimeter(table, selection, experiment)
    for name in selection.planes:
        if experiment.planes[name].z < experiment.volume.end:
            raise table.error("planes", "names of planes behind the decay volume")
    magnet = experiment.magnets.get(selection.magnet)
    if magnet is not None and magnet.z[0] < experiment.volume.end:
        raise table.error("magnet", "the name of a magnet behind the decay volume")
    if not selection.planes:
        raise table.error("planes", "a list of at least one name")
    if selection.momentum[0] < 0:
        raise table.error("momentum", "two numbers, 0 or more, the second larger")
    return selection


def _seen(table: toml.Table, channel: str) -> dict[str, Any]:
    """What a selection of two tracks asks of those that are seen; one is enough only without vetoes and pointing."""
    if channel not in TRACKS:
        return {}
    tracks, energy = table.whole("tracks", 2, low=1), table.interval("total_energy", (0.0, math.inf))
    if tracks > 2 or (tracks < 2 and ("vetoes" in table or "pointing" in table)):
        raise table.error("tracks", "1 or 2, and 2 where there are vetoes or pointing")
    if energy[0] < 0:
        raise table.error("total_energy", "two numbers, 0 or more, the second larger")
    return {"tracks": tracks, "each": table.flag("each", default=True), "total_energy": energy}


def _photons_beside(table: toml.Table, channel: str, experiment: Experiment) -> dict[str, Any]:
    """What an exclusive selection asks of the photons."""
    if channel != EXCLUSIVE:
        return {}
    return {
        "calorimeter": table.text("calorimeter", choices=experiment.planes),
        "energy": table.interval("energy"),
        "separation": table.number("separation", 0.0, low=0.0),
    }


def _pointing(table: toml.Table) -> Pointing:
    def resolution(key: str) -> tuple[float, float]:
        pair = table.pair(key)
        if not all(0.0 <= value < 1.0 for value in pair):
            raise table.error(key, "two numbers between 0 and 1")
        return pair

    pointing = Pointing(
        distance=table.positive("distance"),
        z=table.interval("z"),
        momentum_resolution=resolution("momentum_resolution"),
        angle_resolution=resolution("angle_resolution"),
        source=table.text("source"),
    )
    table.done()
    return pointing


def _counting(table: toml.Table) -> Counting:
    blinded = table.has_text("n_obs")
    counting = Counting(
        n_obs=None if blinded and table.text("n_obs", choices=[BLINDED]) else table.whole("n_obs"),
        background=table.number("background", low=0.0, high=1e6),
        background_error=table.number("background_error", low=0.0, high=1e6),
        efficiency_error=table.number("efficiency_error", low=0.0, high=1.0),
        source=table.text("source"),
    )
    table.done()
    return counting
