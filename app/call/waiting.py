"""All patience of a call: until when it waits for what, and what it does then."""

from collections.abc import Callable, Iterator
from operator import itemgetter

from app.call.answering import Answering
from app.call.events import PromptName
from app.call.floor import Floor
from app.call.keypad import Keypad
from app.call.keys import Keys
from app.call.ladders import Ladder
from app.call.leaving import Leaving
from telephony.events import Hangup

_FILLERS: dict[str, PromptName] = {
    "question": "filler_question",
    "question_adverb": "filler_question",
    "question_word": "filler_question",
    "digits": "filler_number",
    "number": "filler_number",
}
"""By what the caller's words ended in."""


class Waiting:
    def __init__(
        self, floor: Floor, answering: Answering, leaving: Leaving, keypad: Keypad, keys: Keys, silence: Ladder
    ) -> None:
        self._floor = floor
        self._answering = answering
        self._leaving = leaving
        self._keypad = keypad
        self._keys = keys
        self._silence = silence
        self._announced = False
        self.media_s = 0.0
        """When the line last gave a sign of life."""

    @property
    def deadline(self) -> float:
        return min(at for at, _ in self._timers())

    def tick(self) -> None:
        """The most overdue first; another one that is due brings the next Tick."""
        at, then = min(self._timers(), key=itemgetter(0))
        if at <= self._floor.now:
            then()

    def _timers(self) -> Iterator[tuple[float, Callable[[], None]]]:
        patience, floor = self._floor.policy.patience, self._floor
        yield self.media_s + patience.no_media_s, self._line_is_dead
        if floor.mouth.deadline is not None:
            yield floor.mouth.deadline, self._believe
        if self._leaving.asked_s is not None:
            yield self._leaving.asked_s + patience.transfer_s, self._leaving.transfer_failed
        elif not self._leaving.how:
            yield patience.longest_call_s, self._talked_too_long
        if self._keypad.deadline is not None:
            yield self._keypad.deadline, self._keys.paused
        elif self._owes_reply:
            ended_s = floor.turn.ended_s or 0.0
            yield max(ended_s, floor.mouth.ends_s) + patience.no_reply_s, self._answering.failed
            if self._may_fill:
                yield max(ended_s, floor.turn.answering_s) + patience.filler_s, self._fill
        elif self._idle:
            patient = floor.patient and not self._silence.climbed
            yield floor.quiet_s + (patience.wait_s if patient else patience.no_input_s), self._ask
            if not self._announced and 0 < patience.time_is_up_s < patience.longest_call_s / 2:
                yield max(patience.longest_call_s - patience.time_is_up_s, floor.quiet_s), self._announce

    @property
    def _owes_reply(self) -> bool:
        """The caller has finished and hears nothing, or only the beginning of a clause."""
        turn, mouth = self._floor.turn, self._floor.mouth
        return turn.open and turn.ended_s is not None and (not mouth.busy or mouth.unfinished)

    @property
    def _may_fill(self) -> bool:
        """Never in two turns running, and only where there is something to answer."""
        turn = self._floor.turn
        said = turn.audible or turn.filled or turn.filled_before or self._floor.interrupted is not None
        return self._floor.policy.patience.filler_s > 0 and turn.has_words and not said

    @property
    def _idle(self) -> bool:
        floor = self._floor
        return not floor.turn.open and floor.ear.quiet and not floor.mouth.busy and not self._leaving.how

    def _line_is_dead(self) -> None:
        self._leaving.end_of_line()
        self._floor.do(Hangup("no media"))

    def _believe(self) -> None:
        self._floor.mouth.believe(self._floor.now)

    def _talked_too_long(self) -> None:
        self._leaving.leave(Hangup("longest call"), "farewell")

    def _announce(self) -> None:
        self._announced = True
        self._floor.say("time_is_up")

    def _fill(self) -> None:
        """The answer is late: say so, in words that fit what was said."""
        turn = self._floor.turn
        turn.filled = True
        ends = turn.ends if turn.text is not None or turn.hearing is None else turn.hearing.ends
        self._floor.say(_FILLERS.get(ends.cue, "filler"))

    def _ask(self) -> None:
        if step := self._silence.climb():
            self._floor.say(step)
        else:
            self._leaving.leave(Hangup("no input"), "farewell")
