"""Production: one harness for every mode, numbers that are kept, the normalisation of the spectra, the materials."""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

import twins
from darkdump.errors import CardError, DarkdumpError
from darkdump.formfactors.nuclear import materials, nucleus
from darkdump.kernels.flux import opening
from darkdump.portals.hnl import NATURES
from darkdump.production import PRODUCTION, modes_of, primakoff
from darkdump.production import flux as flux_module
from darkdump.production.flux import Setting
from darkdump.production.spectra import Spectrum, catalogue, load_spectrum, spread
from darkdump.units import ALPHA

Array = NDArray[np.float64]

ELECTRIC = {"e": -1.0, "mu": -1.0, "tau": -1.0, "nu": 0.0, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3}
PHOTONS = {"c_gamma": np.pi / ALPHA}
"""Of an ALP whose g_a_gamma is one."""
PRIMAKOFF = [mode for mode in PRODUCTION if mode.startswith("primakoff")]
each_mode = pytest.mark.parametrize("mode", PRODUCTION)
each_beam = pytest.mark.parametrize(("momentum", "target"), [(400.0, "Cu"), (70.0, "Fe")])
CHARM = ("d-", "ds-", "tau-")
"""Beginnings of modes whose parents hold charm, or come from it."""
FINE = 400
"""Nodes of the angle with which the interpolation between them does not matter."""


@cache
def spectrum(momentum: float, target: str, name: str = "pythia") -> Spectrum:
    """A table, read once."""
    return load_spectrum(name, target, momentum)


def setting(
    momentum: float, target: str, least: float = 2.0, largest: float = 0.01, pattern: Mapping[str, float] = PHOTONS
) -> Setting:
    """Particles above `least` GeV and up to `largest` rad."""
    return Setting(momentum, nucleus(target), spectrum(momentum, target), least, (0.0, largest), pattern)


def integral(place: Setting, flux: Array) -> Array:
    """Particles per logarithm of energy at each energy: the flux over the solid angle, as the engine interpolates."""
    u = (np.arange(2000) + 0.5) / 2000
    total = np.empty(len(flux))
    for e, energy in enumerate(place.energies):
        wide = opening(energy, place.slopes2[0], place.slopes2[1])
        nodes = flux[e] * place.solid_angles[e]
        total[e] = np.mean(np.interp(u, np.linspace(0, 1, flux.shape[1]), nodes)) * wide
    return total


@each_mode
@each_beam
def test_every_mode(mode: str, momentum: float, target: str) -> None:
    """Shape, finite, never negative, nothing beyond the beam's energy, the same when asked again."""
    pattern = {**ELECTRIC, **PHOTONS, "c_GG": 1.0, "quartic": 1e-3, "nature": NATURES["majorana"]}
    place = setting(momentum, target, pattern=pattern)
    flux = PRODUCTION[mode].prepare(place)
    at = [flux(mass) for mass in (0.01, 0.1, 0.3, 1.0, 2.0)]
    for one in at:
        assert one.shape == place.directions.shape
        assert np.isfinite(one).all()
        assert (one >= 0).all()
    beauty_is_closed = PRODUCTION[mode].heavy and momentum < 100.0 and not mode.startswith(CHARM)
    assert (max(one.max() for one in at) > 0) != beauty_is_closed
    assert (flux(1.01 * momentum) == 0).all()
    assert (flux(0.1) == at[1]).all()
    assert (PRODUCTION[mode].prepare(place)(0.1) == at[1]).all()
    assert PRODUCTION[mode].power == (0 if mode == "b-quartic" else 1 if mode in modes_of("hnl") else 2)
    assert PRODUCTION[mode].inspire


@pytest.mark.parametrize("mode", modes_of("hnl"))
def test_spin_of_every_mode(mode: str) -> None:
    """As many Dirac particles as Majorana ones, within 1 % in all; their spin is no longer than one."""
    counted = []
    for nature in ("majorana", "dirac"):
        place = setting(400.0, "Cu", pattern={"nature": NATURES[nature]})
        flux = PRODUCTION[mode].prepare(place)(0.02)
        if nature == "dirac":
            assert flux.shape == (3, *place.directions.shape)
            assert (np.hypot(flux[1], flux[2]) <= flux[0] * (1.0 + 1e-9)).all()
            two_bodies = "semileptonic" not in mode and mode not in ("tau-e", "tau-mu")
            assert flux[1:].any() == two_bodies
            flux = flux[0]
        counted.append(integral(place, flux).sum())
    assert counted[1] == pytest.approx(counted[0], rel=0.01, abs=0)


