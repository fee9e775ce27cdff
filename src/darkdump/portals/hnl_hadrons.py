"""Heavy neutral leptons: rates of decays into a lepton and hadrons."""

import math
from functools import cache

from darkdump import particles, tables
from darkdump.phasespace import kallen
from darkdump.portals.alp_running import alpha_s
from darkdump.portals.hnl_leptons import Rate, charged_current, data, lepton, pair
from darkdump.units import G_F


def pseudoscalar(meson: str, flavour: str) -> Rate:
    """Width of N -> l- P+.

    References
    ----------
    Bondarenko, Boyarsky, Gorbunov, Ruchayskiy, arXiv:1805.08567, section 3.
    """
    entry, light = data()["pseudoscalar"][meson], lepton(flavour)
    own, strength = (
        particles.mass(entry["particle"]),
        (G_F * entry["constant"] * tables.ckm(entry["ckm"])) ** 2 / (16.0 * math.pi),
    )

    def width(mass: float) -> float:
        if mass <= own + light:
            return 0.0
        l2, h2 = (light / mass) ** 2, (own / mass) ** 2
        part: float = (1.0 - l2) ** 2 - h2 * (1.0 + l2)
        return float(strength * mass**3 * part * math.sqrt(kallen(1.0, h2, l2)))

    return width


def neutral_pseudoscalar(meson: str) -> Rate:
    """Width of N -> nu P0.

    References
    ----------
    arXiv:1805.08567, section 3.
    """
    entry = data()["neutral_pseudoscalar"][meson]
    own, strength = particles.mass(entry["particle"]), (G_F * entry["constant"]) ** 2 / (32.0 * math.pi)

    def width(mass: float) -> float:
        return float(strength * mass**3 * (1.0 - (own / mass) ** 2) ** 2) if mass > own else 0.0

    return width


def vector(meson: str, flavour: str) -> Rate:
    """Width of N -> l- V+, the vector meson being narrow.

    References
    ----------
    arXiv:1805.08567, section 3.
    """
    entry, light = data()["vector"][meson], lepton(flavour)
    own = particles.mass(entry["particle"])
    strength = (G_F * entry["coupling"] / own * tables.ckm(entry["ckm"])) ** 2 / (16.0 * math.pi)

    def width(mass: float) -> float:
        if mass <= own + light:
            return 0.0
        l2, h2 = (light / mass) ** 2, (own / mass) ** 2
        part = (1.0 - l2) ** 2 + h2 * (1.0 + l2) - 2.0 * h2**2
        return float(strength * mass**3 * part * math.sqrt(kallen(1.0, h2, l2)))

    return width


def neutral_vector(meson: str) -> Rate:
    """Width of N -> nu V0, the vector meson being narrow.

    References
    ----------
    arXiv:1805.08567, section 3.
    """
    entry = data()["neutral_vector"][meson]
    own = particles.mass(entry["particle"])
    current = entry["current"][0] + entry["current"][1] * data()["electroweak"]["sin2_theta_w"]
    strength = (G_F * entry["coupling"] / own * current) ** 2 / (32.0 * math.pi)

    def width(mass: float) -> float:
        h2 = (own / mass) ** 2
        return float(strength * mass**3 * (1.0 + 2.0 * h2) * (1.0 - h2) ** 2) if mass > own else 0.0

    return width


@cache
def correction(mass: float) -> float:
    """Factor of QCD on the rate into quarks, 1 + a + 5.2 a^2 + 26.4 a^3 with a = alpha_s / pi, as in decays of the tau.

    References
    ----------
    arXiv:1805.08567, section 3; Gorishnii, Kataev, Larin, Phys. Lett. B 259 (1991) 144.
    """
    a, factor = alpha_s(mass) / math.pi, 1.0
    for power, number in enumerate(data()["quarks"]["correction"], start=1):
        factor += number * a**power
    return factor


def _above(mass: float, threshold: float) -> float:
    """sqrt(1 - threshold^2 / m^2), zero below."""
    return math.sqrt(max(1.0 - (threshold / mass) ** 2, 0.0))


def quarks(flavour: str) -> Rate:
    """Width of N -> l- q qbar' with the correction of QCD.

    Each pair of quarks opens with its lightest meson; beside a tau its rate rises with the speed at the threshold of
    the tau and two mesons.

    References
    ----------
    arXiv:1805.08567, section 3; threshold of the tau: Coloma et al., arXiv:2007.03701, as coded in HNLCalc.
    """
    light, entries = lepton(flavour), data()["quarks"]
    parts = []
    for quarks_, (first, second) in entries["charged"].items():
        lightest = particles.mass(first)
        threshold = light + lightest + particles.mass(second) if flavour == "tau" else 0.0
        current = charged_current(light, entries["masses"][quarks_[0]], entries["masses"][quarks_[1]])
        parts.append((lightest, threshold, 3.0 * tables.ckm(quarks_) ** 2, current))

    def width(mass: float) -> float:
        rates = [
            strength * _above(mass, threshold) * rate(mass)
            for lightest, threshold, strength, rate in parts
            if mass > light + lightest
        ]
        return correction(mass) * sum(rates) if rates else 0.0

    return width


def neutral_quarks(mass: float) -> float:
    """Width of N -> nu q qbar with the correction of QCD; each flavour rises with the speed of its lightest mesons.

    References
    ----------
    arXiv:1805.08567, section 3, and section 3.3 for strange quarks.
    """
    weak, masses = data()["electroweak"]["sin2_theta_w"], data()["quarks"]["masses"]
    rates = []
    for quark, meson in data()["quarks"]["neutral"].items():
        charge, isospin = (2.0 / 3.0, 0.5) if quark in "uc" else (-1.0 / 3.0, -0.5)
        speed = _above(mass, 2.0 * particles.mass(meson))
        rates.append(3.0 * speed * pair(isospin - charge * weak, -charge * weak, masses[quark])(mass))
    return correction(mass) * sum(rates) if any(rates) else 0.0


def rest(whole: Rate, *single: Rate) -> Rate:
    """What quarks give beyond single mesons, above the mass where quarks are taken."""

    def width(mass: float) -> float:
        if mass < data()["quarks"]["transition"]:
            return 0.0
        return max(whole(mass) - sum(rate(mass) for rate in single), 0.0)

    return width
