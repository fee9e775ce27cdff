"""Pictures of kaon mode: the plane of missing mass and momentum, limits, regions of couplings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.frame import COLOUR, canvas, caption, halo, label_axes, plane_labels, write
from darkdump.kaon import backgrounds, pinunu, standard_model
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.onetrack import OneTrack
from darkdump.kaon.peak import stretches
from darkdump.kaon.reach import Reach
from darkdump.kaon.running import Result
from darkdump.kaon.searches import SEARCHES
from darkdump.plot import draw_published
from darkdump.published import limits
from darkdump.statistics.curve import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

WIDTH, NARROW = 90, 70
"""Letters in a line of a caption, and of one beside names."""

NAME = 32
"""Letters in a line of a data set's name."""

DECADE = 10.0
"""Ratio of the masses beyond which they are drawn on a logarithmic axis."""

SHOWN = 3000
"""Simulated decays of each kind in the plane of missing mass and momentum."""

KINDS: Final[Mapping[str, tuple[str, Callable[[DataSet], list[OneTrack]]]]] = {
    r"$K^+\to\pi^+\pi^+\pi^-$": ("#9467bd", lambda data: backgrounds.three_pion_tracks(data.cut)[1]),
    r"$K^+\to\mu^+\nu$": ("#2ca02c", lambda data: backgrounds.two_body_tracks(data.cut, "mu+", 0.0)[2]),
    r"$K^+\to\pi^+\pi^0$": (
        "#1f77b4",
        lambda data: backgrounds.two_body_tracks(data.cut, "pi+", particles.mass("pi0"))[2],
    ),
    r"$K^+\to\pi^+\nu\bar\nu$": ("#8a8a8a", lambda data: pinunu.sample(data.fiducial)[1]),
}
"""What is shown in that plane: colour, and what is measured in a data set."""


def draw_plane(data: DataSet) -> "Figure":
    """Squared missing mass against momentum: signal regions, simulated signal and the main backgrounds.

    Parameters
    ----------
    data : DataSet
        Of K+ -> pi+ nu nubar.
    """
    figure, axes = canvas()
    fast = max(region.momentum[1] for region in data.regions.values())
    axes.set(xlim=(10.0, fast + 5.0), ylim=(-0.04, 0.12))
    for label, (colour, tracks) in KINDS.items():
        p, m2 = _drawn(tracks(data))
        axes.plot(p, m2, ".", ms=1.6, color=colour, alpha=0.5, zorder=1, rasterized=True)
        axes.plot([], [], "o", ms=5, color=colour, label=label)
    for name, region in data.regions.items():
        (low, high), (slow, quick) = region.missing_mass2, region.momentum
        box = [slow, quick, quick, slow, slow], [low, low, high, high, low]
        axes.plot(*box, color=COLOUR, lw=1.8, zorder=3)
        axes.text(quick - 0.3, high, name, color=COLOUR, ha="right", va="top", path_effects=halo(), zorder=4)
    label_axes(axes, r"$p_{\pi}$ [GeV]", r"$m^2_{\mathrm{miss}}$ [GeV$^2$]")
    axes.legend(loc="upper right", ncols=2, fontsize=9, framealpha=0.9)
    title = f"{apparatus().title}: {SEARCHES['pinunu'].title}, {data.name}"
    axes.set_title(f"{title}\nsimulated, {SHOWN} decays of each kind", fontsize=11)
    return figure


def _drawn(kinds: list[OneTrack]) -> tuple[Array, Array]:
    """Momenta and squared missing masses of decays, as frequent as they are, one scatter as often as it happens."""
    weight = np.concatenate([kind.weight for kind in kinds])
    places = (np.arange(SHOWN) + 0.5) / SHOWN * weight.sum()
    chosen = np.minimum(np.searchsorted(np.cumsum(weight), places), len(weight) - 1)
    momentum = np.concatenate([kind.momentum for kind in kinds])
    return momentum[chosen], np.concatenate([kind.missing_mass2 for kind in kinds])[chosen]


