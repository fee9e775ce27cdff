"""Speed of the searches of kaon mode, and of combined results."""

import importlib
import pkgutil
import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import darkdump.kaon
from darkdump import load_experiment, load_model, scan
from darkdump.kaon.recipe import make_recipe
from darkdump.kaon.running import run
from darkdump.kaon.searches import SEARCHES

KEPT = ("apparatus", "load_data")
"""What is read from files and not simulated."""


def forget() -> None:
    """Forget every simulated sample."""
    for module in pkgutil.iter_modules(darkdump.kaon.__path__, "darkdump.kaon."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if hasattr(value, "cache_clear") and name not in KEPT:
                value.cache_clear()


@pytest.mark.parametrize("search", SEARCHES)
def test_search(benchmark: BenchmarkFixture, search: str) -> None:
    """A search with all that it simulates; the aim is 2 s of CPU.

    The reference of the same run is the scan of ALPs with a photon coupling, 100 masses x 200 couplings.
    """
    recipe = make_recipe(search)
    run(recipe)
    benchmark.pedantic(run, args=(recipe,), setup=forget, rounds=3)  # type: ignore[no-untyped-call]
    forget()
    start = time.process_time()
    run(recipe)
    own = time.process_time() - start
    model, na62 = load_model("alp"), load_experiment("na62")
    scan(model, na62, masses=2, threads=1)
    start = time.process_time()
    scan(model, na62, masses=100, couplings=200, threads=1)
    benchmark.extra_info["CPU seconds"] = own
    benchmark.extra_info["over the scan of alp"] = own / (time.process_time() - start)
