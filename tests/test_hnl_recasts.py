"""Published limits on heavy neutral leptons of CHARM and BEBC, repeated with the modes and decays that each counts."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from darkdump.cards import load_experiment, load_model
from darkdump.portals.hnl import NATURES
from darkdump.published import limits
from darkdump.scanning import scan

Array = NDArray[np.float64]

CURVES = {(flavour, limit.name): limit for flavour in ("e", "mu", "tau") for limit in limits(f"hnl-{flavour}")}
E, MU, TAU = (
    ("nu_e e e", "e mu nu_mu", "nu_e mu mu"),
    ("nu_mu e e", "e mu nu_e", "nu_mu mu mu"),
    ("nu_tau e e", "nu_tau mu mu"),
)
"""Two charged leptons and a neutrino, by the flavour of the mixing."""

ALL_OF_TAU = ("d-leptonic-tau", "ds-leptonic-tau", "tau-tau")
TWO_BODY = ("d-leptonic-e", "ds-leptonic-e")


def lower(flavour: str, name: str, mass: float) -> float:
    """Lower edge of a published curve at a mass [GeV]: the lowest coupling at which its segments cross it."""
    limit = CURVES[flavour, name]
    x, y, at = np.log(limit.mass), np.log(limit.coupling), np.log(mass)
    step = np.diff(x)
    here = ((x[:-1] - at) * (x[1:] - at) <= 0.0) & (step != 0.0)
    return float(np.exp(y[:-1][here] + ((at - x[:-1]) * np.diff(y))[here] / step[here]).min())


def ratios(
    flavour: str,
    name: str,
    channels: tuple[str, ...],
    production: tuple[str, ...],
    masses: list[float],
    heavy: str = "pythia",
    nature: str = "dirac",
) -> Array:
    """Lower edge of ours over that which is published, in |U|^2."""
    model = load_model(f"hnl-{flavour}")
    model = replace(model, pattern={**model.pattern, "nature": NATURES[nature]}, landmarks=())
    found = []
    for mass in masses:
        result = scan(
            model,
            load_experiment(name.split("-")[0]),
            channels=channels,
            production=production,
            heavy=heavy,
            mass=(mass, 1.0001 * mass),
            masses=2,
            coupling=(1e-9, 1.0),
            couplings=200,
        )
        found.append(result.curve[0].low / lower(flavour, name, mass))
    return np.array(found)


@pytest.mark.parametrize(
    ("flavour", "name", "channels", "production", "masses", "heavy", "nature"),
    [
        ("e", "charm-1986", E, ("d-leptonic-e", "d-semileptonic-e"), [0.2, 0.6, 1.2, 1.6], "pythia", "dirac"),
        ("mu", "charm-1986", MU, ("d-leptonic-mu", "d-semileptonic-mu"), [0.5, 0.9, 1.4, 1.6], "pythia", "dirac"),
        ("tau", "charm-2002", TAU[:1], ALL_OF_TAU, [0.02, 0.1, 0.2, 0.28], "pythia", "dirac"),
        ("tau", "charm-2021", TAU, ALL_OF_TAU, [0.15, 0.5, 1.0, 1.5], "pythia", "majorana"),
        ("mu", "bebc-1985", (*MU, "mu pi"), ("d-leptonic-mu",), [0.3, 0.7, 1.2, 1.7], "prompt-neutrinos", "dirac"),
        ("e", "bebc-2022", (*E, "e pi"), TWO_BODY, [0.45, 0.9, 1.7], "prompt-neutrinos", "dirac"),
        ("tau", "bebc-2022", TAU, ("ds-leptonic-tau", "tau-tau"), [0.3, 0.7, 1.4], "prompt-neutrinos", "dirac"),
    ],
)  # fmt: skip
def test_within_a_factor_two(
    flavour: str,
    name: str,
    channels: tuple[str, ...],
    production: tuple[str, ...],
    masses: list[float],
    heavy: str,
    nature: str,
) -> None:
    """The lower edge within a factor 2 in |U|^2, with the cards as they are."""
    found = ratios(flavour, name, channels, production, masses, heavy, nature)
    assert (found > 0.5).all()
    assert (found < 2.0).all()


def test_strange_charm_was_not_counted() -> None:
    """CHARM's search of 1986 with Ds mesons, too, would exclude more: a factor 2 to 3 in |U|^2 around 1.5 GeV."""
    modes = ("d-leptonic-e", "d-semileptonic-e", "ds-leptonic-e", "ds-semileptonic-e")
    found = ratios("e", "charm-1986", E, modes, [1.2, 1.6])
    assert found == pytest.approx(0.35, abs=0.05)


def test_two_body_decays_alone() -> None:
    """D -> h mu N would make the limit of BEBC in 1985 ten times stronger at 0.3 GeV, and change nothing at 1.4 GeV."""
    modes = ("d-leptonic-mu", "d-semileptonic-mu")
    found = ratios("mu", "bebc-1985", (*MU, "mu pi"), modes, [0.3, 1.4], "prompt-neutrinos")
    assert found == pytest.approx([0.08, 1.18], rel=0.1)
