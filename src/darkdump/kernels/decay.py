"""Two-body decays in flight."""

import math

from darkdump.kernels.jit import inlined, jit

Vector = tuple[float, float, float]


@inlined
def turned(n: Vector, x: float, y: float, z: float) -> Vector:
    """The vector (x, y, z) turned as the z axis to the direction `n`: about z x n, without its singularity at n = z."""
    s = (n[0] * x + n[1] * y) * (1.0 / (1.0 + n[2]))
    return x + n[0] * (z - s), y + n[1] * (z - s), n[2] * z - (n[0] * x + n[1] * y)


@jit
def two_equal(
    mass: float, daughter: float, p: Vector, cos_theta: float, phi: float
) -> tuple[float, Vector, float, Vector]:
    """Energies and momenta [GeV] of the two daughters of equal mass of a particle.

    Parameters
    ----------
    mass, daughter : float
        Mass of the particle and of each daughter [GeV].
    p : tuple of float
        Its momentum [GeV].
    cos_theta, phi : float
        Direction of the first daughter in the rest frame, about the axis of `p` [rad].

    Returns
    -------
    tuple
        Energy and momentum of the first, then of the second daughter.
    """
    px, py, pz = p
    pt2 = px * px + py * py
    p2 = pt2 + pz * pz
    momentum = math.sqrt(p2)
    energy = math.sqrt(p2 + mass * mass)
    speed = math.sqrt(max(0.0, 1.0 - 4.0 * daughter * daughter / (mass * mass)))
    e1 = 0.5 * (energy + momentum * speed * cos_theta)
    along = 0.5 * (momentum + energy * speed * cos_theta)
    across = 0.5 * mass * speed * math.sqrt(max(0.0, 1.0 - cos_theta * cos_theta))
    ax, ay = across * math.cos(phi), across * math.sin(phi)
    x, y, z = turned((px / momentum, py / momentum, pz / momentum), ax, ay, along)
    return e1, (x, y, z), energy - e1, (px - x, py - y, pz - z)
