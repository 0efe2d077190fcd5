"""Where in a TOML file a key stands. The standard parser knows no lines; it is asked about the file's beginnings.

A beginning that ends with a statement is TOML itself. The shortest that has the key ends where the key first appears.
Nothing of this runs for a file that is right.
"""

import tomllib
from bisect import bisect_left
from typing import Any

Key = tuple[str | int, ...]
"""A path of table keys and of places in arrays, from the file's root on."""


def line_of(source: str, key: Key) -> int:
    """The line, counted from 1, of the statement that has `key`, or as much of it as there is: a key that is missing
    has the line of its table's header. `source` must be valid."""
    values = tomllib.loads(source)
    while key and not _has(values, key):
        key = key[:-1]
    if not key:
        return 1
    found = _Statements(source)
    return found.first_line(bisect_left(found.ends, True, key=lambda end: _has(found.values_until(end), key)))


class _Statements:
    """Headers, and keys with their values, which may go on over many lines. Empty lines and comments are some too."""

    def __init__(self, source: str) -> None:
        self._lines = [f"{line}\n" for line in source.split("\n")]
        starts, ends = [0], []
        for number in range(1, len(self._lines) + 1):
            if _is_whole("".join(self._lines[starts[-1] : number])):
                starts.append(number)
                ends.append(number)
        self._starts = starts
        self.ends = ends
        """How many lines the file has up to each statement's end."""

    def values_until(self, end: int) -> dict[str, Any]:
        return tomllib.loads("".join(self._lines[:end]))

    def first_line(self, statement: int) -> int:
        return self._starts[statement] + 1


def _is_whole(lines: str) -> bool:
    """A statement means the same on its own; half of one is not TOML."""
    try:
        tomllib.loads(lines)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _has(values: Any, key: Key) -> bool:
    for part in key:
        match values:
            case dict() if part in values:
                values = values[part]
            case list() if isinstance(part, int) and part < len(values):
                values = values[part]
            case _:
                return False
    return True
