"""Production of feebly interacting particles by protons on a target: one mode, one function."""

from collections.abc import Mapping, Sequence
from typing import Final

from darkdump.portals import alp_flavour, scalar_flavour
from darkdump.portals.hnl_leptons import FLAVOURS
from darkdump.production import (
    alp_mixing,
    b_decay,
    b_quartic,
    bremsstrahlung,
    drell_yan,
    hnl,
    kaon_decay,
    meson_decay,
    pion_pair_decay,
    primakoff,
    vector_mixing,
)
from darkdump.production.flux import Mode

SECONDARY, PRIMARY, SHOWER = ("Dobrich:2019dxc",), ("Dobrich:2015jyk",), ("Rossi:1941zza",)
MIXING = ("Aloni:2018vki", "Jerhot:2022chi")
TOPS, FOUR_TOPS, OCTET = ("Bauer:2021mvw", "Izaguirre:2016dfi"), ("Dolan:2014ska",), ("Bauer:2021wjo",)

ALP: Final[Mapping[str, Mode]] = {
    "primakoff-secondary": Mode(primakoff.secondary, "Primakoff, photons of pi0, eta and eta'", SECONDARY),
    "primakoff-primary": Mode(primakoff.primary, "Primakoff, photons of the proton's field", PRIMARY),
    "primakoff-shower": Mode(primakoff.shower, "Primakoff, photons of the electromagnetic shower", SHOWER),
    "pi0-mixing": Mode(alp_mixing.with_meson("pi0"), "mixing with pi0", MIXING, "a - pi0"),
    "eta-mixing": Mode(alp_mixing.with_meson("eta"), "mixing with eta", MIXING, "a - eta"),
    "etap-mixing": Mode(alp_mixing.with_meson("etap"), "mixing with eta'", MIXING, "a - eta'"),
    "pi0-mixing-rotated": Mode(
        alp_mixing.with_meson("pi0", rotated=True), "mixing with pi0, rotated quarks", MIXING, "a - pi0"
    ),
    "eta-mixing-rotated": Mode(
        alp_mixing.with_meson("eta", rotated=True), "mixing with eta, rotated quarks", MIXING, "a - eta"
    ),
    "etap-mixing-rotated": Mode(
        alp_mixing.with_meson("etap", rotated=True), "mixing with eta', rotated quarks", MIXING, "a - eta'"
    ),
    "alp-b-decay": Mode(b_decay.exclusive(alp_flavour.beauty_coupling(1.0)), "B -> K_x a", TOPS, "B -> a", heavy=True),
    "alp-b-decay-1412": Mode(
        b_decay.exclusive(alp_flavour.beauty_coupling(4.0)),
        "B -> K_x a, loop of arXiv:1412.5174",
        FOUR_TOPS,
        "B -> a",
        heavy=True,
    ),
    "alp-k-decay": Mode(kaon_decay.prepare(alp_flavour.kaon_width), "K -> pi a before the kaon interacts", OCTET),
}
"""Modes that make axion-like particles."""

PENGUIN, FREE_QUARKS, HIGGS = ("Boiarska:2019jym", "Winkler:2018qyg"), ("Feng:2017vli",), ("Boiarska:2019jym",)
B_TO_S, SCALAR_BREMS = "B -> X_s S", "bremsstrahlung of scalars"
BEAUTY: Final = scalar_flavour.beauty_coupling

SCALAR: Final[Mapping[str, Mode]] = {
    "b-exclusive": Mode(b_decay.exclusive(BEAUTY), "B -> K_x S, sum of states", PENGUIN, B_TO_S, heavy=True),
    "b-inclusive": Mode(b_decay.inclusive(BEAUTY), "b -> s S, free quarks", FREE_QUARKS, B_TO_S, heavy=True),
    "kaon-decay": Mode(kaon_decay.prepare(scalar_flavour.kaon_width), "K -> pi S before the kaon interacts", PENGUIN),
    "brems-scalar": Mode(bremsstrahlung.scalar(published=False), "bremsstrahlung", HIGGS, SCALAR_BREMS),
    "brems-scalar-published": Mode(
        bremsstrahlung.scalar(published=True), "bremsstrahlung, normalised as published", HIGGS, SCALAR_BREMS
    ),
    "b-quartic": Mode(
        b_quartic.prepare(BEAUTY, scalar_flavour.pair_coupling),
        "B -> K_x S S and Bs -> S S, quartic coupling",
        HIGGS,
        power=0,
        heavy=True,
    ),
}
"""Modes that make scalars."""

MESONS, BLUEMLEIN, DRELL_YAN = ("Batell:2009di",), ("Blumlein:2013cua",), ("Drell:1970wh", "Ball:2013hta")
QUASI_REAL, OLD_MIXING = ("Foroughi-Abari:2021zbm", "Foroughi-Abari:2024xlj"), ("Berlin:2018jbm", "Kyselov:2024dmi")
BREMS, VECTOR_MIXING = "bremsstrahlung", "vector-meson mixing"
BB, QRA = bremsstrahlung.bluemlein_brunner, bremsstrahlung.quasi_real

