"""Cards of kaon mode and result folders that make no sense: one line that says what and where, and nothing written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from commandline import Run, runner
from darkdump.errors import CardError
from darkdump.kaon import lnv, pi_x, pinunu, visible
from darkdump.kaon.dataset import DataSet, folders, load_data

PINUNU = [
    ('title = "K+', 'title = ""\n#', "title"),
    ('title = "K+', 'title = "\\u001b"\n#', "title"),
    ('source = "as R1"', 'source = " "', "region.R2.source"),
    ("volume = [105.0, 165.0]", "volume = [1.0, 2.0]", "sample.volume"),
    ("volume = [105.0, 165.0]", "volume = [105.0, 200.0]", "sample.volume"),
    ("volume = [105.0, 165.0]", "volume = [105.0, 105.1]", "sample.volume"),
    ("volume = [105.0, 165.0]", "volume = [nan, 165.0]", "two finite numbers"),
    ("volume = [105.0, 165.0]", "volume = 105.0", "two finite numbers"),
    ("volume = [105.0, 165.0]", "", "sample.volume is missing"),
    ("momentum = [15.0, 35.0]", "momentum = [200.0, 300.0]", "sample.momentum"),
    ("momentum = [15.0, 35.0]", "momentum = [15.0, inf]", "sample.momentum"),
    ("[sample]\n", '[sample]\nparent = "pi+"\n', "sample.parent"),
    ("[sample]\n", '[sample]\nlepton = "e+"\n', "sample.lepton"),
    ("[sample]\n", '[sample]\nbodies = "pi- e+ e+"\n', "sample.bodies"),
    ('runs = ["2017"]', 'runs = ["17"]', "sample.runs"),
    ('runs = ["2017"]', "runs = []", "sample.runs"),
    ('runs = ["2017"]', "runs = [2017]", "sample.runs"),
    ('search = "pinunu"', 'search = "pinunu"\nremark = ""', "remark"),
    ('search = "pinunu"', 'search = "pinunu"\nremark = "a\\nb"', "remark"),
    ('inspire = ["NA62', 'inspire = ["\\n', "inspire"),
    ("missing_mass2 = [0.026, 0.068]", "missing_mass2 = [0.026, inf]", "region.R2.missing_mass2"),
    ("missing_mass2 = [0.026, 0.068]", "missing_mass2 = [-9.0, 0.068]", "region.R2.missing_mass2"),
    ("missing_mass2 = [0.026, 0.068]", "missing_mass2 = [0.009, 0.068]", "apart from that of R1"),
    ('source = "as R1"', 'momentum = [36.0, 40.0]\nmissing_mass2 = [0.0, 0.1]\nsource = "x"', "not valid TOML"),
    ("[region.R2]", '[region."\\u0007"]', "region.'\\x07'"),
    ("[region.R2]", '[region.""]', "can be printed"),
    ("value = 3.89e-11", "value = 1e-300", "sensitivity.value"),
    ("value = 3.89e-11", "value = 1e300", "sensitivity.value"),
    ("error = 0.21e-11", "error = 1.0", "sensitivity.error"),
    ("value = 1.5e12", "value = 1e300", "sample.decays.value"),
    ("error = 0.03\n", "error = 0.9\n", "efficiency.trigger.error"),
    ("value = 0.64\n", "value = 1.2\n", "selection.identification of the pion.value"),
    ("value = 0.29\n", "value = -0.29\n", "background.K+ -> pi+ pi0.value"),
    ("errors = [0.03, 0.03]", "errors = []", "background.K+ -> pi+ pi0.errors"),
    ("errors = [0.03, 0.03]", "errors = [1e308, 1e308]", "background.K+ -> pi+ pi0.errors"),
    ('[background."upstream"]', '[background."\\n"]', "background"),
    ('[background."upstream"]', '[inputs."\\u001b"]', "inputs"),
    ("n_obs = 2", "n_obs = 1000000001", "counting.n_obs"),
    ("background_error = 0.283", "background_error = 1e6", "counting.background_error"),
    ("background = 1.5\n", "background = 0.0\n", "counting.background_error"),
    ("step = 0.004", "step = 0.3", "masses.step"),
    ("window = 1.5", "window = 0.1", "masses.window"),
    ("window = 1.5", "window = 11.0", "masses.window"),
    ("window = 1.5", 'window = 1.5\nmeasured = "missing"', "masses.measured"),
    ("range = [0.0, 0.260]", "range = [0.0, 5.0]", "masses.range"),
    ("range = [0.0, 0.260]", "range = [-0.1, 0.26]", "masses.range"),
]
OTHERS = [
    ("hnl-e", 'lepton = "e+"\n', "", "sample.lepton is missing"),
    ("hnl-e", 'lepton = "e+"\n', 'lepton = "e+"\nbodies = "e+"\n', "sample.bodies"),
    ("hnl-e", 'lepton = "e+"\n', 'lepton = "e+"\nparent = "KL"\n', "sample.parent"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"\n', "", "sample.bodies is missing"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"', 'bodies = "pi- p+ e+"', "three of pi+, pi-, mu+, mu-, e+, e-"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"', 'bodies = "pi- nowhere e+"', "sample.bodies"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"', 'bodies = "pi- e+"', "sample.bodies"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"', 'bodies = "pi+ e+ e+"', "of charge +1 together"),
    ("lnv-pi-e-e", 'bodies = "pi- e+ e+"', 'bodies = ["pi-", "e+", "e+"]', "sample.bodies"),
    ("pi-mumu", 'planes = ["STRAW1", ', 'planes = [] # "', "planes"),
    ("pi-mumu", "value = 27679", "value = 0", "inputs.candidates.value"),
    ("pi-mumu", "value = 27679", "value = -1", "inputs.candidates.value"),
    ("pi-mumu", "value = 27679", "value = 1e30", "inputs.candidates.value"),
    ("pi-mumu", "value = 27679", "value = 1", "inputs.candidates.error"),
    ("pi-mumu", "[sample]\n", '[sample]\nbodies = "mu+ mu- pi+"\n', "sample.bodies"),
    ("pi-mumu", 'measured = "seen"', 'measured = "felt"', "masses.measured"),
    ("pi0-nunu", "value = 4.12e8", "value = 0.5", "sample.decays.value"),
    ("pi0-nunu", "value = 1.9e-7", "value = -1.9e-7", "published.limit.value"),
]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def changed(path: Path, name: str, *changes: tuple[str, str]) -> DataSet:
    """A card with some of its text changed, read anew."""
    text = (folders()[0] / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return load_data(str(path))


@pytest.mark.parametrize(("name", "old", "new", "key"), [*(("pinunu-2017", *one) for one in PINUNU), *OTHERS])
def test_nonsense_is_named(name: str, old: str, new: str, key: str, tmp_path: Path) -> None:
    """File, key and what is allowed in one line."""
    with pytest.raises(CardError) as caught:
        changed(tmp_path / "mine.toml", name, (old, new))
    text = str(caught.value)
    assert "mine.toml" in text
    assert key in text
    assert text.isprintable()


def test_what_cards_may_say(tmp_path: Path) -> None:
    """Years, a remark, efficiencies that the acceptance holds, unknown backgrounds, regions that touch."""
    data = changed(
        tmp_path / "mine.toml",
        "pinunu-2017",
        ('runs = ["2017"]', 'runs = ["2017", "2018"]'),
        ('search = "pinunu"', 'search = "pinunu"\nremark = "by hand"'),
        ('[background."upstream"]', '[background."of my own"]'),
        ("missing_mass2 = [0.026, 0.068]", "missing_mass2 = [0.010, 0.068]"),
    )
    assert (data.runs, data.remark) == (("2017", "2018"), "by hand")
    assert data.selected == pytest.approx(0.64 * 0.75)
    assert "of my own" in data.backgrounds
    assert load_data("hnl-e").selected == 1.0
    assert load_data("pinunu-2018").remark == ""


@pytest.mark.parametrize("name", sorted(path.stem for path in folders()[0].glob("*.toml")))
def test_every_card_says_its_years(name: str) -> None:
    assert load_data(name).runs


def test_nothing_accepted_is_one_line(tmp_path: Path) -> None:
    """No decay passes: that is said instead of a division by zero."""
    path, found = tmp_path / "mine.toml", []
    cases: list[tuple[str, tuple[str, str], Callable[[DataSet], object]]] = [
        ("pinunu-2017", ("momentum = [15.0, 35.0]", "momentum = [81.0, 82.0]"), pinunu.search),
        (
            "pinunu-2017",
            ("momentum = [15.0, 35.0]", "momentum = [81.0, 82.0]"),
            lambda d: pi_x.scan([d], np.array([0.05])),
        ),
        ("lnv-pi-e-e", ("value = 0.484", "value = 0.502"), lnv.search),
        (
            "pi-mumu",
            ('above"]        # mass of the pair [GeV]\nvalue = 0.0', 'above"]\nvalue = 0.4'),
            visible.normalisation,
        ),
    ]
    for name, change, search in cases:
        data = changed(path, name, change)
        with pytest.raises(CardError, match="no decay is accepted") as caught:
            search(data)
        found.append(str(caught.value))
    assert all("mine.toml" in text for text in found)


def test_regions_of_a_process_that_is_never_selected(tmp_path: Path) -> None:
    """A simulated background without simulated events lies evenly in the regions."""
    data = changed(tmp_path / "mine.toml", "pinunu-2017", ('regions = ["R2"]\n', ""))
    peak = pi_x.peak([data], 0.2, 1.5)
    assert peak is not None
    assert all(value >= 0.0 for value, _ in peak.background.values())
    assert peak.background["K+ -> pi+ pi+ pi-"][0] > 0.0


def test_masses_that_kaons_do_not_reach(cli: Run, tmp_path: Path) -> None:
    assert pi_x.peak([load_data("pinunu-2018")], 0.36, 1.5) is None
    code, out, err = cli("kaon", "pi-x", "--mass", "0.3", "0.4", "--masses", "5")
    assert (code, out) == (2, "")
    assert "is searched from 0 to 0.26 GeV" in err
    assert not list(tmp_path.iterdir())


def last(text: str, cell: int, value: str) -> str:
    """The table with a cell of its last row replaced."""
    *rows, end = text.splitlines()
    cells = end.split(",")
    cells[cell] = value
    return "\n".join([*rows, ",".join(cells)]) + "\n"


def turned(text: str) -> str:
    """The table with its rows in reverse order."""
    rows = text.splitlines()
    return "\n".join([*rows[:3], *rows[:2:-1]]) + "\n"


BROKEN: list[tuple[str, Callable[[str], str], str]] = [
    ("events.csv", lambda text: last(text, 2, "nan"), "row 40, column 'events' = nan"),
    ("events.csv", lambda text: last(text, 2, "-1"), "row 40, column 'events' = -1"),
    ("events.csv", lambda text: last(text, 2, "inf"), "row 40, column 'events' = inf"),
    ("events.csv", lambda text: last(text, 2, "many"), "row 40, column 'events' = many"),
    ("events.csv", lambda text: last(text, 1, "0"), "row 40, column 'sin_theta [1]' = 0"),
    ("events.csv", lambda text: last(text, 0, "nan"), "row 40, column 'mass [GeV]' = nan"),
    ("events.csv", lambda text: last(text, 2, "1,2"), "row 40 has 5 columns"),
    ("events.csv", turned, "row 1"),
    ("events.csv", lambda text: "\n".join(text.splitlines()[:4]), "1 masses and 1 couplings"),
    ("events.csv", lambda text: "\n".join(text.splitlines()[:13]), "1 masses and 10 couplings"),
    ("events.csv", lambda text: "\n".join(text.splitlines()[:-1]), "no whole grid"),
    ("events.csv", lambda text: "\n".join(text.splitlines()[:3]), "0 masses"),
    ("events.csv", lambda text: text.replace(",events,", ",counts,"), "'events'"),
    ("events.csv", lambda text: text.replace("sin_theta [1]", "events"), "'events'"),
    ("events.csv", lambda _: "", "is not the table"),
    ("limits.csv", lambda text: last(text, 6, "nan"), "row 4, column 'background' = nan"),
    ("limits.csv", lambda text: last(text, 6, "-1"), "row 4, column 'background' = -1"),
    ("limits.csv", lambda text: last(text, 7, "-1"), "row 4, column 'background error' = -1"),
    ("limits.csv", lambda text: last(text, 7, "nan"), "row 4, column 'background error' = nan"),
    ("limits.csv", lambda text: last(text, 5, "inf"), "column 'relative error of the parameter' = inf"),
    ("limits.csv", lambda text: "\n".join(text.splitlines()[:-1]), "those of events.csv"),
    ("limits.csv", lambda text: last(text, 0, "0.3"), "those of events.csv"),
    ("limits.csv", turned, "those of events.csv"),
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search of kaon mode with a gap between its first two masses and the others."""
    from darkdump.kaon.recipe import make_recipe
    from darkdump.kaon.running import run
    from darkdump.store_kaon import save_kaon

    folder = tmp_path_factory.mktemp("results") / "found"
    recipe = make_recipe("pi-x", ("pinunu-2018",), model="dark-scalar", mass=(0.04, 0.24), masses=6, couplings=10)
    save_kaon(run(recipe), folder)
    return folder


