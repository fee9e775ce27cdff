"""What the user can mend: each error is one clear line."""

from collections.abc import Iterable
from difflib import get_close_matches


class DarkdumpError(Exception):
    """A mistake in what the user gave; its text is one line that says what to change."""


class CardError(DarkdumpError):
    """A card or recipe that cannot be read: names the file, the key, the value and what is allowed."""


def printable(name: str) -> str:
    """A name as it can stand in a line."""
    return name if name.isprintable() else ascii(name)


def unknown_name(what: str, name: str, choices: Iterable[str]) -> str:
    """The line for a name that is not known, with the nearest ones first.

    Parameters
    ----------
    what : str
        What is named, for example ``"model"``.
    name : str
        The name that was given.
    choices : iterable of str
        The names that are known.
    """
    known = [printable(choice) or '""' for choice in sorted(choices)]
    near = get_close_matches(str(name), known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"unknown {what} '{printable(str(name))}': {hint}known: {', '.join(known)}"
