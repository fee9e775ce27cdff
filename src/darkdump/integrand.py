"""The accepted decays of one mass and channel, integrated by adaptive importance sampling."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from darkdump.acceptance import Acceptance
from darkdump.kernels.flux import look
from darkdump.kernels.spectrum import collect
from darkdump.kernels.warp import density, learn, warp
from darkdump.production.flux import Setting

Array = NDArray[np.float64]

MIN_ENERGY = 0.5
"""Least energy that is looked at where a selection has none [GeV]."""

AXES = 7
"""Dimensions of the unit cube: energy, direction, vertex, two angles of the decay, azimuth, what else a decay needs."""

BINS = 16
"""Bins of an axis that adapts."""

EVEN = 0.2
"""Part of the points that stays evenly spread when the axes adapt."""

EXPONENTS = (0.01, 2.0)
"""Decay lengths between target and volume, for the fastest particle, of the lifetimes to which the points adapt."""


class Integrand:
    """The accepted decays of one mass and channel, as a function on the unit cube."""

    def __init__(
        self,
        place: Setting,
        mass: float,
        flux: Array,
        channel: Acceptance,
        share: float,
        ratios: Mapping[str, float],
    ) -> None:
        """`flux` has the shape (mode, e, u), or (3, mode, e, u) with that times the mean spin along and across."""
        front, end = channel.least_boost
        self._least = np.array([max(channel.least_energy, MIN_ENERGY, mass), mass * front, mass * end])
        self._high = place.beam_momentum
        self._adapted, self._decay = channel.adapted, channel.at(mass, share, ratios)
        self._slopes2 = place.slopes2
        self._log_energies = np.log(place.energies)
        flattened = flux * place.solid_angles * place.energies[:, None] ** 3
        self._polarised, self._modes = flux.ndim == 4, flux.shape[-3]
        self._flattened = flattened.reshape(-1, *flux.shape[-2:])

    def spectra(self, pilots: Array, cube: Array, nodes: Array, enough: float) -> Array:
        """Proper-time spectra; `sizes` has been asked before.

        Parameters
        ----------
        pilots : ndarray, shape (pilot, p, AXES)
            Points of the pilot runs after the first one, that of `sizes`.
        cube : ndarray, shape (scramble, n, AXES)
            Independent scrambles; half of each is used where that is good enough.
        nodes : ndarray, shape (NODES,)
            [m]
        enough : float
            Relative error that is good enough, for each of the lifetimes to which the points adapt.

        Returns
        -------
        ndarray, shape (mode, scramble, NODES)
            [m/POT]
        """
        scrambles, half = len(cube), cube.shape[1] // 2
        rates = np.array(EXPONENTS) / nodes[0]
        warps = self.learnt(pilots, rates)
        found = np.zeros((self._modes, scrambles, len(nodes)))
        for used in (half, 2 * half):
            runs = np.ascontiguousarray(cube[:, used - half : used].reshape(-1, AXES))
            for histogram in warps:
                tau, weight = self.weights(histogram, warps, runs)[1:]
                for r in range(scrambles):
                    own = slice(r * half, (r + 1) * half)
                    collect(nodes, tau[own], weight[:, own], found[:, r])
            seen = np.exp(-rates[:, None] * nodes) @ found.sum(axis=0).T
            if (seen.std(axis=1, ddof=1) < enough * math.sqrt(scrambles) * seen.mean(axis=1)).all():
                break
        mean: Array = found / (used * len(warps))
        return mean

    def sizes(self, cube: Array, nearest: float) -> Array:
        """Decays that are seen at the lifetimes to which the points adapt, up to a factor, from few points."""
        flat = np.ones((self._adapted, BINS))
        self._first = self.weights(flat, flat[None], cube)
        tau, weight = self._first[1:]
        rates = np.array(EXPONENTS) / nearest
        sizes: Array = np.exp(-rates[:, None] * (tau - nearest)) @ weight.sum(axis=0)
        return sizes

    def weights(self, histogram: Array, histograms: Array, cube: Array) -> tuple[Array, Array, Array]:
        """Points of one of several densities, and the accepted decays there, which count with the mean density.

        Returns
        -------
        points : ndarray, shape (n, AXES)
        tau : ndarray, shape (n,)
            Proper times [m].
        weight : ndarray, shape (mode, n)
            [m/POT]
        """
        points = np.empty_like(cube)
        warp(histogram, cube, points)
        energy, slope, mean = np.empty((3, len(cube)))
        weight = np.empty((len(self._flattened), len(cube)))
        look(
            self._log_energies, self._least, self._high, self._slopes2, self._flattened, points, energy, slope, weight
        )  # fmt: skip
        tau, chance, lean = self._decay(energy, slope, points)
        density(histograms, points, mean)
        if self._polarised:
            number, along, across = weight.reshape(3, -1, len(cube))
            weight = number if lean is None else number + lean[:, 0] * along + lean[:, 1] * across
        return points, tau, weight * (chance / mean)

    def learnt(self, pilots: Array, rates: Array) -> Array:
        """Densities that suit lifetimes 1 / rate [m], shape (rate, axes, BINS); the first pilot serves all of them."""
        histograms = np.ones((len(rates), self._adapted, BINS))
        for histogram, rate in zip(histograms, rates, strict=True):
            _learn(histogram, rate, *self._first)
            for cube in pilots:
                _learn(histogram, rate, *self.weights(histogram, histogram[None], cube))
        return histograms


def _learn(histogram: Array, rate: float, points: Array, tau: Array, weight: Array) -> None:
    learn(histogram, points, weight.sum(axis=0) * np.exp(-rate * (tau - tau.min())), EVEN)
