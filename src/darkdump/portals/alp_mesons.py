"""Mixing of an axion-like particle with pi0, eta and eta': leading order of the chiral Lagrangian of U(3).

Vectors have the components u ubar, d dbar, s sbar.  The neutral fields are canonical: pi0 is (1, -1, 0) / sqrt2 up to
isospin breaking.  Masses of mesons are the measured ones.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.portals.alp_running import Key, constants, low_energy

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

NAMES: Final = {"pi0": "pi0", "eta": "eta", "etap": "eta'(958)"}
"""Neutral mesons that an ALP mixes with, as the spectra and as the `particle` library name them."""


@dataclass(frozen=True)
class Nonet:
    """Neutral pseudoscalar mesons.

    Attributes
    ----------
    states : ndarray, shape (3, 3)
        Flavour components of pi0, eta, eta', one in each row.
    masses, widths : ndarray, shape (3,)
        [GeV]
    chi : ndarray, shape (3,)
        Masses squared of the quarks' pseudoscalars without anomaly, 2 B_0 m_q [GeV^2].
    kappa : ndarray, shape (3,)
        Inverse quark masses over their sum.
    """

    states: Array
    masses: Array
    widths: Array
    chi: Array
    kappa: Array


def decay_constant() -> float:
    """F [GeV], f_pi / sqrt2."""
    return float(constants("chiral", "f_pi")) / math.sqrt(2.0)


@cache
def nonet() -> Nonet:
    """The mesons, with pi0 - eta and pi0 - eta' mixing by the difference of the quark masses.

    References
    ----------
    Aloni, Soreq, Williams, arXiv:1811.03474.
    """
    given = constants("chiral")
    ratio, sine = given["up_over_down"], given["sine_eta"]
    cosine = math.sqrt(1.0 - sine**2)
    masses = np.array([particles.mass(name) for name in NAMES.values()])
    light = masses[0] ** 2
    chi = light * np.array([2.0 * ratio / (1.0 + ratio), 2.0 / (1.0 + ratio), given["strange_over_light"]])
    octet, singlet = np.array([1.0, 1.0, -2.0]) / math.sqrt(6.0), np.ones(3) / math.sqrt(3.0)
    pure = np.array(
        [np.array([1.0, -1.0, 0.0]) / math.sqrt(2.0), cosine * octet - sine * singlet, sine * octet + cosine * singlet]
    )
    squares = np.diag(masses**2)
    squares[0, 1:] = squares[1:, 0] = pure[1:] @ (chi * pure[0])
    turns = np.linalg.eigh(squares)[1].T
    turns *= np.sign(np.diag(turns))[:, None]
    widths = np.array([constants("width", name) for name in NAMES])
    return Nonet(turns @ pure, masses, widths, chi, (1.0 / chi) / (1.0 / chi).sum())


def representation(mass: float, pattern: Key) -> Complex:
    """What takes the place of axial charges of u, d, s in the low-energy amplitudes of an ALP, over f [1/GeV].

    m^2 / (m^2 - M^2) c + 2 c_GG / (m^2 - M^2) M^2 kappa, with the matrix M^2 of the mesons' masses; it does not depend
    on the basis of quark fields.  For small m it is -2 c_GG kappa, at a meson's mass it has a pole of its width, for
    large m it is c.

    Parameters
    ----------
    mass : float
        Of the ALP [GeV].
    pattern : Key

    References
    ----------
    Aloni, Soreq, Williams, arXiv:1811.03474; Georgi, Kaplan, Randall, Phys. Lett. B 169 (1986) 73.
    """
    mesons, c = nonet(), low_energy(pattern)
    charges = mesons.states @ c.fermions[:3]
    gluonic = 2.0 * c.gluon * mesons.masses**2 * (mesons.states @ mesons.kappa)
    poles = mass**2 - mesons.masses**2 + 1j * mesons.masses * mesons.widths
    return np.asarray(mesons.states.T @ ((mass**2 * charges + gluonic) / poles), dtype=np.complex128)


def angle(meson: str, mass: float, pattern: Key, *, rotated: bool = False) -> float:
    """Modulus of the mixing angle of an ALP and a meson at a coupling of one.

    Parameters
    ----------
    meson : str
        As the spectra name it.
    mass : float
        Of the ALP [GeV].
    pattern : Key
    rotated : bool
        Whether the angle is that in the basis of quark fields where kappa takes the gluons away, as arXiv:1811.03474
        and arXiv:2201.05170 have it, which goes with m^2 at low mass; the default does not depend on the basis.
    """
    state, basis = nonet().states[list(NAMES).index(meson)], 2.0 * low_energy(pattern).gluon * nonet().kappa
    field = representation(mass, pattern) + (basis if rotated else 0.0)
    return float(abs(state @ field)) * decay_constant() / math.sqrt(2.0)
