"""Properties of the known particles: the one door to the `particle` library."""

from functools import cache


@cache
def mass(name: str) -> float:
    """Mass [GeV] of a particle.

    Parameters
    ----------
    name : str
        Name as in the `particle` library, for example ``"p"``, ``"e-"``, ``"pi0"``.

    Returns
    -------
    float
        PDG average [GeV].

    Raises
    ------
    particle.ParticleNotFound
        If there is no such particle.
    """
    from particle import Particle

    value = Particle.from_name(name).mass
    assert value is not None
    return float(value) * 1e-3


@cache
def charge(name: str) -> float:
    """Electric charge of a particle, named as for `mass`."""
    from particle import Particle

    value = Particle.from_name(name).charge
    assert value is not None
    return float(value)
