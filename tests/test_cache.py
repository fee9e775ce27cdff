"""Compiled kernels are kept on disk, but never those of other sources."""

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

CALL = {
    "kernels/plane.py": """
import numpy as np
from darkdump.kernels.photons import passes
calorimeter = np.array([10.0, 0.0, 0.0, 1.0, np.inf, np.inf, np.inf, 0.0, 0.0, 0.0, 0.0])
cuts = np.array([2.0, 0.0, np.inf, 1.0, 0.0])
along = (0.0, 0.0, 1.0)
print(passes(0.5, 0.0, 0.0, 1.0, along, 1.0, along, np.zeros((0, 2)), calorimeter, cuts))
""",
    "units.py": """
from darkdump.kernels.primakoff import photon_flux
print(photon_flux(0.1, 0.01, 0.88, 0.71, 7.78) < 1.8)
""",
}
"""Calls of kernels that need what is in another file; the answer is True."""

EDITS = {
    "kernels/plane.py": ("dx * dx + dy * dy > plane[RADIUS]", "dx * dx + dy * dy < plane[RADIUS]"),
    "units.py": ("ALPHA: Final = 1 / 137", "ALPHA: Final = 9 / 137"),
}
"""Edits of that other file that turn the answer into False, and leave its size."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package, its sources only."""
    target = tmp_path / "site" / "darkdump"
    target.mkdir(parents=True)
    source = Path(str(files("darkdump")))
    for name in ("__init__.py", "units.py", "errors.py"):
        shutil.copy(source / name, target)
    shutil.copytree(source / "kernels", target / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "site"


def answer(copy: Path, call: str, cache: Path, first: str = "") -> str:
    """What a call of a kernel in the copy gives, in a process of its own and after the lines `first`."""
    own = {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    code = f"{first}\nimport darkdump; assert darkdump.__file__.startswith({str(copy)!r}){CALL[call]}"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def kept(cache: Path) -> dict[Path, int]:
    """Files of compiled kernels, and when they were written."""
    return {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}


@pytest.mark.parametrize("helper", EDITS)
def test_edit_is_compiled_again(helper: str, copy: Path, tmp_path: Path) -> None:
    cache, file = tmp_path / "cache", copy / "darkdump" / helper
    assert answer(copy, helper, cache) == "True"
    before, text, times = kept(cache), file.read_text(encoding="utf-8"), file.stat()
    assert before
    assert answer(copy, helper, cache) == "True"
    assert kept(cache) == before, "what was compiled is used again"
    assert text.count(EDITS[helper][0]) == 1
    file.write_text(text.replace(*EDITS[helper]), encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (times.st_size, times.st_mtime_ns)
    assert answer(copy, helper, cache) == "False"
    assert len(kept(cache)) > len(before)
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert answer(copy, helper, cache) == "True"


def test_folder_that_cannot_be_made(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert answer(copy, "units.py", tmp_path / "file") == "True"
    assert answer(copy, "units.py", tmp_path / "file" / "deep") == "True"
    assert (tmp_path / "file").read_text() == "mine"


def test_disk_that_is_full(copy: Path, tmp_path: Path) -> None:
    first = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))"
    assert answer(copy, "units.py", tmp_path / "cache", first) == "True"
