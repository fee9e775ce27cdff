"""The kernels against closed forms, published numbers and the slow twins."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import i0e

import twins
from darkdump.cards import experiment_folders, load_experiment, names
from darkdump.experiment import Plane
from darkdump.formfactors.nuclear import nucleus, proton
from darkdump.kernels.decay import two_equal
from darkdump.kernels.plane import inside
from darkdump.kernels.primakoff import cross_sections, form_factor, photon_flux, smear

Array = NDArray[np.float64]

CU = nucleus("Cu")
BARE = math.inf
law = settings(derandomize=True, deadline=None, max_examples=200)
PLANES = [plane for name in names(experiment_folders()) for plane in load_experiment(name).planes.values()]


def rotation(axis: Array) -> Array:
    """The shortest rotation that takes z to a unit vector (Rodrigues)."""
    k = np.array([[0, 0, axis[0]], [0, 0, axis[1]], [-axis[0], -axis[1], 0]])
    return np.asarray(np.eye(3) + k + k @ k / (1 + axis[2]))


@law
@given(
    st.floats(1e-4, 3.0),
    st.floats(1e-2, 500.0),
    st.floats(-0.999, 1.0),
    st.floats(-3.2, 3.2),
    st.floats(-1.0, 1.0),
    st.floats(0.0, 6.3),
)
@example(0.1, 50.0, 1.0, 0.0, 0.3, 1.0)
@example(1e-3, 400.0, 1.0, 0.0, -1.0, 0.0)
def test_two_equal(mass: float, momentum: float, z: float, azimuth: float, cosine: float, phi: float) -> None:
    """Energy and momentum are kept, photons are massless, and they are those of the boost, wherever p points."""
    across = math.sqrt(1 - z * z)
    axis = np.array([across * math.cos(azimuth), across * math.sin(azimuth), z])
    p = momentum * axis
    energy = math.hypot(momentum, mass)
    e1, p1, e2, p2 = two_equal(mass, 0.0, (float(p[0]), float(p[1]), float(p[2])), cosine, phi)
    close = 1e-10 * energy / (1 + z)
    assert e1 + e2 == pytest.approx(energy, rel=1e-14)
    assert np.add(p1, p2) == pytest.approx(p, rel=1e-12, abs=1e-12 * energy)
    assert (math.hypot(*p1), math.hypot(*p2)) == pytest.approx((e1, e2), abs=close)
    sine = math.sqrt(1 - cosine * cosine)
    rest = rotation(axis) @ [sine * math.cos(phi), sine * math.sin(phi), cosine]
    for found, expected in zip(((e1, *p1), (e2, *p2)), twins.decay(mass, p[None], rest[None]), strict=True):
        assert found == pytest.approx(expected[0], abs=close + 1e-15 * energy * (energy / mass) ** 2)


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: plane.name)
def test_inside(plane: Plane) -> None:
    """As the twin for points all over the plane; `extent` bounds them, and closely so."""
    x, y = np.random.default_rng(1).uniform(-1.5, 1.5, (2, 4000)) * plane.extent + np.array(plane.centre)[:, None]
    found = np.array([inside(plane.row, *point) for point in zip(x.tolist(), y.tolist(), strict=True)])
    assert (found == twins.on_plane(plane, x, y)).all()
    far = np.hypot(x - plane.centre[0], y - plane.centre[1])[found].max()
    assert 0.9 * plane.extent < far <= plane.extent


@pytest.mark.parametrize(
    ("bounds", "extent"),
    [
        ({"half_width": 3.0, "half_height": 4.0}, 5.0),
        ({"half_width": 1.0, "half_height": 1.0, "diagonal": 1.5}, math.hypot(1.0, 0.5)),
        ({"diagonal": 2.0}, 2.0),
        ({"half_width": 3.0, "half_height": 1.0, "diagonal": 2.0}, 2.0),
        ({"radius": 0.7, "half_width": 3.0}, 0.7),
    ],
)
def test_extent(bounds: dict[str, float], extent: float) -> None:
    """Farthest corner of a rectangle, an octagon, a rhombus and what is cut from them."""
    assert Plane("p", 0.0, **bounds).extent == pytest.approx(extent)  # type: ignore[arg-type]


def test_form_factor() -> None:
    """1 without momentum transfer; Helm's first zero at 4.4934 / R1 (tan x = x); screened below 1 / a as (a q)^2."""
    a, r1, s = CU.screening, CU.radius, CU.skin
    assert form_factor(1e-16, r1, s, BARE) == pytest.approx(1.0, abs=1e-12)
    zero = brentq(lambda q: form_factor(q * q, r1, s, BARE), 4.0 / r1, 5.0 / r1)
    assert zero * r1 == pytest.approx(4.493409, abs=1e-5)
    assert form_factor((1e-3 / a) ** 2, r1, s, a) == pytest.approx(1e-6, rel=1e-5)
    assert form_factor(1 / a**2, 0.0, 0.0, a) == pytest.approx(0.5)
    q = np.geomspace(1e-6, 1.0, 60)
    expected = twins.helm(q, 63.546) * twins.screened(q, 29)
    assert [form_factor(x * x, r1, s, a) for x in q] == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert form_factor(0.99e-4 / r1**2, r1, s, BARE) == pytest.approx(form_factor(1.01e-4 / r1**2, r1, s, BARE), 1e-5)


