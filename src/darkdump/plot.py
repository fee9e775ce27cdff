"""The picture of a scan: excluded regions in the plane of coupling against mass."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from darkdump.errors import DarkdumpError
from darkdump.experiment import OPEN
from darkdump.frame import COLOUR, canvas, caption, halo, label_axes, plane_labels, write
from darkdump.model import PORTALS, Model
from darkdump.published import Limit, limits
from darkdump.recipe import HEAVY, SPECTRA, Recipe
from darkdump.scanning import Scan
from darkdump.statistics.curve import Interval, log_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Outline

Array = NDArray[np.float64]

GREY, EDGE, INK = "#d4d4d4", "#8a8a8a", "#4a4a4a"
HALF_LETTER = 0.0055
"""Half of the width of a letter of the names of published limits, as part of the picture."""

SPREAD = "dashed: least and most that any of the named spectra and prescriptions excludes"


def draw(scan: Scan, overlay: bool = True, variants: tuple[Scan, ...] = ()) -> "Figure":
    """Draw the excluded region of a scan.

    Parameters
    ----------
    scan : Scan
    overlay : bool
        Whether the published limits are drawn behind.
    variants : tuple of Scan
        The same scan with other spectra or modes: the band between the least and the most that any of them excludes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = canvas()
    low_m, high_m, low_c, high_c = window(scan)
    axes.set(xscale="log", yscale="log", xlim=(low_m, high_m), ylim=(low_c, high_c))
    shown = [limit for limit in limits(scan.recipe.model.plane) if limit.draw] if overlay else []
    if variants:
        _band(axes, (scan, *variants))
    _region(axes, scan)
    _describe(axes, scan, SPREAD if variants else "")
    draw_published(axes, scan.curve, shown)
    return figure


def draw_published(axes: "Axes", curve: list[Interval], shown: list[Limit]) -> None:
    """Published limits as grey regions with their names, which keep away from an own curve."""
    for limit in shown:
        axes.fill(*limit.polygon.T, facecolor=GREY, edgecolor="none", zorder=1)
        axes.plot(limit.mass, limit.coupling, color=EDGE, lw=0.6, zorder=2)
    for limit, (x, y) in label_places(axes, curve, shown):
        style: dict[str, Any] = {"color": INK, "fontsize": 8, "ha": "center", "va": "center"}
        axes.text(x, y, limit.label, zorder=5, clip_on=True, path_effects=halo(), **style)


def check_labels(model: Model) -> None:
    """Refuse a label that is no text or formula that can be drawn.

    Raises
    ------
    DarkdumpError
    """
    from matplotlib.mathtext import MathTextParser

    for label in (model.mass_label, model.coupling.label):
        try:
            MathTextParser("path").parse(label)
        except ValueError as error:
            line = str(error).strip().splitlines()[-1]
            raise DarkdumpError(f"model {model.name}: label {label!r} cannot be drawn: {line}") from None


def save(scan: Scan, path: Path, overlay: bool = True, variants: tuple[Scan, ...] = ()) -> None:
    """Draw a scan into a file; its ending chooses the format. The file depends on nothing but the scan."""
    check_labels(scan.recipe.model)
    write(draw(scan, overlay, variants), path)


def window(scan: Scan) -> tuple[float, float, float, float]:
    """The part of the plane that is shown: all masses, and the couplings around the excluded region."""
    low, high = scan.couplings[[0, -1]]
    if scan.curve:
        low = max(low, 10 ** np.floor(np.log10(min(i.low for i in scan.curve)) - 0.3))
        high = min(high, 10 ** np.ceil(np.log10(max(i.high for i in scan.curve))))
    return float(scan.masses[0]), float(scan.masses[-1]), float(low), float(high)


