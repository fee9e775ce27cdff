"""Fluxes of heavy neutral leptons and of the taus that make them: numbers by hand, and decays that are drawn."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump.cards import load_model
from darkdump.formfactors.nuclear import nucleus
from darkdump.formfactors.semileptonic import PARENTS, decays
from darkdump.model import mixed
from darkdump.particles import mass as mass_of
from darkdump.portals import hnl_production
from darkdump.portals.hnl_leptons import FLAVOURS, lepton
from darkdump.production import PRODUCTION, hnl, modes_of, tau
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum
from darkdump.tables import data_toml
from darkdump.units import HBAR
from twins_hnl import grid, matrix, near, spectrum, three_bodies
from twins_tracks import boosted, isotropic

Array = NDArray[np.float64]

LIFETIMES = data_toml("lifetimes.toml")
LEAST, NARROW = 15.0, (0.0, 0.015)


@cache
def place(least: float = LEAST, angle: float = NARROW[1], nature: float = 2.0) -> Setting:
    """Protons of 400 GeV on copper."""
    pattern = {"e": 1.0, "mu": 0.0, "tau": 0.0, "nature": nature}
    return Setting(400.0, nucleus("Cu"), load_spectrum("pythia", "Cu", 400.0), least, (0.0, angle), pattern)


def number(setting: Setting, flux: Array, power: float = 0.0) -> float:
    """Particles, each with a power of its energy: the flux over energy and solid angle."""
    angles = np.linspace(*setting.angles, 400)
    rings, total = 2.0 * np.pi * np.sin(angles), 0.0
    for e, energy in enumerate(setting.energies):
        density = np.interp(angles, setting.directions[e], flux[e])
        total += float(np.trapezoid(density * rings, angles)) * energy**power
    return total * float(np.log(setting.energies[1] / setting.energies[0]))


def drawn_parents(setting: Setting, species: str, events: int, random: np.random.Generator) -> Array:
    """Momenta of parents from the bins of a table, in the plane of x and z."""
    table, log_theta, log_p = setting.spectrum.density[species], setting.spectrum.log_theta, setting.spectrum.log_p
    t, p = np.unravel_index(random.choice(table.size, events, p=(table / table.sum()).ravel()), table.shape)
    theta = 10 ** (log_theta[t] + random.random(events) * np.diff(log_theta)[t])
    size = 10 ** (log_p[p] + random.random(events) * np.diff(log_p)[p])
    return np.asarray(size[:, None] * np.column_stack([np.sin(theta), 0.0 * theta, np.cos(theta)]))


def seen(
    setting: Setting, before: Array, parent: float, star: Array, mass: float, random: np.random.Generator
) -> Array:
    """Energies of the daughters that are within the setting's angles and bins of energy."""
    size = np.sqrt(np.maximum(star**2 - mass**2, 0.0))
    rest = size[:, None] * isotropic(len(star), random)
    large = np.linalg.norm(before, axis=1)
    along = (rest * before).sum(axis=1) / large
    gamma, boost = np.hypot(large, parent) / parent, large / parent
    after = rest + before / large[:, None] * ((gamma - 1.0) * along + boost * star)[:, None]
    energy, angle = np.sqrt((after**2).sum(axis=1) + mass**2), np.arctan2(np.hypot(*after[:, :2].T), after[:, 2])
    first = 10 ** setting.spectrum.log_p[:-1][setting.bins][0]
    return np.asarray(energy[(angle < setting.angles[1]) & (energy > first)])


def test_boosts_agree() -> None:
    """That of single energies in the neighbouring twin is the same as here."""
    random, wide = np.random.default_rng(0), place(0.5, 1.5)
    before, rest = np.array([[0.3, 0.0, 90.0]]), np.array([[0.1, 0.2, -0.3]])
    after = boosted(before, 1.9, float(np.sqrt(0.14 + 0.16)), rest)
    p4 = np.array([*after[0], np.sqrt((after**2).sum() + 0.16)])
    parent = np.array([*before[0], np.sqrt((before**2).sum() + 1.9**2)])
    assert p4[3] * parent[3] - p4[:3] @ parent[:3] == near(1.9 * np.sqrt(0.3), rel=1e-9)
    assert len(seen(wide, np.repeat(before, 99, axis=0), 1.9, np.full(99, 0.9), 0.4, random)) == 99


