"""Recipes of kaon mode: everything that a search depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from darkdump.errors import DarkdumpError, unknown_name
from darkdump.kaon.peak import MassScan
from darkdump.kaon.searches import SEARCHES
from darkdump.recipe import COUPLINGS


@dataclass(frozen=True)
class KaonRecipe:
    """Everything that a search depends on.

    Attributes
    ----------
    search : str
        Key of `SEARCHES`.
    data : tuple of str
        Names or paths of cards.
    model : str
        Name or path of a model's card whose couplings are limited; empty for none.
    stable : bool
        Whether the model's particle is taken to decay to nothing that is seen.
    mass : tuple of float, optional
        Range [GeV]; that of the card if it is None.
    masses : int, optional
        Evenly spaced masses; the card's step if it is None.
    coupling : tuple of float, optional
        Range; that of the model's card if it is None.
    couplings : int
    lifetime : float, optional
        Proper lifetime [s] of a particle without a model; it leaves, or decays at once, if it is None.
    window : float, optional
        Half-width of the window in units of the resolution; that of the card if it is None.
    confidence_level : float

    Raises
    ------
    DarkdumpError
        If a value makes no sense.
    """

    search: str
    data: tuple[str, ...]
    model: str = ""
    stable: bool = False
    mass: tuple[float, float] | None = None
    masses: int | None = None
    coupling: tuple[float, float] | None = None
    couplings: int = COUPLINGS
    lifetime: float | None = None
    window: float | None = None
    confidence_level: float = 0.9

    def __post_init__(self) -> None:
        if self.search not in SEARCHES:
            raise DarkdumpError(unknown_name("search", self.search, SEARCHES))
        broken = [line for good, line in self._rules() if not good]
        if broken:
            raise DarkdumpError(broken[0])

    def _rules(self) -> list[tuple[bool, str]]:
        """What must hold, and the line for where it does not."""
        low, high = self.mass or (0.0, 0.5)
        soft, hard = self.coupling or (1e-9, 1.0)
        level, window = self.confidence_level, 1.0 if self.window is None else self.window
        return [
            (
                not self.stable or SEARCHES[self.search].chance is MassScan.escape,
                f"stable is not allowed in the search {self.search}, whose particle must decay",
            ),
            (
                self.lifetime is None or 1e-18 <= self.lifetime <= 1e6,
                f"lifetime = {self.lifetime} is not allowed; it must lie between 1e-18 and 1e6 s",
            ),
            (
                self.lifetime is None or not (self.model or self.stable),
                f"lifetime = {self.lifetime} is not allowed beside a model or --stable, which have one",
            ),
            (bool(self.data), "data sets: at least one is needed"),
            (
                len(set(self.data)) == len(self.data),
                f"data = {', '.join(self.data)} is not allowed; each set counts once",
            ),
            (
                0.01 <= level <= 0.9999,
                f"confidence level = {level:g} is not allowed; it must lie between 0.01 and 0.9999",
            ),
            (
                0.0 <= low < high <= 0.5,
                f"mass range {low:g} to {high:g} is not allowed; it must be two numbers between 0 and 0.5, "
                "the second larger",
            ),
            (
                self.masses is None or 2 <= self.masses <= 2000,
                f"{self.masses} masses are not allowed; it must be 2 to 2000",
            ),
            (
                0.0 < soft < hard <= 1e3,
                f"coupling range {soft:g} to {hard:g} is not allowed; it must be two numbers above 0, at most 1000, "
                "the second larger",
            ),
            (2 <= self.couplings <= 10000, f"{self.couplings} couplings are not allowed; it must be 2 to 10000"),
            (0.2 <= window <= 10.0, f"window = {window:g} is not allowed; it must lie between 0.2 and 10"),
        ]


def make_recipe(
    search: str, data: Sequence[str] = (), *, model: str | None = None, stable: bool = False, **options: Any
) -> KaonRecipe:
    """A recipe; what is not given comes from the search and its cards. Parameters as of `KaonRecipe`."""
    if search not in SEARCHES:
        raise DarkdumpError(unknown_name("search", search, SEARCHES))
    default = SEARCHES[search]
    usual = "" if options.get("lifetime") is not None else default.model
    chosen = usual if model is None else model
    quiet = stable or (default.stable and chosen == default.model)
    return KaonRecipe(search, tuple(data) or default.data, chosen, quiet, **options)
