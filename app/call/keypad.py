"""Keys pressed on the telephone, until they are a complete entry."""

LONGEST = 32
"""Keys in one entry; more are cut off into the next."""


class Keypad:
    """An entry is complete at '#', after a pause, or when it is as long as it should be."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._keys = ""
        self._last_s = 0.0

    @property
    def active(self) -> bool:
        """Keys were pressed and more may come."""
        return bool(self._keys)

    @property
    def deadline(self) -> float | None:
        return self._last_s + self._pause_s if self._keys else None

    def press(self, digit: str, now: float, length: int = 0) -> str | None:
        """The entry, if `digit` completes one; '#' alone completes an empty one. `length`: 0 where it is not known."""
        self._last_s = now
        if digit == "#":
            return self.clear()
        self._keys += digit
        return self.clear() if len(self._keys) >= (length or LONGEST) else None

    def due(self, now: float) -> str | None:
        """The entry, if the pause has passed."""
        deadline = self.deadline
        return self.clear() if deadline is not None and now >= deadline else None

    def clear(self) -> str:
        keys, self._keys = self._keys, ""
        return keys
