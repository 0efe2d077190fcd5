"""The agent's side of the call: what is said, what is withdrawn, what was heard and so is remembered."""

from app.call.events import Command, PromptName, Prompts, Speech
from app.call.ledger import Clause, Ledger, Said
from app.call.memory import Memory
from app.call.policy import TurnPolicy
from app.kannada.asked import NOTHING, Asked, asked
from telephony.events import RATE_HZ, Clear, Mark, Play

_ASIDES: frozenset[PromptName] = frozenset(
    [
        "no_input",
        "no_input_again",
        "repeat",
        "repeat_again",
        "filler",
        "filler_question",
        "filler_number",
        "wait",
        "apology",
    ]
)
"""After these the question before them still stands, and "say that again" means what was said before them."""
_REPEATED_S = 20.0
"""No more than the last of an answer is kept for a caller who wants to hear it again."""


class Mouth:
    """Sends audio with its marks, and keeps the ledger and the memory of it.

    `mark_patience_s` is how long after its expected end a mark may come back; 0 where the carrier has no marks.
    """

    def __init__(self, prompts: Prompts, policy: TurnPolicy, mark_patience_s: float) -> None:
        self._prompts = prompts
        self._policy = policy
        self._mark_patience_s = mark_patience_s
        self._ledger = Ledger()
        self._prompts_said = 0
        self._answer: list[Clause] = []
        """The clauses of the last line that were heard."""
        self.memory = Memory()
        self.asked = NOTHING
        """What the caller was asked last, as far as they heard it."""

    @property
    def busy(self) -> bool:
        """The caller hears the agent."""
        return self._ledger.busy

    @property
    def left_s(self) -> float:
        """Of what is held: how much the caller has not heard."""
        return self._ledger.held.left_s if self._ledger.held else 0.0

    @property
    def unfinished(self) -> bool:
        """The newest clause lacks a part of its audio."""
        return self._ledger.unfinished

    @property
    def ends_s(self) -> float:
        """When the caller will have heard all that was sent."""
        return self._ledger.ends_s

    @property
    def saying(self) -> str:
        """What the agent is saying, or said last."""
        return " ".join(clause.kannada for clause in (self._ledger.underway or self._answer))

    def asking(self, now: float) -> Asked:
        """What the caller knows to be asked for `now`, or knew when the agent was silenced."""
        at_s = self._ledger.held.at_s if self._ledger.held else now
        asks, owner = self.asked, self._answer[-1].owner if self._answer else None
        for clause in self._ledger.underway:
            if clause.played(at_s) and not clause.aside:
                asked = clause.asked(at_s)
                asks, owner = asked if asked.kind or clause.owner != owner else asks, clause.owner
        return asks

    @property
    def deadline(self) -> float | None:
        """When to call `believe`."""
        return self._ledger.overdue_s(self._mark_patience_s)

    def say(self, name: PromptName, now: float) -> list[Command]:
        """A rendered prompt. In the memory it belongs to no turn and has a number of its own below zero."""
        prompt = self._prompts[name]
        if not prompt.audio:  # somebody wants it never to be said
            return []
        self._prompts_said += 1
        asks = Asked("menu") if name == "keys" else asked(prompt.kannada)
        clause = Clause(-self._prompts_said, 0, prompt.kannada, prompt.english, asks, name in _ASIDES)
        self._ledger.play(clause, prompt.audio, now)
        return [Play(prompt.audio), *self.complete()]

    def play(self, speech: Speech, now: float) -> list[Command]:
        """A chunk of a reply. A clause that never sounds leaves no trace."""
        commands: list[Command] = []
        if speech.audio:
            texts = speech.kannada, speech.english
            clause = Clause(speech.turn, speech.clause, *texts, speech.asks, speech.filler)
            self._ledger.play(clause, speech.audio, now)
            commands.append(Play(speech.audio))
        if speech.last and self._ledger.expects(speech.turn, speech.clause):
            commands += self.complete()
        return commands

    def complete(self) -> list[Command]:
        """No more audio comes for the newest clause."""
        return [Mark(self._ledger.complete())] if self._ledger.unfinished else []

    @property
    def can_repeat(self) -> bool:
        return bool(self._answer)

    def again(self, turn: int, now: float) -> list[Command]:
        """What was heard last, once more, as the answer of `turn`."""
        commands: list[Command] = []
        for number, clause in enumerate(self._answer, 1):
            audio = b"".join(clause.audio)
            self._ledger.play(Clause(turn, number, clause.kannada, clause.english, clause.asks), audio, now)
            commands += [Play(audio), *self.complete()]
        return commands

    def hold(self, now: float) -> list[Command]:
        """Withdraw what was not heard yet; `settle` or `resume` follows."""
        commands: list[Command] = [Clear()] if self._ledger.busy else []
        self._ledger.hold(now)
        return commands

    def settle(self) -> None:
        """The caller really interrupted: remember what was heard."""
        self._heard(self._ledger.settle())

    def resume(self, now: float) -> list[Command]:
        """It was nothing: go on."""
        heard, sent = self._ledger.resume(now, back_s=self._policy.resume_back_s, within_s=self._policy.resume_within_s)
        self._heard(heard)
        commands: list[Command] = []
        for audio, mark in sent:
            commands += [Play(audio)] if audio else []
            commands += [Mark(mark)] if mark else []
        return commands

    def stop(self, now: float) -> list[Command]:
        """Withdraw what was not heard yet for good, and remember what was."""
        commands = self.hold(now)
        self.settle()
        return commands

    def played(self, mark: str, now: float) -> None:
        """A mark came back."""
        self._heard(self._ledger.played(mark, now))

    def believe(self, now: float) -> None:
        """What should long have been heard was heard: its mark is lost, or the carrier sends none."""
        self._heard(self._ledger.believe(now, self._mark_patience_s))

    def _heard(self, said: list[Said]) -> None:
        """A question stands until the agent's next line; what is said behind it in the same line leaves it standing."""
        self.memory.heard(said)
        for line in said:
            clause = line.clause
            if clause is None or clause.aside:
                continue
            new = not self._answer or self._answer[-1].owner != clause.owner
            if new or line.asks.kind:
                self.asked = line.asks
            self._answer = [clause] if new else [*self._answer, clause]
            while sum(kept.samples for kept in self._answer) > _REPEATED_S * RATE_HZ and len(self._answer) > 1:
                self._answer.pop(0)