def test_number_of_taus() -> None:
    """The sum over the bins is that of mesons times branching ratios, of which Ds, 5.2 %, are nine in ten."""
    setting, expected, alone = place(), 0.0, 0.0
    for meson in tau.MESONS:
        own, found = setting.spectrum.multiplicity(meson), 0.0
        if meson in hnl_production.mesons():
            found += hnl_production.leptonic(meson, "tau", 0.0).width
        for decay in decays(meson).values():
            width = hnl_production.semileptonic_decay(decay, lepton("tau"), 0.0).width.sum()
            found += float(width) * hnl_production.scale(decay)
        expected += own * found * LIFETIMES[meson] / HBAR
        alone = own * found * LIFETIMES[meson] / HBAR if meson == "Ds" else alone
    table = tau.with_taus(setting).spectrum
    assert table.density["tau"].shape == table.density["Ds"].shape
    assert (table.density["tau"] >= 0.0).all()
    assert table.multiplicity("tau") == near(expected, rel=0.02)
    assert alone == near(setting.spectrum.multiplicity("Ds") * 0.0521, rel=0.01)
    assert 0.9 < alone / expected < 1.0


def of_taus(meson: str) -> tuple[Array, Array]:
    """Energies of taus in the frame of a meson [GeV] and their widths [GeV], P -> h tau nu by explicit spinors."""
    found = []
    for decay in decays(meson).values():
        masses = (*decay.masses, lepton("tau"), 1e-4)
        if sum(masses[1:]) < masses[0]:
            q2, cos, step = grid(masses)
            momenta, space = three_bodies(q2, cos, masses)
            square = 2.0 * matrix(decay, q2, momenta, masses[2], masses[3], np.zeros(4)) * hnl_production.scale(decay)
            found.append((momenta[2][:, 3], step * space / (2.0 * masses[0]) * square))
    return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])


def test_energies_of_taus() -> None:
    """Taus of B -> h tau nu against spinors, the neutrino being massless: moments up to the third, to 0.1 %."""
    for meson in ("B+", "B0", "Bs"):
        few, (energy, width) = list(tau._energies(meson))[-1], of_taus(meson)
        for power in range(4):
            assert few.width @ few.energy**power == near(width @ energy**power, rel=1e-3)


def test_momenta_of_taus() -> None:
    """An isotropic decay keeps the mean of E* / M of the parents' energy, 0.91 in Ds -> tau nu; the table to 2 %."""
    setting = place()
    momenta = 10.0 ** (0.5 * (setting.spectrum.log_p[1:] + setting.spectrum.log_p[:-1]))
    for meson in ("Ds", "B+"):
        density = {name: 0.0 * table if name in tau.MESONS and name != meson else table
                   for name, table in setting.spectrum.density.items()}  # fmt: skip
        found = tau.with_taus(replace(setting, spectrum=replace(setting.spectrum, density=density))).spectrum
        own, parts = mass_of(PARENTS[meson]), list(tau._energies(meson))
        mean = sum(part.width @ part.energy for part in parts) / sum(part.width.sum() for part in parts) / own
        assert mean == pytest.approx(0.907 if meson == "Ds" else 0.405, abs=0.003)
        before, after = (
            table.sum(axis=0) @ np.hypot(momenta, mass) / table.sum()
            for table, mass in ((density[meson], own), (found.density["tau"], lepton("tau")))
        )
        assert after / before == near(mean, rel=0.02)


@pytest.mark.parametrize(
    ("mode", "mass"), [("d-semileptonic-mu", 0.5), ("d-semileptonic-e", 0.9), ("ds-semileptonic-mu", 0.4)]
)
def test_semileptonic_flux(mode: str, mass: float) -> None:
    """N that NA62 may see, and their energies, against decays that are drawn with energies of explicit spinors: 3 %."""
    setting, random = place(), np.random.default_rng(6)
    family, flavour = mode.rsplit("-", 1)
    expected = np.zeros(2)
    for parent in hnl.FAMILIES[family]:
        species, own = parent.species[0], mass_of(parent.particle)
        parts = []
        for decay in decays(species).values():
            if sum(decay.masses[1:]) + lepton(flavour) + mass < own:
                energy, _, width, _ = spectrum(decay, lepton(flavour), mass)
                parts.append((energy, width * hnl_production.scale(decay)))
        energies, widths = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        events = 500000
        star = random.choice(energies, events, p=np.maximum(widths, 0.0) / np.maximum(widths, 0.0).sum())
        found = seen(setting, drawn_parents(setting, species, events, random), own, star, mass, random)
        ratio = setting.spectrum.multiplicity(species) * widths.sum() * LIFETIMES[species] / HBAR / events
        expected += ratio * np.array([len(found), found.sum()])
    flux = PRODUCTION[mode].prepare(setting)(mass)
    assert [number(setting, flux), number(setting, flux, 1.0)] == near(expected.tolist(), rel=0.03)