def total(mass: float, energy: float, highest: float, r1: float, s: float, a: float) -> float:
    """The kernel's cross section on copper up to a momentum transfer [GeV], with R1, s, a of the form [1/GeV]."""
    low2 = (mass**2 / (2 * energy)) ** 2
    kicks = np.geomspace(1e-3 * max(math.sqrt(low2), 1 / a), math.sqrt(highest**2 - low2), 20001)
    out = np.empty((1, len(kicks)))
    cross_sections(mass, np.array([energy]), kicks, CU.charge, r1, s, a, out)
    return float(np.trapezoid(out[0], np.log(kicks)))


@pytest.mark.parametrize(
    ("mass", "energy", "small_angle", "exact"),
    [
        (0.01, 10.0, 13.757645695, 13.757618244),
        (0.1, 30.0, 8.377682854, 8.377602487),
        (0.3, 50.0, 5.791099323, 5.790879357),
    ],
)
def test_primakoff_total(mass: float, energy: float, small_angle: float, exact: float) -> None:
    """Copper, bare Helm nucleus, q^2 < 20 (4.49/R1)^2: numbers made for this formula, and for the recoil of a spin-0
    nucleus (arXiv:2010.15712, as coded in SensCalc), which an own integration confirms."""
    highest = math.sqrt(20) * 4.49 / CU.radius
    found = total(mass, energy, highest, CU.radius, CU.skin, BARE)
    assert found == pytest.approx(small_angle, rel=1e-5)
    assert found == pytest.approx(exact, rel=1e-4)
    least = 2 * math.log(mass**2 / (2 * energy))
    ends = (least, 2 * math.log(highest))
    slow = quad(lambda x: max(math.exp(x) * twins.recoil(mass, energy, -math.exp(x), 29), 0.0), *ends, limit=500)[0]
    assert slow == pytest.approx(exact, rel=1e-4)
    screened = total(mass, energy, highest, CU.radius, CU.skin, CU.screening)
    assert screened == pytest.approx(twins.primakoff_total(mass, energy, 29, highest), rel=1e-4)


def test_primakoff_logarithms() -> None:
    """A point charge: ln(Q^2/q_0^2) - 1 + q_0^2/Q^2, and for massless ALPs ln(1 + y) - y / (1 + y), y = (a Q)^2."""
    per_log = twins.ALPHA * CU.charge**2 / 8
    low2, high = (0.1**2 / 100) ** 2, 0.01
    bare = per_log * (math.log(high**2 / low2) - 1 + low2 / high**2)
    assert total(0.1, 50.0, high, 0.0, 0.0, BARE) == pytest.approx(bare, rel=1e-5)
    y = (CU.screening * high) ** 2
    screened = per_log * (math.log1p(y) - y / (1 + y))
    assert total(1e-6, 50.0, high, 0.0, 0.0, CU.screening) == pytest.approx(screened, rel=1e-5)


@pytest.mark.parametrize("x", [1e-4, 0.01, 0.1, 0.5, 0.9])
def test_photon_flux(x: float) -> None:
    """The integral over q_T^2 is that over q^2 (Budnev et al. 1975, app. D); d(x n)/d(ln x) -> -2 alpha/pi."""

    def kernel(log_t2: float, at: float) -> float:
        t2 = math.exp(log_t2)
        return t2 * photon_flux(at, t2, twins.PROTON**2, proton()["dipole"], proton()["moment_squared"])

    def number(at: float) -> float:
        low = 2 * math.log(at * twins.PROTON) - 16
        return float(quad(kernel, low, 6.0, args=(at,), limit=400)[0])

    least = (x * twins.PROTON) ** 2 / (1 - x)
    slow = quad(
        lambda u: math.exp(u) * float(twins.equivalent_photons(np.array(x), np.array(math.exp(u)))),
        math.log(least),
        math.log(least + math.exp(6.0) / (1 - x)),
        limit=400,
    )[0]
    assert number(x) == pytest.approx(slow, rel=1e-5)
    if x < 1e-3:
        growth = 0.1 * x * number(0.1 * x) - x * number(x)
        assert growth == pytest.approx(2 * twins.ALPHA / math.pi * math.log(10), rel=1e-3)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.0])
def test_smear(ratio: float) -> None:
    """A Gaussian kicked by k is exp(-(t^2 + k^2) / 2 s^2) I0(t k / s^2); an even density stays even."""
    log_theta = np.linspace(math.log(1e-6), math.log(0.5), 2000)
    width, energy = 5e-3, np.array([20.0])
    angles = width * np.array([[1e-6, 0.5, 1.0, 2.0]])
    kicks = energy * ratio * width
    out = np.empty((1, 4, 1))
    smear(log_theta, np.exp(-0.5 * (np.exp(log_theta) / width) ** 2)[None], energy, angles, kicks, out)
    t = angles[0] / width
    assert out[0, :, 0] == pytest.approx(np.exp(-0.5 * (t - ratio) ** 2) * i0e(t * ratio), rel=1e-3)
    smear(log_theta, np.ones((1, len(log_theta))), energy, angles, kicks, out)
    assert out == pytest.approx(1.0)
