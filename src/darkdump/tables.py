"""Files that come with the package: where they are and how they are read."""

import hashlib
import json
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def data_path(*parts: str) -> Path:
    """Path of a file or folder of the package's data."""
    return Path(str(files("darkdump"))).joinpath("data", *parts)


def sha256(path: Path) -> str:
    """Hash of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def data_toml(*parts: str) -> dict[str, Any]:
    """A TOML file of the package's data."""
    return tomllib.loads(data_path(*parts).read_text(encoding="utf-8"))


def ckm(element: str) -> float:
    """Modulus of an element of the CKM matrix, by its quarks, as ``"us"``."""
    modulus: float = data_toml("ckm.toml")[element]
    return modulus


def lifetime(species: str) -> float:
    """Lifetime [s] of a particle, named as in the spectra."""
    seconds: float = data_toml("lifetimes.toml")[species]
    return seconds


def data_grid(*parts: str) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """Arrays of an npz file of the package's data, and the JSON text ``meta`` in it."""
    with np.load(data_path(*parts)) as archive:
        arrays = {name: archive[name].astype(np.float64) for name in archive.files if name != "meta"}
        return arrays, json.loads(str(archive["meta"]))


def data_columns(*parts: str) -> NDArray[np.float64]:
    """Columns of a CSV file of the package's data with ``#`` comments and one header line, shape (columns, rows)."""
    text = data_path(*parts).read_text(encoding="utf-8").splitlines()
    rows = [line for line in text if line and not line.startswith("#")][1:]
    return np.array([[float(x) for x in row.split(",")] for row in rows], dtype=np.float64).T
