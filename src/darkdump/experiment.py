"""Records of an experiment: beam, target, decay volume, detectors, selection, counting."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels import plane as columns
from darkdump.units import TESLA_METRE

Pair = tuple[float, float]


@dataclass(frozen=True)
class Plane:
    """A detector's sensitive area, or an opening, at one z [m].

    Attributes
    ----------
    name : str
    z : float
        Position along the beam [m].
    centre : tuple of float
        Of the outer bounds [m].
    radius, half_width, half_height, diagonal : float
        Outer bounds of r, abs(x), abs(y), abs(x) + abs(y) about the centre [m]; infinite where there is none.
    hole_centre : tuple of float
        [m]
    hole_radius, hole_half_side : float
        A round hole, and one that is square in (x, y) and in the coordinates at 45 degrees [m].
    source : str
        Where the numbers come from.
    """

    name: str
    z: float
    centre: Pair = (0.0, 0.0)
    radius: float = math.inf
    half_width: float = math.inf
    half_height: float = math.inf
    diagonal: float = math.inf
    hole_centre: Pair = (0.0, 0.0)
    hole_radius: float = 0.0
    hole_half_side: float = 0.0
    source: str = ""

    @property
    def row(self) -> NDArray[np.float64]:
        """The plane as the kernels read it, shape (kernels.plane.N_COLUMNS,)."""
        row = np.empty(columns.N_COLUMNS)
        row[columns.Z] = self.z
        row[columns.X], row[columns.Y] = self.centre
        row[columns.RADIUS] = self.radius
        row[columns.HALF_WIDTH], row[columns.HALF_HEIGHT] = self.half_width, self.half_height
        row[columns.DIAGONAL] = self.diagonal
        row[columns.HOLE_X], row[columns.HOLE_Y] = self.hole_centre
        row[columns.HOLE_RADIUS], row[columns.HOLE_HALF_SIDE] = self.hole_radius, self.hole_half_side
        return row

    @property
    def extent(self) -> float:
        """Radius of a circle about the centre that holds the plane [m]."""
        return columns.extent(self.row)


@dataclass(frozen=True)
class Beam:
    """Protons: momentum [GeV] and number on target (POT) that the card foresees."""

    momentum: float
    pot: float
    source: str = ""


@dataclass(frozen=True)
class Target:
    """What the beam is dumped on: material, point of the first interactions [m], part of the protons that interact."""

    material: str
    position: tuple[float, float, float]
    source: str = ""
    fraction: float = 1.0


@dataclass(frozen=True)
class DecayVolume:
    """Where decays are accepted: from `aperture`, its front, to `end` [m], with the same cross-section throughout."""

    aperture: Plane
    end: float

    @property
    def row(self) -> NDArray[np.float64]:
        """End and aperture as the kernels read them, shape (1 + kernels.plane.N_COLUMNS,)."""
        return np.concatenate([[self.end], self.aperture.row])


@dataclass(frozen=True)
class Magnet:
    """A dipole that kicks in x: ends [m] and integrated kick [GeV]."""

    name: str
    z: Pair
    field: float
    length: float
    source: str = ""

    @property
    def kick(self) -> float:
        """Change of the transverse momentum of a particle of charge one [GeV]."""
        return TESLA_METRE * self.field * self.length


@dataclass(frozen=True)
class PhotonSelection:
    """How two photons are selected.

    Attributes
    ----------
    channel : str
        Final state, as the models name it.
    calorimeter : str
        Name of the plane that the photons must hit.
    vetoes : tuple of str
        Names of planes whose opening both photons must pass if they lie behind the vertex.
    photons : int
        How many photons must hit the calorimeter with an energy in the window.
    energy : tuple of float
        Window of a photon's energy [GeV].
    each : bool
        Whether each photon that hits the calorimeter must lie in the window.
    separation : float
        Least distance of two photons on the calorimeter [m].
    efficiency : float
        Of trigger, reconstruction and everything that is not simulated.
    source : str
    """

    channel: str
    calorimeter: str
    vetoes: tuple[str, ...] = ()
    photons: int = 2
    energy: Pair = (0.0, math.inf)
    each: bool = True
    separation: float = 0.0
    efficiency: float = 1.0
    source: str = ""


@dataclass(frozen=True)
class TrackSelection:
    """How tracks, and photons beside them, are selected.

    Attributes
    ----------
    channel : str
        Final state, as the models name it; or `OPEN` for any with two tracks of opposite charge, whatever else there
        is, or `EXCLUSIVE` for any of which every track and every photon is seen; or a group of final states that
        differ in the flavour of leptons, see `darkdump.finalstates.group`.  `tracks`, `each` and `energy` count in
        final states of two tracks of equal mass only, `pointing` in those and in groups.
    planes : tuple of str
        Names of planes that a track must hit to be seen.
    magnet : str
        Name of the magnet between them, empty if there is none.
    vetoes : tuple of str
        Names of round planes whose opening each track or photon must pass if they lie behind the vertex.
    momentum : tuple of float
        Window of a track's momentum [GeV].
    tracks : int
        How many tracks must be seen with a momentum in the window.
    each : bool
        Whether each track that is seen must lie in the window.
    energy : tuple of float
        Window of the energy of all tracks that are seen [GeV].
    pointing : Pointing, optional
        How well a pair of tracks must point back to where it was made.
    calorimeter : str
        Name of the plane that photons must hit, empty if they are not looked at.
    photon_energy : tuple of float
        Window of a photon's energy [GeV].
    separation : float
        Least distance of two photons on the calorimeter [m].
    efficiency : float
        Of trigger, reconstruction and everything that is not simulated.
    source : str
    """

    channel: str
    planes: tuple[str, ...]
    magnet: str = ""
    vetoes: tuple[str, ...] = ()
    momentum: Pair = (0.0, math.inf)
    tracks: int = 2
    each: bool = True
    energy: Pair = (0.0, math.inf)
    pointing: "Pointing | None" = None
    calorimeter: str = ""
    photon_energy: Pair = (0.0, math.inf)
    separation: float = 0.0
    efficiency: float = 1.0
    source: str = ""


@dataclass(frozen=True)
class Pointing:
    """How a pair of tracks, extrapolated back, must meet the beam axis, and how well its tracks are measured.

    Attributes
    ----------
    distance : float
        Largest distance of closest approach to the beam axis [m]; infinite if it is not looked at.
    z : tuple of float
        Where the closest approach must lie along the beam, from where the particle is made [m].
    momentum_resolution : tuple of float
        Relative error a (+) b p of a track's momentum p [GeV]; (+) is the quadratic sum.
    angle_resolution : tuple of float
        Error a / p (+) b of a track's angle in each view [rad].
    missing_momentum : float
        Largest momentum of the pair across the line from where the particle is made to the vertex [GeV], for final
        states that lose a neutrino; it is taken as exact.
    source : str
    """

    distance: float = math.inf
    z: Pair = (-math.inf, math.inf)
    momentum_resolution: Pair = (0.0, 0.0)
    angle_resolution: Pair = (0.0, 0.0)
    missing_momentum: float = math.inf
    source: str = ""


OPEN, EXCLUSIVE = SELECTIONS = "open", "exclusive"
"""Selections for any final state; see `TrackSelection`."""

Selection = PhotonSelection | TrackSelection


@dataclass(frozen=True)
class Counting:
    """A counting experiment: observed events (None where blinded), background and errors.

    Attributes
    ----------
    n_obs : int or None
    background, background_error : float
        Expected events and their error.
    efficiency_error : float
        Relative error of the signal yield.
    """

    n_obs: int | None = None
    background: float = 0.0
    background_error: float = 0.0
    efficiency_error: float = 0.0
    source: str = ""


@dataclass(frozen=True)
class Experiment:
    """All that is known of an experiment; `planes` and `selections` go by name and by channel."""

    name: str
    title: str
    beam: Beam
    target: Target
    volume: DecayVolume
    planes: dict[str, Plane]
    magnets: dict[str, Magnet]
    selections: dict[str, Selection]
    counting: Counting
    inspire: tuple[str, ...] = ()

    @property
    def origin(self) -> NDArray[np.float64]:
        """Where the particles are made [m], shape (3,)."""
        return np.array(self.target.position)

    def _offset(self) -> tuple[float, float, float, float]:
        """Distance and azimuth of the volume's centre from the beam axis, its radius, and depth of its front."""
        x, y, z = self.target.position
        dx, dy = self.volume.aperture.centre[0] - x, self.volume.aperture.centre[1] - y
        return math.hypot(dx, dy), math.atan2(dy, dx), self.volume.aperture.extent, self.volume.aperture.z - z

    @property
    def azimuth(self) -> NDArray[np.float64]:
        """Lower end and width [rad] of the azimuths about the beam at which the volume lies, shape (2,)."""
        distance, azimuth, radius, _ = self._offset()
        if distance <= radius:
            return np.array([-math.pi, 2 * math.pi])
        half = math.asin(radius / distance)
        return np.array([azimuth - half, 2 * half])

    @property
    def angles(self) -> Pair:
        """Least and largest angle to the beam at which the volume is seen from the target [rad]."""
        distance, _, radius, depth = self._offset()
        length = self.volume.end - self.volume.aperture.z
        return math.atan2(max(distance - radius, 0.0), depth + length), math.atan2(distance + radius, depth)
