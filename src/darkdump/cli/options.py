"""Options that several commands have, and how they are read."""

from pathlib import Path
from typing import Annotated

import typer

Experiment = Annotated[str, typer.Option(help="Name or path of a card, see `darkdump experiments`.")]
Pot = Annotated[float | None, typer.Option(help="Protons on target (default: that of the card).")]
Coupling = Annotated[
    tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Range (default: that of the card).")
]
Spectra = Annotated[str, typer.Option(help="Hadron spectra, see `darkdump spectra`.")]
Heavy = Annotated[str, typer.Option(help="Charm and beauty, see `darkdump spectra`.")]
Selection = Annotated[
    str, typer.Option(help="Of hadrons: 'open' (two tracks) or 'exclusive' (each particle, also without tracks).")
]
Channels = Annotated[
    str | None, typer.Option(help="Decays that are counted, with commas (default: all that are selected).")
]
Hadrons = Annotated[str | None, typer.Option(help="Description of hadronic decays, see `darkdump show MODEL`.")]
Production = Annotated[
    str | None, typer.Option(help="Modes with commas, see `darkdump show MODEL` (default: those of the card).")
]
ConfidenceLevel = Annotated[float, typer.Option(help="Of the exclusion.")]
Observed = Annotated[str | None, typer.Option(help="Observed events, or 'blinded': the median of the background.")]
Background = Annotated[float | None, typer.Option(help="Expected background events.")]
BackgroundError = Annotated[float | None, typer.Option(help="Its error.")]
EfficiencyError = Annotated[float | None, typer.Option(help="Relative error of the signal.")]
Seed = Annotated[int, typer.Option(help="Of the integration points.")]
Threads = Annotated[int | None, typer.Option(help="Masses worked on at the same time (default: all cores).")]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="New folder for the result.")]
Formats = Annotated[str, typer.Option(help="Formats of the picture: png, pdf, svg, with commas.")]
Overlay = Annotated[bool, typer.Option(help="Draw the published limits behind.")]
Variants = Annotated[bool, typer.Option(help="Scan the other named spectra and prescriptions too; draw the spread.")]
Pattern = Annotated[
    str | None, typer.Option(metavar="E:MU:TAU", help="Ratios of |U_e|^2, |U_mu|^2 and |U_tau|^2, as 1:16:3.8.")
]
Cite = Annotated[bool, typer.Option("--cite", help="Print what to cite.")]
Data = Annotated[str | None, typer.Option(help="Data sets, names or paths with commas, see `darkdump kaon data`.")]


def ratios(text: str | None) -> list[float] | None:
    """Numbers with colons between them."""
    from darkdump.errors import DarkdumpError, printable

    if text is None:
        return None
    try:
        return [float(part) for part in text.split(":")]
    except ValueError:
        raise DarkdumpError(
            f"pattern = {printable(text)} is not allowed; it must be three numbers with colons, as 1:16:3.8"
        ) from None


def listed(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]