@pytest.mark.parametrize(
    ("mode", "mass"),
    [
        ("kaon-semileptonic-e", 0.1), ("d-semileptonic-e", 0.2), ("d-semileptonic-mu", 0.9), ("ds-semileptonic-e", 0.6),
        ("tau-e", 0.5), ("tau-tau", 0.8), ("b-semileptonic-mu", 1.5),
    ],
)  # fmt: skip
def test_three_energies_stand_for_all(mode: str, mass: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of Gauss's energies instead of a dozen: 0.5 %, in number and weighted with energies and their inverse."""
    setting = place()
    few = PRODUCTION[mode].prepare(setting)(mass)
    monkeypatch.setattr(hnl, "ENERGIES", 12)
    many = PRODUCTION[mode].prepare(setting)(mass)
    for power in (-1.0, 0.0, 2.0):
        assert number(setting, few, power) == near(number(setting, many, power), rel=0.005)


def test_modes_are_linear_in_the_pattern() -> None:
    """A mode's flux is at a mixing of one with its flavour, whatever the pattern; its share of U2 comes as a factor."""
    for name in ("ds-leptonic-mu", "d-semileptonic-e", "tau-tau"):
        mode, model = PRODUCTION[name], mixed(load_model("hnl"), [1.0, 2.0, 5.0])
        assert mode.power == 1
        assert mode.part == name.rsplit("-", 1)[1]
        assert mode.strength(model.pattern) == near({"e": 0.125, "mu": 0.25, "tau": 0.625}[mode.part], rel=1e-12)
        one, other = (
            mode.prepare(replace(place(), pattern=pattern))(0.15) for pattern in (place().pattern, model.pattern)
        )
        assert one == near(other, rel=1e-12)
        assert one.any()
    for name in modes_of("hnl"):
        assert PRODUCTION[name].strength(load_model("hnl-mu").pattern) == float(name.endswith("-mu"))
    assert {name.rsplit("-", 1)[1] for name in modes_of("hnl")} == set(FLAVOURS)


def beam_of(species: str, low: float = 10.0, high: float = 500.0, angle: float = 0.1) -> tuple[Setting, Array, Array]:
    """A setting with only those parents of high momenta and small angles, all of whose daughters it sees."""
    whole = place(0.5, 0.2)
    table, log_p, theta = whole.spectrum.density[species], whole.spectrum.log_p, 10.0 ** whole.spectrum.log_theta[1:]
    momenta = 10.0 ** (0.5 * (log_p[1:] + log_p[:-1]))
    kept = np.where((theta[:, None] < angle) & (momenta > low) & (momenta < high), table, 0.0)
    density = {name: 0.0 * other for name, other in whole.spectrum.density.items()} | {species: kept}
    return replace(whole, spectrum=replace(whole.spectrum, density=density)), momenta, kept.sum(axis=0)


@pytest.mark.parametrize(
    ("species", "mode", "mass", "particle", "length"),
    [
        ("Kp", "kaon-leptonic-e", 0.3, "K+", 20.3e-2), ("Km", "kaon-leptonic-mu", 0.2, "K+", 20.3e-2),
        ("KL", "kaon-semileptonic-e", 0.1, "K(L)0", 20.3e-2), ("KS", "kaon-semileptonic-mu", 0.1, "K(S)0", 20.3e-2),
        ("pip", "pion-e", 0.1, "pi+", 18.5e-2),
    ],
)  # fmt: skip
def test_light_mesons_by_hand(species: str, mode: str, mass: float, particle: str, length: float) -> None:
    """Branching ratio times 1 / (1 + gamma beta c tau / lambda), lambda 182 g/cm^2 of copper, 166 for pions.

    K_L and K_S have the same width to N, but the K_S lives shorter, and decays before it interacts more often.
    """
    setting, momenta, number_of = beam_of(species)
    same = {"Km": "Kp"}.get(species, species)
    ctau = LIFETIMES[same] * 299792458.0
    chance = 1.0 / (1.0 + momenta / mass_of(particle) * ctau / length)
    family, flavour = mode.rsplit("-", 1)
    two, three = hnl.FAMILIES[family][0 if species in ("Kp", "Km", "pip") else 1].rates(flavour, mass)
    width = sum(decay.width for decay in two) + sum(float(part.width.sum()) for part in three)
    expected = float(number_of @ chance) * width * LIFETIMES[same] / HBAR
    assert number(setting, PRODUCTION[mode].prepare(setting)(mass)) == near(expected, rel=0.02)
