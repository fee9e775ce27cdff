"""Heavy neutral leptons of pions, with spectra that have no charged pions of their own."""

import numpy as np
import pytest

from darkdump.cards import load_experiment, load_model
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
