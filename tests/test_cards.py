"""Cards: those that are shipped are right, and each way to be wrong is one clear line."""

import math
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdump import tables
from darkdump.cards import experiment_folders, load_experiment, load_model, model_folders, names
from darkdump.errors import CardError, DarkdumpError, unknown_name
from darkdump.formfactors.nuclear import materials, nucleus
from darkdump.toml import Table, read

BAD = sorted(Path(__file__).with_name("bad_cards").glob("*.toml"))
LOAD: dict[str, Callable[[str], object]] = {"model": load_model, "experiment": load_experiment}
GOOD = 'portal = "alp"\ntitle = "T"\nproduction = ["primakoff-primary"]\ndecays = ["gamma gamma"]\n'
GOOD += '[coupling]\nname = "g_a_gamma"\nunit = "1/GeV"\nrange = [1e-7, 1e-1]\n[mass]\nunit = "GeV"\nrange = [1, 2]\n'

texts = st.text("xyz\n\u2028", max_size=4)
scalars = st.booleans() | st.integers() | st.sampled_from([10**400, -(10**400)]) | st.floats() | texts | st.dates()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
cards = st.dictionaries(st.sampled_from(["a", "b", "a\nb", ""]), values, max_size=4)
ASK: list[Callable[[Table], object]] = [
    lambda table: table.text("a"),
    lambda table: table.text("a", choices=["x"]),
    lambda table: table.texts("a"),
    lambda table: table.texts("a", [], choices=["x", "y\nz"]),
    lambda table: table.number("a"),
    lambda table: table.number("a", low=0.0, high=1.0),
    lambda table: table.positive("a"),
    lambda table: table.whole("a"),
    lambda table: table.flag("a", default=True),
    lambda table: table.numbers("a", 3),
    lambda table: table.pair("a"),
    lambda table: table.interval("a"),
    lambda table: table.interval("a", positive=True),
    lambda table: table.table("a").text("b"),
    lambda table: table.tables("a"),
    lambda table: table.done(),
]


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_bad_card(path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expects: ").split(" ... ")
    with pytest.raises(CardError) as caught:
        LOAD[path.name.split("-")[0]](str(path))
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    assert path.name in line
    assert re.search(".*".join(map(re.escape, expected)), line), line


def test_there_are_bad_cards() -> None:
    assert len(BAD) > 50
    assert {path.name.split("-")[0] for path in BAD} == set(LOAD)


@pytest.mark.parametrize(
    "content",
    [
        b'title = "\xff"',
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        b"\0",
        b"x = " + 5000 * b"9",
        b"x = " + 5000 * b"[" + 5000 * b"]",
    ],
    ids=["not utf-8", "byte order mark", "utf-16", "null", "5000 digits", "nested"],
)
def test_not_readable(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(content)
    with pytest.raises(CardError, match=r"card\.toml: (cannot be read|is not valid TOML)") as caught:
        load_model(str(path))
    assert len(str(caught.value).splitlines()) == 1


def test_more_digits_than_python_prints(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(GOOD.replace("1e-1]", f"0x{5000 * 'f'}]"))
    with pytest.raises(CardError, match=r"card\.toml: coupling\.range = .* is not allowed") as caught:
        load_model(str(tmp_path / "card.toml"))
    assert len(str(caught.value)) < 1000


def test_no_file(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.toml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CardError, match=f"{path.name}: cannot be read: {reason}"):
            read(path)


@pytest.mark.parametrize("name", names(model_folders()))
def test_shipped_model(name: str) -> None:
    model = load_model(name)
    assert (model.name, bool(model.title), bool(model.inspire)) == (name, True, True)
    assert model.width(model.decays[0], model.mass[0], np.array([model.coupling.range[0]])) > 0


@pytest.mark.parametrize("name", names(experiment_folders()))
def test_shipped_experiment(name: str) -> None:
    experiment = load_experiment(name)
    assert (experiment.name, bool(experiment.title), bool(experiment.inspire)) == (name, True, True)
    card = tomllib.loads(names(experiment_folders())[name].read_text(encoding="utf-8"))
    if "base" in card:
        card = tomllib.loads(names(experiment_folders())[card["base"]].read_text(encoding="utf-8")) | card
    groups = {key: card.pop(key, {}) for key in ("plane", "magnet", "selection")}
    found: list[dict[str, Any]] = [table for table in card.values() if isinstance(table, dict)]
    found += [table for group in groups.values() for table in group.values()]
    assert len(found) >= 6
    assert all(isinstance(table["source"], str) and len(table["source"]) > 5 for table in found)


@pytest.mark.parametrize("name", materials())
def test_material_has_a_source(name: str) -> None:
    table = tables.data_toml("nuclei.toml")[name]
    assert len(table["source"]) > 5
    assert all(value > 0 and math.isfinite(value) for key, value in table.items() if key != "source")
    assert nucleus(name).charge == table["charge"]


def test_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_new_model.toml").write_text(GOOD)
    (tmp_path / "alp.toml").write_text(GOOD.replace('"T"', '"Mine"'))
    assert load_model("alp").title != "Mine"
    monkeypatch.setenv("DARKDUMP_MODELS", str(tmp_path))
    assert load_model("alp").title == "Mine"
    assert load_model("my-new-model").name == "my-new-model"
    assert list(names([tmp_path])) == ["alp", "my-new-model"]
    with pytest.raises(
        CardError, match=r"unknown model 'my-new-modl': did you mean my-new-model\? known: alp, .*my-new-model"
    ):
        load_model("my-new-modl")


def test_folder_of_models_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKDUMP_MODELS", str(tmp_path / "none"))
    with pytest.raises(CardError, match="DARKDUMP_MODELS"):
        load_model("alp")


def test_misspelt_names() -> None:
    with pytest.raises(CardError, match="unknown experiment 'na6': did you mean na62 or nucal"):
        load_experiment("na6")
    assert unknown_name("mode", "bc", ["abcd", "bcd", "xy"]) == (
        "unknown mode 'bc': did you mean bcd or abcd? known: abcd, bcd, xy"
    )
    assert unknown_name("mode", "z", ["b", "a"]) == "unknown mode 'z': known: a, b"
    assert issubclass(CardError, DarkdumpError)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(card=cards, ask=st.sampled_from(ASK))
def test_any_card(card: dict[str, Any], ask: Callable[[Table], object]) -> None:
    line = "card.toml: "
    try:
        ask(Table("card.toml", "", card))
    except CardError as error:
        line = str(error)
    assert line.startswith("card.toml: ")
    assert len(line.splitlines()) == 1


def test_right_values() -> None:
    card = {"n": 3, "x": 1.5, "t": "text", "on": True, "pair": [1, 2.5], "sub": {"day": date(2020, 1, 1)}}
    table = Table("f", "", card)
    assert (table.whole("n"), table.number("n"), table.positive("x"), table.text("t")) == (3, 3.0, 1.5, "text")
    assert (table.flag("on", default=False), table.interval("pair", positive=True)) == (True, (1.0, 2.5))
    assert ("n" in table, "m" in table, table.has_text("t"), table.has_text("n")) == (True, False, True, False)
    assert (table.number("m", 2.0), table.texts("m", []), table.tables("m")) == (2.0, (), {})
    with pytest.raises(CardError, match=r"f: sub.*unknown key 'day'"):
        table.table("sub").done()
    table.done()
