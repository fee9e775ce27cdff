"""The beam of kaons and how well its decays are measured: records, and the card that they are read from."""

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from darkdump import particles, tables, toml
from darkdump.cards import load_experiment
from darkdump.experiment import Experiment, Plane
from darkdump.experiment_card import read_plane
from darkdump.kaon.types import Array, Pair
from darkdump.kernels import tracks
from darkdump.kernels.plane import N_COLUMNS
from darkdump.units import ALPHA


@dataclass(frozen=True)
class Beam:
    """A beam of charged particles about an axis, normal in momentum, place and angle.

    Attributes
    ----------
    momentum, spread : float
        Mean [GeV], and rms over the mean.
    divergence, size : tuple of float
        Rms in x and y: angles [rad], and places where the axis begins [m].
    start : tuple of float
        Where the axis begins [m].
    slope : float
        Of the axis in x.
    """

    momentum: float
    spread: float
    divergence: Pair
    size: Pair
    start: tuple[float, float, float]
    slope: float


@dataclass(frozen=True)
class Resolution:
    """How well a momentum p [GeV] is measured: relative error a (+) b p; angle a / p (+) b [rad] in each view."""

    momentum: Pair
    angle: Pair

    def momentum_error(self, p: Array) -> Array:
        """Relative error of momenta [GeV]."""
        error: Array = np.hypot(self.momentum[0], self.momentum[1] * p)
        return error

    def angle_error(self, p: Array) -> Array:
        """Error of the slope in x and y [rad] at momenta [GeV]."""
        error: Array = np.hypot(self.angle[0] / p, self.angle[1])
        return error


@dataclass(frozen=True)
class Scatterer:
    """Matter in which a charged particle scatters: radiation lengths, and their logarithm ln(184.15 / Z^(1/3))."""

    radiation_lengths: float
    logarithm: float

    def characteristic_angle(self, p: Array) -> Array:
        """Angle chi_c [rad] for momenta [GeV]: the chance of one scatter beyond theta is (chi_c / theta)^2.

        chi_c^2 = 4 pi N alpha^2 Z^2 x / p^2 (Rutherford), written with 1 / X0 = 4 N alpha^3 Z^2 L / m_e^2, which gives
        chi_c^2 = pi m_e^2 x / (alpha L X0 p^2).  Screening by electrons and the speed, below one by 1e-4, are left out.

        References
        ----------
        Bethe, Phys. Rev. 89 (1953) 1256, eq. 10; Tsai, Rev. Mod. Phys. 46 (1974) 815, eq. 3.66.
        """
        square = math.pi * particles.mass("e-") ** 2 * self.radiation_lengths / (ALPHA * self.logarithm)
        angle: Array = math.sqrt(square) / p
        return angle


@dataclass(frozen=True)
class Calorimeter:
    """How well a photon is measured: relative error a / sqrt(E) (+) b / E (+) c, and error of its place [m]."""

    plane: str
    energy: tuple[float, float, float]
    place: float

    def energy_error(self, energy: Array) -> Array:
        """Relative error of energies [GeV]."""
        a, b, c = self.energy
        error: Array = np.sqrt(a**2 / energy + (b / energy) ** 2 + c**2)
        return error


@dataclass(frozen=True)
class PhotonDetector:
    """What is blind for a photon of an energy: a table, interpolated in both logarithms.

    Attributes
    ----------
    name : str
    rings : ndarray, shape (r, 4)
        See `darkdump.kernels.spectrometer.struck`; none for a wall.
    wall : Plane or None
    energies, inefficiencies : tuple of float
        [GeV]; constant beyond the ends.
    source : str
    """

    name: str
    rings: Array
    wall: Plane | None
    energies: tuple[float, ...]
    inefficiencies: tuple[float, ...]
    source: str

    def inefficiency(self, energy: Array) -> Array:
        """Chance that a photon of these energies [GeV] is not seen."""
        table = np.log(self.energies), np.log(self.inefficiencies)
        chance: Array = np.exp(np.interp(np.log(np.maximum(energy, 1e-12)), *table))
        return chance


