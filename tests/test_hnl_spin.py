"""Heavy neutral leptons with their spin: matrix elements, helicities and the spin in fluxes, against Dirac matrices."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from numpy.typing import NDArray

import dirac
from darkdump import finalstates
from darkdump.formfactors.nuclear import nucleus
from darkdump.hnl_decays import LAWS
from darkdump.particles import mass as mass_of
from darkdump.phasespace import bodies
from darkdump.portals import hnl_production
from darkdump.portals.hnl_leptons import data, lepton
from darkdump.production import PRODUCTION
from darkdump.production.daughters import of_polarised
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum
from darkdump.tables import data_toml
from twins_hnl import near
from twins_tracks import boosted, isotropic

Array = NDArray[np.float64]
Square = Callable[[Array, Array, Array, bool], Array]
"""Squared amplitude: of the momentum of N, those of the daughters, the spin, and whether all are antiparticles."""

MUON, PION, ELECTRON = mass_of("mu-"), mass_of("pi+"), mass_of("e-")
WEAK = data()["electroweak"]["sin2_theta_w"]


def pair(left: float, light: float, mass: float) -> Square:
    def square(whole: Array, p: Array, s: Array, other: bool) -> Array:
        minus, plus = (p[:, 2], p[:, 1]) if other else (p[:, 1], p[:, 2])
        return dirac.to_neutrino_leptons(whole, p[:, 0], minus, plus, mass, light, left, WEAK, s, other)

    return square


CASES: dict[str, tuple[str, float, tuple[float, ...], Square]] = {
    "mu pi": (
        "lepton and pseudoscalar", 0.4, (MUON, PION),
        lambda n, p, s, c: dirac.to_lepton_meson(n, p[:, 0], 0.4, MUON, s, c),
    ),
    "nu pi0": (
        "lepton and pseudoscalar", 0.3, (0.0, 0.135),
        lambda n, p, s, c: dirac.to_lepton_meson(n, p[:, 0], 0.3, 0.0, s, c),
    ),
    "mu Kst": (
        "lepton and vector", 1.3, (MUON, 0.8917),
        lambda n, p, s, c: dirac.to_lepton_vector(n, p[:, 0], 1.3, MUON, 0.8917, s, c),
    ),
    "nu omega": (
        "lepton and vector", 1.6, (0.0, 0.78266),
        lambda n, p, s, c: dirac.to_lepton_vector(n, p[:, 0], 1.6, 0.0, 0.78266, s, c),
    ),
    "mu rho": (
        "lepton and two pions", 1.1, (MUON, PION, PION),
        lambda n, p, s, c: dirac.to_lepton_pions(n, p[:, 0], p[:, 1], p[:, 2], 1.1, MUON, s, c) * rho(p),
    ),
    "mu tau nu_tau": (
        "W", 2.5, (MUON, 0.0, lepton("tau")),
        lambda n, p, s, c: dirac.to_two_flavours(n, p[:, 0], p[:, 1], p[:, 2], 2.5, MUON, lepton("tau"), s, c),
    ),
    "nu_e mu mu": ("Z", 0.4, (0.0, MUON, MUON), pair(WEAK - 0.5, MUON, 0.4)),
    "nu_mu mu mu": ("W and Z", 0.3, (0.0, MUON, MUON), pair(WEAK + 0.5, MUON, 0.3)),
}  # fmt: skip
"""Laws of `darkdump.hnl_decays`: mass of N and its daughters [GeV], and the same with explicit spinors."""


def rho(daughters: Array) -> Array:
    """|1 / (s - M^2 + i M Gamma)|^2 of the rho meson."""
    p = daughters[:, 1] + daughters[:, 2]
    s = p[:, 3] ** 2 - (p[:, :3] ** 2).sum(axis=1)
    return np.asarray(1.0 / np.abs(s - 0.77526**2 + 1j * 0.77526 * 0.1474) ** 2)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("other", [False, True])
def test_laws(name: str, other: bool) -> None:
    """W_E + s W is the squared amplitude for any spin, event by event; with all particles turned into antiparticles s W
    changes its sign, so that a Majorana particle's decays to both charges together do not see its spin."""
    law, mass, masses, square = CASES[name]
    p = bodies(mass, masses, 200, np.random.default_rng(1))
    whole = np.tile([0.0, 0.0, 0.0, mass], (len(p), 1))
    found = LAWS[law](p)
    sign = -1.0 if other else 1.0
    mean = square(whole, p, dirac.AVERAGE, other)
    factor = mean / found[:, 3]
    assert factor == near(np.full(len(p), factor[0]), rel=1e-7)
    for axis in np.eye(3):
        asymmetry = dirac.polarisation(lambda s: square(whole, p, s, other), np.append(axis, 0.0))
        assert asymmetry == pytest.approx(sign * (found[:, :3] @ axis) / found[:, 3], abs=1e-8)
    assert (np.linalg.norm(found[:, :3], axis=1) <= found[:, 3] * (1.0 + 1e-9)).all(), "no more than all"


