"""The one place where numba's options are set.

numba notices an edit of a function's own file, but not of a helper in another file: it would go on using the old
machine code.  The compiled kernels are therefore kept in a folder named after a hash of all kernel sources.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
from numba.core import config

P = ParamSpec("P")
R = TypeVar("R")


def _cache_folder() -> Path | None:
    """Folder of the compiled kernels, for exactly these sources; None if it cannot be written."""
    sources = hashlib.sha256()
    here = Path(__file__).parent
    for path in [here.parent / "units.py", *sorted(here.glob("*.py"))]:
        sources.update(path.name.encode() + b"\0" + path.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    root = os.environ.get("NUMBA_CACHE_DIR") or Path(home) / "darkdump"
    folder = Path(root) / f"kernels-{sources.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _cache_folder()


def jit(function: Callable[P, R], **more: bool) -> Callable[P, R]:
    """Compile `function` without the interpreter and without its lock, cached on disk, each sum in fixed order."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}, **more}
    keep = getattr(config, "CACHE_DIR", "")
    setattr(config, "CACHE_DIR", str(_FOLDER or ""))  # noqa: B010
    try:
        compiled: Callable[P, R] = numba.njit(**options, cache=_FOLDER is not None)(function)
    finally:
        setattr(config, "CACHE_DIR", keep)  # noqa: B010
    cache = getattr(compiled, "_cache", None)
    if cache is not None:
        cache.save_overload = _forgiving(cache.save_overload)
    return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As `jit`, for what hot loops call: a call counts references to each array, which takes as long as the work."""
    return jit(function, forceinline=True)


def _forgiving(save: Callable[..., None]) -> Callable[..., None]:
    """Saving that may fail, for example because the disk is full: the kernel is then compiled again next time."""

    def try_to_save(*arguments: Any) -> None:
        with suppress(OSError):
            save(*arguments)

    return try_to_save
