"""Slow twin of two-track searches: mesons of a table decay to a vector, it to two tracks that fly through planes."""

import numpy as np
from numpy.typing import NDArray

from darkdump import particles
from darkdump.acceptance import TRACKS
from darkdump.experiment import Experiment, TrackSelection
from darkdump.kernels.bodies import INVISIBLE, NOTHING, PHOTON
from twins import Rays, on_plane

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def isotropic(n: int, rng: np.random.Generator) -> Array:
    """Unit vectors, shape (n, 3)."""
    raw = rng.normal(size=(n, 3))
    return np.asarray(raw / np.sqrt((raw**2).sum(axis=1))[:, None])


def boosted(momentum: Array, mass: float, energy: float, rest: Array) -> Array:
    """Momenta of particles with `energy` and momenta `rest` in the frames of parents [GeV], shape (n, 3)."""
    size = np.sqrt((momentum**2).sum(axis=1))
    ahead, gamma, boost = momentum / size[:, None], np.hypot(size, mass) / mass, size / mass
    along = (rest * ahead).sum(axis=1)
    return np.asarray(rest + ahead * ((gamma - 1.0) * along + boost * energy)[:, None])


def vectors(parents: Rays, heavy: float, mass: float, rng: np.random.Generator) -> Rays:
    """One vector of the decay to a photon and a vector [GeV] for each parent."""
    energy, size = (heavy**2 + mass**2) / (2.0 * heavy), (heavy**2 - mass**2) / (2.0 * heavy)
    rest = size * isotropic(len(parents.weight), rng)
    return Rays(boosted(parents.momentum, heavy, energy, rest), parents.weight)


def flown(vertex: Array, p: Array, z: float, magnet: float, kick: float) -> Array:
    """Where tracks are at `z` [m], shape (n, 2): a straight line, and another one behind the middle of the magnet."""
    first = vertex[:, :2] + p[:, :2] / p[:, 2:] * (min(z, magnet) - vertex[:, 2:])
    if z <= magnet:
        return np.asarray(first)
    px = p[:, 0] + kick
    pz = np.sqrt(np.maximum((p**2).sum(axis=1) - px**2 - p[:, 1] ** 2, 1e-12))
    return np.asarray(first + np.column_stack([px, p[:, 1]]) / pz[:, None] * (z - magnet))


def selected(experiment: Experiment, cut: TrackSelection, vertex: Array, pair: list[Array], daughter: float) -> Flags:
    """Whether pairs of tracks pass a selection."""
    ok, count, energy = np.ones(len(vertex), dtype=bool), np.zeros(len(vertex)), np.zeros(len(vertex))
    field = experiment.magnets.get(cut.magnet)
    magnet, kick = (np.inf, 0.0) if field is None else (sum(field.z) / 2, 0.299792458 * field.field * field.length)
    for p, charge in zip(pair, (1.0, -1.0), strict=True):
        size = np.sqrt((p**2).sum(axis=1))
        good = (size >= cut.momentum[0]) & (size <= cut.momentum[1])
        on = p[:, 2] > 0
        for plane in (experiment.planes[name] for name in cut.planes):
            on &= on_plane(plane, *flown(vertex, p, plane.z, magnet, charge * kick).T)
        for veto in (experiment.planes[name] for name in cut.vetoes):
            away = np.hypot(*flown(vertex, p, veto.z, magnet, charge * kick).T)
            ok &= (veto.z <= vertex[:, 2]) | (away <= veto.radius)
        count += on & good
        ok &= good | ~on | (not cut.each)
        energy += np.where(on, np.hypot(size, daughter), 0.0)
    return np.asarray(ok & (count >= cut.tracks) & (energy >= cut.energy[0]) & (energy <= cut.energy[1]))


