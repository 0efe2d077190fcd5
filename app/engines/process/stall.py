"""Stall: has the child hung? Pure; `now` is a parameter."""


class Stall:
    """How long somebody has waited since the child last showed that its model works.

    Time in which nobody waits does not count, but it clears nothing either: a caller who gives up on a hung model and
    the next one who tries add up. Only work clears it.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._waited_s = 0.0
        self._since: float | None = None
        """When somebody began to wait."""

    def wait(self, now: float) -> None:
        """Somebody waits."""
        if self._since is None:
            self._since = now

    def rest(self, now: float) -> None:
        """Nobody waits any more."""
        self._waited_s = self._most_s - self.left_s(now)
        self._since = None

    def worked(self, now: float) -> None:
        self._waited_s = 0.0
        if self._since is not None:
            self._since = now

    def left_s(self, now: float) -> float:
        """Patience left. None is left when the child must count as hung."""
        waiting_s = 0.0 if self._since is None else now - self._since
        return self._most_s - self._waited_s - waiting_s