def test_what_is_broken(result: Path, cli: Run, tmp_path: Path) -> None:
    """Each broken table of a result is one line with file, row and column; nothing is written."""
    for name, change, text in BROKEN:
        shutil.copytree(result, "bad", dirs_exist_ok=True)
        path = Path("bad") / name
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        for command in (("combine", "bad", str(result)), ("workspace", "bad", "--mass", "0.2", "--coupling", "1e-4")):
            code, out, err = cli(*command)
            assert (code, out, len(err.splitlines())) == (2, "", 1), (name, text, err)
            assert name in err
            assert text in err, (text, err)
    (Path("bad") / "events.csv").unlink()
    code, _, err = cli("workspace", "bad", "--mass", "0.2", "--coupling", "1e-4")
    assert code == 2
    assert "events.csv: cannot be read" in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_workspaces(result: Path, cli: Run) -> None:
    """Numbers that make none are named, and a gap is called a gap; the masses at its ends are searched."""
    for mass in ("0.04", "0.08", "0.2", "0.24", "0.22"):
        assert cli("workspace", str(result), "--mass", mass, "--coupling", "1e-4")[0] == 0
    for mass, coupling, text in (
        ("0.2", "-1", "coupling = -1 is not allowed; it must be a finite number above 0"),
        ("0.2", "nan", "coupling = nan is not allowed; it must be a finite number above 0"),
        ("0.2", "inf", "coupling = inf is not allowed; it must be a finite number above 0"),
        ("nan", "1e-4", "mass = nan is not allowed; it must be a finite number above 0"),
        ("0.3", "1e-4", "it must lie between 0.04 and 0.24"),
        ("0.13", "1e-4", "has a gap there, between 0.08 and 0.2"),
    ):
        code, out, err = cli("workspace", str(result), "--mass", mass, "--coupling", coupling)
        assert (code, out, len(err.splitlines())) == (2, "", 1), err
        assert text in err
