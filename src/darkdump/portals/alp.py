"""Axion-like particles."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gamma_gamma(mass: float, g: Array, _: Mapping[str, float] | None = None) -> Array:
    """Width of a -> gamma gamma.

    Gamma = g^2 m^3 / (64 pi) for L = -(g/4) a F Ftilde.

    Parameters
    ----------
    mass : float
        Mass of the ALP [GeV].
    g : ndarray
        Photon coupling g_a_gamma [1/GeV].

    Returns
    -------
    ndarray
        Width [GeV], of the shape of `g`.

    References
    ----------
    Doebrich, Jaeckel, Kahlhoefer, Ringwald, Schmidt-Hoberg, arXiv:1512.03069, eq. 2.2.
    """
    return g * g * mass**3 / (64.0 * math.pi)
