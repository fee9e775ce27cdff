"""Reading of TOML with errors of one line: file, key, value, what is allowed."""

import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from darkdump.errors import CardError, printable, unknown_name


def read(path: Path) -> "Table":
    """The top table of a TOML file.

    Raises
    ------
    CardError
        If the file cannot be read or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return Table(path.name, "", tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except (ValueError, RecursionError) as error:
        raise CardError(f"{path}: is not valid TOML: {error}") from None


class Table:
    """A table that is asked key by key; `done` complains of the keys that nobody asked for."""

    def __init__(self, file: str, prefix: str, values: dict[str, Any]) -> None:
        self._file, self._prefix, self._values = file, prefix, values
        self._asked: set[str] = set()

    def error(self, key: str, allowed: str) -> CardError:
        """The error for a key whose value is not `allowed`."""
        where = f"{self._file}: {self._prefix}{printable(key)}"
        if key not in self._values:
            return CardError(f"{where} is missing; it must be {allowed}")
        return CardError(f"{where} = {_shown(self._values[key])} is not allowed; it must be {allowed}")

    def over(self, base: "Table") -> "Table":
        """This table, with what it and the tables below it do not have from another."""
        return Table(self._file, self._prefix, _merged(self._values, base._values))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def has_text(self, key: str) -> bool:
        """Whether the key has a text, not a number or nothing."""
        return isinstance(self._values.get(key), str)

    def _get(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        return self._values.get(key, default)

    def text(self, key: str, default: str | None = None, choices: Iterable[str] | None = None) -> str:
        """A text of one line, one of `choices` if given."""
        value = self._get(key, default)
        known = None if choices is None else list(choices)
        if not isinstance(value, str) or not value.isprintable():
            raise self.error(key, f"one of {', '.join(sorted(known))}" if known else "a text of one line")
        if known is not None and value not in known:
            raise self.unknown(key, "name", value, known)
        return value

    def unknown(self, key: str, what: str, name: str, choices: Iterable[str]) -> CardError:
        """The error for a name below a key that is none of `choices`."""
        return CardError(f"{self._file}: {self._prefix}{key}: {unknown_name(what, name, choices)}")

    def texts(
        self, key: str, default: list[str] | None = None, choices: Iterable[str] | None = None
    ) -> tuple[str, ...]:
        """A list of texts without repetition, each one of `choices` if given."""
        value = self._get(key, default)
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.error(key, "a list of texts")
        if len(set(value)) != len(value):
            raise self.error(key, "a list without repetition")
        known = list(choices) if choices is not None else value
        for text in value:
            if text not in known:
                raise self.unknown(key, "name", printable(text), known)
        return tuple(value)

    def number(self, key: str, default: float | None = None, low: float = -math.inf, high: float = math.inf) -> float:
        """A number between `low` and `high`, both included; NaN is none."""
        value = self._get(key, default)
        if not _is_number(value) or not low <= value <= high:
            raise self.error(key, f"a number{_bounds(low, high)}")
        return float(value)

    def finite(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        value = self._get(key, default)
        if not _is_number(value) or math.isinf(value):
            raise self.error(key, "a finite number")
        return float(value)

    def positive(self, key: str, default: float | None = None) -> float:
        """A finite number above zero."""
        value = self._get(key, default)
        if not _is_number(value) or not 0 < value < math.inf:
            raise self.error(key, "a finite number above 0")
        return float(value)

    def whole(self, key: str, default: int | None = None, low: int = 0) -> int:
        """A whole number, `low` at least."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self.error(key, f"a whole number, {low} at least")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def numbers(
        self, key: str, length: int, default: tuple[float, ...] | None = None, finite: bool = False
    ) -> tuple[float, ...]:
        """A list of `length` numbers, none of them NaN, nor infinite if `finite`."""
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or len(value) != length or not all(map(_is_number, value)):
            raise self.error(key, f"a list of {length} numbers")
        if finite and any(map(math.isinf, value)):
            raise self.error(key, f"a list of {length} finite numbers")
        return tuple(float(x) for x in value)

    def positives(self, key: str) -> tuple[float, ...]:
        """A list of finite numbers above zero, empty if it is missing."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(_is_number(x) and 0 < x < math.inf for x in value):
            raise self.error(key, "a list of finite numbers above 0")
        return tuple(float(x) for x in value)

    def pair(self, key: str, default: tuple[float, float] | None = None) -> tuple[float, float]:
        """Two numbers."""
        first, second = self.numbers(key, 2, default)
        return first, second

    def interval(
        self, key: str, default: tuple[float, float] | None = None, positive: bool = False
    ) -> tuple[float, float]:
        """Two numbers, the second larger; finite and above zero if `positive`."""
        low, high = self.pair(key, default)
        if not low < high or (positive and not 0 < low < high < math.inf):
            raise self.error(key, f"two {'finite numbers above 0' if positive else 'numbers'}, the second larger")
        return low, high

    def table(self, key: str, optional: bool = False) -> "Table":
        """A table below this one."""
        value = self._get(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self.error(key, "a table")
        return Table(self._file, f"{self._prefix}{printable(key)}.", value)

    def tables(self, key: str) -> dict[str, "Table"]:
        """The tables below a key, by name; none if it is missing."""
        names = self.table(key, optional=True)
        return {name: names.table(name) for name in names._values}

    def done(self) -> None:
        """Complain of keys that were not asked for.

        Raises
        ------
        CardError
            Naming the first such key and the ones that are known.
        """
        for key in self._values:
            if key not in self._asked:
                where = f" {self._prefix.rstrip('.')}:" if self._prefix else ""
                raise CardError(f"{self._file}:{where} {unknown_name('key', printable(key), self._asked)}")


def _merged(own: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """The values of both, table by table, the own ones first."""
    both = {**base, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            both[key] = _merged(value, base[key])
    return both


def _is_number(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 10**300
    return isinstance(value, float) and not math.isnan(value)


def _shown(value: object) -> str:
    """A value as it can stand in a line, cut short."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of very many digits"
    return text if len(text) < 100 else f"{text[:100]} ..."


def _bounds(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    return f" between {low:g} and {high:g}"
