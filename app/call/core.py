"""One call, as a pure state machine: `handle(event, now)` returns commands, `deadline` says when it wants a Tick.

The rules:
- A turn has a number, and a revision while it can still be reopened. Results of another turn or revision are dropped.
- At the soft end the turn is transcribed and the reply prepared; what it says is held. At the confirmed end, which the
  caller's words bring nearer or put off (endpoint.py), its tools may run and it is released. Voice before any of it was
  heard reopens the turn, a few times at most (listening.py, answering.py).
- "The agent is speaking" means playout: the ledger knows what is on its way to the caller and what was heard.
- Voice over the agent silences it at once, and then it is judged: an interruption stops the reply and is the next turn;
  a "hm" or an echo was nothing, and the agent goes on where it was (floor.py). Voice after a "one moment", or after
  keys, is judged alike: a "hm" to it does not begin the reply anew.
- Memory is what was heard. All patience is in `deadline` (waiting.py).
"""

from app.call import ladders
from app.call.answering import Answering
from app.call.events import (
    Answered,
    Command,
    Draining,
    Event,
    Failed,
    Heard,
    Hearing,
    Line,
    Prompts,
    Reached,
    Replied,
    Speech,
    Tick,
    Understood,
    Voice,
)
from app.call.floor import Floor
from app.call.keypad import Keypad
from app.call.keys import Keys
from app.call.leaving import Leaving
from app.call.listening import Listening
from app.call.policy import Policy
from app.call.waiting import Waiting
from telephony.events import Digit, Hangup, HungUp, Played, TransferFailed, Voicemail


class Call:
    """The decisions of one call.

    `marks`: the carrier reports what was played; without, playout is taken from the clock.
    """

    def __init__(self, policy: Policy, prompts: Prompts, *, marks: bool = True) -> None:
        patience, menu = policy.patience, bool(policy.menu)
        silence = ladders.silence(patience.no_input_most, menu=menu)
        doubt = ladders.doubt(patience.no_input_most, menu=menu)
        keypad = Keypad(patience.digit_s)
        self._floor = Floor(policy, prompts, marks=marks)
        self._leaving = Leaving(self._floor, keypad)
        self._answering = Answering(self._floor, self._leaving)
        self._listening = Listening(self._floor, self._answering, self._leaving, silence, doubt)
        self._keys = Keys(self._floor, keypad, self._listening, self._leaving)
        self._waiting = Waiting(self._floor, self._answering, self._leaving, keypad, self._keys, silence)
        self._keypad = keypad

    # What others may read.

    @property
    def over(self) -> bool:
        """The call asked to end, or ended. No event brings commands any more."""
        return self._leaving.over

    @property
    def speaking(self) -> bool:
        """The caller hears the agent."""
        return self._floor.mouth.busy

    @property
    def saying(self) -> str:
        """What the caller hears of the agent, or heard last: an echo of it is no voice of theirs."""
        return self._floor.mouth.saying

    def may_echo(self, now: float) -> bool:
        """The agent's own voice may come back with the caller's."""
        return self._floor.may_echo(now)

    @property
    def hearing(self) -> Hearing | None:
        """What was made so far of the turn that the caller is in, or was in last."""
        return self._floor.turn.hearing

    @property
    def history(self) -> tuple[Line, ...]:
        """What was said and what was heard so far."""
        return self._floor.memory.lines

    @property
    def turns(self) -> tuple[tuple[int, Line], ...]:
        """The history, each line with the number of its turn; a prompt has a number of its own below zero."""
        return self._floor.memory.turns

    def keys_choose(self, now: float) -> bool:
        """A key that is pressed `now` may be a choice from the menu. All other keys are the caller's own."""
        return self._keys.choose(now)

    def unplayed_s(self, now: float) -> float:
        """Audio made but not played by `now`. A reply need not run further ahead than a few seconds."""
        return self._answering.unplayed_s(now)

    @property
    def deadline(self) -> float | None:
        """When the call wants a Tick. Only `handle` moves it earlier, and only together with commands or by an event
        other than Voice; so a timer need not be looked at for every frame."""
        return None if self.over else self._waiting.deadline

    # The one entrance.

    def handle(self, event: Event, now: float) -> list[Command]:
        """What to do about `event`, which happened `now` seconds into the call. `now` never goes back."""
        floor = self._floor
        floor.now = now
        if type(event) is Voice:  # fifty times a second: nothing else on this path
            self._waiting.media_s = now
            edge = floor.ear.hear(event, now)
            if edge is None or self._leaving.how or self._keypad.active:
                return []
        else:
            edge = None
        if self._leaving.over:
            return []
        out: list[Command] = []
        floor.out = out
        if edge is not None:
            self._listening.edge(edge)
        else:
            self._rare(event)
        floor.settle()
        self._leaving.settle()
        return out

    def _rare(self, event: Event) -> None:
        match event:
            case Answered():
                self._answered(event)
            case Hearing():
                self._listening.hearing(event)
            case Heard():
                self._listening.heard(event)
            case Understood():
                self._answering.understood(event)
            case Reached():
                self._answering.reached(event)
            case Speech() | Replied() | Failed():
                self._answering.result(event)
            case Digit():
                if not self._leaving.how:
                    self._keys.pressed(event.digit)
            case Played():
                self._floor.mouth.played(event.mark, self._floor.now)
            case TransferFailed():
                self._leaving.transfer_failed()
            case HungUp():
                self._leaving.end_of_line()
            case Draining():
                self._leaving.leave(Hangup("draining"), "farewell")
            case Voicemail():
                self._leaving.leave(Hangup("voicemail"), "voicemail")
            case Tick():
                self._waiting.tick()
            case Voice():
                pass  # heard already

    def _answered(self, answered: Answered) -> None:
        self._waiting.media_s = self._floor.now
        self._leaving.closed = answered.closed
        self._floor.greeting = True
        self._floor.say("greeting")