VECTOR: Final[Mapping[str, Mode]] = {
    "pi0-decay": Mode(meson_decay.prepare("pi0-decay"), "pi0 -> gamma V", MESONS),
    "eta-decay": Mode(meson_decay.prepare("eta-decay"), "eta -> gamma V", MESONS),
    "etap-decay": Mode(meson_decay.prepare("etap-decay"), "eta' -> gamma V", MESONS),
    "etap-pipi-decay": Mode(pion_pair_decay.prepare, "eta' -> pi pi V", MESONS),
    "omega-decay": Mode(meson_decay.prepare("omega-decay"), "omega -> pi0 V", MESONS),
    "brems-bb": Mode(BB(form_factor=False), f"{BREMS}, Bluemlein and Brunner", BLUEMLEIN, BREMS),
    "brems-bb-ff": Mode(BB(form_factor=True), f"{BREMS}, with timelike form factor", BLUEMLEIN, BREMS),
    "brems-qra-1.0": Mode(QRA(1.0), f"{BREMS}, quasi-real, cut-off 1 GeV", QUASI_REAL, BREMS),
    "brems-qra-1.5": Mode(QRA(1.5), f"{BREMS}, quasi-real, cut-off 1.5 GeV", QUASI_REAL, BREMS),
    "brems-qra-2.0": Mode(QRA(2.0), f"{BREMS}, quasi-real, cut-off 2 GeV", QUASI_REAL, BREMS),
    "mixing-momentum": Mode(vector_mixing.matched_momentum(0), f"{VECTOR_MIXING}, current", OLD_MIXING, VECTOR_MIXING),
    "mixing-kinetic": Mode(vector_mixing.matched_momentum(2), f"{VECTOR_MIXING}, kinetic", OLD_MIXING, VECTOR_MIXING),
    "drell-yan": Mode(drell_yan.prepare, "Drell-Yan", DRELL_YAN),
}
"""Modes that make vectors."""

FORM_FACTORS = ("Lubicz:2017syv", "FlavourLatticeAveragingGroupFLAG:2021npn", "Melikhov:2000yu")
FLAVIANET = ("FlaviaNetWorkingGrouponKaonDecays:2010lot",)
FAMILIES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "pion": ("pi -> l N before the pion interacts", ()),
    "kaon-leptonic": ("K -> l N before the kaon interacts", ()),
    "kaon-semileptonic": ("K -> pi l N before the kaon interacts", FLAVIANET),
    "d-leptonic": ("D -> l N", ()),
    "d-semileptonic": ("D -> h l N", FORM_FACTORS),
    "ds-leptonic": ("Ds -> l N", ()),
    "ds-semileptonic": ("Ds -> h l N", FORM_FACTORS),
    "tau": ("tau -> h N, l nu N", ()),
    "b-leptonic": ("B -> l N", ()),
    "b-semileptonic": ("B, Bs -> h l N", FORM_FACTORS),
    "bc": ("Bc -> l N, as many as at the LHC", ("Colquhoun:2015oha",)),
}
HNL: Final[Mapping[str, Mode]] = {
    f"{family}-{flavour}": Mode(
        hnl.of_family(family, flavour),
        f"{title}, mixing with nu_{flavour}",
        ("Bondarenko:2018ptm", *papers),
        power=1,
        heavy=family not in hnl.LIGHT,
        part=flavour,
    )
    for family, (title, papers) in FAMILIES.items()
    for flavour in FLAVOURS
    if flavour != "tau" or family not in (*hnl.LIGHT, "d-semileptonic", "ds-semileptonic")
}
"""Modes that make heavy neutral leptons, for each flavour of the mixing; a tau beside a hadron needs a B meson."""

BY_PORTAL: Final[Mapping[str, Mapping[str, Mode]]] = {"alp": ALP, "vector": VECTOR, "scalar": SCALAR, "hnl": HNL}

PRODUCTION: Final[Mapping[str, Mode]] = {**ALP, **VECTOR, **SCALAR, **HNL}
"""Every production mode by its name on cards and on the command line."""


def rival_modes(modes: Sequence[str]) -> str:
    """Two of the modes that describe the same process, as text; empty if there are none."""
    for i, one in enumerate(modes):
        for other in modes[:i]:
            process = PRODUCTION[one].process
            if one == other or (process and process == PRODUCTION[other].process):
                return f"{other} and {one}"
    return ""


def rivals(mode: str) -> list[str]:
    """The other modes that describe the same process."""
    process = PRODUCTION[mode].process
    return [name for name, other in PRODUCTION.items() if process and other.process == process and name != mode]


def modes_of(portal: str) -> list[str]:
    """Names of the modes that make a kind of particle."""
    return list(BY_PORTAL[portal])
