"""Measured decays: branching ratios of ``data/kaon/branching_ratios.toml``, and how such a decay is simulated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from darkdump import tables

Part = TypeVar("Part", bound=Callable[..., Any])


def decay(name: str) -> dict[str, float]:
    """What is known of a decay: ``value`` and ``error`` of the branching ratio, and what belongs to it."""
    found: dict[str, float] = tables.data_toml("kaon", "branching_ratios.toml")[name]
    return found


def branching_ratio(name: str) -> float:
    """Branching ratio of a decay."""
    return decay(name)["value"]


def relative_error(name: str) -> float:
    """Relative error of the branching ratio."""
    return decay(name)["error"] / decay(name)["value"]


@dataclass(frozen=True)
class Process(Generic[Part]):
    """A background that is simulated: its branching ratio's name, and the simulations of its parts, which add up."""

    ratio: str
    parts: tuple[Part, ...]
