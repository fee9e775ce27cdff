"""What all pictures share: size, axes, their labels, captions, and how they get into files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkdump.model import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOUR = "#c8102e"


def canvas(height: float = 5.4) -> "tuple[Figure, Axes]":
    """An empty figure of a height in inches, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, height), layout="constrained")
    return figure, figure.add_subplot()


def plane_labels(model: Model) -> tuple[str, str]:
    """Labels of a model's mass and coupling, with units."""
    unit = f" [{model.coupling.unit.replace('1/GeV', 'GeV$^{-1}$')}]" if model.coupling.unit else ""
    return f"{model.mass_label} [GeV]", f"{model.coupling.label}{unit}"


def label_axes(axes: "Axes", x: str, y: str) -> None:
    """Labels, and ticks that look inwards."""
    axes.set_xlabel(x, fontsize=12)
    axes.set_ylabel(y, fontsize=12)
    axes.tick_params(which="both", direction="in", top=True, right=True)


def caption(axes: "Axes", text: str, place: tuple[float, float] = (0.02, 0.03), **style: Any) -> None:
    """Words in the lower left corner; dollar signs stay what they are unless `parse_math` is given."""
    usual: dict[str, Any] = {"color": COLOUR, "fontsize": 9, "zorder": 6, "parse_math": False}
    axes.text(*place, text, transform=axes.transAxes, path_effects=halo(), **(usual | style))


def halo() -> list[Any]:
    """A pale rim that keeps words readable on lines."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.0, foreground="white", alpha=0.6)]


def write(figure: "Figure", path: Path) -> None:
    """Write a figure into a file whose ending chooses the format; it depends on nothing but what is drawn."""
    from matplotlib import rc_context

    left_out: dict[str, dict[str, None]] = {
        ".png": {"Software": None},
        ".pdf": {"CreationDate": None},
        ".svg": {"Date": None},
    }
    with rc_context({"svg.hashsalt": "darkdump"}):
        figure.savefig(path, dpi=200, metadata=left_out[path.suffix])