def seen(
    experiment: Experiment, event: Array, kinds: Array, vertex: Array, selection: TrackSelection, exclusive: bool
) -> bool:
    """Whether one event in the laboratory passes: a plain loop over its particles."""
    field = experiment.magnets[selection.magnet]
    magnet, kick = sum(field.z) / 2, 0.299792458 * field.field * field.length
    charges: list[float] = []
    hits: list[Array] = []
    every = True
    for p, kind in zip(event, kinds, strict=True):
        if kind in (NOTHING, INVISIBLE) or (kind == PHOTON and not exclusive):
            every &= kind != INVISIBLE
            continue
        bend = 0.0 if kind == PHOTON else kick * kind
        names = [*selection.planes, *selection.vetoes, *([selection.calorimeter] if exclusive else [])]
        at = [flown(vertex[None], p[None, :3], experiment.planes[name].z, magnet, bend)[0] for name in names]
        openings = [experiment.planes[n] for n in selection.vetoes]
        vetoed = any(
            np.hypot(*where) > plane.radius
            for plane, where in zip(openings, at[len(selection.planes) :], strict=False)
            if plane.z > vertex[2]
        )
        if kind == PHOTON:
            good = selection.photon_energy[0] <= p[3] <= selection.photon_energy[1]
            good &= bool(on_plane(experiment.planes[selection.calorimeter], *at[-1][:, None])[0])
            good &= all(np.hypot(*(at[-1] - other)) >= selection.separation for other in hits)
            hits.append(at[-1])
        else:
            good = bool(selection.momentum[0] <= np.linalg.norm(p[:3]) <= selection.momentum[1])
            for name, where in zip(selection.planes, at, strict=False):
                good &= bool(on_plane(experiment.planes[name], *where[:, None])[0])
            charges += [kind] * (good and not vetoed)
        every &= good and not vetoed
    return every if exclusive else {-1.0, 1.0} <= set(charges)


def drawn_decays(
    experiment: Experiment, efficiency: float, rays: Rays, mass: float, ctau: float, rng: np.random.Generator
) -> tuple[Array, Array, Flags]:
    """Where each particle decays, drawn from its exponential in the volume, its weight, and if in the aperture."""
    size = np.sqrt((rays.momentum**2).sum(axis=1))
    ahead = rays.momentum / size[:, None]
    cosine = np.maximum(ahead[:, 2], 1e-3)
    target = np.array(experiment.target.position)
    length = size / mass * ctau
    first, last = ((z - target[2]) / cosine for z in (experiment.volume.aperture.z, experiment.volume.end))
    inside = np.expm1((first - last) / length)
    vertex = target + ahead * (first - length * np.log1p(rng.random(len(length)) * inside))[:, None]
    weight = rays.weight * np.exp(-first / length) * -inside * efficiency * experiment.target.fraction
    keep = on_plane(experiment.volume.aperture, vertex[:, 0], vertex[:, 1]) & (ahead[:, 2] > 0) & (weight > 0)
    return vertex, weight, keep


def total(found: Array, drawn: int) -> tuple[float, float]:
    """Sum and error of the weights that were found among so many that were drawn."""
    return float(found.sum()), float(np.sqrt(max((found**2).sum() - found.sum() ** 2 / drawn, 0.0)))


def dump_yield(
    experiment: Experiment, channel: str, rays: Rays, mass: float, ctau: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Accepted decays and their error: each particle decays at a distance drawn from its exponential in the volume."""
    cut, daughter = experiment.selections[channel], particles.mass(TRACKS[channel])
    assert isinstance(cut, TrackSelection)
    vertex, weight, keep = drawn_decays(experiment, cut.efficiency, rays, mass, ctau, rng)
    rest = np.sqrt(mass**2 / 4.0 - daughter**2) * isotropic(int(keep.sum()), rng)
    pair = [boosted(rays.momentum[keep], mass, mass / 2.0, sign * rest) for sign in (1.0, -1.0)]
    found = weight[keep] * selected(experiment, cut, vertex[keep], pair, daughter)
    return total(found, len(weight))