def draw_limit(result: Result, overlay: bool = True) -> "Figure":
    """The limit of a scan against mass, with what background alone would give, and published upper limits behind.

    Parameters
    ----------
    result : Result
        Of a search for a peak.
    overlay : bool
    """
    scan, search = result.scan, SEARCHES[result.recipe.search]
    assert scan is not None
    figure, axes = canvas()
    axes.set_yscale("log")
    shown = [one for one in limits(search.plane) if one.draw and one.shape != "lower_limit"] if overlay else []
    shown = [replace(one, coupling=one.coupling**search.exponent) for one in shown]
    curves = np.concatenate([np.asarray(limit) for limit in scan.limits.values()])
    text = _words("dashed: expected, median of background alone; band: one standard deviation", result)
    room = 0.3 + 0.2 * text.count("\n")
    low, high = 10 ** np.floor(np.log10(curves.min()) - room), 10 ** np.ceil(np.log10(curves.max()) + 0.3)
    edge = 0.04 * (scan.masses[-1] - scan.masses[0]) or 0.01
    axes.set(xlim=(max(scan.masses[0] - edge, 0.0), scan.masses[-1] + edge), ylim=(low, high))
    for part in stretches(scan.masses):
        masses = scan.masses[part]
        axes.fill_between(
            masses, scan.limits["low"][part], scan.limits["high"][part], color=COLOUR, alpha=0.2, zorder=3
        )
        mark = "o" if len(masses) == 1 else None
        axes.plot(masses, scan.limits["median"][part], color=COLOUR, lw=1.8, ls="--", marker=mark, zorder=4)
    own = [Interval(m, x, x, 0.0, 0.0, False, False) for m, x in zip(scan.masses, scan.limit, strict=True)]
    draw_published(axes, own, shown)
    label_axes(axes, "mass [GeV]", f"{search.label}, upper limit at {100 * scan.confidence_level:g} % C.L.")
    caption(axes, text)
    names = ", ".join(data.name for data in result.data)
    axes.set_title(f"{apparatus().title}: {search.title}\n{names}", fontsize=11)
    return figure


def draw_counts(result: Result) -> "Figure":
    """The limit of each data set of a search that counts, what background alone would give, and the published limit.

    Parameters
    ----------
    result : Result
        Of a search that counts.
    """
    from matplotlib.ticker import NullFormatter

    level, names = result.recipe.confidence_level, ["\n".join(wrap(one.data.title, NAME)) for one in result.counts]
    text = _words("band: one standard deviation of background alone; dashed: its median", result, NARROW)
    bottom = len(names) - 0.4 + 0.25 * len(text.split("\n"))
    figure, axes = canvas(1.6 + 0.7 * (bottom + 1.0))
    axes.set_xscale("log")
    drawn: list[float] = []
    shown: dict[str, Any] = {}
    for row, one in enumerate(result.counts):
        expected, limit, published = one.expected(level), one.limit(level), one.data.published.get("limit")
        axes.fill_betweenx([row - 0.3, row + 0.3], expected["low"], expected["high"], color=COLOUR, alpha=0.2, lw=0)
        axes.plot([expected["median"]] * 2, [row - 0.3, row + 0.3], "--", color=COLOUR, lw=1.5)
        (shown["limit"],) = axes.plot(limit, row, "o", color=COLOUR, ms=7)
        drawn += [limit, *expected.values()]
        if published:
            (shown["published, 90 % C.L."],) = axes.plot(published.value, row, "D", mfc="none", color="black", ms=9)
            drawn.append(published.value)
    if result.recipe.search == "pinunu":
        (value, error), name = standard_model.charged(), "Standard Model"
        shown[name] = axes.axvspan(value - error, value + error, color="#8a8a8a", alpha=0.4, lw=0, zorder=0)
    low, high = np.log10([min(drawn) / 1.5, 1.5 * max(drawn)])
    axes.set(xlim=(10 ** np.floor(low), 10 ** np.ceil(high)), ylim=(bottom, -1.0))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(names)), names, parse_math=False)
    label_axes(axes, f"branching ratio, upper limit at {100 * level:g} % C.L.", "")
    axes.tick_params(axis="y", left=False, right=False)
    axes.legend(shown.values(), shown.keys(), loc="upper right", ncols=len(shown), fontsize=9)
    caption(axes, text, fontsize=8)
    axes.set_title(f"{apparatus().title}: {SEARCHES[result.recipe.search].title}", fontsize=11)
    return figure


