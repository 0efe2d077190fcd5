"""What the call does with the caller's voice and words: a turn begins, pauses, goes on, ends, and is answered."""

from app.call.answering import Answering
from app.call.events import Confirm, Finish, Heard, Hearing, Listen, Replied
from app.call.floor import Floor
from app.call.ladders import Ladder
from app.call.leaving import Leaving
from app.call.turn import Turn
from app.call.turns import Edge

_WORDS_S = 0.4
"""A turn with less voice than this and no words in it was a noise, not something the agent failed to understand."""
_SEVERAL = 3
"""So many words of a partial transcript are an interruption."""
_INTERRUPTS = frozenset(["stop", "wait", "repeat", "person"])
_ASSENTS = frozenset(["backchannel", "hello"])
_ANSWERED_HERE = {"repeat": "say that again.", "wait": "one moment please."}
"""Nobody need be asked what to answer. Their English, for the agent's memory."""


class Listening:
    """`silence` and `doubt` are what is said to a caller who says nothing, and to one who is not understood."""

    def __init__(self, floor: Floor, answering: Answering, leaving: Leaving, silence: Ladder, doubt: Ladder) -> None:
        self._floor = floor
        self._answering = answering
        self._leaving = leaving
        self._silence = silence
        self._doubt = doubt

    # Voice.

    def edge(self, edge: Edge) -> None:
        if not (self._floor.turn.open or edge is Edge.BEGAN):
            return
        match edge:
            case Edge.BEGAN:
                self._began()
            case Edge.PAUSED:
                self._transcribe()
                if self._floor.turn.hearing is not None:
                    self._weigh(self._floor.turn.hearing, whole=False)
            case Edge.RESUMED:
                self._reopen()
            case Edge.INSISTED:
                self._floor.interrupt()
            case Edge.ENDED:
                self._ended()

    def _began(self) -> None:
        floor, turn = self._floor, self._floor.turn
        answered = turn.audible or turn.keyed or (turn.filled and turn.replying)
        if turn.open and not answered:
            if floor.mouth.busy:  # with a "one moment", before the words are known
                floor.do(*floor.mouth.stop(floor.now))
            self._reopen()
            return
        if floor.mouth.busy or turn.open:
            floor.yield_floor()
        else:
            floor.silence_agent()
        floor.next_turn()
        floor.do(Listen(floor.turn.number, floor.ear.back_s))

    def _reopen(self) -> None:
        """The caller goes on: the same turn, a new revision. What was prepared was never heard."""
        floor = self._floor
        floor.stop_reply()
        floor.ear.went_on(floor.turn)
        floor.turn = floor.turn.anew()

    def _transcribe(self) -> None:
        """Ask for the words. Whether they are too late for an echo is known now: who answers a question in the words of
        it means them."""
        floor, turn = self._floor, self._floor.turn
        if not turn.finishing:
            turn.finishing = True
            turn.late = not floor.may_echo(floor.now - floor.policy.turn.soft_end_s)
            floor.do(Finish(*turn.id))

    def _ended(self) -> None:
        self._transcribe()
        self._floor.turn.ended_s = self._floor.now
        if self._floor.turn.text is not None:
            self._answer()

    # Words.

    def hearing(self, hearing: Hearing) -> None:
        """A part of the turn was transcribed."""
        turn = self._floor.turn
        if not (turn.open and hearing.turn == turn.number):
            return
        turn.hearing = hearing
        if hearing.says in _INTERRUPTS or (not hearing.says and hearing.ends.words >= _SEVERAL):
            self._floor.interrupt()
        if turn.text is None:
            self._weigh(hearing, whole=False)

    def heard(self, heard: Heard) -> None:
        """All of the turn so far was transcribed."""
        floor, turn = self._floor, self._floor.turn
        if not floor.current(heard.turn, heard.revision) or turn.text is not None:
            return
        turn.text, turn.ends, turn.says = heard.text.strip(), heard.ends, heard.says
        if turn.says == "echo" and turn.late:
            turn.says = ""
        if floor.interrupted is not None and self._was_nothing(floor.interrupted):
            self._answering.go_on()
            return
        floor.interrupt()
        self._weigh(heard, whole=True)
        if turn.ended_s is not None:
            self._answer()
        elif turn.begun < floor.policy.patience.revisions_most and self._wants_reply(turn):
            turn.begun += 1
            self._answering.begin()

    def _weigh(self, heard: Hearing | Heard, *, whole: bool) -> None:
        floor = self._floor
        floor.do(*floor.ear.weigh(floor.turn, heard, floor.mouth.asked, whole=whole))

    def _was_nothing(self, interrupted: Turn) -> bool:
        """The words behind the voice do not ask for the floor."""
        floor, turn = self._floor, self._floor.turn
        if not turn.text or turn.says == "echo":
            return True
        complete = not interrupted.replying or any(isinstance(result, Replied) for result in interrupted.held)
        said_all = complete and self._answering.unplayed_s(floor.now) < floor.policy.turn.nearly_s
        return turn.says in _ASSENTS and floor.mouth.asking(floor.now).kind != "yes_no" and not said_all

    def _wants_reply(self, turn: Turn) -> bool:
        return bool(turn.text) and turn.says != "echo" and not self._answered_here(turn)

    def _answered_here(self, turn: Turn) -> bool:
        return turn.says == "wait" or (turn.says == "repeat" and self._floor.mouth.can_repeat)

    def _answer(self) -> None:
        """The caller has finished and the words are known: let the reply be heard, or ask again."""
        floor, turn = self._floor, self._floor.turn
        if turn.says == "echo" or not (turn.text or turn.held):
            self._nothing_heard()
            return
        if turn.text:
            self._silence.reset()
            self._doubt.reset()
            floor.patient = turn.says == "wait"
        if self._answered_here(turn):
            self._answer_here()
            return
        floor.remember_caller()
        if self._wants_reply(turn) and not turn.replying:
            self._answering.begin()
        if turn.replying:
            floor.do(Confirm(*turn.id))
        self._answering.release_held()

    def _answer_here(self) -> None:
        floor, turn = self._floor, self._floor.turn
        turn.english = _ANSWERED_HERE[turn.says]
        floor.close_turn()
        if turn.says == "wait":
            floor.say("wait")
        else:
            floor.do(*floor.mouth.again(turn.number, floor.now))

    def _nothing_heard(self) -> None:
        """Ask again, where there was a voice; and where the agent gave way to it, lest nobody speaks."""
        floor, turn = self._floor, self._floor.turn
        worth_asking = turn.interrupts or (floor.ear.voiced_s >= _WORDS_S and turn.says != "echo")
        floor.close_turn()
        if not worth_asking:
            return
        if step := self._doubt.climb():
            floor.say(step)
        else:
            self._leaving.give_up("not understood")
