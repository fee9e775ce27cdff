"""Decay channels that are looked at together."""

from collections.abc import Sequence
from dataclasses import dataclass

from darkdump.acceptance import Acceptance, acceptance, selection_of
from darkdump.errors import DarkdumpError
from darkdump.experiment import OPEN, Experiment, Selection
from darkdump.model import PORTALS, Model


@dataclass(frozen=True)
class Group:
    """Channels that are looked at together: what is accepted of them, and their names."""

    acceptance: Acceptance
    channels: tuple[str, ...]


def accepted(
    model: Model,
    experiment: Experiment,
    selection: str = OPEN,
    only: Sequence[str] = (),
    *,
    seed: int = 1,
    sets: int = 1,
) -> dict[str, Group]:
    """What the experiment accepts of the model's decays.

    Channels with one selection, whose relative frequency is the same for any pattern of couplings, are one group;
    others are groups of their own, with the name of the channel.

    Parameters
    ----------
    model, experiment
    selection : str
        Which of the experiment's selections takes the final states that have none of their own.
    only : sequence of str
        Decays that are looked at, all of them if empty.
    seed, sets : int
        Of the simulated final states, see `darkdump.acceptance.many_bodies`.

    Raises
    ------
    DarkdumpError
        If the experiment selects none of them.
    """
    together = PORTALS[model.portal].together
    found: dict[str, tuple[Selection, tuple[str, ...]]] = {}
    for channel in only or model.decays:
        chosen, family = selection_of(experiment, channel, selection), together(channel)
        if chosen is not None:
            name = channel if family == channel else f"{chosen.channel} ({family})"
            found[name] = chosen, (*found.get(name, (chosen, ()))[1], channel)
    if not found:
        known = ", ".join(experiment.selections)
        raise DarkdumpError(
            f"experiment '{experiment.name}' selects none of the decays of '{model.name}'; it selects: {known}"
        )
    return {
        name: Group(acceptance(experiment, chosen, model.portal, seed, sets), channels)
        for name, (chosen, channels) in found.items()
    }
