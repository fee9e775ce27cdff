"""Properties of the known particles: the one door to the `particle` library."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from particle import Particle


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
    found = _known(name)
    assert found.mass is not None
    return float(found.mass) * 1e-3


@cache
def charge(name: str) -> float:
    """Electric charge of a particle, named as for `mass`."""
    found = _known(name)
    assert found.charge is not None
    return float(found.charge)


@cache
def antiparticle(name: str) -> str:
    """Name of the antiparticle of a particle, named as for `mass`."""
    return str(_known(name).invert().name)


def _known(name: str) -> "Particle":
    from particle import Particle

    return _by_name().get(name) or Particle.from_name(name)


@cache
def _by_name() -> "dict[str, Particle]":
    """Every known particle: a search by name in the library reads all of them each time."""
    from particle import Particle

    return {particle.name: particle for particle in Particle.all()}
