"""Heavy neutral leptons of light mesons: spectra that have no charged pions, and N as heavy as the muon beside it."""

from dataclasses import replace

import numpy as np
import pytest

from darkdump.cards import load_experiment, load_model
from darkdump.portals.hnl import NATURES
from darkdump.portals.hnl_leptons import lepton
from darkdump.production.spectra import spread
from darkdump.scanning import scan


def test_every_named_spectrum_has_pions() -> None:
    """N of 100 MeV from pions: all spectra of the spread give as many within a factor 2."""
    experiment = load_experiment("na62")
    names = spread(experiment.target.material, experiment.beam.momentum)
    found = [
        scan(
            load_model("hnl-e"), experiment, production=["pion-e"], spectra=name, mass=(0.1, 0.1001), masses=2
        ).events.max()
        for name in names
    ]
    assert np.array(found) / found[0] == pytest.approx(1.0, rel=0.5)


def test_as_heavy_as_the_muon() -> None:
    """K -> mu N has no helicity where N weighs as much as the muon: the events go on smoothly there."""
    model = load_model("hnl-mu")
    dirac = replace(model, pattern={**model.pattern, "nature": NATURES["dirac"]}, landmarks=())
    muon, modes = lepton("mu"), ["kaon-leptonic-mu"]
    below, at = (
        scan(dirac, load_experiment("bebc"), production=modes, mass=(mass, 1.1 * mass), masses=2).events[0].max()
        for mass in (0.999999 * muon, muon)
    )
    assert at == pytest.approx(below, rel=0.05)
