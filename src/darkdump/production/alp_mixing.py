"""ALPs that mix with pi0, eta and eta' made in the target."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.portals.alp_mesons import NAMES, angle
from darkdump.portals.alp_running import key
from darkdump.production.flux import Flux, Setting
from darkdump.production.meson_mixing import at_matched_momentum

Array = NDArray[np.float64]


def with_meson(meson: str, *, rotated: bool = False) -> Callable[[Setting], Flux]:
    """Flux of the ALPs that mix with a meson: the meson's, times the square of `darkdump.portals.alp_mesons.angle`.

    The mesons are added without interference.
    """

    def prepare(setting: Setting) -> Flux:
        flux = at_matched_momentum(setting, meson, particles.mass(NAMES[meson]))
        pattern = key(setting.pattern)

        def mixed(mass: float) -> Array:
            return angle(meson, mass, pattern, rotated=rotated) ** 2 * flux(mass)

        return mixed

    return prepare