@pytest.mark.parametrize("largest", [0.012, 0.03])
@pytest.mark.parametrize(
    ("mode", "mass"),
    [("primakoff-secondary", 0.1), ("pi0-decay", 0.05), ("brems-bb-ff", 0.3), ("b-exclusive", 1.0), ("drell-yan", 2.0)],
)
def test_directions_are_fine_enough(mode: str, mass: float, largest: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few nodes of the angle count what many do, for light and heavy parents, in NA62's and in a wide view: 0.5 %."""
    numbers = []
    for nodes in (flux_module.DIRECTIONS, 200):
        monkeypatch.setattr(flux_module, "DIRECTIONS", nodes)
        place = setting(400.0, "Cu", 10.0, largest, {**ELECTRIC, **PHOTONS})
        numbers.append(integral(place, PRODUCTION[mode].prepare(place)(mass)).sum())
    assert numbers[0] == pytest.approx(numbers[1], rel=0.005)


@pytest.mark.parametrize("mode", PRIMAKOFF)
def test_conversion_falls_with_mass(mode: str) -> None:
    """At each energy below 0.8 of the beam's there are fewer of the heavier."""
    place = setting(400.0, "Cu")
    flux = PRODUCTION[mode].prepare(place)
    for lighter, heavier in pairwise(flux(mass) for mass in (0.01, 0.1, 0.3, 1.0)):
        assert (heavier.sum(axis=1) < lighter.sum(axis=1))[place.energies < 320.0].all()


@pytest.mark.parametrize(("mode", "species"), [("primakoff-secondary", "photon"), ("primakoff-shower", "shower")])
@each_beam
def test_number_is_kept(mode: str, species: str, momentum: float, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All angles together: photons of the table times sigma_Primakoff / sigma_absorption, at each energy."""
    monkeypatch.setattr(flux_module, "DIRECTIONS", FINE)
    place = setting(momentum, target, least=5.0, largest=0.5)
    table = place.spectrum
    found = integral(place, PRODUCTION[mode].prepare(place)(0.1))
    photons = table.density[species].sum(axis=0) / (np.diff(table.log_p) * np.log(10))
    charge, highest = int(place.nucleus.charge), 20.07 / place.nucleus.radius
    for energy in (6.0, 20.0, 0.1 * momentum, 0.5 * momentum):
        e = int(np.argmin(abs(place.energies - energy)))
        sigma = twins.primakoff_total(0.1, place.energies[e], charge, highest)
        expected = photons[place.bins][e] * sigma / place.nucleus.sigma_photon
        assert found[e] == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("mode", PRIMAKOFF)
def test_angles_are_fine_enough(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes of the angle hold the flux into NA62, 5.3 mrad, to 2 % below 300 GeV."""
    place = setting(400.0, "Cu", largest=5.3e-3)
    found = integral(place, PRODUCTION[mode].prepare(place)(0.1))
    monkeypatch.setattr(flux_module, "DIRECTIONS", FINE)
    place = setting(400.0, "Cu", largest=5.3e-3)
    expected = integral(place, PRODUCTION[mode].prepare(place)(0.1))
    some = place.energies < 300.0
    assert found[some] == pytest.approx(expected[some], rel=0.02)


@pytest.mark.parametrize("mass", [0.02, 0.2])
def test_primary_against_the_twin(mass: float) -> None:
    """Numbers within 5 mrad and in steps of energy against equivalent photons that are drawn and kicked."""
    place = setting(400.0, "Cu", largest=5e-3)
    found = integral(place, PRODUCTION["primakoff-primary"].prepare(place)(mass))
    rng = np.random.default_rng(11)
    rays = twins.convert(twins.photons_of_field(400.0, 2.5, 1_000_000, rng), mass, 29, rng)
    momentum = np.sqrt((rays.momentum**2).sum(axis=1))
    forward = np.hypot(rays.momentum[:, 0], rays.momentum[:, 1]) < np.tan(5e-3) * rays.momentum[:, 2]
    for low, high in pairwise([3.0, 10.0, 30.0, 100.0]):
        here = rays.weight[forward & (momentum > low) & (momentum < high)] / place.nucleus.sigma_inelastic
        u = np.linspace(np.log(low), np.log(high), 400)
        expected = np.trapezoid(np.exp(np.interp(u, np.log(place.energies), np.log(found))), u)
        error = np.sqrt((here**2).sum()) / here.sum()
        assert error < 0.02
        assert abs(expected / here.sum() - 1) < 4 * error


def test_shower_adds_photons() -> None:
    """More than the mesons' photons below 8 GeV, fewer above 30 GeV, in the table and in the flux of ALPs."""
    place = setting(400.0, "Cu")
    numbers = (place.spectrum.density[species].sum(axis=0)[place.bins] for species in ("shower", "photon"))
    fluxes = (PRODUCTION[f"primakoff-{mode}"].prepare(place)(0.1).sum(axis=1) for mode in ("shower", "secondary"))
    soft, hard = place.energies < 8.0, (place.energies > 30.0) & (place.energies < 200.0)
    for added, mesons in (numbers, fluxes):
        assert (added > 0)[soft | hard].all()
        assert (added > mesons)[soft].all()
        assert (added < mesons)[hard].all()


def test_primakoff_sum_over_kicks() -> None:
    """32 nodes of the kick give the integral over momentum transfers to 1e-3."""
    energies = np.array([2.0, 20.0, 200.0])
    for mass in (0.001, 0.03, 0.3):
        found = primakoff.cross_sections(nucleus("Cu"), mass, energies).sum(axis=1)
        slow = [twins.primakoff_total(mass, e, 29, 20.07 / nucleus("Cu").radius) for e in energies.tolist()]
        assert found == pytest.approx(slow, rel=1e-3)
    assert (primakoff.cross_sections(nucleus("Cu"), 3.0, energies)[0] == 0).all()


def test_normalisation() -> None:
    """NA27's multiplicities in pp over the generator's; eta' follows eta, K_L follows K_S; the rest is as generated."""
    scaled, raw = spectrum(400.0, "Cu"), spectrum(400.0, "Cu", "pythia-raw")
    factors = {"pi0": 3.87 / 4.7038, "eta": 0.30 / 0.57633, "etap": 0.30 / 0.57633, "phi": 0.0189 / 0.024038}
    factors |= {"Kp": 0.331 / 0.44655, "KS": 0.225 / 0.36609, "KL": 0.225 / 0.36609, "Jpsi": 1.0, "gamma_direct": 1.0}
    factors |= {f"{kind}_{meson}": factors[meson] for kind in ("gamma", "shower") for meson in ("pi0", "eta", "etap")}
    for species, factor in factors.items():
        assert scaled.multiplicity(species) == pytest.approx(factor * raw.multiplicity(species), rel=1e-9)
    photons = sum(scaled.multiplicity(f"gamma_{meson}") for meson in ("pi0", "eta", "etap"))
    assert scaled.multiplicity("photon") == pytest.approx(photons)
    assert spectrum(400.0, "Cu", "bmpt").multiplicity("pi0") == pytest.approx(
        load_spectrum("bmpt", "Cu", 400.0).density["pi0"].sum()
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("pithia", "Cu", 400.0), ("pithia", "did you mean pythia")),
        (("epos", "Be", 400.0), ("epos", "Be", "400-Cu")),
        (("bmpt", "Fe", 70.0), ("bmpt", "70 GeV", "400-Fe")),
    ],
)
def test_what_is_missing(args: tuple[str, str, float], words: tuple[str, ...]) -> None:
    """One line that names what was asked for and what there is."""
    with pytest.raises(DarkdumpError) as caught:
        load_spectrum(*args)
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("name", catalogue())
@pytest.mark.parametrize("species", ["pi0", "photon", "shower"])
def test_per_solid_angle_keeps_numbers(name: str, species: str) -> None:
    """Density times solid angle times log momentum is the number in the table, at every momentum."""
    table = spectrum(400.0, "Cu", name)
    solid_angle = 2 * np.pi * -np.diff(np.cos(np.minimum(10**table.log_theta, np.pi)))
    number = table.per_solid_angle(species) @ solid_angle * np.diff(table.log_p) * np.log(10)
    assert number == pytest.approx(table.density[species].sum(axis=0), rel=1e-9, abs=1e-15)
    assert name in spread("Cu", 400.0) or not catalogue()[name]["band"]


