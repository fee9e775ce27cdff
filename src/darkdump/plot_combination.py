"""The picture of combined results."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from darkdump.combination import Combination
from darkdump.frame import COLOUR, canvas, caption, label_axes, plane_labels, write
from darkdump.plot import draw_published
from darkdump.published import limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")
"""Of the single results, one after the other."""


def draw(found: Combination, overlay: bool = True) -> "Figure":
    """The region that results exclude together, and in outline what each excludes by itself.

    Parameters
    ----------
    found : Combination
    overlay : bool
        Whether the published limits are drawn behind.
    """
    figure, axes = canvas()
    model = found.model
    low, high = found.couplings[[0, -1]]
    if found.curve:
        low = max(low, 10 ** np.floor(np.log10(min(i.low for i in found.curve)) - 0.3))
        high = min(high, 10 ** np.ceil(np.log10(max(i.high for i in found.curve))))
    first = found.masses[found.masses > 0.0][0]
    axes.set(xscale="log", yscale="log", xlim=(first, found.masses[-1]), ylim=(low, high))
    draw_published(axes, found.curve, [one for one in limits(model.plane) if one.draw] if overlay else [])
    grid = found.masses, found.couplings
    with np.errstate(divide="ignore"):
        axes.contourf(
            *grid, np.log(found.ratio).T.clip(-50.0), levels=[0.0, np.inf], colors=[COLOUR], alpha=0.28, zorder=3
        )
        axes.contour(*grid, np.log(found.ratio).T.clip(-50.0), levels=[0.0], colors=[COLOUR], linewidths=1.8, zorder=4)
        for k, part in enumerate(found.parts):
            colour = COLOURS[k % len(COLOURS)]
            ratio = np.log(found.alone[k]).T.clip(-50.0)
            axes.contour(*grid, ratio, levels=[0.0], colors=[colour], linewidths=1.0, linestyles="--", zorder=4)
            axes.plot([], [], color=colour, lw=1.0, ls="--", label=part.name)
    axes.plot([], [], color=COLOUR, lw=1.8, label=found.method)
    axes.legend(loc="lower right", fontsize=9, framealpha=0.9)
    label_axes(axes, *plane_labels(model))
    text = f"{' and '.join(part.name for part in found.parts)}, {100 * found.confidence_level:g} % C.L."
    text += f"\nmedian of background alone: {', '.join(found.expected)}" if found.expected else ""
    caption(axes, text)
    axes.set_title(model.title, fontsize=11, parse_math=False)
    return figure


def save(found: Combination, path: Path, overlay: bool = True) -> None:
    """Draw a combination into a file; its ending chooses the format."""
    write(draw(found, overlay), path)
