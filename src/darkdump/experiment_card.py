"""Cards of experiments: from TOML to records."""

import math
from dataclasses import replace
from typing import Any

from darkdump import finalstates, toml
from darkdump.acceptance import PHOTONS, TRACKS
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

BLINDED = "blinded"
"""Word for a number of observed events that is not known (yet)."""


def read_experiment(card: toml.Table, name: str) -> Experiment:
    """The experiment that a card describes; `name` is how the card is called. Raises `CardError` if it is wrong."""
    experiment = Experiment(
        name=name,
        title=card.text("title"),
        beam=_beam(card.table("beam")),
        target=_target(card.table("target")),
        volume=_volume(card.table("volume")),
        planes={key: read_plane(key, table) for key, table in card.tables("plane").items()},
        magnets={key: _magnet(key, table) for key, table in card.tables("magnet").items()},
        selections={},
        counting=_counting(card.table("counting")),
        inspire=card.texts("inspire", []),
    )
    selections = {key: _selection(card, key, experiment) for key in card.tables("selection")}
    if experiment.volume.aperture.z <= experiment.target.position[2]:
        behind = f"two numbers behind the target, z = {experiment.target.position[2]:g} m"
        raise card.table("volume").error("z", behind)
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


def read_plane(name: str, table: toml.Table) -> Plane:
    """A plane of a card. Raises `CardError` if it is wrong."""
    plane = _bounds(name, table.finite("z"), table)
    table.done()
    return plane


def _ends(table: toml.Table) -> tuple[float, float]:
    """Where something begins and ends along the beam."""
    ends = table.interval("z")
    if any(map(math.isinf, ends)):
        raise table.error("z", "two finite numbers, the second larger")
    return ends


def _volume(table: toml.Table) -> DecayVolume:
    front, end = _ends(table)
    volume = DecayVolume(_bounds("volume", front, table), end)
    if math.isinf(volume.aperture.extent):
        raise table.error("radius", "given, or half_width and half_height: a volume has an outer bound")
    table.done()
    return volume


def _magnet(name: str, table: toml.Table) -> Magnet:
    magnet = Magnet(name, _ends(table), table.positive("field"), table.positive("length"), table.text("source"))
    table.done()
    return magnet


def _selection(card: toml.Table, channel: str, experiment: Experiment) -> Selection:
    known = (*PHOTONS, *TRACKS, *finalstates.groups(), OPEN, EXCLUSIVE)
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
        calorimeter=_calorimeter(table, experiment),
        vetoes=table.texts("vetoes", []),
        photons=table.whole("photons", low=1),
        energy=_window(table, "energy"),
        each=table.flag("each", default=True),
        separation=table.number("separation", 0.0, low=0.0),
        efficiency=table.number("efficiency", low=0.0, high=1.0),
        source=table.text("source"),
    )
    if selection.photons > 2:
        raise table.error("photons", "1 or 2")
    return selection


def _window(table: toml.Table, key: str) -> tuple[float, float]:
    """Window of an energy or a momentum."""
    window = table.interval(key)
    if window[0] < 0:
        raise table.error(key, "two numbers, 0 or more, the second larger")
    return window


def _calorimeter(table: toml.Table, experiment: Experiment) -> str:
    """Name of a calorimeter, which lies behind the decay volume."""
    name = table.text("calorimeter", choices=experiment.planes)
    if experiment.planes[name].z < experiment.volume.end:
        raise table.error("calorimeter", "the name of a plane behind the decay volume")
    return name


def _tracks(table: toml.Table, channel: str, experiment: Experiment) -> TrackSelection:
    selection = TrackSelection(
        channel=channel,
        planes=table.texts("planes", choices=experiment.planes),
        magnet=table.text("magnet", "", choices=["", *experiment.magnets]),
        vetoes=table.texts("vetoes", []),
        momentum=_window(table, "momentum"),
        **(_of_pair(table) if channel in TRACKS else {}),
        **(_aim(table) if channel in TRACKS or channel in finalstates.groups() else {}),
        **(_photons_beside(table, experiment) if channel == EXCLUSIVE else {}),
        efficiency=table.number("efficiency", low=0.0, high=1.0),
        source=table.text("source"),
    )
    for name in selection.planes:
        if experiment.planes[name].z < experiment.volume.end:
            raise table.error("planes", "names of planes behind the decay volume")
    magnet = experiment.magnets.get(selection.magnet)
    if magnet is not None and magnet.z[0] < experiment.volume.end:
        raise table.error("magnet", "the name of a magnet behind the decay volume")
    if not selection.planes:
        raise table.error("planes", "a list of at least one name")
    return selection


def _of_pair(table: toml.Table) -> dict[str, Any]:
    """What a selection of two tracks alone may ask: it is not looked at in final states of more bodies."""
    tracks = table.whole("tracks", 2, low=1)
    if tracks > 2:
        raise table.error("tracks", "1 or 2")
    return {
        "tracks": tracks,
        "each": table.flag("each", default=True),
        "energy": _window(table, "energy") if "energy" in table else (0.0, math.inf),
    }


def _aim(table: toml.Table) -> dict[str, Any]:
    """How a pair must point back, alone or beside what is lost."""
    return {"pointing": _pointing(table.table("pointing")) if "pointing" in table else None}


def _photons_beside(table: toml.Table, experiment: Experiment) -> dict[str, Any]:
    """What an exclusive selection asks of the photons."""
    return {
        "calorimeter": _calorimeter(table, experiment),
        "photon_energy": _window(table, "photon_energy"),
        "separation": table.number("separation", 0.0, low=0.0),
    }


def _pointing(table: toml.Table) -> Pointing:
    def resolution(key: str) -> tuple[float, float]:
        pair = table.pair(key)
        if not all(0.0 <= value < 1.0 for value in pair):
            raise table.error(key, "two numbers between 0 and 1")
        return pair

    if "distance" not in table and "missing_momentum" not in table:
        raise table.error("distance", "given, or missing_momentum")
    measured: dict[str, Any] = {}
    if "distance" in table:
        measured = {
            "distance": table.positive("distance"),
            "z": table.interval("z"),
            "momentum_resolution": resolution("momentum_resolution"),
            "angle_resolution": resolution("angle_resolution"),
        }
    missing = table.positive("missing_momentum") if "missing_momentum" in table else math.inf
    pointing = Pointing(**measured, missing_momentum=missing, source=table.text("source"))
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