@dataclass(frozen=True)
class Apparatus:
    """Beam, detectors and their resolution.

    Attributes
    ----------
    experiment : Experiment
        Planes and magnet.
    beam : Beam
    beam_tracker, spectrometer : Resolution
    planes, vetoes : tuple of str
        Planes that a track must hit, and openings that it must pass.
    magnet : str
    scatterers : dict of Scatterer
        ``"angle"``: what lies before the angle is measured; ``"bend"``: what lies inside of the magnet's lever.
    calorimeter : Calorimeter
    photon_detectors : tuple of PhotonDetector
        Walls in the order of z.
    misidentification : dict of float
        Chance that a particle is taken for another, over the efficiency for that other.
    tag : tuple of float
        Squared missing mass [GeV^2] at which K+ -> pi+ pi0 tags a pi0.
    """

    title: str
    experiment: Experiment
    beam: Beam
    beam_tracker: Resolution
    spectrometer: Resolution
    planes: tuple[str, ...]
    vetoes: tuple[str, ...]
    magnet: str
    scatterers: dict[str, Scatterer]
    calorimeter: Calorimeter
    photon_detectors: tuple[PhotonDetector, ...]
    misidentification: dict[str, float]
    tag: Pair
    inspire: tuple[str, ...]

    def rows(self, names: tuple[str, ...]) -> Array:
        """Planes as the kernels read them, shape (p, N_COLUMNS)."""
        return np.array([self.experiment.planes[name].row for name in names]).reshape(-1, N_COLUMNS)

    @property
    def openings(self) -> Array:
        """Position and radius [m] of the openings that tracks must pass, shape (v, 2)."""
        planes = [self.experiment.planes[name] for name in self.vetoes]
        return np.array([(plane.z, plane.radius) for plane in planes])

    @property
    def track_cuts(self) -> Array:
        """Cuts of `darkdump.kernels.tracks.track`: no window of the momentum; one that is missed may be vetoed."""
        cuts = np.zeros(tracks.N_CUTS)
        cuts[tracks.P_MAX], cuts[tracks.MAGNET], cuts[tracks.KICK] = math.inf, self.bend_place, self.kick
        return cuts

    @property
    def kick(self) -> float:
        """Change of the momentum in x of a positive particle in the magnet [GeV].

        It is negative: the magnet bends the beam back towards x = 0, as the places of the chambers' holes show.
        """
        return -self.experiment.magnets[self.magnet].kick

    @property
    def first_chamber(self) -> float:
        """Where the spectrometer begins [m]."""
        return min(self.experiment.planes[name].z for name in self.planes)

    @property
    def end(self) -> float:
        """Where the last plane is [m]."""
        return max(plane.z for plane in self.experiment.planes.values())

    @property
    def bend_place(self) -> float:
        """Middle of the magnet [m]."""
        return 0.5 * sum(self.experiment.magnets[self.magnet].z)


@cache
def apparatus() -> Apparatus:
    """NA62 with its beam of kaons, from ``data/kaon/apparatus.toml``.

    Raises
    ------
    CardError
        If the card is wrong.
    """
    card = toml.read(tables.data_path("kaon", "apparatus.toml"))
    dump = load_experiment(card.text("experiment"))
    own = {name: read_plane(name, table) for name, table in card.tables("plane").items()}
    experiment = replace(dump, planes={**dump.planes, **own})
    track = card.table("track")
    found = Apparatus(
        title=card.text("title"),
        experiment=experiment,
        beam=_beam(card.table("beam")),
        beam_tracker=_resolution(card.table("beam_tracker")),
        spectrometer=_resolution(card.table("spectrometer")),
        planes=track.texts("planes", choices=experiment.planes),
        vetoes=track.texts("vetoes", choices=experiment.planes),
        magnet=track.text("magnet", choices=experiment.magnets),
        scatterers={name: _scatterer(table) for name, table in card.tables("scatterer").items()},
        calorimeter=_calorimeter(card.table("calorimeter"), experiment),
        photon_detectors=tuple(_photon_detector(n, t, experiment) for n, t in card.tables("photon_detector").items()),
        misidentification={name: _chance(table) for name, table in card.tables("misidentification").items()},
        tag=_tag(card.table("tag")),
        inspire=card.texts("inspire"),
    )
    sourced(track)
    card.done()
    return found


def sourced(table: toml.Table) -> str:
    """The source of a table, of which nothing is left that was not asked for."""
    source = table.text("source")
    if not source.strip():
        raise table.error("source", "a text of one line, not empty")
    table.done()
    return source


def _beam(table: toml.Table) -> Beam:
    x, y, z = table.numbers("start", 3, finite=True)
    found = Beam(
        table.positive("momentum"),
        table.number("spread", low=0.0, high=0.5),
        table.pair("divergence"),
        table.pair("size"),
        (x, y, z),
        table.finite("slope"),
    )
    sourced(table)
    return found


def _resolution(table: toml.Table) -> Resolution:
    found = Resolution(table.pair("momentum_resolution"), table.pair("angle_resolution"))
    sourced(table)
    return found


def _chance(table: toml.Table) -> float:
    chance = table.number("value", low=0.0, high=1.0)
    sourced(table)
    return chance


def _tag(table: toml.Table) -> Pair:
    window = table.interval("missing_mass2")
    sourced(table)
    return window


def _scatterer(table: toml.Table) -> Scatterer:
    found = Scatterer(table.positive("radiation_lengths"), table.positive("logarithm"))
    sourced(table)
    return found


def _calorimeter(table: toml.Table, experiment: Experiment) -> Calorimeter:
    a, b, c = table.numbers("energy_resolution", 3, finite=True)
    plane = table.text("plane", choices=experiment.planes)
    found = Calorimeter(plane, (a, b, c), table.positive("place_resolution"))
    sourced(table)
    return found


def _photon_detector(name: str, table: toml.Table, experiment: Experiment) -> PhotonDetector:
    energies, chances = table.positives("energies"), table.positives("inefficiencies")
    if len(energies) != len(chances) or not energies or list(energies) != sorted(set(energies)):
        raise table.error("energies", "ascending, as many as inefficiencies")
    rings: list[list[float]] = []
    if "rings" in table:
        depth, thickness = table.numbers("depths", 2, finite=True), table.positive("thickness")
        for k, ring in enumerate(table.texts("rings", choices=experiment.planes)):
            opening = experiment.planes[ring]
            length = depth[0] if k < table.whole("first") else depth[1]
            rings.append([opening.z - length, opening.z, opening.radius, opening.radius + thickness])
    wall = experiment.planes[table.text("plane", choices=experiment.planes)] if "plane" in table else None
    return PhotonDetector(name, np.array(rings).reshape(-1, 4), wall, energies, chances, sourced(table))