@pytest.mark.parametrize("name", materials())
def test_photon_absorption(name: str) -> None:
    """Pair production of 7/9 per radiation length, A / (N_A X0); the tables of XCOM lie up to 7 % below."""
    material = nucleus(name)
    pairs = 7 / 9 * material.mass_number / (6.02214076e23 * material.radiation_length) * 1e24
    assert material.photon_absorption == pytest.approx(pairs, rel=0.08)


def test_materials() -> None:
    """sigma(pCu) = A / (N_A 137.3 g/cm^2) = 768.5 mb; R1(Cu) = 4.555 fm; an unknown material is refused."""
    assert nucleus("Cu").sigma_inelastic * 0.3893793721 == pytest.approx(768.5, rel=1e-4)
    assert nucleus("Cu").sigma_photon * 0.3893793721 == pytest.approx(6.0e3)
    assert nucleus("Cu").radius == pytest.approx(twins.helm_radius(63.546), rel=1e-6)
    assert nucleus("Cu").radius * 0.1973269804 == pytest.approx(4.555, abs=2e-3)
    assert nucleus("Cu").screening == pytest.approx(111 * 29 ** (-1 / 3) / twins.ELECTRON, rel=1e-5)
    with pytest.raises(CardError, match="unknown material 'Ci'"):
        nucleus("Ci")
