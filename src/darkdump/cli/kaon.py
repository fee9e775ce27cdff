"""The commands of kaon mode: ``darkdump kaon``."""

from typing import Annotated, Any

import typer

from darkdump.cli.options import Cite, ConfidenceLevel, Coupling, Data, Formats, Out, Overlay, listed

app = typer.Typer(help="Searches in decays of 75 GeV/c kaons.", no_args_is_help=True)

Mass = Annotated[
    tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Range in GeV (default: that of the data).")
]
Masses = Annotated[int | None, typer.Option(help="Number of masses (default: the step of the data).")]
Window = Annotated[float | None, typer.Option(help="Half-width of the window, in units of the resolution.")]
Lifetime = Annotated[
    float | None,
    typer.Option(help="Proper lifetime of the particle in s, without a model (default: it leaves, or decays at once)."),
]
Couplings = Annotated[int, typer.Option(help="Number of couplings.")]
Stable = Annotated[
    bool, typer.Option("--stable", help="The model's particle decays to nothing that is seen, or not at all.")
]


@app.command()
def pinunu(
    data: Data = None,
    confidence_level: ConfidenceLevel = 0.9,
    treatments: Annotated[bool, typer.Option("--treatments", help="Print the limit by every treatment.")] = False,
    external_error: Annotated[
        float | None, typer.Option(help="Relative error of the predicted rate, for treatments that count it.")
    ] = None,
    out: Out = None,
    formats: Formats = "png",
    cite: Cite = False,
) -> None:
    """K+ -> pi+ nu nubar: acceptance, backgrounds, limit and interval of the branching ratio; plane of missing mass."""
    _search("pinunu", **locals())


@app.command("pi-x")
def pi_x(
    decay: Annotated[str, typer.Option(help="Of X: 'invisible', 'mu mu' or 'gamma gamma'.")] = "invisible",
    model: Annotated[str | None, typer.Option(help="Model card whose couplings are limited.")] = None,
    stable: Stable = False,
    data: Data = None,
    mass: Mass = None,
    masses: Masses = None,
    lifetime: Lifetime = None,
    window: Window = None,
    coupling: Coupling = None,
    couplings: Couplings = 200,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    overlay: Overlay = True,
    cite: Cite = False,
) -> None:
    """K+ -> pi+ X, X not seen or decaying into two muons or photons: limit against mass, and a model's couplings."""
    options = dict(locals())
    from darkdump.errors import DarkdumpError, unknown_name

    searches = {"invisible": "pi-x", "mu mu": "pi-mumu", "gamma gamma": "pi-gammagamma"}
    if decay not in searches:
        raise DarkdumpError(unknown_name("decay", decay, searches))
    _search(searches[options.pop("decay")], **options)


@app.command()
def hnl(
    lepton: Annotated[str, typer.Option(help="'e' or 'mu'.")] = "e",
    parent: Annotated[str, typer.Option(help="'K', or 'pi' for pi+ -> e+ N.")] = "K",
    model: Annotated[str | None, typer.Option(help="Model card (default: hnl-e or hnl-mu).")] = None,
    stable: Stable = False,
    data: Data = None,
    mass: Mass = None,
    masses: Masses = None,
    lifetime: Lifetime = None,
    window: Window = None,
    coupling: Coupling = None,
    couplings: Couplings = 200,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    overlay: Overlay = True,
    cite: Cite = False,
) -> None:
    """K+ -> l+ N and pi+ -> e+ N with N not seen: limit of the mixing against mass."""
    options = dict(locals())
    from darkdump.errors import DarkdumpError, unknown_name

    searches = {("K", "e"): "hnl-e", ("K", "mu"): "hnl-mu", ("pi", "e"): "pion-hnl-e"}
    if (parent, lepton) not in searches:
        known = [" ".join(pair) for pair in searches]
        raise DarkdumpError(unknown_name("parent and lepton", f"{parent} {lepton}", known))
    _search(searches[options.pop("parent"), options.pop("lepton")], **options)


@app.command("pi0-dark-photon")
def pi0_dark_photon(
    model: Annotated[str | None, typer.Option(help="Model card.")] = None,
    data: Data = None,
    mass: Mass = None,
    masses: Masses = None,
    lifetime: Lifetime = None,
    window: Window = None,
    coupling: Coupling = None,
    couplings: Couplings = 200,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    overlay: Overlay = True,
    cite: Cite = False,
) -> None:
    """pi0 -> gamma A' with A' not seen: limit of epsilon^2 against mass."""
    _search("pi0-dark-photon", **locals())


@app.command("pi0-invisible")
def pi0_invisible(
    data: Data = None,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    cite: Cite = False,
) -> None:
    """pi0 -> invisible: rejection of pi0 by the photon vetoes, and the limit of the branching ratio."""
    _search("pi0-invisible", **locals())


@app.command("pi0-nunu")
def pi0_nunu(
    data: Data = None,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    cite: Cite = False,
) -> None:
    """pi0 -> gamma nu nubar: limit of the branching ratio."""
    _search("pi0-nunu", **locals())


@app.command()
def lnv(
    data: Data = None,
    confidence_level: ConfidenceLevel = 0.9,
    out: Out = None,
    formats: Formats = "png",
    cite: Cite = False,
) -> None:
    """K+ decays that violate lepton number or flavour: acceptances and limits."""
    _search("lnv", **locals())


@app.command()
def proceedings() -> None:
    """Every number of the Excited QCD 2020 proceedings: what is an input, what is computed, and the ratio."""
    from darkdump.cli.kaon_run import print_proceedings

    print_proceedings()


@app.command("data")
def data_sets() -> None:
    """List the data sets."""
    from darkdump.cards import names
    from darkdump.cli.show import listing
    from darkdump.kaon.dataset import folders, load_data

    listing({name: load_data(name).title for name in names(folders())})


def _search(
    search: str,
    *,
    data: str | None,
    out: Out,
    formats: str,
    cite: bool,
    overlay: bool = True,
    treatments: bool = False,
    external_error: float | None = None,
    **options: Any,
) -> None:
    """Make the recipe of a search, run it and write the result; `options` are those of the recipe, by name."""
    from darkdump.cli.kaon_run import search_and_write
    from darkdump.errors import DarkdumpError
    from darkdump.kaon.recipe import make_recipe

    if external_error is not None and not treatments:
        raise DarkdumpError(f"external error = {external_error:g} has no effect; give --treatments, too")
    recipe = make_recipe(search, listed(data) or (), **options)
    error = (external_error or 0.0) if treatments else None
    search_and_write(recipe, out, listed(formats) or [], overlay, cite, error)
