"""Recipes: what is written is what is read, and nothing else is."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdump.cards import load_experiment, load_model, model_folders, names
from darkdump.errors import CardError, DarkdumpError
from darkdump.recipe import Recipe
from darkdump.recipe_file import RecipeFile, fingerprint, read_recipe, recipe_text
from darkdump.scanning import make_recipe, scan, without_effect

SHORT = 'model = "alp"\nexperiment = "na62"\n'


def written(folder: Path, recipe: Recipe, formats: tuple[str, ...] = ("png",)) -> RecipeFile:
    """A recipe, written and read again."""
    path = folder / "scan.toml"
    path.write_text(recipe_text(recipe, formats, overlay=False, variants=True), encoding="utf-8")
    return read_recipe(path)


def recipe(**options: Any) -> Recipe:
    """A recipe of the shipped cards."""
    return make_recipe(load_model("alp"), load_experiment("na62"), **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recipes")


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    pot=st.floats(1.0, 1e30),
    low=st.floats(1e-9, 1.0),
    factor=st.floats(1.001, 1e4),
    level=st.floats(0.5, 0.999),
    n_obs=st.none() | st.just("blinded") | st.integers(0, 10**6),
    background=st.floats(0.0, 1e3),
    error=st.floats(0.0, 1.0),
    numbers=st.tuples(st.integers(2, 3000), st.integers(2, 3000), st.integers(0, 2**70)),
    power=st.integers(4, 12),
    production=st.lists(st.sampled_from(["primakoff-primary", "primakoff-shower"]), min_size=1, unique=True),
)
def test_there_and_back(
    folder: Path,
    pot: float,
    low: float,
    factor: float,
    level: float,
    n_obs: int | str | None,
    background: float,
    error: float,
    numbers: tuple[int, int, int],
    power: int,
    production: list[str],
) -> None:
    before = recipe(
        pot=pot,
        mass=(low, low * factor),
        coupling=(low * 1e-6, low * factor),
        confidence_level=level,
        n_obs=n_obs,
        background=background,
        background_error=error * background,
        efficiency_error=error,
        masses=numbers[0],
        couplings=numbers[1],
        seed=numbers[2],
        points=2**power,
        production=production,
    )
    after = written(folder, before)
    assert after.recipe == before
    assert (after.formats, after.overlay, after.variants, after.changed) == (("png",), False, True, ())


@pytest.mark.parametrize("experiment", ["na62", "charm", "nucal"])
def test_every_experiment(experiment: str, tmp_path: Path) -> None:
    before = make_recipe(load_model("alp"), load_experiment(experiment))
    after = written(tmp_path, before, ("pdf", "svg"))
    assert (after.recipe, after.formats, after.changed) == (before, ("pdf", "svg"), ())


def test_numbers_of_numpy(tmp_path: Path) -> None:
    grid = np.geomspace(0.01, 0.5, 3)
    before = recipe(mass=(grid[0], grid[-1]), masses=np.int64(3), pot=np.float64(1e17), n_obs=np.int64(2))
    assert written(tmp_path, before).recipe == before


def test_what_is_left_out_is_of_the_cards(tmp_path: Path) -> None:
    path = tmp_path / "scan.toml"
    path.write_text(SHORT)
    read = read_recipe(path)
    assert (read.recipe, read.formats, read.overlay, read.variants) == (recipe(), ("png",), True, False)
    assert read.changed == ()


@pytest.mark.parametrize(
    ("key", "value"), [("numpy", "0.1"), ("darkdump", "none"), ("model_sha256", "0"), ("spectra_sha256", "")]
)
def test_other_versions_are_noticed(key: str, value: str, tmp_path: Path) -> None:
    text = recipe_text(recipe(), ["png"], overlay=True, variants=False)
    before = tomllib.loads(text)["provenance"][key]
    (tmp_path / "scan.toml").write_text(text.replace(f'"{before}"', f'"{value}"'))
    assert key in read_recipe(tmp_path / "scan.toml").changed


def test_another_choice_is_no_other_version(tmp_path: Path) -> None:
    text = recipe_text(recipe(production=["primakoff-primary"]), ["png"], overlay=True, variants=False)
    (tmp_path / "scan.toml").write_text(text.replace("primakoff-primary", "primakoff-shower"))
    assert read_recipe(tmp_path / "scan.toml").changed == ()


@pytest.mark.parametrize(
    "place", ["", "[mass]\n", "[coupling]\n", "[statistics]\n", "[numerics]\n", "[output]\n", "[provenance]\n"]
)
def test_unknown_keys(place: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f"{SHORT}{place}nonsense = 1\n")
    with pytest.raises(CardError, match=r"mine\.toml: .*unknown key 'nonsense'"):
        read_recipe(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("production = []", "production"),
        ('production = ["primakoff-primary", "primakoff-primary"]', "production"),
        ('spectra = "phytia"', "spectra.* did you mean pythia"),
        ("pot = -1", "pot = -1"),
        ("mass = 3", "mass = 3"),
        ("[mass]\nnumber = 1", "mass"),
        ("[mass]\nrange = [2.0, 1.0]", r"mass\.range"),
        ("[coupling]\nnumber = 2.5", r"coupling\.number = 2\.5"),
        ("[statistics]\nconfidence_level = 90", "confidence.level = 90"),
        ('[statistics]\nn_obs = "hidden"', "n_obs.*hidden"),
        ("[statistics]\nbackground = -1", "background = -1"),
        ("[numerics]\npoints = 500", "points = 500"),
        ("[numerics]\nscrambles = 1", "scrambles = 1"),
        ('[output]\nformats = ["jpg"]', r"output\.formats.*jpg"),
        ('[output]\nformats = ["png", "png"]', r"output\.formats.*repetition"),
        ("[provenance]\ndate = 3", r"provenance\.date = 3"),
    ],
)
def test_nonsense(lines: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"{SHORT}{lines}\n")
    with pytest.raises(CardError, match=rf"mine\.toml: .*{key}"):
        read_recipe(path)


def test_no_such_spectra_for_the_beam(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('model = "alp"\nexperiment = "nucal"\nspectra = "bmpt"\n')
    with pytest.raises(DarkdumpError, match="'bmpt' have no table for 70 GeV protons on Fe"):
        read_recipe(tmp_path / "mine.toml")


@pytest.mark.parametrize("name", ["my card.toml", 'a "quoted" \\ card.toml', "grün.toml"])
def test_card_by_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = tmp_path / name
    card.write_bytes(names(model_folders())["alp"].read_bytes())
    monkeypatch.chdir(tmp_path)
    before = make_recipe(load_model(name), load_experiment("na62"))
    assert before.model.name == str(card)
    assert written(tmp_path, before).recipe == before
    card.write_text(card.read_text().replace("2.0]", "1.5]"))
    assert written(tmp_path, before).changed == ("model_sha256",)


def test_paths_are_beside_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine.toml").write_bytes(names(model_folders())["alp"].read_bytes())
    (tmp_path / "deep" / "scan.toml").write_text(SHORT.replace('"alp"', '"mine.toml"'))
    monkeypatch.chdir(tmp_path)
    read = read_recipe(Path("deep/scan.toml"))
    assert read.recipe.model.name == str(tmp_path / "deep" / "mine.toml")
    assert fingerprint(read.recipe.model) == fingerprint(load_model("alp")), "what counts is what the card says"
    assert fingerprint(replace(read.recipe.model, mass=(1.0, 2.0))) != fingerprint(load_model("alp"))


def test_masses_of_thresholds_are_scanned() -> None:
    """Beside the evenly spaced ones, those of the card that lie between the ends; the axis itself is as asked for."""
    model = load_model("dark-photon")
    recipe = make_recipe(model, load_experiment("na62"), mass=(0.1, 0.9), masses=10)
    inside = [mass for mass in model.landmarks if 0.1 < mass < 0.9]
    assert len(inside) > 3
    assert len(recipe.masses) == 10 + len(inside)
    assert set(recipe.masses) == {*recipe.mass.values, *inside}
    assert (np.diff(recipe.masses) > 0).all()


@pytest.mark.parametrize(
    "options",
    [
        {"heavy": 3}, {"selection": None}, {"hadrons": 3}, {"spectra": None}, {"pot": "a"}, {"channels": ["mu"]},
        {"production": "nonsense"}, {"masses": "many"}, {"seed": None}, {"confidence_level": "high"},
    ],
)  # fmt: skip
def test_wrong_types(options: dict[str, Any]) -> None:
    """An option of the wrong type is one line, too."""
    with pytest.raises(DarkdumpError) as caught:
        scan(load_model("dark-photon"), load_experiment("na62"), **({"masses": 2, "couplings": 2} | options))
    assert len(str(caught.value).splitlines()) == 1


def test_one_name_is_enough() -> None:
    """A production mode or a channel may be given as a text."""
    recipe = make_recipe(load_model("dark-photon"), load_experiment("na62"), production="brems-bb", channels="mu mu")
    assert recipe.model.production == ("brems-bb",)
    assert recipe.channels == ("mu mu",)


@pytest.mark.parametrize(
    ("name", "options", "line"),
    [
        ("dark-photon", {"heavy": "power-law"}, "heavy = power-law: no parent"),
        ("alp", {"selection": "exclusive"}, "selection = exclusive: every decay"),
        ("dark-scalar", {"heavy": "power-law", "selection": "exclusive"}, ""),
    ],
)
def test_options_without_effect(name: str, options: dict[str, Any], line: str) -> None:
    """A choice that changes nothing is told of."""
    found = without_effect(make_recipe(load_model(name), load_experiment("na62"), **options))
    assert " ".join(found).startswith(line)
    assert bool(found) == bool(line)


def test_a_selection_that_a_card_has_not() -> None:
    with pytest.raises(DarkdumpError, match="experiment 'charm' has no selection 'exclusive'"):
        make_recipe(load_model("dark-photon"), load_experiment("charm"), selection="exclusive")


def test_base_table_by_table(tmp_path: Path) -> None:
    """A card changes one number of another one; what it does not name stays, in tables as well."""
    (tmp_path / "mine.toml").write_text('base = "na62"\ntitle = "mine"\n[target]\nfraction = 0.5\n')
    (tmp_path / "yours.toml").write_text('base = "mine.toml"\n[selection.open]\nefficiency = 0.9\n')
    mine, na62 = load_experiment(str(tmp_path / "yours.toml")), load_experiment("na62")
    assert (mine.title, mine.target.fraction) == ("mine", 0.5)
    assert mine.target.position == na62.target.position
    assert list(mine.selections) == list(na62.selections)
    assert mine.selections["open"].efficiency == 0.9
