"""Heavy neutral leptons on the command line: patterns, the triangle, and nonsense that is one line."""

from pathlib import Path

import pytest

from commandline import Run, runner

SCAN = ("scan", "hnl", "--masses", "2", "--couplings", "20", "--mass", "1", "1.8")
FILES = ("events.csv", "curve.csv", "proper_times.npz", "curve.png")
RATIOS = ["1:2", "1:2:3:4", "a:b:c", "0:0:0", "-1:1:1", "nan:1:1", "inf:1:1", "1e308:1e308:1e308", "", ":", "1,16,3.8"]
WRONG = [
    *(("scan", "hnl", f"--pattern={ratios}") for ratios in RATIOS),
    ("scan", "hnl", "--pattern", "-1:1:1"),
    ("scan", "dark-photon", "--pattern", "1:1:1"),
    ("scan", "hnl", "--production", "kaon-leptonic-tau"),
    ("scan", "hnl", "--experiment", "nucal"),
    ("scan", "missing-base.toml"),
    ("scan", "circle.toml"),
    ("show", "circle.toml"),
    ("scan", "hnl", "--experiment", "missing-base.toml"),
    *(("ternary", "--mass", mass) for mass in ("0", "-1", "nan", "inf", "1e300", "1e-300", "x", "")),
    *(("ternary", "--mass", "1", "--steps", steps) for steps in ("0", "-1", "1000000", "2.5")),
    ("ternary",),
    ("ternary", "alp", "--mass", "1"),
    ("ternary", "nowhere", "--mass", "1"),
    ("ternary", "circle.toml", "--mass", "1"),
    ("ternary", "--mass", "1", "--experiment", "nucal"),
    ("ternary", "--mass", "1", "--formats", "jpg"),
    ("ternary", "--mass", "1", "--channels", "mumu"),
    ("ternary", "--mass", "1", "--coupling", "1", "1"),
    ("ternary", "--mass", "1", "--pot", "0"),
    ("ternary", "--mass", "1", "--threads", "0"),
    ("ternary", "--mass", "1", "--pattern", "1:1:1"),
    ("ternary", "--mass", "1", "--out", "."),
]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with cards that are based on nothing, or on each other."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "missing-base.toml").write_text('base = "nowhere"\n')
    (tmp_path / "circle.toml").write_text('base = "other.toml"\n')
    (tmp_path / "other.toml").write_text('base = "circle.toml"\n')
    return runner(capsys)


@pytest.mark.parametrize("wrong", WRONG, ids=" ".join)
def test_nonsense(wrong: tuple[str, ...], cli: Run, tmp_path: Path) -> None:
    """One line, exit code 2, nothing written."""
    before = set(tmp_path.iterdir())
    code, out, err = cli(*wrong)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert err.startswith("darkdump: ")
    assert len(err) > 30
    assert set(tmp_path.iterdir()) == before


def test_pattern_repeats(cli: Run, tmp_path: Path) -> None:
    """A scan of a pattern, and its recipe: the same files but for the date, and nothing to warn of."""
    code, out, err = cli(*SCAN, "--pattern", "1:16:3.8", "--out", "one")
    assert (code, err) == (0, "")
    assert "Heavy neutral lepton, mixing 1 : 16 : 3.8; NA62" in out
    code, _, err = cli("run", "one/scan.toml", "--out", "two", "--threads", "1")
    assert (code, err) == (0, "")
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    one, two = ((tmp_path / name / "scan.toml").read_text().splitlines() for name in ("one", "two"))
    assert [line for line in one if not line.startswith("date")] == [
        line for line in two if not line.startswith("date")
    ]


def test_pure_pattern_is_the_card(cli: Run, tmp_path: Path) -> None:
    """0:1:0 has the events of the card of the muon's flavour."""
    assert cli(*SCAN, "--pattern", "0:1:0", "--out", "one", "--formats", "")[0] == 0
    assert cli("scan", "hnl-mu", *SCAN[2:], "--out", "two", "--formats", "")[0] == 0
    one, two = ((tmp_path / name / "events.csv").read_text().splitlines() for name in ("one", "two"))
    assert [line for line in one if line[0] != "#"] == [line for line in two if line[0] != "#"]


def test_production_without_mixing(cli: Run) -> None:
    """It is made by nothing, and that is said."""
    arguments = ("--pattern", "1:0:0", "--production", "tau-mu", "--out", "one", "--formats", "")
    code, out, err = cli(*SCAN, *arguments)
    assert (code, len(err.splitlines())) == (0, 1)
    assert "warning: without effect: production tau-mu: the mixing with nu_mu is zero" in err
    assert "nothing is excluded: no events at all" in out


def test_ternary(cli: Run, tmp_path: Path) -> None:
    """Files, main numbers, free names; the recipe can be run, and nothing has changed."""
    for expected in ("hnl-1-GeV-na62", "hnl-1-GeV-na62-2"):
        code, out, err = cli("ternary", "--mass", "1", "--steps", "3", "--formats", "png,png")
        assert (code, err) == (0, "")
        assert f"{expected}/ternary.png" in out
        assert "lowest reach U2 = " in out
        assert "for e : mu : tau = 0 : 0 : 1" in out
        assert {path.name for path in (tmp_path / expected).iterdir()} == {"scan.toml", "ternary.csv", "ternary.png"}
    one, two = (tmp_path / name / "ternary.csv" for name in ("hnl-1-GeV-na62", "hnl-1-GeV-na62-2"))
    assert one.read_bytes() == two.read_bytes()
    code, _, err = cli("run", "hnl-1-GeV-na62/scan.toml", "--out", "again")
    assert (code, err) == (0, "")


def test_ternary_of_nothing(cli: Run) -> None:
    """Too heavy to be made: no numbers, no traceback."""
    code, out, err = cli("ternary", "--mass", "50", "--steps", "1", "--out", "none")
    assert (code, err) == (0, "")
    assert out.rstrip().endswith("nothing is excluded for any pattern")


def test_show(cli: Run) -> None:
    """A card tells its modes and decays."""
    code, out, err = cli("show", "hnl-mu")
    assert (code, err) == (0, "")
    assert "ds-leptonic-mu" in out
    assert "mu pi" in out
