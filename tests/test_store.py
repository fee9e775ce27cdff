"""Result folders: whole or not at all."""

import csv
import errno
import os
import resource
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkdump.cards import load_experiment, load_model
from darkdump.errors import DarkdumpError
from darkdump.recipe_file import read_recipe
from darkdump.scanning import Scan, run, scan
from darkdump.store import check_free, save, write_folder
from darkdump.variants import variants

FILES = ["scan.toml", "events.csv", "curve.csv", "proper_times.npz"]


@pytest.fixture(scope="module")
def small() -> Scan:
    """A scan of few masses."""
    model, experiment = load_model("alp"), load_experiment("na62")
    return scan(model, experiment, masses=6, couplings=20, points=64, scrambles=4, mass=(0.01, 0.4))


@pytest.fixture(scope="module")
def saved(small: Scan, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the scan, with each format of the picture."""
    return save(small, tmp_path_factory.mktemp("store") / "out", formats=("png", "pdf", "svg"))


def rows(path: Path) -> tuple[list[str], list[str], list[list[str]]]:
    """Comments, names of the columns, and the other lines of a table."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    header, *others = csv.reader(lines[len(comments) :])
    return comments, header, others


def disk_full(_: Path, *__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(_: Path, *__: object) -> None:
    raise KeyboardInterrupt


def test_files(saved: list[Path]) -> None:
    folder, umask = saved[0].parent, os.umask(0)
    os.umask(umask)
    assert [path.name for path in saved] == [*FILES, "curve.png", "curve.pdf", "curve.svg"]
    assert sorted(folder.iterdir()) == sorted(saved)
    assert list(folder.parent.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o777 & ~umask
    starts = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}
    assert all(path.read_bytes().startswith(starts[path.suffix]) for path in saved[4:])


def test_events(small: Scan, saved: list[Path]) -> None:
    comments, header, lines = rows(saved[1])
    assert "1e+18 POT" in comments[1]
    assert "2.303 events are excluded at 90 % C.L." in comments[1]
    assert header[:4] == ["mass [GeV]", "g_a_gamma [1/GeV]", "events", "relative error"]
    assert header[4:] == ["events primakoff-secondary", "events primakoff-primary"]
    table = np.array(lines, dtype=np.float64)
    assert table.shape == (6 * 20, 6)
    assert np.isfinite(table).all()
    np.testing.assert_allclose(table[:, 4:].sum(axis=1), table[:, 2], rtol=1e-5)
    np.testing.assert_allclose(table[:, 0].reshape(6, 20)[:, 0], small.masses, rtol=1e-5)
    np.testing.assert_allclose(table[:, 1].reshape(6, 20)[0], small.couplings, rtol=1e-5)
    np.testing.assert_allclose(table[:, 2].reshape(6, 20), small.events, rtol=1e-5)


def test_curve(small: Scan, tmp_path: Path) -> None:
    save(small, tmp_path / "out", formats=(), variants=variants(small))
    comments, header, lines = rows(tmp_path / "out" / "curve.csv")
    assert len(comments) == 2
    assert header[:4] == ["variant", "mass [GeV]", "lowest g_a_gamma [1/GeV]", "highest g_a_gamma [1/GeV]"]
    assert [line[0] for line in lines[: len(small.curve)]] == ["pythia"] * len(small.curve)
    assert {"pythia", "epos", "bmpt"} <= {line[0] for line in lines}
    numbers = np.array([line[1:] for line in lines], dtype=np.float64)
    assert (numbers[:, 1] < numbers[:, 2]).all()
    assert set(numbers[:, 5:].ravel()) <= {0.0, 1.0}
    np.testing.assert_allclose(numbers[0, :3], [small.masses[0], small.curve[0].low, small.curve[0].high], rtol=1e-5)


def test_proper_times(small: Scan, saved: list[Path]) -> None:
    with np.load(saved[3]) as file:
        assert file["axes"].tolist() == ["mass", "production", "decay", "proper time"]
        lengths = (len(file["mass"]), len(file["production"]), len(file["decay"]), file["proper_time"].shape[1])
        assert file["spectra"].shape == lengths
        assert file["production"].tolist() == ["primakoff-secondary", "primakoff-primary"]
        assert [text.split(":")[0] for text in file["units"]] == ["mass", "proper_time", "spectra"]
        np.testing.assert_array_equal(file["spectra"], small.times.spectra)


def test_recipe_repeats_it_to_the_last_byte(saved: list[Path], tmp_path: Path) -> None:
    read = read_recipe(saved[0])
    again = save(run(read.recipe, threads=1), tmp_path / "again", formats=read.formats)
    assert [path.name for path in again] == [path.name for path in saved]
    for one, other in zip(saved[1:], again[1:], strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    first, second = (tomllib.loads(path.read_text()) for path in (saved[0], again[0]))
    assert first.pop("provenance").keys() == second.pop("provenance").keys()
    assert first == second


def test_nothing_is_overwritten(small: Scan, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("out", "file", "link"):
        with pytest.raises(DarkdumpError, match=f"{name} exists already: a result is never overwritten"):
            save(small, tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "out"]


def test_unwritable_parent(small: Scan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file" / "out", tmp_path / "file" / "deep" / "out"):
        with pytest.raises(DarkdumpError, match="cannot be written"):
            check_free(folder)
        with pytest.raises(DarkdumpError, match="cannot be written"):
            save(small, folder)
    with pytest.raises(DarkdumpError, match="cannot be written: File name too long"):
        save(small, tmp_path / ("x" * 300))
    with pytest.raises(DarkdumpError, match="unknown format 'jpg': did you mean png"):
        save(small, tmp_path / "out", formats=("jpg",))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("folder", ["out", "deep/er/out"])
@pytest.mark.parametrize("writer", ["_table", "_curve", "_proper_times", "plot.save"])
@pytest.mark.parametrize(("failure", "kind"), [(disk_full, DarkdumpError), (interrupted, KeyboardInterrupt)])
def test_failure_leaves_nothing(
    failure: Callable[..., None],
    kind: type[BaseException],
    writer: str,
    folder: str,
    small: Scan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"darkdump.store.{writer}", failure)
    with pytest.raises(kind) as caught:
        save(small, tmp_path / folder)
    assert list(tmp_path.iterdir()) == []
    if kind is DarkdumpError:
        assert str(caught.value).endswith("cannot be written: No space left on device; nothing was left behind")


def test_files_that_may_not_grow(small: Scan, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(DarkdumpError, match="cannot be written: File too large; nothing was left behind"):
            save(small, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_another_was_faster(tmp_path: Path) -> None:
    def other(path: Path) -> None:
        path.write_text("mine")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a.txt").write_text("theirs")

    with pytest.raises(DarkdumpError, match="out exists already"):
        write_folder(tmp_path / "out", {"a.txt": other})
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a.txt"]
    assert (tmp_path / "out" / "a.txt").read_text() == "theirs"
