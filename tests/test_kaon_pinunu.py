"""K+ -> pi+ nu nubar and K+ -> pi+ X: Standard Model, acceptance, backgrounds, limits, against published numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from darkdump import particles, tables
from darkdump.errors import DarkdumpError
from darkdump.kaon import backgrounds, matrix_elements, pi_x, pinunu, standard_model
from darkdump.kaon.dataset import DataSet, load_data, of_search
from darkdump.kaon.peak import MassScan, mass_scan
from darkdump.statistics import hybrid
from darkdump.statistics.counting import median_count, upper_limit
from darkdump.statistics.many import counts, upper_limits

SETS = ("pinunu-2016", "pinunu-2017-final", "pinunu-2018", "pinunu-2021-22")


class TestStandardModel:
    """BR(K -> pi nu nubar)."""

    def test_published_prediction(self) -> None:
        """7.73(61)e-11 and 2.59(29)e-11 of arXiv:2105.02868 from its own inputs."""
        (charged, dc), (neutral, dn) = standard_model.charged("brod-2020"), standard_model.neutral("brod-2020")
        assert charged == pytest.approx(7.73e-11, rel=0.01, abs=0)
        assert neutral == pytest.approx(2.59e-11, rel=0.01, abs=0)
        assert dc == pytest.approx(0.61e-11, rel=0.2, abs=0)
        assert dn == pytest.approx(0.29e-11, rel=0.2, abs=0)

    def test_the_proceedings(self) -> None:
        """8.4(1.0)e-11."""
        assert standard_model.charged()[0] == pytest.approx(8.4e-11, rel=0.01, abs=0)

    def test_ckm_is_unitary(self) -> None:
        """lambda_u + lambda_c + lambda_t = 0, with lambda_u = V_us* V_ud of the standard parametrisation."""
        x = {"lambda": 0.225, "A": 0.826, "rhobar": 0.159, "etabar": 0.352}
        charm, top = standard_model.ckm(x)
        c13 = 1.0 - abs(x["A"] * x["lambda"] ** 3 * complex(x["rhobar"], x["etabar"])) ** 2
        up = x["lambda"] * math.sqrt(1.0 - x["lambda"] ** 2) * c13
        assert abs(up + charm + top) < 3e-5
        assert charm.imag == pytest.approx(-top.imag, rel=1e-9)
        wolfenstein = -(x["A"] ** 2) * x["lambda"] ** 5 * (1.0 - x["rhobar"])
        assert top.real == pytest.approx(wolfenstein, rel=0.03, abs=0)
        assert top.imag == pytest.approx(x["A"] ** 2 * x["lambda"] ** 5 * x["etabar"], rel=0.03, abs=0)

    def test_grossman_nir(self) -> None:
        assert standard_model.grossman_nir(1.85e-10) == pytest.approx(8.14e-10, rel=1e-9, abs=0)
        assert standard_model.grossman_nir(1.0, "today") == pytest.approx(4.33, rel=1e-3)


class TestAcceptance:
    """Geometry and kinematics alone, and what is left for efficiencies."""

    def test_at_2017(self) -> None:
        data = load_data("pinunu-2017")
        found = pinunu.acceptance(data)
        assert found["R1"][0] == pytest.approx(0.0414, rel=0.03)
        assert found["R2"][0] == pytest.approx(0.1353, rel=0.02)
        assert max(error / value for value, error in found.values()) < 0.03

    def test_resolution_by_momentum(self) -> None:
        """0.9 to 1.1e-3 GeV^2 from 15 to 45 GeV: angles count less and momenta more for faster pions."""
        found = pinunu.resolution(load_data("pinunu-2018"))
        assert next(iter(found)) == (15.0, 20.0)
        assert list(found)[-1] == (40.0, 45.0)
        assert all(0.85e-3 < sigma < 1.15e-3 for sigma in found.values())

    @pytest.mark.parametrize("name", of_search("pinunu"))
    def test_published_is_below(self, name: str) -> None:
        """Identification, matching, vertex and activity cost a factor 3 to 6; trigger and random veto are apart."""
        data = load_data(name)
        simulated = sum(value for value, _ in pinunu.acceptance(data).values())
        assert 0.14 < data.published["acceptance"].value / simulated < 0.4

    @pytest.mark.parametrize("name", SETS)
    def test_sensitivities_close(self, name: str) -> None:
        """1 / (N_K x acceptance x trigger x random veto) of the card is the published sensitivity."""
        data = load_data(name)
        assert data.sensitivity is not None
        assert data.decays is not None
        made = 1.0 / (data.decays.value * data.published["acceptance"].value * data.efficiency)
        assert made == pytest.approx(data.sensitivity.value, rel=0.04, abs=0)

    def test_sets_together(self) -> None:
        """0.839e-11 and 7.03 background events for 2016 to 2018, 20 observed; 51 and 18 with 2021-22."""
        cards = [load_data(name) for name in SETS]
        rates = [1.0 / data.sensitivity.value for data in cards if data.sensitivity]
        assert 1.0 / sum(rates[:3]) == pytest.approx(0.839e-11, rel=0.005, abs=0)
        counting = [data.counting for data in cards if data.counting]
        assert sum(one.background for one in counting[:3]) == pytest.approx(7.03, abs=0.01)
        assert sum(one.n_obs or 0 for one in counting[:3]) == 20
        assert sum(one.n_obs or 0 for one in counting) == 51
        assert sum(one.background for one in counting) == pytest.approx(18.0, abs=0.05)

    @pytest.mark.parametrize("name", [name for name in of_search("pinunu") if name != "pinunu-2016"])
    def test_rows_add_up(self, name: str) -> None:
        data = load_data(name)
        assert data.counting is not None
        assert sum(one.value for one in data.backgrounds.values()) == pytest.approx(data.counting.background, rel=0.011)


class TestBackgrounds:
    """Backgrounds from the tails of the resolution beside table I of the proceedings."""

    def expected(self, process: str) -> float:
        return sum(value for value, _ in backgrounds.expected(load_data("pinunu-2017"), process).values())

    def test_two_pions(self) -> None:
        """0.29 +- 0.04 in the table."""
        assert 0.09 < self.expected("K+ -> pi+ pi0") < 0.5

    def test_muon(self) -> None:
        """0.11 +- 0.04 in the table."""
        assert 0.035 < self.expected("K+ -> mu+ nu") < 0.2

    def test_three_pions(self) -> None:
        """0.02 +- 0.02 in the table; geometry alone hides no second pi+."""
        assert self.expected("K+ -> pi+ pi+ pi-") < 0.02

    def test_tail_of_two_pions(self) -> None:
        """About 1.1e-3 of the pions of K+ -> pi+ pi0 in the published analysis."""
        data = load_data("pinunu-2017")
        kinds = backgrounds.two_body_tracks(data.cut, "pi+", particles.mass("pi0"))[2]
        slow, fast = data.momentum
        whole = sum(one.weight[(one.momentum > slow) & (one.momentum < fast)].sum() for one in kinds)
        tail = sum(one.inside(region).sum() for one in kinds for region in data.regions.values())
        assert 0.4e-3 < tail / whole < 2e-3

    def test_slopes(self) -> None:
        """The matrix element of K+ -> 3 pi is one in the middle of the Dalitz plot, and falls with the odd pion's s."""
        kaon, pion = particles.mass("K+"), particles.mass("pi+")
        energy = np.full((1, 3, 4), kaon / 3.0)
        assert matrix_elements.three_pions(energy) == pytest.approx([1.0])
        energy[0, 2, 3] -= 0.02
        energy[0, :2, 3] += 0.01
        s = kaon**2 + pion**2 - 2.0 * kaon * energy[0, :, 3]
        u = (s[2] - s.mean()) / pion**2
        slopes = tables.data_toml("kaon", "branching_ratios.toml")["pi+ pi+ pi-"]
        assert u > 0.0
        assert matrix_elements.three_pions(energy) == pytest.approx([1.0 + slopes["g"] * u + slopes["h"] * u**2])