@pytest.mark.parametrize(("channel", "law"), [("mu pi", "mu pi"), ("nu_mu mu mu", "nu_mu mu mu"), ("mu Kst", "mu Kst")])
def test_analysers_of_final_states(channel: str, law: str) -> None:
    """Events are turned to z together with what their spin sees: |W| / W_E and its angle to the first body are kept.

    Half of the events have the opposite charges, with the same analysers: there the spin is opposite as well.
    """
    mass = CASES[law][1]
    states = finalstates.simulate("hnl", channel, mass, 4000, 5)
    p = states.momenta
    assert p[:, 0, :2] == pytest.approx(np.zeros((len(p), 2)), abs=1e-9)
    assert p.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, mass], (len(p), 1)), abs=1e-9)
    charges = [(states.kinds == sign).sum() for sign in (1.0, -1.0)]
    assert abs(charges[0] - charges[1]) <= 2
    if p.shape[1] == len(CASES[law][2]):
        found = LAWS[CASES[law][0]](p)
        assert states.analysers == pytest.approx(found[:, :3] / found[:, 3:], abs=1e-9)
    if channel == "mu pi":
        beta = (found[:, 2] / found[:, 3])[0]
        assert states.analysers[:, 2] == pytest.approx(np.full(len(p), beta), abs=1e-9)


def test_michel_spectra() -> None:
    """N -> e- W+ -> e- nu mu+ for light leptons, x = 2 E / m_N: as in decays of the muon.

    The mu+, of the W boson, goes with 12 x^2 (1 - x), mean 3/5, and sees the spin of N fully; e- and nu
    go with 2 x^2 (3 - 2 x), mean 7/10, and see -1/3 of it at the mean.
    """
    states = finalstates.simulate("hnl", "e mu nu_mu", 20.0, 100000, 3)
    x = 2.0 * states.momenta[..., 3] / 20.0
    electron, neutrino, muon = x.T
    assert x.sum(axis=1) == pytest.approx(np.full(len(x), 2.0))
    assert [electron.mean(), neutrino.mean(), muon.mean()] == pytest.approx([0.7, 0.7, 0.6], abs=4e-3)
    assert [(electron**2).mean(), (muon**2).mean()] == pytest.approx([16.0 / 30.0, 0.4], abs=4e-3)
    ahead = states.momenta[..., :3] / np.linalg.norm(states.momenta[..., :3], axis=2, keepdims=True)
    seen = np.einsum("nki,ni->nk", ahead, states.analysers).mean(axis=0)
    assert seen[2] == pytest.approx(1.0, abs=1e-3)
    assert seen[:2] == pytest.approx([-1.0 / 3.0, -1.0 / 3.0], abs=0.01)
    swapped = finalstates.simulate("hnl", "e mu nu_e", 20.0, 100000, 3).momenta[..., 3] / 10.0
    assert swapped.mean(axis=0) == pytest.approx([0.7, 0.7, 0.6], abs=4e-3), "mu- first, e+ last"


def at_rest(parent: float, mass: float, other: float) -> tuple[Array, Array, Array]:
    """Momenta of a two-body decay along z, and the spin along that of the first."""
    p = hnl_production_momentum(parent, mass, other)
    first, second = (np.array([[0.0, 0.0, sign * p, np.hypot(p, m)]]) for sign, m in ((1.0, mass), (-1.0, other)))
    return first, second, dirac.spin(first, mass, np.array([0.0, 0.0, 1.0]))


def hnl_production_momentum(parent: float, mass: float, other: float) -> float:
    energy = (parent**2 + mass**2 - other**2) / (2.0 * parent)
    return float(np.sqrt(energy**2 - mass**2))


