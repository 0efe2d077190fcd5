"""How much voice begins a turn: little while the agent is silent, more while it speaks."""

from app.call.policy import TurnPolicy
from app.call.turns import frames

NEVER = 1_000_000_000


class Bar:
    """Frames of voice that are asked for. It may change with time, so `frames` is looked up for every frame."""

    def __init__(self, policy: TurnPolicy) -> None:
        self._policy = policy
        self._start = frames(policy.start_voice_s)
        self._goes_on = frames(policy.goes_on_voice_s)
        self._barge_in = frames(policy.barge_in_voice_s)
        self._opening = max(self._barge_in, frames(policy.opening_voice_s))
        self._greeting = frames(policy.greeting_voice_s)
        self._opening_s = policy.opening_s
        self._needed = self._start
        self._opening_until_s = 0.0

    def frames(self, now: float) -> int:
        return self._opening if now < self._opening_until_s else self._needed

    def silent(self) -> None:
        """The agent is silent, and the caller may speak."""
        self._set(self._start)

    def speaks(self, began_s: float, *, greeting: bool) -> None:
        """The agent has been speaking since `began_s`."""
        if greeting:
            self._set(self._greeting)
        else:
            self._set(self._barge_in, began_s + self._opening_s)

    def was_nothing(self) -> None:
        """What silenced the agent was a hm or a noise: more of them are to be expected of this line."""
        self._barge_in = min(self._barge_in + frames(self._policy.wary_s), self._opening)

    def was_something(self) -> None:
        """It was an interruption: the next one is taken at its word."""
        self._barge_in = frames(self._policy.barge_in_voice_s)

    def prepares(self, *, deaf: bool) -> None:
        """The caller has finished and the agent has not begun. `deaf`: the line is too noisy to wait any longer."""
        self._set(NEVER if deaf else self._goes_on)

    def _set(self, needed: int, opening_until_s: float = 0.0) -> None:
        self._needed, self._opening_until_s = needed, opening_until_s
