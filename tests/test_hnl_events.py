"""Events of heavy neutral leptons: groups of channels, both natures, spin, and a plain Monte Carlo."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import twins
import twins_hnl_dump
from darkdump import finalstates, tables
from darkdump.acceptance import selection_of
from darkdump.cards import load_experiment, load_model
from darkdump.errors import DarkdumpError
from darkdump.experiment import EXCLUSIVE, OPEN, Experiment, TrackSelection
from darkdump.groups import accepted
from darkdump.model import Model, mixed
from darkdump.particles import mass as mass_of
from darkdump.portals.hnl import NATURES, mixing_of
from darkdump.production import hnl as production
from darkdump.production.daughters import of_polarised
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum, spread
from darkdump.units import HBAR
from darkdump.yields import events, simulate

Array = NDArray[np.float64]

NA62 = load_experiment("na62")
HNL = load_model("hnl")
MU, DS = mass_of("mu-"), mass_of("D(s)+")
BATCH, BATCHES = 200_000, 8
"""Mesons that the twin draws at a time, and how often: 1 to 2 % error."""


def of_nature(model: Model, nature: str, *modes: str) -> Model:
    """A model with another nature, and only some modes."""
    return replace(model, pattern={**model.pattern, "nature": NATURES[nature]}, production=modes or model.production)


def number(
    model: Model, experiment: Experiment, mass: float, mixing: float, *only: str, points: int = 1024
) -> tuple[float, float]:
    """Events for one proton, all modes together, and their relative error."""
    times = simulate(model, experiment, np.array([mass]), only=only, points=points)
    found, error = events(model, times, np.array([mixing]), 1.0)
    return float(found.sum()), float(error[0, 0])


@pytest.mark.parametrize("name", ["na62", "ship", "charm", "bebc"])
@pytest.mark.parametrize("way", [OPEN, EXCLUSIVE])
def test_groups(name: str, way: str) -> None:
    """One selection and one mixing for all of a group; each visible channel in one group, and no other."""
    experiment = load_experiment(name)
    if way not in experiment.selections and way == EXCLUSIVE:
        return
    groups = accepted(HNL, experiment, way)
    counted = [channel for group in groups.values() for channel in group.channels]
    assert len(counted) == len(set(counted))
    for group in groups.values():
        assert len({mixing_of(channel) for channel in group.channels}) == 1
        assert len({repr(selection_of(experiment, channel, way)) for channel in group.channels}) == 1
    for channel in HNL.decays:
        own = {channel, finalstates.group(channel)} & set(experiment.selections)
        seen = finalstates.visible(channel, every=way == EXCLUSIVE) and way in experiment.selections
        assert (channel in counted) == bool(own or seen), channel
    assert not {"nu nu nu", "nu pi0"} & set(counted)
    kinds = {(mixing_of(channel), repr(selection_of(experiment, channel, way))) for channel in counted}
    assert len(groups) == len(kinds), "channels that could be together are"


def test_no_group_at_all() -> None:
    with pytest.raises(DarkdumpError, match="experiment 'nucal' selects none of the decays of 'hnl'"):
        accepted(HNL, load_experiment("nucal"))


def test_pairs_of_leptons() -> None:
    """The group of three leptons holds decays to two charged ones, no tau, and a neutrino, and nothing with a meson."""
    names = {channel for channel in finalstates.channels() if finalstates.group(channel) == "l l nu"}
    pairs = {f"nu_{own} {other} {other}" for own in ("e", "mu", "tau") for other in ("e", "mu")}
    assert names == pairs | {"e mu nu_e", "e mu nu_mu"}
    without = ("nu rho", "nu pi0", "nu nu nu", "nu hadrons", "gamma gamma", "tau pi", "nu_e tau tau")
    assert {finalstates.group(name) for name in without} == {""}


@pytest.mark.parametrize(("mass", "mixing"), [(0.9, 1e-7), (2.5, 1e-6)])
def test_groups_add_up(mass: float, mixing: float) -> None:
    """All channels together, and one by one: the same number within the errors and 1 %."""
    model = replace(
        mixed(HNL, [1, 2, 3]), production=("ds-leptonic-mu", "d-semileptonic-e", "tau-tau", "b-semileptonic-mu")
    )
    together, error = number(model, NA62, mass, mixing)
    ratios = model.branching_ratios(mass)
    channels = [channel for group in accepted(model, NA62).values() for channel in group.channels if ratios[channel]]
    parts = np.array([number(model, NA62, mass, mixing, channel, points=256) for channel in channels])
    assert len(parts) > 8
    spread = math.hypot(error * together, float(np.linalg.norm(parts[:, 0] * parts[:, 1])))
    assert abs(parts[:, 0].sum() - together) < 4.0 * spread + 0.01 * together


@pytest.fixture
def unpolarised(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Take the spins away, once called."""

    def without(place: Setting, species: str, parent: float, azimuths: int) -> Callable[[float, float, float], Array]:
        flux = of_polarised(place, species, parent, azimuths)
        return lambda mass, other, helicity: (
            flux(mass, other, helicity) * np.array([1.0, 0.0, 0.0])[:, None, None]
            if helicity
            else flux(mass, other, helicity)
        )

    return lambda: monkeypatch.setattr(production, "of_polarised", without)