@pytest.mark.parametrize(
    ("parent", "flavour", "mass"),
    [
        ("Kp", "e", 0.2),
        ("Kp", "mu", 0.05),
        ("Kp", "mu", 0.3),
        ("Ds", "tau", 0.1),
        ("Ds", "mu", 1.5),
        ("B+", "tau", 2.5),
    ],
)
def test_helicities_of_leptonic_decays(parent: str, flavour: str, mass: float) -> None:
    """P+ -> l+ N against spinors, of both charges: 1 beside an electron, -1 for a light N, zero at equal masses."""
    found, light = hnl_production.leptonic(parent, flavour, mass), lepton(flavour)
    neutral, charged, s = at_rest(mass_of(hnl_production.mesons()[parent]["particle"]), mass, light)

    def squares(other: bool, t: Array) -> Array:
        return dirac.meson_to_lepton(neutral, charged, mass, light, t, other)

    for other, sign in ((False, 1.0), (True, -1.0)):
        expected = dirac.polarisation(partial(squares, other), s)
        assert sign * found.helicity == pytest.approx(float(expected[0]), abs=1e-9)
    assert hnl_production.leptonic("Kp", "mu", MUON).helicity == pytest.approx(0.0, abs=1e-12)
    assert hnl_production.leptonic("Kp", "mu", 1e-6).helicity == pytest.approx(-1.0, abs=1e-6)
    assert hnl_production.leptonic("Kp", "e", 0.2).helicity == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("kind", ["pseudoscalar", "vector"])
@pytest.mark.parametrize("mass", [1e-3, 0.3, 0.7, 0.95])
def test_helicities_of_decays_of_the_tau(kind: str, mass: float) -> None:
    """tau- -> P- N and V- N of an unpolarised tau against spinors, of both charges; widths by their ratios as well."""
    tau, rates = lepton("tau"), []
    for meson in ("pi", "K") if kind == "pseudoscalar" else ("rho", "Kst"):
        own = mass_of(data()[kind][meson]["particle"])
        if mass + own >= tau:
            continue
        found = hnl_production.tau_to_meson(kind, meson, mass)
        neutral, _, s = at_rest(tau, mass, own)
        whole = np.array([[0.0, 0.0, 0.0, tau]])
        square = partial(dirac.tau_to_meson, whole, neutral, tau, mass)
        if kind == "vector":
            square = partial(dirac.tau_to_vector, whole, neutral, tau, mass, own)
        for other, sign in ((False, 1.0), (True, -1.0)):
            expected = dirac.polarisation(partial(square, conjugate=other), s)
            assert sign * found.helicity == pytest.approx(float(expected[0]), abs=1e-8)
        assert found.helicity < 0.0
        momentum = hnl_production_momentum(tau, mass, own)
        rates.append(found.width / (float(square(dirac.AVERAGE)[0]) * momentum))
        constant = data()[kind][meson]["constant" if kind == "pseudoscalar" else "coupling"]
        rates[-1] /= (constant * data_toml("ckm.toml")[data()[kind][meson]["ckm"]]) ** 2
    assert rates == near([rates[0]] * len(rates), rel=1e-9)


LEAST, ANGLES = 15.0, (0.0, 0.03)


@cache
def place(nature: float = 1.0) -> Setting:
    spectrum, pattern = load_spectrum("pythia", "Cu", 400.0), {"e": 1.0, "mu": 0.0, "tau": 0.0, "nature": nature}
    return Setting(400.0, nucleus("Cu"), spectrum, LEAST, ANGLES, pattern)


EDGES_E, EDGES_THETA = np.array([20.0, 35.0, 60.0, 120.0]), np.array([0.0, 0.006, 0.012, 0.024])


