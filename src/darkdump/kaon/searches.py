"""Every search of kaon mode by its name, and how one is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from darkdump.errors import DarkdumpError
from darkdump.kaon import l_n, lnv, pi0, pi0_photon, pi_x, pinunu, visible
from darkdump.kaon.count import Count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.peak import MassScan
from darkdump.kaon.types import Array


@dataclass(frozen=True)
class Search:
    """How something is searched for.

    Attributes
    ----------
    data : tuple of str
        Data sets that are taken where none are asked for.
    title, label : str
        Of pictures: what is searched for, and the parameter that is limited.
    count : callable, optional
        From a data set to the counted events, for a search that counts.
    scan : callable, optional
        From data sets, masses [GeV], half-width of the window in units of the resolution and confidence level to the
        limits, for a search of a peak.
    chance : callable, optional
        From a scan and proper lifetimes [m], shape (m, c), to the chance that the particle decays or leaves as it must.
    plane, exponent : str, int
        Catalogue of published limits, and to which power their coupling is taken to be the parameter.
    model : str
        Whose curve is made where no model is asked for.
    stable : bool
        Whether that model's particle is then taken to decay to nothing that is seen.
    reads : str
        What its data sets search for, if that is called otherwise.
    parent, lepton : str
        That its data sets must have; no lepton if they name none.
    """

    data: tuple[str, ...]
    title: str
    label: str = ""
    count: Callable[[DataSet], Count] | None = None
    scan: Callable[[Sequence[DataSet], Array, float, float], MassScan] | None = None
    chance: Callable[[MassScan, Array], Array] = MassScan.escape
    plane: str = ""
    exponent: int = 1
    model: str = ""
    stable: bool = False
    reads: str = ""
    parent: str = "K+"
    lepton: str = ""


def _alone(scan: Callable[[DataSet, Array, float, float], MassScan]) -> Callable[..., MassScan]:
    """A scan of one data set, which refuses several."""

    def of(sets: Sequence[DataSet], masses: Array, window: float, confidence_level: float) -> MassScan:
        if len(sets) > 1:
            names = ", ".join(data.name for data in sets)
            raise DarkdumpError(f"data = {names} is not allowed; this search takes one data set at a time")
        return scan(sets[0], masses, window, confidence_level)

    return of


def _lepton(name: str, flavour: str, parent: str = "K+") -> Search:
    """A search for a heavy neutral lepton beside a charged one."""
    plane, greek = f"hnl-{flavour}", {"e": "e", "mu": r"\mu"}[flavour]
    title = rf"${parent.replace('pi', chr(92) + 'pi').replace('+', '^+')}\to {greek}^+N$, $N$ not seen"
    return Search(
        (name,),
        title,
        rf"$|U_{greek}|^2$",
        scan=_alone(l_n.scan),
        plane=plane,
        model=plane,
        reads="hnl",
        parent=parent,
        lepton=f"{flavour}+",
    )


_PINUNU = ("pinunu-2016", "pinunu-2017-final", "pinunu-2018", "pinunu-2021-22")

SEARCHES: Final[Mapping[str, Search]] = {
    "pinunu": Search(_PINUNU, r"$K^+\to\pi^+\nu\bar\nu$", count=pinunu.search),
    "pi-x": Search(
        _PINUNU,
        r"$K^+\to\pi^+X$, $X$ not seen",
        r"BR$(K^+\to\pi^+X)$",
        scan=pi_x.scan,
        plane="kaon-pi-x",
        reads="pinunu",
    ),
    "pi-mumu": Search(
        ("pi-mumu",),
        r"$K^+\to\pi^+X$, $X\to\mu^+\mu^-$",
        r"BR$(K^+\to\pi^+X)\,$BR$(X\to\mu^+\mu^-)$",
        scan=_alone(visible.scan),
        chance=visible.chance,
        plane="kaon-pi-mumu",
    ),
    "pi-gammagamma": Search(
        ("pi-gammagamma",),
        r"$K^+\to\pi^+X$, $X\to\gamma\gamma$",
        r"BR$(K^+\to\pi^+X)\,$BR$(X\to\gamma\gamma)$",
        scan=_alone(visible.scan),
        chance=visible.chance,
        plane="kaon-pi-gammagamma",
    ),
    "hnl-e": _lepton("hnl-e", "e"),
    "hnl-mu": _lepton("hnl-mu", "mu"),
    "pion-hnl-e": _lepton("pion-hnl-e", "e", "pi+"),
    "pi0-invisible": Search(("pi0-invisible",), r"$\pi^0\to$ invisible", count=pi0.invisible),
    "pi0-nunu": Search(("pi0-nunu",), r"$\pi^0\to\gamma\nu\bar\nu$", count=pi0_photon.nu_nu),
    "pi0-dark-photon": Search(
        ("pi0-dark-photon",),
        r"$\pi^0\to\gamma A'$, $A'$ not seen",
        r"$\epsilon^2$",
        scan=_alone(pi0_photon.dark_photon),
        plane="dark-photon-invisible",
        exponent=2,
        model="dark-photon",
        stable=True,
    ),
    "lnv": Search(
        ("lnv-pi-e-e", "lnv-pi-mu-mu", "lfv-pim-mu-e", "lfv-pip-mu-e"),
        "lepton number or flavour violated",
        count=lnv.search,
    ),
}
"""Searches by their names on recipes."""
