"""Patterns of mixings: what one simulation says of all of them, cards, recipes, the triangle, nonsense."""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump.cards import load_experiment, load_model, model_folders, names
from darkdump.errors import CardError, DarkdumpError
from darkdump.model import Model, mixed
from darkdump.plot_ternary import place
from darkdump.recipe_file import fingerprint, read_recipe, recipe_text
from darkdump.scanning import make_recipe, without_effect
from darkdump.store import save_ternary
from darkdump.ternary import Ternary, ternary, triangle
from darkdump.yields import ProperTimes, events, remixed, simulate

Array = NDArray[np.float64]

NA62 = load_experiment("na62")
HNL = load_model("hnl")
MASSES = np.array([0.4, 1.5])
MIXINGS = np.array([1e-9, 1e-6, 1e-4])
PURE = {"e": (1.0, 0.0, 0.0), "mu": (0.0, 1.0, 0.0), "tau": (0.0, 0.0, 1.0)}


def allowed(model: Model) -> Model:
    """Only with the modes that its pattern allows, as a scan has it."""
    return make_recipe(model, NA62).model


@cache
def simulated(pattern: tuple[float, ...] = (1.0, 1.0, 1.0)) -> ProperTimes:
    """Proper times of a pattern."""
    return simulate(allowed(mixed(HNL, pattern)), NA62, MASSES, points=2048, scrambles=8)


def summed(model: Model, times: ProperTimes) -> tuple[Array, Array]:
    """Events, all modes together, and their relative error."""
    found, error = events(model, times, MIXINGS, 1e18)
    return found.sum(axis=0), error


def test_own_pattern() -> None:
    """The simulation's own pattern gives its events, but for rounding."""
    times = simulated()
    found, error = summed(HNL, remixed(HNL, times))
    np.testing.assert_allclose(found, summed(HNL, times)[0], rtol=1e-12)
    assert (error == 0.0).all(), "one scramble has no spread"


@pytest.mark.parametrize("pattern", [*PURE.values(), (1.0, 16.0, 3.8)])
def test_other_patterns(pattern: tuple[float, ...]) -> None:
    """From 1 : 1 : 1 to another pattern, and a simulation of that one: within four errors and 2 %.

    Where the pattern has less than a hundredth of the events, few points and final states are spent on it: 30 %.
    """
    direct, times = allowed(mixed(HNL, pattern)), simulated()
    expected, error = summed(direct, simulated(pattern))
    found = summed(mixed(HNL, pattern), remixed(mixed(HNL, pattern), times))[0]
    whole, own = summed(HNL, times)
    assert (expected > 0.0).all()
    tolerance = np.where(expected > 0.01 * whole, 4.0 * np.hypot(error, own) + 0.02, 0.3)
    assert (abs(found / expected - 1.0) < tolerance).all()


def test_linear() -> None:
    """Events of a long-lived particle are quadratic in the parts, production times decay: three points fix a line."""
    few = np.array([1e-13])

    def along(share: float) -> Array:
        model = mixed(HNL, [share, 1.0 - share, 0.0])
        return np.asarray(events(model, remixed(model, simulated()), few, 1e18)[0].sum(axis=0))

    start, middle, end = along(0.0), along(0.5), along(1.0)
    expected = 0.75 * 0.5 * start - 0.25 * 0.5 * end + 0.75 * middle  # Lagrange's polynomial at 1 / 4
    np.testing.assert_allclose(along(0.25), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("parts", "title", "plane"),
    [
        ((1, 16, 3.8), "1 : 16 : 3.8", ""),
        ((10, 160, 38), "1 : 16 : 3.8", ""),
        ((0, 2, 2), "0 : 1 : 1", ""),
        ((0, 5, 0), "with nu_mu", "hnl-mu"),
        ((3, 0, 0), "with nu_e", "hnl-e"),
        ((0, 0, 1e-9), "with nu_tau", "hnl-tau"),
    ],
)
def test_mixed(parts: tuple[float, ...], title: str, plane: str) -> None:
    """Title, plane of published limits, and parts that add up to one."""
    model = mixed(HNL, parts)
    assert (model.title, model.plane) == (f"Heavy neutral lepton, mixing {title}", plane)
    assert sum(model.pattern[flavour] for flavour in PURE) == pytest.approx(1.0, rel=1e-12)
    assert model.coupling.label == "$U^2$"
    assert mixed(model, [model.pattern[flavour] for flavour in PURE]) is model
    assert mixed(HNL, [2, 2, 2]) is HNL