def drawn(species: str, parent: float, mass: float, other: float, events: int = 1500000) -> Array:
    """Number per parent in bins of energy and angle, and the same times mean spin along and across.

    Parents are drawn from the table; N has helicity 1: its spin is against its parent's momentum where N rests.
    """
    random, spectrum = np.random.default_rng(2), place().spectrum
    table = spectrum.density[species]
    t, p = np.unravel_index(random.choice(table.size, events, p=(table / table.sum()).ravel()), table.shape)
    theta = 10 ** (spectrum.log_theta[t] + random.random(events) * np.diff(spectrum.log_theta)[t])
    size = 10 ** (spectrum.log_p[p] + random.random(events) * np.diff(spectrum.log_p)[p])
    before = size[:, None] * np.column_stack([np.sin(theta), 0.0 * theta, np.cos(theta)])
    star, energy = hnl_production_momentum(parent, mass, other), (parent**2 + mass**2 - other**2) / (2.0 * parent)
    after = boosted(before, parent, energy, star * isotropic(events, random))
    size_n = np.linalg.norm(after, axis=1)
    energy_n, ahead = np.hypot(size_n, mass), after / size_n[:, None]
    total = np.hypot(size, parent)
    along = (before * ahead).sum(axis=1)
    seen = before + ahead * ((energy_n / mass - 1.0) * along - size_n / mass * total)[:, None]
    s = -seen / np.linalg.norm(seen, axis=1, keepdims=True)
    angle = np.arccos(np.clip(ahead[:, 2], -1.0, 1.0))
    outward = np.column_stack([ahead[:, :2] * ahead[:, 2:], -(ahead[:, 0] ** 2 + ahead[:, 1] ** 2)])
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-30)
    bins = (EDGES_E, EDGES_THETA)
    weights = (None, (s * ahead).sum(axis=1), (s * outward).sum(axis=1))
    return np.array([np.histogram2d(energy_n, angle, bins=bins, weights=w)[0] for w in weights]) / events


def binned(flux: Array) -> Array:
    """A flux of shape (3, e, u) as `drawn` gives it: interpolated in the logarithm of the energy, and in the angle."""
    setting, log_e = place(), np.log(place().energies)
    out = np.zeros((3, len(EDGES_E) - 1, len(EDGES_THETA) - 1))
    for i, j in np.ndindex(out.shape[1:]):
        fine = np.linspace(np.log(EDGES_E[i]), np.log(EDGES_E[i + 1]), 24)
        angles = np.linspace(EDGES_THETA[j], EDGES_THETA[j + 1], 24)
        for k in range(3):
            rows = np.array([np.interp(angles, setting.directions[e], flux[k, e]) for e in range(len(log_e))])
            values = np.array([np.interp(fine, log_e, rows[:, a]) for a in range(len(angles))])
            rings = np.trapezoid(values * (2.0 * np.pi * np.sin(angles))[:, None], angles, axis=0)
            out[k, i, j] = np.trapezoid(rings, fine)
    return out


@pytest.mark.parametrize(
    ("species", "name", "mass", "other"),
    [("Ds", "D(s)+", 1.2, MUON), ("D+", "D+", 0.3, MUON), ("Kp", "K+", 0.3, ELECTRON)],
)
def test_spin_of_a_flux(species: str, name: str, mass: float, other: float) -> None:
    """Numbers in bins of energy and angle to 2.5 %, and mean spin along and across to 0.01, and 3 sigma."""
    parent = mass_of(name)
    flux = of_polarised(place(), species, parent)(mass, other, 1.0)
    expected, found = drawn(species, parent, mass, other), binned(flux) / place().spectrum.multiplicity(species)
    errors = 0.025 + 3.0 / np.sqrt(1500000 * np.maximum(expected[0], 1e-12))
    assert (abs(found[0] / expected[0] - 1.0) < errors).all()
    for k in (1, 2):
        ours, theirs = found[k] / found[0], expected[k] / expected[0]
        assert (abs(ours - theirs) < 0.01 + errors - 0.025).all()
    assert (abs(expected[1:] / expected[0]).max(axis=(1, 2)) > 0.1).all(), "there is something to see"
    half = of_polarised(place(), species, parent)(mass, other, -0.5)
    assert half[0] == near(flux[0], rel=1e-12)
    assert half[1:] == near(-0.5 * flux[1:], rel=1e-12)


def test_majorana_particles_are_blind_to_their_spin() -> None:
    """Their flux is the number alone; that of Dirac particles is the same with a spin, which is less than one."""
    mode = PRODUCTION["kaon-leptonic-e"]
    spin, blind = mode.prepare(place(1.0))(0.3), mode.prepare(place(2.0))(0.3)
    assert blind.shape == place().directions.shape
    assert spin.shape == (3, *blind.shape)
    assert spin[0] == near(blind, rel=0.02)
    assert (np.hypot(*spin[1:]) <= spin[0] * (1.0 + 1e-9)).all()
    assert abs(spin[1]).max() > 0.0
    three = PRODUCTION["kaon-semileptonic-e"].prepare(place(1.0))(0.2)
    assert not three[1:].any()
    assert three[0].any()
    assert replace(place(), pattern={}).energies[0] > 10.0