@pytest.mark.parametrize(("mass", "mixing"), [(0.3, 1e-9), (1.5, 1e-9)])
def test_dirac_and_majorana(mass: float, mixing: float, unpolarised: Callable[[], None]) -> None:
    """A Majorana particle has twice the width: twice the decays of a long-lived one; spins aside."""
    dirac, majorana = (of_nature(load_model("hnl-mu"), nature) for nature in ("dirac", "majorana"))
    ratios = dirac.branching_ratios(mass)
    assert ratios == pytest.approx(majorana.branching_ratios(mass), rel=1e-12)
    one = np.array([mixing])
    assert majorana.total_width(mass, one) == pytest.approx(2.0 * dirac.total_width(mass, one), rel=1e-12)
    with_spin = number(dirac, NA62, mass, mixing)[0]
    unpolarised()
    without, double = number(dirac, NA62, mass, mixing), number(majorana, NA62, mass, mixing)
    assert double[0] / without[0] == pytest.approx(2.0, rel=0.01 + 4.0 * math.hypot(double[1], without[1]))
    assert with_spin == pytest.approx(without[0], rel=0.2, abs=0)


@pytest.mark.parametrize(
    ("mode", "channel", "mass", "sign"),
    [
        ("ds-leptonic-mu", "mu K", 1.0, -1),
        ("ds-leptonic-mu", "mu K", 0.8, -1),
        ("tau-tau", "e mu nu_mu", 0.6, 0),
        ("ds-semileptonic-mu", "mu K", 0.8, 0),
    ],
)
def test_sign_of_polarisation(mode: str, channel: str, mass: float, sign: int, unpolarised: Callable[[], None]) -> None:
    """N of D_s -> mu N spins along its flight, so that the light lepton of mu K goes backwards, and more often is slow.

    Decays to three bodies leave no spin, and U_tau has no part in e mu nu_mu.
    """
    model = of_nature(load_model("hnl-mu"), "dirac", mode)
    spinning, error = number(model, NA62, mass, 1e-6, channel)
    unpolarised()
    without = number(model, NA62, mass, 1e-6, channel)[0]
    if sign:
        assert 0.03 < sign * (spinning / without - 1.0) < 0.5
        assert error < 0.02
    else:
        assert spinning == without


@pytest.mark.parametrize(
    ("nature", "name", "meson", "mass", "mixing"),
    [
        ("majorana", "l pi", "pi", 1.0, 1e-8),
        ("dirac", "open", "K", 1.0, 1e-3),
        ("dirac", "l pi", "pi", 0.3, 1e-6),
    ],
)
def test_against_plain_monte_carlo(nature: str, name: str, meson: str, mass: float, mixing: float) -> None:
    """D_s drawn, decayed twice with the spin of N between, and tracked one by one: within 3 %, of short and long lives.

    Without the resolution that pointing brings.
    """
    cut = NA62.selections[name]
    assert isinstance(cut, TrackSelection)
    cut = replace(cut, pointing=None)
    experiment = replace(NA62, selections={name: cut})
    model, channel = of_nature(load_model("hnl-mu"), nature, "ds-leptonic-mu"), f"mu {meson}"
    entry = tables.data_toml("hnl.toml")["pseudoscalar"]["Ds"]
    constant = entry["constant"] * tables.data_toml("ckm.toml")[entry["ckm"]]
    rate, helicity = twins_hnl_dump.width(DS, constant, MU, mass)
    masses = mass, MU, mass_of(f"{meson}+")
    polarisation = helicity * twins_hnl_dump.asymmetry(*masses) if nature == "dirac" else 0.0
    spectrum, ctau = load_spectrum("pythia", "Cu", 400.0), float(model.ctau(mass, np.array([mixing]))[0])
    rng = np.random.default_rng([round(1e3 * mass), round(-math.log10(mixing))])
    batches = []
    for _ in range(BATCHES):
        parents = twins.photons_of_table(spectrum, "Ds", 20.0, BATCH, rng)
        spins = twins_hnl_dump.neutral_leptons(parents, DS, MU, mass, rng)
        batches.append(twins_hnl_dump.dump_yield(experiment, cut, spins, polarisation, masses, ctau, rng))
    lifetime = tables.data_toml("lifetimes.toml")["Ds"]
    factor = mixing * rate * lifetime / HBAR * model.branching_ratios(mass)[channel]
    counted, spread = np.array(batches).T * factor
    error = math.sqrt((spread**2).sum()) / counted.sum()
    found, own = number(model, experiment, mass, mixing, channel, points=4096)
    assert error < 0.02
    assert found / counted.mean() == pytest.approx(1.0, abs=0.03)
    assert own < 0.01


def test_every_spectrum() -> None:
    """All modes can be made of each of the named spectra, which differ by less than half in all."""
    counted = {}
    for name in spread("Cu", 400.0):
        times = simulate(HNL, NA62, np.array([0.03]), spectra=name, points=1024, scrambles=4)
        counted[name] = events(HNL, times, np.array([1e-3]), 1e18)[0][:, 0, 0]
    seen = counted["pythia"] > 0.0
    assert seen.sum() > 20
    for found in counted.values():
        assert (found[seen] > 0.0).all()
        assert found.sum() == pytest.approx(counted["pythia"].sum(), rel=0.5)
