"""Lists and explanations of cards."""

from collections.abc import Mapping

from darkdump.cards import describes_model, experiment_folders, load_experiment, load_model, model_folders, names
from darkdump.errors import DarkdumpError, unknown_name
from darkdump.experiment import EXCLUSIVE, OPEN, Experiment, PhotonSelection, TrackSelection
from darkdump.kaon.dataset import SEARCHES, DataSet, describes_data, folders, load_data
from darkdump.kaon.dataset_parts import Quantity
from darkdump.model import PORTALS, Model
from darkdump.production import PRODUCTION, modes_of
from darkdump.production.heavy_flavour import choices, sources
from darkdump.production.spectra import catalogue


def listing(titles: dict[str, str]) -> None:
    """Print names and titles in two columns."""
    width = max((len(name) for name in titles), default=0)
    for name, title in titles.items():
        print(f"{name:<{width}}  {title}")


def explain(name: str) -> None:
    """Print what a card says.

    Raises
    ------
    DarkdumpError
        If there is no such card.
    """
    cards = {*names(model_folders()), *names(experiment_folders()), *names(folders()), *catalogue(), *choices()}
    if name in names(model_folders()):
        listing(of_model(load_model(name)))
        if name in names(folders()):
            print()
            listing(of_data(load_data(name)))
    elif name in names(experiment_folders()):
        listing(of_experiment(load_experiment(name)))
    elif name in names(folders()):
        listing(of_data(load_data(name)))
    elif name.endswith(".toml"):
        listing(_of_file(name))
    elif name in catalogue() or name in choices():
        listing({**of_spectra(name), **of_heavy(name)})
    else:
        raise DarkdumpError(unknown_name("card", name, cards))


def _of_file(path: str) -> dict[str, str]:
    from pathlib import Path

    if describes_model(Path(path)):
        return of_model(load_model(path))
    return of_data(load_data(path)) if describes_data(Path(path)) else of_experiment(load_experiment(path))


def of_model(model: Model) -> dict[str, str]:
    """What a model's card says, a line each."""
    coupling = model.coupling
    lines = {
        "model": model.title,
        "portal": model.portal,
        "coupling": f"{coupling.name} [{coupling.unit or '1'}], scanned from {_range(coupling.range)}",
        "mass": f"scanned from {_range(model.mass)} GeV",
        "decays": ", ".join(channel for channel in model.decays if model.has(channel)),
        "hadrons": ", ".join(
            name + (" (by default)" if name == model.hadrons else " (with --hadrons)")
            for name in PORTALS[model.portal].hadrons
        ),
        "cite": ", ".join(model.inspire),
    }
    lines |= _pattern(model)
    for name in modes_of(model.portal):
        mode = PRODUCTION[name]
        if mode.strength(model.pattern):
            lines[name] = mode.title + (" (counted by default)" if name in model.production else " (with --production)")
    return lines


def _pattern(model: Model) -> dict[str, str]:
    """Parts of a whole in the pattern, and the words that it holds."""
    portal = PORTALS[model.portal]
    found = (
        {portal.table: " : ".join(f"{name} {model.pattern[name]:.3g}" for name in portal.parts)} if portal.parts else {}
    )
    for name, words in portal.words.items():
        found[name] = next(word for word, value in words.items() if value == model.pattern[name])
    return found


def _range(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g} to {ends[1]:g}"


def of_spectra(name: str) -> dict[str, str]:
    """What is said of hadron spectra of this name, a line each; nothing if there are none."""
    entry = catalogue().get(name)
    if entry is None:
        return {}
    return {
        "--spectra": entry["title"],
        "tables": ", ".join(entry["tables"]),
        "source": entry["source"],
        "cite": ", ".join(entry.get("inspire", [])),
    }


def of_heavy(name: str) -> dict[str, str]:
    """What is said of a choice for charm and beauty of this name, a line each; nothing if there is none."""
    if name not in choices():
        return {}
    return {"--heavy": choices()[name]["title"], **sources(name)}


def of_experiment(experiment: Experiment) -> dict[str, str]:
    """What an experiment's card says, a line each."""
    beam, target, volume, count = experiment.beam, experiment.target, experiment.volume, experiment.counting
    observed = "blinded" if count.n_obs is None else f"{count.n_obs} observed"
    x, y, z = target.position
    lines = {
        "experiment": experiment.title,
        "beam": f"{beam.momentum:g} GeV protons, {beam.pot:g} POT ({beam.source})",
        "target": f"{target.material} at ({x:g}, {y:g}, {z:g}) m, "
        f"{100 * target.fraction:.3g} % of the protons interact ({target.source})",
        "volume": f"z = {volume.aperture.z:g} to {volume.end:g} m ({volume.aperture.source})",
        "counting": f"{observed}, background {count.background:g} +- {count.background_error:g}, "
        f"signal error {100 * count.efficiency_error:g} % ({count.source})",
        "cite": ", ".join(experiment.inspire),
    }
    for name, magnet in experiment.magnets.items():
        lines[name] = f"z = {magnet.z[0]:g} to {magnet.z[1]:g} m, {magnet.field:g} T x {magnet.length:g} m"
    for name, plane in experiment.planes.items():
        lines[name] = f"z = {plane.z:g} m ({plane.source})"
    for channel, selection in experiment.selections.items():
        what = _photons(selection) if isinstance(selection, PhotonSelection) else _tracks(selection)
        lines[channel] = f"{what}, efficiency {selection.efficiency:g} ({selection.source})"
    return lines


def of_data(data: DataSet) -> dict[str, str]:
    """What a data set's card says, a line each."""
    lines = {
        "data set": data.title,
        "searched for": SEARCHES[data.search],
        "volume": f"z = {_range(data.volume)} m",
        "momentum": f"{_range(data.momentum)} GeV",
        "runs": ", ".join(data.runs),
        "remark": data.remark,
        "cite": ", ".join(data.inspire),
    }
    tables: tuple[tuple[str, Mapping[str, Quantity]], ...] = (
        ("decays", {"": data.decays} if data.decays else {}),
        ("efficiency", data.efficiencies),
        ("in the acceptance", data.selections),
        ("background", data.backgrounds),
        ("sensitivity", {"": data.sensitivity} if data.sensitivity else {}),
        ("input", data.inputs),
        ("published", data.published),
    )
    for what, entries in tables:
        for name, one in entries.items():
            error = f" +- {one.error:.3g}" if one.error else ""
            lines[f"{what} {name}".strip()] = f"{one.value:.6g}{error} ({one.source})"
    if data.counting:
        count = data.counting
        text = f"{count.n_obs} observed, background {count.background:g} +- {count.background_error:g}"
        lines["counting"] = f"{text} ({count.source})"
    return {key: text for key, text in lines.items() if text}


def _photons(selection: PhotonSelection) -> str:
    return (
        f"{selection.photons} photon(s) on {selection.calorimeter}, {_range(selection.energy)} GeV, "
        f"{selection.separation:g} m apart"
    )


def _tracks(selection: TrackSelection) -> str:
    some = {OPEN: "2 tracks of any final state", EXCLUSIVE: "every track"}
    which = some.get(selection.channel, f"{selection.tracks} track(s)")
    text = f"{which} in {', '.join(selection.planes)}, {_range(selection.momentum)} GeV each"
    text += f", {_range(selection.energy)} GeV in all" if selection.energy[0] > 0.0 else ""
    return text + (f", every photon on {selection.calorimeter}" if selection.calorimeter else "")
