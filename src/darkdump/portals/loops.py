"""Loops of heavy particles between a light one and two massless bosons."""

import math


def triangle(tau: float) -> complex:
    """f = arcsin(sqrt(tau))^2, continued above the threshold, tau = m^2 / 4 M^2 with the mass M in the loop.

    References
    ----------
    Spira, arXiv:hep-ph/9705337.
    """
    if tau <= 1.0:
        return complex(math.asin(math.sqrt(tau)) ** 2)
    root = math.sqrt(1.0 - 1.0 / tau)
    return (0.5 * math.pi + 0.5j * math.log((1.0 + root) ** 2 * tau)) ** 2
