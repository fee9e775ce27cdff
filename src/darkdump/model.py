"""A model: a portal with its couplings, and what is counted of its production and decay."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.formfactors import scalar_mesons
from darkdump.portals import alp, hnl, scalar, vector
from darkdump.portals.hnl_leptons import FLAVOURS
from darkdump.units import HBARC

Array = NDArray[np.float64]
Pattern = Mapping[str, float]
Width = Callable[[float, Array, Pattern], Array]


@dataclass(frozen=True)
class Portal:
    """A kind of particle.

    Attributes
    ----------
    couplings : mapping
        Units of the couplings that can be scanned, by name.
    widths : mapping
        Width [GeV] of each channel, a function of mass [GeV], coupling and pattern that goes with a power of the
        coupling, for each named description of hadronic decays; all of them have the same channels, and the first one
        is the default.
    pattern : mapping
        Numbers that a card gives for the relative size of couplings, and their defaults; None if a card must.
    table : str
        Name of the card's table of these numbers.
    bounds : mapping
        Least and largest value of numbers of the pattern that have bounds of their own.
    words : mapping
        Numbers of the pattern that a card gives as a word: what each word stands for, the default first.
    parts : tuple of str
        Numbers of the pattern that are parts of a whole, of which one at least is not zero.
    largest : float
        Coupling beyond which there is none.
    together : callable
        From a channel to a name that it shares with those that are as frequent relative to it for any pattern.
    meaning : callable
        From the name of the coupling that is scanned and the card's numbers to the pattern.
    """

    couplings: Mapping[str, str]
    widths: Mapping[str, Mapping[str, Width]]
    pattern: Mapping[str, float | None] = field(default_factory=dict)
    table: str = "charges"
    meaning: Callable[[str, Pattern], Pattern] = lambda _, given: given
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    largest: float = math.inf
    together: Callable[[str], str] = lambda channel: channel

    @property
    def hadrons(self) -> tuple[str, ...]:
        """Names of the descriptions of hadronic decays, the default first."""
        return tuple(self.widths)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the decay channels."""
        return tuple(self.widths[self.hadrons[0]])


PORTALS: Final[Mapping[str, Portal]] = {
    "alp": Portal(
        {name: unit for name, (unit, _) in alp.CONVENTIONS.items()},
        alp.WIDTHS,
        alp.PATTERN,
        "couplings",
        alp.complete,
        alp.BOUNDS,
    ),
    "hnl": Portal(
        {"U2": ""},
        {"quarks": hnl.channels(quarks=True), "mesons": hnl.channels(quarks=False)},
        {**dict.fromkeys(FLAVOURS, 0.0), "nature": hnl.NATURES["majorana"]},
        "mixing",
        hnl.normalised,
        dict.fromkeys(FLAVOURS, (0.0, 1e6)),
        {"nature": hnl.NATURES},
        tuple(FLAVOURS),
        1.0,
        hnl.mixing_of,
    ),
    "scalar": Portal(
        {"sin_theta": ""},
        {name: scalar.channels(name) for name in scalar_mesons.DESCRIPTIONS},
        {"quartic": 0.0},
        "couplings",
    ),
    "vector": Portal({"epsilon": ""}, {"measured": vector.WIDTHS}, dict.fromkeys(vector.FLAVOURS)),
}
"""Every portal by its name on cards."""


HEAVY = 20.0
"""Mass [GeV] at which every channel is open."""


@dataclass(frozen=True)
class Coupling:
    """A coupling: name, unit (empty for none), its text on a picture, and the range to scan."""

    name: str
    unit: str
    label: str
    range: tuple[float, float]


