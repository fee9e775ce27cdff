"""darkdump: from a model of feebly interacting particles to the 90 % C.L. exclusion curve of NA62.

from darkdump import load_experiment, load_model, scan
result = scan(load_model("alp"), load_experiment("na62"), pot=1e18)
result.save("alp-na62")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from darkdump.cards import load_experiment as load_experiment
    from darkdump.cards import load_model as load_model
    from darkdump.scanning import Scan as Scan
    from darkdump.scanning import scan as scan
    from darkdump.store import save as save

_HOME = {"load_model": "cards", "load_experiment": "cards", "scan": "scanning", "Scan": "scanning", "save": "store"}

__all__ = ["Scan", "load_experiment", "load_model", "save", "scan"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: the package itself costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'darkdump' has no attribute '{name}'")
    return getattr(import_module(f"darkdump.{_HOME[name]}"), name)
