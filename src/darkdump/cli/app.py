"""The commands."""

from pathlib import Path
from typing import Annotated

import typer

from darkdump.cli import kaon
from darkdump.cli.options import (
    Background,
    BackgroundError,
    Channels,
    Cite,
    ConfidenceLevel,
    Coupling,
    EfficiencyError,
    Experiment,
    Formats,
    Hadrons,
    Heavy,
    Observed,
    Out,
    Overlay,
    Pattern,
    Pot,
    Production,
    Seed,
    Selection,
    Spectra,
    Threads,
    Variants,
    listed,
    ratios,
)

app = typer.Typer(
    help="From a model of feebly interacting particles to the exclusion curve of NA62.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        from darkdump import __version__

        print(f"darkdump {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """From a model of feebly interacting particles to the exclusion curve of NA62."""


@app.command()
def scan(
    model: Annotated[str, typer.Argument(help="Name or path of a model card, see `darkdump models`.")],
    experiment: Experiment = "na62",
    pot: Pot = None,
    mass: Annotated[
        tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Range in GeV (default: that of the card).")
    ] = None,
    masses: Annotated[int, typer.Option(help="Number of masses.")] = 100,
    coupling: Coupling = None,
    couplings: Annotated[int, typer.Option(help="Number of couplings.")] = 200,
    spectra: Spectra = "pythia",
    heavy: Heavy = "pythia",
    selection: Selection = "open",
    channels: Channels = None,
    hadrons: Hadrons = None,
    production: Production = None,
    pattern: Pattern = None,
    confidence_level: ConfidenceLevel = 0.9,
    n_obs: Observed = None,
    background: Background = None,
    background_error: BackgroundError = None,
    efficiency_error: EfficiencyError = None,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    formats: Formats = "png",
    overlay: Overlay = True,
    variants: Variants = False,
    cite: Cite = False,
) -> None:
    """Scan a model: expected events and excluded region in the plane of coupling against mass."""
    from darkdump.cards import load_experiment, load_model
    from darkdump.cli.run import run_and_write, whole_or_word
    from darkdump.scanning import make_recipe

    recipe = make_recipe(
        load_model(model),
        load_experiment(experiment),
        pot=pot,
        mass=mass,
        masses=masses,
        coupling=coupling,
        couplings=couplings,
        spectra=spectra,
        heavy=heavy,
        selection=selection,
        channels=listed(channels) or (),
        hadrons=hadrons,
        production=listed(production),
        pattern=ratios(pattern),
        confidence_level=confidence_level,
        n_obs=whole_or_word(n_obs),
        background=background,
        background_error=background_error,
        efficiency_error=efficiency_error,
        seed=seed,
    )
    run_and_write(recipe, out, listed(formats) or [], overlay, variants, threads, cite)


@app.command()
def ternary(
    mass: Annotated[float, typer.Option(help="Of the heavy neutral lepton in GeV.")],
    model: Annotated[str, typer.Argument(help="Name or path of a model card of heavy neutral leptons.")] = "hnl",
    experiment: Experiment = "na62",
    pot: Pot = None,
    steps: Annotated[int, typer.Option(help="Along each side of the triangle.")] = 20,
    coupling: Coupling = None,
    spectra: Spectra = "pythia",
    heavy: Heavy = "pythia",
    selection: Selection = "open",
    channels: Channels = None,
    hadrons: Hadrons = None,
    production: Production = None,
    confidence_level: ConfidenceLevel = 0.9,
    n_obs: Observed = None,
    background: Background = None,
    background_error: BackgroundError = None,
    efficiency_error: EfficiencyError = None,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    formats: Formats = "png",
) -> None:
    """Scan all patterns of mixings of a heavy neutral lepton at one mass: the reach over the triangle of flavours."""
    from darkdump.cards import load_experiment, load_model
    from darkdump.cli.run import ternary_and_write, whole_or_word
    from darkdump.ternary import ternary as scan_patterns

    ternary_and_write(
        lambda: scan_patterns(
            load_model(model),
            load_experiment(experiment),
            mass,
            steps=steps,
            pot=pot,
            coupling=coupling,
            spectra=spectra,
            heavy=heavy,
            selection=selection,
            channels=listed(channels) or (),
            hadrons=hadrons,
            production=listed(production),
            confidence_level=confidence_level,
            n_obs=whole_or_word(n_obs),
            background=background,
            background_error=background_error,
            efficiency_error=efficiency_error,
            seed=seed,
            threads=threads,
        ),
        out,
        f"{Path(model).stem}-{mass:g}-GeV-{Path(experiment).stem}",
        listed(formats) or [],
    )


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, for example the scan.toml or kaon.toml of a result.")],
    threads: Threads = None,
    out: Out = None,
    cite: Cite = False,
) -> None:
    """Run a recipe: the same recipe gives the same numbers."""
    from darkdump.cli.repeat import repeat

    repeat(recipe, threads, out, cite)


@app.command()
def combine(
    results: Annotated[list[Path], typer.Argument(help="Folders of results for one model, of dump mode or kaon mode.")],
    method: Annotated[
        str, typer.Option(help="'likelihood': their product; 'envelope': what any of them excludes.")
    ] = "likelihood",
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    overlay: Overlay = True,
) -> None:
    """Join results of dump mode and kaon mode for one model into one excluded region."""
    from darkdump.cli.repeat import combine_and_write
    from darkdump.combination_file import CombinationRecipe

    folders = tuple(map(str, results))
    recipe = CombinationRecipe(folders, method, confidence_level, tuple(listed(formats) or []), overlay)
    combine_and_write(recipe, out)


@app.command()
def workspace(
    result: Annotated[Path, typer.Argument(help="Folder of a result of a scan, in dump mode or kaon mode.")],
    mass: Annotated[float, typer.Option(help="In GeV.")],
    coupling: Annotated[float, typer.Option(help="At which the signal strength is one.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="New JSON file (default: print it).")] = None,
) -> None:
    """Write a result at one mass and coupling as a HistFactory workspace that `pyhf cls` reads."""
    from darkdump.cli.repeat import write_workspace

    write_workspace(result, mass, coupling, out)


@app.command()
def models() -> None:
    """List the model cards."""
    from darkdump.cards import load_model, model_folders, names
    from darkdump.cli.show import listing

    listing({name: load_model(name).title for name in names(model_folders())})


@app.command()
def experiments() -> None:
    """List the experiment cards."""
    from darkdump.cards import experiment_folders, load_experiment, names
    from darkdump.cli.show import listing

    listing({name: load_experiment(name).title for name in names(experiment_folders())})


@app.command()
def spectra() -> None:
    """List the spectra: of light hadrons (--spectra), and of charm and beauty (--heavy)."""
    from darkdump.cli.show import listing
    from darkdump.production.heavy_flavour import choices
    from darkdump.production.spectra import catalogue

    print("--spectra")
    listing({name: f"{entry['title']} ({', '.join(entry['tables'])})" for name, entry in catalogue().items()})
    print("--heavy")
    listing({name: entry["title"] for name, entry in choices().items()})


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name or path of a model or an experiment.")],
) -> None:
    """Explain a card."""
    from darkdump.cli.show import explain

    explain(name)


app.add_typer(kaon.app, name="kaon")
