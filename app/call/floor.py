"""Who has the floor: the turn of the caller, and what the caller hears of the agent.

Voice over the agent silences it at once (`yield_floor`), and then it is judged. An interruption (`interrupt`) stops the
reply and settles the ledger. What was nothing, a "hm" or an echo, gives the floor back (`take_back`).
"""

from app.call.ear import Ear
from app.call.events import Command, Ignore, PromptName, Prompts, StopReply
from app.call.mouth import Mouth
from app.call.policy import Policy
from app.call.turn import Turn

_ECHO_LATE_S = 0.8
"""An echo comes no later."""


class Floor:
    """What all parts of a call share: both sides, the time of the event at hand, and the commands that it brings."""

    def __init__(self, policy: Policy, prompts: Prompts, *, marks: bool) -> None:
        self.policy = policy
        self.ear = Ear(policy.turn)
        self.mouth = Mouth(prompts, policy.turn, policy.patience.mark_s if marks else 0.0)
        self.memory = self.mouth.memory
        self.turn = Turn(0, open=False)
        self.interrupted: Turn | None = None
        """The turn whose answer was silenced, until it is known what the voice was."""
        self.now = 0.0
        self.out: list[Command] = []
        self.quiet_s = 0.0
        """When the agent last fell silent."""
        self.greeting = False
        self.patient = False
        """The caller asked the agent to wait, and has said nothing since."""
        self._newest = 0
        self._spoke_s = 0.0
        self._was_busy = False

    def do(self, *commands: Command) -> None:
        self.out += commands

    def say(self, name: PromptName) -> None:
        """A prompt. Where it has no words, patience begins anew as if it had been said."""
        said = self.mouth.say(name, self.now)
        if not said:
            self.quiet_s = self.now
        self.do(*said)

    def may_echo(self, at_s: float) -> bool:
        """Voice at that time may be the agent's own that comes back."""
        return self.mouth.busy or at_s - self.quiet_s < _ECHO_LATE_S

    # The turn.

    def current(self, turn: int, revision: int) -> bool:
        return self.turn.open and (turn, revision) == self.turn.id

    def next_turn(self, *, keyed: bool = False) -> None:
        self._newest += 1
        self.turn = Turn(self._newest, keyed=keyed, filled_before=self.turn.filled)

    def close_turn(self) -> None:
        if self.turn.open and not self.turn.audible:
            self.do(Ignore(self.turn.number))
        self.remember_caller()
        self.turn.open = False

    def remember_caller(self) -> None:
        """The caller's words count as said once the turn is over, however it came to be over."""
        turn = self.turn
        if turn.open and turn.text and not turn.remembered and turn.says != "echo":
            turn.remembered = True
            self.memory.caller(turn.number, turn.text, turn.english)

    def stop_reply(self) -> None:
        if self.turn.open and self.turn.replying:
            self.do(StopReply(*self.turn.id))
            self.turn.replying = False

    # Voice over the agent.

    def yield_floor(self) -> None:
        """Withdraw the audio; what the voice is will be known later."""
        self.do(*self.mouth.hold(self.now))
        if self.turn.open and not self.turn.audible:
            self.do(Ignore(self.turn.number))
        self.interrupted = self.turn

    def interrupt(self) -> None:
        """It is an interruption: what was withdrawn will not be heard. Without anything withdrawn, nothing."""
        interrupted, self.interrupted = self.interrupted, None
        if interrupted is None:
            return
        self.mouth.settle()
        self.ear.bar.was_something()
        self.greeting = False
        self.turn.interrupts = True
        if interrupted.replying:
            self.do(StopReply(*interrupted.id))

    def take_back(self, interrupted: Turn) -> None:
        """It was nothing: the agent goes on, and the turn that it answers is the turn again."""
        self.do(Ignore(self.turn.number), *self.mouth.resume(self.now))
        self.ear.forget()
        self.ear.bar.was_nothing()
        self.turn, self.interrupted = interrupted, None
        self.greeting = self.greeting and self.mouth.busy

    def silence_agent(self) -> None:
        """Withdraw the audio for good, then stop its source. The turn is over."""
        self.interrupt()
        self.do(*self.mouth.stop(self.now))
        self.stop_reply()
        self.close_turn()

    def settle(self) -> None:
        """After every event: what follows from playout having begun or ended."""
        busy, turn, bar = self.mouth.busy, self.turn, self.ear.bar
        if busy and not self._was_busy:
            self._spoke_s = self.now
        if self._was_busy and not busy:
            self.quiet_s = self.now
            self.greeting = self.greeting and self.interrupted is not None
        self._was_busy = busy
        if busy:
            bar.speaks(self._spoke_s, greeting=self.greeting)
        elif turn.open and turn.ended_s is not None:
            bar.prepares(deaf=turn.gone_on >= self.policy.patience.goes_on_most)
        else:
            bar.silent()