@pytest.mark.parametrize("parts", ["111:1", [1, 2], ["a", 1, 1], 3, [None] * 3, [1e7, 1, 1], [0, 0, 0], [-1, 2, 2]])
def test_wrong_parts(parts: Any) -> None:
    with pytest.raises(DarkdumpError, match=r"^pattern = .* is not allowed"):
        make_recipe(HNL, NA62, pattern=parts)


@pytest.mark.parametrize("name", ["hnl", "hnl-e", "hnl-mu", "hnl-tau", "hnl-mu-tau"])
def test_cards(name: str, tmp_path: Path) -> None:
    """Each is the first one but for its mixing; all decays but those of the hadrons' description are open at 6 GeV."""
    model = load_model(name)
    flavours = set(name.split("-")[1:]) or set(PURE)
    assert {flavour for flavour in PURE if model.pattern[flavour] > 0.0} == flavours
    assert sum(model.pattern[flavour] for flavour in PURE) == pytest.approx(1.0)
    assert model.pattern["nature"] == 2.0
    assert model.plane == (name if len(flavours) == 1 else "")
    assert (model.decays, model.production, model.mass) == (HNL.decays, HNL.production, HNL.mass)
    counted = allowed(model).production
    assert {mode.rsplit("-", 1)[1] for mode in counted} == flavours
    (tmp_path / "mine.toml").write_text(f'base = "{name}"\n[mixing]\nnature = "dirac"\n')
    mine = load_model(str(tmp_path / "mine.toml"))
    assert replace(mine, name=name, pattern={**mine.pattern, "nature": 2.0}) == model
    assert fingerprint(mine) != fingerprint(model)
    assert name in names(model_folders())


@pytest.mark.parametrize("seed", range(3))
def test_there_and_back(seed: int, tmp_path: Path) -> None:
    """A recipe with any ratios is read as it was, with the same hash of the model: titles are rounded alike."""
    rng = np.random.default_rng(seed)
    for parts in ([1, 16, 3.8], *np.round(10.0 ** rng.uniform(-2, 2, (20, 3)), 3).tolist()):
        before = make_recipe(HNL, NA62, pattern=parts)
        (tmp_path / "scan.toml").write_text(recipe_text(before, ["png"], overlay=True, variants=False))
        after = read_recipe(tmp_path / "scan.toml")
        assert (after.recipe, after.changed) == (before, ())


@pytest.mark.parametrize("given", ["[1, 2]", "[0, 0, 0]", "[-1, 1, 1]", "[nan, 1, 1]", '"1:1:1"', "[1e9, 1, 1]"])
def test_wrong_ratios_of_a_recipe(given: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'model = "hnl"\nexperiment = "na62"\npattern = {given}\n')
    with pytest.raises(CardError, match=r"^mine\.toml: pattern = .* is not allowed"):
        read_recipe(tmp_path / "mine.toml")