def draw_reach(result: Result, overlay: bool = True) -> "Figure":
    """The excluded couplings of a model against mass, with published limits behind.

    Parameters
    ----------
    result : Result
        With a model.
    overlay : bool
    """
    found = result.reach
    assert found is not None
    figure, axes = canvas()
    plane = SEARCHES[result.recipe.search].plane if result.recipe.stable else found.model.plane
    shown = [one for one in limits(plane) if one.draw and one.shape != "lower_limit"] if overlay else []
    axes.set_yscale("log")
    _window(axes, found)
    ratio = np.log(np.maximum(found.events / found.threshold[:, None], 1e-300))
    for part in stretches(found.masses):
        grid = found.masses[part], found.couplings, ratio[part].T
        if min(grid[2].shape) > 1:
            axes.contourf(*grid, levels=[0.0, np.inf], colors=[COLOUR], alpha=0.28, zorder=3)
            axes.contour(*grid, levels=[0.0], colors=[COLOUR], linewidths=1.8, zorder=4)
    draw_published(axes, found.curve, shown)
    label_axes(axes, *plane_labels(found.model))
    level = f"{100 * result.recipe.confidence_level:g} % C.L., expected: median of background alone"
    text = _words(level if found.curve else f"nothing is excluded; {level}", result)
    caption(axes, text)
    title, stable = found.model.title, "taken to decay to nothing that is seen"
    title = f"{title.split(',')[0]}, {stable}" if result.recipe.stable else title
    axes.set_title(f"{title}\n{apparatus().title}: {SEARCHES[result.recipe.search].title}", fontsize=11)
    return figure


def _words(text: str, result: Result, width: int = WIDTH) -> str:
    """A text, and below it what the cards want to be said with their results."""
    lifetime = result.recipe.lifetime
    if lifetime is not None:
        text += f"\nlifetime {lifetime:.3g} s; published: for a particle that leaves, or decays at once"
    remarks = dict.fromkeys(line for data in result.data if data.remark for line in wrap(data.remark, width))
    return "\n".join([text, *remarks])


def _window(axes: "Axes", found: Reach) -> None:
    """Masses that are scanned, and couplings around those that are excluded."""
    low, high = found.couplings[[0, -1]]
    if found.curve:
        low = max(low, 10 ** np.floor(np.log10(min(i.low for i in found.curve)) - 0.7))
        high = min(high, 10 ** np.ceil(np.log10(max(i.high for i in found.curve))))
    first = found.masses[found.masses > 0.0][0]
    axes.set(xlim=(first, found.masses[-1]), ylim=(low, high))
    if found.masses[-1] > DECADE * first:
        axes.set_xscale("log")


def pictures(result: Result, overlay: bool = True) -> dict[str, Callable[[Path], None]]:
    """Names of a result's pictures, without ending, and what draws each into a file."""
    found: dict[str, Callable[[], Figure]] = {}
    if result.recipe.search == "pinunu":
        found["plane"] = lambda: draw_plane(result.data[-1])
    if result.counts:
        found["limits"] = lambda: draw_counts(result)
    if result.scan is not None:
        found["limit"] = lambda: draw_limit(result, overlay)
    if result.reach is not None:
        found["curve"] = lambda: draw_reach(result, overlay)
    return {name: lambda path, make=make: write(make(), path) for name, make in found.items()}  # type: ignore[misc]
