"""The picture of the reach for any pattern of mixings."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from darkdump.frame import canvas, write
from darkdump.plot import INK, choices, level
from darkdump.ternary import Ternary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

LABELS = ("e", r"\mu", r"\tau")


def place(parts: Array) -> Array:
    """Places in the plane of patterns, shape (n, 2): pure e, mu and tau at the left, the right and the top corner."""
    e, mu, tau = parts.T
    places: Array = np.column_stack([mu + 0.5 * tau, 0.5 * math.sqrt(3.0) * tau]) / (e + mu + tau)[:, None]
    return places


def draw(result: Ternary) -> "Figure":
    """Draw the least coupling that is excluded over the triangle of patterns.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = canvas(5.8)
    axes.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.19, 0.97))
    axes.axis("off")
    seen = np.isfinite(result.low)
    x, y = place(result.parts).T
    if seen.sum() >= 3 and np.ptp(result.low[seen]) > 0.0:
        _shade(axes, x[seen], y[seen], np.log10(result.low[seen]))
    else:
        axes.text(0.5, 0.3, "nothing is excluded", color=INK, ha="center", fontsize=11)
    _frame(axes)
    recipe = result.recipe
    chosen = "; ".join(choices(recipe))
    title = f"Heavy neutral lepton of {result.mass:.4g} GeV, {recipe.experiment.title}"
    axes.set_title("\n".join(filter(None, [title, chosen])), fontsize=11)
    axes.text(0.5, -0.18, level(recipe), color=INK, fontsize=9, ha="center")
    return figure


def _shade(axes: Any, x: Array, y: Array, values: Array) -> None:
    """Colours and lines of equal coupling, and what they mean."""
    from matplotlib.ticker import MaxNLocator

    levels = MaxNLocator(12).tick_values(values.min(), values.max())
    shades = axes.tricontourf(x, y, values, levels=levels, cmap="viridis_r")
    axes.tricontour(x, y, values, levels=levels, colors="white", linewidths=0.4, linestyles="solid")
    bar = axes.figure.colorbar(shades, ax=axes, shrink=0.75, pad=0.02)
    bar.set_label(r"least $U^2$ that is excluded, $\log_{10}$", fontsize=11)


def _frame(axes: Any) -> None:
    """The triangle, its corners, and on each side the part of one flavour, with marks at every fifth."""
    corners = place(np.eye(3))
    axes.plot(*corners[[0, 1, 2, 0]].T, color=INK, lw=1.0)
    for corner, label, shift in zip(corners, LABELS, ((-0.05, -0.03), (0.05, -0.03), (0.0, 0.035)), strict=True):
        axes.text(*(corner + shift), rf"$|U_{{{label}}}|^2 = U^2$", ha="center", va="center", fontsize=11)
    for side in range(3):
        one, other = np.eye(3)[side], np.eye(3)[(side + 1) % 3]
        outward = -(place(np.roll(np.eye(3), -2 - side, axis=0)[:1])[0] - np.array([0.5, math.sqrt(3.0) / 6.0])) * 0.07
        for part in (0.2, 0.4, 0.6, 0.8):
            spot = place((part * other + (1.0 - part) * one)[None])[0]
            axes.text(*(spot + outward), f"{part:g}", fontsize=8, color=INK, ha="center", va="center")
        style: dict[str, Any] = {"fontsize": 10, "color": INK, "ha": "center", "va": "center"}
        name = rf"$|U_{{{LABELS[(side + 1) % 3]}}}|^2 / U^2$"
        axes.text(*(place((one + other)[None])[0] + 2.6 * outward), name, rotation=(0, -60, 60)[side], **style)


def save(result: Ternary, path: Path) -> None:
    """Draw into a file; its ending chooses the format. The file depends on nothing but the result."""
    write(draw(result), path)
