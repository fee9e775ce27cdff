"""What is shipped: wheel and source archive hold the data, and the wheel holds no tests."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from darkdump import __version__

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "darkdump"
IGNORED = ("__pycache__", ".pyc")

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("hatchling") is None, reason="hatchling, which builds, is not installed"
    ),
    pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not a checkout"),
]


def build(kind: str, checkout: Path, folder: Path) -> Path:
    """Build a wheel or a source archive, without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def shipped() -> dict[str, Path]:
    """Every file of the package, and the model cards, by their names in the wheel."""
    found = {f"darkdump/{path.relative_to(PACKAGE).as_posix()}": path for path in PACKAGE.rglob("*") if path.is_file()}
    found |= {f"darkdump/models/{path.name}": path for path in (ROOT / "models").glob("*.toml")}
    return {name: path for name, path in found.items() if not any(part in name for part in IGNORED)}


def test_wheel(wheel: Path) -> None:
    assert wheel.name == f"darkdump-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert names == set(shipped())
        assert all(archive.read(name) == path.read_bytes() for name, path in shipped().items())


@pytest.mark.parametrize(
    ("start", "end", "least"),
    [
        ("darkdump/models/alp", ".toml", 1),
        ("darkdump/data/experiments/", ".toml", 3),
        ("darkdump/data/spectra/", ".npz", 8),
        ("darkdump/data/spectra/catalogue", ".toml", 1),
        ("darkdump/data/limits/alp-photon", ".toml", 1),
        ("darkdump/data/limits/alp-photon/", ".csv", 15),
        ("darkdump/data/nuclei", ".toml", 1),
        ("darkdump/kernels/", ".py", 5),
    ],
)
def test_data_is_in_the_wheel(start: str, end: str, least: int, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = [name for name in archive.namelist() if name.startswith(start) and name.endswith(end)]
    assert len(found) >= least


def test_no_tests_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"darkdump", f"darkdump-{__version__}.dist-info"}
        assert not [name for name in archive.namelist() if "test" in name or "bad_cards" in name]


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = f"darkdump-{__version__}.dist-info"
        assert "darkdump = darkdump.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
        metadata = archive.read(f"{info}/METADATA").decode()
        assert any(name.endswith("LICENSE") for name in archive.namelist())
    assert "Requires-Python: >=3.11" in metadata
    needed = {line.split()[1].split(">")[0] for line in metadata.splitlines() if line.startswith("Requires-Dist")}
    assert {"numpy", "scipy", "numba", "matplotlib", "typer", "particle"} <= needed


def test_size(wheel: Path, source: Path) -> None:
    assert wheel.stat().st_size < 10e6
    assert source.stat().st_size < 20e6


def test_source(source: Path) -> None:
    with tarfile.open(source) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "LICENSE", "README.md", "cli.py", "models/alp.toml", "tests/test_wheel.py"} <= names
    assert {f"src/{name}" for name in shipped() if "/models/" not in name} <= names
    assert not [name for name in names if name.startswith(("dist/", "scans/out/", ".git/")) or ".pyc" in name]


def test_wheel_of_the_source_is_the_same(wheel: Path, source: Path, tmp_path: Path) -> None:
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (checkout,) = (tmp_path / "source").iterdir()
    with (
        zipfile.ZipFile(build("wheel", checkout, tmp_path / "dist")) as other,
        zipfile.ZipFile(wheel) as archive_of_wheel,
    ):
        assert sorted(other.namelist()) == sorted(archive_of_wheel.namelist())


@pytest.mark.parametrize("place", ["wheel", "checkout"])
def test_cards_are_found(place: str, wheel: Path, tmp_path: Path) -> None:
    path = ROOT / "src"
    if place == "wheel":
        path = tmp_path / "site"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(path)
    code = "from darkdump import *; print(load_model('alp').title, load_experiment('na62').title, load_model.__code__)"
    env = os.environ | {"PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    )
    assert "Axion-like particle" in done.stdout
    assert "NA62" in done.stdout
    assert str(path / "darkdump") in done.stdout
