"""What the tests of ALPs share: patterns of couplings, and widths at a coupling of one."""

import numpy as np

from darkdump.portals import alp


def pattern(name: str = "inverse_f", **card: float) -> dict[str, float]:
    """The pattern of a card that gives some couplings."""
    return alp.complete(name, {entry: card.get(entry, value or 0.0) for entry, value in alp.PATTERN.items()})


def width(channel: str, mass: float, given: dict[str, float], description: str = "vmd") -> float:
    """Width [GeV] at a coupling of one."""
    return float(alp.WIDTHS[description][channel](mass, np.ones(1), given)[0])


def unrun(name: str) -> dict[str, float]:
    """The pattern of a coupling given at the scale of the mesons, where nothing runs."""
    return pattern(name, scale=2.0)
