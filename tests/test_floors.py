"""A file imports only from floors beneath it, or from its own folder.

The floors are those of the design, in its order: units, kernels, doors to libraries, records, portals, model,
production, acceptance, cards, scan, files and pictures, command line.  Where they differ: acceptance lies below the
cards, which look up the final states that it knows; `published` needs tables only, and lies where its user `plot` can
see it; `kaon` has recipes of its own, which are written as those of scans; `store` lies above `plot` and `recipe_file`,
which it calls; the package's front door and `__main__` are on top.
The version number, a literal of the front door, may be read from anywhere.  `data` holds no code of the package.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path

import pytest

FLOORS: dict[str, int] = {
    **dict.fromkeys(("units", "errors", "data"), 0),
    "kernels": 1,
    **dict.fromkeys(("particles", "tables", "toml", "statistics", "phasespace"), 2),
    **dict.fromkeys(("formfactors", "experiment", "hnl_decays", "matrix"), 3),
    **dict.fromkeys(("portals", "finalstates"), 4),
    **dict.fromkeys(("model", "mixtures"), 5),
    **dict.fromkeys(("production", "frame"), 6),
    "acceptance": 7,
    **dict.fromkeys(("experiment_card", "groups", "integrand"), 8),
    **dict.fromkeys(("cards", "recipe", "yields"), 9),
    **dict.fromkeys(("scanning", "published"), 10),
    **dict.fromkeys(("recipe_file", "plot", "ternary", "variants"), 11),
    **dict.fromkeys(("plot_ternary", "kaon"), 12),
    **dict.fromkeys(("plot_kaon", "stored"), 13),
    **dict.fromkeys(("combination", "store"), 14),
    **dict.fromkeys(("plot_combination", "combination_file", "store_kaon"), 15),
    "store_combination": 16,
    "cli": 17,
    **dict.fromkeys(("__init__", "__main__"), 18),
}
"""Floor of each file or folder of the package."""

PACKAGE = Path(str(files("darkdump")))
MODULES = {
    ".".join(("darkdump", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "data" not in path.relative_to(PACKAGE).parts[:1]
}
HEAVY = ("numpy", "scipy", "numba", "matplotlib", "particle", "rich")


def place(module: str) -> str:
    """Key of `FLOORS` for a module."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(module: str) -> Iterator[str]:
    """Modules of the package that a module imports anywhere: in functions and for type checking as well."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in MODULES:
                    yield whole
                elif whole != "darkdump.__version__" and node.module in MODULES:
                    yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


GRAPH = {module: sorted(set(imports(module))) for module in MODULES}
each_module = pytest.mark.parametrize("module", MODULES)


def test_every_file_has_a_floor() -> None:
    folders = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    assert sorted([*folders, *(path.stem for path in PACKAGE.glob("*.py"))]) == sorted(FLOORS)


def test_imports_are_seen() -> None:
    assert "darkdump.kernels.plane" in GRAPH["darkdump.kernels.photons"]
    assert "darkdump.kernels.plane" in GRAPH["darkdump.experiment"]
    assert "darkdump.scanning" in GRAPH["darkdump.cli.app"], "an import in a function"
    assert "darkdump.cards" in GRAPH["darkdump"], "an import for type checking"


@each_module
def test_imports_go_down(module: str) -> None:
    own = place(module)
    for imported in GRAPH[module]:
        other = place(imported)
        assert FLOORS[other] < FLOORS[own] or (other == own != "__init__"), f"{module} imports {imported}"


def test_no_cycles() -> None:
    TopologicalSorter(GRAPH).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize("module", [module for module in MODULES if place(module) == "kernels"])
def test_kernels_know_numbers_only(module: str) -> None:
    assert {place(imported) for imported in GRAPH[module]} <= {"kernels", "units"}
    text = MODULES[module].read_text(encoding="utf-8")
    libraries = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)) - set(sys.stdlib_module_names)
    assert libraries <= ({"numba"} if module == "darkdump.kernels.jit" else {"numpy", "darkdump"})


@pytest.mark.parametrize("module", ["darkdump", "darkdump.cli", "darkdump.cli.app"])
def test_imports_are_cheap(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_front_door() -> None:
    import darkdump

    assert all(callable(getattr(darkdump, name)) for name in darkdump.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = darkdump.nonsense
