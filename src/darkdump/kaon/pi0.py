"""pi0 that K+ -> pi+ pi0 tags: how rarely none of their photons is seen, and pi0 -> invisible."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from darkdump import particles
from darkdump.errors import DarkdumpError
from darkdump.kaon.apparatus import apparatus
from darkdump.kaon.count import Count, count
from darkdump.kaon.dataset import DataSet
from darkdump.kaon.dataset_parts import Region
from darkdump.kaon.flight import REST, Decays, fly_to_two
from darkdump.kaon.onetrack import OneTrack, inside, one_track
from darkdump.kaon.photons import inefficiency, met, two_photons
from darkdump.kaon.sampling import SCRAMBLES, cube, ratio
from darkdump.kaon.types import Array, Estimate, Pair

POINTS = 2**13
"""Sobol points of each scramble."""

TURNS = 32
"""Decays of each pi0: those without a seen photon are rare and heavy."""

BIN = 5.0
"""Width of the bins of the pion's momentum [GeV]."""

OUTSIDE = "outside"
"""What a photon meets that meets no detector."""

TREATMENTS = ("split", "symmetric", "fixed")
"""How an asymmetric error of the background enters, see `invisible`."""


@dataclass(frozen=True, eq=False)
class Tagged:
    """Simulated K+ -> pi+ pi0.

    Attributes
    ----------
    decays : Decays
        The pi0 is the second daughter.
    kinds : list of OneTrack
        What is measured of the pi+, its tails included.
    points : ndarray, shape (n, REST + 4)
        Of the unit cube; the last two choose how the pi0 decays.
    weight : ndarray, shape (n,)
        How often each pi0 is tagged, all kinds together.
    """

    decays: Decays
    kinds: list[OneTrack]
    points: Array
    weight: Array


def tag(data: DataSet) -> Region:
    """Where K+ -> pi+ pi0 counts as a tagged pi0."""
    return data.regions.get("tag", Region(apparatus().tag, data.momentum))


@cache
def tagged(data: DataSet) -> Tagged:
    """Simulated K+ -> pi+ pi0 in a data set's fiducial volume."""
    points = cube(REST + 4, POINTS)
    decays = fly_to_two(apparatus(), data.volume, "pi+", particles.mass("pi0"), points)
    kinds = one_track(apparatus(), data.fiducial, decays, points, tails=True)
    return Tagged(decays, kinds, points, inside(kinds, tag(data)))


@dataclass(frozen=True)
class PhotonClass:
    """Tagged pi0 by the detectors that their photons meet.

    Attributes
    ----------
    share : float
        Of all tagged pi0.
    lost : tuple of float
        Part of all tagged pi0 that are of this class and of which no photon is seen, and its numerical error.
    """

    share: float
    lost: Estimate


@dataclass(frozen=True)
class Rejection:
    """How rarely a tagged pi0 is not seen.

    Attributes
    ----------
    total : tuple of float
        Part of the tagged pi0 -> gamma gamma of which no photon is seen, and its numerical error.
    momentum : dict
        The same in bins of the pi+ momentum [GeV].
    classes : dict of PhotonClass
        By the names of the two detectors; `OUTSIDE` is one of them.
    """

    total: Estimate
    momentum: Mapping[Pair, Estimate]
    classes: Mapping[tuple[str, str], PhotonClass]

    def scaled(self, detector: str, factor: float) -> float:
        """The total if one detector's inefficiency were `factor` times as large at all energies."""
        return sum(one.lost[0] * factor ** pair.count(detector) for pair, one in self.classes.items())

    @property
    def variations(self) -> dict[str, Pair]:
        """The total with the inefficiency of each detector halved and doubled."""
        names = [detector.name for detector in apparatus().photon_detectors]
        return {name: (self.scaled(name, 0.5), self.scaled(name, 2.0)) for name in names}


