"""Where in a TOML file a key stands. The standard parser knows no lines; it is asked about the file's beginnings.

A beginning that ends with a statement is TOML itself. The shortest that has the key ends where the key first appears.
Nothing of this runs for a file that is right.
"""

import tomllib
from bisect import bisect_left
from typing import Any

Key = tuple[str | int, ...]
"""A path of table keys and of places in arrays, from the file's root on."""

_CLOSERS = ("]", "}", '"""', "'''")
"""What goes on over many lines ends in one of these."""


class Lines:
    """Of a `source` that is valid TOML."""

    def __init__(self, source: str) -> None:
        self._lines = [f"{line}\n" for line in source.split("\n")]
        self._values = tomllib.loads(source)
        self._ends = self._statements()
        """How many lines the file has up to the end of each header, and of each key with its value. Empty lines and
        comments count as statements too."""

    def of(self, key: Key) -> int:
        """The line, counted from 1, of the statement that has `key`, or as much of it as there is: a key that is
        missing has the line of its table's header."""
        while key and not _has(self._values, key):
            key = key[:-1]
        if not key:
            return 1
        number = bisect_left(self._ends, True, key=lambda end: _has(self._until(end), key))
        return self._ends[number - 1] + 1 if number else 1

    def _until(self, end: int) -> dict[str, Any]:
        return tomllib.loads("".join(self._lines[:end]))

    def _statements(self) -> list[int]:
        ends, start = [], 0
        for end, line in enumerate(self._lines, 1):
            may_end = end == start + 1 or any(closer in line for closer in _CLOSERS)
            if may_end and _is_whole("".join(self._lines[start:end])):
                ends.append(end)
                start = end
        return ends


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