@pytest.fixture(scope="module")
def scanned() -> MassScan:
    return pi_x.scan([load_data(name) for name in SETS], np.array([0.0, 0.03, 0.08, 0.13, 0.17, 0.2, 0.25]), 1.5, 0.9)


class TestPeak:
    """K+ -> pi+ X."""

    def test_orders_of_the_abstracts(self, scanned: MassScan) -> None:
        """(3 to 6)e-11 below 110 MeV, 1e-11 above 154 MeV (arXiv:2103.15389): ours has more data."""
        assert scanned.masses.tolist() == [0.0, 0.03, 0.08, 0.17, 0.2, 0.25], "the pi0 is left out"
        low, high = scanned.limit[:3], scanned.limit[3:]
        assert (low > 1e-11).all()
        assert (low < 6e-11).all()
        assert (high > 0.33e-11).all()
        assert (high < 3e-11).all()

    def test_official_limit_at_zero(self, scanned: MassScan) -> None:
        """2.91e-11 with the data of 2016 to 2022 (arXiv:2507.17286)."""
        assert scanned.limit[0] == pytest.approx(2.91e-11, rel=0.4, abs=0)

    def test_a_window_holds_its_part(self) -> None:
        """+-1.5 standard deviations hold 87 % of a normal peak far from the edges of the region."""
        data = load_data("pinunu-2017")
        narrow, wide = (pi_x.peak([data], 0.21, window) for window in (1.5, 12.0))
        assert narrow is not None
        assert wide is not None
        assert narrow.acceptance / wide.acceptance == pytest.approx(0.8664, abs=0.01)
        b = {name: value / narrow.background[name][0] for name, (value, _) in wide.background.items()}
        assert b["upstream"] == pytest.approx(8.0, rel=0.02)

    def test_windows_add_up(self) -> None:
        """A window that holds both regions has all the background of the card."""
        data = load_data("pinunu-2017")
        peak = pi_x.peak([data], 0.2, 1e3)
        assert peak is not None
        for name, card in data.backgrounds.items():
            assert peak.background[name][0] == pytest.approx(card.value, rel=1e-9)
        rate = standard_model.charged()[0] / 3.89e-11
        assert peak.background["K+ -> pi+ nu nubar"][0] == pytest.approx(rate, rel=0.01)

    def test_width_from_derivatives(self, scanned: MassScan) -> None:
        """The peak gets narrower with its mass: the pion is slower in the kaon's frame."""
        assert (np.diff(scanned.column("resolution")) < 0.0).all()

    def test_escape(self, scanned: MassScan) -> None:
        ctau = np.array([1e-6, 1.0, 1e3, 1e9, np.inf]) * np.ones((len(scanned.masses), 1))
        chance = scanned.escape(ctau)
        assert chance[:, -1] == pytest.approx(1.0)
        assert (np.diff(chance, axis=1) >= 0.0).all()
        assert chance[0] == pytest.approx([1.0] * 5), "massless particles never decay"
        assert (chance[1:, 0] < 1e-12).all()
        long = 1.0 - chance[1:, 3]
        assert long == pytest.approx([peak.flights.mean() / 1e9 for peak in scanned.peaks[1:]], rel=1e-3)