def label_places(axes: "Axes", curve: list[Interval], shown: list[Limit]) -> list[tuple[Limit, tuple[float, float]]]:
    """A place inside each region for its name: far from all borders and from the other names, if there is room.

    Each name stands once, in its largest region; small ones choose first.  Distances are those of the picture, a name
    being wider than high.
    """
    from matplotlib.path import Path as Outline

    to_axes = axes.transScale + axes.transLimits
    stretch = np.array([0.3, 1.0])
    grid = np.stack(np.meshgrid(np.linspace(0.05, 0.95, 91), np.linspace(0.03, 0.97, 95)), axis=-1).reshape(-1, 2)
    regions = [Outline(Outline(to_axes.transform(limit.polygon)).interpolated(6).vertices) for limit in shown]
    own = [edge for i in curve for edge in ((i.mass, i.low), (i.mass, i.high))]
    taken = [to_axes.transform(own)] if own else []
    taken.append(np.stack(np.meshgrid(np.linspace(0.02, 0.42, 9), np.linspace(0.03, 0.1, 3)), axis=-1).reshape(-1, 2))
    borders = [np.asarray(region.vertices) * stretch for region in regions]
    found: list[tuple[Limit, tuple[float, float]]] = []
    largest = {limit.label: limit for limit, _ in sorted(zip(shown, regions, strict=True), key=lambda p: _area(p[1]))}
    for limit, region in sorted(zip(shown, regions, strict=True), key=lambda pair: _area(pair[1])):
        half = HALF_LETTER * len(limit.label)
        inside = grid[region.contains_points(grid) & (grid[:, 0] > half) & (grid[:, 0] < 1.0 - half)]
        if len(inside) and limit is largest[limit.label]:
            points = inside * stretch
            room = np.minimum(_distance(points, np.asarray(region.vertices) * stretch), 0.06)
            lines = np.minimum(_distance(points, np.vstack(borders)), 0.02)
            apart = np.minimum(_distance(points, np.vstack(taken) * stretch), 0.06)
            shared = np.sum([other.contains_points(inside) for other in regions], axis=0)
            best = inside[(room * lines * apart / (1.0 + shared)).argmax()]
            taken.append(best[None] + np.array([[-0.04, 0.0], [0.0, 0.0], [0.04, 0.0]]))
            x, y = to_axes.inverted().transform(best)
            found.append((limit, (float(x), float(y))))
    return found


def _area(region: "Outline") -> float:
    """Area of the visible part of a region, in axes of the picture."""
    x, y = np.clip(np.asarray(region.vertices), 0.0, 1.0).T
    return float(0.5 * abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])))


def _distance(points: Array, others: Array) -> Array:
    """Distance of each point from the nearest of the others, shape (n,)."""
    from scipy.spatial import cKDTree

    nearest: Array = cKDTree(others).query(points)[0]
    return nearest


def outline(axes: "Axes", scan: Scan, ratio: Array | None = None, **style: Any) -> None:
    """Draw the border of a scan's excluded region, or of where another logarithm of events over threshold vanishes."""
    values = log_ratio(scan.events, scan.threshold) if ratio is None else ratio
    options: dict[str, Any] = {"colors": [COLOUR], "linewidths": 1.8, "zorder": 4} | style
    axes.contour(scan.masses, scan.couplings, values.T, levels=[0.0], **options)


def _region(axes: "Axes", scan: Scan) -> None:
    ratio = log_ratio(scan.events, scan.threshold)
    axes.contourf(scan.masses, scan.couplings, ratio.T, levels=[0.0, np.inf], colors=[COLOUR], alpha=0.28, zorder=3)
    outline(axes, scan)


def _band(axes: "Axes", scans: tuple[Scan, ...]) -> None:
    """The least and the most that any of several scans excludes."""
    ratios = [log_ratio(scan.events, scan.threshold) for scan in scans]
    for ratio in (np.min(ratios, axis=0), np.max(ratios, axis=0)):
        outline(axes, scans[0], ratio, linewidths=0.9, linestyles="--")


def choices(recipe: Recipe) -> list[str]:
    """What was chosen otherwise than by default and the picture would not tell."""
    model, portal = recipe.model, PORTALS[recipe.model.portal]
    words = [word for name, known in portal.words.items() for word, x in known.items() if x == model.pattern[name]]
    found = [word for word, known in zip(words, portal.words.values(), strict=True) if word != next(iter(known))]
    found += [f"decays {', '.join(recipe.channels)}"] if recipe.channels else []
    given = (
        ("spectra", recipe.spectra, SPECTRA),
        ("heavy", recipe.heavy, HEAVY),
        ("selection", recipe.selection, OPEN),
    )
    found += [f"{name} {value}" for name, value, default in given if value != default]
    return found + ([f"hadrons {model.hadrons}"] if model.hadrons not in ("", portal.hadrons[0]) else [])


def level(recipe: Recipe) -> str:
    """Protons on target and confidence level, for a picture."""
    mantissa, power = f"{recipe.pot:.1e}".split("e")
    pot = f"$10^{{{int(power)}}}$" if mantissa == "1.0" else rf"${mantissa} \times 10^{{{int(power)}}}$"
    projection = " (projection)" if recipe.counting.n_obs is None else ""
    return f"{pot} POT, {100 * recipe.confidence_level:.3g} % C.L.{projection}"


def _describe(axes: "Axes", scan: Scan, remark: str) -> None:
    model, experiment = scan.recipe.model, scan.recipe.experiment
    label_axes(axes, *plane_labels(model))
    caption(axes, experiment.title, (0.02, 0.08), fontsize=10)
    caption(axes, level(scan.recipe), (0.02, 0.035), fontsize=10, parse_math=True)
    lines = [model.title, "; ".join(choices(scan.recipe)), remark]
    axes.set_title("\n".join(filter(None, lines)), fontsize=11, parse_math=False)
