"""Benchmarks: `pytest benchmarks`.  Each compares with a reference of the same run, or states an aim."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
Twin = Callable[..., None]


@pytest.fixture(scope="session")
def two_photons_in_c(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The acceptance kernel in C, compiled with gcc -O3 -march=native; called like the numba kernel."""
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    library = tmp_path_factory.mktemp("c") / "two_photons.so"
    source = Path(__file__).with_name("two_photons.c")
    command = ["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library), str(source), "-lm"]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(str(library)).two_photons
    function.restype = None

    def pointer(array: Array) -> ctypes.c_void_p:
        return array.ctypes.data_as(ctypes.c_void_p)

    def call(mass: float, energy: Array, *arrays: Array) -> None:
        slope, points, origin, azimuth, volume, vetoes, calorimeter, cuts, tau, chance = map(pointer, arrays)
        size, number = ctypes.c_size_t(len(energy)), ctypes.c_size_t(len(arrays[5]))
        function(
            ctypes.c_double(mass), size, pointer(energy), slope, points, origin, azimuth, volume, vetoes, number,
            calorimeter, cuts, tau, chance,
        )  # fmt: skip

    return call
