"""The same scan with other named choices, for the spread between them."""

from collections.abc import Callable
from dataclasses import replace

from darkdump.model import PORTALS
from darkdump.production import PRODUCTION, rivals
from darkdump.production.heavy_flavour import heavy_spread
from darkdump.production.spectra import spread
from darkdump.scanning import Scan, run


def variants(
    scan: Scan, *, threads: int | None = None, progress: Callable[[], None] = lambda: None
) -> tuple[Scan, ...]:
    """The same scan with each other named choice, for the spread between them.

    These are the spectra that exist for its beam and target, those of charm and beauty if any mode needs them, the
    descriptions of hadronic decays, and the prescriptions of each process that it counts.
    """
    recipe, model = scan.recipe, scan.recipe.model
    material, momentum = recipe.experiment.target.material, recipe.experiment.beam.momentum
    recipes = [replace(recipe, spectra=name) for name in spread(material, momentum) if name != recipe.spectra]
    if any(PRODUCTION[mode].heavy for mode in model.production):
        recipes += [replace(recipe, heavy=name) for name in heavy_spread(momentum) if name != recipe.heavy]
    models = [replace(model, hadrons=name) for name in PORTALS[model.portal].hadrons if name != model.hadrons]
    for i, mode in enumerate(model.production):
        for rival in rivals(mode):
            modes = (*model.production[:i], rival, *model.production[i + 1 :])
            models.append(replace(model, production=modes))
    recipes += [replace(recipe, model=other) for other in models]
    return tuple(run(other, threads=threads, progress=progress) for other in recipes)


def variant_name(scan: Scan, base: Scan) -> str:
    """What a variant is called: in what it differs from the scan itself, which is called by its spectra."""
    own, other = scan.recipe, base.recipe
    parts = [own.spectra] if own.spectra != other.spectra else []
    parts += [f"heavy {own.heavy}"] if own.heavy != other.heavy else []
    parts += [own.model.hadrons] if own.model.hadrons != other.model.hadrons else []
    parts += [mode for mode in own.model.production if mode not in other.model.production]
    return " ".join(parts) or own.spectra
