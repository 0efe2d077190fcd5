"""What the call does with a reply: begin it, keep its results until they may be heard, play them, end it."""

from app.call.events import Failed, Finished, Ignore, Reached, Replied, Reply, Speech, Understood
from app.call.floor import Floor
from app.call.leaving import Leaving
from telephony.events import RATE_HZ, Hangup


class Answering:
    def __init__(self, floor: Floor, leaving: Leaving) -> None:
        self._floor = floor
        self._leaving = leaving
        self._failures = 0

    def begin(self) -> None:
        """Ask for the reply to what was understood."""
        turn = self._floor.turn
        turn.replying = True
        self._floor.do(Reply(*turn.id, turn.text or "", self._floor.memory.before(turn.number), turn.keyed))

    def understood(self, understood: Understood) -> None:
        for turn in (self._floor.turn, self._floor.interrupted):
            if turn is not None and turn.open and turn.id == (understood.turn, understood.revision):
                turn.english = understood.english
                self._floor.memory.understood(turn.number, turn.english)

    def reached(self, reached: Reached) -> None:
        if self._floor.current(reached.turn, reached.revision) and reached.milestone != "on_wire":
            self._floor.turn.answering_s = self._floor.now

    def result(self, result: Speech | Replied | Failed) -> None:
        """What came back. It waits while the caller has not finished or speaks over the agent; stale, it is dropped."""
        floor, interrupted = self._floor, self._floor.interrupted
        if interrupted is not None and interrupted.open and (result.turn, result.revision) == interrupted.id:
            interrupted.held.append(result)
        elif not floor.current(result.turn, result.revision):
            return
        elif isinstance(result, Failed) and interrupted is not None:
            self.go_on()  # nobody knows what the voice said
        else:
            if isinstance(result, Failed) and floor.turn.text is None:
                floor.turn.text = ""  # there will be no transcript
            if floor.turn.ended_s is None:
                floor.turn.held.append(result)
            else:
                self._release(result)

    def release_held(self) -> None:
        """The caller may hear it now."""
        held, self._floor.turn.held = self._floor.turn.held, []
        for result in held:
            if self._floor.current(result.turn, result.revision):
                self._release(result)

    def go_on(self) -> None:
        """What silenced the agent was nothing."""
        if self._floor.interrupted is not None:
            self._floor.take_back(self._floor.interrupted)
            self.release_held()

    def failed(self) -> None:
        """Nothing came, or not all of it."""
        floor = self._floor
        if floor.interrupted is not None:
            self.go_on()
            return
        self._failures += 1
        floor.stop_reply()
        floor.close_turn()
        if self._failures < floor.policy.patience.failures_most:
            floor.say("apology")
        else:
            self._leaving.give_up("failed")

    def unplayed_s(self, now: float) -> float:
        """Audio made and not played by `now`."""
        floor = self._floor
        if floor.interrupted is None:
            return max(0.0, floor.mouth.ends_s - now)
        held = sum(len(result.audio) for result in floor.interrupted.held if isinstance(result, Speech))
        return floor.mouth.left_s + held / RATE_HZ

    def _release(self, result: Speech | Replied | Failed) -> None:
        match result:
            case Speech():
                self._play(result)
            case Replied():
                self._replied(result.finished)
            case Failed():
                self.failed()

    def _play(self, speech: Speech) -> None:
        floor, turn = self._floor, self._floor.turn
        if speech.audio and not turn.audible:
            turn.audible = True
            floor.do(Ignore(turn.number))
        floor.do(*floor.mouth.play(speech, floor.now))

    def _replied(self, finished: Finished) -> None:
        floor = self._floor
        silent = not floor.turn.audible
        floor.turn.replying = False
        if silent and finished.action == "listen":
            self.failed()
            return
        floor.do(*floor.mouth.complete())
        self._failures = 0
        floor.close_turn()
        if finished.action == "hang_up":
            self._leaving.leave(Hangup("finished"), "farewell" if silent else None, interrupt=False)
        elif finished.action == "transfer":
            self._leaving.transfer(finished.target, announce=silent)