@pytest.mark.parametrize(
    "case",
    [(0, 0.0, 0.0, 0.0), (3, 1.65, 0.31, 0.0), (3, 1.65, 0.31, 0.13), (0, 5.0, 2.0, 0.1), (20, 7.0, 1.0, 0.06),
     (1000, 1000.0, 30.0, 0.05), (12, 10.0, 9.0, 0.0), (200000, 2e5, 500.0, 0.0)],
)  # fmt: skip
def test_many_limits_are_the_single_ones(case: tuple[int, float, float, float]) -> None:
    n, b, db, error = case
    assert upper_limits(n, b, db, error)[0] == pytest.approx(upper_limit(n, b, db, error), rel=1e-3)


def test_counts() -> None:
    b, db = np.array([0.0, 1.65, 3.2, 10.0]), np.array([0.0, 0.31, 0.0, 9.0])
    assert counts(b, db, 0.5).tolist() == [median_count(*pair) for pair in zip(b, db, strict=True)]
    assert (counts(b, db, 0.84) >= counts(b, db, 0.16)).all()


@pytest.mark.parametrize("name", of_search("pinunu"))
def test_expected_limits_are_those_of_the_channel(name: str) -> None:
    """Quantiles of the counts, averaged by quadrature; the toys of `hybrid` are a second method."""
    found, scale = pinunu.search(load_data(name)), 1e-11
    _, low, median, high, _ = hybrid.expected_limits([found.channel(scale)])
    expected = found.expected()
    assert [expected[key] / scale for key in ("low", "median", "high")] == pytest.approx([low, median, high], rel=0.01)


def test_nothing_to_search() -> None:
    with pytest.raises(DarkdumpError, match="outside of the signal regions"):
        mass_scan("BR", np.empty(0), [])


def test_a_set_without_sensitivity() -> None:
    data: DataSet = replace(load_data("pinunu-2017"), sensitivity=None)
    with pytest.raises(DarkdumpError, match="no sensitivity"):
        pi_x.peak([data], 0.2, 1.5)
