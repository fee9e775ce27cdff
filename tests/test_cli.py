"""The command line: what it does, and that nonsense is one line, exit code 2, and nothing written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commandline import Run, runner
from darkdump import __version__

SCAN = ("scan", "alp", "--masses", "6", "--couplings", "20")
FILES = {"scan.toml", "events.csv", "curve.csv", "proper_times.npz", "curve.png"}
WRONG = {
    "--experiment": ["na6", "nowhere.toml", "bad.toml"],
    "--spectra": ["pithia", "bmpt --experiment nucal"],
    "--production": ["primakoff", ",", "primakoff-primary,primakoff-primary", "pi0-decay"],
    "--formats": ["jpg", "PNG"],
    "--pot": ["-1", "0", "nan", "inf", "abc", ""],
    "--mass": ["1 1", "2 1", "0 1", "-1 1", "nan 1", "1 inf", "1"],
    "--masses": ["1", "0", "-5", "2.5", "many", "1000000000"],
    "--coupling": ["1e-3 1e-5", "0 1", "1e-3 1e-3"],
    "--couplings": ["1", "-1", "x"],
    "--confidence-level": ["0", "1", "1.5", "nan", "-1"],
    "--n-obs": ["-1", "1.5", "nan", "hidden", "99999999"],
    "--background": ["-1", "nan", "inf"],
    "--background-error": ["-1", "nan", "1e3", "1e3 --background 1"],
    "--efficiency-error": ["-1", "nan", "2"],
    "--seed": ["-1", "1.5"],
    "--threads": ["0", "-1"],
    "--out": ["file/out", "file", "."],
}
OTHERS = {
    "scan": [
        "alpp",
        "Alp",
        "nowhere.toml",
        "bad.toml",
        "alp extra",
        "alp --experiment bebc",
        "alp --pot",
        "alp --nonsense",
        "",
    ],
    "scan dark-photon": [
        "--production primakoff-primary",
        "--production brems-bb,brems-bb-ff",
        "--selection closed",
        "--experiment charm --selection exclusive",
        "--channels mumu",
        "--hadrons dispersive",
        "--heavy pithia",
    ],
    "run": ["nowhere.toml", ".", "file", "bad.toml", ""],
    "show": ["nonsense", "bad.toml", ""],
    "scann": ["alp"],
}
EXTREME = {
    "--mass": ["500 1000", "1e-12 1e-11", "0.1 0.10000001"],
    "--masses": ["2 --couplings 2"],
    "--coupling": ["1e-20 1e-19", "1 1000"],
    "--pot": ["1e300", "1e-300"],
    "--n-obs": ["1000000", "0 --background 9"],
    "--background": ["5 --background-error 1e-9"],
    "--seed": ["99999999999999999999999999"],
    "--threads": ["64"],
}
ABSURD = {
    "--mass": ["1e100 1e200", "1e-300 1e-290"],
    "--coupling": ["1e-300 1e300", "1 1e200"],
    "--confidence-level": ["1e-17"],
    "--background": ["1000 --n-obs 0", "5 --background-error 1e-300"],
}
LISTEN = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
"""Be interruptible, even if started by something that is not."""

POWERLESS = (
    "import ctypes; [ctypes.CDLL(None).prctl(24, right, 0, 0, 0) for right in (1, 2) if sys.platform == 'linux']"
)
"""Take from the superuser the right to write and read anywhere (PR_CAPBSET_DROP)."""


def spelt(options: dict[str, list[str]]) -> list[str]:
    return [f"{name} {value}" for name, values in options.items() for value in values]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def shell(folder: Path, arguments: tuple[str, ...], first: str = "", **env: str) -> "subprocess.Popen[str]":
    """Start the command line as a process of its own, after the lines `first`."""
    code = f"import os, sys\n{first}\nos.execv(sys.executable, [sys.executable, '-m', 'darkdump', *sys.argv[1:]])"
    command, pipe = [sys.executable, "-c", code, *arguments], subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=os.environ | env, stdout=pipe, stderr=pipe, text=True)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_scan_and_run(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli(*SCAN, "--out", "first")
    assert (code, err) == (0, "")
    assert files(tmp_path / "first") == FILES
    assert "first/scan.toml\n" in out
    assert "2.303 signal events are excluded at 90 % C.L." in out
    assert "excluded from 0.001 to " in out
    code, _, err = cli("run", "first/scan.toml", "--out", "second", "--threads", "1")
    assert (code, err) == (0, "")
    for name in FILES - {"scan.toml"}:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    text = (tmp_path / "first" / "scan.toml").read_text()
    (tmp_path / "edited.toml").write_text(text.replace("pot = 1e+18", "pot = 1e17"))
    assert "; 1e+17 POT" in cli("run", "edited.toml", "--out", "third")[1]
    (tmp_path / "edited.toml").write_text(text.replace('numpy = "', 'numpy = "0'))
    code, _, err = cli("run", "edited.toml", "--out", "fourth")
    assert (code, len(err.splitlines())) == (0, 1)
    assert "edited.toml was written with other versions or inputs: numpy" in err


def test_names_of_results(cli: Run, tmp_path: Path) -> None:
    for expected in ("alp-na62", "alp-na62-2"):
        code, out, _ = cli(*SCAN, "--formats", "", "--cite")
        assert code == 0
        assert f"{expected}/events.csv" in out
        assert "cite for model: Beacham:2019nyx" in out
        assert "limit " in out
    assert files(tmp_path) == {"alp-na62", "alp-na62-2"}


def test_a_format_twice_is_a_format(cli: Run) -> None:
    assert cli(*SCAN, "--formats", "svg,svg", "--out", "first")[0] == 0
    assert cli("run", "first/scan.toml", "--out", "second")[0] == 0


def test_lists(cli: Run) -> None:
    assert {"alp", "dark-photon"} <= {line.split()[0] for line in cli("models")[1].splitlines()}
    assert {"charm", "na62", "nucal", "ship"} <= {line.split()[0] for line in cli("experiments")[1].splitlines()}
    assert {"pythia", "epos", "bmpt"} <= {line.split()[0] for line in cli("spectra")[1].splitlines()}
    assert "primakoff-shower" in cli("show", "alp")[1]
    assert "z = 241.093 m" in cli("show", "na62")[1]
    assert cli("--version") == (0, f"darkdump {__version__}\n", "")


def test_help(cli: Run) -> None:
    code, out, err = cli("--help")
    assert (code, err) == (0, "")
    assert all(command in out for command in ("scan", "run", "models", "experiments", "spectra", "show"))
    assert "of the card" in " ".join(cli("scan", "--help")[1].replace("│", "").split())
    _, out, err = cli()
    assert "Commands" in out + err
    assert "darkdump: \n" not in err


@pytest.mark.parametrize("wrong", [*spelt(OTHERS), *(f"scan alp {options}" for options in spelt(WRONG))])
def test_nonsense(wrong: str, cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("nonsense\n")
    (tmp_path / "bad.toml").write_text("titel = 3\n")
    code, out, err = cli(*wrong.split(" "))
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert err.startswith("darkdump: ")
    assert len(err) > 30
    assert files(tmp_path) == {"file", "bad.toml"}


@pytest.mark.parametrize("option", ["--pot", "--masses"])
def test_no_number(option: str, cli: Run) -> None:
    code, _, err = cli("scan", "alp", option, "banana")
    assert code == 2
    assert option in err
    assert "banana" in err


@pytest.mark.parametrize("options", spelt(EXTREME))
def test_extremes(options: str, cli: Run, tmp_path: Path) -> None:
    code, out, err = cli(*SCAN, *options.split(), "--formats", "", "--out", "out")
    assert (code, err) == (0, "")
    assert "excluded" in out
    assert " nan " not in out
    assert "nan" not in (tmp_path / "out" / "events.csv").read_text()
    assert "nothing is excluded: no events at all" in out or options != "--mass 500 1000"


@pytest.mark.parametrize("masses", ["1e-4 5e-4", "0.5 2", "500 1000"])
def test_dark_photon(masses: str, cli: Run) -> None:
    code, out, err = cli("scan", "dark-photon", *SCAN[2:], "--mass", *masses.split())
    assert (code, err) == (0, "")
    assert "nan" not in out
    assert ("excluded from 0.5 to" in out) == (masses == "0.5 2")


@pytest.mark.parametrize("options", spelt(ABSURD))
def test_at_the_end_of_numbers(options: str, cli: Run) -> None:
    code, out, err = cli(*SCAN, *options.split())
    assert (code, len(err.splitlines())) in ((0, 0), (2, 1))
    assert "nan" not in out


def test_interrupted(tmp_path: Path) -> None:
    arguments = ("scan", "alp", "--masses", "9999", "--threads", "1", "--out", "deep/out")
    with shell(tmp_path, arguments, LISTEN) as process:
        time.sleep(5.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, "", "darkdump: interrupted; nothing was written\n")
    assert files(tmp_path) == set()


@pytest.mark.parametrize("options", [(), ("--out", "deep/out")])
def test_folder_that_is_not_writable(options: tuple[str, ...], tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with shell(tmp_path, (*SCAN, *options), POWERLESS) as process:
        out, err = process.communicate(timeout=60)
    tmp_path.chmod(0o755)
    assert (process.returncode, out, len(err.splitlines())) == (2, "", 1)
    assert f"cannot be written: no permission to write in {tmp_path}" in err


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLUMNS": "40"}, {"PYTHONIOENCODING": "ascii"}])
def test_no_colours_in_a_pipe(env: dict[str, str], tmp_path: Path) -> None:
    with shell(tmp_path, ("--help",), **env) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "\x1b" not in out


def test_pipe_that_closes(tmp_path: Path) -> None:
    with shell(tmp_path, ("show", "na62")) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("name", "lines"),
    [("pythia", ["--spectra", "--heavy", "cascade"]), ("power-law", ["--heavy"]), ("bmpt", ["tables"])],
)
def test_show_spectra(cli: Run, name: str, lines: list[str]) -> None:
    """Spectra, and choices for charm and beauty, are explained with their sources."""
    status, out, _ = cli("show", name)
    assert status == 0
    assert {line.split("  ")[0] for line in out.splitlines()} >= set(lines)


def test_sources_of_beauty_are_cited(cli: Run) -> None:
    options = ("--masses", "2", "--couplings", "4", "--out", "new", "--cite", "--mass", "0.3", "0.6")
    status, out, _ = cli("scan", "dark-scalar", *options)
    assert status == 0
    assert "charm and beauty, cross sections: arXiv:2407.08673" in out
