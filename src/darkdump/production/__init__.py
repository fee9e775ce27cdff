"""Production of feebly interacting particles by protons on a target: one mode, one function."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from darkdump.portals.scalar_flavour import beauty_coupling, kaon_width, pair_coupling
from darkdump.production import (
    alp,
    b_decay,
    b_quartic,
    bremsstrahlung,
    drell_yan,
    kaon_decay,
    meson_decay,
    pion_pair_decay,
    primakoff,
    vector_mixing,
)
from darkdump.production.flux import Mode

SECONDARY, PRIMARY, SHOWER = ("Dobrich:2019dxc",), ("Dobrich:2015jyk",), ("Rossi:1941zza",)
MESONS = ("Batell:2009di",)
MIXING = ("Aloni:2018vki", "Jerhot:2022chi")
TOPS = ("Bauer:2021mvw", "Izaguirre:2016dfi")
BLUEMLEIN = ("Blumlein:2013cua",)
QUASI_REAL = ("Foroughi-Abari:2021zbm", "Foroughi-Abari:2024xlj")
BREMS, VECTOR_MIXING = "bremsstrahlung", "vector-meson mixing"
OLD_MIXING = ("Berlin:2018jbm", "Kyselov:2024dmi")
PENGUIN, INCLUSIVE = ("Boiarska:2019jym", "Winkler:2018qyg"), ("Feng:2017vli",)
B_TO_S, SCALAR_BREMS = "B -> X_s S", "bremsstrahlung of scalars"
KAPPA = partial(alp.mixing, rotated=True)
BB, QRA = bremsstrahlung.bluemlein_brunner, bremsstrahlung.quasi_real

PRODUCTION: Final[Mapping[str, Mode]] = {
    "primakoff-secondary": Mode(primakoff.secondary, "alp", "Primakoff, photons of pi0, eta and eta'", SECONDARY),
    "primakoff-primary": Mode(primakoff.primary, "alp", "Primakoff, photons of the proton's field", PRIMARY),
    "primakoff-shower": Mode(primakoff.shower, "alp", "Primakoff, photons of the electromagnetic shower", SHOWER),
    "pi0-mixing": Mode(alp.mixing("pi0"), "alp", "mixing with pi0", MIXING, "a - pi0"),
    "eta-mixing": Mode(alp.mixing("eta"), "alp", "mixing with eta", MIXING, "a - eta"),
    "etap-mixing": Mode(alp.mixing("etap"), "alp", "mixing with eta'", MIXING, "a - eta'"),
    "pi0-mixing-rotated": Mode(KAPPA("pi0"), "alp", "mixing with pi0, rotated quarks", MIXING, "a - pi0"),
    "eta-mixing-rotated": Mode(KAPPA("eta"), "alp", "mixing with eta, rotated quarks", MIXING, "a - eta"),
    "etap-mixing-rotated": Mode(KAPPA("etap"), "alp", "mixing with eta', rotated quarks", MIXING, "a - eta'"),
    "alp-b-decay": Mode(alp.b_decay(1.0), "alp", "B -> K_x a", TOPS, "B -> a", heavy=True),
    "alp-b-decay-1412": Mode(
        alp.b_decay(4.0), "alp", "B -> K_x a, loop of arXiv:1412.5174", ("Dolan:2014ska",), "B -> a", heavy=True
    ),
    "alp-k-decay": Mode(alp.k_decay, "alp", "K -> pi a before the kaon interacts", ("Bauer:2021wjo",)),
    "pi0-decay": Mode(meson_decay.prepare("pi0-decay"), "vector", "pi0 -> gamma V", MESONS),
    "eta-decay": Mode(meson_decay.prepare("eta-decay"), "vector", "eta -> gamma V", MESONS),
    "etap-decay": Mode(meson_decay.prepare("etap-decay"), "vector", "eta' -> gamma V", MESONS),
    "etap-pipi-decay": Mode(pion_pair_decay.prepare, "vector", "eta' -> pi pi V", MESONS),
    "omega-decay": Mode(meson_decay.prepare("omega-decay"), "vector", "omega -> pi0 V", MESONS),
    "brems-bb": Mode(BB(form_factor=False), "vector", f"{BREMS}, Bluemlein and Brunner", BLUEMLEIN, BREMS),
    "brems-bb-ff": Mode(BB(form_factor=True), "vector", f"{BREMS}, with timelike form factor", BLUEMLEIN, BREMS),
    "brems-qra-1.0": Mode(QRA(1.0), "vector", f"{BREMS}, quasi-real, cut-off 1 GeV", QUASI_REAL, BREMS),
    "brems-qra-1.5": Mode(QRA(1.5), "vector", f"{BREMS}, quasi-real, cut-off 1.5 GeV", QUASI_REAL, BREMS),
    "brems-qra-2.0": Mode(QRA(2.0), "vector", f"{BREMS}, quasi-real, cut-off 2 GeV", QUASI_REAL, BREMS),
    "mixing-momentum": Mode(
        vector_mixing.matched_momentum(0), "vector", f"{VECTOR_MIXING}, current", OLD_MIXING, VECTOR_MIXING
    ),
    "mixing-kinetic": Mode(
        vector_mixing.matched_momentum(2), "vector", f"{VECTOR_MIXING}, kinetic", OLD_MIXING, VECTOR_MIXING
    ),
    "drell-yan": Mode(drell_yan.prepare, "vector", "Drell-Yan", ("Drell:1970wh", "Ball:2013hta")),
    "b-exclusive": Mode(
        b_decay.exclusive(beauty_coupling), "scalar", "B -> K_x S, sum of states", PENGUIN, B_TO_S, heavy=True
    ),
    "b-inclusive": Mode(
        b_decay.inclusive(beauty_coupling), "scalar", "b -> s S, free quarks", INCLUSIVE, B_TO_S, heavy=True
    ),
    "kaon-decay": Mode(kaon_decay.prepare(kaon_width), "scalar", "K -> pi S before the kaon interacts", PENGUIN),
    "brems-scalar": Mode(bremsstrahlung.scalar(published=False), "scalar", BREMS, PENGUIN[:1], SCALAR_BREMS),
    "brems-scalar-published": Mode(
        bremsstrahlung.scalar(published=True), "scalar", f"{BREMS}, normalised as published", PENGUIN[:1], SCALAR_BREMS
    ),
    "b-quartic": Mode(
        b_quartic.prepare(beauty_coupling, pair_coupling),
        "scalar",
        "B -> K_x S S and Bs -> S S, quartic coupling",
        PENGUIN[:1],
        power=0,
        heavy=True,
    ),
}
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
    return [name for name, mode in PRODUCTION.items() if mode.portal == portal]
