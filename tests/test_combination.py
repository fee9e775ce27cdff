"""Results of both modes as one: laws that any combination obeys, and whole commands."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from commandline import Run, runner
from darkdump import load_model
from darkdump.combination import LEAST, combine
from darkdump.errors import DarkdumpError
from darkdump.statistics.counting import upper_limit
from darkdump.stored import Part, load_part

Array = NDArray[np.float64]
COUPLINGS = np.geomspace(1e-6, 1e-2, 60)
MASSES = np.array([0.1, 0.15, 0.2])


def part(
    name: str = "one", strength: float = 1e8, n: int = 0, b: float = 0.0, db: float = 0.0, error: float = 0.0
) -> Part:
    """Events as the square of the coupling, the same at all masses."""
    events = np.tile(strength * COUPLINGS**2, (len(MASSES), 1))
    same = np.ones(len(MASSES))
    return Part(
        name, load_model("dark-scalar"), False, MASSES, COUPLINGS, events, n * same, b * same, db * same, error * same
    )


def lowest(found: object) -> float:
    curve = getattr(found, "curve")  # noqa: B009
    assert len(curve) == len(MASSES)
    return float(curve[1].low)


def test_two_halves_are_a_whole() -> None:
    """Two results without background, of half of the events each, are one with all of them: 2.303 events."""
    found = combine([part("a", 0.5e8), part("b", 0.5e8)])
    assert lowest(found) == pytest.approx(math.sqrt(math.log(10.0) / 1e8), rel=2e-3, abs=0)


def test_product_is_stronger_than_envelope() -> None:
    parts = [part("a", 1e8), part("b", 0.7e8, n=1, b=1.2, db=0.2)]
    alone = math.sqrt(math.log(10.0) / 1e8)
    assert lowest(combine(parts, "envelope")) == pytest.approx(alone, rel=2e-3, abs=0)
    assert lowest(combine(parts)) < 0.98 * alone


def test_a_blind_part_changes_nothing() -> None:
    """A result that expects nothing leaves the other as it is, with background and errors."""
    seen = part("seen", 1e8, n=3, b=1.65, db=0.31, error=0.05)
    blind = replace(part("blind"), events=np.zeros((len(MASSES), len(COUPLINGS))))
    limit = upper_limit(3, 1.65, 0.31, 0.05)
    assert lowest(combine([seen, blind])) == pytest.approx(math.sqrt(limit / 1e8), rel=3e-3, abs=0)


def test_order_does_not_matter() -> None:
    parts = [part("a", 1e8), part("b", 0.7e8, n=1, b=1.2, db=0.2)]
    assert lowest(combine(parts)) == pytest.approx(lowest(combine(parts[::-1])), rel=5e-3, abs=0)


def test_masses_of_either_count() -> None:
    """Where only one result has masses, it alone says something; gaps stay gaps."""
    other = replace(part("b"), masses=np.array([0.2, 0.25, 0.3]))
    found = combine([part("a"), other])
    assert found.masses.tolist() == [0.1, 0.15, 0.2, 0.25, 0.3]
    assert (found.alone[0, 3:] == 0.0).all()
    assert (found.alone[1, :2] == 0.0).all()
    low = {i.mass: i.low for i in found.curve}
    assert low[0.2] < low[0.15] == pytest.approx(low[0.3], rel=1e-6)
    holed = replace(part("hole"), masses=np.array([0.1, 0.11, 0.2]))
    assert not holed.covers(0.15)
    assert holed.covers(0.105)
    assert not holed.covers(0.25)


def test_interpolation_is_exact_for_powers() -> None:
    one = part()
    events, counting = one.at(0.12, np.array([3e-5, 1e-1]))
    assert events[0] == pytest.approx(1e8 * 9e-10, rel=1e-3)
    assert events[1] == 0.0, "not scanned"
    assert counting.n_obs == 0


def test_observed_events_weaken_the_limit() -> None:
    reach = [lowest(combine([part("a", 1e8, n=n, b=1.0), part("b", 1e7, n=0, b=0.5)])) for n in (0, 2, 4)]
    assert reach[0] < reach[1] < reach[2]


def test_an_excess_is_not_overruled() -> None:
    """Many observed events in one result keep what another alone would exclude."""
    excess = part("a", 9e9, n=100, b=1.0)
    quiet = part("b", 1.2e9, b=0.5)
    found = combine([excess, quiet])
    c = int(np.abs(found.couplings - 1e-4).argmin())
    assert found.alone[:, 1, c].sum() > 4.0
    assert found.cls[1, c] > 0.1


@pytest.mark.parametrize(
    ("parts", "options", "text"),
    [
        ([part()], {}, "at least two"),
        ([part(), replace(part("b"), model=load_model("alp"))], {}, "has the model"),
        ([part(), replace(part("b"), stable=True)], {}, "--stable"),
        ([replace(part(), data=("x", "y")), replace(part("b"), data=("y",))], {}, "both hold y"),
        ([part(), part("b")], {"method": "sum"}, "likelihood, envelope"),
        ([part(), part("b")], {"confidence_level": 2.0}, "between 0.01 and 0.9999"),
    ],
    ids=["one", "two models", "stable", "same data", "method", "level"],
)
def test_what_does_not_belong_together(parts: list[Part], options: dict[str, object], text: str) -> None:
    with pytest.raises(DarkdumpError, match=text):
        combine(parts, **options)  # type: ignore[arg-type]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


SCALAR = ("--mass", "0.15", "0.24", "--masses", "4", "--couplings", "30")


def test_from_scan_to_region(cli: Run, tmp_path: Path) -> None:
    """A scan of each mode, combined, run again from its recipe, and a workspace of each."""
    assert cli("scan", "dark-scalar", *SCALAR, "--out", "dump")[0] == 0
    assert cli("kaon", "pi-x", "--model", "dark-scalar", *SCALAR, "--out", "kaons")[0] == 0
    code, out, err = cli("combine", "dump", "kaons", "--out", "both")
    assert (code, err) == (0, "")
    assert "lowest sin_theta" in out
    assert sorted(path.name for path in Path("both").iterdir()) == ["cls.csv", "combine.toml", "curve.csv", "curve.png"]
    assert cli("run", "both/combine.toml", "--out", "again")[0] == 0
    assert Path("again/cls.csv").read_bytes() == Path("both/cls.csv").read_bytes()
    assert Path("again/curve.png").read_bytes() == Path("both/curve.png").read_bytes()
    parts = [load_part(name) for name in ("dump", "kaons")]
    together, alone = combine(parts), combine(parts, "envelope")
    assert (together.cls >= LEAST).all()
    for mass in (0.18, 0.21):
        both, single = (min(i.low for i in found.curve if abs(i.mass - mass) < 1e-9) for found in (together, alone))
        assert both <= single * 1.01
    for folder in ("dump", "kaons"):
        code, out, err = cli("workspace", folder, "--mass", "0.21", "--coupling", "1e-4")
        assert (code, err) == (0, "")
        assert json.loads(out)["version"] == "1.0.0"
    assert cli("workspace", "kaons", "--mass", "0.21", "--coupling", "1e-4", "--out", "w.json")[0] == 0
    code, _, err = cli("workspace", "kaons", "--mass", "0.21", "--coupling", "1e-4", "--out", "w.json")
    assert (code, len(err.splitlines())) == (2, 1)
    before = sorted(tmp_path.rglob("*"))
    for wrong in (
        ("combine", "dump"),
        ("combine", "dump", "nowhere"),
        ("combine", "dump", "./dump"),
        ("combine", "dump", "kaons", "--method", "sum"),
        ("combine", "dump", "kaons", "--confidence-level", "0"),
        ("combine", "dump", "kaons", "--formats", "gif"),
        ("combine", "dump", "kaons", "--out", "both"),
        ("workspace", "dump", "--mass", "9", "--coupling", "1e-4"),
        ("workspace", "dump", "--mass", "0.2", "--coupling", "1e9"),
        ("workspace", "dump", "--mass", "nan", "--coupling", "nan"),
        ("workspace", ".", "--mass", "0.2", "--coupling", "1"),
    ):
        code, out, err = cli(*wrong)
        assert (code, out, len(err.splitlines())) == (2, "", 1), (wrong, err)
    assert sorted(tmp_path.rglob("*")) == before
