"""What a caller is told who says nothing, or whom nobody understands: each time something else, and an end to it."""

from app.call.events import PromptName


class Ladder:
    """Climbs a step each time. `steps` are said one after another, the last again until `most` is reached."""

    def __init__(self, most: int, *steps: PromptName) -> None:
        self._steps = steps
        self._most = most
        self.climbed = 0

    def climb(self) -> PromptName | None:
        """What to say now; None when all has been tried."""
        self.climbed += 1
        if self.climbed > self._most:
            return None
        return self._steps[min(self.climbed, len(self._steps)) - 1]

    def reset(self) -> None:
        """The caller said something that was understood."""
        self.climbed = 0


def silence(most: int, *, menu: bool) -> Ladder:
    """For a caller who is silent: ask; ask otherwise, by keys where there is a menu."""
    return Ladder(most, "no_input", "keys" if menu else "no_input_again")


def doubt(most: int, *, menu: bool) -> Ladder:
    """For a caller who is not understood: ask again, then differently, then by keys where there is a menu."""
    return Ladder(most + 1, "repeat", "repeat_again", "keys") if menu else Ladder(most, "repeat", "repeat_again")
