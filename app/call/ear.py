"""The caller's side of the call: which voice begins a turn, and which silence ends it."""

from app.call.bar import Bar
from app.call.endpoint import Pauses, sounds_finished, verdict
from app.call.events import EndAfter, Heard, Hearing, Voice
from app.call.policy import TurnPolicy
from app.call.turn import Turn
from app.call.turns import FRAME_S, Edge, Endpointing
from app.kannada.asked import Asked


class Ear:
    """Endpointing, weighed by the caller's words and pauses."""

    def __init__(self, policy: TurnPolicy) -> None:
        self._policy = policy
        self._endpointing = Endpointing(policy)
        self._pauses = Pauses()
        self.bar = Bar(policy)

    def hear(self, voice: Voice, now: float) -> Edge | None:
        """One frame. The agent's own echo is no voice."""
        return self._endpointing.hear(voice.speech and not voice.echo, self.bar.frames(now))

    @property
    def quiet(self) -> bool:
        """The caller is in no turn."""
        return self._endpointing.quiet

    @property
    def voiced_s(self) -> float:
        """Voice in the turn so far."""
        return self._endpointing.voiced * FRAME_S

    @property
    def back_s(self) -> float:
        """When a turn begins: how far back the audio of it goes, some of what was before it included."""
        return self._endpointing.back_s + self._policy.pre_roll_s

    def weigh(self, turn: Turn, heard: Hearing | Heard, asked: Asked, *, whole: bool) -> list[EndAfter]:
        """In a pause: let the words, all of them or a part, decide when it ends the turn."""
        if not (heard.ends.cue and self._endpointing.paused and self._policy.words):
            return []
        found = verdict(heard.ends, asked, self._pauses, self._policy, whole=whole, says=heard.says)
        self._endpointing.end_after(found.silence_s)
        if found == turn.verdict:
            return []
        turn.verdict = found
        return [EndAfter(*turn.id, found.silence_s, found.reasons)]

    def went_on(self, turn: Turn) -> None:
        """The pause was within `turn`: remember how this caller pauses."""
        pause_s = self._endpointing.pause_s
        if pause_s <= self._policy.latest_end_s:
            judged = turn.verdict if turn.text is not None else None
            self._pauses.add(pause_s, finished=judged is not None and sounds_finished(judged.means))

    def forget(self) -> None:
        """The turn is over by other means."""
        self._endpointing.reset()