def test_recipe_of_another_portal(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('model = "alp"\nexperiment = "na62"\npattern = [1, 1, 1]\n')
    with pytest.raises(CardError, match="unknown key 'pattern'"):
        read_recipe(tmp_path / "mine.toml")


def test_modes_without_mixing() -> None:
    """Left out if not asked for; asked for, they are told of."""
    recipe = make_recipe(HNL, NA62, pattern=(1, 0, 0), production=["tau-mu", "tau-e"])
    assert recipe.model.production == ("tau-mu", "tau-e")
    assert without_effect(recipe) == ["production tau-mu: the mixing with nu_mu is zero"]
    assert without_effect(make_recipe(HNL, NA62, pattern=(1, 0, 0))) == []


def test_selection_of_a_group() -> None:
    """A channel whose group has a selection does not need another one."""
    recipe = make_recipe(HNL, NA62, channels=["mu pi", "e mu nu_e"], selection="exclusive")
    assert without_effect(recipe) == ["selection = exclusive: every decay has a selection of its own"]
    assert without_effect(make_recipe(HNL, NA62, selection="exclusive")) == []


@cache
def picture() -> Ternary:
    """A coarse triangle of N with decays that treat e and mu nearly alike."""
    return ternary(HNL, NA62, 1.5, steps=4, points=256, scrambles=6)


def test_triangle() -> None:
    for steps in (1, 4, 20):
        parts = triangle(steps)
        assert len(parts) == (steps + 1) * (steps + 2) // 2
        np.testing.assert_allclose(parts.sum(axis=1), 1.0, rtol=1e-12)
        assert len(np.unique(parts, axis=0)) == len(parts)
        assert {tuple(row) for row in parts.tolist()} >= set(PURE.values())
    corners = place(np.array(list(PURE.values())))
    sides = [float(np.linalg.norm(corners[i] - corners[i - 1])) for i in range(3)]
    assert sides == pytest.approx([1.0] * 3), "an equilateral triangle"
    np.testing.assert_allclose(place(np.array([[2.0, 2.0, 2.0]]))[0], corners.mean(axis=0), atol=1e-12)


def test_corners() -> None:
    """The same from any card; e and mu, far above threshold, are alike, and tau reaches least."""
    found = picture()
    reach = {name: found.low[(found.parts == part).all(axis=1)][0] for name, part in PURE.items()}
    for name, part in PURE.items():
        direct = ternary(load_model(f"hnl-{name}"), NA62, 1.5, steps=1, points=256, scrambles=6)
        own = direct.low[(direct.parts == part).all(axis=1)][0]
        assert own == reach[name], "the pattern of the card does not count"
    for a, b, c in found.parts:
        one, other = (found.low[(found.parts == row).all(axis=1)][0] for row in ((a, b, c), (b, a, c)))
        assert one == pytest.approx(other, rel=0.3)
    assert reach["tau"] > 2.0 * reach["mu"]
    assert found.low.max() == reach["tau"]
    assert (found.high > found.low).all()
    assert 0.0 < found.error < 0.15


def test_files_of_a_triangle(tmp_path: Path) -> None:
    """Recipe, table and picture; the recipe is read again with nothing changed."""
    found = replace(picture(), low=np.where(picture().parts[:, 2] == 1.0, np.nan, picture().low))
    written = save_ternary(found, tmp_path / "new", ["png", "svg", "png"])
    assert [path.name for path in written] == ["scan.toml", "ternary.csv", "ternary.png", "ternary.svg"]
    lines = (tmp_path / "new" / "ternary.csv").read_text().splitlines()
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 1 + len(found.parts)
    assert [row[3] == "" for row in rows[1:]] == np.isnan(found.low).tolist()
    values = [float(row[3]) for row in rows[1:] if row[3]]
    assert values == pytest.approx(found.low[np.isfinite(found.low)], rel=1e-5, abs=0)
    read = read_recipe(tmp_path / "new" / "scan.toml")
    assert (read.recipe, read.changed) == (found.recipe, ())
    with pytest.raises(DarkdumpError, match="exists already"):
        save_ternary(found, tmp_path / "new")
    with pytest.raises(DarkdumpError, match="unknown format 'jpg'"):
        save_ternary(found, tmp_path / "other", ["jpg"])
