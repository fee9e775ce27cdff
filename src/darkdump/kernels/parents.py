"""Fluxes of the daughters of a tabulated parent."""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.jit import jit

Array = NDArray[np.float64]

AZIMUTHS = 8
"""Directions of the parent about the daughter over which is averaged, denser where the parent is close to the beam."""

STEPS = 12
"""Momenta of the parent over which is summed."""


@jit
def two_body(
    parent_mass: float,
    mass: float,
    other: float,
    log_p: Array,
    root_theta: Array,
    parents: Array,
    energies: Array,
    angles: Array,
    out: Array,
    spin: Array,
    azimuths: int = AZIMUTHS,
) -> None:
    """Daughters of an isotropic two-body decay: number per parent's decay, log energy and solid angle.

    The Lorentz-invariant density of the daughter is the mean of the parent's over the directions of the parent in the
    daughter's rest frame.  In the laboratory this is an integral over the parent's momentum P and its azimuth about the
    daughter, dN / dlnE dOmega = E M / (2 p*) int dlnP <dN / dlnP dOmega> / P, between the momenta that can give E.

    Parameters
    ----------
    parent_mass, mass, other : float
        Of parent, daughter, and the other daughter [GeV].
    log_p : ndarray, shape (p,)
        Natural logarithm of the parent's momentum [GeV] at the nodes, equidistant.
    root_theta : ndarray, shape (t,)
        Root of the parent's angle [rad] at the nodes, equidistant from 0: a logarithm would take most of the time.
    parents : ndarray, shape (p, t)
        Parents per log momentum and solid angle at the nodes; zero beyond the last angle.
    energies : ndarray, shape (e,)
        Of the daughter [GeV].
    angles : ndarray, shape (e, u)
        Of the daughter to the beam [rad].
    out : ndarray, shape (e, u)
        Written to.
    spin : ndarray, shape (2, e, u), or empty
        Written to if it is not empty: the number times the mean spin of daughters with helicity +1 in the parent's rest
        frame, along the flight, and across it, away from the beam.  In the daughter's rest frame the parent flies
        opposite to the spin, with the momentum M p* / m.
    azimuths : int
        See `AZIMUTHS`.
    """
    parts = (np.arange(azimuths) + 0.5) / azimuths
    cosines, shares = np.cos(math.pi * parts * parts), 2.0 * parts / azimuths
    rest = (parent_mass**2 + mass**2 - other**2) / (2.0 * parent_mass)
    star2 = rest**2 - mass**2
    step_p, per_t = log_p[1] - log_p[0], 1.0 / root_theta[1]
    top_p, top_t = log_p.size - 1, root_theta.size - 1
    row = np.empty(root_theta.size)
    for e in range(energies.size):
        for u in range(angles.shape[1]):
            out[e, u] = 0.0
            if spin.size:
                spin[0, e, u], spin[1, e, u] = 0.0, 0.0
        if star2 <= 0.0 or energies[e] <= mass:
            continue
        star, energy = math.sqrt(star2), energies[e]
        momentum = math.sqrt((energy - mass) * (energy + mass))
        # parent energies M (E* E -+ p* p) / m^2, written so that they stay finite for m -> 0
        low = parent_mass * (energy**2 + star2) / (rest * energy + star * momentum)
        high = math.inf if mass == 0.0 else parent_mass * (rest * energy + star * momentum) / mass**2
        first = max(0.5 * math.log(max(low**2 - parent_mass**2, 1e-30)), log_p[0] - 0.5 * step_p)
        last = log_p[top_p] + 0.5 * step_p
        if high < 1e6:
            last = min(last, 0.5 * math.log(max(high**2 - parent_mass**2, 1e-30)))
        if first >= last:
            continue
        width = (last - first) / STEPS
        for k in range(STEPS):
            place = first + (k + 0.5) * width
            big = math.exp(place)
            total = math.sqrt(big * big + parent_mass * parent_mass)
            half2 = (big * momentum - total * energy + parent_mass * rest) / (2.0 * big * momentum)
            between = 2.0 * math.asin(math.sqrt(min(max(half2, 0.0), 1.0)))
            x = min(max((place - log_p[0]) / step_p, 0.0), top_p - 1e-9)
            i = int(x)
            x -= i
            factor = energy * parent_mass / (2.0 * star) * width / big
            for j in range(top_t + 1):
                row[j] = factor * (parents[i, j] + x * (parents[i + 1, j] - parents[i, j]))
            along = (momentum * total - energy * big * math.cos(between)) / (parent_mass * star)
            across = mass * big * math.sin(between) / (parent_mass * star)
            for u in range(angles.shape[1]):
                theta, found, leaning = angles[e, u], 0.0, 0.0
                for a in range(azimuths):
                    before2 = abs(theta * theta + between * between - 2.0 * theta * between * cosines[a])
                    y = min(math.sqrt(math.sqrt(before2)) * per_t, top_t - 1e-9)
                    j = int(y)
                    here = shares[a] * (row[j] + (y - j) * (row[j + 1] - row[j]))
                    found += here
                    leaning += here * cosines[a]
                out[e, u] += found
                if spin.size:
                    spin[0, e, u] += found * along
                    spin[1, e, u] += leaning * across
