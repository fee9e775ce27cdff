"""Pictures: made without a warning, legible, and the published limits in them closed."""

import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.transforms import Bbox

from darkdump import plot
from darkdump.cards import load_experiment, load_model, planes
from darkdump.errors import DarkdumpError
from darkdump.published import Limit, limits
from darkdump.recipe import FORMATS
from darkdump.scanning import Scan, scan
from darkdump.variants import variants


@pytest.fixture(scope="module")
def small() -> Scan:
    """A scan of few masses over the range of the card."""
    return scan(load_model("alp"), load_experiment("na62"), masses=12, couplings=40, points=64, scrambles=4)


@pytest.fixture(scope="module")
def empty(small: Scan) -> Scan:
    """The same without any events."""
    return replace(small, by_mode=np.zeros_like(small.by_mode), error=np.zeros_like(small.error))


def boxes(figure: Figure) -> tuple[Bbox, dict[str, Bbox]]:
    """Box of the axes, and of each text within them, in pixels."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    return axes.get_window_extent(), {text.get_text(): text.get_window_extent() for text in axes.texts}


@pytest.mark.parametrize("overlay", [True, False])
def test_what_is_drawn(overlay: bool, small: Scan) -> None:
    figure = plot.draw(small, overlay)
    _, texts = boxes(figure)
    shown = {limit.label for limit in limits("alp-photon") if limit.draw}
    described, named = [text for text in texts if text not in shown], [text for text in texts if text in shown]
    assert (len(named) > 3) == overlay
    assert "\n".join(described) == "NA62, beam-dump mode\n$10^{18}$ POT, 90 % C.L. (projection)"
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_xlabel() == "$m_a$ [GeV]"
    assert axes.get_ylabel() == r"$g_{a\gamma}$ [GeV$^{-1}$]"
    assert axes.get_title() == small.recipe.model.title


@pytest.mark.parametrize(
    ("model", "experiment"), [("alp", "na62"), ("alp", "charm"), ("alp", "nucal"), ("dark-photon", "na62")]
)
def test_names_do_not_overlap(model: str, experiment: str) -> None:
    result = scan(load_model(model), load_experiment(experiment), masses=12, couplings=40, points=64, scrambles=4)
    frame, texts = boxes(plot.draw(result))
    for (one, box), (other, second) in combinations(texts.items(), 2):
        assert not box.overlaps(second), f"{one} lies on {other}"
    for name, box in texts.items():
        assert frame.padded(1.0).containsx(box.x0), name
        assert frame.padded(1.0).containsy(box.y0), name
        assert frame.padded(1.0).containsx(box.x1), name
        assert frame.padded(1.0).containsy(box.y1), name


def test_name_lies_in_its_region(small: Scan) -> None:
    (axes,) = plot.draw(small).axes
    regions = {limit.label: Outline(np.log(limit.polygon)) for limit in limits("alp-photon") if limit.draw}
    for text in axes.texts:
        if text.get_text() in regions:
            x, y = text.get_position()
            assert regions[text.get_text()].contains_point((math.log(x), math.log(y))), text.get_text()


@pytest.mark.parametrize("overlay", [True, False])
def test_nothing_excluded(overlay: bool, empty: Scan, tmp_path: Path) -> None:
    assert empty.curve == []
    plot.save(empty, tmp_path / "empty.png", overlay)
    assert (tmp_path / "empty.png").stat().st_size > 1000
    assert plot.window(empty)[2:] == (empty.couplings[0], empty.couplings[-1])


def test_everything_excluded(small: Scan, tmp_path: Path) -> None:
    everything = replace(small, by_mode=np.full_like(small.by_mode, 100.0))
    assert {(i.low_open, i.high_open) for i in everything.curve} == {(True, True)}
    plot.save(everything, tmp_path / "all.png")


@pytest.mark.parametrize("couplings", [2, 3])
def test_least_grid(couplings: int, tmp_path: Path) -> None:
    model, experiment = load_model("alp"), load_experiment("na62")
    result = scan(model, experiment, masses=2, couplings=couplings, points=16, scrambles=2)
    plot.save(result, tmp_path / "least.png")


@pytest.mark.parametrize("kind", FORMATS)
def test_formats(kind: str, small: Scan, tmp_path: Path) -> None:
    plot.save(small, tmp_path / f"curve.{kind}", overlay=False)
    content = (tmp_path / f"curve.{kind}").read_bytes()
    assert content.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[kind])


def test_band(small: Scan) -> None:
    alone, band = plot.draw(small), plot.draw(small, variants=variants(small))
    assert len(band.axes[0].collections) == len(alone.axes[0].collections) + 2
    assert plot.SPREAD in band.axes[0].get_title()
    assert plot.SPREAD not in alone.axes[0].get_title()


def test_marks_of_titles_are_no_formulas(small: Scan, tmp_path: Path) -> None:
    model = replace(small.recipe.model, title=r"costs 3 $, not 4 $, \n {x}")
    experiment = replace(small.recipe.experiment, title=r"$\foo$ & {} %")
    recipe = replace(small.recipe, model=model, experiment=experiment)
    plot.save(replace(small, recipe=recipe), tmp_path / "curve.png")


def test_label_that_is_no_formula(small: Scan, tmp_path: Path) -> None:
    model = replace(small.recipe.model, mass_label=r"$\foo$")
    with pytest.raises(DarkdumpError, match="foo"):
        plot.save(replace(small, recipe=replace(small.recipe, model=model)), tmp_path / "curve.png")


@pytest.mark.parametrize(
    "limit", [limit for plane in planes() for limit in limits(plane)], ids=lambda limit: limit.name
)
def test_limits_are_closed(limit: Limit) -> None:
    path, corners = np.split(limit.polygon[:-1], [len(limit.mass)])
    np.testing.assert_array_equal(path.T, [limit.mass, limit.coupling])
    np.testing.assert_array_equal(limit.polygon[0], limit.polygon[-1])
    x, y = np.log(limit.polygon).T
    assert abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) > 0.1
    if limit.shape == "closed_contour":
        np.testing.assert_array_equal(corners, path[:1])
    elif limit.shape == "open_contour":
        assert corners.tolist() == [[limit.mass[[0, -1]].min(), limit.coupling[[0, -1]].max()]]
    else:
        np.testing.assert_array_equal(corners[:, 0], limit.mass[[-1, 0]])
        side = np.maximum if limit.shape == "upper_limit" else np.minimum
        assert np.all(side(corners[:, 1], limit.coupling[:, None]) == corners[:, 1])


@pytest.mark.parametrize(
    ("shape", "inside", "outside"),
    [
        ("upper_limit", [(1.1, 5e-3), (3.9, 9e-3), (2, 2e-5)], [(0.9, 5e-3), (4.1, 5e-3), (2, 5e-6), (2, 2e-2)]),
        ("lower_limit", [(1.1, 4e-4), (3.9, 5e-3), (2, 5e-6), (2, 1e-12)], [(0.9, 1e-6), (4.1, 1e-6), (2, 2e-5)]),
    ],
)
def test_side_of_a_limit(shape: str, inside: list[tuple[float, float]], outside: list[tuple[float, float]]) -> None:
    """What lies above, or below, the curve between its ends, whichever way it runs."""
    mass, coupling = np.array([1.0, 2.0, 4.0]), np.array([1e-3, 1e-5, 1e-2])
    for step in (1, -1):
        limit = Limit("a", "A", "", 0.9, "experiment", shape, True, mass[::step], coupling[::step])
        region = Outline(np.log(limit.polygon))
        assert region.contains_points(np.log(inside)).all()
        assert not region.contains_points(np.log(outside)).any()


def test_no_plane() -> None:
    assert limits("") == []
