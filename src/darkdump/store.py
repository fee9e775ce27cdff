"""Result folders: written whole or not at all, never over another result."""

import csv
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import numpy as np

from darkdump import plot, plot_ternary
from darkdump.errors import DarkdumpError, unknown_name
from darkdump.recipe import FORMATS
from darkdump.recipe_file import recipe_text
from darkdump.scanning import Scan
from darkdump.ternary import Ternary
from darkdump.variants import variant_name


def save(
    scan: Scan,
    folder: str | Path,
    formats: Sequence[str] = ("png",),
    overlay: bool = True,
    variants: tuple[Scan, ...] = (),
) -> list[Path]:
    """Write a scan into a new folder: recipe, events, curve, proper times, picture.

    Parameters
    ----------
    scan : Scan
    folder : str or Path
        Must not exist yet.
    formats : sequence of str
        Of the picture: ``"png"``, ``"pdf"``, ``"svg"``.
    overlay : bool
        Whether the published limits are drawn behind.
    variants : tuple of Scan
        The same scan with other spectra, for a band, see `darkdump.variants.variants`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DarkdumpError
        If the folder exists or cannot be written; nothing is left behind then.
    """
    folder, formats = Path(folder), known_formats(formats)
    check_free(folder)
    recipe = recipe_text(scan.recipe, formats, overlay, bool(variants))
    writers: dict[str, Callable[[Path], object]] = {
        "scan.toml": lambda path: path.write_text(recipe, encoding="utf-8"),
        "events.csv": lambda path: _table(path, scan),
        "curve.csv": lambda path: _curve(path, (scan, *variants)),
        "proper_times.npz": lambda path: _proper_times(path, scan),
    }
    for name in formats:
        writers[f"curve.{name}"] = lambda path: plot.save(scan, path, overlay, variants)
    return write_folder(folder, writers)


