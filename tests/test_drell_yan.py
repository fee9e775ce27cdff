"""Drell-Yan and mixing with vector mesons: against other codes, a convolution by hand, and limiting cases."""

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump import tables
from darkdump.formfactors import partons
from darkdump.formfactors.nuclear import Nucleus, nucleus
from darkdump.kernels.flux import opening
from darkdump.production import PRODUCTION, drell_yan, rival_modes, vector_mixing
from darkdump.production import flux as flux_module
from darkdump.production.flux import Setting
from darkdump.production.spectra import load_spectrum
from darkdump.units import ALPHA, GEV2_MB

Array = NDArray[np.float64]

ELECTRIC = {"e": -1.0, "mu": -1.0, "tau": -1.0, "nu": 0.0, "u": 2 / 3, "d": -1 / 3, "s": -1 / 3}
HYDROGEN = Nucleus("p", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
Y = np.linspace(-3.6, 3.6, 2001)

SENSCALC = [
    (1.5, 2.24e6, 1.43e7),
    (2.0, 6.91e5, 2.90e6),
    (3.0, 7.42e5, 8.86e5),
    (4.0, 2.18e5, 3.19e5),
    (7.0, 8.48e3, 1.68e4),
]
"""Mass [GeV], and the least and largest cross section [pb] at epsilon = 1 of SensCalc (arXiv:2305.13383, MadGraph)."""


def setting(target: Nucleus, largest: float = 5.3e-3, pattern: dict[str, float] = ELECTRIC) -> Setting:
    return Setting(400.0, target, load_spectrum("pythia", "Cu", 400.0), 2.0, (0.0, largest), pattern)


def picobarn(place: Setting, mass: float) -> float:
    return float(np.trapezoid(drell_yan.rapidity_spectrum(place, mass, Y), Y)) * GEV2_MB * 1e9


def number(place: Setting, flux: Array) -> float:
    """All particles of a flux."""
    u = (np.arange(4000) + 0.5) / 4000
    total = 0.0
    for e, energy in enumerate(place.energies):
        nodes = np.interp(u, np.linspace(0, 1, flux.shape[1]), flux[e] * place.solid_angles[e])
        total += float(nodes.mean()) * opening(energy, place.slopes2[0], place.slopes2[1])
    return total * math.log(place.energies[1] / place.energies[0])


@pytest.mark.parametrize(("mass", "least", "largest"), SENSCALC)
def test_cross_section_of_another_code(mass: float, least: float, largest: float) -> None:
    """Leading order lies at 0.72 to 0.94 of SensCalc's central values: within its band, or at most 20 % below."""
    found = picobarn(setting(nucleus("Cu")), mass)
    assert 0.8 * least < found < largest


@pytest.mark.parametrize("row", range(5))
def test_cross_section_of_pythia(row: int) -> None:
    """pp at 400 GeV; Pythia's running coupling makes it 3 to 10 % larger."""
    mass, _, sigma = tables.data_columns("drell_yan.csv")[:, row]
    assert picobarn(setting(HYDROGEN), float(mass)) == pytest.approx(sigma / 1.06, rel=0.05)


def test_convolution_by_hand() -> None:
    """4 pi^2 alpha / 3 s sum q^2 int dx/x [q(x) qbar(tau / x) + ...] with the rows of the table at Q = 2 GeV."""
    q, x, *columns = tables.data_columns("parton_densities.csv")
    here = q == 2.0
    rows = {name: column[here] for name, column in zip(partons.COLUMNS, columns, strict=True)}

    def density(name: str, at: Array) -> Array:
        found: Array = np.interp(at, x[here], rows[name], right=0.0) / at
        return found

    s = 2 * 0.93827209 * (math.hypot(400.0, 0.93827209) + 0.93827209)
    tau, total = 4.0 / s, 0.0
    for quark in "uds":
        z = np.linspace(tau, 1.0, 400_001)
        both = density(quark, z) * density(f"{quark}bar", tau / z) + density(f"{quark}bar", z) * density(quark, tau / z)
        integral = float(np.trapezoid(both / z, z))
        total += ELECTRIC[quark] ** 2 * integral
    by_hand = 4 * math.pi**2 * ALPHA / (3 * s) * total * GEV2_MB * 1e9
    assert picobarn(setting(HYDROGEN), 2.0) == pytest.approx(by_hand, rel=0.01)


@pytest.mark.parametrize("mass", [1.5, 2.5, 4.0])
def test_flux_is_the_cross_section(mass: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """All angles and energies: A sigma(nucleon) / sigma_inelastic."""
    monkeypatch.setattr(flux_module, "DIRECTIONS", 1000)
    place = setting(nucleus("Cu"), largest=1.4)
    expected = picobarn(place, mass) / (GEV2_MB * 1e9) * 63.546 / place.nucleus.sigma_inelastic
    assert number(place, drell_yan.prepare(place)(mass)) == pytest.approx(expected, rel=0.02)


def test_sum_rules_of_the_table() -> None:
    """Two valence u and one d in the proton; the densities do not jump between scales."""
    x = np.geomspace(1e-3, 0.99, 4000)
    for q in (1.5, 2.5, 9.0):
        f = partons.x_density(x, q)
        for quark, valence in (("u", 2.0), ("d", 1.0)):
            number_of = np.trapezoid(f[quark] - f[f"{quark}bar"], np.log(x))
            assert number_of == pytest.approx(valence, rel=0.08)  # x below 1e-3 is not in the table
    for low, high in pairwise(np.linspace(1.4, 12.0, 200)):
        assert partons.x_density(np.array(0.2), low)["u"] == pytest.approx(
            partons.x_density(np.array(0.2), high)["u"], rel=0.02
        )


def test_arbitrary_charges() -> None:
    """B-L: each quark counts with 1/9; the parts of the flavours add up. Nothing below 1.5 GeV."""
    each = [picobarn(setting(nucleus("Fe"), pattern=dict.fromkeys("uds", 0.0) | {q: 1 / 3}), 2.0) for q in "uds"]
    equal = picobarn(setting(nucleus("Fe"), pattern=dict.fromkeys("uds", 1 / 3)), 2.0)
    assert equal == pytest.approx(sum(each))
    assert each[2] < 0.1 * each[1] < each[0]
    assert (drell_yan.prepare(setting(nucleus("Cu")))(1.49) == 0).all()


def test_mixing_at_the_pole() -> None:
    """(e / g)^2 is that of g = 5.0, 17 and 12.9 (FORESEE's values); at the pole both recipes agree."""
    data = tables.data_toml("vector_mesons.toml")
    for name, other in (("rho", 5.0), ("omega", 17.0), ("phi", 12.88)):
        assert vector_mixing.coupling2(data[name]) == pytest.approx((0.3028 / other) ** 2, rel=0.12)
        mass, width = data[name]["mass"], data[name]["width"]
        for power in (0, 2):
            peak = vector_mixing.coupling2(data[name]) * (mass / width) ** 2
            assert vector_mixing.mixing2(data[name], mass, power) == pytest.approx(peak)
        assert vector_mixing.mixing2(data[name], 1e-4, 0) == pytest.approx(
            vector_mixing.coupling2(data[name]), rel=0.05
        )
        assert vector_mixing.mixing2(data[name], 1e-4, 2) < 1e-12


def test_mixing_flux() -> None:
    """On the omega's mass: the omegas times the mixing, and little rho; charges like the rho's have no omega."""
    place = setting(nucleus("Cu"), largest=0.3)
    mass = tables.data_toml("vector_mesons.toml")["omega"]["mass"]
    flux = PRODUCTION["mixing-momentum"].prepare(place)(mass)
    omega = place.spectrum.per_solid_angle("omega").sum(axis=0)
    assert omega.max() > 0
    only_rho = {**ELECTRIC, "u": 0.5, "d": -0.5, "s": 0.0}
    rho = PRODUCTION["mixing-momentum"].prepare(setting(nucleus("Cu"), 0.3, only_rho))(mass)
    assert number(place, rho) < 0.05 * number(place, flux)
    data = tables.data_toml("vector_mesons.toml")["omega"]
    omegas = place.spectrum.density["omega"][:, place.bins].sum()
    assert number(place, flux) == pytest.approx(omegas * vector_mixing.mixing2(data, mass, 0), rel=0.1)


def test_recipes_of_mixing_are_rivals() -> None:
    assert rival_modes(["mixing-momentum", "mixing-kinetic"])
    assert not rival_modes(["mixing-momentum", "brems-bb-ff", "drell-yan"])