@dataclass(frozen=True)
class Model:
    """One benchmark.

    Attributes
    ----------
    name, title : str
    portal : str
        Key of `PORTALS`.
    coupling : Coupling
    production : tuple of str
        Modes that are counted, keys of `darkdump.production.PRODUCTION`.
    decays : tuple of str
        Channels that the particle has, keys of the portal.
    mass : tuple of float
        Range to scan [GeV].
    mass_label : str
        Text on a picture.
    landmarks : tuple of float
        Masses that are scanned besides the evenly spaced ones [GeV]: thresholds, narrow mesons.
    pattern : mapping
        Relative size of couplings, as the portal names them: the charges of a vector, the couplings of an ALP, the
        quartic coupling of a scalar.
    hadrons : str
        Description of hadronic decays, a key of the portal's widths.
    plane : str
        Name of the catalogue of published limits for this plane, empty if there is none.
    inspire : tuple of str
        INSPIRE keys of the benchmark.
    """

    name: str
    title: str
    portal: str
    coupling: Coupling
    production: tuple[str, ...]
    decays: tuple[str, ...]
    mass: tuple[float, float]
    mass_label: str = "mass"
    landmarks: tuple[float, ...] = ()
    pattern: Pattern = field(default_factory=dict)
    hadrons: str = ""
    plane: str = ""
    inspire: tuple[str, ...] = ()

    def width(self, channel: str, mass: float, coupling: Array) -> Array:
        """Partial widths [GeV] of a channel at a mass [GeV] and couplings."""
        portal = PORTALS[self.portal]
        return portal.widths[self.hadrons or portal.hadrons[0]][channel](mass, coupling, self.pattern)

    def has(self, channel: str) -> bool:
        """Whether the pattern allows a channel of heavy enough particles; one without parts of a whole always does."""
        return not PORTALS[self.portal].parts or bool(self.width(channel, HEAVY, np.ones(1))[0] > 0.0)

    def total_width(self, mass: float, coupling: Array) -> Array:
        """Total widths [GeV] at a mass [GeV] and couplings."""
        total: Array = np.sum([self.width(channel, mass, coupling) for channel in self.decays], axis=0)
        return total

    def ctau(self, mass: float, coupling: Array) -> Array:
        """Proper lifetimes c tau [m] at a mass [GeV] and couplings; infinite where no decay is open."""
        width = self.total_width(mass, coupling)
        return np.divide(HBARC, width, out=np.full_like(width, np.inf), where=width > 0.0)

    def branching_ratios(self, mass: float) -> dict[str, float]:
        """Branching ratio of each channel at a mass [GeV], the same for all couplings; zero where no decay is open."""
        widths = {channel: float(self.width(channel, mass, np.ones(1))[0]) for channel in self.decays}
        total = sum(widths.values())
        return {channel: width / total if total > 0.0 else 0.0 for channel, width in widths.items()}


def mixed(model: Model, parts: Sequence[float]) -> Model:
    """A model with other parts of a whole in its pattern: the mixings of a heavy neutral lepton with each flavour.

    Parameters
    ----------
    model : Model
        Whose portal has such parts.
    parts : sequence of float
        Of each of them, in the portal's order; only their ratios count.

    Returns
    -------
    Model
        With the parts in its title.

    Raises
    ------
    DarkdumpError
        If the model has no parts, or these make no sense.
    """
    portal = PORTALS[model.portal]
    if not portal.parts:
        raise DarkdumpError(f"pattern: model '{model.name}' has none; heavy neutral leptons have")
    names, largest = ", ".join(portal.parts), min(portal.bounds[part][1] for part in portal.parts)
    allowed = f"{len(portal.parts)} numbers from 0 to {largest:g}, as 1:16:3.8 ({names}), of which one is above 0"
    try:
        parts = [float(part) for part in parts]
    except (TypeError, ValueError):
        raise DarkdumpError(f"pattern = {parts!r} is not allowed; it must be {allowed}") from None
    if len(parts) != len(portal.parts) or not all(0.0 <= part <= largest for part in parts) or not any(parts):
        text = ":".join(f"{part:g}" for part in parts)
        raise DarkdumpError(f"pattern = {text} is not allowed; it must be {allowed}")
    pattern = portal.meaning(model.coupling.name, {**model.pattern, **dict(zip(portal.parts, parts, strict=True))})
    if all(math.isclose(pattern[part], model.pattern[part], abs_tol=1e-12) for part in portal.parts):
        return model
    shares = [pattern[part] for part in portal.parts]
    least = min(share for share in shares if share > 0.0)
    only = [name for name in portal.parts if pattern[name] == 1.0]
    ratios = " : ".join(f"{share / least:.3g}" for share in shares)
    title = f"Heavy neutral lepton, mixing {f'with nu_{only[0]}' if only else ratios}"
    return replace(
        model,
        title=title,
        pattern=pattern,
        plane=f"hnl-{only[0]}" if only else "",
        coupling=replace(model.coupling, label="$U^2$"),
    )