def known_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Formats of a picture, each once."""
    for name in formats:
        if name not in FORMATS:
            raise DarkdumpError(unknown_name("format", name, FORMATS))
    return tuple(dict.fromkeys(formats))


def save_ternary(result: Ternary, folder: str | Path, formats: Sequence[str] = ("png",)) -> list[Path]:
    """Write the reach for any pattern of mixings into a new folder: recipe, table, picture; as `save`."""
    folder, formats = Path(folder), known_formats(formats)
    check_free(folder)
    title = "Simulation of a darkdump ternary, with equal parts: `darkdump run` makes a scan of two masses of it."
    recipe = recipe_text(result.recipe, formats, overlay=False, variants=False, title=title)
    writers: dict[str, Callable[[Path], object]] = {
        "scan.toml": lambda path: path.write_text(recipe, encoding="utf-8"),
        "ternary.csv": lambda path: _ternary(path, result),
    }
    for name in formats:
        writers[f"ternary.{name}"] = lambda path: plot_ternary.save(result, path)
    return write_folder(folder, writers)


def _ternary(path: Path, result: Ternary) -> None:
    """Excluded couplings for each pattern."""
    recipe = result.recipe
    with path.open("w", newline="", encoding="utf-8") as stream:
        stream.write(f"# Excluded U2 for each pattern of mixings at {result.mass:g} GeV; empty where nothing is\n")
        stream.write(f"# {recipe.experiment.title}; {recipe.pot:g} POT; {result.threshold:.4g} events are excluded at ")
        stream.write(f"{100 * recipe.confidence_level:g} % C.L.\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["part e", "part mu", "part tau", "lowest U2 [1]", "highest U2 [1]"])
        for part, *edges in zip(result.parts, result.low, result.high, strict=True):
            shown = ["" if np.isnan(edge) else f"{edge:.6g}" for edge in edges]
            writer.writerow([*(f"{x:.6g}" for x in part), *shown])


def check_free(folder: Path) -> None:
    """Refuse a folder that exists, or cannot be made.

    Raises
    ------
    DarkdumpError
    """
    try:
        if folder.exists() or folder.is_symlink():
            raise DarkdumpError(f"{folder} exists already: a result is never overwritten; name another folder")
        parent = next(p for p in folder.absolute().parents if p.exists())
    except OSError as error:
        raise DarkdumpError(f"{folder} cannot be written: {error.strerror}") from None
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise DarkdumpError(f"{folder} cannot be written: no permission to write in {parent}")


def write_folder(folder: Path, writers: dict[str, Callable[[Path], object]]) -> list[Path]:
    """Write files into a hidden folder beside `folder`, then rename it: all of them, or nothing.

    Parameters
    ----------
    folder : Path
        Must not exist.
    writers : dict of callable
        By the name of the file; each gets the path to write to.

    Raises
    ------
    DarkdumpError
        If something cannot be written, for example because the disk is full.
    """
    hidden: Path | None = None
    missing = [parent for parent in folder.absolute().parents if not parent.exists()]
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
        for name, write in writers.items():
            write(hidden / name)
        hidden.chmod(0o777 & ~_umask())
        check_free(folder)
        hidden.rename(folder)
    except OSError as error:
        reason = os.strerror(errno.EEXIST if error.errno == errno.ENOTEMPTY else error.errno or errno.EIO)
        raise DarkdumpError(f"{folder} cannot be written: {reason}; nothing was left behind") from None
    finally:
        if hidden is not None and hidden.exists():
            shutil.rmtree(hidden, ignore_errors=True)
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
    return [folder / name for name in writers]


def write_csv(path: Path, comments: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table under comments; numbers with six digits."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        stream.writelines(f"# {comment}\n" for comment in comments)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row] for row in rows)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _header(stream: TextIO, scan: Scan, text: str) -> None:
    model, recipe = scan.recipe.model, scan.recipe
    stream.write(f"# {text}\n# {model.title}; {recipe.experiment.title}; {recipe.pot:g} POT; ")
    stream.write(f"{scan.threshold:.4g} events are excluded at {100 * recipe.confidence_level:g} % C.L.\n")


def _units(scan: Scan) -> tuple[str, str]:
    coupling = scan.recipe.model.coupling
    return "mass [GeV]", f"{coupling.name} [{coupling.unit or '1'}]"


def _table(path: Path, scan: Scan) -> None:
    """Expected events on the grid, by production mode."""
    modes = scan.times.production
    with path.open("w", newline="", encoding="utf-8") as stream:
        _header(stream, scan, "Expected events, in all and by production mode, and the relative numerical error")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_units(scan), "events", "relative error", *(f"events {mode}" for mode in modes)])
        for m, mass in enumerate(scan.masses):
            for c, coupling in enumerate(scan.couplings):
                numbers = [mass, coupling, scan.events[m, c], scan.error[m, c], *scan.by_mode[:, m, c]]
                writer.writerow([f"{number:.6g}" for number in numbers])


def _curve(path: Path, scans: tuple[Scan, ...]) -> None:
    """Excluded intervals of the coupling at each mass, of the scan and then of its variants."""
    text = "Excluded couplings at each mass; an open end lies beyond the couplings that were scanned"
    with path.open("w", newline="", encoding="utf-8") as stream:
        _header(stream, scans[0], text)
        writer = csv.writer(stream, lineterminator="\n")
        mass, coupling = _units(scans[0])
        errors = ["relative error of lowest", "relative error of highest", "lowest is open", "highest is open"]
        writer.writerow(["variant", mass, f"lowest {coupling}", f"highest {coupling}", *errors])
        for scan in scans:
            for i in scan.curve:
                numbers = [f"{x:.6g}" for x in (i.mass, i.low, i.high, i.low_error, i.high_error)]
                writer.writerow([variant_name(scan, scans[0]), *numbers, int(i.low_open), int(i.high_open)])


def _proper_times(path: Path, scan: Scan) -> None:
    """Proper-time spectra; their axes are named in the file."""
    times = scan.times
    np.savez_compressed(
        path,
        axes=np.array(["mass", "production", "decay", "proper time"]),
        mass=times.masses,
        production=np.array(times.production),
        decay=np.array(times.decays),
        channels=np.array([", ".join(group) for group in times.members]),
        proper_time=times.nodes,
        spectra=times.spectra,
        units=np.array(["mass: GeV", "proper_time: m", "spectra: accepted decays x m per POT at a coupling of one"]),
    )
