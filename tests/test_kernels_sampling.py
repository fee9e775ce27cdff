"""The kernels that sample and sum: directions, fluxes, adaptive points, proper times."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import twins
from darkdump.kernels.flux import direction, look, opening
from darkdump.kernels.spectrum import NEGLIGIBLE, collect, laplace
from darkdump.kernels.warp import density, learn, warp

Array = NDArray[np.float64]

law = settings(derandomize=True, deadline=None, max_examples=100)


@law
@given(st.floats(0.5, 400.0), st.floats(0.0, 0.3), st.floats(1e-3, 1.2))
def test_solid_angle(energy: float, least: float, width: float) -> None:
    """Directions fill the solid angle 2 pi (cos least - cos largest), and only that."""
    largest = min(least + width, 1.5)
    slopes2 = math.tan(least) ** 2, math.tan(largest) ** 2
    rest = (np.arange(2000, 0, -1) - 0.5) / 2000  # the jacobian grows like a root at u = 1
    slopes, solid = np.array([direction(energy, *slopes2, u) for u in (1 - rest**4).tolist()]).T
    expected = 2 * math.pi * (math.cos(least) - math.cos(largest))
    assert (4 * rest**3 * solid).mean() == pytest.approx(expected, rel=1e-3)
    assert (np.diff(slopes) >= 0).all()
    assert math.tan(least) <= slopes[0] * (1 + 1e-9)
    assert slopes[-1] <= math.tan(largest) * (1 + 1e-9)


def test_look() -> None:
    """A flux of c / E per log energy and solid angle between 5 and 100 GeV: c (1/5 - 1/100) times the solid angle."""
    rng = np.random.default_rng(3)
    log_energy = np.linspace(math.log(5.0), math.log(100.0), 30)
    energy, slope, weight = np.empty(100_000), np.empty(100_000), np.empty((1, 100_000))
    slopes2 = np.array([1e-4, 9e-4])
    nodes = np.linspace(0, 1, 24).tolist()
    solid = [[direction(e, 1e-4, 9e-4, u)[1] / opening(e, 1e-4, 9e-4) for u in nodes] for e in np.exp(log_energy)]
    flattened = (7.0 * np.exp(2.0 * log_energy)[:, None] * np.array(solid))[None]
    look(log_energy, np.full(3, 5.0), 100.0, slopes2, flattened, rng.random((100_000, 3)), energy, slope, weight)
    whole = 2 * math.pi * (math.cos(math.atan(0.01)) - math.cos(math.atan(0.03)))
    assert weight.mean() == pytest.approx(7.0 * (1 / 5 - 1 / 100) * whole, rel=0.02)
    assert ((energy >= 5.0) & (energy <= 100.0 * (1 + 1e-12))).all()
    assert ((slope**2 >= 1e-4) & (slope**2 <= 9e-4 * (1 + 1e-12))).all()


@law
@given(st.lists(st.tuples(st.floats(1e-3, 0.999e3), st.floats(-1.0, 10.0)), min_size=1, max_size=30))
def test_collect(decays: list[tuple[float, float]]) -> None:
    """Sum and mean of the proper times are kept; what does not count is left out."""
    tau, weight = np.array(decays).T.copy()
    nodes, spectrum = np.geomspace(1e-3, 1e3, 64), np.zeros((2, 64))
    collect(nodes, tau, np.array([2.0 * weight, weight]), spectrum)
    np.testing.assert_allclose(spectrum[0], 2.0 * spectrum[1])
    spectrum = spectrum[1]
    kept = np.maximum(weight, 0.0)
    assert (spectrum >= 0).all()
    assert spectrum.sum() == pytest.approx(kept.sum(), rel=1e-6, abs=0)
    assert spectrum @ nodes == pytest.approx(kept @ tau, rel=1e-6, abs=0)


def test_laplace() -> None:
    """One node: exp(-tau/c)/c; a density exp(-a tau): 1/(1 + a c); nothing at all: 0; both columns by themselves."""
    tau = np.geomspace(1e-6, 50.0, 4000)
    density = np.exp(-3.0 * tau)
    widths = np.gradient(tau)
    spectra = np.column_stack([density * widths, np.where(np.arange(4000) == 2000, 2.0, 0.0), np.zeros(4000)])
    ctau = np.array([0.05, 0.5, 5.0, 500.0])
    yields = np.empty((4, 3))
    laplace(tau, spectra, ctau, yields)
    assert yields[:, 0] == pytest.approx(1 / (1 + 3 * ctau), rel=1e-3)
    assert yields[:, 0] == pytest.approx([twins.laplace(tau, density, c) for c in ctau], rel=1e-3)
    assert yields[:, 1] == pytest.approx(2.0 * np.exp(-tau[2000] / ctau) / ctau)
    assert (yields[:, 2] == 0).all()
    laplace(tau, spectra[:, 1:2].copy(), np.array([tau[2000] / (2 * NEGLIGIBLE)]), yields[:1, :1])
    assert yields[0, 0] == pytest.approx(2.0 * math.exp(-2 * NEGLIGIBLE) * 2 * NEGLIGIBLE / tau[2000], rel=1e-6, abs=0)


def histograms(number: int, seed: int) -> Array:
    """Densities of mean 1 along each of three axes."""
    drawn = np.random.default_rng(seed).gamma(0.5, size=(number, 3, 16)) + 0.05
    return np.asarray(drawn / drawn.mean(axis=2, keepdims=True))


def test_density_and_warp() -> None:
    """The density integrates to 1, points fall as it says, and the axes that do not adapt stay as they are."""
    both = histograms(2, 1)
    centres = (np.arange(16) + 0.5) / 16
    grid = np.stack(np.meshgrid(centres, centres, centres, indexing="ij"), axis=-1).reshape(-1, 3)
    out = np.empty(len(grid))
    density(both, grid, out)
    assert out.mean() == pytest.approx(1.0, rel=1e-12)
    density(both[:1], grid, out)
    product = np.prod([both[0, d, (grid[:, d] * 16).astype(int)] for d in range(3)], axis=0)
    assert out == pytest.approx(product)
    cube = (np.arange(160_000)[:, None] * np.array([1, 0.618034, 0.754878, 0.1]) + 0.5) % 1.0
    cube[:, 0] = (np.arange(160_000) + 0.5) / 160_000
    points = np.empty_like(cube)
    warp(both[0], cube, points)
    assert ((points >= 0) & (points < 1)).all()
    assert (points[:, 3] == cube[:, 3]).all()
    for d in range(3):
        counts = np.histogram(points[:, d], 16, (0.0, 1.0))[0]
        assert counts / 10_000 == pytest.approx(both[0, d], abs=5e-3)
        assert (np.diff(points[np.argsort(cube[:, d]), d]) >= 0).all()


def test_mixture_is_unbiased() -> None:
    """Points of several densities that count with the mean density give the plain integral, of peaks as well."""
    three = histograms(3, 2)
    rng = np.random.default_rng(5)
    values = []
    for one in three:
        cube, points, mean = rng.random((60_000, 4)), np.empty((60_000, 4)), np.empty(60_000)
        warp(one, cube, points)
        density(three, points, mean)
        peak = np.exp(-20 * points[:, 0]) * points[:, 1] ** 2 * points[:, 3]
        values.append(np.column_stack([1 / mean, peak / mean, (points[:, 2] > 0.9) / mean]))
    found = np.mean([v.mean(axis=0) for v in values], axis=0)
    error = np.sqrt(np.sum([v.var(axis=0) for v in values], axis=0) / 60_000) / 3
    exact = [1.0, (1 - math.exp(-20)) / 20 / 3 / 2, 0.1]
    assert (error < 0.04 * np.array(exact)).all()
    assert (abs(found - exact) < 4 * error).all()


def test_learn() -> None:
    """The learnt density has mean 1, keeps its even part, follows the integrand; without any, nothing is learnt."""
    rng = np.random.default_rng(6)
    points = rng.random((20_000, 4))
    histogram = np.ones((3, 16))
    learn(histogram, points, np.zeros(20_000), 0.2)
    assert (histogram == 1.0).all()
    learn(histogram, points, np.exp(-((points[:, 1] - 0.7) ** 2) / 0.005), 0.2)
    assert histogram.mean(axis=1) == pytest.approx(1.0)
    assert (histogram >= 0.2).all()
    assert histogram[0] == pytest.approx(1.0, abs=0.2)
    assert histogram[1].argmax() == 11
    assert histogram[1, :7] == pytest.approx(0.2, abs=0.01), "it goes with the root of the mean square: wider"
