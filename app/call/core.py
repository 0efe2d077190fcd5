"""One call, as a pure state machine: `handle(event, now)` returns commands, `deadline` says when it wants a Tick.

The rules:
- A turn has a number, and a revision while it can still be reopened. Results of another turn or revision are dropped.
- At the soft end the turn is transcribed and the reply prepared; what it says is held. At the confirmed end, which the
  caller's words bring nearer or put off (endpoint.py), its tools may run and it is released. Voice before any of it was
  heard reopens the turn, a few times at most.
- "The agent is speaking" means playout: the ledger knows what is on its way to the caller and what was heard.
- Barge-in is one step: Clear, StopReply, settle the ledger, next turn.
- Memory is what was heard. All patience is in `deadline`.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter

from app.call.endpoint import Pauses, sounds_finished, verdict
from app.call.events import (
    Answered,
    Command,
    Confirm,
    Draining,
    EndAfter,
    Event,
    Failed,
    Finish,
    Finished,
    Heard,
    Hearing,
    Ignore,
    Line,
    Listen,
    PromptName,
    Prompts,
    Reached,
    Replied,
    Reply,
    Speech,
    StopReply,
    Tick,
    Understood,
    Voice,
)
from app.call.keypad import Keypad
from app.call.mouth import Mouth
from app.call.policy import Policy
from app.call.turn import Turn
from app.call.turns import FRAME_S, Edge, Endpointing, frames
from app.kannada.finished import Ending
from telephony.events import Digit, Hangup, HungUp, Played, Transfer, TransferFailed, Voicemail

_NEVER = 1_000_000_000
_WORDS_S = 0.4
"""A turn with less voice than this and no words in it was a noise, not something the agent failed to understand."""


class Call:
    """The decisions of one call.

    `marks`: the carrier reports what was played; without, playout is taken from the clock.
    """

    def __init__(self, policy: Policy, prompts: Prompts, *, marks: bool = True) -> None:
        self._policy = policy
        self._ear = Endpointing(policy.turn)
        self._pauses = Pauses()
        self._mouth = Mouth(prompts, policy.patience.mark_s if marks else 0.0)
        self._memory = self._mouth.memory
        self._turn = Turn(0)
        self._open = False
        """`_turn` is not settled."""
        self._keypad = Keypad(policy.patience.digit_s)
        self._leaving: Hangup | Transfer | None = None
        self._transfer_s: float | None = None
        """When the carrier was asked to take the call over."""
        self._over = False
        self._greeting = False
        self._asked = self._unclear = self._failures = 0
        self._media_s = self._quiet_s = 0.0
        self._was_busy = False
        self._frames_to_start = frames(policy.turn.start_voice_s)
        self._frames_to_barge_in = frames(policy.turn.barge_in_voice_s)
        self._frames_to_cut_greeting = frames(policy.turn.greeting_voice_s)
        self._frames_needed = self._frames_to_start
        self._now = 0.0
        self._out: list[Command] = []

    # What others may read.

    @property
    def over(self) -> bool:
        """The call asked to end, or ended. No event brings commands any more."""
        return self._over

    @property
    def speaking(self) -> bool:
        """The caller hears the agent."""
        return self._mouth.busy

    @property
    def hearing(self) -> Hearing | None:
        """What was made so far of the turn that the caller is in, or was in last."""
        return self._turn.hearing

    @property
    def history(self) -> tuple[Line, ...]:
        """What was said and what was heard so far."""
        return self._memory.lines

    @property
    def turns(self) -> tuple[tuple[int, Line], ...]:
        """The history, each line with the number of its turn; a prompt has a number of its own below zero."""
        return self._memory.turns

    def unplayed_s(self, now: float) -> float:
        """Audio sent but not played yet. A reply need not run further ahead than a few seconds."""
        return max(0.0, self._mouth.ends_s - now)

    @property
    def deadline(self) -> float | None:
        """When the call wants a Tick. Only `handle` moves it earlier, and only together with commands or by an event
        other than Voice; so a timer need not be looked at for every frame."""
        return None if self._over else min(at for at, _ in self._timers())

    # The one entrance.

    def handle(self, event: Event, now: float) -> list[Command]:
        """What to do about `event`, which happened `now` seconds into the call. `now` never goes back."""
        self._now = now
        if type(event) is Voice:  # fifty times a second: nothing else on this path
            self._media_s = now
            edge = self._ear.hear(event.speech, self._frames_needed)
            if edge is None:
                return []
        else:
            edge = None
        if self._over:
            return []
        self._out = []
        match event:
            case Voice():
                self._caller(edge)
            case Answered():
                self._media_s = now
                self._greeting = True
                self._say("greeting")
            case Hearing():
                self._hearing(event)
            case Heard():
                self._heard(event)
            case Understood():
                self._understood(event)
            case Speech() | Replied() | Failed():
                self._result(event)
            case Digit():
                self._key(event.digit)
            case Played():
                self._mouth.played(event.mark, now)
            case TransferFailed():
                self._transfer_failed()
            case HungUp():
                self._end_of_line()
            case Draining():
                self._leave(Hangup("draining"), "farewell")
            case Tick():
                self._tick()
            case Reached() | Voicemail():
                pass
        self._settle()
        return self._out

    # The caller's voice.

    def _caller(self, edge: Edge | None) -> None:
        if self._leaving or self._keypad.active or not (self._open or edge is Edge.BEGAN):
            return
        match edge:
            case Edge.BEGAN:
                self._began()
            case Edge.PAUSED:
                self._transcribe()
                if self._turn.hearing is not None:
                    self._weigh(self._turn.hearing.ends, whole=False)
            case Edge.RESUMED:
                self._reopen()
            case Edge.ENDED:
                self._ended()
            case None:
                pass

    def _began(self) -> None:
        if self._open and not self._turn.audible and not self._turn.keyed:
            self._reopen()
            return
        interrupting = self._mouth.busy
        self._silence_agent()
        self._next_turn(interrupted_agent=interrupting)
        self._do(Listen(self._turn.number, self._ear.back_s + self._policy.turn.pre_roll_s))

    def _reopen(self) -> None:
        """The caller goes on: the same turn, a new revision. What was prepared was never heard."""
        self._stop_reply()
        if self._ear.pause_s <= self._policy.turn.latest_end_s:
            judged = self._turn.verdict if self._turn.text is not None else None
            self._pauses.add(self._ear.pause_s, finished=judged is not None and sounds_finished(judged.means))
        self._turn = self._turn.anew()

    def _transcribe(self) -> None:
        if not self._turn.finishing:
            self._turn.finishing = True
            self._do(Finish(*self._turn.id))

    def _hearing(self, hearing: Hearing) -> None:
        if self._open and hearing.turn == self._turn.number:
            self._turn.hearing = hearing
            if self._turn.text is None:
                self._weigh(hearing.ends, whole=False)

    def _weigh(self, ends: Ending, *, whole: bool) -> None:
        """In a pause: let the words, all of them or a part, decide when it ends the turn."""
        if not (ends.cue and self._ear.paused and self._policy.turn.words):
            return
        found = verdict(ends, self._mouth.asked, self._pauses, self._policy.turn, whole=whole)
        self._ear.end_after(found.silence_s)
        if found != self._turn.verdict:
            self._turn.verdict = found
            self._do(EndAfter(*self._turn.id, found.silence_s, found.reasons))

    def _ended(self) -> None:
        self._transcribe()
        self._turn.ended_s = self._now
        if self._turn.text is not None:
            self._answer()

    def _heard(self, heard: Heard) -> None:
        if not self._current(heard.turn, heard.revision) or self._turn.text is not None:
            return
        turn = self._turn
        turn.text = heard.text.strip()
        self._weigh(heard.ends, whole=True)
        if turn.text:
            turn.replying = True
            self._do(Reply(*turn.id, turn.text, self._memory.before(turn.number), turn.keyed))
        if turn.ended_s is not None:
            self._answer()

    def _understood(self, understood: Understood) -> None:
        if self._current(understood.turn, understood.revision):
            self._turn.english = understood.english
            self._memory.understood(understood.turn, understood.english)

    def _answer(self) -> None:
        """The caller has finished and the words are known: let the reply be heard, or ask again."""
        turn = self._turn
        if not turn.text and not turn.held:
            self._nothing_heard()
            return
        if turn.text:
            self._asked = self._unclear = 0
            self._remember_caller()
        if turn.replying:
            self._do(Confirm(*turn.id))
        held, turn.held = turn.held, []
        for result in held:
            if self._current(result.turn, result.revision):
                self._release(result)

    def _nothing_heard(self) -> None:
        worth_asking = self._turn.interrupted_agent or self._ear.voiced * FRAME_S >= _WORDS_S
        self._close_turn()
        if not worth_asking:
            return
        self._unclear += 1
        if self._unclear <= self._policy.patience.no_input_most:
            self._say("repeat")
        else:
            self._give_up("not understood")

    # The reply.

    def _result(self, result: Speech | Replied | Failed) -> None:
        if not self._current(result.turn, result.revision):
            return
        if isinstance(result, Failed) and self._turn.text is None:
            self._turn.text = ""  # there will be no transcript
        if self._turn.ended_s is None:
            self._turn.held.append(result)
        else:
            self._release(result)

    def _release(self, result: Speech | Replied | Failed) -> None:
        match result:
            case Speech():
                self._play(result)
            case Replied():
                self._replied(result.finished)
            case Failed():
                self._failed()

    def _play(self, speech: Speech) -> None:
        turn = self._turn
        if speech.audio and not turn.audible:
            turn.audible = True
            self._do(Ignore(turn.number))
        self._do(*self._mouth.play(speech, self._now))

    def _replied(self, finished: Finished) -> None:
        silent = not self._turn.audible
        self._turn.replying = False
        if silent and finished.action == "listen":
            self._failed()
            return
        self._do(*self._mouth.complete())
        self._failures = 0
        self._close_turn()
        if finished.action == "hang_up":
            self._leave(Hangup("finished"), "farewell" if silent else None, interrupt=False)
        elif finished.action == "transfer":
            self._transfer(finished.target, announce=silent)

    def _failed(self) -> None:
        self._failures += 1
        self._stop_reply()
        self._close_turn()
        if self._failures < self._policy.patience.failures_most:
            self._say("apology")
        else:
            self._give_up("failed")

    def _give_up(self, why: str) -> None:
        """The agent is of no help to this caller; a person may be."""
        if self._policy.people:
            self._transfer("", announce=True)
        else:
            self._say("apology")
            self._leave(Hangup(why), "farewell", interrupt=False)

    def _transfer(self, target: str, *, announce: bool) -> None:
        people = self._policy.people
        person = next((person for person in people if person.name == target), people[0] if people else None)
        if person is not None:
            self._leave(Transfer(person.target), "transfer" if announce else None, interrupt=False)
        else:
            self._say("nobody")

    def _transfer_failed(self) -> None:
        if self._transfer_s is not None:
            self._transfer_s = self._leaving = None
            self._say("nobody")

    # Keys.

    def _key(self, digit: str) -> None:
        if self._leaving or (digit == "#" and not self._keypad.active):
            return
        if not self._keypad.active:
            self._silence_agent()
        self._entered(self._keypad.press(digit, self._now))

    def _entered(self, keys: str | None) -> None:
        """A turn whose words are keys. Voice that was heard meanwhile is forgotten."""
        if not keys:
            return
        self._ear.reset()
        self._next_turn(keyed=True)
        self._turn.ended_s = self._now
        self._heard(Heard(*self._turn.id, keys))

    # Time.

    def _timers(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """All patience of the call: until when, and what then."""
        patience = self._policy.patience
        yield self._media_s + patience.no_media_s, self._line_is_dead
        if self._mouth.deadline is not None:
            yield self._mouth.deadline, self._believe
        if self._transfer_s is not None:
            yield self._transfer_s + patience.transfer_s, self._transfer_failed
        elif not self._leaving:
            yield patience.longest_call_s, self._talked_too_long
        if self._keypad.deadline is not None:
            yield self._keypad.deadline, self._keys_paused
        elif self._owes_reply:
            yield max(self._turn.ended_s or 0.0, self._mouth.ends_s) + patience.no_reply_s, self._failed
        elif self._idle:
            yield self._quiet_s + patience.no_input_s, self._ask

    def _tick(self) -> None:
        """The most overdue first; another one that is due brings the next Tick."""
        at, then = min(self._timers(), key=itemgetter(0))
        if at <= self._now:
            then()

    def _line_is_dead(self) -> None:
        self._end_of_line()
        self._do(Hangup("no media"))

    def _believe(self) -> None:
        self._mouth.believe(self._now)

    def _talked_too_long(self) -> None:
        self._leave(Hangup("longest call"), "farewell")

    def _keys_paused(self) -> None:
        self._entered(self._keypad.due(self._now))

    def _ask(self) -> None:
        self._asked += 1
        if self._asked > self._policy.patience.no_input_most:
            self._leave(Hangup("no input"), "farewell")
        else:
            self._say("no_input")

    @property
    def _owes_reply(self) -> bool:
        """The caller has finished and hears nothing, or only the beginning of a clause."""
        return self._open and self._turn.ended_s is not None and (not self._mouth.busy or self._mouth.unfinished)

    @property
    def _idle(self) -> bool:
        return not self._open and self._ear.quiet and not self._mouth.busy and not self._leaving

    # The end.

    def _leave(self, how: Hangup | Transfer, prompt: PromptName | None, *, interrupt: bool = True) -> None:
        """Say `prompt` and go when it was heard. Nobody interrupts a goodbye."""
        if self._leaving:
            return
        if interrupt and prompt:
            self._silence_agent()
        self._stop_reply()
        self._close_turn()
        self._keypad.clear()
        if prompt:
            self._say(prompt)
        self._leaving = how

    def _end_of_line(self) -> None:
        self._stop_reply()
        self._mouth.stop(self._now)
        self._remember_caller()
        self._over = True

    # Common steps.

    def _do(self, *commands: Command) -> None:
        self._out += commands

    def _current(self, turn: int, revision: int) -> bool:
        return self._open and (turn, revision) == self._turn.id

    def _next_turn(self, *, interrupted_agent: bool = False, keyed: bool = False) -> None:
        self._turn = Turn(self._turn.number + 1, interrupted_agent=interrupted_agent, keyed=keyed)
        self._open = True

    def _close_turn(self) -> None:
        if self._open and not self._turn.audible:
            self._do(Ignore(self._turn.number))
        self._remember_caller()
        self._open = False

    def _remember_caller(self) -> None:
        """The caller's words count as said once the turn is over, however it came to be over."""
        turn = self._turn
        if self._open and turn.text and not turn.remembered:
            turn.remembered = True
            self._memory.caller(turn.number, turn.text, turn.english)

    def _stop_reply(self) -> None:
        if self._open and self._turn.replying:
            self._do(StopReply(*self._turn.id))
            self._turn.replying = False

    def _silence_agent(self) -> None:
        """Barge-in: withdraw the audio first, then stop its source."""
        self._do(*self._mouth.stop(self._now))
        self._stop_reply()
        self._close_turn()

    def _say(self, name: PromptName) -> None:
        self._do(*self._mouth.say(name, self._now))

    def _settle(self) -> None:
        """After every event: what follows from playout having begun or ended."""
        busy = self._mouth.busy
        if self._was_busy and not busy:
            self._quiet_s = self._now
            self._greeting = False
        self._was_busy = busy
        self._frames_needed = self._voice_needed()
        if self._leaving and not busy and self._transfer_s is None and not self._over:
            if isinstance(self._leaving, Transfer):
                self._transfer_s = self._now
            else:
                self._over = True
            self._do(self._leaving)

    def _voice_needed(self) -> int:
        """Frames of voice that begin a turn now."""
        if self._mouth.busy:
            return self._frames_to_cut_greeting if self._greeting else self._frames_to_barge_in
        if self._open and self._turn.ended_s is not None:
            gone_on = self._turn.gone_on
            return self._frames_to_barge_in if gone_on < self._policy.patience.goes_on_most else _NEVER
        return self._frames_to_start
