"""Kaon mode on the command line: every search, its files, its recipe run again, and nonsense that is one line."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from commandline import Run, runner
from darkdump import tables
from darkdump.kaon.dataset import SEARCHES as TITLES
from darkdump.kaon.dataset import folders, load_data
from darkdump.kaon.proceedings import COMPUTED, Number, numbers
from darkdump.kaon.searches import SEARCHES
from darkdump.published import limits

COUNTS = {
    "pinunu": ("kaon", "pinunu", "--data", "pinunu-2016,pinunu-2017"),
    "pi0-invisible": ("kaon", "pi0-invisible"),
    "pi0-nunu": ("kaon", "pi0-nunu"),
    "lnv": ("kaon", "lnv"),
}
SCANS = {
    "pi-x": ("kaon", "pi-x", "--data", "pinunu-2018", "--model", "dark-scalar"),
    "pi-mumu": ("kaon", "pi-x", "--decay", "mu mu", "--model", "dark-scalar"),
    "pi-gammagamma": ("kaon", "pi-x", "--decay", "gamma gamma"),
    "hnl-e": ("kaon", "hnl"),
    "hnl-mu": ("kaon", "hnl", "--lepton", "mu"),
    "pion-hnl-e": ("kaon", "hnl", "--parent", "pi"),
    "pi0-dark-photon": ("kaon", "pi0-dark-photon"),
}
FEW = ("--masses", "4")
WRONG = [
    ("kaon", "nowhere"),
    ("kaon", "pinunu", "--data", "nowhere"),
    ("kaon", "pinunu", "--data", "hnl-e"),
    ("kaon", "pinunu", "--data", "pinunu-2017,pinunu-2017-final"),
    ("kaon", "pinunu", "--external-error", "0.1"),
    ("kaon", "pi-x", "--decay", "mu mu", "--model", "dark-scalar", "--stable"),
    ("kaon", "pi-x", "--decay", "gamma gamma", "--mass", "0.1", "0.3"),
    ("kaon", "pi-x", "--mass", "0.3", "0.4"),
    ("kaon", "hnl", "--lepton", "e", "--data", "hnl-mu"),
    ("kaon", "hnl", "--lepton", "mu", "--data", "hnl-e"),
    ("kaon", "hnl", "--data", "pion-hnl-e"),
    ("kaon", "lnv", "--data", "lnv-pi-e-e,lnv-pi-e-e-2018"),
    ("kaon", "pinunu", "--data", "missing.toml"),
    ("kaon", "pinunu", "--data", "pinunu-2016,pinunu-2016"),
    ("kaon", "pinunu", "--confidence-level", "1"),
    ("kaon", "pinunu", "--confidence-level", "nan"),
    ("kaon", "pinunu", "--treatments", "--external-error", "-1"),
    ("kaon", "pinunu", "--formats", "gif"),
    ("kaon", "pinunu", "--out", "."),
    ("kaon", "pi-x", "--decay", "e e"),
    ("kaon", "pi-x", "--model", "nowhere"),
    ("kaon", "pi-x", "--model", "hnl-e"),
    ("kaon", "pi-x", "--model", "b-l"),
    ("kaon", "pi-x", "--mass", "0.2", "0.1"),
    ("kaon", "pi-x", "--mass", "0.12", "0.14"),
    ("kaon", "pi-x", "--mass", "nan", "0.2"),
    ("kaon", "pi-x", "--mass", "0", "9"),
    ("kaon", "pi-x", "--masses", "1"),
    ("kaon", "pi-x", "--masses", "1000000"),
    ("kaon", "pi-x", "--window", "0"),
    ("kaon", "pi-x", "--lifetime", "0"),
    ("kaon", "pi-x", "--lifetime", "nan"),
    ("kaon", "pi-x", "--mass", "0.1", "0.25", "--lifetime", "1e-17"),
    ("kaon", "pi-x", "--lifetime", "1e-9", "--model", "dark-scalar"),
    ("kaon", "pi-x", "--window", "inf"),
    ("kaon", "pi-x", "--couplings", "1", "--model", "dark-scalar"),
    ("kaon", "pi-x", "--coupling", "1", "1", "--model", "dark-scalar"),
    ("kaon", "pi-x", "--coupling", "0", "1", "--model", "dark-scalar"),
    ("kaon", "hnl", "--lepton", "tau"),
    ("kaon", "hnl", "--parent", "pi", "--lepton", "mu"),
    ("kaon", "hnl", "--model", "dark-scalar"),
    ("kaon", "hnl", "--data", "hnl-e,hnl-mu"),
    ("kaon", "pi0-dark-photon", "--mass", "0.3", "0.4"),
    ("kaon", "lnv", "--data", "pinunu-2016"),
    ("run", "nowhere.toml"),
]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("search", COUNTS)
def test_counts(search: str, cli: Run) -> None:
    """Files, and the recipe gives them again."""
    code, out, err = cli(*COUNTS[search], "--out", "first")
    assert (code, err) == (0, "")
    assert "at 90 % C.L." in out
    for row in rows(Path("first/counts.csv")):
        assert 0.0 < float(row["acceptance"]) <= 1.0
        assert float(row["upper limit"]) > float(row["single-event sensitivity"])
        low, median, high = (float(row[f"expected, {name}"]) for name in ("low", "median", "high"))
        assert 0.0 < low <= median <= high
    assert Path("first/limits.png").stat().st_size > 10000
    spaces = [json.loads(path.read_text(encoding="utf-8")) for path in Path("first").glob("workspace*.json")]
    assert sum(len(space["channels"]) for space in spaces) == len(rows(Path("first/counts.csv")))
    assert cli("run", "first/kaon.toml", "--out", "again")[0] == 0
    for path in Path("first").iterdir():
        if path.name != "kaon.toml":
            assert path.read_bytes() == (Path("again") / path.name).read_bytes(), path


@pytest.mark.parametrize("search", SCANS)
def test_scans(search: str, cli: Run) -> None:
    """The same of scans; their limits grow with the band."""
    code, out, err = cli(*SCANS[search], *FEW, "--out", "first")
    assert (code, err) == (0, "")
    assert "median of background alone" in out
    for row in rows(Path("first/limits.csv")):
        low, median, high = (float(row[f"limit, {name}"]) for name in ("low", "median", "high"))
        assert 0.0 < low <= median <= high
        assert float(row["acceptance"]) > 0.0
    assert Path("first/limit.png").stat().st_size > 10000
    assert Path("first/curve.png").exists() == bool(SEARCHES[search].model or "--model" in SCANS[search])
    assert cli("run", "first/kaon.toml", "--out", "again")[0] == 0
    for path in Path("first").iterdir():
        if path.name != "kaon.toml":
            assert path.read_bytes() == (Path("again") / path.name).read_bytes(), path


@pytest.mark.parametrize("wrong", WRONG, ids=" ".join)
def test_nonsense(wrong: tuple[str, ...], cli: Run, tmp_path: Path) -> None:
    """One line, exit code 2, nothing written."""
    code, out, err = cli(*wrong)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert err.startswith("darkdump: ")
    assert len(err) > 30
    assert not list(tmp_path.iterdir())


def test_events_go_as_the_coupling(cli: Run) -> None:
    """As its square, for a particle that does not decay; a heavy neutral lepton as U2 itself."""
    assert cli("kaon", "pi-x", "--model", "dark-photon", "--stable", *FEW, "--couplings", "9", "--out", "a")[0] == 0
    assert cli("kaon", "hnl", "--stable", *FEW, "--couplings", "9", "--out", "b")[0] == 0
    for folder, symbol, power in (("a", "epsilon", 2.0), ("b", "U2", 1.0)):
        table = rows(Path(folder) / "events.csv")[:9]
        events = np.log([float(row["events"]) for row in table])
        couplings = np.log([float(row[f"{symbol} [1]"]) for row in table])
        np.testing.assert_allclose(np.diff(events) / np.diff(couplings), power, rtol=1e-4)


def test_stable_reaches_further(cli: Run) -> None:
    """Where a scalar decays soon, large mixings are not excluded; a stable one is excluded up to the largest."""
    options = ("kaon", "pi-x", "--model", "dark-scalar", "--mass", "0.22", "0.25", *FEW)
    assert cli(*options, "--out", "a")[0] == cli(*options, "--stable", "--out", "b")[0] == 0
    decaying, stable = (rows(Path(folder) / "curve.csv") for folder in ("a", "b"))
    assert all(row["highest is open"] == "0" for row in decaying)
    assert all(row["highest is open"] == "1" for row in stable)


def test_lifetime(cli: Run) -> None:
    """A short-lived X leaves rarely, a long-lived one always; the limit goes as the chance, and is repeated."""
    options = ("kaon", "pi-x", "--mass", "0.17", "0.25", *FEW)
    for name, lifetime in (("a", "1e-9"), ("b", "1"), ("c", "2e-10")):
        assert cli(*options, "--lifetime", lifetime, "--out", name)[0] == 0
    assert cli(*options, "--out", "d")[0] == 0
    limits = {name: [float(row["limit, median"]) for row in rows(Path(name) / "limits.csv")] for name in "abcd"}
    assert limits["b"] == pytest.approx(limits["d"], rel=1e-4, abs=0)
    assert all(short > long > free for short, long, free in zip(*(limits[k] for k in "cad"), strict=True))
    assert cli("run", "a/kaon.toml", "--out", "again")[0] == 0
    assert Path("again/limits.csv").read_bytes() == Path("a/limits.csv").read_bytes()
    assert cli("kaon", "pi-x", "--decay", "mu mu", *FEW, "--lifetime", "1e-8", "--out", "e")[0] == 0
    assert cli("kaon", "pi-x", "--decay", "mu mu", *FEW, "--out", "f")[0] == 0
    late, prompt = ([float(row["limit, median"]) for row in rows(Path(k) / "limits.csv")] for k in "ef")
    assert all(a > 20.0 * b for a, b in zip(late, prompt, strict=True))


def test_treatments(cli: Run) -> None:
    """The numbers of the statistics page."""
    options = ("kaon", "pinunu", "--data", "pinunu-2016,pinunu-2017", "--treatments", "--external-error", "0.12")
    code, out, _ = cli(*options)
    assert code == 0
    assert "CLs, background, signal and external errors  1.846e-10" in out
    assert "Feldman-Cousins" in out


def test_own_data(cli: Run) -> None:
    """A copied card by its path; each wrong value names file, key and what is allowed."""
    text = (folders()[0] / "pinunu-2017.toml").read_text(encoding="utf-8")
    Path("own.toml").write_text(text.replace("n_obs = 2", "n_obs = 0"), encoding="utf-8")
    code, out, _ = cli("kaon", "pinunu", "--data", "own.toml", "--out", "a")
    assert code == 0
    assert "observed 0" in out
    assert cli("run", "a/kaon.toml", "--out", "b")[0] == 0
    for old, new, key in (
        ("n_obs = 2", "n_obs = -1", "counting.n_obs"),
        ("n_obs = 2", "n_obs = 2.5", "counting.n_obs"),
        ("background = 1.5", "background = nan", "counting.background"),
        ("volume = [105.0, 165.0]", "volume = [165.0, 105.0]", "sample.volume"),
        ("momentum = [15.0, 35.0]", "momentum = [-1.0, 35.0]", "sample.momentum"),
        ("value = 0.87", "value = 1.87", "efficiency.trigger.value"),
        ("value = 0.87", 'value = "high"', "efficiency.trigger.value"),
        ("value = 3.89e-11", "value = 0.0", "sensitivity.value"),
        ("missing_mass2 = [0.0, 0.010]", "missing_mass2 = [0.010]", "region.R1.missing_mass2"),
        ('search = "pinunu"', 'search = "pinu"', "search"),
        ("step = 0.004", "step = 1e-9", "masses.step"),
        ("[counting]", "[count]", "count"),
        ("n_obs = 2", "n_obs = 2\nseen = 2", "counting"),
    ):
        assert old in text, old
        Path("wrong.toml").write_text(text.replace(old, new), encoding="utf-8")
        code, out, err = cli("kaon", "pinunu", "--data", "wrong.toml", "--out", "c")
        assert (code, out, len(err.splitlines())) == (2, "", 1), (new, err)
        assert "wrong.toml" in err
        assert key in err, (key, err)


@pytest.mark.parametrize("name", sorted(path.stem for path in folders()[0].glob("*.toml")))
def test_every_card_can_be_read(name: str) -> None:
    data = load_data(name)
    assert data.search in TITLES
    assert data.title
    for search in SEARCHES.values():
        assert all(load_data(one) for one in search.data)


def test_every_plane_is_there() -> None:
    for search in SEARCHES.values():
        assert not search.plane or limits(search.plane)


@pytest.fixture(scope="module")
def found() -> dict[str, Number]:
    """Every number of the proceedings, by its key."""
    return {one.key: one for one in numbers()}


class TestProceedings:
    """Every number of the proceedings is an input or computed, and what is computed holds."""

    def test_all_are_there(self, found: dict[str, Number]) -> None:
        entries = tables.data_toml("kaon", "proceedings.toml")["number"]
        assert len(found) == len(entries)
        assert set(COMPUTED) <= set(found)
        assert all(math.isfinite(one.computed) for key, one in found.items() if key in COMPUTED)
        assert all(one.kind == "input" for key, one in found.items() if key not in COMPUTED)

    @pytest.mark.parametrize(
        ("key", "tolerance"),
        [
            ("sm-charged", 0.01),
            ("extra-energy", 1e-9),
            ("peak", 0.005),
            ("peak-width", 0.05),
            ("expected-2017", 0.005),
            ("expected-2017-error", 0.05),
            ("expected-2017-external", 0.02),
            ("background-2017", 0.011),
            ("ses", 0.002),
            ("ses-error", 0.01),
            ("background", 0.002),
            ("background-error", 0.05),
            ("limit", 0.003),
            ("limit-plain", 0.04),
            ("limit-default", 0.03),
            ("limit-channels", 0.04),
            ("grossman-nir", 1e-6),
            ("pi-e-e", 0.03),
            ("pi-mu-mu", 0.04),
            ("pi-e-e-better", 0.02),
            ("pi-mu-mu-better", 0.02),
            ("pi0-nunu", 0.02),
            ("veto-angle", 0.1),
        ],
    )
    def test_close(self, key: str, tolerance: float, found: dict[str, Number]) -> None:
        assert found[key].ratio == pytest.approx(1.0, abs=tolerance)

    @pytest.mark.parametrize(
        ("key", "factor"),
        [
            ("pi0-background", 2.5),
            ("mu-background", 2.5),
            ("pi0-invisible", 1.4),
            ("pi0-rejection", 3.0),
            ("hnl-e-limit", 3.0),
            ("hnl-mu-limit", 3.0),
            ("pi0-nunu-expected", 2.0),
        ],
    )
    def test_within_a_factor(self, key: str, factor: float, found: dict[str, Number]) -> None:
        """From first principles; what was chosen with the number in view is called inferred."""
        assert 1.0 / factor < found[key].ratio < factor

    def test_no_input_is_a_result(self, found: dict[str, Number]) -> None:
        """Counts, sensitivities and table I are inputs."""
        for key in ("ses-2017", "observed", "upstream", "ke4-background", "decays-2017", "bnl", "pot", "hnl-e-low"):
            assert found[key].kind == "input"
        assert found["pi0-nunu"].kind == "inferred"

    def test_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = runner(capsys)("kaon", "proceedings")
        assert code == 0
        assert "inferred" in out