@cache
def rejection(data: DataSet) -> Rejection:
    """How rarely no photon of a tagged pi0 is seen, from coverage and inefficiencies of the apparatus.

    Beyond the last energy of a table the inefficiency is constant; where the last number is an upper limit, as for the
    liquid krypton, the result is one as well.

    Left out: photons on top of the pion's cluster, those that convert before they are detected, whose electrons are
    seen as well, and accidental activity, which vetoes events but sees no photon.
    """
    made, known = tagged(data), len(apparatus().photon_detectors) + 1
    scramble = np.repeat(np.arange(SCRAMBLES), len(made.weight) // SCRAMBLES)
    share, lost = np.zeros((SCRAMBLES, known, known)), np.zeros((SCRAMBLES, known, known))
    blind, size = np.zeros(len(made.weight)), SCRAMBLES * known**2
    for k in range(TURNS):
        photons = two_photons(made.decays.daughters[:, 1], (made.points[:, REST + 2 :] + k / TURNS) % 1.0)
        where = np.column_stack([met(apparatus(), made.decays.vertex, photons[:, j]) for j in (0, 1)])
        chance = np.prod([inefficiency(apparatus(), where[:, j], photons[:, j, 3]) for j in (0, 1)], axis=0)
        pair = np.sort(where % known, axis=1)
        index = (scramble * known + pair[:, 0]) * known + pair[:, 1]
        share += np.bincount(index, made.weight, size).reshape(share.shape)
        lost += np.bincount(index, made.weight * chance, size).reshape(share.shape)
        blind += chance / TURNS
    whole = TURNS * made.weight.reshape(SCRAMBLES, -1).sum(axis=1)
    names = [detector.name for detector in apparatus().photon_detectors] + [OUTSIDE]
    classes = {
        (names[i], names[j]): PhotonClass(float(share[:, i, j].sum() / whole.sum()), ratio(lost[:, i, j], whole))
        for i in range(known)
        for j in range(i, known)
    }
    return Rejection(ratio(made.weight * blind, made.weight), _by_momentum(data, made, blind), classes)


def _by_momentum(data: DataSet, made: Tagged, blind: Array) -> dict[Pair, Estimate]:
    """Rejection in bins of the pi+ momentum."""
    where, found = tag(data), {}
    low, high = where.momentum
    for k in range(math.ceil((high - low) / BIN - 1e-9)):
        edges = low + k * BIN, min(low + (k + 1) * BIN, high)
        weight = inside(made.kinds, Region(where.missing_mass2, edges))
        found[edges] = ratio(weight * blind, weight)
    return found


def predicted_background(data: DataSet) -> Estimate:
    """Events of tagged pi0 -> gamma gamma that pass for pi0 -> invisible: tagged pi0 x efficiencies x `rejection`.

    The error holds the variations of the inefficiencies by factors of two, the larger side of each detector.
    """
    found, (scale, _) = rejection(data), data.exposure
    errors = [max(abs(one - found.total[0]) for one in pair) for pair in found.variations.values()]
    return scale * found.total[0], scale * math.hypot(found.total[1], *errors)


def split_normal(value: float, down: float, up: float) -> Estimate:
    """Mean and standard deviation of a number with an asymmetric error, taken as two halves of normal distributions.

    References
    ----------
    Barlow, arXiv:physics/0306138.
    """
    mean = value + math.sqrt(2.0 / math.pi) * (up - down)
    return mean, math.sqrt((1.0 - 2.0 / math.pi) * (up - down) ** 2 + up * down)


def invisible(data: DataSet, treatment: str = "split") -> Count:
    """Search for pi0 -> invisible among tagged pi0.

    The acceptance is one by definition: the tag does not look at the pi0.  What is lost are the trigger and the veto of
    accidental activity, the efficiencies of the card.

    Parameters
    ----------
    data : DataSet
    treatment : str
        How the asymmetric error of the background enters: ``"split"``, as mean and standard deviation of a
        `split_normal`, which makes the limit 15 % lower than an average over that distribution itself;
        ``"symmetric"``, as the mean of both sides about the central value; ``"fixed"``, not at all.

    Raises
    ------
    DarkdumpError
        If the treatment is unknown.
    CardError
        If the card lacks a number.
    """
    found = count(data, "BR(pi0 -> invisible)", {"tagged": (1.0, 0.0)})
    value = found.counting.background
    down, up = data.given("background error down"), data.given("background error up")
    ways = {
        "split": split_normal(value, down, up),
        "symmetric": (value, 0.5 * (up + down)),
        "fixed": (value, 0.0),
    }
    if treatment not in ways:
        raise DarkdumpError(f"treatment = {treatment!r} is not allowed; it must be one of {', '.join(TREATMENTS)}")
    mean, error = ways[treatment]
    return replace(found, counting=replace(found.counting, background=mean, background_error=error))
